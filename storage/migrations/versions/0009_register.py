"""The register: what more it keeps of dossiers, facts and computations."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Make them."""
    for each in _STATEMENTS:
        op.execute(each)
