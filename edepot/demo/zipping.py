"""ZIP containers with fixed dates, so that the same content gives the same bytes."""

import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO


def zip_of(files: Iterable[tuple[str, bytes]], made_on: date) -> bytes:
    """A deflated ZIP of the named files, all dated at midnight of `made_on`."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as container:
        for name, content in files:
            container.writestr(member(name, made_on), content)
    return out.getvalue()


def member(name: str, made_on: date, mode: int = 0o100644) -> zipfile.ZipInfo:
    """The directory entry of a file: deflated, made by Unix, with the given mode."""
    entry = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def rezip(container: bytes, made_on: date, replace: Mapping[str, str] | None = None) -> bytes:
    """The same members in the same order with fixed dates, stored where they were stored.

    `replace` changes words in every XML part: how an office file gets another case number
    without being built anew.
    """
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(container)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith((".xml", ".rels")):
                content = _with_words(content, replace or {})
            fresh = member(entry.filename, made_on)
            fresh.compress_type = entry.compress_type
            new.writestr(fresh, content, compresslevel=6)
    return out.getvalue()


def _with_words(content: bytes, replace: Mapping[str, str]) -> bytes:
    for old, new in replace.items():
        content = content.replace(old.encode(), new.encode())
    return content
