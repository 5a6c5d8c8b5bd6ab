"""Every code of reading has a delivery that brings it about."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl
import pytest

from formats.digest import Algorithm, Digest
from formats.findings import Severity, read_codes
from formats.mdto.model import Begrip, Checksum, Verwijzing
from formats.mdto.write import mdto_xml
from ingest.agreement import Agreement, Need, default_agreement
from ingest.packing_slip import PackingSlip, SlipFile, slip_xml
from ingest.read import read_delivery
from ingest.sip import Shape, StagedFile
from tests.ingest.readers.deliveries import (
    AGREEMENT,
    HEADER,
    MAPPING,
    bestand,
    codes,
    index_tree,
    mdto_dossier,
    obj,
    read_tree,
    staged,
    sums_of,
    topx_dossier,
)

BAD = Path(__file__).parents[2] / "fixtures" / "sip" / "bad"
D = mdto_dossier()
RECORD = "zaak-1/brief/brief.MDTO.xml"
LETTER = "zaak-1/brief/brief.txt.bestand.MDTO.xml"
TEXT = b"Geachte heer,"
SLIP = PackingSlip("P-1", "Proef", "2026-01-02T03:04:05", "Gemeente", 2, 2, 2, 20)


@dataclass(frozen=True)
class Case:
    """A delivery that brings a finding about."""

    tree: Mapping[str, bytes]
    agreement: Agreement = AGREEMENT
    containers: Mapping[str, bytes] = field(default_factory=dict)


def without(tree: Mapping[str, bytes], ending: str) -> dict[str, bytes]:
    return {path: body for path, body in tree.items() if not path.endswith(ending)}


def row(**cells: str) -> str:
    usual = {
        "Zaaknummer": "Z-1",
        "Omschrijving": "Kap boom",
        "Begin": "1-2-2020",
        "Einde": "31-12-2021",
        "Waardering": "V",
        "Termijn": "5 jaar",
        "Bestand": "a.txt",
        "Titel": "Aanvraag",
    }
    return ";".join((usual | cells)[name] for name in HEADER.split(";"))


def slip(**changes: object) -> Case:
    return Case(D | {"pakbon.xml": slip_xml(replace(SLIP, **changes))})


def with_checksum(label: str, value: str) -> dict[str, bytes]:
    told = bestand("brief.txt", TEXT, "zaak-1-brief")
    sum_of = Checksum(Begrip(label, Verwijzing("lijst")), value, "2026-01-02T03:04:05")
    return D | {LETTER: mdto_xml(replace(told, checksum=(sum_of,)))}


def sheet_with_formula() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(";"))
    book.active.append(row().split(";"))
    book.active["I2"] = "=1+1"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def index(*rows: str, **more: object) -> Case:
    return Case(index_tree(*rows, **more))


def profile(extra: str) -> bytes:
    return MAPPING + extra.encode()


TWICE = index_tree(row(), row(Zaaknummer="Z-2"))
CHILD = mdto_xml(obj("binnen", "Dossier", "zaak-1-brief"))
SERIE = {"s/s.MDTO.xml": mdto_xml(obj("S", "Serie")), "s/los.txt": b"los"}
SHARED_ID = mdto_dossier("zaak-2") | {
    "zaak-2/brief/brief.MDTO.xml": mdto_xml(obj("zaak-1-brief", "Archiefstuk", "zaak-2")),
    **{
        f"zaak-2/brief/{name}.bestand.MDTO.xml": mdto_xml(
            bestand(name, body, "zaak-1-brief", identifier=f"twee-{name}")
        )
        for name, body in (("brief.txt", TEXT), ("bijlage.txt", b"Bijlage"))
    },
}

CASES: Mapping[str, Case] = {
    "I200": Case(D, replace(AGREEMENT, shape=Shape.TOPX_SIDECARS)),
    "I201": Case({"brief.txt": b"x"}),
    "I202": Case(D | {"zaak-1/zaak-1.metadata": topx_dossier()["NL-0085-1/NL-0085-1.metadata"]}),
    "I204": Case(D | {"zaak-1/Thumbs.db": b"x"}),
    "I205": Case(
        D
        | {
            "zaak-1/leeg.txt": b"",
            "zaak-1/leeg.txt.MDTO.xml": mdto_xml(bestand("leeg.txt", b"", "zaak-1")),
        }
    ),
    "I206": Case(D | {"zaak-1/brief/los.txt": b"los"}),
    "I207": Case(without(D, "bijlage.txt")),
    "I208": Case(D | {"zaak-1/brief/brief.bestand.mdto.xml": D[LETTER]}),
    "I209": Case(
        D
        | {
            "zaak-1/nota.txt": b"a",
            "zaak-1/nota.doc": b"b",
            "zaak-1/nota.bestand.MDTO.xml": mdto_xml(bestand("anders.txt", b"c", "zaak-1")),
        }
    ),
    "I210": Case(
        D
        | {
            "zaak-1/zelf.bestand.MDTO.xml": mdto_xml(
                bestand("zelf.bestand.MDTO.xml", b"a", "zaak-1")
            )
        }
    ),
    "I211": Case(D | SHARED_ID),
    "I212": Case(D | {RECORD: mdto_xml(obj("zaak-1-brief", "Archiefstuk", "zaak-9"))}),
    "I213": Case(
        {
            "een.MDTO.xml": mdto_xml(obj("een", "Dossier", "twee")),
            "twee.MDTO.xml": mdto_xml(obj("twee", "Dossier", "een")),
        }
    ),
    "I214": Case(D | {"zaak-1/brief/binnen/binnen.MDTO.xml": CHILD}),
    "I215": Case(D, replace(AGREEMENT, top_parents=("NL-1",))),
    "I216": Case(D | {LETTER: mdto_xml(bestand("brief.txt", TEXT, "zaak-9-stuk"))}),
    "I217": Case(
        D | mdto_dossier("zaak-2") | {LETTER: mdto_xml(bestand("brief.txt", TEXT, "zaak-2-brief"))}
    ),
    "I218": Case(
        D
        | {
            "elders/a.txt": b"a",
            "elders/a.txt.MDTO.xml": mdto_xml(bestand("a.txt", b"a", "onbekend")),
        }
    ),
    "I219": Case(
        {f"s/{path}": body for path, body in D.items()}
        | SERIE
        | {"s/los.txt.MDTO.xml": mdto_xml(bestand("los.txt", b"los", "S"))}
    ),
    "I220": Case({"zaak/zaak.MDTO.xml": mdto_xml(obj("zaak"))}),
    "I221": Case(topx_dossier(), default_agreement("ooststellingwerf")),
    "I230": Case(with_checksum("SHA-3", "ab" * 32)),
    "I231": Case(with_checksum("SHA-256", "abc")),
    "I240": Case({"a.txt": b"a", "mapping.toml": MAPPING}),
    "I241": Case(without(index_tree(row()), "index.csv") | {"een.csv": b"a", "twee.csv": b"b"}),
    "I242": index(row(), header=HEADER.replace("Titel", "Naam")),
    "I243": index(row(), header=HEADER.replace("Titel", "Bestand")),
    "I244": Case(
        index_tree(row(), mapping=b'encoding = "utf-8"\n' + MAPPING)
        | {"index.csv": f"{HEADER}\r\n{row(Titel='café')}".encode("cp1252")}
    ),
    "I245": index(row(Titel='"open')),
    "I246": index(row() + ";teveel"),
    "I247": index(row(Zaaknummer="")),
    "I248": index(row(Einde="31-2-2021")),
    "I249": index(row(), row(Omschrijving="Anders", Bestand="b.txt")),
    "I250": index(row(Bestand="b.txt")),
    "I251": Case(index_tree(row(Bestand="A.TXT")) | {"A.txt": b"A"}),
    "I252": index(row(Bestand=r"..\..\etc\passwd")),
    "I253": index(row(Titel="x" * 100_001)),
    "I254": index(row(Titel="bel\x07")),
    "I255": Case(without(index_tree(row()), "index.csv") | {"index.xlsx": sheet_with_formula()}),
    "I256": index(row(Titel="#REF!")),
    "I257": index(row(Waardering="J")),
    "I258": index(row(Termijn="lang")),
    "I259": index(row(Begin="1-1-2022")),
    "I260": index(row(Bestand="A.TXT")),
    "I261": Case(TWICE),
    "I262": index(row(), row()),
    "I263": index(row(), row(Titel="Anders")),
    "I264": index(
        row() + ";groot",
        header=HEADER + ";Omvang",
        mapping=MAPPING.replace(b"[columns]", b'[columns]\nsize = "Omvang"'),
    ),
    "I265": Case(index_tree(row()) | {"extra.txt": b"x"}),
    "I266": Case(index_tree(row(), mapping=b"kolommen = 1")),
    "I300": Case(D, replace(AGREEMENT, packing_slip=Need.REQUIRED)),
    "I301": Case(D | {"pakbon.xml": slip_xml(SLIP), "zaak-1/pakbon.xml": slip_xml(SLIP)}),
    "I302": Case(D | {"pakbon.xml": slip_xml(SLIP).replace(b">2<", b">twee<", 1)}),
    "I303": slip(objects=3),
    "I304": slip(described_files=3),
    "I305": slip(plain_files=3),
    "I306": slip(plain_bytes=21),
    "I307": Case(
        D | {"zaken.zip.sha256": b"0" * 64 + b"  zaken.zip\n"}, containers={"zaken.zip": b"PK"}
    ),
    "I308": slip(
        files=(
            SlipFile("zaak-1/brief/brief.txt", 13, Digest(Algorithm.SHA256, "0" * 64)),
            SlipFile("zaak-1/brief/bijlage.txt"),
        )
    ),
    "I309": slip(files=(SlipFile("zaak-1/weg.txt"),)),
    "I310": slip(files=(SlipFile("zaak-1/brief/brief.txt"),)),
    "I311": Case(
        D
        | {
            "pakbon.xml": slip_xml(
                replace(SLIP, files=(SlipFile("a", 1, Digest(Algorithm.MD5, "0" * 32)),))
            ).replace(b'"md5"', b'"crc32"')
        }
    ),
    "I312": slip(containers=(SlipFile("zaken.zip"),)),
    "I313": slip(files=(SlipFile("zaak-1/brief/brief.txt", 14),)),
    "I314": slip(files=(SlipFile("zaak-1/brief/brief.txt", 13, Digest(Algorithm.MD5, "0" * 32)),)),
}

ELSEWHERE = {"I203": "test_hostile: a sidecar that its child cannot read"}


def folder_codes() -> set[str]:
    return {each.name.split("_")[0] for each in BAD.iterdir() if each.name[:2] in ("I2", "I3")}


def test_every_code_of_reading_has_a_case_or_a_fixture():
    known = {code for code in read_codes("ingest") if code[:2] in ("I2", "I3")}

    assert known == set(CASES) | set(ELSEWHERE) | folder_codes()


@pytest.mark.parametrize("code", CASES)
def test_the_delivery_of_a_code_brings_it_about(code, pool, tmp_path):
    case = CASES[code]
    containers = []
    for name, body in case.containers.items():
        (tmp_path / name).write_bytes(body)
        containers.append(StagedFile(name, str(tmp_path / name), sums_of(body)))

    reading = read_tree(
        tmp_path / "levering", case.tree, pool, case.agreement, containers=containers
    )

    assert code in codes(reading)
    found = next(each for each in reading.findings if each.code == code)
    assert found.where
    assert str(tmp_path) not in "".join((found.where, found.found, found.expected))


@pytest.mark.parametrize(
    "folder", sorted(each for each in BAD.iterdir() if each.name[:2] in ("I2", "I3")), ids=str
)
def test_a_bad_fixture_brings_about_the_code_that_it_is_named_by(folder, pool):
    reading = read_delivery(staged(folder), AGREEMENT, pool)

    assert folder.name.split("_")[0] in codes(reading)


def test_a_finding_of_one_dossier_is_told_of_that_dossier_alone(pool, tmp_path):
    tree = mdto_dossier("zaak-1") | mdto_dossier("zaak-2") | {"zaak-2/los.txt": b"los"}

    reading = read_tree(tmp_path, tree, pool)

    assert reading.common == ()
    assert [[each.code for each in mine] for mine in reading.by_sip] == [[], ["I206"]]


def test_a_dossier_with_broken_metadata_is_lost_and_nothing_of_it_slips_in(pool, tmp_path):
    tree = mdto_dossier("zaak-1") | mdto_dossier("zaak-2")
    tree["zaak-2/zaak-2.MDTO.xml"] = tree["zaak-2/zaak-2.MDTO.xml"].replace(b"waardering>", b"w>")

    reading = read_tree(tmp_path, tree, pool)

    assert [each.path for each in reading.sips] == ["zaak-1"]
    assert reading.by_sip == ((),)
    assert [(each.path, each.source) for each in reading.lost] == [
        ("zaak-2", "zaak-2/zaak-2.MDTO.xml")
    ]
    assert any(each.severity is Severity.ERROR for each in reading.lost[0].findings)
    assert reading.common == ()


def test_a_broken_sidecar_of_a_file_refuses_its_dossier_and_is_told_once(pool, tmp_path):
    tree = mdto_dossier() | {LETTER: b"<MDTO"}

    reading = read_tree(tmp_path, tree, pool)

    assert [each.code for each in reading.by_sip[0]] == ["F002"]
    assert reading.lost == ()


def test_index_dossiers_in_one_folder_have_paths_of_their_own(pool, tmp_path):
    tree = index_tree(row(), row(Zaaknummer="Z-2", Bestand="b.txt")) | {"b.txt": b"b"}

    reading = read_tree(tmp_path, tree, pool)

    assert [each.path for each in reading.sips] == ["index.csv, rij 2", "index.csv, rij 3"]


def test_findings_of_an_index_name_row_and_column(pool, tmp_path):
    reading = read_tree(tmp_path, index_tree("", row(), row(Einde="nooit")), pool)

    assert "index.csv, rij 4, kolom 'Einde'" in [each.where for each in reading.findings]


def test_the_agreement_may_leave_out_files_that_the_index_does_not_name(pool, tmp_path):
    tree = index_tree(row(), mapping=b'extra_files = "leave_out"\n' + MAPPING) | {"b.txt": b"b"}

    reading = read_tree(tmp_path, tree, pool)

    assert [(each.code, each.severity) for each in reading.findings] == [("I265", Severity.WARNING)]


def test_only_a_parent_named_without_identifier_is_a_warning(pool, tmp_path):
    stray = replace(
        obj("zaak-1-brief", "Archiefstuk"), isOnderdeelVan=(Verwijzing("Iets heel anders"),)
    )

    reading = read_tree(tmp_path, D | {RECORD: mdto_xml(stray)}, pool)

    assert [(each.code, each.severity) for each in reading.findings] == [("I212", Severity.WARNING)]
