"""`edepot policy show|set|check`: what a zorgdrager decided about dates, waiting and review."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.screen import DOUBT, GOOD
from edepot.cli.selection_list import say_recomputed
from edepot.cli.session import Session
from edepot.depot import now
from edepot.errors import PathMissing
from formats.plain import to_plain
from retention.days import local_day
from retention.errors import RulePolicyInvalid
from retention.recomputing import recompute_all
from retention.rule_policy import PolicyVersion, check_policy, list_policies, policy_for, set_policy
from storage.database import reading

Whose = Annotated[str | None, typer.Option("--zorgdrager")]


def show(ctx: typer.Context, zorgdrager: Whose = None) -> None:
    """The policy that holds today, and the versions that were made."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk, reading(desk.engine) as connection:
        holds = policy_for(connection, whose, local_day(now()))
        versions = list_policies(connection, whose)
    if session.as_json:
        plain = {"holds": to_plain(holds), "versions": [to_plain(each) for each in versions]}
        session.print_json(plain)
        return
    words, screen = session.words, session.screen()
    screen.heading(words("policy.holds", name=holds.name, zorgdrager=whose))
    screen.pairs([(words(f"policy.{name}"), value) for name, value in _told(holds)])
    for number, each in enumerate(versions, start=1):
        if not each.checked_by:
            screen.say(words("policy.wait", version=number, zorgdrager=whose), DOUBT)


def change(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument()],
    person: Annotated[str, typer.Option("--as")],
    decision: Annotated[str, typer.Option("--decision")],
    zorgdrager: Whose = None,
    from_day: Annotated[str | None, typer.Option("--from")] = None,
) -> None:
    """Write a new version down from a TOML file; another person has to check it."""
    session: Session = ctx.obj
    config = session.config()
    if not file.is_file():
        raise PathMissing(path=file)
    said = _read(file)
    whose = zorgdrager_of(config, zorgdrager)
    day = read_day(from_day) if from_day else local_day(now())
    with desk_at(config) as desk:
        actor = actor_of(config, person)
        made = set_policy(desk, actor, whose, said, decision=decision, valid_from=day)
    version = int(made.name.rsplit("-", 1)[-1])
    if session.as_json:
        session.print_json(to_plain(made))
        return
    text = session.words("policy.made", version=version, zorgdrager=whose)
    session.screen().say(text, DOUBT)


def check(
    ctx: typer.Context,
    version: Annotated[int, typer.Argument(min=1)],
    person: Annotated[str, typer.Option("--as")],
    zorgdrager: Whose = None,
) -> None:
    """Agree with a version as a second person; from its day on it holds."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        checked = check_policy(desk, actor_of(config, person), whose, version)
        done = recompute_all(desk, [whose], caused_by=f"policy:{checked.name}")
    if session.as_json:
        session.print_json(to_plain(checked))
        return
    day = checked.valid_from.isoformat() if checked.valid_from else ""
    text = session.words("policy.checked", name=checked.name, day=session.words.day(day))
    session.screen().say(text, GOOD)
    say_recomputed(session, done)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise RulePolicyInvalid(where=file.name, found=str(error), expected="TOML") from error


def _told(policy: PolicyVersion) -> list[tuple[str, str]]:
    return [
        ("decision", policy.decision or "-"),
        ("rounding", policy.terms.rounding.value),
        ("eligible", policy.terms.eligible),
        ("verval_offset_days", str(policy.terms.verval_offset_days)),
        ("transfer_term", policy.terms.transfer_term),
        ("transfer_block", policy.terms.transfer_block),
        ("waiting_days", str(policy.waiting_days)),
        ("authorisation_months", str(policy.authorisation_months)),
        ("review_days", str(policy.review_days)),
        ("reread_days", str(policy.reread_days)),
        ("family", policy.family),
        ("standing", str(len(policy.standing))),
    ]
