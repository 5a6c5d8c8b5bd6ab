"""Unpacking a container into staging: recognised by content, counted while it comes out, and safe.

What the sender packed unsafely is not written at all; everything else still is, so that all that
is wrong shows at once. Containers within the container are records like any other.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from formats.compressed import MAGIC, Packing, StreamDamaged, StreamTooLarge, Unpacking
from formats.plain import from_plain, to_plain
from formats.tally import Tally
from formats.tardoc import BLOCK, is_tar_header
from formats.zipdoc import looks_like_zip
from ingest.errors import DeliveryUnreadable, StagingFailed
from ingest.unpack_landing import Landing
from ingest.unpack_limits import Unpacked, UnpackLimits
from ingest.unpack_tar import RawSource, unpack_tar
from ingest.unpack_target import NameTaken, Target, open_target
from ingest.unpack_zip import unpack_zip

__all__ = [
    "Container",
    "NameTaken",
    "StagingFailed",
    "Target",
    "UnpackLimits",
    "Unpacked",
    "open_target",
    "recognise",
    "unpack",
    "unpack_job",
]

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PEEK_RATIO = 1e9


class Container(StrEnum):
    """The kinds of container that are unpacked."""

    ZIP = "zip"
    TAR = "tar"
    TAR_GZIP = "tar.gz"
    TAR_BZIP2 = "tar.bz2"
    TAR_XZ = "tar.xz"


_PACKINGS = {
    Container.TAR_GZIP: Packing.GZIP,
    Container.TAR_BZIP2: Packing.BZIP2,
    Container.TAR_XZ: Packing.XZ,
}
_OTHERS = {b"7z\xbc\xaf'\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x28\xb5\x2f\xfd": "zstd"}


def recognise(container: Path) -> Container | None:
    """The kind of container by its content, whatever its name; None for any other file.

    Raises: DeliveryUnreadable when it cannot be read, or is no regular file.
    """
    with _opened(container) as (stream, size):
        return _recognise(stream, size)


def unpack(container: Path, into: Path, limits: UnpackLimits, where: str) -> Unpacked:
    """Unpack a container below the folder `into`, under the sender's own names.

    `where` is the container in the sender's words; it is put before each path in the findings,
    not in the files. `into` is made when it is not there, and should be empty.

    Raises: DeliveryUnreadable when the container cannot be read, StagingFailed when `into`
    cannot be written.
    """
    tally = Tally(where, where or container.name)
    with _opened(container) as (stream, size), open_target(into) as target:
        landing = Landing(target, limits, tally)
        try:
            _unpack(stream, size, landing)
        except OSError as error:
            raise DeliveryUnreadable(f"{container}: {error.strerror}") from error
        return landing.unpacked()


def unpack_job(args: dict[str, Any]) -> dict[str, Any]:
    """`unpack` for a child: {"container", "into", "limits", "where"} gives Unpacked, both plain."""
    unpacked = unpack(
        Path(args["container"]),
        Path(args["into"]),
        from_plain(UnpackLimits, args["limits"]),
        args["where"],
    )
    return to_plain(unpacked)  # type: ignore[no-any-return]


@contextmanager
def _opened(container: Path) -> Iterator[tuple[BinaryIO, int]]:
    try:
        handle = os.open(container, _OPEN)
    except OSError as error:
        raise DeliveryUnreadable(f"{container}: {error.strerror}") from error
    with os.fdopen(handle, "rb") as stream:
        seen = os.fstat(stream.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise DeliveryUnreadable(f"{container}: not a regular file")
        yield stream, seen.st_size


def _recognise(stream: BinaryIO, size: int) -> Container | None:
    stream.seek(0)
    head = stream.read(BLOCK)
    if is_tar_header(head):
        return Container.TAR
    for kind, packing in _PACKINGS.items():
        if head.startswith(MAGIC[packing]):
            return kind if _holds_tar(stream, packing) else None
    return Container.ZIP if looks_like_zip(stream, size) else None


def _holds_tar(stream: BinaryIO, packing: Packing) -> bool:
    stream.seek(0)
    inner = Unpacking(stream, packing, max_bytes=1 << 62, max_ratio=_PEEK_RATIO)
    try:
        return is_tar_header(inner.peek(BLOCK))
    except StreamDamaged:
        return False


def _unpack(stream: BinaryIO, size: int, landing: Landing) -> None:
    kind = _recognise(stream, size)
    if kind is None:
        stream.seek(0)
        head = stream.read(8)
        other = next((name for magic, name in _OTHERS.items() if head.startswith(magic)), "")
        landing.tally.add("I100", "", other, ", ".join(each.value for each in Container))
    elif kind is Container.ZIP:
        unpack_zip(stream, size, landing)
    elif kind is Container.TAR:
        stream.seek(0)
        unpack_tar(RawSource(stream, size), landing)
    else:
        stream.seek(0)
        _unpack_packed(stream, _PACKINGS[kind], landing)


def _unpack_packed(stream: BinaryIO, packing: Packing, landing: Landing) -> None:
    limits = landing.limits
    room = limits.max_bytes + 4 * BLOCK * limits.max_files
    source = Unpacking(stream, packing, max_bytes=room, max_ratio=limits.max_ratio)
    try:
        unpack_tar(source, landing)
    except StreamTooLarge as error:
        landing.tally.add("I104" if error.ratio else "I102", "", error.found, error.limit)
    except StreamDamaged as error:
        landing.tally.add("I105", "", error)
