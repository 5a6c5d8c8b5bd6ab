"""Who was what for a list: proposer, reviewer, archivist and signatory are four persons.

Counted are natural persons, over the whole history of the list: what was once done as one of the
four can never be made undone, also not by withdrawing an assignment. The table holds one row a
person; what the person signed (the acts) counts beside it.

Source: domain rules, roles and separation of duties.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from retention.days import trusted_today
from retention.errors import Refused
from retention.list_reading import read_list
from retention.nouns import Desk, Duty
from retention.rule_policy import policy_for
from retention.tables import ACTS, INVOLVEMENT

EXCLUSIVE = (Duty.PROPOSER, Duty.REVIEWER, Duty.ARCHIVIST, Duty.SIGNATORY)
"""No person may be two of these for one list."""

_ALSO: dict[Duty, frozenset[Duty]] = {
    Duty.PROPOSER: frozenset(),
    Duty.REVIEWER: frozenset({Duty.EXECUTOR, Duty.CO_REVIEWER}),
    Duty.ARCHIVIST: frozenset({Duty.EXECUTOR}),
    Duty.SIGNATORY: frozenset(),
    Duty.CO_REVIEWER: frozenset({Duty.REVIEWER, Duty.EXECUTOR}),
    Duty.EXECUTOR: frozenset({Duty.REVIEWER, Duty.ARCHIVIST, Duty.CO_REVIEWER}),
}
"""What a person may be as well for the same list. Whether the proposer may start the run, the
policy says."""

_WEIGHT = {Duty.EXECUTOR: 0, Duty.CO_REVIEWER: 1} | dict.fromkeys(EXCLUSIVE, 2)
"""Of two duties the one that forbids more stands in the row."""


@dataclass(frozen=True, slots=True)
class Involved:
    """A person's row: `active` says of a reviewer whether this one still has to judge."""

    person: str
    duty: Duty
    since: str
    active: bool
    due_on: str


def involve(  # noqa: PLR0913, PLR0917 - who becomes what, and until when
    connection: Connection, desk: Desk, list_id: str, person: str, duty: Duty, due_on: str = ""
) -> None:
    """Write down what a person is for a list, when that fits with all that the person was for it.

    Raises: ListUnknown; Refused (separation_of_duties).
    """
    check_duty(connection, desk, list_id, person, duty)
    row = involved(connection, list_id, person)
    if row is None:
        connection.execute(
            insert(INVOLVEMENT),
            {
                "list": list_id,
                "person": person,
                "duty": duty.value,
                "since": desk.now().isoformat(),
                "active": 1,
                "due_on": due_on,
            },
        )
        return
    stands = max((row.duty, duty), key=_WEIGHT.__getitem__)
    if (stands, due_on or row.due_on) != (row.duty, row.due_on):
        _change(connection, list_id, person, duty=stands.value, due_on=due_on or row.due_on)


def check_duty(connection: Connection, desk: Desk, list_id: str, person: str, duty: Duty) -> None:
    """See that a person may be this for a list.

    Raises: ListUnknown; Refused (separation_of_duties).
    """
    for had in duties_of(connection, list_id, person):
        if had is duty or duty in _ALSO[had]:
            continue
        if {had, duty} == {Duty.PROPOSER, Duty.EXECUTOR} and _may_both(connection, desk, list_id):
            continue
        raise Refused(
            "separation_of_duties",
            f"{person} is {had.value} of {list_id}",
            list=list_id,
            person=person,
            found=had.value,
            expected=duty.value,
        )


def duties_of(connection: Connection, list_id: str, person: str) -> tuple[Duty, ...]:
    """Everything that a person was for a list, by the table and by what the person signed."""
    rows = connection.execute(
        select(INVOLVEMENT.c.duty)
        .where(INVOLVEMENT.c.list == list_id, INVOLVEMENT.c.person == person)
        .union(
            select(ACTS.c.duty).where(
                ACTS.c.list == list_id, ACTS.c.person == person, ACTS.c.duty != ""
            )
        )
    )
    return tuple(sorted(Duty(each.duty) for each in rows))


def involved(connection: Connection, list_id: str, person: str) -> Involved | None:
    """A person's row for a list; None when there is none."""
    found = [each for each in everybody(connection, list_id) if each.person == person]
    return found[0] if found else None


def everybody(
    connection: Connection, list_id: str, duties: Collection[Duty] = tuple(Duty)
) -> tuple[Involved, ...]:
    """Who was one of these for a list, by their ids."""
    wanted = (
        select(INVOLVEMENT)
        .where(INVOLVEMENT.c.list == list_id, INVOLVEMENT.c.duty.in_(sorted(duties)))
        .order_by(INVOLVEMENT.c.person)
    )
    return tuple(
        Involved(each.person, Duty(each.duty), each.since, bool(each.active), each.due_on)
        for each in connection.execute(wanted)
    )


def reviewers(connection: Connection, list_id: str) -> tuple[Involved, ...]:
    """The reviewers who have to agree: those that were not replaced."""
    return tuple(each for each in everybody(connection, list_id, [Duty.REVIEWER]) if each.active)


def set_due(connection: Connection, list_id: str, person: str, due_on: date) -> None:
    """Say by when a person has to act."""
    _change(connection, list_id, person, due_on=due_on.isoformat())


def dismiss(connection: Connection, list_id: str, person: str) -> None:
    """Let a reviewer judge no more; that the person was one stays."""
    _change(connection, list_id, person, active=0)


def check_separated(connection: Connection, list_id: str) -> None:
    """See over the whole history of a list that each of the four was done, by another person.

    Raises: Refused (separation_of_duties).
    """
    rows = connection.execute(
        select(INVOLVEMENT.c.person, INVOLVEMENT.c.duty)
        .where(INVOLVEMENT.c.list == list_id)
        .union(select(ACTS.c.person, ACTS.c.duty).where(ACTS.c.list == list_id))
    )
    held: dict[str, set[str]] = {}
    for each in rows:
        held.setdefault(each.person, set()).add(each.duty)
    four = {each.value for each in EXCLUSIVE}
    for person, duties in held.items():
        commented = Duty.CO_REVIEWER in duties and duties & {Duty.ARCHIVIST, Duty.SIGNATORY}
        if len(duties & four) > 1 or commented:
            raise Refused(
                "separation_of_duties",
                f"{person}: {sorted(duties)}",
                list=list_id,
                person=person,
                found=", ".join(sorted(duties & {*four, Duty.CO_REVIEWER})),
            )
    missing = four - {each.duty.value for each in everybody(connection, list_id)}
    if missing:
        raise Refused(
            "separation_of_duties",
            f"{list_id}: nobody was {sorted(missing)}",
            list=list_id,
            person="",
            expected=", ".join(sorted(missing)),
        )


def _may_both(connection: Connection, desk: Desk, list_id: str) -> bool:
    """Whether the policy lets the proposer start the run."""
    zorgdrager = read_list(connection, list_id).zorgdrager
    today = trusted_today(connection, zorgdrager, desk.now())
    return bool(policy_for(connection, zorgdrager, today).executor_may_propose)


def _change(connection: Connection, list_id: str, person: str, **values: object) -> None:
    connection.execute(
        update(INVOLVEMENT)
        .where(INVOLVEMENT.c.list == list_id, INVOLVEMENT.c.person == person)
        .values(**values)
    )
