"""Places beside the stores: what they have of a dossier goes, and what is not of it stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from edepot.depot import Depot, open_depot
from edepot.traces import places_of
from formats.findings import Finding, Severity
from ingest import journal
from ingest.journal import DELIVERIES, DOSSIERS, DeliveryRow, DossierRow, Step
from ingest.receipt import Fate, Outcome
from retention.disposal_nouns import Place
from storage.database import begin, reading
from tests.databases import KINDS
from tests.edepot.shelf import ACCEPTED, FIRST, SECOND, Shelf
from tests.storage.making import NOW

GM = "ooststellingwerf"
PARTLY = "20261124-cccc000003"
both = pytest.mark.parametrize("shelf", KINDS, indirect=True)


@pytest.fixture
def depot(shelf: Shelf) -> Iterator[Depot]:
    """A delivery of which one dossier was taken in and one refused, and what was kept of it."""
    findings = (
        Finding("I001", Severity.WARNING, "zaak Jansen/brief.txt", "1", "2"),
        Finding("I001", Severity.ERROR, "zaak-9/film.mp4", "900", "100"),
    )
    row = DeliveryRow(
        id=PARTLY, source="/aanlevering/partij 3", fingerprint=PARTLY, zorgdrager=GM,
        agreement="omgevingsdienst", supplier="Omgevingsdienst", step=Step.ACKNOWLEDGED,
        outcome=Outcome.PARTLY, kept_at="", started_at=NOW.isoformat(),
        ended_at=NOW.isoformat(), findings=findings,
    )  # fmt: skip
    dossiers = [
        DossierRow("zaak Jansen", "Z-J", "Klacht van Jansen", SECOND, Fate.STORED, 1, 3),
        DossierRow("zaak-9", "Z-9", "Milieucontrole", "", Fate.REFUSED, 1, 900),
    ]
    kept = shelf.config.quarantine / PARTLY
    for each in dossiers:
        (kept / each.path).mkdir(parents=True)
        (kept / each.path / "brief.txt").write_text("abc", "utf-8")
    with open_depot(shelf.config) as depot:
        with begin(depot.engine) as connection:
            journal.begin_delivery(connection, row, row.id, NOW)
            journal.promise(connection, row.id, dossiers)
            journal.note_steps(connection, row.id, Step.STORED, ["zaak Jansen"], NOW)
            for each in dossiers:
                journal.settle(connection, row.id, each.path, each.fate or Fate.REFUSED)
            journal.end_delivery(connection, row, NOW)
        yield depot


def named(depot: Depot) -> dict[str, Place]:
    return {each.name: each for each in places_of(depot)}


def found(depot: Depot, aip: str) -> dict[str, int]:
    return {
        name: len(each.remnants(GM, aip))
        for name, each in named(depot).items()
        if each.remnants(GM, aip)
    }


@both
def test_every_place_has_what_is_of_the_dossier_and_then_no_longer(depot: Depot) -> None:
    assert found(depot, SECOND) == {"quarantine": 1, "journal": 1}
    assert found(depot, FIRST) == {"journal": 1}

    for each in places_of(depot):
        each.erase(GM, SECOND)

    assert found(depot, SECOND) == {}
    assert found(depot, FIRST) == {"journal": 1}
    kept = depot.config.quarantine / PARTLY
    assert sorted(each.name for each in kept.iterdir()) == ["zaak-9"]
    for each in places_of(depot):
        each.erase(GM, SECOND)


@both
def test_the_journal_keeps_that_it_came_in_and_no_name(depot: Depot) -> None:
    named(depot)["journal"].erase(GM, SECOND)

    with reading(depot.engine) as connection:
        row = connection.execute(select(DOSSIERS).where(DOSSIERS.c.aip_id == SECOND)).one()
        delivery = journal.delivery(connection, PARTLY)
        steps = [each.dossier for each in journal.steps_of(connection, PARTLY)]
        other = connection.execute(select(DOSSIERS.c.title).where(DOSSIERS.c.path == "zaak-9"))
        assert other.scalar_one() == "Milieucontrole"
    assert (row.title, row.identifier, row.path) == ("", "", f"aip:{SECOND}")
    assert (row.fate, row.files, row.bytes) == ("stored", 1, 3)
    assert delivery is not None
    assert [each.where for each in delivery.findings] == ["zaak-9/film.mp4"]
    assert delivery.source == "/aanlevering/partij 3"
    assert "zaak Jansen" not in steps
    assert f"aip:{SECOND}" in steps


def test_of_a_delivery_whose_last_dossier_goes_the_source_is_forgotten(depot: Depot) -> None:
    named(depot)["journal"].erase(GM, FIRST)

    with reading(depot.engine) as connection:
        row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == ACCEPTED)).one()
    assert (row.source, row.findings) == ("aip:", "[]")


def test_what_is_put_back_of_such_a_delivery_is_found_and_goes(depot: Depot) -> None:
    for each in places_of(depot):
        each.erase(GM, FIRST)
    kept = depot.config.quarantine / ACCEPTED / "zaak-1"
    kept.mkdir(parents=True)
    (kept / "vergunning.txt").write_text("terug", "utf-8")

    place = named(depot)["quarantine"]
    assert [each.name for each in place.remnants(GM, FIRST)] == [ACCEPTED]
    place.erase(GM, FIRST)

    assert not kept.parent.exists()


def test_what_a_place_says_of_itself_names_nobody(depot: Depot) -> None:
    said = [each.name for place in places_of(depot) for each in place.remnants(GM, SECOND)]

    assert all("Jansen" not in each for each in said)
    assert all(each.startswith(PARTLY) for each in said)


def test_a_delivery_that_was_kept_as_one_file_goes_whole(depot: Depot) -> None:
    kept = depot.config.quarantine / ACCEPTED
    kept.mkdir(parents=True)
    (kept / "partij.zip").write_bytes(b"PK")

    place = named(depot)["quarantine"]
    assert [each.size_bytes for each in place.remnants(GM, FIRST)] == [2]
    place.erase(GM, FIRST)

    assert not (kept / "partij.zip").exists()


def test_what_cannot_be_removed_is_told(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edepot.traces.remove_parts", lambda _parts: None)

    with pytest.raises(FileExistsError) as told:
        named(depot)["quarantine"].erase(GM, SECOND)

    assert "Jansen" not in str(told.value)


def test_a_path_out_of_the_delivery_is_none_of_ours(depot: Depot, tmp_path: Path) -> None:
    outside = tmp_path / "elders"
    outside.mkdir()
    with begin(depot.engine) as connection:
        connection.execute(
            DOSSIERS.update().where(DOSSIERS.c.aip_id == SECOND).values(path=str(outside))
        )

    named(depot)["quarantine"].erase(GM, SECOND)

    assert outside.exists()
