"""Inheritance: in TMLO a lower level takes from the level above what it leaves unsaid.

MDTO's exchange knows no inheritance, so every level gets its own full values before it is mapped.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from formats.tmlo.model import Aggregatie, Bestand, Context, Dekking

INHERITED = (
    "classificatie",
    "taal",
    "eventPlan",
    "gebruiksrechten",
    "vertrouwelijkheid",
    "openbaarheid",
)

Level = Aggregatie | Bestand
AnyLevel = TypeVar("AnyLevel", bound=Aggregatie | Bestand)


def expand_inheritance(chain: Sequence[Level]) -> tuple[Level, ...]:
    """The levels of a chain, from the top down, each with what it inherits from those above.

    An element that a level has is its own, whole: nothing is merged into it. What it lacks comes
    from the nearest level above that has it. Inherited are 5 classificatie, 9.2 geografischGebied,
    11 taal, 13 eventPlan, 15C actor and activiteit (each by itself), 16 gebruiksrechten,
    17 vertrouwelijkheid and 18 openbaarheid: they say under which conditions, by whom and about
    what the whole was made, and hold for its parts unless a part says otherwise.

    Not inherited: 2 identificatiekenmerk (TMLO says so), 3, 4, 6, 10, 12, 19, 20 and 21, which
    describe the one object itself; 7 plaats, because a part need not lie where the whole lies;
    9.1 inTijd, because the time of a whole is wider than that of its part; 15 relatie, because a
    relation of the whole is not one of its part; 22, because its meaning is not known here.

    Source: TMLO 1.1, 2 (not inherited), 9.2 and 18 (inherited); the others by their meaning, as
    the complete table of obligations is not public. MDTO SIP-specificatie (no inheritance).
    """
    expanded: list[Level] = []
    for level in chain:
        expanded.append(inherit(level, expanded[-1]) if expanded else level)
    return tuple(expanded)


def inherit(level: AnyLevel, above: Level) -> AnyLevel:
    """The level with what it lacks from the one above, which has itself inherited already."""
    taken = {name: getattr(level, name) or getattr(above, name) for name in INHERITED}
    return replace(
        level,
        **taken,
        context=_context(level.context, above.context),
        dekking=_dekking(level.dekking, above.dekking),
    )


def _context(own: Context | None, above: Context | None) -> Context | None:
    if own is None or above is None:
        return own or above
    return Context(actor=own.actor or above.actor, activiteit=own.activiteit or above.activiteit)


def _dekking(own: tuple[Dekking, ...], above: tuple[Dekking, ...]) -> tuple[Dekking, ...]:
    if any(each.geografischGebied for each in own):
        return own
    areas = tuple(
        Dekking(geografischGebied=each.geografischGebied)
        for each in above
        if each.geografischGebied
    )
    return own + areas
