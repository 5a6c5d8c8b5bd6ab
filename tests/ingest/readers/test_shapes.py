"""Good deliveries in every shape and spelling are read to the same dossiers."""

from dataclasses import replace
from pathlib import Path

import pytest

from formats.mdto.model import Identificatie, Verwijzing
from formats.mdto.read import read_mdto
from formats.mdto.rules import check_mdto
from formats.mdto.write import mdto_xml
from formats.tmlo.write import topx_xml
from ingest.agreement import Agreement, default_agreement
from ingest.read import read_delivery
from ingest.sip import Shape
from tests.ingest.readers.deliveries import (
    AGREEMENT,
    aggregatie,
    bag_of,
    bestand,
    codes,
    index_tree,
    mdto_dossier,
    obj,
    openness,
    ours,
    read_tree,
    staged,
    topx_dossier,
    topx_file,
)

ROW = "Z-1;Kap boom;1-2-2020;31-12-2021;vernietigen;5 jaar;a.txt;Aanvraag"
SPELLINGS = (
    "{file}.MDTO.xml",
    "{file}.mdto.xml",
    "{file}.bestand.MDTO.xml",
    "{file}.bestand.mdto.xml",
    "{stem}.bestand.mdto.xml",
    "{stem}.bestand.MDTO.xml",
    "{stem}.MDTO.XML",
)
GOOD = Path(__file__).parents[2] / "fixtures" / "sip" / "good"


def test_there_are_good_fixtures():
    assert len(list(GOOD.iterdir())) >= 5


@pytest.mark.parametrize("folder", sorted(GOOD.iterdir()), ids=lambda each: each.name)
def test_a_good_delivery_is_read_without_a_finding_that_refuses(folder, pool):
    reading = read_delivery(staged(folder), AGREEMENT, pool)

    assert [each for each in reading.findings if each.severity.value == "error"] == []
    assert reading.sips
    assert not reading.lost


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_sidecars_name_gives_the_same_dossier(spelling, pool, tmp_path):
    reading = read_tree(tmp_path, mdto_dossier(spelling=spelling), pool)

    (sip,) = reading.sips
    assert codes(reading) == []
    assert sip.path == "zaak-1"
    assert [each.metadata.naam for each in sip.objects] == ["Object zaak-1", "Object zaak-1-brief"]
    assert [each.parent for each in sip.objects] == [None, 0]
    assert [(each.name_in_dossier, each.record, each.metadata.naam) for each in sip.files] == [
        ("brief/bijlage.txt", 1, "bijlage.txt"),
        ("brief/brief.txt", 1, "brief.txt"),
    ]
    assert all(each.claimed_digests and each.claimed_size_bytes for each in sip.files)
    assert len(sip.sources) == 4


def test_many_dossiers_at_any_depth_are_dossiers_of_their_own(pool, tmp_path):
    tree = {f"levering/2026/{path}": body for path, body in mdto_dossier("zaak-1").items()}
    tree |= mdto_dossier("zaak-2")

    reading = read_tree(tmp_path, tree, pool)

    assert sorted(each.path for each in reading.sips) == ["levering/2026/zaak-1", "zaak-2"]
    assert codes(reading) == []


def test_archive_and_series_above_a_dossier_are_its_context(pool, tmp_path):
    dossier = {f"archief/serie/{path}": body for path, body in mdto_dossier().items()}
    dossier["archief/serie/zaak-1/zaak-1.MDTO.xml"] = mdto_xml(obj("zaak-1", "Dossier", "S"))
    tree = {
        "archief/archief.MDTO.xml": mdto_xml(obj("A", "Archief")),
        "archief/serie/serie.MDTO.xml": mdto_xml(obj("S", "Serie", "A")),
        **dossier,
    }

    (sip,) = read_tree(tmp_path, tree, pool).sips

    assert sip.dossier.naam == "Object zaak-1"
    assert [each.metadata.naam for each in sip.context] == ["Object A", "Object S"]
    assert {"archief/archief.MDTO.xml", "archief/serie/serie.MDTO.xml"} <= {
        each.path for each in sip.sources
    }


def test_without_a_dossier_the_topmost_object_is_the_dossier(pool, tmp_path):
    content = b"x"
    tree = {
        "stuk/stuk.MDTO.xml": mdto_xml(obj("stuk", "Archiefstuk")),
        "stuk/a.txt": content,
        "stuk/a.txt.MDTO.xml": mdto_xml(bestand("a.txt", content, "stuk")),
    }

    (sip,) = read_tree(tmp_path, tree, pool).sips

    assert sip.dossier.naam == "Object stuk"


def test_a_folder_without_a_sidecar_is_only_a_folder(pool, tmp_path):
    content = b"x"
    tree = {
        "zaak/zaak.MDTO.xml": mdto_xml(obj("zaak")),
        "zaak/stukken/2020/a.txt": content,
        "zaak/stukken/2020/a.txt.MDTO.xml": mdto_xml(bestand("a.txt", content, "zaak")),
    }

    reading = read_tree(tmp_path, tree, pool)

    (sip,) = reading.sips
    assert [(each.name_in_dossier, each.record) for each in sip.files] == [
        ("stukken/2020/a.txt", 0)
    ]
    assert codes(reading) == []


def test_records_in_one_flat_folder_find_their_dossier_and_files_by_relation(pool, tmp_path):
    one, two = b"een", b"twee"
    tree = {
        "z/z.MDTO.xml": mdto_xml(obj("z")),
        "z/stuk1.MDTO.xml": mdto_xml(obj("s1", "Archiefstuk", "z")),
        "z/stuk2.MDTO.xml": mdto_xml(obj("s2", "Archiefstuk", "z")),
        "z/een.txt": one,
        "z/een.txt.bestand.MDTO.xml": mdto_xml(bestand("een.txt", one, "s1")),
        "z/twee.txt": two,
        "z/twee.txt.bestand.MDTO.xml": mdto_xml(bestand("twee.txt", two, "s2")),
    }

    reading = read_tree(tmp_path, tree, pool)

    (sip,) = reading.sips
    names = [each.metadata.naam for each in sip.objects]
    assert [each.parent for each in sip.objects] == [None, 0, 0]
    assert {each.name_in_dossier: names[each.record] for each in sip.files} == {
        "een.txt": "Object s1",
        "twee.txt": "Object s2",
    }
    assert codes(reading) == []


def test_a_file_that_only_looks_like_a_sidecar_is_a_record(pool, tmp_path):
    other = b'<note xmlns="urn:other">tekst</note>'
    tree = mdto_dossier() | {
        "zaak-1/vraag.mdto.xml": other,
        "zaak-1/vraag.mdto.xml.bestand.mdto.xml": mdto_xml(
            bestand("vraag.mdto.xml", other, "zaak-1")
        ),
    }

    reading = read_tree(tmp_path, tree, pool)

    assert "vraag.mdto.xml" in [each.name_in_dossier for each in reading.sips[0].files]
    assert codes(reading) == []


def test_a_metadata_file_of_another_program_is_a_record(pool, tmp_path):
    tree = topx_dossier() | {"NL-0085-1/instellingen.metadata": b"\x00\x01 geen xml"}

    reading = read_tree(tmp_path, tree, pool)

    assert [each.where for each in reading.findings if each.code == "I206"] == [
        "NL-0085-1/instellingen.metadata"
    ]


def test_topx_is_read_with_inherited_values_as_mdto(pool, tmp_path):
    reading = read_tree(tmp_path, topx_dossier(), pool)

    (sip,) = reading.sips
    assert ours(reading) == []
    assert sip.shape is Shape.TOPX_SIDECARS
    assert [each.metadata.aggregatieniveau.begripLabel for each in sip.objects] == [
        "Dossier",
        "Archiefstuk",
    ]
    dossier, record = (each.metadata for each in sip.objects)
    assert record.beperkingGebruik == dossier.beperkingGebruik
    assert record.identificatie[0] == Identificatie("NL-0085-1-1", "OWO")
    (file,) = sip.files
    assert file.name_in_dossier == "NL-0085-1-1/brief.txt"
    assert file.metadata.isRepresentatieVan == Verwijzing(record.naam, record.identificatie[0])
    assert file.claimed_size_bytes == 13
    assert [each.algorithm.value for each in file.claimed_digests] == ["sha256"]


def test_topx_in_utf_16_reads_the_same(pool, tmp_path):
    plain = topx_dossier()
    utf16 = {
        path: body.decode().replace("UTF-8", "UTF-16").encode("utf-16")
        if path.endswith(".metadata")
        else body
        for path, body in plain.items()
    }

    one = read_tree(tmp_path / "a", plain, pool)
    other = read_tree(tmp_path / "b", utf16, pool)

    assert [each.metadata for each in other.sips[0].objects] == [
        each.metadata for each in one.sips[0].objects
    ]


@pytest.mark.parametrize("version", ["0.97", "1.0"])
@pytest.mark.parametrize("inner", [mdto_dossier, topx_dossier])
def test_a_bag_is_read_by_what_its_payload_holds(version, inner, pool, tmp_path):
    reading = read_tree(tmp_path, bag_of(inner(), version), pool)

    (sip,) = reading.sips
    assert reading.shape is Shape.BAG
    assert sip.shape in (Shape.MDTO_SIDECARS, Shape.TOPX_SIDECARS)
    assert {"bagit.txt", "manifest-sha256.txt"} <= {each.path for each in sip.sources}
    assert not [each for each in reading.findings if each.severity.value == "error"]


def test_a_bag_per_dossier_beside_another_are_dossiers_of_their_own(pool, tmp_path):
    tree = {f"een/{path}": body for path, body in bag_of(mdto_dossier("zaak-1")).items()}
    tree |= {f"twee/{path}": body for path, body in bag_of(mdto_dossier("zaak-2")).items()}
    tree |= mdto_dossier("zaak-3")

    reading = read_tree(tmp_path, tree, pool)

    assert [each.path for each in reading.sips] == [
        "een/data/zaak-1",
        "twee/data/zaak-2",
        "zaak-3",
    ]


def test_the_payload_of_a_bag_may_be_the_dossier_itself(pool, tmp_path):
    tree = bag_of({path.removeprefix("zaak-1/"): body for path, body in mdto_dossier().items()})

    (sip,) = read_tree(tmp_path, tree, pool).sips

    assert sip.path == "data"
    assert [each.name_in_dossier for each in sip.files] == ["brief/bijlage.txt", "brief/brief.txt"]


def test_sidecars_among_the_tag_files_describe_the_payload(pool, tmp_path):
    dossier = mdto_dossier()
    payload = {path: body for path, body in dossier.items() if not path.endswith(".xml")}
    flat = {
        f"metadata/{path.rsplit('/', 1)[-1]}": b for path, b in dossier.items() if "xml" in path
    }
    tree = bag_of(payload) | flat

    reading = read_tree(tmp_path, tree, pool)

    (sip,) = reading.sips
    assert ours(reading) == []
    assert {each.metadata.naam for each in sip.files} == {"brief.txt", "bijlage.txt"}


def test_a_bag_of_many_keeps_no_list_of_all_files_with_one_dossier(pool, tmp_path):
    tree = bag_of(mdto_dossier("zaak-1") | mdto_dossier("zaak-2"))

    reading = read_tree(tmp_path, tree, pool)

    assert len(reading.sips) == 2
    for sip in reading.sips:
        kept = {each.path for each in sip.sources}
        assert "bagit.txt" in kept
        assert "manifest-sha256.txt" not in kept


def test_mdto_and_topx_dossiers_may_lie_beside_each_other(pool, tmp_path):
    reading = read_tree(tmp_path, mdto_dossier() | topx_dossier(), pool)

    assert sorted(each.shape.value for each in reading.sips) == ["mdto", "topx"]
    assert ours(reading) == []


def test_an_index_gives_a_dossier_with_records_and_valid_mdto(pool, tmp_path):
    reading = read_tree(tmp_path, index_tree(ROW), pool)

    (sip,) = reading.sips
    assert codes(reading) == []
    assert reading.shape is Shape.INDEX
    assert sip.dossier.bewaartermijn.termijnEinddatum == "2026-12-31"
    for each in sip.objects:
        document = read_mdto(mdto_xml(each.metadata), each.source)
        assert (document.root, document.findings) == (each.metadata, ())
        assert [
            one for one in check_mdto(each.metadata, "x") if one.severity.value == "error"
        ] == []
    assert [each.path for each in sip.sources] == ["index.csv", "mapping.toml"]


def test_of_an_index_of_many_dossiers_each_keeps_its_own_rows_alone(pool, tmp_path):
    tree = index_tree(ROW, "Z-2;Bezwaar Jansen;1-2-2020;;B;;b.txt;Bezwaar") | {"b.txt": b"bbb"}

    first, second = read_tree(tmp_path, tree, pool).sips

    assert [each.path for each in first.sources] == ["mapping.toml"]
    assert b"Jansen" not in first.extracts[0].content
    assert b"Jansen" in second.extracts[0].content
    assert first.extracts[0].content.splitlines()[0] == b"Zaaknummer;Omschrijving;Begin;Einde;" + (
        b"Waardering;Termijn;Bestand;Titel"
    )


def test_the_archiefvormer_of_topx_comes_from_the_agreement_when_no_actor_is_named(pool, tmp_path):
    other: Agreement = replace(AGREEMENT, archiefvormer=Verwijzing("Gemeente Weststellingwerf"))

    (sip,) = read_tree(tmp_path, topx_dossier(), pool, other).sips

    assert sip.dossier.archiefvormer == (Verwijzing("Gemeente Weststellingwerf"),)


def test_topx_creators_folders_by_identifier_are_read(pool, tmp_path):
    body = b"%"
    tree = {
        "NL-1/NL-1.metadata": topx_xml(aggregatie("NL-0085-1", openbaarheid=openness())),
        "NL-1/brief.pdf": body,
        "NL-1/brief.pdf.metadata": topx_xml(topx_file("NL-0085-2", "brief.pdf", body)),
    }

    reading = read_tree(tmp_path, tree, pool)

    assert ours(reading) == []
    assert [each.record for each in reading.sips[0].files] == [0]


def test_the_default_agreement_reads_what_names_its_own_archiefvormer(pool, tmp_path):
    reading = read_tree(tmp_path, mdto_dossier(), pool, default_agreement("weststellingwerf"))

    assert codes(reading) == []


def test_a_stem_that_fits_two_files_is_settled_by_the_digest(pool, tmp_path):
    tree = {
        "z/z.MDTO.xml": mdto_xml(obj("z")),
        "z/brief.txt": b"tekst",
        "z/brief.doc": b"document",
        "z/brief.bestand.mdto.xml": mdto_xml(bestand("onbekend", b"tekst", "z")),
        "z/brief.doc.bestand.mdto.xml": mdto_xml(bestand("brief.doc", b"document", "z")),
    }

    (sip,) = read_tree(tmp_path, tree, pool).sips

    assert {each.name_in_dossier: each.metadata.naam for each in sip.files} == {
        "brief.doc": "brief.doc",
        "brief.txt": "onbekend",
    }


def test_a_package_of_our_own_reads_back_as_the_dossier_that_it_was(pool, tmp_path):
    same = b"logo"
    payload = {
        "original/een/brief.txt": b"een",
        "original/een/logo.png": same,
        "original/twee/brief.txt": b"twee",
        "original/twee/logo.png": same,
    }
    metadata = [
        obj("S", "Serie"),
        obj("z", "Dossier", "S"),
        obj("z-1", "Archiefstuk", "z"),
        obj("z-2", "Archiefstuk", "z"),
        bestand("brief.txt", b"een", "z-1"),
        bestand("logo.png", same, "z-1"),
        bestand("brief.txt", b"twee", "z-2"),
        bestand("logo.png", same, "z-2"),
    ]
    tree = bag_of(payload) | {
        f"metadata/mdto/{number:06d}.mdto.xml": mdto_xml(each)
        for number, each in enumerate(metadata)
    }
    tree["metadata/premis.xml"] = b'<premis xmlns="http://www.loc.gov/premis/v3"/>'
    tree["metadata/source/zaak/zaak.MDTO.xml"] = mdto_xml(obj("z"))

    reading = read_tree(tmp_path, tree, pool)

    (sip,) = reading.sips
    assert ours(reading) == []
    assert sip.dossier.naam == "Object z"
    assert [each.metadata.naam for each in sip.context] == ["Object S"]
    assert {each.name_in_dossier: sip.objects[each.record].metadata.naam for each in sip.files} == {
        "een/brief.txt": "Object z-1",
        "een/logo.png": "Object z-1",
        "twee/brief.txt": "Object z-2",
        "twee/logo.png": "Object z-2",
    }
    assert "metadata/source/zaak/zaak.MDTO.xml" in {each.path for each in sip.sources}
