"""Computing: what the date engine says of a dossier, stored with its inputs and its reasons.

    facts, rule, policy -> case -> verdict -> a row, when inputs are new -> those that rest on it

A computation is never changed: a new one takes its place. The dossier's row bears what the newest
says, so that it can be asked for. Source: domain rules R1-R30; retention computation, 3.3.
"""

import json
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from retention import appraisal, case_json, holds
from retention.case import Decision, Reason
from retention.errors import DossierUnknown
from retention.gathering import gather
from retention.grounds import Grounds
from retention.judging import (
    Judged,
    current_case,
    differences,
    judge,
    judge_each,
    reasons_text,
    verdict_now,
    verdicts_now,
)
from retention.links import dependents
from retention.nouns import Desk
from retention.tables import COMPUTATIONS, DOSSIERS

__all__ = [
    "Computation",
    "Judged",
    "computations_of",
    "compute",
    "compute_each",
    "current",
    "current_case",
    "differences",
    "judge_each",
    "reasons_text",
    "verdict_now",
    "verdicts_now",
]

AT_ONCE = 1000
FAMILY = "family"
"""The cause of a computation: a main case or a related dossier moved."""
MOST_ROUNDS = 20
"""So often one event may come back to the same dossier: main cases that point at each other."""


@dataclass(frozen=True, slots=True)
class Computation:
    """A computation as it is stored; dates ISO texts, "" for none."""

    number: int
    dossier: str
    engine: str
    policy: str
    inputs: str
    inputs_sha256: str
    decision: Decision
    brondatum: str
    end_date: str
    eligible_from: str
    reasons: tuple[Reason, ...]
    computed_at: str
    caused_by: str
    replaced_by: int


def compute(connection: Connection, desk: Desk, dossier: str, caused_by: str) -> Computation:
    """The dossier's current computation: a new one where the inputs or the engine are new.

    Those whose date rests on this one (parts, related dossiers) are computed as well.

    Raises: DossierUnknown.
    """
    compute_each(connection, desk, [dossier], caused_by)
    found = current(connection, dossier)
    assert found is not None, f"{dossier} was just computed"
    return found


def compute_each(
    connection: Connection,
    desk: Desk,
    dossiers: Sequence[str],
    caused_by: str,
    grounds: Grounds | None = None,
) -> int:
    """The same for many, in the caller's transaction; how many new computations there are.

    Raises: DossierUnknown when one of them is not in the register.
    """
    grounds = grounds or Grounds(connection)
    queue, made = deque((each, caused_by) for each in dossiers), 0
    seen: Counter[str] = Counter()
    while queue:
        causes = dict(queue.popleft() for _ in range(min(AT_ONCE, len(queue))))
        judged = _judged(connection, desk, list(causes), grounds)
        written, moved = write_judged(connection, desk, judged, causes)
        made += written
        for each in dependents(connection, moved):
            seen[each] += 1
            if seen[each] <= MOST_ROUNDS:
                queue.append((each, FAMILY))
    return made


def compute_dependents(
    connection: Connection, desk: Desk, moved: Sequence[str], grounds: Grounds
) -> int:
    """Compute those whose date rests on these dossiers; how many new computations there are."""
    reached = [each for each in dependents(connection, moved) if each not in moved]
    return compute_each(connection, desk, reached, FAMILY, grounds)


def write_judged(
    connection: Connection,
    desk: Desk,
    judged: Mapping[str, Judged],
    causes: Mapping[str, str],
    *,
    anew: Collection[str] = (),
) -> tuple[int, list[str]]:
    """Store what was judged; how many computations are new, and the dossiers on which another can
    rest (their end or their anchor moved, or they are new). `anew`: stored whatever stands."""
    standing = _standing(connection, list(judged))
    new = [
        each
        for each in judged.values()
        if each.material.row.dossier in anew
        or not _is_same(standing.get(each.material.row.dossier), each)
    ]
    numbers = _insert(connection, desk, new, causes)
    replaced = [
        {"b_old": standing[dossier].number, "b_new": number}
        for dossier, number in numbers.items()
        if dossier in standing
    ]
    if replaced:
        connection.execute(_REPLACE, replaced)
    changed = [each for each in judged.values() if _row_differs(each, numbers)]
    if changed:
        connection.execute(_RENEW, [_renewed(each, numbers) for each in changed])
    holds.catch_each(connection, desk, [each.material.row.dossier for each in changed])
    return len(new), [each.material.row.dossier for each in changed if _moved(each)]


def current(connection: Connection, dossier: str) -> Computation | None:
    """The computation that stands; None when there is none yet."""
    found = _standing(connection, [dossier]).get(dossier)
    return None if found is None else computation_of(found)


def computations_of(connection: Connection, dossier: str) -> tuple[Computation, ...]:
    """Every computation of a dossier, the newest first."""
    wanted = select(COMPUTATIONS).where(COMPUTATIONS.c.dossier == dossier)
    rows = connection.execute(wanted.order_by(COMPUTATIONS.c.number.desc()))
    return tuple(computation_of(each) for each in rows)


def computation_of(row: Row[Any]) -> Computation:
    """A row as a computation."""
    return Computation(
        number=row.number,
        dossier=row.dossier,
        engine=row.engine,
        policy=row.policy,
        inputs=row.inputs,
        inputs_sha256=row.inputs_sha256,
        decision=Decision(row.decision),
        brondatum=row.brondatum,
        end_date=row.end_date,
        eligible_from=row.eligible_from,
        reasons=case_json.reasons_of(json.loads(row.reasons)),
        computed_at=row.computed_at,
        caused_by=row.caused_by,
        replaced_by=row.replaced_by,
    )


def _judged(
    connection: Connection, desk: Desk, dossiers: Sequence[str], grounds: Grounds
) -> dict[str, Judged]:
    materials = gather(connection, dossiers)
    missing = [each for each in dossiers if each not in materials]
    if missing:
        raise DossierUnknown(dossier=missing[0])
    return {
        each: judge(material, grounds, grounds.today(material.row.zorgdrager, desk.now()))
        for each, material in materials.items()
    }


def _standing(connection: Connection, dossiers: Sequence[str]) -> dict[str, Row[Any]]:
    wanted = select(COMPUTATIONS).where(
        COMPUTATIONS.c.dossier.in_(dossiers), COMPUTATIONS.c.replaced_by == 0
    )
    return {row.dossier: row for row in connection.execute(wanted)}


def _is_same(row: Row[Any] | None, judged: Judged) -> bool:
    return (
        row is not None
        and row.inputs_sha256 == judged.inputs_sha256
        and row.engine == appraisal.ENGINE
        and row.policy == judged.policy
    )


def _insert(
    connection: Connection, desk: Desk, judged: Sequence[Judged], causes: Mapping[str, str]
) -> dict[str, int]:
    if not judged:
        return {}
    at = desk.now().isoformat()
    rows = [
        each.result()
        | {
            "dossier": each.material.row.dossier,
            "engine": appraisal.ENGINE,
            "policy": each.policy,
            "inputs": each.inputs,
            "inputs_sha256": each.inputs_sha256,
            "reasons": reasons_text(each.verdict.reasons),
            "computed_at": at,
            "caused_by": causes[each.material.row.dossier],
            "replaced_by": 0,
        }
        for each in judged
    ]
    added = insert(COMPUTATIONS).returning(COMPUTATIONS.c.dossier, COMPUTATIONS.c.number)
    return {row.dossier: row.number for row in connection.execute(added, rows)}


def _renewed(judged: Judged, numbers: Mapping[str, int]) -> dict[str, Any]:
    row = judged.material.row
    columns: dict[str, Any] = {f"b_{name}": value for name, value in judged.columns().items()}
    number = numbers.get(row.dossier, row.computation)
    return columns | {"b_key": row.dossier, "b_computation": number}


def _row_differs(judged: Judged, numbers: Mapping[str, int]) -> bool:
    row = judged.material.row
    if row.dossier in numbers:
        return True
    return any(getattr(row, name) != value for name, value in judged.columns().items())


def _moved(judged: Judged) -> bool:
    row, columns = judged.material.row, judged.columns()
    names = ("ended_on", "brondatum")
    return not row.computation or any(getattr(row, name) != columns[name] for name in names)


_SHARED = (
    *("decision", "brondatum", "end_date", "eligible_from", "valuation", "transfer_on", "cause"),
    *("zaaktype", "result", "parent", "list_year", "category", "started_on", "ended_on"),
)
_RENEW = (
    update(DOSSIERS)
    .where(DOSSIERS.c.dossier == bindparam("b_key"))
    .values({name: bindparam(f"b_{name}") for name in (*_SHARED, "computation")})
)
_REPLACE = (
    update(COMPUTATIONS)
    .where(COMPUTATIONS.c.number == bindparam("b_old"))
    .values(replaced_by=bindparam("b_new"))
)
