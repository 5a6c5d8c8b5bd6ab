"""Words for the full-text index: as they stand, and stemmed in Dutch; and the user's query."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from snowballstemmer.dutch_stemmer import DutchStemmer

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r'"([^"]*)"|(\S+)')
MAX_PARTS = 16
SHORTEST_PREFIX = 2
SHORTEST_STEMMED = 3
SHORTEST_WITHIN = 4


def words(text: str) -> list[str]:
    """The words of a text: lower case, without accents, letters and digits only."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(text.casefold())


def stems(texts: Iterable[str]) -> str:
    """The stems of all words, each once."""
    found = dict.fromkeys(word for text in texts for word in words(text))
    return " ".join(dict.fromkeys(_stem(word) for word in found if _has_stem(word)))


def zorgdrager_word(zorgdrager: str) -> str:
    """A zorgdrager as one word, that no part of another zorgdrager's equals."""
    return "z" + zorgdrager.encode("utf-8").hex()


def match_expression(text: str, zorgdrager: str | None = None) -> str:
    """What a person typed, as a query of FTS5; "" when there is no word in it.

    Every part must be found: a word by its beginning or its stem, an identifier such as
    Z/2024/0153 as its pieces in a row, "words in quotes" exactly so. No sign that was typed
    has a meaning of its own, so nothing can break the query.
    """
    parts = [_part(quoted, bare) for quoted, bare in _PART.findall(text)[:MAX_PARTS]]
    wanted = [part for part in parts if part]
    if wanted and zorgdrager is not None:
        wanted.append(f'zorgdrager : "{zorgdrager_word(zorgdrager)}"')
    return " AND ".join(wanted)


def within_words(text: str) -> tuple[str, ...]:
    """The words that may also be looked for within others; none when one is too short for that.

    Quoted words and identifiers are meant as they stand.
    """
    found = words(text)
    if '"' in text or any(len(word) < SHORTEST_WITHIN or not word.isalpha() for word in found):
        return ()
    return tuple(found[:MAX_PARTS])


def _part(quoted: str, bare: str) -> str:
    found = words(quoted or bare)
    if not found:
        return ""
    phrase = f'{{title names body}} : "{" ".join(found)}"'
    if quoted:
        return phrase
    if len(found[-1]) >= SHORTEST_PREFIX:
        phrase += " *"
    if len(found) == 1 and _has_stem(found[0]):
        return f'({phrase} OR stems : "{_stem(found[0])}")'
    return phrase


def _has_stem(word: str) -> bool:
    return len(word) >= SHORTEST_STEMMED and word.isalpha()


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    return DutchStemmer()
