"""Folders of a local store, opened name by name so that no link is ever followed."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from storage.errors import StoreUnreachable
from storage.stores.base import ObjectStat

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def opened_chain(root: int, names: list[str], *, make: bool = False) -> Iterator[list[int]]:
    """Handles of the root and of each folder below it on the way down, the deepest last.

    `make` makes the folders that are not there. Raises: OSError.
    """
    with ExitStack() as stack:
        chain = [root]
        for name in names:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o750, dir_fd=chain[-1])
            chain.append(os.open(name, FOLDER, dir_fd=chain[-1]))
            stack.callback(os.close, chain[-1])
        yield chain


class Syncing:
    """Syncs folders from the deepest up to the root, as far as that is not known to be done.

    Not only folders that we made: another process may have made one and died, or may not have
    synced it yet. Once we synced a folder after we saw its child there, the child's entry lasts;
    that is remembered, except for the deepest folder, which may be removed and made anew.
    """

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def sync(self, chain: Sequence[int]) -> None:
        """Make the entry in the deepest folder last, and the folders themselves.

        Raises: OSError.
        """
        os.fsync(chain[-1])
        numbers = [os.fstat(handle).st_ino for handle in chain]
        for depth in range(len(chain) - 2, -1, -1):
            pair = (numbers[depth], numbers[depth + 1])
            if pair not in self._known:
                os.fsync(chain[depth])
                if depth + 1 < len(chain) - 1:
                    self._known.add(pair)


def remove_empty(root: int, names: list[str]) -> None:
    """Remove the deepest folder when it is empty; those above stay, they are few and shared."""
    with suppress(OSError), opened_chain(root, names[:-1]) as chain:
        os.rmdir(names[-1], dir_fd=chain[-1])


def walk_objects(folder: Path, prefix: str, store: str, path: str = "") -> Iterator[ObjectStat]:
    """Every regular file below the folder whose key begins with the prefix, in key order.

    Names that begin with a dot are no objects; links are not followed.

    Raises: StoreUnreachable.
    """
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=_in_key_order)
        for entry in entries:
            inner = path + entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                below = f"{inner}/"
                if below.startswith(prefix) or prefix.startswith(below):
                    yield from walk_objects(folder / entry.name, prefix, store, below)
            elif inner.startswith(prefix) and entry.is_file(follow_symlinks=False):
                yield ObjectStat(inner, entry.stat(follow_symlinks=False).st_size)
    except OSError as error:
        if error.errno == errno.ENOENT and path:
            # Removed by another process while we looked.
            return
        raise StoreUnreachable(
            f"{store}: {folder}: {error.strerror}", store=store, found=error.strerror
        ) from error


def _in_key_order(entry: "os.DirEntry[str]") -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
