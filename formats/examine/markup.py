"""XML and SVG: well-formed by the house's one parser, which never resolves an entity."""

from pathlib import Path

from formats.examine.text import note_scripts
from formats.examine.values import Notes
from formats.guard import open_plain
from formats.xmldoc import MAX_BYTES, XmlFault, XmlRefused, parse_xml

VALIDATOR = "edepot, XML"


def examine_xml(path: Path, notes: Notes) -> None:
    """Note whether the file is well-formed XML."""
    notes.validator = VALIDATOR
    size = path.stat().st_size
    if size > MAX_BYTES:
        notes.detail = f"{size} > {MAX_BYTES} bytes"
        notes.say("F414", size, MAX_BYTES)
        return
    with open_plain(path) as stream:
        check_markup(stream.read(), notes)


def examine_svg(path: Path, notes: Notes) -> None:
    """Note whether the drawing is well-formed, and its scripts."""
    examine_xml(path, notes)
    note_scripts(path, notes)


def check_markup(content: bytes, notes: Notes, part: str = "") -> None:
    """Note what is wrong with XML that is a record, or part of one: kept whatever it holds."""
    try:
        parse_xml(content)
    except XmlRefused as refused:
        _note(refused, notes, part)
    else:
        notes.sound()


def _note(refused: XmlRefused, notes: Notes, part: str) -> None:
    words = f"{refused.detail[:200]} (:{refused.line})"
    if refused.fault is XmlFault.DTD:
        notes.detail = notes.detail or refused.detail[:200]
        notes.say("F418", words, part=part)
    elif refused.fault is XmlFault.LIMIT:
        notes.detail = notes.detail or refused.detail[:200]
        notes.say("F414", words, "edepot", part=part)
    elif refused.fault is XmlFault.XINCLUDE:
        notes.sound()
        notes.say("F420", words, part=part)
    else:
        notes.damaged(words, part=part, code="F417")
