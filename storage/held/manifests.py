"""A party's list of files, read line by line: a BagIt manifest, a sha256sum list or a CSV.

Whoever made it is not trusted: sizes are bounded, paths stay inside, every fault has its line.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from formats.spelling import shown
from formats.tally import Tally
from storage.manifests import decoded_path

MAX_BYTES = 256 * 1024 * 1024
MAX_LINES = 1_000_000
MAX_LINE_BYTES = 16 * 1024
MAX_PATH_BYTES = 2048
UNKNOWN_SIZE = -1
MAX_SIZE_BYTES = 2**62

_BAGIT_NAME = re.compile(r"manifest-(sha256|sha512)\.txt")
_BAGIT_LINE = re.compile(r"[ \t]*([0-9A-Fa-f]+)[ \t]+\*?(.+)", re.DOTALL)
_SUM_LINE = re.compile(r"(\\?)([0-9A-Fa-f]+) [ *](.+)", re.DOTALL)
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_HEADING = re.compile(r"#\s*(datum|date|volgnummer|sequence)\s*[:=]\s*(.+?)\s*", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:")
_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_COLUMNS: Mapping[str, str] = {
    "path": "path",
    "pad": "path",
    "bestand": "path",
    "file": "path",
    "sha256": "sha256",
    "sha-256": "sha256",
    "sha512": "sha512",
    "sha-512": "sha512",
    "size": "size",
    "grootte": "size",
}
_BOM = b"\xef\xbb\xbf"


class HeldLine(NamedTuple):
    """One file of a list: line number from 1, path, hex digests ("" if none), size (-1 if none)."""

    number: int
    path: str
    sha256: str
    sha512: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list says of itself in lines that begin with #: its date, its number (0 for none)."""

    stated_at: datetime | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class HeldList:
    """A list as it was handed in; `name` is its file name, by which a BagIt manifest is known."""

    name: str
    content: bytes


def read_heading(held: HeldList, tally: Tally) -> Heading:
    """The date and the number that stand in the remarks at the head of the list."""
    stated_at, sequence = None, 0
    for number, line in _remarks(held.content):
        match = _HEADING.fullmatch(line)
        if match is None:
            continue
        key, value = match[1].lower(), match[2]
        if key in ("datum", "date"):
            stated_at = _instant(value)
            if stated_at is None:
                tally.add("S408", _place(held, number), shown(value[:60]))
        elif _NUMBER.fullmatch(value):
            sequence = int(value)
        else:
            tally.add("S408", _place(held, number), shown(value[:60]))
    return Heading(stated_at, sequence)


def read_lines(held: HeldList, tally: Tally) -> Iterator[HeldLine]:
    """Every line that is clear and safe; what is wrong goes to the tally, with its line number."""
    if len(held.content) > MAX_BYTES:
        tally.add("S404", shown(held.name), len(held.content), MAX_BYTES)
        return
    seen: set[bytes] = set()
    count = 0
    for line in _csv_lines(held, tally) if _is_csv(held.content) else _sum_lines(held, tally):
        count += 1
        if count > MAX_LINES:
            tally.add("S404", _place(held, line.number), f"> {MAX_LINES}", MAX_LINES)
            return
        mark = hashlib.blake2b(line.path.encode("utf-8"), digest_size=16).digest()
        if mark in seen:
            tally.add("S403", _place(held, line.number), shown(line.path[:200]))
            continue
        seen.add(mark)
        yield line
    if not count:
        tally.add("S400", shown(held.name))


def write_list(lines: Iterable[tuple[str, str]], heading: Sequence[tuple[str, str]] = ()) -> bytes:
    """A list as sha256sum writes it, of (path, hex digest), under remarks such as ("datum", …)."""
    out = [f"# {key}: {value}\n" for key, value in heading]
    for path, digest in lines:
        escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        sign = "\\" if escaped != path else ""
        out.append(f"{sign}{digest}  {escaped}\n")
    return "".join(out).encode("utf-8")


def safe_path(path: str) -> str:
    """The path without ./ before it; "" when it may point elsewhere, or cannot be shown safely."""
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    if not path or path[0] in "/\\" or _DRIVE.match(path) or len(path) > MAX_PATH_BYTES:
        return ""
    names = path.split("/")
    if any(each in ("", ".") for each in names) or ".." in re.split(r"[/\\]", path):
        return ""
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" for sign in path):
        return ""
    try:
        return path if len(path.encode("utf-8")) <= MAX_PATH_BYTES else ""
    except UnicodeEncodeError:
        return ""


def _remarks(content: bytes) -> Iterator[tuple[int, str]]:
    """The lines that begin with # before the first other line."""
    for number, raw in _raw_lines(content):
        if raw.strip() and not raw.startswith(b"#"):
            return
        yield number, raw.decode("utf-8", "replace")


def _raw_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, line without its end): an end is LF or CR LF; a line that is too long is cut."""
    start = len(_BOM) if content.startswith(_BOM) else 0
    number = 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        number += 1
        line = content[start : min(end, start + MAX_LINE_BYTES + 2)]
        yield number, line[:-1] if line.endswith(b"\r") else line
        start = end + 1


def _sum_lines(held: HeldList, tally: Tally) -> Iterator[HeldLine]:
    bagit = _BAGIT_NAME.fullmatch(held.name)
    length = 0
    for number, raw in _raw_lines(held.content):
        if not raw.strip() or raw.startswith(b"#"):
            continue
        place = _place(held, number)
        text = _text(raw, place, tally)
        if text is None:
            continue
        parts = _bagit_parts(text) if bagit else _sum_parts(text)
        if parts is None:
            tally.add("S401", place, shown(text[:120]))
            continue
        digest, path = parts
        length = length or len(digest)
        line = _line(HeldLine(number, path, digest, "", UNKNOWN_SIZE), place, tally)
        if len(digest) != length and line is not None:
            tally.add("S406", place, len(digest), length)
        elif line is not None:
            yield line


def _bagit_parts(text: str) -> tuple[str, str] | None:
    match = _BAGIT_LINE.fullmatch(text)
    return (match[1], decoded_path(match[2])) if match else None


def _sum_parts(text: str) -> tuple[str, str] | None:
    """Digest and path of a line of sha256sum; in one that begins with \\ the path is escaped."""
    match = _SUM_LINE.fullmatch(text)
    if match is None:
        return None
    path = match[3]
    if match[1]:
        if any(found[0] not in _ESCAPES for found in _ESCAPE.finditer(path)):
            return None
        path = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], path)
    return match[2], path


def _is_csv(content: bytes) -> bool:
    """Whether the first line that is no remark names columns rather than a digest."""
    for _, raw in _raw_lines(content):
        if raw.strip() and not raw.startswith(b"#"):
            first = re.split(r"[;,]", raw.decode("utf-8", "replace").lower())
            return len(first) > 1 and any(each.strip(' "') in _COLUMNS for each in first)
    return False


def _csv_lines(held: HeldList, tally: Tally) -> Iterator[HeldLine]:
    text = _csv_text(held, tally)
    first, head = next(text)
    separator = ";" if ";" in head else ","
    (names,) = csv.reader([head], delimiter=separator)
    columns = {_COLUMNS.get(name.strip().lower(), ""): at for at, name in enumerate(names)}
    if "path" not in columns or not columns.keys() & {"sha256", "sha512"}:
        tally.add("S407", _place(held, first), shown(head.strip()[:120]))
        return
    reader = csv.reader((line for _, line in text), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(row):
                number = first + reader.line_num
                line = _csv_line(row, columns, number, _place(held, number), tally)
                if line is not None:
                    yield line
    except csv.Error as error:
        tally.add("S401", _place(held, first + reader.line_num), shown(str(error)[:120]))


def _csv_text(held: HeldList, tally: Tally) -> Iterator[tuple[int, str]]:
    """The lines from the heading on; an empty one in the place of each that is no text."""
    head = True
    for number, raw in _raw_lines(held.content):
        if head and (not raw.strip() or raw.startswith(b"#")):
            continue
        head = False
        yield number, f"{_text(raw, _place(held, number), tally) or ''}\n"


def _csv_line(
    row: list[str], columns: Mapping[str, int], number: int, place: str, tally: Tally
) -> HeldLine | None:
    cells = {name: row[at] for name, at in columns.items() if at < len(row)}
    cells |= {name: cells[name].strip(" \t") for name in cells.keys() - {"path"}}
    digest = cells.get("sha256") or cells.get("sha512") or ""
    expected = 64 if cells.get("sha256") else 128
    if not _HEX.fullmatch(digest) or len(digest) != expected:
        tally.add("S406", place, shown(digest[:80]), expected)
        return None
    said = cells.get("size", "")
    size = int(said) if _NUMBER.fullmatch(said) else UNKNOWN_SIZE
    if said and size == UNKNOWN_SIZE:
        tally.add("S409", place, shown(said[:40]))
        return None
    path = cells.get("path", "")
    path = path if "/" in path else path.replace("\\", "/")
    return _line(HeldLine(number, path, digest, "", size), place, tally)


def _line(said: HeldLine, place: str, tally: Tally) -> HeldLine | None:
    """The line with its path made safe, and its digest (in `sha256`) where it belongs."""
    path, digest = safe_path(said.path), said.sha256.lower()
    if not path:
        tally.add("S402", place, shown(said.path[:200]))
        return None
    if len(digest) == 64:
        return HeldLine(said.number, path, digest, "", said.size_bytes)
    if len(digest) == 128:
        return HeldLine(said.number, path, "", digest, said.size_bytes)
    tally.add("S406", place, len(digest), "64, 128")
    return None


def _text(raw: bytes, place: str, tally: Tally) -> str | None:
    """The line as text. None (and a finding) when it is too long or no UTF-8."""
    if len(raw) > MAX_LINE_BYTES:
        tally.add("S404", place, f"> {MAX_LINE_BYTES}", MAX_LINE_BYTES)
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        tally.add("S405", place, shown(str(error)[:120]))
        return None


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _place(held: HeldList, number: int) -> str:
    return f"{shown(held.name)}, regel {number}"
