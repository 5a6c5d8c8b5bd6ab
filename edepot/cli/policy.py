"""`edepot policy show|set|check`: what a zorgdrager decided about dates, waiting and review."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.retention_changes import say_preview, say_recomputed
from edepot.cli.screen import DOUBT, GOOD
from edepot.cli.session import Session
from edepot.depot import now
from edepot.errors import PathMissing
from formats.plain import to_plain
from retention.days import local_day
from retention.errors import RulePolicyInvalid
from retention.recomputing import recompute_all
from retention.rule_policy import (
    DEFAULT,
    PolicyVersion,
    check_policy,
    list_policies,
    policy_for,
    read_policy,
    read_version,
    set_policy,
)
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
    said: Annotated[list[str], typer.Argument()],
    person: Annotated[str | None, typer.Option("--as")] = None,
    decision: Annotated[str, typer.Option("--decision")] = "",
    zorgdrager: Whose = None,
    from_day: Annotated[str | None, typer.Option("--from")] = None,
) -> None:
    """Show what a policy would change; with --as write it down, for another person to check."""
    session: Session = ctx.obj
    config = session.config()
    asked = read_said(said)
    whose = zorgdrager_of(config, zorgdrager)
    day = read_day(from_day) if from_day else local_day(now())
    with desk_at(config) as desk:
        if person is None:
            say_preview(session, desk, whose, policy=read_policy(asked, DEFAULT))
            return
        actor = actor_of(config, person)
        made = set_policy(desk, actor, whose, asked, decision=decision, valid_from=day)
    version = int(made.name.rsplit("-", 1)[-1])
    if session.as_json:
        session.print_json(to_plain(made))
        return
    text = session.words("policy.made", version=version, zorgdrager=whose)
    session.screen().say(text, DOUBT)


def check(
    ctx: typer.Context,
    version: Annotated[int, typer.Argument(min=1)],
    person: Annotated[str | None, typer.Option("--as")] = None,
    zorgdrager: Whose = None,
) -> None:
    """Show what a version would change; with --as agree with it as a second person."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        if person is None:
            with reading(desk.engine) as connection:
                waiting = read_version(connection, whose, version)
            say_preview(session, desk, whose, policy=waiting)
            return
        checked = check_policy(desk, actor_of(config, person), whose, version)
        done = recompute_all(desk, [whose], caused_by=f"policy:{checked.name}")
    if session.as_json:
        session.print_json(to_plain(checked))
        return
    day = checked.valid_from.isoformat() if checked.valid_from else ""
    text = session.words("policy.checked", name=checked.name, day=session.words.day(day))
    session.screen().say(text, GOOD)
    say_recomputed(session, done)


def read_said(said: list[str]) -> dict[str, Any]:
    """What is said of a policy: TOML files, and texts name=value; a later one goes before.

    Raises: PathMissing; RulePolicyInvalid.
    """
    found: dict[str, Any] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if equals and name.strip().isidentifier():
            found[name.strip()] = _value(value.strip())
        else:
            found |= _read(Path(each))
    return found


def _value(text: str) -> Any:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    return {"true": True, "false": False}.get(text, text)


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise PathMissing(path=file)
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
