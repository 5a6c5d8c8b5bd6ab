"""`edepot stores move`: from one store to another, and the first retired when that is safe."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.cli.session import Session
from edepot.cli.stores_shown import meter_for, show_done, show_plan
from edepot.config import Config, StoreSettings
from edepot.depot import open_depot
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.open_stores import open_stores
from edepot.store_settings import proposed, with_retired, with_stores_of
from edepot.store_work import Done, fill, left_in, order_here, parts, retire
from formats.findings import Finding
from storage.database import reading


def move_store(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument()],
    target: Annotated[str, typer.Argument()],
    keep: Annotated[bool, typer.Option("--keep")] = False,
    only_plan: Annotated[bool, typer.Option("--plan")] = False,
) -> int:
    """Let the one store take the place of the other: policy, copies, proof, and only then away."""
    session: Session = ctx.obj
    config = session.config()
    _check(config, source, target)
    moved = {
        each.id: tuple(dict.fromkeys(target if name == source else name for name in each.stores))
        for each in config.zorgdragers
    }
    with proposed(config.file, lambda text: with_stores_of(text, moved)) as (proposal, accept):
        if only_plan:
            with open_depot(config) as depot, reading(depot.engine) as connection:
                work = parts(connection, proposal, target, source)
                show_plan(session, proposal, work, target, source)
            return int(Exit.WELL)
        next(iter(open_stores(proposal)[target].list()), None)
        kept = accept()
    return _carry_out(session, source, target, keep, kept)


def _carry_out(session: Session, source: str, target: str, keep: bool, kept: Path | None) -> int:
    done: list[Done] = []
    left: tuple[Finding, ...] = ()
    with open_depot(session.config()) as depot:
        order = order_here(depot)
        with reading(depot.engine) as connection:
            work = parts(connection, depot.config, target, source)
        with meter_for(session, work) as told:
            done += fill(depot, order, target, told)
            done += retire(depot, order, source, keep=keep, told=told)
        if not keep and not any(each.findings for each in done):
            left = left_in(depot, source)
        file = depot.config.file
    whole = not left and all(each.filled.whole and each.retired.whole for each in done)
    if whole:
        with proposed(file, lambda text: with_retired(text, source)) as (_, accept):
            kept = accept() or kept
    return show_done(session, done, target, source=source, kept=kept, left=left)


def _check(config: Config, source: str, target: str) -> None:
    stores: dict[str, StoreSettings] = {each.name: each for each in config.stores}
    for name in (source, target):
        if name not in stores:
            raise WrongUse(what="store_unknown", found=name, known=", ".join(stores))
    if source == target:
        raise WrongUse(what="store_same", found=source)
    if stores[target].retired:
        raise WrongUse(what="store_retired", found=target)
