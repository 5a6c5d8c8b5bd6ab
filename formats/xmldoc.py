"""The only XML parser of the house: no DTD, no entities, no network, limits on size and depth."""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from formats.errors import FormatsError
from formats.findings import Finding, finding

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000
XINCLUDE = "http://www.w3.org/2001/XInclude"
SHOWN_CHARACTERS = 80
SHOWN_WORDS = 200
MAX_INSTRUCTIONS = 20


class XmlFault(StrEnum):
    """Why a document was refused, as a stable reason code."""

    DTD = "XML_DTD"
    INVALID = "XML_INVALID"
    LIMIT = "LIMIT"
    ENCODING = "ENCODING"
    XINCLUDE = "XINCLUDE"


FAULT_CODES: Mapping[XmlFault, str] = {
    XmlFault.DTD: "F001",
    XmlFault.INVALID: "F002",
    XmlFault.LIMIT: "F003",
    XmlFault.ENCODING: "F004",
    XmlFault.XINCLUDE: "F005",
}
PROCESSING_INSTRUCTION_CODE = "F006"


@dataclass
class XmlRefused(FormatsError):
    """The bytes are not an XML document that we are willing to read."""

    fault: XmlFault
    detail: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.detail} (line {self.line})"


def read_xml(content: bytes, where: str) -> tuple[etree._Element | None, list[Finding]]:
    """The root element, or None and the finding that says why the document is refused.

    Processing instructions are told as warnings, each target once; they are never carried out.
    """
    try:
        root = parse_xml(content)
    except XmlRefused as refused:
        place = f"{where}, regel {refused.line}" if refused.line else where
        return None, [finding(FAULT_CODES[refused.fault], place, refused.detail)]
    lines: dict[str, int] = {}
    for each in instructions(root):
        lines.setdefault(str(each.target)[:SHOWN_CHARACTERS], _line(each))
    return root, [
        finding(PROCESSING_INSTRUCTION_CODE, f"{where}, regel {line}", target)
        for target, line in list(lines.items())[:MAX_INSTRUCTIONS]
    ]


def parse_xml(content: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """The root element of a document in UTF-8, UTF-16, UTF-32, ISO-8859 or Windows encoding.

    Refused are: any DOCTYPE (before the parser sees it, so no entities, external or internal),
    XInclude, other encodings, more than `max_bytes`, more than MAX_DEPTH levels or MAX_ELEMENTS
    elements.

    Raises: XmlRefused with the fault, the parser's own words, and the line.
    """
    if len(content) > max_bytes:
        raise XmlRefused(XmlFault.LIMIT, f"{len(content)} > {max_bytes} bytes")
    _refuse_doctype(content)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except (ValueError, LookupError) as error:
        raise XmlRefused(XmlFault.ENCODING, str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(XmlFault.DTD, "DOCTYPE", 1)
    _check_shape(root)
    return root


def instructions(root: etree._Element) -> Iterator[etree._ProcessingInstruction]:
    """The processing instructions before, within and after the root element."""
    before = root.itersiblings(preceding=True)
    for each in (*reversed(list(before)), *root.iter(etree.PI), *root.itersiblings()):
        if isinstance(each, etree._ProcessingInstruction):
            yield each


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    """The element's namespace; empty when it has none."""
    return etree.QName(element).namespace or ""


_ENCODED_STARTS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(r"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_ENCODING = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|utf-?32(-?[lb]e)?|us-ascii|ascii|iso-?8859-[0-9]{1,2}|latin-?1"
    r"|(windows|cp)-?125[0-8]|iso-10646-ucs-[24]",
    re.IGNORECASE,
)
_SPACE = re.compile(r"[ \t\r\n]*")
_PASSED_OVER = (("<?", "?>"), ("<!--", "-->"))


def _refuse_doctype(content: bytes) -> None:
    """Read the prolog as the parser will, and refuse a DOCTYPE before the parser sees it."""
    encoding = next((name for start, name in _ENCODED_STARTS if content.startswith(start)), None)
    text = (
        content[:400].decode("latin-1") if encoding is None else content.decode(encoding, "replace")
    )
    declared = _DECLARED.match(text.removeprefix("\xef\xbb\xbf"))
    if declared is not None and not _ENCODING.fullmatch(declared[1]):
        raise XmlRefused(XmlFault.ENCODING, f"encoding={declared[1][:SHOWN_CHARACTERS]}", 1)
    if encoding is None:
        if b"<!DOCTYPE" not in content:
            return
        text = content.decode("latin-1").removeprefix("\xef\xbb\xbf")
    at = _end_of_prolog(text)
    if text.startswith("<!DOCTYPE", at):
        line = text.count("\n", 0, at) + 1
        raise XmlRefused(XmlFault.DTD, text[at : at + SHOWN_CHARACTERS].split("\n")[0], line)


def _end_of_prolog(text: str) -> int:
    """Where the declaration, comments, instructions and space before the first element end."""
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        for opening, closing in _PASSED_OVER:
            if text.startswith(opening, at):
                end = text.find(closing, at + len(opening))
                at = len(text) if end < 0 else end + len(closing)
                break
        else:
            return at


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    words = (error.msg or str(error)).strip()[:SHOWN_WORDS]
    line = error.lineno or 0
    lowered = words.lower()
    if "entity" in lowered or "DTD" in words or "DOCTYPE" in words:
        return XmlRefused(XmlFault.DTD, words, line)
    if "encod" in lowered or "not proper UTF-8" in words or "invalid bytes" in lowered:
        return XmlRefused(XmlFault.ENCODING, words, line)
    if "depth" in lowered or "huge" in lowered or "too long" in lowered or "too big" in lowered:
        return XmlRefused(XmlFault.LIMIT, words, line)
    return XmlRefused(XmlFault.INVALID, words, line)


_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_TOO_MANY = etree.XPath(f"count(//*) > {MAX_ELEMENTS}")


def _check_shape(root: etree._Element) -> None:
    if _TOO_DEEP(root) is True:
        raise XmlRefused(XmlFault.LIMIT, f"depth > {MAX_DEPTH}")
    if _TOO_MANY(root) is True:
        raise XmlRefused(XmlFault.LIMIT, f"elements > {MAX_ELEMENTS}")
    included: etree._Element | None = next(root.iter(f"{{{XINCLUDE}}}*"), None)
    if included is not None:
        raise XmlRefused(XmlFault.XINCLUDE, local_name(included), _line(included))


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0
