"""The held party of the demonstration: a regional environment service with dossiers of its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edepot.demo.cases import OPSTERLAND, DossierKind
from edepot.demo.dossiers import dossier_of
from edepot.demo.papers import Organisation
from storage.held.manifests import write_list
from storage.held.parties import Way
from storage.held.signatures import sign_ssh

PARTY = "rod-zuid"
NAME = "Regionale Omgevingsdienst Fryslân-Zuid"
LIST = "manifest-sha256.txt"
RECORDS = "data"
FIRST_NUMBER = 701
DOSSIERS, FILES_EACH = 3, 4
# A key that everybody can make is fit for fictional records only.
_SEED = hashlib.sha256(b"edepot demo: " + PARTY.encode("ascii")).digest()


@dataclass(frozen=True, slots=True)
class HeldDemo:
    """What was made: the party's own folder, its list with signature, and the contract record."""

    party: str
    folder: Path
    list: Path
    signature: Path
    contract: Path


def demo_key() -> Ed25519PrivateKey:
    """The party's secret key, the same for every demonstration."""
    return Ed25519PrivateKey.from_private_bytes(_SEED)


def make_held(
    folder: Path,
    opened_on: date,
    stated_on: date,
    zorgdrager: Organisation = OPSTERLAND,
    way: Way = Way.READ,
) -> HeldDemo:
    """A folder of a service with its dossiers, its signed list of them, and its contract.

    `opened_on`: the day of the first case. `stated_on`: the date that the list bears.
    """
    files = held_files(opened_on, zorgdrager)
    records = folder / PARTY
    for path, content in files.items():
        (records / path).parent.mkdir(parents=True, exist_ok=True)
        (records / path).write_bytes(content)
    listed, signature = write_signed(records, files, stated_on)
    contract = folder / f"{PARTY}.toml"
    contract.write_text(_contract(zorgdrager, way), "utf-8")
    return HeldDemo(PARTY, records, listed, signature, contract)


def held_files(opened_on: date, zorgdrager: Organisation) -> dict[str, bytes]:
    """The files of the service's dossiers, by path."""
    files: dict[str, bytes] = {}
    for number in range(FIRST_NUMBER, FIRST_NUMBER + DOSSIERS):
        dossier = dossier_of(DossierKind.INSPECTION, number, opened_on, zorgdrager, FILES_EACH)
        for piece in dossier.pieces:
            files[f"{RECORDS}/{dossier.folder}/{piece.name}"] = piece.content
    return files


def write_signed(folder: Path, files: Mapping[str, bytes], stated_on: date) -> tuple[Path, Path]:
    """The list of these files as sha256sum writes it, with its date, and the signature over it."""
    digests = [(path, hashlib.sha256(files[path]).hexdigest()) for path in sorted(files)]
    content = write_list(digests, [("datum", stated_on.isoformat())])
    listed = folder / LIST
    listed.write_bytes(content)
    signature = folder / f"{LIST}.sig"
    signature.write_bytes(sign_ssh(demo_key(), content))
    return listed, signature


def _contract(zorgdrager: Organisation, way: Way) -> str:
    public = demo_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    said: dict[str, str | int] = {
        "id": PARTY,
        "zorgdrager": zorgdrager.id,
        "name": NAME,
        "task": "vergunningverlening, toezicht en handhaving milieu",
        "basis": "mandate",
        "agreement": "Dienstverleningsovereenkomst 2024-117, artikel 9 (fictief)",
        "contact": "archief@rod-zuid.example",
        "way": way.value,
        "rhythm_days": 90,
        "key": public.decode("ascii"),
    }
    place = {"kind": "folder", "address": PARTY, "manifest": LIST}
    return f"{_lines(said)}\n[place]\n{_lines(place)}"


def _lines(values: Mapping[str, str | int]) -> str:
    """Settings as TOML: its basic texts are written as in JSON."""
    return "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()
    )
