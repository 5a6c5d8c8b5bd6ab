"""From what is known of a dossier to the case that the date engine takes, and what of it is shown.

The rule comes from the selection list and the mapping, the choices from the policy; both are read
once for many dossiers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from retention import terms
from retention.case import Besluit, Case, Facts, MainCase, Rule, Zaak
from retention.fact_kinds import BY_PERSON, FactKind
from retention.gathering import Material, Other
from retention.grounds import Grounds
from retention.sender import Sender
from retention.standing import Fact

NO_YEAR = "-"
"""What stands for the list's year where a source names a category and no list."""
_COLUMNS = {
    "started_on": FactKind.START,
    "ended_on": FactKind.END,
    "zaaktype": FactKind.ZAAKTYPE,
    "result": FactKind.RESULT,
}


@dataclass(frozen=True, slots=True)
class Described:
    """A dossier as its facts say now; what was never asserted stands as it was enrolled."""

    zaaktype: str
    result: str
    parent: str
    list_year: str
    category: str
    started_on: str
    ended_on: str

    def columns(self) -> dict[str, str]:
        """The columns of its row."""
        return {name: getattr(self, name) for name in self.__slots__}


def describe(material: Material) -> Described:
    """What the facts say of the dossier itself."""
    row = material.row
    said: dict[str, str] = {"list_year": row.list_year, "category": row.category}
    for column, kind in _COLUMNS.items():
        facts = material.of(kind)
        fallen = material.ever(kind) or _reopened(material, kind)
        said[column] = facts[-1].value if facts else "" if fallen else getattr(row, column)
    if material.ever(FactKind.CATEGORY):
        assigned = material.of(FactKind.CATEGORY)
        said |= assigned[-1].value if assigned else {"list_year": "", "category": ""}
    if said["list_year"] == NO_YEAR:
        said["list_year"] = ""
    return Described(parent=_parent(material), **said)


def case_of(material: Material, described: Described, grounds: Grounds, on: date) -> Case:
    """The case as it is on a day (which decides the policy)."""
    row = material.row
    assigned = any(each.source == BY_PERSON for each in material.of(FactKind.CATEGORY)[-1:])
    return Case(
        rule=grounds.rule(row.zorgdrager, described, assigned=assigned),
        zaak=_zaak(material, described),
        facts=_facts(material),
        policy=grounds.policy(row.zorgdrager, on).terms,
    )


def sender_of(material: Material) -> Sender:
    """What the sender said of keeping, as far as it stands."""
    kinds = (FactKind.SENDER_VALUATION, FactKind.SENDER_START, FactKind.SENDER_END)
    return Sender(*(_last(material, each) or "" for each in kinds))


def valuation_of(rule: Rule, *, kept: bool) -> str:
    """What holds for the dossier: "keep" where anything makes it so, else what the rule says."""
    return "keep" if kept else rule.valuation


def latest(texts: Sequence[str | None]) -> str | None:
    """The latest date; None when there is none or one is not known, and one that is no date as it
    is, so that the engine says so."""
    known = [each for each in texts if each is not None]
    if not known or len(known) < len(texts):
        return None
    if len(known) == 1:
        return known[0]
    unreadable = [each for each in known if not _is_day(each)]
    return unreadable[0] if unreadable else max(known, key=lambda each: terms.read_day(each).last)


def _reopened(material: Material, kind: FactKind) -> bool:
    return kind in (FactKind.END, FactKind.RESULT) and bool(material.of(FactKind.REOPENED))


def _parent(material: Material) -> str:
    if material.parent is not None:
        return material.parent.dossier
    return "" if material.ever(FactKind.PARENT) else str(material.row.parent)


def _zaak(material: Material, described: Described) -> Zaak:
    results = material.of(FactKind.RESULT)
    none_set = bool(results) and not results[-1].value
    return Zaak(
        start=described.started_on or None,
        end=described.ended_on or None,
        result=False if none_set else (True if described.result else None),
    )


def _facts(material: Material) -> Facts:
    return Facts(
        property=_last(material, FactKind.PROPERTY),
        decisions=tuple(
            Besluit(each.value.get("ingang"), each.value.get("verval"))
            for each in _by_key(material.of(FactKind.DECISION), "id")
        ),
        objects=tuple(
            each.value.get("date") for each in _by_key(material.of(FactKind.CASE_OBJECT), "id")
        ),
        related=tuple(
            _end_of_related(each.value, material.related.get(each.value["identifier"], ()))
            for each in _by_key(material.of(FactKind.RELATED), "identifier")
        ),
        main=_main(material),
        object_end=_of_objects(material, FactKind.OBJECT_END),
        birth=_of_objects(material, FactKind.BIRTH),
        manual_anchor=_last(material, FactKind.MANUAL_ANCHOR),
        extended_until=_last(material, FactKind.EXTENDED_UNTIL),
        exempt=material.exempt,
        minimum_confirmed=bool(material.of(FactKind.MINIMUM_CONFIRMED)),
    )


def _last(material: Material, kind: FactKind) -> str | None:
    facts = material.of(kind)
    return str(facts[-1].value) if facts else None


def _by_key(facts: Iterable[Fact], part: str) -> list[Fact]:
    return sorted(facts, key=lambda each: str(each.value[part]))


def _end_of_related(value: Mapping[str, Any], here: Sequence[Other]) -> str | None:
    """The end of a related dossier: of the register where it is here, else as the fact says."""
    if not here:
        return value.get("end")
    return latest([each.ended_on or None for each in here])


def _main(material: Material) -> MainCase | None:
    """The main case of the register, else the one that a fact tells of."""
    if material.parent is not None:
        return MainCase(material.parent.ended_on or None, material.parent.brondatum or None)
    told = material.of(FactKind.MAIN)
    return MainCase(told[-1].value.get("end"), told[-1].value.get("anchor")) if told else None


def _of_objects(material: Material, kind: FactKind) -> str | None:
    """The latest date of this kind, of the dossier and of each object that it waits for.

    One object whose date is not known makes the whole unknown (R10).
    """
    own = [each.value for each in material.of(kind)]
    theirs = [
        next((each.value for each in reversed(facts) if each.kind is kind), None)
        for facts in material.objects.values()
    ]
    if kind is FactKind.BIRTH:
        # Not every object is a person: here only those count of whom a date is known.
        theirs = [each for each in theirs if each is not None]
    return latest([*own, *theirs])


def _is_day(text: str) -> bool:
    try:
        terms.read_day(text)
    except terms.NotADay:
        return False
    return True
