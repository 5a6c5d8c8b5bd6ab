"""Destruction list (vernietigingslijst): made of what is due, frozen under a root, and revised.

    made = new_list(desk, actor, "gm0000", name="Vernietiging 2026", selection=Selection())
    add(desk, actor, made.id, ["…"]) ; remove(desk, actor, made.id, ["…"], "nog in gebruik")
    revise(connection, desk, made.id, "na beoordeling", actor.person)
    screen(connection, desk, made.id, Stage.SIGN, today)      what fails a guard leaves

Items may fall out at any time and come in only while the list is a concept. What is signed is the
root: a row that is edited in the database gives another one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from retention import guards, people, snapshots
from retention.acts import act
from retention.candidates import ALL_DUE, Selection, find_candidates
from retention.days import trusted_today
from retention.elsewhere import Documents
from retention.errors import Refused
from retention.guard_nouns import ItemRef, Refusal, Refusals, Stage
from retention.involvement import involve
from retention.leaving import By, leave
from retention.list_reading import DisposalList, Item, items_of, list_lists, read_list
from retention.list_root import compute_root
from retention.nouns import Actor, Desk, Duty, ItemState, ListKind, ListState, Role
from retention.revising import revise
from retention.rule_policy import policy_for
from retention.snapshots import Snapshot
from retention.tables import ITEMS, LISTS
from storage.database import begin

__all__ = [
    "DisposalList",
    "Item",
    "Selection",
    "add",
    "items_of",
    "leave",
    "list_lists",
    "new_list",
    "read_list",
    "remove",
    "revise",
    "root_of",
    "screen",
]

_LETTERS = {ListKind.DESTROY: "v", ListKind.TRANSFER: "o", ListKind.RELEASE: "b"}
_FIRST_PLACE = 10**9
"""Who comes in stands behind all others, until the revision gives everyone a place."""

SHOWN = 10
"""So many dossiers are named in a refusal."""

RefusedItems = tuple[tuple[str, Refusals], ...]


def new_list(  # noqa: PLR0913 - who makes what, of which dossiers
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    *,
    name: str,
    kind: ListKind = ListKind.DESTROY,
    selection: Selection = ALL_DUE,
) -> DisposalList:
    """Make a list of the dossiers that may be on it; `refused` tells of those that may not.

    Raises: Refused (mandate) for who is no record manager there; Refused with the code of what
    stands against the dossiers when none may be on it; Refused (nothing_due) when there are none.
    """
    with begin(desk.engine) as connection:
        return make_list(
            connection, desk, actor, zorgdrager, name=name, kind=kind, selection=selection
        )


def make_list(  # noqa: PLR0913 - the same, within the caller's transaction
    connection: Connection,
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    *,
    name: str,
    kind: ListKind,
    selection: Selection,
) -> DisposalList:
    """What new_list does, in the caller's transaction.

    Raises: what new_list raises.
    """
    today = trusted_today(connection, zorgdrager, desk.now())
    people.require_mandate(connection, actor, zorgdrager, [Role.RECORD_MANAGER], today)
    list_id = _next_id(connection, zorgdrager, kind, today.year)
    policy = policy_for(connection, zorgdrager, today).name
    connection.execute(
        insert(LISTS),
        {
            "id": list_id,
            "zorgdrager": zorgdrager,
            "kind": kind.value,
            "name": name,
            "state": ListState.CONCEPT.value,
            "revision": 0,
            "root": "",
            "made_by": actor.person,
            "made_at": desk.now().isoformat(),
            "policy": policy,
            "changed_at": "",
            "executed_at": "",
            "paused_by": "",
        },
    )
    involve(connection, desk, list_id, actor.person, Duty.PROPOSER)
    wanted = find_candidates(connection, zorgdrager, today, selection)
    refused = _take_in(connection, desk, read_list(connection, list_id), wanted, today)
    revise(connection, desk, list_id, "made", actor.person)
    act(connection, desk, actor, list_id, Duty.PROPOSER, "make", {"name": name})
    return replace(read_list(connection, list_id), refused=refused)


def add(desk: Desk, actor: Actor, list_id: str, dossiers: Sequence[str]) -> DisposalList:
    """Take dossiers in, as long as the list is a concept; `refused` tells of those that may not.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state); Refused with the code of
    what stands against them when none may come in.
    """
    with begin(desk.engine) as connection:
        listed, today = _for_change(connection, desk, actor, list_id, [ListState.CONCEPT])
        refused = _take_in(connection, desk, listed, dict.fromkeys(dossiers), today)
        revise(connection, desk, list_id, "added", actor.person)
        said = {"dossiers": sorted(set(dossiers) - {each for each, _ in refused})}
        act(connection, desk, actor, list_id, Duty.PROPOSER, "add", said)
        return replace(read_list(connection, list_id), refused=refused)


def remove(
    desk: Desk, actor: Actor, list_id: str, dossiers: Sequence[str], reason: str
) -> DisposalList:
    """Take dossiers off, as long as the proposer may change the list.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, unknown, reason_missing).
    """
    if not reason.strip():
        raise Refused("reason_missing", list_id, list=list_id)
    states = [ListState.CONCEPT, ListState.CHANGES_REQUESTED]
    with begin(desk.engine) as connection:
        _for_change(connection, desk, actor, list_id, states)
        for each in dict.fromkeys(dossiers):
            leave(connection, desk, list_id, each, "removed", reason, _by(actor))
        if read_list(connection, list_id).state in states:
            revise(connection, desk, list_id, "removed", actor.person)
        said = {"dossiers": sorted(set(dossiers)), "reason": reason}
        act(connection, desk, actor, list_id, Duty.PROPOSER, "remove", said)
        return read_list(connection, list_id)


def screen(  # noqa: PLR0913, PLR0917 - of which list, when, and what the run knows
    connection: Connection,
    desk: Desk,
    list_id: str,
    stage: Stage,
    today: date,
    answered: frozenset[str] | None = None,
) -> RefusedItems:
    """Let every item leave against which something stands, in the caller's transaction; those
    items, with what stands against them.

    Raises: what guards.check_all raises.
    """
    found = tuple(guards.check_all(connection, desk, list_id, stage, today, answered))
    for dossier, refusals in found:
        leave(connection, desk, list_id, dossier, refusals[0].code, refusals[0].detail)
    return found


def root_of(connection: Connection, list_id: str) -> str:
    """The root over the rows as they stand now, in hex: what LISTS.root must be."""
    return compute_root(connection, list_id)


def _for_change(
    connection: Connection,
    desk: Desk,
    actor: Actor,
    list_id: str,
    states: Sequence[ListState],
) -> tuple[DisposalList, date]:
    """The list and the day, when this person may change it now."""
    listed = read_list(connection, list_id)
    today = trusted_today(connection, listed.zorgdrager, desk.now())
    people.require_mandate(connection, actor, listed.zorgdrager, [Role.RECORD_MANAGER], today)
    involve(connection, desk, list_id, actor.person, Duty.PROPOSER)
    if listed.state not in states:
        raise Refused("state", f"{list_id}: {listed.state.value}", list=list_id, state=listed.state)
    return listed, today


def _take_in(
    connection: Connection,
    desk: Desk,
    listed: DisposalList,
    dossiers: Iterable[str],
    today: date,
) -> RefusedItems:
    """Put on a list those against which nothing stands; the others, with what does.

    Raises: Refused when that leaves nothing.
    """
    like = ItemRef(listed.id, "", listed.zorgdrager, listed.kind)
    documents = Documents(listed.zorgdrager, today)
    place, refused = _FIRST_PLACE, []
    for sights, judged in guards.check_candidates(connection, dossiers, like, today):
        known = _known(connection, listed.id, list(judged))
        for each in known:
            judged[each] = (Refusal("G8", known[each], listed.id),)
        refused += [(each, against) for each, against in judged.items() if against]
        fit = [each for each, against in judged.items() if not against]
        taken = snapshots.take(connection, desk, fit, sights, documents)
        if taken:
            _insert_items(connection, listed.id, taken, place)
        place += len(taken)
    if place == _FIRST_PLACE:
        raise _nothing_left(listed.id, refused)
    return tuple(refused)


def _nothing_left(list_id: str, refused: Sequence[tuple[str, Refusals]]) -> Refused:
    """Why nothing can be on a list: the one code that all share, or that guards refused them."""
    codes = {against[0].code for _, against in refused}
    code = codes.pop() if len(codes) == 1 else "guards" if codes else "nothing_due"
    values: dict[str, object] = {"list": list_id}
    if refused:
        values = {
            "dossier": ", ".join(each for each, _ in refused[:SHOWN]),
            "found": refused[0][1][0].detail if code != "guards" else ", ".join(sorted(codes)),
        }
    return Refused(code, f"{list_id}: {code}", **values)


def _known(connection: Connection, list_id: str, dossiers: Sequence[str]) -> dict[str, str]:
    """Why those that are on this very list, or left it, cannot come in (again)."""
    wanted = select(ITEMS.c.dossier, ITEMS.c.state).where(
        ITEMS.c.list == list_id, ITEMS.c.dossier.in_(dossiers)
    )
    return {
        each.dossier: "left_this_list" if each.state == ItemState.LEFT else "already_on_list"
        for each in connection.execute(wanted)
    }


def _insert_items(
    connection: Connection, list_id: str, taken: Sequence[Snapshot], place: int
) -> None:
    rows = [
        _NEW_ITEM
        | {
            "list": list_id,
            "dossier": each.dossier,
            "position": place + number,
            "computation": each.computation,
            "snapshot": each.text,
            "snapshot_sha256": each.sha256,
            "title": each.title,
            "title_salt": each.salt,
        }
        for number, each in enumerate(taken)
    ]
    connection.execute(insert(ITEMS), rows)


def _next_id(connection: Connection, zorgdrager: str, kind: ListKind, year: int) -> str:
    """The next number of a zorgdrager's own series: `gm0000-v2026-001`."""
    series = f"{zorgdrager}-{_LETTERS[kind]}{year}-"
    wanted = (
        select(func.count())
        .select_from(LISTS)
        .where(LISTS.c.id >= series, LISTS.c.id < f"{series}\U0010ffff")
    )
    return f"{series}{connection.execute(wanted).scalar_one() + 1:03d}"


def _by(actor: Actor) -> By:
    return By(actor.person, actor.origin)


_NEW_ITEM: dict[str, Any] = {
    "state": ItemState.PROPOSED.value,
    "token": 0,
    "dossier_epoch": 0,
    "zorgdrager_epoch": 0,
    **dict.fromkeys(
        (
            *("left_reason", "left_detail", "left_at", "worker", "claimed_at", "sealed_at"),
            *("inputs_sha256", "manifest_sha256", "begun_at", "destroyed_at", "trouble"),
            "came_from",
        ),
        "",
    ),
}
