"""What the sender says of keeping, laid beside what the rule says: never a reason to destroy.

Where the sender keeps and the list destroys, or the sender's end date is another than ours, a
person has to look. The sender's statement is settled by taking it back, with a second person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from retention import terms
from retention.case import Decision, Reason, Verdict

KEEPS = "B"
UNDECIDED = "N"


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender's valuation (B, V, N), and where its term starts and ends; "" where not said."""

    valuation: str = ""
    start: str = ""
    end: str = ""

    def plain(self) -> Mapping[str, str]:
        """What of it stands in the inputs of a computation: nothing where it changes nothing."""
        said = {"valuation": self.valuation, "start": self.start, "end": self.end}
        return {name: value for name, value in said.items() if value and value != "V"}


def weigh(verdict: Verdict, sender: Sender) -> Verdict:
    """The verdict, but one for a person where the sender says otherwise.

    Only a verdict that would let a dossier go is weighed; dates stay, so that a person sees them.
    """
    if verdict.decision is not Decision.DATED:
        return verdict
    if sender.valuation == KEEPS:
        return _human(verdict, Reason("sender_keeps"))
    if sender.valuation == UNDECIDED:
        return _human(verdict, Reason("sender_undecided"))
    if sender.start and not _same(verdict.brondatum, sender.start):
        values = {"sender": sender.start, "anchor": _shown(verdict.brondatum)}
        return _human(verdict, Reason("sender_start_differs", values))
    if sender.end and not _same(verdict.end_date, sender.end):
        values = {"sender": sender.end, "end": _shown(verdict.end_date)}
        return _human(verdict, Reason("sender_differs", values))
    return verdict


def _human(verdict: Verdict, reason: Reason) -> Verdict:
    return replace(verdict, decision=Decision.HUMAN, reasons=(*verdict.reasons, reason))


def _same(ours: date | None, theirs: str) -> bool:
    try:
        return terms.read_day(theirs).last == ours
    except terms.NotADay:
        return False


def _shown(day: date | None) -> str:
    return day.isoformat() if day else "-"
