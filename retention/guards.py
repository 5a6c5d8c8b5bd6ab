"""The guards of a disposal list (G1-G14), asked from base tables and never from an index or cache.

`check` asks them of one dossier, `check_all` of every item of a list, `check_candidates` of
dossiers that are proposed. They say what stands against a dossier; whether the person who acts may
(the second half of G9), and whether the waiting is over, is asked by whoever acts.

| guard | refuses when |
| --- | --- |
| G1 | the valuation now is not *destroy* |
| G2 | a computation now gives another decision or end date than was decided on |
| G3 | it has no date, or the day has not come |
| G4 | a hold is active: on it, its family, objects, persons, or by a query |
| G5 | it is exempted |
| G6 | one of its family does not pass G1-G5 |
| G7 | its term is a minimum that nobody confirmed |
| G8 | it is on another running list, or its package is being repaired |
| G9 | it is of another zorgdrager, or not known |
| G10 | its documents fall under rules that are not known one by one |
| G11 | it is no leaf under the root that was signed, or its row was edited |
| G12 | the authorisation is absent, withdrawn, or no longer counts |
| G13 | a store that holds a copy did not answer |
| G14 | it was transferred, or is gone |
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from retention import guard_signed, list_root
from retention.bulk import AT_ONCE, in_parts
from retention.errors import ListUnknown, Refused
from retention.guard_nouns import GUARDS, ItemRef, Refusal, Refusals, RunSight, Stage
from retention.guard_rules import Expected, judge_all
from retention.guard_sight import Looker, Sights
from retention.nouns import ON_LIST, Desk, ListKind
from retention.tables import ITEMS, LISTS

__all__ = [
    "GUARDS",
    "ItemRef",
    "Refusal",
    "Refusals",
    "RunSight",
    "Stage",
    "check",
    "check_all",
    "check_candidates",
]

_ON_LIST = [each.value for each in ON_LIST]
NOT_SEEN = RunSight()


def check(  # noqa: PLR0913, PLR0917 - what, when, and what only the run knows
    connection: Connection,
    desk: Desk,
    item: ItemRef,
    stage: Stage,
    today: date,
    run: RunSight = NOT_SEEN,
) -> Refusals:
    """What stands against one dossier at this stage; () when it may go on.

    `today` is the trusted day (retention.days.trusted_today). An item whose row is not on the
    list, or no longer, is refused under G11.
    """
    del desk
    sights = Looker(connection, today, item.list_id).look([item.dossier])
    row = _row(connection, item)
    expected = None if row is None else _expected(row.snapshot)
    found = [*judge_all({item.dossier: expected}, item, sights, today)[item.dossier]]
    if stage is not Stage.PROPOSE and row is None:
        found.append(Refusal("G11", "hash_mismatch", item.list_id))
    elif row is not None:
        found += _signed(connection, item, row, stage, today, run)
    return tuple(found)


def check_all(  # noqa: PLR0913, PLR0917 - the same for a whole list
    connection: Connection,
    desk: Desk,
    list_id: str,
    stage: Stage,
    today: date,
    answered: frozenset[str] | None = None,
) -> Iterator[tuple[str, Refusals]]:
    """The items of a list against which something stands, in order of position, with what.

    Raises: ListUnknown; Refused (hash_mismatch) when the rows are not what the list's root says;
    from the start on also Refused (hash_mismatch, unsigned, waiting, expired) when the list as a
    whole may not go on.
    """
    del desk
    listed = connection.execute(select(LISTS).where(LISTS.c.id == list_id)).first()
    if listed is None:
        raise ListUnknown(id=list_id)
    _check_whole(connection, listed, stage, today)
    like = ItemRef(list_id, "", listed.zorgdrager, ListKind(listed.kind))
    looker = Looker(connection, today, list_id)
    for part in _snapshots(connection, list_id):
        sights = looker.look(list(part))
        expected = {each: _expected(snapshot) for each, snapshot in part.items()}
        judged = judge_all(expected, like, sights, today)
        silent = guard_signed.silent(connection, part, answered)
        for each, refusals in judged.items():
            found = (*refusals, *silent.get(each, ()))
            if found:
                yield each, found


def check_candidates(
    connection: Connection, dossiers: Iterable[str], like: ItemRef, today: date
) -> Iterator[tuple[Sights, dict[str, Refusals]]]:
    """What stands against each dossier as a candidate for a list of `like`'s zorgdrager and kind,
    part by part in the order in which they are given, with what was seen of them."""
    looker = Looker(connection, today, like.list_id)
    for part in in_parts(dossiers):
        sights = looker.look(part)
        yield sights, judge_all(dict.fromkeys(part), like, sights, today)


def _check_whole(connection: Connection, listed: Row[Any], stage: Stage, today: date) -> None:
    """See that a list as a whole may go on."""
    if "G11" not in GUARDS[stage]:
        return
    root = list_root.compute_root(connection, listed.id)
    if root != listed.root:
        raise Refused("hash_mismatch", listed.id, list=listed.id, expected=listed.root, found=root)
    if "G12" in GUARDS[stage]:
        for each in guard_signed.authorisation(connection, listed.id, today)[1]:
            raise Refused(each.code, listed.id, list=listed.id, detail=each.detail)


def _signed(  # noqa: PLR0913, PLR0917 - the same
    connection: Connection,
    item: ItemRef,
    row: Row[Any],
    stage: Stage,
    today: date,
    run: RunSight,
) -> Refusals:
    """G11 to G13 of one item."""
    if "G11" not in GUARDS[stage]:
        return ()
    root, found = "", Refusals()
    if "G12" in GUARDS[stage]:
        root, found = guard_signed.authorisation(connection, item.list_id, today)
        found += guard_signed.silent(connection, [item.dossier], run.answered).get(item.dossier, ())
    return (*found, *guard_signed.included(connection, row, root, run.inclusion))


def _row(connection: Connection, item: ItemRef) -> Row[Any] | None:
    wanted = select(ITEMS).where(
        ITEMS.c.list == item.list_id,
        ITEMS.c.dossier == item.dossier,
        ITEMS.c.state.in_(_ON_LIST),
    )
    return connection.execute(wanted).first()


def _snapshots(connection: Connection, list_id: str) -> Iterator[Mapping[str, str]]:
    """The snapshots of those that are on a list, part by part, in order of position."""
    after = list_root.OFF
    while True:
        wanted = (
            select(ITEMS.c.dossier, ITEMS.c.position, ITEMS.c.snapshot)
            .where(ITEMS.c.list == list_id, ITEMS.c.position > after, ITEMS.c.state.in_(_ON_LIST))
            .order_by(ITEMS.c.position)
            .limit(AT_ONCE)
        )
        part = connection.execute(wanted).all()
        if not part:
            return
        yield {each.dossier: each.snapshot for each in part}
        after = part[-1].position


def _expected(snapshot: str) -> Expected:
    """What was decided on; of a snapshot that cannot be read, what never comes out."""
    try:
        said = json.loads(snapshot)
        return Expected(str(said["decision"]), str(said["end_date"]))
    except (ValueError, KeyError, TypeError):
        return Expected("", "?")
