"""The review: judged per item, answered, handed over; and who may not do what."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from retention import destruction_list, people, review, rule_policy, signing
from retention.acts import acts_of
from retention.destruction_list import items_of
from retention.errors import PersonUnknown, Refused, SignatureWrong
from retention.involvement import Involved, everybody, involved
from retention.nouns import Actor, Desk, Duty, ItemState, ListState, Role
from retention.remarks import agreed, open_remarks, threads, to_judge
from retention.review import Assignment, Exchange
from retention.review_nouns import (
    WHOLE,
    Advice,
    AdviceKind,
    Answer,
    AnswerKind,
    Because,
    Judgement,
    Said,
)
from retention.standing_rules import agree_standing
from storage.database import begin, open_database, reading
from tests.retention import listing, making
from tests.retention.listing import GM, Town

KEEP = Advice(AdviceKind.KEEP, "het beroep loopt nog")
ASK = Advice(AdviceKind.ASK, "is dit het hele dossier?")
STAYS = Answer(AnswerKind.STAYS, "het beroep is ingetrokken")
OFF = Answer(AnswerKind.OFF, "beroep loopt", Because.DATE, "2027-01-01")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "edepot.sqlite")
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def town(desk: Desk) -> Town:
    return listing.town(desk)


def made_in(desk: Desk, town: Town, state: ListState, dossiers: int = 3) -> str:
    made = listing.concept(desk, town, dossiers)
    listing.to(desk, town, made.id, state)
    return made.id


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def rejects(desk: Desk, reviewer: Actor, list_id: str, **advices: Advice) -> None:
    review.judge(desk, reviewer, list_id, Judgement(approves=False, advices=advices))


def states(desk: Desk, list_id: str) -> dict[str, ItemState]:
    with reading(desk.engine) as connection:
        return {each.dossier: each.state for each in items_of(connection, list_id)}


# Separation of duties: RET-126 to RET-129


def test_the_proposer_cannot_be_reviewer_of_the_same_list(desk: Desk, town: Town) -> None:
    # RET-126
    both = making.actor(desk, "Petra", GM, Role.PROCESS_OWNER)
    list_id = made_in(desk, town, ListState.CONCEPT)

    with refused("separation_of_duties"):
        review.submit(desk, town.proposer, list_id, Assignment([both.person]))
    assert listing.look(desk, list_id).state is ListState.CONCEPT


def test_the_reviewer_cannot_be_archivist_of_the_same_list(desk: Desk, town: Town) -> None:
    # RET-127
    both = making.actor(desk, "Rik", GM, Role.ARCHIVIST)
    list_id = made_in(desk, town, ListState.REVIEWED)

    with refused("separation_of_duties") as caught:
        review.hand_over(desk, town.proposer, list_id, both.person)
    assert caught.value.values["found"] == "reviewer"
    listing.hand_over(desk, town, list_id)
    with refused("separation_of_duties"):
        review.authorise(desk, both, list_id)


@pytest.mark.parametrize("role", [Role.ARCHIVIST, Role.SIGNATORY])
def test_who_commented_is_neither_archivist_nor_signatory(
    desk: Desk, town: Town, role: Role
) -> None:
    # RET-128
    made = listing.concept(desk, town)
    judges = Assignment([town.reviewer.person], [town.colleague.person])
    review.submit(desk, town.proposer, made.id, judges)
    making.actor(desk, "Cor", GM, role)
    state = ListState.AT_ARCHIVIST if role is Role.ARCHIVIST else ListState.TO_SIGN
    listing.to(desk, town, made.id, state)

    with refused("separation_of_duties"):
        if role is Role.ARCHIVIST:
            review.authorise(desk, town.colleague, made.id)
        else:
            signing.sign(desk, town.colleague, made.id, root=listing.look(desk, made.id).root)


def test_the_proposer_does_not_sign_as_deputy_either(desk: Desk, town: Town) -> None:
    # RET-129
    list_id = made_in(desk, town, ListState.TO_SIGN)
    with begin(desk.engine) as connection:
        people.give_mandate(
            connection,
            desk,
            town.proposer.person,
            GM,
            Role.SIGNATORY,
            valid_from=date(2020, 1, 1),
            decision="vervanging",
            given_by="test",
            deputy_for=town.signatory.person,
        )

    with refused("separation_of_duties"):
        signing.sign(desk, town.proposer, list_id, root=listing.look(desk, list_id).root)


def test_a_deputy_with_a_mandate_of_their_own_may(desk: Desk, town: Town) -> None:
    deputy = making.actor(desk, "Dirk", GM, Role.SIGNATORY)
    list_id = made_in(desk, town, ListState.TO_SIGN)

    signing.sign(desk, deputy, list_id, root=listing.look(desk, list_id).root)

    assert listing.look(desk, list_id).state is ListState.WAITING


def test_a_reviewer_who_was_replaced_does_not_become_archivist(desk: Desk, town: Town) -> None:
    both = making.actor(desk, "Rik", GM, Role.ARCHIVIST)
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    exchanged = Exchange(town.reviewer.person, town.second.person)
    review.reassign(desk, town.proposer, list_id, exchanged, "vertrokken")
    listing.approve(desk, town.second, list_id)

    with refused("separation_of_duties"):
        review.hand_over(desk, town.proposer, list_id, both.person)


# Judging: RET-130, RET-131


def test_who_rejects_says_why_of_an_item(desk: Desk, town: Town) -> None:
    # RET-130
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, *_] = listing.dossiers(desk, list_id)

    for advices in ({}, {first: Advice(AdviceKind.DESTROY)}):
        with refused("contradiction"):
            rejects(desk, town.reviewer, list_id, **advices)
    assert listing.look(desk, list_id).state is ListState.IN_REVIEW


def test_nobody_approves_with_a_remark_on_an_item(desk: Desk, town: Town) -> None:
    # RET-131
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, *_] = listing.dossiers(desk, list_id)

    with refused("contradiction") as caught:
        judgement = Judgement(approves=True, advices={first: KEEP}, count=3)
        review.judge(desk, town.reviewer, list_id, judgement)
    assert caught.value.values["dossiers"] == first


def test_an_approval_names_how_many_items_were_seen(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)

    for count in (None, 2, 4):
        with refused("count_differs"):
            review.judge(desk, town.reviewer, list_id, Judgement(approves=True, count=count))


def test_a_remark_has_a_reason_and_is_on_an_item_of_the_list(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, second, _] = listing.dossiers(desk, list_id)
    with begin(desk.engine) as connection:
        destruction_list.leave(connection, desk, list_id, second, "hold")

    with refused("reason_missing"):
        rejects(desk, town.reviewer, list_id, **{first: Advice(AdviceKind.KEEP, " ")})
    for unknown in ("elsewhere", second):
        with refused("not_on_list"):
            rejects(desk, town.reviewer, list_id, **{unknown: KEEP})


def test_all_reviewers_have_to_agree(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    both = Assignment([town.reviewer.person, town.second.person])
    review.submit(desk, town.proposer, made.id, both)

    listing.approve(desk, town.reviewer, made.id)
    assert listing.look(desk, made.id).state is ListState.IN_REVIEW
    with reading(desk.engine) as connection:
        assert to_judge(connection, made.id) == (town.second.person,)
    listing.approve(desk, town.second, made.id)

    assert listing.look(desk, made.id).state is ListState.REVIEWED
    assert set(states(desk, made.id).values()) == {ItemState.AGREED}


def test_only_who_was_asked_judges(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)

    with refused("not_assigned"):
        listing.approve(desk, town.second, list_id)
    with refused("not_assigned"):
        review.comment(desk, town.colleague, list_id, {})
    with refused("mandate"):
        listing.approve(desk, town.signatory, list_id)


def test_a_co_reviewer_comments_and_nothing_moves(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)
    judges = Assignment([town.reviewer.person], [town.colleague.person])
    review.submit(desk, town.proposer, made.id, judges)
    [dossier] = listing.dossiers(desk, made.id)

    review.comment(desk, town.colleague, made.id, {dossier: KEEP}, "let op")

    assert listing.look(desk, made.id).state is ListState.IN_REVIEW
    with reading(desk.engine) as connection:
        assert open_remarks(connection, made.id) == ()
        said = threads(connection, made.id)
    assert [each.reason for each in said[dossier]] == [KEEP.reason]
    assert [each.reason for each in said[WHOLE]] == ["let op"]
    listing.approve(desk, town.reviewer, made.id)
    with pytest.raises(Refused):
        listing.approve(desk, town.colleague, made.id)


# Answering


def test_remarks_are_answered_and_the_reviewer_judges_again(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, second, third] = listing.dossiers(desk, list_id)
    before = listing.look(desk, list_id)
    rejects(desk, town.reviewer, list_id, **{first: KEEP, second: ASK})
    assert listing.look(desk, list_id).state is ListState.CHANGES_REQUESTED
    with reading(desk.engine) as connection:
        remarks = [(each.dossier, each.kind) for each in open_remarks(connection, list_id)]
    assert remarks == [(first, AdviceKind.KEEP), (second, AdviceKind.ASK)]

    review.answer(desk, town.proposer, list_id, {first: OFF, second: STAYS})

    after = listing.look(desk, list_id)
    assert (after.state, after.revision) == (ListState.IN_REVIEW, before.revision + 1)
    assert after.root != before.root
    found = states(desk, list_id)
    assert [found[each] for each in (first, second, third)] == [
        ItemState.LEFT,
        ItemState.PROPOSED,
        ItemState.PROPOSED,
    ]
    with reading(desk.engine) as connection:
        assert open_remarks(connection, list_id) == ()
        assert to_judge(connection, list_id) == (town.reviewer.person,)
        thread = threads(connection, list_id)[first]
        [left] = [each for each in items_of(connection, list_id) if each.dossier == first]
    at = desk.now().isoformat()
    assert thread == (
        Said(town.reviewer.person, "reviewer", at, "keep", KEEP.reason),
        Said(town.proposer.person, "proposer", at, "off", OFF.reason, "date", "2027-01-01"),
    )
    assert (left.left_reason, left.left_detail) == ("advice_keep", "date: 2027-01-01")
    listing.approve(desk, town.reviewer, list_id)
    assert listing.look(desk, list_id).state is ListState.REVIEWED


def test_who_approved_can_come_back_on_it(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    both = Assignment([town.reviewer.person, town.second.person])
    review.submit(desk, town.proposer, made.id, both)
    [first, *_] = listing.dossiers(desk, made.id)
    listing.approve(desk, town.reviewer, made.id)

    rejects(desk, town.reviewer, made.id, **{first: KEEP})

    review.answer(desk, town.proposer, made.id, {first: STAYS})
    with reading(desk.engine) as connection:
        both_judge = {town.reviewer.person, town.second.person}
        assert set(to_judge(connection, made.id)) == both_judge
    listing.approve(desk, town.reviewer, made.id)
    listing.approve(desk, town.second, made.id)
    assert listing.to(desk, town, made.id, ListState.EXECUTING).state is ListState.EXECUTING


def test_every_remark_needs_an_answer_with_its_grounds(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, second, third] = listing.dossiers(desk, list_id)
    rejects(desk, town.reviewer, list_id, **{first: KEEP, second: ASK})

    with refused("unanswered") as caught:
        review.answer(desk, town.proposer, list_id, {first: STAYS})
    assert caught.value.values["dossiers"] == second
    with refused("no_remark"):
        answers = {first: STAYS, second: STAYS, third: STAYS}
        review.answer(desk, town.proposer, list_id, answers)
    for empty in (
        Answer(AnswerKind.STAYS, " "),
        Answer(AnswerKind.OFF, "daarom"),
        Answer(AnswerKind.OFF, "daarom", Because.RULE, " "),
        Answer(AnswerKind.OFF, "", Because.HOLD, "h1"),
    ):
        with refused("reason_missing"):
            review.answer(desk, town.proposer, list_id, {first: STAYS, second: empty})


def test_what_left_by_itself_needs_no_answer(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, second, _] = listing.dossiers(desk, list_id)
    rejects(desk, town.reviewer, list_id, **{first: KEEP, second: ASK})
    with begin(desk.engine) as connection:
        destruction_list.leave(connection, desk, list_id, first, "hold", "h1")

    review.answer(desk, town.proposer, list_id, {second: STAYS})

    assert listing.look(desk, list_id).state is ListState.IN_REVIEW


def test_a_list_of_which_the_last_item_is_taken_off_is_withdrawn(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW, dossiers=1)
    [only] = listing.dossiers(desk, list_id)
    rejects(desk, town.reviewer, list_id, **{only: KEEP})

    moved = review.answer(desk, town.proposer, list_id, {only: OFF})

    assert (moved.done, moved.list.state) == (False, ListState.WITHDRAWN)


def test_who_approved_before_need_not_do_so_again(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    both = Assignment([town.reviewer.person, town.second.person])
    review.submit(desk, town.proposer, made.id, both)
    [first, *_] = listing.dossiers(desk, made.id)
    listing.approve(desk, town.second, made.id)
    rejects(desk, town.reviewer, made.id, **{first: KEEP})

    review.answer(desk, town.proposer, made.id, {first: OFF})

    with reading(desk.engine) as connection:
        assert to_judge(connection, made.id) == (town.reviewer.person,)
    listing.approve(desk, town.reviewer, made.id)
    assert listing.look(desk, made.id).state is ListState.REVIEWED


@pytest.mark.parametrize("state", [ListState.AT_ARCHIVIST, ListState.TO_SIGN])
def test_after_a_refusal_higher_up_everybody_judges_again(
    desk: Desk, town: Town, state: ListState
) -> None:
    list_id = made_in(desk, town, state)
    refuses = review.refuse if state is ListState.AT_ARCHIVIST else signing.refuse
    actor = town.archivist if state is ListState.AT_ARCHIVIST else town.signatory
    with refused("reason_missing"):
        refuses(desk, actor, list_id, " ", {})

    refuses(desk, actor, list_id, "de toelichting ontbreekt", {})

    assert listing.look(desk, list_id).state is ListState.CHANGES_REQUESTED
    with reading(desk.engine) as connection:
        [remark] = open_remarks(connection, list_id)
        assert agreed(connection, list_id) == frozenset()
    assert (remark.dossier, remark.reason) == (WHOLE, "de toelichting ontbreekt")
    with refused("unanswered"):
        review.answer(desk, town.proposer, list_id, {})
    review.answer(desk, town.proposer, list_id, {}, "de toelichting staat er nu bij")
    listing.to(desk, town, list_id, ListState.EXECUTING)


def test_the_archivist_refuses_per_item(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.AT_ARCHIVIST)
    [first, *_] = listing.dossiers(desk, list_id)
    with refused("not_on_list"):
        review.refuse(desk, town.archivist, list_id, "zie dossier", {"elsewhere": KEEP})

    review.refuse(desk, town.archivist, list_id, "zie dossier", {first: KEEP})

    with reading(desk.engine) as connection:
        assert [each.dossier for each in open_remarks(connection, list_id)] == [first]
    review.answer(desk, town.proposer, list_id, {first: OFF})
    assert listing.look(desk, list_id).state is ListState.IN_REVIEW


# Lists and what is on them: RET-132 to RET-135, RET-151


def test_a_list_is_submitted_to_somebody_who_may_review(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.CONCEPT)

    with refused("no_reviewers"):
        review.submit(desk, town.proposer, list_id, Assignment([]))
    with refused("mandate"):
        review.submit(desk, town.proposer, list_id, Assignment([town.archivist.person]))
    with pytest.raises(PersonUnknown):
        review.submit(desk, town.proposer, list_id, Assignment(["p9999"]))
    with begin(desk.engine) as connection:
        people.end_person(connection, desk, town.second.person)
    with refused("mandate"):
        review.submit(desk, town.proposer, list_id, Assignment([town.second.person]))


def test_a_dossier_is_on_one_running_list(desk: Desk, town: Town) -> None:
    # RET-133
    list_id = made_in(desk, town, ListState.IN_REVIEW, dossiers=1)
    [dossier] = listing.dossiers(desk, list_id)
    other = listing.concept(desk, town, 1)

    with refused("already_on_list"):
        destruction_list.add(desk, town.proposer, other.id, [dossier])


def test_a_dossier_without_a_date_does_not_come_on_a_list(desk: Desk, town: Town) -> None:
    # RET-135
    undated = making.dossier(desk, GM, ended_on="")
    made = listing.concept(desk, town, 1)

    with refused("no_date"):
        destruction_list.add(desk, town.proposer, made.id, [undated])


def test_a_list_is_of_one_zorgdrager(desk: Desk, town: Town) -> None:
    # RET-151
    strange = making.dossier(desk, "gm0001")
    made = listing.concept(desk, town, 1)

    with refused("one_zorgdrager"):
        destruction_list.add(desk, town.proposer, made.id, [strange])


def test_nothing_comes_in_once_a_list_is_submitted(desk: Desk, town: Town) -> None:
    # RET-134
    list_id = made_in(desk, town, ListState.IN_REVIEW)

    with refused("state"):
        destruction_list.add(desk, town.proposer, list_id, [making.dossier(desk, GM)])


def test_what_is_kept_on_against_advice_has_a_reason(desk: Desk, town: Town) -> None:
    # RET-132
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    [first, *_] = listing.dossiers(desk, list_id)
    rejects(desk, town.reviewer, list_id, **{first: KEEP})

    with refused("reason_missing"):
        review.answer(desk, town.proposer, list_id, {first: Answer(AnswerKind.STAYS, "")})
    review.answer(desk, town.proposer, list_id, {first: STAYS})

    assert states(desk, list_id)[first] is ItemState.PROPOSED


# Reassigning: RET-154


def test_a_reviewer_is_replaced_and_stays_recorded(desk: Desk, town: Town) -> None:
    # RET-154
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    making.advance(desk, days=3)
    exchanged = Exchange(town.reviewer.person, town.second.person)

    review.reassign(desk, town.proposer, list_id, exchanged, "vertrokken")

    with reading(desk.engine) as connection:
        found = {each.person: each for each in everybody(connection, list_id, [Duty.REVIEWER])}
    assert (found[town.reviewer.person].active, found[town.second.person].active) == (False, True)
    with refused("not_assigned"):
        listing.approve(desk, town.reviewer, list_id)
    listing.approve(desk, town.second, list_id)
    listing.to(desk, town, list_id, ListState.EXECUTING)


def test_a_reviewer_is_replaced_by_somebody_else_who_may(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    first, second = town.reviewer.person, town.second.person
    making.actor(desk, "Petra", GM, Role.PROCESS_OWNER)

    def exchange(replaced: str, by: str, reason: str = "ziek") -> None:
        review.reassign(desk, town.proposer, list_id, Exchange(replaced, by), reason)

    for wrong in ((first, first), (second, first), ("p9999", second)):
        with refused("not_assigned"):
            exchange(*wrong)
    with refused("reason_missing"):
        exchange(first, second, " ")
    with refused("separation_of_duties"):
        exchange(first, town.proposer.person)
    with refused("mandate"):
        exchange(first, town.signatory.person)
    with refused("mandate"):
        review.reassign(desk, town.archivist, list_id, Exchange(first, second), "ziek")
    exchange(first, second)
    with refused("replaced_before"):
        exchange(second, first)


# The archivist and the short procedure: RET-155


def test_the_archivist_authorises(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.AT_ARCHIVIST)

    review.authorise(desk, town.archivist, list_id, "brief 12")

    assert listing.look(desk, list_id).state is ListState.TO_SIGN
    with reading(desk.engine) as connection:
        [act] = acts_of(connection, list_id, ["authorise"])
        row = involved(connection, list_id, town.archivist.person)
    assert (act.duty, act.saying["reference"]) == ("archivist", "brief 12")
    assert isinstance(row, Involved)
    assert row.duty is Duty.ARCHIVIST


def standing(desk: Desk, town: Town, archivist: Actor, **more: str) -> None:
    """A policy under which lists of 13.1 pass the archivist by, made by two persons."""
    said = {"list_year": "2020", "category": "13.1", "archivist": archivist.person}
    rules = {"standing": [said | {"valid_from": "2020-01-01"} | more]}
    policy = rule_policy.set_policy(
        desk, town.proposer, GM, rules, decision="besluit 7", valid_from=date(2026, 1, 1)
    )
    number = int(policy.name.rpartition("-")[2])
    rule_policy.check_policy(desk, town.archivist, GM, number)


def test_under_a_standing_authorisation_the_list_goes_on_to_the_signature(
    desk: Desk, town: Town
) -> None:
    # RET-155
    standing(desk, town, town.archivist)
    agree_standing(desk, town.archivist, GM)
    list_id = made_in(desk, town, ListState.IN_REVIEW)

    listing.approve(desk, town.reviewer, list_id)

    assert listing.look(desk, list_id).state is ListState.TO_SIGN
    with reading(desk.engine) as connection:
        row = involved(connection, list_id, town.archivist.person)
    assert row is not None
    assert row.duty is Duty.ARCHIVIST
    listing.to(desk, town, list_id, ListState.EXECUTING)


def test_a_standing_authorisation_counts_when_the_archivist_signed_it(
    desk: Desk, town: Town
) -> None:
    standing(desk, town, town.archivist)
    list_id = made_in(desk, town, ListState.IN_REVIEW)

    listing.approve(desk, town.reviewer, list_id)

    assert listing.look(desk, list_id).state is ListState.REVIEWED
    with refused("no_standing"):
        agree_standing(desk, making.actor(desk, "Ada", GM, Role.ARCHIVIST), GM)


@pytest.mark.parametrize("spoilt", ["over", "other", "forged", "ended", "mandate"])
def test_a_standing_authorisation_that_does_not_hold_is_passed_over(
    desk: Desk, town: Town, spoilt: str
) -> None:
    more = {"over": {"valid_to": "2026-11-22"}, "other": {"category": "1.1"}}
    standing(desk, town, town.archivist, **more.get(spoilt, {}))
    agree_standing(desk, town.archivist, GM)
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    with begin(desk.engine) as connection:
        if spoilt == "forged":
            connection.execute(text("DROP TRIGGER standing_agreements_update_kept"))
            connection.execute(text("UPDATE standing_agreements SET signature = 'eA=='"))
        if spoilt == "ended":
            people.end_person(connection, desk, town.archivist.person)
        if spoilt == "mandate":
            [mandate] = people.mandates_of(connection, town.archivist.person)
            people.end_mandate(connection, desk, mandate.number, "test")
    making.advance(desk, days=1)

    listing.approve(desk, town.reviewer, list_id)

    assert listing.look(desk, list_id).state is ListState.REVIEWED


def test_an_archivist_with_another_part_in_the_list_does_not_stand_for_it(
    desk: Desk, town: Town
) -> None:
    both = making.actor(desk, "Anna", GM, Role.PROCESS_OWNER)
    standing(desk, town, town.archivist)
    agree_standing(desk, town.archivist, GM)
    made = listing.concept(desk, town)
    review.submit(desk, town.proposer, made.id, Assignment([both.person]))

    listing.approve(desk, both, made.id)

    assert listing.look(desk, made.id).state is ListState.REVIEWED


def test_a_standing_authorisation_has_to_hold_on_the_day_of_the_start(
    desk: Desk, town: Town
) -> None:
    standing(desk, town, town.archivist, valid_to="2026-11-25")
    agree_standing(desk, town.archivist, GM)
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    listing.approve(desk, town.reviewer, list_id)
    listing.sign(desk, town, list_id)
    making.advance(desk, days=8)

    with refused("no_standing"):
        signing.start(desk, town.executor, list_id)


# Withdrawing


@pytest.mark.parametrize(
    "state",
    [
        ListState.CONCEPT,
        ListState.IN_REVIEW,
        ListState.REVIEWED,
        ListState.AT_ARCHIVIST,
        ListState.TO_SIGN,
    ],
)
def test_the_proposer_withdraws_before_the_signature(
    desk: Desk, town: Town, state: ListState
) -> None:
    list_id = made_in(desk, town, state)
    with refused("reason_missing"):
        review.withdraw(desk, town.proposer, list_id, "")
    ids = listing.dossiers(desk, list_id)

    review.withdraw(desk, town.proposer, list_id, "verkeerde selectie")

    assert listing.look(desk, list_id).state is ListState.WITHDRAWN
    assert set(states(desk, list_id).values()) == {ItemState.LEFT}
    again = destruction_list.new_list(
        desk,
        town.proposer,
        GM,
        name="opnieuw",
        selection=destruction_list.Selection(dossiers=tuple(ids)),
    )
    assert again.refused == ()


def test_nobody_else_withdraws_and_not_after_the_signature(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.WAITING)

    with refused("mandate"):
        review.withdraw(desk, town.reviewer, list_id, "nee")
    with refused("state"):
        review.withdraw(desk, town.proposer, list_id, "nee")


def test_another_record_manager_takes_over_and_counts_as_proposer(desk: Desk, town: Town) -> None:
    other = making.actor(desk, "Olga", GM, Role.RECORD_MANAGER, Role.SIGNATORY)
    list_id = made_in(desk, town, ListState.REVIEWED)

    review.hand_over(desk, other, list_id, town.archivist.person)
    listing.authorise(desk, town, list_id)

    with refused("separation_of_duties"):
        signing.sign(desk, other, list_id, root=listing.look(desk, list_id).root)


def test_who_acts_signs_with_the_own_key(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    forged = Actor(town.reviewer.person, "test", town.second.sign)

    with pytest.raises(SignatureWrong):
        listing.approve(desk, forged, list_id)
    assert listing.look(desk, list_id).state is ListState.IN_REVIEW


def test_a_mandate_that_ended_lets_nobody_judge(desk: Desk, town: Town) -> None:
    # RET-150
    list_id = made_in(desk, town, ListState.IN_REVIEW)
    with begin(desk.engine) as connection:
        [mandate] = people.mandates_of(connection, town.reviewer.person)
        people.end_mandate(connection, desk, mandate.number, "test")
    making.advance(desk, days=2)

    with refused("mandate"):
        listing.approve(desk, town.reviewer, list_id)


def test_the_policy_is_asked(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        policy = rule_policy.policy_for(connection, GM, date(2026, 11, 23))

    assert (policy.waiting_days, policy.review_days, policy.authorisation_months) == (7, 20, 6)


def test_a_co_reviewer_can_become_reviewer(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    judges = Assignment([town.reviewer.person], [town.second.person])
    review.submit(desk, town.proposer, made.id, judges)
    exchanged = Exchange(town.reviewer.person, town.second.person)

    review.reassign(desk, town.proposer, made.id, exchanged, "ziek")

    with reading(desk.engine) as connection:
        row = involved(connection, made.id, town.second.person)
    assert row is not None
    assert row.duty is Duty.REVIEWER
    listing.approve(desk, town.second, made.id)


def test_keep_and_ask_are_remarks() -> None:
    assert [Advice(each).is_remark for each in AdviceKind] == [False, True, True]
