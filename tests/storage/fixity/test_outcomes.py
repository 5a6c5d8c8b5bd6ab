"""A run: what is well is intact, what is not is told for what it is, and the sums add up."""

# ruff: noqa: S608 - what nobody should do in a database is done here

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.fixity.lines import read_findings
from storage.fixity.nouns import RunState, Scope
from storage.fixity.reading import read_whole
from storage.outcomes import Outcome
from storage.package_reader import open_package
from storage.stores.base import Store
from tests.storage.fixity.world import COUNT, World, key_of, make_world
from tests.storage.making import ZORGDRAGER, aip_id
from tests.storage.test_ledger import tamper
from tests.storage.test_package import zipped

ALL = 3 * COUNT


@pytest.fixture
def world(tmp_path: Path, database_place: Path | str) -> World:
    return make_world(tmp_path, database_place)


@pytest.fixture
def small_world(tmp_path: Path) -> World:
    return make_world(tmp_path, tmp_path / "edepot.sqlite")


def test_a_depot_that_is_well_is_told_so_and_each_copy_remembers_it(world: World) -> None:
    told = world.run()

    assert told.run.state is RunState.ENDED
    assert told.counts == {Outcome.INTACT: ALL}
    assert told.wrong() == {}
    assert told.remarks == []
    assert all(row.found == row.expected and row.basis == "read" for row in told.items)
    copies = world.copies()
    by_item = {(row.aip, row.store): row.checked_at for row in told.items}
    assert {key: row.checked_at for key, row in copies.items()} == by_item
    assert {key: row.verified_at for key, row in copies.items()} == by_item


def payload_byte(world: World) -> None:
    reader = open_package(world.archive.stores["twee"], key_of(2))
    flip(world.file("twee", 2), reader.members["data/original/vergunning.txt"].data_offset + 3)


def flip(file: Path, offset: int) -> None:
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)


def members(world: World) -> dict[str, bytes]:
    reader = open_package(world.archive.stores["twee"], key_of(2))
    return {path: reader.read(path) for path in reader.members}


def rewritten(world: World, change: Callable[[dict[str, bytes]], object]) -> None:
    inside = members(world)
    change(inside)
    world.file("twee", 2).write_bytes(zipped(inside))


def not_a_file(world: World) -> None:
    file = world.file("twee", 2)
    file.unlink()
    os.mkfifo(file)


def swapped(world: World) -> None:
    one, other = world.file("twee", 1), world.file("twee", 2)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


DAMAGE: dict[str, tuple[Callable[[World], object], Outcome, list[str]]] = {
    "a byte of a record": (payload_byte, Outcome.DIFFERS, ["S202", "S201"]),
    "a file gone from it": (
        lambda world: rewritten(world, lambda inside: inside.pop("data/original/vergunning.txt")),
        Outcome.DIFFERS,
        ["S203", "S211", "S201"],
    ),
    "a file more in it": (
        lambda world: rewritten(world, lambda inside: inside.update({"data/erbij": b"x"})),
        Outcome.DIFFERS,
        ["S204", "S211", "S201"],
    ),
    "the manifest edited with the file": (
        lambda world: rewritten(
            world, lambda inside: inside.update({"metadata/premis.xml": b"<anders/>\n"})
        ),
        Outcome.DIFFERS,
        ["S202", "S201"],
    ),
    "its last byte": (
        lambda world: flip(world.file("twee", 2), -1), Outcome.DIFFERS, ["S209", "S201"]
    ),
    "cut off": (
        lambda world: os.truncate(world.file("twee", 2), 100),
        Outcome.DIFFERS,
        ["S209", "S211", "S201"],
    ),
    "emptied": (
        lambda world: os.truncate(world.file("twee", 2), 0),
        Outcome.DIFFERS,
        ["S209", "S211", "S201"],
    ),
    "gone": (lambda world: world.file("twee", 2).unlink(), Outcome.MISSING, ["S205"]),
    "no file": (not_a_file, Outcome.UNREADABLE, ["S206"]),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_copy_is_told_for_what_it_is(name: str, small_world: World) -> None:
    world = small_world
    damage, outcome, codes = DAMAGE[name]
    before = world.copies()[2, "twee"]
    damage(world)

    told = world.run()

    assert told.wrong() == {("twee", aip_id(2)): (outcome, codes)}
    assert told.counts == {Outcome.INTACT: ALL - 1, outcome: 1}
    row = world.copies()[2, "twee"]
    assert (row.outcome, row.verified_at) == (outcome, before.verified_at)
    assert row.checked_at > before.checked_at


def test_packages_that_changed_places_are_both_found(world: World) -> None:
    swapped(world)

    told = world.run()

    assert {key: outcome for key, (outcome, _) in told.wrong().items()} == {
        ("twee", aip_id(1)): Outcome.DIFFERS,
        ("twee", aip_id(2)): Outcome.DIFFERS,
    }


def test_S207_a_store_that_is_not_there_says_nothing_of_its_copies(world: World) -> None:
    before = world.copies()
    os.rename(world.folder / "twee", world.folder / "weg")

    told = world.run()

    assert told.counts == {Outcome.INTACT: 2 * COUNT, Outcome.NOT_CHECKED: COUNT}
    assert all(codes == ["S207"] for _, codes in told.wrong().values())
    findings = [read_findings(row.findings)[0] for row in told.items if row.store == "twee"]
    assert {each.found for each in findings} == {"No such file or directory"}
    assert len({each.expected for each in findings}) <= 2, "since when, once a try"
    assert {row.code for row in told.remarks} == {"S207"}
    after = world.copies()
    assert {key: row for key, row in after.items() if key[1] == "twee"} == {
        key: row for key, row in before.items() if key[1] == "twee"
    }


def test_S343_a_store_that_the_configuration_lost_is_not_called_well(world: World) -> None:
    stores = {name: each for name, each in world.archive.stores.items() if name != "twee"}

    told = world.run(stores=stores)

    assert told.counts == {Outcome.INTACT: 2 * COUNT, Outcome.NOT_CHECKED: COUNT}
    assert all(codes == ["S343"] for _, codes in told.wrong().values())


def test_S201_the_ledger_is_the_measure_and_not_the_catalogue(world: World) -> None:
    """Bytes and catalogue agree, but the ledger says other: somebody changed both."""
    rewritten(world, lambda inside: inside.update({"data/original/vergunning.txt": b"Nee.\n"}))
    found = read_whole(world.archive.stores["twee"], key_of(2))
    world.sql(
        f"UPDATE aips SET sha256 = '{found.sha256}', size_bytes = {found.size_bytes} "
        f"WHERE aip_id = '{aip_id(2)}'"
    )

    told = world.run()

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.DIFFERS, ["S202", "S211", "S201"])}
    assert ("S208", aip_id(2)) in told.codes()


@pytest.mark.parametrize("column", ["sha256", "tagmanifest_sha256"])
def test_S208_an_edited_row_of_the_catalogue_is_found(column: str, world: World) -> None:
    world.sql(f"UPDATE aips SET {column} = 'ff' WHERE aip_id = '{aip_id(3)}'")

    told = world.run()

    assert told.counts == {Outcome.INTACT: ALL}, "the copies are what the ledger says"
    assert told.codes() == [("S208", aip_id(3))]


def test_S210_an_aip_without_a_line_in_the_ledger_is_measured_but_told(world: World) -> None:
    tamper(world.engine, f"DELETE FROM ledger_entries WHERE object = '{aip_id(COUNT)}'")

    told = world.run(Scope(aips=(aip_id(COUNT),)))

    assert {outcome for outcome, _ in told.wrong().values()} == {Outcome.INTACT}
    assert {tuple(codes) for _, codes in told.wrong().values()} == {("S210",)}
    assert ("S210", aip_id(COUNT)) in told.codes()


def test_S340_a_line_that_was_edited_is_no_measure(world: World) -> None:
    """Good bytes are not called damaged because the ledger's digest was changed."""
    tamper(
        world.engine,
        'UPDATE ledger_entries SET line = replace(line, \'"sha256":"\', \'"sha256":"0\') '
        f"WHERE object = '{aip_id(4)}'",
    )

    told = world.run()

    assert told.wrong() == {
        (store, aip_id(4)): (Outcome.INTACT, ["S340"]) for store in world.archive.stores
    }
    assert {"S103", "S104"} & {code for code, _ in told.codes()}


def test_S344_a_copy_that_is_looked_for_in_the_wrong_place_is_not_judged(world: World) -> None:
    world.sql(f"UPDATE copies SET \"key\" = '{key_of(1)}' WHERE aip = 2 AND store = 'twee'")

    told = world.run()

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.NOT_CHECKED, ["S344"])}
    assert ("S344", f"twee, {aip_id(2)}") in told.codes()


@pytest.mark.parametrize("key", ["../buiten", f"{ZORGDRAGER}/../../etc/passwd", "", "a b"])
def test_a_key_that_leads_out_of_the_store_is_never_opened(key: str, small_world: World) -> None:
    small_world.sql(f"UPDATE copies SET \"key\" = '{key}' WHERE aip = 2 AND store = 'twee'")

    told = small_world.run()

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.NOT_CHECKED, ["S344"])}


def test_S349_a_copy_that_the_catalogue_forgot_is_missed_by_the_ledger(world: World) -> None:
    world.sql("DELETE FROM copies WHERE aip = 2 AND store = 'twee'")

    told = world.run()

    assert told.counts == {Outcome.INTACT: ALL - 1}
    assert told.codes() == [("S346", f"twee, {key_of(2)}"), ("S349", aip_id(2))]


def test_S348_an_aip_that_the_catalogue_forgot_is_missed_by_the_ledger(world: World) -> None:
    world.sql(
        "DELETE FROM copies WHERE aip = 2",
        "DELETE FROM files WHERE aip = 2",
        "DELETE FROM aips WHERE number = 2",
    )

    told = world.run()

    assert told.counts == {Outcome.INTACT: ALL - 3}
    assert told.codes() == [
        ("S346", f"een, {key_of(2)}"),
        ("S346", f"geheugen, {key_of(2)}"),
        ("S346", f"twee, {key_of(2)}"),
        ("S348", aip_id(2)),
    ]


def test_every_row_of_copies_is_an_item_also_when_its_aip_is_gone(small_world: World) -> None:
    """The sums add up to the catalogue as it is, whatever state that is in."""
    world = small_world
    raw = dbapi2.connect(str(world.folder / "edepot.sqlite"))
    raw.executescript("DELETE FROM files WHERE aip = 2; DELETE FROM aips WHERE number = 2;")
    raw.close()

    told = world.run()

    assert told.counts == {Outcome.INTACT: ALL - 3, Outcome.NOT_CHECKED: 3}
    assert {tuple(codes) for _, codes in told.wrong().values()} == {("S344",)}


class Moody:
    """A store that is another one, but whose readings go wrong so many times."""

    def __init__(self, store: Store, moods: list[Callable[[bytes], bytes]]) -> None:
        self._store = store
        self._moods = moods

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def read_chunks(self, key: str, *, fresh: bool = False):
        content = b"".join(bytes(each) for each in self._store.read_chunks(key, fresh=fresh))
        mood = self._moods.pop(0) if key == key_of(2) and self._moods else bytes
        yield mood(content)


def broken(content: bytes) -> bytes:
    return content[:-1] + b"!"


def raising(error: type[Exception]) -> Callable[[bytes], bytes]:
    def mood(_: bytes) -> bytes:
        raise error("zo gaat het niet")

    return mood


def moody(world: World, *moods: Callable[[bytes], bytes]) -> dict[str, object]:
    return {**world.archive.stores, "twee": Moody(world.archive.stores["twee"], list(moods))}


def test_S341_a_reading_that_went_wrong_once_is_no_damage(small_world: World) -> None:
    told = small_world.run(stores=moody(small_world, broken))

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.INTACT, ["S341"])}


def test_S341_an_error_that_went_away_is_no_damage(small_world: World) -> None:
    for error in (CopyUnreadable, NotStored, StoreUnreachable):
        told = small_world.run(stores=moody(small_world, raising(error)))
        assert told.wrong() == {("twee", aip_id(2)): (Outcome.INTACT, ["S341"])}, error
        small_world.hours += 1


def test_S206_a_copy_that_cannot_be_read_three_times_is_unreadable(small_world: World) -> None:
    told = small_world.run(stores=moody(small_world, *[raising(CopyUnreadable)] * 3))

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.UNREADABLE, ["S206"])}


def test_a_phantom_absence_is_not_called_gone(small_world: World) -> None:
    """The store says that it is not there, and lists it all the same."""
    told = small_world.run(stores=moody(small_world, *[raising(NotStored)] * 3))

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.UNREADABLE, ["S206"])}


def test_S342_bytes_that_differ_at_each_reading_are_unreadable(small_world: World) -> None:
    world = small_world
    flip(world.file("twee", 2), 50)

    told = world.run(stores=moody(world, broken, lambda content: content[:-1] + b"?"))

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.UNREADABLE, ["S342"])}


def test_S351_what_nobody_foresaw_is_told_and_the_others_are_checked(small_world: World) -> None:
    told = small_world.run(stores=moody(small_world, raising(OSError)))

    assert told.wrong() == {("twee", aip_id(2)): (Outcome.NOT_CHECKED, ["S351"])}


def test_the_last_verdict_stays_when_the_next_run_cannot_check(small_world: World) -> None:
    world = small_world
    world.run()
    first = world.copies()
    world.hours = 2
    os.rename(world.folder / "twee", world.folder / "weg")
    world.run()
    os.rename(world.folder / "weg", world.folder / "twee")

    assert {k: v for k, v in world.copies().items() if k[1] == "twee"} == {
        k: v for k, v in first.items() if k[1] == "twee"
    }
