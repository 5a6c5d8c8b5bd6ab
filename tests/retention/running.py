"""What the tests of a run begin with: dossiers on the shelf of a list that is being carried out.

town = running.started(engine, folder, dossiers=2)
run.execute(town.works(), town.list_id)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from retention import holds
from retention.destruction_list import Selection, new_list
from retention.disposal_nouns import Remnant, Works
from retention.hold_nouns import Hold, Scope
from retention.nouns import Actor, Desk, HoldKind, ListState, Role
from retention.tables import DOSSIERS, EVIDENCE, ITEMS, TOMBSTONES
from storage.archive import Archive
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.errors import StoreUnreachable
from storage.ledger import entries
from storage.stores.base import Store
from storage.stores.memory import MemoryStore
from storage.stores.memory_versions import VersionedMemoryStore
from tests.retention import listing, making
from tests.retention.listing import GM
from tests.storage.making import make_aip

VAULT, COPY = "kluis", "kopie"


class Exports:
    """A place beside the stores; `fails`: it does not answer."""

    name = "exports"

    def __init__(self) -> None:
        self.there: dict[str, list[str]] = {}
        self.fails = False

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """What is there."""
        self._answer(zorgdrager)
        return [Remnant(each, 10) for each in self.there.get(dossier, ())]

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove all of it."""
        self._answer(zorgdrager)
        self.there.pop(dossier, None)

    def _answer(self, zorgdrager: str) -> None:
        if self.fails:
            raise StoreUnreachable("exports is down", store=self.name, zorgdrager=zorgdrager)


@dataclass
class Running:
    """A list that is being carried out, and all that belongs to it."""

    desk: Desk
    people: listing.Town
    officer: Actor
    archive: Archive
    vault: VersionedMemoryStore
    copy: MemoryStore
    list_id: str = ""
    dossiers: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    exports: Exports = field(default_factory=Exports)

    @property
    def first(self) -> str:
        """The first dossier of the list."""
        return self.dossiers[0]

    def works(self, worker: str = "worker", **more: Any) -> Works:
        """What a worker works with."""
        settings: dict[str, Any] = {"places": (self.exports,), "key": b"k" * 32} | more
        return Works(desk=self.desk, archive=self.archive, worker=worker, **settings)

    def use(self, **stores: Store) -> None:
        """Let these stores stand in the place of others."""
        self.archive.stores.update(stores)

    def item(self, dossier: str = "") -> Mapping[str, Any]:
        """The item's row."""
        wanted = select(ITEMS).where(
            ITEMS.c.list == self.list_id, ITEMS.c.dossier == (dossier or self.first)
        )
        with reading(self.desk.engine) as connection:
            return dict(connection.execute(wanted).mappings().one())

    def state(self, dossier: str = "") -> str:
        """The item's state."""
        return str(self.item(dossier)["state"])

    def trouble(self, dossier: str = "") -> str:
        """What kind of trouble the item is in."""
        return str(self.item(dossier)["trouble"]).partition(":")[0]

    def left(self) -> list[str]:
        """Everything of the zorgdrager that the stores have, versions and marks too."""
        found = [(VAULT, each) for each in self.vault.list_all(f"{GM}/")]
        found += [(COPY, each) for each in self.copy.list_all(f"{GM}/")]
        return [f"{name}: {each.key}" for name, each in found]

    def evidence(self, sweep: int = 0) -> list[str]:
        """The places of which there is evidence."""
        wanted = select(EVIDENCE.c.place).where(EVIDENCE.c.sweep == sweep)
        with reading(self.desk.engine) as connection:
            return sorted(connection.execute(wanted).scalars())

    def tombstones(self) -> list[str]:
        """The dossiers that have one."""
        with reading(self.desk.engine) as connection:
            return sorted(connection.execute(select(TOMBSTONES.c.dossier)).scalars())

    def told(self, action: str) -> list[Mapping[str, Any]]:
        """The open facts of what the ledger says under this name."""
        with reading(self.desk.engine) as connection:
            return [each.facts for each in entries(connection, GM) if each.action == action]

    def register(self, dossier: str = "") -> str:
        """What the register says has become of a dossier."""
        return str(making.row_of(self.desk, dossier or self.first)["state"])

    def change(self, dossier: str, **values: str) -> None:
        """Change a row of the register behind everybody's back."""
        with begin(self.desk.engine) as connection:
            connection.execute(
                update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(**values)
            )

    def share(self, dossier: str, other: str, store: str = COPY) -> None:
        """Let the copy of `other` be the very object of `dossier`."""
        number = select(AIPS.c.number).where(AIPS.c.aip_id == other).scalar_subquery()
        with begin(self.desk.engine) as connection:
            connection.execute(
                update(COPIES)
                .where(COPIES.c.aip == number, COPIES.c.store == store)
                .values(key=self.keys[dossier])
            )
        if store == COPY:
            self.copy.delete_version(self.keys[other], "1")

    def hold(self, *dossiers: str) -> Hold:
        """A hold on these dossiers, or on the first one."""
        return holds.place(
            self.desk,
            self.officer,
            GM,
            HoldKind.WOO,
            Scope(dossiers=dossiers or (self.first,)),
            reason="verzoek",
            legal_basis="Woo 4.1a",
            reference="Woo 2026/9",
            review_on=date(2027, 12, 1),
        )

    def release(self, hold: str) -> None:
        """Release it, by two persons."""
        holds.ask_release(self.desk, self.people.archivist, hold, "klaar")
        other = making.actor(self.desk, "Hugo", GM, Role.HOLD_OFFICER)
        holds.agree_release(self.desk, other, hold)


def started(engine: Engine, folder: Path, dossiers: int = 1) -> Running:
    """A list of so many dossiers that was started a moment ago."""
    running = waiting(engine, folder, dossiers)
    listing.to(running.desk, running.people, running.list_id, ListState.EXECUTING)
    return running


def waiting(engine: Engine, folder: Path, dossiers: int = 1) -> Running:
    """A list of so many dossiers that was signed."""
    desk = making.desk(engine)
    vault, copy = VersionedMemoryStore(VAULT), MemoryStore(COPY)
    archive = Archive(engine, {VAULT: vault, COPY: copy}, {GM: (VAULT, COPY)})
    running = Running(
        desk=desk,
        people=listing.town(desk),
        officer=making.actor(desk, "Hanna", GM, Role.HOLD_OFFICER),
        archive=archive,
        vault=vault,
        copy=copy,
    )
    running.dossiers = tuple(shelve(running, folder, each) for each in range(1, dossiers + 1))
    made = new_list(
        desk,
        running.people.proposer,
        GM,
        name="Vernietiging",
        selection=Selection(dossiers=running.dossiers),
    )
    running.list_id = made.id
    listing.to(desk, running.people, made.id, ListState.WAITING)
    return running


def shelve(running: Running, folder: Path, number: int, category: str = "13.1") -> str:
    """Put a dossier on the shelf and in the register; its id."""
    aip = make_aip(folder, number, zorgdrager=GM, title=f"Zeldzaamwoord{number} dossier")
    stored = running.archive.store(
        aip, now=running.desk.now(), agent="test", origin="test", salt=bytes([number]) * 32
    )
    running.keys[stored.description.aip_id] = stored.copies[0].key
    return making.dossier(
        running.desk,
        GM,
        dossier=stored.description.aip_id,
        identifier=stored.description.identifier,
        category=category,
    )
