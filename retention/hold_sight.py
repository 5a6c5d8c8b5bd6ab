"""Which holds are on a dossier now, judged from the base tables each time it is asked.

A hold on a dossier is on all that it is part of, and on every part of it. That a hold covers a
dossier is read from its members, and judged anew from objects, persons, families and queries.

Source: domain rules, G4; 3.4.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from retention.fact_kinds import FactKind
from retention.hold_keys import marked
from retention.hold_nouns import HOLD_MARKS, Hold, HoldState, Scope, hold_of
from retention.hold_queries import covered_among, is_empty
from retention.hold_texts import in_parts
from retention.standing import fact_of, standing
from retention.tables import DOSSIERS, FACTS, HOLD_MEMBERS, HOLDS
from storage.catalogue import AIPS

_LINES = (DOSSIERS.c.dossier, DOSSIERS.c.zorgdrager, DOSSIERS.c.parent)
_Row = Row[Any, Any, Any]

Covered = dict[str, dict[str, str]]
"""Of dossiers: the ids of the holds that name them, each with the part of the scope that does."""


def active_on(connection: Connection, dossier: str) -> tuple[Hold, ...]:
    """The holds on a dossier: its own, and those of what it is part of and of its parts."""
    return active_among(connection, (dossier,)).get(dossier, ())


def active_among(connection: Connection, dossiers: Collection[str]) -> dict[str, tuple[Hold, ...]]:
    """The same for many; one on which there is no hold is left out."""
    found: dict[str, tuple[Hold, ...]] = {}
    if not any_active(connection):
        return found
    for part in in_parts(dossiers):
        holds = active_of(connection, _whose(connection, part))
        if not holds:
            continue
        lines = lines_of(connection, part)
        direct = named_by(connection, holds.values(), lines.rows)
        for each in part:
            ids = {hold for one in lines.of[each] for hold in direct.get(one, ())}
            if ids:
                found[each] = tuple(holds[hold] for hold in sorted(ids))
    return found


@dataclass(frozen=True, slots=True)
class Lines:
    """Of dossiers: themselves, all that they are part of, and all parts of them, at any depth."""

    of: Mapping[str, frozenset[str]]
    rows: Mapping[str, str]
    """The zorgdrager of everything in those lines; "" of what the register does not know."""


def lines_of(connection: Connection, dossiers: Collection[str]) -> Lines:
    """The lines of these dossiers."""
    rows: dict[str, _Row] = {}
    _climb(connection, dossiers, rows)
    own = _descend(connection, dossiers, rows)
    return Lines(
        {each: frozenset((*_above(each, rows), *own[each])) for each in dossiers},
        {each: rows[each].zorgdrager if each in rows else "" for each in (*rows, *dossiers)},
    )


def families_of(connection: Connection, dossiers: Collection[str]) -> set[str]:
    """The whole families of these dossiers: the heads, and all that is below them."""
    rows: dict[str, _Row] = {}
    _climb(connection, dossiers, rows)
    heads = {_above(each, rows)[-1] for each in dossiers}
    below = _descend(connection, heads, rows)
    return {one for head in heads for one in below[head]}


def named_by(connection: Connection, holds: Iterable[Hold], dossiers: Mapping[str, str]) -> Covered:
    """Which of these active holds name which of these dossiers (with their zorgdragers) itself."""
    found: Covered = defaultdict(dict)
    every = list(holds)
    for part in in_parts(dossiers):
        for dossier, hold, why in _members(connection, every, part):
            found[dossier][hold] = why
        for dossier, hold, why in scoped_by(connection, every, {d: dossiers[d] for d in part}):
            found[dossier].setdefault(hold, why)
    return found


def scoped_by(
    connection: Connection, holds: Sequence[Hold], dossiers: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Dossier, hold and why, of what falls under a scope by itself now, members or not."""
    linked = _linked(connection, holds, list(dossiers))
    for hold in holds:
        mine = [each for each, zorgdrager in dossiers.items() if zorgdrager == hold.zorgdrager]
        if not mine or not hold.scope.grows:
            continue
        for dossier, why in _scoped(connection, hold, mine, linked):
            yield dossier, hold.id, why


def _scoped(
    connection: Connection, hold: Hold, dossiers: Sequence[str], linked: "_Linked"
) -> Iterator[tuple[str, str]]:
    scope = hold.scope
    if scope.families:
        family = families_of(connection, scope.families)
        yield from ((each, "families") for each in dossiers if each in family)
    for each in dossiers:
        if linked.objects.get(each, frozenset()) & set(scope.objects):
            yield each, "objects"
        if linked.persons.get(each, frozenset()) & set(scope.persons):
            yield each, "persons"
    if not is_empty(scope.query):
        for part in in_parts(dossiers):
            covered = covered_among(connection, scope.query, part)
            yield from ((each, "query") for each in sorted(covered))


def ever_linked(connection: Connection, zorgdrager: str, scope: Scope) -> dict[str, str]:
    """The dossiers that a fact or a mark ever linked to an object or a person of a scope, with
    their zorgdrager."""
    found: set[str] = set()
    for kind, values in ((FactKind.OBJECT, scope.objects), (FactKind.PERSON, scope.persons)):
        for part in in_parts(values):
            told = [json.dumps(each, ensure_ascii=False) for each in part]
            wanted = select(FACTS.c.dossier).where(FACTS.c.kind == kind, FACTS.c.value.in_(told))
            found.update(connection.execute(wanted).scalars())
    for part in in_parts(scope.persons):
        wanted = select(HOLD_MARKS.c.dossier).where(HOLD_MARKS.c.person.in_(part))
        found.update(connection.execute(wanted).scalars())
    return {
        dossier: owner
        for part in in_parts(sorted(found))
        for dossier, owner in zorgdragers_of(connection, part).items()
        if owner == zorgdrager
    }


def zorgdragers_of(connection: Connection, dossiers: Collection[str]) -> dict[str, str]:
    """The zorgdrager of each of these dossiers that the register or the catalogue knows."""
    found: dict[str, str] = {}
    for table, column in ((AIPS, AIPS.c.aip_id), (DOSSIERS, DOSSIERS.c.dossier)):
        wanted = select(column, table.c.zorgdrager).where(column.in_(dossiers))
        found |= {row[0]: row[1] for row in connection.execute(wanted)}
    return found


def any_active(connection: Connection) -> bool:
    """Whether there is any hold that holds, of anybody: most of the time there is none."""
    wanted = select(HOLDS.c.id).where(HOLDS.c.state != HoldState.RELEASED.value).limit(1)
    return connection.execute(wanted).first() is not None


def active_of(connection: Connection, zorgdragers: Collection[str]) -> dict[str, Hold]:
    """The active holds of these zorgdragers, by their ids."""
    wanted = select(HOLDS).where(
        HOLDS.c.zorgdrager.in_(zorgdragers), HOLDS.c.state != HoldState.RELEASED.value
    )
    return {row.id: hold_of(row) for row in connection.execute(wanted.order_by(HOLDS.c.id))}


@dataclass(frozen=True, slots=True)
class _Linked:
    """The objects and the persons that dossiers have to do with."""

    objects: Mapping[str, frozenset[str]]
    persons: Mapping[str, frozenset[str]]


def _linked(connection: Connection, holds: Sequence[Hold], dossiers: Sequence[str]) -> _Linked:
    objects = {one for each in holds for one in each.scope.objects}
    persons = {one for each in holds for one in each.scope.persons}
    if not objects and not persons:
        return _Linked({}, {})
    kinds = (FactKind.OBJECT.value, FactKind.PERSON.value)
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for part in in_parts(dossiers):
        wanted = select(FACTS).where(FACTS.c.dossier.in_(part), FACTS.c.kind.in_(kinds))
        for row in connection.execute(wanted.order_by(FACTS.c.number)):
            rows[row.dossier].append(row)
    stands = {each: standing(fact_of(row) for row in told) for each, told in rows.items()}
    people: dict[str, set[str]] = defaultdict(set)
    for part in in_parts(dossiers):
        people |= marked(connection, persons, part)
    of_kind: dict[FactKind, dict[str, set[str]]] = {FactKind.OBJECT: {}, FactKind.PERSON: people}
    for dossier, facts in stands.items():
        for fact in facts:
            of_kind[fact.kind].setdefault(dossier, set()).add(str(fact.value))
    return _Linked(*({d: frozenset(v) for d, v in each.items()} for each in of_kind.values()))


def _members(
    connection: Connection, holds: Sequence[Hold], dossiers: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    ids = {each.id for each in holds}
    wanted = select(HOLD_MEMBERS).where(HOLD_MEMBERS.c.dossier.in_(dossiers))
    for row in connection.execute(wanted):
        if row.hold in ids:
            yield row.dossier, row.hold, row.why


def _whose(connection: Connection, dossiers: Sequence[str]) -> set[str]:
    """Whose holds can be on these: a hold may also name what is not known here any more."""
    members = (
        select(HOLDS.c.zorgdrager)
        .join(HOLD_MEMBERS, HOLD_MEMBERS.c.hold == HOLDS.c.id)
        .where(HOLD_MEMBERS.c.dossier.in_(dossiers))
    )
    known = zorgdragers_of(connection, dossiers).values()
    return {*known, *connection.execute(members).scalars()}


def _climb(connection: Connection, dossiers: Collection[str], rows: dict[str, _Row]) -> None:
    """Add these dossiers and all that they are part of to the rows."""
    wanted = set(dossiers)
    while wanted:
        for part in in_parts(sorted(wanted)):
            found = connection.execute(select(*_LINES).where(DOSSIERS.c.dossier.in_(part)))
            rows |= {each.dossier: each for each in found}
        wanted = {rows[each].parent for each in wanted if each in rows} - rows.keys() - {""}


def _above(dossier: str, rows: Mapping[str, _Row]) -> list[str]:
    """A dossier and what it is part of, up to the head; a ring is walked once."""
    line = [dossier]
    while line[-1] in rows and (parent := rows[line[-1]].parent) and parent not in line:
        line.append(parent)
    return line


def _descend(
    connection: Connection, dossiers: Collection[str], rows: dict[str, _Row]
) -> dict[str, set[str]]:
    """Of each of these dossiers: itself and all its parts; the rows of those are added."""
    own = {each: {each} for each in dossiers}
    tops: dict[str, set[str]] = {each: {each} for each in dossiers}
    while tops:
        below: dict[str, set[str]] = defaultdict(set)
        for part in in_parts(sorted(tops)):
            for row in connection.execute(select(*_LINES).where(DOSSIERS.c.parent.in_(part))):
                rows[row.dossier] = row
                new = {top for top in tops[row.parent] if row.dossier not in own[top]}
                for top in new:
                    own[top].add(row.dossier)
                if new:
                    below[row.dossier] |= new
        tops = below
    return own
