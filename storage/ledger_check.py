"""Checking a ledger in the database: every line, the chain, the details, the checkpoints."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from formats.findings import Finding, finding
from storage.checkpoint import stored_checkpoints
from storage.ledger import (
    DETAILS,
    ENTRIES,
    NO_PREVIOUS,
    LedgerEntry,
    canonical,
    detail_hash,
    entry_of,
    rows,
)
from storage.merkle import Tree, leaf_hash


def verify_ledger(connection: Connection, zorgdrager: str) -> list[Finding]:
    """Everything that is wrong with a zorgdrager's ledger as it stands in the database."""
    findings = [*_check_lines(connection, zorgdrager), *_check_details(connection, zorgdrager)]
    findings.extend(_check_checkpoints(connection, zorgdrager))
    return findings


def place(zorgdrager: str, seq: int) -> str:
    """Where an entry stands, as a finding says it."""
    return f"{zorgdrager}, regel {seq}"


def check_line(
    zorgdrager: str, line: str, expected_seq: int, previous: str, earlier: str
) -> tuple[list[Finding], LedgerEntry | None, str]:
    """What is wrong with one line, given the one before it; what it says; the instant it names.

    `previous` is the leaf hash of the line before, `earlier` the instant that it named. None for
    a line that is no entry.
    """
    where = place(zorgdrager, expected_seq)
    try:
        said = _said(line)
        entry = entry_of(zorgdrager, line, said)
    except (ValueError, KeyError, TypeError) as error:
        return [finding("S101", where, _short(error))], None, earlier
    findings: list[Finding] = []
    if canonical(said) != line:
        findings.append(finding("S101", where, line[:100], canonical(said)[:100]))
    if entry.seq != expected_seq:
        findings.append(finding("S102", where, entry.seq, expected_seq))
    if said.get("prev") != previous:
        findings.append(finding("S103", where, said.get("prev"), previous))
    if said["t"] < earlier:
        findings.append(finding("S106", where, said["t"], earlier))
    return findings, entry, said["t"]


def _check_lines(connection: Connection, zorgdrager: str) -> Iterator[Finding]:
    previous, earlier, expected = NO_PREVIOUS, "", 0
    for row in rows(connection, zorgdrager):
        if row.seq != expected:
            yield finding("S102", place(zorgdrager, row.seq), row.seq, expected)
        found, entry, earlier = check_line(zorgdrager, row.line, row.seq, previous, earlier)
        yield from found
        leaf = leaf_hash(row.line.encode("utf-8"))
        if leaf != row.leaf:
            yield finding("S104", place(zorgdrager, row.seq), leaf.hex(), row.leaf.hex())
        named = entry is None or (row.action, row.object) == (entry.action, entry.object)
        if not found and not named:
            yield finding("S104", place(zorgdrager, row.seq), f"{row.action} {row.object}")
        previous, expected = leaf.hex(), row.seq + 1


def _check_details(connection: Connection, zorgdrager: str) -> Iterator[Finding]:
    """Details that are there must be those of the entry; erased ones are no fault."""
    wanted = (
        select(DETAILS, ENTRIES.c.line)
        .outerjoin(
            ENTRIES,
            (ENTRIES.c.zorgdrager == DETAILS.c.zorgdrager) & (ENTRIES.c.seq == DETAILS.c.seq),
        )
        .where(DETAILS.c.zorgdrager == zorgdrager)
        .order_by(DETAILS.c.seq)
    )
    for row in connection.execute(wanted):
        found, expected = detail_hash(row.salt, row.details), _detail(row.line)
        if found != expected:
            yield finding("S105", place(zorgdrager, row.seq), found, expected)


def _check_checkpoints(connection: Connection, zorgdrager: str) -> Iterator[Finding]:
    wanted = stored_checkpoints(connection, zorgdrager)
    tree = Tree()
    roots = {0: tree.root().hex()}
    for row in rows(connection, zorgdrager):
        tree.append(leaf_hash(row.line.encode("utf-8")))
        if tree.size in wanted:
            roots[tree.size] = tree.root().hex()
    for size, root in sorted(wanted.items()):
        if roots.get(size) != root:
            yield finding("S107", f"{zorgdrager}, controlepunt {size}", roots.get(size, ""), root)


def _said(line: str) -> Mapping[str, Any]:
    said = json.loads(line)
    if not isinstance(said, dict):
        raise ValueError("geen object")
    return said


def _detail(line: str | None) -> str:
    try:
        return str(_said(line or "{}").get("detail", ""))
    except ValueError:
        return ""


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:100]
