"""Ten thousand runs: every event at every effect, and then another one while recovering.

More are played by `make soak` (bench/soak_disposal.py): there every second event.
"""

from pathlib import Path

import pytest

from tests.retention.harness.play import play
from tests.retention.harness.world import VARIANTS, World

PARTS = {"plain": 8, "shared": 8, "locked": 4, "damaged": 2, "missing": 2}
"""Into how many tests a variant is cut, so that they may be played beside each other."""
STEP = 6
"""Of the second events every so many-th is played."""
CASES = [(variant, part) for variant in VARIANTS for part in range(PARTS.get(variant, 1))]


@pytest.mark.parametrize(("variant", "part"), CASES)
def test_nothing_that_happens_breaks_a_promise(variant: str, part: int, quick_folder: Path) -> None:
    world = World(quick_folder, variant)

    played = play(world, part=part, parts=PARTS.get(variant, 1), step=STEP)

    assert played.told() == ""
    assert played.runs > 100
