"""The exit codes: one table, explained in the catalogue, the help and the documentation."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest

import storage.errors
import storage.held.errors
from edepot.cli.failures import EXIT_OF_NAME
from edepot.exits import Exit
from edepot.messages import read_messages
from storage.errors import StorageError

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


@pytest.mark.parametrize("errors", [storage.errors, storage.held.errors])
def test_every_exception_of_storage_has_words_and_an_exit_of_its_own(errors: ModuleType) -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, StorageError) and kind.__module__ == errors.__name__
    ]
    roots = [kind for kind in kinds if kind.__name__ in ("StorageError", "HeldError")]

    without = [
        kind.__name__
        for kind in kinds
        if kind not in roots
        and (kind.__name__ not in EXIT_OF_NAME or f"error.{kind.__name__}" not in read_messages())
    ]

    assert len(kinds) > 5
    assert without == []
