"""A proof bundle: a ledger, a signed checkpoint, and a verifier that needs nothing but Python."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import storage.verifier
from edepot.errors import ExportRefused
from edepot.messages import Words

LEDGER = "ledger.jsonl"
CHECKPOINT = "checkpoint.txt"
VERIFIER = "verifier.py"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proven: whose ledger, its name in the world, the public key, the signed note."""

    zorgdrager: str
    origin: str
    key: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class WrittenProof:
    """A bundle on disk: its folder, how many entries, and the command that checks it."""

    zorgdrager: str
    folder: Path
    entries: int
    origin: str
    key: str
    command: str


def write_proof(proof: Proof, lines: Iterable[bytes], folder: Path, words: Words) -> WrittenProof:
    """Write the bundle into a new folder.

    Raises: ExportRefused when the folder is there already.
    """
    if os.path.lexists(folder):
        raise ExportRefused(target=folder)
    folder.mkdir(parents=True)
    entries = 0
    with (folder / LEDGER).open("xb") as out:
        for line in lines:
            out.write(line)
            entries += 1
    (folder / CHECKPOINT).write_text(proof.checkpoint, "utf-8", newline="")
    (folder / VERIFIER).write_bytes(Path(storage.verifier.__file__).read_bytes())
    command = (
        f"python3 {VERIFIER} {LEDGER} {CHECKPOINT} "
        f"--origin {quote(proof.origin)} --key {quote(proof.key)}"
    )
    readme = words("proof.readme", zorgdrager=proof.zorgdrager, command=command)
    (folder / words("proof.readme.name")).write_text(readme, "utf-8")
    return WrittenProof(proof.zorgdrager, folder, entries, proof.origin, proof.key, command)
