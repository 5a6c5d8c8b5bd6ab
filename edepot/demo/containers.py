"""Deliveries as a supplier packs them: folder, ZIP, tar, and BagIt bags of two versions."""

import gzip
import hashlib
import tarfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from edepot.demo.dossiers import Files
from edepot.demo.papers import Organisation
from formats.bagit.write import (
    bag_info_bytes,
    bagit_txt,
    manifest_bytes,
    payload_oxum,
    tagmanifest_bytes,
)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files below the folder, which is made."""
    folder.mkdir(parents=True)
    for path, content in files.items():
        place = folder.joinpath(*path.split("/"))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def write_file(file: Path, content: bytes) -> Path:
    """Write a delivery that is one file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def tar_gz_of(files: Mapping[str, bytes], made_on: date) -> bytes:
    """A gzipped tar of the files: fixed dates, owner and modes."""
    plain = BytesIO()
    midnight = datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC).timestamp()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mtime = int(midnight)
            member.mode = 0o644
            tar.addfile(member, BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)


def below(folder: str, files: Mapping[str, bytes]) -> Files:
    """The same files in one folder more."""
    return {f"{folder}/{path}": content for path, content in files.items()}


def bag_1_0(payload: Mapping[str, bytes], source: Organisation, made_on: date) -> Files:
    """A BagIt 1.0 bag around the files, with SHA-256 and SHA-512 manifests."""
    content = below("data", payload)
    tags: Files = {"bagit.txt": bagit_txt(), "bag-info.txt": _bag_info(content, source, made_on)}
    for algorithm in ("sha256", "sha512"):
        sums = [(_hex(algorithm, each), path) for path, each in content.items()]
        tags[f"manifest-{algorithm}.txt"] = manifest_bytes(sums)
    return sealed({**tags, **content})


def sealed(bag: Mapping[str, bytes]) -> Files:
    """The bag with new tag manifests over all its tag files."""
    plain = {path: each for path, each in bag.items() if not path.startswith("tagmanifest-")}
    tags = {path: each for path, each in plain.items() if not path.startswith("data/")}
    seals = {
        f"tagmanifest-{algorithm}.txt": tagmanifest_bytes(
            (_hex(algorithm, each), path) for path, each in tags.items()
        )
        for algorithm in ("sha256", "sha512")
    }
    return {**seals, **plain}


def bag_0_97(payload: Mapping[str, bytes], source: Organisation, made_on: date) -> Files:
    """A bag as older tools make it: version 0.97, an MD5 manifest beside the SHA-256 one."""
    content = below("data", payload)
    tags: Files = {
        "bagit.txt": bagit_txt().replace(b"BagIt-Version: 1.0", b"BagIt-Version: 0.97"),
        "bag-info.txt": _bag_info(content, source, made_on),
    }
    for algorithm in ("md5", "sha256"):
        lines = sorted(f"{_hex(algorithm, each)}  {path}\n" for path, each in content.items())
        tags[f"manifest-{algorithm}.txt"] = "".join(lines).encode()
    sums = [f"{_hex('sha256', each)} {path}\n" for path, each in tags.items()]
    tags["tagmanifest-sha256.txt"] = "".join(sorted(sums)).encode()
    return {**tags, **content}


def _bag_info(content: Mapping[str, bytes], source: Organisation, made_on: date) -> bytes:
    return bag_info_bytes(
        (
            ("Source-Organization", source.name),
            ("Contact-Email", f"archief@{source.domain}"),
            ("Bagging-Date", made_on.isoformat()),
            ("Payload-Oxum", payload_oxum(sum(map(len, content.values())), len(content))),
        )
    )


def _hex(algorithm: str, content: bytes) -> str:
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
