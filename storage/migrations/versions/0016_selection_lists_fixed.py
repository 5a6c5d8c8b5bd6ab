"""A version of a selection list stays as it came in: a newer one stands beside it."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_FIXED = (
    ("selection_list_versions", "UPDATE"),
    ("selection_list_versions", "DELETE"),
    ("selection_list_rules", "UPDATE"),
    ("selection_list_rules", "DELETE"),
    ("selection_list_checks", "UPDATE"),
)

_REFUSE = """CREATE FUNCTION selection_list_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'selection list: fixed'
    USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def upgrade() -> None:
    """Refuse every change of what was imported or checked."""
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        op.execute(_REFUSE)
    for table, event in _FIXED:
        start = f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
        if on_postgres:
            op.execute(f"{start}FOR EACH ROW EXECUTE FUNCTION selection_list_fixed()")
        else:
            op.execute(f"{start}BEGIN SELECT RAISE(ABORT, 'selection list: fixed'); END")
