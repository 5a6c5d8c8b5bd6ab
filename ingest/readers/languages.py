"""A part of a delivery divided by the language of its sidecars: MDTO, ToPX, or none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from formats.findings import finding
from ingest.readers.found import Found
from ingest.readers.names import (
    alike,
    folder_of,
    mdto_subject,
    name_of,
    stem_of,
    topx_subject,
)
from ingest.readers.nodes import Placed
from ingest.readers.parts import Part
from ingest.readers.sidecars import Language, Nature, Sidecar
from ingest.sip import StagedFile


@dataclass(frozen=True, slots=True)
class Spoken:
    """Files and sidecars of one language (None without sidecars), below one root.

    `broken` are sidecars that could not be read; `beside` metadata in the other language, which
    are kept and not read.
    """

    language: Language | None
    root: str
    bag: str | None
    files: tuple[Placed, ...]
    sidecars: tuple[Sidecar, ...]
    broken: tuple[Sidecar, ...]
    beside: tuple[Placed, ...]
    tags: tuple[StagedFile, ...]


def divide(part: Part, read: Sequence[Sidecar], found: Found) -> tuple[Spoken, ...]:
    """The part as MDTO or ToPX; where its top folders differ, each language apart."""
    broken = any(each.nature is Nature.BROKEN for each in read)
    candidates = {each.placed.file.path for each in read}
    others = (each for each in part.files if each.file.path not in candidates)
    names = names_of(others) if broken else frozenset()
    real = [each for each in read if _is_sidecar(each, names)]
    taken = {each.placed.file.path for each in real}
    returned = [each.placed.file for each in read if each.placed.moved]
    tags = (*part.tags, *(each for each in returned if each.path not in taken))
    files = [each for each in part.files if each.file.path not in taken]
    whole = replace(part, files=tuple(files), tags=tags)
    languages = _languages(part, real)
    if len(set(languages.values())) < 2:
        return (_spoken(whole, real, next(iter(languages.values()), None), found),)
    return tuple(_by_language(whole, real, languages, found))


def names_of(files: Iterable[Placed]) -> frozenset[tuple[str, str]]:
    """The (folder, name alike) of files, with and without their extension."""
    names = ((folder_of(each.at), name_of(each.at)) for each in files)
    return frozenset(
        (folder, alike(one)) for folder, name in names for one in (name, stem_of(name))
    )


def _is_sidecar(each: Sidecar, names: frozenset[tuple[str, str]]) -> bool:
    """A broken `.metadata` counts as a sidecar only beside what it could describe."""
    if each.nature is Nature.FOREIGN:
        return False
    if each.nature is not Nature.BROKEN or each.candidate.language is not Language.TOPX:
        return True
    folder, (subject,) = folder_of(each.placed.at), topx_subject(name_of(each.placed.at))
    return alike(subject) == alike(name_of(folder)) or (folder, alike(subject)) in names


def _languages(part: Part, real: Sequence[Sidecar]) -> dict[str, Language]:
    """The language per top folder; MDTO where both are spoken, and everywhere if at the top."""
    result: dict[str, Language] = {}
    for each in real:
        language = language_spoken(each)
        entry = _entry(each.placed.at, part.root)
        if result.get(entry) is not Language.MDTO:
            result[entry] = language
    return {"": result[""]} if "" in result else result


def language_spoken(each: Sidecar) -> Language:
    """The language of a sidecar; of a broken one, that of its name."""
    if each.nature is Nature.MDTO:
        return Language.MDTO
    if each.nature is Nature.TOPX:
        return Language.TOPX
    return Language.TOPX if each.candidate.language is Language.TOPX else Language.MDTO


def _entry(at: str, root: str) -> str:
    inner = at.removeprefix(root + "/") if root else at
    return inner.split("/", 1)[0] if "/" in inner else ""


def _by_language(
    part: Part, real: Sequence[Sidecar], languages: dict[str, Language], found: Found
) -> list[Spoken]:
    files: dict[Language, list[Placed]] = defaultdict(list)
    sidecars: dict[Language, list[Sidecar]] = defaultdict(list)
    for each in part.files:
        files[languages.get(_entry(each.at, part.root), Language.MDTO)].append(each)
    for one in real:
        sidecars[languages[_entry(one.placed.at, part.root)]].append(one)
    return [
        _spoken(replace(part, files=tuple(files[each])), sidecars[each], each, found)
        for each in (Language.MDTO, Language.TOPX)
    ]


def _spoken(part: Part, real: Sequence[Sidecar], language: Language | None, found: Found) -> Spoken:
    mine = [each for each in real if language_spoken(each) is language]
    other = [each.placed for each in real if language_spoken(each) is not language]
    if other:
        found.add(finding("I202", other[0].file.path, len(other)))
    return Spoken(
        language=language,
        root=part.root,
        bag=part.bag,
        files=part.files,
        sidecars=tuple(each for each in mine if each.value is not None),
        broken=tuple(each for each in mine if each.value is None),
        beside=tuple(other),
        tags=part.tags,
    )


def describes_file(each: Sidecar, names: frozenset[tuple[str, str]]) -> bool:
    """Whether a broken sidecar is about a file: by its root, else by its name.

    `names` are (folder, name alike) of all files.
    """
    if each.about:
        return each.about == "file"
    subjects = subjects_of(each)
    return len(subjects) > 1 or any(one in names for one in subjects)


def subjects_of(each: Sidecar) -> tuple[tuple[str, str], ...]:
    """What a sidecar may describe by its name, as (folder, name alike)."""
    name, folder = name_of(each.placed.at), folder_of(each.placed.at)
    subjects = mdto_subject(name) or topx_subject(name) or (stem_of(name),)
    return tuple((folder, alike(one)) for one in subjects)
