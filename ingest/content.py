"""What a dossier is, apart from its wrapping: its identifier and a digest of its content."""

import hashlib
import json

from formats.mdto.model import Identificatie
from formats.plain import to_plain
from ingest.sip import Sip


def identifier_of(sip: Sip) -> Identificatie:
    """The dossier's first identification: kenmerk within bron."""
    return sip.dossier.identificatie[0]


def content_digest(sip: Sip) -> str:
    """Hex SHA-256 over names, digests and metadata: equal for a dossier however it is wrapped."""
    total = hashlib.sha256()
    for each in sorted(sip.files, key=lambda each: each.name_in_dossier):
        _add(total, [each.name_in_dossier, each.file.sums.sha256, to_plain(each.metadata)])
    for item in sip.objects:
        _add(total, [item.parent, to_plain(item.metadata)])
    return total.hexdigest()


def _add(total: "hashlib._Hash", value: object) -> None:
    total.update(json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8"))
    total.update(b"\n")
