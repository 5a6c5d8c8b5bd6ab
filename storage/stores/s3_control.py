"""What obstore cannot ask of an S3 server, asked with boto3: versions, locks, multipart uploads.

Every method works on keys as the store knows them; the prefix is put before them here. Errors are
boto3's own (`s3_errors.BOTO`): what they mean, the store says.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from storage.stores.base import ObjectStat, ObjectVersion, Refusal
from storage.stores.s3_errors import BOTO, NO_BUCKET, answer_of, asked
from storage.stores.s3_place import Patience, S3Place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GONE_ALREADY = frozenset({"NoSuchKey", "NoSuchVersion"})
MARK = "edepot-upload"
LARGEST_COPY_BYTES = 5 * 10**9
COPY_PART_BYTES = 10**9


@dataclass(frozen=True, slots=True)
class Head:
    """What the server says of one object: size, whose upload it is, its checksum, its locks.

    `sha256` is base64 as S3 writes it, with "-<parts>" where it is over the parts' digests.
    """

    size_bytes: int
    mark: str
    sha256: str
    version: str
    locked_until: datetime | None
    legal_hold: bool


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A multipart upload that was begun and not ended, and when it last gave a sign of life."""

    key: str
    upload_id: str
    alive_at: datetime


class Control:
    """The questions to one bucket; threads may share it."""

    def __init__(self, place: S3Place, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._made: S3Client | None = None
        self._lock = Lock()
        self._before = f"{place.prefix}/" if place.prefix else ""

    @property
    def patience(self) -> Patience:
        """How long the server is waited for."""
        return self._patience

    @property
    def client(self) -> "S3Client":
        """The client, which never asks twice by itself: a second PUT means something else."""
        with self._lock:
            if self._made is None:
                self._made = _client(self._place, self._patience)
            return self._made

    @property
    def bucket(self) -> str:
        """The bucket."""
        return self._place.bucket

    def whole(self, key: str) -> str:
        """The key as the bucket knows it."""
        return f"{self._before}{key}"

    def where(self, key: str) -> dict[str, Any]:
        """Bucket and key, as every call wants them."""
        return {"Bucket": self.bucket, "Key": self.whole(key)}

    def head(self, key: str, version: str = "") -> Head | None:
        """What the server says of an object; None when it says 404."""
        more: dict[str, Any] = {"VersionId": version} if version else {}
        try:
            told = asked(
                self._patience,
                lambda: self.client.head_object(**self.where(key), ChecksumMode="ENABLED", **more),
            )
        except ClientError as error:
            # A delete marker that is asked for by its version gives 405.
            if answer_of(error).status in (404, 405):
                return None
            raise
        return Head(
            size_bytes=told["ContentLength"],
            mark=told.get("Metadata", {}).get(MARK, ""),
            sha256=told.get("ChecksumSHA256", ""),
            version=told.get("VersionId", ""),
            locked_until=told.get("ObjectLockRetainUntilDate"),
            legal_hold=told.get("ObjectLockLegalHoldStatus") == "ON",
        )

    def listed(self, key: str) -> bool:
        """Whether a listing, which is another question to the server than HEAD, shows the key."""
        whole = self.whole(key)
        told = asked(
            self._patience,
            lambda: self.client.list_objects_v2(Bucket=self.bucket, Prefix=whole, MaxKeys=2),
        )
        return any(each["Key"] == whole for each in told.get("Contents", []))

    def there(self) -> bool:
        """Whether the bucket is there."""
        try:
            asked(self._patience, lambda: self.client.list_objects_v2(
                Bucket=self.bucket, Prefix=self._before, MaxKeys=1
            ))  # fmt: skip
        except ClientError as error:
            if answer_of(error).code == NO_BUCKET or answer_of(error).status == 404:
                return False
            raise
        return True

    def level(self, prefix: str) -> tuple[list[ObjectStat], list[str]]:
        """The objects, and the folders ("…/"), whose names begin with the prefix, at its level."""
        objects: list[ObjectStat] = []
        folders: list[str] = []
        for told in self._pages(prefix, "/"):
            objects.extend(self._stats(told))
            folders.extend(self._plain(each["Prefix"]) for each in told.get("CommonPrefixes", []))
        return objects, folders

    def below(self, prefix: str) -> Iterator[ObjectStat]:
        """Every object whose key begins with the prefix, in the server's order."""
        for told in self._pages(prefix, ""):
            yield from self._stats(told)

    def versions(self, key: str) -> list[str]:
        """The ids of what stands under the key: objects, newest first, then delete markers."""
        whole = self.whole(key)
        objects: list[str] = []
        markers: list[str] = []
        for told in self._version_pages(key):
            objects += [e["VersionId"] for e in told.get("Versions", []) if e["Key"] == whole]
            markers += [e["VersionId"] for e in told.get("DeleteMarkers", []) if e["Key"] == whole]
            # Keys come in order: past our own there is nothing of ours.
            if told.get("NextKeyMarker", "") > whole:
                break
        return objects + markers

    def all_versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker of every key that begins with the prefix."""
        for told in self._version_pages(prefix):
            for each in told.get("Versions", []):
                yield ObjectVersion(self._plain(each["Key"]), each["VersionId"], each["Size"])
            for mark in told.get("DeleteMarkers", []):
                yield ObjectVersion(self._plain(mark["Key"]), mark["VersionId"], 0, marker=True)

    def delete_many(self, versions: Sequence[tuple[str, str]]) -> list[Refusal]:
        """Ask for at most 1,000 exact versions to be removed; those that the server refuses."""
        objects: list[Any] = [
            {"Key": self.whole(key), "VersionId": version} for key, version in versions
        ]
        told = asked(
            self._patience,
            lambda: self.client.delete_objects(
                Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True}
            ),
        )
        return [
            (
                (self._plain(each["Key"]), each.get("VersionId", "")),
                f"{each.get('Code', '')}: {each.get('Message', '')}",
            )
            for each in told.get("Errors", [])
            if each.get("Code") not in GONE_ALREADY
        ]

    def delete(self, key: str, version: str) -> None:
        """Ask for a version to be removed."""
        asked(
            self._patience,
            lambda: self.client.delete_object(**self.where(key), VersionId=version),
        )

    def copy(self, key: str, aside: str, size_bytes: int) -> None:
        """Have the server copy an object to a key where nothing stands."""
        source: Any = self.where(key)
        if size_bytes <= LARGEST_COPY_BYTES:
            self.client.copy_object(**self.where(aside), CopySource=source, IfNoneMatch="*")
            return
        begun = self.client.create_multipart_upload(**self.where(aside))["UploadId"]
        try:
            parts: list[Any] = []
            for number, start in enumerate(range(0, size_bytes, COPY_PART_BYTES), start=1):
                end = min(start + COPY_PART_BYTES, size_bytes) - 1
                told = self.client.upload_part_copy(
                    **self.where(aside),
                    CopySource=source,
                    CopySourceRange=f"bytes={start}-{end}",
                    PartNumber=number,
                    UploadId=begun,
                )
                parts.append({"PartNumber": number, "ETag": told["CopyPartResult"]["ETag"]})
            self.client.complete_multipart_upload(
                **self.where(aside),
                UploadId=begun,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except BOTO:
            self.abort(aside, begun)
            raise

    def abort(self, key: str, upload_id: str) -> bool:
        """End a multipart upload and drop its parts; False when the server knows none."""
        try:
            asked(
                self._patience,
                lambda: self.client.abort_multipart_upload(**self.where(key), UploadId=upload_id),
            )
        except ClientError as error:
            if answer_of(error).status == 404:
                return False
            raise
        return True

    def open_uploads(self, prefix: str = "") -> tuple[list[OpenUpload], datetime | None]:
        """The multipart uploads of keys that begin with a prefix, and the instant by the server's
        own clock."""
        found: list[OpenUpload] = []
        clock: datetime | None = None
        more: dict[str, Any] = {}
        while True:
            told = asked(
                self._patience,
                lambda: self.client.list_multipart_uploads(
                    Bucket=self.bucket,
                    Prefix=self.whole(prefix),
                    **more,  # noqa: B023
                ),
            )
            clock = clock or _clock(told["ResponseMetadata"])
            for each in told.get("Uploads", []):
                key = self._plain(each["Key"])
                found.append(OpenUpload(key, each["UploadId"], each["Initiated"]))
            if not told.get("IsTruncated"):
                return found, clock
            more = {
                "KeyMarker": told["NextKeyMarker"],
                "UploadIdMarker": told["NextUploadIdMarker"],
            }

    def last_part_at(self, upload: OpenUpload) -> datetime:
        """When the last part of an upload came in, or the upload was begun."""
        latest, marker = upload.alive_at, 0
        while True:
            told = asked(
                self._patience,
                lambda: self.client.list_parts(
                    **self.where(upload.key),
                    UploadId=upload.upload_id,
                    PartNumberMarker=marker,  # noqa: B023 - called at once
                ),
            )
            latest = max([latest, *(each["LastModified"] for each in told.get("Parts", []))])
            if not told.get("IsTruncated"):
                return latest
            marker = told["NextPartNumberMarker"]

    def hold(self, key: str, version: str, *, on: bool) -> bool:
        """Put a legal hold on a version, or lift it; what the server says of it afterwards."""
        status: Any = "ON" if on else "OFF"
        of = {**self.where(key), "VersionId": version}
        asked(
            self._patience,
            lambda: self.client.put_object_legal_hold(**of, LegalHold={"Status": status}),
        )
        told = asked(self._patience, lambda: self.client.get_object_legal_hold(**of))
        return told.get("LegalHold", {}).get("Status") == "ON"

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps older versions."""
        told = asked(self._patience, lambda: self.client.get_bucket_versioning(Bucket=self.bucket))
        return told.get("Status") == "Enabled"

    def has_lock(self) -> bool:
        """Whether the bucket has object lock."""
        return bool(self._lock_settings().get("ObjectLockEnabled") == "Enabled")

    def locks_by_itself(self) -> bool:
        """Whether the bucket locks whatever is put into it, for a time that it has as default."""
        return bool(self._lock_settings().get("Rule"))

    def _lock_settings(self) -> Any:
        try:
            told = asked(
                self._patience,
                lambda: self.client.get_object_lock_configuration(Bucket=self.bucket),
            )
        except ClientError as error:
            if answer_of(error).passing:
                raise
            # 404 or 501: a bucket, or a server, without it.
            return {}
        return told.get("ObjectLockConfiguration", {})

    def _version_pages(self, prefix: str) -> Iterator[Any]:
        more: dict[str, Any] = {}
        while True:
            told = asked(
                self._patience,
                lambda: self.client.list_object_versions(
                    Bucket=self.bucket,
                    Prefix=self.whole(prefix),
                    **more,  # noqa: B023 - called at once
                ),
            )
            yield told
            if not told.get("IsTruncated"):
                return
            more = {
                "KeyMarker": told["NextKeyMarker"],
                "VersionIdMarker": told.get("NextVersionIdMarker", ""),
            }

    def _pages(self, prefix: str, delimiter: str) -> Iterator[Any]:
        more: dict[str, Any] = {"Delimiter": delimiter} if delimiter else {}
        while True:
            told = asked(
                self._patience,
                lambda: self.client.list_objects_v2(
                    Bucket=self.bucket,
                    Prefix=self.whole(prefix),
                    **more,
                ),
            )
            yield told
            if not told.get("IsTruncated"):
                return
            more["ContinuationToken"] = told["NextContinuationToken"]

    def _stats(self, told: Any) -> list[ObjectStat]:
        return [ObjectStat(self._plain(e["Key"]), e["Size"]) for e in told.get("Contents", [])]

    def _plain(self, whole: str) -> str:
        return whole.removeprefix(self._before)


def hex_of(sha256: str) -> str | None:
    """The hex SHA-256 of a whole object; None for one over the digests of parts, or none at all."""
    if not sha256 or "-" in sha256:
        return None
    try:
        plain = base64.b64decode(sha256, validate=True)
    except ValueError:
        return None
    return plain.hex() if len(plain) == 32 else None


def _clock(told: Any) -> datetime | None:
    date = told.get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


def _client(place: S3Place, patience: Patience) -> "S3Client":
    session = boto3.session.Session()
    return session.client(
        "s3",
        endpoint_url=place.endpoint,
        region_name=place.region,
        aws_access_key_id=place.access_key_id,
        aws_secret_access_key=place.secret_access_key,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=patience.connect_seconds,
            read_timeout=patience.read_seconds,
            max_pool_connections=64,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
