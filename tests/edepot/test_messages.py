"""The catalogue of messages: whole in both languages, numbers and dates as written."""

import re
from pathlib import Path
from string import Formatter

import pytest

from edepot.messages import Language, Words, language_named, read_messages

NL, EN = Words(Language.NL), Words(Language.EN)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", sorted(read_messages()))
def test_every_message_says_the_same_thing_in_both_languages(key: str) -> None:
    message = read_messages()[key]

    assert message["nl"].strip()
    assert message["en"].strip()
    assert placeholders(message["nl"]) == placeholders(message["en"])


def test_every_key_that_the_code_names_stands_in_the_catalogue() -> None:
    root = Path(__file__).parents[2] / "edepot"
    named = set()
    for file in [*root.rglob("*.py"), *root.rglob("*.jinja")]:
        text = file.read_text("utf-8")
        named |= set(re.findall(r"\bwords\(\s*\"([a-zA-Z0-9_.]+)\"\s*[,)]", text))

    assert sorted(named - read_messages().keys()) == []


def test_a_message_is_filled_in() -> None:
    assert NL("error.PathMissing", path="x{y}") == "x{y} bestaat niet. Controleer het pad."


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        NL("no.such.key")


@pytest.mark.parametrize(
    ("size", "dutch", "english"),
    [
        (0, "0 bytes", "0 bytes"),
        (999, "999 bytes", "999 bytes"),
        (1000, "1,0 kB", "1.0 kB"),
        (20_480, "20,5 kB", "20.5 kB"),
        (999_949, "999,9 kB", "999.9 kB"),
        (999_950, "1,0 MB", "1.0 MB"),
        (4_000_000_000, "4,0 GB", "4.0 GB"),
        (12_345_000_000_000_000, "12345,0 TB", "12345.0 TB"),
    ],
)
def test_sizes_can_be_compared_by_a_person(size: int, dutch: str, english: str) -> None:
    assert (NL.size(size), EN.size(size)) == (dutch, english)


def test_numbers_dates_and_instants_are_written_as_in_the_language() -> None:
    instant = "2026-11-24T23:39:43.123456+01:00"

    assert (NL.number(1_234_567), EN.number(1_234_567)) == ("1.234.567", "1,234,567")
    assert (NL.instant(instant), EN.instant(instant)) == ("24-11-2026 23:39", "2026-11-24 23:39")
    assert (NL.day("2026-11-24"), NL.day("2026-11"), NL.day("")) == ("24-11-2026", "2026-11", "")


def test_nouns_agree_with_their_number() -> None:
    assert [NL.counted("count.file", each) for each in (0, 1, 2)] == [
        "0 bestanden",
        "1 bestand",
        "2 bestanden",
    ]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("nl", Language.NL),
        ("EN", Language.EN),
        ("nl_NL.UTF-8", Language.NL),
        ("en-GB", Language.EN),
        ("fr", None),
        ("", None),
    ],
)
def test_a_language_is_known_under_its_usual_names(name: str, language: Language | None) -> None:
    assert language_named(name) is language
