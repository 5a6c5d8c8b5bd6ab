"""The setting that says where the database stands: a file, or a server."""

from pathlib import Path

from edepot.settings import Table

EXAMPLE = "postgresql://edepot@server/edepot?passfile=/etc/edepot/pgpass"


def read_place(table: Table, folder: Path) -> Path | str:
    """A file, or a URL without a password: more people may read the settings than may know it."""
    place = table.text("database", "edepot.sqlite")
    if "://" not in place:
        return folder / place
    # Who has the database in a file need not wait for this.
    from storage.postgres_url import is_readable, passwords, read_url, shown  # noqa: PLC0415

    if not is_readable(place):
        table.note("E020", "database", shown(place), EXAMPLE)
    elif passwords(read_url(place)[0]):
        table.note("E021", "database", shown(place), EXAMPLE)
    return place
