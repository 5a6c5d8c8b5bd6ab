"""The review of a list: submitted, judged per item, answered, and put before the archivist.

    submit(desk, proposer, list_id, Assignment(reviewers=["p0002"]))
    judge(desk, reviewer, list_id, Judgement(approves=False, advices={…}))
    answer(desk, proposer, list_id, {dossier: Answer(…)})
    judge(desk, reviewer, list_id, Judgement(approves=True, count=12))
    hand_over(desk, proposer, list_id, archivist="p0003")
    authorise(desk, archivist, list_id, reference="brief 2026/12")

Nothing here goes on because time has passed: who does not answer is reminded (deadlines.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from retention.days import trusted_today
from retention.deadlines import reminders, tell_deadlines
from retention.errors import Refused
from retention.involvement import (
    dismiss,
    involve,
    involved,
    reviewers,
    set_due,
)
from retention.leaving import By, leave
from retention.list_reading import DisposalList
from retention.moving import Moved, Step, carry_out
from retention.nouns import Actor, Desk, Duty
from retention.people import mandate_for, read_person
from retention.remarks import open_remarks, threads, to_judge
from retention.review_nouns import (
    Advice,
    AdviceKind,
    Advices,
    Answer,
    AnswerKind,
    Answers,
    Because,
    Judgement,
    advices_plain,
    answers_plain,
)
from retention.rule_policy import policy_for
from retention.standing_rules import standing_archivist
from retention.transitions import ROLES, Event
from retention.working_days import add_working_days
from storage.database import begin

__all__ = [
    "Advice",
    "AdviceKind",
    "Answer",
    "AnswerKind",
    "Assignment",
    "Because",
    "Exchange",
    "Judgement",
    "answer",
    "authorise",
    "comment",
    "hand_over",
    "judge",
    "open_remarks",
    "reassign",
    "refuse",
    "reminders",
    "submit",
    "tell_deadlines",
    "threads",
    "withdraw",
]

ADVISED = {AdviceKind.KEEP: "advice_keep", AdviceKind.ASK: "advice_ask"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who judge a list: reviewers, who must all agree, and co-reviewers, who only comment."""

    reviewers: Sequence[str]
    co_reviewers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which reviewer judges no more, and who does so instead."""

    replaced: str
    by: str


def submit(desk: Desk, actor: Actor, list_id: str, assignment: Assignment) -> Moved:
    """Put a list before its reviewers; what fails a guard by now leaves.

    Raises: ListUnknown; PersonUnknown; Refused (mandate, separation_of_duties, state, empty_list,
    no_reviewers).
    """
    said = {
        "reviewers": sorted(set(assignment.reviewers)),
        "co_reviewers": sorted(set(assignment.co_reviewers)),
        "reason": "",
    }
    with begin(desk.engine) as connection:

        def assign(listed: DisposalList) -> None:
            due_on = _due_on(connection, desk, listed)
            for duty, people in (
                (Duty.REVIEWER, said["reviewers"]),
                (Duty.CO_REVIEWER, said["co_reviewers"]),
            ):
                for each in people:
                    _assign(connection, desk, listed, each, duty, due_on)

        return carry_out(connection, desk, actor, Step(list_id, Event.SUBMIT, said, assign))


def judge(desk: Desk, actor: Actor, list_id: str, judgement: Judgement) -> Moved:
    """Say as a reviewer what is to become of a list: approve it, or make remarks on items.

    When all reviewers agree the list is reviewed; when every rule on it stands on a standing
    authorisation it goes on to be signed at once.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, not_assigned, not_on_list,
    reason_missing, contradiction, count_differs).
    """
    event = Event.APPROVE if judgement.approves else Event.REJECT
    said = {
        "advices": advices_plain(judgement.advices),
        "count": judgement.count,
        "reason": judgement.reason,
    }
    with begin(desk.engine) as connection:
        moved = carry_out(connection, desk, actor, Step(list_id, event, said))
        if event is Event.APPROVE and not to_judge(connection, list_id):
            moved = carry_out(connection, desk, None, Step(list_id, Event.ALL_AGREED))
            return _shorten(connection, desk, moved)
        return moved


def comment(desk: Desk, actor: Actor, list_id: str, advices: Advices, reason: str = "") -> Moved:
    """Say as a co-reviewer what one thinks of items: it stands in their threads, and no more.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, not_assigned, not_on_list,
    reason_missing).
    """
    said = {"advices": advices_plain(advices), "reason": reason}
    with begin(desk.engine) as connection:
        return carry_out(connection, desk, actor, Step(list_id, Event.COMMENT, said))


def answer(desk: Desk, actor: Actor, list_id: str, answers: Answers, reason: str = "") -> Moved:
    """Answer every remark, take off what is taken off, and put the new revision to review.

    `reason`: the answer to a remark on the whole list. Who approved before need not do so again,
    unless archivist or signatory refused since.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, unanswered, no_remark,
    reason_missing).
    """
    said = {"answers": answers_plain(answers), "reason": reason}
    with begin(desk.engine) as connection:

        def take_off(listed: DisposalList) -> None:
            kinds = {each.dossier: each.kind for each in open_remarks(connection, list_id)}
            by = By(actor.person, actor.origin)
            for dossier, each in answers.items():
                if each.kind is AnswerKind.OFF:
                    code, detail = ADVISED[kinds[dossier]], f"{each.because}: {each.reference}"
                    leave(connection, desk, list_id, dossier, code, detail, by)
            for person in to_judge(connection, list_id):
                set_due(connection, list_id, person, _due_on(connection, desk, listed))

        return carry_out(connection, desk, actor, Step(list_id, Event.ANSWER, said, take_off))


def reassign(desk: Desk, actor: Actor, list_id: str, exchanged: Exchange, reason: str) -> Moved:
    """Let another person judge in the place of a reviewer; that the first one was it stays.

    Raises: ListUnknown; PersonUnknown; Refused (mandate, separation_of_duties, state,
    not_assigned, reason_missing).
    """
    replaced, by = exchanged.replaced, exchanged.by
    said = {"replaced": replaced, "reviewer": by, "reason": reason}
    with begin(desk.engine) as connection:

        def exchange(listed: DisposalList) -> None:
            judges = {each.person for each in reviewers(connection, list_id)}
            if replaced not in judges or by in judges:
                wrong = by if by in judges else replaced
                raise Refused(
                    "not_assigned",
                    list_id,
                    list=list_id,
                    person=wrong,
                    expected=Duty.REVIEWER.value,
                )
            was = involved(connection, list_id, by)
            if was is not None and not was.active:
                raise Refused("replaced_before", list_id, list=list_id, person=by)
            _assign(connection, desk, listed, by, Duty.REVIEWER, _due_on(connection, desk, listed))
            dismiss(connection, list_id, replaced)

        return carry_out(connection, desk, actor, Step(list_id, Event.REASSIGN, said, exchange))


def hand_over(desk: Desk, actor: Actor, list_id: str, archivist: str) -> Moved:
    """Put a reviewed list before an archivist who had no part in it.

    Raises: ListUnknown; PersonUnknown; Refused (mandate, separation_of_duties, state).
    """
    said = {"archivist": archivist, "reason": ""}
    with begin(desk.engine) as connection:

        def assign(listed: DisposalList) -> None:
            due_on = _due_on(connection, desk, listed)
            _assign(connection, desk, listed, archivist, Duty.ARCHIVIST, due_on)

        return carry_out(connection, desk, actor, Step(list_id, Event.HAND_OVER, said, assign))


def authorise(desk: Desk, actor: Actor, list_id: str, reference: str = "") -> Moved:
    """Authorise as archivist (machtiging); `reference`: the letter that says so.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state).
    """
    said = {"reference": reference, "reason": ""}
    with begin(desk.engine) as connection:
        return carry_out(connection, desk, actor, Step(list_id, Event.AUTHORISE, said))


def refuse(desk: Desk, actor: Actor, list_id: str, reason: str, advices: Advices) -> Moved:
    """Refuse as archivist, with a reason for the whole or per item: the proposer has to answer.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, reason_missing,
    not_on_list).
    """
    said = {"reason": reason, "advices": advices_plain(advices)}
    with begin(desk.engine) as connection:
        return carry_out(connection, desk, actor, Step(list_id, Event.REFUSE_AUTHORISATION, said))


def withdraw(desk: Desk, actor: Actor, list_id: str, reason: str) -> Moved:
    """Take a list back before it is signed: its items are free again.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, reason_missing).
    """
    with begin(desk.engine) as connection:
        return carry_out(connection, desk, actor, Step(list_id, Event.WITHDRAW, {"reason": reason}))


def _shorten(connection: Connection, desk: Desk, moved: Moved) -> Moved:
    """Go on to the signature when an archivist authorised all its rules for good.

    That archivist is then the one of this list: who had another part in it keeps it from going
    this way.
    """
    listed = moved.list
    today = trusted_today(connection, listed.zorgdrager, desk.now())
    archivist = standing_archivist(connection, listed, today)
    if archivist is None:
        return moved
    try:
        involve(connection, desk, listed.id, archivist, Duty.ARCHIVIST)
    except Refused:
        return moved
    return carry_out(connection, desk, None, Step(listed.id, Event.SHORT_PROCEDURE))


def _assign(  # noqa: PLR0913, PLR0917 - who becomes what of which list, and until when
    connection: Connection,
    desk: Desk,
    listed: DisposalList,
    person: str,
    duty: Duty,
    due_on: date,
) -> None:
    """Write down what a person is to do, when the person may do it.

    Raises: PersonUnknown; Refused (mandate, separation_of_duties).
    """
    today = trusted_today(connection, listed.zorgdrager, desk.now())
    ended = read_person(connection, person).ended
    if ended or mandate_for(connection, person, listed.zorgdrager, ROLES[duty], today) is None:
        raise Refused(
            "mandate",
            f"{person} has no mandate for {listed.zorgdrager}",
            person=person,
            zorgdrager=listed.zorgdrager,
            expected=", ".join(each.value for each in ROLES[duty]),
        )
    involve(connection, desk, listed.id, person, duty, due_on.isoformat())


def _due_on(connection: Connection, desk: Desk, listed: DisposalList) -> date:
    """By when somebody has to act who is asked today."""
    today = trusted_today(connection, listed.zorgdrager, desk.now())
    days = policy_for(connection, listed.zorgdrager, today).review_days
    return add_working_days(today, days)
