"""A folder in memory: nothing waits for a disk."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SHM = Path("/dev/shm")


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is in memory, where the machine has one."""
    if not SHM.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="edepot-harness-", dir=SHM))
    yield folder
    shutil.rmtree(folder)
