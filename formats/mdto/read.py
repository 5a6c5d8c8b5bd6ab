"""Reading MDTO: bytes to values, with a finding for everything that the schema has against them.

Source: MDTO-XML 1.0.1; MDTO SIP-specificatie (the version must be recognisable).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from lxml import etree

from formats.datatypes import SimpleType
from formats.findings import Finding, finding, has_errors
from formats.mdto.model import Bestand, Informatieobject
from formats.mdto.schema import BESTAND, INFORMATIEOBJECT, NAMESPACE, schema_findings
from formats.schema import XSI, ComplexType, line_of, text_of
from formats.xmldoc import local_name, read_xml

SCHEMA_FILE = "MDTO-XML1.0.1.xsd"
MAX_OMVANG_DIGITS = 19


@dataclass(frozen=True, slots=True)
class MdtoDocument:
    """What an MDTO file says: its object (None when the file is unreadable), and the findings."""

    root: Informatieobject | Bestand | None
    findings: tuple[Finding, ...]


def read_mdto(content: bytes, where: str) -> MdtoDocument:
    """The object in an MDTO file, judged by the schema; `check_mdto` judges the rest.

    `where` is the sender's path of the file; findings add the line and the element.
    """
    root, findings = read_xml(content, where)
    if root is None:
        return MdtoDocument(None, tuple(findings))
    findings += schema_findings(root, where)
    if has_errors(findings):
        return MdtoDocument(None, tuple(findings))
    findings += _version_findings(root, where)
    element = next(child for child in root if isinstance(child.tag, str))
    findings += _size_findings(element, where)
    if has_errors(findings):
        return MdtoDocument(None, tuple(findings))
    read = _read_bestand if local_name(element) == "bestand" else _read_informatieobject
    return MdtoDocument(read(element), tuple(findings))


def _version_findings(root: etree._Element, where: str) -> list[Finding]:
    """Whether the file says by which version of MDTO-XML it was made."""
    pairs = (root.get(f"{{{XSI}}}schemaLocation") or "").split()
    locations = dict(zip(pairs[::2], pairs[1::2], strict=False))
    location = locations.get(NAMESPACE, "")
    if location.rpartition("/")[2] == SCHEMA_FILE:
        return []
    return [finding("F512", line_of(root, where), location or "-", SCHEMA_FILE)]


def _size_findings(element: etree._Element, where: str) -> list[Finding]:
    """An omvang of more digits than any file has bytes: valid XML, but no number to reckon with."""
    omvang = element.find(f"{{{NAMESPACE}}}omvang")
    if omvang is None or len(digits := text_of(omvang).strip()) <= MAX_OMVANG_DIGITS:
        return []
    shown = f"{digits[:MAX_OMVANG_DIGITS]}…"
    return [finding("F511", line_of(omvang, where), shown, MAX_OMVANG_DIGITS)]


_CUT = len(NAMESPACE) + 2
_Reader = Callable[[etree._Element], Any]


def _reader_of(cls: type, kind: ComplexType) -> _Reader:
    """What reads an element of this type into a value of this class; names are those of the XSD."""
    hints = get_type_hints(cls)
    readers = {each.name: _field_reader(hints[each.name], each.type) for each in kind.elements}
    repeated = tuple(name for name, hint in hints.items() if get_origin(hint) is tuple)

    def read(element: etree._Element) -> Any:
        values: dict[str, Any] = {}
        for child in element:
            tag = child.tag
            if not isinstance(tag, str):
                continue
            name = tag[_CUT:]
            value = readers[name](child)
            if name in repeated:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        for name in repeated:
            if name in values:
                values[name] = tuple(values[name])
        return cls(**values)

    return read


def _field_reader(hint: Any, kind: SimpleType | ComplexType) -> _Reader:
    held = next((each for each in get_args(hint) if each not in (type(None), ...)), hint)
    if isinstance(kind, ComplexType):
        return _reader_of(held, kind)
    if held is int:
        return lambda element: int(text_of(element))
    if kind.accepts is None:
        return text_of
    return lambda element: kind.value(text_of(element))


_read_informatieobject = _reader_of(Informatieobject, INFORMATIEOBJECT)
_read_bestand = _reader_of(Bestand, BESTAND)
