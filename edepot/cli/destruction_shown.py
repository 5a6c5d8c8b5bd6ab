"""How lists are shown: their items with what was said of each, and what a step came to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from edepot.cli.screen import DOUBT, GOOD, QUIET, STRONG, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.messages import Words
from retention.guard_nouns import Refusals
from retention.list_reading import DisposalList, Item, count_items
from retention.moving import Moved
from retention.nouns import ON_LIST, Desk, ItemState
from retention.review_nouns import WHOLE, Said
from storage.database import reading

SHOWN = 20
"""So many dossiers that were refused stand on the screen; `--json` gives them all."""

Threads = Mapping[str, Sequence[Said]]
Refused = Sequence[tuple[str, Refusals]]


def list_plain(connection: Connection, listed: DisposalList) -> dict[str, Any]:
    """A list as it stands, for a program and for the screen."""
    counts = count_items(connection, listed.id)
    return {
        "list": listed.id,
        "zorgdrager": listed.zorgdrager,
        "kind": listed.kind.value,
        "name": listed.name,
        "state": listed.state.value,
        "revision": listed.revision,
        "root": listed.root,
        "made_by": listed.made_by,
        "made_at": listed.made_at,
        "policy": listed.policy,
        "paused_by": listed.paused_by,
        "on_list": sum(counts.get(each, 0) for each in ON_LIST),
        "items": {state.value: count for state, count in counts.items()},
    }


def refused_plain(refused: Refused) -> list[dict[str, Any]]:
    """What could not come in, or fell out, with what stands against it."""
    return [
        {
            "dossier": dossier,
            "guards": [
                {"guard": each.guard, "code": each.code, "detail": each.detail} for each in against
            ],
        }
        for dossier, against in refused
    ]


def items_plain(items: Sequence[Item], said: Threads) -> list[dict[str, Any]]:
    """Items with their threads, for a program."""
    return [
        {
            "dossier": each.dossier,
            "position": each.position,
            "state": each.state.value,
            "title": each.title,
            "left_reason": each.left_reason,
            "left_detail": each.left_detail,
            "snapshot": dict(each.said),
            "thread": [
                {name: getattr(one, name) for name in Said.__slots__}
                for one in said.get(each.dossier, ())
            ],
        }
        for each in items
    ]


def show_made(
    plain: Mapping[str, Any], refused: Refused, names: Mapping[str, str], screen: Screen
) -> None:
    """A list that was made or changed, and what could not come in."""
    words = screen.words
    count = words.counted("count.dossier", plain["on_list"])
    told = words(
        "destruction.made",
        list=plain["list"],
        name=plain["name"],
        dossiers=count,
        revision=plain["revision"],
    )
    screen.say(told, GOOD)
    screen.say(words("destruction.root", root=plain["root"]), QUIET)
    show_refused(refused, names, screen)


def show_refused(refused: Refused, names: Mapping[str, str], screen: Screen) -> None:
    """What could not come in, each with what stands against it."""
    words = screen.words
    if not refused:
        return
    screen.say(words("destruction.not_in", dossiers=words.counted("count.dossier", len(refused))))
    for dossier, against in refused[:SHOWN]:
        screen.say(f"{names.get(dossier, dossier)}: {_against(against, words)}", DOUBT, indent=2)
    if len(refused) > SHOWN:
        screen.say(words("destruction.more", count=words.number(len(refused) - SHOWN)), QUIET)


def show_lists(plain: Sequence[Mapping[str, Any]], screen: Screen) -> None:
    """Lists in a table."""
    words = screen.words
    if not plain:
        screen.say(words("destruction.none"), QUIET)
        return
    columns = [
        Column(words("destruction.column.list"), fold=False),
        Column(words("destruction.column.name")),
        Column(words("destruction.column.state")),
        Column(words("destruction.column.dossiers"), number=True),
        Column(words("destruction.column.made"), fold=False),
    ]
    rows = [
        [
            each["list"],
            each["name"],
            words(f"disposal_list.state.{each['state']}"),
            words.number(each["on_list"]),
            words.day(each["made_at"]),
        ]
        for each in plain
    ]
    screen.table(columns, rows)


def show_items(
    plain: Mapping[str, Any], items: Sequence[Item], said: Threads, screen: Screen, *, full: bool
) -> None:
    """A page of items, with the thread of each below it; how to see the next page."""
    words = screen.words
    screen.heading(f"{plain['list']}  {plain['name']}")
    show_head(plain, screen)
    for line in said.get(WHOLE, ()):
        _show_line(line, screen)
    columns = [
        Column(words("destruction.column.number"), number=True),
        Column(words("destruction.column.dossier"), fold=False),
        Column(words("destruction.column.title")),
        Column(words("destruction.column.rule")),
        Column(words("destruction.column.end_date"), fold=False),
        Column(words("destruction.column.state")),
    ]
    screen.table(columns, [_row(each, words) for each in items])
    for each in items:
        if each.dossier in said:
            screen.say(each.said["identifier"], STRONG)
            for line in said[each.dossier]:
                _show_line(line, screen)
    if full:
        screen.say(words("destruction.next", list=plain["list"], dossier=items[-1].dossier), QUIET)


def show_head(plain: Mapping[str, Any], screen: Screen) -> None:
    """What is told of every list first."""
    words = screen.words
    screen.pairs(
        [
            (words("destruction.label.state"), words(f"disposal_list.state.{plain['state']}")),
            (words("destruction.label.zorgdrager"), plain["zorgdrager"]),
            (words("destruction.label.on_list"), words.number(plain["on_list"])),
            (words("destruction.label.revision"), words.number(plain["revision"])),
            (words("destruction.label.root"), plain["root"]),
            (words("destruction.label.made"), _made(plain, words)),
        ]
    )


def show_moved(session: Session, desk: Desk, moved: Moved) -> None:
    """What a step came to: the state of the list, and what fell out by it."""
    with reading(desk.engine) as connection:
        plain = list_plain(connection, moved.list)
    if session.as_json:
        session.print_json(plain | {"left": refused_plain(moved.left), "done": moved.done})
        return
    words, screen = session.words, session.screen()
    state = words(f"disposal_list.state.{plain['state']}")
    screen.say(words("destruction.stands", list=plain["list"], state=state), GOOD)
    for dossier, against in moved.left[:SHOWN]:
        told = words("destruction.left", dossier=dossier, why=_against(against, words))
        screen.say(told, DOUBT)
    if len(moved.left) > SHOWN:
        screen.say(words("destruction.more", count=words.number(len(moved.left) - SHOWN)), QUIET)


def _against(against: Refusals, words: Words) -> str:
    return "; ".join(_one_against(each.code, each.detail, words) for each in against)


def _one_against(code: str, detail: str, words: Words) -> str:
    text = words(f"guard.{code}") if words.has(f"guard.{code}") else code
    return f"{text} ({detail})" if detail else text


def _made(plain: Mapping[str, Any], words: Words) -> str:
    return f"{words.instant(plain['made_at'])}, {plain['made_by']}"


def _row(item: Item, words: Words) -> list[str | Cell]:
    said = item.said
    number = words.number(item.position + 1) if item.position >= 0 else ""
    style = QUIET if item.state is ItemState.LEFT else ""
    state = words(f"disposal_list.item.{item.state.value}")
    if item.state is ItemState.LEFT:
        state = f"{state}: {_one_against(item.left_reason, item.left_detail, words)}"
    rule = f"{said['list_year']} {said['category']} {said['term']}".strip()
    return [
        number,
        Cell(said["identifier"], style),
        item.title or said["zaaktype"],
        rule,
        words.day(said["end_date"]),
        Cell(state, style),
    ]


def _show_line(line: Said, screen: Screen) -> None:
    words = screen.words
    because = words(f"destruction.because.{line.because}") if line.because else ""
    parts = [line.reason, f"{because} {line.reference}".strip()]
    screen.say(
        words(
            "destruction.said",
            person=line.person,
            duty=words(f"disposal_list.duty.{line.duty}"),
            at=words.instant(line.at),
            what=words(f"destruction.what.{line.what}"),
            text=". ".join(filter(None, parts)),
        ),
        indent=2,
    )
