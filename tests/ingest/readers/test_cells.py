"""Cells of an index are read as people write them, and refused where they may mean two things."""

import pytest

from formats.datatypes import is_duration
from ingest.mapping import DEFAULT_DATES, DateFormat
from ingest.readers.cells import read_date, read_size, read_term, read_valuation

DATES = {
    "31-12-2020": "2020-12-31",
    "1-2-2020": "2020-02-01",
    "01/02/2020": "2020-02-01",
    "1.2.2020": "2020-02-01",
    "29-02-2020": "2020-02-29",
    "29-02-2021": None,
    "31-04-2021": None,
    "2020-12-31": "2020-12-31",
    "2020-12-31T10:11:12": "2020-12-31",
    "31-12-2020 23:59": "2020-12-31",
    "31-12-2020 en verder": None,
    "12-31-2020": None,
    "45291": "2023-12-31",
    "45291,75": "2023-12-31",
    "9999": None,
    "99999": "2173-10-13",
    "100000": None,
    "2019": None,
    "01-01-0001": None,
    "31-12-9999": None,
    "onbekend": None,
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_read_in_the_usual_ways_alone(text):
    assert read_date(text, DEFAULT_DATES) == DATES[text]


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("12/31/2020", (DateFormat.MM_DD_YYYY,), "2020-12-31"),
        ("01/02/2020", (DateFormat.MM_DD_YYYY, DateFormat.DD_MM_YYYY), "2020-01-02"),
        ("20201231", (DateFormat.YYYYMMDD,), "2020-12-31"),
        ("2020", (DateFormat.YYYY,), "2020"),
        ("45291", (DateFormat.DD_MM_YYYY,), None),
    ],
)
def test_other_ways_are_read_when_the_profile_allows_them(text, formats, expected):
    assert read_date(text, formats) == expected


TERMS = {
    "5": "P5Y",
    "5 jaar": "P5Y",
    "1 jr.": "P1Y",
    "5,0 jaar": "P5Y",
    "1,5 jaar": "P1Y6M",
    "2,3 jaar": None,
    "18 maanden": "P1Y6M",
    "6 weken": "P42D",
    "P6W": "P42D",
    "p5y": "P5Y",
    "P1Y6M": "P1Y6M",
    "30 dagen": "P30D",
    "0": "P0D",
    "P": None,
    "lang": None,
    "vijf jaar": None,
    "-5 jaar": None,
    "9" * 5000: None,
}


@pytest.mark.parametrize("text", TERMS, ids=lambda each: each[:20])
def test_a_term_becomes_a_duration_without_weeks(text):
    found = read_term(text)

    assert found == TERMS[text]
    assert found is None or is_duration(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12345", 12345),
        ("1.234.567", 1234567),
        ("12 345", 12345),
        ("0", 0),
        ("3 kB", None),
        ("1,5", None),
        ("1.23", None),
        ("9" * 30, None),
    ],
)
def test_a_size_is_a_whole_number_of_bytes(text, expected):
    assert read_size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Blijvend  bewaren", "B"), ("vernietigen", "V"), ("N", "N"), ("J", None), ("", None)],
)
def test_the_j_of_an_archiefnominatie_is_never_guessed(text, expected):
    assert read_valuation(text) == expected
