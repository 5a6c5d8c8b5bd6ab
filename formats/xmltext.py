"""Text as it may stand in an XML document: escaped, and free of signs that XML does not know."""

import re

REPLACEMENT = "\ufffd"

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_SIGNS = re.compile("[&<>\r]")
_TEXT_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE_SIGNS = re.compile('[&<>"\t\n\r]')
_ATTRIBUTE_ESCAPES = {**_TEXT_ESCAPES, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


def legal(value: str) -> str:
    """The value with U+FFFD for each sign that XML cannot hold: control signs, lone surrogates.

    Source: XML 1.0, production 2 (Char).
    """
    return _ILLEGAL.sub(REPLACEMENT, value)


def escape_text(value: str) -> str:
    """The value as element content; a reader gets back what was written, carriage returns too."""
    if value.isalnum() and value.isascii():
        return value
    return _TEXT_SIGNS.sub(lambda sign: _TEXT_ESCAPES[sign[0]], legal(value))


def escape_attribute(value: str) -> str:
    """The value as it stands between double quotes in a tag."""
    if value.isalnum() and value.isascii():
        return value
    return _ATTRIBUTE_SIGNS.sub(lambda sign: _ATTRIBUTE_ESCAPES[sign[0]], legal(value))
