"""A depot with the demonstration's deliveries, shared by the stories."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from edepot.demo.deliveries import make_deliveries
from edepot.demo.delivery import DemoDelivery
from tests.flows.standing import Standing, standing_depot

DAY = date(2024, 11, 1)


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DemoDelivery]:
    folder = tmp_path_factory.mktemp("aanleveringen")
    return {each.name: each for each in make_deliveries(folder, DAY)}


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Standing]:
    with standing_depot(tmp_path / "depot") as standing:
        yield standing
