"""`edepot transfer declare|sign|release|status|list`: the joint declaration, and the source."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from edepot.acting import actor_of, desk_at, desk_of, zorgdrager_of
from edepot.cli.destruction_shown import refused_plain, show_refused
from edepot.cli.screen import DOUBT, GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.cli.transfer import As, To, TransferId, as_seen
from edepot.cli.transfer_shown import plain_of, show_details, show_signed, show_stands
from edepot.declarations.keeping import keep_declaration
from edepot.depot import Depot, open_depot
from edepot.errors import DeclarationNotKept, PathMissing
from edepot.exits import Exit
from edepot.naming import names_of
from edepot.transfers.papers import DECISION, joint_documents, papers_of, transfer_papers
from retention.declaration import Declaration, note_kept
from retention.transfer_closing import follow, note_declared
from retention.transfer_closing import release as make_release
from retention.transfer_declaration import OpennessDecision, joint_of, make_joint, sign_joint
from retention.transfer_nouns import TransferState
from retention.transfer_reading import list_transfers, read_transfer
from storage.database import begin, reading


def declare(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    decision: Annotated[str, typer.Option("--decision")],
    decision_file: Annotated[Path | None, typer.Option("--decision-file")] = None,
    to: To = None,
) -> None:
    """Draw up the joint declaration of what was received, to be read before it is signed."""
    session: Session = ctx.obj
    if decision_file is not None and not decision_file.is_file():
        raise PathMissing(path=decision_file)
    content = decision_file.read_bytes() if decision_file else b""
    with open_depot(session.config()) as depot:
        desk = desk_of(depot)
        with reading(desk.engine) as connection:
            found = read_transfer(connection, transfer)
        names = {each.id: each.name for each in depot.config.zorgdragers}
        digest = hashlib.sha256(content).hexdigest() if content else ""
        made = make_joint(
            desk,
            actor_of(depot.config, acting),
            transfer,
            names[found.zorgdrager],
            OpennessDecision(decision, digest),
        )
        papers = papers_of(Path(found.folder))
        papers.mkdir(parents=True, exist_ok=True)
        if content:
            (papers / DECISION).write_bytes(content)
        folder = to or papers
        folder.mkdir(parents=True, exist_ok=True)
        with reading(desk.engine) as connection:
            documents = joint_documents(connection, made, found, session.words, desk.now())
            plain = plain_of(connection, found)
    for each in documents:
        (folder / each.name).write_bytes(each.content)
    if session.as_json:
        session.print_json(plain)
        return
    words = session.words
    file = folder / documents[0].name
    session.screen().say(words("transfer.drawn_up", id=made.id, file=file), GOOD)
    show_stands(plain, session)


def sign(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    seen: Annotated[str, typer.Option("--seen")],
) -> int:
    """Sign the joint declaration; once both have, the dossiers are the archive's."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        desk = desk_of(depot)
        with reading(desk.engine) as connection:
            stands = joint_of(connection, read_transfer(connection, transfer)).sha256
        actor = actor_of(depot.config, acting)
        _, declaration, signed = sign_joint(desk, actor, transfer, seen=as_seen(seen, stands))
        if not session.as_json:
            show_signed(signed, session)
        trouble = _keep(session, depot, declaration) if signed.both else ""
        with reading(desk.engine) as connection:
            plain = plain_of(connection, read_transfer(connection, transfer))
    if session.as_json:
        session.print_json(plain)
    else:
        show_stands(plain, session)
    if trouble:
        text = session.words("declaration.not_kept", detail=trouble, id=declaration.id)
        session.notes().say(text, DOUBT)
    return int(Exit.STORE if trouble else Exit.WELL)


def release(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    name: Annotated[str, typer.Option("--name")] = "",
) -> None:
    """Make the list that clears the source copies; it goes the way of any list."""
    session: Session = ctx.obj
    config, words = session.config(), session.words
    with desk_at(config) as desk:
        follow(desk)
        called = name or words("transfer.release_name", transfer=transfer)
        listed = make_release(desk, actor_of(config, acting), transfer, name=called)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, read_transfer(connection, transfer))
            names = names_of(connection, [each for each, _ in listed.refused])
    if session.as_json:
        session.print_json(plain | {"refused": refused_plain(listed.refused)})
        return
    show_stands(plain, session)
    show_refused(listed.refused, names, session.screen())


def status(ctx: typer.Context, transfer: TransferId, to: To = None) -> None:
    """How a transfer stands, what is signed, and what comes next; or its papers in a folder."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        follow(desk)
        names = {each.id: each.name for each in config.zorgdragers}
        with reading(desk.engine) as connection:
            found = read_transfer(connection, transfer)
            plain = plain_of(connection, found)
            papers = (
                transfer_papers(connection, found, names[found.zorgdrager], session.words)
                if to is not None
                else {}
            )
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for file, content in papers.items():
            (to / file).write_bytes(content)
    if session.as_json:
        session.print_json(plain)
        return
    show_details(plain, session)
    show_stands(plain, session)
    if to is not None:
        session.screen().say(session.words("transfer.papers", folder=to), QUIET)


def list_them(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    state: Annotated[TransferState | None, typer.Option("--state")] = None,
) -> None:
    """Every transfer, the newest first."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager) if zorgdrager else ""
    with desk_at(config) as desk:
        follow(desk)
        with reading(desk.engine) as connection:
            found = list_transfers(connection, owner, [state] if state else ())
            plain = [plain_of(connection, each) for each in found]
    if session.as_json:
        session.print_json(plain)
        return
    words, screen = session.words, session.screen()
    if not plain:
        screen.say(words("transfer.none"), QUIET)
        return
    columns = [
        Column(words("transfer.column.transfer"), fold=False),
        Column(words("transfer.column.name")),
        Column(words("transfer.column.archive")),
        Column(words("transfer.column.dossiers"), number=True),
        Column(words("transfer.column.state")),
    ]
    rows = [
        [
            each["id"],
            each["name"],
            each["archive"],
            words.number(each["dossiers"]),
            words(f"transfer.state.{each['state']}"),
        ]
        for each in plain
    ]
    screen.table(columns, rows)


def _keep(session: Session, depot: Depot, declaration: Declaration) -> str:
    """Keep the declaration's documents as an AIP; why that could not be done, "" when it was."""
    with reading(depot.engine) as connection:
        found = read_transfer(connection, declaration.list)
        at = desk_of(depot).now()
        try:
            documents = joint_documents(connection, declaration, found, session.words, at)
        except DeclarationNotKept as error:
            return str(error.values["detail"])
    try:
        aip_id = keep_declaration(depot, declaration, documents, session.words)
    except DeclarationNotKept as error:
        return str(error.values["detail"])
    with begin(depot.engine) as connection:
        note_kept(connection, declaration.id, aip_id)
        note_declared(connection, desk_of(depot), declaration.list)
    return ""
