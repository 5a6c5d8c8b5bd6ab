"""`python -m bench`: every measurement, or those named; `--quick` for a small size of each.

`soak` and `soak-disposal` are long trials, not measurements: they run only when they are named.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import (
    appraisal,
    destruction,
    find,
    fixity,
    fixity_s3,
    ingest,
    lists,
    register,
    soak,
    soak_disposal,
)
from bench.clock import Figures

FULL = {
    "many": 1_000,
    "large": 4_000_000_000,
    "wide": 100_000,
    "find": 200_000,
    "small-packages": 20_000,
    "large-packages": 4_000_000_000,
    "bucket": 5_000,
    "plan": 1_000_000,
    "register": 1_000_000,
    "appraisal": 1_000_000,
    "lists": 50_000,
    "destruction": 10_000,
    "soak": 10_000,
    "soak-disposal": 10_000,
}
QUICK = {
    "many": 60,
    "large": 300_000_000,
    "wide": 3_000,
    "find": 20_000,
    "small-packages": 2_000,
    "large-packages": 500_000_000,
    "bucket": 500,
    "plan": 50_000,
    "register": 20_000,
    "appraisal": 50_000,
    "lists": 2_000,
    "destruction": 200,
    "soak": 700,
    "soak-disposal": 300,
}
NAMED_ONLY = {"soak", "soak-disposal"}
MEASURES: dict[str, Callable[[Path, int], Figures]] = {
    "many": ingest.many,
    "large": ingest.large,
    "wide": ingest.wide,
    "find": find.find,
    "small-packages": fixity.small,
    "large-packages": fixity.large,
    "bucket": fixity_s3.bucket,
    "plan": fixity.plan,
    "register": register.appraise_all,
    "appraisal": appraisal.pure,
    "lists": lists.lists,
    "destruction": destruction.destruction,
    "soak": soak.soak,
    "soak-disposal": soak_disposal.soak,
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
    for name in chosen.measures or [each for each in MEASURES if each not in NAMED_ONLY]:
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
