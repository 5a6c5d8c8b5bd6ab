"""Parties: who holds records for a zorgdrager, under which agreement, and how we check them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, func, insert, select

from storage import ledger
from storage.database import begin
from storage.fixity.nouns import Asked
from storage.held.errors import PartyUnknown
from storage.held.tables import PARTIES
from storage.ledger import Event, canonical

REGISTER = "held.register"


class Way(StrEnum):
    """How a party's records are checked.

    `READ`: we read the bytes ourselves. `MANIFEST`: the party hands in a signed list.
    `CHALLENGE`: the party answers a nonce over chosen files. Only the first can be INTACT.
    """

    READ = "read"
    MANIFEST = "manifest"
    CHALLENGE = "challenge"


class Arrangement(StrEnum):
    """On what ground a party does the task: the zorgdrager stays who it is, or may change."""

    MANDATE = "mandate"
    DELEGATION = "delegation"


class PlaceKind(StrEnum):
    """A kind of place where we may read a party's files."""

    FOLDER = "folder"
    S3 = "s3"
    HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a party's files can be read, and the path of the list of them within it.

    `address`: a folder, or a URL (for S3 the endpoint). `credentials` and `ca` are paths of files
    on our side, "" for none: a TOML file with the names S3 or HTTP asks for, and certificates.
    """

    kind: PlaceKind
    address: str
    manifest: str = ""
    credentials: str = ""
    ca: str = ""
    bucket: str = ""
    prefix: str = ""
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Party:
    """A contract record: who holds which records for whom, and what was agreed about checks.

    `id` is like the name of a store, and differs from all of them. `key`: the raw Ed25519 public
    key in base64, "" for none. `ended_at` is None while the contract runs.
    """

    id: str
    zorgdrager: str
    name: str
    task: str
    basis: Arrangement
    agreement: str
    contact: str
    way: Way
    rhythm_days: int
    place: Place | None = None
    key: str = ""
    registered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def rhythm(self) -> timedelta:
        """Within how long every file is checked, or spoken of, again."""
        return timedelta(days=self.rhythm_days)


@dataclass(frozen=True, slots=True)
class Registered:
    """A party as it stands in the register, and whether this call changed anything."""

    party: Party
    version: int
    changed: bool


def register(engine: Engine, party: Party, asked: Asked, salt: bytes) -> Registered:
    """Keep a new party, or a new version of a known one; the same record again changes nothing.

    The first registration counts as `registered_at`. Who the party is and where it stands may be
    personal, so that is written as details beside the ledger.
    """
    with begin(engine) as connection:
        version, known = _newest(connection, party.id)
        began = known.registered_at if known else asked.at
        party = replace(party, registered_at=began)
        if known is not None and party == known:
            return Registered(known, version, changed=False)
        assert known is None or known.zorgdrager == party.zorgdrager, "a party has one zorgdrager"
        record = _record(party)
        connection.execute(
            insert(PARTIES).values(
                id=party.id,
                version=version + 1,
                zorgdrager=party.zorgdrager,
                record=record,
                changed_at=asked.at.isoformat(),
            )
        )
        event = Event(
            at=asked.at,
            action=REGISTER,
            object=party.id,
            result="changed" if known else "registered",
            actor=asked.actor,
            origin=asked.origin,
            details={"record": json.loads(record)},
            facts={
                "version": version + 1,
                "record": hashlib.sha256(record.encode("utf-8")).hexdigest(),
                "way": party.way.value,
                "basis": party.basis.value,
                "rhythm_days": party.rhythm_days,
                "key": hashlib.sha256(party.key.encode("ascii")).hexdigest() if party.key else "",
                "ended": party.ended_at is not None,
            },
        )
        ledger.append(connection, party.zorgdrager, event, salt)
    return Registered(party, version + 1, changed=True)


def read_party(connection: Connection, party: str) -> Party:
    """The newest version of a party's contract record.

    Raises: PartyUnknown.
    """
    found = _newest(connection, party)[1]
    if found is None:
        known = ", ".join(each.id for each in list_parties(connection)) or "-"
        raise PartyUnknown(f"{party} (bekend, known: {known})", name=party, known=known)
    return found


def list_parties(connection: Connection, zorgdragers: tuple[str, ...] = ()) -> list[Party]:
    """Every party, by id, in its newest version; of these zorgdragers, or of all."""
    newest = select(PARTIES.c.id, func.max(PARTIES.c.version).label("version"))
    latest = newest.group_by(PARTIES.c.id).subquery()
    wanted = (
        select(PARTIES.c.record)
        .join(latest, (latest.c.id == PARTIES.c.id) & (latest.c.version == PARTIES.c.version))
        .order_by(PARTIES.c.id)
    )
    if zorgdragers:
        wanted = wanted.where(PARTIES.c.zorgdrager.in_(zorgdragers))
    return [_party(each) for each in connection.execute(wanted).scalars()]


def history(connection: Connection, party: str) -> Iterator[tuple[int, str]]:
    """Every version of a party: its number, and its record as it was written."""
    wanted = select(PARTIES.c.version, PARTIES.c.record).where(PARTIES.c.id == party)
    for row in connection.execute(wanted.order_by(PARTIES.c.version)):
        yield row.version, row.record


def _newest(connection: Connection, party: str) -> tuple[int, Party | None]:
    wanted = select(PARTIES.c.version, PARTIES.c.record).where(PARTIES.c.id == party)
    row = connection.execute(wanted.order_by(PARTIES.c.version.desc()).limit(1)).first()
    return (row.version, _party(row.record)) if row else (0, None)


def _record(party: Party) -> str:
    values = asdict(party)
    for name in ("registered_at", "ended_at"):
        values[name] = values[name].isoformat() if values[name] else ""
    return canonical(values)


def _party(record: str) -> Party:
    values = json.loads(record)
    place = values.pop("place")
    for name in ("registered_at", "ended_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values |= {"basis": Arrangement(values["basis"]), "way": Way(values["way"])}
    if place is not None:
        place = Place(**(place | {"kind": PlaceKind(place["kind"])}))
    return Party(**values, place=place)
