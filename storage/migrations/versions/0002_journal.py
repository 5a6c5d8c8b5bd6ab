"""The journal of ingest: deliveries, their dossiers, and the steps that they reached."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        signature TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        agreement TEXT NOT NULL,
        supplier TEXT NOT NULL,
        step TEXT NOT NULL,
        outcome TEXT NOT NULL,
        kept_at TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL,
        findings TEXT NOT NULL
    )""",
    "CREATE INDEX deliveries_by_source ON deliveries (source, outcome)",
    "CREATE INDEX deliveries_by_start ON deliveries (started_at)",
    """CREATE TABLE delivered_dossiers (
        delivery_id TEXT NOT NULL REFERENCES deliveries (id),
        path TEXT NOT NULL,
        identifier TEXT NOT NULL,
        title TEXT NOT NULL,
        aip_id TEXT NOT NULL,
        fate TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes BIGINT NOT NULL,
        PRIMARY KEY (delivery_id, path)
    )""",
    """CREATE TABLE delivery_steps (
        number INTEGER PRIMARY KEY,
        delivery_id TEXT NOT NULL REFERENCES deliveries (id),
        dossier TEXT NOT NULL,
        step TEXT NOT NULL,
        at TEXT NOT NULL
    )""",
    "CREATE INDEX delivery_steps_by_delivery ON delivery_steps (delivery_id)",
)


def upgrade() -> None:
    """Make the tables."""
    for each in _TABLES:
        op.execute(each)
