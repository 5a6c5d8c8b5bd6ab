"""Repair is failed and killed at every durable call; the same repair, run again, ends whole."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from storage.aip import package_key
from storage.database import open_database, reading
from storage.fixity.repair import repair_run
from storage.ledger_check import verify_ledger
from tests.crash import Fault, Note, Point, Story, in_child, sweep, sweep_twice, trial
from tests.storage.fixity.damage import (
    DAMAGE,
    RUN,
    file_of,
    order_on,
    three_stores,
    tree,
    write_run,
)
from tests.storage.making import ZORGDRAGER, aip_id, make_aip, put

KEY = package_key(ZORGDRAGER, aip_id(1), 1)
ASIDE = f"{ZORGDRAGER}/evidence/{RUN}/{aip_id(1)}-v0001.zip"


class Repairing(Story):
    """One of three copies is damaged, found so, and repaired; afterwards the same again."""

    damage = "a bit"

    def prepare(self, folder: Path) -> None:
        (folder / "staging").mkdir()
        archive = three_stores(folder)
        put(archive, make_aip(folder / "staging"))
        (folder / "was.json").write_text(json.dumps(tree(folder / "twee")))
        DAMAGE[self.damage](file_of(folder, "twee", KEY))
        (folder / "bad.json").write_text(json.dumps(tree(folder / "twee")))
        write_run(archive)
        archive.close()
        archive.engine.dispose()

    def act(self, folder: Path, note: Note) -> None:
        for each in repair_run(order_on(three_stores(folder)), RUN):
            note(f"{each.state} {','.join(found.code for found in each.findings)}")

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        was, bad = (json.loads((folder / f"{name}.json").read_text()) for name in ("was", "bad"))
        for donor in ("een", "drie"):
            assert tree(folder / donor) == was
        now = {k: v for k, v in tree(folder / "twee").items() if not k.startswith(".uploads/")}
        assert set(now) <= {KEY, ASIDE}
        assert bad.get(KEY) in (None, now.get(KEY), now.get(ASIDE)), "the damaged bytes are gone"
        assert now.get(KEY) in (None, was[KEY], bad.get(KEY))
        if "done " in history:
            assert now[KEY] == was[KEY]
            assert said(folder) == (["copy.repair"], "done", "intact")
        if whole:
            kept = {ASIDE: bad[KEY]} if bad else {}
            assert tree(folder / "twee") == was | kept
            assert said(folder) == (["copy.repair"], "done", "intact")
            assert evidence(folder) == list(kept)
            assert_ledger_whole(folder)


class RepairingMissing(Repairing):
    """The copy is not there at all."""

    damage = "gone"


def said(folder: Path) -> tuple[list[str], str, str]:
    """The ledger's actions after ingest, the journal's state, the copy's outcome."""
    connection = dbapi2.connect(folder / "edepot.sqlite")
    try:
        lines = connection.execute("SELECT line FROM ledger_entries ORDER BY seq").fetchall()[1:]
        (state,) = connection.execute("SELECT state FROM repairs").fetchone() or ("",)
        (outcome,) = connection.execute(
            "SELECT outcome FROM copies WHERE store = 'twee'"
        ).fetchone()
    finally:
        connection.close()
    return [json.loads(line)["action"] for (line,) in lines], state, outcome


def evidence(folder: Path) -> list[str]:
    connection = dbapi2.connect(folder / "edepot.sqlite")
    try:
        return [key for (key,) in connection.execute("SELECT key FROM evidence")]
    finally:
        connection.close()


def assert_ledger_whole(folder: Path) -> None:
    engine = open_database(folder / "edepot.sqlite")
    with reading(engine) as connection:
        assert list(verify_ledger(connection, ZORGDRAGER)) == []
    engine.dispose()


def test_a_repair_ends_whole_wherever_it_is_killed_or_fails(tmp_path: Path) -> None:
    hits = sweep(Repairing(), tmp_path)

    assert hits > 100


def test_a_missing_copy_ends_whole_wherever_its_repair_is_killed_or_fails(tmp_path: Path) -> None:
    hits = sweep(RepairingMissing(), tmp_path)

    assert hits > 60


def test_a_repair_ends_whole_when_its_recovery_is_killed_too(tmp_path: Path) -> None:
    hits = sweep_twice(Repairing(), tmp_path, step=7)

    assert hits > 15


class FromAnyCopy(Repairing):
    """A planted mistake: what was damaged is thrown away instead of kept."""

    def act(self, folder: Path, note: Note) -> None:
        file_of(folder, "twee", KEY).unlink()
        super().act(folder, note)


def test_the_sweep_sees_a_planted_mistake(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    story = FromAnyCopy()
    in_child(lambda folder, _: story.prepare(folder), template, None)

    with pytest.raises(AssertionError):
        trial(story, template, [Point(100_000, Fault.KILL)])
