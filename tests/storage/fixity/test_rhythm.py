"""The rhythm: whose limit counts, what a day takes, and that no copy is ever past its limit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from formats.findings import Finding
from storage.catalogue import AIPS, COPIES
from storage.database import begin, open_database, reading
from storage.fixity.nouns import Asked, Portion, Scope
from storage.fixity.plan import begin_run
from storage.fixity.rhythm import (
    Cost,
    DayShare,
    Overdue,
    Place,
    Policies,
    Price,
    Rhythm,
    Rule,
    cost_per_month,
    days_for,
    overdue,
    overdue_findings,
    scope_of,
    share_of_day,
)
from storage.fixity.tables import ITEMS
from storage.held.parties import Arrangement, Party, Way, register
from storage.held.tables import HELD_ITEMS
from tests.storage.making import SALT

NOW = datetime(2026, 11, 25, 3, 15, tzinfo=UTC)
DAY = timedelta(days=1)
LOCAL, CLOUD = Place.LOCAL, Place.CLOUD
RHYTHM = Rhythm(
    30,
    90,
    (
        Rule("", "", 60),
        Rule("", "opsterland", 20),
        Rule("kopie-2", "", 10),
        Rule("kopie-2", "opsterland", 5),
        Rule("kopie-3", "", 7),
        Rule("kopie-3", "", 8),
    ),
)


def copies(
    connection: Connection, store: str, zorgdrager: str, checked: list[str], first: int = 1
) -> None:
    """Copies in the catalogue, checked last at these instants ("" is never)."""
    known = set(connection.execute(select(AIPS.c.number)).scalars())
    wanted = [each for each in range(first, first + len(checked)) if each not in known]
    if wanted:
        row = {each.name: "" for each in AIPS.columns}
        row |= {"version": 1, "files": 1, "payload_bytes": 1, "size_bytes": 2 * 10**9}
        each_own = [{"number": n, "aip_id": f"aip-{n}", "identifier": f"Z-{n}"} for n in wanted]
        connection.execute(insert(AIPS), [row | own for own in each_own])
    connection.execute(
        insert(COPIES),
        [
            {
                "aip": first + number,
                "store": store,
                "key": f"{zorgdrager}/{first + number}",
                "verified_at": at,
                "zorgdrager": zorgdrager,
                "proof": "read",
                "checked_at": at,
                "outcome": "intact",
            }
            for number, at in enumerate(checked)
        ],
    )


def ago(days: float) -> str:
    """The instant so many days ago, as the catalogue has it."""
    return (NOW - timedelta(days=days)).isoformat()


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    engine = open_database(database_place)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("store", "place", "zorgdrager", "days"),
    [
        ("kopie-1", LOCAL, "ooststellingwerf", 60),
        ("kopie-1", CLOUD, "ooststellingwerf", 60),
        ("kopie-1", LOCAL, "opsterland", 20),
        ("kopie-2", LOCAL, "ooststellingwerf", 10),
        ("kopie-2", LOCAL, "opsterland", 5),
        ("kopie-3", CLOUD, "opsterland", 8),
    ],
)
def test_the_most_exact_rule_counts_and_of_equals_the_last(
    store: str, place: Place, zorgdrager: str, days: int
) -> None:
    assert days_for(RHYTHM, store, place, zorgdrager) == days


def test_without_rules_the_kind_of_store_decides_and_an_unknown_store_is_local() -> None:
    policies = Policies(Rhythm(30, 90), {"wolk": CLOUD})
    shares = [policies.rhythm.local_days, policies.rhythm.cloud_days]

    assert days_for(policies.rhythm, "wolk", policies.places["wolk"], "x") == shares[1]
    assert days_for(policies.rhythm, "weg", policies.places.get("weg", LOCAL), "x") == shares[0]


def test_a_day_takes_its_part_and_what_would_be_past_its_limit(engine: Engine) -> None:
    policies = Policies(Rhythm(30, 90), {"wolk": CLOUD})
    with begin(engine) as connection:
        copies(connection, "kopie-1", "opsterland", [ago(each / 4) for each in range(61)])
        copies(connection, "wolk", "opsterland", [ago(each / 4) for each in range(61)])
        copies(connection, "kopie-1", "weststellingwerf", ["", "", ago(28), ago(29), ago(31)], 100)

        shares = share_of_day(connection, policies, NOW)
        again = share_of_day(connection, policies, NOW)

    assert shares == again
    assert shares == (
        DayShare("kopie-1", "opsterland", 30, 61, 3),
        DayShare("kopie-1", "weststellingwerf", 30, 5, 4),
        DayShare("wolk", "opsterland", 90, 61, 1),
    )


def test_the_share_becomes_the_items_of_one_run_the_longest_unchecked_first(
    engine: Engine,
) -> None:
    policies = Policies(Rhythm(3, 90))
    with begin(engine) as connection:
        copies(connection, "kopie-1", "opsterland", [ago(0.1), ago(0.4), ago(0.3), ago(0.2)])
        copies(connection, "kopie-2", "opsterland", [ago(0.1)] * 3)
        shares = share_of_day(connection, policies, NOW)
    scope = scope_of(shares)

    run, joined = begin_run(engine, scope, Asked(NOW, "uid:0", "test"), schedule="daily-check")
    again, joined_again = begin_run(engine, scope, Asked(NOW, "uid:0", "test"))

    with reading(engine) as connection:
        rows = connection.execute(
            select(ITEMS.c.store, ITEMS.c.aip).where(ITEMS.c.run == run.id).order_by(ITEMS.c.number)
        ).all()
    assert [tuple(each) for each in rows] == [
        ("kopie-1", 2),
        ("kopie-1", 3),
        ("kopie-2", 1),
        ("kopie-2", 2),
    ]
    assert (joined, joined_again, again.id) == (False, True, run.id)
    assert (run.scope, run.scope.whole) == (scope, False)
    assert scope == Scope(
        stores=("kopie-1", "kopie-2"),
        portions=(Portion("kopie-1", "opsterland", 2), Portion("kopie-2", "opsterland", 2)),
    )


def test_what_is_past_its_limit_is_told_never_checked_copies_included(engine: Engine) -> None:
    policies = Policies(Rhythm(30, 90), {"wolk": CLOUD})
    with begin(engine) as connection:
        copies(connection, "kopie-1", "opsterland", [ago(29.9), ago(30.1), ""])
        copies(connection, "kopie-2", "opsterland", [ago(31), ago(2)])
        copies(connection, "wolk", "opsterland", [ago(89)])

        late = overdue(connection, policies, NOW)
        findings = overdue_findings(connection, policies, NOW)

    assert late == (
        Overdue("kopie-1", "opsterland", 30, 2, None),
        Overdue("kopie-2", "opsterland", 30, 1, NOW - 31 * DAY),
    )
    assert [(each.code, each.where, each.found, each.expected) for each in findings] == [
        ("S451", "kopie-1, opsterland", "2", "30"),
        ("S451", "kopie-2, opsterland", "1", "30"),
    ]
    assert all(isinstance(each, Finding) for each in findings)


def test_what_a_party_holds_goes_by_the_days_of_its_contract(engine: Engine) -> None:
    asked = Asked(NOW - 100 * DAY, "uid:0", "test")
    for party, days, way in (("omgevingsdienst", 10, Way.READ), ("waterschap", 5, Way.MANIFEST)):
        register(engine, _party(party, days, way), asked, SALT)
    with begin(engine) as connection:
        for party in ("omgevingsdienst", "waterschap"):
            _hold(connection, party, [ago(each) for each in range(8)])

        shares = share_of_day(connection, Policies(Rhythm(30, 90)), NOW)
        late = overdue(connection, Policies(Rhythm(30, 90)), NOW)
        costs = cost_per_month(connection, Policies(Rhythm(30, 90)), {})

    assert shares == (
        DayShare("omgevingsdienst", "opsterland", 10, 8, 1),
        DayShare("waterschap", "opsterland", 5, 8, 4),
    )
    assert late == (Overdue("waterschap", "opsterland", 5, 2, NOW - 7 * DAY),)
    assert costs == (Cost("omgevingsdienst", 8, 800, 27, 2667, 27, None),)


def test_the_cost_of_the_rhythm_is_told_in_bytes_requests_and_euro(engine: Engine) -> None:
    policies = Policies(Rhythm(30, 90, (Rule("wolk", "opsterland", 15),)), {"wolk": CLOUD})
    with begin(engine) as connection:
        copies(connection, "kopie-1", "opsterland", [ago(1)] * 10)
        copies(connection, "wolk", "opsterland", [ago(1)] * 4)
        copies(connection, "wolk", "weststellingwerf", [ago(1)] * 6, first=5)

        told = cost_per_month(connection, policies, {"wolk": Price(0.09, 0.5), "kopie-1": Price()})

    assert told == (
        Cost("kopie-1", 10, 20_000_000_000, 11, 20_689_655_173, 11, None),
        Cost("wolk", 10, 20_000_000_000, 12, 21_187_800_964, 12, 1.91),
    )


def test_an_empty_depot_has_nothing_to_do_and_costs_nothing(engine: Engine) -> None:
    policies = Policies(Rhythm(30, 90))
    with reading(engine) as connection:
        assert share_of_day(connection, policies, NOW) == ()
        assert overdue(connection, policies, NOW) == ()
        assert cost_per_month(connection, policies, {}) == ()


DAYS = 200
HOURS_OF_A_RUN = 11


@settings(max_examples=4, deadline=None)
@given(
    limit=st.integers(2, 40),
    at_first=st.integers(0, 40),
    arrivals=st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(1, 20)), max_size=5),
    missed=st.sets(st.integers(1, DAYS - 1), max_size=12),
    hours=st.lists(st.integers(0, HOURS_OF_A_RUN), min_size=1, max_size=5),
)
def test_in_200_days_no_copy_is_past_its_limit_when_every_day_runs_and_a_missed_day_is_caught_up(
    limit: int,
    at_first: int,
    arrivals: list[tuple[int, int]],
    missed: set[int],
    hours: list[int],
) -> None:
    for days_off in [set[int](), missed][: 1 + bool(missed)]:
        for day, ages, late in simulated(limit, at_first, arrivals, days_off, hours):
            assert not late, f"day {day}"
            if not days_off:
                assert all(each <= timedelta(days=limit) for each in ages), f"day {day}"


def test_the_load_is_flat_also_after_much_came_in_at_once() -> None:
    taken = [
        len(ages) for _, ages, _ in simulated(30, 90, [(40, 210), (41, 60)], set(), [0, 5, 11])
    ]

    assert set(taken[:40]) == {4}
    assert set(taken[42:]) == {13}


def simulated(
    limit: int,
    at_first: int,
    arrivals: list[tuple[int, int]],
    days_off: set[int],
    hours: list[int],
) -> Iterator[tuple[int, list[timedelta], int]]:
    """Day by day: its number, how old each copy that was checked had become, and how many are
    past their limit once that day's run has ended. Days off are left out.
    """
    policies = Policies(Rhythm(limit, 90))
    here = at_first
    begins = datetime(2026, 1, 1, 3, 15, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "edepot.sqlite")
        with begin(engine) as connection:
            ages = [begins - timedelta(days=each % limit) for each in range(at_first)]
            if ages:
                copies(connection, "a", "z", [each.isoformat() for each in ages])
            for day in range(DAYS):
                now = begins + day * DAY
                for size in (each for when, each in arrivals if when == day):
                    copies(connection, "a", "z", [now.isoformat()] * size, here + 1)
                    here += size
                if day in days_off:
                    continue
                ages = _check(connection, policies, now, hours)
                yield day, ages, _late(connection, now + timedelta(hours=12), limit)
        engine.dispose()


def _check(
    connection: Connection, policies: Policies, now: datetime, hours: list[int]
) -> list[timedelta]:
    shares = share_of_day(connection, policies, now)
    wanted = select(COPIES.c.aip, COPIES.c.checked_at).order_by(COPIES.c.checked_at, COPIES.c.aip)
    rows = connection.execute(wanted.limit(sum(each.copies for each in shares))).all()
    at = [now + timedelta(hours=hours[number % len(hours)]) for number in range(len(rows))]
    if rows:
        checked = [
            {"this": row.aip, "at": each.isoformat()} for row, each in zip(rows, at, strict=True)
        ]
        this = COPIES.c.aip == bindparam("this")
        connection.execute(update(COPIES).where(this).values(checked_at=bindparam("at")), checked)
    return [
        each - datetime.fromisoformat(row.checked_at) for row, each in zip(rows, at, strict=True)
    ]


def _late(connection: Connection, now: datetime, limit: int) -> int:
    before = (now - timedelta(days=limit)).isoformat()
    wanted = select(func.count()).where(COPIES.c.checked_at < before)
    return int(connection.execute(wanted).scalar_one())


def _party(name: str, days: int, way: Way) -> Party:
    return Party(
        id=name,
        zorgdrager="opsterland",
        name=name,
        task="vergunningen",
        basis=Arrangement.MANDATE,
        agreement="2024",
        contact="archief@example.nl",
        way=way,
        rhythm_days=days,
    )


def _hold(connection: Connection, party: str, checked: list[str]) -> None:
    connection.execute(
        insert(HELD_ITEMS),
        [
            {
                "party": party,
                "number": number,
                "path": f"zaak-{number}.pdf",
                "sha256": "0" * 64,
                "sha512": "",
                "size_bytes": 100,
                "added_at": ago(100),
                "checked_at": at,
                "outcome": "intact",
            }
            for number, at in enumerate(checked, 1)
        ],
    )
