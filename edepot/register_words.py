"""What the register holds, in words: decisions, causes, facts, and how each cause is solved."""

import json
from typing import Any

from edepot.messages import Words
from retention.computing import Computation
from retention.explaining import explain
from retention.register import Dossier
from retention.standing import NOT_NEEDED, Fact


def decision_text(decision: str, words: Words) -> str:
    """What was decided, in words."""
    return words(f"retention.decision.{decision}") if decision else ""


def cause_text(cause: str, words: Words) -> str:
    """Why a person has to look; a code that has no words of its own as it is."""
    return _or_code("retention.cause", cause, words)


def solution_text(cause: str, worklist: str, words: Words) -> str:
    """How a cause is solved; of a code without words how its worklist is."""
    key = f"retention.solve.{cause}"
    return words(key) if words.has(key) else words(f"retention.solve_list.{worklist}")


def until_text(dossier: Dossier, words: Words) -> str:
    """The date that matters: until when it is kept, or when it is transferred."""
    return words.day(dossier.end_date or dossier.transfer_on)


def fact_text(fact: Fact, words: Words) -> str:
    """The value of a fact; dates as people write them."""
    if fact.value is None:
        return words("retention.fact_shown.retracts", number=fact.replaces)
    if fact.value is True:
        return words("retention.fact_shown.yes")
    if isinstance(fact.value, dict):
        parts = (f"{name}: {_value(value, words)}" for name, value in fact.value.items())
        return ", ".join(parts)
    return _value(fact.value, words)


def fact_kind_text(fact: Fact, words: Words) -> str:
    """What a fact is about."""
    return _or_code("retention.kind", fact.kind.value, words)


def checked_text(fact: Fact, words: Words) -> str:
    """How a fact stands with the second person."""
    if fact.checked_by == NOT_NEEDED:
        return ""
    if not fact.checked_by:
        return words("retention.fact_shown.waits")
    if fact.refused:
        return words("retention.fact_shown.refused", person=fact.checked_by.partition(":")[2])
    return words("retention.fact_shown.checked", person=fact.checked_by)


def sentences(computation: Computation, words: Words) -> list[str]:
    """A sentence for every step of a computation."""
    return [explain(each, words.language.value) for each in computation.reasons]


def fact_plain(fact: Fact) -> dict[str, Any]:
    """A fact as JSON values."""
    return {
        "number": fact.number,
        "dossier": fact.dossier or None,
        "object": fact.object or None,
        "kind": fact.kind.value,
        "value": fact.value,
        "source": fact.source,
        "reason": fact.reason,
        "asserted_at": fact.asserted_at,
        "asserted_by": fact.asserted_by,
        "checked_by": fact.checked_by if fact.checked_by != NOT_NEEDED else None,
        "counts": fact.counts,
        "replaces": fact.replaces or None,
    }


def computation_plain(computation: Computation, words: Words) -> dict[str, Any]:
    """A computation as JSON values, its sentences in the language of this run."""
    return {
        "number": computation.number,
        "decision": computation.decision.value,
        "brondatum": computation.brondatum or None,
        "end_date": computation.end_date or None,
        "eligible_from": computation.eligible_from or None,
        "reasons": [
            {"code": each.code, "values": dict(each.values), "text": text}
            for each, text in zip(computation.reasons, sentences(computation, words), strict=True)
        ],
        "engine": computation.engine,
        "policy": computation.policy,
        "inputs": json.loads(computation.inputs),
        "inputs_sha256": computation.inputs_sha256,
        "computed_at": computation.computed_at,
        "caused_by": computation.caused_by,
    }


def _or_code(table: str, code: str, words: Words) -> str:
    key = f"{table}.{code}"
    return words(key) if code and words.has(key) else code


def _value(value: object, words: Words) -> str:
    text = "-" if value is None else str(value)
    return words.day(text) if len(text) == 10 and text[4:5] == text[7:8] == "-" else text
