"""The second sense: what libmagic takes bytes for. A hint and a text encoding, never a PUID.

Imported in child processes only: `pylibmagic` points the loader at its own library.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Hint:
    """What libmagic says: a media type, and for text its encoding. Empty: it was not asked."""

    mime: str = ""
    encoding: str = ""

    @property
    def textual(self) -> bool:
        """Whether the bytes read as text."""
        return self.mime.startswith("text/") or self.encoding not in ("", "binary")


NO_HINT = Hint()


def sense(head: bytes) -> Hint:
    """The hint for a file that begins with these bytes; none where libmagic cannot be loaded."""
    engines = _engines()
    return Hint(*(engine.from_buffer(head) for engine in engines)) if engines else NO_HINT


@cache
def _engines() -> tuple[Any, ...]:
    try:
        import_module("pylibmagic")  # first: it leads `magic` to the library of its database
        magic = import_module("magic")
    except (ImportError, OSError):
        return ()
    return magic.Magic(mime=True), magic.Magic(mime_encoding=True)
