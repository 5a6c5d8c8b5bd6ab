"""The receipt of the archive: every file with its SHA-256, compared line by line with the package.

    take_receipt(desk, actor, transfer, path, Assertion(copies=2, fixity_checked_on="2026-11-20"))

Read are JSON, CSV with the columns path and sha256, and the lines of sha256sum. Only a whole and
equal receipt, with at least two copies whose fixity the archive checked, makes it received.
Source: Archiefbesluit 1995, art. 9 (specification); domain rules, transfer.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, func, insert, select, tuple_, update

from formats.findings import Finding, finding
from formats.plain import to_plain
from retention.acts import act
from retention.nouns import Actor, Desk
from retention.transfer_mdto import last_day
from retention.transfer_nouns import Assertion, FileKind, Receipt, Transfer, TransferState
from retention.transfer_reading import receipts_of
from retention.transfer_steps import begin_step, move, tell
from retention.transfer_tables import PACKED_FILES, RECEIPTS
from storage.database import begin
from storage.ledger import canonical

COPIES = 2
"""So many copies the archive must have before the source may ever go."""

MAX_JSON_BYTES = 256 * 1024 * 1024
AT_ONCE = 500
TOLD = 1000
"""So many findings are written down; all are counted."""

_SUM = re.compile(r"\\?([0-9A-Fa-f]{64}) [ *](.+)")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PATH_COLUMNS = ("path", "pad", "bestand", "file")
_DIGEST_COLUMNS = ("sha256", "sha-256", "checksum", "controlesom")
_SIZE_COLUMNS = ("size_bytes", "size", "omvang")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a receipt: the archive's path, digest and size ("" where it says none)."""

    where: str
    path: str
    sha256: str
    size_bytes: str = ""


class ReceiptUnreadable(ValueError):
    """The document is no receipt that can be read."""


@dataclass(slots=True)
class _Compared:
    """What a comparison came to."""

    equal: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    differs: set[str] = field(default_factory=set)

    def add(self, found: Finding) -> None:
        """Count a finding, and keep the first of them."""
        self.counts[found.code] = self.counts.get(found.code, 0) + 1
        if len(self.findings) < TOLD:
            self.findings.append(found)


def take_receipt(
    desk: Desk, actor: Actor, transfer: str, document: Path, asserted: Assertion
) -> tuple[Receipt, tuple[Finding, ...]]:
    """Take in the archive's receipt; what is wrong with it. Without an error the transfer is
    received; else it stays delivered, and another receipt may come.

    Raises: TransferUnknown; Refused (mandate, state); OSError.
    """
    sha256 = _sha256(document)
    with begin(desk.engine) as connection:
        found, today = begin_step(connection, desk, actor, transfer, TransferState.RECEIVED)
        number = connection.execute(select(func.max(RECEIPTS.c.number))).scalar() or 0
        done = _Compared()
        said = asserted
        try:
            with document.open(encoding="utf-8-sig", newline="") as stream:
                named, lines = read_lines(stream)
                said = asserted.or_else(named)
                _compare(connection, found, lines, number + 1, done)
        except (ReceiptUnreadable, UnicodeDecodeError, csv.Error) as error:
            done.add(finding("R700", document.name, error))
        else:
            _find_missing(connection, transfer, number + 1, done)
        for each in _asserted(said, today.isoformat(), document.name):
            done.add(each)
        row = _row(found, sha256, said, done, desk, actor)
        connection.execute(insert(RECEIPTS), row | {"number": number + 1})
        facts = {"receipt": sha256, "whole": row["whole"], "equal": done.equal, **done.counts}
        act(connection, desk, actor, transfer, None, "receipt", facts)
        if row["whole"]:
            found = move(connection, desk, found, TransferState.RECEIVED)
        tell(connection, desk, found, actor, "receipt", facts)
        return receipts_of(connection, transfer)[-1], tuple(done.findings)


def read_lines(stream: TextIO) -> tuple[Assertion, Iterator[Line]]:
    """What the archive asserts in the document itself, and its lines.

    Raises: ReceiptUnreadable, also while the lines are read.
    """
    first = stream.readline()
    stream.seek(0)
    if first.lstrip()[:1] in {"{", "["}:
        return _json(stream)
    if _SUM.fullmatch(first.rstrip("\r\n")):
        return Assertion(), _sums(stream)
    return Assertion(), _csv(stream, ";" if first.count(";") > first.count(",") else ",")


def _json(stream: TextIO) -> tuple[Assertion, Iterator[Line]]:
    text = stream.read(MAX_JSON_BYTES + 1)
    if len(text) > MAX_JSON_BYTES:
        raise ReceiptUnreadable(f"JSON > {MAX_JSON_BYTES} bytes")
    try:
        said = json.loads(text)
    except ValueError as error:
        raise ReceiptUnreadable(str(error)) from error
    files = said.get("files") if isinstance(said, dict) else said
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise ReceiptUnreadable("files")
    head = said if isinstance(said, dict) else {}
    copies = head.get("copies", 0)
    asserted = Assertion(
        copies=copies if isinstance(copies, int) else 0,
        fixity_checked_on=str(head.get("fixity_checked_on", "")),
        reference=str(head.get("reference", "")),
    )
    return asserted, (_of_json(number, each) for number, each in enumerate(files, 1))


def _of_json(number: int, said: dict[str, Any]) -> Line:
    size = said.get("size_bytes", "")
    return Line(str(number), str(said.get("path", "")), str(said.get("sha256", "")), str(size))


def _sums(stream: TextIO) -> Iterator[Line]:
    for number, text in enumerate(stream, 1):
        line = text.rstrip("\r\n")
        if not line or line.startswith("#"):
            continue
        found = _SUM.fullmatch(line)
        path = found[2] if found else line
        if found and line.startswith("\\"):
            path = path.replace("\\n", "\n").replace("\\\\", "\\")
        yield Line(str(number), path, found[1] if found else "")


def _csv(stream: TextIO, delimiter: str) -> Iterator[Line]:
    rows = csv.reader(stream, delimiter=delimiter)
    names = [each.strip().lower() for each in next(rows, [])]
    path, digest = _column(names, _PATH_COLUMNS), _column(names, _DIGEST_COLUMNS)
    if path is None or digest is None:
        raise ReceiptUnreadable(f"{', '.join(names)[:200] or '-'} (path, sha256)")
    size = _column(names, _SIZE_COLUMNS)

    def lines() -> Iterator[Line]:
        for number, row in enumerate(rows, 2):
            if any(each.strip() for each in row):
                said = size if size is not None else -1
                yield Line(str(number), _cell(row, path), _cell(row, digest), _cell(row, said))

    return lines()


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(each) for each in wanted if each in names), None)


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip() if 0 <= at < len(row) else ""


def _compare(
    connection: Connection, transfer: Transfer, lines: Iterator[Line], number: int, done: _Compared
) -> None:
    """Each line with what was packed under its path; what is equal is marked."""
    part: list[Line] = []
    for each in lines:
        part.append(each)
        if len(part) == AT_ONCE:
            _compare_part(connection, transfer, part, number, done)
            part = []
    _compare_part(connection, transfer, part, number, done)


def _compare_part(
    connection: Connection, transfer: Transfer, part: list[Line], number: int, done: _Compared
) -> None:
    named = [(_own_path(each.path, transfer.id), each) for each in part]
    rows = connection.execute(
        select(PACKED_FILES.c.path, PACKED_FILES.c.sha256, PACKED_FILES.c.size_bytes).where(
            PACKED_FILES.c.transfer == transfer.id,
            PACKED_FILES.c.path.in_({path for path, _ in named}),
        )
    )
    packed = {each.path: each for each in rows}
    equal = set()
    for path, line in named:
        digest = line.sha256.strip().lower()
        if not path or not _DIGEST.fullmatch(digest):
            done.add(finding("R707", line.path or line.where, line.sha256[:80] or "-", "SHA-256"))
        elif path not in packed:
            done.add(finding("R703", line.path, digest))
        elif packed[path].sha256 != digest:
            done.differs.add(path)
            done.add(finding("R702", path, digest, packed[path].sha256))
        elif line.size_bytes and line.size_bytes != str(packed[path].size_bytes):
            done.differs.add(path)
            done.add(finding("R704", path, line.size_bytes, packed[path].size_bytes))
        else:
            equal.add(path)
    if equal:
        connection.execute(
            update(PACKED_FILES)
            .where(PACKED_FILES.c.transfer == transfer.id, PACKED_FILES.c.path.in_(equal))
            .values(receipt=number)
        )


def _own_path(path: str, transfer: str) -> str:
    """A path as we wrote it: the archive may begin it with a dot or the package's own folder."""
    plain = path.replace("\\", "/").removeprefix("./").lstrip("/")
    return plain.removeprefix(f"{transfer}/")


def _find_missing(connection: Connection, transfer: str, number: int, done: _Compared) -> None:
    """Every record that no line named as it is."""
    done.equal = connection.execute(
        select(func.count())
        .select_from(PACKED_FILES)
        .where(
            PACKED_FILES.c.transfer == transfer,
            PACKED_FILES.c.receipt == number,
            PACKED_FILES.c.kind == FileKind.RECORD.value,
        )
    ).scalar_one()
    wanted = (
        select(PACKED_FILES.c.path, PACKED_FILES.c.sha256)
        .where(
            PACKED_FILES.c.transfer == transfer,
            PACKED_FILES.c.kind == FileKind.RECORD.value,
            PACKED_FILES.c.receipt != number,
        )
        .order_by(PACKED_FILES.c.path)
        .limit(AT_ONCE)
    )
    part = connection.execute(wanted).all()
    while part:
        for each in part:
            if each.path not in done.differs:
                done.add(finding("R701", each.path, "", each.sha256))
        after = tuple_(PACKED_FILES.c.path) > tuple_(part[-1].path)
        part = connection.execute(wanted.where(after)).all()


def _asserted(said: Assertion, today: str, where: str) -> Iterator[Finding]:
    if said.copies < COPIES:
        yield finding("R705", where, said.copies, COPIES)
    checked = last_day(said.fixity_checked_on)
    if checked is None or checked.isoformat() > today:
        yield finding("R706", where, said.fixity_checked_on or "-", today)


def _row(  # noqa: PLR0913, PLR0917 - what came, and what became of it
    transfer: Transfer,
    sha256: str,
    said: Assertion,
    done: _Compared,
    desk: Desk,
    actor: Actor,
) -> dict[str, Any]:
    plain = {
        "copies": said.copies,
        "fixity_checked_on": said.fixity_checked_on,
        "reference": said.reference,
        "equal": done.equal,
        "findings": done.counts,
    }
    return {
        "transfer": transfer.id,
        "round": transfer.round,
        "sha256": sha256,
        "said": canonical(plain),
        "whole": int(not done.counts),
        "findings": canonical({"findings": [to_plain(each) for each in done.findings]}),
        "taken_at": desk.now().isoformat(),
        "taken_by": actor.person,
    }


def _sha256(document: Path) -> str:
    total = hashlib.sha256()
    with document.open("rb") as stream:
        while chunk := stream.read(io.DEFAULT_BUFFER_SIZE * 16):
            total.update(chunk)
    return total.hexdigest()
