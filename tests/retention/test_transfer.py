"""Transfer: nothing is overgebracht before the archive has every byte and two people signed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from retention import destruction_list, holds, review
from retention import transfer as transfers
from retention.candidates import Selection
from retention.destruction_list import new_list
from retention.errors import Refused, TransferUnknown
from retention.guard_nouns import ItemRef, Stage
from retention.guards import check
from retention.hold_nouns import Scope
from retention.nouns import Desk, DossierState, HoldKind, ListKind, ListState, Role
from retention.tables import DOSSIERS, LISTS
from retention.transfer_closing import follow, note_declared, release
from retention.transfer_declaration import OpennessDecision, make_joint, sign_joint
from retention.transfer_nouns import (
    Assertion,
    Decision,
    Ground,
    Openness,
    PackageForm,
    TransferState,
)
from retention.transfer_packing import begin_packaging, end_packaging
from retention.transfer_reading import packed_files, read_transfer, receipts_of
from retention.transfer_receipt import take_receipt
from retention.transfer_restrictions import effective, restrict
from storage.database import begin, open_database, reading
from tests.retention import listing, making
from tests.retention import transferring as t

DECISION = OpennessDecision("besluit 2026/14")
ASSERTED = Assertion(copies=2, fixity_checked_on="2026-11-20", reference="TR-7")


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def receipt(folder: Path, lines: list[tuple[str, str]]) -> Path:
    target = folder / "ontvangst.txt"
    target.write_text("".join(f"{digest}  {path}\n" for path, digest in lines), "utf-8")
    return target


def whole(desk: Desk, transfer: str) -> list[tuple[str, str]]:
    with reading(desk.engine) as connection:
        return [
            (each.path, each.sha256)
            for each in packed_files(connection, transfer)
            if each.kind == "record"
        ]


def delivered(desk: Desk, people: t.Sides) -> str:
    made = t.concept(desk, people).id
    t.agreed(desk, people, made)
    t.packed(desk, people, made)
    transfers.deliver(desk, people.manager, made, "koerier")
    return made


def received(desk: Desk, people: t.Sides, folder: Path) -> str:
    made = delivered(desk, people)
    take_receipt(desk, people.manager, made, receipt(folder, whole(desk, made)), ASSERTED)
    return made


def accepted(desk: Desk, people: t.Sides, folder: Path) -> str:
    made = received(desk, people, folder)
    said = make_joint(desk, people.manager, made, "Gemeente", DECISION).sha256
    sign_joint(desk, people.signatory, made, seen=said)
    sign_joint(desk, people.archivist, made, seen=said)
    return made


def states(desk: Desk, transfer: str) -> set[object]:
    return {making.row_of(desk, each)["state"] for each in t.on(desk, transfer)}


def test_what_is_not_kept_for_good_is_not_handed_over(desk: Desk) -> None:
    people, due = t.sides(desk), making.dossier(desk, t.GM)

    with pytest.raises(Refused) as refused:
        transfers.new_transfer(
            desk, people.manager, t.GM, name="x", archive=t.TRESOAR, selection=Selection((due,))
        )

    assert refused.value.code == "not_keep"


def test_without_names_a_transfer_is_of_what_is_due_for_it(desk: Desk) -> None:
    people, early = t.sides(desk), t.kept(desk)
    late = t.kept(desk, ended_on="2018-06-01")

    with pytest.raises(Refused, match="gm0000"):
        transfers.new_transfer(desk, people.manager, t.GM, name="x", archive=t.TRESOAR)
    making.set_clock(desk, datetime(2038, 5, 15, tzinfo=UTC))
    made, _ = transfers.new_transfer(desk, people.manager, t.GM, name="x", archive=t.TRESOAR)

    assert t.on(desk, made.id) == (early,)
    assert late not in t.on(desk, made.id)


def test_what_is_undecided_is_not_agreed(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id

    with pytest.raises(Refused) as refused:
        transfers.agree(desk, people.signatory, made, seen=t.seen(desk, made))

    assert (refused.value.code, refused.value.values["found"]) == ("undecided", 2)


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(Openness.RESTRICTED, None, "2040-01-01"), "ground_missing"),
        (Decision(Openness.RESTRICTED, Ground.PRIVACY), "until_missing"),
        (Decision(Openness.RESTRICTED, Ground.PRIVACY, "2026-11-23"), "until_past"),
        (Decision(Openness.RESTRICTED, Ground.HARM, "2093-05-02"), "too_long"),
    ],
)
def test_a_restriction_has_a_ground_and_an_end_within_75_years(
    desk: Desk, decision: Decision, code: str
) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id

    with pytest.raises(Refused) as refused:
        t.decided(desk, people, made, decision)

    assert refused.value.code == code


def test_the_last_day_within_75_years_counts_and_the_last_decision_does(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people, 1).id
    last = Decision(Openness.RESTRICTED, Ground.PRIVACY, "2093-05-01", "medische gegevens")

    t.decided(desk, people, made)
    t.decided(desk, people, made, last)

    with reading(desk.engine) as connection:
        [found] = effective(connection, made)
    assert (found.decision, found.source, found.decided_by) == (
        last,
        "person",
        people.manager.person,
    )


def test_agreed_takes_a_signatory_and_an_archivist_and_a_change_voids_a_signature(
    desk: Desk,
) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    t.decided(desk, people, made)

    one = transfers.agree(desk, people.signatory, made, seen=t.seen(desk, made))
    with pytest.raises(Refused) as twice:
        transfers.agree(desk, people.signatory, made, seen=t.seen(desk, made))
    t.decided(desk, people, made, Decision(Openness.RESTRICTED, Ground.STATE, "2040-01-01"))
    other = transfers.agree(desk, people.receiver, made, seen=t.seen(desk, made))
    last = transfers.agree(desk, people.signatory, made, seen=t.seen(desk, made))

    assert (one.signed.both, twice.value.code) == (False, "signed_already")
    assert (other.signed.both, last.signed.both) == (False, True)
    assert last.transfer.state is TransferState.AGREED


def test_one_person_with_both_mandates_signs_once(desk: Desk) -> None:
    people = t.sides(desk)
    both = making.actor(desk, "Jan", t.GM, Role.SIGNATORY, Role.ARCHIVIST)
    made = t.concept(desk, people).id
    t.decided(desk, people, made)
    transfers.agree(desk, both, made, seen=t.seen(desk, made))

    with pytest.raises(Refused) as refused:
        transfers.agree(desk, both, made, seen=t.seen(desk, made))

    assert refused.value.code == "separation_of_duties"


def test_who_proposed_signs_for_neither(desk: Desk) -> None:
    people = t.sides(desk)
    making.actor(desk, "Petra", t.GM, Role.SIGNATORY)
    made = t.concept(desk, people).id
    t.decided(desk, people, made)

    with pytest.raises(Refused) as refused:
        transfers.agree(desk, people.manager, made, seen=t.seen(desk, made))

    assert refused.value.code == "separation_of_duties"


def test_what_was_read_must_be_what_stands(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    before = t.seen(desk, made)
    t.decided(desk, people, made)

    with pytest.raises(Refused) as refused:
        transfers.agree(desk, people.signatory, made, seen=before)

    assert refused.value.code == "seen_differs"


def test_nothing_is_packaged_delivered_or_received_out_of_turn(desk: Desk, tmp_path: Path) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    nothing = receipt(tmp_path, [])
    deeds = (
        lambda: begin_packaging(desk, people.manager, made, PackageForm.MDTO, "/x"),
        lambda: transfers.deliver(desk, people.manager, made, "koerier"),
        lambda: take_receipt(desk, people.manager, made, nothing, ASSERTED),
        lambda: make_joint(desk, people.manager, made, "Gemeente", DECISION),
        lambda: sign_joint(desk, people.signatory, made, seen=""),
        lambda: release(desk, people.manager, made, name="x"),
    )

    for deed in deeds:
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "transfer_state"


def test_packaging_ends_only_when_every_dossier_is_packed(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    t.agreed(desk, people, made)
    begin_packaging(desk, people.manager, made, PackageForm.MDTO, "/x")

    with pytest.raises(Refused) as refused:
        end_packaging(desk, people.manager, made)

    assert (refused.value.code, refused.value.values["found"]) == ("not_whole", 2)


def test_a_whole_and_equal_receipt_makes_it_received(desk: Desk, tmp_path: Path) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)
    document = receipt(tmp_path, whole(desk, made))

    taken, findings = take_receipt(desk, people.manager, made, document, ASSERTED)

    assert (taken.whole, findings) == (True, ())
    assert (taken.saying["equal"], taken.saying["copies"]) == (2, 2)
    assert t.look(desk, made).state is TransferState.RECEIVED


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda lines: lines[1:], {"R701"}),
        (lambda lines: [(lines[0][0], "f" * 64), *lines[1:]], {"R702"}),
        (lambda lines: [*lines, ("vreemd.txt", "e" * 64)], {"R703"}),
        (lambda lines: [*lines, ("zaak-0/brief.txt", "kort")], {"R707"}),
        (lambda lines: [(f"./{path}", digest) for path, digest in lines], set()),
    ],
)
def test_every_line_of_a_receipt_is_compared(
    desk: Desk, tmp_path: Path, change: object, codes: set[str]
) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)
    lines = change(whole(desk, made))  # type: ignore[operator]
    document = tmp_path / "ontvangst.csv"
    rows = "".join(f"{path};{digest}\r\n" for path, digest in lines)
    document.write_text(f"path;sha256\r\n{rows}", "utf-8-sig")

    taken, findings = take_receipt(desk, people.manager, made, document, ASSERTED)

    assert {each.code for each in findings} == codes
    assert taken.whole is not bool(codes)
    expected = TransferState.DELIVERED if codes else TransferState.RECEIVED
    assert t.look(desk, made).state is expected


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({"copies": 2, "fixity_checked_on": "2026-11-20"}, []),
        ({"copies": 1, "fixity_checked_on": "2026-11-20"}, ["R705"]),
        ({"copies": 2}, ["R706"]),
        ({"copies": 2, "fixity_checked_on": "2026-12-24"}, ["R706"]),
    ],
)
def test_the_archive_asserts_two_copies_and_their_fixity_in_its_list(
    desk: Desk, tmp_path: Path, said: dict[str, object], codes: list[str]
) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)
    files = [
        {"path": f"{made}/{path}", "sha256": d, "size_bytes": 10} for path, d in whole(desk, made)
    ]
    document = tmp_path / "ontvangst.json"
    document.write_text(json.dumps({**said, "files": files}), "utf-8")

    _, findings = take_receipt(desk, people.manager, made, document, Assertion())

    assert [each.code for each in findings] == codes


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"files": 3}', b"pad;grootte\n", b"\xff\xfe\x00", b'["x"]']
)
def test_what_is_no_receipt_is_told_as_r700(desk: Desk, tmp_path: Path, content: bytes) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)
    document = tmp_path / "ontvangst"
    document.write_bytes(content)

    taken, findings = take_receipt(desk, people.manager, made, document, ASSERTED)

    assert ("R700" in {each.code for each in findings}, taken.whole) == (True, False)


def test_another_size_is_told_as_r704_and_not_as_missing(desk: Desk, tmp_path: Path) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)
    document = tmp_path / "ontvangst.csv"
    rows = "".join(f"{path},{digest},11\n" for path, digest in whole(desk, made))
    document.write_text(f"path,sha256,size\n{rows}", "utf-8")

    _, findings = take_receipt(desk, people.manager, made, document, ASSERTED)

    assert {each.code for each in findings} == {"R704"}


def test_the_dossiers_are_transferred_when_both_have_signed_and_not_before(
    desk: Desk, tmp_path: Path
) -> None:
    people = t.sides(desk)
    made = received(desk, people, tmp_path)
    said = make_joint(desk, people.manager, made, "Gemeente", DECISION)

    _, _, one = sign_joint(desk, people.signatory, made, seen=said.sha256)
    between = (t.look(desk, made).state, states(desk, made))
    _, declared, both = sign_joint(desk, people.receiver, made, seen=said.sha256)

    assert (one.both, *between) == (False, TransferState.RECEIVED, {"here"})
    assert (both.both, states(desk, made)) == (True, {"transferred"})
    assert (declared.state, declared.signed_by) == ("signed", people.signatory.person)
    assert t.look(desk, made).state is TransferState.ACCEPTED
    assert listing.look(desk, made).state is ListState.CLOSED


def test_what_one_signed_is_void_when_the_declaration_is_drawn_up_anew(
    desk: Desk, tmp_path: Path
) -> None:
    people = t.sides(desk)
    made = received(desk, people, tmp_path)
    first = make_joint(desk, people.manager, made, "Gemeente", DECISION)
    sign_joint(desk, people.signatory, made, seen=first.sha256)
    second = make_joint(desk, people.manager, made, "Gemeente", OpennessDecision("besluit 15"))

    _, _, signed = sign_joint(desk, people.archivist, made, seen=second.sha256)

    assert (signed.both, second.signed_by) == (False, "")


def test_a_declaration_of_rows_that_were_edited_meanwhile_is_not_signed(
    desk: Desk, tmp_path: Path
) -> None:
    people = t.sides(desk)
    made = received(desk, people, tmp_path)
    said = make_joint(desk, people.manager, made, "Gemeente", DECISION)
    with begin(desk.engine) as connection:
        connection.execute(text("UPDATE transfer_files SET size_bytes = 11"))

    with pytest.raises(Refused) as refused:
        sign_joint(desk, people.signatory, made, seen=said.sha256)

    assert refused.value.code == "hash_mismatch"


def test_a_transfer_that_is_returned_is_signed_anew(desk: Desk) -> None:
    people = t.sides(desk)
    made = delivered(desk, people)

    back = transfers.return_it(desk, people.archivist, made, "bestanden onleesbaar")
    with pytest.raises(Refused) as early:
        begin_packaging(desk, people.manager, made, PackageForm.MDTO, "/nowhere")
    t.agreed(desk, people, made)
    again = t.packed(desk, people, made)

    assert (back.state, back.round, back.reason) == ("returned", 2, "bestanden onleesbaar")
    assert early.value.code == "transfer_state"
    assert again.state is TransferState.PACKAGED


def test_a_receipt_of_an_earlier_round_does_not_count(desk: Desk, tmp_path: Path) -> None:
    people = t.sides(desk)
    made = received(desk, people, tmp_path)
    transfers.return_it(desk, people.archivist, made, "verkeerde plaats")
    t.agreed(desk, people, made)
    t.packed(desk, people, made)
    transfers.deliver(desk, people.manager, made, "opnieuw")

    with pytest.raises(Refused) as refused:
        make_joint(desk, people.manager, made, "Gemeente", DECISION)

    assert refused.value.code == "transfer_state"
    with reading(desk.engine) as connection:
        assert [each.round for each in receipts_of(connection, made)] == [1]


def test_a_transfer_that_is_ended_frees_its_dossiers(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    ids = t.on(desk, made)

    transfers.withdraw(desk, people.manager, made, "niet nu")
    again, _ = transfers.new_transfer(
        desk, people.manager, t.GM, name="y", archive=t.TRESOAR, selection=Selection(ids)
    )

    assert t.look(desk, made).state is TransferState.WITHDRAWN
    assert t.on(desk, again.id) == ids


def test_a_dossier_is_taken_off_while_it_is_open_and_not_after(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    first, second = t.on(desk, made)

    transfers.take_off(desk, people.manager, made, [first], "nog in gebruik")
    t.agreed(desk, people, made)

    assert t.on(desk, made) == (second,)
    with pytest.raises(Refused) as refused:
        transfers.take_off(desk, people.manager, made, [second], "ook")
    assert refused.value.code == "transfer_state"
    with pytest.raises(IntegrityError, match="list_items agreed"):
        destruction_list.remove(desk, people.manager, made, [second], "langs achteren")


def test_a_hold_does_not_take_a_dossier_off_a_transfer(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    ids = t.on(desk, made)
    officer = making.actor(desk, "Hilde", t.GM, Role.HOLD_OFFICER)

    _hold(desk, officer, ids[0])

    assert t.on(desk, made) == ids


def test_a_list_to_hand_over_never_goes_the_way_of_destruction(desk: Desk) -> None:
    people, town = t.sides(desk), listing.town(desk)
    made = t.concept(desk, people).id

    with pytest.raises(Refused) as refused:
        review.submit(desk, people.manager, made, review.Assignment([town.reviewer.person]))
    forced = update(LISTS).where(LISTS.c.id == made).values(state="in_review")
    with pytest.raises(IntegrityError, match="handed_over"), begin(desk.engine) as connection:
        connection.execute(forced)

    assert refused.value.code == "kind"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfers SET state = 'received'",
        "UPDATE transfers SET zorgdrager = 'gm0001'",
        "DELETE FROM transfers",
        "UPDATE transfer_restrictions SET openness = 'open'",
        "DELETE FROM transfer_restrictions",
        "UPDATE disposal_lists SET state = 'executing'",
    ],
)
def test_the_database_itself_refuses_what_no_step_leads_to(desk: Desk, statement: str) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    t.decided(desk, people, made)

    with pytest.raises(IntegrityError), begin(desk.engine) as connection:
        connection.execute(text(statement))


def test_the_database_accepts_no_transfer_without_receipt_and_two_signatures(
    desk: Desk, tmp_path: Path
) -> None:
    people = t.sides(desk)
    made = received(desk, people, tmp_path)
    said = make_joint(desk, people.manager, made, "Gemeente", DECISION)
    sign_joint(desk, people.signatory, made, seen=said.sha256)

    with pytest.raises(IntegrityError, match="declared"), begin(desk.engine) as connection:
        connection.execute(text("UPDATE transfers SET state = 'accepted'"))


def test_a_receipt_that_was_taken_in_stays(desk: Desk, tmp_path: Path) -> None:
    people = t.sides(desk)
    received(desk, people, tmp_path)

    for statement in ("DELETE FROM transfer_receipts", "UPDATE transfer_receipts SET whole = 0"):
        with pytest.raises(IntegrityError), begin(desk.engine) as connection:
            connection.execute(text(statement))


def test_what_was_transferred_is_on_no_list_but_one_that_clears_it(
    desk: Desk, tmp_path: Path
) -> None:
    people = t.sides(desk)
    made = accepted(desk, people, tmp_path)
    ids = t.on(desk, made)

    for kind in (ListKind.DESTROY, ListKind.TRANSFER):
        with pytest.raises(Refused) as refused:
            new_list(desk, people.manager, t.GM, name="x", kind=kind, selection=Selection(ids))
        assert refused.value.code == "transferred"
    with pytest.raises(Refused) as early:
        release(desk, people.manager, made, name="x")
    with begin(desk.engine) as connection:
        note_declared(connection, desk, made)
    listed = release(desk, people.manager, made, name="x")

    assert early.value.code == "transfer_state"
    assert (listed.kind, listing.dossiers(desk, listed.id)) == (ListKind.RELEASE, list(ids))
    with pytest.raises(Refused) as twice:
        release(desk, people.manager, made, name="x")
    assert twice.value.code == "already_on_list"


def test_what_was_not_transferred_is_never_released_whatever_its_row_says(desk: Desk) -> None:
    people = t.sides(desk)
    here = t.kept(desk)
    edited = t.kept(desk)
    with begin(desk.engine) as connection:
        state = DossierState.TRANSFERRED.value
        connection.execute(update(DOSSIERS).where(DOSSIERS.c.dossier == edited).values(state=state))

    for dossier in (here, edited):
        with pytest.raises(Refused) as refused:
            new_list(
                desk,
                people.manager,
                t.GM,
                name="x",
                kind=ListKind.RELEASE,
                selection=Selection((dossier,)),
            )
        assert refused.value.code == "not_transferred"


def test_a_hold_keeps_the_source_and_the_dossier_stays_transferred(
    desk: Desk, tmp_path: Path
) -> None:
    people, town = t.sides(desk), listing.town(desk)
    made = accepted(desk, people, tmp_path)
    with begin(desk.engine) as connection:
        note_declared(connection, desk, made)
    listed = release(desk, people.manager, made, name="x")
    first, second = t.on(desk, made)
    officer = making.actor(desk, "Hilde", t.GM, Role.HOLD_OFFICER)
    listing.to(desk, town, listed.id, ListState.WAITING)

    _hold(desk, officer, first)

    with reading(desk.engine) as connection:
        today = making.NOON.date()
        ref = ItemRef("", first, t.GM, ListKind.RELEASE)
        against = check(connection, desk, ref, Stage.PROPOSE, today)
        items = destruction_list.items_of(connection, listed.id)
    assert [each.code for each in against][:1] == ["hold"]
    assert {each.dossier: each.state.value for each in items} == {
        first: "left_list",
        second: "approved",
    }
    assert states(desk, made) == {"transferred"}


def test_a_transfer_follows_the_list_that_clears_its_source(desk: Desk, tmp_path: Path) -> None:
    people, town = t.sides(desk), listing.town(desk)
    made = accepted(desk, people, tmp_path)
    with begin(desk.engine) as connection:
        note_declared(connection, desk, made)
    listed = release(desk, people.manager, made, name="x")
    review.withdraw(desk, people.manager, listed.id, "toch later")

    [moved] = follow(desk)

    assert (moved.state, moved.release_list) == (TransferState.SOURCE_RELEASABLE, "")
    again = release(desk, people.manager, made, name="y")
    listing.to(desk, town, again.id, ListState.EXECUTING)
    assert follow(desk) == ()
    with begin(desk.engine) as connection:
        for state in ("verifying", "executed"):
            connection.execute(update(LISTS).where(LISTS.c.id == again.id).values(state=state))
        connection.execute(update(DOSSIERS).values(state="released"))
    assert [each.state for each in follow(desk)] == [TransferState.SOURCE_RELEASED]
    with begin(desk.engine) as connection:
        connection.execute(update(LISTS).where(LISTS.c.id == again.id).values(state="closed"))
    assert [each.state for each in follow(desk)] == [TransferState.CLOSED]
    assert follow(desk) == ()


def test_a_transfer_that_is_not_known_is_told_as_such(desk: Desk) -> None:
    with pytest.raises(TransferUnknown), reading(desk.engine) as connection:
        read_transfer(connection, "gm0000-o2026-009")


def test_only_who_has_a_mandate_restricts_packs_or_returns(desk: Desk) -> None:
    people = t.sides(desk)
    made = t.concept(desk, people).id
    nobody = making.actor(desk, "Nel", t.GM, Role.EMPLOYEE)

    for deed in (
        lambda: restrict(desk, {}, nobody, made, t.on(desk, made), t.OPEN),
        lambda: transfers.withdraw(desk, nobody, made, "x"),
        lambda: transfers.agree(desk, nobody, made, seen=t.seen(desk, made)),
    ):
        with pytest.raises(Refused):
            deed()


def _hold(desk: Desk, officer: object, dossier: str) -> None:
    holds.place(
        desk,
        officer,  # type: ignore[arg-type]
        t.GM,
        HoldKind.WOO,
        Scope(dossiers=(dossier,)),
        reason="verzoek",
        legal_basis="Woo",
        reference="W-1",
        review_on=datetime(2027, 1, 1, tzinfo=UTC).date(),
    )
