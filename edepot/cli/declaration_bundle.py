"""`edepot declaration bundle`: the proof of a declaration, that anyone can check without us."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from edepot.cli.declaration import at_of, read_one
from edepot.cli.screen import DOUBT, GOOD, QUIET
from edepot.cli.session import Session
from edepot.declarations.bundle import BundlePart, DeclarationBundle, write_declaration_bundle
from edepot.depot import Depot, now, open_depot, signer_of
from edepot.errors import ExportRefused
from edepot.messages import Words
from edepot.transfers.papers import documents_for
from retention.declaration import Declaration, DeclarationState
from retention.errors import Refused
from storage.checkpoint import make_checkpoint
from storage.database import begin, reading
from storage.errors import AlreadyThere, CheckpointRefused, StorageError
from storage.fixity.bundle import VERIFIER


def bundle(
    ctx: typer.Context,
    declaration: Annotated[str, typer.Argument()],
    folder: Annotated[Path, typer.Argument()],
) -> None:
    """Write a declaration with its proof, and the verifier that needs nothing but Python."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        found = read_one(depot, declaration)
        if found.state is DeclarationState.DRAFT:
            raise Refused("state", declaration=declaration, found=found.state.value)
        done = _write(depot, found, folder, session)
    command = f"python3 {quote(str(done.folder / VERIFIER))} --key {quote(done.key)}"
    if session.as_json:
        told = {"folder": str(done.folder), "entries": done.entries, "key": done.key}
        session.print_json(told | {"command": command})
        return
    words, screen = session.words, session.screen()
    screen.say(words("declaration_bundle.written", folder=done.folder), GOOD)
    screen.literal(f"  {command}\n")
    screen.say(words("fixity_bundle.next"), QUIET)


def _write(
    depot: Depot, declaration: Declaration, folder: Path, session: Session
) -> DeclarationBundle:
    """The bundle, against a checkpoint that is made now.

    Raises: ExportRefused; CheckpointRefused.
    """
    signer, at = signer_of(depot.config, declaration.zorgdrager), now()
    try:
        depot.archive.publish_ledger(declaration.zorgdrager, now=at)
    except CheckpointRefused:
        raise
    except StorageError as error:
        session.notes().say(session.words("fixity_bundle.not_published", detail=error), DOUBT)
    with begin(depot.engine) as connection:
        note = make_checkpoint(connection, declaration.zorgdrager, signer, at)
    with reading(depot.engine) as connection:
        documents = documents_for(connection, declaration, session.words, at_of(declaration))
        readme = _readme(declaration, signer.verifier_key, session.words)
        part = BundlePart(note, signer, documents, readme)
        try:
            return write_declaration_bundle(connection, declaration, part, folder)
        except AlreadyThere as error:
            raise ExportRefused(target=folder) from error


def _readme(declaration: Declaration, key: str, words: Words) -> tuple[str, bytes]:
    command = f"python3 {VERIFIER} --key {quote(key)}"
    text = words("declaration_bundle.readme", id=declaration.id, command=command)
    return words("proof.readme.name"), text.encode("utf-8")
