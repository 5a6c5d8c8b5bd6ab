"""The ages of last checks: counted per day, put into bins up to and past the rhythm."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from edepot.config import Config, StoreKind
from edepot.fixity_report.summary import Ages, Bin, Place
from storage.fixity.rhythm import Place as Kind
from storage.fixity.rhythm import Rhythm, Rule, days_for

PARTS = 6
"""The rhythm is shown in so many parts, where it has so many days."""

NEVER = 10**6
"""The age in days of what was never checked."""

Days = Mapping[str, int]
"""How many copies were checked last on each day (ISO date, UTC; "" for never), or in each of the
`spans` of a rhythm under its last day: the bins come out the same."""


def days_of(config: Config, store: str, zorgdrager: str) -> int:
    """Within how many days a copy there must be checked: the most exact rule, else the kind's."""
    fixity = config.fixity
    rules = tuple(Rule(each.store, each.zorgdrager, each.days) for each in fixity.rhythms)
    rhythm = Rhythm(fixity.local_days, fixity.cloud_days, rules)
    kinds = {each.name: each.kind for each in config.stores}
    kind = Kind.CLOUD if kinds.get(store) is StoreKind.S3 else Kind.LOCAL
    return days_for(rhythm, store, kind, zorgdrager)


def group_ages(
    counts: Mapping[Place, Days],
    rhythm: Mapping[Place, int],
    late: Mapping[Place, int],
    as_of: datetime,
) -> tuple[Ages, ...]:
    """Per store and rhythm the ages in bins; `late` is how many are past it, to the second."""
    groups: dict[tuple[str, int], list[Place]] = {}
    for place in sorted(counts):
        groups.setdefault((place.store, rhythm[place]), []).append(place)
    several = [store for store, _ in groups]
    found = []
    for (store, days), places in groups.items():
        alone = several.count(store) == 1
        ages = _ages_in_days((counts[each] for each in places), as_of.date())
        whose = () if alone else tuple(each.zorgdrager for each in places)
        past = sum(late[each] for each in places)
        found.append(Ages(store, whose, days, _bins(ages, days, past)))
    return tuple(found)


def spans(days: int) -> tuple[tuple[int, int | None], ...]:
    """The first and last age in whole days of each bin of a rhythm, the youngest first."""
    edges = sorted({round(part * days / PARTS) for part in range(1, PARTS + 1)} - {0})
    firsts = (0, *(each + 1 for each in edges))
    over = days * 2
    return (*zip(firsts, edges, strict=False), (days + 1, over), (over + 1, None))


def limit_of(as_of: datetime, days: int) -> datetime:
    """What was checked before this instant is past a rhythm of so many days."""
    return as_of - timedelta(days=days)


def _ages_in_days(counts: Iterable[Days], today: date) -> dict[int, int]:
    ages: dict[int, int] = {}
    for each in counts:
        for day, copies in each.items():
            age = max((today - date.fromisoformat(day)).days, 0) if day else NEVER
            ages[age] = ages.get(age, 0) + copies
    return ages


def _bins(ages: Mapping[int, int], days: int, late: int) -> tuple[Bin, ...]:
    """Bins within the rhythm, two past it. A day that the limit falls in is divided by `late`."""
    timely = [Bin(first, last, _between(ages, first, last)) for first, last in spans(days)[:-2]]
    over = days * 2
    very_late = sum(copies for age, copies in ages.items() if age > over)
    bit_late = late - very_late
    whole = sum(ages.values())
    before = sum(each.copies for each in timely[:-1])
    last = timely[-1]
    timely[-1] = Bin(last.first, last.last, whole - late - before)
    return (*timely, Bin(days + 1, over, bit_late), Bin(over + 1, None, very_late))


def _between(ages: Mapping[int, int], first: int, last: int | None) -> int:
    return sum(c for age, c in ages.items() if first <= age and (last is None or age <= last))
