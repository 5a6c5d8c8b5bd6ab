"""`edepot destruction sign|start|pause|resume|stop`: a list is signed, waits, and runs."""

from typing import Annotated

import typer

from edepot.acting import actor_of, desk_at
from edepot.cli.destruction import As, ListId, Reason
from edepot.cli.destruction_shown import show_moved
from edepot.cli.screen import QUIET
from edepot.cli.session import Session
from edepot.errors import WrongUse
from retention import signing, steering
from retention.authorisations import read_current
from retention.list_reading import read_list
from retention.nouns import ListState
from storage.database import reading

SHORTEST_ROOT = 8


def sign(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    acting: As,
    root: Annotated[str, typer.Option("--root")] = "",
    refuse: Annotated[bool, typer.Option("--refuse")] = False,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> None:
    """Sign a list for the zorgdrager over the root that was seen, or refuse it with a reason."""
    session: Session = ctx.obj
    config = session.config()
    if not refuse and len(root) < SHORTEST_ROOT:
        raise WrongUse(what="root", count=SHORTEST_ROOT)
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if refuse:
            show_moved(session, desk, signing.refuse(desk, actor, list_id, reason, {}))
            return
        with reading(desk.engine) as connection:
            stands = read_list(connection, list_id).root
        seen = stands if stands.startswith(root.lower()) else root.lower()
        show_moved(session, desk, signing.sign(desk, actor, list_id, root=seen))
        if session.as_json:
            return
        with reading(desk.engine) as connection:
            current = read_current(connection, list_id)
        assert current is not None
        words = session.words
        until, to = (each.isoformat() for each in (current.waits_until, current.valid_until))
        told = words("destruction.waits", waits=words.day(until), until=words.day(to))
        session.screen().say(told, QUIET)


def start(ctx: typer.Context, list_id: ListId, acting: As) -> None:
    """Start a list that was signed and has waited; what fails a guard leaves first."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        moved = signing.start(desk, actor_of(config, acting), list_id)
        show_moved(session, desk, moved)
    if moved.list.state is ListState.EXECUTING and not session.as_json:
        session.screen().say(session.words("destruction.started", list=list_id), QUIET)


def pause(
    ctx: typer.Context,
    list_id: ListId,
    acting: As,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> None:
    """Let a run wait: what is past the point of no return goes on, nothing else begins."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        moved = steering.pause(desk, actor_of(config, acting), list_id, reason)
        show_moved(session, desk, moved)


def resume(
    ctx: typer.Context,
    list_id: ListId,
    acting: As,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> None:
    """Let a run that waits go on."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        moved = steering.resume(desk, actor_of(config, acting), list_id, reason)
        show_moved(session, desk, moved)


def stop(ctx: typer.Context, list_id: ListId, acting: As, reason: Reason) -> None:
    """Stop the rest of a run: what is not past the point of no return leaves the list."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        moved = steering.stop(desk, actor_of(config, acting), list_id, reason)
        show_moved(session, desk, moved)
