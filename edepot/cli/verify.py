"""`edepot verify`: every copy, every file, read from the shelf and compared."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, Cell, Column, Meter, Screen, progress_on
from edepot.cli.session import Session
from edepot.depot import Depot, now, open_depot
from edepot.depot_database import named_aip
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.messages import Words
from edepot.second_judge import NAME, Judgement, judge_copy
from ingest.receipt import finding_plain
from storage import catalogue
from storage.database import reading
from storage.outcomes import Outcome
from storage.verify import CopyCheck, record_checks, verify_aip, verify_all

ROWS_SHOWN = 40
STYLE_OF_OUTCOME = {Outcome.INTACT: GOOD, Outcome.NOT_CHECKED: DOUBT}


@dataclass(frozen=True, slots=True)
class Verified:
    """One copy: what we found, and what the second judge said, where it was asked."""

    check: CopyCheck
    judgement: Judgement | None

    @property
    def good(self) -> bool:
        """Whether nobody objects."""
        agreed = self.judgement is None or self.judgement.valid
        return self.check.outcome is Outcome.INTACT and agreed


def verify(
    ctx: typer.Context,
    aips: Annotated[list[str] | None, typer.Argument()] = None,
    everything: Annotated[bool, typer.Option("--all")] = False,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    judge: Annotated[str | None, typer.Option("--judge")] = None,
) -> int:
    """Read every copy from the shelf and compare every file in it with what was stored."""
    session: Session = ctx.obj
    if bool(aips) == everything:
        raise WrongUse(what="aips", found=", ".join(aips or ()) or "-")
    if judge not in (None, NAME):
        raise WrongUse(what="judge", found=judge)
    verified = []
    with open_depot(session.config()) as depot, _meter(depot, aips, session) as meter:
        for checks in _checks(depot, aips or (), zorgdrager):
            record_checks(depot.engine, checks, now())
            for check in checks:
                meter.step(check.aip_id)
                verified.append(Verified(check, _judged(check, depot, judge)))
    if session.as_json:
        session.print_json(_plain(verified, session))
    else:
        show_verified(verified, session.screen())
    return int(Exit.WELL if all(each.good for each in verified) else Exit.STORE)


def verified_all(depot: Depot, judge: str | None, session: Session) -> list[Verified]:
    """Every copy of every AIP, checked by us and, where one is named, by the second judge."""
    with _meter(depot, None, session) as meter:
        verified = []
        for checks in verify_all(depot.archive):
            record_checks(depot.engine, checks, now())
            for check in checks:
                meter.step(check.aip_id)
                verified.append(Verified(check, _judged(check, depot, judge)))
    return verified


def _checks(
    depot: Depot, names: Sequence[str], zorgdrager: str | None
) -> Iterator[list[CopyCheck]]:
    if not names:
        yield from verify_all(depot.archive, zorgdrager)
        return
    with reading(depot.engine) as connection:
        chosen = [named_aip(connection, each).description for each in names]
    for each in chosen:
        yield verify_aip(depot.archive, each.aip_id, each.version)


def _judged(check: CopyCheck, depot: Depot, judge: str | None) -> Judgement | None:
    store = depot.stores.get(check.store)
    if judge is None or store is None or check.outcome in (Outcome.MISSING, Outcome.NOT_CHECKED):
        return None
    return judge_copy(store, check.key, depot.config.staging)


@contextmanager
def _meter(depot: Depot, names: Sequence[str] | None, session: Session) -> Iterator[Meter]:
    with reading(depot.engine) as connection:
        total = 0 if names else catalogue.count(connection).copies
    with progress_on(session.err, session.words, total=total) as meter:
        yield meter


def _plain(verified: Sequence[Verified], session: Session) -> dict[str, Any]:
    counts = Counter(each.check.outcome for each in verified)
    return {
        "copies": len(verified),
        "totals": {each.value: counts[each] for each in Outcome},
        "checks": [_plain_check(each, session) for each in verified],
    }


def _plain_check(verified: Verified, session: Session) -> dict[str, Any]:
    check, judgement = verified.check, verified.judgement
    plain: dict[str, Any] = {
        "aip": check.aip_id,
        "version": check.version,
        "store": check.store,
        "key": check.key,
        "outcome": check.outcome.value,
        "files": check.files,
        "bytes": check.size_bytes,
        "findings": [finding_plain(each, session.lang) for each in check.findings],
    }
    if judgement is not None:
        plain["judge"] = {
            "name": judgement.judge,
            "valid": judgement.valid,
            "words": judgement.words,
        }
    return plain


def show_verified(verified: Sequence[Verified], screen: Screen, rows: int = ROWS_SHOWN) -> None:
    """The copies that are hit, all copies when there are few, and totals that add up."""
    words = screen.words
    shown = verified if len(verified) <= rows else [v for v in verified if not v.good]
    if shown:
        judged = any(each.judgement for each in verified)
        columns = [
            Column(words("aip.id"), fold=False),
            Column(words("stores.name"), fold=False),
            Column(words("verify.outcome"), fold=False),
            Column(words("aip.files"), number=True),
            Column(words("aip.size"), number=True),
            *([Column(NAME)] if judged else []),
        ]
        screen.table(columns, [_row(each, judged, words) for each in shown])
    findings = [found for each in verified for found in each.check.findings]
    show_findings(findings, screen, every=len(verified) <= rows)
    for line, style in _totals(verified, words):
        screen.say(line, style)


def _row(verified: Verified, judged: bool, words: Words) -> tuple[str | Cell, ...]:
    check = verified.check
    row: tuple[str | Cell, ...] = (
        check.aip_id,
        check.store,
        Cell(words(f"copy.{check.outcome.value}"), STYLE_OF_OUTCOME.get(check.outcome, BAD)),
        words.number(check.files),
        words.size(check.size_bytes),
    )
    return (*row, _judge_cell(verified.judgement, words)) if judged else row


def _judge_cell(judgement: Judgement | None, words: Words) -> Cell:
    if judgement is None:
        return Cell("-", DOUBT)
    if judgement.valid:
        return Cell(words("verify.judge.valid"), GOOD)
    return Cell(f"{words('verify.judge.invalid')}: {judgement.words}", BAD)


def _totals(verified: Sequence[Verified], words: Words) -> Iterator[tuple[str, str]]:
    counts = Counter(each.check.outcome for each in verified)
    aips = len({(each.check.aip_id, each.check.version) for each in verified})
    parts = [
        f"{words.number(counts[each])} {words(f'copy.{each.value}')}"
        for each in Outcome
        if counts[each]
    ]
    good = all(each.good for each in verified)
    yield (
        words(
            "verify.totals",
            copies=words.counted("count.copy", len(verified)),
            aips=words.counted("count.aip", aips),
            outcomes=", ".join(parts) or "-",
        ),
        GOOD if good else BAD,
    )
    judged = [each.judgement for each in verified if each.judgement is not None]
    if judged:
        valid = sum(each.valid for each in judged)
        yield (
            words(
                "verify.judged",
                judge=judged[0].judge,
                valid=words.number(valid),
                all=words.counted("count.copy", len(judged)),
            ),
            GOOD if valid == len(judged) else BAD,
        )
