"""What the tests of retention begin with: a desk with a clock, people, dossiers.

    desk = making.desk(engine)                       it is 23 November 2026, noon in UTC
    making.set_clock(desk, datetime(2027, 1, 1, tzinfo=UTC)); making.advance(desk, days=8)
    anna = making.actor(desk, "Anna", "gm0000", Role.RECORD_MANAGER)
    due = making.dossier(desk, "gm0000")             eligible since 1 July 2025
    later = making.dossier(desk, "gm0000", ended_on="2025-03-01")

A person of a name is one person: a second call gives more mandates.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, func, insert, select, update

from retention import people
from retention.computing import compute
from retention.list_versions import SHIPPED, shipped_sha256
from retention.nouns import Actor, Desk, DossierState, Role
from retention.register import NewDossier, add_dossiers
from retention.rule_tables import CHECKS, VERSIONS
from retention.selection_list import known_years
from retention.tables import DOSSIERS
from storage import catalogue
from storage.aip import Description, PackageSums, StoredAip
from storage.database import begin, reading

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = date(2000, 1, 1)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is set."""

    at: datetime

    def __call__(self) -> datetime:
        """What it shows."""
        return self.at


def desk(engine: Engine, at: datetime = NOON) -> Desk:
    """A desk whose clock can be set, and whose chance is the same every time.

    The shipped selection lists count as checked there.
    """
    numbers = count()
    check_lists(engine)

    def salt() -> bytes:
        return hashlib.sha256(f"salt {next(numbers)}".encode()).digest()

    return Desk(engine=engine, now=Clock(at), salt=salt, software="edepot test")


def check_lists(engine: Engine) -> None:
    """Let the shipped selection lists be checked by two persons, once."""
    with begin(engine) as connection:
        if connection.execute(select(VERSIONS.c.number).limit(1)).first() is not None:
            return
        for year in known_years():
            row = {
                "year": str(year),
                "title": f"Selectielijst {year}",
                "published": "",
                "adopted_on": "",
                "source": SHIPPED,
                "sha256": shipped_sha256(year),
                "replaces": 0,
                "imported_by": "",
                "imported_at": "",
            }
            added = insert(VERSIONS).returning(VERSIONS.c.number)
            number = connection.execute(added, row).scalar_one()
            checks = [
                {"version": number, "person": person, "at": "", "signature": ""}
                for person in ("first", "second")
            ]
            connection.execute(insert(CHECKS), checks)


def set_clock(desk: Desk, at: datetime) -> None:
    """Let the desk's clock show this instant."""
    assert isinstance(desk.now, Clock)
    desk.now.at = at


def advance(desk: Desk, **by: float) -> None:
    """Let the desk's clock go on: `days=8`, `hours=1`."""
    set_clock(desk, desk.now() + timedelta(**by))


def actor(desk: Desk, name: str, zorgdrager: str, *roles: Role) -> Actor:
    """A person with a key of their own, and a mandate for each role since 2000."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    with begin(desk.engine) as connection:
        known = {each.public_key: each.id for each in people.list_people(connection)}
        person = known.get(public) or people.add_person(connection, desk, name, public, "test").id
        for role in roles:
            people.give_mandate(
                connection,
                desk,
                person,
                zorgdrager,
                role,
                valid_from=LONG_AGO,
                decision="besluit 2000/1",
                given_by="test",
            )
    return Actor(person, "test", lambda content: base64.b64encode(key.sign(content)).decode())


def dossier(
    desk: Desk,
    zorgdrager: str,
    *,
    dossier: str = "",
    identifier: str = "",
    title: str = "",
    started_on: str = "2020-01-15",
    ended_on: str = "2020-06-30",
    category: str = "13.1",
    list_year: str = "2020",
    zaaktype: str = "Bezwaar behandelen",
    result: str = "Afgehandeld",
    parent: str = "",
    holder: str = "",
    files: int = 3,
    size_bytes: int = 3000,
    state: DossierState = DossierState.HERE,
) -> str:
    """A dossier of the register with its computation; its id.

    With a `title` it stands in the catalogue as well (without files or copies).
    """
    with begin(desk.engine) as connection:
        number = connection.execute(select(func.count()).select_from(DOSSIERS)).scalar_one() + 1
        made = dossier or f"{number:08x}-0000-4000-8000-000000000000"
        new = NewDossier(
            dossier=made,
            zorgdrager=zorgdrager,
            identifier=identifier or f"Z-{number}",
            files=files,
            size_bytes=size_bytes,
            holder=holder,
            zaaktype=zaaktype,
            result=result,
            parent=parent,
            list_year=list_year,
            category=category,
            started_on=started_on,
            ended_on=ended_on,
        )
        add_dossiers(connection, [new], desk.now())
        if title:
            catalogue.add(connection, _stored(desk, new, title))
        compute(connection, desk, made, "enrolled")
        if state is not DossierState.HERE:
            _put_state(connection, made, state)
    return made


def row_of(desk: Desk, dossier: str) -> dict[str, object]:
    """A dossier's row as it stands."""
    with reading(desk.engine) as connection:
        wanted = select(DOSSIERS).where(DOSSIERS.c.dossier == dossier)
        return dict(connection.execute(wanted).mappings().one())


def _put_state(connection: Connection, dossier: str, state: DossierState) -> None:
    connection.execute(
        update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(state=state.value)
    )


def _stored(desk: Desk, new: NewDossier, title: str) -> StoredAip:
    digest = hashlib.sha256(new.dossier.encode()).hexdigest()
    description = Description(
        aip_id=new.dossier,
        zorgdrager=new.zorgdrager,
        version=1,
        identifier=new.identifier,
        identifier_source="Zaaksysteem",
        title=title,
        aggregation_level="Dossier",
        valuation="V",
        retention_term="P5Y",
        selection_category=new.category,
        created_from=new.started_on,
        created_to=new.ended_on,
        restriction="",
        supplier="test",
        delivery_id=new.dossier,
        content_digest=digest,
        scanned="",
        text="",
    )
    return StoredAip(description, PackageSums(4000, digest, digest), (), desk.now())
