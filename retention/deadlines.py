"""By when reviewers and archivist have to act, and who is told when they do not.

At half and three quarters of the days they are reminded, at the end it is escalated, at one and a
half times it is reported (with 20 working days: 10, 15, 20 and 30). Nothing is ever approved or
put off because a day has passed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Connection, Table, Text, insert, select

from retention.acts import acts_of
from retention.authorisations import read_current
from retention.days import local_day, trusted_today
from retention.involvement import everybody
from retention.list_reading import DisposalList, list_lists
from retention.noting import note
from retention.nouns import Desk, Duty, ListState
from retention.remarks import to_judge
from retention.rule_policy import policy_for
from retention.transitions import Event
from retention.working_days import add_working_days
from storage.database import METADATA, begin

# Who was told, so that nobody is told the same twice.
REMINDERS = Table(
    "list_reminders",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    # Of which round: the day from which the days are counted.
    Column("since", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("told_at", Text, nullable=False),
)


class DeadlineStep(StrEnum):
    """How late it is."""

    FIRST = "first_reminder"
    SECOND = "second_reminder"
    ESCALATION = "escalation"
    REPORT = "report"


PARTS = {
    DeadlineStep.REPORT: (3, 2),
    DeadlineStep.ESCALATION: (1, 1),
    DeadlineStep.SECOND: (3, 4),
    DeadlineStep.FIRST: (1, 2),
}
"""At which part of the days each step comes, the last one first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is to act next on a list: as what (None: the system), which person ("": any with the
    mandate), asked on which day, and by when or from when."""

    list: str
    duty: Duty | None
    person: str = ""
    since: date | None = None
    due_on: date | None = None
    from_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """That a person has not acted, and how late that is."""

    list: str
    zorgdrager: str
    person: str
    duty: Duty
    step: DeadlineStep
    since: date
    due_on: date


def waits_for(connection: Connection, listed: DisposalList) -> tuple[Waiting, ...]:
    """Who is to act next on a list."""
    if listed.state is ListState.IN_REVIEW:
        return tuple(_reviewers(connection, listed))
    if listed.state is ListState.AT_ARCHIVIST:
        return tuple(_archivist(connection, listed))
    if listed.state is ListState.WAITING:
        current = read_current(connection, listed.id)
        days = (add_day(current.waits_until), current.valid_until) if current else (None, None)
        return (Waiting(listed.id, Duty.EXECUTOR, from_on=days[0], due_on=days[1]),)
    duty = NEXT.get(listed.state, ())
    person = listed.made_by if duty == (Duty.PROPOSER,) else ""
    return tuple(Waiting(listed.id, each, person) for each in duty)


def reminders(connection: Connection, today: date) -> tuple[Reminder, ...]:
    """Who is late with which list today, with the last step that was passed."""
    found = []
    for listed in list_lists(connection, states=[ListState.IN_REVIEW, ListState.AT_ARCHIVIST]):
        for each in waits_for(connection, listed):
            reminder = _reminder(connection, listed, each, today)
            if reminder is not None:
                found.append(reminder)
    return tuple(found)


def tell_deadlines(desk: Desk) -> tuple[Reminder, ...]:
    """Whom to tell now: each step of each round once. It stands in the ledger as well."""
    told = []
    with begin(desk.engine) as connection:
        zorgdragers = {each.zorgdrager for each in list_lists(connection)}
        for zorgdrager in sorted(zorgdragers):
            today = trusted_today(connection, zorgdrager, desk.now())
            for each in reminders(connection, today):
                if each.zorgdrager == zorgdrager and _is_new(connection, each):
                    _tell(connection, desk, each)
                    told.append(each)
    return tuple(told)


def add_day(day: date) -> date:
    """The day after."""
    return date.fromordinal(day.toordinal() + 1)


NEXT: dict[ListState, tuple[Duty | None, ...]] = {
    ListState.CONCEPT: (Duty.PROPOSER,),
    ListState.CHANGES_REQUESTED: (Duty.PROPOSER,),
    ListState.REVIEWED: (Duty.PROPOSER,),
    ListState.TO_SIGN: (Duty.SIGNATORY,),
    ListState.EXECUTING: (None,),
    ListState.PARTIALLY_EXECUTED: (Duty.EXECUTOR, Duty.ARCHIVIST),
    ListState.VERIFYING: (None,),
    ListState.EXECUTED: (Duty.SIGNATORY,),
    ListState.DECLARED: (None,),
}
"""Who acts in the states in which no single person is asked by a day."""


def _reviewers(connection: Connection, listed: DisposalList) -> Iterator[Waiting]:
    since: dict[str, date] = {}
    begun = None
    for each in acts_of(connection, listed.id, [Event.SUBMIT, Event.ANSWER, Event.REASSIGN]):
        if each.act == Event.REASSIGN:
            since[each.saying["reviewer"]] = _day(each.at)
        else:
            begun = _day(each.at)
    due = {each.person: each.due_on for each in everybody(connection, listed.id)}
    for person in to_judge(connection, listed.id):
        days = [each for each in (begun, since.get(person)) if each is not None]
        asked = max(days) if days else None
        due_on = date.fromisoformat(due[person]) if due[person] else None
        yield Waiting(listed.id, Duty.REVIEWER, person, asked, due_on)


def _archivist(connection: Connection, listed: DisposalList) -> Iterator[Waiting]:
    asked = list(acts_of(connection, listed.id, [Event.HAND_OVER]))
    for each in asked[-1:]:
        since = _day(each.at)
        days = policy_for(connection, listed.zorgdrager, since).review_days
        yield Waiting(
            listed.id,
            Duty.ARCHIVIST,
            each.saying["archivist"],
            since,
            add_working_days(since, days),
        )


def _reminder(
    connection: Connection, listed: DisposalList, waiting: Waiting, today: date
) -> Reminder | None:
    since, duty = waiting.since, waiting.duty
    if since is None or duty is None:
        return None
    days = policy_for(connection, listed.zorgdrager, since).review_days
    due_on = add_working_days(since, days)
    for step, (part, of) in PARTS.items():
        if today >= add_working_days(since, -(-days * part // of)):
            return Reminder(listed.id, listed.zorgdrager, waiting.person, duty, step, since, due_on)
    return None


def _is_new(connection: Connection, reminder: Reminder) -> bool:
    wanted = select(REMINDERS.c.told_at).where(
        REMINDERS.c.list == reminder.list,
        REMINDERS.c.person == reminder.person,
        REMINDERS.c.since == reminder.since.isoformat(),
        REMINDERS.c.step == reminder.step.value,
    )
    return connection.execute(wanted).first() is None


def _tell(connection: Connection, desk: Desk, reminder: Reminder) -> None:
    connection.execute(
        insert(REMINDERS),
        {
            "list": reminder.list,
            "person": reminder.person,
            "since": reminder.since.isoformat(),
            "step": reminder.step.value,
            "told_at": desk.now().isoformat(),
        },
    )
    note(
        connection,
        desk,
        reminder.zorgdrager,
        "list.reminder",
        reminder.list,
        result="ok",
        actor="edepot",
        origin="retention",
        facts={
            "person": reminder.person,
            "duty": reminder.duty.value,
            "step": reminder.step.value,
            "due_on": reminder.due_on.isoformat(),
        },
    )


def _day(at: str) -> date:
    return local_day(datetime.fromisoformat(at))
