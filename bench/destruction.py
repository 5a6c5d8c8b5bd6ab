"""The destruction of a list on two local stores and a bucket, against a bare loop over the same.

The bare loop deletes each object, syncs its folder, and lists whether it is gone: no guard, no
manifest, no evidence, no tombstone.
"""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.clock import Figures, seconds_of
from bench.fixity_s3 import BUCKET, make_bucket
from edepot.demo.cloud import client_of, running_cloud
from retention import run
from retention.destruction_list import Selection, new_list
from retention.disposal_nouns import Works
from retention.nouns import ListState
from storage.archive import Archive
from storage.database import open_database
from storage.stores.base import Store
from storage.stores.local import LocalStore, found_store
from storage.stores.s3 import S3Store
from tests.retention import listing, making
from tests.storage.making import make_aip

GM = listing.GM
NAMES = ("een", "twee", "wolk")
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def destruction(folder: Path, count: int) -> Figures:
    """`count` dossiers of three small files each."""
    figures = Figures(f"destruction of {count} AIPs on two local stores and a bucket")
    (folder / "staging").mkdir()
    with running_cloud(folder / "cloud", "bench", "bench-secret") as cloud:
        stores: dict[str, Store] = {}
        for name in NAMES[:2]:
            found_store(folder / name)
            stores[name] = LocalStore(name, folder / name)
        stores["wolk"] = S3Store("wolk", make_bucket(cloud))
        engine = open_database(folder / "edepot.sqlite")
        desk = making.desk(engine, AT)
        town = listing.town(desk)
        with Archive(engine, stores, {GM: NAMES}) as archive:
            start = time.perf_counter()
            keys = [_store(archive, desk, folder / "staging", n) for n in range(1, 2 * count + 1)]
            figures.add("material: packages stored and read back, twice as many", seconds_of(start))
            chosen = tuple(key.split("/")[-2] for key in keys[:count])
            made = new_list(
                desk, town.proposer, GM, name="bench", selection=Selection(dossiers=chosen)
            )
            listing.to(desk, town, made.id, ListState.EXECUTING)
            works = Works(desk, archive, "bench", key=b"k" * 32)

            start = time.perf_counter()
            done = run.execute(works, made.id)
            ours = seconds_of(start)
            assert done.state is ListState.VERIFYING, done

            start = time.perf_counter()
            _bare(folder, client_of(cloud), keys[count:])
            bare = seconds_of(start)
        engine.dispose()
    figures.add("the bare loop", bare)
    figures.add("the run: guards, manifest, deletion, absence, evidence", ours)
    figures.add("the run, dossiers a second", count / ours, "/s")
    figures.add("RATIO bare / run (aim: at least 0.5)", bare / ours, "x")
    return figures


def _store(archive: Archive, desk: Any, staging: Path, number: int) -> str:
    aip = make_aip(staging, number, zorgdrager=GM, title=f"Klacht {number}")
    stored = archive.store(aip, now=desk.now(), agent="bench", origin="bench", salt=bytes(32))
    for each in staging.iterdir():
        each.unlink()
    about = stored.description
    making.dossier(desk, GM, dossier=about.aip_id, identifier=about.identifier)
    return stored.copies[0].key


def _bare(folder: Path, client: Any, keys: Sequence[str]) -> None:
    for key in keys:
        for name in NAMES[:2]:
            place = folder / name / key
            place.unlink()
            handle = os.open(place.parent, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
            assert not os.listdir(place.parent)
        client.delete_object(Bucket=BUCKET, Key=key)
        assert not client.list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions")
