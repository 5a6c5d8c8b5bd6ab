"""How answers look on a screen: tables, pairs and lines that read well with and without colour."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edepot.messages import Words
from formats.spelling import shown

WIDTH_WITHOUT_TERMINAL = 120

GOOD = "green"
BAD = "bold red"
DOUBT = "yellow"
QUIET = "dim"
STRONG = "bold"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, whether it holds numbers, whether its text may be folded."""

    heading: str
    number: bool = False
    fold: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a style."""

    text: str
    style: str = ""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave the judgement to whoever runs the command, instead of ending with code 1."""
        raise BrokenPipeError


class Screen:
    """Writes to one stream; every text is shown literally, with hidden signs made visible."""

    def __init__(self, stream: TextIO, words: Words) -> None:
        self.words = words
        terminal = stream.isatty()
        self.console = _Console(
            file=stream,
            markup=False,
            highlight=False,
            emoji=False,
            width=None if terminal else _width(),
        )

    def say(self, text: str, style: str = "", indent: int = 0) -> None:
        """One paragraph, folded at the edge."""
        shown = Text(shown_text(text), style)
        self.console.print(Padding(shown, (0, 0, 0, indent), expand=False) if indent else shown)

    def literal(self, text: str) -> None:
        """A text that is to be copied exactly: not folded, not styled."""
        self.console.file.write(text)

    def gap(self) -> None:
        """An empty line."""
        self.console.print()

    def heading(self, text: str) -> None:
        """A heading with room above it."""
        self.console.print()
        self.console.print(Text(shown_text(text), STRONG))

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], indent: int = 0
    ) -> None:
        """Rows under headings."""
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, header_style=STRONG, collapse_padding=True
        )
        for each in columns:
            table.add_column(
                each.heading,
                justify="right" if each.number else "left",
                overflow="fold",
                no_wrap=each.number or not each.fold,
            )
        for row in rows:
            table.add_row(*(_text(cell) for cell in row))
        self.console.print(Padding(table, (0, 0, 0, indent), expand=False))

    def pairs(self, pairs: Iterable[tuple[str, str | Cell]], indent: int = 0) -> None:
        """Names with their values, in two columns; a value that is empty is left out."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(style=QUIET, no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in pairs:
            text = _text(value)
            if text.plain:
                table.add_row(name, text)
        self.console.print(Padding(table, (0, 0, 0, indent), expand=False))


class Meter:
    """A progress bar for one piece of work; silent when nobody looks."""

    def __init__(self, bar: "_Bar | None") -> None:
        self._bar = bar

    def show(self, text: str, done: int, total: int) -> None:
        """What is being done now, how far it is, and of how much (0 for unknown)."""
        if self._bar is not None:
            self._bar.show(text, done, total)

    def step(self, text: str = "") -> None:
        """One more is done."""
        if self._bar is not None:
            self._bar.step(text)


class _Bar:
    def __init__(self, console: Console) -> None:
        from rich.progress import (  # noqa: PLC0415 - only for a terminal
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self.task = self.progress.add_task("", total=None)
        self.done = 0

    def show(self, text: str, done: int, total: int) -> None:
        self.done = done
        self.progress.update(
            self.task, description=shown(text), completed=done, total=total or None
        )

    def step(self, text: str) -> None:
        self.done += 1
        if text:
            self.progress.update(self.task, description=shown(text))
        self.progress.update(self.task, completed=self.done)


@contextmanager
def progress_on(stream: TextIO, words: Words, text: str = "", total: int = 0) -> Iterator[Meter]:
    """A progress bar on a stream while the work goes on; nothing at all when it is no terminal."""
    if not stream.isatty():
        yield Meter(None)
        return
    bar = _Bar(Screen(stream, words).console)
    bar.show(text, 0, total)
    with bar.progress:
        yield Meter(bar)


def shown_text(text: str) -> str:
    """A text with its hidden signs made visible, line by line."""
    return "\n".join(shown(line) for line in text.split("\n"))


def _text(cell: str | Cell) -> Text:
    if isinstance(cell, Cell):
        return Text(shown_text(cell.text), cell.style)
    return Text(shown_text(cell))


def _width() -> int:
    return shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
