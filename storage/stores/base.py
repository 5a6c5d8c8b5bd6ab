"""The protocol that every kind of store keeps, and the values it speaks in."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """What a store says of one object: key, size in bytes."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do beyond the protocol's must."""

    durable: bool
    versions: bool
    object_lock: bool


class Upload(Protocol):
    """One object on its way in: nobody sees it before `commit`, nothing is left after `abort`."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes."""

    def commit(self) -> ObjectStat:
        """Make the object durable and visible under its key, whole, at once.

        Raises: AlreadyStored when something stands there by now.
        """

    def abort(self) -> None:
        """Forget the bytes written so far."""


class Store(Protocol):
    """A place that keeps objects under keys: ASCII, relative, no user input in them."""

    @property
    def name(self) -> str:
        """The store's name in the configuration."""

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""

    def put_new(self, key: str) -> AbstractContextManager[Upload]:
        """Begin a new object; leaving the context without `commit` aborts it.

        Raises: AlreadyStored when something stands under the key.
        """

    def open_read(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of the object's bytes from `start`, at most `length` of them.

        Raises: NotStored; StoreUnreachable.
        """

    def stat(self, key: str) -> ObjectStat:
        """Size of the object.

        Raises: NotStored; StoreUnreachable.
        """

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every committed object whose key begins with the prefix, in key order."""

    def list_versions(self, key: str) -> Iterator[str]:
        """The ids of every version that the store holds under the key."""

    def delete_version(self, key: str, version: str) -> None:
        """Remove one version for good.

        Raises: NotStored; StoreUnreachable.
        """

    def sweep(self) -> int:
        """Remove what interrupted uploads left behind; the number of things removed."""
