"""Destruction from the command line to the declaration, and what a restored backup does."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from edepot.depot import ahead
from edepot.exits import Exit
from retention.nouns import Role
from storage.database import open_database
from tests.edepot.shelf import FIRST, SECOND, Cli, Shelf
from tests.retention import making

GM = "ooststellingwerf"
LIST = f"{GM}-v2026-001"
ROLES = (
    Role.RECORD_MANAGER, Role.PROCESS_OWNER, Role.ARCHIVIST, Role.SIGNATORY, Role.EXECUTOR,
)  # fmt: skip


@pytest.fixture
def town(cli: Cli, shelf: Shelf) -> Cli:
    """Five people with a mandate; of the two AIPs on the shelf the first is due."""
    for number, role in enumerate(ROLES, 1):
        assert cli("person", "add", f"P{number}").code == Exit.WELL
        given = ("mandate", "give", f"p{number:04d}", GM, role.value, "--from", "2020-01-01")
        assert cli(*given, "--decision", "besluit 3").code == Exit.WELL
    engine = open_database(shelf.config.database)
    desk = making.desk(engine)
    making.dossier(desk, GM, dossier=FIRST, identifier="Z/2024/0001")
    making.dossier(desk, GM, dossier=SECOND, identifier="Z/2024/0002", ended_on="2025-01-01")
    engine.dispose()
    return cli


@contextmanager
def started(cli: Cli) -> Iterator[None]:
    """The first AIP goes through a list that is started; within, eight days have passed."""
    steps = (
        f"destruction new Vernietiging --zorgdrager {GM} --as p0001",
        f"destruction submit {LIST} --reviewer p0002 --as p0001",
        f"destruction review {LIST} --all destroy --count 1 --as p0002",
        f"destruction submit {LIST} --archivist p0003 --as p0001",
        f"destruction authorise {LIST} --reference brief --as p0003",
    )
    for each in steps:
        assert cli(*each.split()).code == Exit.WELL, each
    root = json.loads(cli("destruction", "show", LIST, "--json").out)["root"]
    assert cli("destruction", "sign", LIST, "--root", root, "--as", "p0004").code == Exit.WELL
    assert cli("destruction", "start", LIST, "--as", "p0005").code != Exit.WELL
    with ahead(timedelta(days=8)):
        assert cli("destruction", "start", LIST, "--as", "p0005").code == Exit.WELL
        yield


@contextmanager
def destroyed(cli: Cli) -> Iterator[None]:
    """The first AIP is destroyed by that list; within, three weeks have passed."""
    with started(cli):
        assert cli("destruction", "run", LIST).code == Exit.WELL
        for days in (2, 8):
            with ahead(timedelta(days=days)):
                assert cli("destruction", "run", LIST).code == Exit.WELL
        with ahead(timedelta(days=9)):
            yield


def test_two_persons_decide_on_what_a_run_could_not_end(town: Cli, shelf: Shelf) -> None:
    decide = ("destruction", "decide", LIST, "Z/2024/0001", "again", "--reason", "teruggezet")
    lost = copies(shelf, FIRST)[0]
    content = lost.read_bytes()
    with started(town):
        lost.unlink()
        assert town("destruction", "run", LIST).code == Exit.WAITING
        told = " ".join(town("destruction", "status", LIST).out.split())
        assert "Z/2024/0001 wacht op een besluit: een kopie die er hoort te zijn" in told
        assert f"edepot destruction decide {LIST} Z/2024/0001 again|leave" in told
        lost.write_bytes(content)

        asked = town(*decide, "--as", "p0005")
        assert asked.code == Exit.WAITING
        assert "(archivaris)" in asked.out
        assert town(*decide, "--as", "p0001").code not in {Exit.WELL, Exit.WAITING}
        decided = json.loads(town(*decide, "--as", "p0003", "--json").out)
        assert (decided["done"], decided["state"]) == (True, "sealed")
        assert town("destruction", "run", LIST).code == Exit.WELL

    assert [each.exists() for each in copies(shelf, FIRST)] == [False, False]


def test_from_the_list_to_the_declaration(town: Cli, shelf: Shelf) -> None:
    with destroyed(town):
        made = town("declaration", "make", LIST, "--to", "papieren", "--as", "p0001")
        assert made.code == Exit.WELL
        names = {each.name for each in (shelf.folder / "papieren").iterdir()}
        assert {"verklaring-volledig.pdf", "verklaring-openbaar.pdf", "verklaring.json"} <= names
        public = json.loads((shelf.folder / "papieren" / "verklaring.json").read_text())
        assert public["said"]["counts"]["destroyed"] == 1
        assert "Omgevingsvergunning" not in str(public)
        refused = town("declaration", "sign", f"{LIST}-verklaring", "--as", "p0001")
        assert refused.code != Exit.WELL
        signed = town("declaration", "sign", f"{LIST}-verklaring", "--as", "p0004")
        assert signed.code == Exit.WELL, signed.err
        kept = json.loads(town("declaration", "list", "--json").out)[0]
        assert kept["state"] == "kept"
        inside = json.loads(town("show", kept["aip_id"], "--json").out)
        assert inside["valuation"] == "B"
        bundle = json.loads(town("declaration", "bundle", kept["id"], "bewijs", "--json").out)
        again = town("declaration", "bundle", kept["id"], "bewijs")
        assert again.code == Exit.USAGE
        proved = subprocess.run(
            shlex.split(bundle["command"]), cwd=shelf.folder, capture_output=True, check=False
        )
        assert proved.returncode == 0, proved.stderr

    assert [each.exists() for each in copies(shelf, FIRST)] == [False, False]
    assert [each.exists() for each in copies(shelf, SECOND)] == [True, True]


def test_who_asks_for_it_hears_when_and_by_which_list(town: Cli, shelf: Shelf) -> None:
    with destroyed(town):
        for command in ("show", "find", "export"):
            target = (shelf.folder / "uit",) if command == "export" else ()
            answer = town(command, "Z/2024/0001", *target)
            said = " ".join((answer.out + answer.err).split())
            assert answer.code == Exit.MATERIAL, command
            assert f"volgens lijst {LIST}" in said
        found = town("find", "omgevingsvergunning", "--json")
        assert json.loads(found.out) == []
        delivery = json.loads(town("deliveries", "show", "20261124-aaaa000001", "--json").out)
        assert "Omgevingsvergunning" not in json.dumps(delivery)


def test_an_older_database_is_refused_until_what_was_destroyed_is_gone_again(
    town: Cli, shelf: Shelf
) -> None:
    backup = shelf.folder / "back-up"
    shutil.copytree(shelf.config.folder / "stores", backup / "stores")
    shutil.copy(str(shelf.config.database), backup / "edepot.sqlite")
    with destroyed(town):
        assert town("restore-check").code == Exit.WELL

        put_back(backup, shelf, FIRST)
        assert town("find", "omgevingsvergunning").code == Exit.STORE
        looked = town("restore-check", "--json")
        assert looked.code == Exit.STORE
        assert json.loads(looked.out)["returned"] == [FIRST]

        applied = town("restore-check", "--apply", "--json")
        assert applied.code == Exit.WELL, applied.out + applied.err
        assert json.loads(applied.out)["proven"]
        assert town("restore-check").code == Exit.WELL
        assert town("show", FIRST).code == Exit.MATERIAL
        assert town("show", SECOND).code == Exit.WELL

    assert [each.exists() for each in copies(shelf, FIRST)] == [False, False]


def test_an_old_copy_of_a_store_is_found_and_removed(town: Cli, shelf: Shelf) -> None:
    backup = shelf.folder / "back-up"
    shutil.copytree(shelf.config.folder / "stores", backup / "stores")
    with destroyed(town):
        source = next((backup / "stores" / "kopie-1").rglob(f"{FIRST}/v0001.zip"))
        target = shelf.config.folder / "stores" / source.relative_to(backup / "stores")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        assert json.loads(town("restore-check", "--json").out)["returned"] == [FIRST]
        told = town("fixity", "run", "--json")
        assert "S353" in told.out

        assert town("restore-check", "--apply").code == Exit.WELL
        assert not target.exists()


def copies(shelf: Shelf, aip: str) -> list[Path]:
    """Where the copies of an AIP stand, or stood."""
    plain = aip.replace("-", "")
    key = f"{GM}/{plain[:2]}/{plain[2:4]}/{aip}/v0001.zip"
    return [shelf.config.folder / "stores" / name / key for name in ("kopie-1", "kopie-2")]


def put_back(backup: Path, shelf: Shelf, aip: str) -> None:
    """The database as it was, and the copies of an AIP in both stores."""
    for each in shelf.config.folder.glob("edepot.sqlite*"):
        each.unlink()
    shutil.copy(backup / "edepot.sqlite", str(shelf.config.database))
    for target in copies(shelf, aip):
        source = backup / "stores" / target.relative_to(shelf.config.folder / "stores")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
