"""Unpacking a ZIP: its directory is read strictly first, then each sound member is written."""

from typing import BinaryIO

from formats.zipdoc import Member, ZipLimits, read_directory
from formats.zipmember import MemberDamaged, member_chunks
from ingest.unpack_landing import Landing
from ingest.unpack_limits import UnpackLimits

_DIRECTORY_BYTES_PER_FILE = 46 + 1024 + 512


def unpack_zip(stream: BinaryIO, size: int, landing: Landing) -> None:
    """Unpack every member that is sound and has a safe name."""
    limits = _zip_limits(landing.limits)
    members, findings = read_directory(stream, size, limits, landing.tally.where)
    landing.tally.extend(findings)
    for member in members:
        if landing.full:
            return
        _unpack_member(stream, member, landing)


def _unpack_member(stream: BinaryIO, member: Member, landing: Landing) -> None:
    path = member.name.removeprefix("./")
    path = path.removesuffix("/") if member.is_dir else path
    if not path and member.is_dir and member.name == "./":
        return
    if not landing.admit(path, member.mode) or member.refused:
        return
    if member.is_dir:
        landing.folder(path)
    elif landing.has_room(path, member.size):
        try:
            landing.file(path, member_chunks(stream, member), member.size)
        except MemberDamaged as error:
            landing.tally.add(error.code, path, error.found, error.expected)


def _zip_limits(limits: UnpackLimits) -> ZipLimits:
    return ZipLimits(
        max_members=limits.max_files,
        max_directory_bytes=limits.max_files * _DIRECTORY_BYTES_PER_FILE,
        max_bytes=limits.max_bytes,
        max_member_bytes=limits.max_file_bytes,
        max_ratio=limits.max_ratio,
    )
