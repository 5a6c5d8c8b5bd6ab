"""`edepot destruction submit|review|answer|reassign|authorise`: people judge a list."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.advice_table import read_advices, read_answers
from edepot.cli.destruction import As, ListId, Reason
from edepot.cli.destruction_shown import show_moved
from edepot.cli.screen import GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.errors import WrongUse
from edepot.naming import named_dossiers, names_of
from retention import review
from retention.involvement import involved
from retention.list_reading import read_list
from retention.nouns import Desk, Duty
from retention.review_nouns import Advice, AdviceKind, Answer, AnswerKind, Because, Judgement
from retention.standing_rules import agree_standing
from storage.database import reading

Names = list[str] | None
MaybeReason = Annotated[str, typer.Option("--reason")]
Keep = Annotated[Names, typer.Option("--keep")]
Ask = Annotated[Names, typer.Option("--ask")]


def submit(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    acting: As,
    reviewers: Annotated[Names, typer.Option("--reviewer")] = None,
    co_reviewers: Annotated[Names, typer.Option("--co-reviewer")] = None,
    archivist: Annotated[str, typer.Option("--archivist")] = "",
) -> None:
    """Put a concept before its reviewers, or a reviewed list before an archivist."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if archivist:
            moved = review.hand_over(desk, actor, list_id, archivist)
        else:
            assignment = review.Assignment(reviewers or (), co_reviewers or ())
            moved = review.submit(desk, actor, list_id, assignment)
        show_moved(session, desk, moved)


def judge(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    acting: Annotated[str | None, typer.Option("--as")] = None,
    keep: Keep = None,
    ask: Ask = None,
    reason: MaybeReason = "",
    file: Annotated[Path | None, typer.Option("--file")] = None,
    all_of: Annotated[Literal["destroy"] | None, typer.Option("--all")] = None,
    count: Annotated[int | None, typer.Option("--count", min=0)] = None,
) -> None:
    """Advise on the items of a list, or agree to all of them; a file without --as is previewed."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        advices = _advices(desk, list_id, keep, ask, reason)
        if file is not None:
            advices |= read_advices(file, _finder(desk, list_id))
        if acting is None:
            _preview(session, desk, file, advices)
            return
        actor, said = actor_of(config, acting), "" if keep or ask else reason
        if _comments(desk, list_id, acting):
            show_moved(session, desk, review.comment(desk, actor, list_id, advices, said))
            return
        remarks = any(each.is_remark for each in advices.values())
        if not remarks and (all_of is None or count is None):
            raise WrongUse(what="review")
        judgement = Judgement(all_of is not None, advices, count, said)
        show_moved(session, desk, review.judge(desk, actor, list_id, judgement))


def answer(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    acting: Annotated[str | None, typer.Option("--as")] = None,
    stays: Annotated[Names, typer.Option("--stays")] = None,
    off: Annotated[Names, typer.Option("--off")] = None,
    because: Annotated[Because | None, typer.Option("--because")] = None,
    reference: Annotated[str, typer.Option("--reference")] = "",
    reason: MaybeReason = "",
    file: Annotated[Path | None, typer.Option("--file")] = None,
) -> None:
    """Answer every remark, and put the new revision to review; a file without --as is previewed."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        find = _finder(desk, list_id)
        answers = {find(each): Answer(AnswerKind.STAYS, reason) for each in stays or ()}
        for each in off or ():
            answers[find(each)] = Answer(AnswerKind.OFF, reason, because, reference)
        if file is not None:
            answers |= read_answers(file, find)
        if acting is None:
            _preview(session, desk, file, answers)
            return
        moved = review.answer(desk, actor_of(config, acting), list_id, answers, reason)
        show_moved(session, desk, moved)


def reassign(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    replaced: Annotated[str, typer.Argument()],
    by: Annotated[str, typer.Argument()],
    acting: As,
    reason: Reason,
) -> None:
    """Let another person judge in the place of a reviewer."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        exchanged = review.Exchange(replaced, by)
        actor = actor_of(config, acting)
        show_moved(session, desk, review.reassign(desk, actor, list_id, exchanged, reason))


def authorise(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    acting: As,
    reference: Annotated[str, typer.Option("--reference")] = "",
    refuse: Annotated[bool, typer.Option("--refuse")] = False,
    reason: MaybeReason = "",
    keep: Keep = None,
    ask: Ask = None,
) -> None:
    """Authorise a list as archivist, or refuse it with a reason."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if refuse:
            advices = _advices(desk, list_id, keep, ask, reason)
            moved = review.refuse(desk, actor, list_id, reason, advices)
        else:
            moved = review.authorise(desk, actor, list_id, reference)
        show_moved(session, desk, moved)


def stand(
    ctx: typer.Context,
    acting: As,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> None:
    """Sign as archivist the standing authorisations that the policy names."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        named = agree_standing(desk, actor_of(config, acting), owner)
    rules = [f"{each.list_year} {each.category}" for each in named]
    if session.as_json:
        session.print_json({"zorgdrager": owner, "archivist": acting, "rules": rules})
        return
    words = session.words
    session.screen().say(words("destruction.standing", person=acting, rules=", ".join(rules)), GOOD)


def _advices(desk: Desk, list_id: str, keep: Names, ask: Names, reason: str) -> dict[str, Advice]:
    find = _finder(desk, list_id)
    asked = ((AdviceKind.KEEP, keep), (AdviceKind.ASK, ask))
    return {find(each): Advice(kind, reason) for kind, names in asked for each in names or ()}


def _finder(desk: Desk, list_id: str) -> Callable[[str], str]:
    with reading(desk.engine) as connection:
        owner = read_list(connection, list_id).zorgdrager

    def find(name: str) -> str:
        with reading(desk.engine) as connection:
            return named_dossiers(connection, owner, [name])[0]

    return find


def _comments(desk: Desk, list_id: str, person: str) -> bool:
    """Whether the person only comments on this list."""
    with reading(desk.engine) as connection:
        row = involved(connection, list_id, person)
    return row is not None and row.duty is Duty.CO_REVIEWER


def _preview(
    session: Session, desk: Desk, file: Path | None, said: Mapping[str, Advice | Answer]
) -> None:
    """What a file says, before anybody signs it.

    Raises: WrongUse when there is no file to show.
    """
    if file is None:
        raise WrongUse(what="review")
    if session.as_json:
        session.print_json({name: each.kind.value for name, each in said.items()})
        return
    with reading(desk.engine) as connection:
        names = names_of(connection, list(said))
    words, screen = session.words, session.screen()
    columns = [
        Column(words("destruction.column.dossier"), fold=False),
        Column(words("destruction.column.said")),
        Column(words("destruction.column.reason")),
    ]
    rows = [
        [names[name], words(f"destruction.what.{each.kind.value}"), each.reason]
        for name, each in said.items()
    ]
    screen.table(columns, rows)
    dossiers = words.counted("count.dossier", len(said))
    screen.say(words("destruction.preview", dossiers=dossiers), QUIET)
