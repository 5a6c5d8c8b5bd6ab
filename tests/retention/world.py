"""What the tests of declarations begin with: real packages on two stores, and a list that ran."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from retention import run
from retention.destruction_list import Selection, new_list
from retention.disposal_nouns import Works
from retention.nouns import Desk, ListState
from storage.archive import Archive
from storage.stores.memory import MemoryStore
from tests.retention import listing, making
from tests.storage.making import make_aip

GM = listing.GM


@dataclass(frozen=True, slots=True)
class World:
    """A desk, its people, an archive of two memory stores, and a list with its dossiers."""

    desk: Desk
    town: listing.Town
    archive: Archive
    works: Works
    list_id: str
    dossiers: tuple[str, ...]


def make_world(engine: Engine, staging: Path, dossiers: int = 2, *, others: int = 0) -> World:
    """Dossiers that are due, on a list that was started; `others` are on no list."""
    desk = making.desk(engine)
    town = listing.town(desk)
    stores = {name: MemoryStore(name) for name in ("een", "twee")}
    archive = Archive(engine, stores, {GM: ("een", "twee")})
    ids = []
    for number in range(1, dossiers + others + 1):
        aip = make_aip(staging, number, zorgdrager=GM, title=f"Klacht{number} van Jansen")
        stored = archive.store(aip, now=desk.now(), agent="test", origin="test", salt=bytes(32))
        about = stored.description
        ids.append(making.dossier(desk, GM, dossier=about.aip_id, identifier=about.identifier))
    chosen = tuple(ids[:dossiers])
    made = new_list(
        desk, town.proposer, GM, name="Vernietiging", selection=Selection(dossiers=chosen)
    )
    listing.to(desk, town, made.id, ListState.EXECUTING)
    works = Works(desk=desk, archive=archive, worker="w1", key=b"k" * 32)
    return World(desk, town, archive, works, made.id, chosen)


def to_executed(world: World) -> None:
    """Run the list, and let the days of both sweeps pass."""
    run.execute(world.works, world.list_id)
    for days in (2, 8):
        making.advance(world.desk, days=days)
        run.tend(world.works, [GM])
    assert listing.look(world.desk, world.list_id).state is ListState.EXECUTED
