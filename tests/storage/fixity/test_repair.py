"""Repair: what is damaged comes back byte for byte from what the ledger knows, or nothing moves."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from formats.findings import finding
from storage import ledger
from storage.aip import package_key
from storage.archive import Archive
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.fixity.lines import findings_text
from storage.fixity.repair import repair_run
from storage.fixity.repair_catalogue import repair_catalogue
from storage.fixity.repair_plan import plan_repair
from storage.fixity.repairs import Deed, RepairResult, RepairState
from storage.fixity.tables import EVIDENCE, INCIDENTS, ITEMS, REMARKS, REPAIRS
from storage.ledger_check import verify_ledger
from storage.outcomes import Outcome
from storage.verify import verify_aip
from tests.storage.fixity.damage import (
    DAMAGE,
    RUN,
    STORES,
    file_of,
    flip,
    order_on,
    three_stores,
    tree,
    write_run,
)
from tests.storage.making import ZORGDRAGER, aip_id, make_aip, put
from tests.storage.test_ledger import tamper

KEY = package_key(ZORGDRAGER, aip_id(1), 1)
ASIDE = f"{ZORGDRAGER}/evidence/{RUN}/{aip_id(1)}-v0001.zip"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    (tmp_path / "staging").mkdir()
    archive = three_stores(tmp_path)
    for number in (1, 2):
        put(archive, make_aip(tmp_path / "staging", number))
    return archive


def entries(archive: Archive, action: str) -> list[ledger.LedgerEntry]:
    with reading(archive.engine) as connection:
        assert verify_ledger(connection, ZORGDRAGER) == []
        found = ledger.entries(connection, ZORGDRAGER)
        return [each for each in found if each.action == action]


def rows(archive: Archive, table) -> list:
    with reading(archive.engine) as connection:
        return list(connection.execute(select(table)))


def only(results: list[RepairResult]) -> RepairResult:
    (result,) = results
    return result


def codes(result: RepairResult) -> list[str]:
    return [each.code for each in result.findings]


def assert_whole(archive: Archive) -> None:
    for number in (1, 2):
        outcomes = [each.outcome for each in verify_aip(archive, aip_id(number))]
        assert outcomes == [Outcome.INTACT] * len(outcomes)


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_copy_comes_back_byte_for_byte_and_the_damaged_one_is_kept(
    kind: str, archive: Archive, tmp_path: Path
) -> None:
    before = tree(tmp_path / "twee")
    DAMAGE[kind](file_of(tmp_path, "twee", KEY))
    damaged = tree(tmp_path / "twee").get(KEY)
    write_run(archive)

    result = only(repair_run(order_on(archive), RUN))

    kept = {ASIDE: damaged} if damaged else {}
    known = [key for key, content in kept.items() if content != "fifo"]
    assert result.state is RepairState.DONE
    assert (result.source, result.aside) == ("drie", tuple(known))
    assert tree(tmp_path / "twee") == before | kept
    assert [each.key for each in rows(archive, EVIDENCE)] == known
    assert_whole(archive)


def test_the_ledger_the_catalogue_and_the_journal_say_what_was_done(
    archive: Archive, tmp_path: Path
) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    (item,) = [each for each in rows(archive, ITEMS) if each.outcome == "differs"]

    repair_run(order_on(archive), RUN)

    (entry,) = entries(archive, "copy.repair")
    at = entry.at.isoformat()
    assert (entry.object, entry.result, entry.actor) == (aip_id(1), "repaired", "uid:1000")
    assert entry.facts == {
        "run": RUN,
        "store": "twee",
        "from": "drie",
        "version": 1,
        "key": KEY,
        "sha256": item.expected,
        "aside": [ASIDE],
        "proof": "read",
        "outcome": "differs",
        "found": item.found,
        "event": "replacement",
        "event_outcome": "success",
    }
    (copy,) = [each for each in rows(archive, COPIES) if (each.aip, each.store) == (1, "twee")]
    assert (copy.verified_at, copy.checked_at, copy.outcome) == (at, at, "intact")
    (repair,) = rows(archive, REPAIRS)
    assert (repair.item, repair.state, repair.done_at) == (item.number, "done", at)
    (evidence,) = rows(archive, EVIDENCE)
    assert tuple(evidence)[:5] == ("twee", ASIDE, aip_id(1), 1, RUN)


def test_a_plan_says_what_will_be_done_and_does_nothing(archive: Archive, tmp_path: Path) -> None:
    flip(file_of(tmp_path, "een", KEY))
    write_run(archive)
    before = {store: tree(tmp_path / store) for store in STORES}

    (repair,) = plan_repair(archive.engine, RUN)

    assert (repair.deed, repair.store, repair.donors) == (Deed.RESTORE, "een", ("drie", "twee"))
    assert (repair.size_bytes, repair.state) == (
        archive.stores["een"].stat(KEY).size_bytes,
        RepairState.PLANNED,
    )
    assert {store: tree(tmp_path / store) for store in STORES} == before
    assert rows(archive, REPAIRS) == []


def test_a_second_repair_of_the_same_run_does_nothing_more(
    archive: Archive, tmp_path: Path
) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    repair_run(order_on(archive), RUN)
    after = tree(tmp_path / "twee")

    again = only(repair_run(order_on(archive), RUN))

    assert (again.state, again.source) == (RepairState.DONE, "drie")
    assert tree(tmp_path / "twee") == after
    assert len(entries(archive, "copy.repair")) == 1


def test_only_what_is_chosen_is_repaired(archive: Archive, tmp_path: Path) -> None:
    other = package_key(ZORGDRAGER, aip_id(2), 1)
    for key in (KEY, other):
        flip(file_of(tmp_path, "twee", key))
    write_run(archive)

    results = repair_run(order_on(archive), RUN, only=lambda each: each.aip_id == aip_id(2))

    assert [each.repair.key for each in results] == [other]
    assert [each.facts["key"] for each in entries(archive, "copy.repair")] == [other]


def test_two_of_three_damaged_alike_do_not_outvote_the_third(
    archive: Archive, tmp_path: Path
) -> None:
    good = tree(tmp_path / "drie")
    for store in ("een", "twee"):
        flip(file_of(tmp_path, store, KEY))
    assert tree(tmp_path / "een") == tree(tmp_path / "twee")
    write_run(archive)

    results = repair_run(order_on(archive), RUN)

    assert [(each.state, each.source) for each in results] == [(RepairState.DONE, "drie")] * 2
    assert tree(tmp_path / "drie") == good
    assert_whole(archive)


def test_S371_when_every_copy_is_damaged_nothing_is_touched_and_one_incident_is_opened(
    archive: Archive, tmp_path: Path
) -> None:
    for store in STORES:
        flip(file_of(tmp_path, store, KEY))
    before = {store: tree(tmp_path / store) for store in STORES}
    for run in (RUN, "2026-11-26-1"):
        write_run(archive, run)

        results = repair_run(order_on(archive), run)

        assert [(each.state, codes(each)) for each in results] == [
            (RepairState.IMPOSSIBLE, ["S371"])
        ] * 3
    assert {store: tree(tmp_path / store) for store in STORES} == before
    (incident,) = rows(archive, INCIDENTS)
    assert (incident.id, incident.kind, incident.run, incident.closed_at) == (
        f"lost-{aip_id(1)}-v0001-1",
        "lost",
        RUN,
        "",
    )
    said = json.loads(incident.detail)
    assert (set(said["found"]), said["expected"] in said["found"].values()) == (set(STORES), False)
    assert [each.facts["incident"] for each in entries(archive, "incident.lost")] == [incident.id]


def test_a_lost_package_that_is_found_again_is_restored_and_its_incident_closed(
    archive: Archive, tmp_path: Path
) -> None:
    backup = file_of(tmp_path, "een", KEY).read_bytes()
    for store in STORES:
        flip(file_of(tmp_path, store, KEY))
    write_run(archive)
    repair_run(order_on(archive), RUN)
    file_of(tmp_path, "een", KEY).write_bytes(backup)

    results = repair_run(order_on(archive), RUN)

    by_store = {each.repair.store: (each.state, codes(each)) for each in results}
    assert by_store == {
        "een": (RepairState.DONE, ["S370"]),
        "twee": (RepairState.DONE, []),
        "drie": (RepairState.DONE, []),
    }
    assert [each.closed_at != "" for each in rows(archive, INCIDENTS)] == [True]
    assert_whole(archive)


def test_S370_a_copy_that_is_right_by_now_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    good = file_of(tmp_path, "twee", KEY).read_bytes()
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    file_of(tmp_path, "twee", KEY).write_bytes(good)
    before = tree(tmp_path / "twee")

    result = only(repair_run(order_on(archive), RUN))

    assert (result.state, codes(result)) == (RepairState.DONE, ["S370"])
    assert tree(tmp_path / "twee") == before
    (check,) = entries(archive, "fixity.check")
    assert (check.object, check.result) == (aip_id(1), "intact")


def test_an_edited_digest_in_the_catalogue_does_not_make_good_bytes_bad(
    archive: Archive, tmp_path: Path
) -> None:
    before = {store: tree(tmp_path / store) for store in STORES}
    with begin(archive.engine) as connection:
        connection.execute(update(AIPS).where(AIPS.c.number == 1).values(sha256="f" * 64))
    write_run(archive)

    results = repair_run(order_on(archive), RUN)

    assert [(each.state, codes(each)) for each in results] == [(RepairState.DONE, ["S370"])] * 3
    assert {store: tree(tmp_path / store) for store in STORES} == before


def test_S374_an_edited_line_of_the_ledger_is_no_measure(archive: Archive, tmp_path: Path) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    before = tree(tmp_path / "twee")
    found = before[KEY]
    sums = "(SELECT sha256 FROM aips WHERE number = 1)"
    edit = f"UPDATE ledger_entries SET line = replace(line, {sums}, '{found}') WHERE seq = 0"  # noqa: S608
    tamper(archive.engine, edit)

    result = only(repair_run(order_on(archive), RUN))

    assert (result.state, codes(result)) == (RepairState.FAILED, ["S374"])
    assert tree(tmp_path / "twee") == before


def test_S372_with_the_last_good_copy_out_of_reach_it_waits_and_then_goes_on(
    archive: Archive, tmp_path: Path
) -> None:
    for store in ("een", "twee"):
        flip(file_of(tmp_path, store, KEY))
    write_run(archive)
    os.rename(tmp_path / "drie", tmp_path / "weg")
    before = tree(tmp_path / "twee")

    waiting = repair_run(order_on(archive), RUN)

    assert [(each.state, codes(each)) for each in waiting] == [(RepairState.FAILED, ["S372"])] * 2
    assert tree(tmp_path / "twee") == before
    assert rows(archive, INCIDENTS) == []
    os.rename(tmp_path / "weg", tmp_path / "drie")
    assert [each.state for each in repair_run(order_on(archive), RUN)] == [RepairState.DONE] * 2
    assert_whole(archive)


def test_S207_a_copy_in_a_store_out_of_reach_waits(archive: Archive, tmp_path: Path) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    os.rename(tmp_path / "twee", tmp_path / "weg")

    result = only(repair_run(order_on(archive), RUN))

    assert (result.state, codes(result)) == (RepairState.FAILED, ["S207"])


def test_a_good_copy_that_the_catalogue_forgot_is_a_donor_too(
    archive: Archive, tmp_path: Path
) -> None:
    for store in ("een", "twee"):
        flip(file_of(tmp_path, store, KEY))
    with begin(archive.engine) as connection:
        connection.execute(delete(COPIES).where(COPIES.c.aip == 1, COPIES.c.store == "drie"))
    write_run(archive)

    results = repair_run(order_on(archive), RUN)

    assert [each.source for each in results] == ["drie", "een"]


def test_S376_a_copy_that_the_catalogue_forgot_is_told_and_not_guessed(
    archive: Archive, tmp_path: Path
) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    with begin(archive.engine) as connection:
        connection.execute(delete(COPIES).where(COPIES.c.aip == 1, COPIES.c.store == "twee"))
    before = tree(tmp_path / "twee")

    result = only(repair_run(order_on(archive), RUN))

    assert result.repair.deed is Deed.REBUILD
    assert (result.state, codes(result)) == (RepairState.FAILED, ["S376"])
    assert tree(tmp_path / "twee") == before


def test_S375_a_file_that_a_party_keeps_is_theirs_to_mend(archive: Archive) -> None:
    write_run(archive)
    (first, *_) = rows(archive, ITEMS)
    held = dict(first._mapping) | {
        "number": 900,
        "kind": "held",
        "store": "omgevingsdienst",
        "key": "zaak-7/besluit.pdf",
        "aip_id": "",
        "version": 0,
        "outcome": "missing",
    }
    with begin(archive.engine) as connection:
        connection.execute(insert(ITEMS), held)

    result = only(repair_run(order_on(archive), RUN))

    assert result.repair.deed is Deed.ASK_PARTY
    assert (result.state, codes(result)) == (RepairState.FAILED, ["S375"])
    assert result.findings[0].where == "omgevingsdienst, zaak-7/besluit.pdf"


def test_S373_a_store_that_cannot_free_the_key_is_told(archive: Archive, tmp_path: Path) -> None:
    flip(file_of(tmp_path, "twee", KEY))
    write_run(archive)
    (tmp_path / "twee" / ZORGDRAGER / "evidence").write_text("in the way")

    result = only(repair_run(order_on(archive), RUN))

    assert (result.state, codes(result)) == (RepairState.FAILED, ["S373"])
    assert entries(archive, "copy.repair") == []


def test_two_repairs_at_once_do_the_work_once(archive: Archive, tmp_path: Path) -> None:
    for store in ("een", "twee"):
        for number in (1, 2):
            flip(file_of(tmp_path, store, package_key(ZORGDRAGER, aip_id(number), 1)))
    write_run(archive)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(repair_run, order_on(archive), RUN) for _ in range(4)]
        results = [each for job in jobs for each in job.result()]

    assert {each.state for each in results} == {RepairState.DONE}
    assert len(rows(archive, EVIDENCE)) == 4
    with reading(archive.engine) as connection:
        found = ledger.entries(connection, ZORGDRAGER)
        assert sum(each.action == "copy.repair" for each in found) == 4
    assert_whole(archive)


class TestCatalogue:
    """Rows that say something else than the ledger."""

    def test_S377_sums_and_keys_are_put_back(self, archive: Archive) -> None:
        before = rows(archive, AIPS), rows(archive, COPIES)
        with begin(archive.engine) as connection:
            connection.execute(
                update(AIPS).where(AIPS.c.number == 1).values(sha256="f" * 64, size_bytes=7)
            )
            moved = update(COPIES).where(COPIES.c.aip == 1, COPIES.c.store == "twee")
            connection.execute(moved.values(key="elders/v0001.zip"))

        (found,) = repair_catalogue(order_on(archive), aip_id(1))

        assert (found.code, found.found) == ("S377", "size_bytes, sha256, twee")
        assert (rows(archive, AIPS), rows(archive, COPIES)) == before
        (entry,) = entries(archive, "catalogue.repair")
        assert entry.facts["found"] == {"size_bytes": 7, "sha256": "f" * 64}

    def test_what_is_right_is_left_alone(self, archive: Archive) -> None:
        assert repair_catalogue(order_on(archive), aip_id(1)) == ()
        assert entries(archive, "catalogue.repair") == []

    def test_an_aip_that_is_not_there_is_told(self, archive: Archive) -> None:
        (found,) = repair_catalogue(order_on(archive), aip_id(9))

        assert (found.code, found.where) == ("S376", aip_id(9))

    def test_a_remark_of_a_run_is_mended_once(self, archive: Archive) -> None:
        with begin(archive.engine) as connection:
            connection.execute(update(AIPS).where(AIPS.c.number == 1).values(sha256="f" * 64))
            remark = findings_text((finding("S208", aip_id(1), "f" * 64, "a" * 64),))
            row = {"run": RUN, "number": 1, "zorgdrager": ZORGDRAGER, "store": "", "code": "S208"}
            connection.execute(insert(REMARKS), row | {"finding": remark})

        first, second = (only(repair_run(order_on(archive), RUN)) for _ in range(2))

        assert (first.repair.deed, first.state, codes(first)) == (
            Deed.CATALOGUE,
            RepairState.DONE,
            ["S377"],
        )
        assert (second.state, codes(second)) == (RepairState.DONE, ["S377"])
        assert len(entries(archive, "catalogue.repair")) == 1

    def test_a_copy_under_an_edited_key_is_no_missing_copy(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        before = tree(tmp_path / "twee")
        with begin(archive.engine) as connection:
            moved = update(COPIES).where(COPIES.c.aip == 1, COPIES.c.store == "twee")
            connection.execute(moved.values(key="elders/v0001.zip"))
        write_run(archive)

        result = only(repair_run(order_on(archive), RUN))

        assert (result.repair.deed, codes(result)) == (Deed.CATALOGUE, ["S377"])
        assert tree(tmp_path / "twee") == before
        assert_whole(archive)
