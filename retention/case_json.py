"""A case as JSON, in the form of the vector file, and a verdict as JSON; read strictly.

Form: {"rule": {...}, "zaak": {...}, "facts": {...}, "policy": {...}}; every part may be left out,
and a policy may be named instead of written out.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from retention.appraisal import ENGINE, Eligibility
from retention.case import (
    Besluit,
    Case,
    Decision,
    Facts,
    MainCase,
    Policy,
    Reason,
    Rounding,
    Rule,
    Verdict,
    Zaak,
)
from retention.errors import RetentionError
from retention.explaining import expected, explain

__all__ = [
    "ENGINE",
    "CaseInvalid",
    "Read",
    "case_of",
    "case_plain",
    "inputs_of",
    "read_list",
    "read_object",
    "read_text",
    "reasons_of",
    "reasons_plain",
    "verdict_plain",
]

POLICIES: Mapping[str, Policy] = {
    "default": Policy(),
    "zgw": Policy(eligible="on", name="zgw"),
    "start_next_year": Policy(rounding=Rounding.START_NEXT_YEAR, name="start_next_year"),
    "ceil_year": Policy(rounding=Rounding.CEIL_YEAR, name="ceil_year"),
    "verval_day_after": Policy(verval_offset_days=1, name="verval_day_after"),
    "bill_35968": Policy(transfer_term="P10Y", name="bill_35968"),
}
"""The policies that a case may name instead of writing them out."""

ELIGIBLE = {"after": "after", "day_after": "after", "on": "on", "on_end_date": "on"}
OFFSETS = {"P0D": 0, "P1D": 1}
OTHER_NAMES = {
    "eligibility": "eligible",
    "eligible_from": "eligible",
    "verval_offset": "verval_offset_days",
    "vervaldatum_offset": "verval_offset_days",
    "vervaldatum_offset_days": "verval_offset_days",
    "verval_plus_days": "verval_offset_days",
}
"""Other names of the policy's fields that cases come with."""

Read = Callable[[object, str], Any]


class CaseInvalid(RetentionError):
    """This is no case; `place` says where ("facts.related[1]"), `text` what was expected there."""

    def __init__(self, place: str, kind: str, found: object = "") -> None:
        shown = _shown(found)
        super().__init__(f"{place}: {kind}: {shown}", place=place, kind=kind, found=shown)
        self.place = place
        self.text = {each: _told(kind, each, place, shown) for each in ("nl", "en")}


def case_of(said: object, place: str = "") -> Case:
    """The case that JSON values say. Texts of dates and terms are judged by the engine, not here.

    Raises: CaseInvalid, naming the place.
    """
    return Case(**read_object(said, place, PARTS))


def case_plain(case: Case) -> dict[str, Any]:
    """A case as JSON values: what is not known or not so is left out, the policy stands whole."""
    facts, policy = case.facts, case.policy
    main = facts.main
    return {
        "rule": _said(case.rule, Rule(), documents=dict(case.rule.documents)),
        "zaak": _said(case.zaak, Zaak()),
        "facts": _said(
            facts,
            Facts(),
            decisions=[{"ingang": each.ingang, "verval": each.verval} for each in facts.decisions],
            objects=list(facts.objects),
            related=list(facts.related),
            main={"end": main.end, "anchor": main.anchor} if main else None,
        ),
        "policy": {name: getattr(policy, name) for name in Policy.__slots__},
    }


def inputs_of(case: Case) -> str:
    """A case as canonical JSON: the same case gives the same text, for ever."""
    plain = case_plain(case)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verdict_plain(
    verdict: Verdict, language: str, decision: Decision | Eligibility | None = None
) -> dict[str, Any]:
    """A verdict as JSON values, a sentence for each reason.

    `decision` stands for the verdict's own where eligibility was asked. For KEEP `end_date` is
    the date of transfer: the end of keeping it here, as ZGW's archiefactiedatum has it.
    """
    end = verdict.transfer_on if verdict.decision is Decision.KEEP else verdict.end_date
    return {
        "decision": (decision or verdict.decision).value,
        "brondatum": verdict.brondatum.isoformat() if verdict.brondatum else None,
        "end_date": end.isoformat() if end else None,
        "eligible_from": verdict.eligible_from.isoformat() if verdict.eligible_from else None,
        "reasons": [explain(each, language) for each in verdict.reasons],
    }


def reasons_plain(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as JSON values, to be kept and explained later in any language."""
    return [{"code": each.code, "values": dict(each.values)} for each in reasons]


def reasons_of(plain: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """The reasons that were kept as JSON values."""
    return tuple(Reason(each["code"], dict(each["values"])) for each in plain)


def read_object(said: object, place: str, readers: Mapping[str, Read]) -> dict[str, Any]:
    """The fields of a JSON object, each read by its own reader; what is null is left out.

    Raises: CaseInvalid for another kind of value, or a name that nobody knows.
    """
    if not isinstance(said, Mapping):
        raise CaseInvalid(place, "object", said)
    found = {}
    for name, value in said.items():
        inner = f"{place}.{name}" if place else str(name)
        if name not in readers:
            raise CaseInvalid(inner, "no_such_name", ", ".join(readers))
        if value is not None:
            found[name] = readers[name](value, inner)
    return found


def read_text(said: object, place: str) -> str:
    """A text of whole characters. Raises: CaseInvalid."""
    if not isinstance(said, str):
        raise CaseInvalid(place, "text", said)
    if not said.isascii() and any("\ud800" <= each <= "\udfff" for each in said):
        raise CaseInvalid(place, "characters")
    return said


def read_list(said: object, place: str, read: Read) -> tuple[Any, ...]:
    """The items of a JSON list, each by the reader; null stays None. Raises: CaseInvalid."""
    if not isinstance(said, list | tuple):
        raise CaseInvalid(place, "list", said)
    return tuple(
        None if each is None else read(each, f"{place}[{number}]")
        for number, each in enumerate(said)
    )


def _yes_no(said: object, place: str) -> bool:
    if not isinstance(said, bool):
        raise CaseInvalid(place, "yes_no", said)
    return said


def _named(said: object, place: str) -> bool:
    """Whether there is a result, or an exemption; its name or date says so too."""
    return bool(said) if isinstance(said, str) else _yes_no(said, place)


def _texts(said: object, place: str) -> tuple[str | None, ...]:
    return read_list(said, place, read_text)


def _documents(said: object, place: str) -> dict[str, str]:
    names = said if isinstance(said, Mapping) else {}
    readers = dict.fromkeys(map(str, names), read_text)
    return read_object(said, place, readers)


def _rule(said: object, place: str) -> Rule:
    return Rule(**read_object(said, place, _RULE))


def _zaak(said: object, place: str) -> Zaak:
    """The zaak; a result that is said to be null was not set, where one left out is not told."""
    found = read_object(said, place, _ZAAK)
    if isinstance(said, Mapping) and "result" in said:
        found.setdefault("result", False)
    return Zaak(**found)


def _facts(said: object, place: str) -> Facts:
    return Facts(**read_object(said, place, _FACTS))


def _besluit(said: object, place: str) -> Besluit:
    return Besluit(**read_object(said, place, {"ingang": read_text, "verval": read_text}))


def _decisions(said: object, place: str) -> tuple[Besluit, ...]:
    return tuple(each or Besluit() for each in read_list(said, place, _besluit))


def _main(said: object, place: str) -> MainCase:
    return MainCase(**read_object(said, place, {"end": read_text, "anchor": read_text}))


def _policy(said: object, place: str) -> Policy:
    if isinstance(said, str):
        if said not in POLICIES:
            raise CaseInvalid(place, "policy_name", ", ".join(POLICIES))
        return POLICIES[said]
    found = read_object(said, place, _POLICY)
    return replace(
        POLICIES.get(found.get("name", ""), Policy()),
        **{OTHER_NAMES.get(name, name): value for name, value in found.items()},
    )


def _rounding(said: object, place: str) -> Rounding:
    if not isinstance(said, str) or said not in set(Rounding):
        raise CaseInvalid(place, "one_of", ", ".join(Rounding))
    return Rounding(said)


def _eligible(said: object, place: str) -> str:
    if not isinstance(said, str) or said not in ELIGIBLE:
        raise CaseInvalid(place, "one_of", ", ".join(ELIGIBLE))
    return ELIGIBLE[said]


def _offset(said: object, place: str) -> int:
    found = OFFSETS.get(said) if isinstance(said, str) else said
    if not isinstance(found, int) or found not in (0, 1):
        raise CaseInvalid(place, "one_of", "0, 1")
    return int(found)


def _said(value: object, unsaid: object, **plain: object) -> dict[str, Any]:
    """The fields that differ from those of a value of which nothing is said."""
    return {
        name: plain.get(name, getattr(value, name))
        for name in type(value).__slots__  # type: ignore[attr-defined]
        if getattr(value, name) != getattr(unsaid, name)
    }


def _told(kind: str, language: str, place: str, found: str) -> str:
    return expected(kind, language, place=place or expected("whole", language), found=found)


def _shown(found: object) -> str:
    if found is None or isinstance(found, bool):
        return json.dumps(found)
    text = str(found).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= 120 else f"{text[:119]}…"


_RULE: Mapping[str, Read] = {
    "valuation": read_text,
    "term": read_text,
    "trigger": read_text,
    "process_term": read_text,
    "minimum": _yes_no,
    "mixed": _yes_no,
    "documents": _documents,
    "name": read_text,
    "problem": read_text,
}
_ZAAK: Mapping[str, Read] = {"start": read_text, "end": read_text, "result": _named}
_FACTS: Mapping[str, Read] = {
    "property": read_text,
    "decisions": _decisions,
    "objects": _texts,
    "related": _texts,
    "main": _main,
    "object_end": read_text,
    "birth": read_text,
    "manual_anchor": read_text,
    "extended_until": read_text,
    "exempt": _named,
    "minimum_confirmed": _yes_no,
}
_POLICY: Mapping[str, Read] = {
    "rounding": _rounding,
    "eligible": _eligible,
    "verval_offset_days": _offset,
    "transfer_term": read_text,
    "transfer_block": read_text,
    "name": read_text,
    "eligibility": _eligible,
    "eligible_from": _eligible,
    "verval_offset": _offset,
    "vervaldatum_offset": _offset,
    "vervaldatum_offset_days": _offset,
    "verval_plus_days": _offset,
}
PARTS: Mapping[str, Read] = {"rule": _rule, "zaak": _zaak, "facts": _facts, "policy": _policy}
"""The parts of a case."""
