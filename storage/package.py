"""The package: an AIP version as one BagIt bag in one stored ZIP, written in one pass."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from formats.bagit.write import (
    bag_info_bytes,
    bagit_txt,
    manifest_bytes,
    payload_oxum,
    tagmanifest_bytes,
)
from formats.digest import Summer, Sums
from storage.aip import Aip, Entry, PackageSums
from storage.errors import ChangedInStaging
from storage.lanes import Lanes
from storage.package_reader import PackageReader, open_package
from storage.stores.base import Upload
from storage.zipform import Directory, Member, central_header, end_records, local_header

__all__ = ["PackageReader", "open_package", "write_package"]

CHUNK_BYTES = 1024 * 1024
GATHER_BYTES = 256 * 1024
LANES_FROM_BYTES = 8 * 1024 * 1024

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def write_package(aip: Aip, uploads: Sequence[Upload]) -> PackageSums:
    """Write the package to every upload at once; nothing is committed.

    Every file in staging is read once. The same AIP gives the same bytes. Without uploads the
    sums are computed all the same.

    Raises: ChangedInStaging; StoreFailed.
    """
    out = _Out([each.write for each in uploads])
    bag = _Bag(aip.description.aip_id, out)
    payload = [(entry, _sums_of(entry)) for entry in aip.payload]
    for name, content in _head_files(aip, payload):
        bag.add_tag(Entry(name, content), _sums_of(Entry(name, content)))
    for entry, sums in payload:
        bag.add(entry, sums)
    for entry in aip.tags:
        bag.add_tag(entry, _sums_of(entry))
    tagmanifest = _close_bag(bag)
    return out.close(bag.directory, tagmanifest)


def _head_files(aip: Aip, payload: list[tuple[Entry, Sums]]) -> Iterator[tuple[str, bytes]]:
    size = sum(sums.size_bytes for _, sums in payload)
    oxum = ("Payload-Oxum", payload_oxum(size, len(payload)))
    yield "bagit.txt", bagit_txt()
    yield "bag-info.txt", bag_info_bytes([*aip.bag_info, oxum])
    yield "manifest-sha256.txt", manifest_bytes((s.sha256, e.path) for e, s in payload)
    yield "manifest-sha512.txt", manifest_bytes((s.sha512, e.path) for e, s in payload)


def _close_bag(bag: "_Bag") -> str:
    """Write both tag manifests; the hex SHA-256 of the first."""
    lines = bag.tag_lines
    contents = {
        "tagmanifest-sha256.txt": tagmanifest_bytes(
            (each.sha256.hex(), each.path) for each in lines
        ),
        "tagmanifest-sha512.txt": tagmanifest_bytes(
            (each.sha512.hex(), each.path) for each in lines
        ),
    }
    for name, content in contents.items():
        bag.add(Entry(name, content), _sums_of(Entry(name, content)))
    return hashlib.sha256(contents["tagmanifest-sha256.txt"]).hexdigest()


@dataclass(frozen=True, slots=True)
class _TagLine:
    """A line for the tag manifests: digests as bytes, for a dossier may have 200,000 of them."""

    path: str
    sha256: bytes
    sha512: bytes


class _Bag:
    """The ZIP that is being written: its members so far, and the tag files among them."""

    def __init__(self, aip_id: str, out: "_Out") -> None:
        self.tag_lines: list[_TagLine] = []
        self._top = aip_id
        self._out = out
        self._central = bytearray()
        self._count = 0

    @property
    def directory(self) -> bytes:
        """The central directory with its closing records."""
        size = len(self._central)
        where = Directory(self._out.size, size, self._count)
        return bytes(self._central) + end_records(where)

    def add_tag(self, entry: Entry, sums: Sums) -> None:
        """Write one tag file and remember its line in the tag manifests."""
        self.add(entry, sums)
        self.tag_lines.append(
            _TagLine(entry.path, bytes.fromhex(sums.sha256), bytes.fromhex(sums.sha512))
        )

    def add(self, entry: Entry, sums: Sums) -> None:
        """Write one file: header, then bytes."""
        member = Member(f"{self._top}/{entry.path}", sums.size_bytes, sums.crc32, self._out.size)
        self._central += central_header(member)
        self._count += 1
        self._out.put(local_header(member.name, sums.size_bytes, sums.crc32))
        if isinstance(entry.content, Path):
            _copy_staged(entry.content, sums, self._out)
        else:
            self._out.put(entry.content)


class _Out:
    """The stream of the package: gathered, hashed, and handed to every upload."""

    def __init__(self, takers: list[Callable[[bytes], object]]) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._takers = takers
        self._gathered = bytearray()

    def put(self, chunk: bytes) -> None:
        """Append a small chunk."""
        self.size += len(chunk)
        self._gathered += chunk
        if len(self._gathered) >= GATHER_BYTES:
            self._flush()

    @contextmanager
    def lanes(self, takers: Iterable[Callable[[bytes], object]]) -> Iterator[Lanes]:
        """Threads for a large member: these takers, the package's hash, and every upload."""
        self._flush()
        with Lanes([*takers, self._hash.update, *self._takers]) as lanes:
            yield lanes

    def close(self, directory: bytes, tagmanifest_sha256: str) -> PackageSums:
        """Write the directory; the package's sums."""
        self.put(directory)
        self._flush()
        return PackageSums(self.size, self._hash.hexdigest(), tagmanifest_sha256)

    def _flush(self) -> None:
        if self._gathered:
            whole = bytes(self._gathered)
            self._gathered.clear()
            self._hash.update(whole)
            for take in self._takers:
                take(whole)


def _sums_of(entry: Entry) -> Sums:
    """The sums that came with a staged file; those of bytes are computed."""
    if isinstance(entry.content, Path):
        assert entry.sums is not None, "a file in staging comes with its sums"
        return entry.sums
    summer = Summer()
    summer.update(entry.content)
    return summer.sums()


def _copy_staged(path: Path, sums: Sums, out: _Out) -> None:
    try:
        handle = os.open(path, _OPEN)
    except OSError as error:
        raise ChangedInStaging(f"{path}: {error.strerror}", path=str(path)) from error
    with open(handle, "rb", buffering=0) as stream:
        small = sums.size_bytes < LANES_FROM_BYTES
        found = (_copy_small if small else _copy_large)(stream, sums.size_bytes, out)
    if found != (sums.size_bytes, sums.sha256, sums.sha512, sums.crc32):
        raise ChangedInStaging(
            f"{path} is no longer what was staged",
            path=str(path),
            found=found[1],
            expected=sums.sha256,
        )


_Found = tuple[int, str, str, int]


def _chunks(stream: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """Chunks up to one byte more than expected, so that a file that grew is seen as such."""
    left = size_bytes + 1
    while left and (chunk := stream.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _copy_small(stream: BinaryIO, size_bytes: int, out: _Out) -> _Found:
    summer = Summer()
    for chunk in _chunks(stream, size_bytes):
        summer.update(chunk)
        out.put(chunk)
    found = summer.sums()
    return found.size_bytes, found.sha256, found.sha512, found.crc32


def _copy_large(stream: BinaryIO, size_bytes: int, out: _Out) -> _Found:
    first, second, crc = hashlib.sha256(), hashlib.sha512(), _Crc()
    size = 0
    with out.lanes((first.update, second.update, crc.update)) as lanes:
        for chunk in _chunks(stream, size_bytes):
            size += len(chunk)
            lanes.put(chunk)
        lanes.join()
    out.size += size
    return size, first.hexdigest(), second.hexdigest(), crc.value


class _Crc:
    """A running CRC-32."""

    def __init__(self) -> None:
        self.value = 0

    def update(self, chunk: bytes) -> None:
        """Take in one chunk."""
        self.value = zlib.crc32(chunk, self.value)
