"""The words of a format policy: levels, rules, layers, and a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from formats.errors import FormatsError

CONFORMANCE = "conformance"
ACTIVE = "active"
CONDITIONS = frozenset(
    (
        ACTIVE, "encrypted", "restricted", "macro", "javascript", "script", "program", "external",
        "dde", "launch", "open-action", "additional-actions", "submit-form", "import-data",
        "multimedia", "xfa", "embedded", "form", "signature", "portfolio", "extension-mismatch",
        "unknown", "not-checked", "invalid",
    )
)  # fmt: skip


class PolicyInvalid(FormatsError):
    """A policy file says something that cannot be: which setting, and what was expected."""


class Level(StrEnum):
    """How welcome a format is."""

    PREFERRED = "preferred"
    ACCEPTABLE = "acceptable"
    REVIEW = "review"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in its policy, the level it gives, and what must be proven for it.

    `require` holds "conformance" (whatever the file claims) or "conformance:pdfa-2b" (that one);
    without the proof the level is `otherwise`.
    """

    name: str
    level: Level
    require: tuple[str, ...] = ()
    otherwise: Level = Level.REVIEW


@dataclass(frozen=True, slots=True)
class Layer:
    """The rules of one policy file, by PUID: those for a PUID alone, and those of its groups."""

    id: str
    version: str
    by_puid: Mapping[str, Rule]
    by_group: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a receiver says of formats. `layers` stand with the most specific first."""

    id: str
    version: str
    dated: date | None
    layers: tuple[Layer, ...]
    default: Level
    deny_if: tuple[str, ...] = ()
    warn_if: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """How welcome one file's format is, by which rule of which policy, and what was not proven."""

    level: Level
    rule: str
    policy: str
    unmet: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.level.value}; {self.rule}; {self.policy}"
