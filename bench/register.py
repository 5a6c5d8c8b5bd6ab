"""The register at a million dossiers: appraised and stored, asked for what is due, one new fact."""

import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from bench.clock import Figures, seconds_of
from retention import computing, register, worklists
from retention.enrolling import put_all
from retention.facts import FactKind, assert_fact
from retention.forecast import forecast
from retention.grounds import Grounds
from retention.nouns import Desk
from retention.recomputing import recompute_all
from retention.register import NewDossier
from retention.sayings import Saying
from retention.tables import DOSSIERS
from storage.database import begin, open_database, reading
from tests.retention.making import check_lists

ZORGDRAGER = "gm0085"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
PART = 1000
SHARES = (
    (57, "13.1", "Bezwaar behandelen"),
    (20, "11.1", "Omgevingsvergunning"),
    (12, "13.1.3", "Bezwaar behandelen"),
    (8, "12.1", "Toezicht"),
    (3, "", "Overig"),
)
"""Of a hundred dossiers: closing counts, a permit whose end is awaited, kept, closing, no rule."""
DECISIONS = {"13.1": "DATED", "11.1": "AWAITING", "13.1.3": "KEEP", "12.1": "DATED", "": "HUMAN"}
SOURCE = "mdto:bench"


def appraise_all(folder: Path, count: int) -> Figures:
    """`count` dossiers of five facts: first computations, the nightly run, and the questions."""
    figures = Figures(f"register of {count} dossiers")
    engine = open_database(folder / "register.sqlite")
    check_lists(engine)
    desk = Desk(engine, lambda: AT, lambda: b"\x01" * 32, "edepot bench")
    start = time.perf_counter()
    for first in range(0, count, PART):
        _bring_in(desk, range(first, min(count, first + PART)))
    figures.add("material: rows, facts and links written", seconds_of(start))
    ids = sorted(_id(number) for number in range(count))
    before = _peak_mb()
    start, worked, halfway = time.perf_counter(), time.process_time(), 0.0
    for first in range(0, count, PART):
        if first <= count // 2:
            halfway = _peak_mb()
        part = ids[first : first + PART]
        with begin(engine) as connection:
            computing.compute_each(connection, desk, part, "enrolled", Grounds(connection))
    seconds = figures.add(
        "appraised, with inputs and reasons stored (aim: under 600)", seconds_of(start)
    )
    figures.add("of which this process worked", time.process_time() - worked)
    figures.add("dossiers a second", count / seconds, "/s")
    figures.add("memory grew in the first half (caches fill)", halfway - before, "MB")
    figures.add("memory grew in the second half (aim: flat)", _peak_mb() - halfway, "MB")
    _whole(engine, count)
    size = (folder / "register.sqlite").stat().st_size
    figures.add("size of the database, a dossier", size / count, "bytes")
    start, peak = time.perf_counter(), _peak_mb()
    done = recompute_all(desk, [ZORGDRAGER])
    assert (done.looked_at, done.alarms) == (count, 0), done
    figures.add("nightly run, nothing new", seconds_of(start))
    figures.add("memory grew in it (aim: flat)", _peak_mb() - peak, "MB")
    _questions(engine, figures)
    _facts(desk, count, figures)
    engine.dispose()
    return figures


def _whole(engine: Engine, count: int) -> None:
    """See that what was measured is the real thing: most dossiers were dated, the rest as meant."""
    wanted = select(DOSSIERS.c.decision, func.count()).group_by(DOSSIERS.c.decision)
    with reading(engine) as connection:
        found = {row.decision: row[1] for row in connection.execute(wanted)}
    meant: dict[str, int] = {}
    for number in range(100):
        decision = DECISIONS[_share(number)[1]]
        meant[decision] = meant.get(decision, 0) + count // 100
    assert count % 100 or found == meant, (found, meant)


def _questions(engine: Engine, figures: Figures) -> None:
    today = AT.date()
    with reading(engine) as connection:
        seconds, found = _timed(lambda: register.due(connection, ZORGDRAGER, today))
        figures.add("due, first page of 100 (aim: under 100)", seconds * 1000, "ms")
        key = register.key_of_page(found[-1])
        seconds, _ = _timed(lambda: register.due(connection, ZORGDRAGER, today, after=key))
        figures.add("due, next page by key", seconds * 1000, "ms")
        seconds, _ = _timed(lambda: worklists.count_worklists(connection, ZORGDRAGER, today))
        figures.add("worklists counted", seconds * 1000, "ms")
        awaiting = worklists.Worklist.AWAITING
        seconds, _ = _timed(lambda: worklists.page(connection, ZORGDRAGER, awaiting, today))
        figures.add("worklist, first page of 100", seconds * 1000, "ms")
        overdue = worklists.Worklist.OVERDUE
        seconds, _ = _timed(lambda: worklists.page(connection, ZORGDRAGER, overdue, today))
        figures.add("overdue, first page of 100", seconds * 1000, "ms")
        seconds, _ = _timed(lambda: forecast(connection, ZORGDRAGER, today))
        figures.add("forecast", seconds * 1000, "ms")


def _facts(desk: Desk, count: int, figures: Figures) -> None:
    times = []
    permits = [number for number in range(count) if _share(number)[1] == "11.1"][:50]
    for number in permits:
        start = time.perf_counter()
        with begin(desk.engine) as connection:
            assert_fact(
                connection, desk, _id(number), FactKind.OBJECT_END, "2030-06-30",
                source="zgw:bench", actor_id="system",
            )  # fmt: skip
        times.append(seconds_of(start))
    with reading(desk.engine) as connection:
        assert register.read_dossier(connection, _id(permits[0])).end_date == "2031-06-30"
    figures.add(
        "one new fact to new date, median (aim: under 50)", statistics.median(times) * 1e3, "ms"
    )
    figures.add("one new fact to new date, slowest", max(times) * 1e3, "ms")


def _bring_in(desk: Desk, numbers: range) -> None:
    new = [_new(number) for number in numbers]
    with begin(desk.engine) as connection:
        register.add_dossiers(connection, new, AT)
        put_all(connection, desk, [(each, _sayings(each)) for each in new])


def _new(number: int) -> NewDossier:
    _, category, zaaktype = _share(number)
    started = date(2020, 1, 1) + timedelta(days=number % 1500)
    return NewDossier(
        dossier=_id(number),
        zorgdrager=ZORGDRAGER,
        identifier=f"Z-{number}",
        files=8,
        size_bytes=4_000_000,
        zaaktype=zaaktype,
        category=category,
        started_on=started.isoformat(),
        ended_on=(started + timedelta(days=90)).isoformat(),
    )


def _sayings(new: NewDossier) -> list[Saying]:
    said: list[tuple[FactKind, object]] = [
        (FactKind.START, new.started_on),
        (FactKind.END, new.ended_on),
        (FactKind.ZAAKTYPE, new.zaaktype),
        (FactKind.SENDER_VALUATION, "V"),
    ]
    if new.category:
        said.append((FactKind.CATEGORY, {"list_year": "2020", "category": new.category}))
    return [Saying(kind, value, SOURCE, new.dossier) for kind, value in said]


def _share(number: int) -> tuple[int, str, str]:
    rest = number * 37 % 100
    for each in SHARES:
        if rest < each[0]:
            return each
        rest -= each[0]
    raise AssertionError(number)


def _id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"


def _timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        answer = ask()
        times.append(seconds_of(start))
    return statistics.median(times), answer


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
