"""A full run finds nothing after events that were computed at once, and tells what was altered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from retention import facts, recomputing
from retention.case import Decision
from retention.fact_kinds import FactKind
from retention.nouns import Desk, DossierState
from retention.recomputing import Alarm, alarms_of, recompute_all
from retention.tables import COMPUTATIONS, DOSSIERS, EXEMPTIONS, FACTS
from storage import ledger
from storage.database import begin, open_database, reading
from tests.retention import making

MINE = "gm0085"


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def made(desk: Desk, **values: str) -> str:
    return making.dossier(desk, MINE, zaaktype="", result="", **values)


def told(desk: Desk, about: str, kind: FactKind, value: object) -> None:
    with begin(desk.engine) as connection:
        facts.assert_fact(
            connection, desk, about, kind, value, source="zgw:test", actor_id="system"
        )


def kinds(found: recomputing.Recomputed) -> list[tuple[str, str]]:
    return [(each.dossier, each.kind) for each in found.shown]


def test_after_events_a_full_run_has_nothing_to_find(desk: Desk) -> None:
    main, permit = made(desk), made(desk, category="11.1")
    part = made(desk, parent=main)
    told(desk, permit, FactKind.OBJECT, "bag:1")
    told(desk, "bag:1", FactKind.OBJECT_END, "2030-06-30")
    told(desk, main, FactKind.END, "2021-02-02")
    told(desk, part, FactKind.RELATED, {"identifier": "Z-1", "end": None})
    told(desk, permit, FactKind.REOPENED, "2026-01-01")
    told_of = []

    found = recompute_all(desk, [MINE], told_of.append)

    assert (found.looked_at, found.renewed, found.alarms) == (3, 0, 0)
    assert told_of == [3]
    with reading(desk.engine) as connection:
        [line] = [
            each for each in ledger.entries(connection, MINE) if each.action.endswith("recomputed")
        ]
    assert (line.result, line.facts) == (
        "done",
        {"alarms": 0, "cause": "nightly", "dossiers": 3},
    )


def test_a_fact_that_came_in_behind_our_back_is_an_alarm_and_is_put_right(desk: Desk) -> None:
    dossier = made(desk)
    row = {
        "dossier": dossier, "object": "", "kind": "end", "value": '"2022-02-02"', "source": "sql",
        "reason": "", "asserted_at": "2026-11-23T12:00:00+00:00", "asserted_by": "x",
        "checked_by": "-", "checked_at": "", "replaces": 0,
    }  # fmt: skip
    with begin(desk.engine) as connection:
        connection.execute(insert(FACTS), row)

    found = recompute_all(desk, [MINE])

    assert kinds(found) == [(dossier, "missed")]
    assert making.row_of(desk, dossier)["end_date"] == "2027-02-02"
    assert recompute_all(desk, [MINE]).alarms == 0
    with reading(desk.engine) as connection:
        [alarm] = alarms_of(connection, MINE)
    assert (alarm.dossier, alarm.kind) == (dossier, "missed")
    assert '"end":"2020-06-30"' in alarm.stood
    assert '"end":"2022-02-02"' in alarm.fresh


def test_an_altered_row_is_an_alarm_and_is_put_right(desk: Desk) -> None:
    dossier = made(desk)
    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).values(eligible_from="2001-01-01"))

    found = recompute_all(desk, [MINE])

    assert found.shown == [
        Alarm(dossier, MINE, "row", "eligible_from=2001-01-01", "eligible_from=2025-07-01")
    ]
    assert making.row_of(desk, dossier)["eligible_from"] == "2025-07-01"


def test_an_altered_computation_is_an_alarm_and_a_new_one_takes_its_place(desk: Desk) -> None:
    dossier = made(desk)
    before = making.row_of(desk, dossier)["computation"]
    with begin(desk.engine) as connection:
        connection.execute(update(COMPUTATIONS).values(end_date="2001-01-01"))

    found = recompute_all(desk, [MINE])

    assert kinds(found) == [(dossier, "result")]
    assert making.row_of(desk, dossier)["computation"] != before
    assert recompute_all(desk, [MINE]).alarms == 0


def test_a_dossier_without_a_computation_is_an_alarm(desk: Desk) -> None:
    dossier = made(desk)
    with begin(desk.engine) as connection:
        connection.execute(delete(COMPUTATIONS))

    assert kinds(recompute_all(desk, [MINE])) == [(dossier, "none")]
    assert recompute_all(desk, [MINE]).alarms == 0


def test_another_engine_or_policy_is_a_known_cause(desk: Desk) -> None:
    made(desk)
    with begin(desk.engine) as connection:
        connection.execute(update(COMPUTATIONS).values(engine="0"))

    found = recompute_all(desk, [MINE])

    assert (found.renewed, found.alarms) == (1, 0)
    assert recompute_all(desk, [MINE]).renewed == 0


def test_a_run_for_a_new_mapping_finds_changes_and_no_alarms(desk: Desk) -> None:
    dossier = made(desk)
    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).values(category="13.1.1"))

    found = recompute_all(desk, [MINE], caused_by="mapping 12")

    assert (found.renewed, found.alarms) == (1, 0)
    assert making.row_of(desk, dossier)["end_date"] == "2027-06-30"


def test_what_is_past_the_point_of_no_return_is_left_alone(desk: Desk) -> None:
    made(desk, state=DossierState.DESTROYING)
    made(desk, state=DossierState.DESTROYED)
    made(desk, state=DossierState.SEALED)

    assert recompute_all(desk, [MINE]).looked_at == 1


def test_an_exemption_keeps_from_the_moment_that_it_is_recorded(desk: Desk) -> None:
    dossier = made(desk)
    row = {
        "dossier": dossier, "ground": "hotspot", "decision": "b", "decided_on": "2026-01-01",
        "recorded_by": "p1", "checked_by": "", "recorded_at": "2026", "ended_by": "",
        "ended_at": "",
    }  # fmt: skip
    with begin(desk.engine) as connection:
        connection.execute(insert(EXEMPTIONS), row)

    recompute_all(desk, [MINE])

    row_now = making.row_of(desk, dossier)
    assert (row_now["decision"], row_now["valuation"]) == (Decision.KEEP.value, "keep")


def test_a_preview_tells_what_would_change_and_changes_nothing(desk: Desk) -> None:
    dossier, other = made(desk), made(desk, ended_on="")
    with begin(desk.engine) as connection:
        connection.execute(
            update(DOSSIERS).where(DOSSIERS.c.dossier == other).values(ended_on="2021-01-01")
        )
        connection.execute(
            update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(ended_on="2020-07-31")
        )

    found = recomputing.preview_now(desk, MINE)

    assert (found.looked_at, found.changed, found.later, found.earlier) == (2, 2, 1, 0)
    assert dict(found.moves) == {("AWAITING", "DATED"): 1, ("DATED", "DATED"): 1}
    assert [(each.was_until, each.becomes_until) for each in found.shown] == [
        ("2025-06-30", "2025-07-31"),
        ("", "2026-01-01"),
    ]
    assert making.row_of(desk, dossier)["end_date"] == "2025-06-30"


def test_each_zorgdrager_is_noted_with_its_own_numbers(desk: Desk) -> None:
    made(desk)
    making.dossier(desk, "gm0086")

    found = recompute_all(desk, [MINE, "gm0086"])

    assert found.looked_at == 2
    with reading(desk.engine) as connection:
        lines = [*ledger.entries(connection, MINE), *ledger.entries(connection, "gm0086")]
    assert [each.facts["dossiers"] for each in lines] == [1, 1]
