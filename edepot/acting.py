"""Who acts, and at which desk: persons with the keys that lie in the depot's folder.

The key of a person stands in keys/people/<id>.pem, and only its owner may read it. Apart from those
stands keys/persons.key, under which the numbers of persons are kept as keyed hashes; it is made
when the first hold on a person needs it.
"""

import base64
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Engine

from edepot.config import Config
from edepot.depot import SALT_BYTES, Depot, agent, now, software
from edepot.depot_database import open_existing
from edepot.errors import (
    PersonKeyExposed,
    PersonKeyUnreadable,
    WrongUse,
    ZorgdragerUnknown,
)
from edepot.open_stores import OTHERS
from retention.hold_keys import KEY_BYTES
from retention.mandating import Account
from retention.nouns import Actor, Desk

PEOPLE = "keys/people"
PERSON_KEY = "keys/persons.key"


def actor_of(config: Config, person: str) -> Actor:
    """The person of an id ("p0001"), with the hand that signs.

    Raises: PersonKeyUnreadable; PersonKeyExposed when others on this machine may read the key;
    WrongUse when this cannot be the id of a person.
    """
    key = read_key(key_file(config, person))
    return Actor(
        person=person,
        origin=origin(),
        sign=lambda content: base64.b64encode(key.sign(content)).decode("ascii"),
    )


def desk_of(depot: Depot) -> Desk:
    """The desk of an open depot.

    Raises: PersonKeyUnreadable; PersonKeyExposed.
    """
    return desk_on(depot.engine, depot.config)


def desk_on(engine: Engine, config: Config) -> Desk:
    """The desk on a depot's database, where nothing else of the depot is needed.

    Raises: PersonKeyUnreadable; PersonKeyExposed.
    """
    return Desk(
        engine=engine,
        now=now,
        salt=partial(os.urandom, SALT_BYTES),
        software=software(),
        person_key=_person_key(config),
    )


@contextmanager
def desk_at(config: Config) -> Iterator[Desk]:
    """The desk of a depot of which nothing but the database is needed.

    Raises: DatabaseMissing; PersonKeyUnreadable; PersonKeyExposed.
    """
    engine = open_existing(config)
    try:
        yield desk_on(engine, config)
    finally:
        engine.dispose()


def account_here() -> Account:
    """The account that runs this command, where no person acts."""
    return Account(agent(), origin())


def zorgdrager_of(config: Config, named: str | None) -> str:
    """The zorgdrager that is named, or the only one that there is.

    Raises: ZorgdragerUnknown.
    """
    known = [each.id for each in config.zorgdragers]
    if named is None and len(known) == 1:
        return known[0]
    if named is None or named not in known:
        raise ZorgdragerUnknown(name=named or "", known=", ".join(known))
    return named


def new_key() -> tuple[str, Callable[[Path], None]]:
    """A new key for a person: its public half (base64), and what writes the key into a file that
    its owner alone may read, and that is not there yet."""
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return public, lambda file: _write_new(file, private)


def with_person_key(config: Config, desk: Desk) -> Desk:
    """The same desk with the key for the numbers of persons, which is made if there is none."""
    if not desk.person_key:
        _write_new(config.folder / PERSON_KEY, os.urandom(KEY_BYTES).hex().encode("ascii"))
    return replace(desk, person_key=_person_key(config))


def private_key_bytes(file: Path) -> bytes:
    """The secret bytes in a file that its owner alone may read; made when it is not there yet.

    Raises: PersonKeyUnreadable; PersonKeyExposed.
    """
    if not file.exists():
        _write_new(file, os.urandom(KEY_BYTES).hex().encode("ascii"))
    return _key_in(file)


def origin() -> str:
    """Where it is asked for: this command line, on this machine."""
    return f"cli@{socket.gethostname()}"


def key_file(config: Config, person: str) -> Path:
    """Where the key of a person stands.

    Raises: WrongUse when this cannot be the id of a person.
    """
    if not (person.isascii() and person.isalnum()):
        raise WrongUse(what="person", name=person)
    return config.folder / PEOPLE / f"{person}.pem"


def read_key(file: Path) -> Ed25519PrivateKey:
    """The Ed25519 key in a PEM file that its owner alone may read.

    Raises: PersonKeyUnreadable; PersonKeyExposed.
    """
    try:
        key = load_pem_private_key(_read_guarded(file), password=None)
    except OSError as error:
        raise PersonKeyUnreadable(file=file, detail=error.strerror or error) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PersonKeyUnreadable(file=file, detail="PEM, Ed25519") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PersonKeyUnreadable(file=file, detail="PEM, Ed25519")
    return key


def _person_key(config: Config) -> bytes:
    return _key_in(config.folder / PERSON_KEY)


def _key_in(file: Path) -> bytes:
    try:
        key = bytes.fromhex(_read_guarded(file).decode("ascii"))
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise PersonKeyUnreadable(file=file, detail=error.strerror or error) from error
    except ValueError as error:
        raise PersonKeyUnreadable(file=file, detail="hex") from error
    if len(key) != KEY_BYTES:
        raise PersonKeyUnreadable(file=file, detail=f"{len(key)} bytes")
    return key


def _read_guarded(file: Path) -> bytes:
    """What stands in a file that its owner alone may read."""
    with file.open("rb") as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        if mode & OTHERS:
            raise PersonKeyExposed(file=file, mode=f"{mode:04o}")
        return stream.read()


def _write_new(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
