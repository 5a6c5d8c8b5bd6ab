"""The words of a review: advice per item, remarks, and what the proposer answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

WHOLE = ""
"""Stands for the list as a whole where a dossier could stand."""


class AdviceKind(StrEnum):
    """What a reviewer advises on an item."""

    DESTROY = "destroy"
    KEEP = "keep"
    ASK = "ask"


class AnswerKind(StrEnum):
    """What the proposer does with an item on which there is a remark."""

    STAYS = "stays"
    OFF = "off"


class Because(StrEnum):
    """What the proposer records of an item that is taken off."""

    RULE = "rule"
    DATE = "date"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Advice:
    """What is advised on one item; keep and ask need a reason."""

    kind: AdviceKind
    reason: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether it has to be answered."""
        return self.kind is not AdviceKind.DESTROY


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered on one item: it stays, or is taken off because of a new rule, a new date or
    a hold (`reference`: which)."""

    kind: AnswerKind
    reason: str
    because: Because | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark that stands: by whom and as what, on which dossier (WHOLE: on the whole list)."""

    act: int
    person: str
    duty: str
    dossier: str
    kind: AdviceKind
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a thread: an advice or an answer, as it was said.

    `what`: the kind of advice or answer; `because` and `reference` of what was taken off.
    """

    person: str
    duty: str
    at: str
    what: str
    reason: str
    because: str = ""
    reference: str = ""


Advices = Mapping[str, Advice]
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reviewer says of a list.

    `count`: of an approval the number of items that the reviewer saw; it must be that of the list.
    `reason`: on the whole, and may be empty.
    """

    approves: bool
    advices: Advices = field(default_factory=dict)
    count: int | None = None
    reason: str = ""


def advices_plain(advices: Advices) -> dict[str, Any]:
    """Advices as they stand in an act."""
    return {
        dossier: {"advice": each.kind.value, "reason": each.reason}
        for dossier, each in advices.items()
    }


def answers_plain(answers: Answers) -> dict[str, Any]:
    """Answers as they stand in an act."""
    return {
        dossier: {
            "answer": each.kind.value,
            "reason": each.reason,
            "because": each.because.value if each.because else "",
            "reference": each.reference,
        }
        for dossier, each in answers.items()
    }
