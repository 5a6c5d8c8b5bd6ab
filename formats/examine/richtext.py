"""Rich Text Format: whole to its last brace, and what is embedded in it.

Source: Rich Text Format Specification 1.9.1.
"""

import re
from pathlib import Path

from formats.examine.values import Notes
from formats.guard import open_plain

CHUNK_BYTES = 1024 * 1024
OBJECTS = re.compile(rb"\\obj(?:data|emb|link|ocx)")
OUTSIDE = re.compile(rb"\\\*\\template\s*[^}]{0,20}(?:https?:|\\\\\\\\)", re.I)
BRACES = re.compile(rb"\\[{}\\]|[{}]|\\bin(\d+)")


def examine_rich_text(path: Path, notes: Notes) -> None:
    """Note whether the groups close, and embedded objects."""
    notes.validator = "edepot, RTF"
    depth = 0
    objects = 0
    outside = False
    binary = False
    with open_plain(path) as stream:
        kept = b""
        while chunk := stream.read(CHUNK_BYTES):
            content = kept + chunk
            for match in BRACES.finditer(content):
                depth += {b"{": 1, b"}": -1}.get(match.group(), 0)
                binary = binary or match.group(1) is not None
            objects += len(OBJECTS.findall(content))
            outside = outside or bool(OUTSIDE.search(content))
            kept = b"\\" if content.endswith(b"\\") and not content.endswith(b"\\\\") else b""
    if depth > 0 and not binary:
        notes.damaged(f"RTF: {depth} x }}")
    if objects:
        notes.embedded.append(f"{objects} x \\object")
        notes.tell_embedded()
    if outside:
        notes.act("F406", "external", "\\*\\template")
    notes.sound()
