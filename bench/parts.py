"""The unavoidable parts of an ingest, each measured alone: what no pipeline can do without."""

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from bench.clock import Figures, seconds_of
from formats.examine.files import examine_files
from formats.identify import identify_files
from formats.tools import open_pool


def identify_and_examine(figures: Figures, files: Sequence[Path]) -> float:
    """Identify all files in one batch, then examine them; seconds together."""
    named = [(path, path.name) for path in files]
    with open_pool(2) as pool:
        start = time.perf_counter()
        seen = list(identify_files(pool, named))
        total = figures.add("part: identify all files in one batch", seconds_of(start))
        start = time.perf_counter()
        triples = [(path, name, each) for (path, name), each in zip(named, seen, strict=True)]
        for _ in examine_files(pool, triples):
            pass
        total += figures.add("part: validate all files", seconds_of(start))
    return total


def read_and_hash(figures: Figures, files: Sequence[Path]) -> float:
    """Read every file once and compute SHA-256."""
    start = time.perf_counter()
    for path in files:
        with path.open("rb", buffering=0) as stream:
            hashlib.file_digest(stream, "sha256")
    return figures.add("part: read + SHA-256 once", seconds_of(start))


def write_packages(figures: Figures, sizes: Sequence[int], folders: Sequence[Path]) -> float:
    """Write and fsync (file and folder) one file per package in each folder."""
    block = os.urandom(1024 * 1024)
    start = time.perf_counter()
    for folder in folders:
        folder.mkdir(parents=True)
        for number, size in enumerate(sizes):
            _write_durably(folder, f"{number}.zip", block, size)
    return figures.add(f"part: write and fsync packages, {len(folders)} stores", seconds_of(start))


def _write_durably(folder: Path, name: str, block: bytes, size: int) -> None:
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    left = size
    while left:
        left -= os.write(handle, block[: min(left, len(block))])
    os.fsync(handle)
    os.close(handle)
    parent = os.open(folder, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)
