"""The tag files of a bag as bytes, in the form of RFC 8493; the same input gives the same bytes."""

import re
from collections.abc import Iterable

_ENCODED = {"%": "%25", "\n": "%0A", "\r": "%0D"}
_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def bagit_txt() -> bytes:
    """bagit.txt of a BagIt 1.0 bag whose tag files are UTF-8. Source: RFC 8493, 2.1.1."""
    return b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def manifest_bytes(lines: Iterable[tuple[str, str]]) -> bytes:
    """A payload manifest from (hex digest, path) pairs, ordered by the bytes of the path.

    Every path lies below data/ and stands there once. Source: RFC 8493, 2.1.3.
    """
    listed = list(lines)
    assert all(path.startswith("data/") for _, path in listed), "payload lies below data/"
    return _lines(listed)


def tagmanifest_bytes(lines: Iterable[tuple[str, str]]) -> bytes:
    """A tag manifest from (hex digest, path) pairs, ordered by the bytes of the path.

    No path lies below data/ and none is a tag manifest. Source: RFC 8493, 2.2.1.
    """
    listed = list(lines)
    assert not any(path.startswith(("data/", "tagmanifest-")) for _, path in listed), "tag files"
    return _lines(listed)


def bag_info_bytes(elements: Iterable[tuple[str, str]]) -> bytes:
    """bag-info.txt from (label, value) pairs, in the order given, one line each.

    Control signs and line breaks within a value become one space. Source: RFC 8493, 2.2.2.
    """
    return "".join(_element(label, value) for label, value in elements).encode("utf-8")


def payload_oxum(size_bytes: int, files: int) -> str:
    """The value of Payload-Oxum: octets, a dot, number of files. Source: RFC 8493, 2.2.2."""
    return f"{size_bytes}.{files}"


def encoded_path(path: str) -> str:
    """The path as a manifest spells it: %, LF and CR encoded, all else as it is."""
    for sign, code in _ENCODED.items():
        path = path.replace(sign, code)
    return path


def _lines(listed: list[tuple[str, str]]) -> bytes:
    encoded = {encoded_path(path).encode("utf-8"): digest for digest, path in listed}
    assert len(encoded) == len(listed), "every path once"
    return b"".join(
        digest.encode("ascii") + b"  " + path + b"\n" for path, digest in sorted(encoded.items())
    )


def _element(label: str, value: str) -> str:
    assert label == label.strip(), "a label neither begins nor ends with a space"
    assert label, "a label is never empty"
    assert not re.search(r"[:\x00-\x1f]", label), "a label has no colon or control sign"
    return f"{label}: {_LINE_BREAK.sub(' ', value).strip()}\n"
