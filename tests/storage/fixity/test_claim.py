"""Claims: a share is one worker's until its lease lapses, and what a loser says is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from storage.database import begin, reading
from storage.fixity.claim import (
    claim,
    claim_numbered,
    claimer,
    finish_share,
    release,
    renew,
    still_had,
    undone,
)
from storage.fixity.nouns import Run, Share
from storage.fixity.runs import cancel_run
from tests.storage.fixity.world import ASKED, World, make_world
from tests.storage.making import NOW

LEASE = timedelta(minutes=15)
SHARES = 7


@pytest.fixture
def world(tmp_path: Path, database_place: Path | str) -> World:
    return make_world(tmp_path, database_place, 1)


@pytest.fixture
def run(world: World) -> Run:
    return world.begin()


def all_of(world: World, run: Run, worker: str, minutes: int = 0) -> list[Share]:
    shares = []
    while share := claim(world.engine, run.id, worker, NOW + timedelta(minutes=minutes), LEASE):
        shares.append(share)
    return shares


def test_each_share_is_claimed_once_in_order(world: World, run: Run) -> None:
    first = claim(world.engine, run.id, "a", NOW, LEASE)
    rest = all_of(world, run, "b")

    assert first is not None
    assert [each.number for each in (first, *rest)] == list(range(1, SHARES + 1))
    assert claim_numbered(world.engine, run.id, first.number, "b", NOW, LEASE) is None


def test_a_share_can_be_claimed_of_one_store(world: World, run: Run) -> None:
    claimed = claim(world.engine, run.id, "a", NOW, LEASE, store="twee")

    assert claimed is not None
    assert (claimed.store, claimed.number, claimed.tries) == ("twee", 3, 1)


def test_a_lapsed_lease_gives_the_share_to_another_and_the_first_is_refused(
    world: World, run: Run
) -> None:
    (mine, *_) = all_of(world, run, "a")
    late = NOW + LEASE + timedelta(seconds=1)

    theirs = claim(world.engine, run.id, "b", late, LEASE)

    assert theirs is not None
    assert (theirs.number, mine.tries, theirs.tries) == (mine.number, 1, 2)
    assert not finish_share(world.engine, mine, "a", late)
    assert renew(world.engine, [mine], claimer("a", late, LEASE)) == set()
    with begin(world.engine) as connection:
        assert still_had(connection, [mine], "a") == set()
        assert still_had(connection, [theirs], "b") == {mine.number}


def test_a_renewed_lease_lasts(world: World, run: Run) -> None:
    shares = all_of(world, run, "a")

    kept = renew(world.engine, shares, claimer("a", NOW + timedelta(minutes=10), LEASE))

    assert kept == {each.number for each in shares}
    assert all_of(world, run, "b", minutes=20) == []
    assert len(all_of(world, run, "b", minutes=26)) == SHARES


def test_a_worker_that_comes_back_under_its_name_has_its_shares_at_once(
    world: World, run: Run
) -> None:
    before = all_of(world, run, "a")

    assert release(world.engine, run.id, "a") == SHARES
    again = all_of(world, run, "a")

    assert [each.number for each in again] == [each.number for each in before]
    assert not finish_share(world.engine, before[0], "a", NOW), "the dead one's word counts not"
    assert finish_share(world.engine, again[0], "a", NOW)


def test_a_numbered_share_is_given_to_who_has_it_already(world: World, run: Run) -> None:
    first = claim_numbered(world.engine, run.id, 3, "a", NOW, LEASE)
    again = claim_numbered(world.engine, run.id, 3, "a", NOW, LEASE)

    assert first is not None
    assert again is not None
    assert (first.tries, again.tries) == (1, 2)


def test_what_is_done_is_not_claimed_again(world: World, run: Run) -> None:
    for each in all_of(world, run, "a"):
        assert finish_share(world.engine, each, "a", NOW)

    assert all_of(world, run, "b", minutes=60) == []
    with reading(world.engine) as connection:
        assert undone(connection, run.id) == 0


def test_nothing_is_claimed_of_a_run_that_was_cancelled(world: World, run: Run) -> None:
    assert cancel_run(world.engine, run.id, ASKED)
    assert not cancel_run(world.engine, run.id, ASKED)

    assert all_of(world, run, "a") == []
    assert claim_numbered(world.engine, run.id, 1, "a", NOW, LEASE) is None
