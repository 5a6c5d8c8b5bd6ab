"""Gathering: all that the register knows of some dossiers, read in a few questions for many.

Everything is read from the base tables; nothing that was computed counts, but the end and the
anchor of a main case (hoofdzaak), which is a dossier of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from retention.fact_kinds import FactKind
from retention.standing import Fact, of_dossiers, of_objects, standing
from retention.tables import DOSSIERS, EXEMPTIONS

AT_ONCE = 500
"""So many dossiers in one question."""


class Other(NamedTuple):
    """Another dossier, as far as this one's date can rest on it."""

    dossier: str
    zorgdrager: str
    identifier: str
    ended_on: str
    brondatum: str


@dataclass(frozen=True, slots=True)
class Material:
    """One dossier: its row, every fact about it, those that stand, and what stands around it.

    `objects`: for each object that it waits for the facts that stand. `related`: what of the
    register answers to an identifier that a fact names; None where nothing does.
    """

    row: Row[Any]
    facts: Sequence[Fact]
    stands: Sequence[Fact]
    objects: Mapping[str, Sequence[Fact]]
    parent: Other | None
    related: Mapping[str, Sequence[Other]]
    exempt: bool
    by_kind: Mapping[FactKind, Sequence[Fact]]
    counted: frozenset[FactKind]

    def of(self, kind: FactKind) -> Sequence[Fact]:
        """The facts of a kind that stand."""
        return self.by_kind.get(kind, ())

    def ever(self, kind: FactKind) -> bool:
        """Whether a fact of a kind ever counted: then the facts say it, and no longer the row."""
        return kind in self.counted


def gather(connection: Connection, dossiers: Sequence[str]) -> dict[str, Material]:
    """What is known of these dossiers; one that is not in the register is left out."""
    found: dict[str, Material] = {}
    for start in range(0, len(dossiers), AT_ONCE):
        found |= _gather(connection, dossiers[start : start + AT_ONCE])
    return found


def exempt_among(connection: Connection, dossiers: Sequence[str]) -> set[str]:
    """Which of these dossiers are exempted, also where nobody has checked that yet: one person is
    enough to keep."""
    wanted = select(EXEMPTIONS.c.dossier).where(
        EXEMPTIONS.c.dossier.in_(dossiers),
        EXEMPTIONS.c.ended_at == "",
    )
    return set(connection.execute(wanted).scalars())


def _gather(connection: Connection, dossiers: Sequence[str]) -> dict[str, Material]:
    wanted = select(DOSSIERS).where(DOSSIERS.c.dossier.in_(dossiers))
    rows = {row.dossier: row for row in connection.execute(wanted)}
    facts = of_dossiers(connection, list(rows))
    stands = {each: standing(facts[each]) if each in facts else () for each in rows}
    objects = _objects(connection, stands.values())
    named = _named(connection, rows, stands)
    parents = _parents(connection, rows, stands, named)
    exempt = exempt_among(connection, list(rows))
    return {
        each: Material(
            row=row,
            facts=facts.get(each, ()),
            stands=stands[each],
            objects={
                fact.value: objects.get(fact.value, ())
                for fact in stands[each]
                if fact.kind is FactKind.OBJECT
            },
            parent=parents.get(each),
            related={
                fact.value["identifier"]: named.get((row.zorgdrager, fact.value["identifier"]), ())
                for fact in stands[each]
                if fact.kind is FactKind.RELATED
            },
            exempt=each in exempt,
            by_kind=_by_kind(stands[each]),
            counted=frozenset(fact.kind for fact in facts.get(each, ()) if fact.counts),
        )
        for each, row in rows.items()
    }


def _by_kind(stands: Sequence[Fact]) -> Mapping[FactKind, Sequence[Fact]]:
    found: dict[FactKind, list[Fact]] = {}
    for each in stands:
        found.setdefault(each.kind, []).append(each)
    return found


def _objects(
    connection: Connection, stands: Iterable[Sequence[Fact]]
) -> Mapping[str, Sequence[Fact]]:
    names = {one.value for facts in stands for one in facts if one.kind is FactKind.OBJECT}
    found = of_objects(connection, sorted(names))
    return {name: standing(facts) for name, facts in found.items()}


def _named(
    connection: Connection, rows: Mapping[str, Row[Any]], stands: Mapping[str, Sequence[Fact]]
) -> Mapping[tuple[str, str], list[Other]]:
    """The dossiers of the same zorgdrager under the identifiers that facts name."""
    names: dict[str, set[str]] = defaultdict(set)
    for dossier, facts in stands.items():
        for each in facts:
            if each.kind is FactKind.RELATED:
                names[rows[dossier].zorgdrager].add(each.value["identifier"])
            elif each.kind is FactKind.PARENT:
                names[rows[dossier].zorgdrager].add(each.value)
    found: dict[tuple[str, str], list[Other]] = defaultdict(list)
    for zorgdrager, identifiers in names.items():
        wanted = _OTHERS.where(
            DOSSIERS.c.zorgdrager == zorgdrager, DOSSIERS.c.identifier.in_(sorted(identifiers))
        ).order_by(DOSSIERS.c.dossier)
        for row in connection.execute(wanted):
            found[zorgdrager, row.identifier].append(Other(*row))
    return found


def _parents(
    connection: Connection,
    rows: Mapping[str, Row[Any]],
    stands: Mapping[str, Sequence[Fact]],
    named: Mapping[tuple[str, str], list[Other]],
) -> dict[str, Other]:
    """The main case of each: by the fact that names it, else by the row."""
    found: dict[str, Other] = {}
    by_row: dict[str, str] = {}
    for dossier, row in rows.items():
        facts = [each for each in stands[dossier] if each.kind is FactKind.PARENT]
        if facts:
            answers = named.get((row.zorgdrager, facts[-1].value), [])
            if len(answers) == 1 and answers[0].dossier != dossier:
                found[dossier] = answers[0]
        elif row.parent:
            by_row[dossier] = row.parent
    if by_row:
        wanted = _OTHERS.where(DOSSIERS.c.dossier.in_(sorted(set(by_row.values()))))
        others = {row.dossier: Other(*row) for row in connection.execute(wanted)}
        found |= {each: others[name] for each, name in by_row.items() if name in others}
    return found


_OTHERS = select(
    DOSSIERS.c.dossier,
    DOSSIERS.c.zorgdrager,
    DOSSIERS.c.identifier,
    DOSSIERS.c.ended_on,
    DOSSIERS.c.brondatum,
)
