"""Reading a package where it stands: its members by ranged reads, and a check of every byte."""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from formats.lanes import Lanes
from storage.errors import CopyDiffers, NotStored, PackageDamaged
from storage.manifests import read_lines
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
    """The lines of a manifest in our own form: path -> hex digest."""
    return {path: digest.hex() for path, digest in read_lines(content)}


def _inner(member: Member, top: str) -> str:
    folder, slash, inner = member.name.partition("/")
    if folder != top or not slash or not inner:
        raise PackageDamaged("a member stands outside the bag's folder", found=member.name)
    return inner


class _Found:
    """What was read of each member: its digests, whether its CRC-32 fits; and manifests whole."""

    def __init__(self, members: Mapping[str, Member]) -> None:
        self.numbers = {path: number for number, path in enumerate(members)}
        self.digests = {"sha256": bytearray(), "sha512": bytearray()}
        self.wrong_crc: set[str] = set()
        self.manifests: dict[str, bytes] = {}
        self.faults: list[PackageFault] = []

    def digest(self, path: str, algorithm: str) -> bytes:
        """The digest of a member that was read."""
        size = hashlib.new(algorithm).digest_size
        number = self.numbers[path]
        return bytes(self.digests[algorithm][number * size : (number + 1) * size])


def _check(store: Store, key: str, reader: PackageReader | None) -> PackageCheck:
    whole = hashlib.sha256()
    found = _Found(reader.members if reader else {})
    size = 0
    with store.open_read(key, fresh=True) as stream:
        for path, member in reader.members.items() if reader else ():
            size += _read_member(stream, path, member, whole, found)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            whole.update(chunk)
    if reader:
        found.faults.extend(_judge(found))
    tags = "tagmanifest-sha256.txt"
    tagmanifest = found.digest(tags, "sha256").hex() if tags in found.numbers else ""
    return PackageCheck(
        size, whole.hexdigest(), tagmanifest, len(found.numbers), tuple(found.faults)
    )


def _read_member(
    stream: BinaryIO, path: str, member: Member, whole: "hashlib._Hash", found: _Found
) -> int:
    expected = local_header(member.name, member.size_bytes, member.crc32)
    header = stream.read(len(expected))
    whole.update(header)
    if header != expected:
        found.faults.append(PackageFault(Hit.STRUCTURE, path))
    first, second, crc = hashlib.sha256(), hashlib.sha512(), 0
    kept = bytearray()

    def check_sum(chunk: bytes) -> None:
        nonlocal crc
        crc = zlib.crc32(chunk, crc)

    takers: list[Callable[[bytes], object]] = [
        whole.update, first.update, second.update, check_sum,
    ]  # fmt: skip
    if path in MANIFESTS:
        takers.append(kept.extend)
    size = _feed(stream, member.size_bytes, takers)
    found.digests["sha256"] += first.digest()
    found.digests["sha512"] += second.digest()
    if path in MANIFESTS:
        found.manifests[path] = bytes(kept)
    if size != member.size_bytes or crc != member.crc32:
        found.wrong_crc.add(path)
    return len(header) + size


def _feed(stream: BinaryIO, size_bytes: int, takers: list[Callable[[bytes], object]]) -> int:
    """Give each taker the next bytes of the stream: in threads when there are many."""
    size = 0
    if size_bytes < LANES_FROM_BYTES:
        for chunk in _chunks(stream, size_bytes):
            size += len(chunk)
            for take in takers:
                take(chunk)
        return size
    with Lanes(takers) as lanes:
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


def _judge(found: _Found) -> Iterator[PackageFault]:
    """Every member against the manifests that are themselves whole, each file told once."""
    listed = bytearray(len(found.numbers))
    told: set[str] = set()
    for path, fault in _against_manifests(found, listed):
        if path not in told:
            told.add(path)
            yield fault
    for path in sorted(found.wrong_crc - told):
        # The digests fit, so it is the header's checksum that is hit; without digests, the file.
        fits = listed[found.numbers[path]]
        yield PackageFault(Hit.STRUCTURE if fits else Hit.FILE_DIFFERS, path)
    if found.wrong_crc.isdisjoint(MANIFESTS):
        for path, number in found.numbers.items():
            if not listed[number] and not path.startswith("tagmanifest-"):
                yield PackageFault(Hit.FILE_UNLISTED, path, found.digest(path, "sha256").hex())


def _against_manifests(found: _Found, listed: bytearray) -> Iterator[tuple[str, PackageFault]]:
    """What each line of a whole manifest says of a file; marks in `listed` what has a line."""
    for name, algorithm in MANIFESTS.items():
        if name in found.wrong_crc:
            continue
        if name not in found.numbers:
            yield name, PackageFault(Hit.FILE_MISSING, name)
        for path, expected in read_lines(found.manifests.get(name, b"")):
            if path not in found.numbers:
                yield path, PackageFault(Hit.FILE_MISSING, path)
                continue
            listed[found.numbers[path]] = 1
            digest = found.digest(path, algorithm)
            if digest != expected:
                hit = PackageFault(Hit.FILE_DIFFERS, path, digest.hex(), expected.hex())
                yield path, hit
