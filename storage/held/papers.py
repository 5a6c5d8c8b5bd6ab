"""Papers: what parties handed in and what we sent them, kept byte for byte in the database."""

import hashlib
import zlib

from sqlalchemy import Connection, insert, select

from storage.held.tables import PAPERS

PART_BYTES = 1024 * 1024


def keep_paper(connection: Connection, content: bytes) -> str:
    """Keep the bytes; the hex SHA-256 under which they stand. The same bytes are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    known = select(PAPERS.c.part).where(PAPERS.c.digest == digest).limit(1)
    if connection.execute(known).first() is not None:
        return digest
    for part, start in enumerate(range(0, max(len(content), 1), PART_BYTES)):
        row = {
            "digest": digest,
            "part": part,
            "content": zlib.compress(content[start : start + PART_BYTES]),
        }
        connection.execute(insert(PAPERS), row)
    return digest


def read_paper(connection: Connection, digest: str) -> bytes:
    """The bytes under a digest, as they are kept now: b"" when nothing is, or it is damaged.

    The caller compares the digest: the database may have been edited.
    """
    wanted = select(PAPERS.c.content).where(PAPERS.c.digest == digest).order_by(PAPERS.c.part)
    try:
        return b"".join(map(_expanded, connection.execute(wanted).scalars()))
    except zlib.error:
        return b""


def _expanded(part: bytes) -> bytes:
    return zlib.decompressobj().decompress(part, PART_BYTES)
