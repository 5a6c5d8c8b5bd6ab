"""A question to the date engine as JSON, and its answer: what `edepot retention compute` does.

A question is a case, with `as_of`, `holds` and `family_due_after` where eligibility is asked; or
`fn` with its arguments, for a document in several dossiers and for the list of a period. It may
stand in a row of the vector file, under `inputs`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from retention.appraisal import (
    Disposition,
    Eligibility,
    Sharer,
    appraise,
    document_disposition,
    eligibility,
)
from retention.case import Decision, Reason, Verdict
from retention.case_json import (
    CaseInvalid,
    Read,
    case_of,
    read_list,
    read_object,
    read_text,
    verdict_plain,
)
from retention.explaining import explain
from retention.list_periods import selection_list_for
from retention.terms import Day, NotADay, read_day

Answer = Callable[[Mapping[str, Any], str, str], dict[str, Any]]
PROCESS = frozenset({"given", "when"})
SENTENCE = {
    Eligibility.ELIGIBLE: "eligible",
    Eligibility.NOT_YET: "not_yet",
    Eligibility.BLOCKED_HOLD: "blocked_hold",
    Eligibility.BLOCKED_FAMILY: "blocked_family",
}
"""The reason that eligibility adds to those of the verdict; elsewhere the verdict says enough."""


def answers(said: object, language: str) -> Any:
    """The answer to a question, or a list of answers to a list of questions, as JSON values.

    Raises: CaseInvalid, naming the place.
    """
    if isinstance(said, list):
        return [answer(each, language, f"[{number}]") for number, each in enumerate(said)]
    return answer(said, language)


def answer(said: object, language: str, place: str = "") -> dict[str, Any]:
    """The answer to one question: decision, dates, and a sentence per reason.

    Raises: CaseInvalid, naming the place.
    """
    if isinstance(said, Mapping) and "inputs" in said:
        place = f"{place}.inputs" if place else "inputs"
        said = said["inputs"]
        said = read_json(said) if isinstance(said, str) else said
    if not isinstance(said, Mapping):
        raise CaseInvalid(place, "object", said)
    if PROCESS & said.keys():
        raise CaseInvalid(place, "process")
    if "fn" in said:
        return _by_name(said["fn"], place)(said, language, place)
    return _eligibility(said, language, place)


def _by_name(name: object, place: str) -> Answer:
    """Who answers a question by its name. Raises: CaseInvalid."""
    if not isinstance(name, str) or name not in FUNCTIONS:
        raise CaseInvalid(f"{place}.fn" if place else "fn", "one_of", ", ".join(FUNCTIONS))
    return FUNCTIONS[name]


def read_json(text: str) -> Any:
    """The JSON value that a text says; a name that stands twice in an object is a mistake.

    Raises: CaseInvalid, naming line and column.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        kind = JSON_FAULTS.get(error.msg, "json_other")
        raise CaseInvalid(f"{error.lineno}:{error.colno}", kind, error.msg) from error
    except (RecursionError, ValueError) as error:
        raise CaseInvalid("", "json_whole", error) from error


def _eligibility(said: Mapping[str, Any], language: str, place: str) -> dict[str, Any]:
    """The verdict on a case, and on a day that is asked what may be done with it then."""
    asked = {name: value for name, value in said.items() if name in ASKED}
    case = case_of({name: value for name, value in said.items() if name not in ASKED}, place)
    more = read_object(asked, place, ASKED)
    verdict = appraise(case)
    as_of = more.get("as_of")
    if as_of is None:
        return verdict_plain(verdict, language)
    holds = [each for each in more.get("holds", ()) if each]
    family = [each and each.last for each in more.get("family_due_after", ())]
    found = eligibility(verdict, as_of, holds, family)
    plain = verdict_plain(verdict, language, found)
    if found in SENTENCE:
        values = {"as_of": str(as_of), "holds": ", ".join(holds), "count": str(len(family))}
        plain["reasons"].append(explain(Reason(SENTENCE[found], values), language))
    return plain


def _document(said: Mapping[str, Any], language: str, place: str) -> dict[str, Any]:
    fields = {"fn": read_text, "as_of": _exact_day, "dossiers": _sharers}
    found = _read_all(said, place, fields)
    dossiers = found["dossiers"]
    gone = document_disposition(found["as_of"], dossiers)
    code = "document_goes" if gone is Disposition.GOES else "document_stays"
    reason = Reason(code, {"as_of": str(found["as_of"]), "count": str(len(dossiers))})
    return _only(gone.value, reason, language)


def _list_of_period(said: Mapping[str, Any], language: str, place: str) -> dict[str, Any]:
    fields = {"fn": read_text, "created_from": _day, "created_to": _day}
    found = _read_all(said, place, fields)
    first, last = found["created_from"].first, found["created_to"].last
    name = selection_list_for(first, last)
    values = {"first": str(first), "last": str(last), "list": name}
    reason = Reason("list_found" if name else "list_for_person", values)
    return _only(name or Decision.HUMAN.value, reason, language)


def _only(decision: str, reason: Reason, language: str) -> dict[str, Any]:
    """An answer that has no dates."""
    plain = verdict_plain(Verdict(Decision.HUMAN, (reason,)), language)
    return {**plain, "decision": decision}


def _read_all(said: Mapping[str, Any], place: str, fields: Mapping[str, Read]) -> dict[str, Any]:
    """Fields of which none may be missing. Raises: CaseInvalid."""
    found = read_object(said, place, fields)
    for name in fields:
        if name not in found:
            raise CaseInvalid(f"{place}.{name}" if place else name, "missing")
    return found


def _exact_day(said: object, place: str) -> date:
    day = _day(said, place)
    if day.partial:
        raise CaseInvalid(place, "day", said)
    return day.last


def _day(said: object, place: str) -> Day:
    try:
        return read_day(read_text(said, place))
    except NotADay as error:
        raise CaseInvalid(place, "day", said) from error


def _days(said: object, place: str) -> tuple[Day | None, ...]:
    return read_list(said, place, _day)


def _texts(said: object, place: str) -> tuple[str | None, ...]:
    return read_list(said, place, read_text)


def _sharers(said: object, place: str) -> tuple[Sharer, ...]:
    return tuple(each or Sharer("", None) for each in read_list(said, place, _sharer))


def _sharer(said: object, place: str) -> Sharer:
    found = read_object(said, place, {"decision": read_text, "date": _day})
    day = found.get("date")
    return Sharer(found.get("decision", ""), day.last if day else None)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise CaseInvalid(next(each for each in names if names.count(each) > 1), "twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


ASKED: Mapping[str, Read] = {"as_of": _exact_day, "holds": _texts, "family_due_after": _days}
"""What may stand beside a case where eligibility is asked."""

FUNCTIONS: Mapping[str, Answer] = {
    "document_disposition": _document,
    "selection_list_for": _list_of_period,
}
"""The questions that are asked by name."""

JSON_FAULTS = {
    "Expecting value": "json_value",
    "Expecting property name enclosed in double quotes": "json_name",
    "Expecting ':' delimiter": "json_colon",
    "Expecting ',' delimiter": "json_comma",
    "Illegal trailing comma before end of object": "json_trailing",
    "Illegal trailing comma before end of array": "json_trailing",
    "Unterminated string starting at": "json_quote",
    "Invalid control character at": "json_control",
    "Extra data": "json_extra",
}
"""What the reader of JSON says, and the sentence that we have for it."""
