"""Checkpoints and the stand-alone verifier, each checked by another hand."""

import base64
import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

import storage.verifier as verifier_room
from storage import ledger, verifier
from storage.checkpoint import (
    Checkpoint,
    Signer,
    make_checkpoint,
    read_checkpoint,
    sign,
    signer_from_pem,
    signer_from_seed,
)
from storage.database import begin, open_database, reading
from storage.errors import CheckpointRefused, NoSigningKey
from storage.ledger import Head
from tests.storage.making import NOW, SIGNER, ZORGDRAGER
from tests.storage.test_ledger import fill, tamper
from tests.storage.test_merkle import root_by_definition

OTHER = signer_from_seed(SIGNER.origin, b"\x08" * 32)
# RFC 8032, 7.1: seed, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.fixture
def engine(database_place: Path | str) -> Engine:
    return open_database(database_place)


def checkpoint(engine: Engine, signer: Signer = SIGNER) -> str:
    with begin(engine) as connection:
        return make_checkpoint(connection, ZORGDRAGER, signer, NOW)


def exported(engine: Engine) -> list[bytes]:
    with reading(engine) as connection:
        return list(ledger.export_ledger(connection, ZORGDRAGER))


def run_verifier(folder: Path, lines: list[bytes], note: str, **given: str) -> tuple[int, str]:
    """The verifier alone, as an auditor runs it: isolated, without this project on its path."""
    (folder / "ledger.jsonl").write_bytes(b"".join(lines))
    (folder / "checkpoint.txt").write_text(note, "utf-8")
    script = folder / "verifier.py"
    script.write_bytes(Path(verifier_room.__file__).read_bytes())
    origin = given.get("origin", SIGNER.origin)
    key = given.get("key", SIGNER.verifier_key)
    done = subprocess.run(
        [sys.executable, "-I", script, folder / "ledger.jsonl", folder / "checkpoint.txt",
         "--origin", origin, "--key", key],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_checkpoint_is_a_signed_note_over_the_root(engine: Engine) -> None:
    fill(engine, 7)

    note = checkpoint(engine)

    root = root_by_definition([line[:-1] for line in exported(engine)])
    text, signature = note.split("\n\n")
    assert text == f"{SIGNER.origin}\n7\n{base64.b64encode(root).decode()}"
    dash, name, value = signature.rstrip("\n").split(" ")
    raw = base64.b64decode(value)
    public = SIGNER.key.public_key()
    public.verify(raw[4:], f"{text}\n".encode())
    key = base64.b64decode(SIGNER.verifier_key.split("+", 2)[2])
    assert (dash, name) == ("—", SIGNER.origin)
    assert raw[:4] == hashlib.sha256(f"{name}\n".encode() + key).digest()[:4]
    assert read_checkpoint(note, SIGNER.verifier_key) == Checkpoint(SIGNER.origin, Head(7, root))


def test_the_same_size_has_the_same_note(engine: Engine) -> None:
    fill(engine, 3)

    assert checkpoint(engine) == checkpoint(engine)


def test_an_empty_ledger_has_a_checkpoint(engine: Engine, tmp_path: Path) -> None:
    note = checkpoint(engine)

    assert run_verifier(tmp_path, [], note)[0] == 0


def test_a_note_by_another_key_or_under_another_name_is_refused(engine: Engine) -> None:
    fill(engine, 3)
    note = checkpoint(engine)

    for key in (OTHER.verifier_key, signer_from_seed("edepot/ander", b"\x07" * 32).verifier_key):
        with pytest.raises(CheckpointRefused):
            read_checkpoint(note, key)
    for damaged in (note.replace("\n3\n", "\n4\n"), note[:40], "", note.replace("+", "-")):
        with pytest.raises(CheckpointRefused):
            read_checkpoint(damaged, SIGNER.verifier_key)


def test_a_ledger_that_does_not_continue_an_earlier_checkpoint_is_not_signed(
    engine: Engine,
) -> None:
    fill(engine, 5)
    checkpoint(engine)
    tamper(engine, "DELETE FROM ledger_entries WHERE seq = 4")

    with pytest.raises(CheckpointRefused):
        checkpoint(engine)

    fill(engine, 1)
    with pytest.raises(CheckpointRefused):
        checkpoint(engine)


def test_a_key_in_pem_signs_as_its_seed_does() -> None:
    pem = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    signer = signer_from_pem(SIGNER.origin, pem)

    assert sign(signer, Head(0, b"x" * 32)) == sign(SIGNER, Head(0, b"x" * 32))


def test_a_key_of_another_kind_is_refused() -> None:
    rsa = generate_private_key(65537, 2048)
    pem = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    for content in (pem, b"geen sleutel"):
        with pytest.raises(NoSigningKey):
            signer_from_pem("edepot", content)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_the_verifiers_own_ed25519_agrees_with_the_standards_vectors(
    seed: str, public: str, message: str, signature: str
) -> None:
    assert seed
    key, text, good = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)

    assert verifier.is_signed(key, good, text)
    assert not verifier.is_signed(key, good, text + b"x")
    assert not verifier.is_signed(key, good[:32] + bytes([good[32] ^ 1]) + good[33:], text)
    assert not verifier.is_signed(key, good[:-1], text)
    too_large = (int.from_bytes(good[32:], "little") + verifier.Q).to_bytes(32, "little")
    assert not verifier.is_signed(key, good[:32] + too_large, text)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
def test_the_verifiers_own_ed25519_agrees_with_the_library(seed: bytes, text: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()

    assert verifier.is_signed(public, key.sign(text), text)
    assert not verifier.is_signed(public, key.sign(text), text + b"!")


def test_the_verifier_accepts_a_ledger_and_says_what_is_newer(
    engine: Engine, tmp_path: Path
) -> None:
    fill(engine, 9)
    note = checkpoint(engine)
    fill(engine, 2)

    code, said = run_verifier(tmp_path, exported(engine), note)

    assert code == 0
    assert said == (
        "NOTE what follows entry 8 is not in the checkpoint\n"
        f"OK 9 entries of {SIGNER.origin}, signed"
    )


ATTACKS = {
    "edit": "FAIL entry 3 was changed: entry 4 follows another one",
    "edit of the last": "FAIL entry 8 was changed, or all of it was written anew",
    "delete": "FAIL entry 3 is not there: its place holds entry 4",
    "insert": "FAIL entry 4 is not there: its place holds entry 3",
    "swap": "FAIL entry 3 is not there: its place holds entry 4",
    "cut": "FAIL the end is missing: 8 entries, the checkpoint says 9",
    "garbage": "FAIL entry 3 cannot be read",
    "all anew": "FAIL entry 8 was changed, or all of it was written anew",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_verifier_names_what_was_done(engine: Engine, tmp_path: Path, attack: str) -> None:
    fill(engine, 9)
    note, lines = checkpoint(engine), exported(engine)

    if attack == "edit":
        lines[3] = lines[3].replace(b"aip-3", b"aip-7")
    elif attack == "edit of the last":
        lines[8] = lines[8].replace(b"aip-8", b"aip-7")
    elif attack == "delete":
        del lines[3]
    elif attack == "insert":
        lines.insert(3, lines[3])
    elif attack == "swap":
        lines[3], lines[4] = lines[4], lines[3]
    elif attack == "cut":
        del lines[8]
    elif attack == "garbage":
        lines[3] = b"\x00\xff\n"
    else:
        lines = anew(lines)

    code, said = run_verifier(tmp_path, lines, note)

    assert (code, said) == (1, ATTACKS[attack])


def anew(lines: list[bytes]) -> list[bytes]:
    """The whole ledger written again with another actor, every link right."""
    written, previous = [], "0" * 64
    for line in lines:
        said = json.loads(line) | {"actor": "iemand-anders", "prev": previous}
        new = ledger.canonical(said).encode()
        previous = hashlib.sha256(b"\x00" + new).hexdigest()
        written.append(new + b"\n")
    return written


def test_the_verifier_is_pinned_to_a_name_and_a_key(engine: Engine, tmp_path: Path) -> None:
    fill(engine, 3)
    note, lines = checkpoint(engine), exported(engine)
    resigned = sign(OTHER, Head(3, root_by_definition([line[:-1] for line in lines])))

    for text, given_ in (
        (note, {"origin": "edepot/ander"}),
        (note, {"key": OTHER.verifier_key}),
        (resigned, {}),
        (note.replace("\n3\n", "\n2\n"), {}),
    ):
        code, said = run_verifier(tmp_path, lines, text, **given_)
        assert (code, said[:4]) == (1, "FAIL")


def test_the_verifier_warns_of_a_clock_that_went_back(engine: Engine, tmp_path: Path) -> None:
    fill(engine, 3)
    fill(engine, 1)

    code, said = run_verifier(tmp_path, exported(engine), checkpoint(engine))

    assert code == 0
    later, earlier = (ledger.utc_text(NOW + timedelta(seconds=n)) for n in (2, 0))
    assert said.startswith(f"WARN entry 3: the clock went back, {later} to {earlier}\n")


def test_the_verifier_is_short_and_needs_only_the_standard_library() -> None:
    source = Path(verifier_room.__file__).read_text("utf-8")

    code = source.split('"""', 2)[2]
    assert sum(1 for line in code.splitlines() if line.strip()) < 100
    imports = {line.split()[1] for line in code.splitlines() if line.startswith(("import", "from"))}
    assert imports <= {"base64", "hashlib", "json", "sys", "argparse", "pathlib"}
