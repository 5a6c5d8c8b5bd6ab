"""Reading a party's files ourselves, and what a file then comes to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from formats.findings import Finding, finding
from formats.spelling import shown
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.held.errors import FileUnreachable
from storage.held.folder import FolderPlace
from storage.held.items import HeldItem
from storage.held.manifests import MAX_BYTES, HeldList
from storage.held.parties import Party, Place, PlaceKind
from storage.held.web import open_web
from storage.outcomes import WRONG, Outcome

SPARE_BYTES = 64 * 1024
MAX_FILE_BYTES = 10**12


class Reader(Protocol):
    """A place whose files we may read."""

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one file. Raises: NotStored; CopyUnreadable; StoreUnreachable."""

    def answers(self, path: str) -> bool:
        """Whether the place has this file. Raises: StoreUnreachable."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file came to when we read it: `sha256` of the bytes read, "" when none were."""

    outcome: Outcome
    sha256: str = ""
    read_bytes: int = 0
    findings: tuple[Finding, ...] = ()


def open_place(place: Place) -> Reader:
    """The reader of a place; whether it answers shows when it is asked.

    Raises: StoreUnreachable when it may not be used so, or its credentials cannot be read.
    """
    if place.kind is PlaceKind.FOLDER:
        return FolderPlace(Path(place.address))
    if place.kind is PlaceKind.HTTPS:
        return open_web(place.address, place.ca, place.credentials)
    # boto3 takes a quarter of a second to import.
    from storage.held.bucket import open_bucket  # noqa: PLC0415

    return open_bucket(place)


def read_list(party: Party, reader: Reader) -> HeldList:
    """The list of files that stands at the party's place.

    Raises: NotStored; CopyUnreadable; StoreUnreachable.
    """
    listed = party.place.manifest if party.place else ""
    if not listed:
        raise NotStored(party.id, key=party.id)
    content = b""
    for chunk in reader.read(listed):
        content += chunk
        if len(content) > MAX_BYTES:
            break
    return HeldList(listed.rsplit("/", 1)[-1], content)


def check_file(reader: Reader, party: Party, item: HeldItem) -> Checked:
    """Read a file and compare it; nothing is called wrong on one reading alone.

    Missing counts only where the place answers otherwise: a disk may not be mounted.

    Raises: StoreUnreachable when the place as a whole does not answer.
    """
    first = _read(reader, party, item)
    if first.outcome not in WRONG:
        return first
    second = _read(reader, party, item)
    if second.outcome is Outcome.MISSING:
        return _missing(reader, party, second)
    return second


def _missing(reader: Reader, party: Party, found: Checked) -> Checked:
    place = party.place
    listed = place.manifest if place else ""
    if not reader.answers(listed):
        reason = listed or "leeg (empty)"
        raise StoreUnreachable(f"{party.id}: {reason}", store=party.id, found=reason)
    return found


def _read(reader: Reader, party: Party, item: HeldItem) -> Checked:
    where = f"{party.id}: {shown(item.path)}"
    limit = item.size_bytes + SPARE_BYTES if item.size_bytes >= 0 else MAX_FILE_BYTES
    sha256 = hashlib.sha256()
    expected = sha256 if item.sha256 else hashlib.sha512()
    count = 0
    try:
        for chunk in reader.read(item.path):
            count += len(chunk)
            if count > limit:
                said = finding("S449", where, f"> {limit}", item.size_bytes)
                return Checked(Outcome.DIFFERS, "", count, (said,))
            sha256.update(chunk)
            if expected is not sha256:
                expected.update(chunk)
    except NotStored:
        return Checked(Outcome.MISSING, "", 0, (finding("S446", where),))
    except CopyUnreadable as error:
        said = finding("S447", where, shown(str(error))[:200])
        return Checked(Outcome.UNREADABLE, "", count, (said,))
    except FileUnreachable as error:
        said = finding("S448", where, shown(str(error))[:200])
        return Checked(Outcome.NOT_CHECKED, "", 0, (said,))
    if expected.hexdigest() != item.digest:
        said = finding("S445", where, expected.hexdigest(), item.digest)
        return Checked(Outcome.DIFFERS, sha256.hexdigest(), count, (said,))
    return Checked(Outcome.INTACT, sha256.hexdigest(), count)
