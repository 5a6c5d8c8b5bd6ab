"""A store beside the catalogue: what nobody knows is told, first softly; what is ours is not."""

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from storage import catalogue, ledger
from storage.archive import DESTROYED
from storage.database import begin, reading
from storage.erasing import erase
from storage.fixity import remarks, strangers
from storage.fixity.nouns import Scope
from storage.fixity.tables import EVIDENCE, STRANGERS
from storage.fixity.work import work_run
from storage.forgetting import forget
from storage.inventory import traces
from storage.ledger import Event
from storage.outcomes import Outcome
from storage.placing import evidence_key
from storage.promised import PackageName
from storage.publish import ledger_of
from storage.stores.base import Store
from tests.storage.fixity.world import COUNT, World, key_of, make_world
from tests.storage.making import NOW, SALT, ZORGDRAGER, aip_id, make_aip, put

STRANGE = f"{ZORGDRAGER}/aa/bb/vreemd/v0001.zip"


@pytest.fixture
def world(tmp_path: Path, database_place: Path | str) -> World:
    return make_world(tmp_path, database_place)


def put_object(store: Store, key: str, content: bytes = b"vreemd") -> None:
    with store.put_new(key) as upload:
        upload.write(content)
        upload.commit()


def known_strangers(world: World) -> list[tuple[str, str, str]]:
    with reading(world.engine) as connection:
        rows = connection.execute(select(STRANGERS).order_by(STRANGERS.c.key)).all()
    return [(row.store, row.key, row.first_seen[:13]) for row in rows]


def test_a_stranger_is_a_warning_first_an_error_after_a_day_and_forgotten_when_gone(
    world: World,
) -> None:
    for key in (STRANGE, "elders/x.bin", f"{ZORGDRAGER}/ledger/notes.txt"):
        put_object(world.archive.stores["twee"], key)
    wheres = sorted(
        f"twee, {key}" for key in (STRANGE, "elders/x.bin", f"{ZORGDRAGER}/ledger/notes.txt")
    )

    told = world.run()
    assert told.codes() == [("S346", where) for where in wheres]
    world.hours += 23
    assert world.run().codes() == [("S346", where) for where in wheres]
    world.hours += 2
    assert world.run().codes() == [("S347", where) for where in wheres]
    assert {first for *_, first in known_strangers(world)} == {"2026-11-24T13"}

    (world.folder / "twee" / STRANGE).unlink()
    world.hours += 1
    world.run()
    assert [key for _, key, _ in known_strangers(world)] == sorted(
        ["elders/x.bin", f"{ZORGDRAGER}/ledger/notes.txt"]
    )


def test_an_aip_that_is_stored_between_two_runs_is_no_stranger(world: World) -> None:
    """What an ingest had put but not acknowledged is known once it is."""
    put_object(world.archive.stores["een"], STRANGE)
    world.run()
    world.sql(
        'INSERT INTO copies (aip, store, "key", verified_at, zorgdrager, proof, checked_at, '
        f"outcome) SELECT 1, 'een2', '{STRANGE}', '', '{ZORGDRAGER}', 'read', '', 'intact'"
    )
    world.sql("UPDATE copies SET store = 'geheugen2' WHERE store = 'een' AND aip = 1")
    world.sql("UPDATE copies SET store = 'een' WHERE store = 'een2'")
    world.hours += 48

    codes = world.run(Scope(stores=("een",))).codes()

    assert ("S346", f"een, {key_of(1)}") in codes, "the row that was moved away leaves its object"
    assert f"een, {STRANGE}" not in [where for code, where in codes if code in ("S346", "S347")]


def test_evidence_that_was_set_aside_is_no_stranger(world: World) -> None:
    put_object(world.archive.stores["een"], STRANGE)
    with begin(world.engine) as connection:
        row = {
            "store": "een", "key": STRANGE, "aip_id": aip_id(1), "version": 1, "run": "x",
            "at": NOW.isoformat(),
        }  # fmt: skip
        connection.execute(insert(EVIDENCE), row)

    assert world.run().codes() == []


def test_S345_a_copy_that_is_not_listed_is_remarked_and_its_check_says_it_is_gone(
    world: World,
) -> None:
    world.file("twee", 3).unlink()

    told = world.run()

    assert told.codes() == [("S345", f"twee, {key_of(3)}")]
    assert told.wrong() == {("twee", aip_id(3)): (Outcome.MISSING, ["S205"])}


def test_S211_another_size_in_the_list_is_remarked(world: World) -> None:
    with world.file("twee", 3).open("ab") as stream:
        stream.write(b"x")

    assert world.run().codes() == [("S211", f"twee, {key_of(3)}")]


def test_a_store_that_falls_away_forgets_no_stranger(world: World) -> None:
    put_object(world.archive.stores["twee"], STRANGE)
    world.run()
    os.rename(world.folder / "twee", world.folder / "weg")
    world.hours += 30

    assert {code for code, _ in world.run().codes()} == {"S207"}
    assert [key for _, key, _ in known_strangers(world)] == [STRANGE]


def test_only_a_whole_scope_tells_strangers_and_one_zorgdrager_only_its_own(world: World) -> None:
    for key in (STRANGE, "elders/x.bin"):
        put_object(world.archive.stores["twee"], key)

    assert world.run(Scope(oldest=2)).codes() == []
    mine = world.run(Scope(zorgdragers=(ZORGDRAGER,)))
    assert mine.codes() == [("S346", f"twee, {STRANGE}")]


def test_both_walks_go_on_past_what_is_read_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "ROWS_AT_ONCE", 2)
    keys = [f"{ZORGDRAGER}/{number:02x}/vreemd.bin" for number in range(9)]
    for key in keys:
        put_object(world.archive.stores["een"], key)

    assert world.run().codes() == [("S346", f"een, {key}") for key in keys]


def test_S350_a_flood_of_the_same_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remarks, "MOST_OF_A_KIND", 3)
    for number in range(9):
        put_object(world.archive.stores["een"], f"{ZORGDRAGER}/{number:02x}/vreemd.bin")

    codes = [code for code, _ in world.run().codes()]

    assert codes == ["S346", "S346", "S346", "S350"]


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        ("z/ledger/0000000000-0000000009.jsonl", "z"),
        ("z/ledger/0000000000-0000000009.details.jsonl", "z"),
        ("z/ledger/0000000010.checkpoint", "z"),
        ("z/ledger/0000000010.checkpoint.bak", ""),
        ("z/x/ledger/0000000010.checkpoint", ""),
        ("z/ab/cd/e/v0001.zip", ""),
    ],
)
def test_the_published_parts_of_a_ledger_are_known_by_their_names(key: str, owner: str) -> None:
    assert ledger_of(key) == owner


def test_the_ledger_itself_and_its_published_parts_are_checked(world: World) -> None:
    checkpoint = next((world.folder / "twee" / ZORGDRAGER / "ledger").glob("*.checkpoint"))
    os.chmod(checkpoint, 0o600)
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n7\n", b"\n8\n", 1) + b"x")
    segment = next((world.folder / "een" / ZORGDRAGER / "ledger").glob("*9.jsonl"), None) or next(
        each
        for each in (world.folder / "een" / ZORGDRAGER / "ledger").glob("*.jsonl")
        if "details" not in each.name
    )
    os.chmod(segment, 0o600)
    segment.write_bytes(segment.read_bytes()[:-5])

    told = world.run()

    assert ("S108", f"een, {ZORGDRAGER}/ledger/{segment.name}") in told.codes()
    assert {code for code, _ in told.codes()} <= {"S108"}
    assert told.counts == {Outcome.INTACT: 3 * COUNT}


def test_an_aip_that_comes_in_during_a_run_is_no_part_of_it(world: World) -> None:
    run = world.begin()
    put(world.archive, make_aip(world.folder / "staging", COUNT + 1))
    told = world.told(work_run(world.works(), run.id))

    assert told.counts == {Outcome.INTACT: 3 * COUNT}
    assert told.remarks == []


def test_a_copy_of_a_destroyed_aip_that_turns_up_is_no_mere_stranger(world: World) -> None:
    """And of a destroyed AIP nothing is missing: not for a run, nor for who compares the ledger."""
    key, kept = key_of(1), world.folder / "kept.zip"
    shutil.copy(world.folder / "een" / key, kept)
    aside = evidence_key(PackageName(ZORGDRAGER, aip_id(1), 1), "run-0")
    destroyed = Event(NOW, DESTROYED, aip_id(1), "destroyed", "edepot", "test", facts={"list": "L"})
    for store in world.archive.stores.values():
        list(erase(store, traces(store, ZORGDRAGER, aip_id(1))))
    with begin(world.engine) as connection:
        forget(connection, aip_id(1))
        ledger.append(connection, ZORGDRAGER, destroyed, SALT)
    assert world.run().codes() == []

    for name in (key, aside):
        put_object(world.archive.stores["een"], name, kept.read_bytes())

    assert world.run().codes() == [("S353", f"een, {name}") for name in sorted((key, aside))]
    world.hours += 48
    assert {code for code, _ in world.run().codes()} == {"S353"}
    with reading(world.engine) as connection:
        assert catalogue.by_id(connection, aip_id(1)) is None


@pytest.mark.parametrize("action", ["disposal.begun", DESTROYED])
def test_a_copy_that_goes_by_a_signed_list_while_a_run_is_going_is_not_missing(
    world: World, action: str
) -> None:
    begun = world.begin()
    for store in world.archive.stores.values():
        list(erase(store, traces(store, ZORGDRAGER, aip_id(1))))
    event = Event(NOW, action, aip_id(1), "destroying", "edepot", "test", facts={"list": "L"})
    with begin(world.engine) as connection:
        ledger.append(connection, ZORGDRAGER, event, SALT)
        if action == DESTROYED:
            forget(connection, aip_id(1))

    told = world.told(work_run(world.works(), begun.id))

    assert set(told.wrong()) == {(store, aip_id(1)) for store in world.archive.stores}
    assert set(map(str, told.wrong().values())) == {"('not_checked', ['S354'])"}
    assert told.counts[Outcome.NOT_CHECKED] == len(world.archive.stores)
    assert Outcome.MISSING not in told.counts
