"""The tables of rules: versions of selection lists, policies, mappings; added to, never edited."""

from sqlalchemy import Column, Integer, Table, Text

from storage.database import METADATA

VERSIONS = Table(
    "selection_list_versions",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("year", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published", Text, nullable=False),
    Column("adopted_on", Text, nullable=False),
    # "shipped" with the product, or the name of the file that it was read from; and its SHA-256.
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    # The number of the version that this one takes the place of, 0 for none.
    Column("replaces", Integer, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
)

RULES = Table(
    "selection_list_rules",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("process", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("valuation", Text, nullable=False),
    Column("process_term", Text, nullable=False),
    Column("process_term_note", Text, nullable=False),
    Column("retention_term", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("successor", Text, nullable=False),
    Column("minimum", Integer, nullable=False),
    Column("mixed", Integer, nullable=False),
)

CHECKS = Table(
    "selection_list_checks",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

POLICIES = Table(
    "rule_policies",
    METADATA,
    Column("zorgdrager", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("said", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("checked_by", Text, nullable=False),
    Column("checked_at", Text, nullable=False),
)

MAPPINGS = Table(
    "rule_mappings",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("zaaktype", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("list_year", Text, nullable=False),
    Column("category", Text, nullable=False),
    # "" where the list's own process term says it.
    Column("trigger_kind", Text, nullable=False),
    Column("process_term", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("checked_by", Text, nullable=False),
    Column("checked_at", Text, nullable=False),
)
