"""The AIP as values: what goes into a package, and what stands on the shelf."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from formats.digest import Sums
from storage.outcomes import Basis, Outcome


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the package: its path within the bag, and where its bytes come from.

    `content` is the bytes themselves or a file in staging. For a file in staging `sums` are
    what was computed when it was copied there; the writer hashes again as it reads, and
    refuses when they differ.
    """

    path: str
    content: bytes | Path
    sums: Sums | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the catalogue knows of one file of an AIP. `path` is within the bag."""

    path: str
    name: str
    size_bytes: int
    sha256: str
    puid: str
    format_name: str
    mime: str
    validity: str
    record_identifier: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What the catalogue knows of one AIP; all of it stands in the package too.

    `valuation` is B, V or N (MDTO waardering). Dates are texts as MDTO gives them.
    `content_digest` is the hex SHA-256 over the dossier as delivered (paths, digests and
    metadata), by which "the same content again" is recognised. `text` is what search looks in
    besides title, identifiers and file names: descriptions, keywords, actors.
    """

    aip_id: str
    zorgdrager: str
    version: int
    identifier: str
    identifier_source: str
    title: str
    aggregation_level: str
    valuation: str
    retention_term: str
    selection_category: str
    created_from: str
    created_to: str
    restriction: str
    supplier: str
    delivery_id: str
    content_digest: str
    scanned: str
    text: str
    files: tuple[FileRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Aip:
    """An AIP version that is ready to be packed and stored.

    `payload` are entries below data/, `tags` entries below metadata/, both in the order in which
    they are written. `tags` are made while they are iterated (a dossier may hold 100,000 files),
    and can be iterated again. `bag_info` are lines of bag-info.txt besides those that the writer
    adds.
    `event_details` go into the ledger's ingest event.
    """

    description: Description
    payload: Sequence[Entry]
    tags: Iterable[Entry]
    bag_info: Sequence[tuple[str, str]] = ()
    event_details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageSums:
    """What identifies a package: size in bytes, hex SHA-256 of the ZIP and of its tagmanifest."""

    size_bytes: int
    sha256: str
    tagmanifest_sha256: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a package in one store, found equal at `verified_at`, which rests on `proof`.

    `checked_at` and `outcome`: the last verdict of a check; None when that was when it was put.
    """

    store: str
    key: str
    verified_at: datetime
    proof: Basis = Basis.READ
    checked_at: datetime | None = None
    outcome: Outcome = Outcome.INTACT


@dataclass(frozen=True, slots=True)
class StoredAip:
    """An AIP version on the shelf: every copy byte for byte the same."""

    description: Description
    package: PackageSums
    copies: tuple[Copy, ...]
    stored_at: datetime


def package_key(zorgdrager: str, aip_id: str, version: int) -> str:
    """The key of a package in every store: <zorgdrager>/<ab>/<cd>/<aip-id>/v0001.zip."""
    plain = aip_id.replace("-", "")
    return f"{zorgdrager}/{plain[:2]}/{plain[2:4]}/{aip_id}/v{version:04d}.zip"
