"""Corrections in bulk: read strictly, previewed for real, counted only after a second person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retention import corrections
from retention.correction_rows import Fault, Wanted, read_rows
from retention.corrections import decide, list_corrections, preview_correction, propose
from retention.errors import Refused
from retention.fact_kinds import FactKind
from retention.nouns import Actor, Desk, Role
from storage import ledger
from storage.database import open_database, reading
from tests.retention import making

MINE = "gm0085"
FILE = ("wacht.xlsx", "0" * 64)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def made(desk: Desk, **values: str) -> str:
    return making.dossier(desk, MINE, **{"zaaktype": "", "result": ""} | values)


def wanted_of(desk: Desk, header: tuple[str, ...], *rows: tuple[str, ...]) -> Wanted:
    with reading(desk.engine) as connection:
        return read_rows(connection, MINE, header, list(enumerate(rows, 2)), "uit het register")


def people(desk: Desk) -> tuple[Actor, Actor]:
    anna = making.actor(desk, "Anna", MINE, Role.EMPLOYEE)
    return anna, making.actor(desk, "Bert", MINE, Role.RECORD_MANAGER)


def ends(desk: Desk, *dossiers: str) -> list[object]:
    return [making.row_of(desk, each)["end_date"] for each in dossiers]


def test_a_table_becomes_facts_by_id_or_identifier(desk: Desk) -> None:
    one, two = made(desk), made(desk, identifier="=Z/2")
    header = ("Dossier", "identifier", "why", "set_end", "set_list_year", "set_category", "reason")

    found = wanted_of(
        desk,
        header,
        (one, "", "x", "31-12-2021", "", "", "eigen reden"),
        ("", "", "", "", "", "", ""),
        ("", "'=Z/2", "", "", "2020", "13.1.1", ""),
    )

    assert found.faults == ()
    assert [(each.dossier, each.kind, each.value, each.reason) for each in found.sayings] == [
        (one, FactKind.END, "2021-12-31", "eigen reden"),
        (
            two,
            FactKind.CATEGORY,
            {"list_year": "2020", "category": "13.1.1"},
            "uit het register",
        ),
    ]


def test_every_row_that_is_wrong_is_told_with_its_number(desk: Desk) -> None:
    one = made(desk, identifier="A")
    made(desk, identifier="B")
    made(desk, identifier="B")
    theirs = making.dossier(desk, "gm0086")
    header = ("dossier", "identifier", "set_end", "set_category", "set_minimum_confirmed")

    found = wanted_of(
        desk,
        header,
        (one, "", "2021-02-30", "", ""),
        (one, "", "2021-02-28", "", ""),
        (theirs, "", "2021-02-28", "", ""),
        ("", "B", "2021-02-28", "", ""),
        ("", "", "2021-02-28", "", ""),
        ("", "Z", "2021-02-28", "", ""),
    )

    assert found.faults == (
        Fault(2, "value", "set_end: 2021-02-30"),
        Fault(3, "twice", "2"),
        Fault(4, "unknown", theirs),
        Fault(5, "two_dossiers", "B"),
        Fault(6, "no_dossier", ""),
        Fault(7, "unknown", "Z"),
    )


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (("", "", ""), "nothing"),
        (("", "13.1", ""), "half"),
        (("", "", "misschien"), "value"),
    ],
)
def test_a_row_says_something_and_says_it_whole(
    desk: Desk, cells: tuple[str, ...], fault: str
) -> None:
    header = ("dossier", "set_list_year", "set_category", "set_minimum_confirmed")

    found = wanted_of(desk, header, (made(desk), *cells))

    assert [each.code for each in found.faults] == [fault]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (("naam", "set_end"), "no_dossier"),
        (("dossier", "set_einde"), "column"),
        (("dossier", "set_end", "set_end"), "column"),
    ],
)
def test_columns_that_nobody_knows_are_refused(
    desk: Desk, header: tuple[str, ...], code: str
) -> None:
    assert {each.code for each in wanted_of(desk, header).faults} == {code}


def test_a_preview_tells_the_truth_and_leaves_nothing(desk: Desk) -> None:
    one, two = made(desk), made(desk, category="11.1")
    header = ("dossier", "set_end", "set_object_end")
    found = wanted_of(desk, header, (one, "2021-06-30", ""), (two, "", "2030-06-30"))

    preview = preview_correction(desk, found)

    assert (preview.looked_at, preview.changed, preview.later) == (2, 2, 1)
    assert dict(preview.moves) == {("AWAITING", "DATED"): 1, ("DATED", "DATED"): 1}
    assert ends(desk, one, two) == ["2025-06-30", ""]


def test_nothing_counts_before_another_person_agrees(desk: Desk) -> None:
    one = made(desk, category="11.1")
    anna, bert = people(desk)
    header = ("dossier", "set_object_end", "set_object")
    found = wanted_of(desk, header, (one, "2030-06-30", "bag:1"))

    proposed = propose(desk, anna, MINE, FILE, found, "einddatums nagezocht")

    assert (proposed.state, proposed.facts, ends(desk, one)) == ("waiting", 2, [""])
    with pytest.raises(Refused) as caught:
        decide(desk, anna, proposed.number, agrees=True)
    assert caught.value.code == "same_person"
    done = decide(desk, bert, proposed.number, agrees=True)
    assert (done.state, done.decided_by) == ("applied", bert.person)
    # The object that it waits for now has no end yet.
    assert making.row_of(desk, one)["cause"] == "awaiting_object_end"
    with pytest.raises(Refused) as caught:
        decide(desk, bert, proposed.number, agrees=True)
    assert caught.value.code == "state"
    with reading(desk.engine) as connection:
        actions = [each.action for each in ledger.entries(connection, MINE)]
        assert list_corrections(connection, MINE) == (done,)
    assert actions == ["retention.correction_proposed", "retention.correction_applied"]


def test_a_table_that_is_turned_down_changes_nothing(desk: Desk) -> None:
    one = made(desk)
    anna, bert = people(desk)
    found = wanted_of(desk, ("dossier", "set_end"), (one, "2021-06-30"))
    proposed = propose(desk, anna, MINE, FILE, found, "nagezocht")
    with pytest.raises(Refused) as caught:
        decide(desk, bert, proposed.number, agrees=False)
    assert caught.value.code == "reason_missing"

    done = decide(desk, bert, proposed.number, agrees=False, reason="verkeerd bestand")

    assert (done.state, ends(desk, one)) == ("refused", ["2025-06-30"])


def test_a_table_with_faults_without_a_reason_or_without_a_mandate_is_refused(desk: Desk) -> None:
    one = made(desk)
    anna, _ = people(desk)
    carl = making.actor(desk, "Carl", MINE, Role.AUDITOR)
    good = wanted_of(desk, ("dossier", "set_end"), (one, "2021-06-30"))
    bad = wanted_of(desk, ("dossier", "set_end"), (one, "x"))
    minimum = wanted_of(desk, ("dossier", "set_minimum_confirmed"), (one, "ja"))

    for actor, wanted, reason, code in (
        (anna, good, " ", "reason_missing"),
        (anna, bad, "reden", "value"),
        (carl, good, "reden", "mandate"),
        (anna, minimum, "reden", "mandate"),
    ):
        with pytest.raises(Refused) as caught:
            propose(desk, actor, MINE, FILE, wanted, reason)
        assert caught.value.code == code
    with reading(desk.engine) as connection, pytest.raises(Refused) as caught:
        corrections.read_correction(connection, 99)
    assert caught.value.code == "unknown"
