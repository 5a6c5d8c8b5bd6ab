"""Fixity: what a copy's proof rests on and when it was checked last; runs, repairs, incidents."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COPIES = (
    "ALTER TABLE copies ADD COLUMN zorgdrager TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE copies ADD COLUMN proof TEXT NOT NULL DEFAULT 'read'",
    "ALTER TABLE copies ADD COLUMN checked_at TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE copies ADD COLUMN outcome TEXT NOT NULL DEFAULT 'intact'",
    "UPDATE copies SET checked_at = verified_at, "
    "zorgdrager = (SELECT zorgdrager FROM aips WHERE aips.number = copies.aip)",
    "CREATE INDEX copies_by_age ON copies (store, zorgdrager, checked_at, aip)",
    "CREATE INDEX copies_by_key ON copies (store, key)",
)
_TABLES = (
    """CREATE TABLE fixity_runs (
        id TEXT NOT NULL,
        scope TEXT NOT NULL,
        state TEXT NOT NULL,
        schedule TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        actor TEXT NOT NULL,
        origin TEXT NOT NULL,
        items BIGINT NOT NULL,
        size_bytes BIGINT NOT NULL,
        ended_at TEXT NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE TABLE fixity_shares (
        run TEXT NOT NULL,
        number INTEGER NOT NULL,
        store TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        first BIGINT NOT NULL,
        items INTEGER NOT NULL,
        size_bytes BIGINT NOT NULL,
        worker TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        tries INTEGER NOT NULL,
        done_at TEXT NOT NULL,
        PRIMARY KEY (run, number)
    )""",
    """CREATE TABLE fixity_items (
        run TEXT NOT NULL,
        number BIGINT NOT NULL,
        kind TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        store TEXT NOT NULL,
        "key" TEXT NOT NULL,
        aip BIGINT NOT NULL,
        aip_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        size_bytes BIGINT NOT NULL,
        expected TEXT NOT NULL,
        outcome TEXT NOT NULL,
        basis TEXT NOT NULL,
        found TEXT NOT NULL,
        read_bytes BIGINT NOT NULL,
        checked_at TEXT NOT NULL,
        findings TEXT NOT NULL,
        PRIMARY KEY (run, number)
    )""",
    """CREATE TABLE fixity_remarks (
        run TEXT NOT NULL,
        number INTEGER NOT NULL,
        zorgdrager TEXT NOT NULL,
        store TEXT NOT NULL,
        code TEXT NOT NULL,
        finding TEXT NOT NULL,
        PRIMARY KEY (run, number)
    )""",
    """CREATE TABLE strangers (
        store TEXT NOT NULL,
        "key" TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        PRIMARY KEY (store, "key")
    )""",
    """CREATE TABLE repairs (
        run TEXT NOT NULL,
        item BIGINT NOT NULL,
        state TEXT NOT NULL,
        source TEXT NOT NULL,
        aside TEXT NOT NULL,
        actor TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        done_at TEXT NOT NULL,
        finding TEXT NOT NULL,
        PRIMARY KEY (run, item)
    )""",
    """CREATE TABLE evidence (
        store TEXT NOT NULL,
        "key" TEXT NOT NULL,
        aip_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        run TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (store, "key")
    )""",
    """CREATE TABLE incidents (
        id TEXT NOT NULL,
        zorgdrager TEXT NOT NULL,
        kind TEXT NOT NULL,
        aip_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        run TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        closed_at TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE INDEX fixity_items_by_aip ON fixity_items (aip_id)",
    "CREATE INDEX fixity_runs_by_state ON fixity_runs (state)",
)


def upgrade() -> None:
    """Make the tables."""
    for each in (*_COPIES, *_TABLES):
        op.execute(each)
