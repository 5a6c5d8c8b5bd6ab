"""Forgetting an AIP in the database: what knows of it no longer does, down to the bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import catalogue
from storage.archive import Archive
from storage.catalogue import AIPS, COPIES, FILES
from storage.database import begin, on_postgres, reading
from storage.forgetting import erase_details_of, forget, numbers_of, purge, still_known
from storage.ledger import DETAILS, details_of, entries
from storage.ledger_check import verify_ledger
from tests.storage.making import ZORGDRAGER, aip_id, local_archive, make_aip, put

WORD = "wolkenkrabbersvergunning"


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Iterator[Archive]:
    """Two AIPs, one of which has a word that no other has."""
    (tmp_path / "staging").mkdir()
    with local_archive(tmp_path, database_place) as made:
        put(made, make_aip(tmp_path / "staging", 1, title=f"Aanvraag {WORD}"))
        put(made, make_aip(tmp_path / "staging", 2))
        yield made
        made.engine.dispose()


def known(archive: Archive, numbers: tuple[int, ...]) -> tuple[str, ...]:
    with reading(archive.engine) as connection:
        return still_known(connection, aip_id(1), numbers, (WORD,))


def test_what_is_forgotten_is_found_by_nothing_and_the_rest_is(archive: Archive) -> None:
    with reading(archive.engine) as connection:
        numbers = numbers_of(connection, aip_id(1))
    assert known(archive, numbers) == ("catalogue", "full text")

    with begin(archive.engine) as connection:
        assert forget(connection, aip_id(1)) == numbers

    assert known(archive, numbers) == ()
    with reading(archive.engine) as connection:
        assert catalogue.find(connection, WORD, 10) == []
        assert [each.aip_id for each in catalogue.find(connection, "vergunning", 10)] == [aip_id(2)]
        for table, count in ((AIPS, 1), (FILES, 2), (COPIES, 2)):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == count


def test_to_forget_again_does_nothing(archive: Archive) -> None:
    with begin(archive.engine) as connection:
        forget(connection, aip_id(1))

    with begin(archive.engine) as connection:
        assert forget(connection, aip_id(1)) == ()


def test_words_that_an_index_kept_are_found_out(archive: Archive) -> None:
    with reading(archive.engine) as connection:
        numbers = numbers_of(connection, aip_id(1))
    with begin(archive.engine) as connection:
        for table in (COPIES, FILES):
            connection.execute(table.delete().where(table.c.aip == numbers[0]))
        connection.execute(AIPS.delete().where(AIPS.c.aip_id == aip_id(1)))

    assert known(archive, numbers) == ("full text",)


def test_details_go_and_the_ledger_stays_whole(archive: Archive) -> None:
    with begin(archive.engine) as connection:
        assert erase_details_of(connection, ZORGDRAGER, aip_id(1)) == (0,)

    with reading(archive.engine) as connection:
        assert details_of(connection, ZORGDRAGER, 0) is None
        assert details_of(connection, ZORGDRAGER, 1) is not None
        assert len(list(entries(connection, ZORGDRAGER))) == 2
        assert not verify_ledger(connection, ZORGDRAGER)
        assert connection.execute(select(func.count()).select_from(DETAILS)).scalar() == 1


def test_after_the_purge_no_byte_of_a_word_stands_in_the_databases_files(
    archive: Archive, tmp_path: Path
) -> None:
    def bytes_of() -> bytes:
        archive.engine.dispose()
        return b"".join(each.read_bytes() for each in sorted(tmp_path.glob("edepot.sqlite*")))

    if not on_postgres(archive.engine):
        assert WORD.encode() in bytes_of()
    with begin(archive.engine) as connection:
        forget(connection, aip_id(1))
        erase_details_of(connection, ZORGDRAGER, aip_id(1))

    purge(archive.engine)

    if not on_postgres(archive.engine):
        assert WORD[3:].encode() not in bytes_of()
    with reading(archive.engine) as connection:
        assert [each.aip_id for each in catalogue.find(connection, "vergunning", 10)] == [aip_id(2)]


def test_a_purge_waits_for_nobody_who_reads(archive: Archive) -> None:
    with begin(archive.engine) as connection:
        forget(connection, aip_id(1))

    with reading(archive.engine) as connection:
        catalogue.find(connection, "vergunning", 10)
        purge(archive.engine)
        assert [each.aip_id for each in catalogue.find(connection, "vergunning", 10)] == [aip_id(2)]
