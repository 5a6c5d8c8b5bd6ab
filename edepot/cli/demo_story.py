"""Commands of the demonstration, each shown as a person would type it, then carried out."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from edepot.cli.app import build_app
from edepot.cli.failures import is_known, tell
from edepot.cli.screen import BAD, DOUBT
from edepot.cli.session import Session
from edepot.exits import Exit


class Story:
    """Commands, each shown as a person would type it, then carried out."""

    def __init__(self, place: Path, session: Session) -> None:
        self.well = True
        self._place = place
        self._session = session

    def run(self, command: str, *, expected: Exit = Exit.WELL) -> None:
        """Carry out one command in the depot."""
        screen = self._session.screen()
        screen.gap()
        screen.literal(f"$ edepot {command}\n")
        code = self._carry_out(shlex.split(command))
        if code != expected:
            self.well = False
            words = self._session.words
            screen.say(words("demo.fixity.surprised", code=code, expected=int(expected)), BAD)

    def _carry_out(self, arguments: Sequence[str]) -> int:
        """The exit code; what a command refuses is told as a person would see it."""
        try:
            code = build_app(arguments).main(
                args=list(arguments), prog_name="edepot", standalone_mode=False, obj=self._session
            )
        except Exception as error:
            if not is_known(error):
                raise
            exit_code, lines = tell(error, self._session.words)
            for line in lines:
                self._session.screen().say(line, DOUBT)
            return int(exit_code)
        return int(code or 0)
