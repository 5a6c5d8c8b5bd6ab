"""The pool of child processes: one bad item fails alone, and the parent always goes on."""

import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from formats.limits import MIB
from formats.tools import Done, Failed, Fault, JobUnknown, Limits, Pool, ToolUnavailable, open_pool

JOBS = "tests.formats.engine.jobs"
ROOT = Path(__file__).parents[3]
QUICK = Limits(seconds=1.0, memory_bytes=400 * MIB)


def misbehave(pool: Pool, items: list[object], limits: Limits = QUICK) -> list[object]:
    return list(pool.run_items(f"{JOBS}:misbehave", [items], limits=limits))


@pytest.mark.parametrize(
    ("misdeed", "fault", "words"),
    [
        ("raise", Fault.CRASHED, "KeyError: 'boem'"),
        ("kill", Fault.CRASHED, "SIGKILL"),
        ("segfault", Fault.CRASHED, "SIGSEGV"),
        ("exit", Fault.CRASHED, "exit 3"),
        ("sleep", Fault.TIMEOUT, "> 1 s"),
        ("memory", Fault.LIMIT, "MemoryError"),
        ("recurse", Fault.LIMIT, "RecursionError"),
        ("unjson", Fault.CRASHED, "TypeError: Object of type set is not JSON serializable"),
    ],
)
def test_only_the_culprit_of_a_batch_fails(
    pool: Pool, misdeed: str, fault: Fault, words: str
) -> None:
    outcomes = misbehave(pool, ["voor", misdeed, "na", 3])

    assert outcomes == [Done("voor"), Failed(fault, words), Done("na"), Done(3)]


def test_an_item_that_spins_is_ended_by_the_clock(pool: Pool) -> None:
    outcomes = misbehave(pool, ["spin", "na"], Limits(seconds=0.3))

    assert outcomes == [Failed(Fault.TIMEOUT, "> 0.3 s"), Done("na")]


def test_what_a_library_prints_does_not_disturb_the_answers(pool: Pool) -> None:
    assert misbehave(pool, ["print", "na"]) == [Done("printed"), Done("na")]


def test_outcomes_keep_the_order_of_the_items_over_many_batches(pool: Pool) -> None:
    batches = [[(each, each + 1), each] for each in range(60)]

    outcomes = pool.run_items(f"{JOBS}:echo", batches)

    assert [each.value for each in outcomes if isinstance(each, Done)] == [
        value for number in range(60) for value in ([number, number + 1], number)
    ]


def test_an_argument_of_run_is_one_item_even_when_it_is_a_list(pool: Pool) -> None:
    assert list(pool.run(f"{JOBS}:echo", [[1, 2], {"a": None}])) == [
        Done([1, 2]),
        Done({"a": None}),
    ]


def test_a_name_that_is_not_unicode_crosses_the_pipe_unharmed(pool: Pool) -> None:
    name = os.fsdecode(b"\xe9\xff.pdf")

    assert pool.call(f"{JOBS}:echo", name) == Done(name)


def test_a_large_argument_and_a_large_answer_cross_the_pipe(pool: Pool) -> None:
    large = "x" * 3_000_000

    assert pool.call(f"{JOBS}:echo", large) == Done(large)


def test_a_child_is_bounded_and_knows_nothing_of_our_environment(pool: Pool) -> None:
    limits = Limits(memory_bytes=300 * MIB, file_bytes=5 * MIB, open_files=99)

    outcome = pool.call(f"{JOBS}:limits_of", None, limits=limits)

    assert isinstance(outcome, Done)
    assert outcome.value["RLIMIT_DATA"] == 300 * MIB
    assert outcome.value["RLIMIT_FSIZE"] == 5 * MIB
    assert outcome.value["RLIMIT_NOFILE"] == 99
    assert outcome.value["RLIMIT_CORE"] == 0
    assert outcome.value["session"] != os.getsid(0)
    assert outcome.value["environ"] == ["HOME", "LANG", "PATH", "PYTHONPATH"]


def test_a_child_cannot_write_a_larger_file_than_its_limit(pool: Pool) -> None:
    outcomes = list(
        pool.run(f"{JOBS}:write_file", [1000, 6 * MIB], limits=Limits(file_bytes=5 * MIB))
    )

    assert outcomes[0] == Done(1000)
    assert isinstance(outcomes[1], Failed)
    assert "File too large" in outcomes[1].detail


def test_a_child_cannot_reach_the_network_nor_start_a_program(pool: Pool) -> None:
    assert pool.call(f"{JOBS}:reach_out", None) == Done(
        {"socket": "PermissionError", "program": "PermissionError"}
    )


def test_a_child_can_write_nowhere_but_in_its_scratch(pool: Pool, tmp_path: Path) -> None:
    outcome = pool.call(
        f"{JOBS}:write_into", str(tmp_path / "buiten"), limits=Limits(writes_below=())
    )

    assert outcome in (Done("PermissionError"), Done("written: no Landlock here"))


def test_a_job_that_is_told_to_write_may_write_there(pool: Pool, tmp_path: Path) -> None:
    limits = Limits(writes_below=(str(tmp_path),))

    assert pool.call(f"{JOBS}:write_into", str(tmp_path / "x"), limits=limits) == Done("written")


def test_children_are_killed_between_jobs_and_nobody_notices(pool: Pool) -> None:
    first = pool.call(f"{JOBS}:pid", None)
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)

    second = pool.call(f"{JOBS}:pid", None)

    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert first.value != second.value


def test_a_child_killed_in_the_middle_of_a_job_is_replaced_and_the_item_done_again() -> None:
    with open_pool(workers=1) as pool, ThreadPoolExecutor(1) as thread:
        pool.call(f"{JOBS}:echo", 0)
        running = thread.submit(pool.call, f"{JOBS}:nap", 0.4)
        time.sleep(0.1)
        os.kill(pool.pids()[0], signal.SIGKILL)

        assert running.result() == Done(0.4)


def test_eight_threads_get_the_answers_that_one_gets(pool: Pool) -> None:
    def ask(start: int) -> list[object]:
        batches = [[start + each, start - each] for each in range(20)]
        return list(pool.run_items(f"{JOBS}:echo", batches))

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(ask, range(8)))

    assert together == [ask(each) for each in range(8)]


def test_children_outlive_the_thread_that_first_asked_for_them() -> None:
    with open_pool(workers=1) as pool:
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(pool.call, f"{JOBS}:pid", None).result()

        assert pool.call(f"{JOBS}:pid", None) == first


def test_a_job_that_nobody_wrote_is_our_mistake(pool: Pool) -> None:
    with pytest.raises(JobUnknown, match=r"formats\.nowhere"):
        pool.call("formats.nowhere:job", None)
    with pytest.raises(JobUnknown, match="nothing"):
        pool.call(f"{JOBS}:nothing", None)


def test_a_closed_pool_starts_nothing() -> None:
    with open_pool(workers=1) as pool:
        pool.call(f"{JOBS}:echo", 1)
        pids = pool.pids()

    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises((ToolUnavailable, RuntimeError)):
        pool.call(f"{JOBS}:echo", 1)


def test_a_pool_closed_during_a_job_ends_at_once() -> None:
    started = time.monotonic()
    with open_pool(workers=1) as pool:
        pool.submit(f"{JOBS}:misbehave", ["sleep"])
        time.sleep(0.2)

    assert time.monotonic() - started < 20


def test_no_descriptors_or_files_are_left(tmp_path: Path) -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))

    with open_pool(workers=2, scratch=tmp_path) as pool:
        misbehave(pool, ["a", "kill", "b", "raise", "exit", "c"])

    assert len(os.listdir("/proc/self/fd")) == before
    assert list(tmp_path.iterdir()) == []


def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import time\nfrom formats.tools import open_pool\n"
        "with open_pool(1) as pool:\n"
        f"    pool.call('{JOBS}:echo', 1)\n"
        "    print(pool.pids()[0], flush=True)\n"
        f"    pool.call('{JOBS}:misbehave', 'sleep')\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={"TMPDIR": str(tmp_path), "PATH": os.defpath},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    for _ in range(100):
        if not _runs(child):
            break
        time.sleep(0.02)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
