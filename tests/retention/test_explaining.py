"""The sentences of the date engine: every code has them, in both languages, and is used."""

import re
import tomllib
from pathlib import Path

import pytest

from retention.case import Reason
from retention.explaining import codes, expected, explain, in_words

ROOM = Path(__file__).parents[2] / "retention"
BOOK = tomllib.loads((ROOM / "reasons.toml").read_text("utf-8"))
FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
EXAMPLES = {"day": "2030-06-30", "term": "P1Y6M", "rule": "2020, 11.1", "what": "zaak.end"}
EXAMPLES |= {"place": "3:5"}


def filled(sentence: str) -> dict[str, str]:
    """A value for every place in a sentence, of the kind that it is shown as."""
    return {name: EXAMPLES.get(spec, "x") for name, spec in FIELD.findall(sentence)}


@pytest.mark.parametrize("code", codes())
def test_every_code_gives_a_whole_sentence_in_dutch_and_in_english(code: str) -> None:
    dutch, english = BOOK["reason"][code]["nl"], BOOK["reason"][code]["en"]

    assert FIELD.findall(dutch) == FIELD.findall(english)
    for language, sentence in (("nl", dutch), ("en", english)):
        told = explain(Reason(code, filled(sentence)), language)
        assert told[0].isupper() or not told[0].isalpha(), told
        assert told.endswith("."), told
        assert "{" not in told, told
    assert dutch != english


@pytest.mark.parametrize("kind", BOOK["expected"])
def test_every_mistake_in_a_case_has_words_in_both_languages(kind: str) -> None:
    for language in ("nl", "en"):
        sentence = BOOK["expected"][kind][language]
        assert expected(kind, language, **filled(sentence))


def test_no_code_is_unused_and_none_is_given_that_has_no_sentence() -> None:
    sources = [each.read_text("utf-8") for each in ROOM.glob("*.py")]
    written = {text for each in sources for text in re.findall(r'"([a-z_]+)"', each)}
    steps = re.compile(r'\b(?:Reason|Reading|NotADay|Obstacle)\((?:Decision\.[A-Z]+, )?"([a-z_]+)"')
    given = {text for each in sources for text in steps.findall(each)}

    assert set(codes()) - written == set()
    assert given - set(codes()) == set()
    assert set(BOOK["expected"]) - written == set()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "nl",
            "Volgens 11.1 (selectielijst 2020) 1 jaar en 6 maanden bewaren na 17-05-2021: "
            "tot en met 17-11-2022.",
        ),
        (
            "en",
            "By 11.1 (selection list 2020) kept for 1 year and 6 months after 2021-05-17: "
            "up to and including 2022-11-17.",
        ),
    ],
)
def test_dates_terms_and_rules_are_written_as_people_write_them(
    language: str, sentence: str
) -> None:
    values = {"rule": "2020, 11.1", "term": "P1Y6M", "start": "2021-05-17", "end": "2022-11-17"}

    assert explain(Reason("term", values), language) == sentence


@pytest.mark.parametrize(
    ("term", "dutch", "english"),
    [
        ("P1Y", "1 jaar", "1 year"),
        ("P20Y", "20 jaar", "20 years"),
        ("P1M", "1 maand", "1 month"),
        ("P6W", "6 weken", "6 weeks"),
        ("P0D", "0 dagen", "0 days"),
        ("P1Y2M3D", "1 jaar, 2 maanden en 3 dagen", "1 year, 2 months and 3 days"),
    ],
)
def test_a_term_is_told_in_words(term: str, dutch: str, english: str) -> None:
    reason = Reason("anchor_estimated", {"term": term, "day": "2035-10-01"})

    assert f" {dutch} vanaf het sluiten" in explain(reason, "nl")
    assert f" {english} from closing" in explain(reason, "en")


def test_a_term_can_be_told_by_itself() -> None:
    assert in_words("P1Y6M", "nl") == "1 jaar en 6 maanden"


def test_a_rule_without_a_name_is_the_rule() -> None:
    assert explain(Reason("no_term", {"rule": ""}), "nl").startswith("Volgens de regel vernietigen")
    assert explain(Reason("no_term", {"rule": "7b"}), "en").startswith("By 7b to be destroyed")


def test_a_code_that_is_not_in_the_book_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        explain(Reason("no_such_code"), "nl")
