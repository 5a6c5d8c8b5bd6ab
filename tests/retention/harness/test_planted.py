"""The harness finds every planted mistake."""

from pathlib import Path

import pytest

from tests.retention.harness.plants import PLANTS
from tests.retention.harness.play import play
from tests.retention.harness.world import World

PARTS = 12


@pytest.mark.parametrize("planted", PLANTS)
def test_a_planted_mistake_is_found(
    planted: str, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, variant = PLANTS[planted]
    world = World(quick_folder, variant)
    plant(monkeypatch)

    # As far as the first part that finds it.
    found = any(
        play(world, part=part, parts=PARTS, doubles=False).violations.total()
        for part in range(PARTS)
    )

    assert found


def test_without_a_mistake_nothing_is_found(quick_folder: Path) -> None:
    played = play(World(quick_folder, "plain"), doubles=False)

    assert played.told() == ""
    assert played.runs > 200
