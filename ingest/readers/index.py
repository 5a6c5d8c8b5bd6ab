"""A delivery of files with an index (CSV or XLSX), read by a mapping profile into dossiers."""

import difflib
import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from formats.digest import Algorithm, Digest
from formats.findings import Finding, Severity, finding
from formats.tools import Pool
from ingest.agreement import Agreement
from ingest.mapping import ExtraFiles, Item, MappingProfile
from ingest.readers.cells import read_size
from ingest.readers.claims import mime_in, read_digests
from ingest.readers.found import Found
from ingest.readers.index_mdto import Place, Reader, dossier_metadata, record_metadata
from ingest.readers.index_paths import PathFinder, PathFound, folder_in_common
from ingest.readers.index_rows import Index, MappedRow, read_index
from ingest.readers.names import folder_of, folders_of, is_junk, joined, name_of, stem_of
from ingest.readers.sips import names_below
from ingest.sip import Extract, Shape, Sip, SipFile, SipObject, StagedFile
from ingest.spreadsheet import is_spreadsheet

USUAL_NAMES = ("index", "inventaris", "metadata", "metagegevens", "overzicht", "lijst", "export")
GUESSES, GUESSED_AMONG = 20, 2_000
BY_LENGTH: Mapping[int, str] = {each.hex_length: each.value for each in Algorithm}


@dataclass(frozen=True, slots=True)
class Document:
    """A row of a document with the file that it names."""

    row: MappedRow
    file: StagedFile


@dataclass(slots=True)
class _Dossier:
    """One dossier of the index while it is read."""

    identifier: str
    rows: Sequence[MappedRow]
    findings: list[Finding] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IndexDelivery:
    """What an index delivery is read with; `sources` say something of every dossier."""

    files: Sequence[StagedFile]
    root: str
    profile: MappingProfile
    agreement: Agreement
    sources: Sequence[StagedFile] = ()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an index gave: the dossiers, and all files besides the index itself."""

    sips: tuple[Sip, ...]
    records: tuple[StagedFile, ...]


def find_index(delivery: IndexDelivery, found: Found) -> StagedFile | None:
    """The index: what the profile names, else the one spreadsheet nearest to the top."""
    files = delivery.files
    pattern = delivery.profile.file
    if pattern:
        fits = [each for each in files if _fits(each.path, pattern, delivery.root)]
    else:
        fits = _likely(files)
    if len(fits) == 1:
        return fits[0]
    if fits:
        shown = ", ".join(sorted(each.path for each in fits)[:10])
        found.add(finding("I241", delivery.root or "/", shown))
    else:
        found.add(finding("I240", delivery.root or "/", "-", pattern or "*.csv, *.xlsx"))
    return None


def read_indexed(delivery: IndexDelivery, pool: Pool, found: Found) -> Indexed:
    """The dossiers that the index of a delivery describes."""
    file = find_index(delivery, found)
    if file is None:
        return Indexed((), tuple(delivery.files))
    records = tuple(each for each in delivery.files if each is not file)
    index = read_index(file, delivery.profile, pool)
    for each in index.findings:
        found.add(each)
    if not index.dossiers:
        if not index.findings:
            found.add(finding("I220", file.path))
        return Indexed((), records)
    dossiers = [_Dossier(key, rows) for key, rows in index.dossiers.items()]
    _find_files(index, dossiers, records, folder_of(file.path), delivery)
    _check_sharing(index, dossiers)
    sips = _with_own_paths([_sip(index, each, delivery, len(dossiers) == 1) for each in dossiers])
    for dossier, sip in zip(dossiers, sips, strict=True):
        for one in dossier.findings:
            found.add(one, sip.objects[0].source)
    _report_extra(records, dossiers, sips, delivery, found)
    return Indexed(sips, records)


def _fits(path: str, pattern: str, root: str) -> bool:
    inner = path.removeprefix(root + "/") if root else path
    plain = pattern.replace("\\", "/").casefold()
    return fnmatch.fnmatchcase(inner.casefold(), plain) or (
        "/" not in plain and fnmatch.fnmatchcase(name_of(path).casefold(), plain)
    )


def _likely(files: Iterable[StagedFile]) -> list[StagedFile]:
    sheets = [each for each in files if is_spreadsheet(each.path) and not is_junk(each.path)]
    if not sheets:
        return []
    depth = min(each.path.count("/") for each in sheets)
    top = [each for each in sheets if each.path.count("/") == depth]
    usual = [each for each in top if stem_of(name_of(each.path)).casefold() in USUAL_NAMES]
    return usual or top


def _find_files(
    index: Index,
    dossiers: Sequence[_Dossier],
    records: Sequence[StagedFile],
    folder: str,
    delivery: IndexDelivery,
) -> None:
    bases = tuple(dict.fromkeys((folder, delivery.root, "")))
    finder = PathFinder(records, bases, delivery.profile.path_prefix)
    guess = _Guess([name_of(each.path) for each in records[:GUESSED_AMONG]])
    for dossier in dossiers:
        for row in dossier.rows:
            _find_file(index, dossier, row, finder, guess)


class _Guess:
    """Names that are nearly what a missing file is called, for the first that are missing."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._left = GUESSES

    def near(self, name: str) -> str:
        """The nearest name; "-" when there is none near enough, or enough were guessed."""
        if not self._left:
            return "-"
        self._left -= 1
        close = difflib.get_close_matches(name[:255], self._names, n=1, cutoff=0.8)
        return close[0] if close else "-"


def _find_file(
    index: Index, dossier: _Dossier, row: MappedRow, finder: PathFinder, guess: _Guess
) -> None:
    text = row.values.get(Item.PATH, "")
    place = index.place(row.number, Item.PATH)
    if not text:
        if any(item.of_document for item in row.values if row.values[item]):
            dossier.findings.append(finding("I247", place, "-", index.profile.columns[Item.PATH]))
        return
    meant = finder.find(text)
    problem = _path_problem(meant, text, place, guess)
    if problem is not None:
        dossier.findings.append(problem)
    if meant.file is not None:
        dossier.documents.append(Document(row, meant.file))


def _path_problem(meant: PathFound, text: str, place: str, guess: _Guess) -> Finding | None:
    if meant.unsafe:
        return finding("I252", place, text[:200])
    if meant.many:
        return finding("I251", place, text[:200], ", ".join(meant.many[:5]))
    if meant.file is None:
        return finding("I250", place, text[:200], guess.near(name_of(meant.path)))
    if meant.loose:
        return finding("I260", place, text[:200], meant.file.path)
    return None


def _check_sharing(index: Index, dossiers: Sequence[_Dossier]) -> None:
    """The same file twice: in one dossier and in several."""
    owners: dict[str, list[_Dossier]] = defaultdict(list)
    for dossier in dossiers:
        dossier.documents = list(_once(index, dossier))
        for each in dossier.documents:
            owners[each.file.path].append(dossier)
    for path, several in owners.items():
        for dossier in several if len(several) > 1 else ():
            others = ", ".join(each.identifier for each in several if each is not dossier)
            dossier.findings.append(finding("I261", path, others[:300]))


def _once(index: Index, dossier: _Dossier) -> Iterator[Document]:
    """Each file once: rows that say the same again are left out, rows that differ are told."""
    first: dict[str, Document] = {}
    for each in dossier.documents:
        before = first.setdefault(each.file.path, each)
        if before is each:
            yield each
            continue
        place = index.place(each.row.number, Item.PATH)
        mine, theirs = _of_document(each.row), _of_document(before.row)
        differing = [item.value for item in mine | theirs if mine.get(item) != theirs.get(item)]
        expected = index.place(before.row.number)
        if differing:
            columns = ", ".join(index.profile.columns.get(Item(i), i) for i in differing)
            dossier.findings.append(finding("I263", place, columns, expected))
        else:
            dossier.findings.append(finding("I262", place, each.file.path, expected))


def _of_document(row: MappedRow) -> dict[Item, str]:
    """What a row says of its document, apart from how it spells the path."""
    return {
        item: value
        for item, value in row.values.items()
        if item.of_document and item is not Item.PATH and value
    }


def _sip(index: Index, dossier: _Dossier, delivery: IndexDelivery, alone: bool) -> Sip:
    values = _agreed(index, dossier)
    first = dossier.rows[0].number
    where = index.place(first)
    rows_of = {item: row.number for row in reversed(dossier.rows) for item in row.values}
    read = Reader(
        values,
        lambda item: index.place(rows_of.get(item, first), item),
        delivery.profile,
        delivery.agreement,
        dossier.findings,
    )
    metadata = dossier_metadata(read, where)
    paths = [each.file.path for each in dossier.documents]
    folder = folder_in_common(paths)
    objects = [SipObject(folder, metadata, where)]
    files = tuple(_files(index, dossier, delivery, objects, folder))
    if not files:
        dossier.findings.append(finding("I220", where))
    return Sip(
        path=folder,
        shape=Shape.INDEX,
        objects=tuple(objects),
        files=files,
        sources=(*((index.file,) if alone else ()), *delivery.sources),
        extracts=() if alone else (_extract(index, dossier),),
    )


def _with_own_paths(sips: Sequence[Sip]) -> tuple[Sip, ...]:
    """Each dossier with a path of its own: its folder, or its row where folders are shared."""
    owners: dict[str, set[str]] = defaultdict(set)
    for sip in sips:
        for each in sip.files:
            for folder in folders_of(each.file.path):
                owners[folder].add(sip.objects[0].source)
    return tuple(
        sip
        if len(sips) == 1 or (sip.path and len(owners[sip.path]) == 1)
        else replace(sip, path=sip.objects[0].source)
        for sip in sips
    )


def _agreed(index: Index, dossier: _Dossier) -> dict[Item, str]:
    """What the rows say of the dossier: the first that says it; others must not differ."""
    values: dict[Item, str] = {}
    told: set[Item] = set()
    for row in dossier.rows:
        for item, value in row.values.items():
            if item.of_document or not value:
                continue
            if values.setdefault(item, value) != value and item not in told:
                told.add(item)
                place = index.place(row.number, item)
                dossier.findings.append(finding("I249", place, value[:150], values[item][:150]))
    return values


def _files(
    index: Index,
    dossier: _Dossier,
    delivery: IndexDelivery,
    objects: list[SipObject],
    folder: str,
) -> Iterator[SipFile]:
    """The files of the dossier; each document adds its object, one for the same identifier."""
    known: dict[str, int] = {}
    staged = [each.file for each in dossier.documents]
    names = names_below(folder, [each.path for each in staged])
    for document, file, name in zip(dossier.documents, staged, names, strict=True):
        values, number = document.row.values, document.row.number
        given = values.get(Item.DOCUMENT_ID, "")
        place = _placing(index, number)
        read = Reader(values, place, delivery.profile, delivery.agreement, dossier.findings)
        if not given or given not in known:
            identifier = given or f"{dossier.identifier}/{name}"
            title = values.get(Item.DOCUMENT_TITLE, "") or stem_of(name_of(name))
            metadata = record_metadata(read, objects[0].metadata, identifier, title)
            known[identifier] = len(objects)
            objects.append(SipObject(file.path, metadata, index.place(number), 0))
        record = known[given or f"{dossier.identifier}/{name}"]
        if file.sums.size_bytes == 0:
            dossier.findings.append(finding("I205", file.path))
        yield _file(read, file, name, record, index.place(number))


def _placing(index: Index, number: int) -> Place:
    return lambda item: index.place(number, item)


def _file(read: Reader, file: StagedFile, name: str, record: int, where: str) -> SipFile:
    digests: tuple[Digest, ...] = ()
    if value := read.text(Item.DIGEST):
        algorithm, _, rest = value.rpartition(":")
        named = read.text(Item.DIGEST_ALGORITHM) or algorithm or BY_LENGTH.get(len(value), value)
        place = read.place(Item.DIGEST)
        digests, findings = read_digests([((named,), rest)], place)
        read.findings.extend(findings)
    size = None
    if text := read.text(Item.SIZE):
        size = read_size(text)
        if size is None:
            read.findings.append(finding("I264", read.place(Item.SIZE), text[:50]))
    return SipFile(
        file=file,
        name_in_dossier=name,
        record=record,
        claimed_digests=digests,
        claimed_mime=mime_in(read.text(Item.MIME)),
        claimed_size_bytes=size,
        source=where,
    )


def _extract(index: Index, dossier: _Dossier) -> Extract:
    """The index's header and the rows of this dossier alone, as CSV in UTF-8."""
    lines = (index.header_line, *(row.line for row in dossier.rows))
    folder, name = folder_of(index.file.path), stem_of(name_of(index.file.path))
    return Extract(joined(folder, f"{name}.csv"), "".join(lines).encode())


def _report_extra(
    records: Sequence[StagedFile],
    dossiers: Sequence[_Dossier],
    sips: Sequence[Sip],
    delivery: IndexDelivery,
    found: Found,
) -> None:
    """Files that the index does not name: with the one dossier whose folder they lie in, if any."""
    taken: set[str] = set()
    homes: dict[str, set[str]] = defaultdict(set)
    for dossier, sip in zip(dossiers, sips, strict=True):
        for each in dossier.documents:
            taken.add(each.file.path)
            homes[folder_of(each.file.path)].add(sip.objects[0].source)
    leave_out = delivery.profile.extra_files is ExtraFiles.LEAVE_OUT
    severity = Severity.WARNING if leave_out else None
    for record in records:
        if record.path in taken:
            continue
        home = homes.get(folder_of(record.path), set())
        key = next(iter(home)) if len(home) == 1 else ""
        if is_junk(record.path):
            found.add(finding("I204", record.path), key)
        else:
            found.add(finding("I265", record.path, severity=severity), key)
