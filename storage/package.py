"""The package: an AIP version as one BagIt bag in one stored ZIP, written in one pass."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from formats.bagit.write import bag_info_bytes, bagit_txt, payload_oxum
from formats.digest import Summer, Sums
from formats.lanes import Lanes
from storage.aip import Aip, Entry, PackageSums
from storage.errors import ChangedInStaging
from storage.manifests import Digesting, Listing
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
    payload = Listing()
    for entry in aip.payload:
        payload.add(entry.path, _sums_of(entry))
    bag.add_tag(Entry("bagit.txt", bagit_txt()))
    bag.add_tag(Entry("bag-info.txt", bag_info_bytes([*aip.bag_info, _payload_oxum(aip)])))
    bag.add_manifest("manifest-sha256.txt", payload, "sha256")
    bag.add_manifest("manifest-sha512.txt", payload, "sha512")
    del payload
    for entry in aip.payload:
        bag.add(entry, _sums_of(entry))
    for entry in aip.tags:
        bag.add_tag(entry)
    return bag.close()


def _payload_oxum(aip: Aip) -> tuple[str, str]:
    size = sum(_sums_of(entry).size_bytes for entry in aip.payload)
    return "Payload-Oxum", payload_oxum(size, len(aip.payload))


class _Bag:
    """The ZIP that is being written: its directory so far, and the tag files in it."""

    def __init__(self, aip_id: str, out: "_Out") -> None:
        self._top = aip_id
        self._out = out
        self._tags = Listing()
        self._central = bytearray()
        self._count = 0

    def add(self, entry: Entry, sums: Sums) -> None:
        """Write one file."""
        self._begin(entry.path, sums)
        if isinstance(entry.content, Path):
            _copy_staged(entry.content, sums, self._out)
        else:
            self._out.put(entry.content)

    def add_tag(self, entry: Entry) -> None:
        """Write one tag file, which the tag manifests will list."""
        sums = _sums_of(entry)
        self.add(entry, sums)
        self._tags.add(entry.path, sums)

    def add_manifest(self, name: str, listing: Listing, algorithm: Digesting) -> None:
        """Write a payload manifest, which the tag manifests will list."""
        self._tags.add(name, self._add_listing(name, listing, algorithm))

    def close(self) -> PackageSums:
        """Write the tag manifests and the directory; the package's sums."""
        first = self._add_listing("tagmanifest-sha256.txt", self._tags, "sha256")
        self._add_listing("tagmanifest-sha512.txt", self._tags, "sha512")
        where = Directory(self._out.size, len(self._central), self._count)
        with memoryview(self._central) as central:
            for start in range(0, len(central), GATHER_BYTES):
                self._out.put(central[start : start + GATHER_BYTES])
        self._out.put(end_records(where))
        return self._out.close(first.sha256)

    def _add_listing(self, name: str, listing: Listing, algorithm: Digesting) -> Sums:
        """Write a manifest: its lines are made twice, first for the sums that its header needs."""
        summer = Summer()
        for block in listing.blocks(algorithm):
            summer.update(block)
        sums = summer.sums()
        self._begin(name, sums)
        for block in listing.blocks(algorithm):
            self._out.put(block)
        return sums

    def _begin(self, path: str, sums: Sums) -> None:
        member = Member(f"{self._top}/{path}", sums.size_bytes, sums.crc32, self._out.size)
        self._central += central_header(member)
        self._count += 1
        self._out.put(local_header(member.name, sums.size_bytes, sums.crc32))


class _Out:
    """The stream of the package: gathered, hashed, and handed to every upload."""

    def __init__(self, takers: list[Callable[[bytes], object]]) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._takers = takers
        self._gathered = bytearray()

    def put(self, chunk: bytes | memoryview) -> None:
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

    def close(self, tagmanifest_sha256: str) -> PackageSums:
        """The package's sums, when everything is written."""
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
    copy = _copy_small if sums.size_bytes < LANES_FROM_BYTES else _copy_large
    try:
        with open(os.open(path, _OPEN), "rb", buffering=0) as stream:
            found = copy(stream, sums.size_bytes, out)
    except OSError as error:
        raise ChangedInStaging(
            f"{path}: {error.strerror}", path=str(path), found=error.strerror
        ) from error
    # The same SHA-256 means the same bytes, so the other sums of staging hold too.
    if found != sums.sha256:
        raise ChangedInStaging(
            f"{path} is no longer what was staged",
            path=str(path),
            found=found,
            expected=sums.sha256,
        )


def _chunks(stream: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """Chunks up to one byte more than expected, so that a file that grew is seen as such."""
    left = size_bytes + 1
    while left and (chunk := stream.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _copy_small(stream: BinaryIO, size_bytes: int, out: _Out) -> str:
    found = hashlib.sha256()
    for chunk in _chunks(stream, size_bytes):
        found.update(chunk)
        out.put(chunk)
    return found.hexdigest()


def _copy_large(stream: BinaryIO, size_bytes: int, out: _Out) -> str:
    found = hashlib.sha256()
    size = 0
    with out.lanes((found.update,)) as lanes:
        for chunk in _chunks(stream, size_bytes):
            size += len(chunk)
            lanes.put(chunk)
        lanes.join()
    out.size += size
    return found.hexdigest()
