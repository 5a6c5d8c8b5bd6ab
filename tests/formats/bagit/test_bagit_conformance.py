"""The BagIt conformance suite of the Library of Congress: 48 of 48, and warnings as warnings."""

from pathlib import Path

import pytest

from formats.bagit.check import check_bag
from formats.findings import Severity
from ingest.unpack import UnpackLimits, unpack

SUITE = Path(__file__).parents[4] / "shared" / "conformance" / "bagit-conformance-suite.tar"
pytestmark = pytest.mark.skipif(not SUITE.exists(), reason="the conformance suite is not here")

# In `warning`: what must be told, and what the suite's fixture lacks on a Linux disk.
WARNINGS = {
    "duplicate-file-with-different-case": ("F222", "data/HELLO.txt", "data/hello.txt"),
    "made-with-md5sum-tools": ("F219", None, None),
    "relative-path": ("F218", None, None),
    "same-filename-listed-twice-with-different-normalization": ("F223", None, None),
    "same-filename-listed-twice-with-the-same-hash": ("F220", None, None),
    "special-system-files": ("F247", "data/.DS_Store", "data/Thumbs.db"),
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("suite")
    unpacked = unpack(SUITE, into, UnpackLimits(), "suite")
    assert len(unpacked.files) > 400
    return into


def bags(suite: Path, kind: str) -> list[Path]:
    return sorted(each for each in suite.glob(f"v*/{kind}/*") if each.is_dir())


def test_all_48_scorable_bags_are_judged_as_the_suite_says(suite: Path) -> None:
    judged = {
        (bag.parent.name, bag.name, check_bag(bag).valid)
        for kind in ("valid", "invalid", "linux-only")
        for bag in bags(suite, kind)
    }
    bag_count = sum(len(bags(suite, kind)) for kind in ("valid", "invalid", "linux-only"))

    assert bag_count == 48
    assert [each for each in judged if each[2] != (each[0] == "valid")] == []


def test_bags_with_windows_paths_are_refused_here_as_well(suite: Path) -> None:
    assert [bag.name for bag in bags(suite, "windows-only") if check_bag(bag).valid] == []


@pytest.mark.parametrize("name", WARNINGS)
def test_a_bag_in_the_folder_warning_is_valid_with_that_warning(suite: Path, name: str) -> None:
    code, lacking, like = WARNINGS[name]
    bag = suite / "v0.97" / "warning" / name
    if lacking and not (bag / lacking).exists():
        assert not check_bag(bag).valid  # a file that is listed and not there is missing
        (bag / lacking).write_bytes((bag / like).read_bytes())
    report = check_bag(bag)

    # The two fixtures that lack a file say so in their Payload-Oxum as well or not at all.
    errors = {each.code for each in report.findings if each.severity is Severity.ERROR}
    assert errors <= ({"F234"} if lacking else set())
    assert code in {each.code for each in report.findings if each.severity is Severity.WARNING}
