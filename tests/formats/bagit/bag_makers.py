"""Bags made in a few lines, for the tests of BagIt."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from formats.bagit.write import bag_info_bytes, bagit_txt, manifest_bytes, tagmanifest_bytes

PAYLOAD = {"data/brief.txt": b"Geachte heer\n", "data/bijlage/kaart 1.txt": b"kaart\n"}


def write_bag(
    root: Path,
    payload: Mapping[str, bytes] = PAYLOAD,
    *,
    version: bytes = b"1.0",
    algorithms: tuple[str, ...] = ("sha256",),
    tags: Mapping[str, bytes] | None = None,
    tagmanifest: bool = True,
) -> Path:
    """A good bag; `tags` are tag files that replace or join the usual ones."""
    files = {"bagit.txt": bagit_txt().replace(b"1.0", version)}
    files["bag-info.txt"] = bag_info_bytes([("Bagging-Date", "2026-11-24")])
    for algorithm in algorithms:
        files[f"manifest-{algorithm}.txt"] = listing(payload, algorithm)
    files.update(tags or {})
    if tagmanifest:
        lines = [(digest(each, "sha256"), name) for name, each in files.items()]
        files["tagmanifest-sha256.txt"] = tagmanifest_bytes(
            (value, name) for value, name in lines if not name.startswith("tagmanifest")
        )
    (root / "data").mkdir(parents=True, exist_ok=True)
    for name, content in {**payload, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def listing(payload: Mapping[str, bytes], algorithm: str = "sha256") -> bytes:
    """The manifest of a payload."""
    return manifest_bytes((digest(content, algorithm), name) for name, content in payload.items())


def digest(content: bytes, algorithm: str = "sha256") -> str:
    """A hex digest."""
    return hashlib.new(algorithm, content).hexdigest()
