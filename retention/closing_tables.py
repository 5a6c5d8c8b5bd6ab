"""What closes a list: orders to parties who hold records, and declarations."""

from sqlalchemy import Column, Integer, Table, Text

from storage.database import METADATA

DECLARATIONS = Table(
    "declarations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("list", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Canonical JSON of all that is declared, and its SHA-256: this is what is signed.
    Column("said", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("signed_by", Text, nullable=False),
    Column("mandate", Integer, nullable=False),
    Column("signed_at", Text, nullable=False),
    Column("signature", Text, nullable=False),
    # The AIP in which the documents of the declaration are kept, for good.
    Column("aip_id", Text, nullable=False),
    # The day on which the last backup is gone that may still hold what was destroyed; "" for none.
    Column("residual_until", Text, nullable=False),
)

ORDERS = Table(
    "external_orders",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("list", Text, nullable=False),
    Column("zorgdrager", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("attestation", Text, nullable=False),
    Column("attested_at", Text, nullable=False),
    Column("attested_by", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("judged_by", Text, nullable=False),
    Column("judged_at", Text, nullable=False),
    Column("note", Text, nullable=False),
)

ORDER_ITEMS = Table(
    "external_order_items",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("done_on", Text, nullable=False),
    Column("note", Text, nullable=False),
    # What asking the party's own store or list afterwards showed: "", absent, present, not_checked.
    Column("checked", Text, nullable=False),
)
