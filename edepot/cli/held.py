"""`edepot held`: records that others hold: their contracts, lists, challenges and answers."""

import os
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.cli.held_shown import (
    show_accepted,
    show_answered,
    show_challenge,
    show_registered,
    show_statuses,
)
from edepot.cli.session import Session
from edepot.depot import SALT_BYTES, Depot, now, open_depot
from edepot.errors import PathMissing
from edepot.exits import Exit
from edepot.fixity_works import asked_here
from edepot.held_contracts import party_named, read_contract
from edepot.held_sending import write_challenge
from formats.findings import has_errors
from ingest.receipt import finding_plain
from storage.database import reading
from storage.errors import StorageError
from storage.held import items
from storage.held.answers import MAX_ANSWER_BYTES, read_answer
from storage.held.challenge import make_challenge
from storage.held.errors import PartyUnknown
from storage.held.manifests import MAX_BYTES, HeldList
from storage.held.parties import Party, Way, list_parties, read_party, register
from storage.held.places import open_place, read_list
from storage.held.rounds import NONCE_BYTES, FolderRead, read_folder
from storage.held.sampling import Wanted
from storage.held.signatures import MAX_SIGNATURE_BYTES
from storage.held.statements import Accepted, Delivered, accept_manifest
from storage.held.status import party_status

Probability = Annotated[float, typer.Option("--probability", min=0.01, max=1.0)]
Share = Annotated[float, typer.Option("--share", min=0.000001, max=1.0)]
Files = Annotated[int | None, typer.Option("--files", min=1)]


def register_party(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    contract: Annotated[Path, typer.Argument()],
    from_folder: Annotated[Path | None, typer.Option("--from")] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=0, max=1_000)] = 24,
    probability: Probability = 0.95,
    share: Share = 0.01,
    files: Files = None,
) -> int:
    """Keep a contract record, new or changed; with the files too, when we have them now."""
    session: Session = ctx.obj
    _needs(contract, from_folder)
    with open_depot(session.config()) as depot:
        known = _known(depot, party_named(contract))
        party, ended = read_contract(contract, depot.config, known)
        asked = asked_here()
        if ended:
            before = known.ended_at if known else None
            party = replace(party, ended_at=before or asked.at)
        done = register(depot.engine, party, asked, _salt())
        read, accepted = None, None
        if from_folder is not None:
            wanted = _wanted(probability, share, files)
            read = _read_folder(depot, done.party, from_folder, wanted, rounds)
        elif done.party.way is Way.READ and not ended:
            accepted = _read_first(depot, done.party, session)
    if session.as_json:
        session.print_json(
            {
                "party": party.id,
                "version": done.version,
                "changed": done.changed,
                "files": read.files if read else None,
                "rounds": read.rounds if read else None,
                "list": _plain_accepted(accepted, session) if accepted else None,
            }
        )
    else:
        show_registered(done, read, session.screen())
        if accepted is not None:
            show_accepted(accepted, session.screen())
    return int(Exit.MATERIAL if accepted and has_errors(accepted.findings) else Exit.WELL)


def take_manifest(
    ctx: typer.Context,
    party: Annotated[str, typer.Argument()],
    file: Annotated[Path | None, typer.Argument()] = None,
    signature: Annotated[Path | None, typer.Option("--signature")] = None,
    accept: Annotated[bool, typer.Option("--accept")] = False,
) -> int:
    """Take in a party's list, and compare it with the first one."""
    session: Session = ctx.obj
    _needs(file, signature)
    with open_depot(session.config()) as depot:
        found = _party(depot, party)
        if file is None:
            place = found.place
            if place is None:
                raise PathMissing(path=session.words("held.list"))
            delivered = Delivered(read_list(found, open_place(place)))
        else:
            beside = signature or file.with_name(f"{file.name}.sig")
            signed = _limited(beside, MAX_SIGNATURE_BYTES) if beside.is_file() else b""
            delivered = Delivered(HeldList(file.name, _limited(file, MAX_BYTES)), signed)
        accepted = accept_manifest(
            depot.engine, found, delivered, asked_here(), _salt(), accept=accept
        )
    if session.as_json:
        session.print_json(_plain_accepted(accepted, session))
    else:
        show_accepted(accepted, session.screen())
    return int(Exit.MATERIAL if has_errors(accepted.findings) else Exit.WELL)


def challenge_party(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    party: Annotated[str, typer.Argument()],
    dest: Annotated[Path, typer.Argument()],
    probability: Probability = 0.95,
    share: Share = 0.01,
    files: Files = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365)] = 14,
) -> None:
    """Make a challenge: what is asked, the script that answers it, and how."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        asked = asked_here()
        wanted = _wanted(probability, share, files)
        with write_challenge(dest, session.words) as write:
            made = make_challenge(
                depot.engine,
                _party(depot, party),
                wanted,
                nonce=os.urandom(NONCE_BYTES),
                due_at=asked.at + timedelta(days=days),
                asked=asked,
                salt=_salt(),
            )
            write(made)
    if session.as_json:
        session.print_json(
            {
                "challenge": made.id,
                "party": made.party,
                "folder": str(dest),
                "due": made.due_at.isoformat(),
                "files": made.items,
                "total": made.total,
                "round": made.round,
                "probability": float(made.probability),
                "share": share,
            }
        )
    else:
        show_challenge(made, dest, wanted, session.screen())


def take_answer(
    ctx: typer.Context,
    party: Annotated[str, typer.Argument()],
    file: Annotated[Path, typer.Argument()],
) -> int:
    """Take in the answer to a challenge, and judge it."""
    session: Session = ctx.obj
    _needs(file)
    with open_depot(session.config()) as depot:
        answered = read_answer(
            depot.engine,
            depot.stores,
            _party(depot, party),
            _limited(file, MAX_ANSWER_BYTES),
            asked=asked_here(),
            salt=_salt(),
        )
    if session.as_json:
        session.print_json(
            {
                "challenge": answered.id,
                "party": answered.party,
                "refused": answered.refused,
                "verified": answered.verified,
                "word_only": answered.stated,
                "wrong": answered.wrong,
                "unanswered": answered.unanswered,
                "findings": [finding_plain(each, session.lang) for each in answered.findings],
            }
        )
    else:
        show_answered(answered, session.screen())
    return int(Exit.MATERIAL if has_errors(answered.findings) else Exit.WELL)


def show_status(ctx: typer.Context, party: Annotated[str | None, typer.Argument()] = None) -> int:
    """How each party stands: what is proven, and what rests on its word."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, reading(depot.engine) as connection:
        chosen = list_parties(connection) if party is None else [read_party(connection, party)]
        at = now()
        found = [party_status(connection, each, at) for each in chosen]
    if session.as_json:
        session.print_json([_plain_status(each, session) for each in found])
    else:
        show_statuses(found, session.screen(), every=party is not None)
    wrong = any(has_errors(each.findings) for each in found)
    return int(Exit.STORE if wrong else Exit.WELL)


def _known(depot: Depot, party: str) -> Party | None:
    with reading(depot.engine) as connection:
        try:
            return read_party(connection, party)
        except PartyUnknown:
            return None


def _party(depot: Depot, party: str) -> Party:
    with reading(depot.engine) as connection:
        return read_party(connection, party)


def _read_folder(
    depot: Depot, party: Party, folder: Path, wanted: Wanted, rounds: int
) -> FolderRead:
    nonces = [os.urandom(NONCE_BYTES) for _ in range(rounds)]
    return read_folder(
        depot.engine, party, folder, wanted, nonces=nonces, asked=asked_here(), salt=_salt()
    )


def _read_first(depot: Depot, party: Party, session: Session) -> Accepted | None:
    """The list at a party's place as the baseline, where there is none yet and it can be read."""
    with reading(depot.engine) as connection:
        if items.count_of(connection, party.id) or party.place is None:
            return None
    try:
        delivered = Delivered(read_list(party, open_place(party.place)))
    except StorageError as error:
        session.notes().say(session.words("held.list_unread", party=party.id, detail=error))
        return None
    return accept_manifest(depot.engine, party, delivered, asked_here(), _salt())


def _wanted(probability: float, share: float, files: int | None) -> Wanted:
    return Wanted(Fraction(str(probability)), Fraction(str(share)), files)


def _limited(file: Path, most: int) -> bytes:
    """The file's bytes, and one more than may be, so that too much is told by whoever reads it."""
    with file.open("rb") as stream:
        return stream.read(most + 1)


def _needs(*paths: Path | None) -> None:
    for each in paths:
        if each is not None and not each.exists():
            raise PathMissing(path=each)


def _salt() -> bytes:
    return os.urandom(SALT_BYTES)


def _plain_accepted(accepted: Accepted, session: Session) -> dict[str, Any]:
    return {
        "party": accepted.party,
        "statement": accepted.number,
        "refused": accepted.refused,
        "baseline": accepted.baseline,
        "sha256": accepted.digest,
        "same": accepted.same,
        "changed": accepted.changed,
        "missing": accepted.missing,
        "added": accepted.added,
        "unexpected": accepted.unexpected,
        "findings": [finding_plain(each, session.lang) for each in accepted.findings],
    }


def _plain_status(status: Any, session: Session) -> dict[str, Any]:
    party: Party = status.party
    return {
        "party": party.id,
        "zorgdrager": party.zorgdrager,
        "name": party.name,
        "basis": party.basis.value,
        "way": party.way.value,
        "rhythm_days": party.rhythm_days,
        "ended": party.ended_at is not None,
        "files": status.items,
        "bytes": status.size_bytes,
        "statements": status.statements,
        "challenges": status.challenges,
        "open_challenges": status.open_challenges,
        "rounds_left": status.rounds_left,
        "last_heard": status.last_heard.isoformat() if status.last_heard else None,
        "late_since": status.late_since.isoformat() if status.late_since else None,
        "unexpected": status.unexpected,
        "outcomes": {outcome.value: count for outcome, count in status.outcomes.items()},
        "proven": status.proven,
        "word_only": status.word_only,
        "findings": [finding_plain(each, session.lang) for each in status.findings],
    }
