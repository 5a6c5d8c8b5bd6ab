"""Deliveries of the demonstration: the good ones are right, the bad ones have one fault each."""

import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date
from io import BytesIO
from pathlib import Path

import bagit
import msoffcrypto
import olefile
import openpyxl
import pikepdf
import pytest
from lxml import etree

from edepot.demo import agreements, hostile, macro, spoiled
from edepot.demo.bad import FAULTS, bad_deliveries
from edepot.demo.deliveries import make_deliveries
from edepot.demo.delivery import DemoDelivery, Outcome
from edepot.demo.good import good_deliveries
from edepot.demo.index_shape import EXPORT_ROOT, excel_serial
from formats.digest import Summer
from formats.findings import Severity
from formats.mdto.model import Informatieobject
from formats.mdto.read import read_mdto
from formats.mdto.rules import check_mdto
from formats.tmlo.inherit import expand_inheritance
from formats.tmlo.read import read_topx
from formats.tmlo.rules import check_tmlo
from formats.tools import Pool, open_pool
from ingest.agreement import Agreement, ScanRule, read_agreement
from ingest.packing_slip import parse_slip
from ingest.read import Reading, read_delivery
from ingest.sip import StagedFile
from ingest.unpack import unpack
from ingest.unpack_limits import UnpackLimits

DELIVERED = date(2026, 11, 2)
STANDARDS = Path(__file__).parents[2].parent / "shared" / "standards"
NO_STANDARDS = f"the official schemas are not in {STANDARDS.name}/ beside the repository"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def deliveries(folder) -> dict[str, DemoDelivery]:
    return {each.name: each for each in make_deliveries(folder, DELIVERED)}


def good(deliveries: dict[str, DemoDelivery]) -> list[DemoDelivery]:
    return [each for each in deliveries.values() if each.good]


def contents(path: Path) -> dict[str, bytes]:
    """The files of a delivery, those within its containers too."""
    if path.is_dir():
        loose = {
            str(each.relative_to(path)): each.read_bytes()
            for each in sorted(path.rglob("*"))
            if each.is_file()
        }
        packed = [each for each in path.iterdir() if each.suffix == ".zip"]
        return loose | {name: each for zipped in packed for name, each in contents(zipped).items()}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as container:
            return {each.filename: container.read(each) for each in container.infolist()}
    with tarfile.open(path) as container:
        return {each.name: container.extractfile(each).read() for each in container.getmembers()}


def sidecars(deliveries: list[DemoDelivery], ending: str) -> Iterator[tuple[str, bytes]]:
    for delivery in deliveries:
        for path, content in contents(delivery.path).items():
            if path.lower().endswith(ending):
                yield f"{delivery.name}/{path}", content


@pytest.mark.skipif(not STANDARDS.is_dir(), reason=NO_STANDARDS)
@pytest.mark.parametrize(
    ("ending", "schema"),
    [(".mdto.xml", "mdto/MDTO-XML1.0.1.xsd"), (".metadata", "topx/ToPX-2.3_2.xsd")],
)
def test_the_official_schema_accepts_every_sidecar_of_the_good_deliveries(
    deliveries, ending, schema
):
    judge = etree.XMLSchema(etree.parse(str(STANDARDS / schema)))
    checked = 0

    for where, content in sidecars(good(deliveries), ending):
        judge.assertValid(etree.fromstring(content)), where
        checked += 1

    assert checked > 20


def test_our_own_rules_find_nothing_in_the_mdto_of_the_good_deliveries(deliveries):
    for where, content in sidecars(good(deliveries), ".mdto.xml"):
        document = read_mdto(content, where)
        assert document.findings == ()
        assert list(check_mdto(document.root, where)) == []


def test_our_own_rules_find_nothing_in_the_topx_of_the_good_deliveries(deliveries):
    for delivery in good(deliveries):
        levels = {}
        for where, content in sidecars([delivery], ".metadata"):
            document = read_topx(content, where)
            assert document.findings == ()
            levels[where.removesuffix(".metadata")] = document.root
        for where, level in levels.items():
            chain = [each for path, each in sorted(levels.items()) if is_above(path, where)]
            expanded = expand_inheritance([*chain, level])[-1]
            assert check_tmlo(expanded, where) == []


def is_above(path: str, where: str) -> bool:
    """Whether a folder's description (named like the folder) stands above another description."""
    return path != where and where.startswith(path.rpartition("/")[0] + "/")


def test_the_good_deliveries_show_every_way_of_naming_sidecars(deliveries):
    names = [path for path, _ in sidecars(good(deliveries), ".mdto.xml")]

    assert any(name.endswith(".pdf.bestand.MDTO.xml") for name in names)
    assert any(name.endswith(".pdf.MDTO.xml") for name in names)
    assert any(name.endswith(".pdf.bestand.mdto.xml") for name in names)
    assert any(name.endswith("/afhandeling.bestand.mdto.xml") for name in names)


def test_every_dossier_that_is_promised_is_there(deliveries):
    for delivery in good(deliveries):
        levels = [
            document.root.aggregatieniveau.begripLabel
            for where, content in sidecars([delivery], ".mdto.xml")
            if isinstance((document := read_mdto(content, where)).root, Informatieobject)
        ]
        levels += [
            read_topx(content, where).root.aggregatieniveau
            for where, content in sidecars([delivery], ".metadata")
        ]
        if levels:
            assert levels.count("Dossier") == delivery.dossiers


def test_a_series_stands_above_the_inspections_of_the_outsourced_service(deliveries):
    delivery = deliveries["03-milieucontroles-serie"]
    sidecar = delivery.path / "milieucontroles" / "milieucontroles.mdto.xml"

    series = read_mdto(sidecar.read_bytes(), sidecar.name).root

    assert series.aggregatieniveau.begripLabel == "Serie"
    assert len(series.bevatOnderdeel) == 3
    assert series.archiefvormer[0].verwijzingNaam == "Gemeente Weststellingwerf"


def test_topx_values_are_inherited_and_may_be_in_utf_16(deliveries):
    wide = dict(sidecars([deliveries["05-klacht-topx-utf16"]], ".metadata"))
    records = [
        root
        for where, content in sidecars(good(deliveries), ".metadata")
        if (root := read_topx(content, where).root).aggregatieniveau == "Record"
    ]

    assert wide
    assert all(content.startswith((b"\xff\xfe", b"\xfe\xff")) for content in wide.values())
    assert records
    assert all(record.openbaarheid == () for record in records)


@pytest.mark.parametrize(
    ("name", "version"),
    [("06-bag-1.0", (1, 0)), ("07-bag-0.97.zip", (0, 97)), ("08-bag.tar.gz", (1, 0))],
)
def test_bagit_python_accepts_the_bags(deliveries, tmp_path, name, version):
    for path, content in contents(deliveries[name].path).items():
        place = tmp_path / "bag" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (tag_file,) = (tmp_path / "bag").rglob("bagit.txt")

    bag = bagit.Bag(str(tag_file.parent))

    assert bag.validate()
    assert bag.version_info == version


def test_the_csv_export_is_what_a_dutch_windows_system_writes(deliveries):
    path = deliveries["10-dms-export-csv"].path
    header, *rows = [
        line.split(";") for line in (path / "index.csv").read_text("windows-1252").splitlines()
    ]

    assert b"\xe9" in (path / "index.csv").read_bytes()
    assert len(rows) == 18
    for row in rows:
        listed = row[header.index("Bestand")]
        assert listed.startswith(EXPORT_ROOT)
        assert (path / listed.removeprefix(EXPORT_ROOT).replace("\\", "/")).is_file()
        assert len(row[header.index("Geopend")].split("-")) == 3


def test_the_excel_index_has_dates_as_cells_and_as_serial_numbers(deliveries):
    book = openpyxl.load_workbook(deliveries["11-excel-index"].path / "index.xlsx")
    header, first, *_ = book["Blad1"].values

    assert first[header.index("Geopend")].date() == date(2023, 8, 4)
    assert first[header.index("Documentdatum")] == excel_serial(date(2023, 8, 4)) == 45142


def test_the_packing_slips_count_what_is_there(deliveries):
    for name in ("01-omgevingsvergunning-mdto", "03-milieucontroles-serie", "12-zip-met-pakbon"):
        files = contents(deliveries[name].path)
        slip, findings = parse_slip(etree.fromstring(files.pop("pakbon.xml")), "pakbon.xml")
        files.pop("zaken.zip", None)
        plain = [each for path, each in files.items() if not path.lower().endswith(".mdto.xml")]

        assert findings == []
        assert (slip.plain_files, slip.plain_bytes) == (len(plain), sum(map(len, plain)))
        assert slip.described_files == len(plain)
        assert slip.objects + slip.described_files + slip.plain_files == len(files)


def test_every_delivery_comes_under_an_agreement_that_can_be_read(deliveries, folder):
    paths = sorted((folder / agreements.SUBMISSION_FOLDER).glob("*.toml"))
    known = {each.id: each for each in map(read_agreement, paths)}

    assert {path.stem for path in paths} == set(known)
    assert {each.agreement for each in deliveries.values()} == set(known)
    for each in deliveries.values():
        assert each.needs_scanner == (known[each.agreement].scan is ScanRule.REQUIRED)


def test_the_three_municipalities_all_receive_something(folder):
    paths = (folder / agreements.SUBMISSION_FOLDER).glob("*.toml")

    owners = {read_agreement(path).zorgdrager for path in paths}

    assert owners == {"ooststellingwerf", "weststellingwerf", "opsterland"}


def staged(path: str, place: Path) -> StagedFile:
    summer = Summer()
    summer.update(place.read_bytes())
    return StagedFile(path, str(place), summer.sums())


def read(delivery: DemoDelivery, agreement: Agreement, into: Path, pool: Pool) -> Reading:
    """The delivery as the reader of the depot sees it, unpacked where it came packed."""
    places = [delivery.path] if delivery.path.is_file() else sorted(delivery.path.rglob("*"))
    top = delivery.path.parent if delivery.path.is_file() else delivery.path
    files = [staged(str(each.relative_to(top)), each) for each in places if each.is_file()]
    packed = [each for each in files if each.path.endswith((".zip", ".tar.gz"))]
    packed = [] if any("/" in each.path for each in files) else packed
    loose = [each for each in files if each not in packed]
    for number, container in enumerate(packed):
        limits = UnpackLimits(**asdict(agreement.limits))
        place = into / f"{delivery.name}-{number}"
        loose += unpack(container.staged, place, limits, container.path).files
    return read_delivery(loose, agreement, pool, containers=packed, name=delivery.name)


def test_the_reader_finds_the_dossiers_that_are_promised_and_faults_where_they_are(
    deliveries, folder, tmp_path
):
    paths = (folder / agreements.SUBMISSION_FOLDER).glob("*.toml")
    known = {each.id: each for each in map(read_agreement, paths)}
    found_by_reading = {name for name in deliveries if name[:2] in READ}

    with open_pool(workers=2) as pool:
        for name, each in deliveries.items():
            reading = read(each, known[each.agreement], tmp_path, pool)
            errors = {one.reason for one in reading.findings if one.severity is Severity.ERROR}
            if each.good:
                assert (name, len(reading.sips), errors) == (name, each.dossiers, set())
            elif name in found_by_reading:
                assert (name, errors) == (name, {each.reasons[0]})
            else:
                assert (name, errors) == (name, set())


# The deliveries whose fault shows while reading; the others are for unpacking and later checks.
READ = ("52", "53", "65", "66", "67", "69", "70", "71", "74")


# Which paths a fault changes, takes away or adds, against the good delivery it was made from.
CHANGED = {
    "51-controlesom-klopt-niet": {"afhandeling.pdf"},
    "52-bestand-ontbreekt": {"afhandeling.pdf"},
    "53-bestand-zonder-metagegevens": {"kladblaadje.txt"},
    "54-schadelijke-software": {"bijlage.txt"},
    "55-pdf-met-wachtwoord": {"afhandeling.pdf"},
    "56-docx-met-wachtwoord": {"onderzoek.docx"},
    "57-document-met-macro": {"onderzoek.docm"},
    "58-pdf-is-een-png": {"situatieschets.pdf"},
    "59-afgebroken-pdf": {"afhandeling.pdf"},
    "60-zip-met-pad-naar-buiten.zip": {"buiten-de-map.txt"},
    "61-zip-met-link.zip": {"besluit-link.pdf"},
    "62-zip-bom.zip": {"meetreeks.csv"},
    "63-onbekende-waardering": {"KL2024-000700.MDTO.xml"},
    "64-lege-naam": {"KL2024-000700.MDTO.xml"},
    "65-bewaartermijn-in-weken": {"KL2024-000700.MDTO.xml"},
    "66-verkeerde-volgorde": {"KL2024-000700.MDTO.xml"},
    "67-externe-entiteit": {"KL2024-000700.MDTO.xml"},
    "74-pakbon-klopt-niet": {"pakbon.xml"},
}


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_a_bad_delivery_differs_from_a_good_one_in_its_fault_alone(deliveries, name):
    base = spoiled.base_files(DELIVERED)
    files = contents(deliveries[name].path)

    differing = {
        path.rsplit("/", 1)[-1]
        for path in base.keys() | files.keys()
        if base.get(path) != files.get(path)
    }

    records = {each for each in differing if not each.endswith(".MDTO.xml")}
    described = {each for each in differing if each.endswith(".MDTO.xml")}
    if name in {"63-onbekende-waardering", "64-lege-naam"} or name[:2] in {"65", "66", "67"}:
        assert (records, described) == (set(), CHANGED[name])
    else:
        assert records == CHANGED[name]
        stems = {each.partition(".")[0] for each in records}
        assert {each.partition(".")[0] for each in described} <= stems | {"KL2024-000700"}


def test_the_delivery_that_the_faults_are_made_in_is_good():
    for path, content in spoiled.base_files(DELIVERED).items():
        if path.endswith(".MDTO.xml"):
            document = read_mdto(content, path)
            assert [*document.findings, *check_mdto(document.root, path)] == []


@pytest.mark.parametrize("name", ["63-onbekende-waardering", "64-lege-naam"])
def test_what_the_schema_misses_our_rules_find(deliveries, name):
    sidecar = deliveries[name].path / "KL2024-000700" / "KL2024-000700.MDTO.xml"

    document = read_mdto(sidecar.read_bytes(), sidecar.name)
    found = [*document.findings, *check_mdto(document.root, sidecar.name)]

    assert found[0].reason in deliveries[name].reasons


@pytest.mark.parametrize(
    "name", ["65-bewaartermijn-in-weken", "66-verkeerde-volgorde", "67-externe-entiteit"]
)
def test_a_spoiled_sidecar_is_found_for_the_reason_it_was_spoiled(deliveries, name):
    sidecar = deliveries[name].path / "KL2024-000700" / "KL2024-000700.MDTO.xml"

    document = read_mdto(sidecar.read_bytes(), sidecar.name)

    assert document.findings[0].reason in deliveries[name].reasons


def test_the_virus_test_stands_nowhere_in_our_source_in_one_piece():
    signature = hostile.virus_test_file()

    assert len(signature) == 68
    for source in Path(hostile.__file__).parent.glob("*.py"):
        assert signature not in source.read_bytes()


def test_locked_documents_open_with_their_password_alone(deliveries):
    pdf = contents(deliveries["55-pdf-met-wachtwoord"].path)
    word = contents(deliveries["56-docx-met-wachtwoord"].path)
    locked_pdf = next(each for path, each in pdf.items() if path.endswith(".pdf"))
    locked_word = next(each for path, each in word.items() if path.endswith(".docx"))

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(locked_pdf))
    pikepdf.open(BytesIO(locked_pdf), password=hostile.PASSWORD).close()
    assert msoffcrypto.OfficeFile(BytesIO(locked_word)).is_encrypted()


def test_the_macro_document_holds_a_real_vba_project(deliveries):
    files = contents(deliveries["57-document-met-macro"].path)
    document = next(each for path, each in files.items() if path.endswith(".docm"))

    with zipfile.ZipFile(BytesIO(document)) as container:
        project = container.read("word/vbaProject.bin")

    assert project == macro.vba_project()
    with olefile.OleFileIO(project) as opened:
        assert ["VBA", "dir"] in opened.listdir()
        assert opened.parsing_issues == []


def test_hostile_zips_hold_what_their_names_say(deliveries):
    with zipfile.ZipFile(deliveries["60-zip-met-pad-naar-buiten.zip"].path) as container:
        assert "../buiten-de-map.txt" in container.namelist()
    with zipfile.ZipFile(deliveries["61-zip-met-link.zip"].path) as container:
        modes = [each.external_attr >> 16 for each in container.infolist()]
        assert sum(map(stat.S_ISLNK, modes)) == 1
    with zipfile.ZipFile(deliveries["62-zip-bom.zip"].path) as container:
        largest = max(container.infolist(), key=lambda each: each.file_size)
        assert largest.file_size == spoiled.FILLER_BYTES
        assert largest.file_size / largest.compress_size > 200
    with zipfile.ZipFile(deliveries["68-namen-vallen-samen.zip"].path) as container:
        names = [each.rsplit("/", 1)[-1] for each in container.namelist()]
        assert {"Brief.pdf", "brief.PDF"} < set(names)


def test_the_index_faults_are_in_the_index_alone(deliveries):
    missing = contents(deliveries["70-index-noemt-bestand-dat-er-niet-is"].path)
    impossible = contents(deliveries["71-index-met-onmogelijke-datum"].path)

    assert missing.keys() < impossible.keys()
    assert missing["index.csv"].count(b"\r\n") == len(impossible)
    assert b";31-02-2024;" in impossible["index.csv"]
    assert b";31-02-2024;" not in missing["index.csv"]


def test_every_bad_delivery_names_its_reason_and_every_good_one_none(deliveries):
    for each in deliveries.values():
        assert bool(each.reasons) is not each.good
        assert each.why.endswith((".", ")"))
    outcomes = {each.expected for each in deliveries.values()}
    assert outcomes == set(Outcome)
    assert len(FAULTS) == len(deliveries) - len(good(deliveries)) >= 20


def test_deliveries_made_again_are_the_same_but_for_the_random_salt_of_passwords(
    deliveries, tmp_path
):
    again = [*good_deliveries(tmp_path / "goed", DELIVERED)]
    again += [
        each
        for each in bad_deliveries(tmp_path / "fout", DELIVERED)
        if "wachtwoord" not in each.name
    ]

    for each in again:
        assert contents(each.path) == contents(deliveries[each.name].path)


def test_a_delivery_is_never_written_over_another(deliveries, folder):
    with pytest.raises(FileExistsError):
        make_deliveries(folder, DELIVERED)


MANUAL = Path(__file__).parents[2] / "docs" / "handleiding-aanleveren.md"


def example(language: str) -> str:
    """The example in the manual for suppliers that is written in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", MANUAL.read_text("utf-8"), re.M | re.S)
    return found


def test_the_agreement_in_the_manual_can_be_read(tmp_path):
    (tmp_path / "afspraak.toml").write_text(example("toml"), "utf-8")

    agreement = read_agreement(tmp_path / "afspraak.toml")

    assert agreement.id == "ooststellingwerf-dms"
    assert agreement.mapping is not None


def test_the_packing_slip_in_the_manual_can_be_read():
    slip, findings = parse_slip(etree.fromstring(example("xml").encode()), "pakbon.xml")

    assert findings == []
    assert slip is not None
    assert slip.described_files == 10


def test_the_manual_explains_every_setting_of_an_agreement():
    known = {each.name for each in fields(Agreement)} - {"mapping_bytes", "format_overlay"}
    named = set(re.findall(r"^\| `([a-z_]+)` \|", MANUAL.read_text("utf-8"), re.M))

    assert known <= named


def test_the_manual_names_every_outcome_of_the_demonstration():
    text = MANUAL.read_text("utf-8")

    assert all(f"(`{each.value}`)" in text for each in Outcome)


def test_every_reason_that_the_demonstration_shows_is_explained_in_the_manual(deliveries):
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", MANUAL.read_text("utf-8"), re.M))
    shown = {each.reasons[0] for each in deliveries.values() if each.reasons}

    assert shown <= explained
