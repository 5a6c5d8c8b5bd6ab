"""Which file on disk each line of a manifest means, under every spelling in use."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from formats.bagit.read import Manifest, ManifestLine, spellings
from formats.digest import Algorithm
from formats.spelling import shown
from formats.tally import Tally


@dataclass(slots=True)
class Matched:
    """What the manifests say of the files on disk.

    `claims`: path on disk -> algorithm -> (hex digest, manifest). `missing`: path as it is
    listed -> names of the manifests that list it.
    """

    claims: dict[str, dict[Algorithm, tuple[str, str]]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the paths of one manifest are read against the files that there are."""

    manifest: Manifest
    files: Mapping[str, int]
    strict: bool
    exact: bool


def match_manifests(
    manifests: Sequence[Manifest], files: Mapping[str, int], tally: Tally, *, strict: bool
) -> Matched:
    """The claims of all manifests of one kind on the files that there are."""
    matched = Matched()
    report_twins({line.path for manifest in manifests for line in manifest.lines}, tally)
    for manifest in manifests:
        left_over = []
        reading = _Reading(manifest, files, strict, strict and _exact(manifest, files))
        for line in manifest.lines:
            path = line.path
            if "%" in path or path not in files:
                found = _spelled(line, reading, tally)
                if found is None:
                    left_over.append(line)
                    continue
                path = found
            _claim(matched, path, line, manifest, tally)
        _match_left_over(matched, left_over, manifest, files, tally)
    return matched


def report_twins(paths: Iterable[str], tally: Tally) -> None:
    """A finding for each path that differs from an earlier one in capitals or Unicode form only."""
    folded: dict[str, str] = {}
    for path in sorted(paths):
        key = path.lower() if path.isascii() else _folded(path)
        earlier = folded.setdefault(key, path)
        if earlier is not path:
            same = _composed(earlier) == _composed(path)
            tally.add("F223" if same else "F222", path, shown(earlier))


def _spelled(line: ManifestLine, reading: _Reading, tally: Tally) -> str | None:
    options = spellings(line.path, strict=reading.strict)
    if reading.exact:
        return options[0]
    there = [each for each in options if each in reading.files]
    if not there:
        return None
    place = f"{reading.manifest.name}, regel {line.number}"
    if len(there) > 1:
        tally.add("F224", place, shown(there[0]), shown(there[1]))
    elif reading.strict and there[0] != options[0]:
        tally.add("F225", place, shown(line.path), shown(line.path.replace("%", "%25")))
    return there[0]


def _exact(manifest: Manifest, files: Mapping[str, int]) -> bool:
    """Whether every file is named exactly once when the lines are read as RFC 8493 writes them."""
    if not any("%" in line.path for line in manifest.lines):
        return False
    named = [spellings(line.path, strict=True)[0] for line in manifest.lines]
    return len(named) == len(files) and set(named) == files.keys()


def _claim(
    matched: Matched, path: str, line: ManifestLine, manifest: Manifest, tally: Tally
) -> None:
    claims = matched.claims.setdefault(path, {})
    earlier = claims.setdefault(manifest.algorithm, (line.digest, manifest.name))
    if earlier[0] != line.digest:
        tally.add("F221", f"{manifest.name}, regel {line.number}", shown(line.path))


def _match_left_over(
    matched: Matched,
    lines: Sequence[ManifestLine],
    manifest: Manifest,
    files: Mapping[str, int],
    tally: Tally,
) -> None:
    """Lines without a file: another Unicode form of a file that there is, or else missing."""
    forms = _forms(files) if any(not line.path.isascii() for line in lines) else {}
    for line in lines:
        twin = _twin(matched, line, manifest, forms)
        if twin is None:
            matched.missing.setdefault(line.path, []).append(manifest.name)
            continue
        tally.add("F223", f"{manifest.name}, regel {line.number}", shown(ascii(twin)[1:-1]))
        _claim(matched, twin, line, manifest, tally)


def _twin(
    matched: Matched, line: ManifestLine, manifest: Manifest, forms: Mapping[str, list[str]]
) -> str | None:
    """The one file whose name has the same letters, when it is free or has the same digest."""
    twins = forms.get(_composed(line.path), []) if not line.path.isascii() else []
    if len(twins) != 1:
        return None
    claimed = matched.claims.get(twins[0], {}).get(manifest.algorithm)
    return twins[0] if claimed is None or claimed[0] == line.digest else None


def _forms(files: Mapping[str, int]) -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    for path in _not_ascii(files):
        forms.setdefault(_composed(path), []).append(path)
    return forms


def _not_ascii(files: Iterable[str]) -> Iterator[str]:
    return (path for path in files if not path.isascii())


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _folded(path: str) -> str:
    return _composed(unicodedata.normalize("NFD", path).casefold())
