"""The reasons of a verdict in words, in Dutch and English; the sentences stand in reasons.toml."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from retention.case import Reason

REMEMBERED = 16_384
LISTED = re.compile(r"([0-9]{4}), ?([0-9.]+)")
PARTS_OF_TERM = re.compile(r"([0-9]+)([YMWD])")


def explain(reason: Reason, language: str) -> str:
    """A reason as a sentence, in "nl" or "en".

    Raises: KeyError when the book has no such code, or the reason lacks a value of its sentence.
    """
    values = reason.values
    sentence = ""
    for literal, name, show in _template("reason", reason.code, language):
        sentence += literal + (show(values[name], language) if name else "")
    return sentence


def expected(kind: str, language: str, **values: str) -> str:
    """What was expected in a case that could not be read, as a sentence."""
    sentence = ""
    for literal, name, show in _template("expected", kind, language):
        sentence += literal + (show(values[name], language) if name else "")
    return sentence


def in_words(term: str, language: str) -> str:
    """A term in words: "P1Y6M" is "1 jaar en 6 maanden"."""
    return _term(term, language)


def codes() -> tuple[str, ...]:
    """Every code that a reason can bear."""
    return tuple(_book()["reason"])


@cache
def _book() -> Mapping[str, Any]:
    return tomllib.loads((files("retention") / "reasons.toml").read_text("utf-8"))


@cache
def _template(
    table: str, code: str, language: str
) -> tuple[tuple[str, str, Callable[[str, str], str]], ...]:
    """A sentence in parts: text that stands, and after it a value with the way to show it."""
    parts = Formatter().parse(_book()[table][code][language])
    return tuple((literal, name or "", _SHOW[spec or ""]) for literal, name, spec, _ in parts)


def _plain(text: str, language: str) -> str:
    return text


@lru_cache(maxsize=REMEMBERED)
def _day(text: str, language: str) -> str:
    """A date as people write it: 17-05-2021 in Dutch, 2021-05-17 in English."""
    return text if language == "en" else "-".join(reversed(text.split("-")))


@lru_cache(maxsize=REMEMBERED)
def _term(text: str, language: str) -> str:
    """A duration in words: "1 jaar en 6 maanden"."""
    words = [_unit(count, letter, language) for count, letter in PARTS_OF_TERM.findall(text)]
    joint = _book()["word"]["and"][language]
    return f" {joint} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _unit(count: str, letter: str, language: str) -> str:
    one, many = _book()["unit"][letter][language]
    return f"{int(count)} {one if int(count) == 1 else many}"


@lru_cache(maxsize=REMEMBERED)
def _rule(text: str, language: str) -> str:
    """The rule by the name it has here: "2020, 11.1" is 11.1 of the list of 2020."""
    match = LISTED.fullmatch(text)
    if match is None:
        return text or str(_book()["word"]["rule"][language])
    return f"{match[2]} ({_book()['word']['list'][language]} {match[1]})"


def _what(text: str, language: str) -> str:
    """A date or term of the case by its own name."""
    return str(_book()["what"][text][language])


def _place(text: str, language: str) -> str:
    """A place in a file: "3:5" is line 3, column 5."""
    line, _, column = text.partition(":")
    word = _book()["word"]
    return f"{word['line'][language]} {line}, {word['column'][language]} {column}"


_SHOW: Mapping[str, Callable[[str, str], str]] = {
    "": _plain,
    "day": _day,
    "term": _term,
    "rule": _rule,
    "what": _what,
    "place": _place,
}
"""How a value is shown: what stands after the colon in a sentence of the book."""
