"""Programs and scripts: recognised so that nobody starts them."""

from pathlib import Path

from formats.examine.kinds import SCRIPT_EXTENSIONS
from formats.examine.values import Notes
from formats.guard import look

MAGICS = (
    (b"\x7fELF", "ELF"),
    (b"\xca\xfe\xba\xbe", "Java class / Mach-O"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"#!", "#!"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "LNK"),
)
PROGRAM_EXTENSIONS = SCRIPT_EXTENSIONS | {
    "exe",
    "com",
    "scr",
    "pif",
    "dll",
    "sys",
    "cpl",
    "msi",
    "msp",
    "mst",
    "jar",
    "class",
    "apk",
    "app",
    "lnk",
    "asp",
    "aspx",
    "jsp",
    "iso",
    "img",
    "chm",
}


def examine_program(path: Path, notes: Notes) -> None:
    """Note that the file is a program or script; whether it is a sound one is not our business."""
    seen = look(path)
    found = program_in(seen.head, notes.path) or "-"
    notes.act("F405", "program", found)
    notes.detail = found


def program_in(head: bytes, name: str) -> str:
    """What kind of program this is by its first bytes, or by its name; empty when it is none."""
    if head.startswith(b"MZ") and _is_portable(head):
        return "PE"
    for magic, words in MAGICS:
        if head.startswith(magic):
            return words
    extension = name.rsplit("/", 1)[-1].rpartition(".")[2].lower() if "." in name else ""
    return f".{extension}" if extension in PROGRAM_EXTENSIONS else ""


def _is_portable(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return len(head) >= 64 and (head[at : at + 2] in (b"PE", b"NE", b"LE") or at > len(head))
