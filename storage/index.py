"""The full-text index over the catalogue: FTS5 in SQLite, word vectors in PostgreSQL.

Both hold the same words in the same four columns and find the same AIPs; they rank each in its own
way, titles before names, names before the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from storage.aip import Description
from storage.database import on_postgres
from storage.index_postgres import part_query, ranked_numbers, vectors
from storage.search import match_expression, query_parts, stems, words, zorgdrager_word


@dataclass(frozen=True, slots=True)
class _Columns:
    """The words of an AIP: those of its title, its names, its description; and all their stems."""

    title: list[str]
    names: list[str]
    body: list[str]
    stems: list[str]


def add_words(connection: Connection, number: int, description: Description) -> None:
    """Put an AIP's words into the index, under its number in the catalogue."""
    columns = _columns(description)
    zorgdrager = zorgdrager_word(description.zorgdrager)
    if not on_postgres(connection):
        spoken = {name: " ".join(getattr(columns, name)) for name in _NAMES}
        connection.execute(_ADD, {"rowid": number, "zorgdrager": zorgdrager, **spoken})
        return
    found = vectors([getattr(columns, name) for name in _NAMES])
    rows = [
        {"aip": number, "part": part, "parts": len(found), "zorgdrager": zorgdrager, "words": each}
        for part, each in enumerate(found, 1)
    ]
    connection.execute(_ADD_VECTOR, rows)


def find_numbers(
    connection: Connection, text_: str, zorgdrager: str | None, limit: int, ranked: int
) -> list[int]:
    """The numbers of the AIPs in which every part of the text is found, the best first.

    Of more hits than `ranked` the newest so many are ranked.
    """
    if on_postgres(connection):
        queries = [part_query(each) for each in query_parts(text_)]
        word = None if zorgdrager is None else zorgdrager_word(zorgdrager)
        return ranked_numbers(connection, queries, word, limit, ranked)
    expression = match_expression(text_, zorgdrager)
    if not expression:
        return []
    oldest = connection.execute(_OLDEST, {"match": expression, "ranked": ranked - 1}).scalar()
    values = {"match": expression, "oldest": oldest or 0, "limit": limit}
    return list(connection.execute(_RANK, values).scalars())


def numbers_in_index(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Those of these numbers of which the index has words."""
    column = "aip" if on_postgres(connection) else "rowid"
    asked = text(f"SELECT {column} FROM search WHERE {column} = :number")  # noqa: S608 - of ours
    return {each for each in numbers if connection.execute(asked, {"number": each}).first()}


_NAMES = ("title", "names", "body", "stems")
_ADD = text(
    "INSERT INTO search (rowid, zorgdrager, title, names, body, stems) "
    "VALUES (:rowid, :zorgdrager, :title, :names, :body, :stems)"
)
_ADD_VECTOR = text(
    "INSERT INTO search (aip, part, parts, zorgdrager, words) "
    "VALUES (:aip, :part, :parts, :zorgdrager, CAST(:words AS tsvector))"
)
_OLDEST = text(
    "SELECT rowid FROM search WHERE search MATCH :match ORDER BY rowid DESC LIMIT 1 OFFSET :ranked"
)
_RANK = text(
    "SELECT rowid FROM search WHERE search MATCH :match AND rowid >= :oldest "
    "ORDER BY bm25(search, 0.0, 10.0, 8.0, 1.0, 2.0), rowid DESC LIMIT :limit"
)


def _columns(description: Description) -> _Columns:
    names = [description.aip_id, description.identifier, description.delivery_id]
    bodies = [description.text, description.supplier, description.selection_category]
    for each in description.files:
        names.extend((each.name, each.record_identifier))
        bodies.append(each.title)
    return _Columns(
        title=words(description.title),
        names=words("\n".join(dict.fromkeys(names))),
        body=words("\n".join(dict.fromkeys(bodies))),
        stems=stems([description.title, *names, *bodies]).split(),
    )
