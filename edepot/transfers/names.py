"""Names in a package for an archive: without the signs that the MDTO SIP specification forbids.

Source: MDTO SIP-specificatie, names (at most 255 signs; no < > : " / \\ | ? * # & and no space).
"""

import re
import unicodedata

from edepot.file_names import safe_name

FOLDER_BYTES = 60
FILE_BYTES = 120
_FORBIDDEN = re.compile(r'[<>:"/\\|?*#&\s\x00-\x1f\x7f]+')


class Names:
    """The names that were given in one folder: each once, on any file system."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def folder(self, wished: str) -> str:
        """A name for a folder within, as near to what was wished as can be."""
        return self._give(_short(_plain(wished), FOLDER_BYTES), "")

    def file(self, wished: str) -> str:
        """A name for a file within, its extension kept."""
        stem, dot, extension = _plain(wished).rpartition(".")
        if not dot or not stem or len(extension) > 16:
            stem, dot, extension = _plain(wished), "", ""
        return self._give(_short(stem, FILE_BYTES), dot + extension)

    def _give(self, stem: str, ending: str) -> str:
        name, number = safe_name(stem + ending), 2
        while name.casefold() in self._taken:
            name = safe_name(f"{stem}_{number}{ending}")
            number += 1
        self._taken.add(name.casefold())
        return name


def _plain(wished: str) -> str:
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", wished)).strip("._ ")
    return name or "_"


def _short(name: str, most: int) -> str:
    return name.encode("utf-8")[:most].decode("utf-8", "ignore").rstrip("._ ") or "_"
