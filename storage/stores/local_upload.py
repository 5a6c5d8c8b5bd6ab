"""One object on its way into a folder."""

import os
from typing import TYPE_CHECKING

from storage.errors import StorageError, StoreFailed
from storage.stores.base import ObjectStat

if TYPE_CHECKING:
    from storage.stores.local import LocalStore

WRITE_BACK_BYTES = 32 * 1024 * 1024


class LocalUpload:
    """An upload: a locked file in .uploads until it is published."""

    def __init__(self, store: "LocalStore", key: str, handle: int, temporary: str) -> None:
        self._store = store
        self._key = key
        self._handle = handle
        self._temporary = temporary
        self._size = 0
        self._started = 0
        self._open = True

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes; the kernel is asked to begin writing them out every 32 MB."""
        assert self._open, "an upload that has ended takes no bytes"
        left = memoryview(chunk)
        try:
            while left:
                written = os.write(self._handle, left)
                self._size += written
                left = left[written:]
            if self._size - self._started >= WRITE_BACK_BYTES:
                part = self._size - self._started
                os.posix_fadvise(self._handle, self._started, part, os.POSIX_FADV_DONTNEED)
                self._started = self._size
        except OSError as error:
            raise self._failed(error) from error

    def commit(self) -> ObjectStat:
        """Sync, publish, sync the folders. An error of fsync drops the file: never tried again."""
        assert self._open, "an upload is committed once"
        try:
            os.fsync(self._handle)
            os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_DONTNEED)
            self._store.publish(self._key, self._temporary)
        except OSError as error:
            self.abort()
            raise self._failed(error) from error
        except StorageError:
            self.abort()
            raise
        self._close()
        return ObjectStat(self._key, self._size)

    def abort(self) -> None:
        """Forget the bytes written so far."""
        if self._open:
            self._store.withdraw(self._temporary)
            self._close()

    def _close(self) -> None:
        self._open = False
        os.close(self._handle)

    def _failed(self, error: OSError) -> StoreFailed:
        name, why = self._store.name, error.strerror
        return StoreFailed(f"{name}: {self._key}: {why}", store=name, key=self._key, found=why)
