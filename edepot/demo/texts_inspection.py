"""What the papers of an environmental inspection (milieucontrole) by an outsourced service say."""

from datetime import date, timedelta

from edepot.demo.cases import Case
from edepot.demo.papers import Heading, Items, Paper, Paragraph, Sheet, Table, dutch_date


def announcement(case: Case) -> Paper:
    """The letter that announces the inspection."""
    return Paper(
        organisation=case.handled_by,
        title="Aankondiging milieucontrole",
        written_on=case.opened_on,
        addressee=case.applicant.lines,
        reference=(("Ons kenmerk", case.identifier), ("In opdracht van", case.organisation.name)),
        blocks=(
            Paragraph(
                f"Namens {case.organisation.name} controleren wij uw bedrijf ({case.subject}) aan "
                f"{case.location}. De controle is op {dutch_date(_visited_on(case))}."
            ),
            Paragraph("Wilt u de volgende stukken klaarleggen?"),
            Items(
                (
                    "de vergunning of de melding",
                    "het logboek van de vloeistofdichte vloer",
                    "de afvalbegeleidingsbrieven van het afgelopen jaar",
                )
            ),
        ),
        signature=("Met vriendelijke groet,", "", "de toezichthouder milieu"),
    )


def report(case: Case) -> Paper:
    """The inspection report."""
    visited = _visited_on(case)
    return Paper(
        organisation=case.handled_by,
        title="Controlerapport milieu",
        written_on=visited + timedelta(days=5),
        reference=(
            ("Zaaknummer", case.identifier),
            ("In opdracht van", case.organisation.name),
            ("Bedrijf", f"{case.subject}, {case.location}"),
            ("Datum bezoek", dutch_date(visited)),
        ),
        blocks=(
            Heading("1. Aanleiding"),
            Paragraph(
                "Dit is een periodieke controle volgens het uitvoeringsprogramma. Bij het vorige "
                "bezoek zijn twee kleine tekortkomingen gevonden; die zijn opnieuw bekeken."
            ),
            Heading("2. Bevindingen"),
            Table(
                ("Onderdeel", "Bevinding", "Oordeel"),
                (
                    ("Vloeistofdichte vloer", "Verklaring geldig, geen scheuren gezien", "akkoord"),
                    (
                        "Opslag gevaarlijke stoffen",
                        "Lekbak aanwezig, sticker ontbreekt",
                        "niet akkoord",
                    ),
                    ("Geluid", "Drie metingen onder de norm", "akkoord"),
                    ("Afvalwater", "Monster genomen bij de controleput", "in onderzoek"),
                    ("Afval", "Begeleidingsbrieven volledig", "akkoord"),
                ),
            ),
            Heading("3. Metingen"),
            Paragraph(
                "Het geluid is gemeten op drie punten aan de erfgrens. De meetwaarden staan in "
                "het bestand met meetgegevens, dat bij dit rapport hoort."
            ),
            Heading("4. Conclusie"),
            Paragraph(
                "Het bedrijf leeft de regels grotendeels na. De ontbrekende sticker wordt binnen "
                "vier weken aangebracht. Een nieuwe controle ter plaatse is niet nodig; een foto "
                "is voldoende."
            ),
        ),
        signature=("Opgemaakt door,", "", "de toezichthouder milieu", case.handled_by.name),
    )


def measurements(case: Case, count: int = 96) -> Sheet:
    """The sound measurements at three points along the boundary."""
    visited = _visited_on(case)
    return Sheet(
        title=f"Meetgegevens {case.identifier}",
        made_on=visited,
        header=("Meting", "Datum", "Meetpunt", "LAeq dB(A)", "LAmax dB(A)", "Windsnelheid m/s"),
        rows=tuple(
            (
                number + 1,
                visited,
                f"MP{number % 3 + 1}",
                round(41.5 + (number * 7 + case.number) % 23 / 4, 1),
                round(48.0 + (number * 5 + case.number) % 31 / 3, 1),
                round(1.2 + (number + case.number) % 9 / 5, 1),
            )
            for number in range(count)
        ),
        author=case.handled_by.name,
    )


def checklist(case: Case) -> Sheet:
    """The checklist that the inspector filled in."""
    subjects = (
        "Vergunning aanwezig",
        "Logboek bijgehouden",
        "Opslag gevaarlijke stoffen",
        "Vloeistofdichte vloer",
        "Blusmiddelen gekeurd",
        "Energiebesparing",
    )
    return Sheet(
        title=f"Checklist {case.identifier}",
        made_on=_visited_on(case),
        header=("Nr", "Onderwerp", "In orde", "Opmerking"),
        rows=tuple(
            (
                number,
                subject,
                "nee" if number == 3 else "ja",
                "sticker ontbreekt" if number == 3 else "-",
            )
            for number, subject in enumerate(subjects, start=1)
        ),
        author=case.handled_by.name,
    )


def closing(case: Case) -> Paper:
    """The letter that closes the inspection."""
    return Paper(
        organisation=case.handled_by,
        title="Uitkomst milieucontrole",
        written_on=case.decided_on,
        addressee=case.applicant.lines,
        reference=(("Ons kenmerk", case.identifier), ("In opdracht van", case.organisation.name)),
        blocks=(
            Paragraph(
                f"Op {dutch_date(_visited_on(case))} bezochten wij uw bedrijf aan "
                f"{case.location}. U stuurde ons daarna een foto van de nieuwe sticker. Daarmee is "
                "de tekortkoming opgelost en sluiten wij de controle af."
            ),
            Paragraph("Het controlerapport en de meetgegevens vindt u in de bijlagen."),
        ),
        signature=("Met vriendelijke groet,", "", "de toezichthouder milieu"),
    )


def _visited_on(case: Case) -> date:
    return case.opened_on + timedelta(days=14)
