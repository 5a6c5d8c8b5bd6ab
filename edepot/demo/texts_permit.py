"""What the papers of an environmental permit (omgevingsvergunning) say."""

from datetime import timedelta

from edepot.demo.cases import Case
from edepot.demo.papers import (
    Heading,
    Items,
    Paper,
    Paragraph,
    Sheet,
    Table,
    dutch_date,
    euros,
)


def application(case: Case) -> Paper:
    """The application form as the national counter sends it."""
    applicant = case.applicant
    return Paper(
        organisation=case.organisation,
        title="Aanvraagformulier omgevingsvergunning",
        written_on=case.opened_on,
        reference=(("Zaaknummer", case.identifier), ("Procedure", "Regulier")),
        blocks=(
            Heading("1. Aanvrager"),
            Table(
                ("Gegeven", "Opgave"),
                (
                    ("Naam", applicant.name),
                    ("Adres", applicant.street),
                    ("Postcode en plaats", f"{applicant.postcode} {applicant.town}"),
                    ("E-mail", applicant.email),
                ),
            ),
            Heading("2. Locatie"),
            Paragraph(
                f"De werkzaamheden vinden plaats op het perceel {case.location}. De aanvrager "
                "verklaart eigenaar te zijn of toestemming van de eigenaar te hebben."
            ),
            Heading("3. Werkzaamheden"),
            Paragraph(
                f"De aanvraag gaat over het {case.subject}. Het werk begint zodra de vergunning "
                "onherroepelijk is en duurt naar verwachting twaalf weken."
            ),
            Items(
                (
                    "Bouwkosten zonder btw: " + euros(8_000 + case.number % 70 * 500),
                    f"Oppervlakte na de werkzaamheden: {40 + case.number % 90} m²",
                    "Gebruik: bijgebouw bij een woning, geen bedrijfsmatig gebruik",
                )
            ),
            Heading("4. Bijlagen"),
            Items(("Situatietekening 1:500", "Geveltekening 1:100", "Foto van het perceel")),
        ),
    )


def advice(case: Case) -> Paper:
    """The advice on the outward appearance (welstandsadvies)."""
    return Paper(
        organisation=case.organisation,
        title="Welstandsadvies",
        written_on=case.opened_on + timedelta(days=21),
        reference=(("Zaaknummer", case.identifier), ("Behandeld in", "Commissie Ruimtelijk beeld")),
        blocks=(
            Heading("Plan"),
            Paragraph(
                f"De commissie heeft het plan beoordeeld: het {case.subject}, {case.location}."
            ),
            Heading("Beoordeling"),
            Paragraph(
                "Het bijgebouw blijft ondergeschikt aan het hoofdgebouw. De kap volgt de "
                "hoofdrichting van de boerderij en de gekozen planken van verduurzaamd hout "
                "passen in het open landschap langs de vaart."
            ),
            Paragraph(
                "De commissie vraagt wel om een donkere, niet glanzende dakbedekking, omdat het "
                "dakvlak vanaf de weg over grote afstand te zien is."
            ),
            Heading("Advies"),
            Paragraph("Het plan voldoet aan redelijke eisen van welstand, met deze opmerking."),
        ),
        signature=("Namens de commissie,", "", "de secretaris"),
    )


def fees(case: Case) -> Sheet:
    """The calculation of the fees (leges)."""
    base = 8_000 + case.number % 70 * 500
    return Sheet(
        title=f"Legesberekening {case.identifier}",
        made_on=case.opened_on + timedelta(days=28),
        header=("Onderdeel", "Grondslag", "Tarief", "Bedrag", "Datum"),
        rows=tuple(
            (part, base, rate, round(base * rate, 2), case.opened_on + timedelta(days=28))
            for part, rate in (
                ("Bouwactiviteit", 0.0245),
                ("Welstandstoets", 0.0021),
                ("Toets omgevingsplan", 0.0125),
                ("Publicatie", 0.0008),
            )
        ),
        author=case.organisation.name,
    )


def decision(case: Case) -> Paper:
    """The decision by which the permit is given."""
    return Paper(
        organisation=case.organisation,
        title="Besluit omgevingsvergunning",
        written_on=case.decided_on,
        addressee=case.applicant.lines,
        reference=(
            ("Ons kenmerk", case.identifier),
            ("Behandeld door", "Team Vergunningen en Toezicht"),
            ("Onderwerp", f"Het {case.subject}, {case.location}"),
        ),
        blocks=(
            Paragraph(
                f"Op {dutch_date(case.opened_on)} ontvingen wij uw aanvraag om een "
                f"omgevingsvergunning voor het {case.subject} op het perceel {case.location}. "
                "In deze brief leest u wat wij hebben besloten en waarom."
            ),
            Heading("Besluit"),
            Paragraph(
                "Wij verlenen u de omgevingsvergunning. Aan de vergunning verbinden wij de "
                "voorschriften die hieronder staan. De stukken in de bijlage horen bij dit besluit."
            ),
            Heading("Overwegingen"),
            Paragraph(
                "Uw plan past binnen het omgevingsplan. De bouwhoogte en de afstand tot de "
                "erfgrens blijven onder de maten die daarin staan. De commissie Ruimtelijk beeld "
                "heeft een positief advies gegeven, met een opmerking over de dakbedekking."
            ),
            Paragraph(
                "Uw buren zijn op de hoogte gesteld. Wij hebben binnen de termijn geen "
                "zienswijzen ontvangen."
            ),
            Heading("Voorschriften"),
            Items(
                (
                    "U meldt het begin van het werk ten minste twee dagen vooraf.",
                    "De dakbedekking is donker van kleur en glanst niet.",
                    "U bewaart de vergunning en de tekeningen op de bouwplaats.",
                    "U meldt het werk gereed op de dag waarop het klaar is.",
                )
            ),
            Heading("Kosten"),
            Table(
                ("Onderdeel", "Bedrag"),
                (("Leges bouwactiviteit", euros(312)), ("Leges welstand", euros(27))),
            ),
            Heading("Niet eens met dit besluit?"),
            Paragraph(
                "Dan kunt u binnen zes weken na de verzenddatum bezwaar maken bij het college. "
                "De vergunning treedt in werking op de dag na de bekendmaking."
            ),
        ),
        signature=(
            "Met vriendelijke groet,",
            "namens burgemeester en wethouders",
            "",
            "de teammanager Vergunningen en Toezicht",
        ),
    )
