"""The register of retention: its shared tables. What was decided is added, never edited.

Dates are ISO texts (`2031-06-30`), "" where there is none; instants ISO texts in UTC; JSON texts
are canonical (storage.ledger.canonical).
"""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from storage.database import METADATA

PERSONS = Table(
    "persons",
    METADATA,
    Column("id", Text, primary_key=True),
    # Of a person whose account is removed the name goes, the row and the key stay.
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("added_at", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
)

MANDATES = Table(
    "mandates",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("person", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("deputy_for", Text, nullable=False),
    Column("given_at", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Column("ended_by", Text, nullable=False),
)

# One row for each dossier; what is computed stands here again, so that it can be asked for.
DOSSIERS = Table(
    "retention_dossiers",
    METADATA,
    # The AIP's id; of a dossier that another party holds, an id of our own.
    Column("dossier", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    # The party (storage/held) that holds it; "" for what stands in our own stores.
    Column("holder", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("zaaktype", Text, nullable=False),
    Column("result", Text, nullable=False),
    # The dossier that this one is a part of, "" for none; the head of its family.
    Column("parent", Text, nullable=False),
    Column("list_year", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("started_on", Text, nullable=False),
    Column("ended_on", Text, nullable=False),
    Column("files", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Raised by every hold that touches it; compared at the point of no return.
    Column("hold_epoch", Integer, nullable=False),
    # Of the current computation.
    Column("computation", Integer, nullable=False),
    Column("valuation", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("brondatum", Text, nullable=False),
    Column("end_date", Text, nullable=False),
    Column("eligible_from", Text, nullable=False),
    Column("transfer_on", Text, nullable=False),
    # Why a person has to look: the code of the reason that decided; "" where none has to.
    Column("cause", Text, nullable=False),
    Column("enrolled_at", Text, nullable=False),
)

FACTS = Table(
    "retention_facts",
    METADATA,
    Column("number", Integer, primary_key=True),
    # About a dossier, or about an object that several dossiers wait for; the other is "".
    Column("dossier", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asserted_at", Text, nullable=False),
    Column("asserted_by", Text, nullable=False),
    # By whom a fact that needs a second pair of eyes was checked; "" until then, "-" if not needed.
    Column("checked_by", Text, nullable=False),
    Column("checked_at", Text, nullable=False),
    # The number of the fact that this one takes the place of, 0 for none; a retraction has the
    # value "null".
    Column("replaces", Integer, nullable=False),
)

COMPUTATIONS = Table(
    "retention_computations",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("dossier", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("inputs_sha256", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("brondatum", Text, nullable=False),
    Column("end_date", Text, nullable=False),
    Column("eligible_from", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("computed_at", Text, nullable=False),
    Column("caused_by", Text, nullable=False),
    Column("replaced_by", Integer, nullable=False),
)

HOLDS = Table(
    "holds",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # The scope as canonical JSON: dossiers, families, objects, persons (keyed hash), or a query.
    Column("scope", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", Text, nullable=False),
    Column("review_on", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("released_by", Text, nullable=False),
    Column("released_at", Text, nullable=False),
)

# Which dossiers a hold covers now; of a query it grows with every new or changed dossier.
HOLD_MEMBERS = Table(
    "hold_members",
    METADATA,
    Column("hold", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("added_at", Text, nullable=False),
    Column("why", Text, nullable=False),
)

# Raised by every hold of a zorgdrager; compared at the point of no return.
HOLD_EPOCHS = Table(
    "hold_epochs",
    METADATA,
    Column("zorgdrager", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
)

EXEMPTIONS = Table(
    "exemptions",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("dossier", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_on", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("checked_by", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    # Who asked for the end of it, under which later decision; another person ends it.
    Column("end_asked_by", Text, nullable=False),
    Column("end_decision", Text, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
)

LISTS = Table(
    "disposal_lists",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    # Hex SHA-256: the Merkle root over the items of the current revision.
    Column("root", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("executed_at", Text, nullable=False),
    # When the rest was stopped or the run paused, and by whom; "" when it goes on.
    Column("paused_by", Text, nullable=False),
)

REVISIONS = Table(
    "list_revisions",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("root", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("note", Text, nullable=False),
)

ITEMS = Table(
    "list_items",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    # Its place in the list: the number of its leaf under the root.
    Column("position", Integer, nullable=False),
    Column("computation", Integer, nullable=False),
    # What is signed: canonical JSON of the fields without personal data, and its SHA-256.
    Column("snapshot", Text, nullable=False),
    Column("snapshot_sha256", Text, nullable=False),
    # The title, which is personal data: beside what is signed, and it may be dropped, with the
    # salt (hex) of the hash of it that stands in the snapshot.
    Column("title", Text, nullable=False),
    Column("title_salt", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("left_reason", Text, nullable=False),
    Column("left_detail", Text, nullable=False),
    Column("left_at", Text, nullable=False),
    # Of the run: who works on it, sealed under which epochs and inputs, with which manifest.
    Column("token", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("claimed_at", Text, nullable=False),
    Column("sealed_at", Text, nullable=False),
    Column("dossier_epoch", Integer, nullable=False),
    Column("zorgdrager_epoch", Integer, nullable=False),
    Column("inputs_sha256", Text, nullable=False),
    Column("manifest_sha256", Text, nullable=False),
    Column("begun_at", Text, nullable=False),
    Column("destroyed_at", Text, nullable=False),
    # Why an operator is needed, or why it was halted; and the state that it came from.
    Column("trouble", Text, nullable=False),
    Column("came_from", Text, nullable=False),
)

# Who was what for a list; four duties exclude each other (one row a person, a unique key says so).
INVOLVEMENT = Table(
    "list_involvement",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("duty", Text, nullable=False),
    Column("since", Text, nullable=False),
    # Of a reviewer: whether this one still has to judge; who took the place of one that left.
    Column("active", Integer, nullable=False),
    Column("due_on", Text, nullable=False),
)

# Everything that a person did with a list, signed with the person's own key.
ACTS = Table(
    "list_acts",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("list", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("duty", Text, nullable=False),
    Column("act", Text, nullable=False),
    # Canonical JSON: reason, advice per dossier, answers, references.
    Column("said", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

AUTHORISATIONS = Table(
    "list_authorisations",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("list", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("mandate", Integer, nullable=False),
    Column("signed_at", Text, nullable=False),
    # The last day of waiting: the run may begin the day after. The last day on which it counts.
    Column("waits_until", Text, nullable=False),
    Column("valid_until", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("withdrawn_at", Text, nullable=False),
)

# The manifest of one dossier: every copy, version and trace, and what became of it.
COPY_ACTIONS = Table(
    "copy_actions",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("registered", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("gone_at", Text, nullable=False),
)

EVIDENCE = Table(
    "destruction_evidence",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("list", Text, nullable=False),
    Column("dossier", Text, nullable=False),
    Column("place", Text, nullable=False),
    # 0: at the destruction; 1, 2: the later sweeps.
    Column("sweep", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("absent", Integer, nullable=False),
)

TOMBSTONES = Table(
    "tombstones",
    METADATA,
    Column("dossier", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("list", Text, nullable=False),
    # destroyed, or released after a transfer.
    Column("kind", Text, nullable=False),
    Column("destroyed_at", Text, nullable=False),
    Column("declaration", Text, nullable=False),
    # Canonical JSON, without personal data (domain: what a tombstone keeps).
    Column("said", Text, nullable=False),
)
