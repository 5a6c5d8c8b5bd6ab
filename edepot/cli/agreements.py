"""`edepot agreements`: the submission agreements (aanleverafspraken) of the depot."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.agreements import AgreementFile, read_agreements, read_one
from edepot.cli.screen import BAD, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.errors import PathMissing
from edepot.exits import Exit
from formats.plain import to_plain


def list_agreements(ctx: typer.Context) -> int:
    """Every agreement of the depot, with what it says in short."""
    session: Session = ctx.obj
    config = session.config()
    found = read_agreements(config)
    if session.as_json:
        session.print_json([_plain(each, session) for each in found])
    elif found:
        _show_table(found, session.screen())
    else:
        session.screen().say(session.words("agreements.none", folder=config.agreements), QUIET)
    return _code(found)


def check_agreements(
    ctx: typer.Context, paths: Annotated[list[Path] | None, typer.Argument()] = None
) -> int:
    """Whether agreements can be read: those of the depot, or the files that are named."""
    session: Session = ctx.obj
    for path in paths or ():
        if not path.is_file():
            raise PathMissing(path=path)
    found = tuple(map(read_one, paths)) if paths else read_agreements(session.config())
    if session.as_json:
        session.print_json([_plain(each, session) for each in found])
        return _code(found)
    screen, words = session.screen(), session.words
    for each in found:
        if each.fault is None:
            screen.say(words("agreements.good", file=each.file), GOOD)
        else:
            screen.say(words("agreements.bad", file=each.file), BAD)
            screen.say(each.fault.text[session.lang], indent=2)
    if not found:
        screen.say(words("agreements.none", folder=session.config().agreements), QUIET)
    return _code(found)


def _code(found: tuple[AgreementFile, ...]) -> int:
    return int(Exit.CONFIGURATION if any(each.fault for each in found) else Exit.WELL)


def _plain(found: AgreementFile, session: Session) -> dict[str, Any]:
    agreement = found.agreement
    plain: dict[str, Any] = {"file": str(found.file), "valid": agreement is not None}
    if found.fault is not None:
        return plain | {"fault": found.fault.text[session.lang]}
    values = to_plain(agreement)
    for key in ("mapping", "mapping_bytes"):
        values.pop(key, None)
    return plain | dict(values)


def _show_table(found: tuple[AgreementFile, ...], screen: Screen) -> None:
    words = screen.words
    columns = [
        Column("id", fold=False),
        Column(words("agreements.supplier")),
        Column(words("agreements.zorgdrager"), fold=False),
        Column(words("agreements.shape"), fold=False),
        Column(words("agreements.scan")),
        Column(words("agreements.refuse")),
    ]
    rows: list[tuple[str | Cell, ...]] = []
    for each in found:
        agreement = each.agreement
        if agreement is None:
            rows.append((Cell(each.file.name, BAD), Cell(words("agreements.unusable"), BAD)))
            continue
        shape = agreement.shape.value if agreement.shape else "auto"
        rows.append(
            (
                agreement.id,
                agreement.supplier.name,
                agreement.zorgdrager,
                words(f"shape.{shape}"),
                words(f"scan.{agreement.scan.value}"),
                words(f"refuse.{agreement.refuse.value}"),
            )
        )
    screen.table(columns, rows)
    for each in found:
        if each.fault is not None:
            screen.say(each.fault.text[words.language.value], BAD)
