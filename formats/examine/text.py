"""Text: its encoding, and for tables their width and the cells that a spreadsheet would run."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from formats.examine.values import Notes
from formats.guard import open_plain
from formats.second_sense import sense

CHUNK_BYTES = 1024 * 1024
MAX_ROWS = 5_000_000
MAX_FIELD = 10 * 1024 * 1024
DELIMITERS = ";,\t|"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NUMBER = re.compile(r"^[-+]?[\d.,\s%€]+([eE][-+]?\d+)?$")
SCRIPTS = re.compile(
    rb"<\s*script\b|\son[a-z]{3,20}\s*=|javascript:|vbscript:|<\s*(?:object|embed|applet)\b", re.I
)


def examine_text(path: Path, notes: Notes) -> None:
    """Note whether the text can be read, and in which encoding."""
    _check_encoding(path, notes)


def examine_table(path: Path, notes: Notes) -> None:
    """Note the encoding, uneven rows, and cells that begin as a formula."""
    encoding = _check_encoding(path, notes)
    if encoding:
        _check_rows(path, encoding, notes)


def examine_web_page(path: Path, notes: Notes) -> None:
    """Note the encoding and the scripts of a page; there is no validator for HTML here."""
    _check_encoding(path, notes)
    note_scripts(path, notes)


def note_scripts(path: Path, notes: Notes) -> None:
    """Note what in a page or drawing would run in a browser."""
    found: Counter[str] = Counter()
    kept = b""
    with open_plain(path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            for match in SCRIPTS.finditer(kept + chunk):
                found[match.group().decode("ascii").strip(" \t\r\n<=").lower()] += 1
            kept = chunk[-32:] if not SCRIPTS.search(chunk[-32:]) else b""
    if found:
        words = ", ".join(f"{name} ({count})" for name, count in sorted(found.items()))
        notes.act("F409", "script", words[:300])


def _check_encoding(path: Path, notes: Notes) -> str:
    """The encoding in which the whole file can be read; empty when there is none."""
    notes.validator = "edepot, text"
    with open_plain(path) as stream:
        head = stream.read(CHUNK_BYTES)
    encoding = next((name for mark, name in BOMS if head.startswith(mark)), "utf-8")
    if _decodes(path, encoding):
        notes.features.append(f"encoding:{encoding.removesuffix('-sig')}")
        notes.sound()
        return encoding
    hint = sense(head).encoding
    if b"\x00" in head or hint == "binary":
        notes.damaged(f"{hint}: NUL" if b"\x00" in head else hint, code="F421")
        return ""
    if _decodes(path, "cp1252"):
        notes.features.append("encoding:windows-1252")
        notes.sound()
        notes.say("F421", f"windows-1252? ({hint})")
        return "cp1252"
    notes.sound()
    notes.say("F421", hint)
    return ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_plain(path) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if "\x00" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _check_rows(path: Path, encoding: str, notes: Notes) -> None:
    csv.field_size_limit(MAX_FIELD)
    with path.open(encoding=encoding, newline="") as stream:
        head = stream.readline(MAX_FIELD)
        delimiter = max(DELIMITERS, key=head.count)
        rows = csv.reader(chain(_lines(head), stream), delimiter=delimiter)
        try:
            _judge_rows(rows, notes)
        except csv.Error as error:
            notes.say("F412", f"csv: {error}")


def _lines(head: str) -> Iterator[str]:
    if head:
        yield head


def _judge_rows(rows: Iterator[list[str]], notes: Notes) -> None:
    widths: Counter[int] = Counter()
    formulas = 0
    first = ""
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            notes.say("F414", f"> {MAX_ROWS}", MAX_ROWS, part="rows")
            break
        if row:
            widths[len(row)] += 1
        for cell in row:
            if cell and cell[0] in "=+-@\t\r" and not NUMBER.match(cell) and len(cell) > 1:
                formulas += 1
                first = first or f"{number}: {cell[:60]}"
    if len(widths) > 1:
        shown = ", ".join(f"{width}: {count}x" for width, count in widths.most_common(5))
        notes.say("F422", shown)
    if formulas:
        notes.say("F423", f"{formulas}x; {first}")
