"""A run: every dossier destroyed or explained, paused, stopped, gone on with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from retention import run, steering
from retention.disposal import destroy_one
from retention.errors import DossierUnknown, ListUnknown
from retention.nouns import ItemState, ListState
from retention.run import Step
from retention.tombstones import read_tombstone
from storage.database import begin, open_database, reading
from storage.errors import CopyUnreadable, StoreUnreachable
from tests.retention import listing, making, running
from tests.retention.faulty import FaultyStore
from tests.retention.listing import GM
from tests.retention.running import COPY, VAULT, Running
from tests.retention.unguarded import unguarded

LONG_AGO = (
    "UPDATE copies SET verified_at = '2020-01-01T00:00:00+00:00', "
    "checked_at = '2020-01-01T00:00:00+00:00'"
)


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "edepot.sqlite")
    yield made
    made.dispose()


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Running:
    return running.started(engine, tmp_path)


def go(town: Running, worker: str = "worker") -> run.Executed:
    return run.execute(town.works(worker), town.list_id)


def faulty(town: Running, name: str = COPY) -> FaultyStore:
    store = FaultyStore(town.archive.stores[name])
    town.use(**{name: store})
    return store


def kill() -> None:
    raise Killed


def kill_at_first_deletion(town: Running) -> FaultyStore:
    """It crashed just past the point of no return."""
    store = faulty(town)
    store.before_delete = kill
    with pytest.raises(Killed):
        go(town)
    store.before_delete = lambda: None
    assert town.state() == ItemState.DESTROYING
    making.advance(town.desk, minutes=11)
    return store


def write(town: Running, statement: str) -> None:
    with begin(town.desk.engine) as connection, unguarded(connection):
        connection.execute(text(statement))


def test_a_list_is_carried_out_and_every_dossier_told_of(
    database_place: Path | str, tmp_path: Path
) -> None:
    engine = open_database(database_place)
    town = running.started(engine, tmp_path, dossiers=3)
    told: list[Step] = []

    done = run.execute(town.works(), town.list_id, told.append)

    assert [(each.dossier, each.state, each.done) for each in told] == [
        (each, ItemState.DESTROYED, number) for number, each in enumerate(town.dossiers, 1)
    ]
    assert (done.state, done.total, done.counts) == (
        ListState.VERIFYING,
        3,
        {ItemState.DESTROYED: 3},
    )
    assert town.left() == []
    assert [town.register(each) for each in town.dossiers] == ["destroyed"] * 3
    engine.dispose()


def test_the_ledger_names_the_signed_list_at_every_step(town: Running) -> None:
    go(town)

    root = listing.look(town.desk, town.list_id).root
    steps = [town.told(each) for each in ("disposal.sealed", "disposal.begun", "aip.destroyed")]
    assert [[(e["list"], e["root"]) for e in each] for each in steps] == [
        [(town.list_id, root)]
    ] * 3
    assert steps[2][0]["gone"] == {COPY: 1, VAULT: 1}


def test_a_tombstone_says_in_general_what_it_was(town: Running) -> None:
    go(town)

    with reading(town.desk.engine) as connection:
        tomb = read_tombstone(connection, town.first)
        with pytest.raises(DossierUnknown):
            read_tombstone(connection, "unknown")
    assert (tomb.dossier, tomb.zorgdrager, tomb.list) == (town.first, GM, town.list_id)
    assert "Zeldzaamwoord" not in str(tomb.said)
    assert len(tomb.said["manifest"]) == 64


def test_without_a_key_a_tombstone_bears_no_digest_of_the_manifest(town: Running) -> None:
    run.execute(town.works(key=b""), town.list_id)

    with reading(town.desk.engine) as connection:
        assert read_tombstone(connection, town.first).said["manifest"] == ""


def test_a_list_that_is_not_being_carried_out_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    town = running.waiting(engine, tmp_path)

    assert go(town).state is ListState.WAITING
    assert destroy_one(town.works(), town.list_id, town.first) is None
    with pytest.raises(ListUnknown):
        run.execute(town.works(), "unknown")


def test_a_run_that_waits_begins_nothing_and_ends_what_was_begun(
    engine: Engine, tmp_path: Path
) -> None:
    town = running.started(engine, tmp_path, dossiers=2)
    kill_at_first_deletion(town)
    steering.pause(town.desk, town.people.executor, town.list_id)

    go(town)
    assert [town.state(each) for each in town.dossiers] == ["destroyed", "approved"]
    steering.resume(town.desk, town.people.executor, town.list_id)

    assert go(town).state is ListState.VERIFYING


def test_what_was_not_begun_leaves_when_the_rest_is_stopped(engine: Engine, tmp_path: Path) -> None:
    town = running.started(engine, tmp_path, dossiers=2)
    kill_at_first_deletion(town)
    steering.stop(town.desk, town.people.signatory, town.list_id, "verkeerde lijst")

    done = go(town)

    assert done.counts == {ItemState.DESTROYED: 1, ItemState.LEFT: 1}
    assert done.state is ListState.VERIFYING


def test_a_worker_that_is_asked_to_stop_ends_after_the_dossier_in_hand(
    engine: Engine, tmp_path: Path
) -> None:
    town = running.started(engine, tmp_path, dossiers=3)
    answers = iter([False, False, True, True, True])

    done = run.execute(town.works(stop=lambda: next(answers)), town.list_id)

    assert (done.stopped, done.counts[ItemState.DESTROYED]) == (True, 1)
    assert run.execute(town.works(stop=lambda: True), town.list_id).stopped
    assert go(town).counts[ItemState.DESTROYED] == 3


def test_what_a_dead_worker_only_sealed_is_open_again_after_an_hour(town: Running) -> None:
    store = faulty(town)
    store.before_list = kill
    with pytest.raises(Killed):
        go(town)
    assert (town.state(), town.register()) == (ItemState.SEALED, "sealed")
    assert run.open_again(town.works(), town.list_id) == 0
    making.advance(town.desk, minutes=61)

    assert run.open_again(town.works(), town.list_id) == 1

    assert (town.state(), town.register()) == (ItemState.APPROVED, "here")


def test_another_worker_waits_until_the_claim_is_over(town: Running) -> None:
    store = faulty(town)
    store.before_delete = kill
    with pytest.raises(Killed):
        go(town)
    store.before_delete = lambda: None

    go(town, "another")
    assert town.state() == ItemState.DESTROYING
    making.advance(town.desk, minutes=11)
    go(town, "another")

    assert town.state() == ItemState.DESTROYED


def test_a_round_over_all_lists_tells_what_it_came_to(engine: Engine, tmp_path: Path) -> None:
    town = running.started(engine, tmp_path, dossiers=3)
    town.vault.put_lock(town.keys[town.dossiers[1]])

    tended = run.tend(town.works(), [GM])

    assert (tended.lists, tended.destroyed, tended.needs_operator, tended.halted) == (1, 2, 1, 0)
    assert run.tend(town.works(), ["gm9999"]) == run.Tended()


@pytest.mark.parametrize(
    ("damage", "trouble"),
    [
        (lambda town: None, ""),
        (lambda town: _put(town, b"other bytes"), "copy_differs"),
        (lambda town: _fail(town, CopyUnreadable), "copy_unreadable"),
        (lambda town: _fail(town, StoreUnreachable), "store_silent"),
    ],
)
def test_a_copy_that_was_read_long_ago_is_read_again(
    town: Running, damage: Callable[[Running], None], trouble: str
) -> None:
    write(town, LONG_AGO)
    damage(town)

    go(town)

    assert town.trouble() == trouble
    state = {"": "destroyed", "store_silent": "approved"}.get(trouble, "needs_operator")
    assert town.state() == state


def test_a_copy_that_goes_while_it_is_read_is_missing(town: Running) -> None:
    write(town, LONG_AGO)
    store = faulty(town)

    def gone(key: str, **more: bool) -> Iterator[bytes | memoryview]:
        town.copy.delete_version(key, "1")
        return town.copy.read_chunks(key, **more)

    store.read_chunks = gone  # type: ignore[attr-defined]

    go(town)

    assert town.trouble() == "copy_missing"


def _put(town: Running, content: bytes) -> None:
    key = town.keys[town.first]
    town.copy.delete_version(key, "1")
    town.copy.publish(key, content)


def _fail(town: Running, error: type[Exception]) -> None:
    store = faulty(town)

    def read(*_: object, **__: object) -> Iterator[bytes]:
        raise error("no", store=COPY, key="", found="no")

    store.read_chunks = read  # type: ignore[attr-defined]


def test_a_package_that_the_ledger_promises_otherwise_is_for_a_person(town: Running) -> None:
    with begin(town.desk.engine) as connection:
        connection.execute(text("UPDATE aips SET version = 7"))

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "not_promised")


def test_a_place_that_does_not_answer_puts_it_back(town: Running) -> None:
    town.exports.fails = True

    go(town)

    assert (town.state(), town.trouble(), town.register()) == ("approved", "store_silent", "here")


def test_a_place_that_fails_later_is_tried_again(town: Running) -> None:
    town.exports.there[town.first] = ["dip.zip"]
    other = running.Exports()
    store = faulty(town)
    store.before_list = lambda: None
    erase = town.exports.erase

    def fails(*_: object) -> None:
        raise OSError("no right")

    town.exports.erase = fails  # type: ignore[method-assign]
    works = town.works(places=(other, town.exports))
    other.name = "staging"
    run.execute(works, town.list_id)
    assert (town.state(), town.trouble()) == (ItemState.DESTROYING, "store_silent")
    town.exports.erase = erase  # type: ignore[method-assign]

    run.execute(works, town.list_id)

    assert town.state() == ItemState.DESTROYED
    assert town.exports.there == {}


def test_a_place_that_falls_silent_at_the_verification_holds_the_claim_back(
    town: Running,
) -> None:
    store = faulty(town, VAULT)
    store.after_delete = lambda: setattr(town.exports, "fails", True)

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.DESTROYING, "store_silent")
    town.exports.fails = False
    go(town)
    assert town.state() == ItemState.DESTROYED


def test_a_store_that_is_no_longer_known_is_neither_deleted_from_nor_proven(
    town: Running,
) -> None:
    kill_at_first_deletion(town)
    kept = town.archive.stores.pop(COPY)

    for each in range(3):
        go(town, f"worker-{each}")
        making.advance(town.desk, minutes=11)

    assert (town.state(), town.trouble()) == (ItemState.DESTROYING, "store_silent")
    town.archive.stores[COPY] = kept
    go(town)
    assert town.state() == ItemState.DESTROYED


def test_a_store_that_goes_after_it_was_emptied_is_not_proven(town: Running) -> None:
    store = faulty(town, VAULT)
    store.before_delete = lambda: town.archive.stores.pop(COPY, None)

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.DESTROYING, "store_silent")
    assert town.evidence() == []


def test_a_dossier_that_comes_to_share_its_bytes_past_the_point_keeps_them(
    town: Running, tmp_path: Path
) -> None:
    other = running.shelve(town, tmp_path, 9)
    kill_at_first_deletion(town)
    town.share(town.first, other)

    go(town)

    assert town.state() == ItemState.DESTROYED
    assert town.copy.stat(town.keys[town.first]).size_bytes > 0


def test_a_manifest_that_was_edited_before_the_point_lets_it_leave(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention.disposal_seal.manifest_sha256", lambda *_: "edited")

    go(town)

    assert (town.state(), town.item()["left_reason"]) == (ItemState.LEFT, "hash_mismatch")


def test_inputs_that_changed_without_another_date_let_it_leave(town: Running) -> None:
    store = faulty(town)
    store.before_list = lambda: write(
        town, "UPDATE retention_computations SET inputs_sha256 = 'other'"
    )

    go(town)

    assert (town.state(), town.item()["left_reason"]) == (ItemState.LEFT, "changed")


def test_a_hold_that_comes_while_a_store_is_silent_wins(town: Running) -> None:
    store = faulty(town)

    def hold() -> None:
        store.before_list = lambda: None
        town.hold()
        store.fail()

    store.before_list = hold

    go(town)

    assert (town.state(), town.register()) == (ItemState.LEFT, "here")


@pytest.mark.parametrize("moment", ["the manifest", "a deletion"])
def test_what_the_database_itself_refuses_does_not_go(town: Running, moment: str) -> None:
    store = faulty(town)

    def becomes_kept() -> None:
        town.change(town.first, category="1.1.1", valuation="keep")

    if moment == "the manifest":
        store.before_list = becomes_kept
    else:
        store.before_delete = becomes_kept

    go(town)

    if moment == "the manifest":
        assert (town.state(), town.item()["left_reason"]) == (ItemState.LEFT, "keep")
    else:
        assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "database_refuses")
    assert town.tombstones() == []


def test_what_only_the_database_refuses_is_for_an_operator_and_untouched(town: Running) -> None:
    before = town.left()
    store = faulty(town)
    store.before_list = lambda: town.change(town.first, valuation="human")

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "database_refuses")
    assert (town.left(), town.item()["came_from"]) == (before, ItemState.SEALED)


def test_a_description_that_is_gone_already_does_not_hold_the_end_back(town: Running) -> None:
    kill_at_first_deletion(town)
    with begin(town.desk.engine) as connection:
        for table in ("copies", "files", "aips"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608

    go(town)

    assert town.state() == ItemState.DESTROYED
    assert town.left() == []
