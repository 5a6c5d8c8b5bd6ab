"""The catalogue with its full-text index, and the ledger with its checkpoints."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _catalogue()
    _ledger()


def _catalogue() -> None:
    text = [
        "identifier", "identifier_source", "title", "aggregation_level", "valuation",
        "retention_term", "selection_category", "created_from", "created_to", "restriction",
        "supplier", "delivery_id", "content_digest", "scanned", "text",
    ]  # fmt: skip
    op.create_table(
        "aips",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("aip_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("zorgdrager", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in text),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("payload_bytes", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("tagmanifest_sha256", sa.Text, nullable=False),
        sa.Column("stored_at", sa.Text, nullable=False),
        sa.UniqueConstraint("aip_id", "version", name="one_row_per_aip_version"),
        sa.UniqueConstraint(
            "zorgdrager",
            "identifier_source",
            "identifier",
            "version",
            name="one_aip_per_identifier",
        ),
    )
    op.create_index("aips_by_content", "aips", ["zorgdrager", "content_digest"])
    op.create_index("aips_by_delivery", "aips", ["delivery_id"])
    op.create_index("aips_by_title", "aips", ["title", "zorgdrager"])
    op.create_table(
        "files",
        sa.Column("aip", sa.Integer, sa.ForeignKey("aips.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "path", "name", "sha256", "puid", "format_name", "mime", "validity",
                "record_identifier", "title",
            )
        ),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("files_by_format", "files", ["puid"])
    op.create_table(
        "copies",
        sa.Column("aip", sa.Integer, sa.ForeignKey("aips.number"), primary_key=True),
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("verified_at", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    for each in _SEARCH_POSTGRES if _on_postgres() else _SEARCH_SQLITE:
        op.execute(each)


_SEARCH_SQLITE = (
    "CREATE VIRTUAL TABLE search USING fts5("
    "zorgdrager, title, names, body, stems, "
    "content='', contentless_delete=1, prefix='2 3', "
    'tokenize="unicode61 remove_diacritics 2")',
)
# An AIP with more words than one vector holds has several rows: `parts` says how many.
_SEARCH_POSTGRES = (
    """CREATE TABLE search (
        aip INTEGER NOT NULL,
        part INTEGER NOT NULL,
        parts INTEGER NOT NULL,
        zorgdrager TEXT NOT NULL,
        words TSVECTOR NOT NULL,
        PRIMARY KEY (aip, part)
    )""",
    "CREATE INDEX search_whole ON search USING gin (words) WHERE parts = 1",
    "CREATE INDEX search_split ON search USING gin (words) WHERE parts > 1",
)


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("zorgdrager", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
    )
    op.create_index("ledger_by_object", "ledger_entries", ["zorgdrager", "object"])
    op.create_table(
        "ledger_details",
        sa.Column("zorgdrager", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("zorgdrager", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", sa.Text, nullable=False),
    )
    tables = ("ledger_entries", "checkpoints")
    for each in _append_only_postgres(tables) if _on_postgres() else _append_only_sqlite(tables):
        op.execute(each)


def _append_only_sqlite(tables: Sequence[str]) -> Iterator[str]:
    for table in tables:
        for deed in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _append_only_postgres(tables: Sequence[str]) -> Iterator[str]:
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in tables:
        for deed in ("UPDATE", "DELETE", "TRUNCATE"):
            yield (
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def _on_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"
