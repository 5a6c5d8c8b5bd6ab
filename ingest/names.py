"""Names of delivered files: whether they are safe, and whether two of them are one on some system.

Ordinary Dutch names, with spaces, accents, apostrophes and brackets, give no finding at all.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Protocol

from formats.findings import Finding, finding
from formats.spelling import joined, shown
from formats.tally import Tally

# An ASCII path in which nothing below can find anything, apart from device names and lengths.
_PLAIN = re.compile(
    r"(?:[\w()',+=@\[\]{}!%^#&][\w()',+=@\[\]{}!%^#& .-]*(?<![ .])(?:/|\Z))+(?<!/)", re.A
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NO_WIDTH = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060\u3164\ufeff]"
)
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\s*[.:].*)?", re.I
)
_ELSEWHERE = re.compile(r"\\|^~|^[A-Za-z]:")
_NOWHERE = ("", ".", "..")
_SHELL = re.compile(r"[<>:\"|?*`;$]|^-")
_JUNK = re.compile(
    r"(?:^|/)(?:__MACOSX(?:/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$|~\$[^/]*$)", re.I
)
_HIDDEN_EXTENSION = re.compile(r"\s{3,}\.[A-Za-z0-9]+$")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


class NameLimits(Protocol):
    """How long and deep names may be: UnpackLimits has these, and an agreement may have others."""

    @property
    def max_depth(self) -> int:
        """The number of names in a path."""

    @property
    def max_name_bytes(self) -> int:
        """The bytes of one name, in UTF-8."""

    @property
    def max_path_bytes(self) -> int:
        """The bytes of the whole path, in UTF-8."""


def check_path(path: str, limits: NameLimits, where: str = "") -> list[Finding]:
    """What is wrong with one path of a delivery, with "/" between its names.

    `where` is the container in which it stands, put before the path in what is found.
    """
    found = list(_lengths(path, limits))
    parts = path.split("/")
    if not _PLAIN.fullmatch(path):
        found += _signs(path)
        found += _place(path, parts)
    for part in parts:
        if part[:1].lower() in "cpanl" and _DEVICE.fullmatch(part):
            found.append(("I112", part, ""))
    if _JUNK.search(path):
        found.append(("I118", "", ""))
    return [finding(code, joined(where, path), what, limit) for code, what, limit in found]


def check_collisions(paths: Iterable[str], where: str = "") -> list[Finding]:
    """Which paths would be one file on a system that does not tell capitals or Unicode forms apart.

    Folders count as well: `Bijlagen/a` beside `bijlagen/b`, or a file that is a folder elsewhere.
    """
    tally = Tally(where)
    files = sorted(set(paths))
    known = set(files)
    names: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in files:
        _collide(path, names, tally)
        for folder in _folders(path):
            if folder in known:
                tally.add("I122", folder)
                known.discard(folder)
            if folder not in folders:
                folders[folder] = folder
    _collide_folders(folders, names, tally)
    return list(tally.findings())


def is_safe(findings: Iterable[Finding]) -> bool:
    """Whether a path with these findings may be written below a folder of ours."""
    unsafe = ("I110", "I111", "I114", "I115", "I117")
    return not any(each.code in unsafe for each in findings)


def _lengths(path: str, limits: NameLimits) -> Iterator[tuple[str, object, object]]:
    size = len(path) if path.isascii() else len(path.encode("utf-8", "surrogatepass"))
    if size > limits.max_path_bytes:
        yield "I114", size, limits.max_path_bytes
    if size > limits.max_name_bytes:
        longest = max(len(part.encode("utf-8", "surrogatepass")) for part in path.split("/"))
        if longest > limits.max_name_bytes:
            yield "I114", longest, limits.max_name_bytes
    depth = path.count("/") + 1
    if depth > limits.max_depth:
        yield "I115", depth, limits.max_depth


def _place(path: str, parts: list[str]) -> Iterator[tuple[str, object, object]]:
    """Findings on where the path leads: up, to the root, to a drive, or to a name of nothing."""
    if _ELSEWHERE.search(path) or any(part in _NOWHERE for part in parts):
        yield "I110", shown(path[:200]), ""
    for part in parts:
        if part not in _NOWHERE and (part != part.rstrip(". ") or part != part.lstrip(" ")):
            yield "I113", shown(part), ""
        if _SHELL.search(part):
            yield "I119", shown(part), ""


def _signs(path: str) -> Iterator[tuple[str, object, object]]:
    """Findings on signs that a reader does not see, or takes for another."""
    if _CONTROL.search(path):
        yield "I111", "", ""
    if path.isascii():
        return
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in path):
        yield "I117", "", ""
        return
    if "\ufffd" in path or any(unicodedata.category(sign) in ("Cn", "Co") for sign in path):
        yield "I123", "", ""
    if _DIRECTION.search(path):
        yield "I116", ascii("".join(_DIRECTION.findall(path)))[1:-1], ""
    if _looks_like_another(path):
        yield "I124", shown(path[:200]), ""


def _looks_like_another(path: str) -> bool:
    if _NO_WIDTH.search(path) or _HIDDEN_EXTENSION.search(path):
        return True
    plain = unicodedata.normalize("NFKC", path)
    if plain.count("/") != path.count("/") or {".", ".."} & set(plain.split("/")):
        return True
    return any(sign in path for sign in "∕⁄⧵﹨") or any(map(_mixed, re.split(r"[\W\d_]+", path)))


def _mixed(word: str) -> bool:
    """Whether one word mixes letters of scripts that have look-alikes."""
    if word.isascii():
        return False
    names = (unicodedata.name(letter, "") for letter in word)
    return len({script for name in names for script in _SCRIPTS if name.startswith(script)}) > 1


def _collide(path: str, names: dict[str, str], tally: Tally) -> None:
    earlier = names.setdefault(_key(path), path)
    if earlier is not path:
        same = unicodedata.normalize("NFC", earlier) == unicodedata.normalize("NFC", path)
        tally.add("I120" if same else "I121", path, shown(earlier))


def _collide_folders(folders: Iterable[str], names: dict[str, str], tally: Tally) -> None:
    seen: dict[str, str] = {}
    for folder in sorted(folders):
        key = _key(folder)
        earlier = seen.setdefault(key, folder)
        if earlier is not folder:
            tally.add("I125", folder, shown(earlier))
        elif key in names and names[key] != folder:
            tally.add("I122", folder, shown(names[key]))


def _folders(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)


def _key(path: str) -> str:
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
