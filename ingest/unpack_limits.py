"""How much a container may hold, and what unpacking it gives."""

from dataclasses import dataclass

from formats.findings import Finding
from ingest.sip import StagedFile


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """The ceilings of one container; every one is counted while its bytes come out."""

    max_files: int = 200_000
    max_bytes: int = 64 * 1024**3
    max_file_bytes: int = 64 * 1024**3
    max_depth: int = 32
    max_ratio: float = 200.0
    max_name_bytes: int = 255
    max_path_bytes: int = 1024


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a container; `files` are those that are whole and safe, in order."""

    files: tuple[StagedFile, ...]
    findings: tuple[Finding, ...]
