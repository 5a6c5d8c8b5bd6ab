"""The command `edepot`: what every command shares, one command, and an exit code."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from edepot.cli.session import Session
from edepot.config import DEPOT_VARIABLE, FILE_NAME, LANGUAGE_VARIABLE
from edepot.errors import DossierDestroyed, DossierReleased, EdepotError, WrongUse
from edepot.exits import Exit
from edepot.messages import Language, Words, as_json, language_named

DEBUG_VARIABLE = "EDEPOT_DEBUG"


@dataclass
class _Shared:
    """The options that every command takes, wherever they stand."""

    rest: list[str]
    lang: str | None = None
    depot: str | None = None
    as_json: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is one of edepot.exits."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    guard = _LastResort(sys.stderr, os.environ)
    with guard:
        shared = _shared(arguments)
        language, fault = _language(shared, os.environ, Path.cwd())
        guard.words, guard.as_json = Words(language), shared.as_json
        if fault is not None:
            raise fault
        session = Session(
            words=guard.words,
            as_json=shared.as_json,
            depot=Path(shared.depot) if shared.depot is not None else None,
            environment=os.environ,
            here=Path.cwd(),
            out=sys.stdout,
            err=sys.stderr,
        )
        guard.code = _run(shared.rest, session)
    return int(guard.code)


def _run(arguments: list[str], session: Session) -> int:
    if is_plain_find(arguments):
        from edepot.cli.hits import answer_find  # noqa: PLC0415 - the command that must be quick

        answer_find(session, arguments[1:])
        return int(Exit.WELL)
    from edepot.cli.app import build_app  # noqa: PLC0415 - after the language is known

    code = build_app(arguments).main(
        args=arguments or ["--help"], prog_name="edepot", standalone_mode=False, obj=session
    )
    if code == Exit.INTERRUPTED:
        session.err.write("\n" + session.words("interrupted") + "\n")
    return int(code or 0)


def is_plain_find(arguments: Sequence[str]) -> bool:
    """Whether this is `find` with nothing but words, for which typer need not be loaded."""
    words = arguments[1:]
    return arguments[:1] == ["find"] and bool(words) and not any(w.startswith("-") for w in words)


class _LastResort:
    """Turns whatever went wrong into a message and an exit code; EDEPOT_DEBUG shows the whole."""

    def __init__(self, err: TextIO, environment: Mapping[str, str]) -> None:
        self.err = err
        self.words = Words()
        self.code = int(Exit.WELL)
        self.as_json = False
        self._debug = bool(environment.get(DEBUG_VARIABLE))

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is None:
            return False
        if isinstance(error, SystemExit):
            return False
        if isinstance(error, BrokenPipeError):
            _close_pipe()
            return True
        if isinstance(error, KeyboardInterrupt):
            self.err.write("\n" + self.words("interrupted") + "\n")
            self.code = int(Exit.INTERRUPTED)
            return True
        self._tell(error)
        return not self._debug

    def _tell(self, error: BaseException) -> None:
        from edepot.cli.failures import is_known, tell  # noqa: PLC0415 - only when needed
        from edepot.cli.screen import BAD, Screen  # noqa: PLC0415

        if self.as_json and isinstance(error, DossierDestroyed | DossierReleased):
            # What is left of a dossier that is gone is an answer as well.
            kind = "destroyed" if isinstance(error, DossierDestroyed) else "released"
            sys.stdout.write(as_json({kind: _answer_of(error)}) + "\n")
        code, lines = tell(error, self.words)
        screen = Screen(self.err, self.words)
        screen.say(lines[0], BAD)
        for line in lines[1:]:
            screen.say(line)
        if not is_known(error):
            screen.say(self.words("error.unexpected.more", variable=DEBUG_VARIABLE))
        self.code = int(code)


def _answer_of(error: EdepotError) -> dict[str, str]:
    """What is said of a dossier that is gone, as values: which, when, by which list."""
    names = ("dossier", "identifier", "zorgdrager", "list", "declaration")
    return {name: str(error.values[name]) for name in names} | {"on": str(error.values["day"])}


def _shared(arguments: Sequence[str]) -> _Shared:
    """Take the shared options out of the arguments, up to a lone "--"."""
    shared = _Shared(rest=[])
    waiting = iter(arguments)
    for argument in waiting:
        name, sign, value = argument.partition("=")
        if argument == "--":
            shared.rest += [argument, *waiting]
        elif argument == "--json":
            shared.as_json = True
        elif name == "--lang":
            shared.lang = value if sign else next(waiting, "")
        elif name == "--depot":
            shared.depot = value if sign else next(waiting, "")
        else:
            shared.rest.append(argument)
    return shared


def _language(
    shared: _Shared, environment: Mapping[str, str], here: Path
) -> tuple[Language, EdepotError | None]:
    """The language asked for, else of the environment, else of the depot, else Dutch."""
    if shared.lang is not None:
        named = language_named(shared.lang)
        if named is None:
            return Language.NL, WrongUse(what="lang", found=shared.lang)
        return named, None
    if environment.get(LANGUAGE_VARIABLE):
        return language_named(environment[LANGUAGE_VARIABLE]) or Language.NL, None
    return _language_of_depot(shared, environment, here), None


def _language_of_depot(shared: _Shared, environment: Mapping[str, str], here: Path) -> Language:
    """The language of the depot's configuration, read by one line; faults in it are told later."""
    named = shared.depot or environment.get(DEPOT_VARIABLE)
    folders = [Path(named)] if named else [here, *here.parents]
    for folder in folders:
        file = folder if folder.name == FILE_NAME else folder / FILE_NAME
        if file.is_file():
            for line in file.read_text("utf-8", "replace").splitlines():
                name, sign, value = line.partition("=")
                if sign and name.strip() == "language":
                    return language_named(value.strip().strip("\"'")) or Language.NL
            return Language.NL
    return Language.NL


def _close_pipe() -> None:
    """Whoever read our output went away; the rest of it goes nowhere, without a message."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
