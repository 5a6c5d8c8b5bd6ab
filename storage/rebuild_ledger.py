"""The ledger of a zorgdrager, put together again from what the stores hold of it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, insert

from formats.findings import Finding, finding
from storage.checkpoint import CHECKPOINTS, head_of
from storage.errors import StorageError
from storage.ledger import DETAILS, ENTRIES, NO_PREVIOUS, detail_hash, read_line, rows
from storage.ledger_check import place
from storage.merkle import Tree, leaf_hash
from storage.publish import published
from storage.redacting import erase_again
from storage.stores.base import Store

ROWS_AT_ONCE = 1000
Value = TypeVar("Value")


@dataclass(slots=True)
class GatheredLedger:
    """Everything that the stores say of one ledger, right or wrong: lines and notes by number.

    `segments`: where each stands, its first and last number, and the digest of its lines.
    """

    lines: dict[int, list[str]] = field(default_factory=dict)
    details: dict[int, list[tuple[bytes, str]]] = field(default_factory=dict)
    notes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    segments: list[tuple[str, int, int, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def gather_ledger(stores: Sequence[Store], zorgdrager: str) -> GatheredLedger:
    """Read every segment, details and checkpoint of every store."""
    gathered = GatheredLedger()
    for store in stores:
        try:
            there = published(store, zorgdrager)
        except StorageError as error:
            gathered.findings.append(finding("S207", store.name, str(error)))
            continue
        for (first, last), key in there.segments.items():
            lines = _lines(store, key, gathered)
            gathered.segments.append((f"{store.name}, {key}", first, last, _digest(lines)))
            for seq, line in enumerate(lines, first):
                _once(gathered.lines.setdefault(seq, []), line)
        for key in there.details.values():
            _gather_details(store, key, gathered)
        for size, key in there.checkpoints.items():
            note = "\n".join(_lines(store, key, gathered)) + "\n"
            _once(gathered.notes.setdefault(size, []), (note, f"{store.name}, {key}"))
    return gathered


def write_ledger(
    connection: Connection, zorgdrager: str, gathered: GatheredLedger
) -> tuple[int, list[Finding]]:
    """Write down the one chain that the lines make; how many entries, and what did not fit."""
    findings = list(gathered.findings)
    tree = Tree()
    rows: list[dict[str, object]] = []
    previous, seq = NO_PREVIOUS, 0
    roots = {0: tree.root()}
    while (line := _next_line(gathered, tree, previous)) is not None:
        entry = read_line(zorgdrager, line)
        leaf = leaf_hash(line.encode("utf-8"))
        rows.append(
            {
                "zorgdrager": zorgdrager, "seq": seq, "line": line, "leaf": leaf,
                "action": entry.action, "object": entry.object,
            }
        )  # fmt: skip
        tree.append(leaf)
        previous, seq = leaf.hex(), seq + 1
        if seq in gathered.notes:
            roots[seq] = tree.root()
    if seq <= max(gathered.lines, default=-1):
        findings.append(finding("S304", place(zorgdrager, seq)))
    for where, first, last, digest in gathered.segments:
        if last < seq and digest != _digest([str(row["line"]) for row in rows[first : last + 1]]):
            findings.append(finding("S303", where, digest))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(ENTRIES), rows[start : start + ROWS_AT_ONCE])
    _write_details(connection, zorgdrager, gathered, rows)
    erase_again(connection, zorgdrager)
    findings.extend(_write_checkpoints(connection, zorgdrager, gathered, roots))
    return seq, findings


def write_missing(connection: Connection, zorgdrager: str, gathered: GatheredLedger) -> int:
    """Add the lines that follow on what the database has, as far as they make one chain; how many.

    Details come with them where a store has them, but for those that went with a destroyed AIP.
    """
    tree, previous = Tree(), NO_PREVIOUS
    for row in rows(connection, zorgdrager):
        leaf = leaf_hash(row.line.encode("utf-8"))
        tree.append(leaf)
        previous = leaf.hex()
    new: list[dict[str, object]] = []
    while (line := _next_line(gathered, tree, previous)) is not None:
        entry, leaf = read_line(zorgdrager, line), leaf_hash(line.encode("utf-8"))
        new.append(
            {
                "zorgdrager": zorgdrager, "seq": tree.size, "line": line, "leaf": leaf,
                "action": entry.action, "object": entry.object,
            }
        )  # fmt: skip
        tree.append(leaf)
        previous = leaf.hex()
    for start in range(0, len(new), ROWS_AT_ONCE):
        connection.execute(insert(ENTRIES), new[start : start + ROWS_AT_ONCE])
    _write_details(connection, zorgdrager, gathered, new)
    erase_again(connection, zorgdrager, tree.size - len(new))
    return len(new)


def _next_line(gathered: GatheredLedger, tree: Tree, previous: str) -> str | None:
    """The line that follows: of several, one that a checkpoint proves or that others follow."""
    seq = tree.size
    candidates = [line for line in gathered.lines.get(seq, ()) if _follows(line, seq, previous)]
    proven = candidates if len(candidates) <= 1 else _proven(gathered, tree, candidates)
    return next(iter(proven or candidates), None)


def _proven(gathered: GatheredLedger, tree: Tree, candidates: list[str]) -> list[str]:
    after = gathered.lines.get(tree.size + 1, ())
    roots = {_root(note, tree.size + 1) for note, _ in gathered.notes.get(tree.size + 1, ())}
    leaves = {line: leaf_hash(line.encode("utf-8")) for line in candidates}
    signed = [line for line, leaf in leaves.items() if tree.root_with(leaf) in roots]
    if signed:
        return signed
    return [
        line
        for line, leaf in leaves.items()
        if any(_follows(each, tree.size + 1, leaf.hex()) for each in after)
    ]


def _follows(line: str, seq: int, previous: str) -> bool:
    try:
        said = json.loads(line)
        entry = read_line("", line)
    except (ValueError, KeyError, TypeError):
        return False
    return entry.seq == seq and said["prev"] == previous


def _write_details(
    connection: Connection,
    zorgdrager: str,
    gathered: GatheredLedger,
    rows: Sequence[dict[str, object]],
) -> None:
    found = []
    lines = {each["seq"]: str(each["line"]) for each in rows}
    for seq, options in sorted(gathered.details.items()):
        if seq not in lines:
            continue
        expected = json.loads(lines[seq]).get("detail")
        for salt, details in options:
            if detail_hash(salt, details) == expected:
                found.append(
                    {"zorgdrager": zorgdrager, "seq": seq, "salt": salt, "details": details}
                )
                break
    for start in range(0, len(found), ROWS_AT_ONCE):
        connection.execute(insert(DETAILS), found[start : start + ROWS_AT_ONCE])


def _write_checkpoints(
    connection: Connection, zorgdrager: str, gathered: GatheredLedger, roots: dict[int, bytes]
) -> Iterator[Finding]:
    for size, options in sorted(gathered.notes.items()):
        written = False
        for note, where in options:
            root = _root(note, size)
            if root is None or root != roots.get(size):
                found = roots.get(size, b"").hex()
                yield finding("S306", where, found, root.hex() if root else "")
            elif not written:
                written = True
                connection.execute(
                    insert(CHECKPOINTS).values(
                        zorgdrager=zorgdrager, size=size, root=root.hex(), note=note, signed_at=""
                    )
                )


def _root(note: str, size: int) -> bytes | None:
    try:
        head = head_of(note)
    except ValueError:
        return None
    return head.root if head.size == size else None


def _lines(store: Store, key: str, gathered: GatheredLedger) -> list[str]:
    try:
        with store.open_read(key) as stream:
            content = stream.read()
    except StorageError as error:
        gathered.findings.append(finding("S206", f"{store.name}, {key}", str(error)))
        return []
    text = content.decode("utf-8", "replace")
    return text.removesuffix("\n").split("\n") if text else []


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _gather_details(store: Store, key: str, gathered: GatheredLedger) -> None:
    for line in _lines(store, key, gathered):
        try:
            said = json.loads(line)
            pair = (bytes.fromhex(said["salt"]), str(said["details"]))
            _once(gathered.details.setdefault(int(said["seq"]), []), pair)
        except (ValueError, KeyError, TypeError):
            gathered.findings.append(finding("S303", f"{store.name}, {key}", line[:60]))


def _once(found: list[Value], value: Value) -> None:
    if value not in found:
        found.append(value)
