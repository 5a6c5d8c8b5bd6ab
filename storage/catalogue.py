"""The catalogue: what is here. Can be made anew from the stores and the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Row,
    Select,
    Table,
    Text,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from storage.aip import Copy, Description, FileRecord, PackageSums, StoredAip
from storage.database import METADATA, on_postgres
from storage.errors import AlreadyStored
from storage.index import add_words, find_numbers
from storage.outcomes import Basis, Outcome
from storage.search import query_parts, within_words

_DESCRIBED = [each.name for each in fields(Description) if each.name != "files"]
_NUMBERS = {"version"}

AIPS = Table(
    "aips",
    METADATA,
    Column("number", Integer, primary_key=True),
    *(Column(name, Integer if name in _NUMBERS else Text, nullable=False) for name in _DESCRIBED),
    Column("files", Integer, nullable=False),
    Column("payload_bytes", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("tagmanifest_sha256", Text, nullable=False),
    Column("stored_at", Text, nullable=False),
)

FILES = Table(
    "files",
    METADATA,
    Column("aip", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    *(
        Column(each.name, BigInteger if each.name == "size_bytes" else Text, nullable=False)
        for each in fields(FileRecord)
    ),
)

COPIES = Table(
    "copies",
    METADATA,
    Column("aip", Integer, primary_key=True),
    Column("store", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("verified_at", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    Column("proof", Text, nullable=False),
    # The last verdict of a check, and when it came: not checked changes neither.
    Column("checked_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)

# Of a word that is everywhere, the newest so many are ranked.
RANKED = 2000
FILES_AT_ONCE = 5000
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Hit:
    """One AIP version in short: what a list or a search shows."""

    aip_id: str
    zorgdrager: str
    version: int
    identifier: str
    identifier_source: str
    title: str
    files: int
    payload_bytes: int
    copies: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is here: AIP versions, payload files and their bytes, copies of packages."""

    aips: int
    files: int
    payload_bytes: int
    copies: int


def add(connection: Connection, stored: StoredAip) -> None:
    """Write down an AIP that is on the shelf, in the caller's transaction.

    Raises: AlreadyStored when this AIP version, or another AIP under the same identifier of the
    same zorgdrager, is here already.
    """
    description = stored.description
    try:
        # A refusal leaves the caller's transaction as it was.
        with connection.begin_nested():
            added = insert(AIPS).returning(AIPS.c.number)
            number = connection.execute(added, _aip_row(stored)).scalar_one()
    except IntegrityError as error:
        raise AlreadyStored(
            f"{description.zorgdrager}: {description.identifier}",
            zorgdrager=description.zorgdrager,
            identifier=description.identifier,
        ) from error
    for start in range(0, len(description.files), FILES_AT_ONCE):
        part = description.files[start : start + FILES_AT_ONCE]
        connection.execute(insert(FILES), _file_rows(number, start, part))
    if stored.copies:
        connection.execute(insert(COPIES), _copy_rows(number, stored))
    add_words(connection, number, description)


def by_id(
    connection: Connection, aip_id: str, version: int | None = None, *, with_files: bool = True
) -> StoredAip | None:
    """An AIP version; the newest when none is named. None when it is not here.

    `with_files=False` leaves the description's files out: there may be 100,000 of them.
    """
    wanted = select(AIPS).where(AIPS.c.aip_id == aip_id)
    if version is not None:
        wanted = wanted.where(AIPS.c.version == version)
    return _first(connection, wanted, with_files=with_files)


def by_identifier(
    connection: Connection,
    zorgdrager: str,
    identifier: str,
    source: str,
    *,
    with_files: bool = True,
) -> StoredAip | None:
    """The newest AIP version under a zorgdrager's identifier (kenmerk) from a source (bron)."""
    wanted = select(AIPS).where(
        AIPS.c.zorgdrager == zorgdrager,
        AIPS.c.identifier_source == source,
        AIPS.c.identifier == identifier,
    )
    return _first(connection, wanted, with_files=with_files)


def by_content(connection: Connection, zorgdrager: str, content_digest: str) -> StoredAip | None:
    """The newest AIP version of a zorgdrager that was delivered with this very content."""
    wanted = select(AIPS).where(
        AIPS.c.zorgdrager == zorgdrager, AIPS.c.content_digest == content_digest
    )
    return _first(connection, wanted)


def ids_beginning(connection: Connection, beginning: str, limit: int = 10) -> list[str]:
    """The ids of AIPs that begin with these characters, in order."""
    wanted = (
        select(AIPS.c.aip_id)
        .where(AIPS.c.aip_id >= beginning, AIPS.c.aip_id < beginning + "\U0010ffff")
        .group_by(AIPS.c.aip_id)
        .order_by(AIPS.c.aip_id)
        .limit(limit)
    )
    return list(connection.execute(wanted).scalars())


def find(
    connection: Connection, text_: str, limit: int = 50, *, zorgdrager: str | None = None
) -> list[Hit]:
    """The AIPs in which every part of the text is found, the best first.

    Looked in: titles, identifiers, file names and titles, and the description's text. Of a word
    that is in more than 2,000 AIPs the newest 2,000 are ranked. After these come titles in which
    every word stands within another: Dutch writes an omgevingsvergunning as one word.
    """
    if not query_parts(text_):
        return []
    numbers = find_numbers(connection, text_, zorgdrager, limit, RANKED)
    if len(numbers) < limit:
        within = _within_titles(connection, within_words(text_), zorgdrager)
        numbers = list(dict.fromkeys((*numbers, *within)))[:limit]
    hits = {each[0]: each[1] for each in _hits(connection, AIPS.c.number.in_(numbers))}
    return [hits[number] for number in numbers]


def list_aips(
    connection: Connection, *, zorgdrager: str | None = None, limit: int = 100, offset: int = 0
) -> list[Hit]:
    """AIP versions in short, the newest first."""
    mine = [AIPS.c.zorgdrager == zorgdrager] if zorgdrager is not None else []
    numbers = connection.execute(
        select(AIPS.c.number)
        .where(*mine)
        .order_by(AIPS.c.number.desc())
        .limit(limit)
        .offset(offset)
    ).scalars()
    return [hit for _, hit in _hits(connection, AIPS.c.number.in_(list(numbers)))]


def every_version(
    connection: Connection, zorgdrager: str | None = None
) -> Iterator[tuple[str, int]]:
    """(AIP id, version) of everything that is here, in the order in which it came, without holding
    them all."""
    mine = [AIPS.c.zorgdrager == zorgdrager] if zorgdrager is not None else []
    wanted = select(AIPS.c.aip_id, AIPS.c.version).where(*mine).order_by(AIPS.c.number)
    for row in connection.execute(wanted.execution_options(yield_per=ROWS_AT_ONCE)):
        yield row.aip_id, row.version


def count(connection: Connection, zorgdrager: str | None = None) -> Counts:
    """How much is here."""
    mine = [AIPS.c.zorgdrager == zorgdrager] if zorgdrager is not None else []
    sums = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(AIPS.c.files), 0),
            func.coalesce(func.sum(AIPS.c.payload_bytes), 0),
        ).where(*mine)
    ).one()
    copies = connection.execute(
        select(func.count())
        .select_from(COPIES.join(AIPS, COPIES.c.aip == AIPS.c.number))
        .where(*mine)
    ).scalar_one()
    return Counts(sums[0], sums[1], sums[2], copies)


def copies_in(connection: Connection, store: str) -> int:
    """How many copies the catalogue has in a store."""
    wanted = select(func.count()).select_from(COPIES).where(COPIES.c.store == store)
    return connection.execute(wanted).scalar_one()


def _within_titles(
    connection: Connection, parts: Sequence[str], zorgdrager: str | None
) -> list[int]:
    """The newest AIPs whose title holds all these parts, wherever in a word."""
    if not parts:
        return []
    # SQLite's LIKE makes no difference between a and A; of other letters both do.
    like = AIPS.c.title.ilike if on_postgres(connection) else AIPS.c.title.like
    within = [like(f"%{part}%") for part in parts]
    mine = [AIPS.c.zorgdrager == zorgdrager] if zorgdrager is not None else []
    numbers = (
        select(AIPS.c.number).where(*within, *mine).order_by(AIPS.c.number.desc()).limit(RANKED)
    )
    return list(connection.execute(numbers).scalars())


def _hits(connection: Connection, condition: Any) -> list[tuple[int, Hit]]:
    copies = (
        select(func.count()).where(COPIES.c.aip == AIPS.c.number).scalar_subquery().label("copies")
    )
    names = [each.name for each in fields(Hit) if each.name != "copies"]
    rows = connection.execute(
        select(AIPS.c.number, *(AIPS.c[name] for name in names), copies)
        .where(condition)
        .order_by(AIPS.c.number.desc())
    ).mappings()
    return [
        (
            row["number"],
            Hit(**{name: row[name] for name in (*names, "copies") if name != "stored_at"},
                stored_at=datetime.fromisoformat(row["stored_at"])),
        )
        for row in rows
    ]  # fmt: skip


def _first(
    connection: Connection, wanted: Select[Any], *, with_files: bool = True
) -> StoredAip | None:
    row = connection.execute(wanted.order_by(AIPS.c.version.desc(), AIPS.c.number.desc())).first()
    return _stored(connection, row, with_files=with_files) if row else None


def _stored(connection: Connection, row: Row[Any], *, with_files: bool) -> StoredAip:
    names = [each.name for each in fields(FileRecord)]
    wanted = (
        select(*(FILES.c[name] for name in names))
        .where(FILES.c.aip == row.number)
        .order_by(FILES.c.position)
    )
    files = connection.execute(wanted) if with_files else ()
    copies = connection.execute(
        select(COPIES).where(COPIES.c.aip == row.number).order_by(COPIES.c.store)
    )
    mapping = row._mapping
    return StoredAip(
        description=Description(
            **{name: mapping[name] for name in _DESCRIBED},
            files=tuple(FileRecord(*each) for each in files),
        ),
        package=PackageSums(row.size_bytes, row.sha256, row.tagmanifest_sha256),
        copies=tuple(_copy(each) for each in copies),
        stored_at=datetime.fromisoformat(row.stored_at),
    )


def _aip_row(stored: StoredAip) -> dict[str, Any]:
    description = stored.description
    row: dict[str, Any] = {name: getattr(description, name) for name in _DESCRIBED}
    return row | {
        "files": len(description.files),
        "payload_bytes": sum(each.size_bytes for each in description.files),
        "size_bytes": stored.package.size_bytes,
        "sha256": stored.package.sha256,
        "tagmanifest_sha256": stored.package.tagmanifest_sha256,
        "stored_at": stored.stored_at.isoformat(),
    }


def _file_rows(aip: int, start: int, files: Sequence[FileRecord]) -> list[dict[str, Any]]:
    names = [each.name for each in fields(FileRecord)]
    return [
        {"aip": aip, "position": position, **{name: getattr(each, name) for name in names}}
        for position, each in enumerate(files, start)
    ]


def copy_row(aip: int, zorgdrager: str, copy: Copy) -> dict[str, Any]:
    """A copy as a row of COPIES."""
    return {
        "aip": aip,
        "store": copy.store,
        "key": copy.key,
        "verified_at": copy.verified_at.isoformat(),
        "zorgdrager": zorgdrager,
        "proof": copy.proof.value,
        "checked_at": (copy.checked_at or copy.verified_at).isoformat(),
        "outcome": copy.outcome.value,
    }


def _copy_rows(aip: int, stored: StoredAip) -> list[dict[str, Any]]:
    return [copy_row(aip, stored.description.zorgdrager, each) for each in stored.copies]


def _copy(row: Row[Any]) -> Copy:
    verified_at = datetime.fromisoformat(row.verified_at)
    checked_at = datetime.fromisoformat(row.checked_at)
    return Copy(
        store=row.store,
        key=row.key,
        verified_at=verified_at,
        proof=Basis(row.proof),
        checked_at=None if checked_at == verified_at else checked_at,
        outcome=Outcome(row.outcome),
    )
