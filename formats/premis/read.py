"""Reading PREMIS 3 back to values.

Kept is what the model holds. The extension elements and the addresses of terms fall away: the
document itself stays the record.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from lxml import etree

from formats.findings import Finding, has_errors
from formats.premis.check import check_content, check_structure
from formats.premis.model import (
    Agent,
    Characteristics,
    CreatingApplication,
    Event,
    Fixity,
    Format,
    FormatRegistry,
    Grant,
    Identifier,
    Inhibitor,
    Linked,
    OtherBasis,
    Outcome,
    Premis,
    PremisObject,
    PreservationLevel,
    Relationship,
    Rights,
    SignificantProperty,
    Statute,
    Storage,
    Term,
)
from formats.premis.schema import NAMESPACE
from formats.premis.vocabulary import Category
from formats.schema import XSI, text_of
from formats.xmldoc import local_name, namespace, read_xml
from formats.xmlstream import iter_children

_TAG = f"{{{NAMESPACE}}}"

Value = TypeVar("Value")

Entity = PremisObject | Event | Agent | Rights


@dataclass(frozen=True, slots=True)
class PremisDocument:
    """What a PREMIS document says; `premis` is None when it departs from the schema."""

    premis: Premis | None
    findings: tuple[Finding, ...]


def read_premis(content: bytes, where: str) -> PremisDocument:
    """The document as values, and all that check_premis finds in it."""
    root, findings = read_xml(content, where)
    if root is not None:
        findings += check_structure(root, where)
    if root is None or has_errors(findings):
        return PremisDocument(None, tuple(findings))
    findings += check_content(root, where)
    return PremisDocument(_premis(root), tuple(findings))


def iter_premis(stream: BinaryIO) -> Iterator[Entity]:
    """The objects, events, agents and rights in the order of the document, one at a time.

    For a document of any size, such as that of a dossier of 100,000 files: only one of them is in
    memory. It takes what is there; whether that keeps the rules is the judgement of check_premis.

    Raises: XmlRefused when the stream is not an XML document that we are willing to read.
    """
    for element in iter_children(stream):
        if namespace(element) == NAMESPACE:
            yield from _entities(element)


def _premis(root: etree._Element) -> Premis:
    found: dict[type, list[Any]] = {PremisObject: [], Event: [], Agent: [], Rights: []}
    for element in root.iterchildren(f"{_TAG}*"):
        for entity in _entities(element):
            found[type(entity)].append(entity)
    return Premis(
        tuple(found[PremisObject]), tuple(found[Event]), tuple(found[Agent]), tuple(found[Rights])
    )


def _entities(element: etree._Element) -> Iterator[Entity]:
    match local_name(element):
        case "object":
            yield _object(element)
        case "event":
            yield _event(element)
        case "agent":
            yield _agent(element)
        case "rights":
            yield from _all(element, "rightsStatement", _rights)


def _object(element: etree._Element) -> PremisObject:
    return PremisObject(
        category=Category((element.get(f"{{{XSI}}}type") or "").rpartition(":")[2]),
        identifiers=_identifiers(element, "objectIdentifier"),
        preservation_levels=_all(element, "preservationLevel", _preservation_level),
        significant_properties=_all(element, "significantProperties", _significant_property),
        characteristics=_all(element, "objectCharacteristics", _characteristics),
        original_name=_text(element, "originalName"),
        storage=_all(element, "storage", _storage),
        relationships=_all(element, "relationship", _relationship),
        events=_identifiers(element, "linkingEventIdentifier"),
        rights=_identifiers(element, "linkingRightsStatementIdentifier"),
    )


def _preservation_level(element: etree._Element) -> PreservationLevel:
    return PreservationLevel(
        value=_text(element, "preservationLevelValue"),
        type=_text(element, "preservationLevelType"),
        role=_text(element, "preservationLevelRole"),
        rationale=_texts(element, "preservationLevelRationale"),
        assigned_on=_text(element, "preservationLevelDateAssigned"),
    )


def _significant_property(element: etree._Element) -> SignificantProperty:
    return SignificantProperty(
        _text(element, "significantPropertiesType"), _text(element, "significantPropertiesValue")
    )


def _characteristics(element: etree._Element) -> Characteristics:
    size = _text(element, "size").strip()
    return Characteristics(
        formats=_all(element, "format", _format),
        composition_level=_composition_level(element),
        fixity=_all(element, "fixity", _fixity),
        size_bytes=int(size) if size else None,
        creating_applications=_all(element, "creatingApplication", _creating_application),
        inhibitors=_all(element, "inhibitors", _inhibitor),
    )


def _composition_level(element: etree._Element) -> int | None:
    level = element.find(f"{_TAG}compositionLevel")
    if level is None or level.get("unknown") == "yes":
        return None
    return int(text_of(level).strip()[:9] or "0")


def _fixity(element: etree._Element) -> Fixity:
    return Fixity(
        _text(element, "messageDigestAlgorithm"),
        _text(element, "messageDigest"),
        _text(element, "messageDigestOriginator"),
    )


def _format(element: etree._Element) -> Format:
    designation = element.find(f"{_TAG}formatDesignation")
    registry = element.find(f"{_TAG}formatRegistry")
    return Format(
        name="" if designation is None else _text(designation, "formatName"),
        version="" if designation is None else _text(designation, "formatVersion"),
        registry=None if registry is None else _registry(registry),
        notes=_texts(element, "formatNote"),
    )


def _registry(element: etree._Element) -> FormatRegistry:
    return FormatRegistry(
        _text(element, "formatRegistryName"),
        _text(element, "formatRegistryKey"),
        _text(element, "formatRegistryRole"),
    )


def _creating_application(element: etree._Element) -> CreatingApplication:
    return CreatingApplication(
        _text(element, "creatingApplicationName"),
        _text(element, "creatingApplicationVersion"),
        _text(element, "dateCreatedByApplication"),
    )


def _inhibitor(element: etree._Element) -> Inhibitor:
    return Inhibitor(
        _text(element, "inhibitorType"),
        _texts(element, "inhibitorTarget"),
        _text(element, "inhibitorKey"),
    )


def _storage(element: etree._Element) -> Storage:
    places = _identifiers(element, "contentLocation")
    return Storage(places[0] if places else None, _text(element, "storageMedium"))


def _relationship(element: etree._Element) -> Relationship:
    return Relationship(
        _text(element, "relationshipType"),
        _text(element, "relationshipSubType"),
        _identifiers(element, "relatedObjectIdentifier"),
        _identifiers(element, "relatedEventIdentifier"),
    )


def _event(element: etree._Element) -> Event:
    return Event(
        identifier=_identifiers(element, "eventIdentifier")[0],
        type=_text(element, "eventType"),
        at=_text(element, "eventDateTime"),
        details=tuple(
            _text(each, "eventDetail")
            for each in element.iterfind(f"{_TAG}eventDetailInformation")
            if each.find(f"{_TAG}eventDetail") is not None
        ),
        outcomes=_all(element, "eventOutcomeInformation", _outcome),
        agents=_linked(element, "linkingAgent"),
        objects=_linked(element, "linkingObject"),
    )


def _outcome(element: etree._Element) -> Outcome:
    notes = element.iterfind(f"{_TAG}eventOutcomeDetail/{_TAG}eventOutcomeDetailNote")
    return Outcome(_text(element, "eventOutcome"), tuple(map(text_of, notes)))


def _agent(element: etree._Element) -> Agent:
    return Agent(
        identifiers=_identifiers(element, "agentIdentifier"),
        names=_texts(element, "agentName"),
        type=_text(element, "agentType"),
        version=_text(element, "agentVersion"),
        notes=_texts(element, "agentNote"),
    )


def _rights(element: etree._Element) -> Rights:
    others = _all(element, "otherRightsInformation", _other_basis)
    return Rights(
        identifier=_identifiers(element, "rightsStatementIdentifier")[0],
        basis=_text(element, "rightsBasis"),
        statutes=_all(element, "statuteInformation", _statute),
        other=others[0] if others else None,
        grants=_all(element, "rightsGranted", _grant),
        objects=_linked(element, "linkingObject"),
        agents=_linked(element, "linkingAgent"),
    )


def _statute(element: etree._Element) -> Statute:
    return Statute(
        _text(element, "statuteJurisdiction"),
        _text(element, "statuteCitation"),
        _texts(element, "statuteNote"),
    )


def _other_basis(element: etree._Element) -> OtherBasis:
    return OtherBasis(_text(element, "otherRightsBasis"), _texts(element, "otherRightsNote"))


def _grant(element: etree._Element) -> Grant:
    granted = _all(element, "termOfGrant", _term)
    restricted = _all(element, "termOfRestriction", _term)
    return Grant(
        act=_text(element, "act"),
        restrictions=_texts(element, "restriction"),
        granted=granted[0] if granted else None,
        restricted=restricted[0] if restricted else None,
        notes=_texts(element, "rightsGrantedNote"),
    )


def _term(element: etree._Element) -> Term:
    return Term(_text(element, "startDate"), _text(element, "endDate"))


def _linked(element: etree._Element, prefix: str) -> tuple[Linked, ...]:
    name = f"{prefix}Identifier"
    return tuple(
        Linked(_identifier(each, name), _texts(each, f"{prefix}Role"))
        for each in element.iterfind(_TAG + name)
    )


def _identifiers(element: etree._Element, name: str) -> tuple[Identifier, ...]:
    return tuple(_identifier(each, name) for each in element.iterfind(_TAG + name))


def _identifier(element: etree._Element, name: str) -> Identifier:
    return Identifier(_text(element, f"{name}Type"), _text(element, f"{name}Value"))


def _all(
    element: etree._Element, name: str, read: Callable[[etree._Element], Value]
) -> tuple[Value, ...]:
    return tuple(map(read, element.iterfind(_TAG + name)))


def _text(element: etree._Element, name: str) -> str:
    child = element.find(_TAG + name)
    return "" if child is None else text_of(child)


def _texts(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(map(text_of, element.iterfind(_TAG + name)))
