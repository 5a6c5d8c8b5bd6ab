"""The report as PDF/A-3a and PDF/UA-1, with the same values attached as JSON."""

import json
import unicodedata
from bisect import bisect_right
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import typst

from edepot.fixity_report.told import Told
from edepot.messages import Words, as_json
from formats.spelling import shown

TEMPLATE = Path(__file__).parents[1] / "templates" / "fixity_report.typ"
STANDARDS: tuple[Literal["a-3a", "ua-1"], ...] = ("a-3a", "ua-1")
LABELS = (
    "coverage.title",
    "coverage.nothing",
    "card.title",
    "card.none",
    "card.means",
    "card.do",
    "card.command",
    "figure.title",
    "history.title",
    "attached",
)

# What the fonts in the typst wheel (Libertinus Serif, DejaVu Sans Mono) can show of the scripts
# of Europe, and of signs. Whatever else stands in a name is written as its escape: PDF/A allows
# no sign that has no picture.
SHOWABLE = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x24F), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A),
    (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1EFF),
    (0x2010, 0x2010), (0x2012, 0x2027), (0x2030, 0x203A), (0x2070, 0x2071), (0x2074, 0x208E),
    (0x20A0, 0x20BF), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2713, 0x2717),
)  # fmt: skip
_STARTS = [first for first, _ in SHOWABLE]


def render_pdf(told: Told, plain: dict[str, Any], words: Words, at: datetime) -> bytes:
    """The document; the same values at the same instant give the same bytes."""
    values: dict[str, Any] = asdict(told)
    values["mark"] = told.mark
    values["labels"] = {each: words(f"fixity_report.{each}") for each in LABELS}
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"report": json.dumps(printable(values)), "attachment": as_json(plain)},
        pdf_standards=[*STANDARDS],
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


def printable(value: Any) -> Any:
    """A value in which every text can be shown with the fonts that are there."""
    if isinstance(value, str):
        return _printable_text(value)
    if isinstance(value, dict):
        return {name: printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable(each) for each in value]
    return value


def _printable_text(text: str) -> str:
    composed = unicodedata.normalize("NFC", shown(text))
    if composed.isascii():
        return composed
    return "".join(each if _showable(ord(each)) else _escape(ord(each)) for each in composed)


def _showable(sign: int) -> bool:
    place = bisect_right(_STARTS, sign) - 1
    return place >= 0 and sign <= SHOWABLE[place][1]


def _escape(sign: int) -> str:
    return f"\\u{sign:04x}" if sign < 0x10000 else f"\\U{sign:08x}"
