"""Transfer (overbrenging)."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Make them."""
    for each in _STATEMENTS:
        op.execute(each)
