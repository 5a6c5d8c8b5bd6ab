"""Steering a list that runs: pause, resume, and stop the rest; and what a run that ends does."""

from sqlalchemy import Connection, update

from retention.list_reading import read_list
from retention.moving import Moved, Step, carry_out
from retention.nouns import Actor, Desk, ListState
from retention.tables import LISTS
from retention.transitions import Event
from storage.database import begin


def pause(desk: Desk, actor: Actor, list_id: str, reason: str = "") -> Moved:
    """Let a run wait: what is past the point of no return goes on, nothing else begins.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state).
    """
    return _steer(desk, actor, list_id, Event.PAUSE, reason, paused_by=actor.person)


def resume(desk: Desk, actor: Actor, list_id: str, reason: str = "") -> Moved:
    """Let a run that waits go on.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state).
    """
    return _steer(desk, actor, list_id, Event.RESUME, reason, paused_by="")


def stop(desk: Desk, actor: Actor, list_id: str, reason: str) -> Moved:
    """Stop the rest of a run: every item that is not past the point of no return leaves.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, reason_missing).
    """
    return _steer(desk, actor, list_id, Event.STOP, reason, paused_by="")


def system_step(connection: Connection, desk: Desk, list_id: str, event: Event) -> ListState:
    """What the run does with a list by itself, in the run's own transaction; the state after it.

    Raises: ListUnknown; Refused (state), or what stands against it.
    """
    carry_out(connection, desk, None, Step(list_id, event))
    return read_list(connection, list_id).state


def _steer(  # noqa: PLR0913 - who does what with which run
    desk: Desk, actor: Actor, list_id: str, event: Event, reason: str, *, paused_by: str
) -> Moved:
    with begin(desk.engine) as connection:
        moved = carry_out(connection, desk, actor, Step(list_id, event, {"reason": reason}))
        connection.execute(update(LISTS).where(LISTS.c.id == list_id).values(paused_by=paused_by))
        return moved
