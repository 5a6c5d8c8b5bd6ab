"""A real run finds what is wrong, the repair mends it, and the next run finds everything well."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage.archive import Archive
from storage.database import begin, reading
from storage.fixity.evidence import evidence_of
from storage.fixity.nouns import Scope
from storage.fixity.plan import begin_run
from storage.fixity.repair import repair_run
from storage.fixity.runs import totals
from storage.fixity.seal import seal_run
from storage.fixity.tables import REMARKS
from storage.fixity.work import work_run
from storage.fixity.works import Works
from storage.outcomes import Outcome
from storage.promised import PackageName
from tests.storage.fixity.damage import ASKED, DAMAGE, STORES, file_of, order_on, three_stores, tree
from tests.storage.making import NOW, SALT, ZORGDRAGER, aip_id, make_aip, put

AIPS = 12


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    (tmp_path / "staging").mkdir()
    archive = three_stores(tmp_path)
    for number in range(1, AIPS + 1):
        put(archive, make_aip(tmp_path / "staging", number))
    return archive


def run_over(archive: Archive, hours: int) -> tuple[str, dict[Outcome, int], list[str]]:
    """Run over everything: the run, its totals, the codes of its remarks."""
    at = NOW + timedelta(hours=hours)
    works = Works(
        engine=archive.engine,
        stores=archive.stores,
        worker=f"proef-{hours}",
        clock=lambda: at,
        seal=lambda run: seal_run(archive.engine, run, ASKED, lambda: SALT),
        pauses=(0.0, 0.0),
    )
    run, _ = begin_run(archive.engine, Scope(), ASKED)
    work_run(works, run.id)
    with reading(archive.engine) as connection:
        counts = {each: n for each, n in totals(connection, run.id).counts.items() if n}
        remarks = connection.execute(select(REMARKS).where(REMARKS.c.run == run.id))
        codes = [each.code for each in remarks]
        return run.id, counts, codes


@pytest.mark.parametrize("seed", range(3))
def test_random_damage_is_all_found_and_all_repaired(
    seed: int, archive: Archive, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    before = {store: tree(tmp_path / store) for store in STORES}
    hit = 0
    for key in before["een"]:
        for store in chance.sample(STORES, chance.randint(0, 2)):
            DAMAGE[chance.choice([*DAMAGE])](file_of(tmp_path, store, key))
            hit += 1

    first, counts, _ = run_over(archive, 1)
    results = repair_run(order_on(archive), first)
    _, after, remarks = run_over(archive, 2)

    assert sum(counts.values()) == AIPS * 3
    assert counts.get(Outcome.INTACT, 0) == AIPS * 3 - hit
    assert [each.done for each in results] == [True] * hit
    assert (after, remarks) == ({Outcome.INTACT: AIPS * 3}, [])
    for store in STORES:
        now = tree(tmp_path / store)
        assert {key: now[key] for key in before[store]} == before[store]


def test_S208_an_edited_catalogue_is_remarked_mended_and_well_again(
    archive: Archive, tmp_path: Path
) -> None:
    before = {store: tree(tmp_path / store) for store in STORES}
    with begin(archive.engine) as connection:
        connection.execute(text("UPDATE aips SET sha256 = 'ff' WHERE number = 3"))

    first, counts, remarks = run_over(archive, 1)
    results = repair_run(order_on(archive), first)
    _, after, again = run_over(archive, 2)

    assert (counts, remarks) == ({Outcome.INTACT: AIPS * 3}, ["S208"])
    assert [[each.code for each in result.findings] for result in results] == [["S377"]]
    assert (after, again) == ({Outcome.INTACT: AIPS * 3}, [])
    assert {store: tree(tmp_path / store) for store in STORES} == before


def test_what_was_set_aside_is_no_stranger_in_the_next_run(
    archive: Archive, tmp_path: Path
) -> None:
    name = PackageName(ZORGDRAGER, aip_id(1), 1)
    DAMAGE["a bit"](file_of(tmp_path, "twee", name.key))
    first, _, _ = run_over(archive, 1)
    repair_run(order_on(archive), first)

    _, after, remarks = run_over(archive, 2)

    assert (after, remarks) == ({Outcome.INTACT: AIPS * 3}, [])
    with reading(archive.engine) as connection:
        (aside,) = evidence_of(connection, name, "twee")
    assert aside in tree(tmp_path / "twee")
