"""Writing MDTO 1.0.1: the same value always gives the same bytes.

Source: MDTO-XML 1.0.1; W3C XML 1.0, 2.2 (characters) and 2.11 (line ends).
"""

import re

from formats.datatypes import SimpleType
from formats.errors import FormatsError
from formats.mdto.model import Bestand, Informatieobject
from formats.mdto.schema import BESTAND, INFORMATIEOBJECT, NAMESPACE, SCHEMA_LOCATION
from formats.schema import XSI, ComplexType

ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_OPENING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<MDTO xmlns="{NAMESPACE}" xmlns:xsi="{XSI}" xsi:schemaLocation="{SCHEMA_LOCATION}">\n'
)


class IllegalCharacter(FormatsError):
    """A value holds a character that XML cannot hold, such as NUL or half a surrogate pair."""


def mdto_xml(value: Informatieobject | Bestand) -> bytes:
    """The MDTO document of one object: UTF-8, indented by two spaces, elements in schema order.

    The value is written as it is; whether it is right is `check_mdto`'s to say.

    Raises: IllegalCharacter when a text holds a character that XML cannot hold.
    """
    name, kind = (
        ("bestand", BESTAND)
        if isinstance(value, Bestand)
        else ("informatieobject", INFORMATIEOBJECT)
    )
    lines = [_OPENING]
    _write_group(lines, name, kind, value, "  ")
    lines.append("</MDTO>\n")
    text = "".join(lines)
    if illegal := ILLEGAL.search(text):
        raise IllegalCharacter(_place(text, illegal.start()))
    return text.encode("utf-8")


def _write_group(
    lines: list[str], name: str, kind: ComplexType, value: object, indent: str
) -> None:
    lines.append(f"{indent}<{name}>\n")
    inner = indent + "  "
    for element in kind.elements:
        field = element.name
        held = getattr(value, field)
        if held is None:
            continue
        for each in held if isinstance(held, tuple) else (held,):
            if isinstance(element.type, SimpleType):
                lines.append(f"{inner}<{field}>{_escaped(each)}</{field}>\n")
            else:
                _write_group(lines, field, element.type, each, inner)
    lines.append(f"{indent}</{name}>\n")


def _escaped(value: str | int) -> str:
    text = str(value)
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def _place(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    element = line.strip().removeprefix("<").split(">")[0]
    return f"U+{ord(text[at]):04X} in {element}"
