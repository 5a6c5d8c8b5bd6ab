"""The MDTO table against the official XSD: one verdict for every document, whole or broken."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from formats.datatypes import SimpleType
from formats.mdto import schema
from formats.mdto.schema import MDTO, schema_findings
from formats.mdto.write import mdto_xml
from formats.xmldoc import parse_xml
from tests.formats.mdto.documents import (
    BESTANDEN,
    CLASSES,
    INFORMATIEOBJECTEN,
    STANDARD,
    field_names,
    full,
    mutated,
)

MUTATIONS = 6000

with_standard = pytest.mark.skipif(
    not STANDARD.is_dir(), reason="the official MDTO files are not beside this repository"
)


@pytest.fixture(scope="module")
def judge():
    return etree.XMLSchema(etree.parse(str(STANDARD / "MDTO-XML1.0.1.xsd")))


def examples():
    return sorted(STANDARD.glob("*.xml"))


@with_standard
@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem[-30:])
def test_an_official_example_is_valid(path):
    assert schema_findings(parse_xml(path.read_bytes()), path.name) == []


@with_standard
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(INFORMATIEOBJECTEN | BESTANDEN)
def test_every_document_that_we_write_is_valid_by_the_xsd_and_by_us(judge, value):
    content = mdto_xml(value)

    assert judge.validate(etree.fromstring(content))
    assert schema_findings(parse_xml(content), "zaak.xml") == []


@with_standard
@pytest.mark.parametrize("seed", range(4))
def test_every_broken_document_is_judged_as_the_xsd_judges_it(judge, seed):
    rng = random.Random(seed)
    whole = [parse_xml(path.read_bytes()) for path in examples()]
    whole += [
        parse_xml(mdto_xml(full(kind, times)))
        for kind in (schema.INFORMATIEOBJECT, schema.BESTAND)
        for times in (1, 2)
    ]

    verdicts = {True: 0, False: 0}
    differing = []
    for _ in range(MUTATIONS // 4):
        document = mutated(rng.choice(whole), rng)
        valid = judge.validate(etree.fromstring(document))
        verdicts[valid] += 1
        if valid == bool(schema_findings(etree.fromstring(document), "zaak.xml")):
            differing.append(document)

    assert differing == []
    assert min(verdicts.values()) > MUTATIONS / 40


@with_standard
def test_the_table_names_every_element_of_the_xsd_and_no_other():
    xsd = etree.parse(str(STANDARD / "MDTO-XML1.0.1.xsd"))
    declared = {
        (each.get("name"), each.get("minOccurs", "1"), each.get("maxOccurs", "1"))
        for each in xsd.iter("{http://www.w3.org/2001/XMLSchema}element")
    }

    ours = {
        (element.name, str(element.least), str(element.most) if element.most == 1 else "unbounded")
        for kind in (*CLASSES, schema.ROOT)
        for element in kind.elements
    }

    assert ours | {("MDTO", "1", "1")} == declared


@with_standard
def test_the_types_that_have_a_name_are_those_of_the_xsd():
    xsd = etree.parse(str(STANDARD / "MDTO-XML1.0.1.xsd"))
    names = {
        each.get("name")
        for each in xsd.iter("{http://www.w3.org/2001/XMLSchema}complexType")
        if each.get("name")
    }

    assert {kind.name for kind in MDTO.named} == names


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.name)
def test_the_model_has_exactly_the_fields_of_the_schema(kind):
    assert field_names(CLASSES[kind]) == {element.name for element in kind.elements}


CASES = {
    "F500": ("<MDTO ", "<mdto ", "</MDTO>", "</mdto>"),
    "F501": ("<naam>x</naam>", "<Naam>x</Naam><naam>x</naam>"),
    "F502": ("<naam>x</naam>", ""),
    "F503": ("<naam>x</naam>", "<naam>x</naam><naam>x</naam>"),
    "F504": ("<naam>x</naam><omvang>1</omvang>", "<omvang>1</omvang><naam>x</naam>"),
    "F505": ("<omvang>1</omvang>", "<omvang>1 kB</omvang>"),
    "F506": ("<naam>x</naam>", "los<naam>x</naam>"),
    "F507": ("<naam>x</naam>", "<naam><b/></naam>"),
    "F508": ("<naam>", '<naam taal="nl">'),
    "F509": ("<naam>", '<naam xsi:nil="true">'),
}
SMALL = (
    f'<MDTO xmlns="{schema.NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<bestand><identificatie><identificatieKenmerk>k</identificatieKenmerk>"
    "<identificatieBron>b</identificatieBron></identificatie><naam>x</naam><omvang>1</omvang>"
    "<bestandsformaat><begripLabel>PDF</begripLabel><begripBegrippenlijst><verwijzingNaam>l"
    "</verwijzingNaam></begripBegrippenlijst></bestandsformaat><checksum><checksumAlgoritme>"
    "<begripLabel>SHA-256</begripLabel><begripBegrippenlijst><verwijzingNaam>l</verwijzingNaam>"
    "</begripBegrippenlijst></checksumAlgoritme><checksumWaarde>00</checksumWaarde>"
    "<checksumDatum>2026-01-01T00:00:00</checksumDatum></checksum><isRepresentatieVan>"
    "<verwijzingNaam>n</verwijzingNaam></isRepresentatieVan></bestand></MDTO>"
)


@pytest.mark.parametrize("code", CASES)
def test_each_fault_against_the_schema_has_its_code(code):
    document = SMALL
    for old, new in zip(CASES[code][::2], CASES[code][1::2], strict=True):
        assert old in document
        document = document.replace(old, new)

    findings = schema_findings(parse_xml(document.encode()), "zaak.xml")

    assert [each.code for each in findings] == [code]


def test_a_file_with_very_many_faults_says_how_many_more_under_f510():
    document = SMALL.replace("<naam>x</naam>", "<naam>x</naam>" + "<weg/>" * 300)

    findings = schema_findings(parse_xml(document.encode()), "zaak.xml")

    assert (findings[-1].code, findings[-1].found) == ("F510", "100")


def test_no_declared_value_is_left_without_a_type():
    kinds = [element.type for kind in CLASSES for element in kind.elements]

    assert all(isinstance(kind, SimpleType) or kind in CLASSES for kind in kinds)
