"""The parts of a delivery: every bag is one, and all that lies outside bags is one.

A bag is a folder with a bagit.txt; its payload holds the dossiers. Sidecars may also stand among
its tag files: they are then taken to stand in the payload.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.names import folder_of, folders_of, joined, mdto_subject, name_of, topx_subject
from ingest.readers.nodes import Placed
from ingest.readers.sidecars import Candidate, Language
from ingest.sip import StagedFile

DECLARATION = "bagit.txt"
SHARED_TAG_FILES = (DECLARATION, "bag-info.txt")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a delivery. `root` is the folder below which its dossiers lie.

    `bag` is the bag's folder, None outside bags; `tags` are its tag files that are no sidecars.
    """

    root: str
    bag: str | None
    files: tuple[Placed, ...]
    candidates: tuple[Candidate, ...]
    tags: tuple[StagedFile, ...] = ()


def split_parts(files: Sequence[StagedFile]) -> tuple[Part, ...]:
    """The parts of a delivery, bags first. Every file stands in exactly one, or is a tag file."""
    bags = find_bags(files)
    inside: dict[str, list[StagedFile]] = {bag: [] for bag in bags}
    outside: list[StagedFile] = []
    known = frozenset(bags)
    for each in files:
        bag = _bag_of(each.path, known)
        (outside if bag is None else inside[bag]).append(each)
    parts = [_bag_part(bag, members) for bag, members in inside.items()]
    if outside:
        parts.append(_plain_part(outside))
    return tuple(parts)


def find_bags(files: Iterable[StagedFile]) -> tuple[str, ...]:
    """The folders that are bags; a bag within another bag is part of its payload."""
    folders = sorted(folder_of(each.path) for each in files if name_of(each.path) == DECLARATION)
    bags: list[str] = []
    known: set[str] = set()
    for folder in folders:
        if _bag_of(folder, known) is None:
            bags.append(folder)
            known.add(folder)
    return tuple(bags)


def language_of(name: str) -> Language | None:
    """The language of the sidecar that a file of this name may be."""
    if mdto_subject(name):
        return Language.MDTO
    return Language.TOPX if topx_subject(name) else None


def _bag_of(path: str, bags: Iterable[str] | frozenset[str] | set[str]) -> str | None:
    """The bag that a path lies in, or is."""
    known = bags if isinstance(bags, (set, frozenset)) else frozenset(bags)
    folder = path
    while True:
        if folder in known:
            return folder
        if not folder:
            return None
        folder = folder_of(folder)


def _plain_part(files: Sequence[StagedFile]) -> Part:
    placed = [Placed(each, each.path) for each in files]
    return Part("", None, tuple(placed), tuple(_named(placed)))


def _named(files: Iterable[Placed]) -> Iterator[Candidate]:
    for each in files:
        language = language_of(name_of(each.at))
        if language is not None:
            yield Candidate(each, language)


def _bag_part(bag: str, files: Sequence[StagedFile]) -> Part:
    root = joined(bag, "data")
    payload = [Placed(each, each.path) for each in files if each.path.startswith(root + "/")]
    tags = [each for each in files if not each.path.startswith(root + "/")]
    folders = {folder for each in payload for folder in folders_of(each.at)}
    moved = list(_moved(bag, root, tags, folders))
    taken = {each.placed.file.path for each in moved}
    kept = tuple(each for each in tags if each.path not in taken)
    return Part(root, bag, tuple(payload), (*_named(payload), *moved), kept)


def _moved(
    bag: str, root: str, tags: Iterable[StagedFile], folders: set[str]
) -> Iterator[Candidate]:
    """Tag files that may be sidecars, in the payload folder that their own folder names."""
    for each in tags:
        inner = each.path[len(bag) + 1 :] if bag else each.path
        name = name_of(inner)
        language = language_of(name)
        if "/" not in inner or "/source/" in f"/{inner}":
            continue
        if language is None and not name.lower().endswith(".xml"):
            continue
        folder = _payload_folder(folder_of(inner), root, folders)
        yield Candidate(Placed(each, joined(folder, name)), language or Language.ANY)


def _payload_folder(folder: str, root: str, folders: set[str]) -> str:
    """The payload folder of the same name: all of the path below the tag folder, or less of it."""
    names = folder.split("/")
    for start in range(1, len(names)):
        there = joined(root, "/".join(names[start:]))
        if there in folders:
            return there
    return root
