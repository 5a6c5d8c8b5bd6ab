"""A stocked depot for the tests of commands, copied for each test that may change it."""

import shutil
from pathlib import Path

import pytest

from edepot.config import FILE_NAME, read_config
from tests.edepot.shelf import Cli, Shelf, stocked


@pytest.fixture(scope="session")
def _stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("stock")).folder


@pytest.fixture
def shelf(_stock: Path, tmp_path: Path) -> Shelf:
    """A depot of the test's own, with two AIPs on its shelf."""
    depot = tmp_path / "depot"
    shutil.copytree(_stock, depot)
    return Shelf(read_config(depot / FILE_NAME), tmp_path)


@pytest.fixture
def cli(shelf: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on that depot, in Dutch."""
    monkeypatch.delenv("EDEPOT_LANG", raising=False)
    monkeypatch.delenv("EDEPOT_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(shelf.folder)
    return Cli(shelf.config.folder, capsys)
