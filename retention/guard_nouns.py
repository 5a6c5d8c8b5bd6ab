"""The words of the guards: when they are asked, about what, and what a refusal says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from retention.nouns import ListKind


class Stage(StrEnum):
    """When the guards are asked; SEAL is also the point of no return."""

    PROPOSE = "propose"
    SUBMIT = "submit"
    SIGN = "sign"
    START = "start"
    SEAL = "seal"


_FIRST = frozenset(f"G{number}" for number in range(1, 11))

GUARDS: Mapping[Stage, frozenset[str]] = {
    Stage.PROPOSE: _FIRST | {"G14"},
    Stage.SUBMIT: _FIRST | {"G14"},
    Stage.SIGN: _FIRST | {"G11", "G14"},
    Stage.START: _FIRST | {"G11", "G12", "G13", "G14"},
    Stage.SEAL: _FIRST | {"G11", "G12", "G13", "G14"},
}
"""Which guards count when. G14 is asked from the beginning: a dossier that the archive service owns
is no candidate either. G12 says nothing at the signing: the authorisation is what is being made."""


@dataclass(frozen=True, slots=True)
class ItemRef:
    """A dossier of a list, or one that is proposed for it; `list_id` "" for a list to be made."""

    list_id: str
    dossier: str
    zorgdrager: str
    kind: ListKind = ListKind.DESTROY


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which guard refuses, under which code, and a detail: an id, a date, a code, never a sentence.

    The codes (their sentences: `guard.<code>` of the messages): unknown, keep, not_destroy,
    no_date, changed, not_due, hold, exempt, family, minimum_unconfirmed, already_on_list,
    left_this_list, repair_running, one_zorgdrager, mixed, hash_mismatch, unsigned, waiting,
    expired, store_silent, transferred, destroyed, not_keep, not_transferred.
    """

    guard: str
    code: str
    detail: str = ""


Refusals = tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a leaf stands under a root: its number, how many there are, and the path (hex)."""

    index: int
    size: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSight:
    """What only the run knows.

    `inclusion`: the item's proof, made once for the whole list (`list_root.read_tree`); without it
    the root is computed anew for this one item. `answered`: the stores that are known and gave
    their inventory; None where they are not asked yet, and then G13 is not judged here.
    """

    inclusion: Inclusion | None = None
    answered: frozenset[str] | None = field(default=None)
