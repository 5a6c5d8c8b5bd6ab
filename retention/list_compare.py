"""Two versions of a selection list beside each other: what is new, gone, or says something else."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from retention.list_versions import ListRule
from retention.selection_list import Category
from retention.terms import NotATerm, read_term

COMPARED = (
    "process",
    "result",
    "valuation",
    "process_term",
    "process_term_note",
    "retention_term",
    "origin",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a result that differs."""

    number: str
    field: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions, by the numbers of the results."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return not (self.added or self.removed or self.changed)


def compare_rules(old: Mapping[str, ListRule], new: Mapping[str, ListRule]) -> Comparison:
    """What the new version says otherwise than the old one. Terms are compared as lengths: P6W is
    P42D."""
    assert {each.name for each in fields(Category)} >= set(COMPARED)
    changed = [
        Change(number, field, was, becomes)
        for number in sorted(old.keys() & new.keys(), key=_order)
        for field, was, becomes in _differences(old[number], new[number])
    ]
    return Comparison(
        tuple(sorted(new.keys() - old.keys(), key=_order)),
        tuple(sorted(old.keys() - new.keys(), key=_order)),
        tuple(changed),
    )


def _differences(old: ListRule, new: ListRule) -> list[tuple[str, str, str]]:
    found = []
    for name in COMPARED:
        was, becomes = (_text(getattr(each.category, name)) for each in (old, new))
        if was != becomes and not (name == "retention_term" and _same_term(was, becomes)):
            found.append((name, was, becomes))
    for flag in ("minimum", "mixed"):
        was, becomes = (str(getattr(each, flag)).lower() for each in (old, new))
        if was != becomes:
            found.append((flag, was, becomes))
    return found


def _same_term(one: str, other: str) -> bool:
    try:
        return read_term(one) == read_term(other)
    except NotATerm:
        return False


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))
