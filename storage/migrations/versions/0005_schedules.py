"""Schedules, and when each of them fired; workers, and what was taken over from dead ones."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE schedules (
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        cron TEXT NOT NULL,
        zone TEXT NOT NULL,
        arguments TEXT NOT NULL,
        active INTEGER NOT NULL,
        grace_hours INTEGER NOT NULL,
        since TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        changed_by TEXT NOT NULL,
        PRIMARY KEY (name)
    )""",
    """CREATE TABLE fires (
        schedule TEXT NOT NULL,
        due_at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        run TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL,
        missed_at TEXT NOT NULL,
        remarked_in TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (schedule, due_at)
    )""",
    """CREATE TABLE workers (
        name TEXT NOT NULL,
        started_at TEXT NOT NULL,
        beat_at TEXT NOT NULL,
        PRIMARY KEY (name)
    )""",
    """CREATE TABLE takeovers (
        work TEXT NOT NULL,
        times INTEGER NOT NULL,
        PRIMARY KEY (work)
    )""",
    "CREATE INDEX fires_by_run ON fires (run)",
)


def upgrade() -> None:
    """Make the tables."""
    for each in _TABLES:
        op.execute(each)
