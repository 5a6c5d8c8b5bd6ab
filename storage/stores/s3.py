"""A store in a bucket: write-once by the server's own conditions, and believed only when proven.

Bytes are read with obstore, for it is several times cheaper than boto3; everything else is asked
with boto3. Layout: `<prefix>/<key>`. What is left where a server does not honour conditional
puts: two writers of one key at the very same moment may both be told that they won; within one
depot the archive's lock keeps them apart.
"""

import itertools
import math
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
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
from storage.stores.s3_control import Control, OpenUpload, hex_of
from storage.stores.s3_errors import BOTO, NO_BUCKET, OBSTORE, Answer, answer_of, pause
from storage.stores.s3_locks import why_kept
from storage.stores.s3_place import Patience, S3Place
from storage.stores.s3_read import Reader
from storage.stores.s3_upload import PART_BYTES, Place, S3Upload

__all__ = ["Patience", "S3Place", "S3Store"]

DELETED_AT_ONCE = 1000
UPLOAD = "upload:"  # and its number: as what an upload that was never ended stands in a list
SEEN_SECONDS = 5.0
LEVELS = 2
"""So many levels of folders are listed one by one; what is below, at once."""


class S3Store:
    """Objects in a bucket. Threads may share it; a process that forks opens its own."""

    def __init__(  # noqa: PLR0913 - what may be chosen of a store, each by name
        self,
        name: str,
        place: S3Place,
        *,
        trust_checksum: bool = False,
        conditional: bool = True,
        patience: Patience | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """`trust_checksum`: after a put, the SHA-256 that the server computed is proof enough.

        `conditional`: the server refuses a put under a key that is taken (the probe tells).
        `part_bytes`: the most that is held in memory; what is larger goes in parts (5 MB or more).
        """
        self._name = name
        self._place = place
        self._trust_checksum = trust_checksum
        self._conditional = conditional
        self._patience = patience or Patience()
        self._control = Control(place, self._patience)
        self._reader = Reader(name, place, self._control, self._patience)
        self._part_bytes = part_bytes
        self._lock = Lock()
        self._seen, self._there_at = False, -math.inf
        self._mine: set[str] = set()
        self._numbers = itertools.count(1)
        self._marked = f"{socket.gethostname()}-{os.getpid()}-{time.monotonic_ns()}"

    @property
    def name(self) -> str:
        """The store's name in the configuration."""
        return self._name

    @property
    def place(self) -> S3Place:
        """Where it stands."""
        return self._place

    @property
    def control(self) -> Control:
        """The questions that only S3 knows, for the probe."""
        return self._control

    @property
    def capabilities(self) -> Capabilities:
        """What this kind can do, as far as the server keeps to it: the probe tells."""
        return Capabilities(
            durable=True,
            versions=True,
            object_lock=True,
            conditional_put=self._conditional,
            checksums=self._trust_checksum,
        )

    @contextmanager
    def put_new(self, key: str) -> Iterator[S3Upload]:
        """Begin a new object; leaving the context without `commit` aborts it."""
        check_key(key)
        if not self._seen:
            # Some servers make a bucket that is not there; a name mistyped must not found one.
            self._refuse_no_bucket()
            self._seen = True
        self._refuse_taken(key)
        upload = S3Upload(
            Place(
                store=self._name,
                control=self._control,
                key=key,
                mark=f"{self._marked}-{next(self._numbers)}",
                conditional=self._conditional,
                part_bytes=self._part_bytes,
                begun=self._begun,
                ended=self._ended,
            )
        )
        try:
            yield upload
        finally:
            upload.abort()

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream of the object's bytes from `start`, at most `length` of them."""
        return self._reader.stream(check_key(key), start, length)

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The object's bytes in pieces of some 1 MB, a small one in one piece."""
        yield from self._reader.chunks(check_key(key))

    def server_sha256(self, key: str) -> str | None:
        """What the server computed when the bytes came in; None for what came in parts."""
        check_key(key)
        try:
            head = self._control.head(key)
        except BOTO as error:
            raise self._unreachable(key, answer_of(error)) from error
        if head is None:
            self.stat(key)
            raise self._unreachable(key, Answer(404, "", "404, and then not"))
        return hex_of(head.sha256)

    def stat(self, key: str) -> ObjectStat:
        """Size of the object."""
        return self._reader.stat(check_key(key))

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object whose key begins with the prefix, in key order, whatever the server's is."""
        self._refuse_no_bucket()
        try:
            yield from self._listed(prefix)
        except BOTO as error:
            raise self._unreachable(prefix, answer_of(error)) from error

    def list_versions(self, key: str) -> Iterator[str]:
        """Every version, then every delete marker, under the key."""
        check_key(key)
        for number in range(1, self._patience.doubts + 2):
            try:
                found = self._control.versions(key)
            except BOTO as error:
                raise self._unreachable(key, answer_of(error)) from error
            if found or self._absent(key):
                yield from found
                return
            pause(self._patience, number)
        raise self._unreachable(key, Answer(404, "", "it is there, but a listing has it not"))

    def delete_version(self, key: str, version: str) -> None:
        """Remove one version for good, and see that it is gone.

        Raises: NotStored; StoreFailed when it is locked or still there; StoreUnreachable.
        """
        if version not in set(self.list_versions(key)):
            raise NotStored(f"{self._name}: {key} version {version}", store=self._name, key=key)
        try:
            self._control.delete(key, version)
        except BOTO as error:
            answer = answer_of(error)
            if not answer.no_such_key:
                raise self._not_deleted(key, version, answer) from error
        for number in range(1, self._patience.doubts + 2):
            if not self._still_there(key, version):
                self._refuse_no_bucket()
                return
            pause(self._patience, number)
        raise self._failed(key, "the server said that it removed it, and still has it")

    def set_aside(self, key: str, aside: str) -> bool:
        """Have the server copy the object, then remove every version under the key."""
        check_key(aside)
        size = self.stat(key).size_bytes
        self._refuse_taken(aside)
        kept = self._copied(key, aside, size)
        # When this fails, the copy stays: better twice than, by an answer that came late, not
        # at all.
        for version in list(self.list_versions(key)):
            self.delete_version(key, version)
        return kept

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker of every key that begins with the prefix."""
        found = False
        try:
            for each in self._control.all_versions(prefix):
                found = True
                yield each
        except BOTO as error:
            raise self._unreachable(prefix, answer_of(error)) from error
        now = time.monotonic()
        if not found and now - self._there_at > SEEN_SECONDS:
            # Some servers say of a bucket that is not there that it has nothing.
            self._refuse_no_bucket()
        self._there_at = now

    def unended(self, prefix: str) -> Iterator[ObjectVersion]:
        """The unended uploads of keys that begin with the prefix."""
        try:
            found = self._control.open_uploads(prefix)[0]
        except BOTO as error:
            raise self._unreachable(prefix, answer_of(error)) from error
        for each in found:
            yield ObjectVersion(each.key, f"{UPLOAD}{each.upload_id}", 0, upload=True)

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Ask for exact versions to be removed, a thousand at once, and uploads to be ended."""
        whole = [each for each in versions if not each[1].startswith(UPLOAD)]
        try:
            for key, version in versions:
                if version.startswith(UPLOAD):
                    self._control.abort(key, version.removeprefix(UPLOAD))
            for start in range(0, len(whole), DELETED_AT_ONCE):
                part = whole[start : start + DELETED_AT_ONCE]
                for each, why in self._control.delete_many(part):
                    yield each, why_kept(self._control, *each, why)
        except BOTO as error:
            raise self._unreachable("", answer_of(error)) from error

    def make_durable(self, key: str) -> None:
        """See that the object is there: what a server shows, it keeps."""
        self.stat(key)

    def sweep(self) -> int:
        """Abort multipart uploads that gave no sign of life for hours, by the server's clock."""
        try:
            uploads, clock = self._control.open_uploads()
            return sum(self._swept(each, clock) for each in uploads) if clock else 0
        except BOTO as error:
            raise self._unreachable("", answer_of(error)) from error

    def put_legal_hold(self, key: str, on: bool) -> None:
        """Put a legal hold on every version under the key, or lift it.

        Raises: NotStored; StoreFailed when the server has no such thing; StoreUnreachable.
        """
        self.stat(key)
        for version in self.list_versions(key):
            try:
                held = self._control.hold(key, version, on=on)
            except BOTO as error:
                raise self._refused(key, answer_of(error)) from error
            if held is not on:
                raise self._failed(key, "the server does not keep the legal hold")

    def _absent(self, key: str) -> bool:
        """Whether nothing stands under the key, by two questions that agree."""
        try:
            self.stat(key)
        except NotStored:
            return True
        return False

    def _refuse_no_bucket(self) -> None:
        """A bucket that is not there says nothing of what it held."""
        try:
            there = self._control.there()
        except BOTO as error:
            raise self._unreachable("", answer_of(error)) from error
        if not there:
            raise self._unreachable("", Answer(404, NO_BUCKET, "there is no such bucket"))

    def _refuse_taken(self, key: str) -> None:
        """Look before a put. The put's own condition decides; this only spares the way."""
        try:
            taken = self._control.head(key) is not None
        except BOTO as error:
            raise self._unreachable(key, answer_of(error)) from error
        if taken:
            raise AlreadyStored(f"{self._name}: {key}", store=self._name, key=key)

    def _listed(self, prefix: str) -> Iterator[ObjectStat]:
        """The tree in key order: a server may list "a/1" before "a-b", or after it."""
        if prefix.count("/") >= LEVELS:
            yield from self._below(prefix)
            return
        objects, folders = self._control.level(prefix)
        entries: dict[str, ObjectStat | None] = dict.fromkeys(folders)
        entries.update((each.key, each) for each in objects)
        for name in sorted(entries):
            each = entries[name]
            if each is not None:
                yield each
            else:
                yield from self._listed(name)

    def _below(self, prefix: str) -> Iterator[ObjectStat]:
        folder = prefix[: prefix.rfind("/") + 1]
        try:
            found = list(self._reader.flat(folder)) if prefix == folder else None
        except OBSTORE:
            found = None
        if found is None:
            # A part of a name, or a stranger's key that obstore does not take: the exact way.
            found = list(self._control.below(prefix))
        yield from sorted(found, key=lambda each: each.key)

    def _still_there(self, key: str, version: str) -> bool:
        """Whether either a listing of versions or the version itself says that it is there."""
        try:
            return version in self._control.versions(key) or (
                self._control.head(key, version) is not None
            )
        except BOTO as error:
            raise self._unreachable(key, answer_of(error)) from error

    def _copied(self, key: str, aside: str, size: int) -> bool:
        try:
            self._control.copy(key, aside, size)
        except BOTO as error:
            if answer_of(error).taken:
                raise AlreadyStored(
                    f"{self._name}: {aside}", store=self._name, key=aside
                ) from error
            # It was free a moment ago: what stands there by now is of a copy without an answer.
            self._drop(aside)
            return self._carried(key, aside)
        try:
            copied = self.stat(aside).size_bytes
        except NotStored as error:
            raise self._failed(aside, "the server said that it copied the object") from error
        if copied != size:
            self._drop(aside)
            raise self._failed(aside, f"{copied} bytes were copied of {size}")
        return True

    def _carried(self, key: str, aside: str) -> bool:
        """Copy by reading and putting; False when the bytes cannot be read at all."""
        with self.put_new(aside) as upload:
            try:
                for piece in self.read_chunks(key):
                    upload.write(piece)
            except CopyUnreadable:
                return False
            upload.commit()
        return True

    def _drop(self, key: str) -> None:
        for version in list(self.list_versions(key)):
            self.delete_version(key, version)

    def _swept(self, upload: OpenUpload, clock: datetime) -> bool:
        patience = timedelta(seconds=self._patience.abandoned_seconds)
        with self._lock:
            mine = upload.upload_id in self._mine
        if mine or clock - upload.alive_at < patience:
            return False
        if clock - self._control.last_part_at(upload) < patience:
            return False
        return self._control.abort(upload.key, upload.upload_id)

    def _begun(self, upload_id: str) -> None:
        with self._lock:
            self._mine.add(upload_id)

    def _ended(self, upload_id: str) -> None:
        with self._lock:
            self._mine.discard(upload_id)

    def _not_deleted(self, key: str, version: str, answer: Answer) -> StorageError:
        """What a refused removal means: a lock tells until when."""
        if answer.passing or answer.code == NO_BUCKET:
            return self._unreachable(key, answer)
        return self._failed(key, why_kept(self._control, key, version, answer.text))

    def _refused(self, key: str, answer: Answer) -> StorageError:
        return self._unreachable(key, answer) if answer.passing else self._failed(key, answer.text)

    def _failed(self, key: str, why: str) -> StoreFailed:
        return StoreFailed(f"{self._name}: {key}: {why}", store=self._name, key=key, found=why)

    def _unreachable(self, key: str, answer: Answer) -> StoreUnreachable:
        return self._reader.unreachable(key, answer)
