"""A store in memory: the same promises as the others, for as long as the process lives."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import BinaryIO, Protocol

from storage.errors import AlreadyStored, NotStored
from storage.stores.base import Capabilities, ObjectStat, ObjectVersion, Refusal, check_key

ONLY_VERSION = "1"


class MemoryStore:
    """Objects as bytes under their keys."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._objects: dict[str, bytes] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The store's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Nothing here outlives the process."""
        return Capabilities(durable=False, versions=False, object_lock=False)

    @contextmanager
    def put_new(self, key: str) -> Iterator["MemoryUpload"]:
        """Begin a new object; leaving the context without `commit` aborts it."""
        check_key(key)
        if key in self._objects:
            raise AlreadyStored(f"{self._name}: {key}", store=self._name, key=key)
        upload = MemoryUpload(self, key)
        try:
            yield upload
        finally:
            upload.abort()

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream of the object's bytes from `start`, at most `length` of them."""
        content = self._content(key)
        end = len(content) if length is None else start + length
        return io.BytesIO(content[start:end])

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The object's bytes in one piece."""
        yield self._content(key)

    def server_sha256(self, key: str) -> str | None:
        """None: memory computes nothing."""
        self._content(key)
        return None

    def set_aside(self, key: str, aside: str) -> bool:
        """Move the bytes to the other name."""
        check_key(aside)
        content = self._content(key)
        self.publish(aside, content)
        with self._lock:
            self._objects.pop(key, None)
        return True

    def stat(self, key: str) -> ObjectStat:
        """Size of the object."""
        return ObjectStat(key, len(self._content(key)))

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object whose key begins with the prefix, in key order."""
        with self._lock:
            found = sorted((k, len(v)) for k, v in self._objects.items() if k.startswith(prefix))
        for key, size in found:
            yield ObjectStat(key, size)

    def list_versions(self, key: str) -> Iterator[str]:
        """The one version, or none."""
        check_key(key)
        if key in self._objects:
            yield ONLY_VERSION

    def delete_version(self, key: str, version: str) -> None:
        """Remove the object."""
        self._content(key)
        if version != ONLY_VERSION:
            raise NotStored(f"{self._name}: {key} version {version}", store=self._name, key=key)
        with self._lock:
            self._objects.pop(key, None)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """The one version of every key that begins with the prefix."""
        for each in self.list(prefix):
            yield ObjectVersion(each.key, ONLY_VERSION, each.size_bytes)

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Remove the objects."""
        for key, version in versions:
            with suppress(NotStored):
                self.delete_version(key, version)
        yield from ()

    def make_durable(self, key: str) -> None:
        """See that the object is there: that is all that memory can promise."""
        self._content(key)

    def sweep(self) -> int:
        """Nothing: an upload that was interrupted is gone with its process."""
        return 0

    def publish(self, key: str, content: bytes) -> ObjectStat:
        """Make a whole object visible, if nothing stands under its key.

        Raises: AlreadyStored.
        """
        with self._lock:
            if key in self._objects:
                raise AlreadyStored(f"{self._name}: {key}", store=self._name, key=key)
            self._objects[key] = content
        return ObjectStat(key, len(content))

    def _content(self, key: str) -> bytes:
        try:
            return self._objects[check_key(key)]
        except KeyError as error:
            raise NotStored(f"{self._name}: {key}", store=self._name, key=key) from error


class Publisher(Protocol):
    """A store in memory, as an upload sees it."""

    def publish(self, key: str, content: bytes) -> ObjectStat:
        """Make a whole object visible, if nothing stands under its key.

        Raises: AlreadyStored.
        """


class MemoryUpload:
    """One object on its way into memory."""

    def __init__(self, store: Publisher, key: str) -> None:
        self._store = store
        self._key = key
        self._content = bytearray()
        self._open = True

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes."""
        assert self._open, "an upload that has ended takes no bytes"
        self._content += chunk

    def commit(self) -> ObjectStat:
        """Make the object visible under its key."""
        assert self._open, "an upload is committed once"
        self._open = False
        return self._store.publish(self._key, bytes(self._content))

    def abort(self) -> None:
        """Forget the bytes written so far."""
        self._open = False
        self._content = bytearray()
