"""The facts as they stand: read from the table, and which of them count.

Facts are added, never edited. One stands until another of the same kind (and key) comes, until it
is taken back, or until the dossier is reopened. What waits for a second person does not count yet.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from retention.fact_kinds import FactKind, key_of
from retention.tables import FACTS

NOT_NEEDED = "-"
REFUSED = "x:"
"""How `checked_by` begins of a fact that the second person refused: the person's id follows."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it was asserted; `value` None: it takes back the fact that it replaces."""

    number: int
    dossier: str
    object: str
    kind: FactKind
    value: Any
    source: str
    reason: str
    asserted_at: str
    asserted_by: str
    checked_by: str
    checked_at: str
    replaces: int

    @property
    def counts(self) -> bool:
        """Whether it needs no second person, or was checked by one."""
        return bool(self.checked_by) and not self.refused

    @property
    def refused(self) -> bool:
        """Whether the second person said no."""
        return self.checked_by.startswith(REFUSED)


def read_fact(connection: Connection, number: int) -> Fact | None:
    """The fact of a number; None for none."""
    row = connection.execute(select(FACTS).where(FACTS.c.number == number)).first()
    return None if row is None else fact_of(row)


def of_dossiers(connection: Connection, dossiers: Sequence[str]) -> Mapping[str, list[Fact]]:
    """Every fact about these dossiers themselves, in the order in which they came."""
    wanted = select(FACTS).where(FACTS.c.dossier.in_(dossiers)).order_by(FACTS.c.number)
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row.dossier].append(fact_of(row))
    return found


def of_objects(connection: Connection, objects: Sequence[str]) -> Mapping[str, list[Fact]]:
    """Every fact about these objects, in the order in which they came."""
    found: dict[str, list[Fact]] = defaultdict(list)
    if objects:
        wanted = select(FACTS).where(FACTS.c.object.in_(objects)).order_by(FACTS.c.number)
        for row in connection.execute(wanted):
            found[row.object].append(fact_of(row))
    return found


def facts_of(connection: Connection, dossier: str) -> tuple[Fact, ...]:
    """Every fact about a dossier, and about the objects that it waits for; standing or not."""
    own = of_dossiers(connection, [dossier])[dossier]
    objects = sorted({each.value for each in own if each.kind is FactKind.OBJECT and each.value})
    return (*own, *(one for facts in of_objects(connection, objects).values() for one in facts))


def standing(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Which of the facts about one dossier, or about one object, stand; by their moment."""
    stands: dict[tuple[FactKind, str], Fact] = {}
    for each in sorted((one for one in facts if one.counts), key=_moment):
        if each.value is None:
            stands = {key: one for key, one in stands.items() if one.number != each.replaces}
            continue
        if each.kind is FactKind.REOPENED:
            stands.pop((FactKind.END, ""), None)
            stands.pop((FactKind.RESULT, ""), None)
        key = (each.kind, key_of(each.kind, each.value))
        stands.pop(key, None)
        stands[key] = each
    return tuple(stands.values())


def pending(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Which of the facts wait for a second person."""
    return tuple(each for each in facts if not each.checked_by)


def fact_of(row: Row[Any]) -> Fact:
    """A row as a fact."""
    told: tuple[Any, ...] = tuple(row)
    number, dossier, object_, kind, value, *rest = told
    return Fact(number, dossier, object_, _KINDS[kind], _value(value), *rest)


def _value(text: str) -> Any:
    """The value of a JSON text; nearly all are plain texts, and there are millions."""
    if text[0] == '"' and "\\" not in text:
        return text[1:-1]
    return json.loads(text)


_KINDS = {each.value: each for each in FactKind}


def _moment(fact: Fact) -> tuple[str, int]:
    """When a fact began to count: of one that needed a second person, when that one agreed."""
    checked = fact.checked_by != NOT_NEEDED
    return (fact.checked_at if checked else fact.asserted_at, fact.number)
