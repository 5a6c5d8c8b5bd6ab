"""`edepot find`: which AIPs hold these words."""

from typing import Annotated

import typer

from edepot.cli.hits import LIMIT, answer_find
from edepot.cli.session import Session


def find(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument()],
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = LIMIT,
) -> None:
    """Search titles, identifiers, file names and descriptions; every word must be found."""
    session: Session = ctx.obj
    answer_find(session, text, zorgdrager, limit)
