"""All checks and nothing stored: what a supplier runs before sending."""

from pathlib import Path

from ingest.fate import all_or_nothing, fate_of
from ingest.inspect import inspect_sips
from ingest.intake import Tools
from ingest.prepare import prepare
from ingest.receipt import Fate, Receipt, outcome_of


def check_only(source: Path, folder: Path, tools: Tools) -> Receipt:
    """All checks of `accept` on one delivery; nothing is stored and nothing is remembered.

    `folder` is an empty folder for the copy; the caller removes it.

    Raises: DeliveryUnreadable.
    """
    prepared = prepare(source, folder, tools, lambda _step: None)
    findings = list(prepared.findings)
    if prepared.stop is not None:
        return Receipt("", str(source), prepared.stop, (), tuple(findings))
    fates = [Fate.REFUSED for _ in prepared.lost]
    for share in inspect_sips(prepared.sips, tools):
        for each in share:
            findings.extend(each.findings)
            fates.append(fate_of(each, prepared))
    fates = all_or_nothing(fates, tools)
    return Receipt("", str(source), outcome_of(fates), (), tuple(findings))
