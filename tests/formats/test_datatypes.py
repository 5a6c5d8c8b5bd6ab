"""The simple types: tables with their edges, and agreement with libxml2 on mutated texts."""

import random

import pytest
from lxml import etree

from formats.datatypes import (
    BUILT_IN,
    DATE,
    G_YEAR,
    INTEGER,
    NC_NAME,
    STRING,
    SimpleType,
    restricted_string,
    union_of,
)

EDGES = {
    "xs:gYear": (
        ["2026", "-0001", "12026", "2026Z", "2026+14:00", "9223372036854775807"],
        ["0000", "02026", "26", "+2026", "2026+14:01", "", " 2026", "2026-01", "２０２６"],
    ),
    "xs:gYearMonth": (["2026-12", "2026-01-05:00"], ["2026-13", "2026-1", "2026-00", "0000-01"]),
    "xs:date": (
        ["2024-02-29", "2026-12-31+01:00", "12026-01-01", "-0004-02-29"],
        ["2026-02-29", "1900-02-29", "2026-1-1", "20260101", "31-12-2026", "2026-01-01 ", "2026"],
    ),
    "xs:dateTime": (
        ["2026-01-01T24:00:00", "2026-01-01T23:59:59.999Z", "2026-01-01T00:00:00+01:00\n"],
        ["2026-01-01T24:00:01", "2026-01-01T23:59:60", "2026-01-01", "2026-01-01T00:00:00 "],
    ),
    "xs:duration": (
        ["P7Y", "P0D", "P1Y6M", "-P1Y", "PT0.5S", " P1Y", "P42D", "P768614336404564650Y"],
        ["P6W", "P0.5Y", "P", "PT", "P1YT", "7", "P1M1Y", "P1Y ", "P768614336404564651Y", ""],
    ),
    "xs:integer": (["0", "-5", "+5", " 7\n", "9" * 5000], ["", "1.0", "1 2", "１", "0x1", "-"]),
    "xs:nonNegativeInteger": (["0", "-0", "12", "9" * 5000], ["-1", "", "1,5"]),
    "xs:language": (["nl", "nl-NL", " nl ", "dut"], ["nederlands", "nl_NL", "", "nl-", "né"]),
    "xs:anyURI": (
        ["", "https://example.org/a%20b", "zaak/1", "http://é/", "a b", "C:\\map", "#a"],
        ["http://x/%zz", ":a", "http://x:poort", "a#b#c", "http://x/[a]", "http://[::1"],
    ),
    "xs:byte": (["127", "-128"], ["128", "-129", "9" * 5000]),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_type_takes_what_it_should_and_nothing_else(name):
    good, bad = EDGES[name]

    assert [text for text in good if not BUILT_IN[name].allows(text)] == []
    assert [text for text in bad if BUILT_IN[name].allows(text)] == []


def test_only_a_string_keeps_its_white_space():
    assert STRING.value(" a  b\n") == " a  b\n"
    assert INTEGER.value(" 7\n") == "7"
    assert BUILT_IN["xs:token"].value(" a  b\n") == "a b"


def test_a_union_takes_what_one_of_its_members_takes():
    year_or_day = union_of("jaar of dag", G_YEAR, DATE)

    assert year_or_day.allows(" 2026 ")
    assert year_or_day.allows("2026-12-31")
    assert not year_or_day.allows("2026-12")
    assert year_or_day.example == "2026 | 2026-12-31"


def test_a_restricted_string_counts_characters_or_lists_values():
    short = restricted_string("kort", least=1, most=3)
    closed = restricted_string("keuze", values=["", "a", "a"])

    assert [short.allows(text) for text in ("", "é😀x", "abcd", " ")] == [False, True, False, True]
    assert [closed.allows(text) for text in ("", "a", " a", "b")] == [True, True, False, False]


def test_a_type_derives_from_its_bases_and_from_unions_with_them():
    either = union_of("jaar of dag", G_YEAR, DATE)

    assert NC_NAME.derives_from(STRING)
    assert DATE.derives_from(either)
    assert not STRING.derives_from(NC_NAME)
    assert not INTEGER.derives_from(either)


SEEDS = {
    "xs:date": ["2026-02-28", "2024-02-29+01:00", "-0004-02-29Z", "12026-12-31-14:00"],
    "xs:gYear": ["2026", "2026+01:00", "-0001Z", "9223372036854775807"],
    "xs:gYearMonth": ["2026-02", "2026-12-14:00"],
    "xs:dateTime": ["2026-02-28T12:00:00", "2026-02-28T24:00:00.0Z", "2026-02-28T23:59:59.9+13:59"],
    "xs:duration": ["P1Y2M3DT4H5M6.7S", "-P1Y", "PT.5S", "P9223372036854775807D", "P1DT2H"],
    "xs:anyURI": [
        "http://u:p@h:80/a;b?c=d#e",
        "urn:x:y",
        "../a",
        "//h",
        "http://[::1]:80/x",
        "a//b",
    ],
    "xs:language": ["nl", "en-GB", "abcdefgh-12345678"],
    "xs:integer": ["0", "-1", "+5", "9" * 30],
    "xs:nonNegativeInteger": ["0", "-0", "+5", "9" * 30],
    "xs:unsignedLong": ["18446744073709551615", "0"],
    "xs:int": ["2147483647", "-2147483648", "0"],
}
SIGNS = '0123456789-+:.TZPYMDHSW /?#%@[]&;=abcx\\"<^`{}|é\u00a0\t\n_'


@pytest.mark.parametrize("name", SEEDS)
def test_a_type_judges_as_libxml2_does(name):
    kind, judge = BUILT_IN[name], _judge_of(name)
    element = etree.Element("e")
    rng = random.Random(name)

    differing = set()
    for _ in range(3000):
        element.text = _mutated(rng.choice(SEEDS[name]), rng)
        if judge.validate(element) != kind.allows(element.text):
            differing.add(element.text)

    assert differing == set()


def _judge_of(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.fromstring(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
            f'<xs:element name="e" type="{name}"/></xs:schema>'
        )
    )


def _mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        at = rng.randint(0, len(text))
        cut = at + rng.choice((0, 1, 1))
        text = text[:at] + rng.choice((rng.choice(SIGNS), "", rng.choice(SIGNS))) + text[cut:]
    return text


def test_every_built_in_type_shows_an_example_that_it_takes():
    def shown(kind: SimpleType) -> bool:
        return kind.allows(kind.example)

    assert [name for name, kind in BUILT_IN.items() if not shown(kind)] == ["xs:ENTITY"]
