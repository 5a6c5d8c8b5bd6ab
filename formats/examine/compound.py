"""OLE2 compound files: old Word, Excel, PowerPoint, Outlook messages, and encrypted new ones.

Source: MS-CFB, MS-XLS 2.4.28 (BoundSheet8), MS-OXMSG; the format has no checksums.
"""

import struct
from pathlib import Path
from typing import Any

import msoffcrypto
import olefile

from formats.examine.program import program_in
from formats.examine.values import Notes, some_of

MAX_STREAM_BYTES = 512 * 1024 * 1024
LONG_NAME = "__substg1.0_3707001F"
SHORT_NAME = "__substg1.0_3704001F"
BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, struct.error, AttributeError)
"""What olefile and msoffcrypto were seen to raise on damaged files."""


def examine_compound(path: Path, notes: Notes) -> None:
    """Note all that is to be said of an OLE2 file."""
    notes.validator = f"olefile {olefile.__version__}"
    try:
        ole = olefile.OleFileIO(str(path))
    except BROKEN as error:
        notes.unreadable(f"olefile: {error}"[:200])
        return
    with ole:
        streams = ["/".join(each) for each in ole.listdir()]
        if "EncryptedPackage" in streams or _is_locked(path):
            notes.locked("Office, OLE2")
            return
        _read_streams(ole, notes)
        _tell_macros(ole, streams, notes)
        _tell_embedded(ole, streams, notes)
        notes.sound()


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    except (msoffcrypto.exceptions.FileFormatError, *BROKEN):
        return False  # not one of the formats that it knows, or damaged: told elsewhere


def _read_streams(ole: Any, notes: Notes) -> None:
    for name in ole.listdir():
        try:
            size = ole.get_size(name)
            if size > MAX_STREAM_BYTES:
                notes.say("F414", f"{'/'.join(name)}: {size}", MAX_STREAM_BYTES)
                continue
            read = len(ole.openstream(name).read())
        except BROKEN as error:
            notes.damaged(f"{'/'.join(name)}: {error}"[:200])
            return
        if read != size:
            notes.damaged(f"{'/'.join(name)}: {read} / {size} bytes")
            return
    issues = [str(words) for _, words in ole.parsing_issues]
    if issues:
        notes.say("F412", "; ".join(issues[:3])[:300])


def _tell_macros(ole: Any, streams: list[str], notes: Notes) -> None:
    found = [name for name in streams if name.upper().endswith("VBA/_VBA_PROJECT")]
    found += [f"{name} (XLM)" for name in ("Workbook", "Book") if _has_macro_sheet(ole, name)]
    if found:
        notes.act("F403", "macro", some_of(found))


def _has_macro_sheet(ole: Any, name: str) -> bool:
    if not ole.exists(name) or ole.get_size(name) > MAX_STREAM_BYTES:
        return False
    content = ole.openstream(name).read()
    at = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        if kind == 0x0A:
            return False
        if kind == 0x85 and length >= 6 and content[at + 9] == 1:
            return True
        at += 4 + length
    return False


def _tell_embedded(ole: Any, streams: list[str], notes: Notes) -> None:
    for name in streams:
        base = name.rpartition("/")[2]
        if base == LONG_NAME or (
            base == SHORT_NAME and name[: -len(base)] + LONG_NAME not in streams
        ):
            shown = ole.openstream(name).read(1000).decode("utf-16-le", "replace").strip("\x00")
            notes.embedded.append(shown)
            program = program_in(b"", shown)
            if program:
                notes.act("F408", "program", shown[:120])
        elif base == "\x01Ole10Native" or (name.startswith("ObjectPool/") and name.count("/") == 1):
            notes.embedded.append(name.replace("\x01", ""))
    notes.tell_embedded()
