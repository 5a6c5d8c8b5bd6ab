"""Facts and computations: each fact gives a new date at once, and nothing that was told is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention import computing, facts
from retention.case import Decision
from retention.errors import DossierUnknown, Refused
from retention.fact_kinds import FactKind
from retention.nouns import Desk, Role
from retention.sayings import Saying
from retention.standing import pending, standing
from storage import ledger
from storage.database import begin, open_database, reading
from tests.retention import making

MINE = "gm0085"
SYSTEM = {"source": "zgw:test", "actor_id": "system"}


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def told(desk: Desk, about: str, kind: FactKind, value: object) -> facts.Fact:
    with begin(desk.engine) as connection:
        return facts.assert_fact(connection, desk, about, kind, value, **SYSTEM)


def computed(desk: Desk, dossier: str) -> computing.Computation:
    with reading(desk.engine) as connection:
        found = computing.current(connection, dossier)
    assert found is not None
    return found


def made(desk: Desk, **values: str) -> str:
    dossier = making.dossier(desk, MINE, **values)
    with begin(desk.engine) as connection:
        computing.compute(connection, desk, dossier, "enrolled")
    return dossier


def permit(desk: Desk, **values: str) -> str:
    return made(desk, category="11.1", zaaktype="", result="", **values)


def test_a_dossier_gets_its_date_with_its_inputs_and_its_reasons(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")

    found = computed(desk, dossier)

    assert (found.decision, found.brondatum, found.end_date, found.eligible_from) == (
        Decision.DATED,
        "2020-06-30",
        "2025-06-30",
        "2025-07-01",
    )
    assert json.loads(found.inputs)["zaak"] == {"end": "2020-06-30", "start": "2020-01-15"}
    assert [each.code for each in found.reasons] == ["closed", "term", "dated"]
    row = making.row_of(desk, dossier)
    assert row["computation"] == found.number
    assert (row["decision"], row["eligible_from"], row["valuation"], row["cause"]) == (
        "DATED",
        "2025-07-01",
        "destroy",
        "",
    )


def test_a_new_fact_makes_a_new_computation_and_the_old_one_names_it(desk: Desk) -> None:
    dossier = permit(desk)
    assert computed(desk, dossier).decision is Decision.AWAITING
    before = computed(desk, dossier)

    fact = told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")

    after = computed(desk, dossier)
    assert (after.end_date, after.caused_by) == ("2031-06-30", f"fact {fact.number}")
    with reading(desk.engine) as connection:
        history = computing.computations_of(connection, dossier)
    assert [each.number for each in history][:2] == [after.number, before.number]
    assert history[1].replaced_by == after.number
    assert making.row_of(desk, dossier)["end_date"] == "2031-06-30"


def test_the_same_fact_again_makes_no_new_computation(desk: Desk) -> None:
    dossier = permit(desk)
    told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")
    before = computed(desk, dossier)

    told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")

    assert computed(desk, dossier) == before


def test_a_fact_about_an_object_reaches_every_dossier_that_waits_for_it(desk: Desk) -> None:
    first, second = permit(desk), permit(desk)
    for each in (first, second):
        told(desk, each, FactKind.OBJECT, "bag:0085100000001")

    told(desk, "bag:0085100000001", FactKind.OBJECT_END, "2030-06-30")

    assert {computed(desk, each).end_date for each in (first, second)} == {"2031-06-30"}


def test_an_object_of_which_no_end_is_known_makes_the_whole_unknown(desk: Desk) -> None:
    dossier = permit(desk)
    told(desk, dossier, FactKind.OBJECT, "bag:1")
    told(desk, "bag:1", FactKind.OBJECT_END, "2030-06-30")

    told(desk, dossier, FactKind.OBJECT, "bag:2")

    assert computed(desk, dossier).decision is Decision.AWAITING


def test_the_latest_of_several_objects_counts(desk: Desk) -> None:
    dossier = permit(desk)
    for name, end in (("bag:1", "2030-06"), ("bag:2", "2030-06-15")):
        told(desk, dossier, FactKind.OBJECT, name)
        told(desk, name, FactKind.OBJECT_END, end)

    assert computed(desk, dossier).brondatum == "2030-06-30"


def test_an_end_of_an_object_that_is_no_date_is_an_error_and_no_guess(desk: Desk) -> None:
    dossier = permit(desk)
    for name, end in (("bag:1", "zomer"), ("bag:2", "2030-06-15")):
        told(desk, dossier, FactKind.OBJECT, name)
        told(desk, name, FactKind.OBJECT_END, end)

    assert computed(desk, dossier).decision is Decision.ERROR


def test_a_retracted_end_makes_the_date_void(desk: Desk) -> None:
    dossier = permit(desk)
    told(desk, dossier, FactKind.OBJECT_END, "2029-06-30")
    fact = told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")

    with begin(desk.engine) as connection:
        facts.retract_fact(connection, desk, fact.number, reason="vergissing", **SYSTEM)

    assert computed(desk, dossier).decision is Decision.AWAITING


def test_what_does_not_stand_cannot_be_taken_back(desk: Desk) -> None:
    dossier = permit(desk)
    old = told(desk, dossier, FactKind.OBJECT_END, "2029-06-30")
    told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")

    with pytest.raises(Refused) as caught, begin(desk.engine) as connection:
        facts.retract_fact(connection, desk, old.number, reason="x", **SYSTEM)
    assert caught.value.code == "state"
    with pytest.raises(Refused) as caught, begin(desk.engine) as connection:
        facts.retract_fact(connection, desk, 999, reason="x", **SYSTEM)
    assert caught.value.code == "unknown"


def test_reopening_clears_the_end_and_the_result_until_they_are_told_again(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")

    told(desk, dossier, FactKind.REOPENED, "2026-01-01")

    assert computed(desk, dossier).decision is Decision.AWAITING
    assert making.row_of(desk, dossier)["ended_on"] == ""
    told(desk, dossier, FactKind.END, "2026-03-01")
    assert computed(desk, dossier).end_date == "2031-03-01"


def test_a_part_follows_the_main_case(desk: Desk) -> None:
    main = permit(desk)
    part = making.dossier(desk, MINE, parent=main, category="11.1", zaaktype="", result="")
    with begin(desk.engine) as connection:
        computing.compute(connection, desk, part, "enrolled")

    told(desk, main, FactKind.OBJECT_END, "2030-06-30")

    with reading(desk.engine) as connection:
        case = computing.current_case(connection, part)
    assert case.facts.main is not None
    assert (case.facts.main.end, case.facts.main.anchor) == ("2020-06-30", "2030-06-30")
    assert computed(desk, part).caused_by == "family"


def test_a_related_dossier_is_found_by_its_identifier_when_it_comes_in(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")
    value = {"identifier": "Z-LATER", "end": None}
    told(desk, dossier, FactKind.RELATED, value)
    with reading(desk.engine) as connection:
        assert computing.current_case(connection, dossier).facts.related == (None,)

    made(desk, identifier="Z-LATER", ended_on="2022-02-02")

    with reading(desk.engine) as connection:
        assert computing.current_case(connection, dossier).facts.related == ("2022-02-02",)
    assert json.loads(computed(desk, dossier).inputs)["facts"]["related"] == ["2022-02-02"]


def test_a_main_case_that_a_fact_names_becomes_the_parent_when_it_comes_in(desk: Desk) -> None:
    part = made(desk, zaaktype="", result="")
    told(desk, part, FactKind.PARENT, "Z-MAIN")
    assert making.row_of(desk, part)["parent"] == ""

    main = made(desk, identifier="Z-MAIN")

    assert making.row_of(desk, part)["parent"] == main


def test_main_cases_that_point_at_each_other_come_to_an_end(desk: Desk) -> None:
    one, two = made(desk, identifier="A"), made(desk, identifier="B")
    told(desk, one, FactKind.PARENT, "B")
    told(desk, two, FactKind.PARENT, "A")

    told(desk, one, FactKind.END, "2021-01-01")

    assert making.row_of(desk, one)["parent"] == two


def test_decisions_are_known_by_their_id(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")
    told(desk, dossier, FactKind.DECISION, {"id": "b1", "ingang": "2021-01-01", "verval": None})
    told(desk, dossier, FactKind.DECISION, {"id": "b2", "ingang": None, "verval": "2024-01-01"})

    told(desk, dossier, FactKind.DECISION, {"id": "b1", "ingang": None, "verval": "2023-01-01"})

    with reading(desk.engine) as connection:
        found = computing.current_case(connection, dossier).facts.decisions
    assert [(each.ingang, each.verval) for each in found] == [
        (None, "2023-01-01"),
        (None, "2024-01-01"),
    ]


def test_a_manual_anchor_counts_after_a_second_person_and_survives_new_facts(desk: Desk) -> None:
    dossier = permit(desk)
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)
    bert = making.actor(desk, "Bert", MINE, Role.RECORD_MANAGER)
    said = Saying(FactKind.MANUAL_ANCHOR, "2025-05-05", "person", dossier, "", "brief van de buren")

    fact = facts.say(desk, anna, said)

    assert computed(desk, dossier).decision is Decision.AWAITING
    with pytest.raises(Refused) as caught:
        facts.check_fact(desk, anna, fact.number, agrees=True)
    assert caught.value.code == "same_person"
    facts.check_fact(desk, bert, fact.number, agrees=True)
    assert computed(desk, dossier).end_date == "2026-05-05"
    told(desk, dossier, FactKind.OBJECT_END, "2030-06-30")
    assert computed(desk, dossier).end_date == "2026-05-05"
    with pytest.raises(Refused) as caught:
        facts.check_fact(desk, bert, fact.number, agrees=True)
    assert caught.value.code == "state"


def test_what_the_second_person_refuses_never_counts(desk: Desk) -> None:
    dossier = permit(desk)
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)
    bert = making.actor(desk, "Bert", MINE, Role.ARCHIVIST)
    said = Saying(FactKind.MANUAL_ANCHOR, "2025-05-05", "person", dossier, "", "brief")
    fact = facts.say(desk, anna, said)
    with pytest.raises(Refused) as caught:
        facts.check_fact(desk, bert, fact.number, agrees=False)
    assert caught.value.code == "reason_missing"

    facts.check_fact(desk, bert, fact.number, agrees=False, reason="geen bewijs")

    assert computed(desk, dossier).decision is Decision.AWAITING
    with reading(desk.engine) as connection:
        found = facts.facts_of(connection, dossier)
        assert (standing(found), pending(found)) == ((), ())


def test_a_category_by_a_person_goes_before_what_was_delivered(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)
    bert = making.actor(desk, "Bert", MINE, Role.ARCHIVIST)
    value = {"list_year": "2020", "category": "13.1.1"}
    fact = facts.say(desk, anna, Saying(FactKind.CATEGORY, value, "person", dossier, "", "soort"))
    assert computed(desk, dossier).end_date == "2025-06-30"

    facts.check_fact(desk, bert, fact.number, agrees=True)

    assert computed(desk, dossier).end_date == "2027-06-30"
    assert making.row_of(desk, dossier)["category"] == "13.1.1"


def test_an_extension_counts_at_once_and_a_shortening_is_refused(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)

    facts.say(desk, anna, Saying(FactKind.EXTENDED_UNTIL, "2030-01-01", "person", dossier, "", "x"))
    assert computed(desk, dossier).end_date == "2030-01-01"
    facts.say(desk, anna, Saying(FactKind.EXTENDED_UNTIL, "2021-01-01", "person", dossier, "", "x"))

    assert computed(desk, dossier).decision is Decision.ERROR
    assert making.row_of(desk, dossier)["cause"] == "shortened"


def test_a_person_needs_a_mandate_a_reason_and_a_dossier(desk: Desk) -> None:
    dossier = made(desk)
    anna = making.actor(desk, "Anna", "gm0001", Role.EMPLOYEE)
    bert = making.actor(desk, "Bert", MINE, Role.EMPLOYEE)
    said = Saying(FactKind.EXTENDED_UNTIL, "2030-01-01", "person", dossier, "", "x")

    with pytest.raises(Refused) as caught:
        facts.say(desk, anna, said)
    assert caught.value.code == "mandate"
    with pytest.raises(Refused) as caught:
        facts.say(desk, bert, Saying(FactKind.EXTENDED_UNTIL, "2030-01-01", "person", dossier))
    assert caught.value.code == "reason_missing"
    with pytest.raises(DossierUnknown):
        facts.say(desk, bert, Saying(FactKind.EXTENDED_UNTIL, "2030-01-01", "person", "x", "", "x"))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FactKind.END, ""),
        (FactKind.END, 2020),
        (FactKind.RESULT, None),
        (FactKind.MINIMUM_CONFIRMED, "ja"),
        (FactKind.OBJECT, "bag"),
        (FactKind.CATEGORY, {"list_year": "2020"}),
        (FactKind.CATEGORY, "13.1"),
        (FactKind.DECISION, {"id": "1", "other": "x"}),
        (FactKind.RELATED, {"identifier": "Z", "end": 3}),
    ],
)
def test_a_value_has_the_form_of_its_kind(desk: Desk, kind: FactKind, value: object) -> None:
    dossier = made(desk)

    with pytest.raises(Refused) as caught:
        told(desk, dossier, kind, value)

    assert caught.value.code == "value"


def test_only_ends_and_births_are_told_of_objects(desk: Desk) -> None:
    with pytest.raises(Refused) as caught:
        told(desk, "bag:1", FactKind.END, "2020-01-01")
    assert caught.value.code == "value"


def test_what_a_person_does_stands_in_the_ledger_without_the_value(desk: Desk) -> None:
    dossier = made(desk)
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)

    fact = facts.say(desk, anna, Saying(FactKind.BIRTH, "1950-05-05", "person", dossier, "", "brp"))
    facts.take_back(desk, anna, fact.number, "verkeerde persoon")

    with reading(desk.engine) as connection:
        lines = list(ledger.entries(connection, MINE, object_id=dossier))
    assert [each.action for each in lines] == [
        "retention.fact_asserted",
        "retention.fact_retracted",
    ]
    assert all("1950" not in each.line for each in lines)
    assert all(each.facts["signature"] for each in lines)


def test_a_judgement_now_writes_nothing(desk: Desk) -> None:
    dossier = made(desk, zaaktype="", result="")
    with reading(desk.engine) as connection:
        verdict, sha256 = computing.verdict_now(connection, dossier)
        many = computing.verdicts_now(connection, [dossier, "nobody"])
        with pytest.raises(DossierUnknown):
            computing.verdict_now(connection, "nobody")

    assert (verdict.decision, sha256) == (Decision.DATED, computed(desk, dossier).inputs_sha256)
    assert list(many) == [dossier]


def test_the_order_of_moments_decides_and_not_the_order_of_asserting(desk: Desk) -> None:
    """A fact that waited for a check comes after what was told meanwhile."""
    dossier = made(desk, zaaktype="", result="")
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)
    bert = making.actor(desk, "Bert", MINE, Role.ARCHIVIST)
    value = {"list_year": "2020", "category": "13.1.2"}
    fact = facts.say(desk, anna, Saying(FactKind.CATEGORY, value, "person", dossier, "", "soort"))
    making.set_clock(desk, datetime(2026, 11, 24, 9, tzinfo=UTC))
    told(desk, dossier, FactKind.CATEGORY, {"list_year": "2020", "category": "13.1.1"})
    making.set_clock(desk, datetime(2026, 11, 25, 9, tzinfo=UTC))

    facts.check_fact(desk, bert, fact.number, agrees=True)

    assert making.row_of(desk, dossier)["category"] == "13.1.2"
