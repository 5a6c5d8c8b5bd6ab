"""A list as PDF/A-3a and PDF/UA-1, with the canonical JSON in it where that is not too large."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from edepot.disposal_documents.told import ListTold
from edepot.fixity_report.pdf import STANDARDS, printable

TEMPLATE = Path(__file__).parents[1] / "templates" / "disposal_list.typ"
MOST_ATTACHED = 16 * 1024 * 1024
"""A larger JSON stands beside the document only; its digest is in it."""


def render_list(told: ListTold, attachment: str, labels: dict[str, str], at: datetime) -> bytes:
    """The document; the same values at the same instant give the same bytes."""
    values = printable(asdict(told) | {"labels": labels, "attached": bool(attachment)})
    values |= {name: _loose(values[name]) for name in _LOOSE}
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"list": json.dumps(values), "attachment": attachment},
        pdf_standards=[*STANDARDS],
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


def _loose(value: Any) -> Any:
    """A value in which a long name or digest may be broken: after a sign, or every 24 characters.

    Done here, because it takes the typesetter six times as long.
    """
    if isinstance(value, str):
        return _LONG.sub("\\g<0>\u200b", _JOINT.sub("\\g<0>\u200b", value))
    if isinstance(value, dict):
        return {name: _loose(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_loose(each) for each in value]
    return value


_LOOSE = ("facts", "people", "rules", "items", "left", "explained", "labels")
_JOINT = re.compile(r"[/_.\-](?=\w)")
_LONG = re.compile(r"[0-9A-Za-z+]{24}")
