"""Declarations, external orders and what is left in backups."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Make them."""
    for each in _STATEMENTS:
        op.execute(each)
