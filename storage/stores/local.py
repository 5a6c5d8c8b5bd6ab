"""A store in a folder: written aside, synced, published under a name that was free, synced again.

Layout: `<root>/<key>` for objects, `<root>/.uploads/` for what is being written. The folder
.uploads is also the mark of a store: without it the folder is no store (a disk that is not
mounted, a path mistyped), and nothing is said of what it holds.
"""

import fcntl
import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from storage.errors import (
    AlreadyStored,
    CopyUnreadable,
    NotStored,
    StorageError,
    StoreFailed,
    StoreUnreachable,
)
from storage.stores.base import Capabilities, ObjectStat, ObjectVersion, Refusal, check_key
from storage.stores.folders import (
    Syncing,
    open_beneath,
    opened_chain,
    remove_empty,
    walk_objects,
)
from storage.stores.local_upload import LocalUpload
from storage.stores.ranged import open_part

UPLOADS = ".uploads"
ONLY_VERSION = "1"
CHUNK_BYTES = 1024 * 1024
ATTEMPTS = 5

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def found_store(root: Path) -> bool:
    """Make an empty folder (or one that is not there yet) a store; whether it was not one before.

    Raises: StoreFailed when the folder holds other things, or cannot be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        if (root / UPLOADS).is_dir():
            return False
        if any(root.iterdir()):
            raise StoreFailed(f"{root} is not empty and no store", store=str(root))
        (root / UPLOADS).mkdir(mode=0o750)
        for folder in (root, root.parent):
            _sync_path(folder)
    except OSError as error:
        raise StoreFailed(
            f"{root}: {error.strerror}", store=str(root), found=error.strerror
        ) from error
    return True


class LocalStore:
    """Objects as read-only files below a folder that `found_store` made."""

    def __init__(self, name: str, root: Path) -> None:
        self._name = name
        self._root = root
        self._numbers = itertools.count(1)
        self._lock = Lock()
        self._syncing = Syncing()

    @property
    def name(self) -> str:
        """The store's name in the configuration."""
        return self._name

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    @property
    def capabilities(self) -> Capabilities:
        """Durable; one version per key."""
        return Capabilities(durable=True, versions=False, object_lock=False)

    @contextmanager
    def put_new(self, key: str) -> Iterator[LocalUpload]:
        """Begin a new object; leaving the context without `commit` aborts it."""
        with suppress(NotStored):
            self.stat(key)
            raise AlreadyStored(f"{self._name}: {key}", store=self._name, key=key)
        upload = self._begin(key)
        try:
            yield upload
        finally:
            upload.abort()

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream of the object's bytes from `start`, at most `length` of them."""
        handle = self._open(key)
        if fresh:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        return open_part(handle, start, length, key)

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The object's bytes in pieces of at most 1 MB, all in one buffer."""
        handle = self._open(key)
        try:
            if fresh:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            size = os.fstat(handle).st_size
            buffer = memoryview(bytearray(max(1, min(size, CHUNK_BYTES))))
            while count := os.readv(handle, [buffer]):
                yield buffer[:count]
        except OSError as error:
            raise self._unreadable(key, error.strerror or str(error)) from error
        finally:
            os.close(handle)

    def server_sha256(self, key: str) -> str | None:
        """None: a folder computes nothing."""
        self.stat(key)
        return None

    def set_aside(self, key: str, aside: str) -> bool:
        """Link the file under the other name, then take the first name away; no byte is read."""
        *folders, name = check_key(key).split("/")
        *aside_folders, aside_name = check_key(aside).split("/")
        with self._root_open() as root:
            try:
                with (
                    opened_chain(root, folders) as chain,
                    opened_chain(root, aside_folders, make=True) as aside_chain,
                ):
                    os.link(name, aside_name, src_dir_fd=chain[-1], dst_dir_fd=aside_chain[-1])
                    self._syncing.sync(aside_chain)
                    os.unlink(name, dir_fd=chain[-1])
                    os.fsync(chain[-1])
            except FileExistsError as error:
                raise AlreadyStored(
                    f"{self._name}: {aside}", store=self._name, key=aside
                ) from error
            except FileNotFoundError as error:
                raise NotStored(f"{self._name}: {key}", store=self._name, key=key) from error
            except OSError as error:
                raise self._failed(key, error) from error
        return True

    def stat(self, key: str) -> ObjectStat:
        """Size of the object."""
        handle = self._open(key)
        try:
            return ObjectStat(key, os.fstat(handle).st_size)
        finally:
            os.close(handle)

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object whose key begins with the prefix, in key order."""
        with self._root_open():
            yield from walk_objects(self._root, prefix, self._name)

    def list_versions(self, key: str) -> Iterator[str]:
        """The one version, or none."""
        with suppress(NotStored):
            self.stat(key)
            yield ONLY_VERSION

    def delete_version(self, key: str, version: str) -> None:
        """Remove the object for good, and its folder when that is empty then."""
        self.stat(key)
        if version != ONLY_VERSION:
            raise NotStored(f"{self._name}: {key} version {version}", store=self._name, key=key)
        *folders, name = key.split("/")
        with self._root_open() as root:
            try:
                with opened_chain(root, folders) as chain:
                    os.unlink(name, dir_fd=chain[-1])
                    os.fsync(chain[-1])
            except OSError as error:
                raise self._unreachable(error) from error
            if folders:
                remove_empty(root, folders)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """The one version of every key that begins with the prefix."""
        for each in self.list(prefix):
            yield ObjectVersion(each.key, ONLY_VERSION, each.size_bytes)

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Remove the files, one by one; the folder of each is synced and read again afterwards."""
        for key, version in versions:
            try:
                self.delete_version(key, version)
            except NotStored:
                continue
            except CopyUnreadable as error:
                yield (key, version), str(error.values.get("found") or error)

    def make_durable(self, key: str) -> None:
        """Sync the object and every folder on the way to it."""
        handle = self._open(key)
        try:
            os.fsync(handle)
            with self._root_open() as root, opened_chain(root, key.split("/")[:-1]) as chain:
                self._syncing.sync(chain)
        except OSError as error:
            raise self._failed(key, error) from error
        finally:
            os.close(handle)

    def sweep(self) -> int:
        """Remove uploads whose process is gone; each living upload holds a lock on its file."""
        with self._root_open() as root:
            try:
                with opened_chain(root, [UPLOADS]) as chain:
                    return sum(_remove_abandoned(chain[-1], n) for n in os.listdir(chain[-1]))
            except OSError as error:
                raise self._unreachable(error) from error

    def publish(self, key: str, temporary: str) -> None:
        """Give a synced file of .uploads its place under the key, durably.

        Raises: AlreadyStored; StoreUnreachable; OSError.
        """
        *folders, name = key.split("/")
        with self._root_open() as root, opened_chain(root, [UPLOADS]) as (_, uploads):
            for attempt in range(ATTEMPTS):
                try:
                    with opened_chain(root, folders, make=True) as chain:
                        os.link(temporary, name, src_dir_fd=uploads, dst_dir_fd=chain[-1])
                        self._sync_or_remove(chain, name)
                    break
                except FileExistsError as error:
                    raise AlreadyStored(
                        f"{self._name}: {key}", store=self._name, key=key
                    ) from error
                except FileNotFoundError:
                    # Another process emptied a folder between two of our calls.
                    if attempt == ATTEMPTS - 1:
                        raise
            os.unlink(temporary, dir_fd=uploads)

    def _sync_or_remove(self, chain: Sequence[int], name: str) -> None:
        try:
            self._syncing.sync(chain)
        except OSError:
            # Visible, but not known to last: it must not be there.
            os.unlink(name, dir_fd=chain[-1])
            raise

    def withdraw(self, temporary: str) -> None:
        """Remove a file of .uploads; what cannot be removed now is for the sweep."""
        with (
            suppress(OSError, StorageError),
            self._root_open() as root,
            opened_chain(root, [UPLOADS]) as chain,
        ):
            os.unlink(temporary, dir_fd=chain[-1])

    def _begin(self, key: str) -> LocalUpload:
        with self._root_open() as root:
            try:
                with opened_chain(root, [UPLOADS]) as chain:
                    return LocalUpload(self, key, *self._create(chain[-1]))
            except OSError as error:
                raise self._failed(key, error) from error

    def _create(self, uploads: int) -> tuple[int, str]:
        while True:
            with self._lock:
                name = f"{os.getpid()}-{next(self._numbers)}"
            with suppress(FileExistsError):
                handle = os.open(name, _CREATE, 0o440, dir_fd=uploads)
                if _locked(handle) and os.fstat(handle).st_nlink:
                    return handle, name
                # A sweep of another process saw it before we could lock it.
                os.close(handle)

    def _open(self, key: str) -> int:
        """The object's file, opened without following any link."""
        check_key(key)
        with self._root_open() as root:
            try:
                found = open_beneath(root, key, _READ)
            except FileNotFoundError as error:
                raise NotStored(f"{self._name}: {key}", store=self._name, key=key) from error
            except OSError as error:
                raise self._unreadable(key, error.strerror or str(error)) from error
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise self._unreadable(key, "not a regular file")
        return found

    @contextmanager
    def _root_open(self) -> Iterator[int]:
        try:
            handle = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            if not _is_store(handle):
                raise StoreUnreachable(
                    f"{self._name}: {self._root} is no store (not mounted, or not founded)",
                    store=self._name,
                    found=str(self._root),
                )
            yield handle
        finally:
            os.close(handle)

    def _failed(self, key: str, error: OSError) -> StoreFailed:
        return StoreFailed(
            f"{self._name}: {key}: {error.strerror}",
            store=self._name,
            key=key,
            found=error.strerror,
        )

    def _unreadable(self, key: str, why: str) -> CopyUnreadable:
        return CopyUnreadable(f"{self._name}: {key}: {why}", store=self._name, key=key, found=why)

    def _unreachable(self, error: OSError) -> StoreUnreachable:
        return StoreUnreachable(
            f"{self._name}: {self._root}: {error.strerror}",
            store=self._name,
            found=error.strerror,
        )


def _is_store(root: int) -> bool:
    try:
        return stat.S_ISDIR(os.stat(UPLOADS, dir_fd=root, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _remove_abandoned(uploads: int, name: str) -> int:
    try:
        handle = os.open(name, _READ, dir_fd=uploads)
    except FileNotFoundError:
        return 0
    try:
        if not _locked(handle):
            return 0
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=uploads)
        return 1
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_path(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
