"""What persons decide on dossiers that a run could not end: halted by a hold, or with a trouble.

    restore_halted     signatory and archivist: it stays, from the copy that is left
    go_on_halted       executor and archivist, once the hold was released: it is destroyed after all
    resolve_operator   executor and archivist: try again, or off the list when nothing was begun

Each takes two persons, who each sign: the first act asks, the second one does it. That a copy was
not there is never taken for its destruction: there is no decision for that.

Source: domain rules, 3.2 and 6.3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from retention.acts import act, acts_of
from retention.days import trusted_today
from retention.disposal_nouns import Works
from retention.errors import Refused
from retention.hold_sight import active_on
from retention.involvement import check_duty, involve
from retention.leaving import By, leave
from retention.list_reading import DisposalList, read_list
from retention.moving import Step, carry_out
from retention.noting import note
from retention.nouns import OPEN_AGAIN, Actor, DossierState, Duty, ItemState, ListState
from retention.people import require_mandate
from retention.tables import COPY_ACTIONS, DOSSIERS, ITEMS
from retention.transitions import ROLES, Event
from storage.catalogue import AIPS, COPIES
from storage.copies import read_digest
from storage.database import begin, reading
from storage.errors import StorageError

WAITING = (ItemState.HALTED.value, ItemState.NEEDS_OPERATOR.value)


class Decision(StrEnum):
    """What is decided; also the name of the act that each of the two signs."""

    RESTORE = "restore"
    GO_ON = "go_on"
    AGAIN = "again"
    LEAVE = "leave"


DECIDES: Mapping[Decision, tuple[Duty, Duty]] = {
    Decision.RESTORE: (Duty.SIGNATORY, Duty.ARCHIVIST),
    Decision.GO_ON: (Duty.EXECUTOR, Duty.ARCHIVIST),
    Decision.AGAIN: (Duty.EXECUTOR, Duty.ARCHIVIST),
    Decision.LEAVE: (Duty.EXECUTOR, Duty.ARCHIVIST),
}
"""Who decides: two persons, one in each duty."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one person's decision: `done` once both decided the same."""

    list: str
    dossier: str
    decision: Decision
    duty: Duty
    done: bool
    state: ItemState


Done = Callable[[Connection, DisposalList, Row[Any]], None]


def restore_halted(
    works: Works, actor: Actor, list_id: str, dossier: str, *, reason: str
) -> Decided:
    """Let a dossier that a hold halted stay: it leaves the list, and is open again. Copies that
    went already are missing until a fixity run repairs them from one that is left.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, same_person, reason_missing,
    unknown, state); Refused (no_copy) when no store has its bytes any more.
    """
    whole = _whole_copies(works, dossier)
    if not whole:
        raise Refused("no_copy", dossier, list=list_id, dossier=dossier)

    def restore(connection: Connection, listed: DisposalList, item: Row[Any]) -> None:
        at = works.desk.now().isoformat()
        hold = item.trouble.partition(": ")[2]
        _put(connection, item, ItemState.LEFT, left_reason="hold", left_detail=hold, left_at=at)
        _put_dossier(connection, dossier, OPEN_AGAIN[listed.kind])
        gone = _gone(connection, item)
        facts = {"hold": hold, "gone": gone, "left": sorted(whole)}
        _tell(connection, works, actor, listed, item, "disposal.restored", facts)

    return _decide(works, actor, list_id, dossier, Decision.RESTORE, reason, restore)


def go_on_halted(works: Works, actor: Actor, list_id: str, dossier: str, *, reason: str) -> Decided:
    """Let the destruction of a halted dossier go on, when no hold covers it any more.

    Raises: as restore_halted; Refused (held) while a hold does.
    """

    def go_on(connection: Connection, listed: DisposalList, item: Row[Any]) -> None:
        if holds := active_on(connection, dossier):
            raise Refused("held", dossier, dossier=dossier, hold=holds[0].id)
        _put(connection, item, ItemState.DESTROYING)
        _put_dossier(connection, dossier, DossierState.DESTROYING)
        _tell(connection, works, actor, listed, item, "disposal.resumed", {})

    return _decide(works, actor, list_id, dossier, Decision.GO_ON, reason, go_on)


def resolve_operator(  # noqa: PLR0913 - who decides what of which item, and why
    works: Works, actor: Actor, list_id: str, dossier: str, decision: Decision, *, reason: str
) -> Decided:
    """Decide on a dossier that needs an operator: AGAIN lets the run try once more where it was;
    LEAVE takes it off the list, when nothing of it was touched.

    Raises: as restore_halted; Refused (begun) for LEAVE when its destruction has begun.
    """
    assert decision in {Decision.AGAIN, Decision.LEAVE}, "the others are for halted dossiers"

    def again(connection: Connection, listed: DisposalList, item: Row[Any]) -> None:
        came_from = ItemState(item.came_from)
        _put(connection, item, came_from)
        mine = (COPY_ACTIONS.c.list == list_id) & (COPY_ACTIONS.c.dossier == dossier)
        connection.execute(update(COPY_ACTIONS).where(mine).values(attempts=0))
        _tell(connection, works, actor, listed, item, "disposal.resumed", {})

    def leaves(connection: Connection, listed: DisposalList, item: Row[Any]) -> None:
        if item.begun_at:
            raise Refused("begun", dossier, dossier=dossier, found=item.begun_at)
        by = By(actor.person, actor.origin)
        leave(connection, works.desk, list_id, dossier, "operator", reason, by)
        _tell(connection, works, actor, listed, item, "disposal.given_up", {})

    deed = again if decision is Decision.AGAIN else leaves
    return _decide(works, actor, list_id, dossier, decision, reason, deed)


def undecided(connection: Connection, list_id: str) -> tuple[tuple[str, ItemState, str], ...]:
    """The dossiers of a list that wait for persons: each with its state and why."""
    wanted = (
        select(ITEMS.c.dossier, ITEMS.c.state, ITEMS.c.trouble)
        .where(ITEMS.c.list == list_id, ITEMS.c.state.in_(WAITING))
        .order_by(ITEMS.c.position)
    )
    rows = connection.execute(wanted)
    return tuple((each.dossier, ItemState(each.state), each.trouble) for each in rows)


def _decide(  # noqa: PLR0913, PLR0917 - who decides what of which item, and what that does
    works: Works,
    actor: Actor,
    list_id: str,
    dossier: str,
    decision: Decision,
    reason: str,
    done: Done,
) -> Decided:
    if not reason.strip():
        raise Refused("reason_missing", list_id, list=list_id, dossier=dossier)
    halted = decision in {Decision.RESTORE, Decision.GO_ON}
    expected = ItemState.HALTED if halted else ItemState.NEEDS_OPERATOR
    with begin(works.desk.engine) as connection:
        listed = read_list(connection, list_id)
        item = _item(connection, list_id, dossier, expected)
        duty = _duty(connection, works, actor, listed, decision)
        said = {"dossier": dossier, "token": item.token, "reason": reason}
        other = _other(connection, listed, item, decision, duty)
        if other == actor.person:
            raise Refused("same_person", "somebody else has to do this", person=actor.person)
        involve(connection, works.desk, list_id, actor.person, duty)
        act(connection, works.desk, actor, list_id, duty, decision.value, said)
        if other:
            done(connection, listed, item)
            _go_on_with_list(connection, works, actor, listed, duty)
        state = _state(connection, list_id, dossier)
    return Decided(list_id, dossier, decision, duty, done=bool(other), state=state)


def _item(connection: Connection, list_id: str, dossier: str, expected: ItemState) -> Row[Any]:
    one = (ITEMS.c.list == list_id) & (ITEMS.c.dossier == dossier)
    item = connection.execute(select(ITEMS).where(one)).first()
    if item is None:
        raise Refused("unknown", f"{dossier} is not on {list_id}", list=list_id, dossier=dossier)
    if item.state != expected:
        raise Refused("state", f"{dossier}: {item.state}", dossier=dossier, state=item.state)
    return item


def _duty(
    connection: Connection, works: Works, actor: Actor, listed: DisposalList, decision: Decision
) -> Duty:
    """As which of the two the person decides."""
    today = trusted_today(connection, listed.zorgdrager, works.desk.now())
    refusals: list[Refused] = []
    for duty in DECIDES[decision]:
        try:
            require_mandate(connection, actor, listed.zorgdrager, ROLES[duty], today)
            check_duty(connection, works.desk, listed.id, actor.person, duty)
        except Refused as refused:
            refusals.append(refused)
        else:
            return duty
    raise max(refusals, key=lambda each: each.code == "separation_of_duties")


def _other(
    connection: Connection, listed: DisposalList, item: Row[Any], decision: Decision, duty: Duty
) -> str:
    """Who decided the same in the other duty, since the item stands as it does; "" for nobody."""
    for each in acts_of(connection, listed.id, [decision.value]):
        said = each.saying
        same = said.get("dossier") == item.dossier and said.get("token") == item.token
        if same and each.duty != duty:
            return each.person
    return ""


def _go_on_with_list(
    connection: Connection, works: Works, actor: Actor, listed: DisposalList, duty: Duty
) -> None:
    """Once nobody has to decide on anything of it any more, the list is being carried out again;
    after a signatory's decision the run itself sees to that."""
    waits = undecided(connection, listed.id)
    if waits or listed.state is not ListState.PARTIALLY_EXECUTED or duty is Duty.SIGNATORY:
        return
    carry_out(connection, works.desk, actor, Step(listed.id, Event.RESOLVED))


def _whole_copies(works: Works, dossier: str) -> frozenset[str]:
    """The stores that have every version of a dossier, to the byte as the catalogue says."""
    with reading(works.desk.engine) as connection:
        rows = connection.execute(
            select(COPIES.c.store, COPIES.c.key, AIPS.c.sha256)
            .join(AIPS, AIPS.c.number == COPIES.c.aip)
            .where(AIPS.c.aip_id == dossier)
        ).all()
    broken = {each.store for each in rows if not _is_whole(works, each)}
    return frozenset({each.store for each in rows} - broken)


def _is_whole(works: Works, copy: Any) -> bool:
    store = works.stores.get(copy.store)
    try:
        return store is not None and read_digest(store, copy.key) == copy.sha256
    except StorageError:
        return False


def _put(connection: Connection, item: Row[Any], state: ItemState, **more: str) -> None:
    """Another state, and another token: what was decided before counts no more."""
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == item.list, ITEMS.c.dossier == item.dossier)
        .values(
            state=state.value,
            token=item.token + 1,
            trouble="",
            came_from="",
            worker="",
            claimed_at="",
            **more,
        )
    )


def _put_dossier(connection: Connection, dossier: str, state: DossierState) -> None:
    connection.execute(
        update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(state=state.value)
    )


def _gone(connection: Connection, item: Row[Any]) -> dict[str, int]:
    """By store how many deletions were asked for."""
    rows = connection.execute(
        select(COPY_ACTIONS.c.store).where(
            COPY_ACTIONS.c.list == item.list,
            COPY_ACTIONS.c.dossier == item.dossier,
            COPY_ACTIONS.c.state == "asked",
        )
    ).scalars()
    gone: dict[str, int] = {}
    for each in rows:
        gone[each] = gone.get(each, 0) + 1
    return gone


def _state(connection: Connection, list_id: str, dossier: str) -> ItemState:
    wanted = select(ITEMS.c.state).where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
    return ItemState(connection.execute(wanted).scalar_one())


def _tell(  # noqa: PLR0913, PLR0917 - what the ledger asks for
    connection: Connection,
    works: Works,
    actor: Actor,
    listed: DisposalList,
    item: Row[Any],
    action: str,
    facts: Mapping[str, Any],
) -> None:
    note(
        connection,
        works.desk,
        listed.zorgdrager,
        action,
        item.dossier,
        result="ok",
        actor=actor.person,
        origin=actor.origin,
        facts={"list": listed.id, "root": listed.root, "was": item.trouble.split(":")[0], **facts},
    )
