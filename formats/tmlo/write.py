"""Writing ToPX 2.3_2: the same value gives the same bytes."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from formats.tmlo.model import NAMESPACE, Aggregatie, Bestand, GeneriekeMetadata
from formats.xmltext import escape_text

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<ToPX xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} ToPX-2.3_2.xsd">\n'
)
_STEP = "  "


def topx_xml(value: Aggregatie | Bestand) -> bytes:
    """The ToPX document of an aggregation or a file, in UTF-8.

    Lengths are as in the value: whether they fit ToPX 2.3_2 is the judgement of check_topx, and
    from_mdto makes values that do.
    """
    out = [_HEAD]
    _write_element("aggregatie" if isinstance(value, Aggregatie) else "bestand", value, _STEP, out)
    out.append("</ToPX>\n")
    return "".join(out).encode("utf-8")


def _write_element(name: str, value: Any, indent: str, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(f"{indent}<{name}>{escape_text(value)}</{name}>\n")
    elif isinstance(value, int):
        out.append(f"{indent}<{name}>{value}</{name}>\n")
    elif isinstance(value, GeneriekeMetadata):
        inside = "".join(f"{indent}{_STEP}{each}\n" for each in value.elementen)
        out.append(f"{indent}<{name}>\n{inside}{indent}</{name}>\n")
    else:
        out.append(f"{indent}<{name}>\n")
        _write_fields(value, indent + _STEP, out)
        out.append(f"{indent}</{name}>\n")


def _write_fields(value: Any, indent: str, out: list[str]) -> None:
    kind: Any = type(value)
    for name, get in _getters(kind):
        content = get(value)
        if content is None:
            continue
        if isinstance(content, tuple):
            for each in content:
                _write_element(name, each, indent, out)
        else:
            _write_element(name, content, indent, out)


@cache
def _getters(kind: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    return tuple((each.name, attrgetter(each.name)) for each in fields(kind))
