"""What is wrong with material: findings with a stable code, and the book that explains them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

PACKAGE_OF_LETTER: Mapping[str, str] = {
    "F": "formats",
    "S": "storage",
    "I": "ingest",
    "R": "retention",
    "E": "edepot",
}


class Severity(StrEnum):
    """How much a finding weighs: an ERROR refuses, a WARNING is told, INFO is for the record."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found in the material.

    `where` is in the sender's words: a path within the delivery, if need be followed by
    ", " and the element or line. `found` and `expected` are values (a name, a number, an
    element, a tool's own words), never sentences of ours: those stand in codes.toml.
    """

    code: str
    severity: Severity
    where: str
    found: str = ""
    expected: str = ""

    @property
    def reason(self) -> str:
        """The stable reason code, such as PATH_UNSAFE."""
        return code_of(self.code).reason


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a codes.toml: what a finding code means and what to do about it."""

    code: str
    reason: str
    severity: Severity
    source: str
    text: Mapping[str, str]
    advice: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding in words, in one language."""

    text: str
    advice: str
    source: str


def finding(
    code: str,
    where: str,
    found: object = "",
    expected: object = "",
    *,
    severity: Severity | None = None,
) -> Finding:
    """A finding with the severity that its code book gives, unless another is asked for."""
    book = code_of(code)
    return Finding(code, severity or book.severity, where, str(found), str(expected))


def explain(finding: Finding, lang: str = "nl") -> Explanation:
    """The finding in words. `lang` is "nl" or "en"."""
    code = code_of(finding.code)
    text = code.text[lang].format(
        where=finding.where, found=finding.found, expected=finding.expected
    )
    return Explanation(text, code.advice[lang], code.source)


def code_of(code: str) -> Code:
    """The book's entry for a code.

    Raises: KeyError when no package knows the code (a mistake of ours, never of the material).
    """
    return read_codes(PACKAGE_OF_LETTER[code[0]])[code]


@cache
def read_codes(package: str) -> Mapping[str, Code]:
    """All codes of one package, from its codes.toml and the codes_*.toml beside it."""
    found: dict[str, Code] = {}
    for file in sorted(files(package).iterdir(), key=lambda each: each.name):
        if file.name.startswith("codes") and file.name.endswith(".toml"):
            book = tomllib.loads(file.read_text("utf-8"))
            assert not found.keys() & book.keys(), f"{file.name} explains a code once more"
            found |= {code: _code(code, entry) for code, entry in book.items()}
    return found


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The heaviest severity among the findings; None when there are none."""
    order = list(Severity)
    return max((f.severity for f in findings), key=order.index, default=None)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding refuses."""
    return any(f.severity is Severity.ERROR for f in findings)


def _code(code: str, entry: Mapping[str, str]) -> Code:
    return Code(
        code=code,
        reason=entry["reason"],
        severity=Severity(entry["severity"]),
        source=entry["source"],
        text={"nl": entry["nl"], "en": entry["en"]},
        advice={"nl": entry["advice_nl"], "en": entry["advice_en"]},
    )
