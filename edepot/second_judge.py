"""A second judge of copies: bagit-python of the Library of Congress, which shares no code with us.

The copy is unpacked with Python's own zipfile, so that nothing of ours stands between.
"""

import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import bagit

from storage.errors import StorageError
from storage.stores.base import Store

NAME = "bagit-python"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge said of one copy, in its own words where it objects."""

    judge: str
    valid: bool
    words: str


def judge_copy(store: Store, key: str, scratch: Path | None = None) -> Judgement:
    """Unpack a copy into a folder that is gone afterwards, and have bagit-python validate it."""
    judge = f"{NAME} {bagit.VERSION}"
    with tempfile.TemporaryDirectory(prefix="judge-", dir=scratch) as folder:
        try:
            bag = _unpack(store, key, Path(folder))
            bagit.Bag(str(bag)).validate()
        except (bagit.BagError, StorageError, zipfile.BadZipFile, ValueError, KeyError) as error:
            return Judgement(judge, False, f"{type(error).__name__}: {error}")
    return Judgement(judge, True, "")


def _unpack(store: Store, key: str, folder: Path) -> Path:
    packed = folder / "package.zip"
    with store.open_read(key) as stream, packed.open("xb") as out:
        shutil.copyfileobj(stream, out, 1024 * 1024)
    into = folder / "bag"
    with zipfile.ZipFile(packed) as archive:
        for member in archive.infolist():
            parts = member.filename.split("/")
            if any(part in ("", ".", "..") for part in parts):
                raise ValueError(f"unsafe name {member.filename!r}")
            target = into.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as stream, target.open("xb") as out:
                shutil.copyfileobj(stream, out, 1024 * 1024)
    packed.unlink()
    (top,) = os.listdir(into)
    return into / top
