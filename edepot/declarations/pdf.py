"""A declaration as PDF/A-3a and PDF/UA-1, with what was signed attached as JSON."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import typst

from edepot.declarations.told import DeclarationTold
from edepot.fixity_report.pdf import STANDARDS, printable

TEMPLATE = Path(__file__).parents[1] / "templates" / "declaration.typ"


def render_declaration(told: DeclarationTold, attachment: str, at: datetime) -> bytes:
    """The document; the same values at the same instant give the same bytes.

    `attachment`: the JSON that goes into the file (the declaration as it was signed).
    """
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={
            "declaration": json.dumps(printable(asdict(told))),
            "attachment": attachment,
        },
        pdf_standards=[*STANDARDS],
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
