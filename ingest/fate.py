"""What becomes of a dossier, from all that was found about it."""

from collections.abc import Sequence

from formats.findings import has_errors
from ingest.agreement import Refuse
from ingest.inspect import Inspected
from ingest.intake import Tools
from ingest.prepare import Prepared
from ingest.receipt import Fate

QUARANTINE_CODES = frozenset({"F306", "F413", "I406", "I501", "I502"})
"""Findings after which nobody should open the file: malware, or a parser that it broke."""


def fate_of(inspected: Inspected, prepared: Prepared) -> Fate:
    """Whether a dossier can be stored, from all that was found about it."""
    found = [*prepared.own.get(inspected.sip.path, ()), *inspected.findings]
    if any(each.code in QUARANTINE_CODES for each in found):
        return Fate.QUARANTINED
    return Fate.REFUSED if has_errors(found) else Fate.STORED


def refused(fates: Sequence[Fate]) -> list[Fate]:
    """Those of the fates that keep a dossier out."""
    return [each for each in fates if each in (Fate.REFUSED, Fate.QUARANTINED)]


def all_or_nothing(fates: list[Fate], tools: Tools) -> list[Fate]:
    """The same fates, or all refused where one bad dossier refuses the whole delivery."""
    if tools.agreement.refuse is Refuse.DELIVERY and refused(fates):
        return [Fate.REFUSED if each is Fate.STORED else each for each in fates]
    return fates
