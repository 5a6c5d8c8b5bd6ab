"""`edepot person add|list|end`: the natural persons who act, and their keys."""

import base64
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edepot.acting import account_here, desk_at, key_file, new_key
from edepot.cli.screen import GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.errors import PathMissing, WrongUse
from retention import mandating, people
from retention.mandating import Given
from retention.noting import note
from retention.people import Person
from storage.database import begin, reading


def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    public_key: Annotated[Path | None, typer.Option("--public-key")] = None,
) -> None:
    """Register a person: with a new key in the depot's folder, or with a key of their own."""
    session: Session = ctx.obj
    config, by = session.config(), account_here()
    write = None
    if public_key is None:
        public, write = new_key()
    else:
        public = _read_public(public_key)
    with desk_at(config) as desk, begin(desk.engine) as connection:
        person = people.add_person(connection, desk, name, public, by.id)
        for each in config.zorgdragers:
            note(
                connection,
                desk,
                each.id,
                "retention.person_added",
                person.id,
                result="ok",
                actor=by.id,
                origin=by.origin,
                facts={"public_key": public},
                details={"name": name},
            )
        file = key_file(config, person.id)
        if write is not None:
            write(file)
    if session.as_json:
        session.print_json(_plain(person, ()) | {"key": str(file) if write else None})
        return
    words, screen = session.words, session.screen()
    screen.say(words("person.added", person=person.id, name=person.name), GOOD)
    screen.say(words("person.key", file=file) if write else words("person.own_key"), QUIET)


def list_them(ctx: typer.Context) -> None:
    """Everybody who is registered, with the mandates that count."""
    session: Session = ctx.obj
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        everybody = people.list_people(connection)
        given = mandating.list_mandates(connection)
    of = {each.id: tuple(m for m in given if m.mandate.person == each.id) for each in everybody}
    if session.as_json:
        session.print_json([_plain(each, of[each.id]) for each in everybody])
        return
    words, screen = session.words, session.screen()
    if not everybody:
        screen.say(words("person.none"), QUIET)
        return
    columns = [
        Column(words("person.number"), fold=False),
        Column(words("person.name")),
        Column(words("person.mandates")),
    ]
    screen.table(columns, [_row(each, of[each.id], session) for each in everybody])


def end(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument()],
    forget_name: Annotated[bool, typer.Option("--forget-name")] = False,
) -> None:
    """End a person's account: no mandate counts any more, and what was done stands."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        zorgdragers = [each.id for each in config.zorgdragers]
        ended = mandating.end_person(
            desk, account_here(), person, zorgdragers, forget_name=forget_name
        )
    if session.as_json:
        session.print_json(_plain(ended, ()))
        return
    file = key_file(config, person)
    screen = session.screen()
    screen.say(session.words("person.ended", person=person), GOOD)
    if file.exists():
        screen.say(session.words("person.key_left", file=file), QUIET)


def _read_public(file: Path) -> str:
    """The raw public key, in base64, out of a PEM file."""
    if not file.is_file():
        raise PathMissing(path=file)
    try:
        key = load_pem_public_key(file.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise WrongUse(what="public_key", file=file) from error
    if not isinstance(key, Ed25519PublicKey):
        raise WrongUse(what="public_key", file=file)
    return base64.b64encode(key.public_bytes_raw()).decode("ascii")


def _row(person: Person, given: tuple[Given, ...], session: Session) -> list[str | Cell]:
    words = session.words
    roles = [f"{words(f'role.{e.mandate.role.value}')} ({e.mandate.zorgdrager})" for e in given]
    if person.ended:
        return [person.id, Cell(person.name, QUIET), Cell(words("person.gone"), QUIET)]
    return [person.id, person.name, ", ".join(roles)]


def _plain(person: Person, given: tuple[Given, ...]) -> dict[str, Any]:
    return {
        "person": person.id,
        "name": person.name,
        "public_key": person.public_key,
        "ended": person.ended,
        "mandates": [each.mandate.number for each in given],
    }
