"""`edepot identify`: which format each file has, by PRONOM."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.cli.screen import DOUBT, QUIET, Cell, Column, progress_on
from edepot.cli.session import Session
from edepot.errors import PathMissing
from formats.identify import Identification, identify_files
from formats.plain import to_plain
from formats.tools import open_pool


def identify(ctx: typer.Context, paths: Annotated[list[Path], typer.Argument()]) -> None:
    """Identify files, and all files below folders; nothing is changed or stored."""
    session: Session = ctx.obj
    files = list(_files(paths))
    seen = []
    with (
        open_pool(min(os.cpu_count() or 1, 8)) as pool,
        progress_on(session.err, session.words, total=len(files)) as meter,
    ):
        for each in identify_files(pool, [(path, str(path)) for path in files]):
            meter.step()
            seen.append(each)
    if session.as_json:
        session.print_json([_plain(each) for each in seen])
    else:
        _show(seen, session)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The regular files that are named, or that stand below a folder that is named; no links."""
    for path in paths:
        if not path.exists():
            raise PathMissing(path=path)
        if path.is_file():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file() and not file.is_symlink():
                    yield file


def _plain(seen: Identification) -> dict[str, Any]:
    plain = to_plain(seen)
    del plain["findings"]
    return dict(plain)


def _show(seen: list[Identification], session: Session) -> None:
    words, screen = session.words, session.screen()
    if not seen:
        screen.say(words("identify.none"), QUIET)
        return
    columns = [
        Column(words("identify.path")),
        Column("PUID", fold=False),
        Column(words("identify.format")),
        Column(words("identify.method"), fold=False),
        Column(words("identify.remark")),
    ]
    screen.table(columns, [_row(each, session) for each in seen])
    engine = next((each for each in seen if each.engine), None)
    if engine is not None:
        screen.say(
            words("identify.engine", engine=engine.engine, signatures=engine.signatures), QUIET
        )


def _row(seen: Identification, session: Session) -> tuple[str | Cell, ...]:
    words = session.words
    remarks = [*seen.warnings, *seen.hints]
    if seen.error:
        remarks = [seen.error]
    name = " ".join(part for part in (seen.format_name, seen.version) if part)
    return (
        seen.path,
        seen.puid or Cell(words("identify.unknown"), DOUBT),
        name,
        words(f"method.{seen.method.value}"),
        Cell("; ".join(remarks), DOUBT),
    )
