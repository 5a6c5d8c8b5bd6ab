"""A depot in small with real stores, and runs over it as they are done in earnest."""

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from storage.aip import package_key
from storage.archive import Archive
from storage.catalogue import COPIES
from storage.database import begin, open_database, reading
from storage.fixity.lines import read_findings
from storage.fixity.nouns import Asked, Run, Scope
from storage.fixity.plan import begin_run
from storage.fixity.runs import totals
from storage.fixity.seal import seal_run
from storage.fixity.tables import ITEMS, REMARKS
from storage.fixity.work import work_run
from storage.fixity.works import Works
from storage.outcomes import Outcome
from storage.stores.base import Store
from storage.stores.memory import MemoryStore
from tests.storage.making import (
    NOW,
    SALT,
    ZORGDRAGER,
    aip_id,
    make_aip,
    make_archive,
    make_store,
    put,
)

ASKED = Asked(NOW, "uid:1000", "cli@test")
COUNT = 6


def key_of(number: int) -> str:
    """The key of the test AIP of this number."""
    return package_key(ZORGDRAGER, aip_id(number), 1)


@dataclass
class World:
    """An archive and its folder; `hours` is how late it is."""

    folder: Path
    archive: Archive
    hours: int = 1
    ticks: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def engine(self) -> Engine:
        return self.archive.engine

    def clock(self) -> datetime:
        """A clock that goes on at each look."""
        return NOW + timedelta(hours=self.hours, milliseconds=next(self.ticks))

    def works(self, **other: Any) -> Works:
        """A worker that waits for nothing between two tries."""
        works = Works(
            engine=self.engine,
            stores=self.archive.stores,
            worker="proef",
            clock=self.clock,
            seal=lambda run: seal_run(self.engine, run, ASKED, lambda: SALT),
            pauses=(0.0, 0.0),
            retry_after=timedelta(0),
        )
        return replace(works, **other)

    def begin(self, scope: Scope = Scope()) -> Run:  # noqa: B008 - frozen
        """A run that is planned."""
        asked = replace(ASKED, at=NOW + timedelta(hours=self.hours))
        return begin_run(self.engine, scope, asked)[0]

    def run(self, scope: Scope = Scope(), **works: Any) -> "Told":  # noqa: B008 - frozen
        """A run from beginning to end, and what it told."""
        run = self.begin(scope)
        return self.told(work_run(self.works(**works), run.id))

    def told(self, run: Run) -> "Told":
        """What a run told."""
        with reading(self.engine) as connection:
            items = connection.execute(
                select(ITEMS).where(ITEMS.c.run == run.id).order_by(ITEMS.c.number)
            ).all()
            remarks = connection.execute(
                select(REMARKS).where(REMARKS.c.run == run.id).order_by(REMARKS.c.number)
            ).all()
            counts = totals(connection, run.id).counts
        assert sum(counts.values()) == run.items == len(items)
        return Told(run, items, remarks, {each: n for each, n in counts.items() if n})

    def copies(self) -> Mapping[tuple[int, str], Any]:
        """The rows of the catalogue's copies by AIP and store."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(COPIES)).all()
        return {(row.aip, row.store): row for row in rows}

    def sql(self, *statements: str) -> None:
        """Do in the database what nobody should."""
        with begin(self.engine) as connection:
            for each in statements:
                connection.execute(text(each))

    def file(self, store: str, number: int) -> Path:
        """The file of a copy, made writable."""
        file = self.folder / store / key_of(number)
        os.chmod(file, 0o600)
        return file


@dataclass(frozen=True)
class Told:
    """What a run told: its rows."""

    run: Run
    items: Sequence[Any]
    remarks: Sequence[Any]
    counts: Mapping[Outcome, int]

    def wrong(self) -> dict[tuple[str, str], tuple[str, list[str]]]:
        """(store, AIP id) -> outcome and codes, of every item that is not plainly intact."""
        return {
            (row.store, row.aip_id): (
                row.outcome,
                [each.code for each in read_findings(row.findings)],
            )
            for row in self.items
            if row.outcome != Outcome.INTACT or row.findings
        }

    def codes(self) -> list[tuple[str, str]]:
        """(code, where) of every remark, in order of these: looks are done beside each other."""
        return sorted((row.code, read_findings(row.finding)[0].where) for row in self.remarks)


def make_world(
    folder: Path,
    place: Path | str,
    count: int = COUNT,
    more: Sequence[Store] = (),
    files: Callable[[int], Sequence[tuple[str, bytes]]] | None = None,
) -> World:
    """A world with two stores in folders and one in memory, and so many AIPs in each."""
    (folder / "staging").mkdir()
    stores = [make_store(folder, "een"), make_store(folder, "twee"), MemoryStore("geheugen"), *more]
    world = World(folder, make_archive(open_database(place), stores))
    for number in range(1, count + 1):
        aip = make_aip(folder / "staging", number, **({"files": files(number)} if files else {}))
        put(world.archive, aip)
    world.archive.publish_ledger(ZORGDRAGER, now=NOW)
    return world
