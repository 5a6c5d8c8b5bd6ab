"""Checkpoints: signed statements of how far a ledger had come, to be kept elsewhere too.

Source: C2SP tlog-checkpoint and signed-note (Ed25519).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select

from storage.database import METADATA
from storage.errors import CheckpointRefused, NoSigningKey
from storage.ledger import Head, heads, utc_text

ED25519 = b"\x01"

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("zorgdrager", Text, primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs one ledger's checkpoints: the ledger's origin (its name in the world) and the key."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def verifier_key(self) -> str:
        """The public key as text: name+hash+key. Source: C2SP signed-note, verifier keys."""
        public = _public_bytes(self.key.public_key())
        return f"{self.origin}+{_key_id(self.origin, public).hex()}+{_b64(ED25519 + public)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger's head under its name."""

    origin: str
    head: Head


def signer_from_seed(origin: str, seed: bytes) -> Signer:
    """A signer from 32 bytes of chance, which the caller brings."""
    return Signer(origin, Ed25519PrivateKey.from_private_bytes(seed))


def signer_from_pem(origin: str, pem: bytes) -> Signer:
    """A signer from a private key in PEM (PKCS #8, without a password).

    Raises: NoSigningKey when it is no Ed25519 key.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise NoSigningKey(f"{origin}: {error}", origin=origin) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoSigningKey(f"{origin}: not an Ed25519 key", origin=origin)
    return Signer(origin, key)


def sign(signer: Signer, head: Head) -> str:
    """The signed note."""
    return sign_text(signer, f"{signer.origin}\n{head.size}\n{_b64(head.root)}\n")


def sign_text(signer: Signer, text: str) -> str:
    """A note of this text, signed. A text that is no checkpoint must not begin like one.

    Source: C2SP signed-note.
    """
    assert text.endswith("\n"), "a note's text is whole lines"
    assert "\n\n" not in text, "an empty line ends a note's text"
    identity = _key_id(signer.origin, _public_bytes(signer.key.public_key()))
    signature = signer.key.sign(text.encode("utf-8"))
    return f"{text}\n— {signer.origin} {_b64(identity + signature)}\n"


def read_checkpoint(note: str, verifier_key: str) -> Checkpoint:
    """The checkpoint in a note that is signed with this very key, under this very name.

    Raises: CheckpointRefused.
    """
    try:
        return _read(note, verifier_key)
    except (ValueError, InvalidSignature) as error:
        raise CheckpointRefused(f"not signed with {verifier_key}: {error}") from error


def signed_text(note: str, verifier_key: str) -> str:
    """The text of a note that is signed with this very key, with its line end.

    Raises: CheckpointRefused.
    """
    try:
        return _signed_text(note, verifier_key)
    except (ValueError, InvalidSignature) as error:
        raise CheckpointRefused(f"not signed with {verifier_key}: {error}") from error


def head_of(note: str) -> Head:
    """The head that a note names, whoever signed it.

    Raises: ValueError when it is no checkpoint.
    """
    _, size, root = note.split("\n")[:3]
    return Head(int(size), base64.b64decode(root, validate=True))


def make_checkpoint(
    connection: Connection,
    zorgdrager: str,
    signer: Signer,
    now: datetime,
    outside: Sequence[tuple[str, Head]] = (),
) -> str:
    """Sign the ledger as it is stored now; the same size has one note for ever.

    The root is computed from the stored lines, and every earlier head must be a prefix: those
    signed before, and those that are kept `outside` (with the place where each is kept).

    Raises: CheckpointRefused.
    """
    signed = stored_checkpoints(connection, zorgdrager)
    earlier = [("", Head(size, bytes.fromhex(root))) for size, root in signed.items()]
    earlier.extend(outside)
    found = heads(connection, zorgdrager, {each.size for _, each in earlier})
    for place, head in earlier:
        if found.get(head.size) != head:
            raise CheckpointRefused(
                f"{zorgdrager}: the ledger does not continue checkpoint {head.size} {place}",
                zorgdrager=zorgdrager,
                store=place,
                found=max(found),
                expected=head.size,
            )
    newest = found[max(found)]
    note = sign(signer, newest)
    if newest.size not in signed:
        connection.execute(
            insert(CHECKPOINTS).values(
                zorgdrager=zorgdrager,
                size=newest.size,
                root=newest.root.hex(),
                note=note,
                signed_at=utc_text(now),
            )
        )
    return note


def stored_checkpoints(connection: Connection, zorgdrager: str) -> dict[int, str]:
    """The checkpoints that were signed: size -> root in hex."""
    wanted = select(CHECKPOINTS.c.size, CHECKPOINTS.c.root).where(
        CHECKPOINTS.c.zorgdrager == zorgdrager
    )
    return {row.size: row.root for row in connection.execute(wanted)}


def _read(note: str, verifier_key: str) -> Checkpoint:
    text = _signed_text(note, verifier_key)
    origin, size, root, *_ = text.split("\n")
    if origin != _split_key(verifier_key)[0]:
        raise ValueError(f"origin is {origin}")
    return Checkpoint(origin, Head(int(size), base64.b64decode(root, validate=True)))


def _signed_text(note: str, verifier_key: str) -> str:
    name, _, public = _split_key(verifier_key)
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    mine = [
        base64.b64decode(line.split(" ")[2], validate=True)
        for line in signatures.splitlines()
        if line.startswith(f"— {name} ")
    ]
    signature = next((each[4:] for each in mine if each[:4] == _key_id(name, public)), b"")
    Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode("utf-8"))
    return text


def _split_key(verifier_key: str) -> tuple[str, bytes, bytes]:
    name, identity, key = verifier_key.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if raw[:1] != ED25519 or bytes.fromhex(identity) != _key_id(name, raw[1:]):
        raise ValueError("no verifier key for Ed25519")
    return name, bytes.fromhex(identity), raw[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode("utf-8") + b"\n" + ED25519 + public).digest()[:4]


def _public_bytes(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
