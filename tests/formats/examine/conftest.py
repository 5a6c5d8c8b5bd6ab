from collections.abc import Iterator

import pytest

from formats.tools import Pool, open_pool


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with open_pool(workers=2) as opened:
        yield opened
