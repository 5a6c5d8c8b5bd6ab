"""`edepot stores list`: where the copies stand."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import typer

from edepot.cli.screen import BAD, GOOD, Cell, Column
from edepot.cli.session import Session
from edepot.config import Config, StoreKind, StoreSettings
from edepot.messages import Words
from formats.plain import to_plain
from storage.stores.local import UPLOADS


def list_stores(ctx: typer.Context) -> None:
    """Every store of the depot: its kind, its place, whether it answers, the room that is left."""
    session: Session = ctx.obj
    config = session.config()
    places = [_place(each, config) for each in config.stores]
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
        Column(words("stores.needed_by")),
    ]
    session.screen().table(columns, [_row(each, words) for each in places])


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store as it is now; `free_bytes` is None when it cannot be reached."""

    name: str
    kind: StoreKind
    path: Path
    reachable: bool
    free_bytes: int | None
    needed_by: tuple[str, ...]


def _place(store: StoreSettings, config: Config) -> StorePlace:
    there = is_store(store.path)
    return StorePlace(
        name=store.name,
        kind=store.kind,
        path=store.path,
        reachable=there,
        free_bytes=shutil.disk_usage(store.path).free if there else None,
        needed_by=tuple(each.id for each in config.zorgdragers if store.name in each.stores),
    )


def _row(place: StorePlace, words: Words) -> tuple[str | Cell, ...]:
    return (
        place.name,
        place.kind.value,
        str(place.path),
        Cell(words("yes"), GOOD) if place.reachable else Cell(words("no"), BAD),
        "-" if place.free_bytes is None else words.size(place.free_bytes),
        ", ".join(place.needed_by),
    )


def is_store(path: Path) -> bool:
    """Whether the folder is there and bears the mark of a store: a disk may not be mounted."""
    return (path / UPLOADS).is_dir()
