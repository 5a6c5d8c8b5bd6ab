"""The receipt: what became of a delivery, in values that the sender and the screen both read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from formats.findings import Finding, explain


class Outcome(StrEnum):
    """What became of a delivery as a whole."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    ALREADY_HELD = "already_held"


class Fate(StrEnum):
    """What became of one dossier."""

    STORED = "stored"
    ALREADY_HELD = "already_held"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class AipSummary:
    """An AIP that holds a dossier of the delivery; `copies` is the number of verified copies."""

    id: str
    identifier: str
    title: str
    files: int
    bytes: int
    copies: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The delivery's id, where it came from, its outcome, its AIPs and everything found."""

    delivery: str
    source: str
    outcome: Outcome
    aips: tuple[AipSummary, ...] = ()
    findings: tuple[Finding, ...] = ()


def receipt_plain(receipt: Receipt, lang: str = "nl") -> dict[str, Any]:
    """The receipt as JSON values; the advice in the language asked for."""
    return {
        "delivery": receipt.delivery,
        "source": receipt.source,
        "outcome": receipt.outcome.value,
        "aips": [
            {
                "id": aip.id,
                "identifier": aip.identifier,
                "title": aip.title,
                "files": aip.files,
                "bytes": aip.bytes,
                "copies": aip.copies,
            }
            for aip in receipt.aips
        ],
        "findings": [finding_plain(each, lang) for each in receipt.findings],
    }


def finding_plain(finding: Finding, lang: str = "nl") -> dict[str, str]:
    """A finding as JSON values, with its text and advice in words."""
    words = explain(finding, lang)
    return {
        "code": finding.code,
        "reason": finding.reason,
        "severity": finding.severity.value,
        "where": finding.where,
        "found": finding.found,
        "expected": finding.expected,
        "text": words.text,
        "advice": words.advice,
    }


def outcome_of(fates: list[Fate]) -> Outcome:
    """The outcome of a delivery from the fates of its dossiers (at least one)."""
    kinds = set(fates)
    if kinds == {Fate.ALREADY_HELD}:
        return Outcome.ALREADY_HELD
    if kinds <= {Fate.STORED, Fate.ALREADY_HELD}:
        return Outcome.ACCEPTED
    if kinds & {Fate.STORED, Fate.ALREADY_HELD}:
        return Outcome.PARTLY
    return Outcome.QUARANTINED if Fate.QUARANTINED in kinds else Outcome.REFUSED
