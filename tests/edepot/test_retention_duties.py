"""What the clock does for retention: it computes, tells, goes on; it never begins a destruction."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from edepot.depot import Depot, ahead, open_depot
from edepot.fixity_works import asked_here
from edepot.retention_duties import RETENTION, carry_out
from retention.nouns import DossierState, ItemState, ListState
from retention.tables import DOSSIERS, ITEMS
from storage import ledger
from storage.database import begin, reading
from storage.schedules import DEFAULTS, SCHEDULES, Kind, ensure_schedules
from tests.edepot.shelf import FIRST, SECOND, Shelf
from tests.retention import listing, making

GM = "ooststellingwerf"


@pytest.fixture
def depot(shelf: Shelf) -> Iterator[Depot]:
    with open_depot(shelf.config) as opened:
        making.check_lists(opened.engine)
        yield opened


def never() -> bool:
    return False


def states(depot: Depot) -> dict[str, str]:
    with reading(depot.engine) as connection:
        rows = connection.execute(select(DOSSIERS.c.dossier, DOSSIERS.c.state)).all()
    return {each.dossier: each.state for each in rows}


def test_the_night_brings_in_what_is_new_and_computes_all(depot: Depot) -> None:
    told = carry_out(depot, Kind.RETENTION_RECOMPUTE, [], never)

    # The packages of this shelf have no MDTO: that is told, and nothing is guessed.
    assert told.wrong
    assert "unread=2" in told.detail


def test_the_month_tells_what_is_due_and_destroys_nothing(depot: Depot) -> None:
    desk = making.desk(depot.engine)
    making.dossier(desk, GM, dossier=FIRST)
    making.dossier(desk, GM, dossier=SECOND, ended_on="2026-01-01")

    told = carry_out(depot, Kind.RETENTION_DUE, [GM], never)

    assert (told.wrong, told.detail) == (False, f"{GM}=1")
    assert set(states(depot).values()) == {DossierState.HERE}
    with reading(depot.engine) as connection:
        noted = [each for each in ledger.entries(connection, GM) if each.action == "retention.due"]
    assert [each.facts["dossiers"] for each in noted] == [1]


def test_the_hour_goes_on_with_what_people_began_and_with_nothing_else(depot: Depot) -> None:
    desk = making.desk(depot.engine)
    town = listing.town(desk, GM)
    making.dossier(desk, GM, dossier=FIRST)
    made = listing.new_list(
        desk, town.proposer, GM, name="V", selection=listing.Selection(dossiers=(FIRST,))
    )
    listing.to(desk, town, made.id, ListState.WAITING)
    with ahead(timedelta(days=100)):
        told = carry_out(depot, Kind.RETENTION_TEND, [GM], never)
        assert not told.wrong
        assert states(depot)[FIRST] == DossierState.HERE

        making.set_clock(desk, desk.now() + timedelta(days=100))
        listing.to(desk, town, made.id, ListState.EXECUTING)
        told = carry_out(depot, Kind.RETENTION_TEND, [GM], never)

    assert "destroyed=1" in told.detail
    assert states(depot)[FIRST] == DossierState.DESTROYED
    with reading(depot.engine) as connection:
        assert set(connection.execute(select(ITEMS.c.state)).scalars()) == {ItemState.DESTROYED}
    assert (depot.config.folder / "vernietigd" / f"{GM}.jsonl").is_file()


def test_a_depot_from_before_gets_the_schedules_that_it_lacks(depot: Depot) -> None:
    with begin(depot.engine) as connection:
        connection.execute(delete(SCHEDULES).where(SCHEDULES.c.kind.startswith("retention")))

    made = {each.kind for each in ensure_schedules(depot.engine, asked_here())}

    assert made >= RETENTION
    assert ensure_schedules(depot.engine, asked_here()) == ()
    assert len(DEFAULTS) == len({name for name, *_ in DEFAULTS})
