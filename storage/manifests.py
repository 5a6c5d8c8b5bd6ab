"""Manifests of a package, made and read without holding more than a short record per file."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from formats.bagit.write import encoded_path
from formats.digest import Sums

SHA256_BYTES, SHA512_BYTES = 32, 64
LINES_AT_ONCE = 2000

Digesting = Literal["sha256", "sha512"]


class Listing:
    """The files of one kind, payload or tags, with both digests of each.

    A record is the path as a manifest spells it, a zero, and the digests: in the order of these
    records the lines stand in the order of their paths.
    """

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._sorted = True

    def add(self, path: str, sums: Sums) -> None:
        """Take in one file."""
        digests = bytes.fromhex(sums.sha256 + sums.sha512)
        self._records.append(encoded_path(path).encode("utf-8") + b"\0" + digests)
        self._sorted = False

    def blocks(self, algorithm: Digesting) -> Iterator[bytes]:
        """The manifest in one algorithm, some thousands of lines at a time.

        Source: RFC 8493, 2.1.3 and 2.2.1.
        """
        lines = self._lines(algorithm)
        while block := b"".join(islice(lines, LINES_AT_ONCE)):
            yield block

    def _lines(self, algorithm: Digesting) -> Iterator[bytes]:
        if not self._sorted:
            self._records.sort()
            self._sorted = True
        both = SHA256_BYTES + SHA512_BYTES
        first = slice(-both, -SHA512_BYTES) if algorithm == "sha256" else slice(-SHA512_BYTES, None)
        previous = b""
        for record in self._records:
            path = record[: -both - 1]
            assert path != previous, f"{path!r} stands in the package twice"
            previous = path
            yield record[first].hex().encode("ascii") + b"  " + path + b"\n"


def read_lines(content: bytes) -> Iterator[tuple[str, bytes]]:
    """(path, digest) of each line of a manifest in our own form; what is no line is left out."""
    start = 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        digest, space, path = content[start:end].partition(b"  ")
        start = end + 1
        try:
            if space:
                yield decoded_path(path.decode("utf-8")), bytes.fromhex(digest.decode("ascii"))
        except ValueError:
            continue


def decoded_path(spelled: str) -> str:
    """The path that a manifest spells with %25, %0A and %0D. Source: RFC 8493, 2.1.3."""
    if "%" in spelled:
        for code, sign in (("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            spelled = spelled.replace(code, sign)
    return spelled
