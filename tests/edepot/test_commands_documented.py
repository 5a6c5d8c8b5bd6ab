"""docs/commands.md is true: its examples run, and every command stands in it."""

import re
import shlex
from pathlib import Path

import pytest

from edepot.cli.app import COMMANDS
from edepot.cli.main import main

DOCUMENT = Path(__file__).parents[2] / "docs" / "commands.md"
GLOSSARY = DOCUMENT.with_name("glossary.md")


def blocks(kind: str) -> list[str]:
    found = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    return [line for block in found for line in block.strip().splitlines()]


def test_every_example_marked_console_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDEPOT_DEPOT", str(tmp_path / "e-depot"))

    for line in blocks("console"):
        program, *arguments = shlex.split(line)

        code = main(arguments)

        assert (program, code) == ("edepot", 0), f"{line}\n{capsys.readouterr().err}"


def test_every_other_example_names_a_command_and_options_that_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    for line in blocks("sh"):
        _, *arguments = shlex.split(line)
        main([*arguments, "--help"])

        assert capsys.readouterr().out.startswith(("Gebruik:", "Usage:")), line


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_an_example(path: str) -> None:
    examples = [*blocks("console"), *blocks("sh")]

    assert any(line.startswith(f"edepot {path}") for line in examples)


def test_every_word_in_the_glossary_stands_there_once() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    nouns = [each for each in rows if each not in ("word", "---")]

    assert sorted({each for each in nouns if nouns.count(each) > 1}) == []
