"""Holds and exemptions: what guards them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Make them."""
    for each in _STATEMENTS:
        op.execute(each)
