"""Help pages in the user's language: every text comes from the catalogue, by the command's path."""

import textwrap
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from edepot.exits import Exit

if TYPE_CHECKING:
    from edepot.cli.session import Session
    from edepot.messages import Words

WIDTH = 96
OPTIONS_EVERYWHERE = ("--depot", "--json", "--lang", "--help")


class SpeakingCommand(TyperCommand):
    """A command whose help page is in the user's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page: what it does, its arguments and options, an example."""
        formatter.write(_command_page(ctx, self))


class SpeakingGroup(TyperGroup):
    """A group of commands whose help page is in the user's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page: what it is for, the commands in it, and for the whole the exit codes."""
        formatter.write(_group_page(ctx, self))


def help_key(command_path: str) -> str:
    """The key in the catalogue for a command's path: "edepot bag validate" -> help.bag.validate."""
    return ".".join(["help", *command_path.split()[1:]])


def _command_page(ctx: Any, command: TyperCommand) -> str:
    words = _words(ctx)
    key = help_key(ctx.command_path)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = " ".join([ctx.command_path, *(_metavar(each, words) for each in arguments)])
    parts = [
        _usage(words, f"{usage} [{words('help.word.options')}]"),
        _paragraphs(words(key)),
        _block(
            words("help.word.arguments"),
            [(_metavar(each, words), words(f"{key}.{each.name}")) for each in arguments],
        ),
        _block(
            words("help.word.options"),
            [(_option(each, words), words(f"{key}.{each.name}")) for each in options],
        ),
        _everywhere(words),
    ]
    if words.has(f"{key}.example"):
        example = textwrap.indent(words(f"{key}.example").strip(), "  ")
        parts.append(f"{_head(words('help.word.example'))}\n{example}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _group_page(ctx: Any, group: TyperGroup) -> str:
    words = _words(ctx)
    key = help_key(ctx.command_path)
    top = ctx.parent is None
    rows = []
    for name, command in group.commands.items():
        path = f"{ctx.command_path} {name}"
        inner = getattr(command, "commands", None)
        shown = f"{name} {'|'.join(inner)}" if inner else name
        rows.append((shown, words(help_key(path)).split("\n", 1)[0]))
    command_word = words("help.word.command").upper()
    parts = [
        _usage(words, f"{ctx.command_path} {command_word} …"),
        _paragraphs(words(key)),
        _block(words("help.word.commands"), rows),
        _everywhere(words),
    ]
    if top:
        codes = [(str(int(each)), words(each.message_key)) for each in Exit]
        parts.append(_block(words("help.word.exits"), codes))
        parts.append(words("help.word.more"))
    return "\n\n".join(part for part in parts if part) + "\n"


def _words(ctx: Any) -> "Words":
    session: Session = ctx.obj
    return session.words


def _usage(words: "Words", line: str) -> str:
    return f"{_head(words('help.word.usage'))} {line}"


def _head(text: str) -> str:
    return typer.style(f"{text}:", bold=True)


def _paragraphs(text: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH) for line in text.strip().split("\n"))


def _block(head: str, rows: list[tuple[str, str]]) -> str:
    """Names with their explanation, in two columns."""
    if not rows:
        return ""
    room = min(max(len(name) for name, _ in rows), 34)
    lines = []
    for name, text in rows:
        folded = textwrap.wrap(text, WIDTH - room - 4)
        if len(name) > room:
            lines.append(f"  {name}")
            lines += [f"  {'':<{room}}  {line}" for line in folded]
            continue
        lines.append(f"  {name:<{room}}  {folded[0] if folded else ''}".rstrip())
        lines += [f"  {'':<{room}}  {line}" for line in folded[1:]]
    return "\n".join([_head(head), *lines])


def _everywhere(words: "Words") -> str:
    rows = [
        (words(f"help.everywhere.{each[1:]}.name"), words(f"help.everywhere.{each[1:]}"))
        for each in OPTIONS_EVERYWHERE
    ]
    return _block(words("help.word.everywhere"), rows)


def _metavar(param: Any, words: "Words") -> str:
    name = words(f"argument.{param.name}")
    shown = f"{name}…" if param.nargs == -1 else name
    return shown if param.required else f"[{shown}]"


def _option(param: Any, words: "Words") -> str:
    names = ", ".join(param.opts)
    if param.is_flag:
        return names
    return f"{names} {words(f'argument.{param.name}')}"
