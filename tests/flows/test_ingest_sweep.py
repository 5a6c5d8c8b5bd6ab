"""The whole flow of ingest is killed and failed at its durable calls; a second run ends whole."""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from edepot.agreements import agreement_for
from edepot.config import FILE_NAME, read_config
from edepot.demo.agreements import SERVICE_LOOSE, write_agreements
from edepot.demo.cases import DossierKind, case_of
from edepot.demo.documents import Format
from edepot.demo.dossiers import Dossier, Piece
from edepot.demo.mdto_shape import mdto_files
from edepot.demo.zipping import zip_of
from edepot.depot import intake_with, open_depot
from edepot.founding import found_depot
from formats.tools import open_pool
from ingest import journal
from ingest.accept import accept
from ingest.agreement import Refuse, ScanRule
from ingest.receipt import Outcome
from ingest.tidy import tidy
from storage import catalogue
from storage.database import reading
from storage.ledger_check import verify_ledger
from tests.crash import Fault, Note, Story, sweep
from tests.lent_pool import LentPool, lending

DAY = date(2024, 11, 1)
TEXT = Format("txt", "text/plain", "x-fmt/111", "Plain Text File")
STORES = ("kopie-1", "kopie-2")
OWNER = SERVICE_LOOSE.zorgdrager


def small_dossier(number: int) -> Dossier:
    case = case_of(DossierKind.INSPECTION, number, DAY, OWNER)
    pieces = tuple(
        Piece(place, f"Verslag {place}", f"verslag-{place}.txt", TEXT, f"{number}.{place}".encode())
        for place in (1, 2)
    )
    return Dossier(case, pieces)


def small_delivery() -> dict[str, bytes]:
    return {
        path: content
        for number in (1, 2)
        for path, content in mdto_files(small_dossier(number), DAY).items()
    }


class TakeIn(Story):
    """A delivery of two dossiers is taken in; after an interruption the same once more."""

    def __init__(self, address: str, *, zipped: bool) -> None:
        self._address = address
        self._zipped = zipped
        self._files = small_delivery()

    def prepare(self, folder: Path) -> None:
        found_depot(folder / "depot")
        write_agreements(folder / "depot" / "afspraken")
        if self._zipped:
            (folder / "zaken.zip").write_bytes(zip_of(self._files.items(), DAY))
            return
        for path, content in self._files.items():
            target = folder / "zaken" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def act(self, folder: Path, note: Note) -> None:
        config = read_config(folder / "depot" / FILE_NAME)
        agreement = replace(
            agreement_for(config, SERVICE_LOOSE.id, None),
            scan=ScanRule.OFF,
            refuse=Refuse.DOSSIER,
            shape=None,
        )
        source = folder / ("zaken.zip" if self._zipped else "zaken")
        with open_depot(config) as depot:
            intake = intake_with(depot, agreement, LentPool(self._address), lambda _step: None)
            tidy(intake)
            receipt = accept(source, intake)
        for each in receipt.aips:
            note(f"ack {each.id} {receipt.outcome.value}")

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        depot = folder / "depot"
        config = read_config(depot / FILE_NAME)
        with open_depot(config) as opened, reading(opened.engine) as connection:
            known = {aip for aip, _ in catalogue.every_version(connection)}
            unended = journal.unended(connection)
            findings = list(verify_ledger(connection, OWNER.id))
            stored = [catalogue.by_id(connection, aip) for aip in known]
        acknowledged = {line.split()[1] for line in history}
        assert acknowledged <= known, "what was acknowledged is in the catalogue"
        assert findings == [], "the ledger holds"
        for each in stored:
            assert each is not None
            self._check_copies(depot, each.copies, each.package.sha256)
        if whole:
            self._check_whole(depot, known, acknowledged)
            assert unended == []

    def _check_copies(self, depot: Path, copies: Sequence[catalogue.Copy], sha256: str) -> None:
        assert {each.store for each in copies} == set(STORES)
        for each in copies:
            package = depot / "stores" / each.store / each.key
            assert hashlib.sha256(package.read_bytes()).hexdigest() == sha256, each

    def _check_whole(self, depot: Path, known: set[str], acknowledged: set[str]) -> None:
        assert acknowledged == known
        assert len(known) == 2, "no double AIP, none forgotten"
        for store in STORES:
            packages = {path.parent.name for path in (depot / "stores" / store).rglob("v*.zip")}
            assert packages == known, "no orphan bytes"
        expected = {hashlib.sha256(each).hexdigest() for each in self._files.values()}
        kept = set()
        for path in (depot / "stores" / STORES[0]).rglob("v*.zip"):
            with zipfile.ZipFile(path) as package:
                kept |= {
                    hashlib.sha256(package.read(name)).hexdigest() for name in package.namelist()
                }
        assert expected <= kept
        left = [path for path in (depot / "staging").iterdir() if path.name != "locks"]
        assert left == [], "staging is empty"
        assert list((depot / "quarantine").iterdir()) == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pool")
    with open_pool(2) as pool, lending(pool, folder) as lent:
        yield lent


def test_the_undisturbed_flow_takes_in_both_dossiers(address: str, tmp_path: Path) -> None:
    story = TakeIn(address, zipped=True)
    story.prepare(tmp_path)
    notes: list[str] = []

    story.act(tmp_path, notes.append)

    assert len(notes) == 2
    assert all(note.endswith(Outcome.ACCEPTED.value) for note in notes)
    story.check(tmp_path, notes, whole=True)


@pytest.mark.parametrize(
    ("faults", "zipped", "least"),
    [
        pytest.param((Fault.KILL, Fault.SHORT), False, 180, id="folder-killed"),
        pytest.param((Fault.KILL, Fault.SHORT), True, 150, id="zip-killed"),
        pytest.param((Fault.EIO,), False, 300, id="folder-io-error"),
        pytest.param((Fault.EIO,), True, 270, id="zip-io-error"),
        pytest.param((Fault.ENOSPC,), False, 75, id="folder-disk-full"),
        pytest.param((Fault.ENOSPC,), True, 60, id="zip-disk-full"),
    ],
)
def test_the_flow_ends_whole_after_a_fault_at_any_durable_call(
    address: str, tmp_path: Path, faults: Sequence[Fault], zipped: bool, least: int
) -> None:
    """Over a thousand points in all."""
    assert sweep(TakeIn(address, zipped=zipped), tmp_path, faults) > least
