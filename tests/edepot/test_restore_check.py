"""A backup is put back: what was destroyed is found again, and gone again before anything opens."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from edepot.config import FILE_NAME, Config, read_config
from edepot.depot import open_depot
from edepot.depot_database import denied_folder
from edepot.disposal_works import settle
from edepot.exits import Exit
from ingest.journal import DOSSIERS as JOURNAL
from retention.tables import TOMBSTONES
from storage.archive import DESTROYED
from storage.database import begin, open_database, reading
from storage.denied import file_of
from storage.erasing import absence, erase
from storage.forgetting import erase_details_of, forget
from storage.inventory import traces
from storage.ledger import Event, append, entries
from storage.publish import ledger_prefix
from tests.databases import KINDS
from tests.edepot.shelf import ACCEPTED, FIRST, SECOND, Answer, Cli, Shelf
from tests.postgres import copied_database, drop_database
from tests.storage.making import NOW, SALT, aip_id

GM = "ooststellingwerf"
LIST = "ooststellingwerf-v2026-001"
TITLE = "Omgevingsvergunning"
both = pytest.mark.parametrize("shelf", KINDS, indirect=True)


def flat(answer: Answer) -> str:
    return " ".join((answer.out + answer.err).split())


def destroy(config: Config, *aips: str) -> None:
    """What a run of a signed list comes to, without the list."""
    with open_depot(config) as depot:
        for aip in aips:
            for store in depot.stores.values():
                list(erase(store, traces(store, GM, aip)))
            facts = {"list": LIST, "kind": "destroy", "manifest": "00"}
            event = Event(NOW, DESTROYED, aip, "destroyed", "edepot", "test", facts=facts)
            with begin(depot.engine) as connection:
                forget(connection, aip)
                erase_details_of(connection, GM, aip)
                append(connection, GM, event, SALT)
                connection.execute(
                    JOURNAL.update()
                    .where(JOURNAL.c.aip_id == aip)
                    .values(path=f"aip:{aip}", title="", identifier="")
                )
                connection.execute(insert(TOMBSTONES), _tombstone(aip))
        assert settle(depot, [GM]) == ()


def _tombstone(aip: str) -> dict[str, str]:
    return {
        "dossier": aip, "zorgdrager": GM, "identifier": "Z/2024/0001", "list": LIST,
        "kind": "destroy", "destroyed_at": NOW.isoformat(), "declaration": f"{LIST}-verklaring",
        "said": "{}",
    }  # fmt: skip


Backup = Callable[[Sequence[str]], None]


@pytest.fixture
def backup(shelf: Shelf, tmp_path: Path) -> Backup:
    """A backup of before the destruction; called with what of it is to be put back."""
    depot, kept = shelf.config.folder, tmp_path / "backup"
    shutil.copytree(depot, kept)
    place = str(shelf.config.database)
    copied = copied_database(place) if isinstance(shelf.config.database, str) else ""

    def put_back(parts: Sequence[str]) -> None:
        for each in parts:
            if each == "database" and copied:
                settings = (depot / FILE_NAME).read_text("utf-8")
                (depot / FILE_NAME).write_text(settings.replace(place, copied), "utf-8")
                drop_database(place)
            elif each == "database":
                for file in depot.glob("edepot.sqlite*"):
                    file.unlink()
                shutil.copy(kept / "edepot.sqlite", depot / "edepot.sqlite")
            else:
                shutil.rmtree(depot / each)
                shutil.copytree(kept / each, depot / each)

    return put_back


def is_gone(config: Config, aip: str) -> bool:
    with open_depot(config) as depot:
        return all(absence(each, GM, aip, ()).absent for each in depot.stores.values())


def again(shelf: Shelf) -> Config:
    return read_config(shelf.config.folder / FILE_NAME)


@both
@pytest.mark.parametrize(
    "parts", [("database", "stores"), ("database",), ("stores",), ("stores/kopie-1",)], ids=str
)
def test_what_was_destroyed_is_gone_again_after_a_backup_was_put_back(
    cli: Cli, shelf: Shelf, backup: Backup, parts: tuple[str, ...]
) -> None:
    destroy(shelf.config, FIRST)
    backup(parts)
    older = "database" in parts

    if older:
        for command in (("find", TITLE), ("show", FIRST), ("verify", "--all")):
            refused = cli(*command)
            assert refused.code == Exit.STORE, refused.out
            assert "oude back-up teruggezet" in flat(refused)
    looked = cli("restore-check")
    assert looked.code == Exit.STORE
    assert f"{FIRST}: vernietigd, en toch gevonden" in flat(looked)
    assert (not is_gone_quietly(shelf, FIRST)) == (parts != ("database",))

    applied = cli("restore-check", "--apply")
    assert applied.code == Exit.WELL, flat(applied)
    assert f"{FIRST}: opnieuw verwijderd" in flat(applied)

    assert is_gone(again(shelf), FIRST)
    gone = cli("show", FIRST)
    assert gone.code == Exit.MATERIAL
    assert f"is vernietigd op 24-11-2026 volgens lijst {LIST}" in flat(gone)
    assert cli("show", SECOND).code == Exit.WELL
    assert cli("verify", "--all").code == Exit.WELL
    assert cli("ledger", "verify").code == Exit.WELL
    once_more = cli("restore-check", "--json")
    said = json.loads(once_more.out)
    assert (once_more.code, said["proven"], said["destroyed"]) == (Exit.WELL, True, 1)
    assert said["returned"] == said["left"] == said["behind"] == []
    assert noted(again(shelf), "disposal.replayed") == [FIRST]


def is_gone_quietly(shelf: Shelf, aip: str) -> bool:
    """The same, of a depot that does not open."""
    with open_depot(again(shelf), older=True) as depot:
        return all(absence(each, GM, aip, ()).absent for each in depot.stores.values())


def noted(config: Config, action: str) -> list[str]:
    engine = open_database(config.database)
    with reading(engine) as connection:
        found = [each.object for each in entries(connection, GM) if each.action == action]
    engine.dispose()
    return found


def test_what_came_back_with_the_database_goes_from_everywhere_in_it(
    cli: Cli, shelf: Shelf, backup: Backup
) -> None:
    kept = shelf.config.quarantine / ACCEPTED / "zaak-1"
    kept.mkdir(parents=True)
    (kept / "brief.txt").write_text("geheim", "utf-8")
    destroy(shelf.config, FIRST)
    backup(("database",))

    assert cli("restore-check", "--apply").code == Exit.WELL

    assert not kept.exists()
    engine = open_database(shelf.config.database)
    with reading(engine) as connection:
        rows = connection.execute(select(JOURNAL).where(JOURNAL.c.aip_id == FIRST)).all()
        tomb = connection.execute(select(TOMBSTONES)).one()
    engine.dispose()
    assert [(each.title, each.identifier) for each in rows] == [("", "")]
    assert (tomb.dossier, tomb.identifier, tomb.list) == (FIRST, "Z/2024/0001", LIST)
    assert cli("find", "Z/2024/0001").code == Exit.MATERIAL


def test_nothing_is_destroyed_on_the_word_of_a_line_that_nobody_signed(
    cli: Cli, shelf: Shelf
) -> None:
    destroy(shelf.config, FIRST)
    forged = {
        "action": DESTROYED, "object": SECOND, "seq": 99, "t": NOW.isoformat(), "result": "x",
        "actor": "x", "origin": "x", "prev": "0" * 64,
    }  # fmt: skip
    with open_depot(shelf.config) as depot:
        store = depot.stores["kopie-1"]
        with store.put_new(f"{ledger_prefix(GM)}{99:010d}-{99:010d}.jsonl") as upload:
            upload.write(json.dumps(forged).encode() + b"\n")
            upload.commit()
    with file_of(denied_folder(shelf.config), GM).open("a") as out:
        out.write(json.dumps({"note": f"edepot-denied 1 {GM}\n{json.dumps(forged)}\n\n"}) + "\n")

    checked = cli("restore-check", "--apply")

    assert checked.code == Exit.STORE
    assert "nergens met een handtekening" in flat(checked)
    assert json.loads(cli("restore-check", "--json").out)["unproven"] == [SECOND]
    assert shelf.copy_of(SECOND).is_file()


def test_of_what_a_hold_covers_nothing_is_removed(
    cli: Cli, shelf: Shelf, backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    destroy(shelf.config, FIRST)
    backup(("stores",))

    class Hold:
        id = "h0001"

    monkeypatch.setattr("retention.disposal_replay.active_on", lambda *_: (Hold(),))
    checked = cli("restore-check", "--apply")

    assert checked.code == Exit.STORE
    assert "er ligt blokkade h0001 op" in flat(checked)
    assert json.loads(cli("restore-check", "--json").out)["held"] == [FIRST]
    assert shelf.copy_of(FIRST).is_file()


def test_a_store_that_is_away_proves_nothing(cli: Cli, shelf: Shelf) -> None:
    destroy(shelf.config, FIRST)
    (shelf.config.folder / "stores" / "kopie-1" / ".uploads").rmdir()

    checked = cli("restore-check")

    assert checked.code == Exit.STORE
    assert "Niet gevraagd kon worden: kopie-1" in flat(checked)


def test_without_any_destruction_there_is_nothing_to_look_for(cli: Cli) -> None:
    checked = cli("restore-check")

    assert checked.code == Exit.WELL
    assert "geen enkel logboek iets vernietigd" in flat(checked)


def test_a_deny_list_that_was_lost_keeps_the_depot_shut_until_it_is_back(
    cli: Cli, shelf: Shelf
) -> None:
    destroy(shelf.config, FIRST)
    with open_depot(shelf.config) as depot, begin(depot.engine) as connection:
        event = Event(NOW, "declaration.sign", f"{LIST}-verklaring", "declared", "p0004", "test")
        append(connection, GM, event, SALT)
    shutil.rmtree(denied_folder(shelf.config))

    refused = cli("find", TITLE)
    assert (refused.code, "map vernietigd/" in flat(refused)) == (Exit.STORE, True)
    assert cli("restore-check", "--apply").code == Exit.WELL

    assert cli("show", SECOND).code == Exit.WELL


def test_a_rebuilt_database_knows_who_is_gone_and_takes_nothing_of_it_in(
    cli: Cli, shelf: Shelf, backup: Backup
) -> None:
    destroy(shelf.config, FIRST)
    ledger = shelf.config.folder / "stores" / "kopie-1" / GM / "ledger"
    kept = shutil.copytree(ledger, shelf.folder / "ledger")
    backup(("stores/kopie-1",))
    shutil.rmtree(ledger)
    shutil.copytree(kept, ledger)

    rebuilt = cli("rebuild", "--replace")

    assert "S309" in rebuilt.out or "vernietigd" in flat(rebuilt)
    assert f"is vernietigd op 24-11-2026 volgens lijst {LIST}" in flat(cli("show", FIRST))
    assert f"{FIRST}: opnieuw verwijderd" in flat(cli("restore-check", "--apply"))
    assert is_gone(again(shelf), FIRST)
    assert cli("restore-check").code == Exit.WELL


def test_who_asks_for_a_destroyed_dossier_is_told_so(cli: Cli, shelf: Shelf) -> None:
    destroy(shelf.config, FIRST)
    expected = {
        "dossier": FIRST, "identifier": "Z/2024/0001", "zorgdrager": GM, "list": LIST,
        "declaration": f"{LIST}-verklaring", "on": "2026-11-24",
    }  # fmt: skip

    for name in (FIRST, "Z/2024/0001"):
        for command in (("find", name), ("show", name), ("export", name, shelf.folder / "uit")):
            answer = cli(*command)
            assert answer.code == Exit.MATERIAL, command
            assert f"volgens lijst {LIST} (verklaring {LIST}-verklaring)" in flat(answer)
            plain = cli(*command, "--json")
            assert (plain.code, json.loads(plain.out)) == (Exit.MATERIAL, {"destroyed": expected})
    assert not (shelf.folder / "uit").exists()


def test_who_asks_for_what_never_was_is_told_that(cli: Cli, shelf: Shelf) -> None:
    destroy(shelf.config, FIRST)

    assert cli("show", aip_id(9)).code != Exit.WELL
    assert "vernietigd" not in flat(cli("show", aip_id(9)))


def test_an_old_copy_that_turns_up_is_a_finding_of_its_own(
    cli: Cli, shelf: Shelf, backup: Backup
) -> None:
    destroy(shelf.config, FIRST)
    kept = replace(shelf, folder=shelf.folder)
    backup(("stores/kopie-2",))

    run = cli("fixity", "run")

    assert "S353" in run.out or "vernietigd" in flat(run)
    assert kept.copy_of(FIRST, "kopie-2").is_file()
