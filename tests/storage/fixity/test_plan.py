"""The plan: what a scope takes in, in shares, by the ledger's measure; nothing when it is wrong."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from storage.database import begin, reading
from storage.errors import ScopeUnknown
from storage.fixity import plan
from storage.fixity.claim import read_shares
from storage.fixity.nouns import RunState, Scope
from storage.fixity.plan import begin_run
from storage.fixity.runs import cancel_run, list_runs, open_runs
from storage.fixity.scopes import Known, read_scope, scope_text
from storage.fixity.tables import ITEMS, RUNS, SHARES
from tests.storage.fixity.world import ASKED, COUNT, World, make_world
from tests.storage.making import NOW, ZORGDRAGER, aip_id

STORES = ("een", "geheugen", "twee")


@pytest.fixture
def world(tmp_path: Path, database_place: Path | str) -> World:
    return make_world(tmp_path, database_place)


def planned(world: World, scope: Scope) -> list[tuple[str, int]]:
    """(store, number of the AIP) of each item, in order."""
    run = world.begin(scope)
    with reading(world.engine) as connection:
        rows = connection.execute(
            select(ITEMS).where(ITEMS.c.run == run.id).order_by(ITEMS.c.number)
        ).all()
    assert [row.number for row in rows] == list(range(1, run.items + 1))
    assert sum(row.size_bytes for row in rows) == run.size_bytes
    cancel_run(world.engine, run.id, ASKED)
    return [(row.store, row.aip) for row in rows]


def test_everything_is_planned_by_the_measure_of_the_ledger(world: World) -> None:
    run = world.begin()

    with reading(world.engine) as connection:
        items = connection.execute(select(ITEMS).order_by(ITEMS.c.number)).all()
        shares = read_shares(connection, run.id)
    assert run.state is RunState.RUNNING
    assert (run.id, run.items) == ("2026-11-24-1", 3 * COUNT)
    assert {(row.outcome, row.basis, row.found, row.checked_at, row.findings) for row in items} == {
        ("not_checked", "none", "", "", "")
    }
    assert {row.aip_id for row in items} == {aip_id(number) for number in range(1, COUNT + 1)}
    assert [(each.store, each.zorgdrager, each.items) for each in shares] == [
        *((store, ZORGDRAGER, COUNT) for store in STORES),
        *((store, "", 0) for store in STORES),
        ("", ZORGDRAGER, 0),
    ]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(stores=("twee",)), [("twee", n) for n in range(1, COUNT + 1)]),
        (Scope(zorgdragers=(ZORGDRAGER,), stores=("een",)), [("een", n) for n in range(1, 7)]),
        (Scope(aips=(aip_id(2), aip_id(5))), [(s, n) for s in STORES for n in (2, 5)]),
        (Scope(oldest=2), [(s, n) for s in STORES for n in (1, 2)]),
        (Scope(checked_before=NOW), []),
        (Scope(checked_before=NOW + timedelta(seconds=1), stores=("een",), oldest=1), [("een", 1)]),
        (Scope(sample=0), []),
        (Scope(sample=1000, stores=("een",)), [("een", n) for n in range(1, COUNT + 1)]),
    ],
)
def test_a_scope_takes_in_what_it_says(
    scope: Scope, expected: list[tuple[str, int]], world: World
) -> None:
    assert planned(world, scope) == expected


def test_the_longest_unchecked_go_first_and_the_next_day_the_others(world: World) -> None:
    seen = []
    for hours in (1, 2, 3):
        world.hours = hours
        told = world.run(Scope(stores=("een",), oldest=2))
        seen.append([row.aip for row in told.items])

    assert seen == [[1, 2], [3, 4], [5, 6]]


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(world: World) -> None:
    samples = [planned(world, Scope(sample=7, seed=seed)) for seed in (1, 1, 2, 3)]

    assert [len(each) for each in samples] == [7, 7, 7, 7]
    assert samples[0] == samples[1]
    assert len({tuple(each) for each in samples}) == 3
    assert len({each for sample in samples for each in sample}) > 10


def test_a_run_of_the_same_scope_is_joined_and_not_doubled(world: World) -> None:
    first, joined_first = begin_run(world.engine, Scope(stores=("twee", "een")), ASKED)
    second, joined = begin_run(world.engine, Scope(stores=("een", "twee")), ASKED)
    other, joined_other = begin_run(world.engine, Scope(stores=("een",)), ASKED)

    assert (joined_first, joined, joined_other) == (False, True, False)
    assert second == first
    assert other.id == "2026-11-24-2"
    with reading(world.engine) as connection:
        assert [each.id for each in list_runs(connection, 10)] == ["2026-11-24-2", "2026-11-24-1"]
        assert [each.id for each in open_runs(connection)] == ["2026-11-24-1", "2026-11-24-2"]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(stores=("een", "weg")),
        Scope(zorgdragers=("elders",)),
        Scope(aips=(aip_id(1), aip_id(99))),
    ],
)
def test_a_name_that_is_nowhere_is_refused_and_nothing_is_written(
    scope: Scope, world: World
) -> None:
    with pytest.raises(ScopeUnknown):
        begin_run(world.engine, scope, ASKED)

    with reading(world.engine) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(each)).scalar()
            for each in (RUNS, ITEMS, SHARES)
        ]
    assert counts == [0, 0, 0]


def test_what_the_configuration_names_may_be_empty(world: World) -> None:
    known = Known(stores=("leeg",), zorgdragers=("elders",), parties=("dienst",))

    for scope in (Scope(stores=("leeg", "dienst")), Scope(zorgdragers=("elders",))):
        assert begin_run(world.engine, scope, ASKED, known=known)[0].items == 0


def test_shares_are_of_one_store_and_no_larger_than_they_may_be(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "SHARE_ITEMS", 4)
    monkeypatch.setattr(plan, "ROWS_AT_ONCE", 5)

    run = world.begin()

    with reading(world.engine) as connection:
        shares = [each for each in read_shares(connection, run.id) if each.items]
    assert [(each.store, each.first, each.items) for each in shares] == [
        ("een", 1, 4),
        ("een", 5, 2),
        ("geheugen", 7, 4),
        ("geheugen", 11, 2),
        ("twee", 13, 4),
        ("twee", 17, 2),
    ]
    assert sum(each.size_bytes for each in shares) == run.size_bytes


def test_held_items_come_after_our_own_and_their_parties_are_known(world: World) -> None:
    def held(connection, run: str, scope: Scope, first: int) -> int:
        row = {
            "run": run, "number": first, "kind": "held", "zorgdrager": ZORGDRAGER,
            "store": "dienst", "key": "dossier 1/brief.pdf", "aip": 1, "aip_id": "", "version": 0,
            "size_bytes": 5, "expected": "ff", "outcome": "not_checked", "basis": "none",
            "found": "", "read_bytes": 0, "checked_at": "", "findings": "",
        }  # fmt: skip
        connection.execute(insert(ITEMS), row)
        return 1

    run, _ = begin_run(world.engine, Scope(stores=("een", "dienst")), ASKED, held=held)

    assert run.items == COUNT + 1
    with begin(world.engine) as connection:
        shares = read_shares(connection, run.id)
    assert [(each.store, each.first, each.items) for each in shares if each.items] == [
        ("een", 1, COUNT),
        ("dienst", COUNT + 1, 1),
    ]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(("b", "a"), ("z",), ("x",), NOW, 3, 4, 5),
        Scope(sample=1),
    ],
)
def test_a_scope_is_read_as_it_was_written(scope: Scope) -> None:
    again = read_scope(scope_text(scope))

    assert scope_text(again) == scope_text(scope)
    assert set(again.stores) == set(scope.stores)
    assert (again.checked_before, again.oldest, again.sample, again.seed) == (
        scope.checked_before, scope.oldest, scope.sample, scope.seed,
    )  # fmt: skip
