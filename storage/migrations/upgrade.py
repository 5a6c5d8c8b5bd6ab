"""Bring the schema up to date with Alembic, within the caller's transaction."""

from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import METADATA, VERSIONS


def upgrade(connection: Connection) -> None:
    """Run every migration that this database has not had yet; all of them or none."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> Any:
        # As Alembic's own cookbook runs migrations on a connection that is there already.
        return script._upgrade_revs("head", revision)

    environment = EnvironmentContext(config, script, fn=steps)
    environment.configure(connection=connection, target_metadata=METADATA)
    environment.run_migrations()
