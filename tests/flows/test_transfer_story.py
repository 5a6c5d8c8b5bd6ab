"""The story of a transfer: from the ingest of one depot to that of the archive, and the source."""

import csv
import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select

from edepot.cli.main import main
from edepot.config import FILE_NAME, read_config
from edepot.depot import ahead, open_depot
from edepot.transfers.place import PLACE, TransferPackages
from formats.digest import Algorithm
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_checksum,
    begrip_pronom,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Bestand,
    Checksum,
    DekkingInTijd,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.mdto.read import read_mdto
from formats.mdto.write import mdto_xml
from retention.nouns import DossierState
from retention.tables import DOSSIERS
from storage.database import reading
from storage.package_reader import open_package
from tests.retention.making import check_lists

TOWN = "ooststellingwerf"
SOURCE = "Zaaksysteem"
OWN = Verwijzing("Eigen lijst")
LIST = Verwijzing("Selectielijst gemeenten en intergemeentelijke organen 2017")
PEOPLE = (
    ("Petra de Vries", "recordmanager"),
    ("Rik Hoekstra", "proceseigenaar"),
    ("Anna Bakker", "archivaris"),
    ("Bas Dijkstra", "ondertekenaar"),
    ("Udo Kok", "uitvoerder"),
)
MANAGER, REVIEWER, ARCHIVIST, SIGNATORY, EXECUTOR = (f"p{n:04d}" for n in range(1, 6))
PRIVACY = BeperkingGebruik(
    Begrip("Beperkt openbaar: eerbiediging van de persoonlijke levenssfeer", OWN),
    beperkingGebruikTermijn=Termijn(termijnEinddatum="2080"),
)
FILES = {
    "zaak-1": {"brief": {"brief.txt": b"De straatnaam is vastgesteld.\n", "bijlage.txt": b"Kaart"}},
    "zaak-2": {"advies": {"advies.txt": b"Advies over mevrouw J.\n"}},
}


@dataclass(frozen=True)
class Town:
    """A depot with two dossiers that are kept for good, and its command line."""

    depot: Path
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> dict[str, object]:
        code, said = self.tried(*arguments)
        assert code == 0, said
        return said

    def tried(self, *arguments: object) -> tuple[int, dict[str, object]]:
        code = main(["--depot", str(self.depot), "--json", *map(str, arguments)])
        captured = self.capsys.readouterr()
        try:
            return code, json.loads(captured.out)
        except json.JSONDecodeError:
            return code, {"error": captured.out + captured.err}

    def states(self) -> dict[str, str]:
        config = read_config(self.depot / FILE_NAME)
        with open_depot(config) as depot, reading(depot.engine) as connection:
            rows = connection.execute(select(DOSSIERS.c.identifier, DOSSIERS.c.state))
            return {each.identifier: each.state for each in rows}

    def agreed(self, *names: str) -> str:
        """A transfer of these dossiers, signed by both."""
        named = [part for each in names for part in ("--dossier", each)]
        made = self(
            *("transfer", "new", "Blok 2018", "--archive", "Tresoar", "--as", MANAGER),
            *("--destination", "342-12", "--zorgdrager", TOWN, *named),
        )
        transfer = str(made["id"])
        for person in (SIGNATORY, ARCHIVIST):
            seen = self("transfer", "status", transfer)["restrictions"]
            self("transfer", "agree", transfer, "--seen", str(seen)[:12], "--as", person)
        return transfer

    def received(self, *names: str) -> str:
        """A transfer that the archive received whole, its declaration drawn up."""
        transfer = self.agreed(*names)
        packed = self("transfer", "package", transfer, "--as", MANAGER)
        self("transfer", "deliver", transfer, "--how", "koerier", "--as", MANAGER)
        taken = self(
            *("transfer", "receipt", transfer, self.receipt(Path(str(packed["folder"])))),
            *("--copies", 2, "--fixity-checked", "2026-11-20", "--reference", "TR-7"),
            *("--as", MANAGER),
        )
        assert (taken["state"], taken["whole"]) == ("received", True)
        decision = self.folder / "besluit.pdf"
        shutil.copy(Path(str(packed["papers"])) / "beperkingen.pdf", decision)
        self(
            *("transfer", "declare", transfer, "--decision", "besluit 14", "--as", MANAGER),
            *("--decision-file", decision),
        )
        return transfer

    def transferred(self, *names: str) -> str:
        """A transfer that both have signed."""
        transfer = self.received(*names)
        seen = self("transfer", "status", transfer)["declaration"]["sha256"]  # type: ignore[index]
        for person in (SIGNATORY, ARCHIVIST):
            self("transfer", "sign", transfer, "--seen", seen, "--as", person)
        return transfer

    def receipt(self, folder: Path, *, change: str = "") -> Path:
        """What the archive answers: every record that it received, its digest reckoned anew."""
        target = self.folder / "ontvangst.csv"
        with target.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream, delimiter=";")
            rows.writerow(("path", "sha256"))
            for each in sorted(folder.rglob("*")):
                path = each.relative_to(folder.parent).as_posix()
                if each.is_file() and path != change:
                    rows.writerow((path, hashlib.sha256(each.read_bytes()).hexdigest()))
        return target


def _item(kenmerk: str, level: str, restriction: BeperkingGebruik, above: str) -> Informatieobject:
    return Informatieobject(
        identificatie=(Identificatie(kenmerk, SOURCE),),
        naam=f"Object {kenmerk}",
        aggregatieniveau=begrip_aggregatieniveau(level),
        waardering=begrip_waardering("B"),
        archiefvormer=(Verwijzing("Gemeente Ooststellingwerf"),),
        beperkingGebruik=(restriction,),
        dekkingInTijd=(DekkingInTijd(Begrip("Looptijd", OWN), "2017-03-01", "2018-05-01"),),
        informatiecategorie=Begrip("Ingericht", LIST, "1.1.1"),
        isOnderdeelVan=(Verwijzing(f"Object {above}", Identificatie(above, SOURCE)),)
        if above
        else (),
    )


def _write(folder: Path) -> Path:
    """The delivery of the two dossiers, the second restricted until 2080."""
    for dossier, records in FILES.items():
        restriction = PRIVACY if dossier == "zaak-2" else geen_beperking()
        place = folder / dossier
        place.mkdir(parents=True)
        top = _item(dossier, "Dossier", restriction, "")
        (place / f"{dossier}.MDTO.xml").write_bytes(mdto_xml(top))
        for record, files in records.items():
            kenmerk = f"{dossier}-{record}"
            own = place / record
            own.mkdir()
            item = _item(kenmerk, "Archiefstuk", restriction, dossier)
            (own / f"{record}.MDTO.xml").write_bytes(mdto_xml(item))
            for name, content in files.items():
                (own / name).write_bytes(content)
                described = Bestand(
                    identificatie=(Identificatie(f"{kenmerk}-{name}", SOURCE),),
                    naam=name,
                    omvang=len(content),
                    bestandsformaat=begrip_pronom("x-fmt/111", "Plain Text File"),
                    checksum=(
                        Checksum(
                            begrip_checksum(Algorithm.SHA256),
                            hashlib.sha256(content).hexdigest(),
                            "2018-05-02T12:00:00+00:00",
                        ),
                    ),
                    isRepresentatieVan=Verwijzing(
                        f"Object {kenmerk}", Identificatie(kenmerk, SOURCE)
                    ),
                )
                (own / f"{name}.bestand.MDTO.xml").write_bytes(mdto_xml(described))
    return folder


@pytest.fixture
def town(
    tmp_path: Path,
    unmade_place: Path | str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Town:
    monkeypatch.chdir(tmp_path)
    depot = tmp_path / "depot"
    assert main(["init", str(depot), "--database", str(unmade_place)]) == 0
    _unscanned(depot)
    with open_depot(read_config(depot / FILE_NAME)) as opened:
        check_lists(opened.engine)
    delivery = _write(tmp_path / "levering")
    assert main(["--depot", str(depot), "ingest", str(delivery), "--zorgdrager", TOWN]) == 0, (
        capsys.readouterr()
    )
    capsys.readouterr()
    made = Town(depot, tmp_path, capsys)
    for number, (name, role) in enumerate(PEOPLE, 1):
        made("person", "add", name)
        made("mandate", "give", f"p{number:04d}", TOWN, role, "--decision", "besluit 1")
    return made


def _unscanned(depot: Path) -> None:
    """Let a depot accept what nobody could scan for viruses: no scanner runs in the tests."""
    settings = (depot / FILE_NAME).read_text("utf-8")
    (depot / FILE_NAME).write_text(settings.replace('"wait"', '"accept"'), "utf-8")


def digests(folder: Path) -> dict[str, str]:
    """The digest of each record that was delivered, by its name."""
    return {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in folder.rglob("*.txt")
        if each.is_file()
    }


def test_a_transfer_goes_from_list_to_overgebracht_when_both_signed(town: Town) -> None:
    transfer = town.received("zaak-1", "zaak-2")
    seen = str(town("transfer", "status", transfer)["declaration"]["sha256"])  # type: ignore[index]

    first = town("transfer", "sign", transfer, "--seen", seen[:12], "--as", SIGNATORY)
    before = town.states()
    last = town("transfer", "sign", transfer, "--seen", seen[:12], "--as", ARCHIVIST)

    assert digests(Path(str(last["folder"]))) == digests(town.folder / "levering")
    assert (first["state"], last["state"]) == ("received", "source_releasable")
    assert {before[name] for name in FILES} == {DossierState.HERE.value}
    states = town.states()
    assert {states[name] for name in FILES} == {DossierState.TRANSFERRED.value}
    kept = town("show", last["declaration"]["aip_id"])  # type: ignore[index]
    names = {each["name"] for each in kept["files"]}  # type: ignore[attr-defined]
    assert {"verklaring-volledig.pdf", "beperkingen.pdf", "besluit-openbaarheid.pdf"} <= names


def test_the_source_goes_by_a_list_as_any_and_is_told_as_overgebracht(town: Town) -> None:
    transfer = town.transferred("zaak-1", "zaak-2")
    made = str(town("transfer", "release", transfer, "--as", MANAGER)["release_list"])

    town("destruction", "submit", made, "--reviewer", REVIEWER, "--as", MANAGER)
    town(*("destruction", "review", made, "--all", "destroy", "--count", 2, "--as", REVIEWER))
    town("destruction", "submit", made, "--archivist", ARCHIVIST, "--as", MANAGER)
    town("destruction", "authorise", made, "--reference", "brief 1", "--as", ARCHIVIST)
    root = town("destruction", "status", made)["root"]
    town("destruction", "sign", made, "--root", str(root)[:16], "--as", SIGNATORY)
    with ahead(timedelta(days=8)):
        town("destruction", "start", made, "--as", EXECUTOR)
        ran = town("destruction", "run", made)
        code, gone = town.tried("show", "zaak-1")
        for days in (2, 8):
            with ahead(timedelta(days=days)):
                town("destruction", "run", made)
        with ahead(timedelta(days=8)):
            stands = town("transfer", "status", transfer)
            town("declaration", "make", made, "--as", MANAGER)
            declared = town("declaration", "sign", f"{made}-verklaring", "--as", SIGNATORY)
            closed = town("transfer", "status", transfer)

    assert ran["items"] == {"destroyed": 2}
    states = town.states()
    assert {states[name] for name in FILES} == {DossierState.RELEASED.value}
    assert (code, gone["released"]["identifier"]) == (1, "zaak-1")  # type: ignore[index]
    assert not list(Path(str(stands["folder"])).rglob("*.txt"))
    assert stands["state"] == "source_released"
    assert (declared["kind"], closed["state"]) == ("bronexemplaar-opgeruimd", "closed")


def test_the_openness_that_the_package_states_is_taken_over_and_written_out(town: Town) -> None:
    made = town(
        *("transfer", "new", "x", "--archive", "T", "--as", MANAGER, "--zorgdrager", TOWN),
        *("--dossier", "zaak-1", "--dossier", "zaak-2"),
    )

    assert made["openness"] == {"undecided": 0, "open": 1, "restricted": 1}

    transfer = str(made["id"])
    for person in (SIGNATORY, ARCHIVIST):
        town("transfer", "agree", transfer, "--seen", made["restrictions"], "--as", person)
    packed = town("transfer", "package", transfer, "--as", MANAGER)
    sidecar = Path(str(packed["folder"])) / "zaak-2" / "zaak-2-advies" / "zaak-2-advies.MDTO.xml"
    item = read_mdto(sidecar.read_bytes(), "x").root
    assert isinstance(item, Informatieobject)
    [restriction] = item.beperkingGebruik
    term = restriction.beperkingGebruikTermijn
    assert "levenssfeer" in restriction.beperkingGebruikType.begripLabel
    assert term is not None
    assert term.termijnEinddatum == "2080-12-31"


def test_a_second_depot_takes_the_package_in_with_the_same_digests(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    transfer = town.agreed("zaak-1", "zaak-2")
    packed = town("transfer", "package", transfer, "--as", MANAGER)
    archive = tmp_path / "tresoar"
    main(["init", str(archive)])
    _unscanned(archive)
    capsys.readouterr()

    code = main(
        ["--depot", str(archive), "--json", "ingest", str(packed["folder"]), "--zorgdrager", TOWN]
    )

    receipt = capsys.readouterr().out
    assert code == 0, receipt
    with open_depot(read_config(archive / FILE_NAME)) as depot:
        store = depot.stores["kopie-1"]
        found = {}
        for key in sorted(each.key for each in store.list("")):
            if not key.endswith(".zip"):
                continue
            reader = open_package(store, key)
            found |= {
                path.rsplit("/", 1)[-1]: hashlib.sha256(reader.read(path)).hexdigest()
                for path in reader.members
                if path.startswith("data/original/") and path.endswith(".txt")
            }
    assert found == digests(town.folder / "levering")


def test_a_receipt_with_a_file_less_or_other_bytes_changes_nothing(town: Town) -> None:
    transfer = town.agreed("zaak-1")
    packed = town("transfer", "package", transfer, "--as", MANAGER)
    town("transfer", "deliver", transfer, "--how", "schijf", "--as", MANAGER)
    folder = Path(str(packed["folder"]))
    gone = f"{transfer}/zaak-1/zaak-1-brief/brief.txt"
    said = ("--copies", 2, "--fixity-checked", "2026-11-20", "--as", MANAGER)

    code, less = town.tried(
        "transfer", "receipt", transfer, town.receipt(folder, change=gone), *said
    )
    (folder / "zaak-1" / "zaak-1-brief" / "bijlage.txt").write_bytes(b"anders")
    again, other = town.tried("transfer", "receipt", transfer, town.receipt(folder), *said)

    assert (code, [each["code"] for each in less["findings"]]) == (1, ["R701"])  # type: ignore[attr-defined]
    assert (again, [each["code"] for each in other["findings"]]) == (1, ["R702"])  # type: ignore[attr-defined]
    assert other["state"] == "delivered"


def test_packaging_that_was_interrupted_goes_on_and_a_copy_that_is_hit_is_passed_over(
    town: Town,
) -> None:
    transfer = town.agreed("zaak-1", "zaak-2")
    with open_depot(read_config(town.depot / FILE_NAME)) as depot:
        first = next(iter(depot.config.zorgdragers)).stores[0]
        packages = sorted((town.depot / "stores" / first).rglob("v*.zip"))
    damaged = packages[0].read_bytes()
    packages[0].chmod(0o644)
    packages[0].write_bytes(
        damaged.replace(b"vastgesteld", b"verzonnen!!").replace(b"mevrouw", b"meneer!")
    )

    code, packed = town.tried("transfer", "package", transfer, "--as", MANAGER)

    folder = Path(str(packed["folder"]))
    assert (code, len(packed["passed_over"])) == (4, 1)  # type: ignore[arg-type]
    assert digests(folder) == digests(town.folder / "levering")
    assert not list(folder.glob(".*.part"))

    with open_depot(read_config(town.depot / FILE_NAME)) as depot:
        [dossier] = [each["snapshot"]["dossier"] for each in _items(town, transfer, "zaak-1")]
        place = TransferPackages("transfers", depot.engine, depot.config.folder / PLACE)
        here = place.remnants(TOWN, dossier)
        place.erase(TOWN, dossier)
        assert [Path(each.name).name for each in here] == ["zaak-1"]
        assert place.remnants(TOWN, dossier) == ()


def test_opex_names_every_file_with_its_digest_and_carries_the_mdto(town: Town) -> None:
    transfer = town.agreed("zaak-1")

    packed = town("transfer", "package", transfer, "--form", "opex", "--as", MANAGER)

    folder = Path(str(packed["folder"]))
    space = {"o": "http://www.openpreservationexchange.org/opex/v1.2"}
    top = etree.parse(str(folder / f"{transfer}.opex"))
    dossier = etree.parse(str(folder / "zaak-1" / "zaak-1.opex"))
    record = etree.parse(str(folder / "zaak-1" / "zaak-1-brief.pax.opex"))
    fixities = {
        each.get("path"): each.get("value") for each in record.iterfind(".//o:Fixity", space)
    }
    pax = folder / "zaak-1" / "zaak-1-brief.pax"
    assert top.xpath("string(.//o:Folder)", namespaces=space) == "zaak-1"
    assert "zaak-1-brief.pax" in [each.text for each in dossier.iterfind(".//o:Folder", space)]
    assert fixities == {
        each.relative_to(pax).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in pax.rglob("*")
        if each.is_file()
    }
    mdto = "{https://www.nationaalarchief.nl/mdto}"
    assert len(list(record.iter(f"{mdto}MDTO"))) == 3
    assert {each.text for each in dossier.iterfind(".//o:SecurityDescriptor", space)} == {"open"}


def _items(town: Town, transfer: str, identifier: str) -> list[dict[str, dict[str, str]]]:
    listed = town("destruction", "show", transfer)
    return [
        each
        for each in listed["items"]  # type: ignore[attr-defined]
        if each["snapshot"]["identifier"] == identifier
    ]
