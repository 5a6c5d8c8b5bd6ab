"""An element of any standard as XML text that means the same wherever it is put."""

from collections.abc import Iterator, Mapping

from lxml import etree

from formats.xmldoc import local_name, namespace
from formats.xmltext import escape_attribute, escape_text

XML = "http://www.w3.org/XML/1998/namespace"


def standing_alone(element: etree._Element) -> str:
    """The element with every namespace declared that it uses; comments and instructions fall away.

    The same element gives the same text, whatever is declared around it.
    """
    return "".join(_parts(element, {}))


def _parts(element: etree._Element, known: Mapping[str, str]) -> Iterator[str]:
    declared = {prefix: uri for prefix, uri in _used(element).items() if known.get(prefix) != uri}
    name = _name(element.prefix, local_name(element))
    yield f"<{name}"
    for prefix, uri in sorted(declared.items()):
        yield f' {_name("xmlns" if prefix else None, prefix or "xmlns")}="{escape_attribute(uri)}"'
    for attribute, value in element.items():
        yield f' {_attribute(str(attribute), element)}="{escape_attribute(str(value))}"'
    yield ">"
    yield escape_text(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _parts(child, {**known, **declared})
        yield escape_text(child.tail or "")
    yield f"</{name}>"


def _used(element: etree._Element) -> dict[str, str]:
    """The prefixes that an element, its attributes and the values of these use; "" is none."""
    used = {element.prefix or "": namespace(element)}
    for attribute, value in element.items():
        uri = etree.QName(attribute).namespace
        if uri and uri != XML:
            used[_prefix(element, uri)] = uri
        in_value = str(value).partition(":")[0]
        if in_value != value and in_value in element.nsmap:
            used.setdefault(in_value, element.nsmap[in_value])
    return used


def _attribute(attribute: str, element: etree._Element) -> str:
    name = etree.QName(attribute)
    if not name.namespace:
        return name.localname
    prefix = "xml" if name.namespace == XML else _prefix(element, name.namespace)
    return f"{prefix}:{name.localname}"


def _prefix(element: etree._Element, uri: str) -> str:
    return min(prefix for prefix, known in element.nsmap.items() if prefix and known == uri)


def _name(prefix: str | None, local: str) -> str:
    return f"{prefix}:{local}" if prefix else local
