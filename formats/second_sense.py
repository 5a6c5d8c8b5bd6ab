"""The second sense: what libmagic takes bytes for. A hint and a text encoding, never a PUID.

Imported in child processes only: `pylibmagic` points the loader at its own library.
"""

from dataclasses import dataclass
from functools import cache
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
    """The hint for a file that begins with these bytes."""
    kinds, encodings = _engines()
    return Hint(kinds.from_buffer(head), encodings.from_buffer(head))


@cache
def _engines() -> tuple[Any, Any]:
    import pylibmagic  # noqa: F401, PLC0415 - must come before magic, in the child only

    # isort: split
    import magic  # noqa: PLC0415

    return magic.Magic(mime=True), magic.Magic(mime_encoding=True)
