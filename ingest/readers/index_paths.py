"""The paths that an index names, found among the files of the delivery."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.readers.names import alike, folder_of, joined
from ingest.sip import StagedFile


@dataclass(frozen=True, slots=True)
class PathFound:
    """What a path of the index means: its one file, or why there is none.

    `unsafe` leads out of the delivery; `many` fits several files when case is not regarded.
    `loose` was only found without regard to case.
    """

    path: str
    file: StagedFile | None = None
    unsafe: bool = False
    many: tuple[str, ...] = ()
    loose: bool = False


class PathFinder:
    """The files of a delivery by path, relative to the index's folder or to the top."""

    def __init__(self, files: Iterable[StagedFile], bases: Sequence[str], prefix: str) -> None:
        self._bases = bases
        self._prefix = alike(plain_path(prefix)).rstrip("/")
        self._exact: dict[str, StagedFile] = {}
        self._alike: dict[str, list[StagedFile]] = defaultdict(list)
        for each in files:
            self._exact[each.path] = each
            self._alike[alike(each.path)].append(each)

    def find(self, text: str) -> PathFound:
        """The file that a cell means; backslashes are taken as slashes."""
        path = self._without_prefix(plain_path(text))
        names = path.split("/")
        if ".." in names or ":" in names[0] or path.startswith("/"):
            return PathFound(path, unsafe=True)
        path = "/".join(name for name in names if name not in ("", "."))
        for base in self._bases:
            exact = self._exact.get(joined(base, path))
            if exact is not None:
                return PathFound(path, exact)
        for base in self._bases:
            found = self._alike.get(alike(joined(base, path)), [])
            if len(found) == 1:
                return PathFound(path, found[0], loose=True)
            if found:
                return PathFound(path, many=tuple(each.path for each in found))
        return PathFound(path)

    def _without_prefix(self, path: str) -> str:
        if self._prefix and alike(path).startswith(self._prefix + "/"):
            return path[len(self._prefix) + 1 :]
        return path


def plain_path(text: str) -> str:
    """A path with slashes, without "./" in front."""
    path = text.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def folder_in_common(paths: Sequence[str]) -> str:
    """The deepest folder that holds all the paths."""
    folders = [folder_of(each).split("/") if folder_of(each) else [] for each in paths]
    common: list[str] = []
    for names in zip(*folders, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    return "/".join(common)
