"""A party with a key, a folder of files, and its lists, for the tests of held stores."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from storage.database import reading
from storage.fixity.nouns import Asked, Item, Kind
from storage.held import items
from storage.held.manifests import HeldList, write_list
from storage.held.parties import Arrangement, Party, Place, PlaceKind, Way, register
from storage.held.signatures import read_public_key, sign_raw, sign_ssh
from storage.held.statements import Accepted, Delivered, accept_manifest

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ASKED = Asked(NOW, "uid:1000", "test")
SALT = b"0123456789abcdef"
ZORGDRAGER = "ooststellingwerf"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"\x12" * 32)
FILES: Mapping[str, bytes] = {
    "2023/VTH-2023-0117/besluit.txt": b"Besluit op de aanvraag.\n",
    "2023/VTH-2023-0117/meting geluid (é).csv": b"punt;dB\n1;48\n",
    "2024/VTH-2024-0004/controle.bin": bytes(range(256)) * 40,
    "2024/leeg.txt": b"",
}


def public(key: Ed25519PrivateKey) -> str:
    """The public key as a contract record keeps it."""
    import base64

    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def make_party(
    engine: Engine, way: Way = Way.MANIFEST, place: Place | None = None, **other: object
) -> Party:
    """A registered party."""
    party = Party(
        id="rod",
        zorgdrager=ZORGDRAGER,
        name="Regionale Omgevingsdienst",
        task="vergunningen, toezicht en handhaving milieu",
        basis=Arrangement.MANDATE,
        agreement="DVO 2024-117, artikel 9",
        contact="archief@rod.example",
        way=way,
        rhythm_days=30,
        place=place,
        key=read_public_key(public(KEY)),
    )
    return register(engine, replace(party, **other), ASKED, SALT).party


def fill(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """The files in a folder, with their list beside them."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "lijst.sha256").write_bytes(list_of(files))
    return folder


def folder_place(folder: Path) -> Place:
    """The folder as a place that we may read."""
    return Place(PlaceKind.FOLDER, str(folder), "lijst.sha256")


def list_of(files: Mapping[str, bytes] = FILES, date: str = "") -> bytes:
    """A list of files, as sha256sum writes it."""
    heading = [("datum", date)] if date else []
    digests = [(path, hashlib.sha256(content).hexdigest()) for path, content in files.items()]
    return write_list(digests, heading)


def state(
    engine: Engine,
    party: Party,
    content: bytes,
    now: datetime = NOW,
    *,
    key: Ed25519PrivateKey = KEY,
    accept: bool = False,
    name: str = "lijst.sha256",
    ssh: bool = False,
) -> Accepted:
    """Hand in a signed list."""
    signature = sign_ssh(key, content) if ssh else sign_raw(key, content)
    delivered = Delivered(HeldList(name, content), signature)
    return accept_manifest(engine, party, delivered, replace(ASKED, at=now), SALT, accept=accept)


def codes(findings: object) -> list[str]:
    """The codes of findings, in their order."""
    return [each.code for each in findings]  # type: ignore[attr-defined]


def item_of(engine: Engine, party: Party, path: str, run: str = "2026-11-24-1") -> Item:
    """A run's item for one file of a party."""
    with reading(engine) as connection:
        held = items.by_path(connection, party.id, [path])[path]
    return Item(
        run=run,
        number=1,
        kind=Kind.HELD,
        zorgdrager=party.zorgdrager,
        store=party.id,
        key=path,
        aip=held.number,
        aip_id="",
        version=0,
        size_bytes=max(held.size_bytes, 0),
        sha256=held.sha256,
    )


def later(days: float) -> datetime:
    """So many days after the day of the tests."""
    return NOW + timedelta(days=days)
