"""The full-text index: however many words an AIP has, both databases find it by all of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage import catalogue
from storage.aip import FileRecord, PackageSums, StoredAip
from storage.database import begin, open_database, reading
from storage.index_postgres import PLACES, part_query, vectors
from storage.search import MAX_PHRASE, Part, query_parts, words
from tests.databases import KINDS, fresh_place
from tests.storage.making import NOW, ZORGDRAGER, aip_id, make_aip

FILES = 12_000
LONG = "bijlage " * 300 + "slotwoord"


def record(number: int) -> FileRecord:
    return FileRecord(
        path=f"data/original/{number}",
        name=f"bijlage-{number}-van-{FILES}.pdf",
        size_bytes=1,
        sha256="0" * 64,
        puid="",
        format_name="",
        mime="",
        validity="",
        record_identifier="",
        title=f"stuk{number}",
    )


def stored(folder: Path, number: int, files: int, **described: str) -> StoredAip:
    """An AIP with so many files in the catalogue alone."""
    aip = make_aip(folder, number, **described)  # type: ignore[arg-type]
    records = tuple(record(each) for each in range(files)) or aip.description.files
    description = replace(aip.description, files=records)
    return StoredAip(description, PackageSums(1, f"{number:064x}", "ab" * 32), (), NOW)


@pytest.fixture(scope="module", params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One AIP with very many words, one with a few, one that says a word often."""
    folder = tmp_path_factory.mktemp("index")
    with fresh_place(request.param, folder) as place:
        engine = open_database(place)
        with begin(engine) as connection:
            catalogue.add(connection, stored(folder, 1, FILES, title="Groot dossier"))
            catalogue.add(connection, stored(folder, 2, 0, title="Klein dossier", text="slotwoord"))
            catalogue.add(
                connection, stored(folder, 3, 0, title="Vaak", text=LONG, zorgdrager="opsterland")
            )
        yield engine


def found(engine: Engine, text_: str, zorgdrager: str | None = None) -> set[int]:
    with reading(engine) as connection:
        hits = catalogue.find(connection, text_, zorgdrager=zorgdrager)
    return {int(each.aip_id[:8], 16) for each in hits}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("dossier", {1, 2}),
        ("groot stuk11999", {1}),
        ("klein stuk11999", set()),
        ("bijlage-11999-van-12000", {1}),
        ("bijlage-6543-van", {1}),
        ('"6543 van 12000 pdf bijlage 6544"', {1}),
        ('"6544 van 12000 pdf bijlage 6543"', set()),
        ("stuk0 stuk6000 stuk11999 dossiers", {1}),
        ("bijlage-11999 slotwoord", set()),
        ("slotwoord", {2, 3}),
        ('"bijlage slotwoord"', {3}),
        ('"' + "bijlage " * (MAX_PHRASE - 1) + 'slotwoord"', {3}),
        # Words in a row are so in one place: the end of a title does not join the names.
        ('"dossier 00000001"', set()),
        ("x" * 300, set()),
    ],
)
def test_every_word_is_found_wherever_it_stands(
    engine: Engine, asked: str, expected: set[int]
) -> None:
    assert found(engine, asked) == expected


def test_of_the_many_words_too_only_the_zorgdragers_own_are_found(engine: Engine) -> None:
    assert found(engine, "bijlage", "opsterland") == {3}
    assert found(engine, "bijlage", ZORGDRAGER) == {1}
    assert found(engine, "bijlage") == {1, 3}


def test_words_that_do_not_fit_in_one_vector_stand_in_several_that_overlap() -> None:
    many = [f"w{number}" for number in range(PLACES + 10)]

    first, second = vectors([[], many, ["slot"], ["w"]])

    assert first.endswith(f"'w{PLACES - 1}':{PLACES}B")
    assert second.startswith(f"'w{PLACES - MAX_PHRASE + 1}':1B")
    assert second.endswith(f"'slot':{MAX_PHRASE + 10}C 'w':{MAX_PHRASE + 11}D")
    assert len(vectors([[], ["vaak"] * 1000, [], []])) > 3
    assert vectors([[], [], [], []]) == [""]


def test_a_part_is_looked_for_within_one_column() -> None:
    assert part_query(Part(("kap",), begins=True, stem="kap")) == "('kap':*ABC) | ('kap':D)"
    assert (
        part_query(Part(("z", "1"))) == "('z':A <-> '1':A) | ('z':B <-> '1':B) | ('z':C <-> '1':C)"
    )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_written_or_typed_is_no_fault_of_the_server(
    server: Engine, written: str, typed: str
) -> None:
    queries = [part_query(each) for each in query_parts(typed)] or ["'x'"]
    with reading(server) as connection:
        for vector in vectors([words(written), words(typed), [], []]):
            for query in queries:
                hit = connection.execute(
                    text("SELECT CAST(:vector AS tsvector) @@ CAST(:query AS tsquery)"),
                    {"vector": vector, "query": query},
                ).scalar()
                assert hit == (query != "'x'" or "x" in words(written + " " + typed))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with fresh_place("postgres", tmp_path_factory.mktemp("server")) as place:
        yield open_database(place)


def test_both_know_the_ids_of_what_they_hold(engine: Engine) -> None:
    with reading(engine) as connection:
        assert [each for each, _ in catalogue.every_version(connection)] == [
            aip_id(1), aip_id(2), aip_id(3),
        ]  # fmt: skip
        assert [each.aip_id for each in catalogue.list_aips(connection)] == [
            aip_id(3), aip_id(2), aip_id(1),
        ]  # fmt: skip
