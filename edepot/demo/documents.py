"""What the dossier of each kind holds: ten documents, and how the file of each is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from math import sqrt

from edepot.demo import (
    office,
    pictures,
    plain_files,
    texts_complaint,
    texts_inspection,
    texts_permit,
    texts_subsidy,
)
from edepot.demo.cases import Case, DossierKind
from edepot.demo.papers import Enclosure, Mail, Paper, Sheet
from edepot.demo.pdf import Flavour, pdf
from edepot.demo.zipping import zip_of

TYPICAL_BYTES = 20_000
"""The size that a file is made for unless another is asked for: a hint, not a promise."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: extension, MIME type, and what PRONOM calls it."""

    extension: str
    mime: str
    puid: str
    name: str


class FileKind(Enum):
    """The kinds of file that we make."""

    PDF = Format("pdf", "application/pdf", "fmt/276", "Acrobat PDF 1.7")
    PDF_A2B = Format("pdf", "application/pdf", "fmt/477", "Acrobat PDF/A 2b")
    PDF_A3A = Format("pdf", "application/pdf", "fmt/479", "Acrobat PDF/A 3a")
    ODT = Format(
        "odt", "application/vnd.oasis.opendocument.text", "fmt/1756", "OpenDocument Text 1.3"
    )
    ODS = Format(
        "ods",
        "application/vnd.oasis.opendocument.spreadsheet",
        "fmt/1755",
        "OpenDocument Spreadsheet 1.3",
    )
    DOCX = Format(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "fmt/412",
        "Microsoft Word for Windows 2007 onwards",
    )
    XLSX = Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "fmt/214",
        "Microsoft Excel for Windows 2007 onwards",
    )
    EML = Format("eml", "message/rfc822", "fmt/950", "MIME Email 1.0")
    TIFF = Format("tif", "image/tiff", "fmt/353", "Tagged Image File Format")
    PNG = Format("png", "image/png", "fmt/13", "Portable Network Graphics 1.2")
    JPEG = Format("jpg", "image/jpeg", "fmt/43", "JPEG File Interchange Format 1.01")
    XML = Format("xml", "text/xml", "fmt/101", "Extensible Markup Language 1.0")
    CSV = Format("csv", "text/csv", "x-fmt/18", "Comma Separated Values")
    ZIP = Format("zip", "application/zip", "x-fmt/263", "ZIP Format")


Maker = Callable[[Case, int], bytes]
"""Makes a document's file for a case; the number is the size hint in bytes."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a dossier: the name of its file without extension, its title, its maker."""

    stem: str
    title: str
    kind: FileKind
    make: Maker

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return f"{self.stem}.{self.kind.value.extension}"


def _paper_pdf(text: Callable[[Case], Paper], flavour: Flavour = Flavour.PLAIN) -> Maker:
    return lambda case, _: pdf(text(case), flavour)


def _paper_odt(text: Callable[[Case], Paper]) -> Maker:
    return lambda case, _: office.odt(text(case))


def _paper_docx(text: Callable[[Case], Paper]) -> Maker:
    return lambda case, _: office.docx_file(text(case))


def _sheet_ods(table: Callable[[Case], Sheet]) -> Maker:
    return lambda case, _: office.ods(table(case))


def _sheet_xlsx(table: Callable[[Case], Sheet]) -> Maker:
    return lambda case, _: office.xlsx(table(case))


def _sheet_csv(table: Callable[[Case], Sheet]) -> Maker:
    return lambda case, _: plain_files.csv_file(table(case))


def _measurements(case: Case, size_bytes: int) -> bytes:
    return plain_files.csv_file(texts_inspection.measurements(case, size_bytes // 34))


def _message(case: Case, _: int) -> bytes:
    return plain_files.case_message(case)


def _site_plan(case: Case, size_bytes: int) -> bytes:
    return pictures.png(pictures.site_plan(case, _width(900, size_bytes)), case.title)


def _elevation(case: Case, size_bytes: int) -> bytes:
    return pictures.tiff(pictures.elevation(case, _width(1_400, size_bytes)), case.title)


def _photograph(case: Case, size_bytes: int) -> bytes:
    return pictures.jpeg(pictures.photograph(case, _width(480, size_bytes)), case.title)


def _scan(text: Callable[[Case], Paper]) -> Maker:
    return lambda case, size: pictures.tiff(pictures.scan(text(case), _width(45, size)), case.title)


def _scan_png(text: Callable[[Case], Paper]) -> Maker:
    return lambda case, size: pictures.png(pictures.scan(text(case), _width(45, size)), case.title)


def _drawings(case: Case, size_bytes: int) -> bytes:
    return zip_of(
        (
            ("tekeningen/situatie.png", _site_plan(case, size_bytes // 2)),
            ("tekeningen/voorgevel.tif", _elevation(case, size_bytes // 2)),
        ),
        case.opened_on,
    )


def _receipt_mail(case: Case, size_bytes: int) -> bytes:
    text = (
        f"Geachte {case.applicant.name},\n\n"
        f"Wij hebben uw aanvraag ontvangen onder zaaknummer {case.identifier}. Binnen acht weken "
        "krijgt u antwoord. De ingestuurde tekening vindt u in de bijlage.\n\n"
        f"Met vriendelijke groet,\n{case.handled_by.name}\n"
    )
    enclosure = Enclosure("situatie.png", "image/png", _site_plan(case, size_bytes // 2))
    sender = f"{case.handled_by.name} <vergunningen@{case.handled_by.domain}>"
    receiver = f"{case.applicant.name} <{case.applicant.email}>"
    subject = f"Ontvangst van uw aanvraag {case.identifier}"
    sent_at = _morning(case.opened_on)
    return plain_files.eml(
        Mail(sender, receiver, subject, sent_at, text, _message_id(case), (enclosure,))
    )


def _complaint_mail(case: Case, size_bytes: int) -> bytes:
    enclosure = Enclosure("foto.jpg", "image/jpeg", _photograph(case, size_bytes // 2))
    sender = f"{case.applicant.name} <{case.applicant.email}>"
    receiver = f"Klachten <klachten@{case.organisation.domain}>"
    text = texts_complaint.complaint_text(case)
    subject = f"Klacht: {case.subject}"
    sent_at = _morning(case.opened_on)
    return plain_files.eml(
        Mail(sender, receiver, subject, sent_at, text, _message_id(case), (enclosure,))
    )


def _message_id(case: Case) -> str:
    return f"{case.identifier}.{case.opened_on:%Y%m%d}@{case.organisation.domain}"


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), tzinfo=UTC)


def _width(typical: int, size_bytes: int) -> int:
    return max(typical // 4, int(typical * sqrt(size_bytes / TYPICAL_BYTES)))


DOCUMENTS: Mapping[DossierKind, tuple[Document, ...]] = {
    DossierKind.PERMIT: (
        Document(
            "besluit",
            "Besluit omgevingsvergunning",
            FileKind.PDF_A2B,
            _paper_pdf(texts_permit.decision, Flavour.A2B),
        ),
        Document(
            "aanvraagformulier",
            "Aanvraagformulier",
            FileKind.PDF,
            _paper_pdf(texts_permit.application),
        ),
        Document("situatietekening", "Situatietekening 1:500", FileKind.PNG, _site_plan),
        Document("geveltekening", "Geveltekening 1:100", FileKind.TIFF, _elevation),
        Document("ontvangstbevestiging", "Ontvangstbevestiging", FileKind.EML, _receipt_mail),
        Document(
            "welstandsadvies", "Welstandsadvies", FileKind.ODT, _paper_odt(texts_permit.advice)
        ),
        Document(
            "legesberekening", "Legesberekening", FileKind.XLSX, _sheet_xlsx(texts_permit.fees)
        ),
        Document("foto-perceel", "Foto van het perceel", FileKind.JPEG, _photograph),
        Document("aanvraagbericht", "Bericht uit het zaaksysteem", FileKind.XML, _message),
        Document("tekeningen", "Ingediende tekeningen", FileKind.ZIP, _drawings),
    ),
    DossierKind.SUBSIDY: (
        Document(
            "beschikking",
            "Beschikking subsidie",
            FileKind.PDF_A2B,
            _paper_pdf(texts_subsidy.grant, Flavour.A2B),
        ),
        Document(
            "activiteitenplan",
            "Activiteitenplan",
            FileKind.DOCX,
            _paper_docx(texts_subsidy.activity_plan),
        ),
        Document("begroting", "Begroting", FileKind.ODS, _sheet_ods(texts_subsidy.budget)),
        Document(
            "betalingen",
            "Overzicht van betalingen",
            FileKind.XLSX,
            _sheet_xlsx(texts_subsidy.payments),
        ),
        Document("ontvangstbevestiging", "Ontvangstbevestiging", FileKind.EML, _receipt_mail),
        Document("foto-activiteit", "Foto van de activiteit", FileKind.JPEG, _photograph),
        Document(
            "betalingen-export",
            "Export uit de financiële administratie",
            FileKind.CSV,
            _sheet_csv(texts_subsidy.payments),
        ),
        Document("aanvraagbericht", "Bericht uit het zaaksysteem", FileKind.XML, _message),
        Document(
            "plan-gescand",
            "Gescand activiteitenplan",
            FileKind.TIFF,
            _scan(texts_subsidy.activity_plan),
        ),
        Document(
            "activiteitenplan-afdruk",
            "Activiteitenplan als PDF",
            FileKind.PDF,
            _paper_pdf(texts_subsidy.activity_plan),
        ),
    ),
    DossierKind.COMPLAINT: (
        Document("klacht", "Klacht van de inwoner", FileKind.EML, _complaint_mail),
        Document(
            "afhandeling",
            "Afhandeling van de klacht",
            FileKind.PDF_A2B,
            _paper_pdf(texts_complaint.outcome, Flavour.A2B),
        ),
        Document(
            "gespreksverslag",
            "Verslag van het klachtgesprek",
            FileKind.ODT,
            _paper_odt(texts_complaint.hearing),
        ),
        Document(
            "onderzoek",
            "Onderzoek naar de klacht",
            FileKind.DOCX,
            _paper_docx(texts_complaint.investigation),
        ),
        Document(
            "ontvangstbevestiging",
            "Ontvangstbevestiging",
            FileKind.PDF,
            _paper_pdf(texts_complaint.confirmation),
        ),
        Document("foto", "Foto bij de klacht", FileKind.JPEG, _photograph),
        Document("klachtbericht", "Bericht uit het zaaksysteem", FileKind.XML, _message),
        Document(
            "bevestiging-gescand",
            "Gescande ontvangstbevestiging",
            FileKind.PNG,
            _scan_png(texts_complaint.confirmation),
        ),
        Document(
            "verslag-gescand",
            "Gescand gespreksverslag",
            FileKind.TIFF,
            _scan(texts_complaint.hearing),
        ),
        Document(
            "onderzoek-afdruk",
            "Onderzoek als PDF/A",
            FileKind.PDF_A2B,
            _paper_pdf(texts_complaint.investigation, Flavour.A2B),
        ),
    ),
    DossierKind.INSPECTION: (
        Document(
            "controlerapport",
            "Controlerapport milieu",
            FileKind.PDF_A3A,
            _paper_pdf(texts_inspection.report, Flavour.A3A),
        ),
        Document("meetgegevens", "Meetgegevens geluid", FileKind.CSV, _measurements),
        Document(
            "checklist",
            "Checklist van de toezichthouder",
            FileKind.ODS,
            _sheet_ods(texts_inspection.checklist),
        ),
        Document("foto-bedrijf", "Foto van het bedrijf", FileKind.JPEG, _photograph),
        Document("plattegrond", "Plattegrond van de inrichting", FileKind.PNG, _site_plan),
        Document(
            "aankondiging",
            "Aankondiging milieucontrole",
            FileKind.PDF,
            _paper_pdf(texts_inspection.announcement),
        ),
        Document(
            "uitkomst",
            "Uitkomst milieucontrole",
            FileKind.PDF_A2B,
            _paper_pdf(texts_inspection.closing, Flavour.A2B),
        ),
        Document("zaakbericht", "Bericht uit het zaaksysteem", FileKind.XML, _message),
        Document("tekeningen", "Tekeningen van de inrichting", FileKind.ZIP, _drawings),
        Document("correspondentie", "E-mail aan het bedrijf", FileKind.EML, _receipt_mail),
    ),
}
"""The documents of each kind of dossier, the most telling first."""
