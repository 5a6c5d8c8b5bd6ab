"""A depot with two AIPs on its shelf and two deliveries in its journal, made without ingest."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edepot.cli.main import main
from edepot.config import Config
from edepot.depot import open_depot
from edepot.founding import DATABASE, found_depot
from formats.findings import Finding, Severity
from formats.premis.model import Event, Identifier, Linked, Outcome, Premis
from formats.premis.write import premis_xml
from ingest import journal
from ingest.journal import DeliveryRow, DossierRow, Step
from ingest.receipt import Fate
from ingest.receipt import Outcome as DeliveryOutcome
from storage.aip import Entry
from storage.database import begin
from tests.storage.making import NOW, SALT, aip_id, make_aip

FIRST, SECOND = aip_id(1), aip_id(2)
ACCEPTED, REFUSED = "20261124-aaaa000001", "20261124-bbbb000002"
FILES = (("vergunning.txt", b"De vergunning is verleend.\n"), ("bijlagen/wat?.bin", b"\x00\x01"))


@dataclass(frozen=True)
class Shelf:
    """A depot that is stocked, and the folder for whatever a test writes."""

    config: Config
    folder: Path

    def copy_of(self, aip: str, store: str = "kopie-1") -> Path:
        """The package's file in a store."""
        (path,) = (self.config.folder / "stores" / store).rglob(f"{aip}/v0001.zip")
        return path


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Cli:
    """The command line in this process, on one depot."""

    def __init__(self, depot: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.depot = depot
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Answer:
        code = main(["--depot", str(self.depot), *map(str, arguments)])
        captured = self._capsys.readouterr()
        return Answer(code, captured.out, captured.err)


def stocked(folder: Path, database: Path | str = DATABASE) -> Config:
    """A depot with two AIPs, one delivery accepted and one refused."""
    config = found_depot(folder / "depot", database=str(database)).config
    staging = folder / "making"
    staging.mkdir()
    with open_depot(config) as depot:
        for number, title in ((1, "Omgevingsvergunning Dorpsstraat"), (2, "Klacht over geluid")):
            premis = Entry("metadata/premis.xml", premis_xml(_premis(aip_id(number))))
            aip = make_aip(staging, number, title=title, files=FILES)
            tags = [each for each in aip.tags if each.path != premis.path]
            aip = replace(aip, tags=(*tags, premis))
            depot.archive.store(aip, now=NOW, agent="uid:0", origin="test", salt=SALT)
        depot.archive.publish_ledger("ooststellingwerf", now=NOW)
        with begin(depot.engine) as connection:
            for row, dossier in _deliveries():
                journal.begin_delivery(connection, row, row.id, NOW)
                journal.promise(connection, row.id, [dossier])
                journal.end_delivery(connection, row, NOW)
    return config


def _premis(aip: str) -> Premis:
    event = Event(
        identifier=Identifier("UUID", "5f0c7a52-0000-4000-8000-000000000001"),
        type="virus check",
        at="2026-11-24T12:00:00+00:00",
        details=("ClamAV 1.0",),
        outcomes=(Outcome("success", ("clean",)),),
        objects=(Linked(Identifier("UUID", aip)),),
    )
    return Premis(objects=(), events=(event,))


def _deliveries() -> list[tuple[DeliveryRow, DossierRow]]:
    findings = (
        Finding("I001", Severity.ERROR, "zaak-3/film.mp4", "900", "100"),
        Finding("R006", Severity.WARNING, "zaak-3/zaak-3.xml, bewaartermijn", "P1Y", "P7Y"),
    )
    return [
        (
            _row(ACCEPTED, DeliveryOutcome.ACCEPTED, ()),
            DossierRow("zaak-1", "Z/2024/0001", "Omgevingsvergunning", FIRST, Fate.STORED, 2, 29),
        ),
        (
            _row(REFUSED, DeliveryOutcome.REFUSED, findings),
            DossierRow("zaak-3", "Z-3", "Milieucontrole", "", Fate.REFUSED, 1, 900),
        ),
    ]


def _row(delivery: str, outcome: DeliveryOutcome, findings: tuple[Finding, ...]) -> DeliveryRow:
    return DeliveryRow(
        id=delivery,
        source=f"/aanlevering/{outcome.value}.zip",
        fingerprint=delivery,
        zorgdrager="ooststellingwerf",
        agreement="omgevingsdienst",
        supplier="Omgevingsdienst",
        step=Step.ACKNOWLEDGED,
        outcome=outcome,
        kept_at="",
        started_at="2026-11-24T12:00:00+00:00",
        ended_at="2026-11-24T12:00:09+00:00",
        findings=findings,
    )
