"""A case as the date engine takes it, and the verdict that it gives: values only.

The form follows the vector file: rule, zaak, facts, policy. Dates are texts here, as a source gave
them: reading them strictly is part of the judgement, and a bad one is an error with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Decision(StrEnum):
    """What the engine says of a dossier."""

    DATED = "DATED"
    AWAITING = "AWAITING"
    KEEP = "KEEP"
    HUMAN = "HUMAN"
    ERROR = "ERROR"


class Trigger(StrEnum):
    """What starts the term: the ZGW standard's kinds (afleidingswijze), and the list's own."""

    CLOSED = "afgehandeld"
    PROPERTY = "eigenschap"
    MAIN_CASE = "hoofdzaak"
    RELATED_CASE = "gerelateerde_zaak"
    DECISION_STARTS = "ingangsdatum_besluit"
    DECISION_ENDS = "vervaldatum_besluit"
    TERM = "termijn"
    CASE_OBJECT = "zaakobject"
    OTHER_DATE = "ander_datumkenmerk"
    LIFE_OF_OBJECT = "bestaansduur_procesobject"
    BIRTH_DATE = "geboortedatum"


class Rounding(StrEnum):
    """Whether terms run to the year's end, and how (R26)."""

    NONE = "none"
    START_NEXT_YEAR = "start_next_year"
    CEIL_YEAR = "ceil_year"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a selection list, through a mapping, says of a dossier.

    `valuation`: "destroy", "keep", or "" where the list has none. `term`, `process_term`: ISO
    durations as given; None where there is none. `minimum`: "or as much longer as reasonable";
    `mixed`: parts have a term of their own; `documents`: rules per document type, if known.
    `name`: for the sentences ("2020, 11.1").
    """

    valuation: str = ""
    term: str | None = None
    trigger: str | None = None
    process_term: str | None = None
    minimum: bool = False
    mixed: bool = False
    documents: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    problem: str = ""
    """Why there is no rule, where there is none: a reason code (unmapped, lapsed, two lists)."""


@dataclass(frozen=True, slots=True)
class Zaak:
    """The dossier's own dates and result; `result` None: not said, False: none was set."""

    start: str | None = None
    end: str | None = None
    result: bool | None = None


@dataclass(frozen=True, slots=True)
class Besluit:
    """A decision of the dossier: from when it holds, and when it lapses."""

    ingang: str | None = None
    verval: str | None = None


@dataclass(frozen=True, slots=True)
class MainCase:
    """The main case (hoofdzaak): its end, and its own anchor where it has one."""

    end: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the dossier; None in a tuple is one whose date is not known."""

    property: str | None = None
    decisions: tuple[Besluit, ...] = ()
    objects: tuple[str | None, ...] = ()
    related: tuple[str | None, ...] = ()
    main: MainCase | None = None
    object_end: str | None = None
    birth: str | None = None
    manual_anchor: str | None = None
    extended_until: str | None = None
    exempt: bool = False
    minimum_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The choices of a zorgdrager that move a date (RulePolicy).

    `eligible`: "after" (the day after the end date) or "on". `verval_offset_days`: 0 or 1 (R11).
    `transfer_term`, `transfer_block`: ISO durations (R23). `name`: for the sentences.
    """

    rounding: Rounding = Rounding.NONE
    eligible: str = "after"
    verval_offset_days: int = 0
    transfer_term: str = "P20Y"
    transfer_block: str = "P10Y"
    name: str = "default"


@dataclass(frozen=True, slots=True)
class Case:
    """All that the engine is told."""

    rule: Rule = Rule()
    zaak: Zaak = Zaak()
    facts: Facts = Facts()
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True)
class Reason:
    """One step, or one obstacle: a code of reasons.toml and the values of its sentence."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine says, with a reason per step; the last reason is the one that decided.

    `end_date`: the last day of keeping. For KEEP: `transfer_on` and `transfer_latest`, and no end
    date. HUMAN may bear dates too: those that hold once a person has agreed.
    """

    decision: Decision
    reasons: tuple[Reason, ...]
    brondatum: date | None = None
    end_date: date | None = None
    eligible_from: date | None = None
    transfer_on: date | None = None
    transfer_latest: date | None = None
