"""Exemptions: they keep from the first person on, and end by a later decision and an archivist."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from retention import exemptions
from retention.case import Decision
from retention.errors import DossierUnknown, Refused
from retention.exemptions import Exemption, Ground
from retention.hold_acts import acts_on
from retention.nouns import Actor, Desk, ItemState, Role
from storage.database import begin, open_database, reading
from tests.retention import making
from tests.retention.test_holds import GM, item_of, listed

DECIDED = date(2026, 3, 2)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def person(desk: Desk, name: str, role: Role = Role.RECORD_MANAGER) -> Actor:
    return making.actor(desk, name, GM, role)


def exempted(desk: Desk, actor: Actor, *dossiers: str) -> tuple[Exemption, ...]:
    return exemptions.exempt(
        desk,
        actor,
        GM,
        dossiers,
        ground=Ground.HOTSPOT,
        decision="hotspotmonitor 2025, nr. 4",
        decided_on=DECIDED,
    )


def exempt(desk: Desk, dossier: str) -> bool:
    with reading(desk.engine) as connection:
        return exemptions.exempt_on(connection, dossier)


def test_an_exemption_keeps_from_the_first_person_on(desk: Desk) -> None:
    anna, due, other = person(desk, "Anna"), making.dossier(desk, GM), making.dossier(desk, GM)
    listed(desk, due, ItemState.APPROVED)
    listed(desk, other, ItemState.APPROVED)

    (made,) = exempted(desk, anna, due)

    assert (made.recorded_by, made.checked_by) == (anna.person, "")
    assert (exempt(desk, due), exempt(desk, other)) == (True, False)
    assert (item_of(desk, due), item_of(desk, other)[0]) == (
        ("left_list", "exempt", ""),
        "approved",
    )
    assert making.row_of(desk, due)["hold_epoch"] == 1


def test_a_second_person_checks_it_and_the_date_goes(desk: Desk) -> None:
    anna, bea = person(desk, "Anna"), person(desk, "Bea", Role.ARCHIVIST)
    due = making.dossier(desk, GM)
    (made,) = exempted(desk, anna, due)

    with pytest.raises(Refused) as refused:
        exemptions.check(desk, anna, made.number)
    assert refused.value.code == "same_person"
    checked = exemptions.check(desk, bea, made.number)

    assert checked.checked_by == bea.person
    assert making.row_of(desk, due)["decision"] == Decision.KEEP
    with pytest.raises(Refused, match="checked"):
        exemptions.check(desk, bea, made.number)
    with pytest.raises(Refused, match="checked"):
        exemptions.refuse(desk, bea, made.number, "verkeerd dossier")


def test_what_was_recorded_wrongly_is_refused_by_a_second_person(desk: Desk) -> None:
    anna, bea, due = person(desk, "Anna"), person(desk, "Bea"), making.dossier(desk, GM)
    (made,) = exempted(desk, anna, due)

    for who, reason, code in ((anna, "fout", "same_person"), (bea, " ", "reason_missing")):
        with pytest.raises(Refused) as refused:
            exemptions.refuse(desk, who, made.number, reason)
        assert refused.value.code == code
    ended = exemptions.refuse(desk, bea, made.number, "verkeerd dossier")

    assert (ended.ended_by, exempt(desk, due)) == (bea.person, False)
    with pytest.raises(Refused, match="ended"):
        exemptions.check(desk, bea, made.number)
    with reading(desk.engine) as connection:
        assert exemptions.list_exemptions(connection) == ()
        assert exemptions.list_exemptions(connection, [GM], ended=True) == (ended,)
        assert exemptions.list_exemptions(connection, ["opsterland"], ended=True) == ()


def test_an_exemption_ends_by_a_later_decision_with_an_archivist(desk: Desk) -> None:
    anna, bea = person(desk, "Anna"), person(desk, "Bea", Role.ARCHIVIST)
    cor, due = person(desk, "Cor", Role.ARCHIVIST), making.dossier(desk, GM)
    (made,) = exempted(desk, anna, due)
    number = made.number
    with pytest.raises(Refused, match="recorded"):
        exemptions.ask_end(desk, anna, number, "besluit 2027/1", "geen hotspot")
    exemptions.check(desk, bea, number)
    unasked: tuple[Callable[[], object], ...] = (
        lambda: exemptions.agree_end(desk, cor, number),
        lambda: exemptions.keep(desk, cor, number, "nee"),
    )
    for wrong in unasked:
        with pytest.raises(Refused, match="checked"):
            wrong()
    with pytest.raises(Refused) as refused:
        exemptions.ask_end(desk, bea, number, " ", "geen hotspot")
    assert refused.value.code == "reason_missing"

    exemptions.ask_end(desk, bea, number, "besluit 2027/1", "geen hotspot")
    with pytest.raises(Refused, match="checked"):
        exemptions.ask_end(desk, cor, number, "besluit 2027/1", "geen hotspot")
    for who, code in ((bea, "same_person"), (anna, "mandate")):
        with pytest.raises(Refused) as refused:
            exemptions.agree_end(desk, who, number)
        assert refused.value.code == code
    with pytest.raises(Refused, match="somebody else"):
        exemptions.keep(desk, bea, number, "nee")
    kept = exemptions.keep(desk, cor, number, "de raad wil het houden")
    assert (kept.end_asked_by, exempt(desk, due)) == ("", True)
    exemptions.ask_end(desk, bea, number, "besluit 2027/2", "geen hotspot")
    ended = exemptions.agree_end(desk, cor, number)

    assert (ended.ended_by, ended.end_decision) == (cor.person, "besluit 2027/2")
    assert not exempt(desk, due)
    assert making.row_of(desk, due)["decision"] != Decision.KEEP
    with reading(desk.engine) as connection:
        acts = [each.act for each in acts_on(connection, f"exemption:{number}")]
    assert acts == ["exempt", "check", "ask_end", "refuse_end", "ask_end", "agree_end"]


def test_wrong_exemptions_are_refused(desk: Desk) -> None:
    anna, theirs = person(desk, "Anna"), making.dossier(desk, "opsterland")
    officer = person(desk, "Dik", Role.HOLD_OFFICER)
    due = making.dossier(desk, GM)
    said = {"ground": Ground.OTHER, "decision": "besluit", "decided_on": DECIDED}

    def refusal(actor: Actor, dossiers: list[str], **more: object) -> str:
        with pytest.raises(Refused) as refused:
            exemptions.exempt(desk, actor, GM, dossiers, **{**said, **more})  # type: ignore[arg-type]
        return refused.value.code

    assert refusal(officer, [due]) == "mandate"
    assert refusal(anna, []) == "scope_empty"
    assert refusal(anna, [due], decision="") == "reason_missing"
    assert refusal(anna, [due], decided_on=date(2027, 1, 1)) == "contradiction"
    with pytest.raises(DossierUnknown):
        exempted(desk, anna, theirs)
    with pytest.raises(Refused, match="exemption 99"):
        exemptions.check(desk, anna, 99)
    assert not exempt(desk, due)


@pytest.mark.parametrize(
    "wrong",
    [
        "DELETE FROM exemptions",
        "UPDATE exemptions SET ended_at = 'x'",
        "UPDATE exemptions SET ended_at = 'x', ended_by = recorded_by",
        "UPDATE exemptions SET ended_at = 'x', end_asked_by = 'p0009', ended_by = 'p0009'",
    ],
)
def test_the_database_itself_ends_no_exemption_for_one_person(desk: Desk, wrong: str) -> None:
    due = making.dossier(desk, GM)
    exempted(desk, person(desk, "Anna"), due)

    with pytest.raises(IntegrityError), begin(desk.engine) as connection:
        connection.execute(text(wrong))

    assert exempt(desk, due)
