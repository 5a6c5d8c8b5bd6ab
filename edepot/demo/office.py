"""Papers and sheets as office files: ODT and ODS (odfdo), DOCX (python-docx), XLSX (xlsxwriter)."""

from datetime import UTC, date, datetime
from io import BytesIO

import docx
import odfdo
import xlsxwriter
from docx.document import Document as Docx
from docx.shared import Pt, RGBColor

from edepot.demo.papers import (
    Block,
    Cell,
    Heading,
    Items,
    Paper,
    Paragraph,
    Sheet,
    Table,
    dutch_date,
)
from edepot.demo.zipping import rezip


def odt(paper: Paper) -> bytes:
    """The paper as an OpenDocument text."""
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    for element in _odf_letterhead(paper):
        body.append(element)
    for block in paper.blocks:
        for element in _odf_block(block):
            body.append(element)
    for line in paper.signature:
        body.append(odfdo.Paragraph(line))
    return _odf_bytes(document, paper.title, paper.organisation.name, paper.written_on)


def ods(sheet: Sheet) -> bytes:
    """The sheet as an OpenDocument spreadsheet."""
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    table = odfdo.Table("Blad1")
    for values in (sheet.header, *sheet.rows):
        row = odfdo.Row()
        for column, value in enumerate(values):
            row.set_value(column, value)
        table.append_row(row)
    document.body.append(table)
    return _odf_bytes(document, sheet.title, sheet.author, sheet.made_on)


def docx_file(paper: Paper) -> bytes:
    """The paper as a Word document."""
    document = docx.Document()
    _describe_docx(document, paper)
    head = document.add_paragraph().add_run(paper.organisation.name)
    head.bold = True
    head.font.size = Pt(16)
    head.font.color.rgb = RGBColor.from_string(paper.organisation.colour.lstrip("#"))
    document.add_paragraph(f"{paper.organisation.address}, {paper.organisation.town}")
    for line in (*paper.addressee, "", *_reference_lines(paper)):
        document.add_paragraph(line).paragraph_format.space_after = Pt(0)
    document.add_heading(paper.title, level=1)
    for block in paper.blocks:
        _add_to_docx(document, block)
    for line in paper.signature:
        document.add_paragraph(line).paragraph_format.space_after = Pt(0)
    out = BytesIO()
    document.save(out)
    return rezip(out.getvalue(), paper.written_on)


def xlsx(sheet: Sheet) -> bytes:
    """The sheet as an Excel workbook; dates are Excel serial numbers with a Dutch layout."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties(
            {"title": sheet.title, "author": sheet.author, "created": _midnight(sheet.made_on)}
        )
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        page = book.add_worksheet("Blad1")
        page.write_row(0, 0, sheet.header, bold)
        page.set_column(0, len(sheet.header) - 1, 22)
        for number, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, column, _midnight(value), day)
                elif isinstance(value, str):
                    page.write_string(number, column, value)
                else:
                    page.write_number(number, column, value)
    return out.getvalue()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - office files know no zone


def _reference_lines(paper: Paper) -> tuple[str, ...]:
    lines = tuple(f"{label}: {value}" for label, value in paper.reference)
    return (f"{paper.organisation.town}, {dutch_date(paper.written_on)}", *lines)


def _odf_letterhead(paper: Paper) -> list[odfdo.Element]:
    sender = paper.organisation
    return [
        odfdo.Header(1, sender.name),
        odfdo.Paragraph(f"{sender.address}, {sender.town}"),
        *(odfdo.Paragraph(line) for line in paper.addressee),
        *(odfdo.Paragraph(line) for line in _reference_lines(paper)),
        odfdo.Header(1, paper.title),
    ]


def _odf_block(block: Block) -> list[odfdo.Element]:
    match block:
        case Heading(text):
            return [odfdo.Header(2, text)]
        case Paragraph(text):
            return [odfdo.Paragraph(text)]
        case Items(lines):
            return [odfdo.List(list(lines))]
        case Table(header, rows):
            return [_odf_table(header, rows)]


def _odf_table(header: tuple[Cell, ...], rows: tuple[tuple[Cell, ...], ...]) -> odfdo.Table:
    table = odfdo.Table("Tabel")
    for values in (header, *rows):
        row = odfdo.Row()
        for column, value in enumerate(values):
            row.set_value(column, value)
        table.append_row(row)
    return table


def _odf_bytes(document: odfdo.Document, title: str, author: str, made_on: date) -> bytes:
    instant = datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC)
    meta = document.meta
    meta.title = title
    meta.creator = author
    meta.initial_creator = author
    meta.creation_date = instant
    meta.date = instant
    meta.language = "nl-NL"
    document.set_language("nl-NL")
    out = BytesIO()
    document.save(out)
    return rezip(out.getvalue(), made_on, {'ion="1.4"': 'ion="1.3"'})


def _describe_docx(document: Docx, paper: Paper) -> None:
    instant = datetime(
        paper.written_on.year, paper.written_on.month, paper.written_on.day, tzinfo=UTC
    )
    about = document.core_properties
    about.title = paper.title
    about.author = paper.organisation.name
    about.last_modified_by = paper.organisation.name
    about.comments = ""
    about.language = "nl-NL"
    about.created = instant
    about.modified = instant


def _add_to_docx(document: Docx, block: Block) -> None:
    match block:
        case Heading(text):
            document.add_heading(text, level=2)
        case Paragraph(text):
            document.add_paragraph(text)
        case Items(lines):
            for line in lines:
                document.add_paragraph(line, style="List Bullet")
        case Table(header, rows):
            table = document.add_table(rows=0, cols=len(header), style="Light Grid Accent 1")
            for values in (header, *rows):
                for cell, value in zip(table.add_row().cells, values, strict=True):
                    cell.text = value
