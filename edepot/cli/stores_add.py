"""`edepot stores add`: one more store for a living depot, filled with verified copies."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD
from edepot.cli.session import Session
from edepot.cli.stores_check import try_store
from edepot.cli.stores_shown import meter_for, show_done, show_plan
from edepot.config import Config, StoreKind
from edepot.depot import open_depot
from edepot.errors import WrongUse, ZorgdragerUnknown
from edepot.exits import Exit
from edepot.store_settings import NewStore, proposed, with_store, with_stores_of
from edepot.store_work import Done, fill, order_here, parts
from formats.findings import Finding, has_errors
from storage.database import reading
from storage.stores.local import found_store


def add_store(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    store_name: Annotated[str, typer.Argument()],
    kind: Annotated[StoreKind, typer.Option("--kind")] = StoreKind.LOCAL,
    place: Annotated[Path | None, typer.Option("--path")] = None,
    endpoint: Annotated[str | None, typer.Option("--endpoint")] = None,
    bucket: Annotated[str | None, typer.Option("--bucket")] = None,
    prefix: Annotated[str, typer.Option("--prefix")] = "",
    region: Annotated[str, typer.Option("--region")] = "",
    credentials: Annotated[Path | None, typer.Option("--credentials")] = None,
    zorgdrager: Annotated[list[str] | None, typer.Option("--zorgdrager")] = None,
    only_plan: Annotated[bool, typer.Option("--plan")] = False,
) -> int:
    """Add a store, found it, and put a verified copy there of everything that is to be on it."""
    session: Session = ctx.obj
    config = session.config()
    given = {"endpoint": endpoint, "bucket": bucket, "prefix": prefix, "region": region}
    new = NewStore(store_name, kind, _settings(config, session, kind, place, given, credentials))
    wanted = _wanted(config, zorgdrager or ())
    there = next((each for each in config.stores if each.name == store_name), None)
    if there is not None and not new.same_as(there, config.folder):
        raise WrongUse(what="store_known", found=store_name)

    def edit(text: str) -> str:
        more = text if there else with_store(text, new)
        needs = {
            each.id: tuple(dict.fromkeys((*each.stores, store_name)))
            for each in config.zorgdragers
            if each.id in wanted
        }
        return with_stores_of(more, needs)

    with proposed(config.file, edit) as (proposal, accept):
        if only_plan:
            with open_depot(config) as depot, reading(depot.engine) as connection:
                show_plan(session, proposal, parts(connection, proposal, store_name), store_name)
            return int(Exit.WELL)
        unfit = _found(proposal, store_name)
        if unfit:
            show_findings(unfit, session.notes(), every=True)
            session.notes().say(session.words("stores.unfit"), BAD)
            return int(Exit.STORE)
        kept = accept()
    return _fill(session, store_name, kept)


def _fill(session: Session, name: str, kept: Path | None) -> int:
    done: list[Done] = []
    with open_depot(session.config()) as depot:
        with reading(depot.engine) as connection:
            work = parts(connection, depot.config, name)
        with meter_for(session, work) as told:
            done += fill(depot, order_here(depot), name, told)
    return show_done(session, done, name, kept=kept)


def _found(config: Config, name: str) -> tuple[Finding, ...]:
    """Make a folder a store, and try the store out; why it will not do, if so."""
    store = next(each for each in config.stores if each.name == name)
    if store.kind is StoreKind.LOCAL:
        found_store(store.path)
    findings = try_store(store).findings
    return findings if has_errors(findings) else ()


def _settings(  # noqa: PLR0913, PLR0917 - what the command line gives
    config: Config,
    session: Session,
    kind: StoreKind,
    place: Path | None,
    given: dict[str, str | None],
    credentials: Path | None,
) -> tuple[tuple[str, str], ...]:
    if kind is StoreKind.LOCAL:
        if place is None or any(given.values()) or credentials is not None:
            raise WrongUse(what="store_local", found=place or "-")
        return (("path", _within(config, session.here / place)),)
    if place is not None or not given["endpoint"] or not given["bucket"]:
        raise WrongUse(what="store_s3", found=given["endpoint"] or "-")
    named = [(key, value) for key, value in given.items() if value]
    if credentials is not None:
        named.append(("credentials", _within(config, session.here / credentials)))
    return tuple(named)


def _within(config: Config, place: Path) -> str:
    """A path as it stands in edepot.toml: within the depot's folder relative to it."""
    whole = place.absolute()
    inside = whole.is_relative_to(config.folder)
    return str(whole.relative_to(config.folder) if inside else whole)


def _wanted(config: Config, named: "list[str] | tuple[()]") -> set[str]:
    known = [each.id for each in config.zorgdragers]
    for each in named:
        if each not in known:
            raise ZorgdragerUnknown(name=each, known=", ".join(known))
    return set(named or known)
