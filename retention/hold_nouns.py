"""The nouns of holds: what a hold covers, the hold itself, and how its dossiers stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Integer, Row, Table, Text

from retention.nouns import HoldKind, Role
from storage.database import METADATA
from storage.ledger import canonical

ROLES = (Role.HOLD_OFFICER, Role.ARCHIVIST)
"""Who may place a hold, ask for its release, and answer that."""

# Everything that a person did with a hold or an exemption, signed with the person's own key. Rows
# are added, never edited; of a row only reason and salt can be erased.
HOLD_ACTS = Table(
    "hold_acts",
    METADATA,
    Column("number", Integer, primary_key=True),
    # The hold's id, or "exemption:" and its number.
    Column("object", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("mandate", Integer, nullable=False),
    Column("at", Text, nullable=False),
    # Canonical JSON of what was signed; of what can be erased a salted SHA-256 stands in it.
    Column("said", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("salt", Text, nullable=False),
)

# Whose number stands in the words of a dossier, as a keyed hash.
HOLD_MARKS = Table(
    "hold_marks",
    METADATA,
    Column("dossier", Text, primary_key=True),
    Column("person", Text, primary_key=True),
)


class HoldState(StrEnum):
    """How far a hold is; a hold whose release was only asked for holds as before."""

    ACTIVE = "active"
    RELEASE_ASKED = "release_asked"
    RELEASED = "released"


class HoldAct(StrEnum):
    """What a person did with a hold."""

    PLACE = "place"
    ADD = "add"
    REVIEW = "review"
    ASK = "ask_release"
    REFUSE = "refuse_release"
    RELEASE = "agree_release"


REVIEW_DAYS: Mapping[HoldKind, int] = {
    HoldKind.WOO: 182,
    HoldKind.AVG: 91,
    HoldKind.OBJECTION: 365,
    HoldKind.CLAIM: 365,
    HoldKind.INQUIRY: 365,
    HoldKind.HOTSPOT: 365,
    HoldKind.OTHER: 182,
}
"""After how many days a person looks whether a hold is still needed, where no day was given."""


LEGAL_BASIS: Mapping[HoldKind, str] = {
    HoldKind.WOO: "Woo, artikel 4.1a",
    HoldKind.AVG: "AVG, artikel 15 en 18, lid 1",
    HoldKind.OBJECTION: "Awb, hoofdstukken 6 tot en met 8",
}
"""The ground of the kinds that have a fixed one, where no other was given."""


def default_review(kind: HoldKind, today: date) -> date:
    """The day to look again at a hold of this kind that is placed today."""
    return today + timedelta(days=REVIEW_DAYS[kind])


@dataclass(frozen=True, slots=True)
class Query:
    """Which dossiers: all that is said must fit, and what is not said ("") always does.

    `words`, `address`: looked for as in `edepot find`, and within other words. `zaaktype`: a part
    of its name. The period: dossiers that were open on a day of it, ISO dates. `category`: with
    all that is below it ("11" covers 11.1.2); of `list_year` alone where that is said.
    """

    words: str = ""
    address: str = ""
    zaaktype: str = ""
    period_from: str = ""
    period_to: str = ""
    list_year: str = ""
    category: str = ""

    def plain(self) -> dict[str, str]:
        """What is said, for JSON."""
        return {name: said for name in self.__slots__ if (said := getattr(self, name).strip())}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a hold covers: any of these.

    `families`: dossiers with all that they are part of, and every part of that. `objects`:
    "registry:id". `persons`: keyed hashes (retention/hold_keys.py), never a number.
    """

    dossiers: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    query: Query = Query()

    def plain(self) -> dict[str, Any]:
        """The scope as JSON values; what is empty is left out."""
        said: dict[str, Any] = {
            name: sorted(set(told)) for name in _NAMES if (told := getattr(self, name))
        }
        query = self.query.plain()
        return said | ({"query": query} if query else {})

    @property
    def kinds(self) -> tuple[str, ...]:
        """By what it was chosen: dossiers, families, objects, persons, query."""
        return tuple(self.plain())

    @property
    def grows(self) -> bool:
        """Whether a dossier that comes later can fall under it by itself."""
        return set(self.kinds) != {"dossiers"}


_NAMES = ("dossiers", "families", "objects", "persons")


def scope_text(scope: Scope) -> str:
    """A scope as it is stored: canonical JSON."""
    return canonical(scope.plain())


def read_scope(text: str) -> Scope:
    """A stored scope."""
    said = json.loads(text)
    return Scope(
        **{name: tuple(said.get(name, ())) for name in _NAMES},
        query=Query(**said.get("query", {})),
    )


class Standing(StrEnum):
    """How a dossier stands when a hold is placed on it."""

    HELD = "held"
    LEFT_LIST = "left_list"
    BEGUN = "destruction_begun"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Member:
    """A dossier under a hold, and what the hold came to.

    `why`: by which part of the scope; "family" for one that only belongs to a member. `list`: the
    list that it left, that is destroying it, or that destroyed it. `at`: when destruction began,
    or was done; of BEGUN `gone` of `total` copies are gone.
    """

    dossier: str
    standing: Standing
    why: str
    list: str = ""
    at: str = ""
    gone: int = 0
    total: int = 0
    declaration: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold (blokkade, vernietigingsstop): it ends through two people, never by itself.

    `members`: only of a hold that was just placed or added to: how those dossiers stand.
    """

    id: str
    zorgdrager: str
    kind: HoldKind
    scope: Scope
    reason: str
    legal_basis: str
    reference: str
    placed_by: str
    placed_at: str
    review_on: date
    state: HoldState
    asked_by: str
    asked_at: str
    released_by: str
    released_at: str
    members: tuple[Member, ...] = ()


def hold_of(row: Row[Any]) -> Hold:
    """A row as a hold."""
    return Hold(
        id=row.id,
        zorgdrager=row.zorgdrager,
        kind=HoldKind(row.kind),
        scope=read_scope(row.scope),
        reason=row.reason,
        legal_basis=row.legal_basis,
        reference=row.reference,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        review_on=date.fromisoformat(row.review_on),
        state=HoldState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        released_by=row.released_by,
        released_at=row.released_at,
    )
