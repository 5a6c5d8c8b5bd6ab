"""Containers that are a record: ZIP, TAR, gzip, and those that we can only name (7z, RAR)."""

import gzip
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

from formats.examine.members import open_zip, read_parts
from formats.examine.program import program_in
from formats.examine.values import MAX_SHOWN, Notes, Validity, some_of
from formats.guard import look, open_plain

CHUNK_BYTES = 1024 * 1024
MAX_UNPACKED_BYTES = 16 * 1024 * 1024 * 1024
MAX_RATIO = 1100
MAX_MEMBERS = 250_000
BLOCK = 512
CONTAINERS = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".jar", ".cab", ".iso")
AES_7Z = b"\x06\xf1\x07\x01"


def examine_zip(path: Path, notes: Notes) -> None:
    """Note whether every member of the ZIP is whole, and what is in it."""
    notes.validator = "edepot, ZIP"
    archive = open_zip(path, notes)
    if archive is None:
        return
    with archive:
        names: list[str] = []
        for part in read_parts(archive, notes, (), 0):
            names.append(part.name)
            _note_program(part.head, part.name, notes)
        _tell(names, notes)
        notes.sound()


def examine_tar(path: Path, notes: Notes) -> None:
    """Note whether the TAR is whole to its end, and what is in it; nothing is unpacked."""
    notes.validator = "edepot, TAR"
    size = path.stat().st_size
    with open_plain(path) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                names = _walk_tar(archive, stream, size, notes)
        except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
            notes.unreadable(f"tar: {error}")
            return
        if notes.validity is Validity.NOT_CHECKED:
            _check_tar_end(stream, size, notes)
    _tell(names, notes)
    notes.sound()


def examine_gzip(path: Path, notes: Notes) -> None:
    """Note whether the gzip stream is whole: its length and its checksum."""
    notes.validator = "edepot, gzip"
    size = path.stat().st_size
    total = 0
    try:
        with open_plain(path) as raw, gzip.GzipFile(fileobj=raw) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                if total > MAX_UNPACKED_BYTES or total > 64 * CHUNK_BYTES + MAX_RATIO * size:
                    notes.detail = f"> {total} bytes"
                    notes.say("F413", notes.detail)
                    return
    except (EOFError, zlib.error, OSError) as error:
        notes.damaged(f"gzip: {error}", code="F415")
    notes.say("F424", "gzip")
    notes.sound()


def examine_closed_archive(path: Path, notes: Notes) -> None:
    """Note what the outside of a 7z or RAR says: whether it is locked."""
    seen = look(path)
    tail = b""
    if seen.head.startswith(b"7z"):
        with open_plain(path) as stream:
            stream.seek(max(0, seen.size_bytes - 4096))
            tail = stream.read()
    if AES_7Z in tail or _is_locked_rar(seen.head):
        notes.locked("7z, AES" if tail else "RAR")
        return
    notes.unchecked("7z" if tail else "RAR")


def _is_locked_rar(head: bytes) -> bool:
    """Source: RAR 5.0, archive encryption header (type 4); RAR 4, flag 0x80."""
    if head.startswith(b"Rar!\x1a\x07\x01\x00"):
        at = 12
        while at < len(head) and head[at] & 0x80:
            at += 1
        return head[at + 1 : at + 2] == b"\x04"
    if head.startswith(b"Rar!\x1a\x07\x00") and len(head) > 12:
        return bool(int.from_bytes(head[10:12], "little") & 0x80)
    return False


def _walk_tar(archive: tarfile.TarFile, stream: BinaryIO, size: int, notes: Notes) -> list[str]:
    names: list[str] = []
    for entry in archive:
        if len(names) >= MAX_MEMBERS:
            notes.say("F414", f"> {MAX_MEMBERS}", MAX_MEMBERS)
            break
        names.append(entry.name)
        if entry.isfile() and not entry.issparse():
            if entry.size < 0 or entry.offset_data + entry.size > size:
                notes.damaged(f"{entry.name[:120]}: {entry.size} bytes", code="F415")
                break
            stream.seek(entry.offset_data)
            _note_program(stream.read(min(entry.size, 4096)), entry.name, notes)
    return names


def _check_tar_end(stream: BinaryIO, size: int, notes: Notes) -> None:
    stream.seek(max(0, size - 2 * BLOCK))
    if stream.read().strip(b"\x00") or size % BLOCK:
        notes.damaged("tar: no end blocks", code="F415")


def _note_program(head: bytes, name: str, notes: Notes) -> None:
    program = program_in(head, name)
    if program:
        if "program" not in notes.active:
            notes.active.append("program")
        if sum(each.code == "F408" for each in notes.findings) < MAX_SHOWN:
            notes.say("F408", f"{name[:120]}: {program}")


def _tell(names: list[str], notes: Notes) -> None:
    nested = [name for name in names if name.lower().endswith(CONTAINERS)]
    notes.embedded.extend(names)
    words = f"{len(names)}" if not nested else f"{len(names)}; {some_of(nested)}"
    notes.say("F424", words)
