"""A run over a bucket, against a bare loop that gets and hashes the same objects."""

import hashlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import obstore.store
from sqlalchemy import update

from bench.clock import Figures
from bench.fixity import (
    FILES_OF_SMALL,
    make_shelf,
    measure_run,
    timed,
    works_on,
)
from edepot.demo.cloud import REGION, Cloud, client_of, running_cloud
from storage.catalogue import COPIES
from storage.database import begin
from storage.stores.s3 import S3Store
from storage.stores.s3_place import S3Place

BUCKET = "edepot-bench"
LANES = 16
ROUNDS = 3
READY_SECONDS = 30


def bucket(folder: Path, count: int) -> Figures:
    """`count` packages of about 200 kB in SeaweedFS on loopback, 16 at once."""
    figures = Figures(f"fixity of {count} packages of 200 kB in a bucket")
    shelf = make_shelf(folder, ([20_000] * FILES_OF_SMALL for _ in range(count)))
    keys = [str(Path(each).relative_to(shelf.store.root)) for each in shelf.paths]
    times: dict[str, list[float]] = {"bare": [], "copies": [], "whole": []}
    peak = 0.0
    spawn = multiprocessing.get_context("spawn")
    with running_cloud(folder / "cloud", "bench", "bench-secret") as cloud:
        place = make_bucket(cloud)
        bare = bare_store(place)
        with ThreadPoolExecutor(LANES) as pool:
            list(pool.map(lambda key: _put(bare, key, shelf.store.root / key), keys))
        with begin(shelf.engine) as connection:
            connection.execute(update(COPIES).values(store="wolk"))
        _get_all(bare, keys)
        for number in range(2 * ROUNDS):
            times["bare"].append(timed(lambda: _get_all(bare, keys)))
            looks = number % 2 == 1
            with ProcessPoolExecutor(1, spawn) as worker:
                given = (folder, place, number, count, looks)
                seconds, used = worker.submit(measured_run, *given).result()
            times["whole" if looks else "copies"].append(seconds)
            peak = max(peak, used)
    fastest, ours, whole = (min(times[each]) for each in ("bare", "copies", "whole"))
    figures.add(f"bare: got and hashed, {LANES} threads", fastest)
    figures.add("the run: copies read, judged, each result kept", ours)
    figures.add("the run, objects a second", count / ours, "/s")
    figures.add("the run with its looks: strangers, catalogue, ledger", whole)
    figures.add("the run, largest memory (aim: under 150)", peak, "MB")
    figures.add("RATIO bare / run (aim: at least 0.8)", fastest / ours, "x")
    figures.add("RATIO bare / run with its looks", fastest / whole, "x")
    return figures


def measured_run(
    folder: Path, place: S3Place, number: int, packages: int, looks: bool
) -> tuple[float, float]:
    """Seconds and largest memory (MB) of one run, all of it intact; with its looks or without."""
    works = works_on(folder, {"wolk": S3Store("wolk", place)})
    return measure_run(replace(works, remote_lanes=LANES), number, packages, looks)


def make_bucket(cloud: Cloud) -> S3Place:
    """A bucket on the server."""
    client_of(cloud).create_bucket(Bucket=BUCKET)
    return S3Place(
        endpoint=cloud.endpoint,
        bucket=BUCKET,
        prefix="",
        region=REGION,
        access_key_id=cloud.access_key_id,
        secret_access_key=cloud.secret_access_key,
    )


def bare_store(place: S3Place) -> obstore.store.S3Store:
    return obstore.store.S3Store(
        place.bucket,
        endpoint=place.endpoint,
        region=place.region,
        access_key_id=place.access_key_id,
        secret_access_key=place.secret_access_key,
        client_options={"allow_http": True},
    )


def _put(store: obstore.store.S3Store, key: str, file: Path) -> None:
    obstore.put(store, key, file.read_bytes())


def _get_all(store: obstore.store.S3Store, keys: Sequence[str]) -> None:
    def get(key: str) -> str:
        return hashlib.sha256(memoryview(obstore.get(store, key).bytes())).hexdigest()

    with ThreadPoolExecutor(LANES) as pool:
        for _ in pool.map(get, keys):
            pass
