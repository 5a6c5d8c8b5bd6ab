"""What comes out of a container: its names judged, its bytes counted, its files written."""

from collections.abc import Iterable
from dataclasses import replace

from formats.tally import Tally
from ingest.names import check_collisions, check_path, is_safe
from ingest.sip import StagedFile
from ingest.unpack_limits import Unpacked, UnpackLimits
from ingest.unpack_target import NameTaken, Target

_FILE_SYSTEM_NAME_BYTES = 255
_SPECIAL_MODE = 0o7000


class Landing:
    """Takes in the members of one container, and keeps what is safe of them."""

    def __init__(self, target: Target, limits: UnpackLimits, tally: Tally) -> None:
        shortest = min(limits.max_name_bytes, _FILE_SYSTEM_NAME_BYTES)
        self.limits = replace(limits, max_name_bytes=shortest)
        self.tally = tally
        self._target = target
        self._files: list[StagedFile] = []
        self._paths: list[str] = []
        self._folders: list[str] = []
        self._bytes = 0
        self.full = False

    def admit(self, path: str, mode: int = 0) -> bool:
        """Judge the name of a member that is a file or a folder; True when it may be written."""
        findings = check_path(path, self.limits, self.tally.where)
        self.tally.extend(findings)
        if mode & _SPECIAL_MODE:
            self.tally.add("I132", path, oct(mode & 0o7777))
        self._paths.append(path)
        if len(self._paths) > self.limits.max_files:
            self.tally.add("I101", path, len(self._paths), self.limits.max_files)
            self.full = True
        return is_safe(findings) and not self.full

    def has_room(self, path: str, size: int) -> bool:
        """Whether a file of this size still fits within the ceilings; counts it when it does."""
        if size > self.limits.max_file_bytes:
            self.tally.add("I103", path, size, self.limits.max_file_bytes)
            return False
        if self._bytes + size > self.limits.max_bytes:
            self.tally.add("I102", path, self._bytes + size, self.limits.max_bytes)
            self.full = True
            return False
        self._bytes += size
        return True

    def folder(self, path: str) -> None:
        """Make a folder that was admitted."""
        self._folders.append(path)
        try:
            self._target.make_folder(path)
        except NameTaken:
            self.tally.add("I130", path)

    def file(self, path: str, chunks: Iterable[bytes], size: int) -> StagedFile | None:
        """Write a file that was admitted; None when its name was taken."""
        try:
            sums = self._target.write(path, chunks, size)
        except NameTaken:
            self.tally.add("I130", path)
            return None
        staged = StagedFile(path, str(self._target.path_of(path)), sums)
        self._files.append(staged)
        return staged

    def unpacked(self) -> Unpacked:
        """What came out, after a last look at the names and folders together."""
        folders = set(self._folders)
        files = [path for path in self._paths if path not in folders]
        self.tally.extend(check_collisions(files, self.tally.where))
        for folder in self._empty_folders():
            self.tally.add("I131", folder)
        if not self._paths and not self.tally.has_errors():
            self.tally.add("I133", "")
        return Unpacked(tuple(self._files), self.tally.findings())

    def _empty_folders(self) -> list[str]:
        used = {path.rpartition("/")[0] for path in self._paths}
        return [folder for folder in dict.fromkeys(self._folders) if folder not in used]
