"""Filling and retiring stores: a copy goes only when good ones are where they should be."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import delete, select

from storage import ledger
from storage.aip import package_key
from storage.archive import Archive
from storage.catalogue import COPIES
from storage.compare import compare
from storage.database import begin, open_database, reading
from storage.errors import StillNeeded, StoreUnreachable
from storage.fixity.tables import EVIDENCE
from storage.ledger_check import verify_ledger
from storage.moving import Amount, Fate, Moved, fill_store, to_fill
from storage.outcomes import Outcome
from storage.publish import ledger_prefix
from storage.rebuild import Adoption, rebuild
from storage.retiring import retire_store, to_retire
from storage.stores.local import LocalStore
from storage.verify import verify_aip
from tests.crash import Note, Story, sweep, sweep_twice
from tests.storage.fixity.damage import file_of, flip, order_on, tree, unreadable
from tests.storage.making import NOW, SALT, SIGNER, ZORGDRAGER, aip_id, make_aip, make_store, put

KEYS = [package_key(ZORGDRAGER, aip_id(number), 1) for number in (1, 2)]


def archive_on(folder: Path, needed: Sequence[str]) -> Archive:
    """Three stores, of which the zorgdrager needs these."""
    stores = {name: make_store(folder, name) for name in ("een", "twee", "nieuw")}
    engine = open_database(folder / "edepot.sqlite")
    return Archive(engine, stores, {ZORGDRAGER: tuple(needed)}, {ZORGDRAGER: SIGNER})


def stocked(folder: Path) -> None:
    """Two AIPs on the first two stores."""
    (folder / "staging").mkdir()
    with archive_on(folder, ("een", "twee")) as archive:
        for number in (1, 2):
            put(archive, make_aip(folder / "staging", number))
        archive.publish_ledger(ZORGDRAGER, now=NOW)
        archive.engine.dispose()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """After the policy was changed: een is to go, nieuw is to come."""
    stocked(tmp_path)
    return archive_on(tmp_path, ("nieuw", "twee"))


def packages(folder: Path, store: str) -> dict[str, str]:
    return {key: digest for key, digest in tree(folder / store).items() if key.endswith(".zip")}


def actions(archive: Archive) -> list[str]:
    with reading(archive.engine) as connection:
        # The clock of the tests begins anew with each order (S106).
        assert {each.code for each in verify_ledger(connection, ZORGDRAGER)} <= {"S106"}
        return [f"{each.action} {each.result}" for each in ledger.entries(connection, ZORGDRAGER)]


def copies(archive: Archive) -> list[tuple[int, str]]:
    with reading(archive.engine) as connection:
        found = select(COPIES.c.aip, COPIES.c.store).order_by(COPIES.c.aip, COPIES.c.store)
        return [tuple(each) for each in connection.execute(found)]


class TestFill:
    """A store gets what it lacks."""

    def test_every_aip_gets_a_verified_copy(self, archive: Archive, tmp_path: Path) -> None:
        told: list[Moved] = []
        with reading(archive.engine) as connection:
            lacking = to_fill(connection, "nieuw", ZORGDRAGER)

        found = fill_store(order_on(archive), "nieuw", ZORGDRAGER, told=told.append)

        assert (found.whole, Amount(found.copies, found.size_bytes)) == (True, lacking)
        assert [(each.key, each.fate, each.source) for each in told] == [
            (key, Fate.COPIED, "een") for key in KEYS
        ]
        assert packages(tmp_path, "nieuw") == packages(tmp_path, "een")
        assert actions(archive) == ["aip.ingest stored"] * 2 + ["copy.add added"] * 2
        assert [each.outcome for each in verify_aip(archive, aip_id(1))] == [Outcome.INTACT] * 3

    def test_a_second_time_there_is_nothing_to_do(self, archive: Archive) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)

        again = fill_store(order_on(archive), "nieuw", ZORGDRAGER)

        assert (again.copies, again.whole) == (0, True)
        assert len(actions(archive)) == 4

    def test_what_stands_there_is_used_when_right_and_set_aside_when_not(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        good = file_of(tmp_path, "een", KEYS[0]).read_bytes()
        for key, content in zip(KEYS, (good, b"iets anders"), strict=True):
            with archive.stores["nieuw"].put_new(key) as upload:
                upload.write(content)
                upload.commit()

        told: list[Moved] = []
        fill_store(order_on(archive), "nieuw", ZORGDRAGER, told=told.append)

        aside = f"{ZORGDRAGER}/evidence/fill/{aip_id(2)}-v0001.zip"
        assert [each.fate for each in told] == [Fate.FOUND, Fate.COPIED]
        assert file_of(tmp_path, "nieuw", aside).read_bytes() == b"iets anders"
        with reading(archive.engine) as connection:
            assert list(connection.execute(select(EVIDENCE.c.key)).scalars()) == [aside]

    def test_a_damaged_donor_is_passed_over(self, archive: Archive, tmp_path: Path) -> None:
        flip(file_of(tmp_path, "een", KEYS[0]))

        told: list[Moved] = []
        fill_store(order_on(archive), "nieuw", ZORGDRAGER, told=told.append)

        assert [each.source for each in told] == ["twee", "een"]
        assert packages(tmp_path, "nieuw") == packages(tmp_path, "twee")

    def test_S380_without_a_good_copy_the_others_go_on(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        for store in ("een", "twee"):
            flip(file_of(tmp_path, store, KEYS[0]))

        found = fill_store(order_on(archive), "nieuw", ZORGDRAGER)

        assert (found.copies, [each.code for each in found.findings]) == (1, ["S380"])
        assert list(packages(tmp_path, "nieuw")) == [KEYS[1]]

    def test_S372_with_donors_out_of_reach_it_waits(self, archive: Archive, tmp_path: Path) -> None:
        for store in ("een", "twee"):
            os.rename(tmp_path / store, tmp_path / f"{store}-weg")

        found = fill_store(order_on(archive), "nieuw", ZORGDRAGER)

        assert (found.copies, [each.code for each in found.findings]) == (0, ["S372"] * 2)

    def test_a_target_out_of_reach_ends_it(self, archive: Archive, tmp_path: Path) -> None:
        os.rename(tmp_path / "nieuw", tmp_path / "weg")

        with pytest.raises(StoreUnreachable):
            fill_store(order_on(archive), "nieuw", ZORGDRAGER)

    def test_it_stops_when_asked_and_goes_on_later(self, archive: Archive) -> None:
        asked = iter((False, True))
        first = fill_store(
            replace(order_on(archive), stop=lambda: next(asked)), "nieuw", ZORGDRAGER
        )
        second = fill_store(order_on(archive), "nieuw", ZORGDRAGER)

        assert (first.copies, first.stopped, first.whole) == (1, True, False)
        assert (second.copies, second.whole) == (1, True)


class TestRetire:
    """A store is emptied when the others are proven."""

    def test_copies_go_and_what_was_published_goes_last(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        order = order_on(archive)
        fill_store(order, "nieuw", ZORGDRAGER)
        with reading(archive.engine) as connection:
            assert to_retire(connection, "een", ZORGDRAGER).copies == 2

        found = retire_store(order, "een", ZORGDRAGER)

        assert (found.whole, found.copies) == (True, 2)
        assert tree(tmp_path / "een") == {}
        assert copies(archive) == [(1, "nieuw"), (1, "twee"), (2, "nieuw"), (2, "twee")]
        assert actions(archive)[4:] == ["copy.remove intended", "copy.remove done"] * 2 + [
            "store.retire done"
        ]
        published = [each for each in tree(tmp_path / "nieuw") if "/ledger/" in each]
        assert published[0].startswith(f"{ledger_prefix(ZORGDRAGER)}0000000000-0000000008")
        assert retire_store(order_on(archive), "een", ZORGDRAGER).copies == 0
        assert len(actions(archive)) == 9

    def test_evidence_goes_with_its_copy(self, archive: Archive, tmp_path: Path) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        aside = f"{ZORGDRAGER}/evidence/x/{aip_id(1)}-v0001.zip"
        with archive.stores["een"].put_new(aside) as upload:
            upload.write(b"was eens een pakket")
            upload.commit()
        row = {"store": "een", "key": aside, "aip_id": aip_id(1), "version": 1}
        with begin(archive.engine) as connection:
            connection.execute(EVIDENCE.insert(), row | {"run": "x", "at": NOW.isoformat()})

        assert retire_store(order_on(archive), "een", ZORGDRAGER).whole

        assert tree(tmp_path / "een") == {}
        with reading(archive.engine) as connection:
            assert connection.execute(select(EVIDENCE)).all() == []

    @pytest.mark.parametrize("damage", [flip, Path.unlink, unreadable])
    def test_S381_a_copy_stays_when_another_is_not_right(
        self, damage, archive: Archive, tmp_path: Path
    ) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        damage(file_of(tmp_path, "twee", KEYS[0]))

        later = order_on(archive, NOW.replace(year=2027))
        later = replace(later, asked=replace(later.asked, at=NOW.replace(year=2027)))
        found = retire_store(later, "een", ZORGDRAGER)

        assert (found.copies, [each.code for each in found.findings]) == (1, ["S381"])
        assert list(packages(tmp_path, "een")) == [KEYS[0]]
        assert any("/ledger/" in each for each in tree(tmp_path / "een"))

    def test_S381_a_copy_stays_when_the_new_store_was_never_filled(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        before = tree(tmp_path / "een")

        found = retire_store(order_on(archive), "een", ZORGDRAGER)

        assert [each.code for each in found.findings] == ["S381"] * 2
        assert tree(tmp_path / "een") == before

    def test_nothing_goes_when_another_store_is_out_of_reach(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        before = tree(tmp_path / "een")
        os.rename(tmp_path / "twee", tmp_path / "weg")

        with pytest.raises(StoreUnreachable):
            retire_store(order_on(archive), "een", ZORGDRAGER)

        assert tree(tmp_path / "een") == before

    def test_S384_what_nobody_knows_stays_and_is_told(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        strange = f"{ZORGDRAGER}/vreemd.zip"
        with archive.stores["een"].put_new(strange) as upload:
            upload.write(b"?")
            upload.commit()

        found = retire_store(order_on(archive), "een", ZORGDRAGER)

        assert [(each.code, each.where) for each in found.findings] == [("S384", f"een, {strange}")]
        assert strange in tree(tmp_path / "een")

    def test_kept_copies_are_verified_elsewhere_and_stay(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        before = tree(tmp_path / "een")

        told: list[Moved] = []
        found = retire_store(order_on(archive), "een", ZORGDRAGER, keep=True, told=told.append)

        assert (found.whole, [each.fate for each in told]) == (True, [Fate.VERIFIED] * 2)
        assert tree(tmp_path / "een") == before
        assert len(copies(archive)) == 6

    def test_a_store_that_the_policy_names_is_not_emptied(self, archive: Archive) -> None:
        with pytest.raises(StillNeeded):
            retire_store(order_on(archive), "twee", ZORGDRAGER)

    def test_two_names_for_one_place_are_found_out(self, archive: Archive, tmp_path: Path) -> None:
        archive.stores["nieuw"] = LocalStore("nieuw", tmp_path / "een")
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        before = tree(tmp_path / "een")

        with pytest.raises(StillNeeded):
            retire_store(order_on(archive), "een", ZORGDRAGER)

        assert tree(tmp_path / "een") == before

    def test_an_edited_catalogue_does_not_let_the_last_copy_go(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        for store in ("nieuw", "twee"):
            file_of(tmp_path, store, KEYS[0]).unlink()
        later = replace(order_on(archive).asked, at=NOW.replace(year=2027))

        found = retire_store(replace(order_on(archive), asked=later), "een", ZORGDRAGER)

        assert [each.code for each in found.findings] == ["S381"]
        assert KEYS[0] in tree(tmp_path / "een")


def test_the_catalogue_can_be_made_anew_after_a_move(archive: Archive, tmp_path: Path) -> None:
    order = order_on(archive)
    fill_store(order, "nieuw", ZORGDRAGER)
    retire_store(order, "een", ZORGDRAGER)
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    adoption = Adoption(NOW, "uid:0", "test", lambda: SALT)
    report = rebuild(archive.stores, tmp_path / "anew.sqlite", adoption, archive.engine)

    assert (report.aips, report.adopted, report.findings) == (2, 0, ())
    with reading(open_database(tmp_path / "anew.sqlite")) as connection:
        assert list(compare(connection, archive.engine)) == []


class Moving(Story):
    """One store is filled, another emptied; afterwards the same again."""

    def prepare(self, folder: Path) -> None:
        stocked(folder)
        (folder / "was.json").write_text(json.dumps(packages(folder, "een")))

    def act(self, folder: Path, note: Note) -> None:
        archive = archive_on(folder, ("nieuw", "twee"))
        filled = fill_store(order_on(archive), "nieuw", ZORGDRAGER)
        note(f"filled {filled.whole}")
        retired = retire_store(order_on(archive), "een", ZORGDRAGER)
        note(f"retired {retired.whole}")

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        was = json.loads((folder / "was.json").read_text())
        assert packages(folder, "twee") == was, "a donor was touched"
        for store in ("een", "nieuw"):
            assert packages(folder, store).items() <= was.items()
        both = [{*packages(folder, "een")}, {*packages(folder, "nieuw")}]
        assert both[0] | both[1] == {*was}, "fewer copies than the policy asks"
        known = rows(folder)
        for key, store in known:
            assert store == "een" or key in tree(folder / store), "a row without its copy"
        if "filled True" in history:
            assert packages(folder, "nieuw") == was
        if whole:
            assert packages(folder, "nieuw") == was
            assert tree(folder / "een") == {}
            assert known == {(key, store) for key in was for store in ("nieuw", "twee")}
            assert_ledger(folder)


def rows(folder: Path) -> set[tuple[str, str]]:
    connection = dbapi2.connect(folder / "edepot.sqlite")
    try:
        return set(connection.execute('SELECT "key", store FROM copies'))
    finally:
        connection.close()


def assert_ledger(folder: Path) -> None:
    archive = archive_on(folder, ("nieuw", "twee"))
    done = actions(archive)
    assert [each for each in done if each.startswith("copy.add")] == ["copy.add added"] * 2
    assert done.count("copy.remove intended") == done.count("copy.remove done") == 2
    archive.close()
    archive.engine.dispose()


def test_a_move_ends_whole_wherever_it_is_killed_or_fails(tmp_path: Path) -> None:
    hits = sweep(Moving(), tmp_path, step=3)

    assert hits > 100


def test_a_move_ends_whole_when_its_recovery_is_killed_too(tmp_path: Path) -> None:
    hits = sweep_twice(Moving(), tmp_path, step=29)

    assert hits > 5


def test_a_copy_without_a_row_is_taken_over_without_reading_others(archive: Archive) -> None:
    fill_store(order_on(archive), "nieuw", ZORGDRAGER)
    with begin(archive.engine) as connection:
        connection.execute(delete(COPIES).where(COPIES.c.store == "nieuw", COPIES.c.aip == 1))

    told: list[Moved] = []
    fill_store(order_on(archive), "nieuw", ZORGDRAGER, told=told.append)

    assert [(each.fate, each.source) for each in told] == [(Fate.FOUND, "")]
