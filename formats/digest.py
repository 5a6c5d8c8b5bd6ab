"""Digests: their algorithms under every spelling in use, and hashing in one read."""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from formats.lanes import Lanes

CHUNK_BYTES = 256 * 1024


class Algorithm(StrEnum):
    """A digest algorithm, under the name that BagIt manifests use."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def weak(self) -> bool:
        """Whether collisions can be made, so that it never proves anything alone."""
        return self in (Algorithm.MD5, Algorithm.SHA1)

    @property
    def hex_length(self) -> int:
        """The number of hexadecimal characters of a value."""
        return hashlib.new(self.value, usedforsecurity=False).digest_size * 2


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest value: lower-case hexadecimal."""

    algorithm: Algorithm
    value: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What one read of the bytes gives: size in bytes, hex digests, and the CRC-32 of ZIP."""

    size_bytes: int
    sha256: str
    sha512: str
    crc32: int


def algorithm_named(name: str) -> Algorithm | None:
    """The algorithm by any spelling: SHA-256 (MDTO), SHA256 (ToPX), sha_256 (ZGW), sha256 (BagIt).

    None when the name is not one that we can compute.
    """
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    try:
        return Algorithm(plain)
    except ValueError:
        return None


def hash_stream(stream: BinaryIO, algorithms: Iterable[Algorithm]) -> dict[Algorithm, str]:
    """Hex digests of everything that is left in the stream, in one read."""
    hashes = {a: hashlib.new(a.value, usedforsecurity=False) for a in algorithms}
    while chunk := stream.read(CHUNK_BYTES):
        for each in hashes.values():
            each.update(chunk)
    return {a: h.hexdigest() for a, h in hashes.items()}


class Summer:
    """Counts and hashes bytes as they pass: update with each chunk, then take the sums."""

    def __init__(self) -> None:
        self._size = 0
        self._crc = 0
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()

    def update(self, chunk: bytes | memoryview) -> None:
        """Count and hash one chunk."""
        self._size += len(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
        self._sha256.update(chunk)
        self._sha512.update(chunk)

    def sums(self) -> Sums:
        """The sums of all chunks so far."""
        return Sums(self._size, self._sha256.hexdigest(), self._sha512.hexdigest(), self._crc)


class Summing:
    """A Summer that hashes large files beside the caller's own reading and writing.

    hashlib and zlib let go of the interpreter for chunks above 2 kB, so two threads use two
    cores; below `THREADS_FROM_BYTES` threads cost more than they bring. Chunks must not be
    changed after `update`.
    """

    THREADS_FROM_BYTES = 16 * 1024 * 1024

    def __init__(self, expected_bytes: int) -> None:
        self._threaded = expected_bytes >= self.THREADS_FROM_BYTES
        self._lanes: Lanes | None = None
        self._size = 0
        self._crc = 0
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()

    def __enter__(self) -> "Summing":
        if self._threaded:
            self._lanes = Lanes([self._take_first, self._sha512.update])
        return self

    def __exit__(self, *_: object) -> None:
        if self._lanes is not None:
            self._lanes.close()
            self._lanes = None

    def update(self, chunk: bytes) -> None:
        """Count and hash one chunk, now or soon."""
        self._size += len(chunk)
        if self._lanes is not None:
            self._lanes.put(chunk)
        else:
            self._take_first(chunk)
            self._sha512.update(chunk)

    def sums(self) -> Sums:
        """The sums of all chunks so far; waits until they are hashed."""
        if self._lanes is not None:
            self._lanes.join()
        return Sums(self._size, self._sha256.hexdigest(), self._sha512.hexdigest(), self._crc)

    def _take_first(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
