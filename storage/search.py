"""Words for the full-text index: as they stand, and stemmed in Dutch; and the user's query.

All of it is worked out here, so that the index of either database knows words alone and both find
the same.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from snowballstemmer.dutch_stemmer import DutchStemmer

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r'"([^"]*)"|(\S+)')
MAX_PARTS = 16
MAX_PHRASE = 64
"""Of words in a row that are looked for, so many count."""
LONGEST_WORD = 255
SHORTEST_PREFIX = 2
SHORTEST_STEMMED = 3
SHORTEST_WITHIN = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query: words in a row; the last only `begins` so, or `stem` may stand for it."""

    words: tuple[str, ...]
    begins: bool = False
    stem: str = ""


def words(text: str) -> list[str]:
    """The words of a text: lower case, without accents, letters and digits only."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in plain if not unicodedata.combining(char))
    return [each[:LONGEST_WORD] for each in _WORD.findall(text.casefold())]


def stems(texts: Iterable[str]) -> str:
    """The stems of all words, each once."""
    found = dict.fromkeys(word for text in texts for word in words(text))
    return " ".join(dict.fromkeys(_stem(word) for word in found if _has_stem(word)))


def zorgdrager_word(zorgdrager: str) -> str:
    """A zorgdrager as one word, that no part of another zorgdrager's equals."""
    return "z" + zorgdrager.encode("utf-8").hex()


def query_parts(text: str) -> tuple[Part, ...]:
    """What a person typed, part by part; none when there is no word in it.

    Every part must be found: a word by its beginning or its stem, an identifier such as
    Z/2024/0153 as its pieces in a row, "words in quotes" exactly so. No sign that was typed
    has a meaning of its own, so nothing can break a query.
    """
    parts = (_part(quoted, bare) for quoted, bare in _PART.findall(text)[:MAX_PARTS])
    return tuple(each for each in parts if each is not None)


def match_expression(text: str, zorgdrager: str | None = None) -> str:
    """The parts as a query of FTS5; "" when there are none."""
    wanted = [_matched(each) for each in query_parts(text)]
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


def _part(quoted: str, bare: str) -> Part | None:
    found = words(quoted or bare)
    if not found:
        return None
    if quoted or len(found) > MAX_PHRASE:
        return Part(tuple(found[:MAX_PHRASE]))
    begins = len(found[-1]) >= SHORTEST_PREFIX
    stem = _stem(found[0]) if len(found) == 1 and _has_stem(found[0]) else ""
    return Part(tuple(found), begins, stem)


def _matched(part: Part) -> str:
    phrase = f'{{title names body}} : "{" ".join(part.words)}"' + (" *" if part.begins else "")
    return f'({phrase} OR stems : "{part.stem}")' if part.stem else phrase


def _has_stem(word: str) -> bool:
    return len(word) >= SHORTEST_STEMMED and word.isalpha()


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    return DutchStemmer()
