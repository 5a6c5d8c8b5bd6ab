"""Storing is failed and killed at every durable call; a second run ends whole."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from storage.aip import package_key
from storage.errors import AlreadyStored
from storage.publish import ledger_prefix
from tests.crash import Fault, Note, Point, Story, in_child, sweep, sweep_twice, trial
from tests.storage.making import (
    NOW,
    ZORGDRAGER,
    aip_id,
    local_archive,
    make_aip,
    put,
)

STORES = ("een", "twee")
KEY = package_key(ZORGDRAGER, aip_id(1), 1)


class StoreAndPublish(Story):
    """An AIP is stored on two stores, and the ledger published; afterwards the same again."""

    def prepare(self, folder: Path) -> None:
        (folder / "staging").mkdir()
        local_archive(folder).close()

    def act(self, folder: Path, note: Note) -> None:
        archive = local_archive(folder)
        aip = make_aip(folder / "staging")
        try:
            note(f"ack {put(archive, aip).package.sha256}")
        except AlreadyStored:
            note("held")
        archive.publish_ledger(ZORGDRAGER, now=NOW)
        note("published")

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        acknowledged = {line.split()[1] for line in history if line.startswith("ack ")}
        known = read_database(folder)
        digests = {store: digest(folder / store / KEY) for store in STORES}
        assert len(acknowledged) <= 1
        for sha256 in acknowledged:
            assert digests == dict.fromkeys(STORES, sha256)
            assert known == [sha256]
        if known:
            assert digests == dict.fromkeys(STORES, known[0])
        if whole:
            self.check_whole(folder, history, known)

    def check_whole(self, folder: Path, history: Sequence[str], known: list[str]) -> None:
        assert len(known) == 1
        assert "published" in history
        published = [KEY, *(ledger_prefix(ZORGDRAGER) + name for name in LEDGER)]
        for store in STORES:
            assert objects(folder / store) == published
            line = (folder / store / published[1].replace(".details", "")).read_text("utf-8")
            assert json.loads(line)["facts"]["sha256"] == known[0]


class StoreThenDiscard(StoreAndPublish):
    """What was interrupted is not tried again but given up."""

    def act(self, folder: Path, note: Note) -> None:
        note(f"ack {put(local_archive(folder), make_aip(folder / 'staging')).package.sha256}")

    def recover(self, folder: Path, note: Note) -> None:
        try:
            local_archive(folder).discard(ZORGDRAGER, aip_id(1))
            note("given up")
        except AlreadyStored:
            note("held")

    def check_whole(self, folder: Path, history: Sequence[str], known: list[str]) -> None:
        for store in STORES:
            assert objects(folder / store) == ([KEY] if known else [])
        if "given up" in history:
            assert not known


LEDGER = (
    "0000000000-0000000000.details.jsonl",
    "0000000000-0000000000.jsonl",
    "0000000001.checkpoint",
)


def read_database(folder: Path) -> list[str]:
    """The packages that the catalogue knows, having looked that the ledger says the same."""
    connection = dbapi2.connect(folder / "edepot.sqlite")
    try:
        known = [row[0] for row in connection.execute("SELECT sha256 FROM aips")]
        lines = [row[0] for row in connection.execute("SELECT line FROM ledger_entries")]
        indexed = connection.execute("SELECT count(*) FROM search").fetchone()[0]
        copies = connection.execute("SELECT count(*) FROM copies").fetchone()[0]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    assert [json.loads(line)["facts"]["sha256"] for line in lines] == known
    assert (indexed, copies) == (len(known), 2 * len(known))
    return known


def digest(file: Path) -> str:
    """The hex SHA-256 of a file; "" when it is not there."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def objects(store: Path) -> list[str]:
    """Everything that stands in a store's folder, half-written things included."""
    return sorted(str(each.relative_to(store)) for each in store.rglob("*") if each.is_file())


def test_storing_ends_whole_wherever_it_is_killed_or_fails(tmp_path: Path) -> None:
    hits = sweep(StoreAndPublish(), tmp_path)

    assert hits > 250


def test_storing_ends_whole_when_its_recovery_is_killed_too(tmp_path: Path) -> None:
    hits = sweep_twice(StoreAndPublish(), tmp_path, step=13)

    assert hits > 15


def test_what_is_given_up_after_an_interruption_is_wholly_gone(tmp_path: Path) -> None:
    hits = sweep(StoreThenDiscard(), tmp_path, [Fault.KILL, Fault.EIO], step=3)

    assert hits > 25


class OneCopyOnly(StoreAndPublish):
    """A planted mistake: acknowledged when only one copy is there."""

    def act(self, folder: Path, note: Note) -> None:
        super().act(folder, note)
        (folder / "twee" / KEY).unlink()


def test_the_sweep_sees_a_planted_mistake(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    story = OneCopyOnly()
    in_child(lambda folder, _: story.prepare(folder), template, None)

    with pytest.raises(AssertionError):
        trial(story, template, [Point(100_000, Fault.KILL)])
