"""Transfer (overbrenging): its tables. What was decided and received is added, never edited."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from storage.database import METADATA

# One row for each transfer, under the id of its list; how far it is stands here.
TRANSFERS = Table(
    "transfers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Raised each time that it was returned: signatures, packages and receipts are of one round.
    Column("round", Integer, nullable=False),
    # The archive service: its name, and the id under which it gives mandates, "" for none.
    Column("archive", Text, nullable=False),
    Column("archive_id", Text, nullable=False),
    # Where it goes in the archive, who is to be asked: for the packing slip.
    Column("destination", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("email", Text, nullable=False),
    # Of the package that was made: its form, its folder, and when it was begun.
    Column("form", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("packaged_at", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    # The list that clears the source; "" until there is one.
    Column("release_list", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# Openness, per dossier or per record of it: the last row counts.
RESTRICTIONS = Table(
    "transfer_restrictions",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("transfer", Text, nullable=False),
    Column("dossier", Text, nullable=False),
    # The record's identifier; "" for the dossier with all in it that has no row of its own.
    Column("record", Text, nullable=False),
    Column("openness", Text, nullable=False),
    # a, b or c of article 15, first paragraph; "" for none.
    Column("ground", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("description", Text, nullable=False),
    # mdto: as the package says; else person.
    Column("source", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
)

PACKAGES = Table(
    "transfer_packages",
    METADATA,
    Column("transfer", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("folder", Text, nullable=False),
    Column("objects", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("packaged_at", Text, nullable=False),
)

# Every file of the package, as it was written and read back from the bag's manifest.
PACKED_FILES = Table(
    "transfer_files",
    METADATA,
    Column("transfer", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("dossier", Text, nullable=False),
    # record: what the archive must receive; metadata: a sidecar, which it may make its own of.
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    # Its path in the bag; "" for what was made for the transfer.
    Column("original", Text, nullable=False),
    # The receipt that named it last with these bytes; 0 for none.
    Column("receipt", Integer, nullable=False),
)

RECEIPTS = Table(
    "transfer_receipts",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("transfer", Text, nullable=False),
    Column("round", Integer, nullable=False),
    # Of the document as it came.
    Column("sha256", Text, nullable=False),
    # Canonical JSON: copies, fixity_checked_on, reference; and the counts of the comparison.
    Column("said", Text, nullable=False),
    Column("whole", Integer, nullable=False),
    Column("findings", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
)
