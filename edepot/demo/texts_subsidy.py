"""What the papers of a subsidy (subsidie) say."""

from datetime import timedelta

from edepot.demo.cases import Case
from edepot.demo.papers import Heading, Items, Paper, Paragraph, Sheet, Table, dutch_date, euros


def amount(case: Case) -> int:
    """The amount that was granted, in whole euros."""
    return 1_500 + case.number % 40 * 250


def activity_plan(case: Case) -> Paper:
    """The plan that the applicant sent along."""
    return Paper(
        organisation=case.organisation,
        title="Activiteitenplan",
        written_on=case.opened_on,
        reference=(("Aanvrager", case.applicant.name), ("Zaaknummer", case.identifier)),
        blocks=(
            Heading("Wat gaan we doen?"),
            Paragraph(
                f"Wij vragen subsidie voor: {case.subject}. De activiteit vindt plaats aan "
                f"{case.location} en staat open voor alle inwoners van het dorp."
            ),
            Heading("Voor wie?"),
            Paragraph(
                f"Wij verwachten {60 + case.number % 200} deelnemers, van wie ongeveer een derde "
                "jonger is dan achttien jaar. Vrijwilligers bouwen op en ruimen af."
            ),
            Heading("Planning"),
            Table(
                ("Week", "Wat"),
                (
                    ("1", "Overleg met dorpsbelang en de gemeente"),
                    ("3", "Werven van vrijwilligers"),
                    ("6", "Uitvoering"),
                    ("8", "Evaluatie en verantwoording"),
                ),
            ),
        ),
        signature=("Namens het bestuur,", case.applicant.name),
    )


def budget(case: Case) -> Sheet:
    """The budget of the activity."""
    posts = ("Huur van de zaal", "Muziek en techniek", "Drukwerk", "Vrijwilligers", "Onvoorzien")
    return Sheet(
        title=f"Begroting {case.identifier} {case.subject}",
        made_on=case.opened_on,
        header=("Post", "Begroot", "Eigen bijdrage", "Gevraagd"),
        rows=tuple(
            (post, 400 + 150 * place, 100, 300 + 150 * place) for place, post in enumerate(posts)
        ),
        author=case.applicant.name,
    )


def payments(case: Case) -> Sheet:
    """The payments that were made."""
    half = amount(case) // 2
    return Sheet(
        title=f"Betalingen {case.identifier}",
        made_on=case.closed_on,
        header=("Zaaknummer", "Datum", "Omschrijving", "Grootboek", "Bedrag"),
        rows=(
            (
                case.identifier,
                case.decided_on + timedelta(days=7),
                "Voorschot 50%",
                "6.1 Samenkracht",
                half,
            ),
            (
                case.identifier,
                case.closed_on,
                "Restant na verantwoording",
                "6.1 Samenkracht",
                amount(case) - half,
            ),
        ),
        author=case.organisation.name,
    )


def grant(case: Case) -> Paper:
    """The decision by which the subsidy is granted."""
    return Paper(
        organisation=case.organisation,
        title="Beschikking subsidie",
        written_on=case.decided_on,
        addressee=case.applicant.lines,
        reference=(
            ("Ons kenmerk", case.identifier),
            ("Behandeld door", "Team Samenleving"),
            ("Onderwerp", f"Subsidie voor {case.subject}"),
        ),
        blocks=(
            Paragraph(
                f"Op {dutch_date(case.opened_on)} vroeg u subsidie aan voor {case.subject}. "
                f"Wij geven u een subsidie van {euros(amount(case))}."
            ),
            Heading("Waarom krijgt u subsidie?"),
            Paragraph(
                "De activiteit brengt inwoners bij elkaar en past in de beleidsregel "
                "leefbare dorpen. Uw begroting is sluitend en de eigen bijdrage is voldoende."
            ),
            Heading("Betaling"),
            Table(
                ("Deel", "Bedrag", "Wanneer"),
                (
                    ("Voorschot", euros(amount(case) // 2), "binnen twee weken"),
                    ("Restant", euros(amount(case) - amount(case) // 2), "na afloop"),
                ),
            ),
            Heading("Wat verwachten wij van u?"),
            Items(
                (
                    "U voert de activiteit uit zoals in het activiteitenplan staat.",
                    "U meldt het ons meteen als de activiteit niet doorgaat.",
                    "U stuurt ons na afloop een kort verslag met een foto.",
                )
            ),
            Heading("Bezwaar"),
            Paragraph("Bent u het niet eens met dit besluit? Maak dan binnen zes weken bezwaar."),
        ),
        signature=(
            "Met vriendelijke groet,",
            "namens het college van burgemeester en wethouders",
            "",
            "de teammanager Samenleving",
        ),
    )
