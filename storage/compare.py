"""Comparing two databases: whether catalogue and ledger of one say what those of the other do."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, Engine

from formats.findings import Finding, finding
from storage import catalogue, ledger
from storage.aip import Copy, StoredAip
from storage.database import reading


def compare(new: Connection, old: Engine) -> Iterator[Finding]:
    """Where the new database says something else than the old one."""
    with reading(old) as before:
        yield from _compare_catalogues(new, before)
        yield from _compare_ledgers(new, before)


def _compare_catalogues(new: Connection, old: Connection) -> Iterator[Finding]:
    mine, theirs = (dict.fromkeys(catalogue.every_version(each)) for each in (new, old))
    for aip_id, version in theirs | mine:
        found = _plain(catalogue.by_id(new, aip_id, version))
        expected = _plain(catalogue.by_id(old, aip_id, version))
        if found != expected:
            yield finding("S305", f"AIP {aip_id}", *_first_difference(found, expected))


def _plain(stored: StoredAip | None) -> StoredAip | None:
    """Without when each copy was seen last, which comes from runs and is not on the shelf."""
    if stored is None:
        return None
    copies = tuple(Copy(each.store, each.key, stored.stored_at) for each in stored.copies)
    return replace(stored, copies=copies)


def _first_difference(found: StoredAip | None, expected: StoredAip | None) -> tuple[str, str]:
    if found is None or expected is None:
        return (
            found.package.sha256 if found else "-",
            expected.package.sha256 if expected else "-",
        )
    for part in ("package", "copies", "stored_at", "description"):
        mine, theirs = getattr(found, part), getattr(expected, part)
        if mine != theirs:
            return str(mine)[:200], str(theirs)[:200]
    return "", ""


def _compare_ledgers(new: Connection, old: Connection) -> Iterator[Finding]:
    for zorgdrager in sorted({*ledger.zorgdragers(new), *ledger.zorgdragers(old)}):
        size = max(ledger.size(new, zorgdrager), ledger.size(old, zorgdrager))
        pairs = zip(_padded(new, zorgdrager, size), _padded(old, zorgdrager, size), strict=True)
        for seq, (mine, theirs) in enumerate(pairs):
            if mine != theirs:
                yield finding("S305", f"{zorgdrager}, regel {seq}", mine[:200], theirs[:200])
                break


def _padded(connection: Connection, zorgdrager: str, size: int) -> Iterator[str]:
    count = 0
    for row in ledger.rows(connection, zorgdrager):
        yield row.line
        count += 1
    for _ in range(size - count):
        yield ""
