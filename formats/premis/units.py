"""The parts of which the tables of PREMIS are made: terms, identifiers and links.

Source: PREMIS 3.0 XML schema.
"""

from formats.datatypes import BUILT_IN, NON_NEGATIVE_INTEGER, STRING
from formats.schema import UNBOUNDED, ComplexType, Element, sequence, skipped, value_of

LINK = frozenset({"simpleLink"})
OWN = frozenset({"xmlID", "version"})
TERM = value_of(
    STRING,
    name="stringPlusAuthority",
    attributes=frozenset({"authority", "authorityURI", "valueURI"}),
)
LONG = BUILT_IN["xs:long"]


def optional(name: str, kind: ComplexType) -> Element:
    """An element that may be left out."""
    return Element(name, kind, 0)


def many(name: str, kind: ComplexType) -> Element:
    """An element that may occur any number of times."""
    return Element(name, kind, 0, UNBOUNDED)


def text(name: str) -> Element:
    """An element that holds a text."""
    return Element(name, STRING)


def texts(name: str) -> Element:
    """Texts, any number of them."""
    return Element(name, STRING, 0, UNBOUNDED)


def maybe(name: str) -> Element:
    """A text that may be left out."""
    return Element(name, STRING, 0)


def term(name: str) -> Element:
    """An element that holds a term, which may say which vocabulary it is from."""
    return Element(name, TERM)


def identified(name: str, *more: Element, links: frozenset[str] = frozenset()) -> ComplexType:
    """An identifier: its type, its value, and what more belongs to it."""
    return sequence(term(f"{name}Type"), text(f"{name}Value"), *more, attributes=LINK | links)


def documented(name: str) -> Element:
    """Identifiers of documents about a right."""
    kind = sequence(
        term(f"{name}DocumentationIdentifierType"),
        text(f"{name}DocumentationIdentifierValue"),
        optional(f"{name}DocumentationRole", TERM),
    )
    return many(f"{name}DocumentationIdentifier", kind)


def extension(name: str) -> Element:
    """A place for elements of other standards."""
    return Element(name, skipped(), 0, UNBOUNDED)


DATES = sequence(text("startDate"), maybe("endDate"))
RELATED_OBJECT = identified(
    "relatedObjectIdentifier",
    Element("relatedObjectSequence", NON_NEGATIVE_INTEGER, 0),
    links=frozenset({"RelObjectXmlID"}),
)
RELATED_EVENT = identified(
    "relatedEventIdentifier",
    Element("relatedEventSequence", NON_NEGATIVE_INTEGER, 0),
    links=frozenset({"RelEventXmlID"}),
)
LINKED_EVENT = many(
    "linkingEventIdentifier",
    identified("linkingEventIdentifier", links=frozenset({"LinkEventXmlID"})),
)
LINKED_RIGHTS = many(
    "linkingRightsStatementIdentifier",
    identified(
        "linkingRightsStatementIdentifier", links=frozenset({"LinkPermissionStatementXmlID"})
    ),
)
LINKED_AGENT = many(
    "linkingAgentIdentifier",
    identified(
        "linkingAgentIdentifier",
        many("linkingAgentRole", TERM),
        links=frozenset({"LinkAgentXmlID"}),
    ),
)
LINKED_OBJECT = many(
    "linkingObjectIdentifier",
    identified(
        "linkingObjectIdentifier",
        many("linkingObjectRole", TERM),
        links=frozenset({"LinkObjectXmlID"}),
    ),
)
LINKED_ENVIRONMENT = many(
    "linkingEnvironmentIdentifier",
    sequence(
        text("linkingEnvironmentIdentifierType"),
        text("linkingEnvironmentIdentifierValue"),
        many("linkingEnvironmentRole", TERM),
        attributes=frozenset({"LinkEventXmlID", "simpleLink"}),
    ),
)
