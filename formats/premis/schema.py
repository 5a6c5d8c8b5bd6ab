"""PREMIS 3.0 as a table: which semantic units, in which order, how often.

Where the official schema offers a choice of sequences only to say "at least one of these", the
table has them all optional and AT_LEAST_ONE names the containers that may not stay empty.

Source: PREMIS 3.0 XML schema (Library of Congress, 18 January 2016).
"""

from formats.datatypes import NON_NEGATIVE_INTEGER, STRING
from formats.premis.rights_schema import RIGHTS_STATEMENT
from formats.premis.units import (
    LINK,
    LINKED_AGENT,
    LINKED_ENVIRONMENT,
    LINKED_EVENT,
    LINKED_OBJECT,
    LINKED_RIGHTS,
    LONG,
    OWN,
    RELATED_EVENT,
    RELATED_OBJECT,
    TERM,
    extension,
    identified,
    many,
    maybe,
    optional,
    term,
    text,
    texts,
)
from formats.schema import (
    UNBOUNDED,
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

_RELATIONSHIP = many(
    "relationship",
    sequence(
        term("relationshipType"),
        term("relationshipSubType"),
        Element("relatedObjectIdentifier", RELATED_OBJECT, 1, UNBOUNDED),
        many("relatedEventIdentifier", RELATED_EVENT),
        many("relatedEnvironmentPurpose", TERM),
        optional("relatedEnvironmentCharacteristic", TERM),
    ),
)
_FORMAT = sequence(
    optional("formatDesignation", sequence(term("formatName"), maybe("formatVersion"))),
    optional(
        "formatRegistry",
        sequence(
            term("formatRegistryName"),
            term("formatRegistryKey"),
            optional("formatRegistryRole", TERM),
            attributes=LINK,
        ),
    ),
    texts("formatNote"),
)
_FIXITY = sequence(
    term("messageDigestAlgorithm"),
    text("messageDigest"),
    optional("messageDigestOriginator", TERM),
)
_CREATING_APPLICATION = sequence(
    optional("creatingApplicationName", TERM),
    maybe("creatingApplicationVersion"),
    maybe("dateCreatedByApplication"),
    extension("creatingApplicationExtension"),
)
_INHIBITORS = sequence(term("inhibitorType"), many("inhibitorTarget", TERM), maybe("inhibitorKey"))
_CHARACTERISTICS = Element(
    "objectCharacteristics",
    sequence(
        optional(
            "compositionLevel",
            value_of(NON_NEGATIVE_INTEGER, attributes=frozenset({"unknown"})),
        ),
        many("fixity", _FIXITY),
        Element("size", LONG, 0),
        Element("format", _FORMAT, 1, UNBOUNDED),
        many("creatingApplication", _CREATING_APPLICATION),
        many("inhibitors", _INHIBITORS),
        extension("objectCharacteristicsExtension"),
    ),
    1,
    UNBOUNDED,
)
_SIGNATURE = sequence(
    term("signatureEncoding"),
    optional("signer", TERM),
    term("signatureMethod"),
    text("signatureValue"),
    term("signatureValidationRules"),
    texts("signatureProperties"),
    extension("keyInformation"),
)
_SIGNATURE_INFORMATION = many(
    "signatureInformation",
    sequence(optional("signature", _SIGNATURE), extension("signatureInformationExtension")),
)
_STORAGE = many(
    "storage",
    sequence(
        optional("contentLocation", identified("contentLocation")),
        optional("storageMedium", TERM),
    ),
)
_PRESERVATION_LEVEL = many(
    "preservationLevel",
    sequence(
        optional("preservationLevelType", TERM),
        term("preservationLevelValue"),
        optional("preservationLevelRole", TERM),
        texts("preservationLevelRationale"),
        maybe("preservationLevelDateAssigned"),
    ),
)
_SIGNIFICANT_PROPERTIES = many(
    "significantProperties",
    sequence(
        optional("significantPropertiesType", TERM),
        maybe("significantPropertiesValue"),
        extension("significantPropertiesExtension"),
    ),
)
_OBJECT_IDENTIFIER = Element("objectIdentifier", identified("objectIdentifier"), 1, UNBOUNDED)
_ORIGINAL_NAME = Element("originalName", value_of(STRING, attributes=LINK), 0)
_LINKS = (_RELATIONSHIP, LINKED_EVENT, LINKED_RIGHTS)

OBJECT = sequence(name="objectComplexType", attributes=OWN)
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
    attributes=OWN,
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
    attributes=OWN,
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
    attributes=OWN,
    base=OBJECT,
)
INTELLECTUAL_ENTITY = sequence(
    _OBJECT_IDENTIFIER,
    _PRESERVATION_LEVEL,
    _SIGNIFICANT_PROPERTIES,
    _ORIGINAL_NAME,
    many(
        "environmentFunction",
        sequence(term("environmentFunctionType"), text("environmentFunctionLevel")),
    ),
    many(
        "environmentDesignation",
        sequence(
            term("environmentName"),
            maybe("environmentVersion"),
            maybe("environmentOrigin"),
            texts("environmentDesignationNote"),
            texts("environmentDesignationExtension"),
        ),
    ),
    many(
        "environmentRegistry",
        sequence(
            text("environmentRegistryName"),
            text("environmentRegistryKey"),
            optional("environmentRegistryRole", TERM),
        ),
    ),
    extension("environmentExtension"),
    *_LINKS,
    name="intellectualEntity",
    attributes=OWN,
    base=OBJECT,
)
EVENT = sequence(
    Element("eventIdentifier", identified("eventIdentifier")),
    term("eventType"),
    text("eventDateTime"),
    many(
        "eventDetailInformation",
        sequence(maybe("eventDetail"), extension("eventDetailExtension")),
    ),
    many(
        "eventOutcomeInformation",
        sequence(
            optional("eventOutcome", TERM),
            many(
                "eventOutcomeDetail",
                sequence(maybe("eventOutcomeDetailNote"), extension("eventOutcomeDetailExtension")),
            ),
        ),
    ),
    LINKED_AGENT,
    LINKED_OBJECT,
    attributes=OWN,
)
AGENT = sequence(
    Element("agentIdentifier", identified("agentIdentifier"), 1, UNBOUNDED),
    many("agentName", TERM),
    optional("agentType", TERM),
    maybe("agentVersion"),
    texts("agentNote"),
    extension("agentExtension"),
    LINKED_EVENT,
    LINKED_RIGHTS,
    LINKED_ENVIRONMENT,
    attributes=OWN,
)
PREMIS_3 = Schema(
    NAMESPACE,
    Element(
        "premis",
        sequence(
            Element("object", OBJECT, 1, UNBOUNDED),
            many("event", EVENT),
            many("agent", AGENT),
            many("rights", skipped(attributes=OWN)),
            attributes=frozenset({"version"}),
        ),
    ),
    CODES,
    (OBJECT, FILE, REPRESENTATION, BITSTREAM, INTELLECTUAL_ENTITY),
)
# Within rights, statements and extensions may alternate; each statement is judged by itself.
PREMIS_3_RIGHTS = Schema(NAMESPACE, Element("rightsStatement", RIGHTS_STATEMENT), CODES)
