"""`edepot stores list`: where the copies stand."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer
from sqlalchemy import func, select

from edepot.cli.screen import BAD, GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.config import Config, StoreKind, StoreSettings
from edepot.depot_database import open_existing
from edepot.errors import DatabaseMissing
from edepot.messages import Words
from edepot.open_stores import open_stores
from formats.plain import to_plain
from storage.catalogue import COPIES
from storage.database import reading
from storage.errors import StorageError
from storage.stores.base import Capabilities, Store
from storage.stores.local import UPLOADS


def list_stores(ctx: typer.Context) -> None:
    """Every store of the depot: its kind, its place, whether it answers, what stands there."""
    session: Session = ctx.obj
    config = session.config()
    stores, holdings = open_stores(config), _holdings(config)
    places = [_place(each, config, stores, holdings) for each in config.stores]
    if session.as_json:
        session.print_json(to_plain(places))
        return
    words = session.words
    columns = [
        Column(words("stores.name"), fold=False),
        Column(words("stores.kind"), fold=False),
        Column(words("stores.path")),
        Column(words("stores.answers"), fold=False),
        Column(words("stores.free"), number=True),
        Column(words("stores.copies"), number=True),
        Column(words("stores.oldest_check"), fold=False),
        Column(words("stores.needed_by")),
    ]
    session.screen().table(columns, [_row(each, words) for each in places])


@dataclass(frozen=True, slots=True)
class Holding:
    """What the catalogue has in a store; "" where nothing was checked."""

    copies: int
    oldest_check: str
    newest_check: str


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store as it is now.

    `free_bytes` and `capabilities` are None when it cannot be reached, or there is no such thing;
    `holding` is None when there is no database.
    """

    name: str
    kind: StoreKind
    path: Path
    place: str
    retired: bool
    reachable: bool
    free_bytes: int | None
    capabilities: Capabilities | None
    holding: Holding | None
    needed_by: tuple[str, ...]


def answers(store: Store) -> bool:
    """Whether a store can be reached now."""
    try:
        next(iter(store.list()), None)
    except StorageError:
        return False
    return True


def is_store(path: Path) -> bool:
    """Whether the folder is there and bears the mark of a store: a disk may not be mounted."""
    return (path / UPLOADS).is_dir()


def _holdings(config: Config) -> Mapping[str, Holding] | None:
    try:
        engine = open_existing(config)
    except DatabaseMissing:
        return None
    wanted = select(
        COPIES.c.store,
        func.count(),
        func.min(COPIES.c.checked_at),
        func.max(COPIES.c.checked_at),
    ).group_by(COPIES.c.store)
    try:
        with reading(engine) as connection:
            return {row[0]: Holding(*row[1:]) for row in connection.execute(wanted)}
    finally:
        engine.dispose()


def _place(
    store: StoreSettings,
    config: Config,
    stores: Mapping[str, Store],
    holdings: Mapping[str, Holding] | None,
) -> StorePlace:
    local = store.kind is StoreKind.LOCAL
    there = is_store(store.path) if local else answers(stores[store.name])
    return StorePlace(
        name=store.name,
        kind=store.kind,
        path=store.path,
        place=store.place,
        retired=store.retired,
        reachable=there,
        free_bytes=shutil.disk_usage(store.path).free if there and local else None,
        capabilities=stores[store.name].capabilities if there else None,
        holding=None if holdings is None else holdings.get(store.name, Holding(0, "", "")),
        needed_by=tuple(each.id for each in config.zorgdragers if store.name in each.stores),
    )


def _row(place: StorePlace, words: Words) -> tuple[str | Cell, ...]:
    holding = place.holding
    checked = holding.oldest_check if holding else ""
    retired = Cell(words("stores.retired", kind=place.kind.value), QUIET)
    return (
        place.name,
        retired if place.retired else place.kind.value,
        place.place,
        Cell(words("yes"), GOOD) if place.reachable else Cell(words("no"), BAD),
        "-" if place.free_bytes is None else words.size(place.free_bytes),
        words.number(holding.copies) if holding else "-",
        words.day(checked) if checked else "-",
        ", ".join(place.needed_by),
    )
