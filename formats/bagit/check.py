"""Checking a bag on disk: complete and valid by RFC 8493, or by the draft that it declares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from formats.bagit.match import Matched, match_manifests
from formats.bagit.read import (
    Declaration,
    FetchLine,
    Manifest,
    ManifestKind,
    manifest_named,
    read_bag_info,
    read_declaration,
    read_fetch,
    read_manifest,
    read_oxum,
)
from formats.bagit.tree import (
    Hashed,
    TreeLimits,
    has_folder,
    hash_files,
    open_root,
    read_bounded,
    walk,
)
from formats.digest import Algorithm, Digest, Sums
from formats.findings import Finding, has_errors
from formats.spelling import shown
from formats.tally import Tally

MAX_TAG_BYTES = 16 * 1024 * 1024
MAX_MANIFEST_BYTES = 128 * 1024 * 1024
WORKERS = 2
_NO_CLAIMS: Mapping[Algorithm, tuple[str, str]] = MappingProxyType({})
_KNOWN_SUMS = (Algorithm.SHA256, Algorithm.SHA512)
_INFO_NAMES = ("bag-info.txt", "package-info.txt")


class FetchRule(StrEnum):
    """What a fetch.txt is worth. Nothing is ever fetched under either rule."""

    WHEN_PRESENT = "present"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """A payload file on disk: its path within the bag, and what the manifests claim of it.

    `claims`: algorithm -> (hex digest, name of the manifest).
    """

    path: str
    size_bytes: int
    claims: Mapping[Algorithm, tuple[str, str]]

    @property
    def claimed(self) -> tuple[Digest, ...]:
        """The digests that the manifests claim."""
        return tuple(Digest(each, digest) for each, (digest, _) in self.claims.items())


@dataclass(frozen=True, slots=True)
class BagReport:
    """What a check of a bag found. `version` is empty when bagit.txt does not say it."""

    version: str
    encoding: str
    findings: tuple[Finding, ...]
    payload: tuple[PayloadFile, ...] = ()
    tag_files: tuple[str, ...] = ()
    bag_info: tuple[tuple[str, str], ...] = ()
    algorithms: tuple[Algorithm, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing refuses the bag; warnings do not."""
        return not has_errors(self.findings)

    @property
    def payload_bytes(self) -> int:
        """The bytes of all payload files together."""
        return sum(each.size_bytes for each in self.payload)


@dataclass(frozen=True, slots=True)
class _Bag:
    """A bag being checked: its open folder, its files, and where findings go."""

    root: int
    files: Mapping[str, int]
    tally: Tally
    declaration: Declaration


def check_bag(
    root: Path,
    *,
    complete: bool = True,
    known: Mapping[str, Sums] | None = None,
    where: str = "",
    fetch: FetchRule = FetchRule.WHEN_PRESENT,
) -> BagReport:
    """Check the bag whose folder is `root`; every file is read at most once.

    `complete` False looks at names, sizes and manifests only and reads no payload. `known` are
    sums by path within the bag that were computed already. `where` is put before the paths.

    Raises: NotAFolder when `root` cannot be opened as a folder.
    """
    tally = Tally(where, where or root.name)
    with open_root(root) as handle:
        files = walk(handle, TreeLimits(), tally)
        declaration = _declaration(handle, files, tally)
        bag = _Bag(handle, files, tally, declaration)
        manifests = _read_manifests(bag)
        bag_info = _read_info(bag)
        payload = _check_payload(bag, manifests, bag_info, fetch)
        tags = _check_tags(bag, manifests)
        if complete:
            _check_digests(bag, {**payload.claims, **tags.claims}, known or {})
    return BagReport(
        version=declaration.version if "bagit.txt" in files else "",
        encoding=declaration.encoding,
        findings=tally.findings(),
        payload=tuple(_payload(files, payload)),
        tag_files=tuple(path for path in files if not path.startswith("data/")),
        bag_info=bag_info,
        algorithms=tuple(m.algorithm for m in manifests if m.kind is ManifestKind.PAYLOAD),
    )


def find_bag(folder: Path) -> Path | None:
    """The bag in a folder: the folder itself, or its only child. None when there is none."""
    if (folder / "bagit.txt").is_file():
        return folder
    children = list(folder.iterdir()) if folder.is_dir() else []
    only = children[0] if len(children) == 1 else None
    if only is None or only.is_symlink() or not (only / "bagit.txt").is_file():
        return None
    return only


def _declaration(handle: int, files: Mapping[str, int], tally: Tally) -> Declaration:
    if "bagit.txt" not in files:
        tally.add("F200", "")
        return Declaration("1.0", "utf-8")
    bag = _Bag(handle, files, tally, Declaration("1.0", "utf-8"))
    content = _tag_bytes(bag, "bagit.txt", MAX_TAG_BYTES)
    return read_declaration(content or b"", tally)


def _tag_bytes(bag: _Bag, path: str, max_bytes: int) -> bytes | None:
    size = bag.files[path]
    if size > max_bytes:
        bag.tally.add("F210", path, size, max_bytes)
        return None
    try:
        return read_bounded(bag.root, path, max_bytes)
    except OSError as error:
        bag.tally.add("F243", path, error.strerror or error.errno)
        return None


def _read_manifests(bag: _Bag) -> tuple[Manifest, ...]:
    read: dict[tuple[ManifestKind, Algorithm], Manifest] = {}
    unknown: list[tuple[ManifestKind, str, str]] = []
    for path in bag.files:
        named = manifest_named(path)
        if named is None:
            continue
        kind, manifest, spelled = named
        if manifest is None:
            unknown.append((kind, path, spelled))
        elif (kind, manifest.algorithm) in read:
            bag.tally.add("F253", path, read[kind, manifest.algorithm].name)
        else:
            content = _tag_bytes(bag, path, MAX_MANIFEST_BYTES) or b""
            read[kind, manifest.algorithm] = read_manifest(
                content, bag.declaration, bag.tally, manifest
            )
    _report_kinds(bag, tuple(read.values()), unknown)
    return tuple(read.values())


def _report_kinds(
    bag: _Bag, manifests: Sequence[Manifest], unknown: Sequence[tuple[ManifestKind, str, str]]
) -> None:
    """Findings on which manifests there are: none, weak ones only, ones that nobody can compute."""
    for kind in ManifestKind:
        there = [manifest for manifest in manifests if manifest.kind is kind]
        strange = [each for each in unknown if each[0] is kind]
        for _, name, spelled in strange:
            known = ", ".join(each.value for each in Algorithm)
            bag.tally.add("F212" if there else "F211", name, shown(spelled), known)
        if there and all(manifest.algorithm.weak for manifest in there):
            weak = ", ".join(manifest.algorithm.value for manifest in there)
            bag.tally.add("F213", there[0].name, weak)
        if not there and not strange:
            bag.tally.add("F207" if kind is ManifestKind.PAYLOAD else "F240", "")


def _read_info(bag: _Bag) -> tuple[tuple[str, str], ...]:
    for name in _INFO_NAMES:
        if name in bag.files:
            content = _tag_bytes(bag, name, MAX_TAG_BYTES) or b""
            return read_bag_info(content, bag.declaration, bag.tally, name)
    return ()


def _check_payload(
    bag: _Bag,
    manifests: Sequence[Manifest],
    bag_info: tuple[tuple[str, str], ...],
    rule: FetchRule,
) -> Matched:
    files = {path: size for path, size in bag.files.items() if path.startswith("data/")}
    manifests = [each for each in manifests if each.kind is ManifestKind.PAYLOAD]
    matched = match_manifests(manifests, files, bag.tally, strict=bag.declaration.strict)
    if not files and not has_folder(bag.root, "data"):
        bag.tally.add("F208", "", "", "data")
    _check_oxum(bag, files, bag_info)
    to_fetch = _check_fetch(bag, matched, files, rule)
    for path, names in matched.missing.items():
        if path in to_fetch:
            bag.tally.add("F230", path, shown(to_fetch[path].url[:200]))
        else:
            bag.tally.add("F226", path, "", ", ".join(names))
    if manifests:
        _check_listed(bag, manifests, matched, files)
    return matched


def _check_oxum(bag: _Bag, files: Mapping[str, int], bag_info: tuple[tuple[str, str], ...]) -> None:
    name = next((each for each in _INFO_NAMES if each in bag.files), _INFO_NAMES[0])
    oxum = read_oxum(bag_info, bag.tally, name)
    counted = (sum(files.values()), len(files))
    if oxum is not None and oxum != counted:
        bag.tally.add("F234", name, "{}.{}".format(*counted), "{}.{}".format(*oxum))


def _check_fetch(
    bag: _Bag, matched: Matched, files: Mapping[str, int], rule: FetchRule
) -> dict[str, FetchLine]:
    if "fetch.txt" not in bag.files:
        return {}
    content = _tag_bytes(bag, "fetch.txt", MAX_TAG_BYTES) or b""
    lines = read_fetch(content, bag.declaration, bag.tally)
    refused = rule is FetchRule.REFUSED
    bag.tally.add("F252" if refused else "F231", "fetch.txt", len(lines))
    for line in lines:
        if line.path not in files and line.path not in matched.missing:
            bag.tally.add("F232", f"fetch.txt, regel {line.number}", shown(line.path))
    return {line.path: line for line in lines}


def _check_listed(
    bag: _Bag, manifests: Sequence[Manifest], matched: Matched, files: Mapping[str, int]
) -> None:
    """Every payload file in every manifest; before 1.0 in one, but never in a weak one alone."""
    every = {manifest.algorithm: manifest.name for manifest in manifests}
    strong = any(not algorithm.weak for algorithm in every)
    for path in files:
        claims = matched.claims.get(path)
        if claims is None:
            bag.tally.add("F227", path)
        elif len(claims) < len(every):
            lowered = strong and all(algorithm.weak for algorithm in claims)
            code = "F214" if bag.declaration.strict or lowered else "F215"
            lacking = ", ".join(name for each, name in every.items() if each not in claims)
            bag.tally.add(code, path, ", ".join(name for _, name in claims.values()), lacking)


def _check_tags(bag: _Bag, manifests: Sequence[Manifest]) -> Matched:
    files = {path: size for path, size in bag.files.items() if not path.startswith("data/")}
    manifests = [each for each in manifests if each.kind is ManifestKind.TAG]
    matched = match_manifests(manifests, files, bag.tally, strict=bag.declaration.strict)
    for path, names in matched.missing.items():
        bag.tally.add("F226", path, "", ", ".join(names))
    for manifest in manifests if bag.declaration.strict else ():
        for line in manifest.lines:
            if line.path.startswith("tagmanifest-"):
                bag.tally.add("F217", f"{manifest.name}, regel {line.number}", shown(line.path))
    for path in files if manifests else ():
        if path not in matched.claims and not path.startswith("tagmanifest-"):
            bag.tally.add("F239", path)
    return matched


def _check_digests(
    bag: _Bag,
    claims: Mapping[str, Mapping[Algorithm, tuple[str, str]]],
    known: Mapping[str, Sums],
) -> None:
    wanted = []
    for path, of_file in claims.items():
        sums = known.get(path)
        if sums is not None and set(of_file) <= set(_KNOWN_SUMS):
            digests = {Algorithm.SHA256: sums.sha256, Algorithm.SHA512: sums.sha512}
            _compare(bag, Hashed(path, digests), of_file)
        else:
            wanted.append((path, bag.files[path], tuple(of_file)))
    for hashed in hash_files(bag.root, wanted, WORKERS):
        _compare(bag, hashed, claims[hashed.path])


def _compare(bag: _Bag, hashed: Hashed, claims: Mapping[Algorithm, tuple[str, str]]) -> None:
    if hashed.trouble is not None:
        code, found, expected = hashed.trouble
        bag.tally.add(code, hashed.path, found, expected)
        return
    for algorithm, (digest, _) in claims.items():
        if hashed.digests[algorithm] != digest:
            bag.tally.add("F228", hashed.path, hashed.digests[algorithm], digest)


def _payload(files: Mapping[str, int], matched: Matched) -> Iterator[PayloadFile]:
    for path, size in files.items():
        if path.startswith("data/"):
            yield PayloadFile(path, size, matched.claims.get(path, _NO_CLAIMS))
