"""Writing ToPX and reading it back, in every version and encoding in use."""

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from formats.findings import Severity, has_errors
from formats.tmlo.model import (
    Aggregatie,
    Bestand,
    Bestandsnaam,
    DatumOfPeriode,
    Formaat,
    GeneriekeMetadata,
    Openbaarheid,
    Vorm,
)
from formats.tmlo.read import read_topx
from formats.tmlo.write import topx_xml
from formats.xmltext import legal
from tests.formats.tmlo.documents import LEVELS, NS, topx_xsd

QUICK = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

DOSSIER = Aggregatie(identificatiekenmerk="NL-0085-1", aggregatieniveau="Dossier", naam=("Kap",))


@QUICK
@given(LEVELS)
def test_what_is_written_is_read_back_the_same_and_is_valid(value):
    content = topx_xml(value)

    document = read_topx(content, "a.metadata")

    assert document.root == value
    assert not has_errors(document.findings)
    assert topx_xsd().validate(etree.fromstring(content)), topx_xsd().error_log


def test_the_same_value_gives_the_same_bytes():
    first = topx_xml(DOSSIER)

    assert first == topx_xml(DOSSIER)
    assert first.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<ToPX xmlns="' + NS.encode())


def test_signs_that_xml_cannot_hold_become_the_replacement_sign():
    value = Aggregatie(identificatiekenmerk="1", aggregatieniveau="Dossier", naam=("a\x00b\ud800",))

    assert read_topx(topx_xml(value), "x").root.naam == ("a\ufffdb\ufffd",)
    assert legal("\t\r\n \U0001f600") == "\t\r\n \U0001f600"


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-8", "ISO-8859-1"])
def test_a_document_in_another_encoding_reads_the_same(encoding):
    value = Aggregatie(identificatiekenmerk="1", aggregatieniveau="Serie", naam=("Bezwaar é",))
    text = topx_xml(value).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')

    document = read_topx(text.encode(encoding), "map/map.metadata")

    assert document.root == value
    assert document.findings == ()


def test_the_optional_attributes_are_tolerated_on_values_and_groups():
    content = topx(
        '<aggregatie lokaal="1"><identificatiekenmerk type="uuid">1</identificatiekenmerk>'
        '<aggregatieniveau bronElement="niveau">Dossier</aggregatieniveau>'
        '<naam lokaal="ja" type="t" bronElement="titel">Kap</naam></aggregatie>'
    )

    document = read_topx(content, "x")

    assert document.findings == ()
    assert document.root.naam == ("Kap",)


def test_other_standards_within_generieke_metadata_are_kept():
    inside = '<zaak xmlns="urn:zaak" nr="1"><a xmlns="">é &amp; x</a></zaak>'
    content = topx(aggregatie(f"<generiekeMetadata>{inside}<kaal xmlns=''/></generiekeMetadata>"))

    value = read_topx(content, "x").root

    assert value.generiekeMetadata == (GeneriekeMetadata((inside, '<kaal xmlns=""></kaal>')),)
    assert read_topx(topx_xml(value), "x").root == value


def test_a_size_beyond_any_file_is_refused():
    file = Bestand(
        identificatiekenmerk="1",
        naam=("a",),
        vorm=Vorm(redactieGenre="brief"),
        formaat=(
            Formaat(identificatiekenmerk="1", bestandsnaam=Bestandsnaam(naam="a"), omvang=12),
        ),
    )
    content = topx_xml(file).replace(b">12<", b">" + b"9" * 5000 + b"<")

    document = read_topx(content, "x")

    assert document.root is None
    assert [each.code for each in document.findings] == ["F612"]


def test_a_sender_of_nothing_but_lengths_too_long_is_warned_and_read():
    content = topx(aggregatie(f"<omschrijving>{'x' * 2500}</omschrijving>"))

    document = read_topx(content, "x")

    assert document.root.omschrijving == ("x" * 2500,)
    assert [(each.code, each.severity) for each in document.findings] == [
        ("F611", Severity.WARNING)
    ]


def test_an_empty_openness_is_public_by_default_and_that_is_told():
    content = topx(
        aggregatie(
            "<openbaarheid><omschrijvingBeperkingen/>"
            "<datumOfPeriode><jaar>2020</jaar></datumOfPeriode></openbaarheid>"
        )
    )

    document = read_topx(content, "x")

    assert document.root.openbaarheid == (Openbaarheid(datumOfPeriode=DatumOfPeriode(jaar="2020")),)
    assert [each.code for each in document.findings] == ["F613"]


def topx(inside):
    """A ToPX document with this inside."""
    return f'<ToPX xmlns="{NS}">{inside}</ToPX>'.encode()


def aggregatie(more="", level="Dossier"):
    """An aggregation with its mandatory elements, and more after the name."""
    return (
        f"<aggregatie><identificatiekenmerk>NL-0085-1</identificatiekenmerk>"
        f"<aggregatieniveau>{level}</aggregatieniveau><naam>Kap</naam>{more}</aggregatie>"
    )


BROKEN = [
    ("F600", b"<MDTO/>"),
    ("F601", topx(aggregatie("<trefwoord>x</trefwoord>"))),
    ("F602", topx(aggregatie().replace("<naam>Kap</naam>", ""))),
    ("F603", topx(aggregatie("<plaats>a</plaats><plaats>b</plaats>"))),
    ("F604", topx(aggregatie("<taal>dut</taal><plaats>a</plaats>"))),
    ("F605", topx(aggregatie(level="dossier"))),
    ("F606", topx("tekst" + aggregatie())),
    ("F607", topx(aggregatie("<plaats><b>x</b></plaats>"))),
    ("F608", topx(aggregatie().replace("<naam>", "<naam soort='1'>"))),
    (
        "F609",
        topx(
            aggregatie().replace(
                "<naam>", "<naam xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'>"
            )
        ),
    ),
    ("F610", topx(aggregatie("<x/>" * 300))),
    ("F002", b"<ToPX"),
    ("F001", b"<!DOCTYPE a><a/>"),
]


@pytest.mark.parametrize(("code", "content"), BROKEN, ids=[code for code, _ in BROKEN])
def test_a_document_that_departs_from_the_schema_is_not_read(code, content):
    document = read_topx(content, "dossier/dossier.metadata")

    assert document.root is None
    assert code in {each.code for each in document.findings}
    assert all(each.where.startswith("dossier/dossier.metadata") for each in document.findings)
