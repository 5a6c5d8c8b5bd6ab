"""The guards: what keeps a dossier off a list, or lets it fall out; one by one and all at once."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from retention import destruction_list, facts, guards, holds, list_root
from retention.candidates import Selection
from retention.case import Case, Decision, Facts, Reason, Rule, Verdict
from retention.errors import ListUnknown, Refused
from retention.fact_kinds import FactKind
from retention.guard_nouns import ItemRef, Refusal, RunSight, Stage
from retention.guard_rules import Expected, own_to_destroy
from retention.guard_sight import Sight
from retention.hold_nouns import Query, Scope
from retention.nouns import Actor, Desk, DossierState, HoldKind, ItemState, ListKind, Role
from retention.tables import AUTHORISATIONS, DOSSIERS, EXEMPTIONS, ITEMS, LISTS
from storage.catalogue import AIPS, COPIES
from storage.database import begin, open_database, reading
from storage.fixity.tables import ITEMS as FIXITY_ITEMS
from storage.fixity.tables import REPAIRS
from tests.retention import making
from tests.retention.unguarded import unguarded

GM, OTHER = "ooststellingwerf", "opsterland"
TODAY = date(2026, 11, 23)
NO_FACTS = Facts()
SIGNED_STAGES = (Stage.SIGN, Stage.START, Stage.SEAL)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def anna(desk: Desk) -> Actor:
    return making.actor(desk, "Anna", GM, Role.RECORD_MANAGER)


@pytest.fixture
def hanna(desk: Desk) -> Actor:
    return making.actor(desk, "Hanna", GM, Role.HOLD_OFFICER)


def listed(desk: Desk, anna: Actor, *dossiers: str) -> str:
    selection = Selection(dossiers=dossiers)
    return destruction_list.new_list(desk, anna, GM, name="Proef", selection=selection).id


def check(
    desk: Desk,
    dossier: str,
    stage: Stage = Stage.PROPOSE,
    list_id: str = "",
    today: date = TODAY,
    run: RunSight = guards.NOT_SEEN,
    **item: Any,
) -> list[tuple[str, str]]:
    with reading(desk.engine) as connection:
        ref = replace(ItemRef(list_id, dossier, GM), **item)
        found = guards.check(connection, desk, ref, stage, today, run)
    return [(each.guard, each.code) for each in found]


def check_all(
    desk: Desk, list_id: str, stage: Stage, today: date = TODAY, answered: Any = None
) -> dict[str, list[tuple[str, str]]]:
    with reading(desk.engine) as connection:
        found = guards.check_all(connection, desk, list_id, stage, today, answered)
        return {
            dossier: [(each.guard, each.code) for each in refusals] for dossier, refusals in found
        }


def set_item(desk: Desk, list_id: str, dossier: str, **values: Any) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        where = (ITEMS.c.list == list_id) & (ITEMS.c.dossier == dossier)
        connection.execute(update(ITEMS).where(where).values(**values))


def set_state(desk: Desk, dossier: str, state: DossierState) -> None:
    with begin(desk.engine) as connection:
        where = DOSSIERS.c.dossier == dossier
        connection.execute(update(DOSSIERS).where(where).values(state=state.value))


def authorise(desk: Desk, list_id: str, **values: Any) -> None:
    with begin(desk.engine) as connection:
        listed = destruction_list.read_list(connection, list_id)
        row = {
            "list": list_id,
            "revision": listed.revision,
            "root": listed.root,
            "person": "p0009",
            "mandate": 1,
            "signed_at": desk.now().isoformat(),
            "waits_until": (TODAY - timedelta(days=1)).isoformat(),
            "valid_until": (TODAY + timedelta(days=100)).isoformat(),
            "signature": "",
            "withdrawn_at": "",
        }
        connection.execute(insert(AUTHORISATIONS), row | values)


def hold(desk: Desk, hanna: Actor, **scope: Any) -> str:
    return holds.place(
        desk,
        hanna,
        GM,
        HoldKind.WOO,
        Scope(**scope),
        reason="Woo-verzoek",
        legal_basis="Woo art. 4.1a",
        reference="W-2026-1",
        review_on=date(2027, 6, 1),
    ).id


def sight(rule: Rule, verdict: Verdict, facts: Facts = NO_FACTS, **values: Any) -> Sight:
    """A sight as the judgement takes it; what stands beside the verdict is what it says itself."""
    row = type("Row", (), {"decision": "DATED", "end_date": "2025-06-30"})
    judged = type("Judged", (), {"case": Case(rule=rule, facts=facts), "verdict": verdict})
    return Sight(row, judged, values.get("holds", ()))  # type: ignore[arg-type]


DATED = Verdict(
    Decision.DATED,
    (Reason("term"),),
    brondatum=date(2020, 6, 30),
    end_date=date(2025, 6, 30),
    eligible_from=date(2025, 7, 1),
)
DUE = Rule(valuation="destroy", term="P5Y", trigger="afgehandeld", name="2020, 13.1")
KEPT = Verdict(Decision.KEEP, ())
HUMAN = replace(DATED, decision=Decision.HUMAN)
NO_DATE = Verdict(Decision.AWAITING, (Reason("awaiting_end"),))


@pytest.mark.parametrize(
    ("rule", "verdict", "expected"),
    [
        (DUE, DATED, []),
        (replace(DUE, valuation="keep"), KEPT, [("G1", "keep"), ("G2", "changed")]),
        (DUE, KEPT, [("G1", "keep"), ("G2", "changed")]),
        (replace(DUE, valuation="keep"), DATED, [("G1", "keep")]),
        (replace(DUE, valuation=""), DATED, [("G1", "not_destroy")]),
        (replace(DUE, mixed=True), DATED, [("G10", "mixed")]),
        (replace(DUE, mixed=True, documents={"besluit": "P5Y"}), DATED, []),
        (replace(DUE, minimum=True), HUMAN, [("G7", "minimum_unconfirmed"), ("G2", "changed")]),
        (DUE, HUMAN, [("G3", "no_date"), ("G2", "changed")]),
        (DUE, NO_DATE, [("G3", "no_date"), ("G2", "changed")]),
        (DUE, replace(NO_DATE, reasons=()), [("G3", "no_date"), ("G2", "changed")]),
        (DUE, replace(DATED, eligible_from=None), [("G3", "no_date")]),
        (DUE, replace(DATED, eligible_from=date(2026, 11, 24)), [("G3", "not_due")]),
        (DUE, replace(DATED, eligible_from=TODAY), []),
        (DUE, replace(DATED, end_date=date(2025, 7, 1)), [("G2", "changed")]),
    ],
)  # fmt: skip
def test_one_dossier_is_judged_by_its_rule_and_its_dates(
    rule: Rule, verdict: Verdict, expected: list[tuple[str, str]]
) -> None:
    decided = Expected("DATED", "2025-06-30")

    found = own_to_destroy(sight(rule, verdict), decided, TODAY)

    assert [(each.guard, each.code) for each in found] == expected


def test_a_confirmed_minimum_holds_nothing_back() -> None:
    rule = replace(DUE, minimum=True)
    confirmed = sight(rule, DATED, Facts(minimum_confirmed=True))

    assert not list(own_to_destroy(confirmed, Expected("DATED", "2025-06-30"), TODAY))


def test_every_hold_is_named_and_an_exemption_keeps() -> None:
    held = sight(DUE, DATED, Facts(exempt=True), holds=("H-1", "H-2"))

    assert [*own_to_destroy(held, Expected("DATED", "2025-06-30"), TODAY)] == [
        Refusal("G4", "hold", "H-1"),
        Refusal("G4", "hold", "H-2"),
        Refusal("G5", "exempt"),
    ]


def test_a_due_dossier_passes_and_one_that_is_not_due_does_not(desk: Desk) -> None:
    due = making.dossier(desk, GM)
    later = making.dossier(desk, GM, ended_on="2025-03-01")
    undated = making.dossier(desk, GM, ended_on="")

    assert check(desk, due) == []
    assert check(desk, later) == [("G3", "not_due")]
    assert check(desk, undated) == [("G3", "no_date")]


def test_a_dossier_of_nobody_or_of_another_zorgdrager_is_refused(desk: Desk) -> None:
    theirs = making.dossier(desk, OTHER)

    assert check(desk, theirs) == [("G9", "one_zorgdrager")]
    assert check(desk, "nobody") == [("G9", "unknown")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (DossierState.TRANSFERRED, "transferred"),
        (DossierState.RELEASED, "transferred"),
        (DossierState.DESTROYED, "destroyed"),
    ],
)
def test_what_is_no_longer_ours_is_refused(desk: Desk, state: DossierState, code: str) -> None:
    dossier = making.dossier(desk, GM, state=state)

    assert check(desk, dossier) == [("G14", code)]


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        (ListKind.TRANSFER, ("G1", "not_keep")),
        (ListKind.RELEASE, ("G14", "not_transferred")),
    ],
)
def test_what_is_due_is_neither_handed_over_nor_cleared_as_if_it_were(
    desk: Desk, kind: ListKind, refusal: tuple[str, str]
) -> None:
    dossier = making.dossier(desk, GM)

    assert check(desk, dossier, kind=kind) == [refusal]


def test_an_exemption_keeps_a_dossier_before_anybody_checked_it(desk: Desk) -> None:
    dossier = making.dossier(desk, GM)
    with begin(desk.engine) as connection:
        row = dict.fromkeys(
            ("ground", "decision", "decided_on", "recorded_by", "checked_by", "recorded_at",
             "ended_by", "ended_at"), ""
        )  # fmt: skip
        connection.execute(insert(EXEMPTIONS), row | {"dossier": dossier})

    assert check(desk, dossier) == [("G5", "exempt"), ("G2", "changed")]


def test_a_hold_on_a_part_keeps_the_whole_and_the_other_way_round(desk: Desk, hanna: Actor) -> None:
    whole = making.dossier(desk, GM)
    held, other = (making.dossier(desk, GM, parent=whole) for _ in range(2))

    hold(desk, hanna, dossiers=(held,))

    assert check(desk, whole) == [("G4", "hold"), ("G6", "family")]
    assert ("G4", "hold") in check(desk, held)
    assert check(desk, other) == [("G6", "family"), ("G6", "family")]


def test_a_whole_waits_for_its_parts_at_any_depth(desk: Desk) -> None:
    whole = making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=whole)
    making.dossier(desk, GM, parent=part, ended_on="")

    assert check(desk, whole) == [("G6", "family")]
    assert check(desk, part) == [("G6", "family")]


def test_a_whole_with_parts_that_are_all_due_passes(desk: Desk) -> None:
    whole = making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=whole)

    assert check(desk, whole) == []
    assert check(desk, part) == []


def test_a_part_that_was_destroyed_holds_nothing_back(desk: Desk) -> None:
    whole = making.dossier(desk, GM)
    part = making.dossier(desk, GM, parent=whole, ended_on="")
    set_state(desk, part, DossierState.DESTROYED)

    assert check(desk, whole) == []


def test_dossiers_that_are_parts_of_each_other_are_judged_once(desk: Desk) -> None:
    one = making.dossier(desk, GM)
    other = making.dossier(desk, GM, parent=one, ended_on="")
    with begin(desk.engine) as connection:
        connection.execute(update(DOSSIERS).where(DOSSIERS.c.dossier == one).values(parent=other))

    assert check(desk, one) == [("G6", "family")]


def test_a_part_waits_for_the_whole_unless_it_may_go_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = making.dossier(desk, GM, ended_on="")
    part = making.dossier(desk, GM, parent=whole)

    assert check(desk, part) == [("G6", "family")]
    _let_go_alone(desk, monkeypatch)
    assert check(desk, part) == []


def test_a_part_of_what_is_not_known_here_waits(desk: Desk) -> None:
    part = making.dossier(desk, GM, parent="nobody")

    assert check(desk, part) == [("G6", "family")]


def test_a_part_whose_facts_name_a_whole_that_is_not_here_waits(desk: Desk) -> None:
    part = making.dossier(desk, GM)
    with begin(desk.engine) as connection:
        facts.assert_fact(
            connection, desk, part, FactKind.PARENT, "Z-elders",
            source="mdto:test", reason="", actor_id="test",
        )  # fmt: skip

    assert ("G6", "family") in check(desk, part)


def test_a_dossier_on_another_running_list_is_refused(desk: Desk, anna: Actor) -> None:
    dossier = making.dossier(desk, GM)
    list_id = listed(desk, anna, dossier)

    assert check(desk, dossier) == [("G8", "already_on_list")]
    assert check(desk, dossier, Stage.SUBMIT, list_id) == []


def test_a_package_that_is_being_repaired_waits(desk: Desk) -> None:
    dossier, done = making.dossier(desk, GM, title="Een"), making.dossier(desk, GM, title="Twee")
    with begin(desk.engine) as connection:
        for number, (aip, state) in enumerate([(dossier, "set_aside"), (done, "done")]):
            connection.execute(insert(FIXITY_ITEMS), _fixity_item(number, aip))
            row = dict.fromkeys(("source", "aside", "actor", "asked_at", "done_at", "finding"), "")
            where = {"run": "f-1", "item": number, "state": state}
            connection.execute(insert(REPAIRS), row | where)

    assert check(desk, dossier) == [("G8", "repair_running")]
    assert check(desk, done) == []


def test_what_changed_after_it_was_put_on_the_list_is_refused(desk: Desk, anna: Actor) -> None:
    dossier, other = making.dossier(desk, GM), making.dossier(desk, GM)
    list_id = listed(desk, anna, dossier, other)

    with begin(desk.engine) as connection:
        facts.assert_fact(
            connection, desk, dossier, FactKind.END, "2020-07-31",
            source="zgw:test", reason="", actor_id="test",
        )  # fmt: skip

    assert check(desk, dossier, Stage.SUBMIT, list_id) == [("G2", "changed")]
    assert check_all(desk, list_id, Stage.SUBMIT) == {dossier: [("G2", "changed")]}


@pytest.mark.parametrize("stage", [Stage.SUBMIT, *SIGNED_STAGES])
def test_a_dossier_that_is_not_on_the_list_is_never_part_of_it(
    desk: Desk, anna: Actor, stage: Stage
) -> None:
    on, off = making.dossier(desk, GM), making.dossier(desk, GM)
    list_id = listed(desk, anna, on)
    authorise(desk, list_id)

    assert check(desk, off, stage, list_id) == [("G11", "hash_mismatch")]


@pytest.mark.parametrize("stage", SIGNED_STAGES)
def test_an_item_of_the_signed_root_passes_with_and_without_a_proof(
    desk: Desk, anna: Actor, stage: Stage
) -> None:
    dossiers = [making.dossier(desk, GM) for _ in range(5)]
    list_id = listed(desk, anna, *dossiers)
    authorise(desk, list_id)
    with reading(desk.engine) as connection:
        tree = list_root.read_tree(connection, list_id)

    for each in dossiers:
        proof = tree.prove(each)
        assert check(desk, each, stage, list_id) == []
        assert check(desk, each, stage, list_id, run=RunSight(proof)) == []
    wrong = RunSight(tree.prove(dossiers[0]))
    assert check(desk, dossiers[1], stage, list_id, run=wrong) == [("G11", "hash_mismatch")]


def test_an_item_that_left_changes_nothing_for_the_others(desk: Desk, anna: Actor) -> None:
    stays, leaves = making.dossier(desk, GM), making.dossier(desk, GM)
    list_id = listed(desk, anna, stays, leaves)
    authorise(desk, list_id)
    with begin(desk.engine) as connection:
        destruction_list.leave(connection, desk, list_id, leaves, "hold", "H-1")

    assert check(desk, stays, Stage.SEAL, list_id) == []
    assert check(desk, leaves, Stage.SEAL, list_id) == [("G11", "hash_mismatch")]
    assert check_all(desk, list_id, Stage.SIGN) == check_all(desk, list_id, Stage.START) == {}


@pytest.mark.parametrize(
    "edit",
    [
        {"snapshot": '{"dossier":"x"}'},
        {"snapshot": "[]"},
        {"snapshot": "not JSON"},
        {"snapshot_sha256": "0" * 64},
        {"computation": 99},
        {"position": 7},
    ],
)
def test_a_row_that_was_edited_in_the_database_is_found_out(
    desk: Desk, anna: Actor, edit: Mapping[str, Any]
) -> None:
    edited, other = making.dossier(desk, GM), making.dossier(desk, GM)
    list_id = listed(desk, anna, edited, other)
    authorise(desk, list_id)

    set_item(desk, list_id, edited, **edit)

    assert ("G11", "hash_mismatch") in check(desk, edited, Stage.SEAL, list_id)
    for stage in SIGNED_STAGES:
        with pytest.raises(Refused) as refused:
            check_all(desk, list_id, stage)
        assert refused.value.code == "hash_mismatch"


def test_a_row_that_was_added_in_the_database_is_found_out(desk: Desk, anna: Actor) -> None:
    one, more = making.dossier(desk, GM), making.dossier(desk, GM)
    list_id, other = listed(desk, anna, one), listed(desk, anna, more)
    authorise(desk, list_id)

    set_item(desk, other, more, list=list_id, position=1)

    assert ("G11", "hash_mismatch") in check(desk, more, Stage.SEAL, list_id)
    assert ("G11", "hash_mismatch") in check(desk, one, Stage.SEAL, list_id)


def test_an_item_without_a_leaf_is_never_signed(desk: Desk, anna: Actor) -> None:
    dossier = making.dossier(desk, GM)
    list_id = listed(desk, anna, dossier)
    set_item(desk, list_id, dossier, position=list_root.OFF)

    assert check(desk, dossier, Stage.SIGN, list_id) == [("G11", "hash_mismatch")]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"withdrawn_at": "2026-11-20T00:00:00+00:00"}, [("G12", "unsigned")]),
        ({"waits_until": "2026-11-23"}, [("G12", "waiting")]),
        ({"waits_until": "2026-11-22"}, []),
        ({"valid_until": "2026-11-22"}, [("G12", "expired")]),
        ({"valid_until": "2026-11-23"}, []),
        ({"root": "0" * 64}, [("G12", "hash_mismatch"), ("G11", "hash_mismatch")]),
    ],
)
def test_without_an_authorisation_that_counts_nothing_starts(
    desk: Desk, anna: Actor, values: Mapping[str, Any], codes: list[tuple[str, str]]
) -> None:
    dossier = making.dossier(desk, GM)
    list_id = listed(desk, anna, dossier)
    authorise(desk, list_id, **values)

    assert check(desk, dossier, Stage.SIGN, list_id) == []
    for stage in (Stage.START, Stage.SEAL):
        assert check(desk, dossier, stage, list_id) == codes
    if codes:
        with pytest.raises(Refused) as refused:
            check_all(desk, list_id, Stage.START)
        assert refused.value.code == codes[0][1]
    else:
        assert check_all(desk, list_id, Stage.START) == {}


def test_a_store_that_holds_a_copy_must_answer(desk: Desk, anna: Actor) -> None:
    dossier = making.dossier(desk, GM, title="Kap van eiken")
    list_id = listed(desk, anna, dossier)
    authorise(desk, list_id)
    with begin(desk.engine) as connection:
        number = connection.execute(AIPS.select()).first().number  # type: ignore[union-attr]
        for store in ("disk", "cloud"):
            connection.execute(insert(COPIES), _copy(number, store))

    silent = [("G13", "store_silent")]
    both, one = frozenset({"disk", "cloud"}), frozenset({"disk"})
    assert check(desk, dossier, Stage.SEAL, list_id) == []
    assert check(desk, dossier, Stage.SEAL, list_id, run=RunSight(answered=both)) == []
    assert check(desk, dossier, Stage.SEAL, list_id, run=RunSight(answered=one)) == silent
    none = RunSight(answered=frozenset())
    assert check(desk, dossier, Stage.SEAL, list_id, run=none) == silent * 2
    assert check_all(desk, list_id, Stage.START, answered=one) == {dossier: silent}


def test_a_list_that_is_not_there_is_said_so(desk: Desk) -> None:
    with pytest.raises(ListUnknown):
        check_all(desk, "nothing", Stage.SUBMIT)


def test_all_at_once_gives_what_each_alone_gives(desk: Desk, anna: Actor, hanna: Actor) -> None:
    """Random families, dates and holds of every kind of scope, on one list."""
    chance = random.Random(7)
    dossiers: list[str] = []
    for number in range(60):
        parent = chance.choice(dossiers) if dossiers and chance.random() < 0.4 else ""
        zaaktype = chance.choice(["Bezwaar", "Kap", "Subsidie"])
        dossiers.append(
            making.dossier(desk, GM, parent=parent, zaaktype=zaaktype, title=f"Zaak {number}")
        )
    list_id = listed(desk, anna, *dossiers)
    sample = chance.sample(dossiers, 6)
    with begin(desk.engine) as connection:
        for each in sample[:2]:
            facts.assert_fact(
                connection, desk, each, FactKind.END, "2025-07-31",
                source="zgw:test", reason="", actor_id="test",
            )  # fmt: skip
        facts.assert_fact(
            connection, desk, sample[2], FactKind.OBJECT, "bag:1",
            source="zgw:test", reason="", actor_id="test",
        )  # fmt: skip
    placed = [
        hold(desk, hanna, dossiers=(sample[3],)),
        hold(desk, hanna, families=(sample[4],)),
        hold(desk, hanna, objects=("bag:1",)),
        hold(desk, hanna, query=Query(words="zaak 17")),
    ]
    # A hold lets its dossiers leave at once: here they are put back, to be judged again.
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(update(LISTS).values(state="in_review"))
        connection.execute(update(ITEMS).values(state=ItemState.PROPOSED.value))

    together = check_all(desk, list_id, Stage.SUBMIT)

    alone = {each: check(desk, each, Stage.SUBMIT, list_id) for each in dossiers}
    assert together == {each: codes for each, codes in alone.items() if codes}
    assert {code for codes in together.values() for _, code in codes} >= {
        "hold",
        "changed",
        "family",
    }
    with reading(desk.engine) as connection:
        for each in dossiers:
            held = [one.id for one in holds.active_on(connection, each)]
            assert [code for _, code in alone[each]].count("hold") == len(held)
    assert len(placed) == 4


def _let_go_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention import grounds, rule_policy

    def alone(connection: Any, zorgdrager: str, on: date) -> Any:
        return replace(rule_policy.policy_for(connection, zorgdrager, on), family="alone_allowed")

    monkeypatch.setattr(grounds, "policy_for", alone)


def _fixity_item(number: int, aip: str) -> dict[str, Any]:
    texts = ("kind", "zorgdrager", "store", "key", "expected", "outcome", "basis", "found",
             "checked_at", "findings")  # fmt: skip
    row = dict.fromkeys(texts, "") | {"run": "f-1", "number": number, "aip": 0, "aip_id": aip}
    return row | {"version": 1, "size_bytes": 0, "read_bytes": 0}


def _copy(number: int, store: str) -> dict[str, Any]:
    texts = ("key", "verified_at", "zorgdrager", "proof", "checked_at", "outcome")
    return dict.fromkeys(texts, "") | {"aip": number, "store": store}
