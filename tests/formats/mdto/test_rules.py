"""The rules of MDTO beyond its schema: for each code a value that earns it, and none for none."""

from dataclasses import replace

import pytest
from lxml import etree

from formats.digest import Algorithm
from formats.findings import Severity, explain, has_errors
from formats.mdto.lists import (
    Waardering,
    begrip_aggregatieniveau,
    begrip_beperking,
    begrip_betrokkene,
    begrip_checksum,
    begrip_event,
    begrip_pronom,
    begrip_relatie,
    begrip_waardering,
    geen_beperking,
    waardering_of,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Bestand,
    Betrokkene,
    Checksum,
    DekkingInTijd,
    Event,
    GerelateerdInformatieobject,
    Identificatie,
    Informatieobject,
    Raadpleeglocatie,
    Termijn,
    Verwijzing,
)
from formats.mdto.read import read_mdto
from formats.mdto.rules import check_mdto
from formats.mdto.write import mdto_xml
from tests.formats.mdto.documents import EDGE_TEXTS, STANDARD

EIGEN = Verwijzing("Begrippenlijst gemeente Ooststellingwerf")
MDTO_LIST = Verwijzing("Begrippenlijst van MDTO")
CLOSING = Begrip("Sluiting zaak", EIGEN)
DOSSIER = Informatieobject(
    identificatie=(Identificatie("ZAAK-2026-001", "Zaaksysteem"),),
    naam="Omgevingsvergunning Stationsstraat 12",
    waardering=begrip_waardering("V"),
    archiefvormer=(Verwijzing("Gemeente Ooststellingwerf"),),
    beperkingGebruik=(geen_beperking(),),
    aggregatieniveau=begrip_aggregatieniveau("Dossier"),
    taal=("nl",),
    event=(Event(begrip_event("Creatie"), "2026-03-01"),),
    bewaartermijn=Termijn(CLOSING, "2026-03-01", "P7Y", "2033-03-01"),
    betrokkene=(Betrokkene(begrip_betrokkene("Indiener"), Verwijzing("Aanvrager")),),
    gerelateerdInformatieobject=(
        GerelateerdInformatieobject(Verwijzing("ZAAK-2025-9"), begrip_relatie("Refereert aan")),
    ),
    dekkingInTijd=(DekkingInTijd(Begrip("Looptijd", EIGEN), "2026-01", "2026-03-01"),),
    raadpleeglocatie=(Raadpleeglocatie((), ("https://example.org/zaak/1",)),),
)
SUM = "ab" * 32
FILE = Bestand(
    identificatie=(Identificatie("B1", "Zaaksysteem"),),
    naam="besluit.pdf",
    omvang=1234,
    bestandsformaat=begrip_pronom("fmt/276", "Acrobat PDF 1.7"),
    checksum=(Checksum(begrip_checksum(Algorithm.SHA256), SUM, "2026-03-01T12:00:00+01:00"),),
    isRepresentatieVan=Verwijzing("Besluit"),
    URLBestand="https://example.org/besluit.pdf",
)


def termed(**parts):
    return replace(DOSSIER, bewaartermijn=Termijn(**parts))


def summed(algorithm, value=SUM):
    named = Checksum(Begrip(algorithm, EIGEN), value, "2026-03-01T12:00:00")
    return replace(FILE, checksum=(named,))


def judged(code, label="Tijdelijk te bewaren", **parts):
    return replace(DOSSIER, waardering=Begrip(label, EIGEN, code), **parts)


def restricted(label, description=None, term=None):
    kind = Begrip(label, EIGEN)
    return replace(DOSSIER, beperkingGebruik=(BeperkingGebruik(kind, description, (), term),))


def covered(begin, end):
    kind = Begrip("Looptijd", EIGEN)
    return replace(DOSSIER, dekkingInTijd=(DekkingInTijd(kind, begin, end),))


def online(url):
    return replace(DOSSIER, raadpleeglocatie=(Raadpleeglocatie((), (url,)),))


P7Y = "P7Y"
CASES = [
    ("F502", replace(DOSSIER, archiefvormer=())),
    ("F502", replace(FILE, checksum=())),
    ("F505", termed(termijnEinddatum="31-12-2033")),
    ("F505", termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd="P6W")),
    ("F505", replace(DOSSIER, taal=("Nederlands",))),
    ("F520", replace(DOSSIER, naam="")),
    ("F520", replace(DOSSIER, naam=" \t\n")),
    ("F520", replace(DOSSIER, omschrijving=("",))),
    ("F520", replace(DOSSIER, archiefvormer=(Verwijzing(""),))),
    ("F520", replace(FILE, URLBestand="")),
    ("F521", replace(DOSSIER, naam="plak\x0bwerk")),
    ("F522", judged("X")),
    ("F522", judged("v")),
    ("F522", judged(None, "Bewaren")),
    ("F522", judged("X", "Onbekend")),
    ("F523", judged("B")),
    ("F523", judged("V", "Blijvend te bewaren")),
    ("F524", judged(None)),
    ("F524", judged(None, "V")),
    ("F525", replace(DOSSIER, waardering=begrip_waardering("B"))),
    ("F525", replace(DOSSIER, waardering=begrip_waardering("N"))),
    ("F526", judged("V", "Vernietigen")),
    ("F527", replace(DOSSIER, bewaartermijn=None)),
    ("F528", termed(termijnLooptijd=P7Y)),
    ("F528", termed(termijnTriggerStartLooptijd=CLOSING)),
    ("F528", termed()),
    ("F528", restricted("Beperkt openbaar", None, Termijn())),
    ("F529", termed(termijnStartdatumLooptijd="2026-03-01", termijnEinddatum="2025")),
    ("F530", covered("2026-03", "2026-02-28")),
    ("F530", covered("2026", "2025-12")),
    ("F531", termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd="-P7Y")),
    ("F532", termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd="PT1.S")),
    ("F532", termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd="PT.5S")),
    ("F533", replace(DOSSIER, taal=("dut",))),
    ("F533", replace(DOSSIER, taal=("nld-NL",))),
    ("F534", restricted("Overig")),
    ("F534", restricted("overig ")),
    ("F535", summed("SHA-256", "ab" * 20)),
    ("F535", summed("SHA-512")),
    ("F535", summed("SHA-256", "zz" * 32)),
    ("F536", summed("MD5", "ab" * 16)),
    ("F536", summed("sha_1", "ab" * 20)),
    ("F537", summed("CRC32", "abcd1234")),
    (
        "F538",
        replace(
            FILE, checksum=(FILE.checksum[0], replace(FILE.checksum[0], checksumWaarde="cd" * 32))
        ),
    ),
    ("F539", replace(FILE, omvang=-1)),
    ("F540", replace(DOSSIER, aggregatieniveau=Begrip("Zaak", MDTO_LIST))),
    ("F540", replace(DOSSIER, event=(Event(Begrip("Afsluiting", MDTO_LIST)),))),
    ("F541", replace(FILE, bestandsformaat=begrip_pronom("pdf", "PDF"))),
    ("F541", replace(FILE, bestandsformaat=Begrip("PDF", Verwijzing("PRONOM")))),
    ("F542", replace(DOSSIER, identificatie=DOSSIER.identificatie * 2)),
    (
        "F543",
        termed(
            termijnTriggerStartLooptijd=CLOSING,
            termijnStartdatumLooptijd="2026-03-01",
            termijnLooptijd=P7Y,
        ),
    ),
    (
        "F544",
        termed(
            termijnStartdatumLooptijd="2026-03-01",
            termijnLooptijd=P7Y,
            termijnEinddatum="2033-02-28",
        ),
    ),
    ("F546", online("javascript:alert(1)")),
    ("F546", online("file:///c:/zaak")),
    ("F546", replace(FILE, URLBestand=" DATA:text/html,x")),
    ("F547", online("zaken/1")),
    ("F547", replace(FILE, URLBestand="https://example.org/een besluit.pdf")),
]


@pytest.mark.parametrize(
    ("code", "value"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_a_value_that_breaks_a_rule_earns_its_code_and_no_other(code, value):
    findings = check_mdto(value, "map/zaak.xml")

    assert [each.code for each in findings] == [code]
    assert findings[0].where.startswith("map/zaak.xml")
    assert explain(findings[0], "nl").text != explain(findings[0], "en").text


GOOD = [
    DOSSIER,
    FILE,
    replace(DOSSIER, waardering=begrip_waardering("B"), bewaartermijn=None),
    replace(DOSSIER, waardering=begrip_waardering("N"), bewaartermijn=None),
    judged("V", " tijdelijk  te bewaren"),
    termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd="P42D"),
    termed(termijnEinddatum="2033"),
    termed(
        termijnStartdatumLooptijd="2024-02-29", termijnLooptijd="P1Y", termijnEinddatum="2025-02-28"
    ),
    termed(termijnStartdatumLooptijd="2026-03-01", termijnLooptijd=P7Y, termijnEinddatum="2033"),
    termed(termijnStartdatumLooptijd="2026-03-01", termijnLooptijd=P7Y, termijnEinddatum="2033-03"),
    termed(
        termijnStartdatumLooptijd="2026-03-01", termijnLooptijd="P0D", termijnEinddatum="2026-03-01"
    ),
    covered("2026-03-15", "2026"),
    covered("2026-03-15", "2026-03"),
    restricted("Overig", "Alleen in te zien na toestemming."),
    summed("SHA256", SUM.upper()),
    summed("sha-512", "0f" * 64),
    replace(DOSSIER, aggregatieniveau=Begrip("Zaak", EIGEN)),
    replace(FILE, bestandsformaat=Begrip("PDF", EIGEN)),
    replace(FILE, URLBestand=None, omvang=0),
    restricted("Beperkt openbaar", None, Termijn(termijnEinddatum="2050")),
]


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_a_right_value_has_no_finding(number):
    assert check_mdto(GOOD[number], "zaak.xml") == []


def test_a_record_without_term_is_told_but_not_warned_about():
    record = replace(
        DOSSIER, bewaartermijn=None, aggregatieniveau=begrip_aggregatieniveau("Archiefstuk")
    )

    assert [(each.code, each.severity) for each in check_mdto(record, "x")] == [
        ("F527", Severity.INFO)
    ]


def test_a_finding_names_the_path_of_the_element():
    empty = Verwijzing("Register", Identificatie("", "OIN"))
    value = replace(DOSSIER, archiefvormer=(*DOSSIER.archiefvormer, empty))

    (found,) = check_mdto(value, "map/zaak.xml")

    assert found.where == (
        "map/zaak.xml, archiefvormer[2]/verwijzingIdentificatie/identificatieKenmerk"
    )


def test_the_appraisal_of_a_term_is_never_guessed():
    assert waardering_of(begrip_waardering("V")) is Waardering.TIJDELIJK
    assert waardering_of(Begrip("Blijvend te bewaren", EIGEN)) is Waardering.BLIJVEND
    assert waardering_of(Begrip("Blijvend te bewaren", EIGEN, "V")) is None
    assert waardering_of(Begrip("Vernietigen", EIGEN)) is None
    with pytest.raises(ValueError, match="X"):
        begrip_waardering("X")


def test_the_makers_spell_as_mdto_does():
    assert [begrip_checksum(each).begripLabel for each in Algorithm] == [
        *("MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
    ]
    assert begrip_pronom("fmt/276", "PDF").begripCode == "fmt/276"
    assert geen_beperking().beperkingGebruikType == begrip_beperking("Geen beperking")


@pytest.mark.skipif(
    not STANDARD.is_dir(), reason="the official MDTO files are not beside this repository"
)
def test_the_official_examples_break_no_rule():
    for path in sorted(STANDARD.glob("*.xml")):
        root = read_mdto(path.read_bytes(), path.name).root

        assert root is not None
        assert check_mdto(root, path.name) == []


def _with_each_text(text):
    yield replace(DOSSIER, naam=text)
    yield replace(DOSSIER, taal=(text,))
    yield replace(DOSSIER, event=(Event(begrip_event("Creatie"), text),))
    yield termed(termijnEinddatum=text)
    yield termed(termijnStartdatumLooptijd=text, termijnEinddatum="2099")
    yield termed(termijnTriggerStartLooptijd=CLOSING, termijnLooptijd=text)
    yield covered(text, None)
    yield online(text)
    yield replace(FILE, URLBestand=text)
    yield replace(FILE, checksum=(replace(FILE.checksum[0], checksumDatum=text),))


@pytest.mark.skipif(
    not STANDARD.is_dir(), reason="the official MDTO files are not beside this repository"
)
def test_a_value_without_errors_always_gives_a_document_that_the_xsd_takes():
    judge = etree.XMLSchema(etree.parse(str(STANDARD / "MDTO-XML1.0.1.xsd")))
    values = [value for text in EDGE_TEXTS for value in _with_each_text(text)]

    sound = [value for value in values if not has_errors(check_mdto(value, "zaak.xml"))]

    assert len(sound) > 300
    assert [v for v in sound if not judge.validate(etree.fromstring(mdto_xml(v)))] == []
