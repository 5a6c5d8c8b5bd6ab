"""A town with a signed list that is being carried out, which is put back in a millisecond.

On the list stands one dossier. Beside it: a neighbour, a dossier that stays for ever (locked in
its store), and one of another zorgdrager; of those no byte may ever change.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, event, insert, update

from retention import exemptions, holds, run
from retention.destruction_list import Selection, new_list
from retention.disposal_nouns import Works
from retention.exemptions import Ground
from retention.hold_nouns import Scope
from retention.nouns import HoldKind, ListState, Role
from retention.tables import DOSSIERS, EXEMPTIONS, HOLD_MEMBERS, HOLDS
from storage import database
from storage.archive import Archive
from storage.catalogue import AIPS, COPIES
from storage.database import begin, open_database
from storage.errors import DatabaseUnusable
from storage.inventory import aip_prefix, set_aside_prefix
from storage.locks import StillHeld
from storage.stores.memory import MemoryStore
from storage.stores.memory_versions import Contents, VersionedMemoryStore
from tests.retention import listing, making
from tests.retention.harness.watch import (
    Effect,
    Killed,
    Kind,
    Plan,
    Watch,
    WatchedPlace,
    WatchedStore,
    What,
)
from tests.storage.making import make_aip

GM, OTHER = "gm0000", "gm0001"
VAULT, COPY, EXPORTS = "kluis", "kopie", "exports"
KEY = b"k" * 32
VARIANTS = (
    "plain",
    "shared",
    "missing",
    "damaged",
    "locked",
    "held",
    "exempted",
    "keep",
    "elsewhere",
)
ROUNDS = 8
SCRATCH = "scratch.sqlite"
Raw = Mapping[str, tuple[tuple[str, bytes | None], ...]]


@dataclass
class Known:
    """What the harness itself knows of a run."""

    held_at: str = ""
    deletions_since: int = 0
    whole_at_hold: bool = False
    exempted_at: str = ""
    kept_at: str = ""
    happened: tuple[What, ...] = ()
    wrong: tuple[str, ...] = ()
    buried: bool = False


@dataclass(frozen=True)
class State:
    """All that there is, to be put back."""

    database: Any
    vault: Contents
    copy: Mapping[str, bytes]
    exports: Mapping[str, tuple[str, ...]]
    at: datetime
    salts: int
    known: Known


@dataclass
class Subjects:
    """Who is who."""

    dossier: str
    neighbour: str
    kept: str
    elsewhere: str
    keys: Mapping[str, str] = field(default_factory=dict)


class World:
    """One variant of the town, in which runs are played."""

    def __init__(self, folder: Path, variant: str) -> None:
        self.variant = variant
        self._folder = folder
        self._scratch = dbapi2.connect(str(folder / SCRATCH))
        self.watch = Watch(self._happen)
        self.engine = open_database(folder / f"{variant}.sqlite")
        _make_quick(self.engine, self.watch)
        self.salts = 0
        self.desk = replace(making.desk(self.engine), salt=self._salt)
        self.town = listing.town(self.desk)
        self.officer = making.actor(self.desk, "Hanna", GM, Role.HOLD_OFFICER)
        for owner in (GM, OTHER):
            self.archivist = making.actor(self.desk, "Jan", owner, Role.ARCHIVIST)
        self.vault = WatchedStore(VersionedMemoryStore(VAULT), self.watch)
        self.copy = WatchedStore(MemoryStore(COPY), self.watch)
        self.exports = WatchedPlace(EXPORTS, self.watch)
        self.archive = _Archive(
            self.engine,
            {VAULT: self.vault, COPY: self.copy},
            {GM: (VAULT, COPY), OTHER: (VAULT, COPY)},
        )
        self.known = Known()
        self.subjects = _fill(self, folder)
        self.list = _start_list(self)
        self.root = listing.look(self.desk, self.list).root
        _VARIANTS[variant](self)
        self.watch.deleted = self._deleted
        self.watch.committed = self._committed
        self.raw = self.engine.raw_connection()
        self.before = {name: self.content(name) for name in (VAULT, COPY)}
        self.copies = self._copies()
        self.sha256 = self.ask("SELECT sha256 FROM aips WHERE aip_id = ?", self.subjects.dossier)[
            0
        ][0]
        self.first = self.save()

    def works(self, worker: str, **more: Any) -> Works:
        """What a worker works with."""
        return Works(
            desk=self.desk,
            archive=self.archive,
            worker=worker,
            places=(self.exports,),
            key=KEY,
            **more,
        )

    def go(self, worker: str, plan: Plan | None = None) -> list[Effect]:
        """Let a worker carry the list out, until it is done or something stops it; its effects."""
        self.watch.begin(plan)
        try:
            run.execute(self.works(worker), self.list)
        except (Killed, DatabaseUnusable):
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.complain(f"the run broke: {type(error).__name__}: {error}")
        finally:
            seen = self.watch.seen
            self.watch.end()
        return seen

    def recover(self) -> None:
        """Let new workers go on, each after the claim of the last one ended, until it settles."""
        for number in range(ROUNDS):
            making.advance(self.desk, minutes=11)
            self.go(f"later-{number}")
            if self.item("state") not in {"approved", "sealed", "destroying"}:
                return

    def advance(self, minutes: int) -> None:
        """Let the clock go on."""
        making.advance(self.desk, minutes=minutes)

    def save(self) -> State:
        """All as it is now."""
        kept = dbapi2.connect(":memory:")
        self.raw.driver_connection.backup(kept)
        return State(
            kept,
            self.vault.bare.contents.copy(),
            dict(self.copy.bare._objects),
            dict(self.exports.there),
            self.desk.now(),
            self.salts,
            replace(self.known),
        )

    def fingerprint(self, state: State) -> str:
        """The same for two states of which every row and every byte in the stores are the same."""
        summer = hashlib.sha256()
        wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        for (name,) in state.database.execute(f"{wanted} ORDER BY name").fetchall():
            rows = state.database.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            summer.update(repr((name, rows)).encode())
        rest = (state.vault, sorted(state.copy.items()), state.exports, state.at, state.salts)
        summer.update(repr((rest, replace(state.known, happened=()))).encode())
        return summer.hexdigest()

    def restore(self, state: State) -> None:
        """Put all back."""
        state.database.backup(self.raw.driver_connection)
        self.vault.bare.contents = state.vault.copy()
        self.copy.bare._objects = dict(state.copy)
        self.exports.there = dict(state.exports)
        making.set_clock(self.desk, state.at)
        self.salts = state.salts
        self.known = replace(state.known)

    def content(self, name: str) -> Raw:
        """Everything in a store: by key all versions."""
        if name == VAULT:
            contents = self.vault.bare.contents
            return {
                key: tuple((each.id, each.content) for each in versions)
                for key, versions in contents.versions.items()
            }
        return {key: (("1", content),) for key, content in self.copy.bare._objects.items()}

    def is_of_subject(self, key: str) -> bool:
        """Whether a key bears the dossier's name."""
        dossier = self.subjects.dossier
        aside = key.startswith(set_aside_prefix(GM)) and f"/{dossier}-v" in key
        return aside or key.startswith(aip_prefix(GM, dossier))

    def left(self) -> list[str]:
        """What is left of the dossier that may not be there after its destruction."""
        shared = {(COPY, self.subjects.keys[COPY])} if self.variant == "shared" else set()
        found = [
            f"{name}: {key}"
            for name in (VAULT, COPY)
            for key in self.content(name)
            if self.is_of_subject(key) and (name, key) not in shared
        ]
        return found + [
            f"{EXPORTS}: {each}" for each in self.exports.there.get(self.subjects.dossier, ())
        ]

    def has_whole(self) -> bool:
        """Whether a store still has the dossier's package, every byte of it."""
        return any(
            content is not None and hashlib.sha256(content).hexdigest() == self.sha256
            for name in (VAULT, COPY)
            for versions in self.content(name).values()
            for _, content in versions
        )

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database past all that is watched."""
        cursor = self.raw.driver_connection.execute(statement, values)
        return list(cursor.fetchall())

    def item(self, column: str) -> str:
        """A column of the item."""
        found = self.ask(f"SELECT {column} FROM list_items WHERE list = ?", self.list)  # noqa: S608
        return str(found[0][0])

    def owner(self) -> str:
        """Whose the dossier is by now: nobody else can exempt it."""
        wanted = "SELECT zorgdrager FROM retention_dossiers WHERE dossier = ?"
        return str(self.ask(wanted, self.subjects.dossier)[0][0])

    def complain(self, text: str) -> None:
        """Remember what was wrong while it ran."""
        self.known.wrong = (*self.known.wrong, text)

    def _salt(self) -> bytes:
        self.salts += 1
        return hashlib.sha256(f"salt {self.salts}".encode()).digest()

    def _happen(self, what: What, where: str) -> None:
        del where
        self.known.happened = (*self.known.happened, what)
        if what in {What.HOLD_BEFORE, What.HOLD_AFTER}:
            if not self.known.held_at:
                self.known.held_at = self.item("state")
                self.known.whole_at_hold = self.has_whole()
            place_hold(self)
        elif what is What.EXEMPT:
            self.known.exempted_at = self.known.exempted_at or self.item("state")
            exemptions.exempt(
                self.desk,
                self.archivist,
                self.owner(),
                [self.subjects.dossier],
                ground=Ground.OTHER,
                decision="besluit 2026/7",
                decided_on=date(2026, 11, 20),
            )
        elif what is What.KEEP:
            self.known.kept_at = self.known.kept_at or self.item("state")
            _keep(self)
        elif what is What.RIVAL:
            making.advance(self.desk, minutes=11)
            with self.archive.without_locks():
                run.execute(self.works("rival"), self.list)
        else:
            write_late(self)

    def _deleted(self, where: str) -> None:
        if where != EXPORTS and self.known.held_at:
            self.known.deletions_since += 1
        begun = self.ask(
            "SELECT line FROM ledger_entries WHERE object = ? AND action = 'disposal.begun'",
            self.subjects.dossier,
        )
        if not any(self.list in line and self.root in line for (line,) in begun):
            self.complain(f"{where}: something went before the ledger named the signed list")

    def _committed(self) -> None:
        if self.known.buried or not self.ask("SELECT 1 FROM tombstones"):
            return
        self.known.buried = True
        if left := self.left():
            self.complain(f"a tombstone while there is {', '.join(left)}")

    def _copies(self) -> set[tuple[str, str]]:
        found = self.ask(
            "SELECT store, key FROM copies JOIN aips ON aips.number = copies.aip "
            "WHERE aips.aip_id = ?",
            self.subjects.dossier,
        )
        return {(store, key) for store, key in found}


class _Archive(Archive):
    """An archive whose locks may be taken away: a worker on a machine that lost its own."""

    unlocked = False

    @contextmanager
    def without_locks(self) -> Iterator[None]:
        """Nobody waits for anybody."""
        self.unlocked = True
        try:
            yield
        finally:
            self.unlocked = False

    def holding(self, key: str) -> Any:
        """The lock."""
        return nullcontext(_still) if self.unlocked else super().holding(key)


def _still() -> None:
    """The lock is still held."""


_: StillHeld = _still


def place_hold(world: World) -> None:
    """A hold on the dossier, by the hold officer."""
    holds.place(
        world.desk,
        world.officer,
        GM,
        HoldKind.WOO,
        Scope(dossiers=(world.subjects.dossier,)),
        reason="verzoek",
        legal_basis="Woo 4.1a",
        reference="Woo 2026/9",
        review_on=date(2027, 6, 1),
    )


def write_late(world: World) -> None:
    """A forgotten job writes something of the dossier once more."""
    key = f"{set_aside_prefix(GM)}job/{world.subjects.dossier}-v0001.zip"
    world.vault.bare.replace(key, b"thumbnail")


def _make_quick(engine: Engine, watch: Watch) -> None:
    """No waiting for the disk, and every begin and commit is an effect."""
    commit = engine.dialect.do_commit
    writing: set[int] = set()

    def watched(raw: Any) -> None:
        # What commits is the pool's wrapping of what began.
        mark = id(getattr(raw, "dbapi_connection", raw))
        if mark not in writing:
            commit(raw)
            return
        writing.discard(mark)
        plan = watch.plan
        full = plan is not None and plan.what is What.DISK_FULL
        if full and not watch.off and plan is not None and plan.at == len(watch.seen) + 1:
            watch.seen.append(Effect(Kind.COMMIT, "database"))
            raise dbapi2.OperationalError("database or disk is full")
        watch.let(Effect(Kind.COMMIT, "database"), lambda: commit(raw))

    def begins(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        if connection.get_execution_options().get("edepot_reading"):
            writing.discard(id(raw))
        else:
            writing.add(id(raw))
        watch.let(Effect(Kind.BEGIN, "database"), lambda: database._start(connection))

    def connects(raw: Any, _record: object) -> None:
        raw.execute("PRAGMA synchronous = OFF")

    engine.dialect.do_commit = watched  # type: ignore[method-assign]
    event.remove(engine, "begin", database._start)
    event.listen(engine, "begin", begins)
    event.listen(engine, "connect", connects)


def _fill(world: World, folder: Path) -> Subjects:
    """Four dossiers on the shelf; of the first also an old version, a mark, and a copy aside."""
    kept: dict[int, str] = {}
    keys: dict[str, str] = {}
    staging = folder / f"{world.variant}-staging"
    staging.mkdir()
    for number in range(1, 5):
        zorgdrager = OTHER if number == 4 else GM
        aip = make_aip(
            staging, number, zorgdrager=zorgdrager, title=f"Zeldzaamwoord{number} dossier"
        )
        stored = world.archive.store(
            aip, now=world.desk.now(), agent="test", origin="test", salt=bytes([number]) * 32
        )
        kept[number] = making.dossier(
            world.desk,
            zorgdrager,
            dossier=stored.description.aip_id,
            identifier=stored.description.identifier,
            category="1.1.1" if number == 3 else "13.1",
        )
        key = stored.copies[0].key
        if number == 1:
            keys = {each.store: each.key for each in stored.copies}
            bare = world.vault.bare
            bare.publish(key.replace("v0001", "v0000"), b"old")
            bare.remove(key.replace("v0001", "v0000"))
            bare.publish(f"{set_aside_prefix(GM)}r1/{kept[1]}-v0001.zip", b"damaged")
            world.copy.bare.publish(key.replace(".zip", ".tmp"), b"unregistered")
            world.exports.there[kept[1]] = ("dip-1.zip",)
        elif number == 3:
            world.vault.bare.put_lock(key)
    return Subjects(kept[1], kept[2], kept[3], kept[4], keys)


def _start_list(world: World) -> str:
    selection = Selection(dossiers=(world.subjects.dossier,))
    made = new_list(world.desk, world.town.proposer, GM, name="V", selection=selection)
    listing.to(world.desk, world.town, made.id, ListState.EXECUTING)
    return made.id


def _plain(world: World) -> None:
    del world


def _shared(world: World) -> None:
    """The neighbour's copy on one store is the very object of the dossier."""
    with begin(world.engine) as connection:
        numbers = dict(
            connection.execute(AIPS.select().with_only_columns(AIPS.c.aip_id, AIPS.c.number)).all()
        )
        connection.execute(
            update(COPIES)
            .where(COPIES.c.aip == numbers[world.subjects.neighbour], COPIES.c.store == COPY)
            .values(key=world.subjects.keys[COPY])
        )


def _missing(world: World) -> None:
    world.copy.bare._objects.pop(world.subjects.keys[COPY])


def _damaged(world: World) -> None:
    """One copy has other bytes, and was not read for long."""
    world.copy.bare._objects[world.subjects.keys[COPY]] = b"other"
    with begin(world.engine) as connection:
        long_ago = "2020-01-01T00:00:00+00:00"
        connection.execute(update(COPIES).values(verified_at=long_ago, checked_at=long_ago))


def _locked(world: World) -> None:
    world.vault.bare.put_lock(world.subjects.keys[VAULT])


def _held(world: World) -> None:
    """A hold that nobody took the list's items for: what only a guard can see."""
    text = "2026-11-25T12:00:00+00:00"
    with begin(world.engine) as connection:
        row = {each.name: "" for each in HOLDS.columns} | {
            "id": "h0001", "zorgdrager": GM, "kind": "woo", "state": "active",
            "scope": f'{{"dossiers":["{world.subjects.dossier}"]}}', "placed_by": "p0009",
            "placed_at": text, "review_on": "2027-06-01",
        }  # fmt: skip
        connection.execute(insert(HOLDS), row)
        member = {"hold": "h0001", "dossier": world.subjects.dossier, "added_at": text, "why": ""}
        connection.execute(insert(HOLD_MEMBERS), member)


def _exempted(world: World) -> None:
    with begin(world.engine) as connection:
        row = {each.name: "" for each in EXEMPTIONS.columns if each.name != "number"} | {
            "dossier": world.subjects.dossier, "ground": "anders", "decision": "besluit",
            "decided_on": "2026-11-20", "recorded_by": "p0009",
        }  # fmt: skip
        connection.execute(insert(EXEMPTIONS), row)


def _keep(world: World) -> None:
    """It was put under a category that is kept, after the list was signed."""
    _change_dossier(world, category="1.1.1", valuation="keep", decision="keep")


def _elsewhere(world: World) -> None:
    _change_dossier(world, zorgdrager=OTHER)


def _change_dossier(world: World, **values: str) -> None:
    with begin(world.engine) as connection:
        mine = DOSSIERS.c.dossier == world.subjects.dossier
        connection.execute(update(DOSSIERS).where(mine).values(**values))


_VARIANTS: Mapping[str, Callable[[World], None]] = {
    "plain": _plain,
    "shared": _shared,
    "missing": _missing,
    "damaged": _damaged,
    "locked": _locked,
    "held": _held,
    "exempted": _exempted,
    "keep": _keep,
    "elsewhere": _elsewhere,
}
