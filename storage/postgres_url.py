"""The place of a database on PostgreSQL: a URL such as postgresql://edepot@server/edepot.

`?schema=` names another schema than `edepot`; whatever else stands behind the `?` is for libpq
(passfile, sslmode, host of a socket). A password may also come from PGPASSFILE or PGPASSWORD,
which libpq reads itself.
"""

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import DatabaseUnusable

SCHEMA = "edepot"
UNREADABLE = "postgresql://…"

_DRIVER = "postgresql+psycopg"
_PLACE = re.compile(r"postgresql(\+psycopg)?://")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def names_postgres(place: str) -> bool:
    """Whether a place is a database on a PostgreSQL server."""
    return _PLACE.match(place) is not None


def read_url(place: str) -> tuple[URL, str]:
    """The URL for the driver, and the schema.

    Raises: DatabaseUnusable when it cannot be one.
    """
    url = _parsed(place)
    if url is None:
        raise DatabaseUnusable("no URL of a database on PostgreSQL", found=UNREADABLE)
    schema = url.query.get("schema", SCHEMA)
    if not isinstance(schema, str) or not _SCHEMA.fullmatch(schema) or not url.database:
        raise DatabaseUnusable(f"{shown_url(url)} names no database", found=shown_url(url))
    return url.difference_update_query(["schema"]).set(drivername=_DRIVER), schema


def is_readable(place: str) -> bool:
    """Whether a text is the URL of a database on PostgreSQL."""
    try:
        read_url(place)
    except DatabaseUnusable:
        return False
    return True


def in_schema(place: str, schema: str) -> str:
    """The same database, another schema of it."""
    url = make_url(place).update_query_dict({"schema": schema})
    return url.render_as_string(hide_password=False)


def passwords(url: URL) -> list[str]:
    """The passwords that stand in a URL."""
    return [str(each) for each in (url.password, url.query.get("password")) if each]


def shown_url(url: URL) -> str:
    """A URL as a person may see it: without a password, and without the name of the driver."""
    plain = url.set(drivername="postgresql").difference_update_query(["password"])
    return plain.render_as_string(hide_password=True)


def shown(place: str) -> str:
    """A place as a person may see it."""
    url = _parsed(place)
    return UNREADABLE if url is None else shown_url(url)


def _parsed(place: str) -> URL | None:
    """The URL; None when it is none of PostgreSQL's. A refusal would name the password in it."""
    try:
        return make_url(place) if names_postgres(place) else None
    except (ArgumentError, ValueError):
        return None
