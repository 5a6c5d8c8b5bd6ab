"""Query holds: which dossiers a question by words, address, zaaktype, period or category covers.

Rather too many than too few: a word is found at the beginning of a word, by its stem, and within
others (omgevingsvergunning has vergunning in it). The index narrows down; what decides are the
texts in the base tables, so that a question gives the same whenever it is asked.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, or_, select, true

from retention.hold_nouns import Query
from retention.hold_texts import holding, in_parts, texts_of
from retention.tables import DOSSIERS
from storage.catalogue import AIPS
from storage.index import find_numbers
from storage.search import SHORTEST_WITHIN, Part, query_parts, stems, words

_POSTCODE = re.compile(r"\b([0-9]{4})\s*([A-Za-z]{2})\b")
_EVERY = 1_000_000_000

Term = tuple[Part, ...]
"""Ways to write one thing, of which one must be found."""


def is_empty(query: Query) -> bool:
    """Whether the question asks for nothing at all; words without a letter or digit are nothing."""
    said = set(query.plain())
    return not terms_of(query) and not said - {"words", "address", "list_year"}


def terms_of(query: Query) -> tuple[Term, ...]:
    """What must be found of the words and the address."""
    return (*_terms(query.words), *_address_terms(query.address))


def covered(connection: Connection, zorgdrager: str, query: Query) -> set[str]:
    """Every dossier of a zorgdrager that the question covers now, whatever became of it."""
    wanted = select(DOSSIERS.c.dossier).where(
        DOSSIERS.c.zorgdrager == zorgdrager, *_conditions(query)
    )
    terms = terms_of(query)
    if not terms:
        return set(connection.execute(wanted).scalars())
    found: set[str] = set()
    for part in in_parts(sorted(_candidates(connection, zorgdrager, terms))):
        found |= covered_among(connection, query, part)
    return found


def covered_among(connection: Connection, query: Query, dossiers: Collection[str]) -> set[str]:
    """Which of these dossiers, at most hold_texts.AT_ONCE, the question covers; zorgdrager apart.

    Of a dossier that is not in the register yet only the words count.
    """
    known = {
        each.dossier: each.fits
        for each in connection.execute(
            select(DOSSIERS.c.dossier, and_(true(), *_conditions(query)).label("fits")).where(
                DOSSIERS.c.dossier.in_(dossiers)
            )
        )
    }
    terms = terms_of(query)
    found = {each for each in dossiers if known.get(each, bool(terms))}
    if not terms:
        return found
    texts = texts_of(connection, found)
    return {each for each in found if _has_every(terms, texts.get(each, ()))}


def _terms(text: str) -> tuple[Term, ...]:
    return tuple((each,) for each in query_parts(text))


def _address_terms(address: str) -> tuple[Term, ...]:
    """A postcode is written with or without a space."""
    codes = tuple(
        (*query_parts(digits + letters), *query_parts(f"{digits}-{letters}"))
        for digits, letters in _POSTCODE.findall(address)
    )
    return (*codes, *_terms(_POSTCODE.sub(" ", address)))


def _conditions(query: Query) -> Iterable[Any]:
    """What the register itself can say."""
    if query.zaaktype.strip():
        yield DOSSIERS.c.zaaktype.icontains(query.zaaktype.strip(), autoescape=True)
    if query.category.strip():
        category = query.category.strip().rstrip(".")
        below = DOSSIERS.c.category.startswith(f"{category}.", autoescape=True)
        yield or_(DOSSIERS.c.category == category, below)
    if query.list_year.strip():
        yield DOSSIERS.c.list_year == query.list_year.strip()
    # A day that is not known, or of which only the year is, keeps a dossier in.
    if query.period_to:
        yield DOSSIERS.c.started_on <= f"{query.period_to}T"
    if query.period_from:
        ended = DOSSIERS.c.ended_on
        yield or_(ended == "", ended + "-99-99" >= query.period_from)


def _candidates(connection: Connection, zorgdrager: str, terms: Sequence[Term]) -> set[str]:
    """Dossiers in which the terms may be: by the index, and within words.

    A single sign says little ("1" must find 1a as well): it narrows nothing down.
    """
    telling = [each for each in terms if any(len(part.words[-1]) > 1 for part in each)]
    found: set[str] | None = None
    for term in telling or terms:
        hits = _indexed(connection, zorgdrager, term) | _within(connection, zorgdrager, term)
        found = hits if found is None else found & hits
    return found or set()


def _indexed(connection: Connection, zorgdrager: str, term: Term) -> set[str]:
    numbers = {
        number
        for part in term
        for number in find_numbers(connection, _asked(part), zorgdrager, _EVERY, _EVERY)
    }
    found: set[str] = set()
    for some in in_parts(map(str, sorted(numbers))):
        wanted = select(AIPS.c.aip_id).where(AIPS.c.number.in_([int(each) for each in some]))
        found.update(connection.execute(wanted).scalars())
    return found


def _asked(part: Part) -> str:
    """A part as a person would type it."""
    return "-".join(part.words) if part.begins else f'"{" ".join(part.words)}"'


def _within(connection: Connection, zorgdrager: str, term: Term) -> set[str]:
    """What the index does not know: words within words, and all that stands in the register.

    Of words in a row the last is looked for: what stands between them may be any sign.
    """
    wanted = {part.words[-1] for part in term} | {_inner(part) for part in term}
    return holding(connection, zorgdrager, sorted(wanted - {""}))


def _inner(part: Part) -> str:
    """What may stand within another word: a stem that is long enough to mean something."""
    return part.stem if len(part.stem) >= SHORTEST_WITHIN else ""


@dataclass(slots=True)
class _Texts:
    """The words of a dossier, a text a line; the stems only where they are asked for."""

    texts: Sequence[str]
    line: str = ""
    _stems: set[str] | None = field(default=None)

    def __post_init__(self) -> None:
        self.line = "".join(f" {' '.join(words(each))} \n" for each in self.texts)

    def has_stem(self, stem: str) -> bool:
        """Whether one of the words has this stem."""
        if self._stems is None:
            self._stems = set(stems(self.texts).split())
        return stem in self._stems


def _has_every(terms: Sequence[Term], texts: Sequence[str]) -> bool:
    found = _Texts(texts)
    return all(any(_has(part, found) for part in term) for term in terms)


def _has(part: Part, texts: _Texts) -> bool:
    last, inner = part.words[-1], _inner(part)
    if part.stem and len(last) >= SHORTEST_WITHIN and last in texts.line:
        return True
    if inner and inner in texts.line:
        return True
    phrase = re.escape(" " + " ".join(part.words))
    # House number 1 is also 1a, and never 12.
    end = "(?![0-9])" if last[-1].isdigit() else ("" if part.begins else "(?= )")
    if re.search(phrase + end, texts.line):
        return True
    return bool(part.stem) and texts.has_stem(part.stem)
