"""Signatures of parties: Ed25519, bare (openssl) or in OpenSSH's form (ssh-keygen -Y sign).

Source: RFC 8032; OpenSSH PROTOCOL.sshsig.
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from formats.findings import Finding, finding
from formats.spelling import shown
from storage.held.errors import KeyNotUsable

NAMESPACES = ("edepot", "file")
HASHES = ("sha256", "sha512")
SSH_KIND = b"ssh-ed25519"
MAX_SIGNATURE_BYTES = 16 * 1024
RAW_BYTES = 64

_MAGIC, _VERSION = b"SSHSIG", 1
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_HEX = re.compile(rb"[0-9A-Fa-f]{128}")


@dataclass(frozen=True, slots=True)
class SshSignature:
    """What an OpenSSH signature says: the raw key, namespace, hash, and the raw signature."""

    key: bytes
    namespace: str
    hash_name: str
    signature: bytes
    reserved: bytes = b""

    def signed(self, content: bytes) -> bytes:
        """The bytes that the signature is over."""
        return (
            _MAGIC
            + _string(self.namespace.encode("utf-8"))
            + _string(self.reserved)
            + _string(self.hash_name.encode("ascii"))
            + _string(hashlib.new(self.hash_name, content).digest())
        )


class _Other(ValueError):
    """The signature is by another algorithm than Ed25519."""


def read_public_key(text: str) -> str:
    """A public key as base64 of its 32 bytes: from that itself, PEM, or a line of OpenSSH.

    Raises: KeyNotUsable.
    """
    text = text.strip()
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode("ascii"))
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError("not Ed25519")
            raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        elif " " in text:
            kind, blob, *_ = text.split()
            raw = _ssh_key(base64.b64decode(blob, validate=True))
            if kind.encode("ascii") != SSH_KIND:
                raise ValueError(kind)
        else:
            raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, struct.error, TypeError) as error:
        raise KeyNotUsable(f"{shown(text[:60])}: {error}", found=shown(text[:60])) from error
    return base64.b64encode(raw).decode("ascii")


def check_signature(key: str, content: bytes, signature: bytes, where: str) -> list[Finding]:
    """What is wrong with a signature over the content by this key (base64 of 32 bytes); [] if good.

    A bare signature does not say whose it is: another key and another content look the same.
    """
    if not signature.strip():
        return [finding("S410", where)]
    if len(signature) > MAX_SIGNATURE_BYTES:
        return [finding("S411", where, len(signature), RAW_BYTES)]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
    try:
        if signature.lstrip().startswith(_BEGIN.encode("ascii")):
            return _check_ssh(public, content, read_ssh(signature), where)
        public.verify(read_raw(signature), content)
    except _Other as error:
        return [finding("S412", where, shown(str(error)[:60]), "ssh-ed25519")]
    except (ValueError, struct.error) as error:
        return [finding("S411", where, shown(str(error)[:120]))]
    except InvalidSignature:
        return [finding("S415", where)]
    return []


def read_raw(signature: bytes) -> bytes:
    """The 64 bytes of a bare signature, from bytes, base64 or hexadecimal.

    Raises: ValueError.
    """
    if len(signature) == RAW_BYTES:
        return signature
    text = b"".join(signature.split())
    try:
        raw = (
            binascii.unhexlify(text) if _HEX.fullmatch(text) else base64.b64decode(text, None, True)
        )
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(raw) != RAW_BYTES:
        raise ValueError(f"{len(raw)} bytes")
    return raw


def read_ssh(armored: bytes) -> SshSignature:
    """An OpenSSH signature in its armour.

    Raises: ValueError, of which another algorithm is one; struct.error.
    """
    lines = armored.decode("ascii").strip().splitlines()
    if lines[0].strip() != _BEGIN or lines[-1].strip() != _END:
        raise ValueError(lines[-1][:40])
    blob = base64.b64decode("".join(each.strip() for each in lines[1:-1]), validate=True)
    if blob[:6] != _MAGIC or struct.unpack_from(">I", blob, 6) != (_VERSION,):
        raise ValueError("SSHSIG 1?")
    key, namespace, reserved, hash_name, wrapped = _strings(blob[10:], 5)
    raw_key = _ssh_key(key)
    kind, raw = _strings(wrapped, 2)
    if kind != SSH_KIND:
        raise _Other(kind.decode("ascii", "replace"))
    if hash_name.decode("ascii") not in HASHES:
        raise _Other(hash_name.decode("ascii", "replace"))
    if len(raw) != RAW_BYTES:
        raise ValueError(f"{len(raw)} bytes")
    return SshSignature(
        raw_key, namespace.decode("utf-8"), hash_name.decode("ascii"), raw, reserved
    )


def sign_raw(key: Ed25519PrivateKey, content: bytes) -> bytes:
    """A bare signature, as base64 on one line."""
    return base64.b64encode(key.sign(content)) + b"\n"


def sign_ssh(
    key: Ed25519PrivateKey, content: bytes, namespace: str = "edepot", hash_name: str = "sha512"
) -> bytes:
    """A signature as `ssh-keygen -Y sign` makes it."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    unsigned = SshSignature(public, namespace, hash_name, b"")
    raw = key.sign(unsigned.signed(content))
    blob = _MAGIC + struct.pack(">I", _VERSION)
    for part in (
        _string(SSH_KIND) + _string(public),
        namespace.encode("utf-8"),
        b"",
        hash_name.encode("ascii"),
        _string(SSH_KIND) + _string(raw),
    ):
        blob += _string(part)
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END, ""]).encode("ascii")


def ssh_public_key(key: str, comment: str = "") -> str:
    """The line of OpenSSH for a key that stands in base64."""
    blob = _string(SSH_KIND) + _string(base64.b64decode(key))
    return f"ssh-ed25519 {base64.b64encode(blob).decode('ascii')} {comment}".rstrip()


def _check_ssh(
    public: Ed25519PublicKey, content: bytes, said: SshSignature, where: str
) -> list[Finding]:
    mine = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    if said.namespace not in NAMESPACES:
        return [finding("S413", where, shown(said.namespace[:60]), ", ".join(NAMESPACES))]
    if said.key != mine:
        found, expected = (base64.b64encode(each).decode("ascii") for each in (said.key, mine))
        return [finding("S414", where, found, expected)]
    public.verify(said.signature, said.signed(content))
    return []


def _ssh_key(blob: bytes) -> bytes:
    kind = _strings(blob, 1, rest=True)[0]
    if kind != SSH_KIND:
        raise _Other(kind.decode("ascii", "replace"))
    raw = _strings(blob, 2)[1]
    if len(raw) != 32:
        raise ValueError(f"{len(raw)} bytes")
    return raw


def _strings(blob: bytes, count: int, *, rest: bool = False) -> list[bytes]:
    """So many strings of SSH (RFC 4251, 5), and nothing behind them unless `rest`."""
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from(">I", blob)
        if length > len(blob) - 4:
            raise ValueError("cut short")
        found.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    if blob and not rest:
        raise ValueError(f"{len(blob)} bytes behind it")
    return found


def _string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
