"""Names as they can safely be shown: every sign that is not printable stands as its escape."""

import re

# C0, DEL, C1, line separators, signs that turn the writing direction or take no room, surrogates.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def shown(name: str) -> str:
    """The name as a person may see it: hidden signs and bytes that are no text as an escape."""
    return name if name.isascii() and name.isprintable() else _HIDDEN.sub(_escape, name)


def joined(where: str, path: str) -> str:
    """The path, shown, below the place that the sender knows; `where` may be empty."""
    return f"{where}/{shown(path)}" if where else shown(path)


def _escape(match: re.Match[str]) -> str:
    sign = ord(match.group())
    if 0xDC80 <= sign <= 0xDCFF:
        return f"\\x{sign - 0xDC00:02x}"
    return f"\\x{sign:02x}" if sign < 0x100 else f"\\u{sign:04x}"
