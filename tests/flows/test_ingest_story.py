"""The stories of ingest: what becomes of a delivery, from the folder to the shelf and back."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import bagit
import pytest
from lxml import etree

from edepot.demo.delivery import DemoDelivery
from formats.mdto.read import read_mdto
from formats.premis.check import check_premis
from formats.tmlo.read import read_topx
from formats.xmldoc import parse_xml
from ingest import journal
from ingest.agreement import Refuse, ScanRule
from ingest.receipt import Outcome
from storage import catalogue
from storage.database import reading
from storage.outcomes import Outcome as CopyOutcome
from storage.verify import verify_all
from tests.clamd import running_clamd
from tests.flows.standing import Standing, Told, standing_depot

ROOT = Path(__file__).parents[2]
STANDARDS = ROOT.parent / "shared" / "standards"


def schema(path: Path) -> etree.XMLSchema:
    if not path.is_file():
        pytest.skip(f"the official schema is not beside the checkout ({path.name})")
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory, deliveries: dict[str, DemoDelivery]
) -> dict[str, Told]:
    """Every delivery of the demonstration, taken in once, with a scanner."""
    folder = tmp_path_factory.mktemp("verhaal")
    with running_clamd(folder / "clamd") as scanner, standing_depot(folder / "depot") as depot:
        return {name: Told(each, depot.take_in(each, scanner)) for name, each in deliveries.items()}


@pytest.mark.clamd
@pytest.mark.xdist_group("story")
def test_every_delivery_of_the_demonstration_ends_as_it_should(told: dict[str, Told]) -> None:
    surprises = {
        name: (each.receipt.outcome, [(f.code, f.where, f.found) for f in each.receipt.findings])
        for name, each in told.items()
        if not each.as_expected
    }

    assert surprises == {}


def test_a_good_delivery_stands_on_both_stores_byte_for_byte_the_same(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    delivery = deliveries["01-omgevingsvergunning-mdto"]

    receipt = depot.take_in(delivery)

    assert receipt.outcome is Outcome.ACCEPTED
    first, second = depot.objects("kopie-1"), depot.objects("kopie-2")
    assert [each.read_bytes() for each in first] == [each.read_bytes() for each in second]
    assert len(first) == 1
    delivered = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in delivery.path.rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(first[0]) as package:
        kept = {hashlib.sha256(package.read(name)).hexdigest() for name in package.namelist()}
    assert delivered <= kept


def test_the_package_passes_every_judge(
    depot: Standing, deliveries: dict[str, DemoDelivery], tmp_path: Path
) -> None:
    mdto, topx = (
        schema(STANDARDS / "mdto/MDTO-XML1.0.1.xsd"),
        schema(STANDARDS / "topx/ToPX-2.3_2.xsd"),
    )
    names = ("01-omgevingsvergunning-mdto", "04-omgevingsvergunningen-topx", "10-dms-export-csv",
             "06-bag-1.0", "11-excel-index")  # fmt: skip
    for name in names:
        assert depot.take_in(deliveries[name]).outcome is Outcome.ACCEPTED, name

    for number, package in enumerate(depot.objects()):
        assert package.stat().st_size
        if shutil.which("unzip"):
            subprocess.run(["unzip", "-qq", "-t", str(package)], check=True)
        folder = tmp_path / str(number)
        with zipfile.ZipFile(package) as opened:
            assert {each.compress_type for each in opened.infolist()} == {zipfile.ZIP_STORED}
            for member in opened.infolist():
                opened.extract(member, folder)
        bag = next(folder.iterdir())
        bagit.Bag(str(bag)).validate()
        for file in (bag / "metadata/mdto").iterdir():
            mdto.assertValid(etree.parse(str(file)))
            assert not read_mdto(file.read_bytes(), file.name).findings
        for file in (bag / "metadata/tmlo").iterdir():
            topx.assertValid(etree.parse(str(file)))
            assert read_topx(file.read_bytes(), file.name).root is not None
        premis = (bag / "metadata/premis.xml").read_bytes()
        assert list(check_premis(parse_xml(premis), "premis.xml")) == []
        description = json.loads((bag / "metadata/edepot/description.json").read_bytes())
        assert description["aip_id"] == bag.name


def test_the_same_delivery_twice_is_already_held(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    delivery = deliveries["03-milieucontroles-serie"]
    first = depot.take_in(delivery)

    second = depot.take_in(delivery)

    assert second.outcome is Outcome.ALREADY_HELD
    assert {each.id for each in second.aips} == {each.id for each in first.aips}
    assert len(depot.objects()) == len(first.aips) == 3


def test_I602_the_same_dossier_in_another_wrapping_is_already_held(
    depot: Standing, deliveries: dict[str, DemoDelivery], tmp_path: Path
) -> None:
    delivery = deliveries["01-omgevingsvergunning-mdto"]
    depot.take_in(delivery)
    archive = shutil.make_archive(str(tmp_path / "zaak"), "zip", delivery.path)

    receipt = depot.take_in_path(Path(archive), delivery.agreement)

    assert receipt.outcome is Outcome.ALREADY_HELD
    assert "I602" in {each.code for each in receipt.findings}
    assert len(depot.objects()) == 1


def test_I601_the_same_identifier_with_other_content_is_refused(
    depot: Standing, deliveries: dict[str, DemoDelivery], tmp_path: Path
) -> None:
    delivery = deliveries["10-dms-export-csv"]
    depot.take_in(delivery)
    changed = tmp_path / "gewijzigd"
    shutil.copytree(delivery.path, changed)
    document = next(path for path in sorted(changed.rglob("*.eml")))
    document.write_bytes(document.read_bytes() + b"\r\nPS\r\n")

    receipt = depot.take_in_path(changed, delivery.agreement)

    assert receipt.outcome is not Outcome.ACCEPTED
    assert "I601" in {each.code for each in receipt.findings}
    assert len(depot.objects()) == 3


def test_I604_one_bad_dossier_refuses_the_whole_delivery_where_so_agreed(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    delivery = deliveries["75-een-van-de-drie-dossiers-fout"]

    alone = depot.take_in_path(delivery.path, delivery.agreement, refuse=Refuse.DELIVERY)

    assert alone.outcome is Outcome.REFUSED
    assert {"I604"} <= {each.code for each in alone.findings}
    assert depot.objects() == []


def test_one_bad_dossier_refuses_only_itself_where_so_agreed(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    receipt = depot.take_in(deliveries["75-een-van-de-drie-dossiers-fout"])

    assert receipt.outcome is Outcome.PARTLY
    assert len(receipt.aips) == len(depot.objects()) == 2


def test_what_is_refused_is_kept_and_leaves_nothing_on_the_shelf(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    delivery = deliveries["51-controlesom-klopt-niet"]

    receipt = depot.take_in(delivery)

    assert receipt.outcome is Outcome.REFUSED
    assert depot.objects() == []
    with reading(depot.depot.engine) as connection:
        row = journal.delivery(connection, receipt.delivery)
    assert row is not None
    kept = sorted(path.name for path in Path(row.kept_at).rglob("*") if path.is_file())
    assert kept == sorted(path.name for path in delivery.path.rglob("*") if path.is_file())


def test_I504_without_a_scanner_the_delivery_waits_and_goes_on_when_there_is_one(
    depot: Standing, deliveries: dict[str, DemoDelivery], tmp_path: Path
) -> None:
    delivery = deliveries["01-omgevingsvergunning-mdto"]

    waiting = depot.take_in_path(delivery.path, delivery.agreement, scan=ScanRule.REQUIRED)

    assert waiting.outcome is Outcome.WAITING
    assert {"I504"} <= {each.code for each in waiting.findings}
    assert depot.objects() == []
    with running_clamd(tmp_path / "clamd") as scanner:
        receipt = depot.take_in_path(
            delivery.path, delivery.agreement, scan=ScanRule.REQUIRED, scanner=scanner
        )
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.delivery == waiting.delivery
    with reading(depot.depot.engine) as connection:
        stored = catalogue.by_id(connection, receipt.aips[0].id)
    assert stored is not None
    assert stored.description.scanned == "clean"


def test_I503_what_was_not_scanned_says_so(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    delivery = deliveries["02-klacht-mdto-andere-namen"]

    receipt = depot.take_in_path(delivery.path, delivery.agreement, scan=ScanRule.IF_AVAILABLE)

    assert receipt.outcome is Outcome.ACCEPTED
    assert {"I503"} <= {each.code for each in receipt.findings}
    with reading(depot.depot.engine) as connection:
        stored = catalogue.by_id(connection, receipt.aips[0].id)
    assert stored is not None
    assert stored.description.scanned == "not scanned"


def test_every_step_stands_in_the_journal(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    receipt = depot.take_in(deliveries["07-bag-0.97.zip"])

    with reading(depot.depot.engine) as connection:
        steps = journal.steps_of(connection, receipt.delivery)
    reached = list(dict.fromkeys(each.step for each in steps))
    assert reached == list(journal.Step)


def test_every_copy_of_every_good_delivery_is_intact(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    for name in ("04-omgevingsvergunningen-topx", "08-bag.tar.gz"):
        depot.take_in(deliveries[name])

    checks = [each for aip in verify_all(depot.depot.archive, None) for each in aip]

    assert len(checks) == 6
    assert {each.outcome for each in checks} == {CopyOutcome.INTACT}


def test_I010_an_empty_delivery_is_refused(depot: Standing, tmp_path: Path) -> None:
    (tmp_path / "leeg").mkdir()

    receipt = depot.take_in_path(tmp_path / "leeg", "opsterland-bags")

    assert receipt.outcome is Outcome.REFUSED
    assert {"I010"} <= {each.code for each in receipt.findings}


def test_I406_a_container_that_breaks_its_reader_is_kept_apart(
    depot: Standing, tmp_path: Path
) -> None:
    """The limit of the agreement stands below the container's files: the child is stopped."""
    container = tmp_path / "zaken.zip"
    with zipfile.ZipFile(container, "w") as written:
        written.writestr("zaak/brief.txt", b"x" * 5_000_000)
    limits = replace(depot.intake.tools.agreement.limits, max_file_bytes=1_000)

    receipt = depot.take_in_path(container, "opsterland-bags", limits=limits)

    assert receipt.outcome is Outcome.REFUSED
    assert "LIMIT" in {each.reason for each in receipt.findings}
    assert depot.objects() == []


def test_I606_a_ledger_that_cannot_be_published_does_not_undo_what_is_stored(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    archive = depot.depot.archive
    signers = dict(archive.signers)
    archive.signers.clear()

    receipt = depot.take_in(deliveries["02-klacht-mdto-andere-namen"])

    archive.signers.update(signers)
    assert receipt.outcome is Outcome.ACCEPTED
    assert "I606" in {each.code for each in receipt.findings}
    assert depot.take_in(deliveries["05-klacht-topx-utf16"]).outcome is Outcome.ACCEPTED


def test_a_dossier_with_something_wrong_is_not_called_held(
    depot: Standing, deliveries: dict[str, DemoDelivery], tmp_path: Path
) -> None:
    """Content and metadata are those on the shelf, but an unlisted file came along this time."""
    delivery = deliveries["02-klacht-mdto-andere-namen"]
    depot.take_in(delivery)
    again = tmp_path / "opnieuw"
    shutil.copytree(delivery.path, again)
    dossier = next(path for path in again.iterdir() if path.is_dir())
    (dossier / "los.txt").write_text("nergens beschreven")

    receipt = depot.take_in_path(again, delivery.agreement)

    assert receipt.outcome is Outcome.REFUSED
    assert "I206" in {each.code for each in receipt.findings}
    assert len(depot.objects()) == 1


def test_a_name_in_a_container_is_told_once(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    receipt = depot.take_in(deliveries["68-namen-vallen-samen.zip"])

    assert [each.code for each in receipt.findings].count("I121") == 1
