"""A party's folder that we may read: any names, no links followed, nothing that could hang."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.stores.folders import FOLDER, opened_chain

CHUNK_BYTES = 1024 * 1024
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE = (errno.ENOENT, errno.ENOTDIR)
_AWAY = (errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN)


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder; its own path may be a link, nothing below it is followed."""

    root: Path

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one file, in pieces.

        Raises: NotStored; CopyUnreadable, also for a link or what is no file; StoreUnreachable.
        """
        *folders, name = path.split("/")
        try:
            root = os.open(self.root, FOLDER & ~os.O_NOFOLLOW)
        except OSError as error:
            raise StoreUnreachable(f"{self.root}: {error.strerror}", store=self.root) from error
        try:
            with opened_chain(root, folders) as chain:
                handle = os.open(name, _FILE, dir_fd=chain[-1])
                with os.fdopen(handle, "rb", buffering=0) as stream:
                    if not stat.S_ISREG(os.fstat(handle).st_mode):
                        raise CopyUnreadable(f"{path}: geen bestand (no file)", key=path)
                    while chunk := stream.read(CHUNK_BYTES):
                        yield chunk
        except OSError as error:
            raise self._fault(error, path) from error
        finally:
            os.close(root)

    def answers(self, path: str) -> bool:
        """Whether the folder is there, with something in it, or with this file where it is named.

        Raises: StoreUnreachable when it cannot be read.
        """
        if path:
            return _there(self.root / path)
        try:
            with os.scandir(self.root) as entries:
                return next(iter(entries), None) is not None
        except OSError as error:
            raise StoreUnreachable(f"{self.root}: {error.strerror}", store=self.root) from error

    def _fault(self, error: OSError, path: str) -> Exception:
        """What a system's error says of the file; a link on the way there is not a gap."""
        place = Path(path)
        if any((self.root / each).is_symlink() for each in (place, *place.parents[:-1])):
            return CopyUnreadable(f"{path}: link", key=path)
        if error.errno in _GONE:
            return NotStored(path, key=path)
        if error.errno in _AWAY:
            return StoreUnreachable(f"{path}: {error.strerror}", key=path)
        return CopyUnreadable(f"{path}: {error.strerror}", key=path)


def _there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
