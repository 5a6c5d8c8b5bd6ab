"""`edepot show`: one AIP from the inside."""

import re
from typing import Annotated, Any

import typer

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.depot import open_stores
from edepot.depot_database import named_aip, open_existing
from edepot.history import Happening, History, read_history
from edepot.messages import Words
from formats.plain import to_plain
from storage.aip import Copy, StoredAip
from storage.database import reading
from storage.outcomes import WRONG

FILES_SHOWN = 200
DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52,116}\b")
GOOD_RESULTS = frozenset(
    {"success", "ok", "stored", "accepted", "intact", "repaired", "added", "done"}
)
STYLE_OF_VALIDITY = {"valid": GOOD, "well-formed": GOOD, "invalid": BAD, "unreadable": BAD}


def show(
    ctx: typer.Context,
    aip: Annotated[str, typer.Argument()],
    every: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """One AIP: its metadata, its files, its copies, its history."""
    session: Session = ctx.obj
    config = session.config()
    engine = open_existing(config)
    with reading(engine) as connection:
        stored = named_aip(connection, aip)
        history = read_history(connection, stored, open_stores(config))
    if session.as_json:
        session.print_json(_plain(stored, history))
    else:
        show_aip(stored, history, session.screen(), every=every)


def _plain(aip: StoredAip, history: History) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(aip)
    description = plain.pop("description")
    description.pop("text")
    return dict(description) | plain | {"history": to_plain(history.happenings)}


def show_aip(aip: StoredAip, history: History, screen: Screen, *, every: bool) -> None:
    """An AIP on a screen; `every` shows all files, however many."""
    words = screen.words
    screen.heading(aip.description.title)
    screen.pairs(_metadata(aip, words))
    _show_files(aip, screen, every)
    _show_copies(aip, screen)
    screen.heading(words("show.history"))
    screen.table(
        [
            Column(words("show.at"), fold=False),
            Column(words("show.what")),
            Column(words("show.result"), fold=False),
            Column(words("show.detail")),
        ],
        [_happening_row(each, words) for each in history.happenings],
    )
    if history.unread:
        screen.say(words("show.unread", detail=history.unread), DOUBT)


def _metadata(aip: StoredAip, words: Words) -> list[tuple[str, str | Cell]]:
    about = aip.description
    valuation = f"valuation.{about.valuation.upper()}"
    covered = " – ".join(words.day(each) for each in (about.created_from, about.created_to) if each)
    clean = about.scanned == "clean"
    scanned = {"clean": "clean", "partly scanned": "partly"}.get(about.scanned, "not")
    return [
        (words("aip.identifier"), f"{about.identifier} ({about.identifier_source})"),
        (words("aip.id"), about.aip_id),
        (words("show.version"), str(about.version)),
        (words("show.zorgdrager"), about.zorgdrager),
        (words("show.supplier"), about.supplier),
        (words("show.delivery"), about.delivery_id),
        (words("show.level"), about.aggregation_level),
        (words("show.covered"), covered),
        (words("show.category"), about.selection_category),
        (words("show.valuation"), words(valuation) if words.has(valuation) else about.valuation),
        (words("show.term"), about.retention_term),
        (words("show.restriction"), about.restriction),
        (
            words("show.scanned"),
            Cell(
                words(f"show.scanned.{scanned}"),
                GOOD if clean else DOUBT,
            ),
        ),
        (words("show.stored"), words.instant(aip.stored_at.isoformat())),
        (
            words("show.package"),
            f"{words.size(aip.package.size_bytes)}, sha256 {aip.package.sha256}",
        ),
    ]


def _show_files(aip: StoredAip, screen: Screen, every: bool) -> None:
    words, files = screen.words, aip.description.files
    screen.heading(words("show.files", count=words.counted("count.file", len(files))))
    columns = [
        Column(words("show.file")),
        Column("PUID", fold=False),
        Column(words("identify.format")),
        Column(words("show.validity"), fold=False),
        Column(words("aip.size"), number=True),
    ]
    shown = files if every else files[:FILES_SHOWN]
    rows = [
        (
            each.path.removeprefix("data/original/"),
            each.puid or Cell(words("identify.unknown"), DOUBT),
            each.format_name,
            Cell(words(f"validity.{each.validity}"), STYLE_OF_VALIDITY.get(each.validity, DOUBT)),
            words.size(each.size_bytes),
        )
        for each in shown
    ]
    screen.table(columns, rows)
    if len(files) > len(shown):
        screen.say(words("show.more_files", count=words.number(len(files) - len(shown))), QUIET)


def _show_copies(aip: StoredAip, screen: Screen) -> None:
    words = screen.words
    screen.heading(words("show.copies", count=words.counted("count.copy", len(aip.copies))))
    columns = [
        Column(words("stores.name"), fold=False),
        Column(words("show.read")),
        Column(words("show.checked"), fold=False),
        Column(words("show.outcome"), fold=False),
        Column(words("show.key")),
    ]
    screen.table(columns, [_copy_row(each, words) for each in aip.copies])


def _copy_row(copy: Copy, words: Words) -> tuple[str | Cell, ...]:
    checked_at = copy.checked_at or copy.verified_at
    rests_on = words(f"show.proof.{copy.proof.value}")
    return (
        copy.store,
        f"{words.instant(copy.verified_at.isoformat())} ({rests_on})",
        words.instant(checked_at.isoformat()),
        Cell(words(f"copy.{copy.outcome.value}"), BAD if copy.outcome in WRONG else GOOD),
        copy.key,
    )


def _happening_row(each: Happening, words: Words) -> tuple[str | Cell, ...]:
    name = each.what.replace(" ", "_").replace(".", "_")
    key = f"happening.{each.source}.{name}"
    key = key if words.has(key) else f"happening.{name}"
    result = f"happened.{each.result}"
    good = each.result in GOOD_RESULTS
    bad = each.result in WRONG or each.what == "incident.lost"
    return (
        words.instant(each.at.isoformat()),
        words(key) if words.has(key) else each.what,
        Cell(
            words(result) if words.has(result) else each.result,
            GOOD if good else BAD if bad else DOUBT,
        ),
        Cell(DIGEST.sub(r"\1…", _about(each, name, words)), QUIET),
    )


def _about(each: Happening, name: str, words: Words) -> str:
    """What is to be said of it: in words of its own where there are any and they can be filled."""
    key = f"happening.about.{name}"
    if each.source == "ledger" and words.has(key):
        try:
            return words(key, **each.facts)
        except KeyError:
            return each.detail
    return each.detail
