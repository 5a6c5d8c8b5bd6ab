"""Good deliveries: real dossiers in every shape that the depot takes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from edepot.demo import agreements
from edepot.demo.cases import (
    NOORDENWIND,
    OOSTSTELLINGWERF,
    OPSTERLAND,
    WESTSTELLINGWERF,
    DossierKind,
)
from edepot.demo.containers import (
    bag_0_97,
    bag_1_0,
    below,
    tar_gz_of,
    write_file,
    write_folder,
)
from edepot.demo.delivery import DemoDelivery, Outcome
from edepot.demo.dossiers import Dossier, Files, dossier_of
from edepot.demo.index_shape import csv_export, xlsx_export
from edepot.demo.mdto_shape import Series, Spelling, mdto_files, series_files
from edepot.demo.papers import Organisation
from edepot.demo.slips import slip_for
from edepot.demo.topx_shape import Above, topx_below, topx_files
from edepot.demo.zipping import zip_of


def good_deliveries(folder: Path, delivered_on: date) -> Iterator[DemoDelivery]:
    """Write the good deliveries in the folder, one after another."""
    yield _permit_with_slip(folder, delivered_on)
    yield _complaint_by_stem(folder, delivered_on)
    yield _inspections_in_series(folder, delivered_on)
    yield _permit_in_topx(folder, delivered_on)
    yield _complaint_in_utf16(folder, delivered_on)
    yield _bag(folder, delivered_on)
    yield _old_bag_zipped(folder, delivered_on)
    yield _bag_tarred(folder, delivered_on)
    yield _many_zipped(folder, delivered_on)
    yield _dms_export(folder, delivered_on)
    yield _excel_index(folder, delivered_on)
    yield _zip_beside_slip(folder, delivered_on)


def _opened(delivered_on: date, years_ago: int, month: int) -> date:
    return date(delivered_on.year - years_ago, month, 4)


def _permit_with_slip(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 6, 3)
    dossier = dossier_of(DossierKind.PERMIT, 1023, opened, OOSTSTELLINGWERF, 10)
    files = mdto_files(dossier, delivered_on)
    slip = slip_for(files, OOSTSTELLINGWERF, "Omgevingsvergunningen, levering 1", delivered_on)
    name = "01-omgevingsvergunning-mdto"
    path = write_folder(folder / name, {"pakbon.xml": slip, **files})
    why = "Map met MDTO-bestanden volgens de norm en een pakbon."
    return DemoDelivery(name, path, agreements.OOST.id, Outcome.ACCEPTED, why)


def _complaint_by_stem(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 3, 5)
    dossier = dossier_of(DossierKind.COMPLAINT, 415, opened, WESTSTELLINGWERF, 7)
    name = "02-klacht-mdto-andere-namen"
    path = write_folder(folder / name, mdto_files(dossier, delivered_on, Spelling.STEM))
    why = "Dezelfde vorm, maar de MDTO-bestanden heten <naam zonder extensie>.bestand.mdto.xml."
    return DemoDelivery(name, path, agreements.WEST.id, Outcome.ACCEPTED, why)


def _inspections_in_series(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 4, 9)
    dossiers = [
        dossier_of(DossierKind.INSPECTION, number, opened, WESTSTELLINGWERF, 8)
        for number in (201, 202, 203)
    ]
    series = Series("milieucontroles", "Milieucontroles namens de gemeente Weststellingwerf")
    files = series_files(series, dossiers, delivered_on, Spelling.PRE_INGEST)
    slip = slip_for(files, NOORDENWIND, series.title, delivered_on)
    name = "03-milieucontroles-serie"
    path = write_folder(folder / name, {"pakbon.xml": slip, **files})
    why = "Drie dossiers van een omgevingsdienst onder een serie, met pakbon."
    return DemoDelivery(name, path, agreements.SERVICE.id, Outcome.ACCEPTED, why, dossiers=3)


def _permit_in_topx(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 9, 2)
    dossiers = [
        dossier_of(DossierKind.PERMIT, number, opened, OPSTERLAND, 6) for number in (77, 78)
    ]
    above = Above(
        "archief-opsterland",
        "Archief van de gemeente Opsterland",
        "omgevingsvergunningen",
        "Omgevingsvergunningen",
    )
    name = "04-omgevingsvergunningen-topx"
    path = write_folder(folder / name, topx_below(above, dossiers, delivered_on))
    why = "Ouder systeem: ToPX-bestanden (.metadata), waarden worden van boven overgenomen."
    return DemoDelivery(name, path, agreements.TMLO.id, Outcome.ACCEPTED, why, dossiers=2)


def _complaint_in_utf16(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 4, 11)
    dossier = dossier_of(DossierKind.COMPLAINT, 88, opened, OPSTERLAND, 5)
    name = "05-klacht-topx-utf16"
    path = write_folder(folder / name, topx_files(dossier, delivered_on, "utf-16"))
    why = "ToPX-bestanden in UTF-16, zoals oudere Windows-programma's die schrijven."
    return DemoDelivery(name, path, agreements.TMLO.id, Outcome.ACCEPTED, why)


def _bag(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 5, 4)
    payload = mdto_files(dossier_of(DossierKind.PERMIT, 90, opened, OPSTERLAND, 8), delivered_on)
    name = "06-bag-1.0"
    path = write_folder(folder / name, bag_1_0(payload, OPSTERLAND, delivered_on))
    why = "BagIt 1.0 met de dossiermap en haar MDTO-bestanden in data/."
    return DemoDelivery(name, path, agreements.BAGS.id, Outcome.ACCEPTED, why)


def _old_bag_zipped(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 6, 6)
    payload = mdto_files(dossier_of(DossierKind.SUBSIDY, 91, opened, OPSTERLAND, 6), delivered_on)
    bag = below("SUB-bag", bag_0_97(payload, OPSTERLAND, delivered_on))
    name = "07-bag-0.97.zip"
    path = write_file(folder / name, zip_of(bag.items(), delivered_on))
    why = "Een ouder BagIt-pakket (0.97) als zip."
    return DemoDelivery(name, path, agreements.BAGS.id, Outcome.ACCEPTED, why)


def _bag_tarred(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 2, 10)
    payload = mdto_files(dossier_of(DossierKind.COMPLAINT, 92, opened, OPSTERLAND, 6), delivered_on)
    bag = below("KL-bag", bag_1_0(payload, OPSTERLAND, delivered_on))
    name = "08-bag.tar.gz"
    path = write_file(folder / name, tar_gz_of(bag, delivered_on))
    why = "Een BagIt-pakket als tar.gz."
    return DemoDelivery(name, path, agreements.BAGS.id, Outcome.ACCEPTED, why)


def _many_zipped(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 5, 1)
    dossiers = _mixed(opened, OOSTSTELLINGWERF, 12)
    files: Files = {}
    for dossier in dossiers:
        files |= mdto_files(dossier, delivered_on, Spelling.NORM_SHORT)
    name = "09-twaalf-dossiers.zip"
    path = write_file(folder / name, zip_of(files.items(), delivered_on))
    why = "Een zip met twaalf dossiers van verschillende soorten."
    count = len(dossiers)
    return DemoDelivery(name, path, agreements.OOST.id, Outcome.ACCEPTED, why, dossiers=count)


def _mixed(opened: date, owner: Organisation, count: int) -> list[Dossier]:
    kinds = list(DossierKind)
    return [
        dossier_of(kinds[number % len(kinds)], 300 + number, opened, owner, 5)
        for number in range(count)
    ]


def _dms_export(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 7, 5)
    dossiers = [
        dossier_of(DossierKind.SUBSIDY, number, opened, OOSTSTELLINGWERF, 6)
        for number in (440, 441, 446)
    ]
    name = "10-dms-export-csv"
    path = write_folder(folder / name, csv_export(dossiers, delivered_on))
    why = "Export uit een documentsysteem: CSV-index in Windows-1252 met Windows-paden."
    return DemoDelivery(name, path, agreements.DMS.id, Outcome.ACCEPTED, why, dossiers=3)


def _excel_index(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 3, 8)
    dossiers = [
        dossier_of(DossierKind.SUBSIDY, number, opened, WESTSTELLINGWERF, 5)
        for number in (550, 551)
    ]
    name = "11-excel-index"
    path = write_folder(folder / name, xlsx_export(dossiers, delivered_on))
    why = "Bestanden met een index in Excel, met datums als serienummers."
    return DemoDelivery(name, path, agreements.EXCEL.id, Outcome.ACCEPTED, why, dossiers=2)


def _zip_beside_slip(folder: Path, delivered_on: date) -> DemoDelivery:
    opened = _opened(delivered_on, 8, 3)
    files: Files = {}
    for dossier in _mixed(opened, WESTSTELLINGWERF, 4):
        files |= mdto_files(dossier, delivered_on)
    packed = zip_of(files.items(), delivered_on)
    slip = slip_for(files, WESTSTELLINGWERF, "Vier zaken", delivered_on, ("zaken.zip", packed))
    name = "12-zip-met-pakbon"
    path = write_folder(folder / name, {"pakbon.xml": slip, "zaken.zip": packed})
    why = "Een zip met ernaast een pakbon, die de controlesom van de zip noemt."
    return DemoDelivery(name, path, agreements.WEST.id, Outcome.ACCEPTED, why, dossiers=4)
