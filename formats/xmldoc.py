"""The only XML parser of the house: no DTD, no entities, no network, and limits on size and depth."""

from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from formats.errors import FormatsError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000


class XmlFault(StrEnum):
    """Why a document was refused, as a stable reason code."""

    DTD = "XML_DTD"
    INVALID = "XML_INVALID"
    LIMIT = "LIMIT"
    ENCODING = "ENCODING"
    XINCLUDE = "XINCLUDE"


@dataclass
class XmlRefused(FormatsError):
    """The bytes are not an XML document that we are willing to read."""

    fault: XmlFault
    detail: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.detail} (line {self.line})"


def parse_xml(content: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """The root element of a document in any encoding that XML allows (UTF-16 too).

    Refused are: any DOCTYPE (so no entities, external or internal), XInclude, more than
    `max_bytes`, more than MAX_DEPTH levels or MAX_ELEMENTS elements.

    Raises: XmlRefused with the fault, the parser's own words, and the line.
    """
    if len(content) > max_bytes:
        raise XmlRefused(XmlFault.LIMIT, f"{len(content)} > {max_bytes} bytes")
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
    if root.getroottree().docinfo.doctype:
        raise XmlRefused(XmlFault.DTD, root.getroottree().docinfo.doctype[:80], 1)
    _check_shape(root)
    return root


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    """The element's namespace; empty when it has none."""
    return etree.QName(element).namespace or ""


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    words = str(error)
    line = error.lineno or 0
    if "entity" in words.lower() or "DTD" in words or "DOCTYPE" in words:
        return XmlRefused(XmlFault.DTD, words, line)
    if "encoding" in words.lower() or "Input is not proper UTF-8" in words:
        return XmlRefused(XmlFault.ENCODING, words, line)
    if "Excessive depth" in words or "huge" in words.lower():
        return XmlRefused(XmlFault.LIMIT, words, line)
    return XmlRefused(XmlFault.INVALID, words, line)


def _check_shape(root: etree._Element) -> None:
    depth = 0
    count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise XmlRefused(XmlFault.LIMIT, f"depth > {MAX_DEPTH}", element.sourceline or 0)
        if count > MAX_ELEMENTS:
            raise XmlRefused(XmlFault.LIMIT, f"elements > {MAX_ELEMENTS}", element.sourceline or 0)
        if namespace(element) == "http://www.w3.org/2001/XInclude":
            raise XmlRefused(XmlFault.XINCLUDE, local_name(element), element.sourceline or 0)
