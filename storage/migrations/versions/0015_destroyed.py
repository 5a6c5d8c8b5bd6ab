"""Destructions in the ledger, found without reading it: a few among many entries."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ACTIONS = {"ledger_destroyed": "aip.destroyed", "ledger_declared": "declaration.sign"}


def upgrade() -> None:
    """Index only those entries."""
    for name, action in _ACTIONS.items():
        op.execute(
            f"CREATE INDEX {name} ON ledger_entries (zorgdrager, seq) WHERE action = '{action}'"
        )
