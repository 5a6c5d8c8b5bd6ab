"""Handing out an AIP: its package, its bag, or its records, every byte checked.

A copy that is hit is passed over for the next one, and that is told. Nothing that is there
already is ever overwritten, and what is not whole does not stay.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from edepot.errors import ExportRefused, NoWholeCopy
from edepot.file_names import own_names
from storage.aip import StoredAip
from storage.errors import CopyDiffers, StorageError
from storage.package_reader import PackageReader, open_package, read_listed
from storage.stores.base import Store

CHUNK_BYTES = 1024 * 1024
RECORDS = "data/original/"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

Told = Callable[[str, int], None]
"""Told of each file and the bytes of it that were written."""


class ExportForm(StrEnum):
    """The form in which an AIP is handed out."""

    ZIP = "zip"
    BAG = "bag"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A copy that could not be used, and why, in the storage's own words."""

    store: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What was handed out: where it stands, from which store, how many files and bytes.

    `renamed` are records whose own name cannot stand on every file system: own name, name given.
    `events` is the document beside it of what happened since it was stored.
    """

    path: Path
    store: str
    files: int
    size_bytes: int
    passed_over: tuple[PassedOver, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    events: Path | None = None


def export_aip(  # noqa: PLR0913 - what, from where, in which form, whereto
    aip: StoredAip,
    stores: Mapping[str, Store],
    form: ExportForm,
    into: Path,
    told: Told,
    *,
    events: bytes = b"",
) -> Exported:
    """Hand out an AIP into a folder, which is made when it is not there.

    `events`: a document of what happened to it since it was stored, written beside it.

    Raises: ExportRefused when its name is taken there; NoWholeCopy when no copy can be used.
    """
    if into.exists() and not into.is_dir():
        raise ExportRefused(target=into)
    target = into / target_name(aip, form)
    beside = target.with_name(f"{target.name}.premis.xml") if events else None
    for each in (target, beside):
        if each is not None and os.path.lexists(each):
            raise ExportRefused(target=each)
    into.mkdir(parents=True, exist_ok=True)
    passed_over: list[PassedOver] = []
    for copy in aip.copies:
        if copy.store not in stores:
            passed_over.append(PassedOver(copy.store, "?"))
            continue
        try:
            source = _Source(aip, stores[copy.store], copy.key)
            written = _write(source, form, target, told)
        except StorageError as error:
            passed_over.append(PassedOver(copy.store, str(error) or type(error).__name__))
            continue
        if beside is not None:
            _write_beside(beside, events)
        return Exported(
            target,
            copy.store,
            written.files,
            written.size_bytes,
            tuple(passed_over),
            written.renamed,
            beside,
        )
    detail = "; ".join(f"{each.store}: {each.reason}" for each in passed_over)
    raise NoWholeCopy(aip=aip.description.aip_id, detail=detail or "-")


def target_name(aip: StoredAip, form: ExportForm) -> str:
    """What the export is called: the AIP's id, as it is called on the shelf."""
    suffix = {ExportForm.ZIP: ".zip", ExportForm.BAG: "", ExportForm.FILES: "-bestanden"}
    return aip.description.aip_id + suffix[form]


@dataclass(frozen=True, slots=True)
class _Source:
    """The copy that is handed out, and what its AIP must be."""

    aip: StoredAip
    store: Store
    key: str


@dataclass(frozen=True, slots=True)
class _Written:
    files: int
    size_bytes: int
    renamed: tuple[tuple[str, str], ...] = ()


def _write(source: _Source, form: ExportForm, target: Path, told: Told) -> _Written:
    with _unfinished(target) as place:
        if form is ExportForm.ZIP:
            return _write_package(source, place, told)
        reader = open_package(source.store, source.key)
        listed = _trusted(reader, source.aip)
        if form is ExportForm.BAG:
            names = {path: path for path in reader.members}
        else:
            records = [path for path in reader.members if path.startswith(RECORDS)]
            names = dict(zip(records, own_names([p[len(RECORDS) :] for p in records]), strict=True))
        return _write_members(reader, names, listed, place, told)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A place beside the target: it takes the target's name when all is well, else it goes."""
    place = target.with_name(f".{target.name}.part")
    _remove(place)
    try:
        yield place
        if os.path.lexists(target):
            raise ExportRefused(target=target)
        place.rename(target)
    finally:
        _remove(place)


def _write_beside(target: Path, content: bytes) -> None:
    with _unfinished(target) as place:
        place.write_bytes(content)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _write_package(source: _Source, place: Path, told: Told) -> _Written:
    with source.store.open_read(source.key) as stream:
        size, digest = _write_stream(stream, place, place.name[1:].removesuffix(".part"), told)
    _same(source.key, digest, source.aip.package.sha256)
    return _Written(1, size)


def _trusted(reader: PackageReader, aip: StoredAip) -> dict[str, str]:
    """The digests of every file of the bag, the chain checked from the catalogue down."""
    tags = reader.read(TAG_MANIFEST)
    _same(TAG_MANIFEST, hashlib.sha256(tags).hexdigest(), aip.package.tagmanifest_sha256)
    listed = read_listed(tags)
    payload = reader.read(MANIFEST)
    _same(MANIFEST, hashlib.sha256(payload).hexdigest(), listed.get(MANIFEST, ""))
    return listed | read_listed(payload) | {TAG_MANIFEST: aip.package.tagmanifest_sha256}


def _write_members(
    reader: PackageReader,
    names: Mapping[str, str],
    listed: Mapping[str, str],
    place: Path,
    told: Told,
) -> _Written:
    place.mkdir()
    total = 0
    for path, name in names.items():
        target = place / name
        _refuse_outside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with reader.open(path) as stream:
            size, digest = _write_stream(stream, target, path, told)
        if path in listed:
            _same(path, digest, listed[path])
        elif path != "tagmanifest-sha512.txt":
            raise CopyDiffers(f"{path}: not in the manifests")
        total += size
    renamed = tuple(
        (path[len(RECORDS) :], name)
        for path, name in names.items()
        if path.removeprefix(RECORDS) != name and path != name
    )
    return _Written(len(names), total, renamed)


def _write_stream(stream: BinaryIO, target: Path, path: str, told: Told) -> tuple[int, str]:
    """Write a new file from a stream: its size in bytes and its hex SHA-256."""
    digest = hashlib.sha256()
    size = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o644), "wb") as out:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
            size += len(chunk)
            told(path, len(chunk))
    return size, digest.hexdigest()


def _same(path: str, found: str, expected: str) -> None:
    if found != expected:
        raise CopyDiffers(f"{path}: sha256 {found} != {expected or '-'}")


def _refuse_outside(name: str) -> None:
    parts: Sequence[str] = name.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise CopyDiffers(f"{name!r}: not a path within the bag")
