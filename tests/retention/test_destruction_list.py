"""Destruction lists: made of what is due, frozen under a root; items fall out, none comes in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from retention import list_root, snapshots
from retention.acts import acts_of, check_acts
from retention.candidates import Selection, find_candidates
from retention.destruction_list import (
    DisposalList,
    add,
    items_of,
    leave,
    list_lists,
    new_list,
    read_list,
    remove,
    revise,
    root_of,
    screen,
)
from retention.errors import ListUnknown, Refused
from retention.guard_nouns import Refusal, Stage
from retention.involvement import everybody
from retention.leaving import By
from retention.list_reading import count_items, in_order, item_of, revisions_of
from retention.nouns import Actor, Desk, DossierState, Duty, ItemState, ListKind, ListState, Role
from retention.tables import AUTHORISATIONS, DOSSIERS, HOLD_MEMBERS, HOLDS, ITEMS, LISTS
from storage import merkle
from storage.catalogue import AIPS, COPIES, FILES
from storage.database import begin, open_database, reading
from storage.ledger import ENTRIES, canonical
from tests.retention import making
from tests.retention.unguarded import unguarded

GM, OTHER = "ooststellingwerf", "opsterland"
TODAY = date(2026, 11, 23)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def anna(desk: Desk) -> Actor:
    return making.actor(desk, "Anna", GM, Role.RECORD_MANAGER)


def make(desk: Desk, anna: Actor, *dossiers: str, **selection: Any) -> DisposalList:
    chosen = Selection(dossiers=dossiers, **selection)
    return new_list(desk, anna, GM, name="Vernietiging 2026", selection=chosen)


def dossiers_on(desk: Desk, list_id: str, *states: ItemState) -> list[str]:
    with reading(desk.engine) as connection:
        return [each.dossier for each in in_order(connection, list_id, states)]


def state_of(desk: Desk, list_id: str) -> ListState:
    with reading(desk.engine) as connection:
        return read_list(connection, list_id).state


def put_state(desk: Desk, list_id: str, state: ListState) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(update(LISTS).where(LISTS.c.id == list_id).values(state=state.value))


def put_item(desk: Desk, dossier: str, **values: Any) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(update(ITEMS).where(ITEMS.c.dossier == dossier).values(**values))


def put_row(desk: Desk, dossier: str, **values: Any) -> None:
    with begin(desk.engine) as connection:
        where = DOSSIERS.c.dossier == dossier
        connection.execute(update(DOSSIERS).where(where).values(**values))


def let_leave(desk: Desk, list_id: str, dossier: str, *why: Any) -> bool:
    with begin(desk.engine) as connection:
        return leave(connection, desk, list_id, dossier, *(why or ("hold", "H-1")))


def events(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        lines = connection.execute(select(ENTRIES.c.line).order_by(ENTRIES.c.seq)).scalars()
        return [json.loads(each)["action"] for each in lines]


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.code


def test_a_list_is_made_of_what_is_due_by_rule_date_and_identifier(desk: Desk, anna: Actor) -> None:
    second = making.dossier(desk, GM, category="5.1", ended_on="2020-07-30")
    third = making.dossier(desk, GM, category="6.1", ended_on="2020-05-01")
    first = making.dossier(desk, GM, category="5.1")
    making.dossier(desk, GM, ended_on="2025-03-01")
    making.dossier(desk, GM, ended_on="")
    making.dossier(desk, OTHER)

    made = make(desk, anna)

    assert dossiers_on(desk, made.id) == [first, second, third]
    assert (made.id, made.state, made.revision) == (f"{GM}-v2026-001", ListState.CONCEPT, 1)
    assert (made.made_by, made.policy, made.refused) == (anna.person, "default", ())
    with reading(desk.engine) as connection:
        assert root_of(connection, made.id) == made.root
        assert [(each.person, each.duty) for each in everybody(connection, made.id)] == [
            (anna.person, Duty.PROPOSER)
        ]
        assert [(each.act, each.root) for each in acts_of(connection, made.id)] == [
            ("make", made.root)
        ]
        check_acts(connection, made.id)
        revision = revisions_of(connection, made.id)[0]
    assert (revision.items, revision.root, revision.made_by) == (3, made.root, anna.person)
    assert "list.revised" in events(desk)


def test_what_may_not_be_on_it_is_told_with_what_stands_against_it(desk: Desk, anna: Actor) -> None:
    due, later = making.dossier(desk, GM), making.dossier(desk, GM, ended_on="2025-03-01")
    whole = making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=whole, identifier="Z-deel", ended_on="")

    made = make(desk, anna, due, later, whole, part)

    assert dossiers_on(desk, made.id) == [due]
    assert dict(made.refused) == {
        later: (Refusal("G3", "not_due", "2030-03-02"),),
        whole: (Refusal("G6", "family", "Z-deel"),),
        part: made.refused[-1][1],
    }
    assert [each.code for each in made.refused[-1][1]] == ["no_date"]


@pytest.mark.parametrize(
    ("ended_on", "zorgdrager", "code"),
    [("", GM, "no_date"), ("2020-06-30", OTHER, "one_zorgdrager"), ("2025-01-01", GM, "not_due")],
)
def test_a_dossier_that_may_not_be_on_a_list_is_refused_by_name(
    desk: Desk, anna: Actor, ended_on: str, zorgdrager: str, code: str
) -> None:
    """RET-135, RET-151."""
    dossier = making.dossier(desk, zorgdrager, ended_on=ended_on)

    with pytest.raises(Refused) as refused:
        make(desk, anna, dossier)

    assert code_of(refused) == code
    assert refused.value.values["dossier"] == dossier


def test_the_same_dossier_is_not_on_two_running_lists(desk: Desk, anna: Actor) -> None:
    """RET-133."""
    dossier, other = making.dossier(desk, GM), making.dossier(desk, GM)
    first = make(desk, anna, dossier)

    with pytest.raises(Refused) as refused:
        make(desk, anna, dossier)

    assert (code_of(refused), refused.value.values["found"]) == ("already_on_list", first.id)
    put_state(desk, first.id, ListState.WITHDRAWN)
    assert dossiers_on(desk, make(desk, anna).id) == [dossier, other]


def test_a_list_of_nothing_is_not_made(desk: Desk, anna: Actor) -> None:
    with pytest.raises(Refused) as nothing:
        make(desk, anna)
    undated, later = (
        making.dossier(desk, GM, ended_on=""),
        making.dossier(desk, GM, ended_on="2025-01-01"),
    )
    with pytest.raises(Refused) as several:
        make(desk, anna, undated, later)

    assert (code_of(nothing), code_of(several)) == ("nothing_due", "guards")
    assert several.value.values["found"] == "no_date, not_due"
    with reading(desk.engine) as connection:
        assert list_lists(connection) == ()


def test_only_a_record_manager_of_the_zorgdrager_makes_a_list(desk: Desk) -> None:
    making.dossier(desk, GM)
    archivist = making.actor(desk, "Rik", GM, Role.ARCHIVIST)
    elsewhere = making.actor(desk, "Sanne", OTHER, Role.RECORD_MANAGER)

    for each in (archivist, elsewhere):
        with pytest.raises(Refused) as refused:
            make(desk, each)
        assert code_of(refused) == "mandate"


def test_each_zorgdrager_has_its_own_numbers_per_year_and_kind(desk: Desk, anna: Actor) -> None:
    theirs = making.actor(desk, "Sanne", OTHER, Role.RECORD_MANAGER)
    dossiers = [making.dossier(desk, GM) for _ in range(3)]
    making.dossier(desk, OTHER)

    ids = [make(desk, anna, each).id for each in dossiers[:2]]
    ids.append(new_list(desk, theirs, OTHER, name="Eerste").id)
    making.advance(desk, days=60)
    ids.append(make(desk, anna, dossiers[2]).id)

    assert ids == [f"{GM}-v2026-001", f"{GM}-v2026-002", f"{OTHER}-v2026-001", f"{GM}-v2027-001"]
    with reading(desk.engine) as connection:
        assert [each.id for each in list_lists(connection, GM)] == [ids[3], ids[1], ids[0]]
        assert len(list_lists(connection, states=[ListState.CONCEPT])) == 4
        assert list_lists(connection, states=[ListState.CLOSED]) == ()


def test_candidates_can_be_chosen(desk: Desk) -> None:
    a, b, c = (making.dossier(desk, GM) for _ in range(3))
    put_row(desk, a, category="1.1", zaaktype="Kap", eligible_from="2023-01-02")
    put_row(desk, b, category="1.2", zaaktype="Kap", list_year="2017")
    put_row(desk, c, category="1.3", zaaktype="Sloop")
    put_row(desk, making.dossier(desk, GM), state=DossierState.TRANSFERRED.value)

    def found(**chosen: Any) -> list[str]:
        with reading(desk.engine) as connection:
            return list(find_candidates(connection, GM, TODAY, Selection(**chosen)))

    assert found() == [b, a, c]
    assert found(category="1.2") == [b]
    assert found(zaaktype="Kap") == [b, a]
    assert found(list_year="2020") == [a, c]
    assert found(due_by=date(2024, 1, 1)) == [a]
    assert found(due_by=date(2099, 1, 1), most=2) == [b, a]
    assert found(dossiers=(c, a, c)) == [c, a]
    with reading(desk.engine) as connection:
        assert list(find_candidates(connection, GM, TODAY)) == [b, a, c]


def test_dossiers_are_added_and_taken_off_a_concept(desk: Desk, anna: Actor) -> None:
    one, two, three = (making.dossier(desk, GM) for _ in range(3))
    later = making.dossier(desk, GM, ended_on="2025-03-01")
    made = make(desk, anna, one, two)

    added = add(desk, anna, made.id, [three, later, three, one])
    removed = remove(desk, anna, made.id, [one], "nog in gebruik")

    assert [each for each, _ in added.refused] == [later, one]
    assert dossiers_on(desk, made.id, ItemState.PROPOSED) == [two, three]
    assert (added.revision, removed.revision) == (2, 3)
    with reading(desk.engine) as connection:
        left = item_of(connection, made.id, one)
        assert left is not None
        assert (left.left_reason, left.left_detail) == ("removed", "nog in gebruik")
        assert left.position == list_root.OFF
        assert root_of(connection, made.id) == removed.root
        assert [each.act for each in acts_of(connection, made.id)] == ["make", "add", "remove"]
        assert len({each.root for each in revisions_of(connection, made.id)}) == 3
        assert item_of(connection, made.id, later) is None


def test_what_left_a_list_does_not_come_back_on_it(desk: Desk, anna: Actor) -> None:
    one, two = making.dossier(desk, GM), making.dossier(desk, GM)
    made = make(desk, anna, one, two)
    remove(desk, anna, made.id, [one], "nog in gebruik")

    with pytest.raises(Refused) as refused:
        add(desk, anna, made.id, [one])

    assert code_of(refused) == "left_this_list"
    assert dossiers_on(desk, make(desk, anna, one).id) == [one]


def test_adding_what_is_on_it_already_is_refused(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)

    with pytest.raises(Refused) as refused:
        add(desk, anna, made.id, [one])

    assert code_of(refused) == "already_on_list"


def test_none_comes_in_once_it_is_no_concept(desk: Desk, anna: Actor) -> None:
    one, two = making.dossier(desk, GM), making.dossier(desk, GM)
    made = make(desk, anna, one)
    put_state(desk, made.id, ListState.IN_REVIEW)

    for change in (lambda: add(desk, anna, made.id, [two]), lambda: _remove(desk, anna, made, one)):
        with pytest.raises(Refused) as refused:
            change()
        assert code_of(refused) == "state"


def test_taking_off_needs_a_reason_and_a_dossier_that_is_on_it(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)

    with pytest.raises(Refused) as silent:
        remove(desk, anna, made.id, [one], "  ")
    with pytest.raises(Refused) as unknown:
        remove(desk, anna, made.id, ["nobody"], "reden")

    assert (code_of(silent), code_of(unknown)) == ("reason_missing", "unknown")


def test_taking_off_the_last_one_withdraws_the_list(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)

    removed = remove(desk, anna, made.id, [one], "nog in gebruik")

    assert (removed.state, removed.revision) == (ListState.WITHDRAWN, 1)
    assert events(desk)[-2:] == ["list.item_left", "list.withdrawn"]


def test_who_was_something_else_for_the_list_does_not_change_it(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    other = making.actor(desk, "Rik", GM, Role.ARCHIVIST)

    with pytest.raises(Refused) as refused:
        remove(desk, other, made.id, [one], "reden")

    assert code_of(refused) == "mandate"


def test_an_item_that_leaves_does_not_change_what_was_signed(desk: Desk, anna: Actor) -> None:
    one, two = making.dossier(desk, GM), making.dossier(desk, GM)
    made = make(desk, anna, one, two)
    put_state(desk, made.id, ListState.WAITING)

    left = let_leave(desk, made.id, one)
    again = let_leave(desk, made.id, one)

    assert (left, again) == (True, False)
    with reading(desk.engine) as connection:
        assert root_of(connection, made.id) == made.root
        assert read_list(connection, made.id).state is ListState.WAITING
        assert count_items(connection, made.id) == {ItemState.LEFT: 1, ItemState.PROPOSED: 1}
        item = item_of(connection, made.id, one)
        assert item is not None
        assert (item.left_reason, item.left_detail) == ("hold", "H-1")
    assert events(desk)[-1] == "list.item_left"


def test_a_list_that_has_nothing_left_is_withdrawn_with_its_signatures(
    desk: Desk, anna: Actor
) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    with begin(desk.engine) as connection, unguarded(connection):
        texts = ("person", "signed_at", "waits_until", "valid_until", "signature", "withdrawn_at")
        row = dict.fromkeys(texts, "") | {"list": made.id, "root": made.root}
        connection.execute(insert(AUTHORISATIONS), row | {"revision": 1, "mandate": 1})
    put_state(desk, made.id, ListState.WAITING)

    let_leave(desk, made.id, one)

    assert state_of(desk, made.id) is ListState.WITHDRAWN
    with reading(desk.engine) as connection:
        withdrawn = connection.execute(select(AUTHORISATIONS.c.withdrawn_at)).scalar_one()
    assert withdrawn == desk.now().isoformat()


@pytest.mark.parametrize("state", [ListState.EXECUTING, ListState.VERIFYING])
def test_a_list_that_runs_is_not_withdrawn(desk: Desk, anna: Actor, state: ListState) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    put_state(desk, made.id, state)

    let_leave(desk, made.id, one)

    assert state_of(desk, made.id) is state


def test_a_sealed_dossier_that_leaves_is_open_again(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    put_item(desk, one, state=ItemState.SEALED.value)
    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).values(state=DossierState.SEALED.value))

    let_leave(desk, made.id, one, "hold", "H-1", By("p0009", "test"))

    assert making.row_of(desk, one)["state"] == DossierState.HERE


@pytest.mark.parametrize(
    ("state", "begun_at", "leaves"),
    [
        (ItemState.NEEDS_OPERATOR, "", True),
        (ItemState.NEEDS_OPERATOR, "2026-11-23T12:00:00+00:00", False),
        (ItemState.DESTROYING, "", False),
        (ItemState.HALTED, "", False),
        (ItemState.DESTROYED, "", False),
    ],
)
def test_past_the_point_of_no_return_nothing_leaves(
    desk: Desk, anna: Actor, state: ItemState, begun_at: str, leaves: bool
) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    put_item(desk, one, state=state.value, begun_at=begun_at)

    if leaves:
        assert let_leave(desk, made.id, one)
        return
    with pytest.raises(Refused) as refused:
        let_leave(desk, made.id, one)
    assert code_of(refused) == "state"


def test_a_revision_gives_every_item_its_place_and_the_left_ones_none(
    desk: Desk, anna: Actor
) -> None:
    one, two, three = (making.dossier(desk, GM) for _ in range(3))
    made = make(desk, anna, one, two, three)
    let_leave(desk, made.id, one)

    with begin(desk.engine) as connection:
        revision = revise(connection, desk, made.id, "na beoordeling", anna.person)

    assert (revision.revision, revision.items, revision.note) == (2, 2, "na beoordeling")
    with reading(desk.engine) as connection:
        places = {each.dossier: each.position for each in items_of(connection, made.id)}
        assert places == {two: 0, three: 1, one: list_root.OFF}
        assert read_list(connection, made.id).root == revision.root == root_of(connection, made.id)


@pytest.mark.parametrize("state", [ListState.WAITING, ListState.EXECUTING, ListState.CLOSED])
def test_what_was_signed_is_not_revised(desk: Desk, anna: Actor, state: ListState) -> None:
    one = making.dossier(desk, GM)
    made = make(desk, anna, one)
    put_state(desk, made.id, state)

    with begin(desk.engine) as connection, pytest.raises(Refused) as refused:
        revise(connection, desk, made.id, "te laat", anna.person)

    assert code_of(refused) == "state"


def test_a_list_that_is_not_there_is_said_so(desk: Desk, anna: Actor) -> None:
    with reading(desk.engine) as connection, pytest.raises(ListUnknown):
        read_list(connection, "nothing")
    with pytest.raises(ListUnknown):
        add(desk, anna, "nothing", ["x"])


def test_the_items_are_read_page_by_page_in_the_order_of_the_list(desk: Desk, anna: Actor) -> None:
    dossiers = [making.dossier(desk, GM) for _ in range(7)]
    made = make(desk, anna, *reversed(dossiers))
    remove(desk, anna, made.id, [dossiers[3]], "reden")
    order = [*reversed([each for each in dossiers if each != dossiers[3]]), dossiers[3]]

    pages: list[list[str]] = []
    with reading(desk.engine) as connection:
        after = None
        while page := items_of(connection, made.id, after, limit=2):
            pages.append([each.dossier for each in page])
            after = page[-1].dossier
        proposed = items_of(connection, made.id, states=[ItemState.PROPOSED])
        beyond = items_of(connection, made.id, after="nobody", limit=1)

    assert [one for page in pages for one in page] == order
    assert [each.dossier for each in proposed] == order[:-1]
    assert [each.dossier for each in beyond] == order[:1]


def test_long_lists_are_read_in_parts(
    desk: Desk, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retention import list_reading

    dossiers = [making.dossier(desk, GM) for _ in range(7)]
    made = make(desk, anna, *dossiers)
    remove(desk, anna, made.id, dossiers[:2], "reden")

    monkeypatch.setattr(list_reading, "ALL_AT_ONCE", 2)
    monkeypatch.setattr(list_root, "AT_ONCE", 2)

    assert dossiers_on(desk, made.id) == [*dossiers[2:], *dossiers[:2]]
    with reading(desk.engine) as connection:
        assert root_of(connection, made.id) == read_list(connection, made.id).root


def test_what_fails_a_guard_leaves_with_what_stood_against_it(desk: Desk, anna: Actor) -> None:
    one, two = making.dossier(desk, GM), making.dossier(desk, GM)
    made = make(desk, anna, one, two)
    put_row(desk, one, state="transferred")

    with begin(desk.engine) as connection:
        left = screen(connection, desk, made.id, Stage.SUBMIT, TODAY)

    assert left == ((one, (Refusal("G14", "transferred"),)),)
    assert dossiers_on(desk, made.id, ItemState.PROPOSED) == [two]


def test_a_snapshot_says_all_that_is_signed_and_no_title(desk: Desk, anna: Actor) -> None:
    whole = making.dossier(desk, GM, title="Kap van eiken, mw. De Boer")
    part = making.dossier(desk, GM, parent=whole, holder="FUMO", title="Bodemonderzoek")
    _put_copies(desk, whole, "disk", "cloud")
    _put_past_hold(desk, whole)

    made = make(desk, anna, whole, part)

    with reading(desk.engine) as connection:
        item, other = items_of(connection, made.id)
    assert canonical(item.said) == item.snapshot
    assert "Boer" not in item.snapshot
    assert item.title == "Kap van eiken, mw. De Boer"
    assert snapshots.title_fits(item.snapshot, item.title, item.title_salt)
    assert not snapshots.title_fits(item.snapshot, "iets anders", item.title_salt)
    said = dict(item.said)
    assert len(said.pop("inputs_sha256")) == 64
    assert len(said.pop("title_sha256")) == 64
    assert said == {
        "form": 1, "dossier": whole, "zorgdrager": GM, "holder": "", "identifier": "Z-1",
        "source": "Zaaksysteem", "zaaktype": "Bezwaar behandelen", "result": "Afgehandeld",
        "started_on": "2020-01-15", "ended_on": "2020-06-30", "list_year": "2020",
        "category": "13.1", "rule": said["rule"], "valuation": "destroy", "term": said["term"],
        "process_term": said["process_term"], "trigger": said["trigger"], "objects": [],
        "decision": "DATED", "brondatum": "2020-06-30", "end_date": "2025-06-30",
        "eligible_from": "2025-07-01", "extended_until": "", "minimum": False,
        "minimum_confirmed_by": [], "computation": item.computation, "engine": "1",
        "policy": "default", "parent": "", "parent_identifier": "", "parts": [part],
        "documents": 0, "documents_go": 0,
        "documents_elsewhere": 0, "documents_elsewhere_stay": 0, "dossiers_elsewhere": 0,
        "files": 3, "size_bytes": 3000, "stores": ["cloud", "disk"], "past_holds": 1,
    }  # fmt: skip
    assert (other.said["parent"], other.said["holder"]) == (whole, "FUMO")
    assert other.said["parent_identifier"] == "Z-1"


def test_documents_that_stand_elsewhere_are_counted_and_stay_there(desk: Desk, anna: Actor) -> None:
    mine = making.dossier(desk, GM, title="Mijn zaak")
    due, later, theirs, gone = (
        making.dossier(desk, GM, title="Ook klaar"),
        making.dossier(desk, GM, title="Nog niet", ended_on="2025-03-01"),
        making.dossier(desk, OTHER, title="Van een ander"),
        making.dossier(desk, GM, title="Weg", state=DossierState.DESTROYED),
    )
    unknown = making.dossier(desk, GM, title="Niet in het register", ended_on="")
    with begin(desk.engine) as connection:
        connection.execute(DOSSIERS.delete().where(DOSSIERS.c.dossier == unknown))
    _put_files(desk, mine, ("a", "r1"), ("b", ""), ("c", ""), ("d", ""), ("e", ""), ("leeg", ""))
    _put_files(desk, due, ("a", ""), ("b", ""), ("leeg", ""))
    _put_files(desk, later, ("b", ""), ("x", "r1"))
    _put_files(desk, theirs, ("c", ""))
    _put_files(desk, gone, ("d", ""))
    _put_files(desk, unknown, ("e", ""))

    made = make(desk, anna, mine, due)

    with reading(desk.engine) as connection:
        said = {each.dossier: each.said for each in items_of(connection, made.id)}
    names = ("documents", "documents_go", "documents_elsewhere", "documents_elsewhere_stay",
             "dossiers_elsewhere")  # fmt: skip
    # Elsewhere: a and its record r1, b (twice, not due), e (not known here); c and d are not.
    assert [said[mine][each] for each in names] == [5, 5, 3, 3, 2]
    assert [said[due][each] for each in names] == [2, 2, 2, 1, 2]


def test_a_document_in_dossiers_that_are_all_due_stays_nowhere(desk: Desk, anna: Actor) -> None:
    one, other = making.dossier(desk, GM, title="Een"), making.dossier(desk, GM, title="Twee")
    for each in (one, other):
        _put_files(desk, each, ("a", ""))

    made = make(desk, anna, one)

    with reading(desk.engine) as connection:
        said = items_of(connection, made.id)[0].said
    assert (said["documents_elsewhere"], said["documents_elsewhere_stay"]) == (1, 0)


def test_the_root_is_that_of_rfc_6962_over_the_snapshots(desk: Desk, anna: Actor) -> None:
    dossiers = [making.dossier(desk, GM) for _ in range(5)]
    made = make(desk, anna, *dossiers)

    with reading(desk.engine) as connection:
        items = items_of(connection, made.id)
        tree = list_root.read_tree(connection, made.id)

    leaves = [merkle.leaf_hash(bytes.fromhex(each.snapshot_sha256)) for each in items]
    assert made.root == merkle.root_of(leaves).hex() == tree.root
    for number, each in enumerate(items):
        proof = tree.prove(each.dossier)
        assert proof is not None
        assert (proof.index, proof.size) == (number, 5)
        assert list_root.stands_under(each.snapshot, proof, made.root)
        edited = each.snapshot.replace("13.1", "13.2")
        assert not list_root.stands_under(edited, proof, made.root)
        assert not list_root.stands_under(each.snapshot, replace(proof, size=6, index=5), made.root)
    assert tree.prove("nobody") is None


def test_a_title_can_be_dropped_without_a_change_of_the_root(desk: Desk, anna: Actor) -> None:
    one = making.dossier(desk, GM, title="Kap van eiken")
    made = make(desk, anna, one)

    put_item(desk, one, title="", title_salt="")

    with reading(desk.engine) as connection:
        assert root_of(connection, made.id) == made.root


@pytest.mark.parametrize(
    ("kind", "code"),
    [(ListKind.TRANSFER, "not_keep"), (ListKind.RELEASE, "not_transferred")],
)
def test_what_is_due_comes_on_no_list_of_another_kind(
    desk: Desk, anna: Actor, kind: ListKind, code: str
) -> None:
    making.dossier(desk, GM)

    with pytest.raises(Refused) as refused:
        new_list(desk, anna, GM, name="Overbrenging", kind=kind)

    assert code_of(refused) == code


def _remove(desk: Desk, anna: Actor, made: DisposalList, dossier: str) -> DisposalList:
    return remove(desk, anna, made.id, [dossier], "reden")


def _number_of(connection: Any, dossier: str) -> int:
    return int(
        connection.execute(select(AIPS.c.number).where(AIPS.c.aip_id == dossier)).scalar_one()
    )


def _put_copies(desk: Desk, dossier: str, *stores: str) -> None:
    texts = ("key", "verified_at", "zorgdrager", "proof", "checked_at", "outcome")
    with begin(desk.engine) as connection:
        number = _number_of(connection, dossier)
        for each in stores:
            row = dict.fromkeys(texts, "") | {"aip": number, "store": each}
            connection.execute(insert(COPIES), row)


def _put_past_hold(desk: Desk, dossier: str) -> None:
    with begin(desk.engine) as connection:
        row = {each.name: "" for each in HOLDS.columns} | {"id": "H-0", "zorgdrager": GM}
        released = {"state": "released", "released_at": "2020-01-01", "scope": "{}"}
        connection.execute(insert(HOLDS), row | released)
        member = {"hold": "H-0", "dossier": dossier, "added_at": "", "why": "dossiers"}
        connection.execute(insert(HOLD_MEMBERS), member)


def _put_files(desk: Desk, dossier: str, *files: tuple[str, str]) -> None:
    """Files by content and record; what is "leeg" has no bytes."""
    texts = ("puid", "format_name", "mime", "validity", "title")
    with begin(desk.engine) as connection:
        number = _number_of(connection, dossier)
        for position, (content, record) in enumerate(files):
            row = dict.fromkeys(texts, "") | {
                "aip": number,
                "position": position,
                "path": f"data/{position}",
                "name": f"{position}",
                "sha256": content,
                "record_identifier": record,
                "size_bytes": 0 if content == "leeg" else 10,
            }
            connection.execute(insert(FILES), row)
