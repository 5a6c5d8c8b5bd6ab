"""The harness finds every planted mistake."""

from pathlib import Path

import pytest

from tests.retention.harness.plants import PLANTS
from tests.retention.harness.play import play
from tests.retention.harness.world import World


@pytest.mark.parametrize("planted", PLANTS)
def test_a_planted_mistake_is_found(
    planted: str, quick_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, variant = PLANTS[planted]
    world = World(quick_folder, variant)
    plant(monkeypatch)

    played = play(world, parts=3, doubles=False)

    assert played.violations.total() > 0


def test_without_a_mistake_nothing_is_found(quick_folder: Path) -> None:
    played = play(World(quick_folder, "plain"), part=0, parts=4, doubles=False)

    assert played.told() == ""
    assert played.runs > 40
