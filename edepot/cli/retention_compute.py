"""`edepot retention compute`: what the date engine says of a case that stands in a JSON file."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.cli.session import Session
from edepot.errors import PathMissing
from retention.asking import answers, read_json
from retention.case_json import CaseInvalid


def compute(ctx: typer.Context, file: Annotated[Path, typer.Argument()]) -> None:
    """Print decision, dates and reasons as JSON; needs no depot, and changes nothing."""
    session: Session = ctx.obj
    if not file.exists():
        raise PathMissing(path=file)
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseInvalid("", "json_whole", "UTF-8") from error
    session.print_json(answers(read_json(text), session.lang))
