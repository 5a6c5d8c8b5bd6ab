"""The tables of fixity: runs, their shares, items and remarks; strangers; repairs; incidents."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from storage.database import METADATA

RUNS = Table(
    "fixity_runs",
    METADATA,
    Column("id", Text, primary_key=True),
    # The scope as canonical JSON: an open run of the same scope is joined, not doubled.
    Column("scope", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("ended_at", Text, nullable=False),
)

SHARES = Table(
    "fixity_shares",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    # The first item of the share; the next `items` numbers are its own.
    Column("first", BigInteger, nullable=False),
    Column("items", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("worker", Text, nullable=False),
    # Until when the worker has it; "" when nobody has. Renewed while it works.
    Column("lease_until", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("done_at", Text, nullable=False),
)

ITEMS = Table(
    "fixity_items",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("aip", BigInteger, nullable=False),
    Column("aip_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("expected", Text, nullable=False),
    # From here what was found: `not_checked`, `none`, "" and 0 until there is a result.
    Column("outcome", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("read_bytes", BigInteger, nullable=False),
    Column("checked_at", Text, nullable=False),
    # Findings as a JSON list of {code, where, found, expected, severity}; "" for none.
    Column("findings", Text, nullable=False),
)

REMARKS = Table(
    "fixity_remarks",
    METADATA,
    # What a run found that is no copy: strangers, catalogue against ledger, ledger, checkpoints.
    Column("run", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("zorgdrager", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("finding", Text, nullable=False),
)

STRANGERS = Table(
    "strangers",
    METADATA,
    # Objects in a store that the catalogue does not know.
    Column("store", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
)

REPAIRS = Table(
    "repairs",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("item", BigInteger, primary_key=True, autoincrement=False),
    # planned, set_aside, written, done, failed, impossible
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("aside", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("done_at", Text, nullable=False),
    Column("finding", Text, nullable=False),
)

EVIDENCE = Table(
    "evidence",
    METADATA,
    # Damaged objects that were set aside: known, so no strangers; destroyed with their AIP.
    Column("store", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("aip_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("run", Text, nullable=False),
    Column("at", Text, nullable=False),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    # What a person must act on: `lost` (no good copy left).
    Column("id", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("aip_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("run", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("closed_at", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
