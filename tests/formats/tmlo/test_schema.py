"""Our judgement of ToPX is that of the official schema, and the table has all that it has."""

import csv
import random

import pytest
from lxml import etree

from formats.findings import Severity
from formats.schema import UNBOUNDED, ComplexType, Element
from formats.tmlo import model
from formats.tmlo.read import check_topx
from formats.tmlo.schema import TOPX_2_3_2
from tests.formats.tmlo.documents import SHARED, mutated, random_document, topx_xsd


def disagreements(count, seed):
    """Documents on which the official schema and our table differ, over so many mutations."""
    rng = random.Random(seed)
    xsd = topx_xsd()
    found = []
    for number in range(count):
        if number % 20 == 0:
            tree = random_document(rng)
        root = mutated(tree, rng)
        if xsd.validate(root) != (not check_topx(root, "x")):
            found.append((etree.tostring(root).decode(), str(xsd.error_log)[:300]))
    return found


def test_a_generated_document_is_valid_for_both():
    xsd = topx_xsd()
    rng = random.Random(1)
    for _ in range(150):
        root = random_document(rng)

        assert xsd.validate(root), xsd.error_log
        assert check_topx(root, "x") == []


def test_our_judgement_of_mutated_documents_is_that_of_the_official_schema():
    assert disagreements(6_000, seed=20261124) == []


def test_the_table_has_every_element_of_the_official_schema_as_often():
    path = SHARED / "topx" / "elements.csv"
    if not path.exists():
        pytest.skip("the flattened official schema is not beside the repository")
    with path.open(encoding="utf-8") as stream:
        official = {row["path"]: (row["min"], row["max"]) for row in csv.DictReader(stream)}

    ours = dict(flattened(TOPX_2_3_2.root, ""))

    assert ours == official


def flattened(element: Element, above: str):
    path = f"{above}/{element.name}"
    most = "unbounded" if element.most == UNBOUNDED else str(element.most)
    yield path, (str(element.least), most)
    if isinstance(element.type, ComplexType):
        for child in element.type.elements:
            yield from flattened(child, path)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (model.Aggregatie, "aggregatieType"),
        (model.Bestand, "bestandType"),
        (model.Classificatie, "classificatieType"),
        (model.Dekking, "dekkingType"),
        (model.ExternIdentificatiekenmerk, "externIdentificatiekenmerkType"),
        (model.EventGeschiedenis, "eventGeschiedenisType"),
        (model.EventPlan, "eventPlanType"),
        (model.Relatie, "relatieType"),
        (model.Context, "contextType"),
        (model.Actor, "actorType"),
        (model.Activiteit, "activiteitType"),
        (model.Gebruiksrechten, "gebruiksrechtenType"),
        (model.Vertrouwelijkheid, "vertrouwelijkheidType"),
        (model.Openbaarheid, "openbaarheidType"),
        (model.Vorm, "vormType"),
        (model.Formaat, "formaatType"),
        (model.Bestandsnaam, "bestandsnaamType"),
        (model.Creatieapplicatie, "creatieApplicatieType"),
        (model.FysiekeIntegriteit, "fysiekeIntegriteitType"),
        (model.DatumOfPeriode, "datumOfPeriodeType"),
        (model.DatumOfJaar, "datumOfJaarType"),
        (model.Periode, "periodeType"),
    ],
)
def test_the_fields_of_a_value_stand_in_the_order_of_the_schema(kind, name):
    (table,) = [each for each in TOPX_2_3_2.named if each.name == name]

    assert list(kind.__dataclass_fields__) == [each.name for each in table.elements]


def test_a_length_that_only_2_3_2_forbids_is_a_warning():
    root = etree.fromstring(
        f'<ToPX xmlns="{model.NAMESPACE}"><aggregatie>'
        f"<identificatiekenmerk>{'x' * 256}</identificatiekenmerk>"
        "<aggregatieniveau>Dossier</aggregatieniveau>"
        f"<naam>{'y' * 300}</naam><omschrijving>{'z' * 2001}</omschrijving>"
        "</aggregatie></ToPX>"
    )

    findings = check_topx(root, "a.metadata")

    assert [(f.code, f.severity, f.found, f.expected) for f in findings] == [
        ("F611", Severity.WARNING, "256", "255"),
        ("F611", Severity.WARNING, "300", "255"),
        ("F611", Severity.WARNING, "2001", "2000"),
    ]
