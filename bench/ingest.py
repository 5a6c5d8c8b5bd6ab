"""Ingest against the sum of its unavoidable parts, and against the pipeline made by hand."""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from bench import by_hand, material, parts
from bench.clock import EDEPOT, Figures, Ran, run, seconds_of


def many(folder: Path, dossiers: int) -> Figures:
    """`dossiers` dossiers of ten real files of about 20 kB, two local stores."""
    figures = Figures(f"ingest of {dossiers} dossiers x 10 files")
    source, depot = folder / "delivery", new_depot(folder)
    files, size = material.many_dossiers(source, dossiers)
    figures.add("material: files", files, "files")
    figures.add("material: bytes", size / 1e6, "MB")
    ran = take_in(source, depot)
    figures.add("edepot ingest, whole process", ran.seconds)
    figures.add("edepot ingest, largest process", ran.peak_mb, "MB")
    packages = [path.stat().st_size for path in (depot / "stores" / "kopie-1").rglob("v*.zip")]
    figures.add("packages on the shelf", len(packages), "AIPs")
    records = [p for p in sorted(source.rglob("*")) if p.is_file() and ".MDTO." not in p.name]
    total = parts.identify_and_examine(figures, records)
    total += parts.read_and_hash(figures, records)
    total += parts.write_packages(figures, packages, [folder / "w1", folder / "w2"])
    figures.add("sum of the unavoidable parts", total)
    figures.add("RATIO ingest / unavoidable parts (aim: at most 2)", ran.seconds / total, "x")
    sample = sorted(path for path in source.iterdir() if path.is_dir())[: min(30, dossiers)]
    hand = by_hand.pipeline(figures, sample, folder / "hand", dossiers)
    figures.add("RATIO by hand / ingest (aim: at least 3)", hand / ran.seconds, "x")
    return figures


def large(folder: Path, size_bytes: int) -> Figures:
    """One dossier with one large file, two local stores."""
    figures = Figures(f"one dossier with a file of {size_bytes / 1e9:.1f} GB")
    depot = new_depot(folder)
    source = folder / "delivery"
    record = material.large_dossier(source, size_bytes)
    start = time.perf_counter()
    baseline(record, folder / "base")
    base = figures.add("read, hash and write it twice (fsync)", seconds_of(start))
    shutil.rmtree(folder / "base")
    ran = take_in(source, depot)
    figures.add("edepot ingest, whole process", ran.seconds)
    figures.add("edepot ingest, largest process (aim: under 200)", ran.peak_mb, "MB")
    figures.add(
        "RATIO ingest / read, hash, write twice (aim: at most 1.3)", ran.seconds / base, "x"
    )
    return figures


def wide(folder: Path, count: int) -> Figures:
    """One dossier of which `count` files are delivered: half records, half their sidecars."""
    figures = Figures(f"one dossier with {count} files")
    depot = new_depot(folder)
    source = folder / "delivery"
    material.wide_dossier(source, count // 2)
    ran = take_in(source, depot)
    figures.add("edepot ingest, whole process", ran.seconds)
    figures.add("edepot ingest, largest process (aim: under 500)", ran.peak_mb, "MB")
    packages = list((depot / "stores" / "kopie-1").rglob("v*.zip"))
    figures.add("packages on the shelf", len(packages), "AIPs")
    return figures


def take_in(source: Path, depot: Path) -> Ran:
    """`edepot ingest` as a person runs it; what is not accepted is no measurement."""
    ran = run(EDEPOT, "ingest", source, "--agreement", "bench", "--depot", depot, "--json")
    told = json.loads(ran.output)
    if told["outcome"] != "accepted":
        raise RuntimeError(f"{told['outcome']}: {told['findings'][:5]}")
    return ran


def new_depot(folder: Path) -> Path:
    """An empty depot with the agreement of the bench."""
    depot = folder / "depot"
    run(EDEPOT, "init", depot)
    material.write_agreement(depot)
    return depot


def baseline(record: Path, folder: Path) -> None:
    """Read once, hash, and write to two files at the same time, each made durable."""
    folder.mkdir()
    digest = hashlib.sha256()
    outs = [os.open(folder / name, os.O_WRONLY | os.O_CREAT) for name in ("1", "2")]
    with record.open("rb", buffering=0) as stream:
        while chunk := stream.read(1024 * 1024):
            digest.update(chunk)
            for out in outs:
                os.write(out, chunk)
    for out in outs:
        os.fsync(out)
        os.close(out)
