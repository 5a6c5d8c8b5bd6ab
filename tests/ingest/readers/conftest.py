"""One pool of children for all tests of reading."""

import pytest

from formats.tools import open_pool


@pytest.fixture(scope="session")
def pool():
    """Two children, started when first needed."""
    with open_pool(workers=2) as opened:
        yield opened
