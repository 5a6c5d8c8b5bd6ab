"""`python -m bench`: every measurement, or those named; `--quick` for a small size of each."""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import find, ingest
from bench.clock import Figures

FULL = {"many": 1_000, "large": 4_000_000_000, "wide": 100_000, "find": 200_000}
QUICK = {"many": 60, "large": 300_000_000, "wide": 3_000, "find": 20_000}
MEASURES: dict[str, Callable[[Path, int], Figures]] = {
    "many": ingest.many,
    "large": ingest.large,
    "wide": ingest.wide,
    "find": find.find,
}


def main() -> None:
    """Measure, print as it goes, and print the ratios once more at the end."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, []], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's)")
    chosen = parser.parse_args()
    sizes = QUICK if chosen.quick else FULL
    done = []
    for name in chosen.measures or list(MEASURES):
        folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-", dir=chosen.folder))
        print(f"\n{name}", flush=True)
        try:
            done.append(MEASURES[name](folder, sizes[name]))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print("\nSummary")
    for figures in done:
        print(f"  {figures.title}")
        for label, value in figures.rows:
            if label.startswith("RATIO") or "aim" in label:
                print(f"    {label:<60} {value}")


if __name__ == "__main__":
    main()
