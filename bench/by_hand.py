"""What a good archivist scripts today: per dossier identify, bag, validate, copy twice."""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.clock import Figures, seconds_of

IDENTIFY = "import sys, pygfried; [pygfried.identify(p) for p in sys.argv[1:]]"


def pipeline(figures: Figures, dossiers: Sequence[Path], work: Path, total: int) -> float:
    """Seconds for `total` dossiers, from those given: Siegfried's engine and bagit-python, a
    process each per dossier, as a shell script would.
    """
    stores = [work / "store-1", work / "store-2"]
    for store in stores:
        store.mkdir(parents=True)
    start = time.perf_counter()
    for dossier in dossiers:
        bag = work / dossier.name
        shutil.copytree(dossier, bag)
        files = [str(path) for path in bag.rglob("*") if path.is_file()]
        _run("-c", IDENTIFY, *files)
        _run("-m", "bagit", "--quiet", str(bag))
        _run("-m", "bagit", "--quiet", "--validate", str(bag))
        for store in stores:
            shutil.copytree(bag, store / dossier.name)
    per_dossier = seconds_of(start) / len(dossiers)
    figures.add(f"by hand: per dossier (measured over {len(dossiers)})", per_dossier)
    return figures.add(f"by hand: {total} dossiers", per_dossier * total)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
