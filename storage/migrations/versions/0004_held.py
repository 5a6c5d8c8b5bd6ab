"""Records held by others: parties, their files, their statements and challenges."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE held_parties (
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        zorgdrager TEXT NOT NULL,
        record TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        PRIMARY KEY (id, version)
    )""",
    """CREATE TABLE held_items (
        party TEXT NOT NULL,
        number BIGINT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        sha512 TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        added_at TEXT NOT NULL,
        checked_at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        PRIMARY KEY (party, number)
    )""",
    """CREATE TABLE held_statements (
        party TEXT NOT NULL,
        number INTEGER NOT NULL,
        paper TEXT NOT NULL,
        signature TEXT NOT NULL,
        name TEXT NOT NULL,
        received_at TEXT NOT NULL,
        stated_at TEXT NOT NULL,
        sequence BIGINT NOT NULL,
        heard_at TEXT NOT NULL,
        lines BIGINT NOT NULL,
        findings TEXT NOT NULL,
        PRIMARY KEY (party, number)
    )""",
    """CREATE TABLE held_exceptions (
        party TEXT NOT NULL,
        statement INTEGER NOT NULL,
        item BIGINT NOT NULL,
        outcome TEXT NOT NULL,
        found TEXT NOT NULL,
        PRIMARY KEY (party, statement, item)
    )""",
    """CREATE TABLE held_unexpected (
        party TEXT NOT NULL,
        statement INTEGER NOT NULL,
        line BIGINT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        sha512 TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        PRIMARY KEY (party, statement, line)
    )""",
    """CREATE TABLE held_rounds (
        party TEXT NOT NULL,
        number INTEGER NOT NULL,
        nonce %(blob)s NOT NULL,
        challenge TEXT NOT NULL,
        PRIMARY KEY (party, number)
    )""",
    """CREATE TABLE held_round_macs (
        party TEXT NOT NULL,
        round INTEGER NOT NULL,
        item BIGINT NOT NULL,
        mac TEXT NOT NULL,
        PRIMARY KEY (party, round, item)
    )""",
    """CREATE TABLE held_challenges (
        id TEXT NOT NULL,
        party TEXT NOT NULL,
        nonce TEXT NOT NULL,
        round INTEGER NOT NULL,
        paper TEXT NOT NULL,
        items BIGINT NOT NULL,
        total BIGINT NOT NULL,
        sent_at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        answered_at TEXT NOT NULL,
        answer TEXT NOT NULL,
        findings TEXT NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE TABLE held_challenged (
        challenge TEXT NOT NULL,
        item BIGINT NOT NULL,
        party TEXT NOT NULL,
        outcome TEXT NOT NULL,
        basis TEXT NOT NULL,
        found TEXT NOT NULL,
        answered_at TEXT NOT NULL,
        PRIMARY KEY (challenge, item)
    )""",
    """CREATE TABLE held_papers (
        digest TEXT NOT NULL,
        part INTEGER NOT NULL,
        content %(blob)s NOT NULL,
        PRIMARY KEY (digest, part)
    )""",
    "CREATE INDEX held_items_by_age ON held_items (party, checked_at, number)",
    "CREATE UNIQUE INDEX held_items_by_path ON held_items (party, path)",
    # A nonce is used once, whoever asks: the database itself refuses a second challenge with it.
    "CREATE UNIQUE INDEX held_challenges_by_nonce ON held_challenges (nonce)",
    "CREATE INDEX held_challenged_by_party ON held_challenged (party, item)",
)


def upgrade() -> None:
    """Make the tables."""
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for each in _TABLES:
        op.execute(each.replace("%(blob)s", blob))
