"""The packing slip (pakbon): what the sender says that the delivery holds, compared with what came.

There is no standard schema for a packing slip. This one is ours: every field that the MDTO SIP
specification asks for, in XML, in the namespace urn:edepot:pakbon:1. The root is `pakbon`.
Source: MDTO SIP-specificatie, pakbon.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from formats.digest import Algorithm, Digest, algorithm_named, hash_stream
from formats.findings import Finding, finding
from formats.plain import from_plain, to_plain
from formats.tools import Done, Pool
from formats.xmldoc import XmlRefused, local_name, namespace, parse_xml
from ingest.readers.names import folder_of, joined, name_of
from ingest.sip import StagedFile

NAMESPACE = "urn:edepot:pakbon:1"
SLIP_NAME = "pakbon.xml"
MAX_SLIP_BYTES = 64 * 1024 * 1024
SHOWN = 100

TEXTS = ("identificatie", "naam", "aangemaakt", "archiefvormer")
OPTIONAL_TEXTS = ("contactpersoon", "email", "bestemming", "bijzonderheden")
COUNTS = ("informatieobjecten", "bestanden", "gewoneBestanden", "omvang")
MEMBERS = (*TEXTS, *OPTIONAL_TEXTS, *COUNTS, "container", "bestand")


@dataclass(frozen=True, slots=True)
class SlipFile:
    """A line of the slip: a container or a file, its size in bytes and digest as far as given."""

    path: str
    size_bytes: int | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """What the sender says: counts, bytes, digests. `created` is the text of a moment.

    `plain_files` and `plain_bytes` count the files that are no metadata (no `.mdto.xml`).
    """

    identifier: str
    title: str
    created: str
    archiefvormer: str
    objects: int
    described_files: int
    plain_files: int
    plain_bytes: int
    contact: str = ""
    email: str = ""
    destination: str = ""
    remarks: str = ""
    containers: tuple[SlipFile, ...] = ()
    files: tuple[SlipFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came: counts of objects and described files, the files that are no metadata, and
    the containers that they were packed in. `slip_path` is where the slip lay."""

    slip_path: str
    objects: int
    described_files: int
    plain: Sequence[StagedFile]
    containers: Sequence[StagedFile] = ()


def slip_named(path: str) -> bool:
    """Whether a file of this name may be a packing slip: pakbon.xml or <name>.pakbon.xml."""
    name = name_of(path).lower()
    return name == SLIP_NAME or name.endswith("." + SLIP_NAME)


def read_slip(file: StagedFile, pool: Pool) -> tuple[PackingSlip | None, tuple[Finding, ...], bool]:
    """The slip in a file, read in a child; what is wrong with it; and whether it is a slip at all.

    A file of that name in another namespace is a record: no slip, no findings, False.
    """
    outcome = pool.call("ingest.packing_slip:read_slip_job", [str(file.staged), file.path])
    if not isinstance(outcome, Done):
        return None, (finding("I302", file.path, outcome),), True
    value = outcome.value
    slip = from_plain(PackingSlip, value["slip"]) if value["slip"] is not None else None
    return slip, tuple(from_plain(Finding, each) for each in value["findings"]), value["ours"]


def read_slip_job(request: Sequence[str]) -> dict[str, Any]:
    """In the child: read [staged path, where]."""
    staged, where = request
    with Path(staged).open("rb") as stream:
        content = stream.read(MAX_SLIP_BYTES + 1)
    try:
        root = parse_xml(content)
    except XmlRefused as refused:
        found = finding("I302", where, refused)
        return {"slip": None, "findings": [to_plain(found)], "ours": True}
    if namespace(root) != NAMESPACE or local_name(root) != "pakbon":
        return {"slip": None, "findings": [], "ours": False}
    slip, findings = parse_slip(root, where)
    return {
        "slip": to_plain(slip),
        "findings": [to_plain(each) for each in findings],
        "ours": True,
    }


def parse_slip(root: etree._Element, where: str) -> tuple[PackingSlip | None, list[Finding]]:
    """The slip in an element tree; None when something that every slip has is missing or wrong."""
    findings: list[Finding] = []
    texts = {name: _text(root, name) for name in (*TEXTS, *OPTIONAL_TEXTS, *COUNTS)}
    for element in root:
        if isinstance(element.tag, str) and local_name(element) not in MEMBERS:
            findings.append(_wrong(where, element, ", ".join(MEMBERS)))
    for name in TEXTS:
        if not texts[name]:
            findings.append(finding("I302", f"{where}, {name}", "-", name))
    for name in COUNTS:
        if not (texts[name].isascii() and texts[name].isdigit() and len(texts[name]) < 16):
            findings.append(finding("I302", f"{where}, {name}", texts[name][:SHOWN] or "-", "0-9"))
    containers = tuple(_lines(root, "container", where, findings))
    files = tuple(_lines(root, "bestand", where, findings))
    if any(each.code == "I302" for each in findings):
        return None, findings
    return _slip(texts, containers, files), findings


def slip_xml(slip: PackingSlip) -> bytes:
    """The slip as XML, the same bytes for the same slip."""
    root = etree.Element(f"{{{NAMESPACE}}}pakbon", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    for name, value in _fields(slip):
        if value != "":
            etree.SubElement(root, f"{{{NAMESPACE}}}{name}").text = str(value)
    for name, lines in (("container", slip.containers), ("bestand", slip.files)):
        for line in lines:
            element = etree.SubElement(root, f"{{{NAMESPACE}}}{name}", naam=line.path)
            if line.size_bytes is not None:
                element.set("omvang", str(line.size_bytes))
            if line.digest is not None:
                element.set("algoritme", line.digest.algorithm.value)
                element.set("controlesom", line.digest.value)
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


def check_slip(slip: PackingSlip, delivered: Delivered) -> Iterator[Finding]:
    """What came compared with what the slip says: counts, bytes, digests, and names if given."""
    where = delivered.slip_path
    plain_bytes = sum(each.sums.size_bytes for each in delivered.plain)
    compared = (
        ("I303", delivered.objects, slip.objects),
        ("I304", delivered.described_files, slip.described_files),
        ("I305", len(delivered.plain), slip.plain_files),
        ("I306", plain_bytes, slip.plain_bytes),
    )
    for code, came, said in compared:
        if came != said:
            yield finding(code, where, came, said)
    yield from _check_containers(slip, delivered)
    if slip.files:
        yield from _check_files(slip, delivered)


def _fields(slip: PackingSlip) -> Iterator[tuple[str, str | int]]:
    yield "identificatie", slip.identifier
    yield "naam", slip.title
    yield "aangemaakt", slip.created
    yield "archiefvormer", slip.archiefvormer
    yield "contactpersoon", slip.contact
    yield "email", slip.email
    yield "bestemming", slip.destination
    yield "informatieobjecten", slip.objects
    yield "bestanden", slip.described_files
    yield "gewoneBestanden", slip.plain_files
    yield "omvang", slip.plain_bytes
    yield "bijzonderheden", slip.remarks


def _slip(
    texts: Mapping[str, str], containers: tuple[SlipFile, ...], files: tuple[SlipFile, ...]
) -> PackingSlip:
    return PackingSlip(
        identifier=texts["identificatie"],
        title=texts["naam"],
        created=texts["aangemaakt"],
        archiefvormer=texts["archiefvormer"],
        objects=int(texts["informatieobjecten"]),
        described_files=int(texts["bestanden"]),
        plain_files=int(texts["gewoneBestanden"]),
        plain_bytes=int(texts["omvang"]),
        contact=texts["contactpersoon"],
        email=texts["email"],
        destination=texts["bestemming"],
        remarks=texts["bijzonderheden"],
        containers=containers,
        files=files,
    )


def _text(root: etree._Element, name: str) -> str:
    element = root.find(f"{{{NAMESPACE}}}{name}")
    return " ".join((element.text or "").split()) if element is not None else ""


def _lines(
    root: etree._Element, name: str, where: str, findings: list[Finding]
) -> Iterator[SlipFile]:
    for element in root.iterfind(f"{{{NAMESPACE}}}{name}"):
        path, size = element.get("naam", ""), element.get("omvang")
        if not path or (size is not None and not (size.isascii() and size.isdigit())):
            findings.append(_wrong(where, element, "naam, omvang"))
            continue
        digest = _digest(element, where, findings)
        yield SlipFile(path, int(size) if size is not None else None, digest)


def _digest(element: etree._Element, where: str, findings: list[Finding]) -> Digest | None:
    named, value = element.get("algoritme", ""), element.get("controlesom", "").strip().lower()
    if not named and not value:
        return None
    algorithm = algorithm_named(named)
    place = f"{where}, regel {element.sourceline}"
    if algorithm is None:
        known = ", ".join(each.value for each in Algorithm)
        findings.append(finding("I311", place, named[:SHOWN] or "-", known))
        return None
    if len(value) != algorithm.hex_length or set(value) - set("0123456789abcdef"):
        findings.append(
            _wrong(where, element, f"{algorithm.value}: {algorithm.hex_length} x 0-9a-f")
        )
        return None
    return Digest(algorithm, value)


def _wrong(where: str, element: etree._Element, expected: str) -> Finding:
    place = f"{where}, regel {element.sourceline}"
    return finding("I302", place, local_name(element)[:SHOWN], expected)


def _check_containers(slip: PackingSlip, delivered: Delivered) -> Iterator[Finding]:
    came = {name_of(each.path): each for each in delivered.containers}
    for line in slip.containers:
        container = came.get(name_of(line.path))
        if container is None:
            yield finding("I312", delivered.slip_path, "", line.path)
        else:
            yield from _compare(line, container, "I313", "I307")
    yield from _check_strength(slip.containers, delivered.slip_path)


def _check_files(slip: PackingSlip, delivered: Delivered) -> Iterator[Finding]:
    folder = folder_of(delivered.slip_path)
    came = {each.path: each for each in delivered.plain}
    named = set()
    for line in slip.files:
        path = joined(folder, line.path) if joined(folder, line.path) in came else line.path
        named.add(path)
        if path not in came:
            yield finding("I309", line.path, "", delivered.slip_path)
        else:
            yield from _compare(line, came[path], "I313", "I308")
    for path in sorted(came.keys() - named):
        yield finding("I310", path, "", delivered.slip_path)
    yield from _check_strength(slip.files, delivered.slip_path)


def _compare(line: SlipFile, file: StagedFile, size: str, digest: str) -> Iterator[Finding]:
    if line.size_bytes is not None and line.size_bytes != file.sums.size_bytes:
        yield finding(size, file.path, file.sums.size_bytes, line.size_bytes)
    if line.digest is not None:
        came = digest_of(file, line.digest.algorithm)
        if came != line.digest.value:
            yield finding(digest, file.path, came, line.digest.value)


def _check_strength(lines: Sequence[SlipFile], where: str) -> Iterator[Finding]:
    weak = {
        each.digest.algorithm.value for each in lines if each.digest and each.digest.algorithm.weak
    }
    if weak:
        yield finding("I314", where, ", ".join(sorted(weak)), "sha256, sha512")


def digest_of(file: StagedFile, algorithm: Algorithm) -> str:
    """The hex digest of a staged file: known already, or computed by reading it once more."""
    if algorithm is Algorithm.SHA256:
        return file.sums.sha256
    if algorithm is Algorithm.SHA512:
        return file.sums.sha512
    with file.staged.open("rb") as stream:
        return hash_stream(stream, [algorithm])[algorithm]
