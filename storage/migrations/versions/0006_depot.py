"""Whose database this is: the id of its depot, so that no other depot writes in it by mistake."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("CREATE TABLE depot (id TEXT NOT NULL, PRIMARY KEY (id))")
