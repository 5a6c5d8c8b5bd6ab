"""The date engine by its rules: for each a table with its edges."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.appraisal import (
    Disposition,
    Eligibility,
    Sharer,
    appraise,
    document_disposition,
    eligibility,
)
from retention.case import Case, Decision, Rounding, Verdict
from retention.case_json import case_of
from retention.list_periods import selection_list_for


def case(
    trigger: str | None = "afgehandeld",
    term: str | None = "P1Y",
    end: str | None = "2021-05-17",
    facts: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    zaak: dict[str, Any] | None = None,
    **rule: Any,
) -> Case:
    return case_of(
        {
            "rule": {"valuation": "destroy", "term": term, "trigger": trigger, **rule},
            "zaak": {"end": end, **(zaak or {})},
            "facts": facts or {},
            "policy": policy or {},
        }
    )


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def said(verdict: Verdict) -> list[str]:
    return [each.code for each in verdict.reasons]


def dates(verdict: Verdict) -> tuple[str, str]:
    assert verdict.decision is Decision.DATED, verdict.reasons
    return str(verdict.brondatum), str(verdict.end_date)


ESTIMATED = {"process_term": "P1M", "term": "P1M"}


@pytest.mark.parametrize(
    ("given_case", "brondatum", "end"),
    [
        (case("nihil"), "2021-05-17", "2022-05-17"),
        (case("eigenschap", facts={"property": "20280615"}), "2028-06-15", "2029-06-15"),
        (case("vast_te_leggen_datum", facts={"property": "2022-1-5"}), "2022-01-05", "2023-01-05"),
        (case("hoofdzaak", facts={"main": {"end": "2024-01-01"}}), "2024-01-01", "2025-01-01"),
        (
            case("hoofdzaak", facts={"main": {"end": "2024-01-01", "anchor": "2023-01-01"}}),
            "2024-01-01",
            "2025-01-01",
        ),
        (
            case("gerelateerde_zaak", facts={"related": ["2022-01-01", "2025-01-01"]}),
            "2025-01-01",
            "2026-01-01",
        ),
        (
            case("ingangsdatum_besluit", facts={"decisions": [{"ingang": "2020-01-01"}]}),
            "2020-01-01",
            "2021-01-01",
        ),
        (
            case("vervaldatum_besluit", facts={"decisions": [{"verval": "2021-01-01"}]}),
            "2021-01-01",
            "2022-01-01",
        ),
        (
            case(
                "vervaldatum_besluit",
                facts={"decisions": [{"verval": "2021-01-01"}]},
                policy={"verval_offset_days": 1},
            ),
            "2021-01-02",
            "2022-01-02",
        ),
        (case("termijn", end="2024-01-31", **ESTIMATED), "2024-02-29", "2024-03-29"),
        (
            case("ingeschatte_bestaansduur_procesobject", process_term="P15Y"),
            "2036-05-17",
            "2037-05-17",
        ),
        (case("zaakobject", facts={"objects": ["2010-1-1"]}), "2010-01-01", "2011-01-01"),
        (
            case("ander_datumkenmerk", facts={"manual_anchor": "2026-01"}),
            "2026-01-31",
            "2027-01-31",
        ),
        (case(None, facts={"manual_anchor": "2026-01-01"}), "2026-01-01", "2027-01-01"),
        (
            case("bestaansduur_procesobject", facts={"object_end": "2021-05-17"}),
            "2021-05-17",
            "2022-05-17",
        ),
        (
            case("bestaansduur_procesobject", facts={"object_end": "2010"}),
            "2021-05-17",
            "2022-05-17",
        ),
        (case("geboortedatum", facts={"birth": "2012"}), "2012-12-31", "2021-05-17"),
        (
            case("samengevoegd_met_bewaartermijn", "P67Y", facts={"birth": "2012-02-29"}),
            "2012-02-29",
            "2079-02-28",
        ),
    ],
)
def test_every_kind_of_trigger_gives_an_anchor_and_from_it_a_date(
    given_case: Case, brondatum: str, end: str
) -> None:
    assert dates(appraise(given_case)) == (brondatum, end)


@pytest.mark.parametrize(
    ("given_case", "missing"),
    [
        (case(end=None), "awaiting_end"),
        (case(end=""), "awaiting_end"),
        (case(end=None, zaak={"result": True}), "awaiting_end"),
        (case(end=None, valuation="keep", zaak={"result": False}), "awaiting_end"),
        (case(end=None, valuation=""), "awaiting_end"),
        (case(end=None, problem="unmapped"), "awaiting_end"),
        (case(zaak={"result": False}), "awaiting_result"),
        (case(zaak={"result": None}), "awaiting_result"),
        (case("eigenschap"), "awaiting_property"),
        (case("eigenschap", facts={"property": ""}), "awaiting_property"),
        (case("hoofdzaak"), "awaiting_main_case"),
        (case("hoofdzaak", facts={"main": {}}), "awaiting_main_case_end"),
        (case("hoofdzaak", facts={"main": {"anchor": "2020"}}), "awaiting_main_case_end"),
        (case("gerelateerde_zaak"), "awaiting_related_none"),
        (case("gerelateerde_zaak", facts={"related": [None]}), "awaiting_related"),
        (case("ingangsdatum_besluit"), "awaiting_decision"),
        (case("ingangsdatum_besluit", facts={"decisions": [{}]}), "awaiting_decision_start"),
        (case("vervaldatum_besluit"), "awaiting_decision"),
        (case("vervaldatum_besluit", facts={"decisions": [None]}), "awaiting_decision_end"),
        (case("zaakobject"), "awaiting_objects_none"),
        (case("zaakobject", facts={"objects": ["2020-01-01", None]}), "awaiting_objects"),
        (case("ander_datumkenmerk"), "awaiting_other_date"),
        (case("bestaansduur_procesobject"), "awaiting_object_end"),
        (case("geboortedatum"), "awaiting_birth"),
    ],
)
def test_what_is_missing_is_named_and_nothing_gets_a_date(given_case: Case, missing: str) -> None:
    verdict = appraise(given_case)

    assert (verdict.decision, said(verdict)[-1]) == (Decision.AWAITING, missing)
    assert (verdict.brondatum, verdict.end_date, verdict.eligible_from) == (None, None, None)


@pytest.mark.parametrize(
    ("given_case", "why"),
    [
        (case(valuation=""), "no_valuation"),
        (case(valuation="undetermined"), "no_valuation"),
        (case(None, "P2Y"), "no_trigger"),
        (case("", "P2Y"), "no_trigger"),
        (case(mixed=True), "mixed"),
        (case(mixed=True, valuation="keep"), "mixed"),
        (case(problem="unmapped"), "unmapped"),
        (case(problem="lapsed"), "lapsed"),
        (case(problem="two_lists"), "two_lists"),
        (case(problem="list_unknown"), "list_unknown"),
        (case(problem="category_unknown"), "category_unknown"),
        (case(problem="unchecked"), "unchecked"),
        (case(problem="lapsed", valuation="keep"), "lapsed"),
        (case(problem="no_such_thing"), "rule_problem"),
    ],
)
def test_what_a_person_must_decide_has_no_date(given_case: Case, why: str) -> None:
    verdict = appraise(given_case)

    assert (verdict.decision, said(verdict)[-1]) == (Decision.HUMAN, why)
    assert verdict.end_date is None


FAR = {"manual_anchor": "9990-01-01"}


@pytest.mark.parametrize(
    ("given_case", "what"),
    [
        (case(term=None), "no_term"),
        (case(term=""), "no_term"),
        (case(term="1 jaar"), "not_a_term"),
        (case("termijn"), "no_process_term"),
        (case("termijn", process_term="x"), "not_a_term"),
        (case("anders"), "trigger_unknown"),
        (case("anders", facts={"manual_anchor": "2026-01-01"}), "trigger_unknown"),
        (case(valuation="V"), "valuation_unknown"),
        (case(end="31-12-2020"), "not_a_date"),
        (case(end="2023-02-29"), "no_such_day"),
        (case(end="2023-02-28T10:00:00"), "no_zone"),
        (case(end="2021-04-30", zaak={"start": "2021-05-01"}), "end_before_start"),
        (case(end=None, zaak={"start": "gisteren"}), "not_a_date"),
        (case("eigenschap", facts={"property": "12"}), "not_a_date"),
        (case("eigenschap", facts={"property": "2025"}), "not_a_whole_day"),
        (case("zaakobject", facts={"objects": ["2025-01-01", "x" * 90]}), "not_a_date"),
        (case("hoofdzaak", facts={"main": {"end": "2024", "anchor": "-"}}), "not_a_date"),
        (case(facts={"manual_anchor": "morgen"}), "not_a_date"),
        (case(facts={"extended_until": "ooit"}), "not_a_date"),
        (case(facts={"extended_until": "2022-05-16"}), "shortened"),
        (case(term="P9999Y"), "beyond_calendar"),
        (case(end="9998-12-31"), "beyond_calendar"),
        (case(end="9999-05-01", policy={"rounding": "start_next_year"}), "beyond_calendar"),
        (case(valuation="keep", term=None, facts=FAR), "beyond_calendar"),
        (case(valuation="keep", facts={"manual_anchor": "x"}), "not_a_date"),
        (case(valuation="keep", term=None, policy={"transfer_term": "20"}), "not_a_term"),
        (case(valuation="keep", term=None, policy={"transfer_block": "T"}), "not_a_term"),
        (case(mixed=True, documents={"foto": "lang"}), "not_a_term"),
    ],
)
def test_what_is_wrong_is_an_error_and_never_a_guess(given_case: Case, what: str) -> None:
    verdict = appraise(given_case)

    assert (verdict.decision, said(verdict)[-1]) == (Decision.ERROR, what)
    assert verdict.end_date is None


def test_a_year_of_start_counts_from_its_first_day() -> None:
    assert dates(appraise(case(zaak={"start": "2021"}))) == ("2021-05-17", "2022-05-17")


@pytest.mark.parametrize(
    ("given_case", "code", "day_of_other", "end_of_other"),
    [
        (
            case("vervaldatum_besluit", facts={"decisions": [{"verval": "2020-01-01"}, {}]}),
            "open_zaak_ignores",
            "2020-01-01",
            "2021-01-01",
        ),
        (
            case("gerelateerde_zaak", facts={"related": [None, "2022-01-01"]}),
            "open_zaak_ignores",
            "2022-01-01",
            "2023-01-01",
        ),
        (
            case("hoofdzaak", facts={"main": {"end": "2024-01-01", "anchor": "2026-07-01"}}),
            "open_zaak_main_case",
            "2024-01-01",
            "2025-01-01",
        ),
        (case(end="2025-12-31T23:30:00Z"), "open_zaak_utc", "2025-12-31", "2026-12-31"),
        (
            case("termijn", end="2025-12-31T23:30:00Z", process_term="P1D"),
            "open_zaak_utc",
            "2026-01-01",
            "2027-01-01",
        ),
        (
            case("vervaldatum_besluit", facts={"decisions": [{"verval": "2021-01-01"}]}),
            "catalogue_day_after",
            "2021-01-02",
            "2022-01-02",
        ),
        (
            case(
                "vervaldatum_besluit",
                facts={"decisions": [{"verval": "2021-01-01"}]},
                policy={"vervaldatum_offset": "P1D"},
            ),
            "standard_same_day",
            "2021-01-01",
            "2022-01-01",
        ),
        (
            case(facts={"manual_anchor": "2026-01-01"}),
            "computed_differs",
            "2021-05-17",
            "2022-05-17",
        ),
    ],
)
def test_where_sources_differ_the_other_reading_is_shown_with_its_date(
    given_case: Case, code: str, day_of_other: str, end_of_other: str
) -> None:
    found = [each for each in appraise(given_case).reasons if each.code == code]

    assert [(each.values["day"], each.values["end"]) for each in found] == [
        (day_of_other, end_of_other)
    ]


def test_another_reading_without_a_date_is_left_out() -> None:
    verdict = appraise(case(term="P20Y", end="9985-01-01", facts={"manual_anchor": "2026-01-01"}))

    assert dates(verdict) == ("2026-01-01", "2046-01-01")
    assert "computed_differs" not in said(verdict)


def test_a_typed_anchor_that_equals_the_computed_one_or_stands_alone_is_told_once() -> None:
    equal = appraise(case(facts={"manual_anchor": "2021-05-17"}))
    alone = appraise(case("eigenschap", facts={"manual_anchor": "2021-05-17", "property": "x"}))

    assert said(equal) == said(alone) == ["closed", "anchor_typed", "term", "dated"]


@pytest.mark.parametrize(
    ("rounding", "term", "end", "brondatum_end"),
    [
        ("none", "P5Y", "2023-05-17", "2028-05-17"),
        ("start_next_year", "P5Y", "2023-05-17", "2029-01-01"),
        ("start_next_year", "P3M", "2023-05-17", "2024-04-01"),
        ("start_next_year", "P5Y", "2024-01-01", "2030-01-01"),
        ("ceil_year", "P5Y", "2023-05-17", "2029-01-01"),
        ("ceil_year", "P3M", "2023-05-17", "2024-01-01"),
        ("ceil_year", "P5Y", "2024-01-01", "2029-01-01"),
        ("ceil_year", "P5Y", "2023-12-31", "2029-01-01"),
    ],
)
def test_whole_years_are_a_policy_and_leave_the_anchor_alone(
    rounding: str, term: str, end: str, brondatum_end: str
) -> None:
    verdict = appraise(case(term=term, end=end, policy={"rounding": rounding}))

    assert dates(verdict) == (end, brondatum_end)


@pytest.mark.parametrize(("eligible", "first_day"), [("after", "2022-05-18"), ("on", "2022-05-17")])
def test_the_end_date_is_the_last_day_unless_policy_says_on(eligible: str, first_day: str) -> None:
    assert str(appraise(case(policy={"eligible": eligible})).eligible_from) == first_day


def test_an_extension_moves_the_date_and_the_same_date_changes_nothing() -> None:
    longer = appraise(case(facts={"extended_until": "2031"}))
    same = appraise(case(facts={"extended_until": "2022-05-17"}))

    assert (str(longer.end_date), said(longer)[-3:]) == (
        "2031-12-31",
        ["partial_date", "extended", "dated"],
    )
    assert (str(same.end_date), said(same)[-1]) == ("2022-05-17", "dated")


def test_a_minimum_is_for_a_person_until_it_was_confirmed() -> None:
    open_one = appraise(case(minimum=True))
    confirmed = appraise(case(minimum=True, facts={"minimum_confirmed": True}))

    assert (open_one.decision, str(open_one.end_date)) == (Decision.HUMAN, "2022-05-17")
    assert (open_one.eligible_from, said(open_one)[-1]) == (None, "minimum")
    assert dates(confirmed) == ("2021-05-17", "2022-05-17")
    assert "minimum_confirmed" in said(confirmed)


def test_parts_with_their_own_term_hold_the_dossier_until_the_longest_is_over() -> None:
    parts = {"foto": "P3M", "besluit": "P20Y"}

    assert dates(appraise(case(mixed=True, documents=parts))) == ("2021-05-17", "2041-05-17")


def test_a_part_that_is_kept_keeps_the_dossier() -> None:
    verdict = appraise(case(mixed=True, term="P3M", documents={"proces-verbaal": "keep"}))

    assert (verdict.decision, str(verdict.transfer_on)) == (Decision.KEEP, "2041-05-17")
    assert said(verdict)[-1] == "keep_parts"


@pytest.mark.parametrize(
    ("given_case", "anchor", "on", "latest"),
    [
        (case(None, None, valuation="keep"), "2021-05-17", "2041-05-17", "2051-05-17"),
        (
            case(None, None, valuation="keep", policy="bill_35968"),  # type: ignore[arg-type]
            "2021-05-17",
            "2031-05-17",
            "2041-05-17",
        ),
        (
            case(None, None, valuation="keep", policy={"transfer_block": "P0D"}),
            "2021-05-17",
            "2041-05-17",
            "2041-05-17",
        ),
        (case(term="P10Y", valuation="keep"), "2021-05-17", "2031-05-17", "2041-05-17"),
        (
            case("eigenschap", None, valuation="keep", facts={"property": "2030-01-01"}),
            "2030-01-01",
            "2050-01-01",
            "2060-01-01",
        ),
        (
            case("eigenschap", None, valuation="keep", facts={"property": "2001-01-01"}),
            "2021-05-17",
            "2041-05-17",
            "2051-05-17",
        ),
        (case("eigenschap", None, valuation="keep"), "2021-05-17", "2041-05-17", "2051-05-17"),
        (
            case(None, None, valuation="keep", facts={"manual_anchor": "2011-01-01"}),
            "2011-01-01",
            "2031-01-01",
            "2041-01-01",
        ),
        (case(facts={"exempt": True}), "2021-05-17", "2041-05-17", "2051-05-17"),
        (
            case(valuation="", facts={"exempt": "2026-01-01"}),
            "2021-05-17",
            "2041-05-17",
            "2051-05-17",
        ),
    ],
)
def test_what_is_kept_has_a_date_of_transfer_and_never_an_end_date(
    given_case: Case, anchor: str, on: str, latest: str
) -> None:
    verdict = appraise(given_case)

    assert verdict.decision is Decision.KEEP
    assert (verdict.end_date, verdict.eligible_from) == (None, None)
    assert (verdict.brondatum, verdict.transfer_on) == (day(anchor), day(on))
    assert verdict.transfer_latest == day(latest)


@pytest.mark.parametrize(
    ("given_case", "code"),
    [
        (case(end=None, valuation="keep"), "keep_undated"),
        (case(end=None, facts={"exempt": True}), "exempt_undated"),
    ],
)
def test_what_is_kept_and_still_open_has_no_date_of_transfer_yet(
    given_case: Case, code: str
) -> None:
    verdict = appraise(given_case)

    assert (verdict.decision, verdict.transfer_on, said(verdict)) == (Decision.KEEP, None, [code])


DUE = case(term="P10Y", end="2016-11-23")
MINIMUM = case(term="P10Y", end="2016-11-23", minimum=True)
ON = case(term="P10Y", end="2016-11-23", policy={"eligible": "on"})
KEPT = case(valuation="keep")


@pytest.mark.parametrize(
    ("given_case", "as_of", "holds", "family", "expected"),
    [
        (DUE, "2026-11-23", [], [], "NOT_YET"),
        (DUE, "2026-11-24", [], [], "ELIGIBLE"),
        (ON, "2026-11-22", [], [], "NOT_YET"),
        (ON, "2026-11-23", [], [], "ELIGIBLE"),
        (ON, "2026-11-23", [], ["2026-11-23"], "ELIGIBLE"),
        (DUE, "2026-12-01", ["H-2026-014"], [], "BLOCKED_HOLD"),
        (DUE, "2026-12-01", ["H-2026-014"], [None], "BLOCKED_HOLD"),
        (DUE, "2026-11-01", ["H-2026-014"], [], "NOT_YET"),
        (DUE, "2026-12-01", [], ["2026-01-01", "2034-01-01"], "BLOCKED_FAMILY"),
        (DUE, "2026-12-01", [], ["2026-01-01", "2026-11-30"], "ELIGIBLE"),
        (DUE, "2026-12-01", [], ["2026-12-01"], "BLOCKED_FAMILY"),
        (DUE, "2026-12-01", [], [None], "BLOCKED_FAMILY"),
        (MINIMUM, "2026-11-23", [], [], "NOT_YET"),
        (MINIMUM, "2026-11-24", [], [], "HUMAN"),
        (case(end=None), "2026-12-01", [], [], "AWAITING"),
        (case(valuation=""), "2026-12-01", [], [], "HUMAN"),
        (case(term=None), "2026-12-01", [], [], "ERROR"),
        (KEPT, "2090-12-01", ["H"], [], "KEEP"),
    ],
)
def test_on_a_day_a_dossier_is_eligible_or_something_holds_it_back(
    given_case: Case, as_of: str, holds: list[str], family: list[str | None], expected: str
) -> None:
    found = eligibility(
        appraise(given_case), date.fromisoformat(as_of), holds, [day(each) for each in family]
    )

    assert found is Eligibility(expected)


@pytest.mark.parametrize(
    ("dossiers", "expected"),
    [
        ([("DATED", "2026-01-01"), ("DATED", "2025-01-01")], Disposition.GOES),
        ([("DATED", "2026-01-01"), ("DATED", "2026-11-23")], Disposition.STAYS),
        ([("DATED", "2026-01-01"), ("DATED", "2030-01-01")], Disposition.STAYS),
        ([("DATED", "2026-01-01"), ("AWAITING", None)], Disposition.STAYS),
        ([("DATED", "2026-01-01"), ("DATED", None)], Disposition.STAYS),
        ([("DATED", "2026-01-01"), ("KEEP", "2020-01-01")], Disposition.STAYS),
        ([], Disposition.STAYS),
    ],
)
def test_a_shared_document_goes_with_the_last_dossier(
    dossiers: list[tuple[str, str | None]], expected: Disposition
) -> None:
    sharers = [Sharer(decision, day(end)) for decision, end in dossiers]

    assert document_disposition(date(2026, 11, 23), sharers) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("1995-12-31", "1995-12-31", ""),
        ("1996-01-01", "2016-12-31", "1996/2012"),
        ("2017-01-01", "2019-12-31", "2017"),
        ("2020-01-01", "2026-11-23", "2020"),
        ("2019-11-01", "2020-03-01", ""),
        ("2016-12-31", "2017-01-01", ""),
        ("2021-02-01", "2021-01-01", ""),
    ],
)
def test_the_list_is_the_one_of_the_time_in_which_the_records_were_made(
    first: str, last: str, expected: str
) -> None:
    assert selection_list_for(date.fromisoformat(first), date.fromisoformat(last)) == expected


@pytest.mark.parametrize("trigger", ["hoofdzaak", "gerelateerde_zaak", "zaakobject"])
def test_a_date_that_is_only_partly_known_is_told(trigger: str) -> None:
    facts = {"main": {"end": "2024", "anchor": "2025-03"}, "related": ["2025", "2020-01-01"]}
    verdict = appraise(case(trigger, facts={**facts, "objects": ["2025-1-1", "2024-12-31"]}))

    assert ("partial_date" in said(verdict)) == (trigger != "zaakobject")


texts = st.one_of(st.none(), st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(str))
TRIGGERS = ["afgehandeld", "eigenschap", "hoofdzaak", "gerelateerde_zaak", "zaakobject"]
TRIGGERS += ["ingangsdatum_besluit", "vervaldatum_besluit", "bestaansduur_procesobject"]
TRIGGERS += ["geboortedatum", "ander_datumkenmerk"]


def known(trigger: str, one: str | None, other: str | None, end: str, rounding: str) -> Case:
    """A case in which every fact that a trigger may want is `one`, or `one` and `other`."""
    both = [{"ingang": each, "verval": each} for each in (one, other)]
    facts = {"property": one, "main": {"end": one, "anchor": other}, "related": [one, other]}
    facts |= {"objects": [one, other], "decisions": both, "object_end": one, "birth": one}
    facts |= {"manual_anchor": one if trigger == "ander_datumkenmerk" else None}
    return case(trigger, "P7M", end, facts, {"rounding": rounding})


@given(
    st.sampled_from(TRIGGERS),
    texts,
    texts,
    texts,
    st.dates(date(2000, 1, 1), date(2020, 1, 1)).map(str),
    st.sampled_from([each.value for each in Rounding]),
)
def test_later_facts_never_give_an_earlier_date(
    trigger: str, one: str | None, later: str | None, other: str | None, end: str, rounding: str
) -> None:
    first, last = sorted([one or "1950-01-01", later or "1950-01-01"])

    before = appraise(known(trigger, first, other, end, rounding))
    after = appraise(known(trigger, last, other, end, rounding))

    assert before.decision is after.decision
    if before.end_date is not None:
        assert after.end_date is not None
        assert before.end_date <= after.end_date


@given(st.sampled_from(TRIGGERS), texts, texts, st.dates(date(2000, 1, 1)).map(str))
def test_one_fact_that_is_not_known_never_gives_a_date_that_knowing_it_makes_later(
    trigger: str, one: str | None, other: str | None, end: str
) -> None:
    unknown = appraise(known(trigger, one, None, end, "none"))
    whole = appraise(known(trigger, one, other, end, "none"))

    if unknown.end_date is not None and trigger != "hoofdzaak":
        assert unknown.end_date == whole.end_date


def test_the_same_case_gives_the_same_verdict_whatever_came_before() -> None:
    first = appraise(DUE)
    appraise(replace(DUE, zaak=replace(DUE.zaak, end="1900")))

    assert appraise(DUE) == first
