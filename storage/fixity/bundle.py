"""A proof bundle of a sealed run: what was found, and how anyone can check that without us.

manifest.txt      every other file with its SHA-256, signed with the zorgdrager's key
results.jsonl     the results, one line each, in the order of the run
run.json          the ledger's entry that sealed them: index, line
proof.json        that this entry is in the ledger: size, hashes (RFC 6962 inclusion proof)
extract.jsonl     the ledger's other entries on this run: index, line, proof
checkpoint.txt    the signed state of the ledger when the bundle was made
key.txt           the public key; who checks has his own, from elsewhere
verify.py         the verifier, standard library only
...               what the caller adds: an explanation, reports
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from storage import ledger
from storage.checkpoint import Signer, head_of, sign_text
from storage.errors import AlreadyThere, RunNotSealed, SealBroken
from storage.fixity import bundle_verifier
from storage.fixity.lines import result_line
from storage.fixity.seal import COPY_WRONG, RUN_SEALED, result_rows
from storage.fixity.seal_check import sealed_entries
from storage.ledger import LedgerEntry, LedgerRow, canonical
from storage.merkle import Tree, WholeTree, leaf_hash

FORM = "edepot-fixity-bundle 1"
MANIFEST, RESULTS, RUN, PROOF = "manifest.txt", "results.jsonl", "run.json", "proof.json"
EXTRACT, CHECKPOINT, KEY, VERIFIER = "extract.jsonl", "checkpoint.txt", "key.txt", "verify.py"
OWN_NAMES = frozenset((MANIFEST, RESULTS, RUN, PROOF, EXTRACT, CHECKPOINT, KEY, VERIFIER))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """What a bundle is made of: a run and a zorgdrager, a checkpoint of that ledger, the signer.

    `extras` are files besides our own: name -> bytes. Names are plain and none of ours.
    """

    run: str
    zorgdrager: str
    checkpoint: str
    signer: Signer
    extras: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle on disk: how many results it holds, how many lines of the ledger, and the key."""

    zorgdrager: str
    folder: Path
    results: int
    entries: int
    key: str


def write_bundle(connection: Connection, order: BundleOrder, folder: Path) -> WrittenBundle:
    """Write the bundle into a new folder: whole, or nothing of it.

    Raises: AlreadyThere; RunNotSealed when the checkpoint's ledger has no seal of this run;
    SealBroken when the results are no longer those that were sealed.
    """
    entry = sealed_entries(connection, order.run).get(order.zorgdrager)
    size = head_of(order.checkpoint).size
    if entry is None or entry.seq >= size:
        raise RunNotSealed(f"{order.run}: {order.zorgdrager}", run=order.run, key=order.zorgdrager)
    with unfinished(folder) as place:
        results = _write_results(connection, order, entry, place)
        entries = _write_ledger(connection, entry, size, place)
        own = {
            CHECKPOINT: order.checkpoint.encode("utf-8"),
            KEY: f"{order.signer.verifier_key}\n".encode(),
            VERIFIER: Path(bundle_verifier.__file__).read_bytes(),
        }
        for name, content in (*own.items(), *order.extras.items()):
            assert name in own or (_NAME.fullmatch(name) and name not in OWN_NAMES), name
            (place / name).write_bytes(content)
        write_manifest(place, FORM, order.run, order.signer)
    return WrittenBundle(order.zorgdrager, folder, results, entries, order.signer.verifier_key)


def can_be_added(name: str) -> bool:
    """Whether an extra file may bear this name in a bundle."""
    return bool(_NAME.fullmatch(name)) and name not in OWN_NAMES


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A place beside the folder; it takes the folder's name when all is well, else it goes."""
    if os.path.lexists(folder):
        raise AlreadyThere(str(folder), path=str(folder))
    place = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write_results(
    connection: Connection, order: BundleOrder, entry: LedgerEntry, place: Path
) -> int:
    tree = Tree()
    with (place / RESULTS).open("xb") as out:
        for row in result_rows(connection, order.run, zorgdrager=order.zorgdrager):
            line = result_line(row).encode("utf-8")
            tree.append(leaf_hash(line))
            out.write(line + b"\n")
    found, expected = tree.root().hex(), entry.facts["root"]
    if found != expected:
        raise SealBroken(
            f"{order.run}: {order.zorgdrager}", run=order.run, found=found, expected=expected
        )
    return tree.size


def _write_ledger(connection: Connection, entry: LedgerEntry, size: int, place: Path) -> int:
    """The run's entry, its proof, and what else the ledger says of the run; how many entries."""
    told: list[int] = []
    tree = WholeTree(_leaves(connection, entry, size, told))
    _write_json(place / RUN, {"index": entry.seq, "line": entry.line})
    hashes = [each.hex() for each in tree.inclusion_proof(entry.seq)]
    _write_json(place / PROOF, {"index": entry.seq, "size": size, "hashes": hashes})
    wanted = set(told)
    with (place / EXTRACT).open("xb") as out:
        for row in _up_to(connection, entry.zorgdrager, size if told else 0):
            if row.seq in wanted:
                proof = [each.hex() for each in tree.inclusion_proof(row.seq)]
                said = {"index": row.seq, "line": row.line, "proof": proof}
                out.write(canonical(said).encode("utf-8") + b"\n")
    return len(told) + 1


def _leaves(
    connection: Connection, entry: LedgerEntry, size: int, told: list[int]
) -> Iterator[bytes]:
    """The ledger's leaves; the numbers of the entries on this run are gathered in `told`."""
    for row in _up_to(connection, entry.zorgdrager, size):
        if row.action != RUN_SEALED and _names_run(row, entry.object):
            told.append(row.seq)
        yield leaf_hash(row.line.encode("utf-8"))


def _names_run(row: LedgerRow, run: str) -> bool:
    if row.action != COPY_WRONG and not row.action.startswith(("copy.", "incident.")):
        return False
    facts: dict[str, Any] = json.loads(row.line).get("facts", {})
    return facts.get("run") == run


def _up_to(connection: Connection, zorgdrager: str, size: int) -> Iterable[LedgerRow]:
    return islice(ledger.rows(connection, zorgdrager), size)


def _write_json(file: Path, said: Mapping[str, Any]) -> None:
    file.write_bytes(canonical(said).encode("utf-8") + b"\n")


def write_manifest(place: Path, form: str, subject: str, signer: Signer) -> None:
    """Name every file of a bundle with its SHA-256, signed; done last."""
    lines = [form, signer.origin, subject]
    for file in sorted(place.iterdir()):
        with file.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {file.name}")
    note = sign_text(signer, "\n".join(lines) + "\n")
    (place / MANIFEST).write_bytes(note.encode("utf-8"))
