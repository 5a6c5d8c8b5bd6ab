"""Looking at one file the way the flow does: identified, then examined."""

from collections.abc import Callable
from pathlib import Path

from formats.examine.files import examine_files
from formats.examine.values import Examination
from formats.identify import Identification, identify_files
from formats.tools import Pool

Maker = Callable[[Path], Path]


def identified(pool: Pool, path: Path, name: str = "") -> Identification:
    return next(iter(identify_files(pool, [(path, name or path.name)])))


def examined(pool: Pool, path: Path, name: str = "") -> Examination:
    seen = identified(pool, path, name)
    return next(iter(examine_files(pool, [(path, seen.path, seen)])))


def codes(examination: Examination) -> list[str]:
    return [each.code for each in examination.findings]
