"""The work of a run: shared, killed, stopped, cancelled, gone on with; nothing lost or doubled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from storage.database import reading
from storage.errors import StoreUnreachable
from storage.fixity import plan
from storage.fixity.check import intact
from storage.fixity.claim import claim, claim_numbered, undone
from storage.fixity.lanes import open_share
from storage.fixity.nouns import Item, Result, Run, RunState, Scope, Share
from storage.fixity.plan import begin_run
from storage.fixity.record import Found, Recorder
from storage.fixity.runs import cancel_run, read_run
from storage.fixity.tables import ITEMS
from storage.fixity.work import work_run, work_share
from storage.fixity.works import Step
from storage.outcomes import Basis, Outcome
from storage.stores.base import Store
from tests.storage.fixity.world import ASKED, World, make_world
from tests.storage.making import NOW

COUNT = 24
LOCAL = Scope(stores=("een", "twee"))
ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(database_place: Path | str) -> Path | str:
    return database_place


@pytest.fixture
def world(tmp_path: Path, place: Path | str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(plan, "SHARE_ITEMS", 3)
    return make_world(tmp_path, place, COUNT)


@pytest.fixture
def wide_world(tmp_path: Path, place: Path | str) -> World:
    """With shares so wide that child processes read them."""
    return make_world(tmp_path, place, 40)


def worker(
    world: World, place: Path | str, run: str, name: str, *, hours: int = 1, kill_after: int = 0
) -> "subprocess.Popen[str]":
    program = [sys.executable, "-m", "tests.storage.fixity.worker_process"]
    given = [str(world.folder), str(place), run, name, str(hours), str(kill_after)]
    return subprocess.Popen(
        [*program, *given], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, int]:
    """The exit code, and the bytes that it said it read."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), errors
    return process.returncode, int(output or 0)


def test_two_processes_share_a_run_and_read_nothing_twice(world: World, place: Path | str) -> None:
    run = world.begin(LOCAL)

    told = [ended(each) for each in [worker(world, place, run.id, name) for name in "ab"]]

    after = world.told(_again(world, run.id))
    assert [code for code, _ in told] == [0, 0]
    assert sum(read for _, read in told) == run.size_bytes
    assert after.run.state is RunState.ENDED
    assert after.counts == {Outcome.INTACT: 2 * COUNT}


def test_a_killed_worker_loses_nothing_that_it_recorded_and_another_ends_the_run(
    world: World, place: Path | str
) -> None:
    run = world.begin(LOCAL)
    assert ended(worker(world, place, run.id, "a", kill_after=9))[0] == -signal.SIGKILL
    before = {row.number: row for row in world.told(_again(world, run.id)).items if row.checked_at}

    assert ended(worker(world, place, run.id, "b", hours=2))[0] == 0

    after = world.told(_again(world, run.id))
    assert len(before) >= 9
    assert after.run.state is RunState.ENDED
    assert after.counts == {Outcome.INTACT: 2 * COUNT}
    assert {row.number: row for row in after.items if row.number in before} == before


def test_a_killed_worker_that_starts_again_under_its_name_waits_for_no_lease(
    world: World, place: Path | str
) -> None:
    run = world.begin(LOCAL)
    ended(worker(world, place, run.id, "a", kill_after=9))

    assert ended(worker(world, place, run.id, "a"))[0] == 0
    assert world.told(_again(world, run.id)).counts == {Outcome.INTACT: 2 * COUNT}


def _again(world: World, run_id: str) -> Run:
    with reading(world.engine) as connection:
        run = read_run(connection, run_id)
    assert run is not None
    return run


def test_many_small_packages_are_read_by_children_and_told_the_same(wide_world: World) -> None:
    world = wide_world
    for number in (3, 30):
        world.file("twee", number).write_bytes(b"weg")
    world.file("een", 7).unlink()

    told = world.run(LOCAL)

    assert told.counts == {Outcome.INTACT: 77, Outcome.DIFFERS: 2, Outcome.MISSING: 1}


class Endless:
    """A store whose packages have no end."""

    def __init__(self, store: Store, begun: threading.Event) -> None:
        self._store = store
        self._begun = begun

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes]:
        if not key.endswith(".zip"):
            yield from self._store.read_chunks(key, fresh=fresh)
        while key.endswith(".zip"):
            yield bytes(1024 * 1024)
            self._begun.set()


def test_a_cancelled_run_ends_midway_an_object_and_what_was_not_reached_is_not_checked(
    world: World,
) -> None:
    run, begun = world.begin(LOCAL), threading.Event()
    stores = {**world.archive.stores, "twee": Endless(world.archive.stores["twee"], begun)}
    done: list[Any] = []
    thread = threading.Thread(
        target=lambda: done.append(work_run(world.works(stores=stores, remote_lanes=2), run.id))
    )
    thread.start()
    assert begun.wait(30)

    cancel_run(world.engine, run.id, ASKED)
    thread.join(30)

    told = world.told(done[0])
    assert told.run.state is RunState.ENDED
    assert {row.outcome for row in told.items if row.store == "twee"} == {Outcome.NOT_CHECKED}
    assert told.counts[Outcome.NOT_CHECKED] >= COUNT
    assert {row.checked_at for row in told.items if row.store == "twee"} == {""}


def test_a_worker_that_stops_leaves_the_run_to_be_gone_on_with(world: World) -> None:
    run, steps = world.begin(LOCAL), []
    begun = threading.Event()
    stores = {**world.archive.stores, "twee": Endless(world.archive.stores["twee"], begun)}

    left = work_run(
        world.works(stores=stores, told=steps.append, stop=lambda: bool(steps), remote_lanes=2),
        run.id,
    )
    assert left.state is RunState.RUNNING
    with reading(world.engine) as connection:
        assert undone(connection, run.id) > 0

    told = world.told(work_run(world.works(worker="een ander"), run.id))
    assert told.run.state is RunState.ENDED
    assert told.counts == {Outcome.INTACT: 2 * COUNT}


def test_progress_goes_up_to_the_whole_and_counts_what_was_done_before(world: World) -> None:
    run, steps = world.begin(LOCAL), []

    work_run(world.works(told=steps.append), run.id)

    done = [each.done for each in steps]
    assert done == sorted(done)
    assert steps[-1] == Step(2 * COUNT, 2 * COUNT, run.size_bytes, steps[-1].store)


class Away:
    """A store that does not answer until it has been asked so many times."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        if self.left > 0 and key.endswith(".zip"):
            self.left -= 1
            raise StoreUnreachable("stil", found="stil")
        yield from self._store.read_chunks(key, fresh=fresh)


def test_a_store_that_comes_back_is_checked_after_all(world: World) -> None:
    away = Away(world.archive.stores["twee"], 3)
    stores = {**world.archive.stores, "twee": away}

    told = world.run(LOCAL, stores=stores, remote_lanes=1)

    assert told.counts == {Outcome.INTACT: 2 * COUNT}
    assert told.wrong() == {}


def test_a_store_that_is_silent_is_not_asked_for_every_item(world: World) -> None:
    away = Away(world.archive.stores["twee"], 1_000_000)
    stores = {**world.archive.stores, "twee": away}

    told = world.run(LOCAL, stores=stores, remote_lanes=1, retry_after=timedelta(milliseconds=200))

    assert told.counts == {Outcome.INTACT: COUNT, Outcome.NOT_CHECKED: COUNT}
    assert 1_000_000 - away.left < 3 * COUNT


def test_a_party_that_is_checked_by_others_is_heard_by_the_same_work(world: World) -> None:
    def held(connection, run: str, scope: Scope, first: int) -> int:
        rows = [
            {
                "run": run, "number": first + at, "kind": "held", "zorgdrager": "z",
                "store": "dienst", "key": f"{at}.pdf", "aip": at, "aip_id": "", "version": 0,
                "size_bytes": 5, "expected": "ff", "outcome": "not_checked", "basis": "none",
                "found": "", "read_bytes": 0, "checked_at": "", "findings": "",
            }
            for at in range(3)
        ]  # fmt: skip
        connection.execute(insert(ITEMS), rows)
        return 3

    def check(item: Item) -> Result:
        if item.aip == 1:
            raise StoreUnreachable("stil", found="stil")
        return Result(item.number, Outcome.ATTESTED, Basis.STATEMENT, "ff", 0, world.clock())

    run, _ = begin_run(world.engine, Scope(stores=("dienst",)), ASKED, held=held)

    told = world.told(work_run(world.works(held=check, remote_lanes=1), run.id))

    assert [(row.key, row.outcome) for row in told.items] == [
        ("0.pdf", Outcome.ATTESTED),
        ("1.pdf", Outcome.NOT_CHECKED),
        ("2.pdf", Outcome.ATTESTED),
    ]


def test_one_share_is_done_alone_as_a_step_of_a_greater_work(world: World) -> None:
    run = world.begin(LOCAL)
    share = claim(world.engine, run.id, "proef", world.clock(), timedelta(minutes=5))
    assert share is not None

    work_share(world.works(), share)

    told = world.told(_again(world, run.id))
    assert told.counts == {Outcome.INTACT: 3, Outcome.NOT_CHECKED: 2 * COUNT - 3}
    assert told.run.state is RunState.RUNNING


def test_results_of_a_worker_that_lost_its_share_are_refused(world: World) -> None:
    run = world.begin(LOCAL)
    lease = timedelta(minutes=15)
    lost = claim(world.engine, run.id, "a", NOW, lease)
    theirs = claim_numbered(world.engine, run.id, 1, "b", NOW + 2 * lease, lease)
    assert lost is not None
    assert theirs is not None
    assert theirs.number == lost.number
    heard: list[tuple[int, bool]] = []

    def kept(share: Share, found: Any) -> None:
        heard.append((share.tries, found is not None))

    with reading(world.engine) as connection:
        _, planned = open_share(connection, lost)
    results = [Found(each.item, intact(each.item, NOW)) for each in planned]
    late = [replace(each, result=replace(each.result, sha256="te laat")) for each in results]
    for name, share, found in (("a", lost, late), ("b", theirs, results), ("a", lost, late)):
        with Recorder(world.engine, name, kept) as recorder:
            recorder.put(share, found)

    assert heard == [(1, False), (2, True), (1, False)]
    told = world.told(_again(world, run.id))
    assert {row.found == row.expected for row in told.items if row.checked_at} == {True}


def test_a_run_that_has_ended_stays_as_it_is(world: World) -> None:
    told = world.run(LOCAL)
    os.rename(world.folder / "een", world.folder / "weg")

    again = world.told(work_run(world.works(), told.run.id))

    assert again == told
