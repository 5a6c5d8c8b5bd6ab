"""`edepot fixity bundle`: the proof of a run, that anyone can check without us."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from edepot.cli.screen import DOUBT, GOOD, QUIET
from edepot.cli.session import Session
from edepot.depot import Depot, now, open_depot, signer_of
from edepot.errors import ExportRefused, PathMissing, WrongUse, ZorgdragerUnknown
from edepot.fixity_report.gather import run_named
from edepot.messages import Words
from formats.plain import to_plain
from storage.checkpoint import make_checkpoint
from storage.database import begin, reading
from storage.errors import (
    AlreadyThere,
    CheckpointRefused,
    RunNotSealed,
    StorageError,
)
from storage.fixity.bundle import (
    VERIFIER,
    BundleOrder,
    WrittenBundle,
    can_be_added,
    write_bundle,
)
from storage.fixity.seal_check import sealed_entries


def bundle(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument()],
    dest: Annotated[Path, typer.Argument()],
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    add: Annotated[list[Path] | None, typer.Option("--add")] = None,
) -> None:
    """Write a run's results with their proof, and the verifier that needs nothing but Python."""
    session: Session = ctx.obj
    extras = _read_extras(add or ())
    with open_depot(session.config()) as depot:
        with reading(depot.engine) as connection:
            run_id = run_named(connection, run)
            sealed = sealed_entries(connection, run_id)
        chosen = _chosen(depot, run_id, list(sealed), zorgdrager)
        for each in chosen:
            if (dest / each).exists():
                raise ExportRefused(target=dest / each)
        written = [
            _write(depot, run_id, each, dest, extras=extras, session=session) for each in chosen
        ]
    if session.as_json:
        answers = [to_plain(each) | {"command": command_of(each)} for each in written]
        session.print_json(answers)
        return
    words, screen = session.words, session.screen()
    for done in written:
        results = words.counted("count.result", done.results)
        screen.say(words("fixity_bundle.written", folder=done.folder, results=results), GOOD)
        screen.literal(f"  {command_of(done)}\n")
    screen.gap()
    screen.say(words("fixity_bundle.next"), QUIET)


def command_of(done: WrittenBundle) -> str:
    """The one command that checks a bundle, from anywhere."""
    return f"python3 {quote(str(done.folder / VERIFIER))} --key {quote(done.key)}"


def readme_of(run: str, zorgdrager: str, key: str, words: Words) -> tuple[str, bytes]:
    """The explanation that goes into a bundle: its name and its text."""
    text = words(
        "fixity_bundle.readme",
        run=run,
        zorgdrager=zorgdrager,
        command=f"python3 {VERIFIER} --key {quote(key)}",
    )
    return words("proof.readme.name"), text.encode("utf-8")


def _write(  # noqa: PLR0913 - what a bundle is made of
    depot: Depot,
    run: str,
    zorgdrager: str,
    dest: Path,
    *,
    extras: dict[str, bytes],
    session: Session,
) -> WrittenBundle:
    """One zorgdrager's bundle, against a checkpoint that is made now.

    Raises: ExportRefused; SealBroken; CheckpointRefused.
    """
    signer, at = signer_of(depot.config, zorgdrager), now()
    try:
        depot.archive.publish_ledger(zorgdrager, now=at)
    except CheckpointRefused:
        raise
    except StorageError as error:
        # The proof does not rest on the stores, and is wanted most of all when one is lost.
        session.notes().say(session.words("fixity_bundle.not_published", detail=error), DOUBT)
    with begin(depot.engine) as connection:
        note = make_checkpoint(connection, zorgdrager, signer, at)
    name, text = readme_of(run, zorgdrager, signer.verifier_key, session.words)
    order = BundleOrder(run, zorgdrager, note, signer, {**extras, name: text})
    try:
        with reading(depot.engine) as connection:
            return write_bundle(connection, order, dest / zorgdrager)
    except AlreadyThere as error:
        raise ExportRefused(target=dest / zorgdrager) from error


def _chosen(depot: Depot, run: str, sealed: list[str], zorgdrager: str | None) -> list[str]:
    known = [each.id for each in depot.config.zorgdragers]
    if zorgdrager is not None and zorgdrager not in known:
        raise ZorgdragerUnknown(name=zorgdrager, known=", ".join(known))
    wanted = sealed if zorgdrager is None else [each for each in sealed if each == zorgdrager]
    if not wanted:
        raise RunNotSealed(f"{run}, {zorgdrager}" if zorgdrager else run, run=run)
    return wanted


def _read_extras(files: Sequence[Path]) -> dict[str, bytes]:
    """The files that were given to go into the bundle, by their names.

    Raises: PathMissing; WrongUse when a name cannot be.
    """
    extras: dict[str, bytes] = {}
    for each in files:
        if not each.is_file():
            raise PathMissing(path=each)
        readme = each.name.lower() in ("leesmij.txt", "readme.txt")
        if not can_be_added(each.name) or readme or each.name in extras:
            raise WrongUse(what="bundle_name", found=each.name)
        extras[each.name] = each.read_bytes()
    return extras
