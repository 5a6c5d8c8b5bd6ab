"""Digests: their algorithms under every spelling in use, and hashing in one read."""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

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
    """What one read of the bytes gives: size in bytes, hex digests, and the CRC-32 that ZIP needs."""

    size_bytes: int
    sha256: str
    sha512: str
    crc32: int


def algorithm_named(name: str) -> Algorithm | None:
    """The algorithm under any spelling: SHA-256 (MDTO), SHA256 (ToPX), sha_256 (ZGW), sha256 (BagIt).

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
