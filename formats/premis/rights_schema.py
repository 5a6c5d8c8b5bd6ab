"""A PREMIS rights statement as a table.

Source: PREMIS 3.0 XML schema, rightsStatement.
"""

from formats.premis.units import (
    DATES,
    LINKED_AGENT,
    LINKED_OBJECT,
    TERM,
    documented,
    identified,
    many,
    maybe,
    optional,
    term,
    texts,
)
from formats.schema import Element, sequence

RIGHTS_STATEMENT = sequence(
    Element("rightsStatementIdentifier", identified("rightsStatementIdentifier")),
    term("rightsBasis"),
    optional(
        "copyrightInformation",
        sequence(
            term("copyrightStatus"),
            term("copyrightJurisdiction"),
            maybe("copyrightStatusDeterminationDate"),
            texts("copyrightNote"),
            documented("copyright"),
            optional("copyrightApplicableDates", DATES),
        ),
    ),
    optional(
        "licenseInformation",
        sequence(
            documented("license"),
            maybe("licenseTerms"),
            texts("licenseNote"),
            optional("licenseApplicableDates", DATES),
        ),
    ),
    many(
        "statuteInformation",
        sequence(
            term("statuteJurisdiction"),
            term("statuteCitation"),
            maybe("statuteInformationDeterminationDate"),
            texts("statuteNote"),
            documented("statute"),
            optional("statuteApplicableDates", DATES),
        ),
    ),
    optional(
        "otherRightsInformation",
        sequence(
            documented("otherRights"),
            term("otherRightsBasis"),
            optional("otherRightsApplicableDates", DATES),
            texts("otherRightsNote"),
        ),
    ),
    many(
        "rightsGranted",
        sequence(
            term("act"),
            many("restriction", TERM),
            optional("termOfGrant", DATES),
            optional("termOfRestriction", DATES),
            texts("rightsGrantedNote"),
        ),
    ),
    LINKED_OBJECT,
    LINKED_AGENT,
)
