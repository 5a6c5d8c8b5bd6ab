"""The job that examines one file, in a child process."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from formats.examine.archive import (
    examine_closed_archive,
    examine_gzip,
    examine_tar,
    examine_zip,
)
from formats.examine.compound import examine_compound
from formats.examine.image import examine_image
from formats.examine.kinds import Kind
from formats.examine.mail import examine_mail
from formats.examine.markup import examine_svg, examine_xml
from formats.examine.office import examine_odf, examine_ooxml
from formats.examine.pdf import examine_pdf
from formats.examine.program import examine_program
from formats.examine.richtext import examine_rich_text
from formats.examine.text import examine_table, examine_text, examine_web_page
from formats.examine.values import Notes
from formats.guard import Kind as Standing
from formats.guard import Looked, look
from formats.plain import to_plain

EXAMINERS: Mapping[Kind, Callable[[Path, Notes], None]] = {
    Kind.PDF: examine_pdf,
    Kind.XML: examine_xml,
    Kind.SVG: examine_svg,
    Kind.HTML: examine_web_page,
    Kind.IMAGE: examine_image,
    Kind.ODF: examine_odf,
    Kind.OOXML: examine_ooxml,
    Kind.COMPOUND: examine_compound,
    Kind.MAIL: examine_mail,
    Kind.ZIP: examine_zip,
    Kind.TAR: examine_tar,
    Kind.GZIP: examine_gzip,
    Kind.CLOSED_ARCHIVE: examine_closed_archive,
    Kind.RICH_TEXT: examine_rich_text,
    Kind.TABLE: examine_table,
    Kind.TEXT: examine_text,
    Kind.PROGRAM: examine_program,
}


def examine_one(item: list[str]) -> dict[str, Any]:
    """The examination of [path, the sender's name, kind, format, refusal], as plain values.

    With a refusal nothing is opened: that is why nothing was checked.
    """
    path, name, kind, label, refusal = Path(item[0]), item[1], Kind(item[2]), item[3], item[4]
    notes = Notes(name)
    seen = look(path)
    if seen.kind is not Standing.FILE or refusal:
        notes.detail = refusal or seen.detail or seen.kind.value
    elif examiner := EXAMINERS.get(_by_bytes(kind, seen)):
        examiner(path, notes)
    else:
        notes.unchecked(label)
    plain: dict[str, Any] = to_plain(notes.examination())
    return plain


def _by_bytes(kind: Kind, seen: Looked) -> Kind:
    """The kind; what nobody recognised, or took for what it cannot be, goes by its first bytes."""
    if kind is Kind.OTHER and seen.zipped:
        return Kind.ZIP
    if kind is Kind.OTHER and seen.head.startswith(b"%PDF-"):
        return Kind.PDF
    if kind in (Kind.OTHER, Kind.OOXML) and seen.compound:
        return Kind.COMPOUND
    return kind
