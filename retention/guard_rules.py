"""What each guard says of one dossier, given what was read of it: judgement only, no database."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from retention.case import Decision
from retention.guard_nouns import ItemRef, Refusal, Refusals
from retention.guard_sight import Sight, Sights
from retention.nouns import DossierState, ListKind

DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Expected:
    """What was decided on: of an item its snapshot, of a candidate what stands in its row."""

    decision: str
    end_date: str


Own = Callable[[Sight, Expected, date], Iterator[Refusal]]


def judge_all(
    expected: Mapping[str, Expected | None], like: ItemRef, sights: Sights, today: date
) -> dict[str, Refusals]:
    """What stands against dossiers of one list by G1-G10 and G14; nothing: it may be on it.

    `like` names the list, its zorgdrager and its kind; `expected`: what was decided on of each,
    None for a candidate.
    """
    own = OWN[like.kind]
    blocked = {
        name
        for name, each in sights.of.items()
        if each.state is not DossierState.DESTROYED and any(own(each, stands(each), today))
    }
    return {
        dossier: tuple(_judge(replace(like, dossier=dossier), sights, own, said, blocked, today))
        for dossier, said in expected.items()
    }


def _judge(  # noqa: PLR0913, PLR0917 - one item, and what is the same for all
    item: ItemRef,
    sights: Sights,
    own: Own,
    expected: Expected | None,
    blocked: Collection[str],
    today: date,
) -> Iterator[Refusal]:
    sight = sights.of.get(item.dossier)
    if sight is None:
        yield Refusal("G9", "unknown", item.dossier)
        return
    if sight.row.zorgdrager != item.zorgdrager:
        yield Refusal("G9", "one_zorgdrager", item.zorgdrager)
        return
    if code := _whose(item, sight, sights):
        yield Refusal("G14", code)
        return
    yield from own(sight, expected or stands(sight), today)
    if item.kind is ListKind.DESTROY:
        yield from _family(sight, sights, blocked)
    if item.dossier in sights.lists:
        yield Refusal("G8", "already_on_list", sights.lists[item.dossier])
    if item.dossier in sights.repairs:
        yield Refusal("G8", "repair_running", sights.repairs[item.dossier])


def stands(sight: Sight) -> Expected:
    """What stands in the row of a dossier."""
    return Expected(sight.row.decision, sight.row.end_date)


def own_to_destroy(sight: Sight, expected: Expected, today: date) -> Iterator[Refusal]:
    """G1 to G5, G7 and G10 of one dossier that is to be destroyed; what weighs most comes first."""
    verdict, rule, facts = sight.verdict, sight.case.rule, sight.case.facts
    for each in sight.holds:
        yield Refusal("G4", "hold", each)
    if facts.exempt:
        yield Refusal("G5", "exempt")
    elif verdict.decision is Decision.KEEP or rule.valuation not in {DESTROY, ""}:
        yield Refusal("G1", "keep", rule.name)
    elif rule.valuation != DESTROY:
        yield Refusal("G1", "not_destroy", rule.problem or rule.name)
    elif rule.mixed and not rule.documents:
        yield Refusal("G10", "mixed", rule.name)
    elif rule.minimum and not facts.minimum_confirmed:
        yield Refusal("G7", "minimum_unconfirmed", rule.name)
    elif verdict.decision is not Decision.DATED or verdict.eligible_from is None:
        yield Refusal("G3", "no_date", verdict.reasons[-1].code if verdict.reasons else "")
    elif verdict.eligible_from > today:
        yield Refusal("G3", "not_due", verdict.eligible_from.isoformat())
    end = verdict.end_date.isoformat() if verdict.end_date else ""
    if Expected(verdict.decision.value, end) != expected:
        yield Refusal("G2", "changed", f"{expected.end_date or '-'} > {end or '-'}")


def own_to_transfer(sight: Sight, expected: Expected, today: date) -> Iterator[Refusal]:
    """G1 and G2 of one dossier that is to be handed over. A hold stops destruction, not this."""
    del today
    if sight.verdict.decision is not Decision.KEEP:
        yield Refusal("G1", "not_keep", sight.case.rule.name)
    if sight.verdict.decision.value != expected.decision:
        yield Refusal("G2", "changed", f"{expected.decision or '-'} > {sight.verdict.decision}")


def own_to_release(sight: Sight, expected: Expected, today: date) -> Iterator[Refusal]:
    """G1, G2 and G4 of one dossier whose source copy is to be cleared."""
    for each in sight.holds:
        yield Refusal("G4", "hold", each)
    yield from own_to_transfer(sight, expected, today)


OWN: Mapping[ListKind, Own] = {
    ListKind.DESTROY: own_to_destroy,
    ListKind.TRANSFER: own_to_transfer,
    ListKind.RELEASE: own_to_release,
}
"""How one dossier is judged by itself, per kind of list. G6 is asked of what is to be destroyed:
handing over a whole takes nothing from its parts. Every other guard is the same for all."""

_NO_LONGER_OURS = {
    DossierState.DESTROYED: "destroyed",
    DossierState.TRANSFERRED: "transferred",
    DossierState.RELEASED: "transferred",
}


def _whose(item: ItemRef, sight: Sight, sights: Sights) -> str:
    """G14: what is not ours any more is on no list; only what the archive service has, by what
    stands in the transfers, is cleared here, and only once. "" when it may be on it."""
    if item.kind is not ListKind.RELEASE:
        return _NO_LONGER_OURS.get(sight.state, "")
    if sight.state in {DossierState.DESTROYED, DossierState.RELEASED}:
        return _NO_LONGER_OURS[sight.state]
    here = sight.state is DossierState.HERE or item.dossier not in sights.transferred
    return "not_transferred" if here else ""


def _family(sight: Sight, sights: Sights, blocked: Collection[str]) -> Iterator[Refusal]:
    """G6: a whole only with all its parts; a part with the whole family, unless it may go alone.

    A part that was destroyed already holds nothing back. A whole that is not known here does.
    """
    alone = sights.alone_allowed[sight.row.zorgdrager]
    top, above = sight.row.dossier, [] if alone else list(_above(sight, sights))
    for each in above:
        if each not in sights.of:
            yield Refusal("G6", "family", each)
            break
        top = each
    for each in _below(top, sights):
        if each != sight.row.dossier and each in blocked:
            yield Refusal("G6", "family", sights.of[each].row.identifier)


def _above(sight: Sight, sights: Sights) -> Iterator[str]:
    """What a dossier is a part of, and what that is a part of."""
    seen = {sight.row.dossier}
    while sight.parent and sight.parent not in seen:
        yield sight.parent
        seen.add(sight.parent)
        if sight.parent not in sights.of:
            return
        sight = sights.of[sight.parent]


def _below(top: str, sights: Sights) -> Iterator[str]:
    """A dossier, its parts, and theirs, each once."""
    found, seen = [top], {top}
    for each in found:
        yield each
        parts = [one for one in sights.children.get(each, ()) if one not in seen]
        seen.update(parts)
        found += parts
