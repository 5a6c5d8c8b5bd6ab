"""Relations within a set: told apart, hanging together, and never in a circle."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.findings import Severity, explain
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_pronom,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import Bestand, Identificatie, Informatieobject, Verwijzing
from formats.mdto.relations import check_relations


def to(name):
    return Verwijzing(f"Naam van {name}", Identificatie(name, "Zaaksysteem"))


def thing(name, level="Dossier", **parts):
    value = Informatieobject(
        identificatie=(Identificatie(name, "Zaaksysteem"),),
        naam=f"Naam van {name}",
        waardering=begrip_waardering("B"),
        archiefvormer=(Verwijzing("Gemeente"),),
        beperkingGebruik=(geen_beperking(),),
        aggregatieniveau=begrip_aggregatieniveau(level),
    )
    return f"{name}.xml", replace(value, **parts)


def file(name, represents):
    identification = (Identificatie(name, "Zaaksysteem"),)
    format_term = begrip_pronom("fmt/276", "PDF")
    return f"{name}.xml", Bestand(identification, f"{name}.pdf", 1, format_term, (), represents)


DOSSIER = thing("D", isOnderdeelVan=(to("Serie buiten"),), bevatOnderdeel=(to("S1"),))
RECORD = thing("S1", "Archiefstuk", isOnderdeelVan=(to("D"),), heeftRepresentatie=(to("B1"),))
FILE = file("B1", to("S1"))


def found(*objects):
    return [(each.code, each.where, each.found) for each in check_relations(objects)]


def test_a_whole_dossier_is_told_only_that_its_series_is_elsewhere():
    findings = check_relations([DOSSIER, RECORD, FILE])

    assert [(each.code, each.severity) for each in findings] == [("F561", Severity.INFO)]


CASES = {
    "F560": [thing("A"), thing("A", naam="Ander")],
    "F561": [thing("A", isOnderdeelVan=(to("weg"),))],
    "F562": [thing("A"), thing("S", "Archiefstuk", isOnderdeelVan=(to("weg"),))],
    "F563": [thing("A"), file("B", to("weg"))],
    "F564": [thing("A", bevatOnderdeel=(to("weg"),))],
    "F565": [thing("A", heeftRepresentatie=(to("weg"),))],
    "F566": [thing("A", isOnderdeelVan=(to("A"),))],
    "F567": [thing("A", heeftRepresentatie=(to("A"),))],
}


@pytest.mark.parametrize("code", CASES)
def test_each_fault_between_objects_has_its_code(code):
    findings = check_relations(CASES[code])

    assert [each.code for each in findings] == [code]
    assert explain(findings[0], "nl").text != explain(findings[0], "en").text


@pytest.mark.parametrize(
    "objects",
    [
        [file("B", to("C")), file("C", to("A")), thing("A")],
        [thing("A", isOnderdeelVan=(to("B"),)), file("B", to("A"))],
        [thing("A", bevatOnderdeel=(to("B"),)), file("B", to("A"))],
    ],
)
def test_a_reference_to_the_wrong_kind_is_told_under_f567(objects):
    assert [each[0] for each in found(*objects)] == ["F567"]


def test_a_circle_through_both_directions_is_one_finding():
    one = thing("A", isOnderdeelVan=(to("C"),))
    two = thing("B", isOnderdeelVan=(to("A"),), bevatOnderdeel=(to("C"),))
    three = thing("C")

    assert found(one, two, three) == [
        ("F566", "B.xml, isOnderdeelVan", "A.xml > C.xml > B.xml > A.xml")
    ]


def test_the_same_relation_told_from_both_ends_is_no_circle():
    assert found(thing("A", bevatOnderdeel=(to("S"),)), thing("S", isOnderdeelVan=(to("A"),))) == []


def test_a_reference_without_identification_is_followed_by_a_name_that_is_unique():
    by_name = Verwijzing("Naam van A")

    assert found(thing("A"), file("B", by_name)) == []
    assert found(thing("A"), thing("C", naam="Naam van A"), file("B", by_name)) == [
        ("F563", "B.xml, isRepresentatieVan", "Naam van A")
    ]


def test_a_record_and_its_file_may_bear_one_name():
    record = thing("A", naam="brief.pdf", heeftRepresentatie=(Verwijzing("brief.pdf"),))
    _place, value = file("B", Verwijzing("brief.pdf"))

    assert found(record, ("B.xml", replace(value, naam="brief.pdf"))) == []


def test_an_identifier_counts_only_within_its_source():
    elsewhere = Verwijzing("Naam van A", Identificatie("A", "Ander systeem"))

    assert found(thing("A"), file("B", elsewhere)) == [
        ("F563", "B.xml, isRepresentatieVan", "A (Ander systeem)")
    ]


def test_loose_records_of_a_dossier_elsewhere_are_all_at_the_top():
    records = [thing(f"S{n}", "Archiefstuk", isOnderdeelVan=(to("weg"),)) for n in range(3)]

    assert [each[0] for each in found(*records)] == ["F561"] * 3


def test_a_part_that_its_whole_names_may_not_refer_elsewhere():
    whole = thing("A", bevatOnderdeel=(to("B"),))
    part = thing("B", isOnderdeelVan=(to("weg"),))

    assert [each[0] for each in found(whole, part)] == ["F562"]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_a_circle_is_found_exactly_when_walking_up_never_ends(parents):
    objects = []
    for number, parent in enumerate(parents):
        up = (to(str(parent)),) if parent < len(parents) else ()
        objects.append(thing(str(number), isOnderdeelVan=up))

    circles = [each for each in check_relations(objects) if each.code == "F566"]

    assert bool(circles) == any(_walks_for_ever(start, parents) for start in range(len(parents)))


def _walks_for_ever(start, parents):
    at, steps = start, 0
    while at < len(parents) and steps <= len(parents):
        at, steps = parents[at], steps + 1
    return steps > len(parents)


def test_a_dossier_of_very_many_parts_and_a_very_deep_one_are_judged():
    wide = [thing("D"), *(file(f"B{n}", to("D")) for n in range(20_000))]
    deep = [thing(str(n), isOnderdeelVan=(to(str(n + 1)),)) for n in range(5_000)]

    assert check_relations(wide) == []
    assert [each.code for each in check_relations([*deep, thing("5000")])] == []
