"""The members of a ZIP that is a record or a document: read to the end within limits."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from formats.examine.values import Notes
from formats.guard import weigh_zip

CHUNK_BYTES = 1024 * 1024
MAX_MEMBER_BYTES = 2 * 1024 * 1024 * 1024
MAX_TOTAL_BYTES = 8 * 1024 * 1024 * 1024
ENCRYPTED_FLAG = 1
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Part:
    """One member: its name, its first bytes, and all of them where they were asked for."""

    name: str
    head: bytes
    content: bytes


def open_zip(path: Path, notes: Notes) -> zipfile.ZipFile | None:
    """The archive, unless it is broken, encrypted, or promises too much; then that is noted."""
    heavy = weigh_zip(path, path.stat().st_size)
    if heavy:
        notes.detail = heavy
        notes.say("F305", heavy)
        return None
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        notes.unreadable(f"zip: {error}")
        return None
    locked = [each.filename for each in archive.infolist() if each.flag_bits & ENCRYPTED_FLAG]
    if locked:
        notes.locked(f"ZIP: {len(locked)} / {len(archive.infolist())}")
        archive.close()
        return None
    return archive


def read_parts(
    archive: zipfile.ZipFile, notes: Notes, keep: tuple[str, ...], keep_bytes: int
) -> Iterator[Part]:
    """Every member in turn, read whole; content is kept of names that end as asked.

    Damage is noted and the member left out; more than the limits is noted and ends the reading.
    """
    total = 0
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        wanted = entry.filename.lower().endswith(keep) and entry.file_size <= keep_bytes
        try:
            part, size = _read(archive, entry, wanted)
        except NotImplementedError as error:
            notes.say("F412", f"{entry.filename}: {error}")
            continue
        except BROKEN as error:
            notes.damaged(f"{entry.filename[:120]}: {error}"[:300], code="F415")
            continue
        total += size
        if size > MAX_MEMBER_BYTES or total > MAX_TOTAL_BYTES:
            notes.detail = f"{entry.filename[:120]}: > {size} bytes"
            notes.say("F413", notes.detail)
            return
        yield part


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, wanted: bool) -> tuple[Part, int]:
    with archive.open(entry) as stream:
        head = stream.read(CHUNK_BYTES)
        size = len(head)
        kept = [head] if wanted else []
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if wanted:
                kept.append(chunk)
            if size > MAX_MEMBER_BYTES:
                break
    return Part(entry.filename, head[:4096], b"".join(kept)), size
