"""A real depot whose runs a test writes by hand, and its report."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Connection

from edepot.config import Config
from edepot.depot import open_depot
from edepot.fixity_report.gather import summarise
from edepot.fixity_report.summary import Summary
from storage.database import reading
from tests.edepot.fixity_report.making import AS_OF, RUN, found, written

Deed = Callable[[Connection], None]


class Summed(Protocol):
    """Write into the depot, and give what a report says of it."""

    def __call__(
        self, *deeds: Deed, run: str = RUN, as_of: datetime = AS_OF, aips: tuple[str, ...] = ()
    ) -> Summary: ...


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An empty depot with two stores."""
    return found(tmp_path)


@pytest.fixture
def summed(config: Config) -> Summed:
    """The report on what a test writes."""

    def make(
        *deeds: Deed, run: str = RUN, as_of: datetime = AS_OF, aips: tuple[str, ...] = ()
    ) -> Summary:
        written(config, *deeds)
        with open_depot(config) as depot, reading(depot.engine) as connection:
            return summarise(connection, config, run, as_of, aips)

    return make
