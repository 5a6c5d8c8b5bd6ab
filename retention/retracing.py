"""The way that a list went, walked again along its signed acts: a state alone proves nothing.

Whoever can write in the database could set a state, and rows of duties with it; the signatures of
the persons could not be made. So before a list is started its acts are walked through the table of
transitions from the beginning, and must lead to where the list is said to be.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from retention.acts import Act, acts_of
from retention.errors import Refused
from retention.nouns import ListState
from retention.transitions import Event, find


@dataclass(slots=True)
class _Walk:
    """Where the list is after some acts; whose judgement counts; whether it was shortened."""

    state: ListState = ListState.CONCEPT
    required: set[str] = field(default_factory=set)
    agreed: set[str] = field(default_factory=set)
    short: bool = False


def check_path(connection: Connection, list_id: str) -> bool:
    """See that the signed acts of a list lead to waiting; True when no archivist authorised it, so
    that a standing authorisation must have.

    Raises: Refused (history), naming the act that does not follow, or what is missing.
    """
    walk = _Walk()
    events = set(Event)
    for each in acts_of(connection, list_id):
        if each.act in events:
            _step(walk, each)
    if walk.state is not ListState.WAITING:
        raise _refused(list_id, walk, "-")
    return walk.short


def _step(walk: _Walk, act: Act) -> None:
    event = Event(act.act)
    _between(walk, event)
    try:
        row = find(event, walk.state, act.list)
    except Refused as error:
        raise _refused(act.list, walk, act.act) from error
    if row.who and act.duty not in {each.value for each in row.who}:
        raise _refused(act.list, walk, act.act)
    walk.state = row.to or walk.state
    _remember(walk, act, event)


def _between(walk: _Walk, event: Event) -> None:
    """What the system does by itself before the next act: everybody agreed; the short procedure;
    what was signed expired."""
    signing = event in {Event.SIGN, Event.REFUSE_SIGNATURE}
    if walk.state is ListState.IN_REVIEW and walk.required and walk.required <= walk.agreed:
        walk.state = ListState.REVIEWED
    if walk.state is ListState.REVIEWED and signing:
        walk.state, walk.short = ListState.TO_SIGN, True
    if walk.state is ListState.WAITING and signing:
        walk.state = ListState.TO_SIGN


def _remember(walk: _Walk, act: Act, event: Event) -> None:
    if event is Event.SUBMIT:
        walk.required = set(act.saying["reviewers"])
    elif event is Event.REASSIGN:
        walk.required.discard(act.saying["replaced"])
        walk.required.add(act.saying["reviewer"])
    elif event is Event.APPROVE:
        walk.agreed.add(act.person)
    elif event is Event.REJECT:
        walk.agreed.discard(act.person)
    elif event in {Event.REFUSE_AUTHORISATION, Event.REFUSE_SIGNATURE}:
        walk.agreed.clear()
        walk.short = False
    elif event is Event.AUTHORISE:
        walk.short = False


def _refused(list_id: str, walk: _Walk, event: str) -> Refused:
    return Refused(
        "history", f"{list_id}: {walk.state.value}", list=list_id, found=walk.state.value, act=event
    )
