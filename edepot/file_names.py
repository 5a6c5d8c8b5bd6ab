"""Names that can stand on every file system, as near to a record's own name as can be."""

import re
import unicodedata
from collections.abc import Sequence

MAX_NAME_BYTES = 240

# What Windows refuses, control signs, and signs that turn or hide what is shown.
_REFUSED = re.compile(
    r'[<>:"|?*\\\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]'
)
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")


def own_names(paths: Sequence[str]) -> list[str]:
    """A safe path for each path, in order; no two are equal on a file system that ignores case."""
    wished = ["/".join(safe_name(part) for part in path.split("/")) for path in paths]
    taken = {folder for each in wished for folder in _folders(_folded(each))}
    names = []
    for safe in wished:
        name = safe
        number = 2
        while _folded(name) in taken:
            name = _numbered(safe, number)
            number += 1
        taken.add(_folded(name))
        names.append(name)
    return names


def safe_name(name: str) -> str:
    """One name that Windows, macOS and Linux all take; the same name when it already is."""
    safe = _REFUSED.sub("_", name).rstrip(". ") or "_"
    if _DEVICE.fullmatch(safe) or safe in (".", ".."):
        safe = f"_{safe}"
    return _shortened(safe)


def _shortened(name: str) -> str:
    if len(name.encode("utf-8")) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 16:
        stem, dot, extension = name, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{extension}".encode())
    return stem.encode("utf-8")[:room].decode("utf-8", "ignore") + dot + extension


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        stem, dot, extension = name, "", ""
    return f"{folder}{slash}{stem} ({number}){dot}{extension}"


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
