"""PREMIS 3.0 as a table: which semantic units, in which order, how often.

Where the official schema offers a choice of sequences only to say "at least one of these", the
table has them all optional and AT_LEAST_ONE names the containers that may not stay empty.

Source: PREMIS 3.0 XML schema (Library of Congress, 18 January 2016).
"""

from formats.datatypes import BUILT_IN, NON_NEGATIVE_INTEGER, STRING
from formats.schema import (
    UNBOUNDED,
    ComplexType,
    Element,
    Schema,
    SchemaFault,
    sequence,
    skipped,
    value_of,
)

NAMESPACE = "http://www.loc.gov/premis/v3"

CODES = {
    SchemaFault.ROOT: "F700",
    SchemaFault.UNKNOWN: "F701",
    SchemaFault.MISSING: "F702",
    SchemaFault.TOO_MANY: "F703",
    SchemaFault.ORDER: "F704",
    SchemaFault.VALUE: "F705",
    SchemaFault.TEXT: "F706",
    SchemaFault.CHILD: "F707",
    SchemaFault.ATTRIBUTE: "F708",
    SchemaFault.XSI: "F709",
    SchemaFault.MORE: "F710",
}

AT_LEAST_ONE = frozenset(
    {
        "creatingApplication",
        "eventOutcomeDetail",
        "eventOutcomeInformation",
        "licenseInformation",
        "rights",
        "signatureInformation",
        "significantProperties",
        "storage",
        "agentExtension",
        "creatingApplicationExtension",
        "environmentExtension",
        "eventDetailExtension",
        "eventOutcomeDetailExtension",
        "keyInformation",
        "objectCharacteristicsExtension",
        "rightsExtension",
        "signatureInformationExtension",
        "significantPropertiesExtension",
    }
)

_LINK = frozenset({"simpleLink"})
_OWN = frozenset({"xmlID", "version"})
_TERM = value_of(
    STRING,
    name="stringPlusAuthority",
    attributes=frozenset({"authority", "authorityURI", "valueURI"}),
)
_LONG = BUILT_IN["xs:long"]


def _optional(name: str, kind: ComplexType) -> Element:
    return Element(name, kind, 0)


def _many(name: str, kind: ComplexType) -> Element:
    return Element(name, kind, 0, UNBOUNDED)


def _text(name: str) -> Element:
    return Element(name, STRING)


def _texts(name: str) -> Element:
    return Element(name, STRING, 0, UNBOUNDED)


def _maybe(name: str) -> Element:
    return Element(name, STRING, 0)


def _term(name: str) -> Element:
    return Element(name, _TERM)


def _identified(name: str, *more: Element, links: frozenset[str] = frozenset()) -> ComplexType:
    return sequence(_term(f"{name}Type"), _text(f"{name}Value"), *more, attributes=_LINK | links)


def _documented(name: str) -> Element:
    kind = sequence(
        _term(f"{name}DocumentationIdentifierType"),
        _text(f"{name}DocumentationIdentifierValue"),
        _optional(f"{name}DocumentationRole", _TERM),
    )
    return _many(f"{name}DocumentationIdentifier", kind)


def _extension(name: str) -> Element:
    return Element(name, skipped(), 0, UNBOUNDED)


_DATES = sequence(_text("startDate"), _maybe("endDate"))
_RELATED_OBJECT = _identified(
    "relatedObjectIdentifier",
    Element("relatedObjectSequence", NON_NEGATIVE_INTEGER, 0),
    links=frozenset({"RelObjectXmlID"}),
)
_RELATED_EVENT = _identified(
    "relatedEventIdentifier",
    Element("relatedEventSequence", NON_NEGATIVE_INTEGER, 0),
    links=frozenset({"RelEventXmlID"}),
)
_LINKED_EVENT = _many(
    "linkingEventIdentifier",
    _identified("linkingEventIdentifier", links=frozenset({"LinkEventXmlID"})),
)
_LINKED_RIGHTS = _many(
    "linkingRightsStatementIdentifier",
    _identified(
        "linkingRightsStatementIdentifier", links=frozenset({"LinkPermissionStatementXmlID"})
    ),
)
_LINKED_AGENT = _many(
    "linkingAgentIdentifier",
    _identified(
        "linkingAgentIdentifier",
        _many("linkingAgentRole", _TERM),
        links=frozenset({"LinkAgentXmlID"}),
    ),
)
_LINKED_OBJECT = _many(
    "linkingObjectIdentifier",
    _identified(
        "linkingObjectIdentifier",
        _many("linkingObjectRole", _TERM),
        links=frozenset({"LinkObjectXmlID"}),
    ),
)
_LINKED_ENVIRONMENT = _many(
    "linkingEnvironmentIdentifier",
    sequence(
        _text("linkingEnvironmentIdentifierType"),
        _text("linkingEnvironmentIdentifierValue"),
        _many("linkingEnvironmentRole", _TERM),
        attributes=frozenset({"LinkEventXmlID", "simpleLink"}),
    ),
)

_RELATIONSHIP = _many(
    "relationship",
    sequence(
        _term("relationshipType"),
        _term("relationshipSubType"),
        Element("relatedObjectIdentifier", _RELATED_OBJECT, 1, UNBOUNDED),
        _many("relatedEventIdentifier", _RELATED_EVENT),
        _many("relatedEnvironmentPurpose", _TERM),
        _optional("relatedEnvironmentCharacteristic", _TERM),
    ),
)
_FORMAT = sequence(
    _optional("formatDesignation", sequence(_term("formatName"), _maybe("formatVersion"))),
    _optional(
        "formatRegistry",
        sequence(
            _term("formatRegistryName"),
            _term("formatRegistryKey"),
            _optional("formatRegistryRole", _TERM),
            attributes=_LINK,
        ),
    ),
    _texts("formatNote"),
)
_FIXITY = sequence(
    _term("messageDigestAlgorithm"),
    _text("messageDigest"),
    _optional("messageDigestOriginator", _TERM),
)
_CREATING_APPLICATION = sequence(
    _optional("creatingApplicationName", _TERM),
    _maybe("creatingApplicationVersion"),
    _maybe("dateCreatedByApplication"),
    _extension("creatingApplicationExtension"),
)
_INHIBITORS = sequence(
    _term("inhibitorType"), _many("inhibitorTarget", _TERM), _maybe("inhibitorKey")
)
_CHARACTERISTICS = Element(
    "objectCharacteristics",
    sequence(
        _optional(
            "compositionLevel",
            value_of(NON_NEGATIVE_INTEGER, attributes=frozenset({"unknown"})),
        ),
        _many("fixity", _FIXITY),
        Element("size", _LONG, 0),
        Element("format", _FORMAT, 1, UNBOUNDED),
        _many("creatingApplication", _CREATING_APPLICATION),
        _many("inhibitors", _INHIBITORS),
        _extension("objectCharacteristicsExtension"),
    ),
    1,
    UNBOUNDED,
)
_SIGNATURE = sequence(
    _term("signatureEncoding"),
    _optional("signer", _TERM),
    _term("signatureMethod"),
    _text("signatureValue"),
    _term("signatureValidationRules"),
    _texts("signatureProperties"),
    _extension("keyInformation"),
)
_SIGNATURE_INFORMATION = _many(
    "signatureInformation",
    sequence(_optional("signature", _SIGNATURE), _extension("signatureInformationExtension")),
)
_STORAGE = _many(
    "storage",
    sequence(
        _optional("contentLocation", _identified("contentLocation")),
        _optional("storageMedium", _TERM),
    ),
)
_PRESERVATION_LEVEL = _many(
    "preservationLevel",
    sequence(
        _optional("preservationLevelType", _TERM),
        _term("preservationLevelValue"),
        _optional("preservationLevelRole", _TERM),
        _texts("preservationLevelRationale"),
        _maybe("preservationLevelDateAssigned"),
    ),
)
_SIGNIFICANT_PROPERTIES = _many(
    "significantProperties",
    sequence(
        _optional("significantPropertiesType", _TERM),
        _maybe("significantPropertiesValue"),
        _extension("significantPropertiesExtension"),
    ),
)
_OBJECT_IDENTIFIER = Element("objectIdentifier", _identified("objectIdentifier"), 1, UNBOUNDED)
_ORIGINAL_NAME = Element("originalName", value_of(STRING, attributes=_LINK), 0)
_LINKS = (_RELATIONSHIP, _LINKED_EVENT, _LINKED_RIGHTS)

OBJECT = sequence(name="objectComplexType", attributes=_OWN)
FILE = sequence(
    _OBJECT_IDENTIFIER,
    _PRESERVATION_LEVEL,
    _SIGNIFICANT_PROPERTIES,
    _CHARACTERISTICS,
    _ORIGINAL_NAME,
    _STORAGE,
    _SIGNATURE_INFORMATION,
    *_LINKS,
    name="file",
    attributes=_OWN,
    base=OBJECT,
)
REPRESENTATION = sequence(
    _OBJECT_IDENTIFIER,
    _PRESERVATION_LEVEL,
    _SIGNIFICANT_PROPERTIES,
    _ORIGINAL_NAME,
    _STORAGE,
    *_LINKS,
    name="representation",
    attributes=_OWN,
    base=OBJECT,
)
BITSTREAM = sequence(
    _OBJECT_IDENTIFIER,
    _SIGNIFICANT_PROPERTIES,
    _CHARACTERISTICS,
    _STORAGE,
    _SIGNATURE_INFORMATION,
    *_LINKS,
    name="bitstream",
    attributes=_OWN,
    base=OBJECT,
)
INTELLECTUAL_ENTITY = sequence(
    _OBJECT_IDENTIFIER,
    _PRESERVATION_LEVEL,
    _SIGNIFICANT_PROPERTIES,
    _ORIGINAL_NAME,
    _many(
        "environmentFunction",
        sequence(_term("environmentFunctionType"), _text("environmentFunctionLevel")),
    ),
    _many(
        "environmentDesignation",
        sequence(
            _term("environmentName"),
            _maybe("environmentVersion"),
            _maybe("environmentOrigin"),
            _texts("environmentDesignationNote"),
            _texts("environmentDesignationExtension"),
        ),
    ),
    _many(
        "environmentRegistry",
        sequence(
            _text("environmentRegistryName"),
            _text("environmentRegistryKey"),
            _optional("environmentRegistryRole", _TERM),
        ),
    ),
    _extension("environmentExtension"),
    *_LINKS,
    name="intellectualEntity",
    attributes=_OWN,
    base=OBJECT,
)
EVENT = sequence(
    Element("eventIdentifier", _identified("eventIdentifier")),
    _term("eventType"),
    _text("eventDateTime"),
    _many(
        "eventDetailInformation",
        sequence(_maybe("eventDetail"), _extension("eventDetailExtension")),
    ),
    _many(
        "eventOutcomeInformation",
        sequence(
            _optional("eventOutcome", _TERM),
            _many(
                "eventOutcomeDetail",
                sequence(
                    _maybe("eventOutcomeDetailNote"), _extension("eventOutcomeDetailExtension")
                ),
            ),
        ),
    ),
    _LINKED_AGENT,
    _LINKED_OBJECT,
    attributes=_OWN,
)
AGENT = sequence(
    Element("agentIdentifier", _identified("agentIdentifier"), 1, UNBOUNDED),
    _many("agentName", _TERM),
    _optional("agentType", _TERM),
    _maybe("agentVersion"),
    _texts("agentNote"),
    _extension("agentExtension"),
    _LINKED_EVENT,
    _LINKED_RIGHTS,
    _LINKED_ENVIRONMENT,
    attributes=_OWN,
)
RIGHTS_STATEMENT = sequence(
    Element("rightsStatementIdentifier", _identified("rightsStatementIdentifier")),
    _term("rightsBasis"),
    _optional(
        "copyrightInformation",
        sequence(
            _term("copyrightStatus"),
            _term("copyrightJurisdiction"),
            _maybe("copyrightStatusDeterminationDate"),
            _texts("copyrightNote"),
            _documented("copyright"),
            _optional("copyrightApplicableDates", _DATES),
        ),
    ),
    _optional(
        "licenseInformation",
        sequence(
            _documented("license"),
            _maybe("licenseTerms"),
            _texts("licenseNote"),
            _optional("licenseApplicableDates", _DATES),
        ),
    ),
    _many(
        "statuteInformation",
        sequence(
            _term("statuteJurisdiction"),
            _term("statuteCitation"),
            _maybe("statuteInformationDeterminationDate"),
            _texts("statuteNote"),
            _documented("statute"),
            _optional("statuteApplicableDates", _DATES),
        ),
    ),
    _optional(
        "otherRightsInformation",
        sequence(
            _documented("otherRights"),
            _term("otherRightsBasis"),
            _optional("otherRightsApplicableDates", _DATES),
            _texts("otherRightsNote"),
        ),
    ),
    _many(
        "rightsGranted",
        sequence(
            _term("act"),
            _many("restriction", _TERM),
            _optional("termOfGrant", _DATES),
            _optional("termOfRestriction", _DATES),
            _texts("rightsGrantedNote"),
        ),
    ),
    _LINKED_OBJECT,
    _LINKED_AGENT,
)

PREMIS_3 = Schema(
    NAMESPACE,
    Element(
        "premis",
        sequence(
            Element("object", OBJECT, 1, UNBOUNDED),
            _many("event", EVENT),
            _many("agent", AGENT),
            _many("rights", skipped(attributes=_OWN)),
            attributes=frozenset({"version"}),
        ),
    ),
    CODES,
    (OBJECT, FILE, REPRESENTATION, BITSTREAM, INTELLECTUAL_ENTITY),
)
# Within rights, statements and extensions may alternate; each statement is judged by itself.
PREMIS_3_RIGHTS = Schema(NAMESPACE, Element("rightsStatement", RIGHTS_STATEMENT), CODES)
