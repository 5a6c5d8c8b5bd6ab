"""A Word document with a macro: the VBA project is a real compound file that does nothing bad.

Source: MS-CFB (compound file), MS-OVBA 2.3.4.2 (dir stream) and 2.4.1 (compression).
"""

import struct
import zipfile
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from edepot.demo.zipping import member

SECTOR = 512
MINI_SECTOR = 64
FREE, END, FAT_SECTOR, NO_STREAM = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF

_CODE = (
    'Attribute VB_Name = "ThisDocument"\r\n'
    "Sub AutoOpen()\r\n"
    '    MsgBox "Dit document bevat een macro."\r\n'
    "End Sub\r\n"
)
_PROJECT = (
    'ID="{00000000-0000-0000-0000-000000000000}"\r\n'
    "Document=ThisDocument/&H00000000\r\n"
    'Name="Project"\r\n'
    'HelpContextID="0"\r\n'
    'VersionCompatible32="393222000"\r\n'
)
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
_PART = "application/vnd.ms-office.vbaProject"
_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"


def docm(document: bytes, made_on: date) -> bytes:
    """The Word document with a VBA project in it: what Word saves as .docm."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(document)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = _with_macro(entry.filename, old.read(entry))
            new.writestr(member(entry.filename, made_on), content)
        new.writestr(member("word/vbaProject.bin", made_on), vba_project())
    return out.getvalue()


def vba_project() -> bytes:
    """The vbaProject.bin: a compound file with one module."""
    return _compound_file(
        {
            "dir": _compressed(_dir_stream()),
            "ThisDocument": _compressed(_CODE.encode("cp1252")),
            "_VBA_PROJECT": bytes.fromhex("cc61ffff000000"),
        },
        _PROJECT.encode("cp1252"),
    )


def _with_macro(name: str, content: bytes) -> bytes:
    if name == "[Content_Types].xml":
        part = f'<Override PartName="/word/vbaProject.bin" ContentType="{_PART}"/></Types>'
        changed = content.replace(_MAIN.encode(), _MACRO_MAIN.encode())
        return changed.replace(b"</Types>", part.encode())
    if name == "word/_rels/document.xml.rels":
        link = f'<Relationship Id="rIdVba" Type="{_RELATION}" Target="vbaProject.bin"/>'
        return content.replace(b"</Relationships>", f"{link}</Relationships>".encode())
    return content


def _compressed(content: bytes) -> bytes:
    """A compressed container of one chunk with literals only."""
    tokens = b"".join(b"\0" + content[at : at + 8] for at in range(0, len(content), 8))
    return b"\x01" + struct.pack("<H", (len(tokens) - 1) | 0xB000) + tokens


def _dir_stream() -> bytes:
    name, module = b"Project", b"ThisDocument"
    wide = module.decode().encode("utf-16-le")
    return b"".join(
        (
            _record(0x01, struct.pack("<I", 1)),
            _record(0x02, struct.pack("<I", 0x409)),
            _record(0x14, struct.pack("<I", 0x409)),
            _record(0x03, struct.pack("<H", 1252)),
            _record(0x04, name),
            _record(0x05, b"") + _record(0x40, b""),
            _record(0x06, b"") + _record(0x3D, b""),
            _record(0x07, bytes(4)),
            _record(0x08, bytes(4)),
            struct.pack("<HIIH", 0x09, 4, 1, 1),
            _record(0x0C, b"") + _record(0x3C, b""),
            _record(0x0F, struct.pack("<H", 1)),
            _record(0x13, struct.pack("<H", 0xFFFF)),
            _record(0x19, module) + _record(0x47, wide),
            _record(0x1A, module) + _record(0x32, wide),
            _record(0x1C, b"") + _record(0x48, b""),
            _record(0x31, bytes(4)),
            _record(0x1E, bytes(4)),
            _record(0x2C, struct.pack("<H", 0xFFFF)),
            _record(0x22, b"") + _record(0x2B, b""),
            _record(0x10, b""),
        )
    )


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HI", number, len(content)) + content


@dataclass(frozen=True, slots=True)
class _Entry:
    """A directory entry of a compound file."""

    name: str
    kind: int
    right: int = NO_STREAM
    child: int = NO_STREAM
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        wide = self.name.encode("utf-16-le") + b"\0\0"
        head = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), self.kind, 1)
        links = struct.pack("<III", NO_STREAM, self.right, self.child)
        return head + links + bytes(36) + struct.pack("<IQ", self.start, self.size)


def _compound_file(vba: dict[str, bytes], project: bytes) -> bytes:
    """A compound file with the streams of folder VBA, and stream PROJECT, all in mini sectors."""
    order = sorted(vba, key=lambda name: (len(name), name.upper()))
    mini, mini_fat = bytearray(), list[int]()
    starts = {
        name: _append_mini(mini, mini_fat, content)
        for name, content in ((*((each, vba[each]) for each in order), ("PROJECT", project)))
    }
    body = _sectors(bytes(mini))
    first_of_body = 4
    children = [
        _Entry(name, 2, _next(place, len(order)), NO_STREAM, starts[name], len(vba[name]))
        for place, name in enumerate(order)
    ]
    entries = [
        _Entry("Root Entry", 5, NO_STREAM, 1, first_of_body, len(mini)),
        _Entry("VBA", 1, 2, 3),
        _Entry("PROJECT", 2, NO_STREAM, NO_STREAM, starts["PROJECT"], len(project)),
        *children,
    ]
    directory = b"".join(entry.packed() for entry in entries).ljust(2 * SECTOR, b"\0")
    fat = [FAT_SECTOR, 2, END, END, *range(first_of_body + 1, first_of_body + len(body)), END]
    return b"".join((_header(), _table(fat), directory, _table(mini_fat), *body))


def _next(place: int, count: int) -> int:
    return place + 4 if place + 1 < count else NO_STREAM


def _append_mini(mini: bytearray, mini_fat: list[int], content: bytes) -> int:
    start = len(mini_fat)
    count = -(-len(content) // MINI_SECTOR)
    mini_fat.extend([*range(start + 1, start + count), END])
    mini.extend(content.ljust(count * MINI_SECTOR, b"\0"))
    return start


def _sectors(content: bytes) -> list[bytes]:
    parts = range(0, len(content), SECTOR)
    return [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in parts]


def _table(entries: list[int]) -> bytes:
    padded = entries + [FREE] * (SECTOR // 4 - len(entries))
    return struct.pack(f"<{SECTOR // 4}I", *padded)


def _header() -> bytes:
    """FAT in sector 0, directory from sector 1, mini FAT in sector 3."""
    signature = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    versions = struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    places = struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 3, 1, END, 0)
    return signature + versions + places + struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
