"""Erased details go from what is published as well, whatever interrupts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.findings import has_errors
from storage.archive import Archive
from storage.database import begin, reading
from storage.errors import StoreFailed
from storage.forgetting import erase_details_of
from storage.ledger import Event, append
from storage.ledger_check import verify_ledger
from storage.publish import check_published, details_number, published
from storage.rebuild_ledger import gather_ledger
from tests.storage.making import NOW, ZORGDRAGER, aip_id, local_archive


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
    with begin(archive.engine) as connection:
        erase_details_of(connection, ZORGDRAGER, aip_id(number))


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
    assert sorted(gathered.lines) == [0, 1, 2, 3]
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
