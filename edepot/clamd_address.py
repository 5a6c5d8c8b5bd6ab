"""Where the virus scanner listens, from the one text that the configuration gives."""

from pathlib import Path

from edepot.config import ScannerSettings
from ingest.malware import ClamdAddress


def clamd_of(settings: ScannerSettings) -> ClamdAddress | None:
    """The address of clamd: a socket's path or host:port; None when no scanner is configured."""
    if not settings.clamd:
        return None
    if settings.clamd.startswith("/"):
        return ClamdAddress(
            socket_path=Path(settings.clamd),
            timeout_seconds=settings.timeout_seconds,
            max_file_bytes=settings.max_file_bytes,
        )
    host, _, port = settings.clamd.rpartition(":")
    return ClamdAddress(
        host=host.strip("[]"),
        port=int(port),
        timeout_seconds=settings.timeout_seconds,
        max_file_bytes=settings.max_file_bytes,
    )
