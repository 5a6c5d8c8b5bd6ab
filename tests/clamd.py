"""A real clamd for the tests, with one local signature, on a socket in a temporary folder."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edepot.demo.hostile import virus_test_file
from ingest.errors import ScannerAbsent
from ingest.malware import ClamdAddress, scanner_version

MARKER = b"EDEPOT-PROEFSIGNATUUR-" + b"GEEN-ECHT-VIRUS"


@contextmanager
def running_clamd(folder: Path, *settings: str, port: int = 0) -> Iterator[ClamdAddress]:
    """clamd in the foreground, killed at the end; skips the test where clamd is absent.

    It listens on a socket in the folder, and on a port of loopback too where one is given.
    """
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed here and could not be (see tests/install_debian.sh)")
    database = folder / "db"
    database.mkdir(parents=True)
    (database / "proef.ndb").write_text(
        f"Edepot.Proef:0:*:{MARKER.hex()}\nEdepot.Eicar:0:*:{virus_test_file().hex()}\n"
    )
    socket_path = folder / "clamd.sock"
    config = folder / "clamd.conf"
    config.write_text(
        f"Foreground yes\nLocalSocket {socket_path}\nDatabaseDirectory {database}\n"
        f"PidFile {folder / 'clamd.pid'}\nTemporaryDirectory {folder}\n"
        + (f"TCPSocket {port}\nTCPAddr 127.0.0.1\n" if port else "")
        + "".join(f"{each}\n" for each in settings)
    )
    running = subprocess.Popen(
        [program, "--config-file", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = ClamdAddress(socket_path)
    try:
        _wait_for(address)
        yield address
    finally:
        running.kill()
        running.wait()


def _wait_for(address: ClamdAddress) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            scanner_version(address)
            return
        except ScannerAbsent:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
