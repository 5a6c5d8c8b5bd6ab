"""The 23 failures of the domain rules, each by name; what every effect does, the harness plays."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, event, text

from retention import exemptions, run, signing
from retention.disposal import destroy_one
from retention.errors import Refused
from retention.exemptions import Ground
from retention.hold_nouns import Standing
from retention.nouns import ItemState, ListState, Role
from storage.database import begin, open_database
from storage.errors import DatabaseUnusable
from tests.retention import listing, making, running
from tests.retention.faulty import FaultyStore
from tests.retention.listing import GM
from tests.retention.running import COPY, VAULT, Running
from tests.retention.unguarded import unguarded


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "edepot.sqlite")
    yield made
    made.dispose()


@pytest.fixture
def either(database_place: Path | str) -> Iterator[Engine]:
    made = open_database(database_place)
    yield made
    made.dispose()


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Running:
    return running.started(engine, tmp_path)


def killed() -> None:
    raise Killed


def go(town: Running, worker: str = "worker") -> None:
    """One round of the run, by this worker."""
    run.execute(town.works(worker), town.list_id)


def later(town: Running, worker: str = "another") -> None:
    """A round by another worker, once the claim of the last one is over."""
    making.advance(town.desk, minutes=11)
    go(town, worker)


def is_destroyed(town: Running) -> None:
    """Gone everywhere, and told once."""
    assert town.state() == ItemState.DESTROYED, town.item()["trouble"]
    assert town.left() == []
    assert town.tombstones() == [town.first]
    assert town.evidence() == ["database", "exports", VAULT, COPY]
    assert len(town.told("aip.destroyed")) == 1


def nothing_is_claimed(town: Running) -> None:
    """Neither tombstone, nor evidence, nor a line of the ledger."""
    assert (town.tombstones(), town.evidence(), town.told("aip.destroyed")) == ([], [], [])


def faulty(town: Running, name: str = COPY) -> FaultyStore:
    """Put a store that misbehaves in the place of this one."""
    store = FaultyStore(town.archive.stores[name])
    town.use(**{name: store})
    return store


@pytest.mark.parametrize("name", [COPY, VAULT])
@pytest.mark.parametrize("when", ["before_delete", "after_delete"])
def test_01_killed_twice_it_goes_on_and_there_is_one_set_of_evidence(
    either: Engine, tmp_path: Path, name: str, when: str
) -> None:
    town = running.started(either, tmp_path)
    store = faulty(town, name)
    setattr(store, when, killed)

    for worker in ("one", "two"):
        with pytest.raises(Killed):
            later(town, worker)
    setattr(store, when, lambda: None)
    later(town, "three")

    is_destroyed(town)


def test_02_a_deletion_that_a_power_cut_undid_is_done_again(town: Running) -> None:
    store = faulty(town, VAULT)
    kept = store.bare.contents.copy()
    store.after_delete = killed
    with pytest.raises(Killed):
        go(town)
    store.bare.contents = kept
    store.after_delete = lambda: None

    later(town)

    is_destroyed(town)


def test_03_a_copy_that_was_gone_before_is_an_incident_and_no_evidence(town: Running) -> None:
    town.copy.delete_version(town.keys[town.first], "1")

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "copy_missing")
    assert town.told("disposal.incident")[0]["list"] == town.list_id
    assert listing.look(town.desk, town.list_id).state is ListState.PARTIALLY_EXECUTED
    assert town.left()
    nothing_is_claimed(town)


def test_03_a_dossier_of_which_no_copy_is_known_is_an_incident(town: Running) -> None:
    with begin(town.desk.engine) as connection:
        connection.execute(text("DELETE FROM copies"))

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "copy_missing")


def test_04_old_versions_and_marks_go_as_well(town: Running) -> None:
    key = town.keys[town.first]
    town.vault.replace(key, b"older")
    town.vault.remove(key)
    town.vault.replace(key, b"newer")
    with begin(town.desk.engine) as connection:
        connection.execute(text("UPDATE copies SET outcome = 'intact', proof = 'read'"))

    go(town)

    is_destroyed(town)


def test_05_what_is_locked_is_for_an_operator(town: Running) -> None:
    town.vault.put_lock(town.keys[town.first])

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "locked")
    assert town.register() == "destroying"
    nothing_is_claimed(town)


def test_06_a_store_that_is_down_for_a_day_holds_only_the_claim_back(town: Running) -> None:
    store = faulty(town)
    store.before_delete = lambda: setattr(store, "down", True)
    go(town)
    assert (town.state(), town.trouble()) == (ItemState.DESTROYING, "store_silent")
    making.advance(town.desk, hours=12)
    go(town)
    nothing_is_claimed(town)
    store.before_delete, store.down = lambda: None, False

    making.advance(town.desk, hours=12)
    go(town)

    is_destroyed(town)


def test_06_a_store_that_is_down_before_anything_was_touched_leaves_all_as_it_was(
    town: Running,
) -> None:
    store = faulty(town)
    store.down = True

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.APPROVED, "store_silent")
    assert town.register() == "here"


def test_07_bytes_that_another_dossier_has_stay(engine: Engine, tmp_path: Path) -> None:
    town = running.started(engine, tmp_path)
    other = running.shelve(town, tmp_path, 9)
    town.share(town.first, other)

    go(town)

    assert town.state() == ItemState.DESTROYED
    assert town.copy.stat(town.keys[town.first]).size_bytes > 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_07_of_two_that_share_bytes_the_last_takes_them(
    engine: Engine, tmp_path: Path, order: tuple[int, int]
) -> None:
    town = running.started(engine, tmp_path, dossiers=2)
    town.share(town.dossiers[0], town.dossiers[1])
    key = town.keys[town.dossiers[0]]

    destroy_one(town.works(), town.list_id, town.dossiers[order[0]])
    assert town.copy.stat(key).size_bytes > 0
    destroy_one(town.works(), town.list_id, town.dossiers[order[1]])

    assert town.left() == []
    assert town.tombstones() == sorted(town.dossiers)


def test_07_two_that_share_bytes_and_go_at_once_leave_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    # given: the second one is destroyed whole after the first one made its inventory
    town = running.started(engine, tmp_path, dossiers=2)
    first, second = town.dossiers
    town.share(first, second)
    store = faulty(town, VAULT)

    def other_one() -> None:
        store.before_delete = lambda: None
        assert destroy_one(town.works("another"), town.list_id, second) is ItemState.DESTROYED

    store.before_delete = other_one

    # when
    assert destroy_one(town.works(), town.list_id, first) is ItemState.DESTROYED

    # then
    assert town.left() == []


def test_08_of_two_workers_at_once_one_destroys_it(either: Engine, tmp_path: Path) -> None:
    town = running.started(either, tmp_path, dossiers=4)
    together = Barrier(2)

    def work(worker: str) -> None:
        together.wait()
        go(town, worker)

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(work, worker) for worker in ("one", "two")]:
            each.result()

    assert town.left() == []
    assert town.tombstones() == sorted(town.dossiers)
    assert len(town.told("aip.destroyed")) == len(town.dossiers)
    assert len(town.evidence()) == 4 * len(town.dossiers)


def test_08_a_worker_that_wakes_up_does_not_touch_a_restored_copy(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: it sleeps just before it deletes; its claim ends, its machine lost the lock; another
    # one takes over and is halted by a hold, and the copy is put back as a new version
    monkeypatch.setattr(town.archive, "holding", lambda _key: nullcontext())
    store = faulty(town, VAULT)
    key = town.keys[town.first]
    content = b"".join(town.vault.read_chunks(key))
    put_back = []

    def sleep() -> None:
        store.before_delete = lambda: None
        store.after_delete = killed
        with pytest.raises(Killed):
            later(town)
        store.after_delete = lambda: None
        town.hold()
        later(town, "third")
        put_back.append(town.vault.replace(key, content))

    store.before_delete = sleep

    # when
    go(town, "sleeper")

    # then
    assert town.state() == ItemState.HALTED
    assert list(town.vault.list_versions(key)) == put_back
    nothing_is_claimed(town)


def test_09_a_round_that_comes_twice_or_late_changes_nothing(town: Running) -> None:
    go(town)
    before = town.told("aip.destroyed"), town.evidence(), dict(town.item())

    go(town, "again")
    assert destroy_one(town.works(), town.list_id, town.first) is None
    assert destroy_one(town.works(), town.list_id, "unknown") is None

    assert (town.told("aip.destroyed"), town.evidence(), dict(town.item())) == before


def test_10_a_hold_before_the_point_wins_wholly(either: Engine, tmp_path: Path) -> None:
    town = running.started(either, tmp_path)
    store, before = faulty(town), town.left()

    def hold() -> None:
        store.before_list = lambda: None
        assert town.hold().members[0].standing is Standing.LEFT_LIST

    store.before_list = hold

    go(town)

    assert (town.state(), town.register()) == (ItemState.LEFT, "here")
    assert town.left() == before
    assert town.told("disposal.begun") == []


def test_10_a_hold_after_the_point_halts_before_the_next_copy(
    either: Engine, tmp_path: Path
) -> None:
    town = running.started(either, tmp_path)
    store = faulty(town)

    def hold() -> None:
        assert town.hold().members[0].standing is Standing.BEGUN

    store.after_delete = hold

    go(town)

    assert (town.state(), town.trouble(), town.register()) == (ItemState.HALTED, "hold", "halted")
    assert town.vault.stat(town.keys[town.first]).size_bytes > 0
    assert town.told("disposal.halted")[0]["hold"] == "h0001"
    nothing_is_claimed(town)


def test_10_a_hold_halts_before_what_stands_beside_the_stores_goes(town: Running) -> None:
    # given: it crashed right at the point of no return
    town.exports.there[town.first] = ["dip.zip"]
    town.exports.erase = lambda *_: killed()  # type: ignore[method-assign]
    with pytest.raises(Killed):
        go(town)
    town.hold()

    later(town)

    assert town.state() == ItemState.HALTED
    assert town.exports.there == {town.first: ["dip.zip"]}


def test_10_a_hold_after_the_end_is_told_that_it_is_gone(town: Running) -> None:
    go(town)

    member = town.hold().members[0]

    assert member.standing is Standing.DESTROYED
    assert member.declaration == f"{town.list_id}-verklaring"


def exempt(town: Running) -> None:
    exemptions.exempt(
        town.desk,
        making.actor(town.desk, "Jan", GM, Role.ARCHIVIST),
        GM,
        [town.first],
        ground=Ground.HOTSPOT,
        decision="besluit 2026/7",
        decided_on=date(2026, 11, 1),
    )


CHANGES: dict[str, tuple[Callable[[Running], None], str]] = {
    "kept": (lambda town: town.change(town.first, category="1.1.1"), "keep"),
    "later": (lambda town: town.change(town.first, ended_on="2026-01-01"), "not_due"),
    "reopened": (lambda town: town.change(town.first, ended_on=""), "no_date"),
    "exempted": (exempt, "exempt"),
    "transferred": (lambda town: town.change(town.first, state="transferred"), "transferred"),
    "of another": (lambda town: town.change(town.first, zorgdrager="gm9999"), "one_zorgdrager"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("when", ["before the seal", "before the point"])
def test_11_what_changes_before_the_point_lets_it_leave(
    town: Running, change: str, when: str
) -> None:
    deed, code = CHANGES[change]
    before = town.left()
    store = faulty(town)

    def happen() -> None:
        store.before_list = lambda: None
        deed(town)

    if when == "before the seal":
        deed(town)
    else:
        store.before_list = happen

    go(town)

    assert town.state() == ItemState.LEFT
    assert town.item()["left_reason"] in {code, "changed", "unknown"}
    assert town.left() == before
    nothing_is_claimed(town)


def write(town: Running, statement: str) -> None:
    """Write in the database what no service would."""
    with begin(town.desk.engine) as connection, unguarded(connection):
        connection.execute(text(statement))


ANOTHER_ROOT = "UPDATE list_authorisations SET root = 'ffff'"

EDITS = {
    "withdrawn": ("UPDATE list_authorisations SET withdrawn_at = '2026-12-01'", "unsigned"),
    "expired": ("UPDATE list_authorisations SET valid_until = '2026-11-30'", "expired"),
    "another root": (ANOTHER_ROOT, "hash_mismatch"),
    "an edited item": ("UPDATE list_items SET snapshot = '{}'", "hash_mismatch"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_12_23_what_was_signed_no_longer_counts_so_nothing_goes(
    either: Engine, tmp_path: Path, edit: str
) -> None:
    town = running.started(either, tmp_path)
    before = town.left()
    statement, code = EDITS[edit]
    write(town, statement)

    go(town)

    assert town.state() == ItemState.LEFT
    assert town.item()["left_reason"] in {code, "changed"}
    assert town.left() == before


STARTS = {
    "invalid signature": ("UPDATE list_authorisations SET signature = 'AAAA'", "signature"),
    "another root": (ANOTHER_ROOT, "hash_mismatch"),
    "an edited item": ("UPDATE list_items SET snapshot = '{}'", "hash_mismatch"),
    "mandate ended": (
        "UPDATE mandates SET ended_at = '2000-01-02T00:00:00+00:00', valid_to = '2000-01-02' "
        "WHERE role = 'ondertekenaar'",
        "mandate",
    ),
}


@pytest.mark.parametrize("edit", STARTS)
def test_12_22_23_a_list_that_was_not_signed_so_is_not_started(
    either: Engine, tmp_path: Path, edit: str
) -> None:
    town = running.waiting(either, tmp_path)
    statement, code = STARTS[edit]
    write(town, statement)
    making.advance(town.desk, days=8)

    with pytest.raises(Refused) as refused:
        signing.start(town.desk, town.people.executor, town.list_id)

    assert refused.value.code == code
    assert listing.look(town.desk, town.list_id).state is ListState.WAITING
    go(town)
    assert town.state() == ItemState.APPROVED


def full_disk(engine: Engine, word: str) -> Callable[[], None]:
    """From now on the disk is full whenever this table is written to; gives what frees it."""

    def refuse(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {word} "):
            raise DatabaseUnusable("disk is full", found="disk is full")

    event.listen(engine, "before_cursor_execute", refuse)
    return lambda: event.remove(engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("table", ["copy_actions", "destruction_evidence", "tombstones"])
def test_14_on_a_full_disk_it_stays_as_it_was_and_goes_on_later(town: Running, table: str) -> None:
    free = full_disk(town.desk.engine, table)
    with pytest.raises(DatabaseUnusable):
        go(town)
    nothing_is_claimed(town)
    free()

    later(town)

    is_destroyed(town)


def test_15_a_deletion_that_lies_a_few_times_is_done_again(town: Running) -> None:
    faulty(town).lies = 2

    go(town)

    is_destroyed(town)


def test_15_a_deletion_that_always_lies_is_for_an_operator(town: Running) -> None:
    faulty(town).lies = 99

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "still_there")
    nothing_is_claimed(town)


def test_15_a_store_that_never_answers_a_deletion_is_for_an_operator(town: Running) -> None:
    store = faulty(town)
    store.before_delete = store.fail

    for each in range(5):
        assert town.state() in {ItemState.APPROVED, ItemState.DESTROYING}
        later(town, f"worker-{each}")

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "store_silent")
    assert store.deletions == 5


def test_16_a_full_text_that_still_knows_it_is_for_an_operator(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.forgetting._WORDS", text("SELECT :number"))

    go(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "still_known")
    nothing_is_claimed(town)


def test_16_a_job_that_writes_while_it_is_deleted_is_swept_at_once(town: Running) -> None:
    store = faulty(town)

    def job() -> None:
        store.after_delete = lambda: None
        town.exports.there[town.first] = ["late.zip"]
        town.vault.replace(f"{GM}/evidence/job/{town.first}-v0001.zip", b"thumbnail")

    store.after_delete = job

    go(town)

    is_destroyed(town)


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(days=400)])
def test_17_a_clock_that_goes_back_starts_nothing_and_takes_nothing_back(
    engine: Engine, tmp_path: Path, back: timedelta
) -> None:
    town = running.waiting(engine, tmp_path)
    signed = town.desk.now()
    making.advance(town.desk, days=8)
    making.set_clock(town.desk, signed - back)
    with pytest.raises(Refused, match="waiting"):
        signing.start(town.desk, town.people.executor, town.list_id)
    making.set_clock(town.desk, signed + timedelta(days=8))
    signing.start(town.desk, town.people.executor, town.list_id)
    making.set_clock(town.desk, signed - back)

    go(town)

    is_destroyed(town)
    assert str(town.item()["destroyed_at"]) >= (signed + timedelta(days=8)).isoformat()


@pytest.mark.parametrize(
    ("instant", "may"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), True),
    ],
)
def test_17_the_day_begins_at_midnight_in_the_netherlands(
    engine: Engine, tmp_path: Path, instant: datetime, *, may: bool
) -> None:
    town = running.waiting(engine, tmp_path)
    making.set_clock(town.desk, instant)

    with nullcontext() if may else pytest.raises(Refused, match="waiting"):
        signing.start(town.desk, town.people.executor, town.list_id)


@pytest.mark.parametrize("named", ["permanent", "of another zorgdrager"])
def test_18_19_an_edited_manifest_leads_to_no_other_dossier(
    town: Running, tmp_path: Path, named: str
) -> None:
    # given: it crashed past the point, and a row was edited past every trigger
    other = running.shelve(town, tmp_path, 9, category="1.1.1")
    key = town.keys[other]
    if named == "of another zorgdrager":
        key = f"gm0001/00/00/{other}/v0001.zip"
        town.copy.publish(key, b"of gm0001")
    store = faulty(town)
    store.before_delete = killed
    with pytest.raises(Killed):
        go(town)
    store.before_delete = lambda: None
    with begin(town.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER disposal_copy_fixed"))
        connection.execute(
            text("UPDATE copy_actions SET key = :key WHERE store = :store"),
            {"key": key, "store": COPY},
        )

    later(town)

    assert (town.state(), town.trouble()) == (ItemState.NEEDS_OPERATOR, "manifest_differs")
    assert town.copy.stat(key).size_bytes > 0


def test_18_what_is_locked_for_ever_stays_even_when_everything_else_fails(
    town: Running, tmp_path: Path
) -> None:
    other = running.shelve(town, tmp_path, 9, category="1.1.1")
    town.vault.put_lock(town.keys[other])
    version = next(iter(town.vault.list_versions(town.keys[other])))

    refused = list(town.vault.delete_all([(town.keys[other], version)]))

    assert refused == [((town.keys[other], version), "locked")]
    assert town.vault.stat(town.keys[other]).size_bytes > 0


def test_20_21_what_a_party_holds_is_not_ours_to_destroy(town: Running) -> None:
    town.change(town.first, holder="party")

    go(town)

    assert town.state() == ItemState.APPROVED
    nothing_is_claimed(town)
    assert listing.look(town.desk, town.list_id).state is ListState.EXECUTING
    assert destroy_one(town.works(), town.list_id, town.first) is None


def test_22_a_person_whose_account_ends_does_not_stop_the_run(town: Running) -> None:
    write(town, "UPDATE persons SET name = '', ended_at = '2026-12-01T00:00:00+00:00'")

    go(town)

    is_destroyed(town)
