"""A long trial: thousands of random damages, each found and repaired, and never a false alarm.

Packages stand in two folders and, where a server is installed, in a bucket. Every round damages
some copies at random (a bit, a cut, a swap of two packages, a deletion, a package emptied) and some
rows of the database; never every copy of one package, except in the last round. A run must find
exactly what was damaged; after the repair a second run must find all of it whole.
"""

import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import obstore
from sqlalchemy import Engine, func, select, update

from bench.clock import Figures, seconds_of
from bench.fixity import ZORGDRAGER, make_shelf
from bench.fixity_s3 import bare_store, make_bucket
from edepot.demo.cloud import find_server, running_cloud
from storage.aip import Copy
from storage.archive import Archive
from storage.catalogue import AIPS, COPIES, copy_row
from storage.checkpoint import signer_from_seed
from storage.database import begin, reading
from storage.fixity.nouns import Asked, Run, Scope
from storage.fixity.plan import begin_run
from storage.fixity.repair import repair_run
from storage.fixity.seal import seal_run
from storage.fixity.tables import INCIDENTS, ITEMS, REMARKS
from storage.fixity.work import work_run
from storage.fixity.works import Works
from storage.order import Order
from storage.outcomes import WRONG, Outcome
from storage.stores.base import Store
from storage.stores.local import LocalStore, found_store
from storage.stores.s3 import S3Store

SALT = b"soak" * 8
IN_A_ROUND = 500
ROWS_IN_A_ROUND = 20


@dataclass
class Trial:
    """What is tried on, and what has been counted."""

    archive: Archive
    chance: random.Random
    raw: Mapping[str, "Raw"]
    damages: int = 0
    found: int = 0
    repaired: int = 0
    good_checks: int = 0
    false_alarms: list[str] = field(default_factory=list)


class Raw:
    """The bytes of a store behind its back."""

    def __init__(self, read: Callable[[str], bytes], write: Callable[[str, bytes | None], None]):
        self.read = read
        self.write = write


def soak(folder: Path, damages: int) -> Figures:
    """`damages` random damages, in rounds of 500."""
    figures = Figures(f"{damages} random damages")
    start = time.perf_counter()
    seed = random.SystemRandom().randrange(10**9)
    print(f"  seed {seed}", flush=True)
    with ExitStack() as stack:
        trial = _trial(folder, stack, random.Random(seed))
        while trial.damages < damages:
            _round(trial)
            print(f"  {trial.damages} damaged, {trial.found} found, {trial.repaired} repaired")
        lost = _lose_some(trial)
    figures.add("seconds", seconds_of(start))
    figures.add("damages", trial.damages, "")
    figures.add("RATIO found / damaged (aim: 1)", trial.found / trial.damages, "x")
    figures.add("RATIO repaired / damaged (aim: 1)", trial.repaired / trial.damages, "x")
    figures.add("checks of good copies", trial.good_checks, "")
    figures.add("false alarms (aim: 0)", len(trial.false_alarms), "")
    figures.add("packages of which every copy was damaged, told as lost (aim: 20)", lost, "")
    for each in trial.false_alarms[:10]:
        print(f"  FALSE ALARM {each}")
    return figures


def _trial(folder: Path, stack: ExitStack, chance: random.Random) -> Trial:
    sizes = [[3_000, 200, 20_000, 9][: 1 + number % 4] for number in range(1_500)]
    shelf = make_shelf(folder, sizes)
    stores: dict[str, Store] = {"kopie-1": shelf.store}
    raw = {"kopie-1": _of_folder(shelf.store.root)}
    found_store(folder / "kopie-2")
    stores["kopie-2"] = LocalStore("kopie-2", folder / "kopie-2")
    raw["kopie-2"] = _of_folder(folder / "kopie-2")
    if find_server() is not None:
        cloud = stack.enter_context(running_cloud(folder / "cloud", "soak", "soak-secret"))
        place = make_bucket(cloud)
        stores["wolk"] = S3Store("wolk", place)
        bare = bare_store(place)
        raw["wolk"] = Raw(
            lambda key: bytes(obstore.get(bare, key).bytes()),
            lambda key, content: (
                obstore.delete(bare, key) if content is None else obstore.put(bare, key, content)
            ),
        )
    signers = {ZORGDRAGER: signer_from_seed("bench/soak", b"\x05" * 32)}
    archive = Archive(shelf.engine, stores, {ZORGDRAGER: tuple(stores)}, signers)
    stack.enter_context(archive)
    _fill(shelf.engine, raw)
    return Trial(archive, chance, raw)


def _fill(engine: Engine, raw: Mapping[str, Raw]) -> None:
    """The same bytes in every store, each in the catalogue."""
    at = datetime.now(UTC)
    with reading(engine) as connection:
        rows = connection.execute(select(COPIES.c.aip, COPIES.c.key)).all()
    for _, key in rows:
        content = raw["kopie-1"].read(key)
        for name in raw.keys() - {"kopie-1"}:
            raw[name].write(key, content)
    with begin(engine) as connection:
        connection.execute(
            COPIES.insert(),
            [
                copy_row(aip, ZORGDRAGER, Copy(name, key, at))
                for aip, key in rows
                for name in raw.keys() - {"kopie-1"}
            ],
        )


def _round(trial: Trial) -> None:
    """Damage, find, repair, and find nothing more."""
    damaged = _damage(trial, IN_A_ROUND)
    edited = _edit_rows(trial, ROWS_IN_A_ROUND)
    first = _run(trial)
    found = _wrong(trial, first)
    told = _told_rows(trial, first)
    trial.damages += len(damaged) + len(edited)
    trial.found += len(damaged & found) + len(edited & told)
    _count_good(trial, first, found - damaged, told - edited)
    results = repair_run(_order(trial), first.id)
    trial.repaired += sum(each.done for each in results)
    second = _run(trial)
    _count_good(trial, second, _wrong(trial, second), _told_rows(trial, second))


def _damage(trial: Trial, count: int) -> set[tuple[str, str]]:
    """Damage so many copies, at most all but one of each package; which."""
    with reading(trial.archive.engine) as connection:
        keys = sorted(set(connection.execute(select(COPIES.c.key)).scalars()))
    damaged: set[tuple[str, str]] = set()
    for key in trial.chance.sample(keys, min(count, len(keys))):
        names = trial.chance.sample(sorted(trial.raw), trial.chance.randint(1, len(trial.raw) - 1))
        for name in names:
            raw = trial.raw[name]
            old = raw.read(key)
            new = trial.chance.choice(DAMAGES)(trial, name, key, old)
            if new != old:
                raw.write(key, new)
                damaged.add((name, key))
    return damaged


def _flip(trial: Trial, _name: str, _key: str, old: bytes) -> bytes | None:
    place = trial.chance.randrange(len(old))
    return old[:place] + bytes([old[place] ^ (1 << trial.chance.randrange(8))]) + old[place + 1 :]


def _flip_in_manifest(trial: Trial, name: str, key: str, old: bytes) -> bytes | None:
    place = old.find(b"manifest-sha256.txt")
    place = old.find(b"  data/", place) if place >= 0 else -1
    if place < 1:
        return _flip(trial, name, key, old)
    return old[: place - 1] + (b"0" if old[place - 1 : place] != b"0" else b"1") + old[place:]


def _cut(trial: Trial, _name: str, _key: str, old: bytes) -> bytes | None:
    return old[: trial.chance.randrange(len(old))]


def _swap(trial: Trial, name: str, _key: str, _old: bytes) -> bytes | None:
    """The bytes of another package."""
    with reading(trial.archive.engine) as connection:
        keys = connection.execute(
            select(COPIES.c.key).where(COPIES.c.store == name).order_by(COPIES.c.key).limit(50)
        ).scalars()
        other = trial.chance.choice(list(keys))
    try:
        return trial.raw["kopie-1"].read(other)
    except FileNotFoundError:
        # Deleted a moment ago in this very round.
        return None


def _delete(_trial: Trial, _name: str, _key: str, _old: bytes) -> bytes | None:
    return None


def _grow(trial: Trial, _name: str, _key: str, old: bytes) -> bytes | None:
    return old + trial.chance.randbytes(1 + trial.chance.randrange(50))


DAMAGES = (_flip, _flip, _flip_in_manifest, _cut, _swap, _delete, _grow)


def _edit_rows(trial: Trial, count: int) -> set[str]:
    """Edit what the catalogue says of so many packages; the ids of their AIPs."""
    column = trial.chance.choice(["sha256", "tagmanifest_sha256", "size_bytes"])
    value = 7 if column == "size_bytes" else f"{trial.chance.getrandbits(256):064x}"
    with begin(trial.archive.engine) as connection:
        ids = list(connection.execute(select(AIPS.c.aip_id)).scalars())
        chosen = trial.chance.sample(ids, count)
        connection.execute(update(AIPS).where(AIPS.c.aip_id.in_(chosen)).values({column: value}))
    return set(chosen)


def _run(trial: Trial) -> Run:
    engine = trial.archive.engine
    asked = Asked(datetime.now(UTC), "soak", "bench")
    run, _ = begin_run(engine, Scope(), asked)
    works = Works(
        engine=engine,
        stores=trial.archive.stores,
        worker="soak",
        clock=lambda: datetime.now(UTC),
        seal=lambda run_id: seal_run(engine, run_id, asked, lambda: SALT),
    )
    return work_run(works, run.id)


def _order(trial: Trial) -> Order:
    asked = Asked(datetime.now(UTC), "soak", "bench")
    return Order(trial.archive, asked, lambda: datetime.now(UTC), lambda: SALT)


def _wrong(trial: Trial, run: Run) -> set[tuple[str, str]]:
    outcomes = [each.value for each in (*WRONG, Outcome.NOT_CHECKED)]
    with reading(trial.archive.engine) as connection:
        rows = connection.execute(
            select(ITEMS.c.store, ITEMS.c.key).where(
                ITEMS.c.run == run.id, ITEMS.c.outcome.in_(outcomes)
            )
        ).all()
    return {(each.store, each.key) for each in rows}


def _told_rows(trial: Trial, run: Run) -> set[str]:
    """The AIPs of which the run says that the catalogue differs from the ledger."""
    with reading(trial.archive.engine) as connection:
        said = list(
            connection.execute(
                select(REMARKS.c.finding).where(REMARKS.c.run == run.id, REMARKS.c.code == "S208")
            ).scalars()
        )
        ids = list(connection.execute(select(AIPS.c.aip_id)).scalars())
    text = "\n".join(said)
    return {each for each in ids if each in text}


def _count_good(
    trial: Trial, run: Run, wrongly: set[tuple[str, str]], rows_wrongly: set[str]
) -> None:
    """Every check that should say "intact", and those that did not."""
    trial.good_checks += run.items - len(_wrong(trial, run)) + len(wrongly)
    trial.false_alarms += [f"{run.id}: {store}, {key}" for store, key in sorted(wrongly)]
    trial.false_alarms += [f"{run.id}: row of {each}" for each in sorted(rows_wrongly)]


def _lose_some(trial: Trial, count: int = 20) -> int:
    """Damage every copy of some packages: how many are told as lost, and none repaired."""
    with reading(trial.archive.engine) as connection:
        keys = sorted(set(connection.execute(select(COPIES.c.key)).scalars()))
    for key in trial.chance.sample(keys, count):
        for name, raw in trial.raw.items():
            raw.write(key, _flip(trial, name, key, raw.read(key)))
    repair_run(_order(trial), _run(trial).id)
    with reading(trial.archive.engine) as connection:
        lost = connection.execute(
            select(func.count()).select_from(INCIDENTS).where(INCIDENTS.c.closed_at == "")
        ).scalar_one()
    return int(lost)


def _of_folder(root: Path) -> Raw:
    def write(key: str, content: bytes | None) -> None:
        file = root / key
        file.unlink(missing_ok=True)
        if content is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    return Raw(lambda key: (root / key).read_bytes(), write)
