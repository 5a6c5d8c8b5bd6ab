"""The journal: how far a delivery came, what was promised in it, and what is taken up again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from formats.findings import Finding, Severity
from ingest import journal
from ingest.journal import DeliveryRow, DossierRow, Step, StepRow
from ingest.receipt import Fate, Outcome
from storage.database import begin, open_database, reading
from tests.storage.making import NOW, aip_id

ROW = DeliveryRow(
    id="20261124-aaaa000001",
    source="/aanlevering/één.zip",
    fingerprint="ab" * 32,
    zorgdrager="ooststellingwerf",
    agreement="zaaksysteem",
    supplier="Omgevingsdienst",
    step=Step.RECEIVED,
    outcome=None,
    kept_at="",
    started_at=NOW.isoformat(),
    ended_at="",
    findings=(),
)
FINDING = Finding("I001", Severity.ERROR, "zaak-3/film.mp4", "een \x00 in een naam", "100")
DOSSIERS = [
    DossierRow("zaak-b", "Z/2", "Tweede", aip_id(2), None, 1, 5 << 40),
    DossierRow("zaak-a", "Z/1", "Eerste", aip_id(1), None, 2, 29),
]


@pytest.fixture
def engine(database_place: Path | str) -> Engine:
    engine = open_database(database_place)
    with begin(engine) as connection:
        journal.begin_delivery(connection, ROW, "teken", NOW)
    return engine


def test_a_delivery_is_read_back_step_by_step(engine: Engine) -> None:
    with begin(engine) as connection:
        journal.promise(connection, ROW.id, DOSSIERS)
        journal.note_steps(connection, ROW.id, Step.DESCRIBED, ["zaak-b", "zaak-a"], NOW)
        journal.reach(connection, ROW.id, Step.STORED, NOW)
        journal.settle(connection, ROW.id, "zaak-a", Fate.STORED)

    with reading(engine) as connection:
        assert journal.delivery(connection, ROW.id) == replace(ROW, step=Step.STORED)
        assert journal.dossiers_of(connection, ROW.id) == [
            replace(DOSSIERS[1], fate=Fate.STORED),
            DOSSIERS[0],
        ]
        assert journal.steps_of(connection, ROW.id) == [
            StepRow("", Step.RECEIVED, NOW.isoformat()),
            StepRow("zaak-b", Step.DESCRIBED, NOW.isoformat()),
            StepRow("zaak-a", Step.DESCRIBED, NOW.isoformat()),
            StepRow("", Step.STORED, NOW.isoformat()),
        ]
        assert journal.delivery(connection, "onbekend") is None


def test_what_was_promised_again_is_promised_once(engine: Engine) -> None:
    again = replace(DOSSIERS[0], title="Verbeterd", fate=Fate.REFUSED)
    with begin(engine) as connection:
        journal.promise(connection, ROW.id, DOSSIERS)
        journal.promise(connection, ROW.id, [again])

    with reading(engine) as connection:
        assert journal.dossiers_of(connection, ROW.id) == [DOSSIERS[1], again]


def test_only_what_did_not_end_or_waits_is_taken_up_again(engine: Engine) -> None:
    def resumable(signature: str) -> DeliveryRow | None:
        with reading(engine) as connection:
            return journal.resumable(connection, ROW.source, signature)

    assert resumable("teken") == ROW
    assert resumable("ander teken") is None
    for outcome, taken_up in ((Outcome.WAITING, True), (Outcome.REFUSED, False)):
        ended = replace(ROW, outcome=outcome, findings=(FINDING,), ended_at=NOW.isoformat())
        with begin(engine) as connection:
            journal.end_delivery(connection, ended, NOW)

        assert resumable("teken") == (ended if taken_up else None)
        with reading(engine) as connection:
            assert journal.delivery(connection, ROW.id) == ended
            assert journal.unended(connection) == []


def test_the_newest_deliveries_come_first(engine: Engine) -> None:
    later = replace(ROW, id="20261124-0000", started_at=(NOW + timedelta(hours=1)).isoformat())
    same = replace(ROW, id="20261124-bbbb")
    with begin(engine) as connection:
        for each in (later, same):
            journal.begin_delivery(connection, each, "teken", NOW)

    with reading(engine) as connection:
        assert journal.deliveries(connection) == [later, same, ROW]
        assert journal.deliveries(connection, limit=1) == [later]
        assert journal.unended(connection) == [ROW, same, later]
        assert journal.count_deliveries(connection) == 3
