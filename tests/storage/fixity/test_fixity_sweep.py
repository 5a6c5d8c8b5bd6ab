"""A run is killed and failed at every durable call; gone on with, it ends whole."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from storage.database import reading
from storage.fixity import plan
from storage.fixity.nouns import RunState, Scope
from storage.fixity.plan import begin_run
from storage.fixity.runs import list_runs
from storage.fixity.seal import seal_run
from storage.fixity.work import work_run
from storage.fixity.works import Step, Works
from tests.crash import Fault, Note, Story, sweep, sweep_twice
from tests.storage.fixity.world import ASKED
from tests.storage.making import NOW, SALT, ZORGDRAGER, local_archive, make_aip, put

AIPS = 5


class RunOverAll(Story):
    """A run over ten copies of which one is damaged, in shares of two."""

    def prepare(self, folder: Path) -> None:
        (folder / "staging").mkdir()
        archive = local_archive(folder)
        for number in range(1, AIPS + 1):
            stored = put(archive, make_aip(folder / "staging", number))
        archive.publish_ledger(ZORGDRAGER, now=NOW)
        archive.close()
        file = folder / "twee" / stored.copies[0].key
        file.chmod(0o600)
        file.write_bytes(b"beschadigd")

    def act(self, folder: Path, note: Note) -> None:
        plan.SHARE_ITEMS = 2  # of this child alone
        archive = local_archive(folder)

        def told(step: Step) -> None:
            note(f"kept {step.done}")

        works = Works(
            engine=archive.engine,
            stores=archive.stores,
            worker="proef",
            clock=lambda: NOW + timedelta(hours=1),
            seal=lambda run: seal_run(archive.engine, run, ASKED, lambda: SALT),
            told=told,
            pauses=(0.0, 0.0),
            retry_after=timedelta(0),
        )
        with reading(archive.engine) as connection:
            runs = list_runs(connection, 10)
        run = runs[0] if runs else begin_run(archive.engine, Scope(), ASKED)[0]
        note(f"run {run.id}")
        assert work_run(works, run.id).state is RunState.ENDED
        note("ended")

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        database = dbapi2.connect(str(folder / "edepot.sqlite"))
        outcomes = database.execute("SELECT outcome, count(*) FROM fixity_items GROUP BY 1")
        counts = dict(outcomes.fetchall())
        runs = database.execute("SELECT id, state FROM fixity_runs").fetchall()
        verdicts = database.execute(
            "SELECT count(*) FROM copies c JOIN fixity_items i ON i.aip = c.aip AND "
            "i.store = c.store WHERE i.outcome <> 'not_checked' AND "
            "(c.outcome <> i.outcome OR c.checked_at <> i.checked_at)"
        ).fetchone()[0]
        remarks = database.execute("SELECT code, finding FROM fixity_remarks").fetchall()
        sealed = database.execute(
            "SELECT count(*) FROM ledger_entries WHERE action = 'fixity.run'"
        ).fetchone()[0]
        database.close()
        kept = max((int(line.split()[1]) for line in history if line.startswith("kept")), default=0)
        assert len(runs) <= 1
        assert sum(counts.values()) in ({2 * AIPS} if runs else {0})
        assert sum(n for outcome, n in counts.items() if outcome != "not_checked") >= kept
        assert verdicts == 0, "a result and the verdict of its copy come together"
        assert len(remarks) == len(set(remarks)), "a look that is done again doubles nothing"
        assert sealed == sum(state == "ended" for _, state in runs)
        if "ended" in history or whole:
            assert [state for _, state in runs] == ["ended"]
            assert counts == {"intact": 2 * AIPS - 1, "differs": 1}
            assert [code for code, _ in remarks] == ["S211"]


@pytest.mark.parametrize("fault", [Fault.KILL, Fault.EIO])
def test_a_run_that_dies_anywhere_is_gone_on_with(fault: Fault, tmp_path: Path) -> None:
    assert sweep(RunOverAll(), tmp_path, [fault]) > 20


def test_a_run_that_dies_twice_is_gone_on_with(tmp_path: Path) -> None:
    assert sweep_twice(RunOverAll(), tmp_path, step=7) > 3
