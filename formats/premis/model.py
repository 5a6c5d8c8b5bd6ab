"""PREMIS 3 as frozen values: objects, events, agents and rights, in the order of the schema.

Source: PREMIS Data Dictionary 3.0 (semantic units) and the PREMIS 3.0 XML schema. Where a term
comes from a vocabulary the field is text, so that another's term can be read too; the members of
formats.premis.vocabulary are such texts. An absent text is "".
"""

from dataclasses import dataclass

from formats.premis.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier and the domain within which it is unique."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class PreservationLevel:
    """The level at which the object is kept (1.3). `assigned_on` is a date."""

    value: str
    type: str = ""
    role: str = ""
    rationale: tuple[str, ...] = ()
    assigned_on: str = ""


@dataclass(frozen=True, slots=True)
class SignificantProperty:
    """A property that has to survive (1.4)."""

    type: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Fixity:
    """A digest of the bytes (1.5.2); the originator is who computed it first."""

    algorithm: str
    digest: str
    originator: str = ""


@dataclass(frozen=True, slots=True)
class FormatRegistry:
    """A format's key in a registry (1.5.4.2), such as fmt/95 in PRONOM."""

    name: str
    key: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format (1.5.4): a name, a registry's key, or both; notes say on what basis."""

    name: str = ""
    version: str = ""
    registry: FormatRegistry | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreatingApplication:
    """The software that made the file (1.5.5)."""

    name: str = ""
    version: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """What hinders use (1.5.6), such as a password."""

    type: str
    targets: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Characteristics:
    """The technical properties of a file or bitstream (1.5).

    `composition_level` is 0 for bytes that are in no wrapper; None when it is not known.
    """

    formats: tuple[Format, ...]
    composition_level: int | None = 0
    fixity: tuple[Fixity, ...] = ()
    size_bytes: int | None = None
    creating_applications: tuple[CreatingApplication, ...] = ()
    inhibitors: tuple[Inhibitor, ...] = ()


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the object stands (1.7): a location, a medium, or both."""

    location: Identifier | None = None
    medium: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """How the object that bears it stands to others (1.13), by which events."""

    type: str
    subtype: str
    objects: tuple[Identifier, ...]
    events: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class PremisObject:
    """An object (1): an intellectual entity, a representation, a file or a bitstream.

    Only a file or a bitstream bears characteristics, and it must; an intellectual entity has no
    storage, and a bitstream neither a preservation level nor an original name.
    """

    category: Category
    identifiers: tuple[Identifier, ...]
    preservation_levels: tuple[PreservationLevel, ...] = ()
    significant_properties: tuple[SignificantProperty, ...] = ()
    characteristics: tuple[Characteristics, ...] = ()
    original_name: str = ""
    storage: tuple[Storage, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    events: tuple[Identifier, ...] = ()
    rights: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an event ended (2.5), with notes."""

    outcome: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """An agent or an object that took part in an event or a right, and in which roles."""

    identifier: Identifier
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to objects (2). `at` is an ISO 8601 instant with its zone."""

    identifier: Identifier
    type: str
    at: str
    details: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    agents: tuple[Linked, ...] = ()
    objects: tuple[Linked, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """A person, an organisation or software that takes part in events (3)."""

    identifiers: tuple[Identifier, ...]
    names: tuple[str, ...] = ()
    type: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """From when to when (4.1.6.3, 4.1.6.4); no end is open."""

    start: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Statute:
    """The law that a right or restriction rests on (4.1.5). The jurisdiction is a country code."""

    jurisdiction: str
    citation: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherBasis:
    """Another ground of a right, such as a policy (4.1.6)."""

    basis: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be done, and under which restrictions (4.1.7)."""

    act: str
    restrictions: tuple[str, ...] = ()
    granted: Term | None = None
    restricted: Term | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """A statement of rights (4.1) and what it is about."""

    identifier: Identifier
    basis: str
    statutes: tuple[Statute, ...] = ()
    other: OtherBasis | None = None
    grants: tuple[Grant, ...] = ()
    objects: tuple[Linked, ...] = ()
    agents: tuple[Linked, ...] = ()


@dataclass(frozen=True, slots=True)
class Premis:
    """A whole document: at least one object."""

    objects: tuple[PremisObject, ...]
    events: tuple[Event, ...] = ()
    agents: tuple[Agent, ...] = ()
    rights: tuple[Rights, ...] = ()
