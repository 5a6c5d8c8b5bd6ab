"""A fresh database of each kind for the tests of held stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.database import open_database


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    """An empty database, with every table."""
    opened = open_database(database_place)
    yield opened
    opened.dispose()
