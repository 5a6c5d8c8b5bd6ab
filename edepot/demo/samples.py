"""The files of a fictional dossier, one by one or by the thousand."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from edepot.demo.cases import Case, DossierKind, case_of
from edepot.demo.documents import DOCUMENTS, TYPICAL_BYTES, Document, FileKind
from edepot.demo.zipping import rezip

OFFICE_VARIANTS = 12
"""Of each slow office document so many are built; the others are these with their own number."""

_SLOW = frozenset({FileKind.DOCX, FileKind.ODT, FileKind.ODS})


@dataclass(frozen=True, slots=True)
class Sample:
    """One made file: which document of which case it is, its name, and its bytes."""

    document: Document
    case: Case
    name: str
    content: bytes


def samples_of(
    case: Case, count: int = 10, size_bytes: int = TYPICAL_BYTES, *, quick: bool = False
) -> tuple[Sample, ...]:
    """The first `count` files of the case's dossier; beyond ten the documents come round again.

    `quick` takes an office document of another case and gives it this case's number alone, which
    is good enough for quantities.
    """
    documents = DOCUMENTS[case.kind]
    made = []
    for position in range(count):
        again, place = divmod(position, len(documents))
        document = documents[place]
        source = _sibling(case, again)
        name = document.file_name if not again else f"{again + 1}-{document.file_name}"
        if quick and document.kind in _SLOW:
            content = _renumbered(document, source, size_bytes)
        else:
            content = document.make(source, size_bytes)
        made.append(Sample(document, case, name, content))
    return tuple(made)


def sample_files(
    kind: DossierKind,
    number: int,
    opened_on: date,
    *,
    count: int = 10,
    size_bytes: int = TYPICAL_BYTES,
) -> list[tuple[str, bytes]]:
    """Names and bytes of the files of dossier `number`: real, valid, and no two the same.

    Made for quantity: some six milliseconds a file; and the same arguments give the same bytes.
    """
    case = case_of(kind, number, opened_on)
    return [
        (sample.name, sample.content) for sample in samples_of(case, count, size_bytes, quick=True)
    ]


def make_samples(folder: Path, opened_on: date) -> tuple[Path, ...]:
    """Write all documents of one dossier of each kind below the folder; gives their paths."""
    paths = []
    for number, kind in enumerate(DossierKind, start=1):
        place = folder / kind.value
        place.mkdir(parents=True, exist_ok=True)
        for name, content in sample_files(kind, number, opened_on):
            (place / name).write_bytes(content)
            paths.append(place / name)
    return tuple(paths)


def _sibling(case: Case, again: int) -> Case:
    if not again:
        return case
    return case_of(case.kind, case.number + again * 1_000_000, case.opened_on, case.organisation)


def _renumbered(document: Document, case: Case, size_bytes: int) -> bytes:
    variant = case.number % OFFICE_VARIANTS
    model = case_of(case.kind, variant, case.opened_on, case.organisation)
    built = _built(document, model, size_bytes)
    return rezip(built, case.opened_on, {model.identifier: case.identifier})


@cache
def _built(document: Document, model: Case, size_bytes: int) -> bytes:
    return document.make(model, size_bytes)
