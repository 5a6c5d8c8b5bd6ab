"""A stocked depot for the tests of commands, copied for each test that may change it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edepot.config import FILE_NAME, read_config
from tests.databases import closing_what_is_left
from tests.edepot.shelf import Cli, Shelf, stocked
from tests.postgres import copied_database, drop_database, fresh_database


@pytest.fixture(scope="session")
def _stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("stock")).folder


@pytest.fixture(scope="session")
def _stock_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("stock"), fresh_database(made=False)).folder


@pytest.fixture
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A depot of the test's own, with two AIPs on its shelf; its database is a file, or that which
    the test names: parametrize("shelf", KINDS, indirect=True)."""
    depot = tmp_path / "depot"
    if getattr(request, "param", "sqlite") == "sqlite":
        shutil.copytree(request.getfixturevalue("_stock"), depot)
        yield Shelf(read_config(depot / FILE_NAME), tmp_path)
        return
    stock = request.getfixturevalue("_stock_on_postgres")
    shutil.copytree(stock, depot)
    original = str(read_config(stock / FILE_NAME).database)
    copied = copied_database(original)
    settings = (depot / FILE_NAME).read_text("utf-8")
    (depot / FILE_NAME).write_text(settings.replace(original, copied), "utf-8")
    with closing_what_is_left():
        yield Shelf(read_config(depot / FILE_NAME), tmp_path)
    drop_database(copied)


@pytest.fixture
def cli(shelf: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on that depot, in Dutch."""
    monkeypatch.delenv("EDEPOT_LANG", raising=False)
    monkeypatch.delenv("EDEPOT_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(shelf.folder)
    return Cli(shelf.config.folder, capsys)
