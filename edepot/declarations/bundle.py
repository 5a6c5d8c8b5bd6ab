"""The proof bundle of a declaration: what was declared, and how anyone can check it without us.

manifest.txt      every other file with its SHA-256, signed with the zorgdrager's key
verklaring.json   what was signed, by whom; and the other documents that are public
extract.jsonl     what the ledger says of the list and of what it took away: index, line, proof
checkpoint.txt    the signed state of the ledger when the bundle was made
key.txt           the public key; who checks has his own, from elsewhere
verify.py         the verifier, standard library only; proof.py is a part of it
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from edepot.declarations import bundle_verifier
from edepot.declarations.documents import Document
from retention.declaration import Declaration
from storage import ledger
from storage.checkpoint import Signer, head_of
from storage.fixity import bundle_verifier as proof
from storage.fixity.bundle import CHECKPOINT, EXTRACT, KEY, VERIFIER, unfinished, write_manifest
from storage.ledger import LedgerRow, canonical
from storage.merkle import WholeTree, leaf_hash

PROOF = "proof.py"
OURS = b"from storage.fixity.bundle_verifier import"


@dataclass(frozen=True, slots=True)
class DeclarationBundle:
    """A bundle on disk: how many lines of the ledger it holds, and the key that signed it."""

    folder: Path
    entries: int
    key: str


@dataclass(frozen=True, slots=True)
class BundlePart:
    """What goes in besides the ledger: a checkpoint of it, its signer, and files by their names."""

    checkpoint: str
    signer: Signer
    documents: Sequence[Document]
    readme: tuple[str, bytes]


def write_declaration_bundle(
    connection: Connection, declaration: Declaration, part: BundlePart, folder: Path
) -> DeclarationBundle:
    """Write the bundle into a new folder: whole, or nothing of it. Only what is public goes in.

    Raises: AlreadyThere.
    """
    verifier = Path(bundle_verifier.__file__).read_bytes()
    assert verifier.count(OURS) == 1, "the verifier takes its proofs from one place"
    own = {
        CHECKPOINT: part.checkpoint.encode("utf-8"),
        KEY: f"{part.signer.verifier_key}\n".encode(),
        VERIFIER: verifier.replace(OURS, b"from proof import"),
        PROOF: Path(proof.__file__).read_bytes(),
        part.readme[0]: part.readme[1],
    }
    with unfinished(folder) as place:
        entries = _write_extract(connection, declaration, head_of(part.checkpoint).size, place)
        for name, content in own.items():
            (place / name).write_bytes(content)
        for each in part.documents:
            if each.public:
                (place / each.name).write_bytes(each.content)
        write_manifest(place, bundle_verifier.FORM, declaration.id, part.signer)
    return DeclarationBundle(folder, entries, part.signer.verifier_key)


def _write_extract(connection: Connection, declaration: Declaration, size: int, place: Path) -> int:
    told: dict[int, str] = {}
    tree = WholeTree(_leaves(connection, declaration, size, told))
    with (place / EXTRACT).open("xb") as out:
        for seq, line in told.items():
            hashes = [each.hex() for each in tree.inclusion_proof(seq)]
            said = {"index": seq, "line": line, "proof": hashes}
            out.write(canonical(said).encode("utf-8") + b"\n")
    return len(told)


def _leaves(
    connection: Connection, declaration: Declaration, size: int, told: dict[int, str]
) -> Iterator[bytes]:
    """The ledger's leaves; the lines that are about this are gathered in `told`."""
    for row in islice(ledger.rows(connection, declaration.zorgdrager), size):
        if _is_about(row, declaration):
            told[row.seq] = row.line
        yield leaf_hash(row.line.encode("utf-8"))


def _is_about(row: LedgerRow, declaration: Declaration) -> bool:
    if row.object in {declaration.id, declaration.list}:
        return True
    facts = json.loads(row.line).get("facts", {})
    return bool(facts.get("list") == declaration.list)
