"""Declarations, and orders to parties who hold records."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE declarations (
        id TEXT NOT NULL,
        list TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        said TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        made_at TEXT NOT NULL,
        made_by TEXT NOT NULL,
        signed_by TEXT NOT NULL,
        mandate INTEGER NOT NULL,
        signed_at TEXT NOT NULL,
        signature TEXT NOT NULL,
        aip_id TEXT NOT NULL,
        residual_until TEXT NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE TABLE external_orders (
        id TEXT NOT NULL,
        list TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        party TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        said TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        issued_at TEXT NOT NULL,
        issued_by TEXT NOT NULL,
        due_on TEXT NOT NULL,
        attestation TEXT NOT NULL,
        attested_at TEXT NOT NULL,
        attested_by TEXT NOT NULL,
        signature TEXT NOT NULL,
        judged_by TEXT NOT NULL,
        judged_at TEXT NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE TABLE external_order_items (
        order_id TEXT NOT NULL,
        dossier TEXT NOT NULL,
        answer TEXT NOT NULL,
        how TEXT NOT NULL,
        done_on TEXT NOT NULL,
        note TEXT NOT NULL,
        checked TEXT NOT NULL,
        PRIMARY KEY (order_id, dossier)
    )""",
    "CREATE INDEX declarations_by_list ON declarations (list)",
    "CREATE INDEX orders_by_list ON external_orders (list)",
)


def upgrade() -> None:
    """Make the tables."""
    for each in _TABLES:
        op.execute(each)
