"""Streams packed with gzip, bzip2 or xz, unpacked a bounded piece at a time."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import BinaryIO, Protocol

from formats.digest import CHUNK_BYTES
from formats.errors import FormatsError

_XZ_MEMORY_BYTES = 128 * 1024 * 1024
_RATIO_FROM_BYTES = 10 * 1024 * 1024


class Packing(StrEnum):
    """How a stream is packed."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


MAGIC: Mapping[Packing, bytes] = {
    Packing.GZIP: b"\x1f\x8b\x08",
    Packing.BZIP2: b"BZh",
    Packing.XZ: b"\xfd7zXZ\x00",
}


class StreamDamaged(FormatsError):
    """The packed stream is not whole, or is followed by something else."""


class StreamTooLarge(FormatsError):
    """The stream unpacks to more than was allowed: `found` bytes, at most `limit`."""

    def __init__(self, found: int, limit: int, *, ratio: bool) -> None:
        super().__init__(f"{found} > {limit}")
        self.found = found
        self.limit = limit
        self.ratio = ratio


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Unpacking:
    """A reader of a packed stream: never holds more than a chunk, never gives more than allowed.

    `max_bytes` bounds what comes out; `max_ratio` what comes out against what went in.
    """

    _piece_bytes = CHUNK_BYTES

    def __init__(
        self, stream: BinaryIO, packing: Packing, *, max_bytes: int, max_ratio: float
    ) -> None:
        self._stream = stream
        self._packing = packing
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio
        self._inner = _NEW[packing]()
        self._input = b""
        self._ready = b""
        self._read = 0
        self._given = 0
        self._ended = False

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end.

        Raises: StreamDamaged, StreamTooLarge.
        """
        parts: list[bytes] = []
        while size and (self._ready or self._fill()):
            part, self._ready = self._ready[:size], self._ready[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def peek(self, size: int) -> bytes:
        """The first `size` bytes, to tell what the stream is; nothing behind them is looked at.

        Raises: StreamDamaged.
        """
        self._piece_bytes = size
        return self.read(size)

    def skip(self, size: int) -> int:
        """Read and drop `size` bytes; how many there were."""
        left = size
        while left and (part := self.read(min(left, CHUNK_BYTES))):
            left -= len(part)
        return size - left

    def _fill(self) -> bool:
        """Make the next piece ready; False at the end of the stream."""
        while not self._ended and not self._ready:
            if self._inner.eof and not self._next_part():
                return False
            starved = False
            if self._inner.needs_input and not self._input:
                self._input = self._stream.read(CHUNK_BYTES)
                self._read += len(self._input)
                starved = not self._input
            self._ready = self._decompress()
            if starved and not self._ready and not self._inner.eof:
                raise StreamDamaged(self._packing.value)
        self._count()
        return bool(self._ready)

    def _decompress(self) -> bytes:
        piece, self._input = self._input, b""
        try:
            return self._inner.decompress(piece, self._piece_bytes)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise StreamDamaged(str(error)) from error

    def _next_part(self) -> bool:
        """Go on with the next packed stream behind this one; False when there is nothing more."""
        rest = self._inner.unused_data.lstrip(b"\x00")
        while not rest and (piece := self._stream.read(CHUNK_BYTES)):
            self._read += len(piece)
            rest = piece.lstrip(b"\x00")
        if not rest:
            self._ended = True
            return False
        magic = MAGIC[self._packing]
        if len(rest) < len(magic):
            rest += self._stream.read(len(magic))
        if not rest.startswith(magic):
            raise StreamDamaged(f"{self._packing.value}: + {len(rest)} bytes")
        self._inner = _NEW[self._packing]()
        self._input = rest
        return True

    def _count(self) -> None:
        self._given += len(self._ready)
        if self._given > self._max_bytes:
            raise StreamTooLarge(self._given, self._max_bytes, ratio=False)
        limit = int(self._read * self._max_ratio)
        if self._given > max(limit, _RATIO_FROM_BYTES):
            raise StreamTooLarge(self._given, limit, ratio=True)


class _Gzip:
    """zlib's decompressor in the shape of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


_NEW: Mapping[Packing, Callable[[], _Decompressor]] = {
    Packing.GZIP: _Gzip,
    Packing.BZIP2: bz2.BZ2Decompressor,
    Packing.XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES),
}
