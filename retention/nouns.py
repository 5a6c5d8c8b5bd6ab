"""The nouns of retention: roles and duties, states of lists, items and dossiers, who acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine


class Role(StrEnum):
    """What a mandate lets a person do for one zorgdrager."""

    EMPLOYEE = "div-medewerker"
    RECORD_MANAGER = "recordmanager"
    PROCESS_OWNER = "proceseigenaar"
    ARCHIVIST = "archivaris"
    SIGNATORY = "ondertekenaar"
    EXECUTOR = "uitvoerder"
    HOLD_OFFICER = "houder-blokkades"
    AUDITOR = "auditor"
    ADMINISTRATOR = "technisch-beheerder"


class Duty(StrEnum):
    """What a person was for one list. PROPOSER to SIGNATORY exclude each other, for ever."""

    PROPOSER = "proposer"
    REVIEWER = "reviewer"
    CO_REVIEWER = "co_reviewer"
    ARCHIVIST = "archivist"
    SIGNATORY = "signatory"
    EXECUTOR = "executor"


class DossierState(StrEnum):
    """What has become of a dossier."""

    HERE = "here"
    SEALED = "sealed"
    DESTROYING = "destroying"
    HALTED = "halted"
    DESTROYED = "destroyed"
    TRANSFERRED = "transferred"
    RELEASED = "released"


class ListKind(StrEnum):
    """What a disposal list is for: to destroy, to hand over, or to clear what was handed over."""

    DESTROY = "destroy"
    TRANSFER = "transfer"
    RELEASE = "release"


OPEN_AGAIN: Mapping[ListKind, DossierState] = {
    ListKind.DESTROY: DossierState.HERE,
    ListKind.TRANSFER: DossierState.HERE,
    ListKind.RELEASE: DossierState.TRANSFERRED,
}
"""What a dossier is again when the run of a list lets it go: what was transferred stays so."""


class ListState(StrEnum):
    """How far a list is (see the transitions in retention/transitions.py)."""

    CONCEPT = "concept"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    REVIEWED = "reviewed"
    AT_ARCHIVIST = "at_archivist"
    TO_SIGN = "to_sign"
    WAITING = "waiting"
    EXECUTING = "executing"
    PARTIALLY_EXECUTED = "partially_executed"
    VERIFYING = "verifying"
    EXECUTED = "executed"
    DECLARED = "declared"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


FINAL = (ListState.CLOSED, ListState.WITHDRAWN)
RUNNING = (ListState.EXECUTING, ListState.PARTIALLY_EXECUTED, ListState.VERIFYING)


class ItemState(StrEnum):
    """How far one dossier of a list is. From DESTROYING there is no way back but a repair."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    APPROVED = "approved"
    SEALED = "sealed"
    DESTROYING = "destroying"
    HALTED = "halted"
    NEEDS_OPERATOR = "needs_operator"
    DESTROYED = "destroyed"
    LEFT = "left_list"


ON_LIST = (
    ItemState.PROPOSED,
    ItemState.AGREED,
    ItemState.APPROVED,
    ItemState.SEALED,
    ItemState.DESTROYING,
    ItemState.HALTED,
    ItemState.NEEDS_OPERATOR,
)
"""The states in which a dossier counts as being on the list, so that no other list may take it."""


class HoldKind(StrEnum):
    """Why destruction is stopped."""

    WOO = "woo"
    AVG = "avg"
    OBJECTION = "bezwaar-beroep"
    CLAIM = "claim"
    INQUIRY = "onderzoek"
    HOTSPOT = "hotspot-in-onderzoek"
    OTHER = "anders"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a service of retention works with: the database, the clock, and chance.

    `salt` gives 32 fresh random bytes; `software` is the name and version of this program.
    `person_key`: under which a person's number is kept as a keyed hash; empty where the depot has
    no such key yet.
    """

    engine: Engine
    now: Callable[[], datetime]
    salt: Callable[[], bytes]
    software: str
    person_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """The natural person who acts: id ("p0001"), where from, and the hand that signs.

    `sign` gives the Ed25519 signature over bytes, in base64; it is checked against the public key
    that was registered for the person before anything counts.
    """

    person: str
    origin: str
    sign: Callable[[bytes], str]
