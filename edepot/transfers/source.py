"""What is handed over of one dossier, read from its package: objects, files, and every digest.

The chain of digests is checked from the catalogue down before anything is believed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edepot.errors import PackageIncomplete
from formats.mdto.model import Bestand, Identificatie, Informatieobject, Verwijzing
from formats.mdto.read import read_mdto
from retention.transfer_mdto import FILE_LEVEL, MDTO, objects_in
from storage.aip import StoredAip
from storage.errors import CopyDiffers
from storage.package_reader import PackageReader, open_package, read_listed
from storage.stores.base import Store

MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
DESCRIPTION = "metadata/edepot/description.json"
PREMIS = "metadata/premis.xml"
PAYLOAD = "data/"


@dataclass(frozen=True, slots=True)
class SourceObject:
    """A dossier or record: its metadata, and the number of the object that it is part of."""

    item: Informatieobject
    parent: int | None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its path in the bag, its metadata, and the number of the object it belongs to."""

    path: str
    metadata: Bestand
    owner: int


@dataclass(frozen=True, slots=True)
class Source:
    """A package that can be believed; `digests`: hex SHA-256 by path in the bag."""

    aip: StoredAip
    reader: PackageReader
    digests: Mapping[str, str]
    objects: tuple[SourceObject, ...]
    files: tuple[SourceFile, ...]

    @property
    def dossier(self) -> Informatieobject:
        """The dossier's own metadata."""
        return self.objects[0].item


def read_source(aip: StoredAip, store: Store, key: str) -> Source:
    """The package under a key, ready to be written out.

    Raises: StorageError; PackageIncomplete when its metadata do not describe all that is in it.
    """
    reader = open_package(store, key)
    digests = _digests(reader, aip)
    for path in digests:
        if path.startswith((MDTO, DESCRIPTION, PREMIS)):
            _same(path, hashlib.sha256(reader.read(path)).hexdigest(), digests[path])
    objects = _objects(reader, aip)
    files = tuple(_files(reader, aip, objects))
    described = {each.path for each in files}
    payload = {path for path in digests if path.startswith(PAYLOAD)}
    if payload != described:
        odd = sorted(payload ^ described)
        raise PackageIncomplete(dossier=aip.description.aip_id, detail=", ".join(odd[:3]))
    return Source(aip, reader, digests, objects, files)


def _digests(reader: PackageReader, aip: StoredAip) -> dict[str, str]:
    tags = reader.read(TAG_MANIFEST)
    _same(TAG_MANIFEST, hashlib.sha256(tags).hexdigest(), aip.package.tagmanifest_sha256)
    listed = read_listed(tags)
    payload = reader.read(MANIFEST)
    _same(MANIFEST, hashlib.sha256(payload).hexdigest(), listed.get(MANIFEST, ""))
    return listed | read_listed(payload)


def _same(path: str, found: str, expected: str) -> None:
    if found != expected:
        raise CopyDiffers(f"{path}: sha256 {found} != {expected or '-'}")


def _objects(reader: PackageReader, aip: StoredAip) -> tuple[SourceObject, ...]:
    try:
        items = tuple(objects_in(reader))
    except ValueError as error:
        raise PackageIncomplete(dossier=aip.description.aip_id, detail=str(error)) from error
    if not items:
        raise PackageIncomplete(dossier=aip.description.aip_id, detail=MDTO)
    numbers = _numbers(items)
    return tuple(
        SourceObject(item, None if not number else _parent(item, numbers, number))
        for number, item in enumerate(items)
    )


def _numbers(items: tuple[Informatieobject, ...]) -> dict[Identificatie, int]:
    return {
        one: number
        for number, each in reversed(list(enumerate(items)))
        for one in each.identificatie
    }


def _parent(item: Informatieobject, numbers: Mapping[Identificatie, int], own: int) -> int:
    """The object of this package that it is part of; the dossier where it names none of them."""
    for each in item.isOnderdeelVan:
        found = _number_of(each, numbers)
        if found is not None and found < own:
            return found
    return 0


def _number_of(reference: Verwijzing, numbers: Mapping[Identificatie, int]) -> int | None:
    known = reference.verwijzingIdentificatie
    return None if known is None else numbers.get(known)


def _files(
    reader: PackageReader, aip: StoredAip, objects: tuple[SourceObject, ...]
) -> Iterator[SourceFile]:
    """Each file with its metadata: both stand in the package in the order of the delivery."""
    described = json.loads(reader.read(DESCRIPTION))["files"]
    paths = sorted(each for each in reader.members if each.startswith(MDTO) and FILE_LEVEL in each)
    if len(paths) != len(described):
        detail = f"{len(paths)} bestand, {len(described)} files"
        raise PackageIncomplete(dossier=aip.description.aip_id, detail=detail)
    items = tuple(each.item for each in objects)
    numbers = _numbers(items)
    names = {each.naam: number for number, each in reversed(list(enumerate(items)))}
    for path, said in zip(paths, described, strict=True):
        found = read_mdto(reader.read(path), path).root
        if not isinstance(found, Bestand):
            raise PackageIncomplete(dossier=aip.description.aip_id, detail=path)
        owner = _number_of(found.isRepresentatieVan, numbers)
        if owner is None:
            owner = names.get(found.isRepresentatieVan.verwijzingNaam, 0)
        yield SourceFile(said["path"], found, owner)
