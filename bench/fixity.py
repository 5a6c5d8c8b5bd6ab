"""The fixity run against bare reading and hashing of the same files, and against bagit-python."""

import hashlib
import multiprocessing
import os
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bagit
from sqlalchemy import Connection, Engine, delete, insert, update

from bench.clock import Figures, seconds_of
from storage import catalogue, ledger
from storage.aip import Aip, Copy, Description, Entry, PackageSums, StoredAip, package_key
from storage.archive import ingest_event
from storage.database import begin, open_database, reading
from storage.fixity.nouns import Asked, Run, RunState, Scope
from storage.fixity.plan import begin_run
from storage.fixity.runs import read_run, totals
from storage.fixity.tables import RUNS, SHARES
from storage.fixity.work import work_run
from storage.fixity.works import Works
from storage.outcomes import Outcome
from storage.package import write_package
from storage.stores.base import ObjectStat, Store
from storage.stores.local import LocalStore, found_store

ZORGDRAGER = "ooststellingwerf"
ROUNDS = 3
CHUNK_BYTES = 1024 * 1024
FILES_OF_SMALL = 10
SIZES_OF_LARGE = (200, 1, 20, 2, 100, 5, 10, 50)
AT = datetime(2026, 11, 1, tzinfo=UTC)


def small(folder: Path, count: int) -> Figures:
    """`count` packages of about 200 kB, ten files each; local store, warm cache."""
    figures = Figures(f"fixity of {count} packages of 200 kB")
    sizes = [20_000] * FILES_OF_SMALL
    shelf = make_shelf(folder, (sizes for _ in range(count)))
    bags = loose_bags(folder / "bags", [sizes] * min(count, 400))
    return _measure(figures, shelf, bags, aims=(0.7, 3.0))


def large(folder: Path, size_bytes: int) -> Figures:
    """Packages of 1 to 200 MB, `size_bytes` in all; local store, warm cache."""
    figures = Figures(f"fixity of {size_bytes / 1e9:.1f} GB in packages of 1 to 200 MB")
    sizes, left = [], size_bytes
    while left > 0:
        sizes.append(min(SIZES_OF_LARGE[len(sizes) % len(SIZES_OF_LARGE)] * 1_000_000, left))
        left -= sizes[-1]
    shelf = make_shelf(folder, ([each] for each in sizes))
    bags = loose_bags(folder / "bags", [sizes])
    return _measure(figures, shelf, bags, aims=(0.9, 1.0))


def plan(folder: Path, count: int) -> Figures:
    """A day's share out of `count` copies (synthetic rows): each copy once in thirty days."""
    figures = Figures(f"planning a day's share out of {count} copies")
    engine = open_database(folder / "edepot.sqlite")
    for first in range(0, count // 2, 20_000):
        with begin(engine) as connection:
            _write_rows(connection, range(first, min(count // 2, first + 20_000)))
    before = peak_mb()
    scope = Scope(oldest=count // 2 // 30)
    seconds = [_planned(engine, scope, number) for number in range(ROUNDS)]
    figures.add("RATIO-free: a day's share planned (aim: under 1)", statistics.median(seconds))
    figures.add("memory that planning took (aim: under 150)", peak_mb() - before, "MB")
    return figures


@dataclass(frozen=True)
class Shelf:
    """A store full of packages, its database, and the paths of the packages."""

    folder: Path
    engine: Engine
    store: LocalStore
    paths: list[str]
    size_bytes: int


class _File:
    """An upload into a plain file: what stands there is what a store would hold."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True)
        self._stream = path.open("wb")

    def write(self, chunk: bytes | memoryview) -> None:
        self._stream.write(chunk)

    def commit(self) -> ObjectStat:
        self._stream.close()
        return ObjectStat("", 0)

    def abort(self) -> None:
        self._stream.close()


def make_shelf(folder: Path, packages: Iterator[Sequence[int]]) -> Shelf:
    """Real packages with files of these sizes, in the catalogue and in the ledger."""
    root = folder / "store"
    found_store(root)
    engine = open_database(folder / "edepot.sqlite")
    paths, size, waiting = [], 0, []
    for number, sizes in enumerate(packages):
        stored = _package(root, number, sizes)
        paths.append(f"{root}/{stored.copies[0].key}")
        size += stored.package.size_bytes
        waiting.append(stored)
        if len(waiting) == 2_000:
            _register(engine, waiting)
            waiting = []
    _register(engine, waiting)
    return Shelf(folder, engine, LocalStore("kopie-1", root), paths, size)


def loose_bags(folder: Path, bags: Sequence[Sequence[int]]) -> list[Path]:
    """The same content as loose bags, made by bagit-python with what it does by default."""
    made = []
    for number, sizes in enumerate(bags):
        bag = folder / f"{number:06d}"
        bag.mkdir(parents=True)
        for place, content in enumerate(_contents(number, sizes)):
            (bag / f"{place:03d}.bin").write_bytes(content)
        bagit.make_bag(str(bag))
        made.append(bag)
    return made


def _measure(
    figures: Figures, shelf: Shelf, bags: Sequence[Path], aims: tuple[float, float]
) -> Figures:
    figures.add("material: packages", len(shelf.paths), "AIPs")
    figures.add("material: bytes", shelf.size_bytes / 1e6, "MB")
    cores = os.cpu_count() or 1
    times: dict[str, list[float]] = {"bare": [], "copies": [], "whole": []}
    peak = 0.0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, spawn) as pool:
        _hash_all(pool, shelf.paths, shelf.size_bytes)
        for number in range(2 * ROUNDS):
            times["bare"].append(timed(lambda: _hash_all(pool, shelf.paths, shelf.size_bytes)))
            looks = number % 2 == 1
            # In a process of its own, as a worker is: what made the material stays outside.
            with ProcessPoolExecutor(1, spawn) as worker:
                given = (shelf.folder, number, cores, len(shelf.paths), looks)
                seconds, used = worker.submit(measured_run, *given).result()
            times["whole" if looks else "copies"].append(seconds)
            peak = max(peak, used)
    bare, run, whole = (min(times[each]) for each in ("bare", "copies", "whole"))
    figures.add(f"bare: opened, read and hashed by {cores} processes", bare)
    figures.add("the run: copies read, judged, each result kept", run)
    figures.add("the run, bytes a second", shelf.size_bytes / run / 1e6, "MB/s")
    figures.add("the run with its looks: strangers, catalogue, ledger", whole)
    figures.add("the run, largest memory (aim: under 150)", peak, "MB")
    figures.add(f"RATIO bare / run (aim: at least {aims[0]})", bare / run, "x")
    figures.add("RATIO bare / run with its looks", bare / whole, "x")
    size = sum(file.stat().st_size for bag in bags for file in (bag / "data").iterdir())
    per_byte = min(_bagit(bags, processes) for processes in range(1, cores + 1)) / size
    figures.add("bagit-python validate, best process count", per_byte * shelf.size_bytes)
    ratio = per_byte * shelf.size_bytes / run
    figures.add(f"RATIO bagit-python / run (aim: at least {aims[1]})", ratio, "x")
    return figures


def measured_run(
    folder: Path, number: int, cores: int, packages: int, looks: bool
) -> tuple[float, float]:
    """Seconds and largest memory (MB) of one run, all of it intact; with its looks or without."""
    works = works_on(folder, {"kopie-1": LocalStore("kopie-1", folder / "store")})
    return measure_run(replace(works, fresh=False, lanes=cores), number, packages, looks)


def works_on(folder: Path, stores: Mapping[str, Store]) -> Works:
    """A worker on the database in a folder."""
    engine = open_database(folder / "edepot.sqlite")
    return Works(
        engine=engine,
        stores=stores,
        worker="bench",
        clock=lambda: datetime.now(UTC),
        seal=lambda run_id: end_run(engine, run_id),
    )


def measure_run(works: Works, number: int, packages: int, looks: bool) -> tuple[float, float]:
    """Plan a run and carry it out; all of it must be intact."""
    asked = Asked(AT + timedelta(days=40 + number), "bench", "bench")
    run, _ = begin_run(works.engine, Scope(), asked)
    if not looks:
        leave_looks(works.engine, run.id)
    seconds = timed(lambda: work_run(works, run.id))
    with reading(works.engine) as connection:
        found = totals(connection, run.id)
    if found.counts != {Outcome.INTACT: packages}:
        raise RuntimeError(f"{found}")
    return seconds, peak_mb()


def leave_looks(engine: Engine, run_id: str) -> None:
    """Leave out the looks through stores, catalogue and ledger: only copies are read then."""
    with begin(engine) as connection:
        none = SHARES.c["items"] == 0
        connection.execute(delete(SHARES).where(SHARES.c.run == run_id, none))


def end_run(engine: Engine, run_id: str) -> Run:
    """End a run without a seal: a measure of reading, not of roots."""
    with begin(engine) as connection:
        ended = {"state": RunState.ENDED.value, "ended_at": AT.isoformat()}
        connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(ended))
        run = read_run(connection, run_id)
    if run is None:
        raise RuntimeError(run_id)
    return run


def _hash_all(pool: ProcessPoolExecutor, paths: Sequence[str], size_bytes: int) -> None:
    """Each file opened, read and hashed, and nothing else; in portions as large as pays."""
    portion = max(1, min(256, round(16_000_000 * len(paths) / size_bytes)))
    portions = [paths[at : at + portion] for at in range(0, len(paths), portion)]
    for _ in pool.map(hash_files, portions):
        pass


def hash_files(paths: Sequence[str]) -> list[str]:
    """The digest of each file."""
    buffer = memoryview(bytearray(CHUNK_BYTES))
    found = []
    for path in paths:
        digest = hashlib.sha256()
        handle = os.open(path, os.O_RDONLY)
        while count := os.readv(handle, [buffer]):
            digest.update(buffer[:count])
        os.close(handle)
        found.append(digest.hexdigest())
    return found


def _bagit(bags: Sequence[Path], processes: int) -> float:
    def validate() -> None:
        for each in bags:
            bagit.Bag(str(each)).validate(processes=processes)

    return min(timed(validate) for _ in range(2))


def timed(deed: Callable[[], object]) -> float:
    start = time.perf_counter()
    deed()
    return seconds_of(start)


def peak_mb() -> float:
    """The largest memory of this program so far (VmHWM): getrusage counts what started it too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:", 1)[1].split(None, 1)[0]) / 1024


def _planned(engine: Engine, scope: Scope, number: int) -> float:
    asked = Asked(AT + timedelta(days=40 + number), "bench", "bench")
    seconds = timed(lambda: begin_run(engine, scope, asked))
    with reading(engine) as connection:
        run = read_run(connection, f"{asked.at.date().isoformat()}-1")
    if run is None or not run.items:
        raise RuntimeError("nothing was planned")
    end_run(engine, run.id)
    return seconds


def _contents(number: int, sizes: Sequence[int]) -> Iterator[bytes]:
    block = random.Random(1).randbytes(4_000_000)
    for place, size in enumerate(sizes):
        start = (number * 7_919 + place * 104_729) % 1_000_000
        whole = (block[start:] * (size // 3_000_000 + 1))[:size]
        yield number.to_bytes(8, "big") + whole[8:]


def _package(root: Path, number: int, sizes: Sequence[int]) -> StoredAip:
    description = _description(number)
    payload = [
        Entry(f"data/original/{place:03d}.bin", content)
        for place, content in enumerate(_contents(number, sizes))
    ]
    key = package_key(ZORGDRAGER, description.aip_id, 1)
    upload = _File(root / key)
    sums = write_package(
        Aip(description, payload, [Entry("metadata/premis.xml", b"<p/>")]), [upload]
    )
    upload.commit()
    return StoredAip(description, sums, (Copy("kopie-1", key, AT),), AT)


def _description(number: int) -> Description:
    chance = random.Random(number)
    aip_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return Description(
        aip_id=aip_id, zorgdrager=ZORGDRAGER, version=1, identifier=f"Z/{number:07d}",
        identifier_source="Zaaksysteem", title=f"Dossier {number}", aggregation_level="Dossier",
        valuation="V", retention_term="P10Y", selection_category="11.1", created_from="2020-01-02",
        created_to="2020-03-04", restriction="", supplier="Zaaksysteem", delivery_id="bench",
        content_digest=f"{number:064x}", scanned="clean", text="",
    )  # fmt: skip


def _register(engine: Engine, stored: Sequence[StoredAip]) -> None:
    with begin(engine) as connection:
        for each in stored:
            catalogue.add(connection, each)
        events = [(ingest_event(each, "bench", "bench", {}), b"0" * 16) for each in stored]
        ledger.append_each(connection, ZORGDRAGER, events)


def _write_rows(connection: Connection, numbers: range) -> None:
    """AIPs with a copy in two stores each, as bare rows; the ledger as ingest writes it."""
    stored = []
    for number in numbers:
        description = _description(number)
        key = package_key(ZORGDRAGER, description.aip_id, 1)
        at = AT + timedelta(seconds=number * 7_919 % 2_500_000)
        sums = PackageSums(200_000, f"{number:064x}", f"{number:064x}")
        copies = tuple(Copy(store, key, at) for store in ("kopie-1", "kopie-2"))
        stored.append(StoredAip(description, sums, copies, AT))
    empty = {each.name: "" for each in catalogue.AIPS.c}
    connection.execute(
        insert(catalogue.AIPS),
        [
            empty
            | {
                "number": number + 1,
                "aip_id": each.description.aip_id,
                "version": 1,
                "zorgdrager": ZORGDRAGER,
                "identifier": each.description.identifier,
                "files": FILES_OF_SMALL,
                "payload_bytes": 200_000,
                "size_bytes": each.package.size_bytes,
                "sha256": each.package.sha256,
            }
            for number, each in zip(numbers, stored, strict=True)
        ],
    )
    connection.execute(
        insert(catalogue.COPIES),
        [
            {
                "aip": number + 1,
                "store": copy.store,
                "key": copy.key,
                "verified_at": copy.verified_at.isoformat(),
                "zorgdrager": ZORGDRAGER,
                "proof": copy.proof.value,
                "checked_at": copy.verified_at.isoformat(),
                "outcome": copy.outcome.value,
            }
            for number, each in zip(numbers, stored, strict=True)
            for copy in each.copies
        ],
    )
    events = [(ingest_event(each, "bench", "bench", {}), b"0" * 16) for each in stored]
    ledger.append_each(connection, ZORGDRAGER, events)
