"""Documents that are a ZIP of XML: ODF, Office Open XML and EPUB.

Source: ODF 1.3 part 2 (mimetype rule, 3.3); ECMA-376 part 2 (OPC); measured: CRC of every member
and every XML part parsed finds all cut files.
"""

import re
import zipfile
from pathlib import Path

from lxml import etree

from formats.examine.markup import check_markup
from formats.examine.members import Part, open_zip, read_parts
from formats.examine.program import program_in
from formats.examine.values import Notes, some_of
from formats.xmldoc import MAX_BYTES, XmlRefused, parse_xml

XML_PARTS = (".xml", ".rels", ".opf", ".ncx", ".rdf")
MANIFEST = "META-INF/manifest.xml"
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
MACRO_FOLDERS = ("xl/macrosheets/", "basic/", "scripts/")
MACRO_INDEXES = ("script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml")
SETTINGS = "Configurations2/"
"""Settings of the office program: it leaves empty parts here, and that is no damage."""
EMBEDDED = re.compile(r"^(word|xl|ppt)/(embeddings|activex)/|^Object [^/]+/content\.xml$", re.I)
HARMLESS_LINKS = ("hyperlink",)
DDE = re.compile(rb"DDE(?:AUTO)?(?![A-Za-z0-9])")
DDE_ELEMENTS = (b"ddeLink", b"office:dde-source", b"dde-link-decl")
OUTSIDE = re.compile(rb"draw:(?:image|object|frame|plugin)[^>]{0,400}xlink:href=\"(?:https?|file):")
OUTSIDE_WORDS = (b'href="http', b'href="file')


def examine_odf(path: Path, notes: Notes) -> None:
    """Note all that is to be said of an OpenDocument file or an EPUB."""
    _examine(path, notes, "mimetype")


def examine_ooxml(path: Path, notes: Notes) -> None:
    """Note all that is to be said of an Office Open XML file."""
    _examine(path, notes, "[Content_Types].xml")


def _examine(path: Path, notes: Notes, root: str) -> None:
    notes.validator = "edepot, ZIP + XML"
    archive = open_zip(path, notes)
    if archive is None:
        return
    with archive:
        names = archive.namelist()
        if root not in names:
            notes.say("F427", f"-{root}")
        elif root == "mimetype":
            _check_mimetype(archive, notes)
        if _is_locked(archive, names):
            notes.locked("ODF, encryption-data")
            return
        for part in read_parts(archive, notes, XML_PARTS, MAX_BYTES):
            _judge(part, notes)
        _tell_macros(names, notes)
        notes.tell_embedded()
        notes.sound()


def _check_mimetype(archive: zipfile.ZipFile, notes: Notes) -> None:
    first = archive.infolist()[0]
    if first.filename != "mimetype":
        notes.say("F427", f"1: {first.filename[:120]}, mimetype")
    elif first.compress_type != zipfile.ZIP_STORED:
        notes.say("F427", "mimetype: deflate")
    elif first.file_size > 200:
        notes.say("F427", f"mimetype: {first.file_size} bytes")


def _is_locked(archive: zipfile.ZipFile, names: list[str]) -> bool:
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MAX_BYTES:
        return False
    try:
        return b"encryption-data" in archive.read(MANIFEST)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # the reading of all parts will tell the damage


def _judge(part: Part, notes: Notes) -> None:
    program = program_in(part.head, part.name)
    if program:
        notes.act("F408", "program", f"{part.name[:120]}: {program}")
    if EMBEDDED.match(part.name):
        notes.embedded.append(part.name)
    if not part.name.lower().endswith(XML_PARTS):
        return
    if not part.head:
        if not part.name.startswith(SETTINGS):
            notes.damaged(f"{part.name[:120]}: 0 bytes")
        return
    if not part.content:
        notes.say("F414", part.name[:120], MAX_BYTES)
        return
    check_markup(part.content, notes, part.name)
    if part.name.lower().endswith(".rels"):
        _judge_links(part, notes)
    if _links_by_dde(part.content):
        notes.act("F406", "dde", "DDE", part.name)
    if _mentions(part.content, OUTSIDE_WORDS) and OUTSIDE.search(part.content):
        notes.act("F406", "external", "xlink:href", part.name)


def _mentions(content: bytes, words: tuple[bytes, ...]) -> bool:
    """Whether one of the words stands in the content: soon seen, before a pattern is tried."""
    return any(word in content for word in words)


def _links_by_dde(content: bytes) -> bool:
    """Whether a field or element asks another program for content (Dynamic Data Exchange)."""
    if _mentions(content, DDE_ELEMENTS):
        return True
    starts = (match.start() for match in DDE.finditer(content))
    return any(not content[max(0, start - 1) : start].isalnum() for start in starts)


def _judge_links(part: Part, notes: Notes) -> None:
    try:
        root = parse_xml(part.content)
    except XmlRefused:
        return  # already noted when the part was checked
    found = [_link(each) for each in root.iter("{*}Relationship") if _fetches(each)]
    if found:
        notes.act("F406", "external", some_of(found), part.name)


def _fetches(link: etree._Element) -> bool:
    kind = str(link.get("Type", "")).rpartition("/")[2].lower()
    return str(link.get("TargetMode", "")).lower() == "external" and kind not in HARMLESS_LINKS


def _link(link: etree._Element) -> str:
    kind = str(link.get("Type", "")).rpartition("/")[2]
    return f"{kind}: {str(link.get('Target', ''))[:100]}"


def _tell_macros(names: list[str], notes: Notes) -> None:
    found = [name for name in names if _is_macro(name.lower())]
    if found:
        notes.act("F403", "macro", some_of(found))


def _is_macro(name: str) -> bool:
    base = name.rpartition("/")[2]
    if not base or base in MACRO_INDEXES:
        return False
    return base in MACRO_PARTS or name.startswith(MACRO_FOLDERS)
