"""What was destroyed stays destroyed: the deny list beside the database and in the stores."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.archive import DESTROYED, Archive
from storage.checkpoint import sign_text, signer_from_seed
from storage.database import begin, open_database, reading
from storage.denied import (
    FORM,
    check_fresh,
    denied_in_database,
    denied_in_file,
    file_of,
    last_denied,
    write_denied,
)
from storage.denied_everywhere import Gathered, gather_denied
from storage.errors import CheckpointRefused, DatabaseOlder, DenyListOlder
from storage.ledger import Event, append, entries
from storage.places import beside
from storage.promised import destroyed_since, held_since, is_destroyed
from storage.publish import ledger_prefix
from tests.storage.making import (
    NOW,
    SIGNER,
    ZORGDRAGER,
    aip_id,
    local_archive,
    make_aip,
    older_ledger,
    put,
)

STRANGER = signer_from_seed(SIGNER.origin, b"\x08" * 32)


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Iterator[Archive]:
    with local_archive(tmp_path, database_place) as made:
        yield made
        made.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vernietigd"


def note(archive: Archive, action: str, what: str) -> None:
    event = Event(
        at=NOW, action=action, object=what, result="done", actor="edepot", origin="test",
        facts={"list": "L1"},
    )  # fmt: skip
    with begin(archive.engine) as connection:
        append(connection, ZORGDRAGER, event, bytes(32))


def destroy(archive: Archive, number: int) -> None:
    note(archive, DESTROYED, aip_id(number))


def write(archive: Archive, folder: Path) -> int:
    with reading(archive.engine) as connection:
        return write_denied(connection, folder, ZORGDRAGER, SIGNER)


def check(engine: Engine, folder: Path) -> None:
    with reading(engine) as connection:
        check_fresh(connection, folder, [ZORGDRAGER])


def gather(archive: Archive, folder: Path, engine: Engine | None = None) -> Gathered:
    with reading(engine or archive.engine) as connection:
        stores = list(archive.stores.values())
        return gather_denied(connection, folder, stores, ZORGDRAGER, SIGNER.verifier_key)


def proven(found: Gathered) -> dict[str, bool]:
    return {each.aip_id: each.proven for each in found.denied.values()}


def test_each_destruction_is_written_once_and_signed(archive: Archive, folder: Path) -> None:
    check(archive.engine, folder)
    assert write(archive, folder) == 0
    destroy(archive, 1)
    assert write(archive, folder) == 1
    assert write(archive, folder) == 0
    destroy(archive, 2)
    assert write(archive, folder) == 1

    file = file_of(folder, ZORGDRAGER)
    said = list(denied_in_file(file, ZORGDRAGER, SIGNER.verifier_key))
    with reading(archive.engine) as connection:
        known = denied_in_database(connection, ZORGDRAGER)
    assert [each.line for each in said] == [each.line for each in known]
    assert all(each.proven for each in said)
    assert last_denied(file) == known[-1]
    check(archive.engine, folder)


def test_without_a_key_nothing_is_written(archive: Archive, folder: Path) -> None:
    destroy(archive, 1)

    with pytest.raises(CheckpointRefused), reading(archive.engine) as connection:
        write_denied(connection, folder, ZORGDRAGER, None)

    assert not folder.exists()


def test_an_older_database_is_refused(
    archive: Archive, folder: Path, database_place: Path | str
) -> None:
    destroy(archive, 1)
    older = older_ledger(archive.engine, beside(database_place, "ouder"), 1)
    destroy(archive, 2)
    write(archive, folder)

    with pytest.raises(DatabaseOlder) as refused:
        check(older, folder)

    older.dispose()
    assert refused.value.values == {"zorgdrager": ZORGDRAGER, "found": 1}


def test_a_list_that_lacks_what_was_declared_is_refused(archive: Archive, folder: Path) -> None:
    destroy(archive, 1)
    write(archive, folder)
    destroy(archive, 2)
    check(archive.engine, folder)
    note(archive, "declaration.sign", "L1-verklaring")

    with pytest.raises(DenyListOlder) as refused:
        check(archive.engine, folder)

    assert refused.value.values == {"zorgdrager": ZORGDRAGER, "found": 1}
    write(archive, folder)
    check(archive.engine, folder)


def test_a_list_that_is_gone_is_refused_and_written_again(archive: Archive, folder: Path) -> None:
    destroy(archive, 1)
    destroy(archive, 2)
    write(archive, folder)
    note(archive, "declaration.sign", "L1-verklaring")
    file_of(folder, ZORGDRAGER).unlink()

    with pytest.raises(DenyListOlder):
        check(archive.engine, folder)

    assert write(archive, folder) == 2
    check(archive.engine, folder)


def test_a_declaration_of_nothing_asks_for_no_list(archive: Archive, folder: Path) -> None:
    note(archive, "declaration.sign", "L1-verklaring")
    destroy(archive, 1)

    check(archive.engine, folder)


def test_a_torn_line_is_no_line_and_the_next_one_stands_alone(
    archive: Archive, folder: Path
) -> None:
    destroy(archive, 1)
    write(archive, folder)
    destroy(archive, 2)
    with file_of(folder, ZORGDRAGER).open("a") as out:
        out.write('{"note":"edepot-den')

    assert write(archive, folder) == 1

    last = last_denied(file_of(folder, ZORGDRAGER))
    assert last is not None
    assert last.aip_id == aip_id(2)
    check(archive.engine, folder)


def test_nothing_of_what_is_no_list_counts(archive: Archive, folder: Path) -> None:
    folder.mkdir()
    file = file_of(folder, ZORGDRAGER)
    file.write_text('{"note": 5}\n[]\n{"note":"a\\n{\\"action\\":\\"aip.ingest\\"}\\n"}\n', "utf-8")

    assert last_denied(file) is None
    assert list(denied_in_file(file, ZORGDRAGER, SIGNER.verifier_key)) == []
    check(archive.engine, folder)


def test_the_stores_know_what_the_database_no_longer_does(
    archive: Archive, folder: Path, database_place: Path | str
) -> None:
    older = older_ledger(archive.engine, beside(database_place, "ouder"), 0)
    destroy(archive, 1)
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    found = gather(archive, folder, older)

    older.dispose()
    assert list(found.denied) == [aip_id(1)]
    assert found.silent == ()


def test_a_line_below_a_signed_checkpoint_is_proven_and_a_later_one_is_not(
    archive: Archive, folder: Path
) -> None:
    destroy(archive, 1)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    destroy(archive, 2)

    assert proven(gather(archive, folder)) == {aip_id(1): True, aip_id(2): False}

    write(archive, folder)
    assert proven(gather(archive, folder)) == {aip_id(1): True, aip_id(2): True}


def test_a_line_that_somebody_adds_to_a_store_or_to_the_list_proves_nothing(
    archive: Archive, folder: Path
) -> None:
    destroy(archive, 1)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    write(archive, folder)
    forged = json.dumps({"action": DESTROYED, "object": aip_id(7), "seq": 1})
    with archive.stores["een"].put_new(
        f"{ledger_prefix(ZORGDRAGER)}{1:010d}-{1:010d}.jsonl"
    ) as upload:
        upload.write(forged.encode() + b"\n")
        upload.commit()
    other = json.dumps({"action": DESTROYED, "object": aip_id(8), "seq": 2})
    notes = (
        sign_text(STRANGER, f"{FORM} {ZORGDRAGER}\n{other}\n"),
        sign_text(SIGNER, f"{FORM} weststellingwerf\n{other}\n"),
    )
    with file_of(folder, ZORGDRAGER).open("a", encoding="utf-8") as out:
        out.writelines(json.dumps({"note": each}) + "\n" for each in notes)

    found = gather(archive, folder)

    assert proven(found) == {aip_id(1): True, aip_id(7): False, aip_id(8): False}


def test_a_checkpoint_of_another_key_proves_nothing(archive: Archive, folder: Path) -> None:
    destroy(archive, 1)
    archive.signers[ZORGDRAGER] = STRANGER
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    assert proven(gather(archive, folder)) == {aip_id(1): False}


def test_a_store_that_is_away_is_named(archive: Archive, folder: Path, tmp_path: Path) -> None:
    destroy(archive, 1)
    os.rename(tmp_path / "een", tmp_path / "weg")

    found = gather(archive, folder)

    assert len(found.silent) == 1
    assert found.silent[0].startswith("een: ")


def test_of_what_was_destroyed_the_ledger_promises_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, make_aip(tmp_path, 1))
    put(archive, make_aip(tmp_path, 2))
    destroy(archive, 1)

    with reading(archive.engine) as connection:
        held = held_since(entries(connection, ZORGDRAGER))
        assert is_destroyed(connection, ZORGDRAGER, aip_id(1))
        assert not is_destroyed(connection, ZORGDRAGER, aip_id(2))
        assert list(destroyed_since(connection, ZORGDRAGER)) == [aip_id(1)]
    assert held[aip_id(1), 1] == {}
    assert set(held[aip_id(2), 1]) == {"een", "twee"}


def test_the_questions_on_opening_read_no_more_than_an_index(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")
    asked: list[str] = []
    with reading(engine) as connection:
        for action in (DESTROYED, "declaration.sign"):
            plan = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT max(seq) FROM ledger_entries "  # noqa: S608 - of ours
                f"WHERE zorgdrager = ? AND action = '{action}'",
                (ZORGDRAGER,),
            )
            asked += [str(each[3]) for each in plan if "INDEX" in str(each[3])]
    engine.dispose()
    assert [each.split("INDEX ")[1].split(" ")[0] for each in asked] == [
        "ledger_destroyed",
        "ledger_declared",
    ]
