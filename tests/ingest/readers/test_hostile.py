"""Hostile deliveries end in findings: no crash, no hang, no dossier that should not be."""

import random
from dataclasses import replace

from formats.findings import Severity, has_errors
from formats.mdto.model import Identificatie, Verwijzing
from formats.mdto.write import mdto_xml
from formats.tmlo.model import Relatie
from formats.tmlo.write import topx_xml
from formats.tools import open_pool
from ingest.read import read_delivery
from ingest.readers.filing import file_everything
from ingest.readers.mdto import file_node, object_node
from ingest.readers.nodes import Placed
from ingest.readers.tree import build_tree
from ingest.sip import StagedFile
from tests.ingest.readers.deliveries import (
    AGREEMENT,
    aggregatie,
    bestand,
    codes,
    index_tree,
    mdto_dossier,
    obj,
    openness,
    read_tree,
    staged,
    sums_of,
    topx_dossier,
)

ROW = "Z-{0};Kap boom;1-2-2020;31-12-2021;V;5 jaar;{1};Aanvraag"


def test_twenty_thousand_rows_of_missing_files_are_told_each(pool, tmp_path):
    rows = [ROW.format(number % 500, f"map\\{number}.pdf") for number in range(20_000)]

    reading = read_tree(tmp_path, index_tree(*rows), pool)

    missing = [each for each in reading.findings if each.code == "I250"]
    assert len(missing) == 20_000
    assert len(reading.sips) == 500
    assert all(has_errors(mine) for mine in reading.by_sip)


def test_an_entity_bomb_as_a_sidecar_is_refused_with_its_dossier(pool, tmp_path):
    bomb = b'<!DOCTYPE MDTO [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><MDTO>&b;</MDTO>'

    reading = read_tree(tmp_path, mdto_dossier() | {"zaak-1/zaak-1.MDTO.xml": bomb}, pool)

    assert reading.sips == ()
    assert [each.path for each in reading.lost] == ["zaak-1"]
    assert "F001" in codes(reading)


def test_a_sidecar_that_its_child_cannot_read_is_told(tmp_path):
    with open_pool(1) as pool:
        folder = tmp_path / "levering"
        reading = read_tree(folder, mdto_dossier(), pool)
        assert codes(reading) == []
        gone = [
            replace(each, place="/weg") if each.path.endswith("brief.MDTO.xml") else each
            for each in staged(folder)
        ]
        again = read_delivery(gone, AGREEMENT, pool)

    assert "I203" in codes(again)
    assert has_errors(again.findings)
    assert str(tmp_path) not in str([each for each in again.findings if each.code != "I203"])


def test_parents_in_a_circle_end_and_are_told(pool, tmp_path):
    tree = {
        f"{name}.MDTO.xml": mdto_xml(obj(name, "Dossier", parent))
        for name, parent in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    }

    reading = read_tree(tmp_path, tree, pool)

    circles = [each for each in reading.findings if each.code == "I213"]
    assert len(circles) == 1
    assert circles[0].severity is Severity.ERROR


def test_a_thousand_objects_with_one_identifier_end(pool, tmp_path):
    tree = {"z/z.MDTO.xml": mdto_xml(obj("z"))}
    for number in range(1_000):
        tree[f"z/{number}/{number}.MDTO.xml"] = mdto_xml(obj("z", "Archiefstuk", "z"))

    reading = read_tree(tmp_path, tree, pool)

    assert len(reading.sips) == 1
    assert len(reading.sips[0].objects) == 1_001


def test_a_folder_a_thousand_deep_is_linked_without_recursion():
    content = b"x"
    folder = "/".join(["m"] * 1_000)
    sidecar = StagedFile(f"{folder}/a.txt.MDTO.xml", "", sums_of(b""))
    nodes = [
        object_node(
            Placed(
                StagedFile("/".join(["m"] * depth) + "/m.MDTO.xml", "", sums_of(b"")),
                "/".join(["m"] * depth) + "/m.MDTO.xml",
            ),
            obj(str(depth), "Dossier" if depth == 1 else "Archiefstuk"),
        )
        for depth in range(1, 1_001)
    ]
    file = StagedFile(f"{folder}/a.txt", "", sums_of(content))

    tree = build_tree(nodes, (), False)
    filing = file_everything(
        [Placed(file, file.path)],
        frozenset(),
        [file_node(Placed(sidecar, sidecar.path), bestand("a.txt", content, "1000"))],
        tree,
    )

    assert filing.findings == ()
    assert [each.record for each in filing.files] == [999]
    assert set(tree.dossier) == {0}


def test_two_dossiers_whose_records_claim_each_others_files_are_both_refused(pool, tmp_path):
    one, two = mdto_dossier("zaak-1"), mdto_dossier("zaak-2")
    name = "brief/brief.txt.bestand.MDTO.xml"
    tree = one | two
    tree[f"zaak-1/{name}"] = mdto_xml(bestand("brief.txt", b"Geachte heer,", "zaak-2-brief"))
    tree[f"zaak-2/{name}"] = mdto_xml(bestand("brief.txt", b"Geachte heer,", "zaak-1-brief"))

    reading = read_tree(tmp_path, tree, pool)

    assert all("I217" in [one.code for one in mine] for mine in reading.by_sip)
    for sip in reading.sips:
        assert all(each.file.path.startswith(sip.path) for each in sip.files)


def test_a_utf_16_topx_with_a_doctype_is_refused(pool, tmp_path):
    bomb = (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE ToPX [<!ENTITY a "b">]><ToPX>&a;</ToPX>'
    )
    tree = topx_dossier() | {"NL-0085-1/NL-0085-1.metadata": bomb.encode("utf-16")}

    reading = read_tree(tmp_path, tree, pool)

    assert reading.sips == ()
    assert "F001" in codes(reading)


def test_the_records_of_a_broken_series_keep_their_dossiers_but_refuse_them(pool, tmp_path):
    tree = {f"serie/{path}": body for path, body in mdto_dossier().items()}
    tree["serie/serie.MDTO.xml"] = b"<MDTO"

    reading = read_tree(tmp_path, tree, pool)

    assert [each.path for each in reading.sips] == ["serie/zaak-1"]
    assert has_errors(reading.by_sip[0])


def test_sidecars_that_are_not_xml_at_all_are_findings(pool, tmp_path):
    noise = random.Random(1).randbytes(2_000)
    tree = mdto_dossier() | {
        "zaak-1/ruis.MDTO.xml": noise,
        "zaak-1/nul.MDTO.xml": b"",
        "zaak-1/tekst.bestand.mdto.xml": b"geen xml",
    }

    reading = read_tree(tmp_path, tree, pool)

    wrong = {each.where.split(",")[0] for each in reading.by_sip[0]}
    assert wrong == {"zaak-1/ruis.MDTO.xml", "zaak-1/nul.MDTO.xml", "zaak-1/tekst.bestand.mdto.xml"}


def test_names_of_an_index_never_reach_the_file_system(pool, tmp_path):
    paths = [
        "/etc/passwd",
        r"C:\Windows\win.ini",
        r"\\server\share\x",
        "../a.txt",
        "a.txt/..",
        "~/x",
    ]
    rows = [ROW.format(number, path) for number, path in enumerate(paths)]

    reading = read_tree(tmp_path, index_tree(*rows), pool)

    assert [each.code for each in reading.findings].count("I252") == 5
    assert [each.code for each in reading.findings].count("I250") == 1
    assert not any(sip.files for sip in reading.sips)


def test_a_path_prefix_of_another_computer_is_taken_off(pool, tmp_path):
    tree = index_tree(ROW.format(1, r"D:\Export\2026\A.txt"))
    tree["mapping.toml"] = b"path_prefix = 'd:\\export\\2026'\n" + tree["mapping.toml"]

    reading = read_tree(tmp_path, tree, pool)

    assert codes(reading) == ["I260"]
    assert [each.file.path for each in reading.sips[0].files] == ["a.txt"]


def test_a_level_that_nobody_knows_is_no_dossier_of_its_own_below_another(pool, tmp_path):
    strange = replace(obj("x", "Archiefstuk", "zaak-1"), aggregatieniveau=None)

    reading = read_tree(tmp_path, mdto_dossier() | {"zaak-1/x/x.MDTO.xml": mdto_xml(strange)}, pool)

    assert [each.path for each in reading.sips] == ["zaak-1"]


def test_topx_records_that_name_a_parent_elsewhere_are_told(pool, tmp_path):
    relation = (Relatie(relatieID="NL-0085-2", typeRelatie="Is onderdeel van"),)
    tree = topx_dossier("NL-0085-1") | topx_dossier("NL-0085-2")
    tree["NL-0085-1/NL-0085-1-1/NL-0085-1-1.metadata"] = topx_xml(
        aggregatie("NL-0085-1-1", "Record", relatie=relation)
    )

    reading = read_tree(tmp_path, tree, pool)

    assert "I212" in [each.code for each in reading.by_sip[0]]


def test_a_dossier_reference_by_identifier_of_another_source_still_finds_it(pool, tmp_path):
    content = b"x"
    told = replace(
        bestand("a.txt", content, "z"),
        isRepresentatieVan=Verwijzing("z", Identificatie("z", "Andere bron")),
    )
    tree = {
        "z/z.MDTO.xml": mdto_xml(obj("z")),
        "z/a.txt": content,
        "z/a.txt.MDTO.xml": mdto_xml(told),
    }

    assert codes(read_tree(tmp_path, tree, pool)) == []


def test_openness_is_inherited_from_a_series_too(pool, tmp_path):
    tree = {f"s/{path}": body for path, body in topx_dossier().items()}
    tree["s/s.metadata"] = topx_xml(aggregatie("NL-0085-S", "Serie", openbaarheid=openness()))
    tree["s/NL-0085-1/NL-0085-1.metadata"] = topx_xml(aggregatie("NL-0085-1"))

    (sip,) = read_tree(tmp_path, tree, pool).sips

    assert sip.context[0].metadata.beperkingGebruik == sip.dossier.beperkingGebruik
