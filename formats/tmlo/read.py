"""Reading ToPX 2.3, 2.3_1 and 2.3_2: judged by the schema first, then taken as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from lxml import etree

from formats.findings import Finding, finding, has_errors
from formats.schema import line_of, text_of, validate
from formats.tmlo.fragment import standing_alone
from formats.tmlo.model import (
    GEEN_GEBRUIKSRECHTEN,
    NAMESPACE,
    OPENBAAR,
    Aggregatie,
    Bestand,
    GeneriekeMetadata,
)
from formats.tmlo.schema import LONGEST_NAME, LONGEST_STRING, TOPX_2_3, TOPX_2_3_2
from formats.xmldoc import local_name, read_xml

LARGEST_SIZE = 2**63 - 1

_PREFIX = f"{{{NAMESPACE}}}"
_XML_SPACE = " \t\r\n"
_DEFAULTS: Mapping[str, str] = {
    "omschrijvingVoorwaarden": GEEN_GEBRUIKSRECHTEN,
    "omschrijvingBeperkingen": OPENBAAR,
}
_COLLAPSED = ("omvang", "datumAanmaak")


@dataclass(frozen=True, slots=True)
class TopxDocument:
    """What a ToPX document says; `root` is None when it departs from the schema."""

    root: Aggregatie | Bestand | None
    findings: tuple[Finding, ...]


def read_topx(content: bytes, where: str) -> TopxDocument:
    """The aggregation or file that a ToPX document describes, in any encoding of XML.

    What ToPX 2.3 accepts is read; where only the lengths of 2.3_2 are exceeded the finding is a
    warning. The rules beyond the schema are those of formats.tmlo.rules.
    """
    root, findings = read_xml(content, where)
    if root is not None:
        findings += [*check_topx(root, where), *_sizes(root, where), *_defaults(root, where)]
    if root is None or has_errors(findings):
        return TopxDocument(None, tuple(findings))
    (element,) = _elements(root)
    if local_name(element) == "aggregatie":
        return TopxDocument(_read(Aggregatie, element), tuple(findings))
    return TopxDocument(_read(Bestand, element), tuple(findings))


def check_topx(root: etree._Element, where: str) -> list[Finding]:
    """Everything in which the tree departs from ToPX 2.3_2; empty means: valid by its XSD.

    Source: ToPX 2.3_2. A length that 2.3 and 2.3_1 allow is a warning, all else an error.
    """
    if not validate(root, TOPX_2_3_2, where):
        return []
    return [*validate(root, TOPX_2_3, where), *_too_long(root, where)]


def _too_long(root: etree._Element, where: str) -> Iterator[Finding]:
    for element in root.iter(f"{_PREFIX}*"):
        if any(isinstance(child.tag, str) for child in element) or _within_other(element):
            continue
        longest = _longest(element)
        text = text_of(element)
        if len(text) > longest:
            yield finding("F611", line_of(element, where), len(text), longest)


def _longest(element: etree._Element) -> int:
    parent = element.getparent()
    top = parent is not None and local_name(parent) in ("aggregatie", "bestand")
    name = top and local_name(element) in ("naam", "identificatiekenmerk")
    return LONGEST_NAME if name else LONGEST_STRING


def _within_other(element: etree._Element) -> bool:
    return next(element.iterancestors(f"{_PREFIX}generiekeMetadata"), None) is not None


def _sizes(root: etree._Element, where: str) -> Iterator[Finding]:
    for element in root.iterfind(f"{_PREFIX}bestand/{_PREFIX}formaat/{_PREFIX}omvang"):
        digits = text_of(element).strip(_XML_SPACE).lstrip("+-0")
        if digits.isdigit() and (len(digits) > 19 or int(digits) > LARGEST_SIZE):
            yield finding("F612", line_of(element, where), digits[:40])


def _defaults(root: etree._Element, where: str) -> Iterator[Finding]:
    for name, default in _DEFAULTS.items():
        for element in root.iterfind(f"*/*/{_PREFIX}{name}"):
            if not text_of(element):
                yield finding("F613", line_of(element, where), "", default)


def _elements(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


Value = TypeVar("Value")


def _read(kind: type[Value], element: etree._Element) -> Value:
    """The value of a class of the model; the tree has been found valid."""
    model: Any = kind
    plan = _plan(model)
    single: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    for child in _elements(element):
        name = local_name(child)
        content, many = plan[name]
        value = _content(content, name, child)
        if many:
            repeated.setdefault(name, []).append(value)
        else:
            single[name] = value
    return kind(**single, **{name: tuple(values) for name, values in repeated.items()})


def _content(kind: type, name: str, element: etree._Element) -> Any:
    if kind is GeneriekeMetadata:
        return GeneriekeMetadata(tuple(standing_alone(child) for child in _elements(element)))
    if kind not in (str, int):
        return _read(kind, element)
    text = text_of(element) or _DEFAULTS.get(name, "")
    if name in _COLLAPSED:
        text = text.strip(_XML_SPACE)
    return int(text) if kind is int else text


@cache
def _plan(kind: Any) -> Mapping[str, tuple[type, bool]]:
    """For each field of a class: what it holds, and whether it repeats."""
    hints = get_type_hints(kind)
    return {each.name: _held(hints[each.name]) for each in fields(kind)}


def _held(hint: Any) -> tuple[type, bool]:
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    options = [option for option in get_args(hint) if option is not type(None)]
    return (options[0] if options else hint), False
