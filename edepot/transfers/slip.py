"""The packing slip (pakbon) of a transfer: counts, bytes, and every file with its SHA-256.

Source: MDTO SIP-specificatie, pakbon.
"""

from sqlalchemy import Connection, func, select

from formats.digest import Algorithm, Digest
from ingest.packing_slip import PackingSlip, SlipFile
from retention.transfer_nouns import FileKind, Transfer
from retention.transfer_reading import packed_counts, packed_files
from retention.transfer_tables import PACKED_FILES


def slip_of(connection: Connection, transfer: Transfer, title: str, name: str) -> PackingSlip:
    """The slip: `title` that of the list, `name` that of the body whose records they are."""
    counts = packed_counts(connection, transfer.id)
    sidecars = connection.execute(
        select(func.count())
        .select_from(PACKED_FILES)
        .where(
            PACKED_FILES.c.transfer == transfer.id,
            PACKED_FILES.c.kind == FileKind.METADATA.value,
            PACKED_FILES.c.dossier != "",
        )
    ).scalar_one()
    lines = packed_files(connection, transfer.id, kind=FileKind.RECORD)
    return PackingSlip(
        identifier=transfer.id,
        title=title,
        created=transfer.packaged_at,
        archiefvormer=name,
        objects=counts["objects"],
        described_files=sidecars - counts["objects"],
        plain_files=counts["files"],
        plain_bytes=counts["size_bytes"],
        contact=transfer.contact,
        email=transfer.email,
        destination=transfer.destination or transfer.archive,
        files=tuple(
            SlipFile(each.path, each.size_bytes, Digest(Algorithm.SHA256, each.sha256))
            for each in lines
        ),
    )
