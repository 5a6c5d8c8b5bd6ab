"""What a check of a copy came to, and what that rests on."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a check of a copy came to. Not checked is never intact, and a word is no reading."""

    INTACT = "intact"
    ATTESTED = "attested"
    DIFFERS = "differs"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_CHECKED = "not_checked"


WRONG = (Outcome.DIFFERS, Outcome.MISSING, Outcome.UNREADABLE)
"""The outcomes that ask for a repair."""


class Basis(StrEnum):
    """What an outcome rests on.

    `READ`: we read every byte. `CHALLENGE`: a party proved with a fresh nonce that it holds the
    bytes. `STATEMENT`: a party's signed word. `CHECKSUM`: what a store computed when the bytes
    came in. `NONE`: nothing was learnt.
    """

    READ = "read"
    CHALLENGE = "challenge"
    STATEMENT = "statement"
    CHECKSUM = "checksum"
    NONE = "none"
