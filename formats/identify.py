"""Identification: which PUID a file has by Siegfried and PRONOM, on what basis, how surely."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TypeVar

from formats.findings import Finding, finding
from formats.guard import extension_of
from formats.limits import PARSER_LIMITS
from formats.media import same_media
from formats.outcomes import Done, Outcome
from formats.plain import from_plain
from formats.second_sense import NO_HINT, Hint
from formats.tools import Pool

FILES_PER_BATCH = 64
SECONDS_PER_FILE = 20.0
JOB = "formats.siegfried:identify_one"


class Method(StrEnum):
    """What the identification rests on, from sure to unsure."""

    CONTAINER = "container"
    SIGNATURE = "signature"
    XML = "xml"
    TEXT = "text"
    EXTENSION = "extension"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Identification:
    """The format of one file, as the engine gave it.

    `path` is the file's name in the sender's words; `puid` is empty when the format is unknown.
    `basis` and `warnings` are the engine's own words; `hint` is libmagic's word, asked only when
    the engine is unsure. `scanned` is "full" or "head+tail". `error` says why there is no answer.
    """

    path: str
    puid: str = ""
    format_name: str = ""
    version: str = ""
    mime: str = ""
    basis: str = ""
    method: Method = Method.NONE
    warnings: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    extension_mismatch: bool = False
    hint: Hint = NO_HINT
    engine: str = ""
    signatures: str = ""
    scanned: str = "full"
    error: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether bytes of the format were recognised, not only a name or plain text."""
        return self.method in (Method.CONTAINER, Method.SIGNATURE, Method.XML)

    @property
    def hints(self) -> tuple[str, ...]:
        """The second sense in words: media type and encoding, where they were asked."""
        return tuple(each for each in (self.hint.mime, self.hint.encoding) if each)


def identify_files(pool: Pool, files: Iterable[tuple[Path, str]]) -> Iterator[Identification]:
    """The format of each file, in order. A file is where it stands, and its name with the sender.

    Raises: ToolUnavailable when the engine cannot be started at all.
    """
    first, second = _twice(files)
    batches = ([[str(path), name] for path, name in batch] for batch in _batches(first))
    outcomes = pool.run_items(JOB, batches, limits=PARSER_LIMITS, allow=lambda _: SECONDS_PER_FILE)
    for (_, name), outcome in zip(second, outcomes, strict=True):
        yield _read(name, outcome)


def check_claims(
    identification: Identification, claimed_mime: str | None, name: str
) -> list[Finding]:
    """The media type that the sender's metadata claim is the one of the format that we found."""
    found = identification.mime or identification.hint.mime
    claimed = (claimed_mime or "").split(";")[0].strip().lower()
    if not claimed or "/" not in claimed or not found or same_media(claimed, found):
        return []
    return [finding("F303", name, found, claimed)]


def _read(name: str, outcome: Outcome) -> Identification:
    if isinstance(outcome, Done):
        return from_plain(Identification, outcome.value)
    words = str(outcome)
    return Identification(name, error=words, findings=(finding("F306", name, words),))


Item = TypeVar("Item")


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while batch := list(islice(source, FILES_PER_BATCH)):
        yield batch


def _twice(files: Iterable[tuple[Path, str]]) -> tuple[Iterable[tuple[Path, str]], ...]:
    kept: Sequence[tuple[Path, str]] = files if isinstance(files, Sequence) else list(files)
    return kept, kept


__all__ = [
    "Identification",
    "Method",
    "check_claims",
    "extension_of",
    "identify_files",
]
