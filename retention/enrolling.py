"""Enrolling: every AIP of the catalogue comes into the register, with what its MDTO states.

A package that cannot be read now is left for the next time and told: what is not in the register
can never be destroyed. A destroyed dossier is never enrolled again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, exists, insert, select

from formats.mdto.model import Informatieobject
from formats.mdto.read import read_mdto
from retention import computing
from retention.links import LINKS, links_of
from retention.mdto_facts import facts_in
from retention.noting import note
from retention.nouns import Desk
from retention.register import NewDossier, add_dossiers
from retention.sayings import Saying, put_facts
from retention.tables import DOSSIERS, TOMBSTONES
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.errors import StorageError
from storage.package_reader import open_package
from storage.stores.base import Store

AT_ONCE = 200
ENROLLED = "enrolled"
TOP = "metadata/mdto/000000."
"""How the path of the dossier's own MDTO begins; the level and the ending follow."""

Told = Callable[[int], None]


@dataclass(slots=True)
class Enrolled:
    """How many came in; those whose package could not be read, with why."""

    dossiers: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue says of an AIP that is not in the register."""

    number: int
    new: NewDossier
    copies: tuple[tuple[str, str], ...]


def enrol(desk: Desk, stores: Mapping[str, Store], told: Told = lambda _done: None) -> Enrolled:
    """Bring in everything that the catalogue has and the register has not."""
    done, after = Enrolled(), 0
    while True:
        with reading(desk.engine) as connection:
            part = _unknown(connection, after)
        if not part:
            return done
        after = part[-1].number
        read = [(each, item) for each in part if (item := _read(each, stores, done)) is not None]
        with begin(desk.engine) as connection:
            done.dossiers += _bring_in(connection, desk, read)
        told(done.dossiers)


def _unknown(connection: Connection, after: int) -> list[_Known]:
    """The next AIPs that are not in the register, each in its newest version."""
    newer = AIPS.alias("newer")
    wanted = (
        select(AIPS)
        .where(
            AIPS.c.number > after,
            ~exists().where(DOSSIERS.c.dossier == AIPS.c.aip_id),
            ~exists().where(TOMBSTONES.c.dossier == AIPS.c.aip_id),
            ~exists().where(newer.c.aip_id == AIPS.c.aip_id, newer.c.version > AIPS.c.version),
        )
        .order_by(AIPS.c.number)
        .limit(AT_ONCE)
    )
    rows = connection.execute(wanted).all()
    copies: dict[int, list[tuple[str, str]]] = {row.number: [] for row in rows}
    standing = select(COPIES.c.aip, COPIES.c.store, COPIES.c.key).where(COPIES.c.aip.in_(copies))
    for aip, store, key in connection.execute(standing.order_by(COPIES.c.aip, COPIES.c.store)):
        copies[aip].append((store, key))
    return [
        _Known(
            row.number,
            NewDossier(row.aip_id, row.zorgdrager, row.identifier, row.files, row.payload_bytes),
            tuple(copies[row.number]),
        )
        for row in rows
    ]


def _read(known: _Known, stores: Mapping[str, Store], done: Enrolled) -> Informatieobject | None:
    """The dossier's own MDTO, from the first copy that gives it."""
    why = "no copy"
    for store, key in known.copies:
        if store not in stores:
            continue
        try:
            return read_top(stores[store], key)
        except (StorageError, OSError, ValueError) as error:
            why = f"{store}: {type(error).__name__}"
    done.unread.append((known.new.dossier, why))
    return None


def read_top(store: Store, key: str) -> Informatieobject:
    """The MDTO of the dossier itself, as it stands in its package.

    Raises: StorageError; ValueError when the package bears none that can be read.
    """
    reader = open_package(store, key)
    path = next((each for each in reader.members if each.startswith(TOP)), None)
    if path is None:
        raise ValueError(f"{key}: {TOP}")
    found = read_mdto(reader.read(path), path).root
    if not isinstance(found, Informatieobject):
        raise ValueError(f"{key}: {path}")
    return found


def _bring_in(
    connection: Connection, desk: Desk, read: Sequence[tuple[_Known, Informatieobject]]
) -> int:
    """Rows, facts, links and the first computations; what came in meanwhile is left out."""
    ids = [known.new.dossier for known, _ in read]
    wanted = select(DOSSIERS.c.dossier).where(DOSSIERS.c.dossier.in_(ids))
    gone = select(TOMBSTONES.c.dossier).where(TOMBSTONES.c.dossier.in_(ids))
    here = {*connection.execute(wanted).scalars(), *connection.execute(gone).scalars()}
    fresh = [(known.new, item) for known, item in read if known.new.dossier not in here]
    add_dossiers(connection, [new for new, _ in fresh], desk.now())
    put_all(connection, desk, [(new, tuple(facts_in(item, new.dossier))) for new, item in fresh])
    computing.compute_each(connection, desk, [new.dossier for new, _ in fresh], ENROLLED)
    for zorgdrager, number in _counted(new for new, _ in fresh).items():
        note(
            connection,
            desk,
            zorgdrager,
            "retention.enrolled",
            "register",
            result="done",
            actor="system",
            origin=desk.software,
            facts={"dossiers": number},
        )
    return len(fresh)


def put_all(
    connection: Connection, desk: Desk, said: Sequence[tuple[NewDossier, Sequence[Saying]]]
) -> None:
    """The facts of new dossiers, and the links that follow from them."""
    facts = put_facts(
        connection, desk, [each for _, sayings in said for each in sayings], actor_id="system"
    )
    owners = {new.dossier: new.zorgdrager for new, _ in said}
    links = []
    for each in facts:
        links += links_of(each.dossier, owners[each.dossier], [each])
    if links:
        connection.execute(insert(LINKS), links)


def _counted(new: Iterator[NewDossier]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in new:
        found[each.zorgdrager] = found.get(each.zorgdrager, 0) + 1
    return found
