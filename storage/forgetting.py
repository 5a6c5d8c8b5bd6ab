"""Forgetting an AIP in the database: its description, its files, its copies, its words.

The ledger stays: what it says of the AIP in the open is no personal data. Its details, which may
be, are erased. Of a deleted row SQLite overwrites the bytes (secure_delete); what the full-text
index keeps of deleted words until it merges its parts, and what the write-ahead log still has,
`purge` takes out. (FTS5's own `secure-delete` does nothing for an index without content.)
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, select, text

from storage import postgres, sqlite
from storage.catalogue import AIPS, COPIES, FILES
from storage.database import begin, on_postgres
from storage.index import find_numbers, numbers_in_index
from storage.ledger import DETAILS, ENTRIES

MOST_HITS = 1000


def numbers_of(connection: Connection, aip_id: str) -> tuple[int, ...]:
    """The numbers in the catalogue of every version of an AIP."""
    wanted = select(AIPS.c.number).where(AIPS.c.aip_id == aip_id).order_by(AIPS.c.number)
    return tuple(connection.execute(wanted).scalars())


def forget(connection: Connection, aip_id: str) -> tuple[int, ...]:
    """Remove every version of an AIP from catalogue and full text, in the caller's transaction;
    the numbers that they had."""
    server = on_postgres(connection)
    if not server:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    words = _WORDS_ON_SERVER if server else _WORDS
    numbers = numbers_of(connection, aip_id)
    for number in numbers:
        connection.execute(words, {"number": number})
        connection.execute(delete(COPIES).where(COPIES.c.aip == number))
        connection.execute(delete(FILES).where(FILES.c.aip == number))
        connection.execute(delete(AIPS).where(AIPS.c.number == number))
    return numbers


def erase_details_of(connection: Connection, zorgdrager: str, aip_id: str) -> tuple[int, ...]:
    """Erase the details and salts of every ledger entry on an AIP; the numbers of the entries."""
    wanted = select(ENTRIES.c.seq).where(
        ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.object == aip_id
    )
    numbers = tuple(connection.execute(wanted).scalars())
    connection.execute(
        delete(DETAILS).where(DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq.in_(wanted))
    )
    return numbers


def still_known(
    connection: Connection, aip_id: str, numbers: Sequence[int], words: Sequence[str]
) -> tuple[str, ...]:
    """Where the database still has something of an AIP: its id, its numbers, rare words of it."""
    found = []
    if numbers_of(connection, aip_id):
        found.append("catalogue")
    hits = {
        number
        for word in (aip_id, *words)
        for number in find_numbers(connection, word, None, MOST_HITS, MOST_HITS)
    }
    if hits & set(numbers) or numbers_in_index(connection, numbers):
        found.append("full text")
    return tuple(found)


def purge(engine: Engine) -> None:
    """Take deleted words and rows out of the database's own files, where it keeps them a while.

    In steps, between which others may write. What a server keeps of them in its write-ahead log,
    on a standby and in backups is not for us to reach.

    Raises: DatabaseUnusable.
    """
    if on_postgres(engine):
        postgres.vacuum(engine, _EMPTIED)
        return
    sqlite.purge(engine, begin)


_EMPTIED = ("aips", "files", "copies", "search", "ledger_details")
_WORDS = text("DELETE FROM search WHERE rowid = :number")
_WORDS_ON_SERVER = text("DELETE FROM search WHERE aip = :number")
