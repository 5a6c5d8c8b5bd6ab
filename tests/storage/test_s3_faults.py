"""What goes wrong between us and an S3 server, and what comes of it: docs/s3-faults.md is this.

Every deed is done with every fault in every kind of request that it makes, once and each time.
Which of the safe outcomes it came to stands in the page; that it is a safe one is asserted here
for each: never a false "stored", "intact" or "gone".
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage import catalogue
from storage.aip import StoredAip
from storage.archive import Archive
from storage.copies import remove_everywhere
from storage.database import open_database, reading
from storage.errors import StorageError
from storage.outcomes import Outcome
from storage.stores.s3 import Patience, S3Place, S3Store
from storage.verify import verify_aip
from tests.s3_proxy import ALL, SLOW_SECONDS, Fault, Faults, Operation, proxy
from tests.seaweed import bucket, raw, through, uploads
from tests.storage.making import aip_id, make_aip, make_archive, make_store, put

PAGE = Path(__file__).parents[2] / "docs" / "s3-faults.md"
RENEW = Path(__file__).with_name("s3_faults.renewed")
"""Where this file is (make it empty), the outcomes are noted in it instead of compared."""
PATIENCE = Patience(
    connect_seconds=5,
    read_seconds=30,
    tries=3,
    pause_seconds=0.005,
    longest_pause_seconds=0.01,
    abandoned_seconds=0,
)
HASTE = replace(PATIENCE, read_seconds=0.7 * SLOW_SECONDS)
"""Only where slowness is the fault: a busy machine is slow as well."""
PART_BYTES = 5 * 1024 * 1024
BROKEN = (
    Fault.ERROR_500, Fault.BUSY_503, Fault.FORBIDDEN_403, Fault.NO_BUCKET, Fault.SLOW,
    Fault.CUT_BEFORE, Fault.CUT_AFTER,
)  # fmt: skip
PUTS = (*BROKEN, Fault.LOST_PUT, Fault.WRONG_ETAG, Fault.ALTERED_IN)
READS = (
    *BROKEN, Fault.PHANTOM_404, Fault.TRUNCATED, Fault.SHORTER, Fault.ALTERED, Fault.STALE,
)  # fmt: skip
HEADS = (*BROKEN, Fault.PHANTOM_404, Fault.STALE)
LISTS = (*BROKEN, Fault.STALE, Fault.EMPTY)

DEEDS: dict[str, dict[Operation, tuple[Fault, ...]]] = {
    "store": {
        Operation.PUT: PUTS,
        Operation.HEAD: HEADS,
        Operation.GET: READS,
        Operation.LIST: LISTS,
        Operation.UPLOADS: BROKEN,
    },
    "store in parts": {
        Operation.BEGIN: BROKEN,
        Operation.PART: PUTS,
        Operation.COMPLETE: (*BROKEN, Fault.LOST_PUT, Fault.WRONG_ETAG),
    },
    "verify a good copy": {Operation.GET: READS, Operation.HEAD: HEADS},
    "verify a damaged copy": {Operation.GET: READS, Operation.HEAD: HEADS},
    "verify a copy that is gone": {Operation.HEAD: HEADS, Operation.LIST: LISTS},
    "remove": {
        Operation.DELETE: (*BROKEN, Fault.LOST_DELETE, Fault.PHANTOM_404),
        Operation.VERSIONS: LISTS,
        Operation.HEAD: HEADS,
    },
    "set aside": {
        Operation.COPY: (*BROKEN, Fault.LOST_PUT, Fault.WRONG_ETAG),
        Operation.DELETE: (*BROKEN, Fault.LOST_DELETE),
    },
}  # fmt: skip
TIMES: dict[str, Any] = {"once": {1}, "always": ALL}


@dataclass(frozen=True)
class Case:
    """A deed with a fault in one kind of its requests."""

    deed: str
    operation: Operation
    fault: Fault
    times: str

    def __str__(self) -> str:
        return f"{self.deed} | {self.operation} | {self.fault} | {self.times}"


CASES = [
    Case(deed, operation, fault, times)
    for deed, operations in DEEDS.items()
    for operation, faults in operations.items()
    for fault in faults
    for times in TIMES
]


class World:
    """An archive with a folder and a bucket behind the proxy."""

    def __init__(self, folder: Path, place: S3Place, faults: Faults) -> None:
        self.folder = folder
        self.place = place
        self.faults = faults
        self.client = raw(place)
        self._engine = open_database(folder / "edepot.sqlite")
        self._local = make_store(folder, "map")
        self._archives = [self._opened(PATIENCE), self._opened(HASTE)]
        self.in_haste = False
        self._numbers = count(1)

    @property
    def archive(self) -> Archive:
        """The archive, patient or in haste."""
        return self._archives[self.in_haste]

    @property
    def store(self) -> S3Store:
        """The archive's bucket."""
        store = self.archive.stores["wolk"]
        assert isinstance(store, S3Store)
        return store

    def close(self) -> None:
        for each in self._archives:
            each.close()
        self._engine.dispose()

    def _opened(self, patience: Patience) -> Archive:
        place = through(self.place, self.faults.endpoint)
        store = S3Store("wolk", place, patience=patience, part_bytes=PART_BYTES)
        return make_archive(self._engine, [self._local, store])

    def stored(self, *, large: bool = False) -> StoredAip:
        """An AIP that was stored in peace."""
        return put(self.archive, self.aip(next(self._numbers), large=large))

    def aip(self, number: int, *, large: bool = False) -> Any:
        name, content = "stuk.bin", hashlib.sha256(b"%d" % number).digest()
        files = ((name, content * (350_000 if large else 40)),)
        return make_aip(self.folder, number, files=files)

    def next_number(self) -> int:
        return next(self._numbers)

    def whole(self, key: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}/{key}"}

    def truth(self, key: str) -> bytes | None:
        """The bytes as the server itself has them."""
        try:
            content: bytes = self.client.get_object(**self.whole(key))["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        return content


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = bucket()
    # The first object of a bucket takes the server longer than the patience of these tests.
    raw(place).put_object(Bucket=place.bucket, Key="eerste", Body=b"")
    with proxy(place) as faults:
        made = World(tmp_path_factory.mktemp("fouten"), place, faults)
        yield made
        made.close()


@cache
def page() -> dict[str, str]:
    """The outcomes that the page tells, by case."""
    table = PAGE.read_text("utf-8").partition("| deed |")[2]
    return dict(re.findall(r"^\| (.+) \| ([^|]+) \|$", table, re.M))


def store(world: World, case: Case, *, large: bool) -> str:
    number = world.next_number()
    world.faults.add(case.fault, case.operation, TIMES[case.times])
    try:
        stored = put(world.archive, world.aip(number, large=large))
        outcome = "stored"
    except StorageError as error:
        outcome = f"refused: {type(error).__name__}"
        with reading(world.archive.engine) as connection:
            assert catalogue.by_id(connection, aip_id(number)) is None
        world.faults.clear()
        # Whatever was left is used or removed by the next try.
        stored = put(world.archive, world.aip(number, large=large))
    world.faults.clear()
    content = world.truth(stored.copies[0].key)
    assert content is not None
    assert hashlib.sha256(content).hexdigest() == stored.package.sha256
    world.store.sweep()
    assert uploads(world.place) == []
    return outcome


def verify(world: World, case: Case, damage: Callable[[World, str], None]) -> Outcome:
    stored = world.stored()
    key = stored.copies[0].key
    if case.fault is Fault.STALE:
        world.faults.forget()
        # What the proxy saw first is what it says again: bytes that stood there before.
        world.client.put_object(**world.whole(key), Body=b"what stood here before" * 10)
        verify_aip(world.archive, stored.description.aip_id)
        original = (world.archive.stores["map"]).open_read(key).read()
        world.client.put_object(**world.whole(key), Body=original)
    damage(world, key)
    world.faults.add(case.fault, case.operation, TIMES[case.times])
    _, check = verify_aip(world.archive, stored.description.aip_id)
    return check.outcome


def alter(world: World, key: str) -> None:
    content = bytearray(world.truth(key) or b"")
    content[len(content) // 3] ^= 4
    world.client.put_object(**world.whole(key), Body=bytes(content))


def lose(world: World, key: str) -> None:
    world.client.delete_object(**world.whole(key))


def verify_good(world: World, case: Case) -> str:
    outcome = verify(world, case, lambda *_: None)
    assert outcome is not Outcome.MISSING
    return outcome.value


def verify_damaged(world: World, case: Case) -> str:
    outcome = verify(world, case, alter)
    assert outcome not in (Outcome.INTACT, Outcome.ATTESTED, Outcome.MISSING)
    return outcome.value


def verify_gone(world: World, case: Case) -> str:
    outcome = verify(world, case, lose)
    assert outcome not in (Outcome.INTACT, Outcome.ATTESTED)
    return outcome.value


def remove(world: World, case: Case) -> str:
    key = world.stored().copies[0].key
    list(world.store.list_versions(key))
    world.faults.add(case.fault, case.operation, TIMES[case.times])
    try:
        remove_everywhere([world.store], key)
    except StorageError as error:
        return f"refused: {type(error).__name__}"
    finally:
        world.faults.clear()
    assert world.truth(key) is None
    return "gone"


def set_aside(world: World, case: Case) -> str:
    key = world.stored().copies[0].key
    aside = f"bewijs/{world.next_number()}"
    before = world.truth(key)
    world.faults.add(case.fault, case.operation, TIMES[case.times])
    try:
        kept = world.store.set_aside(key, aside)
    except StorageError as error:
        assert before in (world.truth(key), world.truth(aside))
        return f"refused: {type(error).__name__}"
    finally:
        world.faults.clear()
    assert world.truth(key) is None
    assert kept
    assert world.truth(aside) == before
    return "set aside"


DO: dict[str, Callable[[World, Case], str]] = {
    "store": lambda world, case: store(world, case, large=False),
    "store in parts": lambda world, case: store(world, case, large=True),
    "verify a good copy": verify_good,
    "verify a damaged copy": verify_damaged,
    "verify a copy that is gone": verify_gone,
    "remove": remove,
    "set aside": set_aside,
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_fault_leads_to_a_false_stored_intact_or_gone(
    world: World, case: Case, request: pytest.FixtureRequest
) -> None:
    world.faults.clear()
    world.in_haste = case.fault is Fault.SLOW

    outcome = DO[case.deed](world, case)

    assert world.faults.hit == (case.fault, case.operation)
    if RENEW.exists():
        with RENEW.open("a", encoding="utf-8") as renewed:
            renewed.write(f"| {case} | {outcome} |\n")
    else:
        assert outcome == page()[str(case)]


def test_the_page_tells_of_every_case_and_of_no_other() -> None:
    rows = [each for each in page() if not each.startswith("---")]

    assert rows == [str(case) for case in CASES]
