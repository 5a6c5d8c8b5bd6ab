"""Reading a delivery: its shape recognised by content, its dossiers as SIPs, and what is wrong."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from formats.findings import Finding, finding
from formats.tools import Pool
from ingest.agreement import Agreement
from ingest.packing_slip import PackingSlip
from ingest.readers.bags import check_bag_in, with_bag
from ingest.readers.beside import Beside, compare_slip, read_beside, with_sources
from ingest.readers.found import Found
from ingest.readers.index import IndexDelivery, read_indexed
from ingest.readers.languages import Spoken, divide
from ingest.readers.linking import read_spoken
from ingest.readers.lost import Lost
from ingest.readers.names import is_junk, name_of
from ingest.readers.parts import Part, split_parts
from ingest.readers.sidecars import Sidecar, read_sidecars
from ingest.sip import Shape, Sip, StagedFile

LISTS_OF_BAG = ("manifest-", "tagmanifest-", "fetch.txt")
"""Tag files that name every file of a bag: not kept with one dossier out of many."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a delivery holds.

    `by_sip` are the findings of each dossier, in the order of `sips`; `common` concern no single
    dossier; `lost` are dossiers whose own metadata could not be read, with why. `mapping_bytes` is
    the mapping profile by which an index was read when it came with the agreement; one that lay
    in the delivery is among each dossier's sources.
    """

    shape: Shape | None
    sips: tuple[Sip, ...]
    by_sip: tuple[tuple[Finding, ...], ...]
    common: tuple[Finding, ...]
    lost: tuple[Lost, ...] = ()
    mapping_bytes: bytes = b""
    slip: PackingSlip | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, once."""
        lost = (one for each in self.lost for one in each.findings)
        each_sip = (one for each in self.by_sip for one in each)
        return tuple(dict.fromkeys((*self.common, *each_sip, *lost)))


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What every part is read with."""

    files: Sequence[StagedFile]
    agreement: Agreement
    beside: Beside
    name: str
    pool: Pool
    found: Found
    several: bool


@dataclass(slots=True)
class _Sum:
    """What the parts gave together."""

    sips: list[Sip]
    lost: list[Lost]
    plain: list[StagedFile]
    objects: int = 0
    described_files: int = 0


def read_delivery(
    files: Sequence[StagedFile],
    agreement: Agreement,
    pool: Pool,
    *,
    containers: Sequence[StagedFile] = (),
    name: str = ".",
) -> Reading:
    """The dossiers of a delivery, in any shape; `files` are all its files in staging.

    `containers` are the files that it came packed in, for their digests on a packing slip;
    `name` is the delivery in the sender's words, for findings about the whole.
    """
    found = Found()
    beside = read_beside(files, agreement, containers, name, pool, found)
    parts = split_parts([each for each in files if each.path not in beside.paths])
    given = _Delivery(files, agreement, beside, name, pool, found, len(parts) > 1)
    total = _Sum([], [], [])
    for part, sidecars in _by_part(parts, pool):
        _add_part(part, sidecars, given, total)
    counts = (total.objects, total.described_files, total.plain)
    compare_slip(beside, counts, containers, found)
    _check_shape(parts, total, given)
    _check_identifiers(total.sips, found)
    return _reading(parts, given, total)


def _by_part(parts: Sequence[Part], pool: Pool) -> list[tuple[Part, list[Sidecar]]]:
    """The sidecars of all parts, read in one go so that small bags do not each wait for a child."""
    read = read_sidecars([each for part in parts for each in part.candidates], pool)
    return [(part, [next(read) for _ in part.candidates]) for part in parts]


def _add_part(part: Part, sidecars: Sequence[Sidecar], given: _Delivery, total: _Sum) -> None:
    sips: list[Sip] = []
    if given.agreement.shape is Shape.INDEX:
        sidecars = []
    for spoken in divide(part, sidecars, given.found):
        if spoken.language is None:
            sips.extend(_read_silent(spoken, given, total))
            continue
        read = read_spoken(spoken, given.agreement, given.found)
        sips.extend(read.sips)
        total.lost.extend(read.lost.lost(given.found))
        total.objects += read.objects
        total.described_files += read.described_files
        total.plain.extend(each.file for each in spoken.files)
    if part.bag is not None:
        checked = check_bag_in(part.bag, given.files, given.name)
        sips = [_without_lists(each, len(sips)) for each in with_bag(sips, checked, given.found)]
    total.sips.extend(sips)


def _read_silent(spoken: Spoken, given: _Delivery, total: _Sum) -> tuple[Sip, ...]:
    """A part without sidecars: read by an index, or not at all."""
    profile = given.beside.profile
    wanted = [each.file for each in spoken.files if not is_junk(each.at)]
    if profile is None or given.agreement.shape not in (None, Shape.INDEX, Shape.BAG):
        _tell_silent(spoken, wanted, given)
        return ()
    delivery = IndexDelivery(
        files=[each.file for each in spoken.files],
        root=spoken.root,
        profile=profile,
        agreement=given.agreement,
        sources=spoken.tags,
    )
    indexed = read_indexed(delivery, given.pool, given.found)
    total.objects += sum(len(each.objects) for each in indexed.sips)
    total.described_files += sum(len(each.files) for each in indexed.sips)
    total.plain.extend(indexed.records)
    return indexed.sips


def _tell_silent(spoken: Spoken, wanted: Sequence[StagedFile], given: _Delivery) -> None:
    """Nothing says what these files are: each is told when the rest of the delivery is known."""
    if given.several and spoken.bag is None:
        for each in wanted:
            given.found.add(finding("I206", each.path))
    elif wanted or not spoken.files:
        given.found.add(finding("I201", spoken.bag or given.name, len(wanted)))
    for placed in spoken.files:
        if is_junk(placed.at):
            given.found.add(finding("I204", placed.file.path))


def _without_lists(sip: Sip, dossiers: int) -> Sip:
    """One dossier out of many does not keep what names the files of the others."""
    if dossiers < 2:
        return sip
    kept = (each for each in sip.sources if not name_of(each.path).startswith(LISTS_OF_BAG))
    return replace(sip, sources=tuple(kept))


def _shape(parts: Sequence[Part], sips: Sequence[Sip]) -> Shape | None:
    if any(part.bag is not None for part in parts):
        return Shape.BAG
    shapes = [each.shape for each in sips]
    return max(set(shapes), key=shapes.count) if shapes else None


def _check_shape(parts: Sequence[Part], total: _Sum, given: _Delivery) -> None:
    agreed = given.agreement.shape
    shape = _shape(parts, total.sips)
    inner = {each.shape for each in total.sips}
    if agreed is None or shape is None or agreed is shape or inner == {agreed}:
        return
    given.found.add(finding("I200", given.name, shape.value, agreed.value))


def _check_identifiers(sips: Sequence[Sip], found: Found) -> None:
    """A record or file of one dossier does not have the identifier of one in another.

    Within one dossier, and between dossiers themselves, the checks over SIPs see to it; documents
    that an index shares between dossiers were told already.
    """
    places: dict[tuple[str, str], list[tuple[Sip, str, bool]]] = defaultdict(list)
    for sip in sips:
        if sip.shape is Shape.INDEX:
            continue
        for number, each in enumerate(sip.objects):
            for one in each.metadata.identificatie:
                key = (one.identificatieKenmerk, one.identificatieBron)
                places[key].append((sip, each.source, number == 0))
        for file in sip.files:
            for one in file.metadata.identificatie if file.metadata is not None else ():
                key = (one.identificatieKenmerk, one.identificatieBron)
                places[key].append((sip, file.source, False))
    for (identifier, _), uses in places.items():
        if len(uses) > 1:
            _tell_twice(identifier, uses, found)


def _tell_twice(identifier: str, uses: Sequence[tuple[Sip, str, bool]], found: Found) -> None:
    first, where, is_dossier = uses[0]
    for sip, other, also_dossier in uses[1:]:
        if sip is not first and not (is_dossier and also_dossier):
            found.add(finding("I211", other, identifier, where), sip.objects[0].source)
            found.add(finding("I211", where, identifier, other), first.objects[0].source)


def _reading(parts: Sequence[Part], given: _Delivery, total: _Sum) -> Reading:
    sips = with_sources(total.sips, given.beside)
    told = given.found.by_dossier()
    keys = [each.objects[0].source for each in sips]
    lost = [replace(each, findings=told.get(each.source, ())) for each in total.lost]
    named = {*keys, *(each.source for each in lost)}
    common = [one for key, each in told.items() if key not in named for one in each]
    indexed = any(each.shape is Shape.INDEX for each in sips)
    return Reading(
        shape=_shape(parts, sips),
        sips=tuple(sips),
        by_sip=tuple(tuple(dict.fromkeys(told.get(key, ()))) for key in keys),
        common=tuple(dict.fromkeys(common)),
        lost=tuple(lost),
        mapping_bytes=given.agreement.mapping_bytes if indexed else b"",
        slip=given.beside.slip,
    )
