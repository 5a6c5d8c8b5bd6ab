"""Sidecars read in child processes: each is MDTO, ToPX, broken, or no sidecar after all.

A name only says what may be a sidecar; the namespace of the root element decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from lxml import etree

from formats.findings import Finding, finding
from formats.mdto import model as mdto
from formats.mdto.read import read_mdto
from formats.plain import from_plain, to_plain
from formats.tmlo import model as tmlo
from formats.tmlo.read import read_topx
from formats.tools import Done, Pool
from formats.xmldoc import MAX_BYTES, XmlRefused, local_name, namespace, parse_xml
from ingest.readers.nodes import Placed

SIDECARS_PER_BATCH = 48
HEAD_BYTES = 1_024
MDTO_MARK = "nationaalarchief.nl/mdto"
TOPX_MARK = "nationaalarchief.nl/topx"
ABOUT = {"informatieobject": "object", "aggregatie": "object", "bestand": "file"}
BARE_ROOTS = ("MDTO", "ToPX", "informatieobject", "bestand", "aggregatie")


class Language(StrEnum):
    """The two languages of sidecars; ANY is found out by looking (a bag's tag files)."""

    MDTO = "mdto"
    TOPX = "topx"
    ANY = "any"


class Nature(StrEnum):
    """What a file that may be a sidecar proved to be."""

    MDTO = "mdto"
    TOPX = "topx"
    BROKEN = "broken"
    FOREIGN = "foreign"


Value = mdto.Informatieobject | mdto.Bestand | tmlo.Aggregatie | tmlo.Bestand

KINDS: Mapping[tuple[str, str], type] = {
    ("mdto", "Informatieobject"): mdto.Informatieobject,
    ("mdto", "Bestand"): mdto.Bestand,
    ("topx", "Aggregatie"): tmlo.Aggregatie,
    ("topx", "Bestand"): tmlo.Bestand,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a sidecar, by its name."""

    placed: Placed
    language: Language


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A candidate as it was read; `value` is None when it is broken or foreign.

    `about` says of a broken one whether it is about an "object" or a "file"; "" when unknown.
    """

    candidate: Candidate
    nature: Nature
    value: Value | None
    findings: tuple[Finding, ...]
    about: str = ""

    @property
    def placed(self) -> Placed:
        """The file and its place."""
        return self.candidate.placed


def read_sidecars(candidates: Sequence[Candidate], pool: Pool) -> Iterator[Sidecar]:
    """Every candidate as it was read, in the same order."""
    requests = [_request(each) for each in candidates]
    size = SIDECARS_PER_BATCH
    batches = (requests[start : start + size] for start in range(0, len(requests), size))
    shared = Sharing()
    outcomes = pool.run_items("ingest.readers.sidecars:read_sidecar", batches)
    for each, outcome in zip(candidates, outcomes, strict=True):
        if isinstance(outcome, Done):
            yield _sidecar(each, outcome.value, shared)
        else:
            found = finding("I203", each.placed.file.path, outcome)
            yield Sidecar(each, Nature.BROKEN, None, (found,))


def read_sidecar(request: Sequence[str]) -> dict[str, Any]:
    """In the child: read one [staged path, where, language]."""
    staged, where, language = request
    with Path(staged).open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if language != Language.ANY.value and (answer := _at_once(content, where)):
        return answer
    nature, about = _nature(content, Language(language))
    if nature is Nature.FOREIGN:
        return _answer(nature, about, None, ())
    topx = nature is Nature.TOPX or (nature is Nature.BROKEN and language == Language.TOPX.value)
    document = read_topx(content, where) if topx else read_mdto(content, where)
    if document.root is None:
        nature = Nature.BROKEN
    return _answer(nature, about, document.root, document.findings)


def _at_once(content: bytes, where: str) -> dict[str, Any]:
    """The answer for what is plainly good MDTO, parsed once; empty for all that needs a look."""
    if MDTO_MARK.encode() not in content[:HEAD_BYTES]:
        return {}
    document = read_mdto(content, where)
    if document.root is None:
        return {}
    return _answer(Nature.MDTO, "", document.root, document.findings)


class Sharing:
    """One value for equal parts: a hundred thousand files name the same few terms and objects."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def file(self, value: mdto.Bestand) -> mdto.Bestand:
        """The same metadata, its repeated parts shared with those of other files."""
        return mdto.Bestand(
            identificatie=value.identificatie,
            naam=value.naam,
            omvang=value.omvang,
            bestandsformaat=self._one(value.bestandsformaat),
            checksum=tuple(
                mdto.Checksum(
                    self._one(each.checksumAlgoritme),
                    each.checksumWaarde,
                    self._one(each.checksumDatum),
                )
                for each in value.checksum
            ),
            isRepresentatieVan=self._one(value.isRepresentatieVan),
            URLBestand=value.URLBestand,
        )

    def _one(self, value: Any) -> Any:
        return self._known.setdefault(value, value)


def _request(each: Candidate) -> list[str]:
    file = each.placed.file
    return [str(file.staged), file.path, each.language.value]


def _sidecar(each: Candidate, answer: Mapping[str, Any], shared: Sharing) -> Sidecar:
    findings = tuple(from_plain(Finding, one) for one in answer["findings"])
    value: Value | None = None
    if answer["value"] is not None:
        value = from_plain(KINDS[answer["nature"], answer["kind"]], answer["value"])
    if isinstance(value, mdto.Bestand):
        value = shared.file(value)
    return Sidecar(each, Nature(answer["nature"]), value, findings, answer["about"])


def _answer(
    nature: Nature, about: str, value: Value | None, findings: Iterable[Finding]
) -> dict[str, Any]:
    return {
        "nature": nature.value,
        "about": about,
        "kind": type(value).__name__ if value is not None else "",
        "value": to_plain(value),
        "findings": [to_plain(each) for each in findings],
    }


def _nature(content: bytes, language: Language) -> tuple[Nature, str]:
    """What the root element says; BROKEN when it is no XML or a sidecar without a namespace."""
    try:
        root = parse_xml(content)
    except XmlRefused:
        return (Nature.FOREIGN if language is Language.ANY else Nature.BROKEN), ""
    space = namespace(root).lower()
    about = _about(root)
    if MDTO_MARK in space:
        return Nature.MDTO, about
    if TOPX_MARK in space:
        return Nature.TOPX, about
    bare = not space and local_name(root) in BARE_ROOTS and language is not Language.ANY
    return (Nature.BROKEN if bare else Nature.FOREIGN), about


def _about(root: etree._Element) -> str:
    for element in (root, *root):
        if isinstance(element.tag, str) and local_name(element) in ABOUT:
            return ABOUT[local_name(element)]
    return ""
