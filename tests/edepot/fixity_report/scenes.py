"""The depots that the golden reports are of: one with everything, one with hostile names."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import Connection

from formats.findings import finding
from storage.fixity.nouns import Kind, RunState
from storage.outcomes import Basis, Outcome
from tests.edepot.fixity_report.making import (
    Made,
    make_aips,
    make_entry,
    make_incident,
    make_remark,
    make_repair,
    make_run,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '#import "x" #read("/etc/passwd") $x$ @ref <label> *b* _i_ `c` // \\',
    '=cmd|"/c calc"!A1',
    "+1",
    "@SUM(A1)",
    "档案 أرشيف עִבְרִית \u202e\u200b\x07 🏛 é e\u0301 ﬁ",
    "x" * 4_000,
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; ' \" ]]>",
    "",
)


def everything(to: Connection) -> None:
    """Two stores and a party; every outcome, repairs, remarks, an incident, late copies."""
    make_aips(to, 60, spread=28, ages={"kopie-1": timedelta(0), "kopie-2": timedelta(days=10)})
    make_run(
        to,
        [
            Made(36, Outcome.INTACT),
            Made(2, Outcome.DIFFERS),
            Made(1, Outcome.MISSING),
            Made(1, Outcome.UNREADABLE, found="Input/output error"),
            Made(10, Outcome.INTACT, "kopie-2"),
            Made(12, Outcome.NOT_CHECKED, "kopie-2", found="Connection refused"),
            Made(3, Outcome.NOT_CHECKED, "kopie-2", checked_at=None),
            Made(2, Outcome.ATTESTED, "archiefdienst", kind=Kind.HELD, basis=Basis.CHALLENGE),
            Made(5, Outcome.ATTESTED, "archiefdienst", kind=Kind.HELD),
            Made(1, Outcome.MISSING, "archiefdienst", kind=Kind.HELD),
        ],
        schedule="nacht",
        scope='{"oldest":40}',
    )
    make_repair(to, 36, "done")
    make_repair(to, 37, "impossible")
    make_incident(to, 38)
    make_entry(to, 37, "copy.repaired", "done")
    for number in range(2):
        make_remark(to, number, finding("S347", f"kopie-1, x/{number}", 9, "2026-11-01"), "kopie-1")
    make_remark(to, 2, finding("S103", "ooststellingwerf, 12", "x", "y"))


def good(to: Connection) -> None:
    """Everything read and intact."""
    make_aips(to, 12, stores=("kopie-1",), spread=6)
    make_run(to, [Made(12, Outcome.INTACT)])


def running(to: Connection) -> None:
    """Half of it done."""
    make_aips(to, 10)
    part = [Made(5, Outcome.INTACT), Made(5, Outcome.NOT_CHECKED, checked_at=None)]
    make_run(to, part, state=RunState.RUNNING)


def hostile(to: Connection) -> None:
    """Names, keys and findings that would like to be markup, formulas or commands."""
    for number, name in enumerate(HOSTILE, start=1):
        make_aips(to, 1, first=number, title=name)
    make_run(
        to,
        [
            Made(1, Outcome.DIFFERS, findings=(finding("S201", name, name, name),))
            for name in HOSTILE
        ],
        schedule=HOSTILE[0],
        actor=HOSTILE[2],
    )
    for number, name in enumerate(HOSTILE):
        make_remark(to, number, finding("S347", name, name, name), "kopie-1")


SCENES: Mapping[str, Callable[[Connection], None]] = {
    "everything": everything,
    "good": good,
    "running": running,
}
