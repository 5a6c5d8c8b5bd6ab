"""Editions of the selection list from files: read whole, or every row told that cannot be."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from retention.errors import ListFileInvalid, Refused, SelectionListUnknown
from retention.list_compare import Change, compare_rules
from retention.list_import import About, ReadList, read_list_file
from retention.list_versions import (
    VersionState,
    active_version,
    add_version,
    check_version,
    list_versions,
    read_version,
    rules_of,
    shipped_rules,
)
from retention.list_words import (
    NotInWords,
    is_minimum,
    read_event,
    read_process_term,
    read_retention_term,
    read_valuation,
)
from retention.nouns import Desk, Role
from retention.selection_list import ProcessTerm, Valuation
from storage.database import open_database, reading
from tests.retention import making

SHARED = Path(__file__).parents[3] / "shared/standards/selectielijst/selectielijst.csv"
ABOUT = About("2020", "Selectielijst 2020", "Stcrt. 2020, 11143", "2020-02-18")
HEADS = (
    "Procestypenummer", "Procestypenaam", "Nr.", "Generiek / specifiek", "Resultaat",
    "Omschrijving", "Herkomst", "Waardering", "Procestermijn", "Bewaartermijn",
)  # fmt: skip
GOOD = ("11", "Toestemming verlenen", "11.1", "Generiek", "Verleend", "", "Risicoanalyse",
        "Vernietigen", "Bestaansduur procesobject", "1 jaar")  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "lists.sqlite")
    yield making.desk(engine)
    engine.dispose()


def sheet(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def read(content: bytes) -> ReadList:
    return read_list_file("lijst", content, ABOUT)


@pytest.mark.parametrize("make", [sheet, table])
def test_a_table_as_vng_has_it_is_read_whatever_stands_above_it(make) -> None:
    found = read(make([("Selectielijst",), HEADS, GOOD, ()]))

    assert found.findings == ()
    assert found.version is not None
    (rule,) = found.version.rules
    about = rule.category
    assert (about.number, about.process, about.result) == (
        "11.1",
        "Toestemming verlenen",
        "Verleend",
    )
    assert (about.valuation, about.retention_term) == (Valuation.DESTROY, "P1Y")
    assert (about.process_term, about.origin) == (ProcessTerm.LIFE_OF_OBJECT, "Risicoanalyse")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (2, "elf", "R020"),
        (7, "misschien", "R021"),
        (8, "ooit", "R022"),
        (9, "een poosje", "R023"),
        (9, "", "R024"),
    ],
)
def test_a_row_that_cannot_be_read_keeps_all_of_the_list_out(
    column: int, value: str, code: str
) -> None:
    bad = [*GOOD[:column], value, *GOOD[column + 1 :]]
    bad[2] = bad[2] if column == 2 else "11.2"

    found = read(table([HEADS, GOOD, bad]))

    assert found.version is None
    assert [(each.code, each.where) for each in found.findings] == [(code, "lijst, 3")]


def test_a_number_stands_there_once() -> None:
    assert [each.code for each in read(table([HEADS, GOOD, GOOD])).findings] == ["R025"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 xls", b"PK\x03\x04 torn", b"{", b"[1]",
        b'{"results": [{}]}', b"[" * 100_000, b"\xff\xfe;x", table([("Nr.", "Resultaat")]),
        b"x" * (32 * 1024 * 1024 + 1),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(ListFileInvalid):
        read(content)


def test_a_sheet_that_unpacks_to_far_too_much_is_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("retention.list_import.MAX_UNPACKED_BYTES", 100)
    with pytest.raises(ListFileInvalid):
        read(sheet([HEADS, GOOD]))


def test_more_rows_than_any_list_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retention.list_import.MAX_ROWS", 2)
    with pytest.raises(ListFileInvalid):
        read(table([HEADS, GOOD, GOOD]))


def api(**more: object) -> dict[str, object]:
    return {
        "url": "https://x/resultaten/1", "procesType": "https://x/procestypen/1",
        "volledigNummer": "11.1", "naam": "Verleend", "herkomst": "Risicoanalyse",
        "waardering": "vernietigen", "procestermijn": "vast_te_leggen_datum",
        "procestermijnOpmerking": "25 jaar", "bewaartermijn": "P42D",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    "shape",
    [
        lambda each: [each],
        lambda each: {"count": 1, "next": None, "results": [each]},
        lambda each: {"resultaten": [each], "procestypen": []},
        lambda each: {
            "resultaten": {"results": [each]},
            "procestypen": [{"url": "https://x/procestypen/1", "naam": "Toestemming verlenen"}],
        },
    ],
)
def test_the_json_of_the_api_is_read_in_each_shape(shape) -> None:
    found = read(json.dumps(shape(api())).encode())

    assert found.version is not None
    (rule,) = found.version.rules
    about = rule.category
    assert (about.number, about.retention_term) == ("11.1", "P42D")
    assert (about.process_term, about.process_term_note) == (ProcessTerm.RECORDED_DATE, "25 jaar")
    assert about.process in {"", "Toestemming verlenen"}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("5 jaar", "P5Y"), ("1,5 jaar", "P1Y6M"), ("1.5 jaar", "P1Y6M"), ("0,5 jaar", "P6M"),
        ("6 weken", "P6W"), ("9 maanden", "P9M"), ("91 dagen", "P91D"), ("Direct", "P0D"),
        ("P110Y", "P110Y"), ("", ""), ("5  jaar", "P5Y"),
    ],
)  # fmt: skip
def test_terms_in_words_become_durations(text: str, iso: str) -> None:
    assert read_retention_term(text) == iso


@pytest.mark.parametrize("text", ["vijf jaar", "1,5 maanden", "5", "-5 jaar", "5 jaar of langer"])
def test_other_terms_are_refused(text: str) -> None:
    with pytest.raises(NotInWords):
        read_retention_term(text)


def test_the_words_of_valuation_and_process_term() -> None:
    assert read_valuation(" Blijvend  bewaren ") is Valuation.KEEP
    assert read_valuation("Bewaren met uitzondering van zie toelichting") is Valuation.KEEP
    assert read_valuation("") is None
    assert read_process_term("") == (None, "")
    assert read_process_term("5 of 10 jaar, vast te leggen datum") == (
        ProcessTerm.RECORDED_DATE, "5 of 10 jaar",
    )  # fmt: skip
    assert read_process_term("Ingeschatte bestaansduur procesobject")[0] is (
        ProcessTerm.ESTIMATED_LIFE_OF_OBJECT
    )


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts of the list are not here")
@pytest.mark.parametrize("year", [2017, 2020])
def test_the_published_facts_read_in_again_are_what_is_shipped(year: int) -> None:
    with SHARED.open(encoding="utf-8", newline="") as stream:
        rows = [each for each in csv.DictReader(stream) if each["jaar"] == str(year)]
    body = [
        (
            each["procestype_nummer"], each["procestype_naam"], each["nummer"], each["soort"],
            each["resultaat"], each["omschrijving"], each["herkomst"], each["waardering"],
            ", ".join(x for x in (each["procestermijn_opmerking"], each["procestermijn"]) if x),
            each["bewaartermijn_iso"],
        )
        for each in rows
    ]  # fmt: skip

    found = read_list_file("lijst", table([HEADS, *body]), About(str(year), "", "", ""))

    assert found.findings == ()
    assert found.version is not None
    read_again = {each.category.number: each for each in found.version.rules}
    compared = compare_rules(shipped_rules(year), read_again)
    assert (compared.added, compared.removed) == ((), ())
    # The flags and the remark of an event stand in columns that the shared facts have not.
    fields = {"minimum", "mixed", "result", "process_term_note"}
    assert {each.field for each in compared.changed} <= fields


def test_a_new_edition_waits_for_two_others_and_takes_the_place_of_the_old(desk: Desk) -> None:
    people = [
        making.actor(desk, name, "gm0000", Role.RECORD_MANAGER) for name in ("Al", "Bo", "Cor")
    ]
    new = read(table([HEADS, (*GOOD[:9], "7 jaar")])).version
    assert new is not None

    made = add_version(desk, people[0], "gm0000", new)

    assert (made.state, add_version(desk, people[0], "gm0000", new)) == (VersionState.DRAFT, made)
    with pytest.raises(Refused) as refused:
        check_version(desk, people[0], "gm0000", number=made.number)
    assert refused.value.code == "same_person"
    check_version(desk, people[1], "gm0000", number=made.number)
    with pytest.raises(Refused):
        check_version(desk, people[1], "gm0000", number=made.number)
    with reading(desk.engine) as connection:
        before = active_version(connection, "2020")
    assert before is not None
    assert before.number != made.number
    check_version(desk, people[2], "gm0000", number=made.number)

    with reading(desk.engine) as connection:
        now = active_version(connection, "2020")
        states = {each.number: each.state for each in list_versions(connection)}
        assert now is not None
        assert (now.number, states[before.number]) == (made.number, VersionState.REPLACED)
        compared = compare_rules(rules_of(connection, before), rules_of(connection, now))
        with pytest.raises(SelectionListUnknown):
            read_version(connection, 99)
    assert Change("11.1", "retention_term", "P1Y", "P7Y") in compared.changed
    assert len(compared.removed) > 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("De bestaans- of geldigheidsduur van het procesobject", (ProcessTerm.LIFE_OF_OBJECT, "")),
        ("De bestaans- of geldigheidsduur van het procesobject.", (ProcessTerm.LIFE_OF_OBJECT, "")),
        ("De ingeschatte maximale bestaans- of geldigheidsduur van het procesobject.",
         (ProcessTerm.ESTIMATED_LIFE_OF_OBJECT, "")),
        ("30 jaar, De ingeschatte maximale bestaansduur van het procesobject",
         (ProcessTerm.ESTIMATED_LIFE_OF_OBJECT, "30 jaar")),
        ("25 jaar (De tijdens het proces vast te leggen datum waarop de geldigheid vervalt)",
         (ProcessTerm.RECORDED_DATE, "25 jaar")),
        ("De tijdens het proces vast te leggen datum waarop de geldigheid van het procesobject "
         "komt te vervallen", (ProcessTerm.RECORDED_DATE, "")),
        ("De procestermijn is samengevoegd met de bewaartermijn",
         (ProcessTerm.WITHIN_RETENTION_TERM, "")),
    ],
)  # fmt: skip
def test_process_terms_as_vng_writes_them_out_are_read(
    text: str, expected: tuple[ProcessTerm, str]
) -> None:
    assert read_process_term(text) == expected


def test_a_term_that_waits_for_an_event_is_at_once_with_a_remark() -> None:
    text = "Na kennisgeving van Minister dat de grond is vervallen terstond vernietigen"
    found = read(table([HEADS, (*GOOD[:8], "Nihil", text)])).version

    assert (read_retention_term(text), read_event(text), read_event("1 jaar")) == (
        "P0D", "na kennisgeving", "",
    )  # fmt: skip
    assert found is not None
    about = found.rules[0].category
    assert (about.retention_term, about.process_term_note) == ("P0D", "na kennisgeving")


@pytest.mark.parametrize("head", ["Toelichting", "Toelichting/voorbeelden"])
def test_the_explanation_makes_a_term_a_minimum(head: str) -> None:
    more = "of zoveel  langer als redelijkerwijs nodig is"
    keep = ("1", "P", "1.2", "Generiek", "Ingesteld", "", "Systeem-\nanalyse", "Bewaren", "", "")

    found = read(sheet([(*HEADS, head), (*GOOD, more), (*keep, more)])).version

    assert found is not None
    assert [each.minimum for each in found.rules] == [True, False]
    assert found.rules[1].category.origin == "Systeem- analyse"
    assert not is_minimum("kan langer")
    as_json = read(json.dumps([api(toelichting=more)]).encode()).version
    assert as_json is not None
    assert as_json.rules[0].minimum


def test_all_pages_of_the_api_are_a_list_and_one_of_them_is_not() -> None:
    pages = [
        {"count": 2, "next": "https://x/resultaten?page=2", "results": [api()]},
        {"count": 2, "next": None, "results": [api(volledigNummer="11.2")]},
    ]

    whole = read(json.dumps(pages).encode()).version

    assert whole is not None
    assert [each.category.number for each in whole.rules] == ["11.1", "11.2"]
    for part in (pages[0], [pages[1]], {"next": "https://x", "results": [api()]}):
        with pytest.raises(ListFileInvalid):
            read(json.dumps(part).encode())


def test_equal_lengths_are_equal_terms() -> None:
    one = {"1.1": shipped_rules(2020)["11.1"]}
    as_read: Mapping = {each.category.number: each for each in read_weeks("6 weken")}
    other = {each.category.number: each for each in read_weeks("P42D")}

    assert compare_rules(as_read, other).same
    assert not compare_rules(one, as_read).same


def read_weeks(term: str):
    found = read(table([HEADS, (*GOOD[:9], term)])).version
    assert found is not None
    return found.rules
