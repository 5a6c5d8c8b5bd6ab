"""The rules of PREMIS 3: its schema, and that what is referred to is there.

Source: PREMIS Data Dictionary 3.0; PREMIS 3.0 XML schema.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from formats.datatypes import is_date_time
from formats.digest import algorithm_named
from formats.findings import Finding, finding
from formats.premis.schema import AT_LEAST_ONE, NAMESPACE, PREMIS_3, PREMIS_3_RIGHTS
from formats.premis.vocabulary import EVENT_TYPES, Category
from formats.schema import XSI, line_of, text_of, validate
from formats.xmldoc import local_name

VERSION = "3.0"

_TAG = f"{{{NAMESPACE}}}"
_XSI_TYPE = f"{{{XSI}}}type"
_ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")
_HEX = re.compile("[0-9a-f]+")
# Per kind of entity: the element that identifies it, and those that refer to it.
_IDENTIFIERS: Mapping[str, str] = {
    "object": "objectIdentifier",
    "event": "eventIdentifier",
    "agent": "agentIdentifier",
    "rights": "rightsStatementIdentifier",
}
_REFERENCES: Mapping[str, str] = {
    "linkingObjectIdentifier": "object",
    "relatedObjectIdentifier": "object",
    "linkingEventIdentifier": "event",
    "relatedEventIdentifier": "event",
    "linkingAgentIdentifier": "agent",
    "linkingRightsStatementIdentifier": "rights",
}
_FILLED = frozenset(
    f"{name}{part}" for name in (*_IDENTIFIERS.values(), *_REFERENCES) for part in ("Type", "Value")
) | frozenset(
    {
        "eventType",
        "eventDateTime",
        "messageDigestAlgorithm",
        "messageDigest",
        "formatName",
        "formatRegistryName",
        "formatRegistryKey",
        "relationshipType",
        "relationshipSubType",
        "rightsBasis",
        "act",
        "preservationLevelValue",
        "inhibitorType",
    }
)


def check_premis(root: etree._Element, where: str) -> list[Finding]:
    """Everything in which the tree departs from PREMIS 3; empty means: it keeps the rules.

    `where` is the sender's path of the document; line and element are added to it.
    """
    return check_structure(root, where) or check_content(root, where)


def check_structure(root: etree._Element, where: str) -> list[Finding]:
    """Where elements, order, occurrence or simple values are not those of the schema."""
    untyped = list(_untyped(root, where))
    if untyped:
        return untyped
    findings = validate(root, PREMIS_3, where)
    if root.tag != f"{_TAG}premis":
        return findings
    for statement in root.iterfind(f"{_TAG}rights/*"):
        if statement.tag != f"{_TAG}rightsExtension":
            findings += validate(statement, PREMIS_3_RIGHTS, where)
    return [*findings, *_version(root, where), *_containers(root, where)]


def check_content(root: etree._Element, where: str) -> list[Finding]:
    """Empty or impossible values, identifiers that occur twice, references that lead nowhere."""
    return [*_each_element(root, where), *_references(root, where)]


def _untyped(root: etree._Element, where: str) -> Iterator[Finding]:
    """Objects that do not say which kind they are: no rule could be applied to them."""
    kinds = " | ".join(each.value for each in Category)
    for element in root.iterchildren(f"{_TAG}object"):
        if element.get(_XSI_TYPE) is None:
            yield finding("F711", line_of(element, where), "", f"xsi:type = {kinds}")


def _version(root: etree._Element, where: str) -> Iterator[Finding]:
    """The root says which version it is; an entity may say so too, and then it is the same."""
    if root.get("version") is None:
        yield finding("F712", line_of(root, where), "", VERSION)
    for element in (root, *root.iterchildren(f"{_TAG}*")):
        version = element.get("version")
        if version is not None and version != VERSION:
            yield finding("F712", line_of(element, where), version, VERSION)


def _containers(root: etree._Element, where: str) -> Iterator[Finding]:
    for element in root.iter(f"{_TAG}*"):
        name = local_name(element)
        if name in AT_LEAST_ONE and not any(isinstance(each.tag, str) for each in element):
            yield finding("F713", line_of(element, where), "", name)
        elif name == "format":
            yield from _format(element, where)


def _each_element(root: etree._Element, where: str) -> Iterator[Finding]:
    for element in root.iter(f"{_TAG}*"):
        name = local_name(element)
        if name in _FILLED and not text_of(element).strip():
            yield finding("F714", line_of(element, where), "", name)
        elif name == "fixity":
            yield from _fixity(element, where)
        elif name == "event" and element.getparent() is root:
            yield from _event(element, where)
        elif name == "object" and element.getparent() is root:
            yield from _file(element, where)


def _format(element: etree._Element, where: str) -> Iterator[Finding]:
    named = ("formatDesignation", "formatRegistry")
    if all(element.find(_TAG + name) is None for name in named):
        yield finding("F713", line_of(element, where), "", " | ".join(named))


def _fixity(element: etree._Element, where: str) -> Iterator[Finding]:
    named = element.findtext(f"{_TAG}messageDigestAlgorithm") or ""
    algorithm = algorithm_named(named)
    digest = (element.findtext(f"{_TAG}messageDigest") or "").strip().lower()
    if algorithm is not None and digest:
        length = algorithm.hex_length
        if len(digest) != length or not _HEX.fullmatch(digest):
            yield finding("F718", line_of(element, where), digest[:130], f"{named}: {length} hex")


def _event(element: etree._Element, where: str) -> Iterator[Finding]:
    at = (element.findtext(f"{_TAG}eventDateTime") or "").strip()
    if at and not (is_date_time(at) and _ZONE.search(at)):
        yield finding("F717", line_of(element, where), at, "2026-12-31T23:59:59+01:00")
    kind = (element.findtext(f"{_TAG}eventType") or "").strip()
    if kind and kind not in EVENT_TYPES:
        yield finding("F720", line_of(element, where), kind)


def _file(element: etree._Element, where: str) -> Iterator[Finding]:
    if (element.get(_XSI_TYPE) or "").rpartition(":")[2] != Category.FILE:
        return
    named = element.iterfind(
        f"{_TAG}objectCharacteristics/{_TAG}fixity/{_TAG}messageDigestAlgorithm"
    )
    known = [algorithm for each in named if (algorithm := algorithm_named(text_of(each)))]
    if all(algorithm.weak for algorithm in known):
        found = ", ".join(algorithm.value for algorithm in known)
        yield finding("F719", line_of(element, where), found, "SHA-256 | SHA-512")


_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Register:
    """What a document identifies, and what it refers to."""

    identified: Counter[_Key] = field(default_factory=Counter)
    lines: dict[_Key, str] = field(default_factory=dict)
    referred: dict[_Key, str] = field(default_factory=dict)


def _references(root: etree._Element, where: str) -> Iterator[Finding]:
    register = _registered(root, where)
    for key, count in register.identified.items():
        if count > 1:
            yield finding("F715", register.lines[key], f"{key[1]} {key[2]}", key[0])
    for key, line in register.referred.items():
        if key not in register.identified:
            yield finding("F716", line, f"{key[1]} {key[2]}", key[0])
    yield from _lonely_events(root, where)


def _registered(root: etree._Element, where: str) -> _Register:
    register = _Register()
    identifying = {name: kind for kind, name in _IDENTIFIERS.items()}
    for element in root.iter(f"{_TAG}*"):
        name = local_name(element)
        if name in identifying:
            key = _key(element, name, identifying[name])
            register.identified[key] += 1
            if register.identified[key] > 1 or key not in register.lines:
                register.lines[key] = line_of(element, where)
        elif name in _REFERENCES:
            key = _key(element, name, _REFERENCES[name])
            if key not in register.referred:
                register.referred[key] = line_of(element, where)
    return register


def _key(element: etree._Element, name: str, kind: str) -> _Key:
    domain = element.findtext(f"{_TAG}{name}Type") or ""
    value = element.findtext(f"{_TAG}{name}Value") or ""
    return kind, domain.strip(), value.strip()


def _lonely_events(root: etree._Element, where: str) -> Iterator[Finding]:
    """Events that no object has to do with; a link may stand on either side."""
    named = {
        _key(each, "linkingEventIdentifier", "event")
        for each in root.iterfind(f"{_TAG}object/{_TAG}linkingEventIdentifier")
    }
    for element in root.iterfind(f"{_TAG}event"):
        if element.find(f"{_TAG}linkingObjectIdentifier") is not None:
            continue
        own = element.find(f"{_TAG}eventIdentifier")
        if own is not None and _key(own, "eventIdentifier", "event") not in named:
            yield finding("F721", line_of(element, where))
