"""`edepot stores list`: where the copies stand."""

import shutil

import typer

from edepot.cli.screen import BAD, GOOD, Cell, Column
from edepot.cli.session import Session
from edepot.config import Config, StoreSettings


def list_stores(ctx: typer.Context) -> None:
    """Every store of the depot: its kind, its place, whether it answers, the room that is left."""
    session: Session = ctx.obj
    config = session.config()
    rows = [_plain(each, config) for each in config.stores]
    if session.as_json:
        session.print_json(rows)
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
    session.screen().table(
        columns,
        [
            (
                row["name"],
                row["kind"],
                row["path"],
                Cell(words("yes"), GOOD) if row["reachable"] else Cell(words("no"), BAD),
                words.size(row["free_bytes"]) if row["reachable"] else "-",
                ", ".join(row["needed_by"]),
            )
            for row in rows
        ],
    )


def _plain(store: StoreSettings, config: Config) -> dict[str, object]:
    there = store.path.is_dir()
    return {
        "name": store.name,
        "kind": store.kind.value,
        "path": str(store.path),
        "reachable": there,
        "free_bytes": shutil.disk_usage(store.path).free if there else None,
        "needed_by": [each.id for each in config.zorgdragers if store.name in each.stores],
    }
