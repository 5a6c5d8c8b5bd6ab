"""Signing, waiting, starting, and what takes a signature back."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from retention import holds, people, rule_policy, signing, steering
from retention.acts import acts_of, check_acts
from retention.authorisations import authorisations_of, read_current
from retention.destruction_list import items_of
from retention.errors import ListUnknown, Refused
from retention.fact_kinds import FactKind
from retention.facts import assert_fact
from retention.hold_nouns import Scope
from retention.nouns import Desk, HoldKind, ItemState, ListState, Role
from retention.retracing import check_path
from retention.transitions import Event
from storage.database import begin, open_database, reading
from storage.ledger import ENTRIES
from tests.retention import listing, making
from tests.retention.listing import GM, Town
from tests.retention.unguarded import unguarded

SIGNED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "edepot.sqlite")
    yield making.desk(engine, SIGNED)
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


def states(desk: Desk, list_id: str) -> list[ItemState]:
    with reading(desk.engine) as connection:
        return [each.state for each in items_of(connection, list_id)]


def left(desk: Desk, list_id: str) -> dict[str, str]:
    with reading(desk.engine) as connection:
        items = items_of(connection, list_id, states=[ItemState.LEFT])
        return {each.dossier: each.left_reason for each in items}


def write(desk: Desk, *statements: str) -> None:
    """What somebody with the database in hand could do, with its triggers off."""
    with begin(desk.engine) as connection, unguarded(connection):
        for each in statements:
            connection.execute(text(each))


def until(desk: Desk, day: date) -> None:
    making.set_clock(desk, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


# Signing


def test_a_signature_is_over_the_root_and_starts_the_waiting(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.TO_SIGN)
    root = listing.look(desk, list_id).root

    moved = signing.sign(desk, town.signatory, list_id, root=root)

    with reading(desk.engine) as connection:
        found = read_current(connection, list_id)
        [act] = acts_of(connection, list_id, ["sign"])
    assert found is not None
    assert (moved.list.state, found.root, found.signature) == (
        ListState.WAITING,
        root,
        act.signature,
    )
    assert (found.waits_until, found.valid_until) == (date(2026, 11, 27), date(2027, 5, 20))
    assert set(states(desk, list_id)) == {ItemState.APPROVED}


def test_only_the_root_that_stands_is_signed(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.TO_SIGN)

    with refused("hash_mismatch"):
        signing.sign(desk, town.signatory, list_id, root="0" * 64)
    root = listing.look(desk, list_id).root
    write(desk, "UPDATE list_items SET snapshot_sha256 = 'ff' WHERE position = 1")
    with refused("hash_mismatch"):
        signing.sign(desk, town.signatory, list_id, root=root)
    assert listing.look(desk, list_id).state is ListState.TO_SIGN


def test_what_fails_a_guard_leaves_and_nothing_is_signed(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.TO_SIGN)
    [first, *_] = listing.dossiers(desk, list_id)
    before = listing.look(desk, list_id)
    later(desk, first)

    with refused("guards") as caught:
        signing.sign(desk, town.signatory, list_id, root=before.root)

    after = listing.look(desk, list_id)
    assert caught.value.values["dossiers"] == first
    assert (after.state, after.revision) == (ListState.TO_SIGN, before.revision + 1)
    assert left(desk, list_id).keys() == {first}
    with reading(desk.engine) as connection:
        assert authorisations_of(connection, list_id) == ()
        assert list(acts_of(connection, list_id, ["sign"])) == []
    with refused("hash_mismatch"):
        signing.sign(desk, town.signatory, list_id, root=before.root)
    listing.to(desk, town, list_id, ListState.EXECUTING)


def test_a_list_that_loses_all_at_the_signature_is_withdrawn(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.TO_SIGN, dossiers=1)
    [only] = listing.dossiers(desk, list_id)
    later(desk, only)

    with refused("guards"):
        signing.sign(desk, town.signatory, list_id, root=listing.look(desk, list_id).root)

    assert listing.look(desk, list_id).state is ListState.WITHDRAWN


def test_a_signatory_of_another_municipality_does_not_sign(desk: Desk, town: Town) -> None:
    # RET-149
    stranger = making.actor(desk, "Vera", "gm0001", Role.SIGNATORY)
    list_id = made_in(desk, town, ListState.TO_SIGN)

    with refused("mandate"):
        signing.sign(desk, stranger, list_id, root=listing.look(desk, list_id).root)


# Waiting: RET-141, RET-142, RET-138


def test_the_waiting_has_to_be_over(desk: Desk, town: Town) -> None:
    # RET-141
    list_id = made_in(desk, town, ListState.WAITING)

    for day in (date(2026, 11, 23), date(2026, 11, 27)):
        until(desk, day)
        with refused("waiting"):
            signing.start(desk, town.executor, list_id)
    assert listing.look(desk, list_id).state is ListState.WAITING


def test_signed_on_the_twentieth_it_starts_on_the_twenty_eighth(desk: Desk, town: Town) -> None:
    # RET-142; 27 November, 23:00 in UTC is the 28th in the Netherlands
    list_id = made_in(desk, town, ListState.WAITING)
    making.set_clock(desk, datetime(2026, 11, 27, 23, tzinfo=UTC))

    moved = signing.start(desk, town.executor, list_id)

    assert (moved.done, moved.list.state) == (True, ListState.EXECUTING)


def test_a_signature_that_has_expired_has_to_be_given_again(desk: Desk, town: Town) -> None:
    # RET-138
    list_id = made_in(desk, town, ListState.WAITING)
    until(desk, date(2027, 5, 20))
    with reading(desk.engine) as connection:
        assert signing.startable(connection, desk, list_id, date(2027, 5, 20))
    until(desk, date(2027, 5, 21))

    with refused("expired"):
        signing.start(desk, town.executor, list_id)

    assert listing.look(desk, list_id).state is ListState.TO_SIGN
    assert set(states(desk, list_id)) == {ItemState.AGREED}
    listing.sign(desk, town, list_id)
    listing.start(desk, town, list_id)
    assert listing.look(desk, list_id).state is ListState.EXECUTING


def test_every_signature_that_has_expired_is_found(desk: Desk, town: Town) -> None:
    late, _ = made_in(desk, town, ListState.WAITING, 1), made_in(desk, town, ListState.CONCEPT, 1)
    with refused("not_expired"):
        signing.expire(desk, late)
    assert signing.expire_all(desk) == ()
    until(desk, date(2027, 5, 20))
    fresh = made_in(desk, town, ListState.WAITING, 1)
    until(desk, date(2027, 5, 21))

    assert signing.expire_all(desk) == (late,)
    assert listing.look(desk, late).state is ListState.TO_SIGN
    assert listing.look(desk, fresh).state is ListState.WAITING


def test_a_waiting_list_without_a_signature_is_left_alone(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.WAITING, 1)
    write(desk, "DELETE FROM list_authorisations")

    assert signing.expire_all(desk) == ()
    with refused("not_expired"):
        signing.expire(desk, list_id)


# Starting: RET-136, RET-137, RET-139, RET-140, RET-145, RET-147


def later(desk: Desk, dossier: str) -> None:
    """A new fact moves the date of a dossier to later."""
    with begin(desk.engine) as connection:
        assert_fact(
            connection,
            desk,
            dossier,
            FactKind.EXTENDED_UNTIL,
            "2040-01-01",
            source="person",
            reason="procedure",
            actor_id="p0001",
        )


def reopened(desk: Desk, dossier: str) -> None:
    """The zaak is open again."""
    with begin(desk.engine) as connection:
        assert_fact(
            connection, desk, dossier, FactKind.REOPENED, "2026-11-21", source="zgw", actor_id="x"
        )


def transferred(desk: Desk, dossier: str) -> None:
    """It went to the archive service."""
    with begin(desk.engine) as connection:
        connection.execute(
            text("UPDATE retention_dossiers SET state = 'transferred' WHERE dossier = :one"),
            {"one": dossier},
        )


@pytest.mark.parametrize("change", [later, reopened, transferred])
def test_an_item_that_changed_since_leaves_and_the_list_goes_on(
    desk: Desk, town: Town, change: Callable[[Desk, str], None]
) -> None:
    # RET-136, RET-137
    list_id = made_in(desk, town, ListState.WAITING)
    [first, *_] = listing.dossiers(desk, list_id)
    root = listing.look(desk, list_id).root
    change(desk, first)
    making.advance(desk, days=8)

    moved = signing.start(desk, town.executor, list_id)

    assert [each for each, _ in moved.left] in ([first], [])
    assert left(desk, list_id).keys() == {first}
    assert (moved.list.state, moved.list.root) == (ListState.EXECUTING, root)


def test_a_hold_on_a_signed_list_counts_and_the_item_leaves(desk: Desk, town: Town) -> None:
    # RET-145
    officer = making.actor(desk, "Wout", GM, Role.HOLD_OFFICER)
    list_id = made_in(desk, town, ListState.WAITING)
    [first, *_] = listing.dossiers(desk, list_id)

    holds.place(
        desk,
        officer,
        GM,
        HoldKind.WOO,
        Scope(dossiers=(first,)),
        reason="verzoek",
        legal_basis="Woo art. 4.1a",
        reference="W-1",
        review_on=date(2027, 6, 1),
    )

    assert left(desk, list_id) == {first: "hold"}
    assert listing.look(desk, list_id).state is ListState.WAITING


def test_a_list_that_loses_its_last_item_is_withdrawn(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.WAITING, dossiers=1)
    [only] = listing.dossiers(desk, list_id)
    transferred(desk, only)
    making.advance(desk, days=8)

    moved = signing.start(desk, town.executor, list_id)

    assert (moved.done, moved.list.state) == (False, ListState.WITHDRAWN)
    with reading(desk.engine) as connection:
        assert read_current(connection, list_id) is None


def test_a_store_that_is_silent_lets_what_it_holds_leave(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.WAITING)
    making.advance(desk, days=8)

    moved = signing.start(desk, town.executor, list_id, frozenset({"here"}))

    assert (moved.done, moved.left) == (True, ())


@pytest.mark.parametrize(
    ("tampered", "code"),
    [
        # RET-139: the signature covers another item set
        ("UPDATE list_items SET dossier = 'other' WHERE position = 1", "hash_mismatch"),
        ("UPDATE list_items SET computation = 99 WHERE position = 1", "hash_mismatch"),
        ("DELETE FROM list_items WHERE position = 1", "hash_mismatch"),
        ("UPDATE disposal_lists SET root = 'ffff'", "hash_mismatch"),
        ("UPDATE disposal_lists SET revision = 99", "hash_mismatch"),
        ("UPDATE list_authorisations SET root = 'ffff'", "hash_mismatch"),
        ("UPDATE list_authorisations SET person = 'p0001'", "signature"),
        ("UPDATE list_authorisations SET signature = 'x'", "signature"),
        ("UPDATE list_authorisations SET valid_until = '2099-01-01'", "signature"),
        ("UPDATE list_authorisations SET waits_until = '2026-11-20'", "signature"),
        ("UPDATE list_authorisations SET mandate = 99", "signature"),
        ("UPDATE list_authorisations SET withdrawn_at = 'x'", "unsigned"),
        # RET-140: a signature that is wrong
        ("UPDATE list_acts SET said = '{}' WHERE act = 'approve'", "signature"),
        ("UPDATE list_acts SET person = 'p0002' WHERE act = 'authorise'", "signature"),
        ("UPDATE list_acts SET person = 'p9999' WHERE act = 'authorise'", "signature"),
        ("UPDATE list_acts SET root = 'ffff' WHERE act = 'approve'", "signature"),
        ("DELETE FROM list_acts WHERE act = 'sign'", "signature"),
        ("DELETE FROM list_acts WHERE act = 'authorise'", "history"),
        ("DELETE FROM list_acts WHERE act = 'approve'", "history"),
        ("DELETE FROM list_acts WHERE act = 'submit'", "history"),
        ("DELETE FROM list_involvement WHERE duty = 'archivist'", "separation_of_duties"),
        ("UPDATE list_involvement SET duty = 'reviewer' WHERE duty = 'archivist'",
         "separation_of_duties"),
        ("UPDATE list_involvement SET duty = 'co_reviewer' WHERE duty = 'signatory'",
         "separation_of_duties"),
        ("UPDATE persons SET public_key = 'eA==' WHERE name = 'Anna'", "signature"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_not_started(
    desk: Desk, town: Town, tampered: str, code: str
) -> None:
    list_id = made_in(desk, town, ListState.WAITING)
    write(desk, tampered)
    making.advance(desk, days=8)

    with refused(code):
        signing.start(desk, town.executor, list_id)
    assert listing.look(desk, list_id).state is not ListState.EXECUTING


def test_a_state_alone_proves_nothing(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.CONCEPT)
    write(desk, "UPDATE disposal_lists SET state = 'waiting'")

    with refused("unsigned"):
        signing.start(desk, town.executor, list_id)
    write(desk, "UPDATE disposal_lists SET state = 'to_sign'")
    listing.sign(desk, town, list_id)
    making.advance(desk, days=8)
    with refused("separation_of_duties"):
        signing.start(desk, town.executor, list_id)
    write(
        desk,
        "INSERT INTO list_involvement SELECT list, 'p0003', 'reviewer', '', 1, '' "
        "FROM list_involvement WHERE duty = 'proposer'",
        "INSERT INTO list_involvement SELECT list, 'p0005', 'archivist', '', 1, '' "
        "FROM list_involvement WHERE duty = 'proposer'",
    )
    with refused("history"):
        signing.start(desk, town.executor, list_id)


def test_the_way_of_a_list_is_walked_again(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.AT_ARCHIVIST)

    with reading(desk.engine) as connection, refused("history") as caught:
        check_path(connection, list_id)

    assert caught.value.values["found"] == "at_archivist"


def test_an_act_in_another_duty_does_not_count(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.WAITING)
    write(desk, "UPDATE list_acts SET duty = 'executor' WHERE act = 'approve'")

    with reading(desk.engine) as connection:
        with refused("history"):
            check_path(connection, list_id)
        with refused("signature"):
            check_acts(connection, list_id)


@pytest.mark.parametrize("how", ["mandate", "person"])
def test_the_mandate_of_who_signed_stands_on_the_day_of_the_start(
    desk: Desk, town: Town, how: str
) -> None:
    # RET-140, RET-150
    list_id = made_in(desk, town, ListState.WAITING)
    with begin(desk.engine) as connection:
        if how == "mandate":
            [mandate] = people.mandates_of(connection, town.signatory.person)
            people.end_mandate(connection, desk, mandate.number, "test")
        else:
            people.end_person(connection, desk, town.signatory.person)
    making.advance(desk, days=8)

    with refused("mandate"):
        signing.start(desk, town.executor, list_id)


@pytest.mark.parametrize("who", ["signatory", "proposer"])
def test_who_signed_or_proposed_does_not_start(desk: Desk, town: Town, who: str) -> None:
    making.actor(desk, "Bas", GM, Role.EXECUTOR)
    making.actor(desk, "Petra", GM, Role.EXECUTOR)
    list_id = made_in(desk, town, ListState.WAITING)
    making.advance(desk, days=8)

    with refused("separation_of_duties"):
        signing.start(desk, getattr(town, who), list_id)


def test_a_list_that_is_not_there_cannot_be_started(desk: Desk, town: Town) -> None:
    with pytest.raises(ListUnknown):
        signing.start(desk, town.executor, "gm0000-v2026-999")


# Aborting: RET-143, RET-144


@pytest.mark.parametrize("who", ["signatory", "archivist"])
def test_a_list_is_aborted_while_it_waits(desk: Desk, town: Town, who: str) -> None:
    # RET-143
    list_id = made_in(desk, town, ListState.WAITING)
    with refused("reason_missing"):
        signing.abort(desk, getattr(town, who), list_id, " ")

    signing.abort(desk, getattr(town, who), list_id, "nieuwe inzichten")

    assert listing.look(desk, list_id).state is ListState.WITHDRAWN
    with reading(desk.engine) as connection:
        assert read_current(connection, list_id) is None
    assert set(states(desk, list_id)) == {ItemState.LEFT}
    making.advance(desk, days=8)
    with refused("state"):
        signing.start(desk, town.executor, list_id)


def test_another_archivist_may_abort_but_no_reviewer(desk: Desk, town: Town) -> None:
    other = making.actor(desk, "Ada", GM, Role.ARCHIVIST)
    both = making.actor(desk, "Rik", GM, Role.ARCHIVIST)
    list_id = made_in(desk, town, ListState.WAITING)

    with refused("separation_of_duties"):
        signing.abort(desk, both, list_id, "nee")
    with refused("mandate"):
        signing.abort(desk, town.proposer, list_id, "nee")
    signing.abort(desk, other, list_id, "nee")

    assert listing.look(desk, list_id).state is ListState.WITHDRAWN


def test_a_list_that_runs_is_not_aborted(desk: Desk, town: Town) -> None:
    # RET-144
    list_id = made_in(desk, town, ListState.EXECUTING)

    with refused("state"):
        signing.abort(desk, town.signatory, list_id, "te laat")


# Steering a run


def test_a_run_is_paused_and_goes_on(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.EXECUTING)

    steering.pause(desk, town.executor, list_id)
    assert listing.look(desk, list_id).paused_by == town.executor.person
    steering.resume(desk, town.archivist, list_id)

    found = listing.look(desk, list_id)
    assert (found.paused_by, found.state) == ("", ListState.EXECUTING)
    with refused("mandate"):
        steering.pause(desk, town.reviewer, list_id)


def test_the_rest_of_a_run_is_stopped(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.EXECUTING)
    [first, second, third] = listing.dossiers(desk, list_id)
    write(
        desk,
        f"UPDATE list_items SET state = 'destroying' WHERE dossier = '{first}'",  # noqa: S608
        f"UPDATE list_items SET state = 'sealed' WHERE dossier = '{second}'",  # noqa: S608
        f"UPDATE retention_dossiers SET state = 'sealed' WHERE dossier = '{second}'",  # noqa: S608
    )
    with refused("reason_missing"):
        steering.stop(desk, town.signatory, list_id, "")

    steering.stop(desk, town.signatory, list_id, "besluit van het college")

    assert states(desk, list_id) == [ItemState.DESTROYING, ItemState.LEFT, ItemState.LEFT]
    assert left(desk, list_id) == {second: "stop", third: "stop"}
    assert making.row_of(desk, second)["state"] == "here"
    with begin(desk.engine) as connection, refused("not_done"):
        steering.system_step(connection, desk, list_id, Event.ALL_DONE)
    write(desk, f"UPDATE list_items SET state = 'destroyed' WHERE dossier = '{first}'")  # noqa: S608
    with begin(desk.engine) as connection:
        state = steering.system_step(connection, desk, list_id, Event.ALL_DONE)
    assert state is ListState.VERIFYING


def test_what_happens_stands_in_the_ledger(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.EXECUTING)

    with reading(desk.engine) as connection:
        rows = connection.execute(
            text("SELECT action FROM ledger_entries WHERE object = :id ORDER BY seq"),
            {"id": list_id},
        )
        actions = [each.action for each in rows if not each.action.endswith("revised")]
    assert actions == [
        "list.submit",
        "list.approve",
        "list.all_agreed",
        "list.hand_over",
        "list.authorise",
        "list.sign",
        "list.start",
    ]
    assert ENTRIES.c.action is not None


def test_only_a_list_that_waits_can_be_started(desk: Desk, town: Town) -> None:
    list_id = made_in(desk, town, ListState.CONCEPT)

    with reading(desk.engine) as connection, refused("state"):
        signing.startable(connection, desk, list_id, date(2026, 11, 28))


def test_the_proposer_starts_where_the_policy_lets_it(desk: Desk, town: Town) -> None:
    other = making.actor(desk, "Olga", GM, Role.RECORD_MANAGER)
    making.actor(desk, "Petra", GM, Role.EXECUTOR)
    policy = rule_policy.set_policy(
        desk,
        town.proposer,
        GM,
        {"executor_may_propose": True},
        decision="besluit 8",
        valid_from=date(2026, 1, 1),
    )
    rule_policy.check_policy(desk, other, GM, int(policy.name.rpartition("-")[2]))
    list_id = made_in(desk, town, ListState.WAITING)
    making.advance(desk, days=8)

    moved = signing.start(desk, town.proposer, list_id)

    assert moved.list.state is ListState.EXECUTING


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        (("submit", "sign"), "in_review"),
        (("submit", "approve", "authorise", "sign"), "reviewed"),
        (("approve",), "concept"),
    ],
)
def test_acts_that_do_not_follow_are_named(
    desk: Desk, town: Town, acts: tuple[str, ...], found: str
) -> None:
    list_id = made_in(desk, town, ListState.WAITING)
    names = ", ".join(f"'{each}'" for each in acts)
    write(desk, f"DELETE FROM list_acts WHERE act NOT IN ({names})")  # noqa: S608

    with reading(desk.engine) as connection, refused("history") as caught:
        check_path(connection, list_id)
    assert caught.value.values["found"] == found
