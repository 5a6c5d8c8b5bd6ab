"""What the database itself refuses, on both: whatever a service or a person with SQL might try."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from retention import people
from retention.acts import acts_of
from retention.nouns import Desk, Duty, ListState
from retention.transitions import changes
from storage.database import VERSIONS, begin, open_database, reading
from tests.retention import listing, making
from tests.retention.listing import Town
from tests.retention.unguarded import unguarded


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def town(desk: Desk) -> Town:
    return listing.town(desk)


def refused(desk: Desk, statement: str, rule: str) -> None:
    """The database refuses it, and says why."""
    with pytest.raises(IntegrityError, match=re.escape(f"lists: {rule}")):
        run(desk, statement)


def run(desk: Desk, statement: str) -> None:
    with begin(desk.engine) as connection:
        connection.execute(text(statement))


def set_state(desk: Desk, list_id: str, state: ListState) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(
            text("UPDATE disposal_lists SET state = :state WHERE id = :id"),
            {"state": state.value, "id": list_id},
        )


def test_the_database_knows_the_same_changes_of_state_as_the_table() -> None:
    migration = next(VERSIONS.glob("0011_*.py")).read_text("utf-8")
    names: dict[str, object] = {}
    block = migration[migration.index("_CHANGES = (") : migration.index('"""Every change')]
    exec(block, names)  # noqa: S102 - our own migration, without alembic around it
    pairs = {
        (source, one)
        for source, to in names["_CHANGES"]  # type: ignore[attr-defined]
        for one in to
    }

    assert pairs == {(source.value, to.value) for source, to in changes()}


def test_only_the_changes_of_the_table_are_let_through(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)

    for source in ListState:
        for to in ListState:
            set_state(desk, made.id, source)
            if source is to or (source, to) in changes():
                continue
            statement = f"UPDATE disposal_lists SET state = '{to}' WHERE id = '{made.id}'"  # noqa: S608
            rule = "authorised" if to is ListState.EXECUTING else "state"
            with pytest.raises(IntegrityError, match=f"disposal_lists ({rule}|state)"):
                run(desk, statement)


def test_what_is_final_stays_so(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)
    for final in (ListState.CLOSED, ListState.WITHDRAWN):
        set_state(desk, made.id, final)

        refused(desk, "UPDATE disposal_lists SET state = 'concept'", "disposal_lists state")


def test_a_list_begins_as_a_concept(desk: Desk) -> None:
    columns = "id, zorgdrager, kind, name, revision, root, made_by, made_at, policy, changed_at"
    more = "executed_at, paused_by, state"
    values = "'x', 'gm0000', 'destroy', 'x', 1, '', 'p0001', '', '', '', '', '', 'executing'"

    refused(
        desk,
        f"INSERT INTO disposal_lists ({columns}, {more}) VALUES ({values})",  # noqa: S608
        "disposal_lists begins_as_concept",
    )


def test_nothing_is_executed_without_an_authorisation_of_the_same_root(
    desk: Desk, town: Town
) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.TO_SIGN)
    executing = "UPDATE disposal_lists SET state = 'executing'"
    set_state(desk, made.id, ListState.WAITING)

    refused(desk, executing, "disposal_lists authorised")


@pytest.mark.parametrize(
    "spoilt",
    [
        "UPDATE list_authorisations SET root = 'ffff'",
        "UPDATE list_authorisations SET revision = 99",
        "UPDATE list_authorisations SET withdrawn_at = '2026-11-23'",
        "UPDATE disposal_lists SET root = 'ffff'",
        "UPDATE list_involvement SET duty = 'executor' WHERE duty = 'signatory'",
        "DELETE FROM list_involvement WHERE duty = 'archivist'",
        "DELETE FROM list_authorisations",
    ],
)
def test_nothing_is_executed_when_the_authorisation_does_not_fit(
    desk: Desk, town: Town, spoilt: str
) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.WAITING)
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(text(spoilt))

    refused(desk, "UPDATE disposal_lists SET state = 'executing'", "disposal_lists authorised")


def test_what_was_signed_is_executed(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.WAITING)

    run(desk, "UPDATE disposal_lists SET state = 'executing'")

    assert listing.look(desk, made.id).state is ListState.EXECUTING


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE list_acts SET said = '{}'", "list_acts kept"),
        ("DELETE FROM list_acts", "list_acts kept"),
        ("DELETE FROM list_involvement", "list_involvement kept"),
        ("UPDATE list_involvement SET duty = 'executor'", "list_involvement duty"),
        ("UPDATE list_involvement SET duty = 'reviewer'", "list_involvement duty"),
        ("UPDATE list_involvement SET person = 'p9999'", "list_involvement duty"),
        ("DELETE FROM list_authorisations", "list_authorisations kept"),
        ("UPDATE list_authorisations SET root = ''", "list_authorisations signed"),
        ("UPDATE list_authorisations SET valid_until = '2099-01-01'", "list_authorisations signed"),
        ("UPDATE list_revisions SET root = ''", "list_revisions kept"),
        ("DELETE FROM list_revisions", "list_revisions kept"),
        ("DELETE FROM list_items", "list_items kept"),
        ("UPDATE list_items SET dossier = 'other'", "list_items item"),
        ("DELETE FROM disposal_lists", "disposal_lists kept"),
        ("UPDATE disposal_lists SET zorgdrager = 'gm0001'", "disposal_lists whose"),
        ("UPDATE disposal_lists SET made_by = 'p0007'", "disposal_lists whose"),
        ("UPDATE disposal_lists SET root = ''", "disposal_lists what_was_signed"),
        ("UPDATE disposal_lists SET revision = 9", "disposal_lists what_was_signed"),
        ("DELETE FROM persons", "persons kept"),
    ],
)
def test_what_was_done_cannot_be_made_undone(
    desk: Desk, town: Town, statement: str, rule: str
) -> None:
    made = listing.concept(desk, town, 1)
    listing.to(desk, town, made.id, ListState.WAITING)

    refused(desk, statement, rule)


def test_an_authorisation_that_was_withdrawn_stays_so(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)
    listing.to(desk, town, made.id, ListState.WAITING)

    run(desk, "UPDATE list_authorisations SET withdrawn_at = '2026-11-23'")

    refused(
        desk,
        "UPDATE list_authorisations SET withdrawn_at = ''",
        "list_authorisations signed",
    )


@pytest.mark.parametrize("state", [each for each in ListState if each is not ListState.CONCEPT])
def test_nothing_comes_in_after_the_concept(desk: Desk, town: Town, state: ListState) -> None:
    made = listing.concept(desk, town, 1)
    set_state(desk, made.id, state)
    names = _columns(desk, "list_items")
    others = ", ".join(name for name in names if name != "dossier")

    refused(
        desk,
        f"INSERT INTO list_items (dossier, {others}) SELECT 'other', {others} FROM list_items",  # noqa: S608
        "list_items none_comes_in",
    )


def test_what_left_does_not_come_back(desk: Desk, town: Town) -> None:
    listing.concept(desk, town, 2)
    run(desk, "UPDATE list_items SET state = 'left_list' WHERE position = 0")

    refused(desk, "UPDATE list_items SET state = 'approved'", "list_items item")


def test_a_person_is_one_thing_for_a_list(desk: Desk, town: Town) -> None:
    listing.concept(desk, town, 1)

    with pytest.raises(IntegrityError):
        run(
            desk,
            "INSERT INTO list_involvement (list, person, duty, since, active, due_on) "
            "SELECT list, person, 'signatory', since, active, due_on FROM list_involvement",
        )


def test_an_act_is_of_whom_the_list_knows_in_that_duty(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)

    refused(
        desk,
        "INSERT INTO list_acts (list, revision, root, person, duty, act, said, at, signature) "  # noqa: S608
        f"VALUES ('{made.id}', 1, '', '{town.signatory.person}', 'signatory', 'sign', "
        "'{}', '', '')",
        "list_acts duty",
    )


def test_a_co_reviewer_becomes_neither_archivist_nor_signatory(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town, 1)
    run(
        desk,
        "INSERT INTO list_involvement (list, person, duty, since, active, due_on) "  # noqa: S608
        f"VALUES ('{made.id}', '{town.colleague.person}', 'co_reviewer', '', 1, '')",
    )

    for duty in (Duty.ARCHIVIST, Duty.SIGNATORY, Duty.PROPOSER, Duty.EXECUTOR):
        refused(
            desk,
            f"UPDATE list_involvement SET duty = '{duty}' WHERE person = '{town.colleague.person}'",  # noqa: S608
            "list_involvement duty",
        )


def test_reviews_stay_when_the_account_of_the_person_is_ended(desk: Desk, town: Town) -> None:
    # RET-153
    made = listing.concept(desk, town, 1)
    listing.to(desk, town, made.id, ListState.REVIEWED)

    with begin(desk.engine) as connection:
        people.end_person(connection, desk, town.reviewer.person)

    with reading(desk.engine) as connection:
        approvals = [each.person for each in acts_of(connection, made.id, ["approve"])]
    assert approvals == [town.reviewer.person]
    listing.to(desk, town, made.id, ListState.EXECUTING)


def _columns(desk: Desk, table: str) -> list[str]:
    with reading(desk.engine) as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).keys())  # noqa: S608
