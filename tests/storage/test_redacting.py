"""Erased details go from what is published as well, whatever interrupts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.findings import has_errors
from storage.archive import DESTROYED, Archive
from storage.database import begin, open_database, reading
from storage.errors import StoreFailed, StoreUnreachable
from storage.forgetting import erase_details_of
from storage.ledger import DETAILS, Event, append, details_of
from storage.ledger_check import verify_ledger
from storage.places import beside
from storage.publish import check_published, details_number, publish, published
from storage.rebuild import Adoption, catch_up, rebuild
from storage.rebuild_ledger import gather_ledger
from storage.redacting import redact_published
from tests.storage.making import NOW, SIGNER, ZORGDRAGER, aip_id, local_archive, older_ledger


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Iterator[Archive]:
    """Two AIPs with a name in the details of their entries, and the ledger published."""
    with local_archive(tmp_path, database_place) as made:
        for number in (1, 2, 1):
            note(made, number)
        made.publish_ledger(ZORGDRAGER, now=NOW)
        yield made
        made.engine.dispose()


def note(archive: Archive, number: int) -> None:
    event = Event(
        at=NOW, action="aip.look", object=aip_id(number), result="ok", actor="p0001",
        origin="test", details={"who": f"Jansen-{number}"},
    )  # fmt: skip
    with begin(archive.engine) as connection:
        append(connection, ZORGDRAGER, event, bytes(range(32)))


def said(archive: Archive) -> dict[str, str]:
    """By store all details that are published there, under whatever name."""
    found = {}
    for name, store in archive.stores.items():
        keys = [each.key for each in store.list() if details_number(each.key)]
        found[name] = "".join(store.open_read(key).read().decode() for key in keys)
    return found


def erase(archive: Archive, number: int) -> None:
    """As a destruction does it: the details go, and the ledger says by which list."""
    event = Event(
        at=NOW, action=DESTROYED, object=aip_id(number), result="destroyed", actor="edepot",
        origin="test", facts={"list": "L1"},
    )  # fmt: skip
    with begin(archive.engine) as connection:
        erase_details_of(connection, ZORGDRAGER, aip_id(number))
        append(connection, ZORGDRAGER, event, bytes(32))


def test_what_was_erased_is_no_longer_published_and_the_rest_is(archive: Archive) -> None:
    erase(archive, 1)

    assert archive.redact_ledger(ZORGDRAGER) == 4
    assert all("Jansen-1" not in each and "Jansen-2" in each for each in said(archive).values())
    assert archive.redact_ledger(ZORGDRAGER) == 0


def test_the_ledger_stays_whole_and_goes_on_to_be_published(archive: Archive) -> None:
    erase(archive, 1)
    archive.redact_ledger(ZORGDRAGER)
    note(archive, 2)
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    with reading(archive.engine) as connection:
        stores = list(archive.stores.values())
        assert not has_errors(check_published(connection, stores, ZORGDRAGER))
        assert not has_errors(verify_ledger(connection, ZORGDRAGER))
    gathered = gather_ledger(list(archive.stores.values()), ZORGDRAGER)
    assert sorted(gathered.lines) == [0, 1, 2, 3, 4]
    assert "Jansen-1" not in str(gathered.details)


def test_when_all_of_a_segment_was_erased_nothing_of_it_stays(archive: Archive) -> None:
    erase(archive, 1)
    erase(archive, 2)

    assert archive.redact_ledger(ZORGDRAGER) == 6
    assert set(said(archive).values()) == {""}


def test_interrupted_between_the_new_and_the_old_one_it_is_ended_next_time(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreFailed("full", store="een")

    erase(archive, 1)
    with monkeypatch.context() as broken:
        broken.setattr("storage.redacting.remove_everywhere", fail)
        with pytest.raises(StoreFailed):
            archive.redact_ledger(ZORGDRAGER)
    assert "Jansen-1" in said(archive)["een"]

    archive.redact_ledger(ZORGDRAGER)

    assert all("Jansen-1" not in each and "Jansen-2" in each for each in said(archive).values())
    there = published(archive.stores["een"], ZORGDRAGER)
    assert len(there.details) == 1


def test_a_store_is_told_of_a_destruction_once_its_details_are_gone(archive: Archive) -> None:
    erase(archive, 1)

    archive.publish_ledger(ZORGDRAGER, now=NOW)

    assert all("Jansen-1" not in each and "Jansen-2" in each for each in said(archive).values())


def test_details_that_a_database_merely_lacks_stay_published(archive: Archive) -> None:
    with begin(archive.engine) as connection:
        connection.execute(DETAILS.delete())

    assert archive.redact_ledger(ZORGDRAGER) == 0
    assert all("Jansen-1" in each for each in said(archive).values())


def test_one_store_that_fails_keeps_no_other_from_being_redacted(
    archive: Archive, tmp_path: Path
) -> None:
    erase(archive, 1)
    (tmp_path / "een" / ".uploads").rmdir()

    with pytest.raises(StoreUnreachable):
        archive.redact_ledger(ZORGDRAGER)
    assert archive.redact_ledger(ZORGDRAGER, without={"een"}) == 0

    (tmp_path / "een" / ".uploads").mkdir()
    assert "Jansen-1" in said(archive)["een"]
    assert "Jansen-1" not in said(archive)["twee"]


@pytest.fixture
def new_place(database_place: Path | str) -> Path | str:
    return beside(database_place, "nieuw")


def test_a_rebuilt_ledger_has_no_details_that_were_erased(
    archive: Archive, new_place: Path | str
) -> None:
    erase(archive, 1)
    publish(archive.engine, list(archive.stores.values()), ZORGDRAGER, SIGNER, NOW)
    assert "Jansen-1" in said(archive)["een"]

    rebuild(archive.stores, new_place, Adoption(NOW, "p0001", "test", lambda: bytes(32)))

    engine = open_database(new_place)
    with reading(engine) as connection:
        kept = [details_of(connection, ZORGDRAGER, seq) for seq in range(3)]
    engine.dispose()
    assert kept == [None, {"who": "Jansen-2"}, None]


def test_an_older_database_gets_the_details_back_that_were_not_erased(
    archive: Archive, new_place: Path | str
) -> None:
    older = older_ledger(archive.engine, new_place, 3)
    note(archive, 2)
    note(archive, 1)
    erase(archive, 1)
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    with begin(older) as connection:
        report = catch_up(connection, archive.stores, [ZORGDRAGER])

    assert report.entries == 3
    with reading(older) as connection:
        found = [details_of(connection, ZORGDRAGER, seq) for seq in range(6)]
        assert not has_errors(verify_ledger(connection, ZORGDRAGER))
        assert [
            redact_published(connection, each, ZORGDRAGER, whole=True)
            for each in archive.stores.values()
        ] == [0, 0]
    older.dispose()
    assert found == [None, {"who": "Jansen-2"}, None, {"who": "Jansen-2"}, None, None]
