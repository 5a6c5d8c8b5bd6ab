"""Holds: one person places, two release, none ends by itself, and no date moves."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from retention import holds, people
from retention.errors import DossierUnknown, HoldUnknown, Refused, SignatureWrong
from retention.fact_kinds import FactKind
from retention.hold_acts import acts_on
from retention.hold_nouns import (
    HOLD_ACTS,
    Hold,
    HoldState,
    Member,
    Query,
    Scope,
    Standing,
    default_review,
)
from retention.nouns import (
    Actor,
    Desk,
    DossierState,
    HoldKind,
    ItemState,
    ListState,
    Role,
)
from retention.tables import (
    COPY_ACTIONS,
    DOSSIERS,
    FACTS,
    HOLD_EPOCHS,
    HOLD_MEMBERS,
    HOLDS,
    ITEMS,
    LISTS,
    TOMBSTONES,
)
from storage.catalogue import AIPS
from storage.database import begin, open_database, reading
from storage.ledger import DETAILS, ENTRIES
from tests.retention import making
from tests.retention.unguarded import put_rows

GM, OTHER = "ooststellingwerf", "opsterland"
REVIEW = date(2027, 6, 1)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def officer(desk: Desk, name: str = "Anna", role: Role = Role.HOLD_OFFICER) -> Actor:
    return making.actor(desk, name, GM, role)


def placed(desk: Desk, actor: Actor, scope: Scope, **more: Any) -> Hold:
    said = {
        "reason": "Woo-verzoek over de haven",
        "legal_basis": "Woo art. 4.1a",
        "reference": "WOO-2026-17",
        "review_on": REVIEW,
    }
    return holds.place(desk, actor, GM, HoldKind.WOO, scope, **{**said, **more})


def on(desk: Desk, dossier: str) -> list[str]:
    with reading(desk.engine) as connection:
        return [each.id for each in holds.active_on(connection, dossier)]


def epochs(desk: Desk, *dossiers: str) -> tuple[int | None, list[int]]:
    with reading(desk.engine) as connection:
        wanted = select(HOLD_EPOCHS.c.epoch).where(HOLD_EPOCHS.c.zorgdrager == GM)
        own = [
            connection.execute(
                select(DOSSIERS.c.hold_epoch).where(DOSSIERS.c.dossier == each)
            ).scalar_one()
            for each in dossiers
        ]
        return connection.execute(wanted).scalar(), own


def listed(
    desk: Desk,
    dossier: str,
    state: ItemState,
    *,
    of: ListState = ListState.WAITING,
    begun: str = "",
) -> None:
    """Put a dossier on list L1 in this state."""
    with begin(desk.engine) as connection:
        if not connection.execute(select(LISTS.c.id).where(LISTS.c.id == "L1")).first():
            row = {"id": "L1", "zorgdrager": GM, "kind": "destroy", "state": of.value}
            put_rows(connection, LISTS, [row | {"revision": 1}])
        item = {"list": "L1", "dossier": dossier, "snapshot": "{}", "snapshot_sha256": "0" * 64}
        put_rows(connection, ITEMS, [item | {"state": state.value, "begun_at": begun}])


def item_of(desk: Desk, dossier: str) -> tuple[str, str, str]:
    with reading(desk.engine) as connection:
        wanted = select(ITEMS.c.state, ITEMS.c.left_reason, ITEMS.c.left_detail)
        return tuple(connection.execute(wanted.where(ITEMS.c.dossier == dossier)).one())


def copies(desk: Desk, dossier: str, gone: int, left: int) -> None:
    rows = [
        {
            "list": "L1",
            "dossier": dossier,
            "number": number,
            "gone_at": "x" if number < gone else "",
        }
        for number in range(gone + left)
    ]
    with begin(desk.engine) as connection:
        put_rows(connection, COPY_ACTIONS, rows)


def fact(desk: Desk, dossier: str, kind: FactKind, value: Any, replaces: int = 0) -> int:
    with begin(desk.engine) as connection:
        row = {
            "dossier": dossier,
            "object": "",
            "kind": kind.value,
            "value": json.dumps(value),
            "source": "zgw:test",
            "reason": "",
            "asserted_at": desk.now().isoformat(),
            "asserted_by": "zgw:test",
            "checked_by": "-",
            "checked_at": "",
            "replaces": replaces,
        }
        added = insert(FACTS).returning(FACTS.c.number)
        return int(connection.execute(added, row).scalar_one())


def test_a_hold_counts_at_once_and_raises_the_epochs(desk: Desk) -> None:
    anna, due, other = officer(desk), making.dossier(desk, GM), making.dossier(desk, GM)
    before = epochs(desk, due, other)

    hold = placed(desk, anna, Scope(dossiers=(due,)))

    assert (hold.id, hold.state, hold.placed_by) == ("h0001", HoldState.ACTIVE, anna.person)
    assert hold.members == (Member(due, Standing.HELD, "dossiers"),)
    assert (on(desk, due), on(desk, other)) == ([hold.id], [])
    assert (before, epochs(desk, due, other)) == ((None, [0, 0]), (1, [1, 0]))
    assert placed(desk, anna, Scope(dossiers=(due,))).id == "h0002"
    assert epochs(desk, due, other) == (2, [2, 0])


def test_an_archivist_may_place_a_hold_and_a_record_manager_may_not(desk: Desk) -> None:
    due = making.dossier(desk, GM)
    archivist = officer(desk, "Bea", Role.ARCHIVIST)
    manager = officer(desk, "Cor", Role.RECORD_MANAGER)
    stranger = making.actor(desk, "Dik", OTHER, Role.HOLD_OFFICER)

    placed(desk, archivist, Scope(dossiers=(due,)))

    for each in (manager, stranger):
        with pytest.raises(Refused, match="mandate"):
            placed(desk, each, Scope(dossiers=(due,)))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reason": "  "}, "reason_missing"),
        ({"legal_basis": ""}, "reason_missing"),
        ({"review_on": date(2026, 11, 23)}, "review_on"),
    ],
)
def test_a_hold_needs_reason_basis_and_a_day_to_come(
    desk: Desk, wrong: dict[str, Any], code: str
) -> None:
    anna, due = officer(desk), making.dossier(desk, GM)

    with pytest.raises(Refused) as refused:
        placed(desk, anna, Scope(dossiers=(due,)), **wrong)

    assert refused.value.code == code
    assert on(desk, due) == []


@pytest.mark.parametrize(
    "scope", [Scope(), Scope(query=Query(words="  !! ")), Scope(query=Query(list_year="2020"))]
)
def test_a_hold_that_covers_nothing_is_refused(desk: Desk, scope: Scope) -> None:
    with pytest.raises(Refused) as refused:
        placed(desk, officer(desk), scope)

    assert refused.value.code == "scope_empty"


def test_a_dossier_of_another_zorgdrager_is_as_unknown_as_one_that_is_not_there(
    desk: Desk,
) -> None:
    anna, theirs = officer(desk), making.dossier(desk, OTHER)

    for each in (theirs, "nowhere"):
        with pytest.raises(DossierUnknown):
            placed(desk, anna, Scope(dossiers=(each,)))
        with pytest.raises(DossierUnknown):
            placed(desk, anna, Scope(families=(each,)))


def test_a_signature_of_another_key_places_nothing(desk: Desk) -> None:
    anna, due = officer(desk), making.dossier(desk, GM)
    forged = Actor(officer(desk, "Bea").person, "test", anna.sign)

    with pytest.raises(SignatureWrong):
        placed(desk, forged, Scope(dossiers=(due,)))

    assert (on(desk, due), epochs(desk, due)) == ([], (None, [0]))


def test_a_hold_reaches_what_a_dossier_is_part_of_and_all_its_parts(desk: Desk) -> None:
    anna, head = officer(desk), making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=head)
    deep = making.dossier(desk, GM, parent=part)
    beside = making.dossier(desk, GM, parent=head)

    hold = placed(desk, anna, Scope(dossiers=(part,)))

    assert [on(desk, each) for each in (head, part, deep, beside)] == [[hold.id]] * 3 + [[]]
    assert epochs(desk, head, part, deep, beside) == (1, [1, 1, 1, 0])
    assert [each.dossier for each in hold.members] == [part]


def test_a_hold_on_a_family_names_all_of_it(desk: Desk) -> None:
    anna, head = officer(desk), making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=head)
    beside = making.dossier(desk, GM, parent=head)

    hold = placed(desk, anna, Scope(families=(part,)))

    assert {each.dossier for each in hold.members} == {head, part, beside}
    assert on(desk, beside) == [hold.id]


def test_dossiers_that_are_parts_of_each_other_end_no_search(desk: Desk) -> None:
    anna, one = officer(desk), making.dossier(desk, GM)
    two = making.dossier(desk, GM, parent=one)
    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).where(DOSSIERS.c.dossier == one).values(parent=two))

    hold = placed(desk, anna, Scope(families=(one,)))

    assert on(desk, one) == on(desk, two) == [hold.id]


@pytest.mark.parametrize(
    ("kind", "value", "scope"),
    [
        (FactKind.OBJECT, "bag:0085010000012345", Scope(objects=("bag:0085010000012345",))),
        (FactKind.PERSON, "ab" * 32, Scope(persons=("ab" * 32,))),
    ],
)
def test_a_hold_on_an_object_or_a_person_holds_what_has_to_do_with_it(
    desk: Desk, kind: FactKind, value: str, scope: Scope
) -> None:
    anna, due, other = officer(desk), making.dossier(desk, GM), making.dossier(desk, GM)
    theirs = making.dossier(desk, OTHER)
    number = fact(desk, due, kind, value)
    fact(desk, theirs, kind, value)
    fact(desk, other, kind, "something:else")

    hold = placed(desk, anna, scope)

    assert [each.dossier for each in hold.members] == [due]
    assert [on(desk, each) for each in (due, other, theirs)] == [[hold.id], [], []]
    later = making.dossier(desk, GM)
    fact(desk, later, kind, value)
    assert on(desk, later) == [hold.id], "asked anew from the facts, before anybody caught it"
    fact(desk, due, kind, None, replaces=number)
    assert on(desk, due) == [hold.id], "what was named once stays under the hold"


def test_a_link_that_was_taken_back_before_is_no_link(desk: Desk) -> None:
    anna, due = officer(desk), making.dossier(desk, GM)
    number = fact(desk, due, FactKind.OBJECT, "bag:1")
    fact(desk, due, FactKind.OBJECT, None, replaces=number)

    hold = placed(desk, anna, Scope(objects=("bag:1",)))

    assert (hold.members, on(desk, due)) == ((), [])


@pytest.mark.parametrize(
    "state",
    [ItemState.PROPOSED, ItemState.AGREED, ItemState.APPROVED, ItemState.SEALED],
)
def test_a_dossier_on_a_list_leaves_it_at_once(desk: Desk, state: ItemState) -> None:
    anna, due, kept = officer(desk), making.dossier(desk, GM), making.dossier(desk, GM)
    listed(desk, due, state)
    listed(desk, kept, state)

    hold = placed(desk, anna, Scope(dossiers=(due,)))

    assert hold.members == (Member(due, Standing.LEFT_LIST, "dossiers", list="L1"),)
    assert item_of(desk, due) == ("left_list", "hold", hold.id)
    assert item_of(desk, kept) == (state.value, "", "")


def test_a_part_on_a_list_leaves_it_when_the_whole_is_held(desk: Desk) -> None:
    anna, head = officer(desk), making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=head)
    listed(desk, part, ItemState.APPROVED)

    hold = placed(desk, anna, Scope(dossiers=(head,)))

    assert hold.members == (
        Member(head, Standing.HELD, "dossiers"),
        Member(part, Standing.LEFT_LIST, "family", list="L1"),
    )


def test_an_item_that_waits_for_an_operator_leaves_when_nothing_was_begun(desk: Desk) -> None:
    anna, due, begun = officer(desk), making.dossier(desk, GM), making.dossier(desk, GM)
    listed(desk, due, ItemState.NEEDS_OPERATOR, of=ListState.EXECUTING)
    listed(desk, begun, ItemState.NEEDS_OPERATOR, begun="2026-11-23T10:04:11+00:00")

    hold = placed(desk, anna, Scope(dossiers=(due, begun)))

    assert [each.standing for each in hold.members] == [Standing.LEFT_LIST, Standing.BEGUN]


@pytest.mark.parametrize("state", [ItemState.DESTROYING, ItemState.HALTED])
def test_a_hold_during_destruction_tells_how_far_it_is(desk: Desk, state: ItemState) -> None:
    anna, due = officer(desk), making.dossier(desk, GM, state=DossierState.DESTROYING)
    listed(desk, due, state, of=ListState.EXECUTING, begun="2026-11-23T10:04:11+00:00")
    copies(desk, due, gone=2, left=5)

    hold = placed(desk, anna, Scope(dossiers=(due,)))

    at = "2026-11-23T10:04:11+00:00"
    assert hold.members == (
        Member(due, Standing.BEGUN, "dossiers", list="L1", at=at, gone=2, total=7),
    )
    assert (on(desk, due), item_of(desk, due)[0]) == ([hold.id], state.value)
    with reading(desk.engine) as connection:
        late = select(ENTRIES.c.line).where(ENTRIES.c.action == "hold.too_late")
        said = json.loads(connection.execute(late).scalar_one())
    assert said["result"] == "destruction_begun"
    assert said["facts"] == {"hold": hold.id, "list": "L1", "gone": 2, "of": 7}


def test_a_hold_after_destruction_stands_with_the_tombstone(desk: Desk) -> None:
    anna = officer(desk)
    gone = making.dossier(desk, GM, state=DossierState.DESTROYED)
    row = {
        "dossier": gone,
        "zorgdrager": GM,
        "identifier": "Z-1",
        "list": "L1",
        "kind": "destroyed",
        "destroyed_at": "2026-11-01T10:00:00+00:00",
        "declaration": "L1-verklaring",
        "said": "{}",
    }
    with begin(desk.engine) as connection:
        put_rows(connection, TOMBSTONES, [row])

    hold = placed(desk, anna, Scope(dossiers=(gone,)))

    assert hold.members == (
        Member(
            gone,
            Standing.DESTROYED,
            "dossiers",
            list="L1",
            at="2026-11-01T10:00:00+00:00",
            declaration="L1-verklaring",
        ),
    )
    with reading(desk.engine) as connection:
        assert holds.members_of(connection, hold.id) == (gone,)


def test_what_stands_on_a_withdrawn_list_stands_on_no_list(desk: Desk) -> None:
    anna, due = officer(desk), making.dossier(desk, GM)
    listed(desk, due, ItemState.PROPOSED, of=ListState.WITHDRAWN)

    hold = placed(desk, anna, Scope(dossiers=(due,)))

    assert hold.members == (Member(due, Standing.HELD, "dossiers"),)


def test_two_persons_release_a_hold_and_no_date_moves(desk: Desk) -> None:
    anna, bea, due = officer(desk), officer(desk, "Bea"), making.dossier(desk, GM)
    dates = ("end_date", "eligible_from", "brondatum", "computation", "decision")
    before = {name: making.row_of(desk, due)[name] for name in dates}
    hold = placed(desk, anna, Scope(dossiers=(due,)))

    asked = holds.ask_release(desk, anna, hold.id, "het besluit is onherroepelijk")

    assert (asked.state, asked.asked_by) == (HoldState.RELEASE_ASKED, anna.person)
    assert on(desk, due) == [hold.id], "what is only asked for ends nothing"

    released = holds.agree_release(desk, bea, hold.id)

    assert (released.state, released.released_by) == (HoldState.RELEASED, bea.person)
    assert on(desk, due) == []
    assert {name: making.row_of(desk, due)[name] for name in dates} == before
    with reading(desk.engine) as connection:
        assert holds.past_holds(connection, due) == 1


def test_neither_who_asked_nor_who_placed_agrees_to_a_release(desk: Desk) -> None:
    anna, bea, cor = officer(desk), officer(desk, "Bea"), officer(desk, "Cor")
    hold = placed(desk, anna, Scope(dossiers=(making.dossier(desk, GM),)))
    holds.ask_release(desk, bea, hold.id, "klaar")

    for each in (anna, bea):
        with pytest.raises(Refused) as refused:
            holds.agree_release(desk, each, hold.id)
        assert refused.value.code == "same_person"

    assert holds.agree_release(desk, cor, hold.id).state is HoldState.RELEASED


def test_a_second_person_may_refuse_a_release(desk: Desk) -> None:
    anna, bea, due = officer(desk), officer(desk, "Bea"), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(due,)))
    holds.ask_release(desk, anna, hold.id, "klaar")

    with pytest.raises(Refused, match="somebody else"):
        holds.refuse_release(desk, anna, hold.id, "toch niet")
    kept = holds.refuse_release(desk, bea, hold.id, "er loopt nog beroep")

    assert (kept.state, kept.asked_by, on(desk, due)) == (HoldState.ACTIVE, "", [hold.id])
    with reading(desk.engine) as connection:
        told = [(each.act, each.person, each.reason) for each in acts_on(connection, hold.id)]
    assert told == [
        ("place", anna.person, "Woo-verzoek over de haven"),
        ("ask_release", anna.person, "klaar"),
        ("refuse_release", bea.person, "er loopt nog beroep"),
    ]


def test_acts_in_the_wrong_state_are_refused(desk: Desk) -> None:
    anna, bea, due = officer(desk), officer(desk, "Bea"), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(due,))).id

    unasked: tuple[Callable[[], object], ...] = (
        lambda: holds.agree_release(desk, bea, hold),
        lambda: holds.refuse_release(desk, bea, hold, "nee"),
    )
    for wrong in unasked:
        with pytest.raises(Refused, match="is active"):
            wrong()
    holds.ask_release(desk, anna, hold, "klaar")
    with pytest.raises(Refused, match="is release_asked"):
        holds.ask_release(desk, bea, hold, "klaar")
    holds.agree_release(desk, bea, hold)
    over: tuple[Callable[[], object], ...] = (
        lambda: holds.ask_release(desk, anna, hold, "klaar"),
        lambda: holds.agree_release(desk, bea, hold),
        lambda: holds.add_members(desk, anna, hold, [due], reason="ook"),
        lambda: holds.set_review(desk, anna, hold, REVIEW, reason="later"),
    )
    for wrong in over:
        with pytest.raises(Refused, match="was released"):
            wrong()
    with pytest.raises(HoldUnknown):
        holds.ask_release(desk, anna, "h9999", "klaar")


def test_a_person_whose_account_ended_does_not_agree(desk: Desk) -> None:
    anna, bea = officer(desk), officer(desk, "Bea")
    hold = placed(desk, anna, Scope(dossiers=(making.dossier(desk, GM),)))
    holds.ask_release(desk, anna, hold.id, "klaar")
    with begin(desk.engine) as connection:
        people.end_person(connection, desk, bea.person)

    with pytest.raises(Refused, match="mandate"):
        holds.agree_release(desk, bea, hold.id)


def test_dossiers_can_be_added_to_a_hold(desk: Desk) -> None:
    anna, first, second = officer(desk), making.dossier(desk, GM), making.dossier(desk, GM)
    listed(desk, second, ItemState.AGREED)
    hold = placed(desk, anna, Scope(dossiers=(first,)))

    added = holds.add_members(desk, anna, hold.id, [second, first], reason="hoort erbij")

    assert [each.standing for each in added.members] == [Standing.HELD, Standing.LEFT_LIST]
    assert (on(desk, second), epochs(desk, first, second)) == ([hold.id], (2, [2, 1]))
    with pytest.raises(Refused, match="no dossier"):
        holds.add_members(desk, anna, hold.id, [], reason="hoort erbij")
    with pytest.raises(DossierUnknown):
        holds.add_members(desk, anna, hold.id, ["nowhere"], reason="hoort erbij")


def test_a_hold_whose_day_is_over_is_told_of_and_holds(desk: Desk) -> None:
    anna, due = officer(desk), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(due,)), review_on=date(2026, 12, 1))
    placed(desk, anna, Scope(dossiers=(due,)), review_on=date(2027, 1, 1))

    def due_on(day: date) -> list[str]:
        with reading(desk.engine) as connection:
            return [each.id for each in holds.due_reviews(connection, day)]

    assert [due_on(date(2026, 11, 30)), due_on(date(2026, 12, 1))] == [[], [hold.id]]
    making.advance(desk, days=400)
    assert due_on(date(2027, 12, 28)) == ["h0001", "h0002"]
    assert on(desk, due) == ["h0001", "h0002"]

    holds.set_review(desk, anna, hold.id, date(2028, 6, 1), reason="beroep loopt")

    assert due_on(date(2027, 12, 28)) == ["h0002"]
    with pytest.raises(Refused) as refused:
        holds.set_review(desk, anna, hold.id, date(2027, 12, 28), reason="beroep loopt")
    assert refused.value.code == "review_on"


def test_the_ledger_and_the_signed_act_bear_no_words_of_persons(desk: Desk) -> None:
    anna = officer(desk)
    making.dossier(desk, GM, title="Vergunning Kerkstraat")
    query = Query(words="vergunning", address="Kerkstraat 12")

    hold = placed(desk, anna, Scope(query=query), reason="verzoek van J. Jansen")

    with reading(desk.engine) as connection:
        lines = " ".join(connection.execute(select(ENTRIES.c.line)).scalars())
        details = " ".join(connection.execute(select(DETAILS.c.details)).scalars())
        acts = connection.execute(select(HOLD_ACTS.c.said)).scalars().all()
    for word in ("Jansen", "Kerkstraat", "vergunning"):
        assert word not in lines + " ".join(acts)
        assert word in details
    assert hold.id in lines


def test_the_holds_are_listed_with_their_counts(desk: Desk) -> None:
    anna, bea = officer(desk), officer(desk, "Bea")
    one, two = making.dossier(desk, GM), making.dossier(desk, GM)
    first = placed(desk, anna, Scope(dossiers=(one, two)))
    second = placed(desk, anna, Scope(dossiers=(one,)))
    holds.ask_release(desk, anna, second.id, "klaar")
    holds.agree_release(desk, bea, second.id)

    with reading(desk.engine) as connection:
        standing = holds.list_holds(connection)
        every = holds.list_holds(connection, [GM], released=True)
        theirs = holds.list_holds(connection, [OTHER], released=True)

    assert [(each.hold.id, each.dossiers) for each in standing] == [(first.id, 2)]
    assert [(each.hold.id, each.dossiers) for each in every] == [(first.id, 2), (second.id, 1)]
    assert theirs == ()


def test_every_kind_has_a_day_to_look_again() -> None:
    today = date(2026, 11, 23)

    assert all(default_review(each, today) > today for each in HoldKind)


def retitle(desk: Desk, dossier: str, title: str) -> None:
    with begin(desk.engine) as connection:
        connection.execute(update(AIPS).where(AIPS.c.aip_id == dossier).values(title=title))


def test_a_new_or_changed_dossier_is_caught_by_the_holds_that_it_falls_under(desk: Desk) -> None:
    anna = officer(desk)
    head = making.dossier(desk, GM)
    words = placed(desk, anna, Scope(query=Query(words="haven")))
    family = placed(desk, anna, Scope(families=(head,)))
    placed(desk, anna, Scope(dossiers=(head,)))
    new = making.dossier(desk, GM, title="Herinrichting")
    other = making.dossier(desk, GM, title="Kapvergunning")
    theirs = making.dossier(desk, OTHER, title="Haven")
    retitle(desk, new, "Herinrichting Jachthavens")

    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).where(DOSSIERS.c.dossier == new).values(parent=head))
        caught = [holds.catch(connection, desk, each) for each in (new, other, theirs)]
        again = holds.catch(connection, desk, new)

    assert caught == [(words.id, family.id), (), ()]
    assert again == ()
    with reading(desk.engine) as connection:
        assert new in holds.members_of(connection, words.id)
        wanted = select(ENTRIES.c.object).where(ENTRIES.c.action == "hold.caught")
        assert set(connection.execute(wanted).scalars()) == {words.id, family.id}
    assert epochs(desk, new)[1] == [2]


def test_a_changed_dossier_leaves_its_list_when_a_hold_reaches_it(desk: Desk) -> None:
    anna, head = officer(desk), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(head,)))
    part = making.dossier(desk, GM, parent=head)
    listed(desk, part, ItemState.APPROVED)

    with begin(desk.engine) as connection:
        caught = holds.catch(connection, desk, part)

    assert (caught, item_of(desk, part)) == ((), ("left_list", "hold", hold.id))


def test_a_dossier_that_the_register_does_not_know_can_be_held(desk: Desk) -> None:
    anna, due = officer(desk), making.dossier(desk, GM, title="Havenplan")
    with begin(desk.engine) as connection:
        connection.execute(text("DELETE FROM retention_dossiers"))

    hold = placed(desk, anna, Scope(dossiers=(due,)))

    assert on(desk, due) == [hold.id]


def release_alone(by: str) -> str:
    wrong = "UPDATE holds SET state = 'released', released_at = 'x', released_by = "
    return wrong + by


@pytest.mark.parametrize(
    "wrong",
    [
        "DELETE FROM holds",
        "DELETE FROM hold_members",
        "DELETE FROM hold_acts",
        "DELETE FROM hold_epochs",
        "UPDATE hold_acts SET person = 'p0009'",
        "UPDATE hold_members SET dossier = 'x'",
        "UPDATE holds SET kind = 'avg'",
        "UPDATE holds SET scope = '{}'",
        "UPDATE hold_epochs SET epoch = 0",
        "UPDATE retention_dossiers SET hold_epoch = 0",
        release_alone("asked_by"),
        release_alone("placed_by"),
        release_alone("''"),
    ],
)
def test_the_database_itself_ends_no_hold(desk: Desk, wrong: str) -> None:
    anna, bea, due = officer(desk), officer(desk, "Bea"), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(due,)))
    holds.ask_release(desk, bea, hold.id, "klaar")

    with pytest.raises(IntegrityError), begin(desk.engine) as connection:
        connection.execute(text(wrong))

    assert on(desk, due) == [hold.id]


def test_the_database_opens_no_released_hold_and_lets_words_be_erased(desk: Desk) -> None:
    anna, bea, due = officer(desk), officer(desk, "Bea"), making.dossier(desk, GM)
    hold = placed(desk, anna, Scope(dossiers=(due,)))
    with pytest.raises(IntegrityError), begin(desk.engine) as connection:
        connection.execute(text(release_alone("'p9999'")))
    holds.ask_release(desk, anna, hold.id, "klaar")
    holds.agree_release(desk, bea, hold.id)

    with pytest.raises(IntegrityError), begin(desk.engine) as connection:
        connection.execute(update(HOLDS).values(state="active"))
    with begin(desk.engine) as connection:
        connection.execute(update(HOLDS).values(reason="", scope="{}"))
        connection.execute(update(HOLD_ACTS).values(reason="", salt=""))

    with reading(desk.engine) as connection:
        assert len(acts_on(connection, hold.id)) == 3, "the signatures still prove the acts"
        members = connection.execute(select(HOLD_MEMBERS.c.hold)).scalars().all()
        assert members == [hold.id]
