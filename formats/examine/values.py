"""What an examination says of one file: whether it is sound, what it claims, what is in it."""

from dataclasses import dataclass, field
from enum import StrEnum

from formats.findings import Finding, finding


class Validity(StrEnum):
    """How sound a file is.

    VALID: judged against its whole standard. WELL_FORMED: its structure holds as far as its
    format lets us check; findings tell lesser flaws. INVALID: damaged. UNREADABLE: cannot be
    opened at all. NOT_CHECKED: nobody looked, or nobody could; never to be read as "fine".
    """

    VALID = "valid"
    WELL_FORMED = "well-formed"
    INVALID = "invalid"
    NOT_CHECKED = "not-checked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Examination:
    """One file examined.

    `claims` are the conformances that the file says it has ("pdfa-2b"), `proven` those that a
    validator granted. `encrypted`: the content cannot be read without a key. `active_content`
    names what could act ("macro", "javascript"), `embedded` the files within, `features` what
    else matters for keeping ("signature", "restricted", "form"). `detail` says why something
    was not checked.
    """

    path: str
    validity: Validity
    validator: str = ""
    claims: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    encrypted: bool = False
    active_content: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    detail: str = ""


MAX_SHOWN = 10
"""So many names or messages of one kind are shown; the rest is counted."""


@dataclass
class Notes:
    """What an examiner writes down while it looks at a file; becomes an Examination."""

    path: str
    validator: str = ""
    validity: Validity = Validity.NOT_CHECKED
    encrypted: bool = False
    detail: str = ""
    claims: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)

    def say(self, code: str, found: object = "", expected: object = "", part: str = "") -> None:
        """Note a finding about the file, or about a part of it."""
        where = f"{self.path}, {part}" if part else self.path
        self.findings.append(finding(code, where, found, expected))

    def sound(self) -> None:
        """Note that the structure holds, unless damage was noted before."""
        if self.validity is Validity.NOT_CHECKED:
            self.validity = Validity.WELL_FORMED

    def unreadable(self, words: object) -> None:
        """Note that the file cannot be opened at all."""
        self.validity = Validity.UNREADABLE
        self.say("F410", words)

    def damaged(self, words: object, part: str = "", code: str = "F411") -> None:
        """Note that the file opens but is damaged or cut short."""
        self.validity = Validity.INVALID
        self.say(code, words, part=part)

    def locked(self, words: str) -> None:
        """Note that the content cannot be read without a key."""
        self.encrypted = True
        self.validity = Validity.NOT_CHECKED
        self.detail = words
        self.say("F401", words)

    def unchecked(self, words: str) -> None:
        """Note why the file was not checked."""
        self.detail = words
        self.say("F429", words)

    def act(self, code: str, kind: str, found: str, part: str = "") -> None:
        """Note something that could act."""
        if kind not in self.active:
            self.active.append(kind)
        self.say(code, found, part=part)

    def tell_embedded(self) -> None:
        """Note the files within, if there are any."""
        if self.embedded:
            self.say("F407", some_of(self.embedded))

    def examination(self) -> Examination:
        """All that was noted."""
        return Examination(
            path=self.path,
            validity=self.validity,
            validator=self.validator,
            claims=tuple(self.claims),
            findings=tuple(self.findings),
            encrypted=self.encrypted,
            active_content=tuple(sorted(self.active)),
            embedded=tuple(self.embedded[:1000]),
            features=tuple(dict.fromkeys(self.features)),
            detail=self.detail,
        )


def some_of(names: list[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(each[:120] for each in names[:MAX_SHOWN])
    return shown if len(names) <= MAX_SHOWN else f"{shown} (+{len(names) - MAX_SHOWN})"
