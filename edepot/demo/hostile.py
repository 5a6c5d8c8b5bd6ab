"""Files and containers that a depot must not take: each wrong in one way, none of them harmful."""

import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO

import pikepdf
from msoffcrypto.format.ooxml import OOXMLFile

from edepot.demo.zipping import member

PASSWORD = "Tjonger-1872"  # noqa: S105 - protects a file of the demonstration, nothing else
"""The password of the locked files."""

_TEST_SIGNATURE = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*")


def virus_test_file() -> bytes:
    """The harmless text that every virus scanner reports; it stands here in parts."""
    return "".join(_TEST_SIGNATURE).encode("ascii")


def locked_pdf(document: bytes) -> bytes:
    """The PDF with a password without which nobody can open it."""
    out = BytesIO()
    with pikepdf.open(BytesIO(document)) as opened:
        lock = pikepdf.Encryption(user=PASSWORD, owner=PASSWORD, R=6)
        opened.save(out, encryption=lock, deterministic_id=False)
    return out.getvalue()


def locked_docx(document: bytes) -> bytes:
    """The Word document with a password without which nobody can open it."""
    out = BytesIO()
    OOXMLFile(BytesIO(document)).encrypt(PASSWORD, out)
    return out.getvalue()


def truncated(document: bytes) -> bytes:
    """The first two thirds of a file: what is left after a broken transfer."""
    return document[: len(document) * 2 // 3]


def zip_with_escape(files: Mapping[str, bytes], made_on: date) -> bytes:
    """A ZIP with a member whose path leads out of the folder it is unpacked in."""
    return _zip_and(files, made_on, [(member("../buiten-de-map.txt", made_on), b"Hier niet.")])


def zip_with_link(files: Mapping[str, bytes], made_on: date) -> bytes:
    """A ZIP with a member that is a symbolic link to a file of the system."""
    link = member("besluit-link.pdf", made_on, mode=0o120777)
    return _zip_and(files, made_on, [(link, b"/etc/passwd")])


def with_external_entity(sidecar: bytes) -> bytes:
    """The XML document with a DTD that asks for a file of the system (XXE)."""
    head, declaration_end, rest = sidecar.partition(b"?>\n")
    dtd = b'<!DOCTYPE MDTO [<!ENTITY geheim SYSTEM "file:///etc/passwd">]>\n'
    return head + declaration_end + dtd + rest.replace(b"<naam>", b"<naam>&geheim;", 1)


def _zip_and(
    files: Mapping[str, bytes], made_on: date, more: list[tuple[zipfile.ZipInfo, bytes]]
) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for path, content in files.items():
            container.writestr(member(path, made_on), content)
        for entry, content in more:
            container.writestr(entry, content)
    return out.getvalue()
