"""The folder into which a container is unpacked; nothing is ever written outside it."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formats.digest import Summing, Sums
from ingest.errors import IngestError, StagingFailed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NameTaken(IngestError):
    """A file or folder stands under this name already."""


class Target:
    """An open folder; files come below it one by one, each under a handle of its own folder."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._root = os.open(into, _FOLDER)
        self._last = ("", os.dup(self._root))

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._last[1])
        os.close(self._root)

    def path_of(self, path: str) -> Path:
        """Where the file of this path stands."""
        return self._into / path

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it, where they are not there yet.

        Raises: NameTaken when a file stands in the way.
        """
        self._enter(path)

    def write(self, path: str, chunks: Iterable[bytes], expected_bytes: int) -> Sums:
        """Write a new file from its chunks, hashed as they pass; nothing is left of half a file.

        Raises: NameTaken when the name is taken, StagingFailed when it cannot be written, and
        whatever the chunks raise.
        """
        folder, _, name = path.rpartition("/")
        handle = self._enter(folder)
        try:
            out = os.open(name, _NEW, 0o600, dir_fd=handle)
        except (FileExistsError, IsADirectoryError) as error:
            raise NameTaken(path) from error
        except OSError as error:
            raise StagingFailed(f"{self.path_of(path)}: {error.strerror}") from error
        whole = False
        try:
            sums = _copy(out, chunks, expected_bytes)
            whole = True
        finally:
            os.close(out)
            if not whole:
                os.unlink(name, dir_fd=handle)
        return sums

    def _enter(self, folder: str) -> int:
        if folder == self._last[0]:
            return self._last[1]
        handle = os.dup(self._root)
        for name in folder.split("/") if folder else ():
            try:
                inner = _open_folder(handle, name)
            finally:
                os.close(handle)
            handle = inner
        os.close(self._last[1])
        self._last = (folder, handle)
        return handle


@contextmanager
def open_target(into: Path) -> Iterator[Target]:
    """The folder `into`, made when it is not there.

    Raises: StagingFailed when it cannot be made or opened.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        target = Target(into)
    except OSError as error:
        raise StagingFailed(f"{into}: {error.strerror}") from error
    try:
        yield target
    finally:
        target.close()


def _open_folder(handle: int, name: str) -> int:
    try:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=handle)
        return os.open(name, _FOLDER, dir_fd=handle)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise NameTaken(name) from error
        raise StagingFailed(f"{name}: {error.strerror}") from error


def _copy(out: int, chunks: Iterable[bytes], expected_bytes: int) -> Sums:
    with Summing(expected_bytes) as summing:
        for chunk in chunks:
            summing.update(chunk)
            _write_all(out, chunk)
        return summing.sums()


def _write_all(out: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    try:
        while view:
            view = view[os.write(out, view) :]
    except OSError as error:
        raise StagingFailed(f"staging: {error.strerror}") from error
