"""A store in memory that keeps versions, as a bucket does: delete markers, locks, exact deletions.

A twin of an S3 bucket with versioning and object lock: a deletion that names no version leaves a
mark and every byte; one that names a version removes it for good, unless it is locked.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import BinaryIO

from storage.errors import AlreadyStored, NotStored, StoreFailed
from storage.stores.base import Capabilities, ObjectStat, ObjectVersion, Refusal, check_key
from storage.stores.memory import MemoryUpload

LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Version:
    """One version under a key; `content` None: the mark of a deletion."""

    id: str
    content: bytes | None


@dataclass(slots=True)
class Contents:
    """All that the store has: versions by key, the newest last, and what is locked."""

    versions: dict[str, tuple[Version, ...]] = field(default_factory=dict)
    locked: frozenset[tuple[str, str]] = frozenset()
    """Pairs of key and version."""

    def copy(self) -> "Contents":
        """The same, to go on from later."""
        return Contents(dict(self.versions), self.locked)


class VersionedMemoryStore:
    """Versions of objects as bytes under their keys."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._numbers = count(1)
        self.contents = Contents()

    @property
    def name(self) -> str:
        """The store's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Nothing here outlives the process."""
        return Capabilities(durable=False, versions=True, object_lock=True)

    @contextmanager
    def put_new(self, key: str) -> Iterator[MemoryUpload]:
        """Begin a new object; leaving the context without `commit` aborts it."""
        if self._current(check_key(key)) is not None:
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
        """Copy the bytes to the other name, then remove every version under the key."""
        content = self._content(key)
        self.publish(check_key(aside), content)
        for version in list(self.list_versions(key)):
            self.delete_version(key, version)
        return True

    def stat(self, key: str) -> ObjectStat:
        """Size of the object."""
        return ObjectStat(key, len(self._content(key)))

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object that is not deleted, whose key begins with the prefix, in key order."""
        for key in self._keys(prefix):
            content = self._current(key)
            if content is not None:
                yield ObjectStat(key, len(content))

    def list_versions(self, key: str) -> Iterator[str]:
        """The ids of every version and mark under the key, the newest first."""
        for each in reversed(self.contents.versions.get(check_key(key), ())):
            yield each.id

    def delete_version(self, key: str, version: str) -> None:
        """Remove one version for good."""
        if version not in set(self.list_versions(key)):
            raise NotStored(f"{self._name}: {key} version {version}", store=self._name, key=key)
        if (key, version) in self.contents.locked:
            raise StoreFailed(f"{self._name}: {key} {LOCKED}", store=self._name, key=key)
        self._remove(key, version)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and mark of every key that begins with the prefix."""
        for key in self._keys(prefix):
            for each in reversed(self.contents.versions.get(key, ())):
                size = len(each.content or b"")
                yield ObjectVersion(key, each.id, size, marker=each.content is None)

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Remove versions; what is locked is refused."""
        for key, version in versions:
            if (key, version) in self.contents.locked:
                yield (key, version), LOCKED
            else:
                self._remove(key, version)

    def make_durable(self, key: str) -> None:
        """See that the object is there: that is all that memory can promise."""
        self._content(key)

    def sweep(self) -> int:
        """Nothing: an upload that was interrupted is gone with its process."""
        return 0

    def publish(self, key: str, content: bytes) -> ObjectStat:
        """Make a whole object visible, as a new version, if nothing stands under its key.

        Raises: AlreadyStored.
        """
        with self._lock:
            if self._current(key) is not None:
                raise AlreadyStored(f"{self._name}: {key}", store=self._name, key=key)
            self._add(key, content)
        return ObjectStat(key, len(content))

    def replace(self, key: str, content: bytes) -> str:
        """Put a newer version over whatever stands there, as a bucket lets anybody do; its id."""
        with self._lock:
            return self._add(key, content)

    def remove(self, key: str) -> None:
        """Delete without naming a version: a mark comes on top, and every byte stays."""
        with self._lock:
            self._add(key, None)

    def put_lock(self, key: str) -> None:
        """Lock every version under the key: it cannot be removed until somebody lifts that."""
        pairs = {(key, version) for version in self.list_versions(key)}
        self.contents.locked |= pairs

    def _add(self, key: str, content: bytes | None) -> str:
        version = Version(f"v{next(self._numbers):04d}", content)
        self.contents.versions[key] = (*self.contents.versions.get(key, ()), version)
        return version.id

    def _remove(self, key: str, version: str) -> None:
        with self._lock:
            left = [each for each in self.contents.versions.get(key, ()) if each.id != version]
            if left:
                self.contents.versions[key] = tuple(left)
            else:
                self.contents.versions.pop(key, None)

    def _keys(self, prefix: str) -> Sequence[str]:
        with self._lock:
            return sorted(each for each in self.contents.versions if each.startswith(prefix))

    def _current(self, key: str) -> bytes | None:
        versions = self.contents.versions.get(key)
        return versions[-1].content if versions else None

    def _content(self, key: str) -> bytes:
        content = self._current(check_key(key))
        if content is None:
            raise NotStored(f"{self._name}: {key}", store=self._name, key=key)
        return content
