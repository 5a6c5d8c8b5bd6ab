"""A file of rules or mappings that is not taken in: what is wrong with it, on screen or as JSON."""

from collections.abc import Sequence

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD
from edepot.cli.session import Session
from formats.findings import Finding
from ingest.receipt import finding_plain


def refuse(session: Session, findings: Sequence[Finding]) -> None:
    """Tell every finding, and that nothing was taken in."""
    if session.as_json:
        plain = [finding_plain(each, session.lang) for each in findings]
        session.print_json({"version": None, "findings": plain})
        return
    show_findings(findings, session.screen(), every=True)
    session.screen().say(session.words("selection_list.not_imported"), BAD)
