"""Every event at every effect of a destruction, and then another one while recovering.

Where a crash left every row and every stored byte the same as an earlier one, all that follows goes
the same way: it is counted and not played again. `make soak` plays longer ones, by chance.
"""

from pathlib import Path

import pytest

from tests.retention.harness.play import play
from tests.retention.harness.world import VARIANTS, World

PARTS = {"plain": 5, "shared": 5, "locked": 3}
"""Into how many tests a variant is cut, so that they may be played beside each other."""
STEP = 2
"""Of the second events every so many-th is played."""
CASES = [(variant, part) for variant in VARIANTS for part in range(PARTS.get(variant, 1))]


@pytest.mark.parametrize(("variant", "part"), CASES)
def test_nothing_that_happens_breaks_a_promise(variant: str, part: int, quick_folder: Path) -> None:
    world = World(quick_folder, variant)

    played = play(world, part=part, parts=PARTS.get(variant, 1), step=STEP)

    assert played.told() == ""
    assert played.runs > 100
