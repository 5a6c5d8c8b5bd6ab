"""The PREMIS vocabularies of the Library of Congress, and the addresses of their terms.

Source: id.loc.gov/vocabulary/preservation. A term that is not listed may be used too; it then
stands in the document without an address.
"""

from collections.abc import Mapping
from enum import StrEnum

AUTHORITY = "http://id.loc.gov/vocabulary/preservation/"


class Category(StrEnum):
    """The kind of an object (objectCategory, semantic unit 1.2)."""

    INTELLECTUAL_ENTITY = "intellectualEntity"
    REPRESENTATION = "representation"
    FILE = "file"
    BITSTREAM = "bitstream"


class EventType(StrEnum):
    """What happened (eventType, semantic unit 2.2)."""

    ACCESSION = "accession"
    APPRAISAL = "appraisal"
    CAPTURE = "capture"
    COMPRESSION = "compression"
    COMPILING = "compiling"
    CREATION = "creation"
    DEACCESSION = "deaccession"
    DECOMPRESSION = "decompression"
    DELETION = "deletion"
    DECRYPTION = "decryption"
    DIGITAL_SIGNATURE_VALIDATION = "digital signature validation"
    DISSEMINATION = "dissemination"
    DIGITAL_SIGNATURE_GENERATION = "digital signature generation"
    ENCRYPTION = "encryption"
    EXPORTING = "exporting"
    EXTRACTION = "extraction"
    FILENAME_CHANGE = "filename change"
    FIXITY_CHECK = "fixity check"
    FORMAT_IDENTIFICATION = "format identification"
    INGESTION = "ingestion"
    INGESTION_START = "ingestion start"
    INGESTION_END = "ingestion end"
    INFORMATION_PACKAGE_CREATION = "information package creation"
    INFORMATION_PACKAGE_MERGING = "information package merging"
    INFORMATION_PACKAGE_SPLITTING = "information package splitting"
    METADATA_EXTRACTION = "metadata extraction"
    METADATA_MODIFICATION = "metadata modification"
    MESSAGE_DIGEST_CALCULATION = "message digest calculation"
    MIGRATION = "migration"
    MODIFICATION = "modification"
    NORMALIZATION = "normalization"
    PACKING = "packing"
    POLICY_ASSIGNMENT = "policy assignment"
    QUARANTINE = "quarantine"
    RECOVERY = "recovery"
    REDACTION = "redaction"
    REFRESHMENT = "refreshment"
    REPLICATION = "replication"
    TRANSFER = "transfer"
    UNPACKING = "unpacking"
    UNQUARANTINE = "unquarantine"
    VALIDATION = "validation"
    VIRUS_CHECK = "virus check"


class EventOutcome(StrEnum):
    """How it ended (eventOutcome, semantic unit 2.5.1)."""

    SUCCESS = "success"
    FAIL = "fail"
    WARNING = "warning"


class AgentType(StrEnum):
    """What kind of agent (agentType, semantic unit 3.3)."""

    SOFTWARE = "software"
    ORGANIZATION = "organization"
    PERSON = "person"
    HARDWARE = "hardware"


class AgentRole(StrEnum):
    """The part of an agent in an event (linkingAgentRole, semantic unit 2.6.3)."""

    EXECUTING_PROGRAM = "executing program"
    IMPLEMENTER = "implementer"
    AUTHORIZER = "authorizer"
    VALIDATOR = "validator"


class ObjectRole(StrEnum):
    """The part of an object in an event (linkingObjectRole, semantic unit 2.7.3)."""

    SOURCE = "source"
    OUTCOME = "outcome"


class RelationshipType(StrEnum):
    """The kind of a relationship between objects (semantic unit 1.13.1)."""

    STRUCTURAL = "structural"
    DERIVATION = "derivation"


class RelationshipSubType(StrEnum):
    """What a relationship says, read from the object that bears it (semantic unit 1.13.2)."""

    INCLUDES = "includes"
    IS_INCLUDED_IN = "is included in"
    REPRESENTS = "represents"
    IS_REPRESENTED_BY = "is represented by"
    HAS_SOURCE = "has source"
    IS_SOURCE_OF = "is source of"


EVENT_TYPES: Mapping[str, str] = {
    EventType.ACCESSION: "eventType/acc",
    EventType.APPRAISAL: "eventType/app",
    EventType.CAPTURE: "eventType/cap",
    EventType.COMPRESSION: "eventType/com",
    EventType.COMPILING: "eventType/cop",
    EventType.CREATION: "eventType/cre",
    EventType.DEACCESSION: "eventType/dea",
    EventType.DECOMPRESSION: "eventType/dec",
    EventType.DELETION: "eventType/del",
    EventType.DECRYPTION: "eventType/der",
    EventType.DIGITAL_SIGNATURE_VALIDATION: "eventType/dig",
    EventType.DISSEMINATION: "eventType/dis",
    EventType.DIGITAL_SIGNATURE_GENERATION: "eventType/dsg",
    EventType.ENCRYPTION: "eventType/enc",
    EventType.EXPORTING: "eventType/exp",
    EventType.EXTRACTION: "eventType/ext",
    EventType.FILENAME_CHANGE: "eventType/fil",
    EventType.FIXITY_CHECK: "eventType/fix",
    EventType.FORMAT_IDENTIFICATION: "eventType/for",
    EventType.INGESTION: "eventType/ing",
    EventType.INGESTION_START: "eventType/ins",
    EventType.INGESTION_END: "eventType/ine",
    EventType.INFORMATION_PACKAGE_CREATION: "eventType/ipc",
    EventType.INFORMATION_PACKAGE_MERGING: "eventType/ipm",
    EventType.INFORMATION_PACKAGE_SPLITTING: "eventType/ips",
    EventType.METADATA_EXTRACTION: "eventType/mee",
    EventType.METADATA_MODIFICATION: "eventType/mem",
    EventType.MESSAGE_DIGEST_CALCULATION: "eventType/mes",
    EventType.MIGRATION: "eventType/mig",
    EventType.MODIFICATION: "eventType/mod",
    EventType.NORMALIZATION: "eventType/nor",
    EventType.PACKING: "eventType/pac",
    EventType.POLICY_ASSIGNMENT: "eventType/poa",
    EventType.QUARANTINE: "eventType/qua",
    EventType.RECOVERY: "eventType/rec",
    EventType.REDACTION: "eventType/red",
    EventType.REFRESHMENT: "eventType/ref",
    EventType.REPLICATION: "eventType/rep",
    EventType.TRANSFER: "eventType/tra",
    EventType.UNPACKING: "eventType/unp",
    EventType.UNQUARANTINE: "eventType/unq",
    EventType.VALIDATION: "eventType/val",
    EventType.VIRUS_CHECK: "eventType/vir",
}
EVENT_OUTCOMES: Mapping[str, str] = {
    EventOutcome.SUCCESS: "eventOutcome/suc",
    EventOutcome.FAIL: "eventOutcome/fai",
    EventOutcome.WARNING: "eventOutcome/war",
}
AGENT_TYPES: Mapping[str, str] = {
    AgentType.SOFTWARE: "agentType/sof",
    AgentType.ORGANIZATION: "agentType/org",
    AgentType.PERSON: "agentType/per",
    AgentType.HARDWARE: "agentType/har",
}
AGENT_ROLES: Mapping[str, str] = {
    AgentRole.EXECUTING_PROGRAM: "eventRelatedAgentRole/exe",
    AgentRole.IMPLEMENTER: "eventRelatedAgentRole/imp",
    AgentRole.AUTHORIZER: "eventRelatedAgentRole/aut",
    AgentRole.VALIDATOR: "eventRelatedAgentRole/val",
}
OBJECT_ROLES: Mapping[str, str] = {
    ObjectRole.SOURCE: "eventRelatedObjectRole/sou",
    ObjectRole.OUTCOME: "eventRelatedObjectRole/out",
}
