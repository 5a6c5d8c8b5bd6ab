"""The declaration of destruction: from evidence, signed by who may, closed by an addendum."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from retention import declaration, run
from retention.closing_tables import ORDERS
from retention.declaration import (
    DeclarationKind,
    DeclarationState,
    addenda_due,
    declarations_of,
    make_addendum,
    make_declaration,
    note_kept,
    read_declaration,
    sign_declaration,
)
from retention.declaration_facts import BackupSet, Context, Place, digest_of, evidence_lines
from retention.errors import ListUnknown, Refused
from retention.nouns import ListState
from retention.people import check_signature
from retention.tables import EVIDENCE, ITEMS
from storage.database import begin, open_database, reading
from tests.retention import listing, making
from tests.retention.world import World, make_world, to_executed

BACKUP = BackupSet("dagelijks", ("database", "een"), 35)
PLACES = {name: Place(name, "local", name, "AES-256") for name in ("een", "twee")}


def context(*backups: BackupSet) -> Context:
    return Context(
        "Gemeente Nergens", PLACES, backups, {"2020": "Stcrt. 2020, 11143"}, "edepot test"
    )


@pytest.fixture
def world(tmp_path: Path, database_place: Path | str) -> Iterator[World]:
    engine = open_database(database_place)
    made = make_world(engine, tmp_path)
    yield made
    made.archive.close()
    engine.dispose()


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_what_is_declared_comes_from_the_evidence_and_adds_up(world: World) -> None:
    to_executed(world)

    made = make_declaration(world.desk, world.list_id, context(), world.town.proposer)

    said = made.said
    assert made.id == f"{world.list_id}-verklaring"
    assert said["counts"] == {
        "items": 2, "destroyed": 2, "left": {}, "halted": 0, "needs_operator": 0,
        "files": 6, "size_bytes": 6000,
    }  # fmt: skip
    assert said["ground"]["rules"] == [
        {"list": "2020", "number": "13.1", "term": "P5Y", "dossiers": 2}
    ]
    assert [each["versions"] for each in said["manner"]] == [{"gone": 2}, {"gone": 2}]
    assert [each["sweep"] for each in said["verification"]] == [0, 1, 2]
    assert all(each["asked"] == each["absent"] for each in said["verification"])
    assert [each["duty"] for each in said["people"]] == [
        "proposer", "proposer", "reviewer", "proposer", "archivist", "signatory", "executor",
    ]  # fmt: skip
    assert said["authorisation"]["root"] == said["list"]["root"]
    assert "Jansen" not in str(said)
    with reading(world.desk.engine) as connection:
        assert said["evidence"]["rows"] == len(evidence_lines(connection, world.list_id))
    assert made.sha256 == digest_of(said)


def test_before_the_last_sweep_there_is_nothing_to_declare(world: World) -> None:
    run.execute(world.works, world.list_id)

    with refused("state"):
        make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    with pytest.raises(ListUnknown):
        make_declaration(world.desk, "L9", context(), world.town.proposer)


def test_the_signatory_signs_and_nobody_who_had_another_part(world: World) -> None:
    to_executed(world)
    made = make_declaration(world.desk, world.list_id, context(BACKUP), world.town.proposer)

    for other in (world.town.proposer, world.town.reviewer, world.town.archivist):
        with refused("mandate"):
            sign_declaration(world.desk, other, made.id)
    signed = sign_declaration(world.desk, world.town.signatory, made.id)

    assert signed.state is DeclarationState.SIGNED
    assert listing.look(world.desk, world.list_id).state is ListState.DECLARED
    with reading(world.desk.engine) as connection:
        content = signed.sha256.encode("ascii")
        check_signature(connection, world.town.signatory.person, content, signed.signature)
    with refused("state"):
        sign_declaration(world.desk, world.town.signatory, made.id)
    with refused("state"):
        make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    with refused("unknown"):
        sign_declaration(world.desk, world.town.signatory, "L9-verklaring")


def test_who_proposed_does_not_sign_with_a_second_mandate(world: World) -> None:
    from retention.nouns import Role

    to_executed(world)
    made = make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    making.actor(world.desk, "Petra", listing.GM, Role.SIGNATORY)

    with refused("separation_of_duties"):
        sign_declaration(world.desk, world.town.proposer, made.id)


def test_without_backups_the_list_is_closed_at_once(world: World) -> None:
    to_executed(world)
    made = make_declaration(world.desk, world.list_id, context(), world.town.proposer)

    sign_declaration(world.desk, world.town.signatory, made.id)

    assert listing.look(world.desk, world.list_id).state is ListState.CLOSED


def test_the_addendum_comes_when_the_last_backup_is_gone_and_closes_the_list(world: World) -> None:
    to_executed(world)
    made = make_declaration(world.desk, world.list_id, context(BACKUP), world.town.proposer)
    with refused("state"):
        make_addendum(world.desk, world.list_id, context(BACKUP), world.town.proposer)
    sign_declaration(world.desk, world.town.signatory, made.id)
    until = made.residual_until
    assert until is not None

    with refused("waiting"):
        make_addendum(world.desk, world.list_id, context(BACKUP), world.town.proposer)
    making.advance(world.desk, days=40)
    with reading(world.desk.engine) as connection:
        assert [each.id for each in addenda_due(connection, date(2100, 1, 1))] == [made.id]
        assert addenda_due(connection, until) == ()
    added = make_addendum(world.desk, world.list_id, context(BACKUP), world.town.proposer)
    sign_declaration(world.desk, world.town.signatory, added.id)

    assert added.kind is DeclarationKind.ADDENDUM
    assert added.said["declaration"] == {"id": made.id, "sha256": made.sha256}
    assert listing.look(world.desk, world.list_id).state is ListState.CLOSED
    with reading(world.desk.engine) as connection:
        assert [each.id for each in declarations_of(connection, world.list_id)] == [
            made.id, added.id,
        ]  # fmt: skip
        assert addenda_due(connection, date(2100, 1, 1)) == ()


def test_an_open_order_to_a_party_keeps_the_declaration_away(world: World) -> None:
    to_executed(world)
    blank = {each.name: "" for each in ORDERS.columns}
    with begin(world.desk.engine) as connection:
        row = blank | {"id": "O1", "list": world.list_id, "party": "fumo", "state": "issued"}
        connection.execute(ORDERS.insert(), row)

    with refused("order_open"):
        make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    with begin(world.desk.engine) as connection:
        connection.execute(update(ORDERS).values(state="accepted"))
    made = make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    assert made.said["external"][0]["order"] == "O1"


def test_it_may_be_drawn_up_again_until_it_is_signed(world: World) -> None:
    to_executed(world)
    first = make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    making.advance(world.desk, hours=1)

    again = make_declaration(world.desk, world.list_id, context(BACKUP), world.town.executor)

    assert again.sha256 != first.sha256
    assert again.residual_until is not None


def test_once_it_is_kept_the_titles_leave_the_list(world: World) -> None:
    to_executed(world)
    made = make_declaration(world.desk, world.list_id, context(), world.town.proposer)
    with reading(world.desk.engine) as connection:
        titles = list(connection.execute(select(ITEMS.c.title)).scalars())
    assert all("Jansen" in each for each in titles)

    with begin(world.desk.engine) as connection:
        note_kept(connection, made.id, "aip-1")

    with reading(world.desk.engine) as connection:
        assert set(connection.execute(select(ITEMS.c.title)).scalars()) == {""}
        kept = read_declaration(connection, made.id)
        assert kept is not None
        assert (kept.state, kept.aip_id) == (DeclarationState.KEPT, "aip-1")
        assert declaration.read_declaration(connection, "L9") is None


def test_no_evidence_names_a_place_that_still_had_something(world: World) -> None:
    to_executed(world)

    with reading(world.desk.engine) as connection:
        assert set(connection.execute(select(EVIDENCE.c.absent)).scalars()) == {1}
