"""Whatever people do, in whatever order: one person ends no hold, and no date moves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention import holds
from retention.errors import Refused
from retention.hold_nouns import HoldState, Scope
from retention.nouns import Actor, Desk, HoldKind, Role
from storage.database import open_database, reading
from tests.retention import making

GM = "ooststellingwerf"
ACTS = ("ask", "agree", "refuse", "add", "review", "place", "wait")
DATES = ("brondatum", "end_date", "eligible_from", "transfer_on", "decision", "computation")


@dataclass(frozen=True)
class World:
    """A desk, three officers, and a dossier."""

    desk: Desk
    officers: tuple[Actor, ...]
    due: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place: Path = tmp_path_factory.mktemp("holds") / "edepot.sqlite"
    engine = open_database(place)
    desk = making.desk(engine)
    officers = tuple(
        making.actor(desk, name, GM, Role.HOLD_OFFICER, Role.ARCHIVIST)
        for name in ("Anna", "Bea", "Cor")
    )
    yield World(desk, officers, making.dossier(desk, GM))
    engine.dispose()


def placed(world: World, actor: Actor) -> str:
    return holds.place(
        world.desk,
        actor,
        GM,
        HoldKind.WOO,
        Scope(dossiers=(world.due,)),
        reason="verzoek",
        legal_basis="Woo",
        reference="",
        review_on=world.desk.now().date() + timedelta(days=30),
    ).id


def act(world: World, hold: str, actor: Actor, name: str) -> None:
    """Do something, whether it is allowed or not."""
    desk = world.desk
    later = desk.now().date() + timedelta(days=60)
    deeds: dict[str, Callable[[], object]] = {
        "ask": lambda: holds.ask_release(desk, actor, hold, "klaar"),
        "agree": lambda: holds.agree_release(desk, actor, hold),
        "refuse": lambda: holds.refuse_release(desk, actor, hold, "nee"),
        "add": lambda: holds.add_members(desk, actor, hold, [world.due], reason="ook"),
        "review": lambda: holds.set_review(desk, actor, hold, later, reason="nog nodig"),
        "place": lambda: placed(world, actor),
        "wait": lambda: making.advance(desk, days=400),
    }
    try:
        deeds[name]()
    except Refused as refused:
        if refused.code not in {"state", "same_person"}:
            raise


def state_of(world: World, hold: str) -> HoldState:
    with reading(world.desk.engine) as connection:
        on = {each.id for each in holds.active_on(connection, world.due)}
        state = holds.read_hold(connection, hold).state
    assert (hold in on) is (state is not HoldState.RELEASED)
    return state


# Every step is a signed transaction: forty sequences are slow enough, and say enough.
LONG = settings(max_examples=40, deadline=None)


@LONG
@given(names=st.lists(st.sampled_from(ACTS), max_size=8))
def test_no_order_of_acts_by_one_person_ends_a_hold(world: World, names: list[str]) -> None:
    anna = world.officers[0]
    before = [making.row_of(world.desk, world.due)[each] for each in DATES]
    hold = placed(world, anna)

    for each in names:
        act(world, hold, anna, each)

        assert state_of(world, hold) is not HoldState.RELEASED
        assert [making.row_of(world.desk, world.due)[one] for one in DATES] == before


@LONG
@given(
    steps=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2)), max_size=10),
)
def test_a_hold_ends_only_by_somebody_else_than_who_asked_or_placed(
    world: World, steps: list[tuple[str, int]]
) -> None:
    before = [making.row_of(world.desk, world.due)[each] for each in DATES]
    hold = placed(world, world.officers[0])
    asked, ended = -1, False

    for name, who in steps:
        act(world, hold, world.officers[who], name)

        if not ended and name == "ask" and asked < 0:
            asked = who
        elif not ended and name == "refuse" and asked >= 0 and who != asked:
            asked = -1
        elif name == "agree" and asked >= 0 and who not in (asked, 0):
            ended = True
        assert (state_of(world, hold) is HoldState.RELEASED) is ended
        assert [making.row_of(world.desk, world.due)[one] for one in DATES] == before
