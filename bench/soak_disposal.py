"""A long trial of destruction: up to four things go wrong, one run after another, by chance.

The harness of the tests plays every single event, and every second one after a crash; here chance
strings them together: crashes, holds, stores that fail, rivals, late jobs. After each trial every
promise is checked: nothing is claimed that is not so, nothing of another dossier is touched, and
each dossier is at its end or waits for a person with a reason.
"""

import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.clock import Figures, seconds_of
from tests.retention.harness.checks import check
from tests.retention.harness.play import plans
from tests.retention.harness.watch import Effect, Plan
from tests.retention.harness.world import VARIANTS, World

MOST_EVENTS = 4
WEIGHTS = {"plain": 6, "shared": 4, "locked": 3}
SHM = Path("/dev/shm")


def soak(folder: Path, trials: int) -> Figures:
    """So many trials, over all variants of the town."""
    figures = Figures(f"{trials} destructions in which things go wrong")
    start = time.perf_counter()
    seed = random.SystemRandom().randrange(10**9)
    print(f"  seed {seed}", flush=True)
    chance = random.Random(seed)
    quick = Path(tempfile.mkdtemp(dir=SHM if SHM.is_dir() else folder))
    ends: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    try:
        worlds = [World(quick, each) for each in VARIANTS]
        effects = {each.variant: each.go("first") for each in worlds}
        weights = [WEIGHTS.get(each.variant, 1) for each in worlds]
        for _ in range(trials):
            world = chance.choices(worlds, weights)[0]
            told = _trial(world, effects[world.variant], chance)
            ends[world.item("state")] += 1
            for each in check(world):
                wrong[each] += 1
                print(f"  WRONG {each} [{told}]", flush=True)
    finally:
        shutil.rmtree(quick)
    figures.add("seconds", seconds_of(start))
    for state, count in ends.most_common():
        figures.add(state, count, "")
    figures.add("promises broken (aim: 0)", wrong.total(), "")
    return figures


def _trial(world: World, seen: list[Effect], chance: random.Random) -> str:
    """Some runs with an event each; then new workers go on until it settles."""
    world.restore(world.first)
    told = [world.variant]
    for number in range(chance.randint(1, MOST_EVENTS)):
        plan = _choose(seen, chance)
        if plan is None:
            break
        told.append(f"{plan.what.value} at {plan.at}")
        seen = world.go(f"worker-{number}", plan)
        world.advance(chance.choice([1, 11, 70]))
    world.recover()
    return ", ".join(told)


def _choose(seen: list[Effect], chance: random.Random) -> Plan | None:
    every = list(plans(seen))
    return chance.choice(every) if every else None
