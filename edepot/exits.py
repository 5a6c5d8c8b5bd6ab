"""The exit codes: one table, for the code, the help and the documentation."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    WELL = 0
    MATERIAL = 1
    USAGE = 2
    CONFIGURATION = 3
    STORE = 4
    WAITING = 5
    INTERNAL = 70
    INTERRUPTED = 130

    @property
    def message_key(self) -> str:
        """The key of its explanation in the catalogue of messages."""
        return f"exit.{int(self)}"
