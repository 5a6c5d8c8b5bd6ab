"""A run's results as lines: what the Merkle root of a run is over, and what a proof hands out."""

import hashlib
import json
from typing import Any

from formats.findings import Finding, Severity, finding
from storage.ledger import canonical

FORM = 1


def result_line(row: Any) -> str:
    """One row of ITEMS as a canonical JSON line; without what a person wrote or may be called.

    Keys: v, run, n, kind, store, key, aip, version, size, expected, found, outcome, basis, read
    (bytes), at, codes, and said: the SHA-256 of the findings as they stand in the row, "" for none.
    """
    said = hashlib.sha256(row.findings.encode("utf-8")).hexdigest() if row.findings else ""
    return canonical(
        {
            "v": FORM,
            "run": row.run,
            "n": row.number,
            "kind": row.kind,
            "store": row.store,
            "key": row.key,
            "aip": row.aip_id,
            "version": row.version,
            "size": row.size_bytes,
            "expected": row.expected,
            "found": row.found,
            "outcome": row.outcome,
            "basis": row.basis,
            "read": row.read_bytes,
            "at": row.checked_at,
            "codes": _codes(row.findings) if row.findings else [],
            "said": said,
        }
    )


def findings_text(findings: tuple[Finding, ...]) -> str:
    """Findings as the tables keep them; "" for none."""
    if not findings:
        return ""
    said = [
        {
            "code": each.code,
            "where": each.where,
            "found": each.found,
            "expected": each.expected,
            "severity": each.severity.value,
        }
        for each in findings
    ]
    return json.dumps(said, ensure_ascii=False)


def read_findings(text: str) -> tuple[Finding, ...]:
    """The findings that `findings_text` wrote."""
    return tuple(
        finding(
            each["code"],
            each["where"],
            each["found"],
            each["expected"],
            severity=Severity(each["severity"]),
        )
        for each in (json.loads(text) if text else ())
    )


def _codes(text: str) -> list[str]:
    """The codes in a row's findings; of a text that is not in our form none, and `said` tells."""
    try:
        return [str(each["code"]) for each in json.loads(text)]
    except (ValueError, TypeError, LookupError):
        return []
