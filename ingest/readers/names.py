"""Names in a delivery: folders, stems, the spellings of sidecars, and what systems leave behind.

Source: MDTO SIP-specificatie, naamgeving; NHA and mdto.py for the spellings of practice; ToPX
`.metadata` files as the pre-ingest tools of NHA read them.
"""

import re
import unicodedata
from collections.abc import Iterator

MDTO_NAME = re.compile(r"(?P<name>.+?)(?P<file>\.bestand)?\.mdto\.xml", re.IGNORECASE | re.DOTALL)
TOPX_NAME = re.compile(r"(?P<name>.+)\.metadata", re.IGNORECASE | re.DOTALL)

JUNK_NAMES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized"})
JUNK_FOLDERS = frozenset({"__macosx", ".spotlight-v100", ".trashes", "@eadir"})


def folder_of(path: str) -> str:
    """The folder that a path lies in; "" for the top of the delivery."""
    return path.rpartition("/")[0]


def folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, from the nearest up; the top of the delivery is none."""
    folder = folder_of(path)
    while folder:
        yield folder
        folder = folder_of(folder)


def name_of(path: str) -> str:
    """The last name of a path."""
    return path.rpartition("/")[2]


def joined(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder}/{name}" if folder else name


def stem_of(name: str) -> str:
    """A file's name without its last extension."""
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def alike(text: str) -> str:
    """The text without differences of case and of composed or decomposed letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def mdto_subject(name: str) -> tuple[str, ...]:
    """What an MDTO sidecar of this name may describe, likeliest first; empty when it is none.

    `brief.pdf.bestand.MDTO.xml` gives brief.pdf, and brief.pdf.bestand if that should be there.
    """
    match = MDTO_NAME.fullmatch(name)
    if not match:
        return ()
    if match["file"]:
        return (match["name"], match["name"] + match["file"])
    return (match["name"],)


def topx_subject(name: str) -> tuple[str, ...]:
    """What a ToPX sidecar of this name may describe; empty when it is none."""
    match = TOPX_NAME.fullmatch(name)
    return (match["name"],) if match else ()


def is_junk(path: str) -> bool:
    """Whether an operating system or office program left the file behind."""
    *folders, name = path.split("/")
    plain = name.casefold()
    left_behind = plain in JUNK_NAMES or plain.startswith(("._", "~$", ".~lock."))
    return left_behind or any(each.casefold() in JUNK_FOLDERS for each in folders)
