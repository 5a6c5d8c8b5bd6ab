"""The packing slips (pakbonnen) that go with deliveries of the demonstration."""

import hashlib
from collections.abc import Mapping
from datetime import date

from edepot.demo.papers import Organisation
from formats.digest import Algorithm, Digest
from ingest.packing_slip import PackingSlip, SlipFile, slip_xml


def slip_for(
    files: Mapping[str, bytes],
    sender: Organisation,
    title: str,
    made_on: date,
    container: tuple[str, bytes] | None = None,
) -> bytes:
    """The slip of a delivery of MDTO sidecars: counts, bytes, and a SHA-256 of every plain file.

    A `container` (name and bytes) is listed with its digest instead of the files in it. File
    sidecars must be named <name>.bestand.mdto.xml, in any case.
    """
    sidecars = [path for path in files if path.lower().endswith(".mdto.xml")]
    described = [path for path in sidecars if path.lower().endswith(".bestand.mdto.xml")]
    plain = {path: content for path, content in files.items() if path not in sidecars}
    slip = PackingSlip(
        identifier=f"PB-{made_on:%Y%m%d}-{sender.id}-{len(files)}",
        title=title,
        created=f"{made_on.isoformat()}T10:15:00",
        archiefvormer=sender.name,
        objects=len(sidecars) - len(described),
        described_files=len(described),
        plain_files=len(plain),
        plain_bytes=sum(map(len, plain.values())),
        contact="Team Informatiebeheer",
        email=f"archief@{sender.domain}",
        destination="Archief van de gemeente",
        containers=(_line(*container),) if container else (),
        files=() if container else tuple(_line(path, each) for path, each in plain.items()),
    )
    return slip_xml(slip)


def _line(path: str, content: bytes) -> SlipFile:
    digest = Digest(Algorithm.SHA256, hashlib.sha256(content).hexdigest())
    return SlipFile(path, len(content), digest)
