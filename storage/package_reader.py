"""Reading a package where it stands: its members by ranged reads, and a check of every byte."""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from storage.errors import CopyDiffers, NotStored, PackageDamaged
from storage.lanes import Lanes
from storage.stores.base import Store
from storage.zipform import (
    TAIL_BYTES,
    Directory,
    Member,
    find_directory,
    local_header,
    read_members,
)

CHUNK_BYTES = 1024 * 1024
LANES_FROM_BYTES = 8 * 1024 * 1024
MANIFESTS: Mapping[str, str] = {
    "manifest-sha256.txt": "sha256",
    "manifest-sha512.txt": "sha512",
    "tagmanifest-sha256.txt": "sha256",
    "tagmanifest-sha512.txt": "sha512",
}


class Hit(StrEnum):
    """What of a package is hit."""

    STRUCTURE = "structure"
    FILE_DIFFERS = "file_differs"
    FILE_MISSING = "file_missing"
    FILE_UNLISTED = "file_unlisted"


@dataclass(frozen=True, slots=True)
class PackageFault:
    """One thing that is wrong: what is hit, its path within the bag ("" for the ZIP itself)."""

    hit: Hit
    path: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class PackageCheck:
    """What reading every byte of a package gave."""

    size_bytes: int
    sha256: str
    tagmanifest_sha256: str
    files: int
    faults: tuple[PackageFault, ...]


class PackageReader:
    """An open package: its members by their path within the bag."""

    def __init__(self, store: Store, key: str, directory: Directory, members: list[Member]) -> None:
        self.top = members[0].name.split("/", 1)[0] if members else ""
        self.directory = directory
        self.members = {_inner(each, self.top): each for each in members}
        self._store = store
        self._key = key
        if len(self.members) != len(members):
            raise PackageDamaged(f"{key}: a name stands in the ZIP twice", key=key)

    def open(self, path: str) -> BinaryIO:
        """A stream of one member's bytes.

        Raises: NotStored when the package has no such member.
        """
        member = self._member(path)
        return self._store.open_read(self._key, member.data_offset, member.size_bytes)

    def read(self, path: str) -> bytes:
        """One member's bytes, its CRC-32 compared.

        Raises: NotStored; CopyDiffers.
        """
        with self.open(path) as stream:
            content = stream.read()
        if zlib.crc32(content) != self._member(path).crc32:
            raise CopyDiffers(
                f"{self._store.name}: {self._key}: {path}", store=self._store.name, key=self._key
            )
        return content

    def verify(self) -> PackageCheck:
        """Read the whole package once, from the medium, and check every file in it."""
        return _check(self._store, self._key, self)

    def _member(self, path: str) -> Member:
        try:
            return self.members[path]
        except KeyError as error:
            raise NotStored(f"{self._key}: {path}", key=self._key, path=path) from error


def open_package(store: Store, key: str) -> PackageReader:
    """The package under a key, its directory read.

    Raises: NotStored; PackageDamaged; CopyUnreadable; StoreUnreachable.
    """
    size = store.stat(key).size_bytes
    start = max(0, size - TAIL_BYTES)
    with store.open_read(key, start) as stream:
        directory = find_directory(stream.read(), size)
    with store.open_read(key, directory.offset, directory.size_bytes) as stream:
        members = list(read_members(stream.read(), directory))
    return PackageReader(store, key, directory, members)


def check_package(store: Store, key: str) -> PackageCheck:
    """Read a package that may be damaged in any way, once, and tell what is hit.

    Raises: NotStored; CopyUnreadable; StoreUnreachable.
    """
    try:
        reader = open_package(store, key)
    except PackageDamaged as error:
        whole = _check(store, key, None)
        fault = PackageFault(Hit.STRUCTURE, "", str(error))
        return PackageCheck(whole.size_bytes, whole.sha256, "", 0, (fault,))
    return reader.verify()


def read_listed(content: bytes) -> dict[str, str]:
    """The lines of a manifest in our own form: path -> hex digest; what is no line is left out."""
    listed = {}
    for line in content.split(b"\n"):
        digest, space, path = line.partition(b"  ")
        if space:
            name = path.decode("utf-8", "replace")
            for code, sign in (("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
                name = name.replace(code, sign)
            listed[name] = digest.decode("ascii", "replace")
    return listed


def _inner(member: Member, top: str) -> str:
    folder, slash, inner = member.name.partition("/")
    if folder != top or not slash or not inner:
        raise PackageDamaged("a member stands outside the bag's folder", found=member.name)
    return inner


@dataclass(slots=True)
class _Read:
    """What was read so far: digests per path as bytes, manifests whole, and faults."""

    sha256: dict[str, bytes] = field(default_factory=dict)
    sha512: dict[str, bytes] = field(default_factory=dict)
    wrong_crc: set[str] = field(default_factory=set)
    manifests: dict[str, bytes] = field(default_factory=dict)
    faults: list[PackageFault] = field(default_factory=list)


def _check(store: Store, key: str, reader: PackageReader | None) -> PackageCheck:
    whole = hashlib.sha256()
    read = _Read()
    size = 0
    with store.open_read(key, fresh=True) as stream:
        for path, member in reader.members.items() if reader else ():
            size += _read_member(stream, path, member, whole, read)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            whole.update(chunk)
    if reader:
        read.faults.extend(_judge(read))
    tagmanifest = read.sha256.get("tagmanifest-sha256.txt", b"").hex()
    return PackageCheck(size, whole.hexdigest(), tagmanifest, len(read.sha256), tuple(read.faults))


def _read_member(
    stream: BinaryIO, path: str, member: Member, whole: "hashlib._Hash", read: _Read
) -> int:
    expected = local_header(member.name, member.size_bytes, member.crc32)
    header = stream.read(len(expected))
    whole.update(header)
    if header != expected:
        read.faults.append(PackageFault(Hit.STRUCTURE, path))
    first, second, crc = hashlib.sha256(), hashlib.sha512(), 0
    kept = bytearray()
    size = 0

    def check_sum(chunk: bytes) -> None:
        nonlocal crc
        crc = zlib.crc32(chunk, crc)

    takers: list[Callable[[bytes], object]] = [
        whole.update, first.update, second.update, check_sum,
    ]  # fmt: skip
    if path in MANIFESTS:
        takers.append(kept.extend)
    size = _feed(stream, member.size_bytes, takers)
    read.sha256[path], read.sha512[path] = first.digest(), second.digest()
    if path in MANIFESTS:
        read.manifests[path] = bytes(kept)
    if size != member.size_bytes or crc != member.crc32:
        read.wrong_crc.add(path)
    return len(header) + size


def _feed(stream: BinaryIO, size_bytes: int, takers: list[Callable[[bytes], object]]) -> int:
    """Give each taker the next bytes of the stream: in threads when there are many."""
    if size_bytes < LANES_FROM_BYTES:
        size = 0
        for chunk in _chunks(stream, size_bytes):
            size += len(chunk)
            for take in takers:
                take(chunk)
        return size
    with Lanes(takers) as lanes:
        size = 0
        for chunk in _chunks(stream, size_bytes):
            size += len(chunk)
            lanes.put(chunk)
        lanes.join()
    return size


def _chunks(stream: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    left = size_bytes
    while left and (chunk := stream.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _judge(read: _Read) -> Iterator[PackageFault]:
    """Every member against the manifests that are themselves whole."""
    listed = {"sha256": _listed(read, "sha256"), "sha512": _listed(read, "sha512")}
    for path in read.sha256:
        yield from _judge_member(path, read, listed)
    for path in sorted(set(listed["sha256"]) | set(listed["sha512"])):
        if path not in read.sha256:
            yield PackageFault(Hit.FILE_MISSING, path)


def _judge_member(
    path: str, read: _Read, listed: Mapping[str, Mapping[str, str]]
) -> Iterator[PackageFault]:
    pairs = [
        (digests[path].hex(), listed[name][path])
        for name, digests in (("sha256", read.sha256), ("sha512", read.sha512))
        if path in listed[name]
    ]
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    if wrong:
        yield PackageFault(Hit.FILE_DIFFERS, path, *wrong[0])
    elif path in read.wrong_crc:
        # The digests fit, so it is the header's checksum that is hit; without digests, the file.
        yield PackageFault(Hit.STRUCTURE if pairs else Hit.FILE_DIFFERS, path)
    elif not pairs and not path.startswith("tagmanifest-") and _whole(read):
        yield PackageFault(Hit.FILE_UNLISTED, path, read.sha256[path].hex())


def _listed(read: _Read, algorithm: str) -> dict[str, str]:
    """Path -> digest of every manifest of an algorithm that is not hit itself."""
    both: dict[str, str] = {}
    for name, kind in MANIFESTS.items():
        if kind == algorithm and name not in read.wrong_crc:
            both |= read_listed(read.manifests.get(name, b""))
    return both


def _whole(read: _Read) -> bool:
    return not any(name in read.wrong_crc for name in MANIFESTS)
