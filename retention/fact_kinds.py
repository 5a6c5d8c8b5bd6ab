"""What a fact can be about, and the form of its value.

A value is JSON: a text (a date as a source gave it), or an object where a fact has parts. It says
what a source said; whether a date is one is judged by the date engine, so that a wrong one shows
up as an error with a reason and is never dropped.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from retention.errors import Refused


class FactKind(StrEnum):
    """What a fact says; after the dash the form of its value."""

    # Of the dossier itself.
    START = "start"  # date
    END = "end"  # date
    REOPENED = "reopened"  # date; the end and the result from before it no longer count
    RESULT = "result"  # name of the result type; "": closed without one
    ZAAKTYPE = "zaaktype"  # name or code
    CATEGORY = "category"  # {list_year, category}; by a person it is a rule assignment
    PROPERTY = "property"  # date (eigenschap)
    DECISION = "decision"  # {id, ingang, verval} (besluit); null where not known
    CASE_OBJECT = "case_object"  # {id, date} (zaakobject)
    RELATED = "related"  # {identifier, end}: the register's own end goes first
    PARENT = "parent"  # identifier of the dossier that this one is a part of (hoofdzaak)
    MAIN = "main"  # {end, anchor} of a main case that is not here
    OBJECT = "object"  # "registry:id": this dossier waits for that object
    PERSON = "person"  # keyed hash of a person's number, for holds
    MANUAL_ANCHOR = "manual_anchor"  # date
    EXTENDED_UNTIL = "extended_until"  # date
    MINIMUM_CONFIRMED = "minimum_confirmed"  # true
    # What the sender's metadata say of keeping; never followed blindly.
    SENDER_VALUATION = "sender_valuation"  # B, V or N
    SENDER_START = "sender_start"  # date: where the sender lets the term start
    SENDER_END = "sender_end"  # date
    # Of the dossier, or of an object that dossiers wait for.
    OBJECT_END = "object_end"  # date
    BIRTH = "birth"  # date


BY_PERSON = "person"
"""The source of a fact that a person types in; others name a system: "mdto:…", "zgw:…"."""

NEEDS_CHECK = frozenset({FactKind.MANUAL_ANCHOR, FactKind.CATEGORY, FactKind.MINIMUM_CONFIRMED})
"""What counts only after a second person, when a person says it."""

SENDER = frozenset({FactKind.SENDER_VALUATION, FactKind.SENDER_START, FactKind.SENDER_END})
CHECKED_RETRACTIONS = NEEDS_CHECK | SENDER
"""What a person takes back only together with a second one."""

OF_OBJECTS = frozenset({FactKind.OBJECT_END, FactKind.BIRTH})

_PARTS: Mapping[FactKind, tuple[str, tuple[str, ...]]] = {
    FactKind.CATEGORY: ("", ("list_year", "category")),
    FactKind.DECISION: ("id", ("id", "ingang", "verval")),
    FactKind.CASE_OBJECT: ("id", ("id", "date")),
    FactKind.RELATED: ("identifier", ("identifier", "end")),
    FactKind.MAIN: ("", ("end", "anchor")),
}
"""The part by which one of several is known ("": there is one), and every part."""

_SEVERAL = frozenset({FactKind.OBJECT, FactKind.PERSON})
_MUST_STAND = frozenset({"id", "identifier", "list_year", "category"})


def key_of(kind: FactKind, value: Any) -> str:
    """By what one of several facts of a kind is known; "" where there is one at a time."""
    if kind in _SEVERAL:
        return str(value)
    part = _PARTS.get(kind, ("", ()))[0]
    return str(value[part]) if part else ""


def check_value(kind: FactKind, value: Any) -> None:
    """See that a value has the form of its kind.

    Raises: Refused (value).
    """
    if kind in _PARTS:
        _check_parts(kind, value, _PARTS[kind][1])
    elif kind is FactKind.MINIMUM_CONFIRMED:
        _require(value is True, kind, value)
    elif kind is FactKind.RESULT:
        _require(isinstance(value, str), kind, value)
    elif kind is FactKind.OBJECT:
        registry, colon, own = value.partition(":") if isinstance(value, str) else ("", "", "")
        _require(bool(registry and colon and own), kind, value)
    else:
        _require(isinstance(value, str) and bool(value.strip()), kind, value)


def _check_parts(kind: FactKind, value: Any, parts: tuple[str, ...]) -> None:
    _require(isinstance(value, dict) and not set(value) - set(parts), kind, value)
    for part in parts:
        told = value.get(part)
        must = part in _MUST_STAND
        _require((told is None and not must) or (isinstance(told, str) and bool(told)), kind, value)


def _require(fits: bool, kind: FactKind, value: object) -> None:
    if not fits:
        raise Refused("value", f"{kind.value}: {value!r}", about=kind.value, found=str(value))
