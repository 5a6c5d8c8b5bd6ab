"""A real S3 server (SeaweedFS) on this machine: the demonstration's store in the cloud."""

import json
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from formats.tools import Running, ToolUnavailable, find_program, running_server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROGRAM = "weed"
PARTS = ("master", "volume", "filer", "s3")
REGION = "us-east-1"
READY_SECONDS = 60.0
ATTEMPTS = 3
"""Another process may take a port between our asking for it and the server's start."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where the server listens, and who may use it."""

    endpoint: str
    access_key_id: str
    secret_access_key: str


@contextmanager
def running_cloud(folder: Path, access_key_id: str, secret_access_key: str) -> Iterator[Cloud]:
    """The server, listening on loopback only, with what it keeps in the folder; ready for objects.

    Raises: ToolUnavailable when it is not installed, or does not come up.
    """
    program = find_server()
    if program is None:
        raise ToolUnavailable(PROGRAM)
    folder.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        ports = free_ports(2 * len(PARTS))
        cloud = Cloud(endpoint_of(ports), access_key_id, secret_access_key)
        command = server_command(program, folder, ports, cloud)
        with running_server(command, folder) as server:
            if _ready(cloud, server):
                try:
                    yield cloud
                finally:
                    server.kill()
                    remove_sockets(ports)
                return
            if attempt == ATTEMPTS:
                raise ToolUnavailable(f"{PROGRAM}: {server.tail()}")


def find_server() -> Path | None:
    """Where SeaweedFS stands: beside this Python (it comes as a wheel), or on the PATH."""
    beside = Path(sys.executable).with_name(PROGRAM)
    return beside if beside.is_file() else find_program(PROGRAM)


def server_command(
    program: Path, folder: Path, ports: Sequence[int], cloud: Cloud
) -> list[str | Path]:
    """One process for everything; many small volumes, for each bucket takes seven of them.

    `ports`: two for each part, as `free_ports` gives them. Who may use it is written beside.
    """
    identities = folder / "s3.json"
    identities.touch(0o600)
    identities.write_text(_identities(cloud), "utf-8")
    listening = [
        option
        for name, port, grpc in zip(PARTS, ports[::2], ports[1::2], strict=True)
        for option in (f"-{name}.port={port}", f"-{name}.port.grpc={grpc}")
    ]
    return [
        program, "-logtostderr", "server", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", *listening, "-filer", "-s3", f"-s3.config={identities}",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-volume.max=2000", "-master.volumeSizeLimitMB=64",
    ]  # fmt: skip


def endpoint_of(ports: Sequence[int]) -> str:
    """The address of the S3 part."""
    return f"http://127.0.0.1:{ports[2 * PARTS.index('s3')]}"


def free_ports(count: int) -> list[int]:
    """So many ports of loopback that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def remove_sockets(ports: Sequence[int]) -> None:
    """Remove its short cuts past the network, which a killed server leaves in the system's /tmp."""
    for port in ports:
        for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - it puts them there
            left.unlink(missing_ok=True)


def client_of(cloud: Cloud) -> "S3Client":
    """A plain client, for what stands behind the back of a store."""
    return boto3.client(
        "s3",
        endpoint_url=cloud.endpoint,
        aws_access_key_id=cloud.access_key_id,
        aws_secret_access_key=cloud.secret_access_key,
        region_name=REGION,
    )


def takes_objects(cloud: Cloud) -> bool:
    """Whether the server is so far that an object can be put."""
    client = client_of(cloud)
    with suppress(BotoCoreError, ClientError):
        with suppress(ClientError):
            # It may have been made at an earlier try, whose object did not go in.
            client.create_bucket(Bucket="ready")
        client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        return True
    return False


def _identities(cloud: Cloud) -> str:
    credentials = [{"accessKey": cloud.access_key_id, "secretKey": cloud.secret_access_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return json.dumps(
        {"identities": [{"name": "edepot", "credentials": credentials, "actions": actions}]}
    )


def _ready(cloud: Cloud, server: Running) -> bool:
    """Wait until an object can be put; False when the server ended, or never comes that far."""
    until = time.monotonic() + READY_SECONDS
    while server.wait(0.1) is None and time.monotonic() < until:
        if takes_objects(cloud):
            return True
    return False
