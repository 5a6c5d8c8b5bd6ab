"""A real S3 server on this machine, so that the demonstration has a store in the cloud."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from formats.tools import Running, ToolUnavailable, find_program, running_server

PROGRAM = "weed"
READY_SECONDS = 60.0
PORTS = ("master", "volume", "filer", "s3")


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where the server listens, and who may use it."""

    endpoint: str
    access_key_id: str
    secret_access_key: str


def find_server() -> Path | None:
    """Where SeaweedFS stands: beside this Python (it comes as a wheel), or on the PATH."""
    beside = Path(sys.executable).with_name(PROGRAM)
    return beside if beside.is_file() else find_program(PROGRAM)


@contextmanager
def running_cloud(folder: Path, access_key_id: str, secret_access_key: str) -> Iterator[Cloud]:
    """The server, listening on loopback only, with what it keeps in the folder.

    Raises: ToolUnavailable when it is not installed, or does not come up.
    """
    program = find_server()
    if program is None:
        raise ToolUnavailable(PROGRAM)
    folder.mkdir(parents=True, exist_ok=True)
    ports = dict(zip(PORTS, _free_ports(2 * len(PORTS)), strict=False))
    identities = folder / "s3.json"
    identities.write_text(_identities(access_key_id, secret_access_key), "utf-8")
    identities.chmod(0o600)
    with running_server(_command(program, folder, ports, identities), folder) as server:
        _wait_for(ports["s3"], server)
        yield Cloud(f"http://127.0.0.1:{ports['s3']}", access_key_id, secret_access_key)


def _command(
    program: Path, folder: Path, ports: dict[str, int], identities: Path
) -> list[str | Path]:
    """One process for everything; many small volumes, for each bucket takes seven of them."""
    grpc = iter(_free_ports(len(PORTS)))
    listening = [
        option
        for name, port in ports.items()
        for option in (f"-{name}.port={port}", f"-{name}.port.grpc={next(grpc)}")
    ]
    return [
        program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        *listening, "-filer", "-s3", f"-s3.config={identities}",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-volume.max=300", "-master.volumeSizeLimitMB=64",
    ]  # fmt: skip


def _identities(access_key_id: str, secret_access_key: str) -> str:
    return json.dumps(
        {
            "identities": [
                {
                    "name": "edepot",
                    "credentials": [{"accessKey": access_key_id, "secretKey": secret_access_key}],
                    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                }
            ]
        }
    )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _wait_for(port: int, server: Running) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError as error:
            if time.monotonic() > until or server.wait(0.2) is not None:
                raise ToolUnavailable(f"{PROGRAM}: {server.tail()}") from error
