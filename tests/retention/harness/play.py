"""Which runs are played: every event at every effect, and then another one while recovering."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.retention.harness.checks import check
from tests.retention.harness.watch import CRASHES, Effect, Plan, What
from tests.retention.harness.world import State, World


@dataclass
class Played:
    """What came of many runs."""

    runs: int = 0
    played: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)

    def add(self, world: World, told: str) -> None:
        """Check how a run ended, and count it."""
        self.runs += 1
        self.played += 1
        self.ends[world.item("state")] += 1
        for each in check(world):
            self.violations[each] += 1
            self.examples.setdefault(each, told)

    def told(self) -> str:
        """What was violated, with the first run that did."""
        return "\n".join(
            f"{count} x {each}  [{self.examples[each]}]"
            for each, count in self.violations.most_common(12)
        )


def plans(seen: Sequence[Effect]) -> Iterator[Plan]:
    """Everything that can happen at these effects."""
    for number, effect in enumerate(seen, 1):
        for what in What:
            if effect.can(what):
                yield Plan(number, what)


def play(
    world: World, *, part: int = 0, parts: int = 1, step: int = 1, doubles: bool = True
) -> Played:
    """Play a part of all runs of a variant.

    Of the second events, while recovering, every `step`-th is played; which these are differs
    from one first event to the next. From where a crash left the very same bytes as an earlier
    one, everything goes the same way: such runs count, and are not played again.
    """
    played = Played()
    world.restore(world.first)
    seen = world.go("first")
    world.recover()
    played.add(world, "nothing happens")
    every = list(plans(seen))
    size = -(-len(every) // parts)
    known: dict[str, int] = {}
    for number, plan in enumerate(every[part * size : (part + 1) * size]):
        world.restore(world.first)
        _mark(world, plan)
        world.go("first", plan)
        reached = world.save()
        mark = world.fingerprint(reached)
        if mark in known:
            played.runs += known[mark]
            continue
        before = played.runs
        told = f"{world.variant}: {plan.what.value} at {plan.at}"
        world.recover()
        played.add(world, told)
        if doubles and plan.what in CRASHES:
            _doubles(world, played, reached, told, number % step, step)
        known[mark] = played.runs - before
    return played


def _doubles(
    world: World, played: Played, reached: State, told: str, first: int, step: int
) -> None:
    world.restore(reached)
    seen = _again(world, None)
    for second in list(plans(seen))[first::step]:
        world.restore(reached)
        _mark(world, second)
        _again(world, second)
        world.recover()
        played.add(world, f"{told}, then {second.what.value} at {second.at}")


def _again(world: World, plan: Plan | None) -> list[Effect]:
    """A new worker, after the claim of the last one ended."""
    world.advance(11)
    return world.go("second", plan)


def _mark(world: World, plan: Plan) -> None:
    world.known.happened = (*world.known.happened, plan.what)
