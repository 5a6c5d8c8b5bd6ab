"""What every command shares: language, form of the answer, depot, and where words go."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from edepot.messages import Words, as_json, as_line

if TYPE_CHECKING:
    from edepot.cli.screen import Screen
    from edepot.config import Config


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command line."""

    words: Words
    as_json: bool
    depot: Path | None
    environment: Mapping[str, str]
    here: Path
    out: TextIO
    err: TextIO

    @property
    def lang(self) -> str:
        """The language of this run: "nl" or "en"."""
        return self.words.language.value

    def config(self) -> "Config":
        """The configuration of the depot that is meant.

        Raises: NoDepotHere; ConfigurationInvalid.
        """
        from edepot.config import find_depot, read_config  # noqa: PLC0415 - quick start

        return read_config(find_depot(self.depot, self.environment, self.here))

    def screen(self) -> "Screen":
        """Where the answer is shown to a person."""
        from edepot.cli.screen import Screen  # noqa: PLC0415 - rich is not needed for JSON

        return Screen(self.out, self.words)

    def notes(self) -> "Screen":
        """Where remarks go that are no part of the answer (standard error)."""
        from edepot.cli.screen import Screen  # noqa: PLC0415

        return Screen(self.err, self.words)

    def print_json(self, value: Any) -> None:
        """The answer as JSON on standard output."""
        self.out.write(as_json(value) + "\n")
        self.out.flush()

    def print_line(self, value: Any) -> None:
        """One JSON value on one line, at once: for answers that come one after another."""
        self.out.write(as_line(value) + "\n")
        self.out.flush()
