"""Plain files: semicolon CSV, XML messages, and e-mail with enclosures."""

import csv
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import StringIO

from lxml import etree

from edepot.demo.cases import Case
from edepot.demo.papers import Cell, Mail, Sheet

MESSAGE_NAMESPACE = "https://zaakbericht.example/2024"
"""The namespace of our own case message: in the manner of StUF, but not StUF."""


def csv_file(sheet: Sheet, encoding: str = "utf-8") -> bytes:
    """The sheet as CSV as Dutch Excel writes it: semicolons, decimal comma, dd-mm-yyyy."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.header)
    writer.writerows([_dutch(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode(encoding)


def eml(mail: Mail) -> bytes:
    """The mail as an EML file (RFC 5322, MIME); the boundary follows from the message id."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.receiver
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = f"<{mail.message_id}>"
    message.set_content(mail.text)
    for enclosure in mail.enclosures:
        kind, _, subtype = enclosure.mime.partition("/")
        message.add_attachment(
            enclosure.content, maintype=kind, subtype=subtype, filename=enclosure.name
        )
    if message.is_multipart():
        message.set_boundary(f"=_{mail.message_id.partition('@')[0]}")
    return message.as_bytes()


def case_message(case: Case) -> bytes:
    """A message between systems about the case, as XML with dates as yyyymmdd."""
    name = f"{{{MESSAGE_NAMESPACE}}}"
    root = etree.Element(f"{name}zaakBericht", nsmap={"zkb": MESSAGE_NAMESPACE})
    guide = etree.SubElement(root, f"{name}stuurgegevens")
    _fill(guide, {"berichtcode": "Di01", "zender": "ZAAKSYSTEEM", "ontvanger": "DMS"})
    _fill(
        guide, {"referentienummer": f"{case.identifier}-0001", "tijdstip": _stamp(case.opened_on)}
    )
    body = etree.SubElement(root, f"{name}zaak")
    _fill(
        body,
        {
            "identificatie": case.identifier,
            "omschrijving": case.title,
            "zaaktype": case.kind.value,
            "registratiedatum": _stamp(case.opened_on),
            "einddatum": _stamp(case.closed_on),
            "resultaat": case.category.name,
            "selectielijstcategorie": case.category.number,
        },
    )
    applicant = etree.SubElement(body, f"{name}aanvrager")
    _fill(applicant, {"naam": case.applicant.name, "adres": case.applicant.street})
    _fill(applicant, {"postcode": case.applicant.postcode, "plaats": case.applicant.town})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _fill(parent: etree._Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        etree.SubElement(parent, f"{{{MESSAGE_NAMESPACE}}}{name}").text = value


def _stamp(day: date) -> str:
    return day.strftime("%Y%m%d")


def _dutch(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.strftime("%d-%m-%Y")
    if isinstance(cell, float):
        return f"{cell}".replace(".", ",")
    return str(cell)
