"""A stream over a part of an open file, whose read errors speak the stores' language."""

import io
import os
from typing import BinaryIO, cast

from storage.errors import CopyUnreadable

BUFFER_BYTES = 256 * 1024


class _Part(io.RawIOBase):
    """Bytes `start` to `end` of a file descriptor, which it owns."""

    def __init__(self, handle: int, start: int, end: int, key: str) -> None:
        super().__init__()
        self._handle = handle
        self._start = start
        self._end = end
        self._at = start
        self._key = key

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: self._start, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = max(self._start, base + offset)
        return self._at - self._start

    def tell(self) -> int:
        return self._at - self._start

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = memoryview(buffer)[: max(0, self._end - self._at)]
        if not wanted:
            return 0
        try:
            count = os.preadv(self._handle, [wanted], self._at)
        except OSError as error:
            raise CopyUnreadable(
                f"{self._key}: {error.strerror}", key=self._key, found=error.strerror
            ) from error
        self._at += count
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
        super().close()


def open_part(handle: int, start: int, length: int | None, key: str) -> BinaryIO:
    """A stream of at most `length` bytes from `start`; closing it closes the handle."""
    size = os.fstat(handle).st_size
    end = size if length is None else min(size, start + length)
    part = _Part(handle, min(start, size), end, key)
    return cast(BinaryIO, io.BufferedReader(part, BUFFER_BYTES))
