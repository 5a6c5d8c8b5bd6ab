"""The rules of TMLO beyond its schema, each by its code, and inheritance."""

import pytest

from formats.findings import code_of, explain
from formats.tmlo.inherit import expand_inheritance
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
    EventPlan,
    Formaat,
    FysiekeIntegriteit,
    Openbaarheid,
    Periode,
    Vorm,
)
from formats.tmlo.rules import check_level, check_tmlo
from formats.tmlo.to_mdto import lost_in_mdto

IN_2020 = DatumOfPeriode(jaar="2020")
NO_DATE = DatumOfPeriode(periode=Periode())
PUBLIC = (Openbaarheid(datumOfPeriode=IN_2020),)


def level(**more):
    """A dossier that keeps every rule, but for what is given."""
    given = {
        "identificatiekenmerk": "NL-0085-1",
        "aggregatieniveau": "Dossier",
        "naam": ("Kapvergunning",),
        "openbaarheid": PUBLIC,
    }
    return Aggregatie(**{**given, **more})


def file(algorithm="SHA256", digest="a" * 64):
    """A file that keeps every rule, but for its digest."""
    form = Formaat(
        identificatiekenmerk="NL-0085-2",
        bestandsnaam=Bestandsnaam(naam="brief"),
        fysiekeIntegriteit=FysiekeIntegriteit(
            algoritme=algorithm, waarde=digest, datumEnTijd="2020-01-01T00:00:00"
        ),
    )
    return Bestand(
        identificatiekenmerk="NL-0085-2",
        naam=("brief",),
        vorm=Vorm(redactieGenre="brief"),
        openbaarheid=PUBLIC,
        formaat=(form,),
    )


def openness(*texts):
    return (Openbaarheid(omschrijvingBeperkingen=texts, datumOfPeriode=IN_2020),)


def plan(kind, when=IN_2020):
    return EventPlan(type=kind, datumOfPeriode=when)


REVERSED = Periode(begin=DatumOfJaar(jaar="2021"), eind=DatumOfJaar(datum="2020-12-31"))

CASES = [
    ("F620", level(naam=("a", "b"))),
    ("F621", level(openbaarheid=())),
    ("F621", level(openbaarheid=PUBLIC * 2)),
    ("F622", level(openbaarheid=openness("Geheim"))),
    ("F623", file(algorithm="CRC32", digest="a")),
    ("F623", file(algorithm="SHA-384", digest="a" * 96)),
    ("F624", file(digest="a" * 63)),
    ("F624", file(digest="z" * 64)),
    ("F625", level(taal=("",))),
    ("F626", level(dekking=(Dekking(inTijd=REVERSED),))),
    ("F626", level(eventPlan=(plan("Migratie", DatumOfPeriode(periode=REVERSED)),))),
    ("F627", level(identificatiekenmerk="zaak 12")),
    ("F628", level(identificatiekenmerk=" ")),
    ("F628", level(naam=("\t",))),
    ("F629", level(eventPlan=(plan("Vernietigen"), plan("Overbrengen")))),
    ("F630", level(eventPlan=(plan("Vernietigen", NO_DATE),))),
]


@pytest.mark.parametrize(("code", "value"), CASES, ids=[code for code, _ in CASES])
def test_a_rule_finds_what_breaks_it_and_nothing_else(code, value):
    findings = check_tmlo(value, "dossier.metadata")

    assert [each.code for each in findings] == [code]
    assert findings[0].severity is code_of(code).severity
    assert "dossier.metadata" in explain(findings[0]).text


@pytest.mark.parametrize(
    "value",
    [
        level(),
        file(),
        file(algorithm="sha-512", digest="A" * 128),
        level(openbaarheid=openness("Beperkt openbaar B", "Archiefwet art. 15, lid 1a")),
        level(dekking=(Dekking(inTijd=Periode(begin=DatumOfJaar(jaar="2020"))),)),
        level(
            dekking=(
                Dekking(
                    inTijd=Periode(
                        begin=DatumOfJaar(datum="2020-06-01"), eind=DatumOfJaar(jaar="2020")
                    )
                ),
            )
        ),
    ],
)
def test_what_keeps_the_rules_gives_no_finding(value):
    assert check_tmlo(value, "x") == []


@pytest.mark.parametrize(
    ("parent", "child", "fits"),
    [
        ("Archief", "Serie", True),
        ("Archief", "Record", False),
        ("Serie", "Dossier", True),
        ("Dossier", "Dossier", True),
        ("Dossier", "Record", True),
        ("Record", "Dossier", False),
        ("Dossier", "Archief", False),
    ],
)
def test_levels_stand_in_the_order_that_topx_knows(parent, child, fits):
    findings = check_level(
        level(aggregatieniveau=child), level(aggregatieniveau=parent), "map/map.metadata"
    )

    assert [each.code for each in findings] == ([] if fits else ["F631"])


def test_a_file_may_stand_below_a_record():
    assert check_level(file(), level(aggregatieniveau="Record"), "x") == []


def test_what_has_no_place_in_mdto_is_told_once():
    value = level(eventPlan=(plan("Migratie"), plan("Conversie")))

    findings = lost_in_mdto(value, "x")

    assert [(each.code, each.found) for each in findings] == [("F632", "13 eventPlan")]
    assert lost_in_mdto(level(), "x") == []


ARCHIVE = level(
    identificatiekenmerk="NL-0085",
    aggregatieniveau="Archief",
    taal=("dut",),
    classificatie=(Classificatie(code="1", omschrijving="a", bron="b"),),
    dekking=(
        Dekking(inTijd=Periode(begin=DatumOfJaar(jaar="1990")), geografischGebied=("Opsterland",)),
    ),
    context=Context(
        actor=(Actor(identificatiekenmerk="a", geautoriseerdeNaam="Gemeente"),),
        activiteit=(Activiteit(naam="Vergunnen"),),
    ),
    eventPlan=(plan("Overbrengen"),),
    plaats="depot",
    omschrijving=("het hele archief",),
)


def test_a_lower_level_takes_what_it_lacks_from_the_nearest_level_above():
    dossier = level(openbaarheid=openness("Niet openbaar"), taal=("fry",))
    record = level(aggregatieniveau="Record", openbaarheid=())

    top, middle, below = expand_inheritance((ARCHIVE, dossier, record))

    assert top == ARCHIVE
    assert middle.classificatie == ARCHIVE.classificatie
    assert middle.taal == ("fry",)
    assert below.taal == ("fry",)
    assert below.openbaarheid == openness("Niet openbaar")
    assert below.eventPlan == ARCHIVE.eventPlan
    assert below.context == ARCHIVE.context


def test_the_area_is_inherited_and_the_time_is_not():
    own = Dekking(inTijd=Periode(begin=DatumOfJaar(jaar="2001")))

    _, dossier = expand_inheritance((ARCHIVE, level(dekking=(own,))))

    assert dossier.dekking == (own, Dekking(geografischGebied=("Opsterland",)))


def test_actor_and_activity_are_inherited_each_by_itself():
    own = Context(actor=(Actor(identificatiekenmerk="b", geautoriseerdeNaam="OWO"),))

    _, dossier = expand_inheritance((ARCHIVE, level(context=own)))

    assert dossier.context == Context(actor=own.actor, activiteit=(Activiteit(naam="Vergunnen"),))


def test_what_belongs_to_the_one_object_is_not_inherited():
    _, dossier, bestand = expand_inheritance((ARCHIVE, level(), file()))

    assert dossier.identificatiekenmerk == "NL-0085-1"
    assert dossier.naam == ("Kapvergunning",)
    assert dossier.plaats is None
    assert dossier.omschrijving == ()
    assert bestand.identificatiekenmerk == "NL-0085-2"
    assert bestand.classificatie == ARCHIVE.classificatie
