"""Openness in MDTO: what a sender's words come down to, and how a decision is written."""

import pytest

from formats.mdto.lists import begrip_waardering, geen_beperking
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from retention.transfer_mdto import for_transfer, last_day, openness_of
from retention.transfer_nouns import Decision, Ground, Openness

OWN = Verwijzing("Eigen lijst")


def restriction(label: str, end: str = "", described: str | None = None) -> BeperkingGebruik:
    term = Termijn(termijnEinddatum=end) if end else None
    return BeperkingGebruik(Begrip(label, OWN), described, beperkingGebruikTermijn=term)


def item(*restrictions: BeperkingGebruik) -> Informatieobject:
    return Informatieobject(
        identificatie=(Identificatie("Z-1", "zaaksysteem"),),
        naam="Zaak",
        waardering=begrip_waardering("N"),
        archiefvormer=(Verwijzing("Gemeente"),),
        beperkingGebruik=restrictions,
        bewaartermijn=Termijn(termijnEinddatum="2030"),
    )


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        ((geen_beperking(),), Decision(Openness.OPEN)),
        ((restriction("Openbaar"),), Decision(Openness.OPEN)),
        ((restriction("Volledig openbaar"),), Decision(Openness.OPEN)),
        (
            (restriction("Beperkt openbaar: persoonlijke levenssfeer", "2077"),),
            Decision(Openness.RESTRICTED, Ground.PRIVACY, "2077-12-31"),
        ),
        (
            (restriction("Beperkt", "2077-02", "artikel 15 lid 1c Archiefwet"),),
            Decision(
                Openness.RESTRICTED, Ground.HARM, "2077-02-28", "artikel 15 lid 1c Archiefwet"
            ),
        ),
        (
            (restriction("Beperkt: belang van de Staat", "2040-01-01"),),
            Decision(Openness.RESTRICTED, Ground.STATE, "2040-01-01"),
        ),
        (
            (restriction("Persoonlijke levenssfeer"),),
            Decision(Openness.UNDECIDED, Ground.PRIVACY),
        ),
        (
            (restriction("Nader te bepalen"),),
            Decision(Openness.UNDECIDED, description="Nader te bepalen"),
        ),
        (
            (restriction("Auteursrecht"),),
            Decision(Openness.UNDECIDED, description="Auteursrecht"),
        ),
        (
            (restriction("Auteursrecht"), geen_beperking()),
            Decision(Openness.OPEN),
        ),
        (
            (restriction("levenssfeer", "2040"), restriction("onevenredige benadeling", "2050")),
            Decision(Openness.UNDECIDED, description="levenssfeer, onevenredige benadeling"),
        ),
    ],
)
def test_what_a_sender_says_of_openness(
    restrictions: tuple[BeperkingGebruik, ...], expected: Decision
) -> None:
    assert openness_of(item(*restrictions)) == expected


def test_a_term_without_an_end_is_reckoned_from_its_start() -> None:
    term = Termijn(
        Begrip("Sluiting", OWN), termijnStartdatumLooptijd="2018-05-01", termijnLooptijd="P20Y"
    )
    said = BeperkingGebruik(Begrip("levenssfeer", OWN), beperkingGebruikTermijn=term)

    assert openness_of(item(said)).until == "2038-05-01"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-02", "2024-02-29"), ("2024", "2024-12-31"), ("2024-13", None), ("", None), ("x", None)],
)
def test_the_last_day_of_a_part_of_a_date(text: str, day: str | None) -> None:
    found = last_day(text)

    assert (found.isoformat() if found else None) == day


def test_what_is_written_reads_back_as_what_was_decided_and_is_kept_for_good() -> None:
    for decision in (
        Decision(Openness.OPEN),
        Decision(Openness.RESTRICTED, Ground.PRIVACY, "2077-12-31", "medisch"),
        Decision(Openness.RESTRICTED, Ground.STATE, "2077-12-31"),
        Decision(Openness.RESTRICTED, Ground.HARM, "2077-12-31"),
    ):
        written = for_transfer(item(restriction("Nader te bepalen")), decision)

        assert openness_of(written) == decision
        assert written.waardering == begrip_waardering("B")
        assert written.bewaartermijn is None


def test_what_restricts_the_use_for_another_reason_stays() -> None:
    copyright_ = restriction("Auteursrecht")

    written = for_transfer(item(copyright_, geen_beperking()), Decision(Openness.OPEN))

    labels = [each.beperkingGebruikType.begripLabel for each in written.beperkingGebruik]
    assert labels == ["openbaar (Archiefwet 1995)", "Auteursrecht"]
