"""Recomputing everything: the nightly safety net, and what a new policy or mapping would change.

Each new fact is computed at once, so a full run has nothing to find. What it finds is an alarm:
an event that did not reach a dossier, or a row that was changed behind our back. The run itself
ends with everything right.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, Table, Text, insert, select

from retention import appraisal, computing
from retention.case import Decision
from retention.computing import Judged
from retention.gathering import AT_ONCE
from retention.grounds import Assumed, Grounds
from retention.noting import note
from retention.nouns import Desk, DossierState
from retention.tables import COMPUTATIONS, DOSSIERS
from storage.database import METADATA, begin, reading

ALARMS = Table(
    "retention_alarms",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("dossier", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    # missed: a fresh computation rests on other inputs; result: the same inputs, another result;
    # row: the dossier's row does not bear what its computation says; none: it had no computation.
    Column("kind", Text, nullable=False),
    Column("stood", Text, nullable=False),
    Column("fresh", Text, nullable=False),
    Column("found_at", Text, nullable=False),
)

LIVING = (DossierState.HERE.value, DossierState.SEALED.value)
"""What is computed: what may still change. Past the point of no return nothing moves a date."""
MOST_SHOWN = 100
NIGHTLY = "nightly"

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What stood, where a fresh computation says otherwise."""

    dossier: str
    zorgdrager: str
    kind: str
    stood: str
    fresh: str


@dataclass(slots=True)
class Recomputed:
    """What a full run did: how many it looked at; `renewed` because of a new engine or policy."""

    looked_at: int = 0
    renewed: int = 0
    alarms: int = 0
    shown: list[Alarm] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """What would change for a dossier."""

    dossier: str
    identifier: str
    was: str
    was_until: str
    becomes: str
    becomes_until: str


@dataclass(slots=True)
class Preview:
    """What a new policy, mapping or list would change: counted, and the first hundred shown.

    `moves`: how many by (decision now, decision then); of those that keep a date `later` and
    `earlier`.
    """

    looked_at: int = 0
    changed: int = 0
    later: int = 0
    earlier: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[Change] = field(default_factory=list)


def recompute_all(
    desk: Desk,
    zorgdragers: Sequence[str],
    told: Told = lambda _done: None,
    *,
    caused_by: str = NIGHTLY,
) -> Recomputed:
    """Compute every living dossier of these zorgdragers anew, part by part, each in a transaction
    of its own; what stood otherwise without a known cause is an alarm.

    `caused_by`: a new policy, mapping or list ("mapping 12"); then other inputs are no alarm.
    """
    done = Recomputed()
    for zorgdrager in zorgdragers:
        before, after = (done.looked_at, done.alarms), ""
        while True:
            with begin(desk.engine) as connection:
                part = _ids_after(connection, zorgdrager, after)
                if part:
                    _recompute(connection, desk, zorgdrager, part, caused_by, done)
            if not part:
                break
            after = part[-1]
            told(done.looked_at)
        with begin(desk.engine) as connection:
            _note(connection, desk, zorgdrager, caused_by, done, before)
    return done


def preview(
    connection: Connection, zorgdrager: str, on: date, grounds: Grounds | None = None
) -> Preview:
    """What computing everything anew would change, without writing: in a transaction in which the
    new policy or mapping stands already, or with grounds that say so."""
    found, after = Preview(), ""
    grounds = grounds or Grounds(connection)
    while part := _ids_after(connection, zorgdrager, after):
        for judged in computing.judge_each(connection, part, on, grounds).values():
            add_change(found, judged.material.row, judged.columns())
        after = part[-1]
    return found


def preview_now(desk: Desk, zorgdrager: str, assumed: Assumed | None = None) -> Preview:
    """What a full run would change now, or would if what is assumed counted."""
    with reading(desk.engine) as connection:
        grounds = Grounds(connection, assumed)
        return preview(connection, zorgdrager, grounds.today(zorgdrager, desk.now()), grounds)


def add_change(found: Preview, row: Row[Any], fresh: Mapping[str, Any]) -> None:
    """Count a dossier in a preview: as it stands, and what would stand then."""
    found.looked_at += 1
    was = (row.decision, row.end_date, row.eligible_from, row.transfer_on)
    then = (fresh["decision"], fresh["end_date"], fresh["eligible_from"], fresh["transfer_on"])
    if was == then:
        return
    found.changed += 1
    found.moves[was[0], then[0]] += 1
    if was[0] == then[0] == Decision.DATED.value:
        found.later += then[2] > was[2]
        found.earlier += then[2] < was[2]
    if len(found.shown) < MOST_SHOWN:
        change = Change(
            row.dossier, row.identifier, was[0], was[1] or was[3], then[0], then[1] or then[3]
        )
        found.shown.append(change)


def alarms_of(connection: Connection, zorgdrager: str, limit: int = 100) -> tuple[Alarm, ...]:
    """The newest alarms of a zorgdrager."""
    wanted = select(
        ALARMS.c.dossier, ALARMS.c.zorgdrager, ALARMS.c.kind, ALARMS.c.stood, ALARMS.c.fresh
    ).where(ALARMS.c.zorgdrager == zorgdrager)
    rows = connection.execute(wanted.order_by(ALARMS.c.number.desc()).limit(limit))
    return tuple(Alarm(*row) for row in rows)


def _ids_after(connection: Connection, zorgdrager: str, after: str) -> list[str]:
    wanted = (
        select(DOSSIERS.c.dossier)
        .where(
            DOSSIERS.c.zorgdrager == zorgdrager,
            DOSSIERS.c.dossier > after,
            DOSSIERS.c.state.in_(LIVING),
        )
        .order_by(DOSSIERS.c.dossier)
        .limit(AT_ONCE)
    )
    return list(connection.execute(wanted).scalars())


def _recompute(  # noqa: PLR0913, PLR0917 - one part of one zorgdrager
    connection: Connection,
    desk: Desk,
    zorgdrager: str,
    part: Sequence[str],
    caused_by: str,
    done: Recomputed,
) -> None:
    grounds = Grounds(connection)
    stood = {row.dossier: row for row in connection.execute(_standing(part))}
    on = grounds.today(zorgdrager, desk.now())
    judged = computing.judge_each(connection, part, on, grounds)
    alarms = []
    for each in judged.values():
        row = stood.get(each.material.row.dossier)
        if row is not None and _has_cause(row, each, caused_by):
            done.renewed += 1
        elif (found := _alarm(row, each)) is not None:
            alarms.append(found)
    causes = dict.fromkeys(judged, caused_by)
    _written, moved = computing.write_judged(connection, desk, judged, causes, anew=_wrong(alarms))
    if moved:
        computing.compute_dependents(connection, desk, moved, grounds)
    _keep(connection, desk, alarms, done)
    done.looked_at += len(judged)


def _has_cause(row: Row[Any], judged: Judged, caused_by: str) -> bool:
    """Whether it is known why a stored computation is no longer the one of now: another engine or
    policy, or what the whole run is for."""
    if row.engine != appraisal.ENGINE or row.policy != judged.policy:
        return True
    return caused_by != NIGHTLY and bool(row.inputs_sha256 != judged.inputs_sha256)


def _alarm(row: Row[Any] | None, judged: Judged) -> Alarm | None:
    dossier, zorgdrager = judged.material.row.dossier, judged.material.row.zorgdrager
    if row is None:
        return Alarm(dossier, zorgdrager, "none", "", _shown(judged.result()))
    if row.inputs_sha256 != judged.inputs_sha256:
        stood, fresh = row.inputs, judged.inputs
        return Alarm(dossier, zorgdrager, "missed", stood, fresh)
    result = judged.result() | {"reasons": computing.reasons_text(judged.verdict.reasons)}
    stands = {name: getattr(row, name) for name in result}
    if stands != result:
        return Alarm(dossier, zorgdrager, "result", _shown(stands), _shown(result))
    differs = list(computing.differences(judged))
    if differs or judged.material.row.computation != row.number:
        stood = "; ".join(f"{name}={was}" for name, was, _ in differs)
        fresh = "; ".join(f"{name}={now}" for name, _, now in differs)
        return Alarm(dossier, zorgdrager, "row", stood, fresh)
    return None


def _wrong(alarms: Sequence[Alarm]) -> frozenset[str]:
    """The dossiers whose stored result is wrong although the inputs are the same."""
    return frozenset(each.dossier for each in alarms if each.kind == "result")


def _keep(connection: Connection, desk: Desk, alarms: Sequence[Alarm], done: Recomputed) -> None:
    done.alarms += len(alarms)
    done.shown += alarms[: max(0, MOST_SHOWN - len(done.shown))]
    at = desk.now().isoformat()
    rows = [
        {
            "dossier": each.dossier,
            "zorgdrager": each.zorgdrager,
            "kind": each.kind,
            "stood": each.stood,
            "fresh": each.fresh,
            "found_at": at,
        }
        for each in alarms
    ]
    if rows:
        connection.execute(insert(ALARMS), rows)


def _note(  # noqa: PLR0913, PLR0917 - what a run did, for one zorgdrager
    connection: Connection,
    desk: Desk,
    zorgdrager: str,
    caused_by: str,
    done: Recomputed,
    before: tuple[int, int],
) -> None:
    looked_at, alarms = done.looked_at - before[0], done.alarms - before[1]
    note(
        connection,
        desk,
        zorgdrager,
        "retention.recomputed",
        "register",
        result="alarm" if alarms else "done",
        actor="system",
        origin=desk.software,
        facts={"dossiers": looked_at, "alarms": alarms, "cause": caused_by},
    )


def _standing(part: Sequence[str]) -> Any:
    return select(COMPUTATIONS).where(
        COMPUTATIONS.c.dossier.in_(part), COMPUTATIONS.c.replaced_by == 0
    )


def _shown(values: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in values.items())
