"""Reading a long XML document child by child, under the same refusals as formats.xmldoc.

For documents of our own making that may outgrow the limits of one tree in memory, such as the
PREMIS of a dossier of 100,000 files.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from formats.xmldoc import MAX_DEPTH, XINCLUDE, XmlFault, XmlRefused, namespace

CHUNK_BYTES = 64 * 1024


def iter_children(stream: BinaryIO) -> Iterator[etree._Element]:
    """Each child of the root element, whole; it is emptied when the next is asked for.

    Refused are: any DOCTYPE, encodings that are not ASCII-compatible, XInclude, and more than
    MAX_DEPTH levels.

    Raises: XmlRefused with the fault, the parser's own words, and the line.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    depth = 0
    for chunk in _chunks(stream):
        _feed(parser, chunk)
        for event, element in parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            if event == "start":
                depth += 1
                _refuse(element, depth)
                continue
            depth -= 1
            if depth == 1:
                yield element
                _forget(element)
    _close(parser)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    first = stream.read(CHUNK_BYTES)
    if b"\0" in first[:4]:
        raise XmlRefused(XmlFault.ENCODING, "UTF-16 | UTF-32", 1)
    if b"<!DOCTYPE" in first:
        raise XmlRefused(XmlFault.DTD, "DOCTYPE", 1)
    chunk = first
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK_BYTES)


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise XmlRefused(XmlFault.INVALID, error.msg or str(error), error.lineno or 0) from error


def _close(parser: etree.XMLPullParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise XmlRefused(XmlFault.INVALID, error.msg or str(error), error.lineno or 0) from error


def _refuse(element: etree._Element, depth: int) -> None:
    if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(XmlFault.DTD, "DOCTYPE", 1)
    if depth > MAX_DEPTH:
        raise XmlRefused(XmlFault.LIMIT, f"depth > {MAX_DEPTH}")
    if namespace(element) == XINCLUDE:
        raise XmlRefused(XmlFault.XINCLUDE, XINCLUDE)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
