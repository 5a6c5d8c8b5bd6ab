"""Unpacking a TAR as it streams by: files and folders are written, anything else is a finding."""

from collections.abc import Iterator
from typing import BinaryIO

from formats.tardoc import ByteSource, MemberBytes, TarKind, TarMember, tar_members
from ingest.errors import IngestError
from ingest.unpack_landing import Landing


class _CutOff(IngestError):
    """The TAR ends within a file; caught where the file would have been listed."""


class RawSource:
    """A TAR that is not packed, in a seekable stream of `size` bytes."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._left = size - stream.tell()

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes; fewer only at the end."""
        content = self._stream.read(min(size, self._left))
        self._left -= len(content)
        return content

    def skip(self, size: int, /) -> int:
        """Pass over `size` bytes; how many there were."""
        passed = min(size, self._left)
        self._stream.seek(passed, 1)
        self._left -= passed
        return passed


def unpack_tar(source: ByteSource, landing: Landing) -> None:
    """Unpack every file and folder that has a safe name, until the TAR or the room ends."""
    for member, content in tar_members(source, landing.tally):
        if not (member.kind is TarKind.FOLDER and member.path in ("", ".")):
            _unpack_member(member, content, landing)
        if landing.full:
            return


def _unpack_member(member: TarMember, content: MemberBytes, landing: Landing) -> None:
    code = _REFUSED.get(member.kind, "")
    if code:
        landing.tally.add(code, member.path, member.link if code == "I109" else member.type_flag)
    if not landing.admit(member.path, member.mode) or code:
        return
    if member.kind is TarKind.FOLDER:
        landing.folder(member.path)
    elif landing.has_room(member.path, member.size):
        try:
            landing.file(member.path, _whole(content), member.size)
        except _CutOff:
            return


def _whole(content: MemberBytes) -> Iterator[bytes]:
    """The bytes of a member; cut off rather than short, so that half a file is never kept."""
    yield from content.chunks()
    if content.cut_off:
        raise _CutOff


_REFUSED = {
    TarKind.LINK: "I109",
    TarKind.SPECIAL: "I126",
    TarKind.UNKNOWN: "I127",
}
