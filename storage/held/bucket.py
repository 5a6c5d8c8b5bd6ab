"""A party's bucket that we may read: keys of any name, bytes as the server sends them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from formats.spelling import shown
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.held.errors import FileUnreachable
from storage.held.parties import Place
from storage.held.web import LOOPBACK, read_credentials

CHUNK_BYTES = 1024 * 1024
_GONE = ("NoSuchKey", "404", "NotFound")
_NOBODY = ("NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SlowDown")


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket and the prefix of a party's keys in it."""

    bucket: str
    prefix: str
    client: Any = field(repr=False)

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one object, in pieces.

        Raises: NotStored; CopyUnreadable when it is there but cannot be sent; FileUnreachable;
        StoreUnreachable.
        """
        try:
            found = self.client.get_object(Bucket=self.bucket, Key=self._key(path))
        except ClientError as error:
            raise self._fault(error, path) from error
        except (BotoCoreError, OSError) as error:
            raise StoreUnreachable(f"{self.bucket}: {error}", store=self.bucket) from error
        try:
            yield from found["Body"].iter_chunks(CHUNK_BYTES)
        except (BotoCoreError, OSError) as error:
            raise FileUnreachable(f"{path}: {error}", store=self.bucket) from error

    def answers(self, path: str) -> bool:
        """Whether the bucket has this object; without a path, whether it can be listed.

        Raises: StoreUnreachable.
        """
        try:
            if path:
                self.client.head_object(Bucket=self.bucket, Key=self._key(path))
            else:
                self.client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise StoreUnreachable(f"{self.bucket}: {error}", store=self.bucket) from error
        except (BotoCoreError, OSError) as error:
            raise StoreUnreachable(f"{self.bucket}: {error}", store=self.bucket) from error
        return True

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path

    def _fault(self, error: ClientError, path: str) -> Exception:
        if error.response["Error"]["Code"] in _GONE:
            return NotStored(path, key=path)
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if status >= 500 and self.answers(path):
            return CopyUnreadable(f"{path}: HTTP {status}", key=path)
        kind = StoreUnreachable if error.response["Error"]["Code"] in _NOBODY else FileUnreachable
        return kind(f"{self.bucket}: {error}", store=self.bucket)


def open_bucket(place: Place) -> BucketPlace:
    """The bucket at a place; its credentials are access_key_id and secret_access_key in TOML.

    Raises: StoreUnreachable when it may not or cannot be used so.
    """
    parts = urlsplit(place.address)
    if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in LOOPBACK):
        raise StoreUnreachable(f"{shown(place.address)}: https", store=place.address)
    try:
        known = read_credentials(place.credentials)
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=place.address,
            region_name=place.region,
            aws_access_key_id=known.get("access_key_id"),
            aws_secret_access_key=known.get("secret_access_key"),
            verify=place.ca or True,
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 3, "mode": "standard"},
                response_checksum_validation="when_required",
            ),
        )
    except (BotoCoreError, OSError, ValueError) as error:
        raise StoreUnreachable(f"{shown(place.address)}: {error}", store=place.address) from error
    return BucketPlace(place.bucket, place.prefix.strip("/"), client)
