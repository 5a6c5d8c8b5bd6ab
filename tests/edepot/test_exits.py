"""The exit codes: one table, explained in the catalogue, the help and the documentation."""

from pathlib import Path

from edepot.exits import Exit
from edepot.messages import read_messages

COMMANDS = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_codes_are_the_ones_that_scripts_count_on() -> None:
    assert {each.name: int(each) for each in Exit} == {
        "WELL": 0,
        "MATERIAL": 1,
        "USAGE": 2,
        "CONFIGURATION": 3,
        "STORE": 4,
        "WAITING": 5,
        "INTERNAL": 70,
        "INTERRUPTED": 130,
    }


def test_every_code_is_explained() -> None:
    assert [each for each in Exit if each.message_key not in read_messages()] == []


def test_every_code_stands_in_the_documentation() -> None:
    text = COMMANDS.read_text("utf-8")

    assert [each for each in Exit if f"| {int(each)} |" not in text] == []
