"""How filling, moving and retiring stores is shown: before, while it goes on, and after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, GOOD, QUIET, Column, progress_on
from edepot.cli.session import Session
from edepot.config import Config
from edepot.exits import Exit
from edepot.store_work import Done, Part, cost_euro
from formats.findings import Finding
from ingest.receipt import finding_plain
from storage.moving import Moved, Told


@contextmanager
def meter_for(session: Session, work: Sequence[Part]) -> Iterator[Told]:
    """A progress bar over copies."""
    total = sum(each.fill.copies + each.retire.copies for each in work)
    with progress_on(session.err, session.words, total=total) as meter:

        def told(moved: Moved) -> None:
            meter.step(f"{moved.store} {moved.aip_id}")

        yield told


def show_plan(
    session: Session, config: Config, work: Sequence[Part], target: str, source: str = ""
) -> None:
    """What would be done: copies, bytes, cost. Nothing was changed."""
    words = session.words
    euro = cost_euro(config, work, target, source)
    if session.as_json:
        session.print_json(
            {
                "target": target,
                "source": source or None,
                "zorgdragers": [_plain_part(each) for each in work],
                "cost_euro": round(euro, 2),
            }
        )
        return
    screen = session.screen()
    columns = [
        Column(words("stores.zorgdrager"), fold=False),
        Column(words("stores.to_put", store=target), number=True),
        Column(words("stores.bytes"), number=True),
    ]
    if source:
        columns.append(Column(words("stores.to_remove", store=source), number=True))
    rows = [
        (
            each.zorgdrager,
            words.number(each.fill.copies),
            words.size(each.fill.size_bytes),
            *([words.number(each.retire.copies)] if source else []),
        )
        for each in work
    ]
    screen.table(columns, rows)
    amount = f"{euro:.2f}" if session.lang == "en" else f"{euro:.2f}".replace(".", ",")
    screen.say(words("stores.cost", euro=amount))
    screen.say(words("stores.only_plan"), QUIET)


def show_done(  # noqa: PLR0913 - what there is to tell
    session: Session,
    done: Sequence[Done],
    target: str,
    *,
    source: str = "",
    kept: Path | None = None,
    left: tuple[Finding, ...] = (),
) -> int:
    """What came of it, and the exit code."""
    findings = [found for each in done for found in each.findings] + list(left)
    whole = not findings and all(each.filled.whole and each.retired.whole for each in done)
    put = sum(each.filled.copies for each in done)
    gone = sum(each.retired.copies for each in done)
    if session.as_json:
        session.print_json(
            {
                "target": target,
                "source": source or None,
                "whole": whole,
                "put": put,
                "retired": gone,
                "settings_before": str(kept) if kept else None,
                "findings": [finding_plain(each, session.lang) for each in findings],
            }
        )
        return int(Exit.WELL if whole else Exit.STORE)
    words, screen = session.words, session.screen()
    screen.say(words("stores.put", copies=words.counted("count.copy", put), store=target), GOOD)
    if source:
        copies = words.counted("count.copy", gone)
        screen.say(words("stores.verified", copies=copies, store=source), GOOD if whole else BAD)
    show_findings(findings, screen, every=len(findings) <= 20)
    if kept is not None:
        screen.say(words("stores.kept", file=kept), QUIET)
    if not whole:
        screen.say(words("stores.again"), BAD)
    elif source:
        screen.say(words("stores.retired_now", store=source), GOOD)
    return int(Exit.WELL if whole else Exit.STORE)


def _plain_part(part: Part) -> dict[str, Any]:
    return {
        "zorgdrager": part.zorgdrager,
        "put": part.fill.copies,
        "put_bytes": part.fill.size_bytes,
        "retire": part.retire.copies,
        "retire_bytes": part.retire.size_bytes,
    }
