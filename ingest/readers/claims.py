"""What the sender says of a file: digests under any spelling, its size, its MIME type."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from formats.digest import Algorithm, Digest, algorithm_named
from formats.findings import Finding, finding

MIME = re.compile(
    r"(application|audio|font|image|message|model|multipart|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]*",
    re.IGNORECASE,
)
HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Claims:
    """What metadata say of one file; `findings` are claims that cannot be understood."""

    digests: tuple[Digest, ...] = ()
    mime: str = ""
    size_bytes: int | None = None
    findings: tuple[Finding, ...] = ()


def read_digests(
    named: Iterable[tuple[tuple[str, ...], str]], where: str
) -> tuple[tuple[Digest, ...], tuple[Finding, ...]]:
    """Digests from ((names of the algorithm), value); the first name that is known counts."""
    digests: list[Digest] = []
    findings: list[Finding] = []
    for names, value in named:
        algorithm = next((known for name in names if (known := algorithm_named(name))), None)
        plain = re.sub(r"[\s:]", "", value).lower()
        if algorithm is None:
            shown = ", ".join(each.value for each in Algorithm)
            findings.append(finding("I230", where, names[0] if names else "", shown))
        elif not HEX.fullmatch(plain) or len(plain) != algorithm.hex_length:
            expected = f"{algorithm.value}: {algorithm.hex_length} x 0-9a-f"
            findings.append(finding("I231", where, value[:150], expected))
        else:
            digests.append(Digest(algorithm, plain))
    return tuple(digests), tuple(findings)


def mime_in(*texts: str | None) -> str:
    """The first of the texts that is a MIME type; "" when none is."""
    return next((text.lower() for text in texts if text and MIME.fullmatch(text)), "")
