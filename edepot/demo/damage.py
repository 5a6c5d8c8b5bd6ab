"""Damage for the demonstration: one copy on disk, one in the cloud, one file of a party."""

import json
from dataclasses import dataclass
from pathlib import Path

import obstore
import obstore.store
from sqlalchemy import select

from edepot.demo.cloud import REGION, Cloud, client_of
from edepot.depot import Depot
from storage.catalogue import COPIES
from storage.database import reading

BUCKET = "edepot-demo"
PLACE = 1_000


@dataclass(frozen=True, slots=True)
class Damaged:
    """What was damaged: the store, and the key or path."""

    store: str
    key: str


def make_bucket(cloud: Cloud, credentials: Path) -> None:
    """A bucket for the demonstration, and the file with who we are there."""
    content = (
        f"access_key_id = {json.dumps(cloud.access_key_id)}\n"
        f"secret_access_key = {json.dumps(cloud.secret_access_key)}\n"
    )
    credentials.touch(0o600)
    credentials.write_text(content, "utf-8")
    client_of(cloud).create_bucket(Bucket=BUCKET)


def damage_folder(depot: Depot, store: str, root: Path) -> Damaged:
    """One bit of the first copy in a folder becomes another, behind the depot's back."""
    key = _key_in(depot, store, 0)
    file = root / key
    file.chmod(0o600)
    content = _with_other_bit(file.read_bytes())
    file.write_bytes(content)
    file.chmod(0o440)
    return Damaged(store, key)


def damage_bucket(depot: Depot, store: str, cloud: Cloud) -> Damaged:
    """The same in a bucket: other bytes under the key of the second copy."""
    bucket = obstore.store.S3Store(
        BUCKET,
        endpoint=cloud.endpoint,
        region=REGION,
        access_key_id=cloud.access_key_id,
        secret_access_key=cloud.secret_access_key,
        client_options={"allow_http": True},
    )
    key = _key_in(depot, store, 1)
    content = bytes(obstore.get(bucket, key).bytes())
    obstore.put(bucket, key, _with_other_bit(content))
    return Damaged(store, key)


def _key_in(depot: Depot, store: str, number: int) -> str:
    with reading(depot.engine) as connection:
        keys = connection.execute(
            select(COPIES.c.key).where(COPIES.c.store == store).order_by(COPIES.c.key)
        ).scalars()
        return str(list(keys)[number])


def _with_other_bit(content: bytes) -> bytes:
    return content[:PLACE] + bytes([content[PLACE] ^ 1]) + content[PLACE + 1 :]
