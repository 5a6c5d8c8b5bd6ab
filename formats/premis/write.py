"""Writing PREMIS 3: the same value gives the same bytes, however many files there are.

A document is made object by object, so that a dossier of 100,000 files never stands in memory as
XML. Source: PREMIS 3.0 XML schema, for the order of the elements.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from formats.premis.model import (
    Agent,
    Characteristics,
    CreatingApplication,
    Event,
    Format,
    Grant,
    Identifier,
    Inhibitor,
    Linked,
    Outcome,
    Premis,
    PremisObject,
    PreservationLevel,
    Relationship,
    Rights,
    SignificantProperty,
    Storage,
    Term,
)
from formats.premis.vocabulary import (
    AGENT_ROLES,
    AGENT_TYPES,
    AUTHORITY,
    EVENT_OUTCOMES,
    EVENT_TYPES,
    OBJECT_ROLES,
    Category,
)
from formats.xmltext import escape_attribute, escape_text

NAMESPACE = "http://www.loc.gov/premis/v3"
VERSION = "3.0"
CHUNK_CHARACTERS = 64 * 1024

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<premis xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} https://www.loc.gov/standards/premis/premis.xsd"'
    f' version="{VERSION}">\n'
)
_NO_ADDRESSES: Mapping[str, str] = {}


def premis_xml(premis: Premis) -> bytes:
    """The whole document, in UTF-8."""
    return b"".join(premis_chunks(premis.objects, premis.events, premis.agents, premis.rights))


def write_premis(stream: BinaryIO, premis: Premis) -> None:
    """Write the document to a stream, piece by piece."""
    for chunk in premis_chunks(premis.objects, premis.events, premis.agents, premis.rights):
        stream.write(chunk)


def premis_chunks(
    objects: Iterable[PremisObject],
    events: Iterable[Event] = (),
    agents: Iterable[Agent] = (),
    rights: Iterable[Rights] = (),
) -> Iterator[bytes]:
    """The document in pieces of some 64 kB; each object is asked for once, in order."""
    pending: list[str] = [_HEAD]
    size = 0
    for part in _parts(objects, events, agents, rights):
        pending.append(part)
        size += len(part)
        if size >= CHUNK_CHARACTERS:
            yield "".join(pending).encode("utf-8")
            pending.clear()
            size = 0
    pending.append("</premis>\n")
    yield "".join(pending).encode("utf-8")


def _parts(
    objects: Iterable[PremisObject],
    events: Iterable[Event],
    agents: Iterable[Agent],
    rights: Iterable[Rights],
) -> Iterator[str]:
    yield from map(_object, objects)
    yield from map(_event, events)
    yield from map(_agent, agents)
    yield from map(_rights, rights)


def _object(value: PremisObject) -> str:
    inside = [_identifier("object", each) for each in value.identifiers]
    inside += map(_preservation_level, value.preservation_levels)
    inside += map(_significant_property, value.significant_properties)
    inside += map(_characteristics, value.characteristics)
    inside.append(_optional("originalName", value.original_name))
    inside += map(_storage, value.storage)
    inside += map(_relationship, value.relationships)
    inside += [_identifier("linkingEvent", each) for each in value.events]
    inside += [_identifier("linkingRightsStatement", each) for each in value.rights]
    return f'<object xsi:type="{Category(value.category).value}">\n{"".join(inside)}</object>\n'


def _preservation_level(value: PreservationLevel) -> str:
    return _container(
        "preservationLevel",
        _optional("preservationLevelType", value.type),
        _element("preservationLevelValue", value.value),
        _optional("preservationLevelRole", value.role),
        *_repeated("preservationLevelRationale", value.rationale),
        _optional("preservationLevelDateAssigned", value.assigned_on),
    )


def _significant_property(value: SignificantProperty) -> str:
    return _container(
        "significantProperties",
        _element("significantPropertiesType", value.type),
        _optional("significantPropertiesValue", value.value),
    )


def _characteristics(value: Characteristics) -> str:
    parts = [_composition_level(value.composition_level)]
    for each in value.fixity:
        parts.append(
            "<fixity>"
            f"<messageDigestAlgorithm>{escape_text(each.algorithm)}</messageDigestAlgorithm>"
            f"<messageDigest>{escape_text(each.digest)}</messageDigest>"
            f"{_inline('messageDigestOriginator', each.originator)}</fixity>\n"
        )
    if value.size_bytes is not None:
        parts.append(f"<size>{value.size_bytes}</size>\n")
    parts += map(_format, value.formats)
    parts += map(_creating_application, value.creating_applications)
    parts += map(_inhibitor, value.inhibitors)
    return _container("objectCharacteristics", *parts)


def _composition_level(level: int | None) -> str:
    if level is None:
        return '<compositionLevel unknown="yes">0</compositionLevel>\n'
    return f"<compositionLevel>{level}</compositionLevel>\n"


def _format(value: Format) -> str:
    parts = []
    if value.name or value.registry is None:
        parts.append(
            f"<formatDesignation><formatName>{escape_text(value.name)}</formatName>"
            f"{_inline('formatVersion', value.version)}</formatDesignation>\n"
        )
    if value.registry is not None:
        parts.append(
            "<formatRegistry>"
            f"<formatRegistryName>{escape_text(value.registry.name)}</formatRegistryName>"
            f"<formatRegistryKey>{escape_text(value.registry.key)}</formatRegistryKey>"
            f"{_inline('formatRegistryRole', value.registry.role)}</formatRegistry>\n"
        )
    parts += _repeated("formatNote", value.notes)
    return _container("format", *parts)


def _creating_application(value: CreatingApplication) -> str:
    return _container(
        "creatingApplication",
        _optional("creatingApplicationName", value.name),
        _optional("creatingApplicationVersion", value.version),
        _optional("dateCreatedByApplication", value.created),
    )


def _inhibitor(value: Inhibitor) -> str:
    return _container(
        "inhibitors",
        _element("inhibitorType", value.type),
        *_repeated("inhibitorTarget", value.targets),
        _optional("inhibitorKey", value.key),
    )


def _storage(value: Storage) -> str:
    location = "" if value.location is None else _identifier("contentLocation", value.location)
    return _container("storage", location, _optional("storageMedium", value.medium))


def _relationship(value: Relationship) -> str:
    return _container(
        "relationship",
        _element("relationshipType", value.type),
        _element("relationshipSubType", value.subtype),
        *(_identifier("relatedObject", each) for each in value.objects),
        *(_identifier("relatedEvent", each) for each in value.events),
    )


def _event(value: Event) -> str:
    return _container(
        "event",
        _identifier("event", value.identifier),
        _term("eventType", value.type, EVENT_TYPES),
        _element("eventDateTime", value.at),
        *(_container("eventDetailInformation", _element("eventDetail", e)) for e in value.details),
        *map(_outcome, value.outcomes),
        *(_linked("linkingAgent", each, AGENT_ROLES) for each in value.agents),
        *(_linked("linkingObject", each, OBJECT_ROLES) for each in value.objects),
    )


def _outcome(value: Outcome) -> str:
    outcome = _term("eventOutcome", value.outcome, EVENT_OUTCOMES) if value.outcome else ""
    notes = (
        _container("eventOutcomeDetail", _element("eventOutcomeDetailNote", note))
        for note in value.notes
    )
    return _container("eventOutcomeInformation", outcome, *notes)


def _agent(value: Agent) -> str:
    return _container(
        "agent",
        *(_identifier("agent", each) for each in value.identifiers),
        *_repeated("agentName", value.names),
        _term("agentType", value.type, AGENT_TYPES) if value.type else "",
        _optional("agentVersion", value.version),
        *_repeated("agentNote", value.notes),
    )


def _rights(value: Rights) -> str:
    statutes = (
        _container(
            "statuteInformation",
            _element("statuteJurisdiction", each.jurisdiction),
            _element("statuteCitation", each.citation),
            *_repeated("statuteNote", each.notes),
        )
        for each in value.statutes
    )
    other = ""
    if value.other is not None:
        notes = _repeated("otherRightsNote", value.other.notes)
        basis = _element("otherRightsBasis", value.other.basis)
        other = _container("otherRightsInformation", basis, *notes)
    statement = _container(
        "rightsStatement",
        _identifier("rightsStatement", value.identifier),
        _element("rightsBasis", value.basis),
        *statutes,
        other,
        *map(_grant, value.grants),
        *(_linked("linkingObject", each, _NO_ADDRESSES) for each in value.objects),
        *(_linked("linkingAgent", each, _NO_ADDRESSES) for each in value.agents),
    )
    return _container("rights", statement)


def _grant(value: Grant) -> str:
    return _container(
        "rightsGranted",
        _element("act", value.act),
        *_repeated("restriction", value.restrictions),
        _dates("termOfGrant", value.granted),
        _dates("termOfRestriction", value.restricted),
        *_repeated("rightsGrantedNote", value.notes),
    )


def _dates(name: str, value: Term | None) -> str:
    if value is None:
        return ""
    return _container(name, _element("startDate", value.start), _optional("endDate", value.end))


def _linked(prefix: str, value: Linked, roles: Mapping[str, str]) -> str:
    role = prefix + "Role"
    return (
        f"<{prefix}Identifier>\n{_type_and_value(prefix + 'Identifier', value.identifier)}"
        f"{''.join(_term(role, each, roles) for each in value.roles)}</{prefix}Identifier>\n"
    )


def _identifier(prefix: str, value: Identifier) -> str:
    """An identifier of that kind; a content location is spelled without the word identifier."""
    name = prefix if prefix == "contentLocation" else prefix + "Identifier"
    return f"<{name}>{_type_and_value(name, value)}</{name}>\n"


def _type_and_value(name: str, value: Identifier) -> str:
    return (
        f"<{name}Type>{escape_text(value.type)}</{name}Type>"
        f"<{name}Value>{escape_text(value.value)}</{name}Value>"
    )


def _term(name: str, value: str, addresses: Mapping[str, str]) -> str:
    address = addresses.get(value)
    if address is None:
        return _element(name, value)
    uri = escape_attribute(AUTHORITY + address)
    return f'<{name} valueURI="{uri}">{escape_text(value)}</{name}>\n'


def _container(name: str, *parts: str) -> str:
    return f"<{name}>\n{''.join(parts)}</{name}>\n"


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape_text(value)}</{name}>\n"


def _optional(name: str, value: str) -> str:
    return _element(name, value) if value else ""


def _inline(name: str, value: str) -> str:
    return f"<{name}>{escape_text(value)}</{name}>" if value else ""


def _repeated(name: str, values: Iterable[str]) -> list[str]:
    return [_element(name, value) for value in values]
