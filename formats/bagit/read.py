"""The tag files of a bag, read from bytes: BagIt 0.93 to 0.97, and 1.0."""

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from formats.digest import Algorithm, algorithm_named
from formats.findings import Severity
from formats.spelling import shown
from formats.tally import Tally

VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
LABELS = ("BagIt-Version", "Tag-File-Character-Encoding")

# Codecs that turn bytes into text and do nothing else; zlib_codec, utf-7 and the like stay out.
_ENCODINGS = frozenset(
    [
        *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *("cp437", "cp850", "cp858", "mac-roman", "koi8-r", "shift_jis", "euc_jp", "gb18030"),
        *("gbk", "big5", "euc_kr"),
        *(f"iso8859-{part}" for part in range(1, 17)),
        *(f"cp{page}" for page in range(1250, 1259)),
    ]
)
_ENCODING_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")
_MANIFEST_NAME = re.compile(r"(tagmanifest|manifest)-([^/]+)\.txt")
_LINE = re.compile(r"[ \t]*([0-9A-Fa-f]+)[ \t]+(\*?)(.+)", re.DOTALL)
_FETCH_LINE = re.compile(r"[ \t]*(\S+)[ \t]+(-|\d+)[ \t]+(.+)", re.DOTALL)
_ODD = re.compile(r"(?:^|/)\.{0,2}(?:/|$)|\\|^~|^[A-Za-z]:|\x00")
_UNSAFE = re.compile(r"^[/\\~]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\x00|[/\\]$")
_OXUM = re.compile(r"(\d{1,20})\.(\d{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What bagit.txt declares; `encoding` is a codec's name, `version` the words there."""

    version: str
    encoding: str

    @property
    def strict(self) -> bool:
        """Whether the rules of RFC 8493 hold, rather than those of a draft before it."""
        return self.version not in VERSIONS[:-1]


class ManifestKind(StrEnum):
    """The two kinds of manifest."""

    PAYLOAD = "manifest"
    TAG = "tagmanifest"


@dataclass(frozen=True, slots=True)
class ManifestName:
    """What the name of a manifest says: manifest-sha256.txt is of the payload, by SHA-256."""

    name: str
    kind: ManifestKind
    algorithm: Algorithm


class ManifestLine(NamedTuple):
    """One line: the hex digest in lower case, and the path as it is spelled, made relative.

    A named tuple, since a bag may have a million of them and they take half the time to make.
    """

    number: int
    digest: str
    path: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest: its name, its algorithm, and its lines, every path once."""

    name: str
    kind: ManifestKind
    algorithm: Algorithm
    lines: tuple[ManifestLine, ...]


@dataclass(frozen=True, slots=True)
class FetchLine:
    """One line of fetch.txt. The URL is kept as it stands; nothing ever asks for it."""

    number: int
    url: str
    path: str


def read_declaration(content: bytes, tally: Tally, name: str = "bagit.txt") -> Declaration:
    """What bagit.txt says; what is wrong with it goes to the tally, and 1.0 in UTF-8 is assumed."""
    text = content.decode("utf-8", "replace")
    lines = _lines(text)
    while len(lines) > 2 and not lines[-1].strip():
        lines.pop()
        tally.add("F233", f"{name}, regel {len(lines) + 1}")
    values = [_declared(lines, place, tally, name) for place in range(2)]
    for number, line in enumerate(lines[2:], start=3):
        tally.add("F201", f"{name}, regel {number}", _short(line), "niets")
    version, encoding = values
    if version and version not in VERSIONS:
        tally.add("F202", name, _short(version), ", ".join(VERSIONS))
    return Declaration(version or "1.0", _encoding(encoding, version, tally, name))


def read_bag_info(
    content: bytes, declaration: Declaration, tally: Tally, name: str = "bag-info.txt"
) -> tuple[tuple[str, str], ...]:
    """The (label, value) pairs of bag-info.txt (package-info.txt before 0.96), in their order."""
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(_text_lines(content, declaration, tally, name), start=1):
        if not line.strip():
            continue
        if line[0] in " \t" and pairs:
            label, value = pairs[-1]
            pairs[-1] = (label, f"{value} {line.strip()}".strip())
            continue
        label, colon, value = line.partition(":")
        if not colon or not label.strip():
            tally.add("F237", f"{name}, regel {number}", _short(line))
            continue
        if declaration.strict and (label != label.strip() or value[:1] not in (" ", "\t")):
            tally.add("F238", f"{name}, regel {number}", _short(line))
        pairs.append((label.strip(), value.strip()))
    return tuple(pairs)


def read_oxum(
    bag_info: tuple[tuple[str, str], ...], tally: Tally, name: str = "bag-info.txt"
) -> tuple[int, int] | None:
    """Payload-Oxum as (bytes, files). None when it is not there or is not one clear value."""
    values = [value for label, value in bag_info if label.lower() == "payload-oxum"]
    if len(values) > 1:
        tally.add("F236", name, len(values))
    if len(set(values)) != 1:
        return None
    match = _OXUM.fullmatch(values[0])
    if match is None:
        tally.add("F235", name, _short(values[0]), "bytes.bestanden")
        return None
    return int(match[1]), int(match[2])


def manifest_named(name: str) -> tuple[ManifestKind, ManifestName | None, str] | None:
    """The kind of manifest by its file name, what the name says, and the algorithm as spelled.

    None when it is no manifest; no ManifestName when nobody here can compute the algorithm.
    """
    match = _MANIFEST_NAME.fullmatch(name)
    if match is None:
        return None
    kind, algorithm = ManifestKind(match[1]), algorithm_named(match[2])
    known = None if algorithm is None else ManifestName(name, kind, algorithm)
    return kind, known, match[2]


def read_manifest(
    content: bytes, declaration: Declaration, tally: Tally, manifest: ManifestName
) -> Manifest:
    """The lines of one manifest. Lines that are not safe or not clear go to the tally instead."""
    name, kind = manifest.name, manifest.kind
    lines: dict[str, ManifestLine] = {}
    length = manifest.algorithm.hex_length
    for number, raw in enumerate(_text_lines(content, declaration, tally, name), start=1):
        line = _manifest_line(raw, number, length, tally, name)
        if line is None or not _right_kind(line, kind, tally, name):
            continue
        earlier = lines.setdefault(line.path, line)
        if earlier is not line:
            _report_twice(earlier, line, declaration, tally, name)
    return Manifest(name, kind, manifest.algorithm, tuple(lines.values()))


def read_fetch(
    content: bytes, declaration: Declaration, tally: Tally, name: str = "fetch.txt"
) -> tuple[FetchLine, ...]:
    """The lines of fetch.txt that are safe and clear; the others go to the tally."""
    lines = []
    for number, raw in enumerate(_text_lines(content, declaration, tally, name), start=1):
        place = f"{name}, regel {number}"
        if not raw.strip():
            tally.add("F233", place)
            continue
        match = _FETCH_LINE.fullmatch(raw)
        path = _safe_path(match[3], place, tally) if match else None
        if match is None:
            tally.add("F209", place, _short(raw))
        elif path is not None:
            lines.append(FetchLine(number, match[1], path))
    return tuple(lines)


def spellings(path: str, *, strict: bool) -> tuple[str, ...]:
    """The file names that a path in a manifest may mean; the one of the bag's own version first.

    RFC 8493 encodes %, LF and CR; the drafts before it LF and CR; much software nothing.
    """
    if "%" not in path:
        return (path,)
    breaks = re.sub("%0[Aa]", "\n", re.sub("%0[Dd]", "\r", path))
    rfc = re.sub("%(0[AaDd]|25)", lambda code: chr(int(code[1], 16)), path)
    ordered = (rfc, breaks, path) if strict else (breaks, path, rfc)
    return tuple(dict.fromkeys(ordered))


def _declared(lines: list[str], place: int, tally: Tally, name: str) -> str:
    label = LABELS[place]
    line = lines[place] if place < len(lines) else ""
    written, _, rest = line.partition(":")
    value = rest.strip(" \t") if written.strip(" \t") == label else ""
    strict = _first_version(lines) not in VERSIONS[:-1]
    if not value or (strict and line != f"{label}: {value}"):
        tally.add("F201", f"{name}, regel {place + 1}", _short(line) or "niets", f"{label}: …")
    return value


def _first_version(lines: list[str]) -> str:
    return lines[0].partition(":")[2].strip() if lines else ""


def _encoding(words: str, version: str, tally: Tally, name: str) -> str:
    if not words:
        return "utf-8"
    codec = _codec(words)
    if codec is None:
        tally.add("F203", name, _short(words))
        return "utf-8"
    if codec != "utf-8" and version == VERSIONS[-1]:
        tally.add("F204", name, words, "UTF-8")
    return codec


def _codec(words: str) -> str | None:
    if not _ENCODING_NAME.fullmatch(words):
        return None
    try:
        codec = codecs.lookup(words).name
    except LookupError:
        return None
    return codec if codec in _ENCODINGS else None


def _text_lines(content: bytes, declaration: Declaration, tally: Tally, name: str) -> list[str]:
    """The lines of a tag file; a line ends with LF, CR or CR LF and with nothing else."""
    try:
        text = content.decode(declaration.encoding)
    except UnicodeError as error:
        tally.add("F205", name, str(error)[:100], declaration.encoding.upper())
        return []
    if text.startswith("\ufeff"):
        tally.add("F206", name)
        text = text[1:]
    return _lines(text)


def _lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def _manifest_line(
    raw: str, number: int, length: int, tally: Tally, name: str
) -> ManifestLine | None:
    match = _LINE.fullmatch(raw)
    if match is None:
        place = f"{name}, regel {number}"
        tally.add("F209" if raw.strip() else "F233", place, _short(raw))
        return None
    digest, star, path = match.groups()
    if len(digest) != length:
        tally.add("F229", f"{name}, regel {number}", len(digest), length)
        return None
    if star:
        tally.add("F219", f"{name}, regel {number}")
    if _ODD.search(path):
        safe = _safe_path(path, f"{name}, regel {number}", tally)
        if safe is None:
            return None
        path = safe
    return ManifestLine(number, digest.lower(), path)


def _safe_path(path: str, place: str, tally: Tally) -> str | None:
    """The path without ./ and //; None (and a finding) when it may point outside the bag."""
    if _UNSAFE.search(path):
        tally.add("F216", place, _short(path))
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        tally.add("F216", place, _short(path))
        return None
    plain = "/".join(parts)
    if plain != path:
        tally.add("F218", place, _short(path), _short(plain))
    return plain


def _right_kind(line: ManifestLine, kind: ManifestKind, tally: Tally, name: str) -> bool:
    payload = line.path.startswith("data/")
    wrong = not payload if kind is ManifestKind.PAYLOAD else payload
    if wrong:
        tally.add("F217", f"{name}, regel {line.number}", _short(line.path))
    return not wrong


def _report_twice(
    earlier: ManifestLine, line: ManifestLine, declaration: Declaration, tally: Tally, name: str
) -> None:
    place = f"{name}, regel {line.number}"
    if earlier.digest != line.digest:
        tally.add("F221", place, _short(line.path))
        return
    severity = Severity.ERROR if declaration.strict else Severity.WARNING
    tally.add("F220", place, _short(line.path), severity=severity)


def _short(text: str) -> str:
    return shown(text[:120])
