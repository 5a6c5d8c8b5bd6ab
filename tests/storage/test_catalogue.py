"""The catalogue: what is written is read back, and found by what a person would type."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from storage import catalogue
from storage.aip import Copy, PackageSums, StoredAip, package_key
from storage.catalogue import Counts, Hit
from storage.database import begin, open_database, reading
from storage.errors import AlreadyStored
from storage.search import match_expression, stems, words
from tests.databases import KINDS, fresh_place
from tests.storage.making import NOW, ZORGDRAGER, aip_id, make_aip

OTHER = "oost"
FILES = (("brief.txt", b"x" * 27), ("tekeningen/gevel.bin", b"xx"))


@pytest.fixture(scope="module", params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("catalogue")
    with fresh_place(request.param, folder) as place:
        engine = open_database(place)
        with begin(engine) as connection:
            for number, row in enumerate(ROWS, 1):
                catalogue.add(connection, make_row(folder, number, *row))
        yield engine


ROWS = [
    ("Omgevingsvergunning dakkapel Dorpsstraat 12", "vergunningen en besluiten", ZORGDRAGER, ""),
    ("Subsidie muziekvereniging Crescendo", "aanvraag, beschikking", ZORGDRAGER, "Z/2024/0153"),
    ("Klacht over geluidsoverlast café 't Hoekje", "zie de subsidie", ZORGDRAGER, "Z/2024/01534"),
    ("Milieu-inspectie veehouderij", "rapport van de toezichthouder", OTHER, "Z/2024/0153"),
    ("Kapvergunning eik", "kappen van bomen", "oost-west", "2024.0153"),
]


def make_row(
    folder: Path, number: int, title: str, text: str, zorgdrager: str, identifier: str
) -> StoredAip:
    aip = make_aip(
        folder,
        number,
        files=FILES,
        title=title,
        text=text,
        zorgdrager=zorgdrager,
        identifier=identifier,
    )
    key = package_key(zorgdrager, aip_id(number), 1)
    copies = tuple(Copy(name, key, NOW) for name in ("een", "twee"))
    stored_at = NOW + timedelta(minutes=number)
    return StoredAip(
        aip.description, PackageSums(5 << 40, f"{number:064x}", "ab" * 32), copies, stored_at
    )


def found(engine: Engine, text: str, zorgdrager: str | None = None, limit: int = 50) -> set[int]:
    with reading(engine) as connection:
        hits = catalogue.find(connection, text, limit, zorgdrager=zorgdrager)
    return {int(each.aip_id[:8], 16) for each in hits}


def test_what_is_added_is_read_back_whole(engine: Engine, tmp_path: Path) -> None:
    expected = make_row(tmp_path, 2, *ROWS[1])

    with reading(engine) as connection:
        assert catalogue.by_id(connection, aip_id(2)) == expected
        assert catalogue.by_id(connection, aip_id(2), 1) == expected
        assert catalogue.by_id(connection, aip_id(2), 2) is None
        assert (
            catalogue.by_identifier(connection, ZORGDRAGER, "Z/2024/0153", "zaaksysteem")
            == expected
        )
        digest = expected.description.content_digest
        assert catalogue.by_content(connection, ZORGDRAGER, digest) == expected
        short = catalogue.by_id(connection, aip_id(2), with_files=False)
    assert short == replace(expected, description=replace(expected.description, files=()))


def test_what_belongs_to_another_zorgdrager_is_not_there(engine: Engine) -> None:
    with reading(engine) as connection:
        assert catalogue.by_identifier(connection, OTHER, "Z/2024/0001", "zaaksysteem") is None
        assert catalogue.by_content(connection, OTHER, f"{1:064x}") is None
    assert found(engine, "vergunning", OTHER) == set()
    assert found(engine, "inspectie", OTHER) == {4}
    assert found(engine, "kappen", OTHER) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dakkapel", {1}),
        ("DAKKAPEL dorpsstraat", {1}),
        ("dakkapellen", {1}),
        ("vergunning", {1, 5}),  # the stem of vergunningen, and within Kapvergunning
        ('"vergunning"', set()),
        ("kapverg", {5}),
        ("omgevingsv", {1}),
        ("boom", {5}),
        ("bomen", {5}),
        ("cafe", {3}),
        ("café 't hoekje", {3}),
        ("Z/2024/0153", {2, 3, 4}),
        ('"Z/2024/0153"', {2, 4}),
        ("2024.0153", {2, 3, 4, 5}),
        ("Z/2024", {1, 2, 3, 4}),
        ("toezichthouders", {4}),
        ("gevel.bin", {1, 2, 3, 4, 5}),
        ('"muziekvereniging crescendo"', {2}),
        ('"crescendo muziekvereniging"', set()),
        ("subsidie dakkapel", set()),
        (aip_id(3), {3}),
        ("Omgevingsdienst klacht", {3}),
        ("", set()),
        ("  ", set()),
        ("- * ( ) \" '", set()),
    ],
)
def test_a_person_finds_what_was_meant(engine: Engine, text: str, expected: set[int]) -> None:
    assert found(engine, text) == expected


def test_a_hit_in_the_title_comes_first(engine: Engine) -> None:
    with reading(engine) as connection:
        hits = catalogue.find(connection, "subsidies", 10)

    assert [each.title for each in hits] == [ROWS[1][0], ROWS[2][0]]


def test_a_hit_says_what_a_list_shows(engine: Engine) -> None:
    with reading(engine) as connection:
        hits = catalogue.find(connection, "kappen", 10)

    assert hits == [
        Hit(
            aip_id=aip_id(5),
            zorgdrager="oost-west",
            version=1,
            identifier="2024.0153",
            identifier_source="zaaksysteem",
            title="Kapvergunning eik",
            files=2,
            payload_bytes=29,
            copies=2,
            stored_at=NOW + timedelta(minutes=5),
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a OR",
        "NOT",
        "NEAR(",
        "title:x",
        "a* b^",
        "'; DROP TABLE aips; --",
        "{title}:a",
        "\x00a",
    ],
)
def test_no_sign_that_is_typed_breaks_the_query(engine: Engine, text: str) -> None:
    assert isinstance(found(engine, text), set)


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_the_query(engine: Engine, text: str) -> None:
    assert isinstance(found(engine, text), set)
    assert isinstance(match_expression(text), str)


def test_of_a_word_that_is_everywhere_only_the_newest_are_ranked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "RANKED", 2)

    assert found(engine, "gevel") == {4, 5}
    assert found(engine, "gevel", limit=1) <= {4, 5}


def test_words_are_folded_and_stemmed() -> None:
    assert words("Één café_bar, Z/2024-01") == ["een", "cafe", "bar", "z", "2024", "01"]
    assert stems(["vergunningen vergunning 2024 de"]) == "vergun"


def test_lists_and_counts_are_of_one_zorgdrager_or_of_all(engine: Engine) -> None:
    with reading(engine) as connection:
        newest = [each.aip_id for each in catalogue.list_aips(connection, limit=2)]
        older = [each.aip_id for each in catalogue.list_aips(connection, limit=9, offset=3)]
        mine = [each.aip_id for each in catalogue.list_aips(connection, zorgdrager=OTHER)]
        assert catalogue.count(connection) == Counts(5, 10, 145, 10)
        assert catalogue.count(connection, OTHER) == Counts(1, 2, 29, 2)
        assert catalogue.count(connection, "onbekend") == Counts(0, 0, 0, 0)
        assert list(catalogue.every_version(connection, OTHER)) == [(aip_id(4), 1)]
        assert catalogue.ids_beginning(connection, "0000000") == [aip_id(n) for n in range(1, 6)]
        assert catalogue.ids_beginning(connection, "00000003-") == [aip_id(3)]
        assert catalogue.ids_beginning(connection, "x") == []
    assert newest == [aip_id(5), aip_id(4)]
    assert older == [aip_id(2), aip_id(1)]
    assert mine == [aip_id(4)]


@pytest.mark.parametrize(("number", "identifier"), [(1, "ander"), (99, "Z/2024/0153")])
def test_the_same_aip_or_identifier_is_refused(
    engine: Engine, tmp_path: Path, number: int, identifier: str
) -> None:
    row = make_row(tmp_path, number, "x", "", ZORGDRAGER, identifier)

    def add(connection: Connection) -> None:
        catalogue.add(connection, row)

    with pytest.raises(AlreadyStored), begin(engine) as connection:
        add(connection)

    with reading(engine) as connection:
        assert catalogue.count(connection).aips == 5
