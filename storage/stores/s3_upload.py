"""One object on its way into a bucket: one PUT while it is small, else a multipart upload.

Memory: at most one part. A server's "200" is believed by nobody: after it the object is asked
for, and must be there, of the right size, under the mark of this very upload. When no answer
came, nobody knows whether the object was stored; the mark tells that too.
"""

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from storage.errors import AlreadyStored, StorageError, StoreFailed, StoreUnreachable
from storage.stores.base import ObjectStat
from storage.stores.s3_control import MARK, Control, Head
from storage.stores.s3_errors import BOTO, NO_BUCKET, Answer, answer_of, asked, pause

PART_BYTES = 32 * 1024 * 1024
LARGER_FROM_PART = 5_001
"""From here on parts are four times as large, so that 10,000 of them hold 800 GB."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload goes, and how: the store's name, its control, the key, the mark.

    `conditional`: the server is asked to refuse when something stands there. `part_bytes`: the
    size of a part, and of the largest object that goes in one PUT. `begun` and `ended`
    are told the ids of multipart uploads, so that a sweep leaves them.
    """

    store: str
    control: Control
    key: str
    mark: str
    conditional: bool
    part_bytes: int
    begun: Callable[[str], None]
    ended: Callable[[str], None]


class S3Upload:
    """An upload: `write`, then `commit` or `abort`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._control = place.control
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._upload_id = ""
        self._parts: list[Any] = []
        self._part_digests = hashlib.sha256()
        self._open = True

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes; each time that a part is full, it is sent."""
        assert self._open, "an upload that has ended takes no bytes"
        self._digest.update(chunk)
        self._size += len(chunk)
        left = memoryview(chunk)
        while left:
            room = self._part_bytes() - len(self._buffer)
            self._buffer += left[:room]
            left = left[room:]
            if left:
                self._send_part()

    def commit(self) -> ObjectStat:
        """Make the object visible under its key, and see that it is there."""
        assert self._open, "an upload is committed once"
        try:
            if not self._place.conditional:
                self._refuse_taken()
            version = self._complete() if self._upload_id else self._put()
            self._confirm(version)
        except StorageError:
            self.abort()
            raise
        self._close()
        return ObjectStat(self._place.key, self._size)

    def abort(self) -> None:
        """Forget the bytes; what the server cannot drop now is for the sweep."""
        if not self._open:
            return
        if self._upload_id:
            with suppress(*BOTO):
                self._control.abort(self._place.key, self._upload_id)
        self._close()

    def _put(self) -> str:
        """One PUT; the id of the version that came of it, where the server gives one."""
        sha256 = base64.b64encode(self._digest.digest()).decode()
        return self._made(
            lambda: self._control.client.put_object(
                **self._control.where(self._place.key),
                Body=self._buffer,  # type: ignore[arg-type] # botocore takes it
                ContentType="application/octet-stream",
                ChecksumSHA256=sha256,
                Metadata={MARK: self._place.mark},
                **self._condition(),
            )
        )

    def _complete(self) -> str:
        self._send_part()
        return self._made(
            lambda: self._control.client.complete_multipart_upload(
                **self._control.where(self._place.key),
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
                **self._condition(),
            )
        )

    def _made(self, ask: Callable[[], Any]) -> str:
        """Ask for the object to be made, again when no answer came; never one over another."""
        doubtful = False
        patience = self._control.patience
        for number in range(1, patience.tries + 1):
            try:
                return str(ask().get("VersionId", ""))
            except BOTO as error:
                answer = answer_of(error)
                # A try that got no answer may have stored it all the same: 412, or 404 for the
                # multipart upload, may then be the echo of our own success.
                if (doubtful or answer.passing) and self._ours() is not None:
                    return ""
                if answer.taken:
                    raise self._already() from error
                if not answer.passing and not answer.spoilt:
                    raise self._refused(answer) from error
                if number == patience.tries:
                    raise self._refused(answer) from error
                doubtful = doubtful or answer.passing
            pause(patience, number)
        raise AssertionError("at least one try")

    def _confirm(self, version: str) -> None:
        """See that the object is there, whole, and ours.

        Raises: StoreFailed, and what was made is removed again as far as that is known.
        """
        head = self._asked_head()
        for number in range(1, self._control.patience.doubts + 1):
            if head is not None:
                break
            pause(self._control.patience, number)
            head = self._asked_head()
        if head is None:
            self._withdraw(version)
            raise self._failed("the server said that it stored the object, but has it not")
        if head.mark and head.mark != self._place.mark:
            raise self._already()
        wrong = self._wrong(head)
        if wrong:
            self._withdraw(version or (head.mark and (head.version or "null")))
            raise self._failed(wrong)

    def _withdraw(self, version: str) -> None:
        """Remove what is certainly of this upload."""
        if version:
            with suppress(*BOTO):
                self._control.delete(self._place.key, version)

    def _wrong(self, head: Head) -> str:
        if head.size_bytes != self._size:
            return f"the server has {head.size_bytes} bytes of {self._size}"
        if head.sha256 and head.sha256 != self._expected_sha256():
            return f"the server has a SHA-256 of {head.sha256}, not {self._expected_sha256()}"
        return ""

    def _expected_sha256(self) -> str:
        if not self._upload_id:
            return base64.b64encode(self._digest.digest()).decode()
        plain = base64.b64encode(self._part_digests.digest()).decode()
        return f"{plain}-{len(self._parts)}"

    def _refuse_taken(self) -> None:
        if self._asked_head() is not None:
            raise self._already()

    def _ours(self) -> Head | None:
        """The object under the key, when this upload made it."""
        head = self._asked_head()
        return head if head is not None and head.mark == self._place.mark else None

    def _asked_head(self) -> Head | None:
        try:
            return self._control.head(self._place.key)
        except BOTO as error:
            raise self._refused(answer_of(error)) from error

    def _send_part(self) -> None:
        """Send what is in the buffer as the next part; the first one begins the upload."""
        if not self._upload_id:
            self._upload_id = self._begin()
        digest = hashlib.sha256(self._buffer).digest()
        number = len(self._parts) + 1
        sha256 = base64.b64encode(digest).decode()
        try:
            told = asked(
                self._control.patience,
                lambda: self._control.client.upload_part(
                    **self._control.where(self._place.key),
                    UploadId=self._upload_id,
                    PartNumber=number,
                    Body=self._buffer,  # type: ignore[arg-type] # botocore takes it
                    ChecksumSHA256=sha256,
                ),
            )
        except BOTO as error:
            raise self._refused(answer_of(error)) from error
        self._parts.append({"PartNumber": number, "ETag": told["ETag"], "ChecksumSHA256": sha256})
        self._part_digests.update(digest)
        self._buffer.clear()

    def _begin(self) -> str:
        try:
            told = asked(
                self._control.patience,
                lambda: self._control.client.create_multipart_upload(
                    **self._control.where(self._place.key),
                    ContentType="application/octet-stream",
                    ChecksumAlgorithm="SHA256",
                    Metadata={MARK: self._place.mark},
                ),
            )
        except BOTO as error:
            raise self._refused(answer_of(error)) from error
        self._place.begun(told["UploadId"])
        return told["UploadId"]

    def _part_bytes(self) -> int:
        part = self._place.part_bytes
        return part if len(self._parts) + 1 < LARGER_FROM_PART else 4 * part

    def _condition(self) -> dict[str, Any]:
        return {"IfNoneMatch": "*"} if self._place.conditional else {}

    def _close(self) -> None:
        self._open = False
        self._buffer = bytearray()
        if self._upload_id:
            self._place.ended(self._upload_id)

    def _already(self) -> AlreadyStored:
        name, key = self._place.store, self._place.key
        return AlreadyStored(f"{name}: {key}", store=name, key=key)

    def _failed(self, why: str) -> StoreFailed:
        name, key = self._place.store, self._place.key
        return StoreFailed(f"{name}: {key}: {why}", store=name, key=key, found=why)

    def _refused(self, answer: Answer) -> StorageError:
        name, key = self._place.store, self._place.key
        if answer.passing or answer.status in (401, 403) or answer.code == NO_BUCKET:
            return StoreUnreachable(
                f"{name}: {key}: {answer.text}", store=name, key=key, found=answer.text
            )
        return self._failed(answer.text)
