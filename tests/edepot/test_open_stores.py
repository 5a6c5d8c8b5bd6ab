"""Stores are opened as the configuration says, with credentials that are their owner's alone."""

from pathlib import Path

import pytest

from edepot.config import (
    PaceSettings,
    PriceSettings,
    PutProof,
    S3Settings,
    StoreKind,
    StoreSettings,
)
from edepot.errors import CredentialsExposed, CredentialsUnreadable
from edepot.open_stores import open_store, read_credentials
from storage.stores.local import LocalStore
from storage.stores.s3 import S3Place, S3Store

GOOD = 'access_key_id = "wij"\nsecret_access_key = "geheim"\n'


def credentials(folder: Path, text: str = GOOD, mode: int = 0o600) -> Path:
    file = folder / "wolk.toml"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def settings(folder: Path, *, s3: bool, proof: PutProof = PutProof.READ) -> StoreSettings:
    return StoreSettings(
        name="wolk",
        kind=StoreKind.S3 if s3 else StoreKind.LOCAL,
        path=Path() if s3 else folder,
        s3=S3Settings(
            endpoint="https://s3.example.nl",
            bucket="edepot-kopie",
            prefix="edepot",
            region="eu-west-1",
            credentials=folder / "wolk.toml",
            put_proof=proof,
        )
        if s3
        else None,
        pace=PaceSettings(0, 0, 0, ""),
        price=PriceSettings(0.0, 0.0),
        retired=False,
        encryption="",
    )


def test_a_folder_is_opened_as_a_folder(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path, s3=False))

    assert isinstance(store, LocalStore)
    assert (store.name, store.root) == ("wolk", tmp_path)


@pytest.mark.parametrize("proof", PutProof)
def test_a_bucket_is_opened_with_its_credentials(tmp_path: Path, proof: PutProof) -> None:
    credentials(tmp_path)

    store = open_store(settings(tmp_path, s3=True, proof=proof))

    assert isinstance(store, S3Store)
    assert store.place == S3Place(
        "https://s3.example.nl", "edepot-kopie", "edepot", "eu-west-1", "wij", "geheim"
    )
    assert store.capabilities.checksums is (proof is PutProof.CHECKSUM)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_credentials_that_others_may_read_are_not_used(tmp_path: Path, mode: int) -> None:
    file = credentials(tmp_path, mode=mode)

    with pytest.raises(CredentialsExposed) as raised:
        read_credentials(file)

    assert raised.value.values == {"file": file, "mode": f"{mode:04o}"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('access_key_id = "wij"\n', "secret_access_key"),
        ('secret_access_key = "geheim"\n', "access_key_id"),
        ('access_key_id = ""\nsecret_access_key = "x"\n', "access_key_id"),
        ("access_key_id = 1\n", "access_key_id"),
        ("geen toml", "TOML"),
    ],
)
def test_credentials_that_are_not_whole_are_refused_by_name(
    tmp_path: Path, text: str, detail: str
) -> None:
    file = credentials(tmp_path, text)

    with pytest.raises(CredentialsUnreadable) as raised:
        read_credentials(file)

    assert raised.value.values == {"file": file, "detail": detail}


def test_credentials_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CredentialsUnreadable) as raised:
        open_store(settings(tmp_path, s3=True))

    assert raised.value.values["file"] == tmp_path / "wolk.toml"
