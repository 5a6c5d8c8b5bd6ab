"""How holds are shown: to whoever places one, in a list, and one by one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.messages import Words
from retention.hold_acts import Act
from retention.hold_nouns import Hold, HoldState, Member, Scope, Standing
from retention.hold_reading import Counted

SHOWN = 20
"""So many dossiers on the screen; `--json` gives them all."""


def show_placed(hold: Hold, names: Mapping[str, str], screen: Screen) -> None:
    """What a hold came to: how many dossiers it covers, and how those stand that were to go."""
    words = screen.words
    covered = [each for each in hold.members if each.why != "family"]
    count = words.counted("count.dossier", len(covered))
    kind = words(f"hold.kind.{hold.kind.value}")
    screen.say(words("hold.placed", hold=hold.id, kind=kind, dossiers=count), GOOD)
    if not covered:
        screen.say(words("hold.covers_nothing"), DOUBT)
    if hold.scope.grows:
        screen.say(words("hold.grows"), QUIET)
    _show_left(
        [each for each in hold.members if each.standing is Standing.LEFT_LIST], names, screen
    )
    for each in hold.members:
        if each.standing is Standing.BEGUN:
            screen.say(words("hold.begun", **_late(each, names, words)), BAD)
    if any(each.standing is Standing.BEGUN for each in hold.members):
        screen.say(words("hold.begun_next"), BAD)
    for each in hold.members:
        if each.standing is Standing.DESTROYED:
            screen.say(words("hold.destroyed", **_late(each, names, words)), DOUBT)
    screen.say(words("hold.again", day=words.day(hold.review_on.isoformat()), hold=hold.id), QUIET)


def show_holds(
    found: Sequence[Counted], names: Mapping[str, str], today: date, screen: Screen
) -> None:
    """The holds in a table; what has to be looked at again is marked, and told below."""
    words = screen.words
    if not found:
        screen.say(words("hold.none"), QUIET)
        return
    columns = [
        Column(words("hold.number"), fold=False),
        Column(words("hold.kind")),
        Column(words("hold.scope")),
        Column(words("hold.dossiers"), number=True),
        Column(words("hold.since"), fold=False),
        Column(words("hold.review"), fold=False),
        Column(words("hold.who")),
    ]
    screen.table(columns, [_row(each, names, today, words) for each in found])
    late = [each for each in found if is_overdue(each.hold, today)]
    if late:
        screen.say(words("hold.overdue", ids=", ".join(each.hold.id for each in late)), BAD)
    screen.say(words("hold.two_persons"), QUIET)


def show_hold(
    hold: Hold,
    names: Mapping[str, str],
    acts: Sequence[Act],
    persons: Mapping[str, str],
    screen: Screen,
) -> None:
    """One hold whole: its reason and ground, its dossiers, and what was done with it."""
    words = screen.words
    screen.heading(words("hold.one", hold=hold.id, kind=words(f"hold.kind.{hold.kind.value}")))
    screen.pairs(
        [
            (words("hold.state"), words(f"hold.state.{hold.state.value}")),
            (words("hold.zorgdrager"), hold.zorgdrager),
            (words("hold.scope"), scope_shown(hold.scope, words)),
            (words("hold.reason"), hold.reason),
            (words("hold.basis"), hold.legal_basis),
            (words("hold.reference"), hold.reference),
            (words("hold.review"), words.day(hold.review_on.isoformat())),
        ]
    )
    told = sorted(set(names.values()))
    screen.heading(
        words("hold.dossiers_named", dossiers=words.counted("count.dossier", len(names)))
    )
    _say_some(told, screen)
    screen.heading(words("hold.acts"))
    screen.table(
        [
            Column(words("hold.when"), fold=False),
            Column(words("hold.act")),
            Column(words("hold.who")),
        ],
        [
            [
                words.instant(each.at),
                _with_reason(words(f"hold.act.{each.act}"), each.reason),
                _person(each.person, persons),
            ]
            for each in acts
        ],
    )


def scope_shown(scope: Scope, words: Words) -> str:
    """What a hold covers, in words; of persons only how many."""
    told = []
    for name in ("dossiers", "families", "objects", "persons"):
        members = getattr(scope, name)
        if members:
            key = f"hold.covers.{name}"
            plain = ", ".join(members) if name == "objects" else ""
            told.append(words.counted(key, len(members)) + (f" ({plain})" if plain else ""))
    query = scope.query.plain()
    told += [f"{words(f'hold.covers.{name}')} '{said}'" for name, said in query.items()]
    return "; ".join(told)


def hold_plain(
    hold: Hold,
    *,
    dossiers: int | None = None,
    today: date | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A hold as JSON values; `names`: with the dossiers that were just told of."""
    scope = hold.scope.plain()
    if hold.scope.persons:
        scope["persons"] = len(hold.scope.persons)
    plain: dict[str, Any] = {
        "hold": hold.id,
        "zorgdrager": hold.zorgdrager,
        "kind": hold.kind.value,
        "state": hold.state.value,
        "scope": scope,
        "reason": hold.reason,
        "legal_basis": hold.legal_basis,
        "reference": hold.reference,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
        "review_on": hold.review_on.isoformat(),
        "asked_by": hold.asked_by or None,
        "released_by": hold.released_by or None,
        "released_at": hold.released_at or None,
    }
    if dossiers is not None:
        plain["dossiers"] = dossiers
    if today is not None:
        plain["overdue"] = is_overdue(hold, today)
    if names is not None:
        plain["members"] = [_member_plain(each, names) for each in hold.members]
    return plain


def is_overdue(hold: Hold, today: date) -> bool:
    """Whether the day to look again has come, of a hold that stands."""
    return hold.state is not HoldState.RELEASED and hold.review_on <= today


def _show_left(left: Sequence[Member], names: Mapping[str, str], screen: Screen) -> None:
    words = screen.words
    lists = sorted({each.list for each in left})
    for list_id in lists:
        mine = [names[each.dossier] for each in left if each.list == list_id]
        count = words.counted("count.dossier", len(mine))
        screen.say(words("hold.left", dossiers=count, list=list_id))
        _say_some(mine, screen)


def _say_some(told: Sequence[str], screen: Screen) -> None:
    if told:
        more = len(told) - SHOWN
        text = ", ".join(told[:SHOWN])
        screen.say(text, indent=2)
        if more > 0:
            screen.say(screen.words("hold.more", count=screen.words.number(more)), QUIET, indent=2)


def _late(member: Member, names: Mapping[str, str], words: Words) -> dict[str, str]:
    return {
        "dossier": names[member.dossier],
        "at": words.instant(member.at),
        "list": member.list,
        "gone": words.number(member.gone),
        "total": words.number(member.total),
        "declaration": member.declaration or words("hold.no_declaration"),
    }


def _row(counted: Counted, names: Mapping[str, str], today: date, words: Words) -> list[str | Cell]:
    hold = counted.hold
    again: str | Cell = words.day(hold.review_on.isoformat())
    if is_overdue(hold, today):
        again = Cell(words("hold.again_now", day=again), BAD)
    kind = words(f"hold.kind.{hold.kind.value}")
    if hold.state is not HoldState.ACTIVE:
        kind = f"{kind} ({words(f'hold.state.{hold.state.value}')})"
    return [
        hold.id,
        kind,
        scope_shown(hold.scope, words),
        words.number(counted.dossiers),
        words.day(hold.placed_at),
        again,
        _person(hold.placed_by, names),
    ]


def _person(person: str, names: Mapping[str, str]) -> str:
    return f"{names.get(person, '')} ({person})".strip()


def _with_reason(act: str, reason: str) -> str:
    return f"{act}: {reason}" if reason else act


def _member_plain(member: Member, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "dossier": member.dossier,
        "identifier": names[member.dossier],
        "by": member.why,
        "standing": member.standing.value,
        "list": member.list or None,
        "at": member.at or None,
        "copies_gone": member.gone,
        "copies": member.total,
        "declaration": member.declaration or None,
    }
