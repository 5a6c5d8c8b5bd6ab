"""The full-text index in PostgreSQL: words with their places as vectors, and queries over them.

The server's own parsing, dictionaries and locale take no part: vectors and queries are written out
here. A vector holds 255 places of a word and 16,383 places in all, so an AIP with more words has
several, which overlap by as many words as a phrase may have.

Source: PostgreSQL 18, 8.11 Text Search Types; 12.11 Limitations.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, text

from storage.search import MAX_PHRASE, Part

COLUMNS = "ABC"
"""The weights of title, names and body, in which words in a row are looked for."""
STEMS = "D"
PLACES_OF_A_WORD = 255
PLACES = 16_000
VECTOR_BYTES = 500_000

# Weights of D, C, B and A: a word in the title counts for more than the same in many names.
_RANKS = "{0.15, 0.1, 0.5, 1.0}"


class _Vector:
    """A vector that is being filled."""

    def __init__(self) -> None:
        self.size = 0
        self.size_bytes = 0
        self.places: dict[str, list[str]] = {}

    def takes(self, word: str) -> bool:
        """Whether one more place of this word fits."""
        full = self.size >= PLACES or self.size_bytes >= VECTOR_BYTES
        return not full and len(self.places.get(word, ())) < PLACES_OF_A_WORD

    def add(self, word: str, weight: str) -> None:
        """Put a word at the next place."""
        self.size += 1
        if word not in self.places:
            self.places[word] = []
            self.size_bytes += len(word.encode("utf-8")) + 8
        self.places[word].append(f"{self.size}{weight}")
        self.size_bytes += 2

    def text(self) -> str:
        """The vector as PostgreSQL reads it."""
        return " ".join(f"'{word}':{','.join(at)}" for word, at in self.places.items())


def vectors(columns: Sequence[Sequence[str]]) -> list[str]:
    """The words of the four columns as the vectors that hold them; at least one."""
    return [each.text() for each in _fill(columns)]


def part_query(part: Part) -> str:
    """A part as a query; words in a row must stand in one and the same column."""
    phrases = [_phrase(part, weight) for weight in (COLUMNS if part.words[1:] else [COLUMNS])]
    stem = [f"'{part.stem}':{STEMS}"] if part.stem else []
    return " | ".join(f"({each})" for each in (*phrases, *stem))


def ranked_numbers(
    connection: Connection, queries: Sequence[str], zorgdrager: str | None, limit: int, ranked: int
) -> list[int]:
    """The numbers of the AIPs that every query finds, the best first; of very many the newest."""
    if not queries:
        return []
    values = {f"part{number}": each for number, each in enumerate(queries)}
    values |= {"every": " & ".join(f"({each})" for each in queries)}
    values |= {"some": " | ".join(f"({each})" for each in queries)}
    mine = "" if zorgdrager is None else "AND zorgdrager = :zorgdrager"
    wanted = text(_FIND.format(mine=mine, split=_split(len(queries), mine)))
    numbers = {"zorgdrager": zorgdrager, "limit": limit, "ranked": ranked, "ranks": _RANKS}
    if zorgdrager is None:
        del numbers["zorgdrager"]
    return list(connection.execute(wanted, values | numbers).scalars())


# Of AIPs with several vectors each part may stand in another; those are few.
_FIND = """
    WITH hits AS (
        SELECT aip FROM search
        WHERE parts = 1 AND words @@ CAST(:every AS tsquery) {mine}
        UNION ALL ({split})
        ORDER BY aip DESC LIMIT :ranked
    )
    SELECT aip FROM search WHERE aip IN (SELECT aip FROM hits)
    GROUP BY aip
    ORDER BY max(ts_rank(CAST(:ranks AS real[]), words, CAST(:some AS tsquery))) DESC, aip DESC
    LIMIT :limit"""
_SPLIT = """SELECT aip FROM search
        WHERE parts > 1 AND words @@ CAST(:part{number} AS tsquery) {mine}"""


def _split(count: int, mine: str) -> str:
    found = (_SPLIT.format(number=number, mine=mine) for number in range(count))
    return " INTERSECT ".join(found)


def _phrase(part: Part, weight: str) -> str:
    words = [f"'{word}':{weight}" for word in part.words]
    if part.begins:
        words[-1] = f"'{part.words[-1]}':*{weight}"
    return " <-> ".join(words)


def _fill(columns: Sequence[Sequence[str]]) -> Iterator[_Vector]:
    vector = _Vector()
    for weight, words in zip(COLUMNS + STEMS, columns, strict=True):
        for number, word in enumerate(words):
            if not vector.takes(word):
                yield vector
                vector = _Vector()
                for each in _before(words, number, weight):
                    vector.add(each, weight)
            vector.add(word, weight)
    yield vector


def _before(words: Sequence[str], number: int, weight: str) -> Iterable[str]:
    """The words before one, with which it may make a phrase."""
    return () if weight == STEMS else words[max(0, number - MAX_PHRASE + 1) : number]
