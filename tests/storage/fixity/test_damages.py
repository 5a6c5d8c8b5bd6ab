"""Random damage: each one is found, whichever way it came, and nothing that is well is accused."""

import os
import random
from pathlib import Path

import pytest

from storage.fixity.nouns import Scope
from storage.outcomes import WRONG, Outcome
from storage.stores.s3 import S3Store
from tests.seaweed import QUICK, bucket
from tests.storage.fixity.world import World, key_of, make_world
from tests.storage.making import ZORGDRAGER, aip_id, make_store

AIPS = 110
HIT = 300


@pytest.fixture
def world(tmp_path: Path) -> World:
    third = make_store(tmp_path, "drie")
    return make_world(tmp_path, tmp_path / "edepot.sqlite", AIPS, [third])


def hit(world: World, store: str, number: int, chance: random.Random) -> None:
    """Damage one copy in a way that chance chooses."""
    file = world.file(store, number)
    content = bytearray(file.read_bytes())
    place, length = chance.randrange(len(content)), chance.randrange(1, 200)
    match chance.randrange(6):
        case 0 | 1:
            content[place] ^= 1 << chance.randrange(8)
        case 2:
            del content[place:]
        case 3:
            content[place : place + length] = bytes(len(content[place : place + length]))
            content[place] ^= 0x55
        case 4:
            content[place:place] = chance.randbytes(length)
        case 5:
            file.unlink()
            return
    file.write_bytes(content)


def test_three_hundred_random_damages_are_all_found_and_nothing_else(world: World) -> None:
    chance = random.Random(20261125)
    every = [(store, number) for store in ("een", "twee", "drie") for number in range(1, AIPS + 1)]
    damaged = set(chance.sample(every, HIT))
    for store, number in sorted(damaged):
        hit(world, store, number, chance)

    told = world.run()

    wrong = {(row.store, row.aip_id) for row in told.items if row.outcome in WRONG}
    assert wrong == {(store, aip_id(number)) for store, number in damaged}
    assert told.counts[Outcome.INTACT] == 4 * AIPS - HIT
    assert all(row.findings for row in told.items if row.outcome in WRONG)


def test_a_store_in_the_cloud_is_read_by_the_same_run(tmp_path: Path) -> None:
    cloud = S3Store("wolk", bucket(), patience=QUICK)
    world = make_world(tmp_path, tmp_path / "edepot.sqlite", 4, [cloud])
    for version in list(cloud.list_versions(key_of(2))):
        cloud.delete_version(key_of(2), version)
    cloud.set_aside(key_of(3), f"{ZORGDRAGER}/apart/v0001.zip")
    with cloud.put_new(key_of(3)) as upload:
        upload.write(b"iets anders")
        upload.commit()

    told = world.run(Scope(stores=("wolk",)))

    assert {key: outcome for key, (outcome, _) in told.wrong().items()} == {
        ("wolk", aip_id(2)): Outcome.MISSING,
        ("wolk", aip_id(3)): Outcome.DIFFERS,
    }
    assert told.codes() == [
        ("S211", f"wolk, {key_of(3)}"),
        ("S345", f"wolk, {key_of(2)}"),
        ("S346", f"wolk, {ZORGDRAGER}/apart/v0001.zip"),
    ]
    assert os.path.exists(world.folder / "een" / key_of(2))
