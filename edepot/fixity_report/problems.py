"""What is not simply well, grouped by cause, so that 10,000 of one cause are one line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, or_, select

from edepot.fixity_report.counting import count_by
from edepot.fixity_report.summary import SHOWN, Incident, Problem, ProblemCopy, Remark
from formats.findings import Finding
from storage.catalogue import AIPS
from storage.fixity.lines import findings_text, read_findings
from storage.fixity.nouns import Kind
from storage.fixity.tables import INCIDENTS, ITEMS, REMARKS, REPAIRS
from storage.outcomes import Outcome

ROWS_AT_ONCE = 2_000
CODE_AT = len('[{"code": "') + 1
CODE_LENGTH = 4
FINE = (Outcome.INTACT.value, Outcome.ATTESTED.value)
HEAVIEST_FIRST = (
    Outcome.DIFFERS,
    Outcome.MISSING,
    Outcome.UNREADABLE,
    Outcome.NOT_CHECKED,
    Outcome.ATTESTED,
    Outcome.INTACT,
)

# The first finding's code, read from where `findings_text` writes it: SQLite and PostgreSQL
# read JSON in different ways. The numbers are no parameters, so that PostgreSQL may group by it.
_CODE = func.substr(
    ITEMS.c.findings, literal_column(str(CODE_AT)), literal_column(str(CODE_LENGTH))
)
_TROUBLED = or_(ITEMS.c.outcome.not_in(FINE), ITEMS.c.findings != "")


def read_problems(connection: Connection, run: str) -> tuple[Problem, ...]:
    """The causes, the heaviest and largest first, each with its first copies."""
    by = (ITEMS.c.outcome, _CODE, ITEMS.c.store, ITEMS.c.kind)
    repaired = connection.execute(
        select(REPAIRS.c.run).where(REPAIRS.c.run == run).limit(1)
    ).first()
    found = []
    for cause, (copies, size_bytes), since in count_by(
        connection, run, by, (ITEMS.c.size_bytes,), (_TROUBLED,)
    ):
        mine = (*(one == other for one, other in zip(by, cause, strict=True)), _TROUBLED)
        outcome, code, store, kind = cause
        found.append(
            Problem(
                outcome=Outcome(outcome),
                code=code,
                store=store,
                held=kind == Kind.HELD.value,
                copies=copies,
                size_bytes=size_bytes,
                since=since,
                repairs=_repairs(connection, run, mine) if repaired else {},
                examples=_examples(connection, run, mine),
            )
        )
    return tuple(sorted(found, key=_weight))


def iter_problem_copies(connection: Connection, run: str) -> Iterator[ProblemCopy]:
    """Every copy that is not simply whole, in the order of the run, without holding them all."""
    last = -1
    while True:
        wanted = _copies(run).where(_TROUBLED, ITEMS.c.number > last).limit(ROWS_AT_ONCE)
        rows = connection.execute(wanted).all()
        yield from map(_copy, rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number


def read_remarks(connection: Connection, run: str) -> tuple[Remark, ...]:
    """The remarks, counted per code and store, each with its first findings."""
    by = (REMARKS.c.code, REMARKS.c.store)
    rows = connection.execute(
        select(*by, func.count()).where(REMARKS.c.run == run).group_by(*by).order_by(*by)
    ).all()
    return tuple(
        Remark(code, store, count, _remarked(connection, run, code, store))
        for code, store, count in rows
    )


def iter_remarks(connection: Connection, run: str) -> Iterator[tuple[str, str, Finding]]:
    """Every remark: store, zorgdrager, finding; without holding them all."""
    last = -1
    while True:
        rows = connection.execute(
            select(REMARKS)
            .where(REMARKS.c.run == run, REMARKS.c.number > last)
            .order_by(REMARKS.c.number)
            .limit(ROWS_AT_ONCE)
        ).all()
        for row in rows:
            for each in _finding_of(row.finding):
                yield row.store, row.zorgdrager, each
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number


def read_incidents(connection: Connection, run: str) -> tuple[Incident, ...]:
    """The incidents of this run, and those of other runs that are open still; newest first."""
    rows = connection.execute(
        select(INCIDENTS, AIPS.c.title)
        .select_from(
            INCIDENTS.outerjoin(
                AIPS,
                (AIPS.c.aip_id == INCIDENTS.c.aip_id) & (AIPS.c.version == INCIDENTS.c.version),
            )
        )
        .where(or_(INCIDENTS.c.run == run, INCIDENTS.c.closed_at == ""))
        .order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id)
    ).all()
    names = [each.name for each in fields(Incident) if each.name != "title"]
    return tuple(
        Incident(
            **{name: getattr(each, name) for name in names},
            title=each.title or "",
        )
        for each in rows
    )


def _examples(
    connection: Connection, run: str, mine: Sequence[ColumnElement[bool]]
) -> tuple[ProblemCopy, ...]:
    rows = connection.execute(_copies(run).where(*mine).limit(SHOWN)).all()
    return tuple(_copy(each) for each in rows)


def _repairs(
    connection: Connection, run: str, mine: Sequence[ColumnElement[bool]]
) -> dict[str, int]:
    """How many copies of a cause are in which state of repair."""
    item = (ITEMS.c.run == REPAIRS.c.run) & (ITEMS.c.number == REPAIRS.c.item)
    states = connection.execute(
        select(REPAIRS.c.state, func.count())
        .select_from(REPAIRS.join(ITEMS, item))
        .where(REPAIRS.c.run == run, *mine)
        .group_by(REPAIRS.c.state)
    )
    return {row[0]: row[1] for row in states}


def _copies(run: str) -> Select[Any]:
    package = (AIPS.c.number == ITEMS.c.aip) & (ITEMS.c.kind == Kind.PACKAGE.value)
    repair = (REPAIRS.c.run == ITEMS.c.run) & (REPAIRS.c.item == ITEMS.c.number)
    return (
        select(ITEMS, AIPS.c.title, REPAIRS.c.state.label("repair"))
        .select_from(ITEMS.outerjoin(AIPS, package).outerjoin(REPAIRS, repair))
        .where(ITEMS.c.run == run)
        .order_by(ITEMS.c.number)
    )


def _copy(row: Any) -> ProblemCopy:
    return ProblemCopy(
        number=row.number,
        kind=Kind(row.kind),
        zorgdrager=row.zorgdrager,
        store=row.store,
        key=row.key,
        aip_id=row.aip_id,
        version=row.version,
        title=row.title or "",
        size_bytes=row.size_bytes,
        outcome=Outcome(row.outcome),
        checked_at=row.checked_at,
        findings=read_findings(row.findings),
        repair=row.repair or "",
    )


def _remarked(connection: Connection, run: str, code: str, store: str) -> tuple[Finding, ...]:
    wanted = (
        select(REMARKS.c.finding)
        .where(REMARKS.c.run == run, REMARKS.c.code == code, REMARKS.c.store == store)
        .order_by(REMARKS.c.number)
        .limit(SHOWN)
    )
    texts = connection.execute(wanted).scalars().all()
    return tuple(each for text in texts for each in _finding_of(text))


def _finding_of(text: str) -> tuple[Finding, ...]:
    """The finding of a remark, written alone or as a list of one."""
    return read_findings(text if text.startswith("[") else json.dumps([json.loads(text)]))


def _weight(problem: Problem) -> tuple[int, int, str, str]:
    rank = HEAVIEST_FIRST.index(problem.outcome)
    return rank, -problem.copies, problem.store, problem.code


def first_code(findings: tuple[Finding, ...]) -> str:
    """The code under which a copy with these findings is counted."""
    return findings_text(findings)[CODE_AT - 1 :][:CODE_LENGTH]
