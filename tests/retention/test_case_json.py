"""Cases and verdicts as JSON: read strictly, written so that the same comes back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.appraisal import ENGINE, Eligibility, appraise
from retention.asking import answer, answers, read_json
from retention.case import Besluit, Case, Facts, MainCase, Policy, Rounding, Rule, Zaak
from retention.case_json import (
    CaseInvalid,
    case_of,
    case_plain,
    inputs_of,
    reasons_of,
    reasons_plain,
    verdict_plain,
)

CLOSED = {
    "rule": {"valuation": "destroy", "term": "P1Y", "trigger": "afgehandeld"},
    "zaak": {"end": "2021-05-17"},
}
KEPT = {"rule": {"valuation": "keep"}, "zaak": {"end": "2021-05-17"}}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
days = st.one_of(st.dates().map(str), texts)
maybe = st.one_of(st.none(), days)
cases = st.builds(
    Case,
    rule=st.builds(
        Rule,
        valuation=st.sampled_from(["destroy", "keep", "", "x"]),
        term=st.one_of(st.none(), st.sampled_from(["P1Y", "P0D", "P9999Y", "1"])),
        trigger=st.one_of(st.none(), st.sampled_from(["afgehandeld", "hoofdzaak", "x"])),
        process_term=st.one_of(st.none(), st.just("P5Y")),
        minimum=st.booleans(),
        mixed=st.booleans(),
        documents=st.dictionaries(texts, st.sampled_from(["keep", "P1Y", "x"]), max_size=2),
        name=texts,
        problem=st.sampled_from(["", "unmapped", "x"]),
    ),
    zaak=st.builds(Zaak, start=maybe, end=maybe, result=st.one_of(st.none(), st.booleans())),
    facts=st.builds(
        Facts,
        property=maybe,
        decisions=st.lists(st.builds(Besluit, ingang=maybe, verval=maybe), max_size=2).map(tuple),
        objects=st.lists(maybe, max_size=2).map(tuple),
        related=st.lists(maybe, max_size=2).map(tuple),
        main=st.one_of(st.none(), st.builds(MainCase, end=maybe, anchor=maybe)),
        object_end=maybe,
        birth=maybe,
        manual_anchor=maybe,
        extended_until=maybe,
        exempt=st.booleans(),
        minimum_confirmed=st.booleans(),
    ),
    policy=st.builds(
        Policy,
        rounding=st.sampled_from(Rounding),
        eligible=st.sampled_from(["after", "on"]),
        verval_offset_days=st.sampled_from([0, 1]),
        transfer_term=st.sampled_from(["P20Y", "P10Y", "x"]),
        transfer_block=st.sampled_from(["P10Y", "x"]),
        name=st.sampled_from(["default", "zgw", "oww-3"]),
    ),
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), days)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = ["property", "decisions", "objects", "related", "main", "object_end", "birth"]
NAMES += ["valuation", "term", "trigger", "start", "end", "result", "rounding", "exempt"]
ASKED = ["rule", "zaak", "facts", "policy", "as_of", "holds", "family_due_after", "fn", "inputs"]
ASKED += ["dossiers", "created_from", "created_to"]
parts = st.one_of(values, st.dictionaries(st.sampled_from(NAMES), values, max_size=3))
questions = st.dictionaries(
    st.sampled_from(ASKED),
    st.one_of(parts, st.sampled_from(["document_disposition", "selection_list_for", "{}"])),
    max_size=5,
)


@given(cases)
def test_a_case_comes_back_from_its_json_and_its_inputs(case: Case) -> None:
    assert case_of(case_plain(case)) == case
    assert case_of(json.loads(inputs_of(case))) == case
    assert inputs_of(case_of(json.loads(inputs_of(case)))) == inputs_of(case)


@given(cases)
def test_every_case_gets_a_verdict_whose_reasons_can_be_kept_and_told(case: Case) -> None:
    verdict = appraise(case)

    assert verdict.reasons
    assert reasons_of(json.loads(json.dumps(reasons_plain(verdict.reasons)))) == verdict.reasons
    for language in ("nl", "en"):
        assert len(verdict_plain(verdict, language)["reasons"]) == len(verdict.reasons)


@given(st.one_of(values, questions))
def test_whatever_json_is_asked_the_answer_is_an_answer_or_says_what_is_wrong(said: Any) -> None:
    told: Any
    try:
        told = answers(said, "nl")
    except CaseInvalid as error:
        told = error.text

    assert json.dumps(told).encode("utf-8")


def test_the_inputs_say_only_what_is_known_and_the_whole_policy() -> None:
    assert inputs_of(case_of(CLOSED)) == (
        '{"facts":{},"policy":{"eligible":"after","name":"default","rounding":"none",'
        '"transfer_block":"P10Y","transfer_term":"P20Y","verval_offset_days":0},'
        '"rule":{"term":"P1Y","trigger":"afgehandeld","valuation":"destroy"},'
        '"zaak":{"end":"2021-05-17"}}'
    )
    assert ENGINE == "1"


def test_an_answer_has_five_names_and_a_sentence_per_step() -> None:
    assert answer(CLOSED, "nl") == {
        "decision": "DATED",
        "brondatum": "2021-05-17",
        "end_date": "2022-05-17",
        "eligible_from": "2022-05-18",
        "reasons": [
            "Gesloten op 17-05-2021.",
            "Volgens de regel 1 jaar bewaren na 17-05-2021: tot en met 17-05-2022.",
            "Einddatum 17-05-2022: vernietigen mag vanaf 18-05-2022.",
        ],
    }


def test_for_what_is_kept_the_answer_bears_the_date_of_transfer() -> None:
    found = answer(KEPT, "nl")

    assert (found["decision"], found["end_date"], found["eligible_from"]) == (
        "KEEP",
        "2041-05-17",
        None,
    )


def test_a_day_with_a_case_asks_for_eligibility_and_the_dates_do_not_move() -> None:
    question = {**CLOSED, "as_of": "2026-01-01", "holds": ["H-1"], "family_due_after": [None]}

    found = answer(question, "nl")

    assert {**found, "reasons": []} == {
        "decision": "BLOCKED_HOLD",
        "brondatum": "2021-05-17",
        "end_date": "2022-05-17",
        "eligible_from": "2022-05-18",
        "reasons": [],
    }
    assert found["reasons"][-1].startswith("Vernietigen mag niet door een blokkade: H-1.")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"as_of": "2022-05-17"}, Eligibility.NOT_YET),
        ({"as_of": "2022-05-18", "holds": []}, Eligibility.ELIGIBLE),
        ({"as_of": "2022-05-18", "family_due_after": ["2030"]}, Eligibility.BLOCKED_FAMILY),
        ({"as_of": "2022-05-18", "zaak": {}}, Eligibility.AWAITING),
        ({"holds": ["H-1"]}, "DATED"),
    ],
)
def test_eligibility_is_the_decision_where_a_day_is_asked(
    more: dict[str, Any], expected: str
) -> None:
    assert answer({**CLOSED, **more}, "en")["decision"] == expected


@pytest.mark.parametrize(
    "wrapped",
    [{"inputs": CLOSED}, {"id": "RET-067", "inputs": json.dumps(CLOSED), "note": ""}],
)
def test_a_row_of_the_vector_file_is_read_by_its_inputs(wrapped: dict[str, Any]) -> None:
    assert answer(wrapped, "nl") == answer(CLOSED, "nl")
    assert answers([wrapped, KEPT], "nl") == [answer(CLOSED, "nl"), answer(KEPT, "nl")]


@pytest.mark.parametrize(
    ("question", "decision"),
    [
        ({"created_from": "2019", "created_to": "2019-12"}, "2017"),
        ({"created_from": "2019-11-01", "created_to": "2020-03-01"}, "HUMAN"),
    ],
)
def test_the_list_of_a_period_can_be_asked(question: dict[str, str], decision: str) -> None:
    assert answer({"fn": "selection_list_for", **question}, "nl")["decision"] == decision


@pytest.mark.parametrize(
    ("dossiers", "decision"),
    [
        ([{"date": "2026-01-01", "decision": "DATED"}], "GOES"),
        ([{"date": None, "decision": "AWAITING"}], "STAYS"),
        ([None], "STAYS"),
    ],
)
def test_the_disposition_of_a_document_can_be_asked(dossiers: list[Any], decision: str) -> None:
    question = {"fn": "document_disposition", "as_of": "2026-11-23", "dossiers": dossiers}

    assert {**answer(question, "nl"), "reasons": []} == {
        "decision": decision,
        "brondatum": None,
        "end_date": None,
        "eligible_from": None,
        "reasons": [],
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("zgw", Policy(eligible="on", name="zgw")),
        ({"name": "zgw", "transfer_term": "P10Y"}, Policy("none", "on", 0, "P10Y", "P10Y", "zgw")),  # type: ignore[arg-type]
        ({"eligibility": "on"}, Policy(eligible="on")),
        ({"eligible": "day_after"}, Policy()),
        ({"verval_offset": "P1D"}, Policy(verval_offset_days=1)),
        ({"verval_plus_days": True}, Policy(verval_offset_days=1)),
        ({"rounding": "ceil_year"}, Policy(rounding=Rounding.CEIL_YEAR)),
    ],
)
def test_a_policy_is_named_or_written_out(policy: Any, expected: Policy) -> None:
    assert case_of({"policy": policy}).policy == expected


def test_a_result_is_set_not_set_or_not_told() -> None:
    told = [case_of({"zaak": each}).zaak.result for each in ({"result": None}, {"result": "x"}, {})]

    assert told == [False, True, None]


@pytest.mark.parametrize(
    ("said", "place", "kind"),
    [
        ([], "", "object"),
        ({"regel": {}}, "regel", "no_such_name"),
        ({"rule": []}, "rule", "object"),
        ({"rule": {"term": 3}}, "rule.term", "text"),
        ({"rule": {"name": "\ud800"}}, "rule.name", "characters"),
        ({"rule": {"documents": "P1Y"}}, "rule.documents", "object"),
        ({"rule": {"documents": {"foto": 1}}}, "rule.documents.foto", "text"),
        ({"rule": {"minimum": "ja"}}, "rule.minimum", "yes_no"),
        ({"zaak": {"result": 1}}, "zaak.result", "yes_no"),
        ({"facts": {"related": "2020"}}, "facts.related", "list"),
        ({"facts": {"decisions": [{}, {"verval": 1}]}}, "facts.decisions[1].verval", "text"),
        ({"facts": {"main": {"einde": ""}}}, "facts.main.einde", "no_such_name"),
        ({"policy": "oww"}, "policy", "policy_name"),
        ({"policy": {"rounding": 1}}, "policy.rounding", "one_of"),
        ({"policy": {"eligible": "soon"}}, "policy.eligible", "one_of"),
        ({"policy": {"verval_offset_days": 2}}, "policy.verval_offset_days", "one_of"),
        ({"policy": {"verval_offset_days": []}}, "policy.verval_offset_days", "one_of"),
    ],
)
def test_what_is_no_case_is_refused_with_its_place(said: Any, place: str, kind: str) -> None:
    with pytest.raises(CaseInvalid) as caught:
        case_of(said)

    assert (caught.value.place, caught.value.values["kind"]) == (place, kind)


@pytest.mark.parametrize(
    ("said", "place", "kind"),
    [
        ([CLOSED, 1], "[1]", "object"),
        ([{"inputs": {"rule": 1}}], "[0].inputs.rule", "object"),
        ({"inputs": {"rule": 1}}, "inputs.rule", "object"),
        ({"given": "U reviewed L", "when": "x"}, "", "process"),
        ({"fn": "x"}, "fn", "one_of"),
        ([{"fn": []}], "[0].fn", "one_of"),
        ({"fn": "selection_list_for", "created_from": "2020"}, "created_to", "missing"),
        ([{"fn": "document_disposition"}], "[0].as_of", "missing"),
        ({"as_of": "2020"}, "as_of", "day"),
        ({"as_of": "morgen"}, "as_of", "day"),
        ({"holds": [1]}, "holds[0]", "text"),
    ],
)
def test_a_question_that_cannot_be_answered_says_where(said: Any, place: str, kind: str) -> None:
    with pytest.raises(CaseInvalid) as caught:
        answers(said, "nl")

    assert (caught.value.place, caught.value.values["kind"]) == (place, kind)


@pytest.mark.parametrize(
    ("text", "place", "kind"),
    [
        ("", "1:1", "json_value"),
        ('{"a": }', "1:7", "json_value"),
        ("{a: 1}", "1:2", "json_name"),
        ('{"a" 1}', "1:6", "json_colon"),
        ('{\n"a": 1 "b": 2}', "2:8", "json_comma"),
        ('{"a": "x', "1:7", "json_quote"),
        ('{"a": "x\ny"}', "1:9", "json_control"),
        ("{} {}", "1:4", "json_extra"),
        ('{"a": "\\q"}', "1:8", "json_other"),
        ('{"a": NaN}', "", "json_whole"),
        ("[" * 100_000, "", "json_whole"),
        ('{"a": 1, "a": 2}', "a", "twice"),
    ],
)
def test_broken_json_is_told_with_its_line_and_column(text: str, place: str, kind: str) -> None:
    with pytest.raises(CaseInvalid) as caught:
        read_json(text)

    assert (caught.value.place, caught.value.values["kind"]) == (place, kind)


def test_a_mistake_is_told_in_both_languages_and_long_values_are_cut() -> None:
    with pytest.raises(CaseInvalid) as caught:
        case_of({"rule": ["x" * 200]})

    assert caught.value.text["nl"].startswith("bij rule wordt een object verwacht ({...})")
    assert caught.value.text["en"].endswith("x…")
