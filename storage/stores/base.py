"""The protocol that every kind of store keeps, and the values it speaks in."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from storage.errors import KeyRefused

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
MAX_KEY_BYTES = 900
MAX_NAME_BYTES = 200


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """What a store says of one object: key, size in bytes."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version under a key; `marker`: S3's mark of a deletion, which has no bytes; `upload`: an
    upload in parts that was never ended, whose bytes nobody sees."""

    key: str
    version: str
    size_bytes: int
    marker: bool = False
    upload: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do beyond the protocol's must.

    `conditional_put`: two writers of one key are told apart by the store itself; `checksums`: it
    computes a SHA-256 of the bytes that it stored and can be asked for it.
    """

    durable: bool
    versions: bool
    object_lock: bool
    conditional_put: bool = True
    checksums: bool = False


Refusal = tuple[tuple[str, str], str]
"""A (key, version) that a store refuses to remove, and why."""


class Upload(Protocol):
    """One object on its way in: nobody sees it before `commit`, nothing is left after `abort`."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes.

        Raises: StoreFailed.
        """

    def commit(self) -> ObjectStat:
        """Make the object durable and visible under its key, whole, at once.

        Raises: AlreadyStored when something stands there by now; StoreFailed.
        """

    def abort(self) -> None:
        """Forget the bytes written so far; nothing happens after `commit`."""


class Store(Protocol):
    """A place that keeps objects under keys: ASCII, relative, no user input in them.

    Every method that takes a key raises KeyRefused for one that is not so.
    """

    @property
    def name(self) -> str:
        """The store's name in the configuration."""

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""

    def put_new(self, key: str) -> AbstractContextManager[Upload]:
        """Begin a new object; leaving the context without `commit` aborts it.

        Raises: AlreadyStored when something stands under the key; StoreFailed; StoreUnreachable.
        """

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream of the object's bytes from `start`, at most `length` of them.

        `fresh` asks for the bytes from the medium itself rather than from a cache, where the
        store can; a check is worth nothing otherwise.

        Raises: NotStored; CopyUnreadable (here, or from the stream); StoreUnreachable.
        """

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The object's bytes from beginning to end, in pieces: the quickest way to read it whole.

        A piece is valid until the next one is asked for. `fresh` as for `open_read`.

        Raises: NotStored; CopyUnreadable; StoreUnreachable; each while iterating too.
        """

    def server_sha256(self, key: str) -> str | None:
        """The hex SHA-256 that the store itself computed from the bytes when they came in.

        Evidence of the upload, never of the bytes as they are now. None where the store has none.

        Raises: NotStored; StoreUnreachable.
        """

    def set_aside(self, key: str, aside: str) -> bool:
        """Free a key: its object goes to another, free key, byte for byte, also a damaged one.

        False when the bytes could not be kept, because the store cannot read them itself; the
        key is free then all the same.

        Raises: NotStored; AlreadyStored when something stands under `aside`; StoreFailed when
        the key cannot be freed (an object lock); StoreUnreachable.
        """

    def stat(self, key: str) -> ObjectStat:
        """Size of the object.

        Raises: NotStored; CopyUnreadable; StoreUnreachable.
        """

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every committed object whose key begins with the prefix, in key order.

        Raises: StoreUnreachable.
        """

    def list_versions(self, key: str) -> Iterator[str]:
        """The ids of every version that the store holds under the key."""

    def delete_version(self, key: str, version: str) -> None:
        """Remove one version for good.

        Raises: NotStored; StoreUnreachable.
        """

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker of every key that begins with the prefix.

        Raises: StoreUnreachable.
        """

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Ask for exact (key, version) pairs to be removed for good; those that the store refuses
        (a lock, a right that we lack), each with its words. One that is not there is no refusal.

        The rest was accepted, which is no proof that it is gone: ask again.

        Raises: StoreFailed, StoreUnreachable: then nothing is known of any of them.
        """

    def make_durable(self, key: str) -> None:
        """Make sure of an object that is visible but whose writer may have died before the end.

        Raises: NotStored; StoreFailed; StoreUnreachable.
        """

    def sweep(self) -> int:
        """Remove what interrupted uploads left behind; the number of things removed.

        What a living process is writing stays.
        """


@runtime_checkable
class KeepsUploads(Protocol):
    """A store in which uploads in parts stand until they are ended; `delete_all` ends them."""

    def unended(self, prefix: str) -> Iterator[ObjectVersion]:
        """The unended uploads of keys that begin with the prefix.

        Raises: StoreUnreachable.
        """


def is_key(key: str) -> bool:
    """Whether an object may bear this key."""
    return (
        _KEY.fullmatch(key) is not None
        and len(key) <= MAX_KEY_BYTES
        and max(map(len, key.split("/"))) <= MAX_NAME_BYTES
    )


def check_key(key: str) -> str:
    """The key itself, when an object may bear it.

    Raises: KeyRefused.
    """
    if not is_key(key):
        raise KeyRefused(f"{key!r} is not a key: ASCII letters, digits, . _ - and /", key=key)
    return key
