"""The transitions of a disposal list, as data: from, event, who, under which conditions, to where.

Nothing else moves a list: retention.moving.carry_out reads this table, and the database refuses
every other change of state. Who is nobody: the system. The guards (G1-G14) of all items are asked
where a transition names a stage.

Source: domain rules, state machine of a disposal list.
"""

from dataclasses import dataclass
from enum import StrEnum

from retention.errors import Refused
from retention.guard_nouns import Stage
from retention.nouns import Duty, ItemState, ListState, Role

S = ListState


class Event(StrEnum):
    """What happens with a list; also the name of the act that a person signs."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    COMMENT = "comment"
    REJECT = "reject"
    APPROVE = "approve"
    ALL_AGREED = "all_agreed"
    REASSIGN = "reassign"
    ANSWER = "answer"
    HAND_OVER = "hand_over"
    SHORT_PROCEDURE = "short_procedure"
    AUTHORISE = "authorise"
    REFUSE_AUTHORISATION = "refuse_authorisation"
    SIGN = "sign"
    REFUSE_SIGNATURE = "refuse_signature"
    ABORT = "abort"
    EXPIRE = "expire"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    EMPTIED = "emptied"
    ALL_DONE = "all_done"
    NEEDS_PERSON = "needs_person"
    RESOLVED = "resolved"
    SWEPT = "swept"
    DECLARED = "declared"
    BACKUPS_GONE = "backups_gone"


class Condition(StrEnum):
    """What must hold for a transition (retention/conditions.py says how it is asked)."""

    HAS_ITEMS = "has_items"
    REVIEWERS_ASSIGNED = "reviewers_assigned"
    ASSIGNED = "assigned"
    ADVICES = "advices"
    NO_REMARKS = "no_remarks"
    REMARKS = "remarks"
    COUNTED = "counted"
    ALL_AGREED = "all_agreed"
    ALL_ANSWERED = "all_answered"
    STANDING = "standing"
    ROOT_SEEN = "root_seen"
    AUTHORISED = "authorised"
    EXPIRED = "expired"
    ALL_TERMINAL = "all_terminal"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: in these states this may happen, by one of these, and the list goes there.

    `to` None: the list stays where it is. `reason`: the person has to give one. `stage`: the
    guards that every item is asked; what fails leaves. `whole`: then nothing moves, and the person
    has to look again. `revises`: there is a new revision in any case. `items`: which items become
    what. `roles`: of a person who does it in no duty of the list.
    """

    event: Event
    sources: tuple[ListState, ...]
    to: ListState | None
    who: tuple[Duty, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reason: bool = False
    stage: Stage | None = None
    whole: bool = False
    revises: bool = False
    roles: tuple[Role, ...] = ()
    items: tuple[tuple[ItemState, ...], ItemState] | None = None


BEFORE_SIGNING = (
    S.CONCEPT,
    S.IN_REVIEW,
    S.CHANGES_REQUESTED,
    S.REVIEWED,
    S.AT_ARCHIVIST,
    S.TO_SIGN,
)
RUNS = (S.EXECUTING, S.PARTIALLY_EXECUTED)
UNTOUCHED = (ItemState.PROPOSED, ItemState.AGREED, ItemState.APPROVED)
_OFF = (UNTOUCHED, ItemState.LEFT)
_ADVISES = (Condition.ASSIGNED, Condition.ADVICES)
REASSIGNERS = (Role.RECORD_MANAGER, Role.PROCESS_OWNER)
"""Who may let another judge in the place of a reviewer: this is no duty of the list."""

TABLE: tuple[Transition, ...] = (
    Transition(
        Event.SUBMIT,
        (S.CONCEPT,),
        S.IN_REVIEW,
        (Duty.PROPOSER,),
        (Condition.HAS_ITEMS, Condition.REVIEWERS_ASSIGNED),
        stage=Stage.SUBMIT,
    ),
    Transition(
        Event.WITHDRAW,
        BEFORE_SIGNING,
        S.WITHDRAWN,
        (Duty.PROPOSER,),
        reason=True,
        items=_OFF,
    ),
    Transition(Event.COMMENT, (S.IN_REVIEW,), None, (Duty.CO_REVIEWER,), _ADVISES),
    Transition(
        Event.REJECT,
        (S.IN_REVIEW,),
        S.CHANGES_REQUESTED,
        (Duty.REVIEWER,),
        (*_ADVISES, Condition.REMARKS),
    ),
    Transition(
        Event.APPROVE,
        (S.IN_REVIEW,),
        None,
        (Duty.REVIEWER,),
        (*_ADVISES, Condition.NO_REMARKS, Condition.COUNTED),
    ),
    Transition(
        Event.ALL_AGREED,
        (S.IN_REVIEW,),
        S.REVIEWED,
        conditions=(Condition.ALL_AGREED,),
        items=((ItemState.PROPOSED,), ItemState.AGREED),
    ),
    Transition(Event.REASSIGN, (S.IN_REVIEW,), None, reason=True, roles=REASSIGNERS),
    Transition(
        Event.ANSWER,
        (S.CHANGES_REQUESTED,),
        S.IN_REVIEW,
        (Duty.PROPOSER,),
        (Condition.ALL_ANSWERED,),
        stage=Stage.SUBMIT,
        revises=True,
    ),
    Transition(Event.HAND_OVER, (S.REVIEWED,), S.AT_ARCHIVIST, (Duty.PROPOSER,)),
    Transition(Event.SHORT_PROCEDURE, (S.REVIEWED,), S.TO_SIGN, conditions=(Condition.STANDING,)),
    Transition(Event.AUTHORISE, (S.AT_ARCHIVIST,), S.TO_SIGN, (Duty.ARCHIVIST,)),
    Transition(
        Event.REFUSE_AUTHORISATION,
        (S.AT_ARCHIVIST,),
        S.CHANGES_REQUESTED,
        (Duty.ARCHIVIST,),
        (Condition.ADVICES,),
        reason=True,
    ),
    Transition(
        Event.SIGN,
        (S.TO_SIGN,),
        S.WAITING,
        (Duty.SIGNATORY,),
        (Condition.ROOT_SEEN,),
        stage=Stage.SIGN,
        whole=True,
        items=((ItemState.PROPOSED, ItemState.AGREED), ItemState.APPROVED),
    ),
    Transition(
        Event.REFUSE_SIGNATURE,
        (S.TO_SIGN,),
        S.CHANGES_REQUESTED,
        (Duty.SIGNATORY,),
        (Condition.ADVICES,),
        reason=True,
    ),
    Transition(
        Event.ABORT,
        (S.WAITING,),
        S.WITHDRAWN,
        (Duty.SIGNATORY, Duty.ARCHIVIST),
        reason=True,
        items=_OFF,
    ),
    Transition(
        Event.EXPIRE,
        (S.WAITING,),
        S.TO_SIGN,
        conditions=(Condition.EXPIRED,),
        items=((ItemState.APPROVED,), ItemState.AGREED),
    ),
    Transition(
        Event.START,
        (S.WAITING,),
        S.EXECUTING,
        (Duty.EXECUTOR,),
        (Condition.AUTHORISED,),
        stage=Stage.START,
    ),
    Transition(Event.PAUSE, RUNS, None, (Duty.EXECUTOR, Duty.ARCHIVIST)),
    Transition(Event.RESUME, RUNS, None, (Duty.EXECUTOR, Duty.ARCHIVIST)),
    Transition(
        Event.STOP,
        RUNS,
        None,
        (Duty.SIGNATORY, Duty.ARCHIVIST),
        reason=True,
        items=((*UNTOUCHED, ItemState.SEALED), ItemState.LEFT),
    ),
    # Carried out by what stands beside this table: a list that loses its last item before it was
    # started (retention/leaving.py), the run, and the declaration.
    Transition(Event.EMPTIED, (*BEFORE_SIGNING, S.WAITING), S.WITHDRAWN),
    Transition(
        Event.ALL_DONE,
        RUNS,
        S.VERIFYING,
        conditions=(Condition.ALL_TERMINAL,),
    ),
    Transition(Event.NEEDS_PERSON, (S.EXECUTING, S.VERIFYING), S.PARTIALLY_EXECUTED),
    Transition(
        Event.RESOLVED, (S.PARTIALLY_EXECUTED,), S.EXECUTING, (Duty.EXECUTOR, Duty.ARCHIVIST)
    ),
    Transition(Event.SWEPT, (S.VERIFYING,), S.EXECUTED),
    Transition(Event.DECLARED, (S.EXECUTED,), S.DECLARED),
    Transition(Event.BACKUPS_GONE, (S.EXECUTED, S.DECLARED), S.CLOSED),
)

ROLES: dict[Duty, tuple[Role, ...]] = {
    Duty.PROPOSER: (Role.RECORD_MANAGER,),
    Duty.REVIEWER: (Role.PROCESS_OWNER,),
    Duty.CO_REVIEWER: (Role.PROCESS_OWNER, Role.EMPLOYEE, Role.RECORD_MANAGER, Role.HOLD_OFFICER),
    Duty.ARCHIVIST: (Role.ARCHIVIST,),
    Duty.SIGNATORY: (Role.SIGNATORY,),
    Duty.EXECUTOR: (Role.EXECUTOR,),
}
"""Under which mandates of the zorgdrager a person may be what."""


def find(event: Event, state: ListState, list_id: str) -> Transition:
    """The row of the table for what happens in a state.

    Raises: Refused (state) when it cannot happen then.
    """
    for each in TABLE:
        if each.event is event and state in each.sources:
            return each
    expected = sorted({one.value for each in rows_of(event) for one in each.sources})
    raise Refused(
        "state",
        f"{list_id}: {state.value}, {event.value}",
        list=list_id,
        state=state.value,
        event=event.value,
        expected=", ".join(expected),
    )


def rows_of(event: Event) -> tuple[Transition, ...]:
    """The rows of the table for what can happen."""
    return tuple(each for each in TABLE if each.event is event)


def next_events(state: ListState) -> tuple[Transition, ...]:
    """What can happen with a list in a state, in the order of the table."""
    return tuple(each for each in TABLE if state in each.sources)


def changes() -> frozenset[tuple[ListState, ListState]]:
    """Every change of state that the table knows: what the database lets through."""
    return frozenset(
        (source, each.to) for each in TABLE if each.to is not None for source in each.sources
    )
