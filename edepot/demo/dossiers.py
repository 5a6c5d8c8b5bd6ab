"""A dossier as a supplier has it before it takes a shape: the case, and its files as records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from edepot.demo.cases import Case, DossierKind, case_of
from edepot.demo.documents import Format
from edepot.demo.papers import Organisation
from edepot.demo.samples import samples_of

Files = dict[str, bytes]
"""A delivery in memory: paths with "/" between the names, and their bytes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A record of one file; `number` is its place in the dossier, from 1."""

    number: int
    title: str
    name: str
    format: Format
    content: bytes

    @property
    def stem(self) -> str:
        """The file's name without its extension: also the name of the record's folder."""
        return self.name.rpartition(".")[0] or self.name


@dataclass(frozen=True, slots=True)
class Dossier:
    """A fictional dossier with its records."""

    case: Case
    pieces: tuple[Piece, ...]

    @property
    def folder(self) -> str:
        """The name of its folder: the case number."""
        return self.case.identifier

    def record_id(self, piece: Piece) -> str:
        """The identifier of a record."""
        return f"{self.case.identifier}-{piece.number:02d}"

    def file_id(self, piece: Piece) -> str:
        """The identifier of a record's file."""
        return f"{self.record_id(piece)}-b"


def dossier_of(
    kind: DossierKind, number: int, opened_on: date, owner: Organisation, count: int
) -> Dossier:
    """The dossier of a fictional case, with its first `count` files."""
    case = case_of(kind, number, opened_on, owner)
    pieces = (
        Piece(place, sample.document.title, sample.name, sample.document.kind.value, sample.content)
        for place, sample in enumerate(samples_of(case, count), start=1)
    )
    return Dossier(case, tuple(pieces))


def with_piece(dossier: Dossier, piece: Piece) -> Dossier:
    """The dossier with another record in the place that the piece's number says, or added."""
    kept = (each for each in dossier.pieces if each.number != piece.number)
    return replace(dossier, pieces=tuple(sorted((*kept, piece), key=lambda each: each.number)))


def renamed(dossier: Dossier, names: Sequence[str]) -> Dossier:
    """The dossier with other file names, in order; the rest of its files keep theirs."""
    pieces = list(dossier.pieces)
    for place, name in enumerate(names):
        pieces[place] = replace(pieces[place], name=name)
    return replace(dossier, pieces=tuple(pieces))


def end_of(term: str, start: date) -> date:
    """The day on which a term of whole years ends (29 February becomes 28 where it must)."""
    year = start.year + int(term.strip("PY"))
    leap_day = (start.month, start.day) == (2, 29)
    return date(year, 2, 28) if leap_day and year % 4 else start.replace(year=year)


def destroy_after(case: Case) -> date:
    """The day on which the case's retention term ends."""
    return end_of(case.category.term, case.closed_on)
