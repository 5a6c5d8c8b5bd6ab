"""Reports as files: a report of the same run is renewed, any other file is left alone."""

import os
import zipfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf

from edepot.errors import ExportRefused
from edepot.fixity_report.told import Told
from edepot.messages import Words

HEAD_BYTES = 64 * 1024


class ReportForm(StrEnum):
    """The form of a report as a file; the value is how its name ends."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


def target_of(told: Told, asked: Path, form: ReportForm, words: Words) -> Path:
    """Where a report goes: the file that is asked for, or a file of its own in a folder.

    Raises: ExportRefused when something else stands there, or there is no such folder.
    """
    named = f"{words('fixity_report.file')}-{told.run}.{form.value}"
    target = asked / named if asked.is_dir() else asked
    if not target.parent.is_dir():
        raise ExportRefused(target=target)
    if target.exists() and not is_report_of(told, target, form):
        raise ExportRefused(target=target)
    return target


def is_report_of(told: Told, target: Path, form: ReportForm) -> bool:
    """Whether a file is a report of this run, in this form."""
    if not target.is_file():
        return False
    if form is ReportForm.HTML:
        with target.open("rb") as stream:
            head = stream.read(HEAD_BYTES).decode("utf-8", "replace")
        return f'content="{escape(told.mark)}"' in head
    if form is ReportForm.PDF:
        with suppress(pikepdf.PdfError), pikepdf.open(target) as document:
            return str(document.docinfo.get("/Keywords", "")) == told.mark
        return False
    with suppress(zipfile.BadZipFile, KeyError), zipfile.ZipFile(target) as book:
        core = book.read("docProps/core.xml").decode("utf-8", "replace")
        return f"<cp:keywords>{escape(told.mark)}</cp:keywords>" in core
    return False


def put(content: bytes, target: Path) -> None:
    """Write a file whole or not at all."""
    beside = beside_of(target)
    try:
        beside.write_bytes(content)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def beside_of(target: Path) -> Path:
    """Where a file is written before it takes its place."""
    return target.with_name(f".{target.name}.{os.getpid()}")
