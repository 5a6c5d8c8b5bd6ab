"""Contract records of held parties as TOML files: read, and checked against the depot."""

from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from edepot.config import BUCKET_PATTERN, ID_PATTERN, PREFIX_PATTERN, Config
from edepot.errors import ConfigurationInvalid
from edepot.settings import Table, read_table
from storage.held.errors import KeyNotUsable
from storage.held.manifests import safe_path
from storage.held.parties import Arrangement, Party, Place, PlaceKind, Way
from storage.held.signatures import read_public_key
from storage.held.web import LOOPBACK

MAX_KEY_BYTES = 10_000
K = TypeVar("K", bound=StrEnum)


class _State(StrEnum):
    RUNNING = "running"
    ENDED = "ended"


def read_contract(file: Path, config: Config, known: Party | None = None) -> tuple[Party, bool]:
    """The party in a TOML file, and whether its contract has ended; `known` as it stood before.

    Paths in the file begin at the file.

    Raises: ConfigurationInvalid with a finding for every setting that cannot be.
    """
    table = read_table(file)
    folder = file.absolute().parent
    party = Party(
        id=table.matching("id", ID_PATTERN, "omgevingsdienst"),
        zorgdrager=table.matching("zorgdrager", ID_PATTERN, "ooststellingwerf"),
        name=table.text("name"),
        task=table.text("task"),
        basis=_needed(table, "basis", Arrangement, Arrangement.MANDATE),
        agreement=table.text("agreement"),
        contact=table.text("contact"),
        way=_needed(table, "way", Way, Way.MANIFEST),
        rhythm_days=table.whole("rhythm_days", 30, 1, 3_650),
        key=_key(table, folder),
        place=_place(table, folder),
    )
    ended = table.choice("state", _State, _State.RUNNING) is _State.ENDED
    _check(table, party, config, known)
    table.refuse_unknown()
    if table.findings:
        raise ConfigurationInvalid(str(file), table.findings)
    return party, ended


def party_named(file: Path) -> str:
    """The id that a contract file names; "" when it names none. Raises: ConfigurationInvalid."""
    return read_table(file).text("id", "")


def _needed(table: Table, key: str, kind: type[K], default: K) -> K:
    if table.text(key) == "-":
        return default
    return table.choice(key, kind, default)


def _key(table: Table, folder: Path) -> str:
    said, named = table.text("key", ""), table.text("key_file", "")
    if named:
        try:
            with (folder / named).open("rb") as stream:
                said = stream.read(MAX_KEY_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            table.note("E032", "key_file", error)
            return ""
    if not said:
        return ""
    try:
        return read_public_key(said)
    except KeyNotUsable as error:
        table.note("E032", "key_file" if named else "key", error)
        return ""


def _place(table: Table, folder: Path) -> Place | None:
    inner = table.table("place")
    kind = inner.choice("kind", PlaceKind, PlaceKind.FOLDER)
    address = inner.text("address", "")
    bucket = kind is PlaceKind.S3
    place = Place(
        kind=kind,
        address=str(folder / address) if kind is PlaceKind.FOLDER else address.rstrip("/"),
        manifest=inner.text("manifest", ""),
        credentials=_within(folder, inner.text("credentials", "")),
        ca=_within(folder, inner.text("ca", "")),
        bucket=inner.matching("bucket", BUCKET_PATTERN, "dossiers") if bucket else "",
        prefix=inner.matching("prefix", PREFIX_PATTERN, "map/map", default="") if bucket else "",
        region=inner.text("region", "us-east-1") if bucket else "us-east-1",
    )
    if not address:
        return None
    if place.manifest and safe_path(place.manifest) != place.manifest:
        inner.note("E005", "manifest", place.manifest, "manifest-sha256.txt")
    if kind is not PlaceKind.FOLDER and not _may_be_asked(address):
        inner.note("E034", "address", address, "https://")
    return place


def _may_be_asked(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def _within(folder: Path, named: str) -> str:
    return str(folder / named) if named else ""


def _check(table: Table, party: Party, config: Config, known: Party | None) -> None:
    zorgdragers = [known.zorgdrager] if known else [each.id for each in config.zorgdragers]
    if party.zorgdrager not in ("-", *zorgdragers):
        table.note("E030", "zorgdrager", party.zorgdrager, ", ".join(zorgdragers))
    if party.id in [each.name for each in config.stores]:
        table.note("E031", "id", party.id)
    if party.way is Way.MANIFEST and not party.key and not table.findings:
        table.note("E033", "key", party.way.value)
    if party.way is Way.READ and party.place is None:
        table.note("E033", "place", party.way.value)
