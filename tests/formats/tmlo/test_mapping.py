"""From TMLO to MDTO and back: always valid, and with the traps of the mapping stepped over."""

from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from formats.digest import Sums
from formats.findings import has_errors
from formats.mdto import model as mdto
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_beperking,
    begrip_event,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.write import mdto_xml
from formats.tmlo.from_mdto import file_from_mdto, from_mdto
from formats.tmlo.lists import mdto_taal, topx_taal
from formats.tmlo.model import (
    Activiteit,
    Actor,
    Aggregatie,
    Bestand,
    Bestandsnaam,
    Classificatie,
    Context,
    DatumOfJaar,
    DatumOfPeriode,
    Dekking,
    EventGeschiedenis,
    EventPlan,
    ExternIdentificatiekenmerk,
    Formaat,
    FysiekeIntegriteit,
    Gebruiksrechten,
    Openbaarheid,
    Periode,
    Relatie,
    Vertrouwelijkheid,
    Vorm,
)
from formats.tmlo.read import read_topx
from formats.tmlo.to_mdto import Measured, file_name, file_to_mdto, to_mdto
from formats.tmlo.write import topx_xml
from tests.formats.tmlo.documents import (
    AGGREGATIES,
    BESTANDEN,
    DAYS,
    INSTANTS,
    SIGNS,
    YEARS,
    mdto_xsd,
    topx_xsd,
)

QUICK = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
GEMEENTE = mdto.Verwijzing("Gemeente Opsterland", mdto.Identificatie("gm0086", "TOOI"))
BRON = "Zaaksysteem"

LONG = st.sampled_from(["x" * 256, "lang " * 500, "\U0001f600" * 2001])
TEXTS = st.text(SIGNS, max_size=6) | st.sampled_from(["Openbaar", "Geheim", "B"]) | LONG
MONTHS = st.tuples(YEARS, st.integers(1, 12).map("-{:02d}".format)).map("".join)
PARTIAL = YEARS | MONTHS | DAYS
BY_NAME = {
    "taal": st.sampled_from(["nl", "fy", "nl-NL", "x-klingon", "dut"]),
    "termijnStartdatumLooptijd": DAYS,
    "termijnLooptijd": st.sampled_from(["P7Y", "P42D", "P1Y6M", "-P1D", "PT1H"]),
    "termijnEinddatum": PARTIAL,
    "dekkingInTijdBegindatum": PARTIAL,
    "dekkingInTijdEinddatum": PARTIAL,
    "eventTijd": PARTIAL | INSTANTS,
    "checksumDatum": INSTANTS,
    "raadpleeglocatieOnline": st.sampled_from(["https://example.org/a", "urn:x:1"]),
    "URLBestand": st.sampled_from(["data/original/a%20b.pdf", "https://example.org/a"]),
    "omvang": st.integers(-2, 2**63),
    "waardering": st.sampled_from("BVN").map(begrip_waardering),
}
LEAST = {"identificatie", "archiefvormer", "beperkingGebruik", "checksum"}


def values_of(kind):
    """Every value of an MDTO class that its schema allows."""
    parts = {}
    for each in fields(kind):
        hint = str(each.type)
        name = next((n for n in KINDS if n in hint.replace("str", "")), None)
        one = BY_NAME.get(each.name)
        if one is None:
            one = TEXTS if name is None else values_of(KINDS[name])
        if hint.startswith("tuple"):
            one = st.lists(one, min_size=int(each.name in LEAST), max_size=2).map(tuple)
        parts[each.name] = st.none() | one if "None" in hint else one
    return st.builds(kind, **parts)


KINDS = {
    each.__name__: each
    for each in (
        mdto.GerelateerdInformatieobject,
        mdto.Raadpleeglocatie,
        mdto.BeperkingGebruik,
        mdto.DekkingInTijd,
        mdto.Identificatie,
        mdto.Betrokkene,
        mdto.Verwijzing,
        mdto.Checksum,
        mdto.Termijn,
        mdto.Begrip,
        mdto.Event,
    )
}
INFORMATIEOBJECTEN = values_of(mdto.Informatieobject)
MDTO_BESTANDEN = values_of(mdto.Bestand)


@QUICK
@given(INFORMATIEOBJECTEN)
def test_every_informatieobject_becomes_valid_topx(value):
    made = from_mdto(value)
    content = topx_xml(made)

    document = read_topx(content, "x")

    assert document.root == made
    assert document.findings == ()
    assert topx_xsd().validate(etree.fromstring(content)), topx_xsd().error_log


@QUICK
@given(MDTO_BESTANDEN, st.none() | INFORMATIEOBJECTEN)
def test_every_bestand_becomes_valid_topx(value, record):
    made = file_from_mdto(value, record)
    content = topx_xml(made)

    document = read_topx(content, "x")

    assert document.root == made if made.formaat[0].omvang < 2**63 else document.root is None
    assert topx_xsd().validate(etree.fromstring(content)), topx_xsd().error_log


@QUICK
@given(AGGREGATIES)
def test_every_aggregation_becomes_valid_mdto_without_empty_texts(value):
    root = etree.fromstring(mdto_xml(to_mdto(value, GEMEENTE, BRON)))

    assert mdto_xsd().validate(root), mdto_xsd().error_log
    assert all(len(each) or (each.text or "").strip() for each in root.iter())


@QUICK
@given(BESTANDEN)
def test_every_file_becomes_a_valid_bestand_when_it_was_measured(value):
    measured = Measured(Sums(5, "a" * 64, "b" * 128, 0), "2026-01-01T00:00:00Z")
    root = etree.fromstring(mdto_xml(file_to_mdto(value, GEMEENTE, BRON, measured=measured)))

    assert mdto_xsd().validate(root), mdto_xsd().error_log
    assert all(len(each) or (each.text or "").strip() for each in root.iter())


IN_2020 = DatumOfPeriode(jaar="2020")
RECORD = Aggregatie(
    identificatiekenmerk="NL-0086-7",
    aggregatieniveau="Record",
    naam=("Kapvergunning", "Vergunning 7"),
    classificatie=(
        Classificatie(code="11.1", omschrijving="Verleend", bron="Selectielijst gemeenten 2020"),
        Classificatie(code="-1.7", omschrijving="Natuur", bron="BAC"),
    ),
    omschrijving=("Kappen van een eik",),
    plaats="Depot 2",
    dekking=(
        Dekking(
            inTijd=Periode(
                begin=DatumOfJaar(datum="2019-03-01"),
                eind=DatumOfJaar(datumEnTijd="2019-05-02T10:00:00"),
            ),
            geografischGebied=("Beetsterzwaag",),
        ),
    ),
    externIdentificatiekenmerk=(
        ExternIdentificatiekenmerk(kenmerkSysteem="Corsa", nummerBinnenSysteem="C-12"),
    ),
    taal=("dut", "fry", ""),
    eventGeschiedenis=(
        EventGeschiedenis(
            datumOfPeriode=DatumOfPeriode(datum="2019-03-01"),
            type="Creatie",
            beschrijving="opgesteld",
            verantwoordelijkeFunctionaris="Afdeling Vergunningen",
        ),
    ),
    eventPlan=(
        EventPlan(
            datumOfPeriode=DatumOfPeriode(jaar="2031"),
            type="Vernietigen",
            aanleiding="Afgehandeld",
        ),
    ),
    relatie=(
        Relatie(relatieID="NL-0086-1", typeRelatie="Hiërarchisch"),
        Relatie(relatieID="NL-0086-9", typeRelatie="Refereert aan"),
    ),
    context=Context(
        actor=(Actor(identificatiekenmerk="gm0086", geautoriseerdeNaam="Gemeente Opsterland"),),
        activiteit=(Activiteit(identificatiekenmerk="11", naam="Toestemming verlenen"),),
    ),
    gebruiksrechten=(Gebruiksrechten(datumOfPeriode=IN_2020),),
    vertrouwelijkheid=(
        Vertrouwelijkheid(classificatieNiveau="Niet vertrouwelijk", datumOfPeriode=IN_2020),
    ),
    openbaarheid=(
        Openbaarheid(
            omschrijvingBeperkingen=("Beperkt openbaar A", "Persoonsgegevens"),
            datumOfPeriode=DatumOfPeriode(
                periode=Periode(
                    begin=DatumOfJaar(datum="2020-01-01"), eind=DatumOfJaar(jaar="2095")
                )
            ),
        ),
    ),
    vorm=Vorm(redactieGenre="besluit", verschijningsvorm=("tekst",), structuur="vrij"),
    integriteit="volledig",
)


def test_a_record_becomes_an_archiefstuk_and_each_trap_of_the_mapping_is_stepped_over():
    value = to_mdto(RECORD, GEMEENTE, BRON)

    assert value.identificatie == (
        mdto.Identificatie("NL-0086-7", BRON),
        mdto.Identificatie("C-12", "Corsa"),
    )
    assert value.naam == "Kapvergunning"
    assert value.aggregatieniveau == begrip_aggregatieniveau("Archiefstuk")
    assert value.informatiecategorie == mdto.Begrip(
        "Verleend", mdto.Verwijzing("Selectielijst gemeenten 2020"), "11.1"
    )
    assert value.classificatie[0] == mdto.Begrip("Natuur", mdto.Verwijzing("BAC"), "-1.7")
    assert value.omschrijving == ("Kappen van een eik", "Vergunning 7")
    assert value.taal == ("nl", "fy")
    assert value.waardering == begrip_waardering("V")
    assert value.bewaartermijn.termijnEinddatum == "2031"
    assert value.bewaartermijn.termijnTriggerStartLooptijd.begripLabel == "Afgehandeld"
    assert [each.verwijzingNaam for each in value.isOnderdeelVan] == ["NL-0086-1"]
    assert value.archiefvormer[0].verwijzingNaam == "Gemeente Opsterland"
    assert value.event[0] == mdto.Event(
        begrip_event("Creatie"),
        "2019-03-01",
        mdto.Verwijzing("Afdeling Vergunningen"),
        "opgesteld",
    )
    assert value.dekkingInTijd[0].dekkingInTijdEinddatum == "2019-05-02"
    assert [
        (
            each.beperkingGebruikType.begripLabel,
            each.beperkingGebruikNadereBeschrijving,
            each.beperkingGebruikTermijn,
        )
        for each in value.beperkingGebruik
    ] == [
        ("Geen gebruiksrechten", "vanaf 2020", None),
        ("Niet vertrouwelijk", "vanaf 2020", None),
        (
            "Beperkt openbaar A",
            "Persoonsgegevens",
            mdto.Termijn(None, "2020-01-01", None, "2095"),
        ),
    ]


def test_what_went_to_mdto_comes_back_to_its_place():
    back = from_mdto(to_mdto(RECORD, GEMEENTE, BRON))

    for name in (
        "identificatiekenmerk",
        "aggregatieniveau",
        "plaats",
        "externIdentificatiekenmerk",
        "eventGeschiedenis",
        "eventPlan",
        "context",
        "gebruiksrechten",
        "vertrouwelijkheid",
        "openbaarheid",
        "vorm",
        "integriteit",
    ):
        assert getattr(back, name) == getattr(RECORD, name), name
    assert set(back.classificatie) == set(RECORD.classificatie)
    assert back.taal == ("dut", "fry")


def plan(kind, when=IN_2020):
    return EventPlan(type=kind, datumOfPeriode=when)


@pytest.mark.parametrize(
    ("plans", "code", "end"),
    [
        ((), "N", None),
        ((plan("Vernietigen"),), "V", "2020"),
        ((plan("Overbrengen"),), "B", None),
        ((plan("Migratie"),), "N", None),
        ((plan("Vernietigen"), plan("Overbrengen")), "N", None),
        ((plan("Vernietigen"), plan("Vernietigen", DatumOfPeriode(jaar="2031"))), "V", "2031"),
        ((plan("Vernietigen", DatumOfPeriode(periode=Periode())),), "V", None),
        (
            (
                plan(
                    "Vernietigen",
                    DatumOfPeriode(periode=Periode(begin=DatumOfJaar(datum="2030-06-01"))),
                ),
            ),
            "V",
            "2030-06-01",
        ),
    ],
)
def test_the_appraisal_follows_from_what_is_planned(plans, code, end):
    value = to_mdto(replace(RECORD, eventPlan=plans), GEMEENTE, BRON)

    assert value.waardering == begrip_waardering(code)
    term = value.bewaartermijn
    assert (term.termijnEinddatum if term else None) == end


def test_what_is_mandatory_in_mdto_is_filled_where_tmlo_says_nothing():
    bare = Aggregatie(identificatiekenmerk="1", aggregatieniveau="Dossier", naam=(" ",))

    value = to_mdto(bare, GEMEENTE, BRON)

    assert value.naam == "Onbekend"
    assert value.archiefvormer == (GEMEENTE,)
    assert value.beperkingGebruik == (mdto.BeperkingGebruik(begrip_beperking("Nader te bepalen")),)


def informatieobject(**more):
    """The smallest informatieobject, and more."""
    given = {
        "identificatie": (mdto.Identificatie("1", BRON),),
        "naam": "Kap",
        "waardering": begrip_waardering("N"),
        "archiefvormer": (GEMEENTE,),
        "beperkingGebruik": (geen_beperking(),),
    }
    return mdto.Informatieobject(**{**given, **more})


def test_a_text_that_does_not_fit_stands_whole_among_the_descriptions():
    made = from_mdto(informatieobject(naam="n" * 300, omschrijving=("o" * 2500, "kort")))

    assert made.naam == ("n" * 255,)
    assert made.omschrijving == ("o" * 2000, "o" * 500, "kort", "n" * 300)


def test_only_the_absence_of_any_restriction_is_public():
    free = from_mdto(informatieobject())
    unknown = from_mdto(
        informatieobject(
            beperkingGebruik=(mdto.BeperkingGebruik(begrip_beperking("Nader te bepalen")),)
        )
    )

    assert free.openbaarheid[0].omschrijvingBeperkingen == ("Openbaar",)
    assert unknown.openbaarheid[0].omschrijvingBeperkingen == ("Nader te bepalen",)


def test_restrictions_are_sorted_by_their_list():
    copyright = mdto.Begrip("Auteursrecht berust bij derden", mdto.Verwijzing("Auteursrechten"))
    secret = mdto.Begrip("Vertrouwelijk", mdto.Verwijzing("Rubricering"))

    made = from_mdto(
        informatieobject(
            beperkingGebruik=(mdto.BeperkingGebruik(copyright), mdto.BeperkingGebruik(secret))
        )
    )

    assert [each.omschrijvingVoorwaarden for each in made.gebruiksrechten] == [
        "Auteursrecht berust bij derden"
    ]
    assert [each.classificatieNiveau for each in made.vertrouwelijkheid] == ["Vertrouwelijk"]
    assert made.openbaarheid == ()


def test_a_term_with_a_start_and_a_duration_gets_its_end():
    term = mdto.Termijn(None, "2024-02-29", "P1Y", None)

    made = from_mdto(informatieobject(waardering=begrip_waardering("V"), bewaartermijn=term))

    period = made.eventPlan[0].datumOfPeriode.periode
    assert (period.begin.datum, period.eind.datum) == ("2024-02-29", "2025-02-28")
    assert made.eventPlan[0].beschrijving == "Bewaartermijn P1Y"


def test_a_month_becomes_its_first_and_last_day():
    kind = mdto.Begrip("Inhoud", mdto.Verwijzing("x"))
    covered = mdto.DekkingInTijd(kind, "2024-02", "2024-02")

    made = from_mdto(informatieobject(dekkingInTijd=(covered,)))

    period = made.dekking[0].inTijd
    assert (period.begin.datum, period.eind.datum) == ("2024-02-01", "2024-02-29")


@pytest.mark.parametrize(
    ("given", "back"), [("dut", "nl"), ("nld", "nl"), ("fry", "fy"), ("nds", "nds"), ("NL", "nl")]
)
def test_mdto_gets_the_short_code_of_a_language(given, back):
    assert mdto_taal(given) == back


@pytest.mark.parametrize(
    ("given", "back"),
    [("nl", "dut"), ("nl-NL", "dut"), ("nld", "dut"), ("fy", "fry"), ("qq", None)],
)
def test_topx_gets_the_bibliographic_code_of_a_language(given, back):
    assert topx_taal(given) == back


FILE = Bestand(
    identificatiekenmerk="NL-0086-8",
    naam=("brief",),
    vorm=Vorm(redactieGenre="brief"),
    formaat=(
        Formaat(
            identificatiekenmerk="NL-0086-8",
            bestandsnaam=Bestandsnaam(naam="brief", extensie=".pdf"),
            omvang=1234,
            bestandsformaat="fmt/354",
            fysiekeIntegriteit=FysiekeIntegriteit(
                algoritme="SHA256", waarde="a" * 64, datumEnTijd="2020-01-01T00:00:00"
            ),
        ),
    ),
)


def test_a_file_keeps_its_name_size_format_and_digest():
    value = file_to_mdto(FILE, GEMEENTE, BRON)

    assert value.naam == "brief.pdf"
    assert value.omvang == 1234
    assert value.bestandsformaat.begripCode == "fmt/354"
    assert value.checksum[0].checksumAlgoritme.begripLabel == "SHA-256"
    assert value.isRepresentatieVan == GEMEENTE
    assert file_from_mdto(value).formaat[0].fysiekeIntegriteit == FILE.formaat[0].fysiekeIntegriteit
    assert file_from_mdto(value).formaat[0].bestandsnaam == Bestandsnaam(
        naam="brief", extensie="pdf"
    )


@pytest.mark.parametrize(
    ("name", "extension", "whole"),
    [
        ("brief", "pdf", "brief.pdf"),
        ("brief.pdf", "pdf", "brief.pdf"),
        ("brief.PDF", "pdf", "brief.PDF"),
        ("brief", None, "brief"),
        ("brief", " ", "brief"),
    ],
)
def test_the_name_of_a_file_has_its_extension_once(name, extension, whole):
    form = Formaat(
        identificatiekenmerk="1", bestandsnaam=Bestandsnaam(naam=name, extensie=extension)
    )

    assert file_name(form) == whole


def test_the_aggregation_made_from_mdto_keeps_the_schema_without_findings():
    made = from_mdto(informatieobject())

    assert not has_errors(read_topx(topx_xml(made), "x").findings)
