"""Reading from a bucket, with obstore; and what it means when reading fails.

A 404 is believed when two different questions (the object itself, and a listing) agree. A server
that says 500 for the bytes while it shows the object is suspected of damage: CopyUnreadable. No
answer, a refusal and "slow down" say nothing of the copy: StoreUnreachable.
"""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import obstore
from obstore.store import S3Store as Bytes

from storage.errors import CopyUnreadable, NotStored, StorageError, StoreUnreachable
from storage.stores.base import ObjectStat
from storage.stores.s3_control import Control
from storage.stores.s3_errors import BOTO, OBSTORE, Answer, answer_of, pause
from storage.stores.s3_place import Patience, S3Place

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult

WHOLE_BYTES = 4 * 1024 * 1024
"""Up to this size an object is taken in one piece."""
CHUNK_BYTES = 1024 * 1024
BUFFER_BYTES = 256 * 1024
LONGEST = timedelta(days=7)
"""How long one answer may take in all: a large package over a slow line."""

BEGAN = 200
"""The status of an answer that began well and broke off."""

T = TypeVar("T")


class Reader:
    """The objects of one bucket, to be read; threads may share it."""

    def __init__(self, name: str, place: S3Place, control: Control, patience: Patience) -> None:
        self._name = name
        self._control = control
        self._patience = patience
        self._bytes = _opened(place, patience)

    def stat(self, key: str) -> ObjectStat:
        """Size of the object.

        Raises: NotStored; StoreUnreachable.
        """
        return ObjectStat(key, self._believed(key, lambda: obstore.head(self._bytes, key)["size"]))

    def chunks(self, key: str) -> Iterator[bytes | memoryview]:
        """The object's bytes from beginning to end.

        Raises: NotStored; CopyUnreadable; StoreUnreachable.
        """
        result = self._get(key, None)
        size = result.meta["size"]
        if size <= WHOLE_BYTES:
            whole = self._read(key, lambda: memoryview(result.bytes()))
            self._refuse_short(key, len(whole), size)
            yield whole
            return
        yield from self._counted(key, result, size)

    def stream(self, key: str, start: int, length: int | None) -> BinaryIO:
        """A stream of at most `length` bytes from `start`.

        Raises: NotStored; CopyUnreadable; StoreUnreachable; the last two from the stream too.
        """
        if length == 0:
            self.stat(key)
            return io.BytesIO()
        options: GetOptions | None = None
        if length is not None:
            options = {"range": (start, start + length)}
        elif start:
            options = {"range": {"offset": start}}
        try:
            result = self._get(key, options)
        except _PastTheEnd:
            return io.BytesIO()
        begin, end = result.range
        body = _Body(self._counted(key, result, end - begin))
        return cast(BinaryIO, io.BufferedReader(body, BUFFER_BYTES))

    def flat(self, prefix: str) -> Iterator[ObjectStat]:
        """Every object in a folder ("a/b/"), in the server's order.

        Raises: StoreUnreachable; obstore's own error for a key that it cannot read.
        """
        for page in obstore.list(self._bytes, prefix or None):
            for each in page:
                yield ObjectStat(each["path"], each["size"])

    def failure(self, key: str, answer: Answer) -> StorageError:
        """What it means that the bytes of an object did not come."""
        if answer.status in (BEGAN, 500):
            try:
                there = self._control.head(key)
            except BOTO as error:
                return self.unreachable(key, answer_of(error))
            if there is not None:
                return CopyUnreadable(
                    f"{self._name}: {key}: {answer.text}",
                    store=self._name,
                    key=key,
                    found=answer.text,
                )
        return self.unreachable(key, answer)

    def unreachable(self, key: str, answer: Answer) -> StoreUnreachable:
        """The store did not answer, or not so that anything was learnt."""
        return StoreUnreachable(
            f"{self._name}: {key}: {answer.text}", store=self._name, key=key, found=answer.text
        )

    def _get(self, key: str, options: "GetOptions | None") -> "GetResult":
        return self._believed(key, lambda: obstore.get(self._bytes, key, options=options))

    def _believed(self, key: str, ask: Callable[[], T]) -> T:
        """An answer; a 404 only when a listing agrees with it."""
        for number in range(1, self._patience.doubts + 2):
            try:
                return ask()
            except OBSTORE as error:
                answer = answer_of(error)
                if answer.status == 416:
                    raise _PastTheEnd from error
                if not answer.no_such_key:
                    raise self.failure(key, answer) from error
                if not self._listed(key):
                    raise NotStored(f"{self._name}: {key}", store=self._name, key=key) from error
            pause(self._patience, number)
        raise self.unreachable(key, Answer(404, "", "404, but a listing shows it"))

    def _listed(self, key: str) -> bool:
        try:
            return self._control.listed(key)
        except BOTO as error:
            raise self.unreachable(key, answer_of(error)) from error

    def _counted(self, key: str, result: "GetResult", size: int) -> Iterator[bytes | memoryview]:
        """The body in pieces, and not one byte less than was announced."""
        pieces = iter(result.stream(min_chunk_size=CHUNK_BYTES))
        count = 0
        while (piece := self._read(key, lambda: next(pieces, None))) is not None:
            count += len(piece)
            yield piece
        self._refuse_short(key, count, size)

    def _read(self, key: str, read: Callable[[], T]) -> T:
        """A piece of a body that the server began to send."""
        try:
            return read()
        except OBSTORE as error:
            answer = answer_of(error)
            began = Answer(answer.status or BEGAN, answer.code, answer.text)
            raise self.failure(key, began) from error

    def _refuse_short(self, key: str, count: int, size: int) -> None:
        if count != size:
            raise self.failure(key, Answer(BEGAN, "", f"{count} bytes came of {size}"))


class _PastTheEnd(Exception):
    """A part was asked for that begins at or after the object's end."""


class _Body(io.RawIOBase):
    """Pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if not self._left:
            self._left = memoryview(next(self._pieces, b""))
        count = min(len(self._left), len(buffer))
        memoryview(buffer)[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _opened(place: S3Place, patience: Patience) -> Bytes:
    return Bytes(
        place.bucket,
        prefix=place.prefix or None,
        endpoint=place.endpoint,
        region=place.region,
        access_key_id=place.access_key_id,
        secret_access_key=place.secret_access_key,
        virtual_hosted_style_request=False,
        client_options={
            # What stands between may have kept something: ask for what the server has.
            "default_headers": {"Cache-Control": "no-cache"},
            "allow_http": place.endpoint.startswith("http://"),
            "timeout": LONGEST,
            "connect_timeout": timedelta(seconds=patience.connect_seconds),
            "read_timeout": timedelta(seconds=patience.read_seconds),
        },
        retry_config={
            "max_retries": patience.tries - 1,
            "retry_timeout": LONGEST,
            "backoff": {
                "init_backoff": timedelta(seconds=patience.pause_seconds),
                "max_backoff": timedelta(seconds=patience.longest_pause_seconds),
                "base": 2,
            },
        },
    )
