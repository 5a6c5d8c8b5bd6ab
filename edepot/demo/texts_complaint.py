"""What the papers of a complaint (klacht) say."""

from datetime import timedelta

from edepot.demo.cases import Case
from edepot.demo.papers import Heading, Items, Paper, Paragraph, Table, dutch_date


def complaint_text(case: Case) -> str:
    """The complaint as the resident wrote it in an e-mail."""
    return (
        "Geachte heer, mevrouw,\n\n"
        f"Hierbij dien ik een klacht in over: {case.subject}. Ik woon aan "
        f"{case.applicant.street} in {case.applicant.town}. Ik heb hierover al twee keer gebeld, "
        "maar ik werd niet teruggebeld. Een foto stuur ik mee.\n\n"
        "Ik hoor graag wat de gemeente hieraan gaat doen.\n\n"
        f"Met vriendelijke groet,\n{case.applicant.name}\n"
    )


def confirmation(case: Case) -> Paper:
    """The confirmation of receipt."""
    return Paper(
        organisation=case.organisation,
        title="Ontvangstbevestiging klacht",
        written_on=case.opened_on + timedelta(days=3),
        addressee=case.applicant.lines,
        reference=(("Ons kenmerk", case.identifier), ("Behandeld door", "Klachtencoördinator")),
        blocks=(
            Paragraph(
                f"Op {dutch_date(case.opened_on)} ontvingen wij uw klacht over {case.subject}. "
                "Wij vinden het vervelend dat u ontevreden bent en nemen uw klacht serieus."
            ),
            Paragraph(
                "Binnen zes weken krijgt u antwoord. Een medewerker die niet bij de gebeurtenis "
                "betrokken was, belt u om uw verhaal te horen."
            ),
        ),
        signature=("Met vriendelijke groet,", "", "de klachtencoördinator"),
    )


def hearing(case: Case) -> Paper:
    """The report of the conversation with the resident."""
    return Paper(
        organisation=case.organisation,
        title="Verslag van het klachtgesprek",
        written_on=case.opened_on + timedelta(days=20),
        reference=(
            ("Zaaknummer", case.identifier),
            ("Aanwezig", f"{case.applicant.name}, behandelaar"),
        ),
        blocks=(
            Heading("Verhaal van de inwoner"),
            Paragraph(
                f"{case.applicant.name} vertelt dat de klacht gaat over {case.subject}. Het gaat "
                "niet om geld, maar om het gevoel niet gehoord te worden."
            ),
            Heading("Reactie van de afdeling"),
            Paragraph(
                "De teamleider heeft de meldingen nagezocht. Er stonden er twee in het systeem; "
                "die waren aan de verkeerde afdeling toegewezen en daar blijven liggen."
            ),
            Heading("Afspraken"),
            Items(
                (
                    "De teamleider belt binnen een week terug.",
                    "De meldingen krijgen een vaste behandelaar.",
                    "De inwoner krijgt een brief met de uitkomst.",
                )
            ),
        ),
    )


def investigation(case: Case) -> Paper:
    """The findings of the investigation."""
    day = case.opened_on
    return Paper(
        organisation=case.organisation,
        title="Onderzoek naar de klacht",
        written_on=day + timedelta(days=30),
        reference=(("Zaaknummer", case.identifier),),
        blocks=(
            Heading("Tijdlijn"),
            Table(
                ("Datum", "Gebeurtenis"),
                (
                    (dutch_date(day - timedelta(days=24)), "Eerste telefoontje, melding gemaakt"),
                    (dutch_date(day - timedelta(days=9)), "Tweede telefoontje, geen melding"),
                    (dutch_date(day), "Klacht per e-mail"),
                    (dutch_date(day + timedelta(days=20)), "Klachtgesprek"),
                ),
            ),
            Heading("Bevinding"),
            Paragraph(
                "De werkinstructie zegt dat een melding binnen twee werkdagen een behandelaar "
                "heeft. Dat is hier niet gebeurd. De klacht is daarom gegrond."
            ),
        ),
    )


def outcome(case: Case) -> Paper:
    """The letter that settles the complaint."""
    return Paper(
        organisation=case.organisation,
        title="Afhandeling van uw klacht",
        written_on=case.decided_on,
        addressee=case.applicant.lines,
        reference=(
            ("Ons kenmerk", case.identifier),
            ("Behandeld door", "Klachtencoördinator"),
            ("Onderwerp", f"Klacht over {case.subject}"),
        ),
        blocks=(
            Paragraph(
                f"U diende op {dutch_date(case.opened_on)} een klacht in over {case.subject}. "
                "Wij hebben uw klacht onderzocht. In deze brief leest u de uitkomst."
            ),
            Heading("Uw klacht is gegrond"),
            Paragraph(
                "Wij hadden u moeten terugbellen. Uw melding is aan de verkeerde afdeling "
                "toegewezen en daar niet opgepakt. Wij bieden u daarvoor onze excuses aan."
            ),
            Heading("Wat doen wij anders?"),
            Items(
                (
                    "Elke melding krijgt voortaan dezelfde dag een behandelaar.",
                    "Wie belt, krijgt het nummer van de melding mee.",
                )
            ),
            Paragraph(
                "Bent u niet tevreden over de manier waarop wij uw klacht hebben behandeld? Dan "
                "kunt u binnen een jaar naar de Nationale ombudsman."
            ),
        ),
        signature=("Met vriendelijke groet,", "namens het college", "", "de gemeentesecretaris"),
    )
