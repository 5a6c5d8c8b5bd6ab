"""Founding a depot: folder, configuration, keys, stores; a second time changes nothing."""

import json
import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jinja2 import Environment, PackageLoader, StrictUndefined

from edepot.config import FILE_NAME, ID_PATTERN, Config, StoreKind, read_config
from edepot.errors import FolderNotEmpty, WrongUse
from edepot.messages import Language
from storage.database import open_database
from storage.depot_id import claim
from storage.fixity.nouns import Asked
from storage.places import stands
from storage.postgres_url import is_readable, passwords, read_url, shown
from storage.schedules import ensure_schedules
from storage.stores.local import found_store

DATABASE = "edepot.sqlite"
STORES = ("kopie-1", "kopie-2")
UNFINISHED = f".{FILE_NAME}.new"


@dataclass(frozen=True, slots=True)
class NewZorgdrager:
    """A zorgdrager that the depot shall know: its id and its name."""

    id: str
    name: str


OWO = (
    NewZorgdrager("ooststellingwerf", "Gemeente Ooststellingwerf"),
    NewZorgdrager("weststellingwerf", "Gemeente Weststellingwerf"),
    NewZorgdrager("opsterland", "Gemeente Opsterland"),
)


@dataclass(frozen=True, slots=True)
class Founded:
    """A depot that stands: its configuration, and what was made now (nothing, the second time)."""

    config: Config
    made: tuple[str, ...]


def read_zorgdrager(text: str) -> NewZorgdrager:
    """The zorgdrager in "id=name".

    Raises: WrongUse when it has another form.
    """
    zorgdrager, sign, name = text.partition("=")
    plain = name.strip()
    if not sign or not plain or not re.fullmatch(ID_PATTERN, zorgdrager.strip(), re.ASCII):
        raise WrongUse(what="zorgdrager", found=text)
    if any(ord(char) < 32 or ord(char) == 127 for char in plain):
        raise WrongUse(what="zorgdrager", found=text)
    return NewZorgdrager(zorgdrager.strip(), plain)


def found_depot(
    folder: Path,
    zorgdragers: Sequence[NewZorgdrager] = OWO,
    language: Language = Language.NL,
    database: str = DATABASE,
) -> Founded:
    """Make the depot, or what is missing of it; a configuration that is there is left as it is.

    `database`: a file in the folder, or the postgresql:// URL of a database that is there already
    and in which no depot stands.

    Raises: FolderNotEmpty when the folder holds things but no depot; ConfigurationInvalid;
    WrongUse when the database cannot be this, or is of another depot; DatabaseUnreachable.
    """
    folder = folder.absolute()
    file = folder / FILE_NAME
    made: list[str] = []
    if not file.exists():
        _refuse_occupied(folder)
        _refuse_database(database)
        folder.mkdir(parents=True, exist_ok=True)
        written = _configuration(folder, zorgdragers, language, database)
        _write_whole(file, written.encode("utf-8"))
        made.append(FILE_NAME)
    config = read_config(file)
    for place in _folders(config):
        if not place.is_dir():
            place.mkdir(parents=True, mode=0o700)
            made.append(_shown(place, folder))
    for store in (each for each in config.stores if each.kind is StoreKind.LOCAL):
        if found_store(store.path):
            made.append(_shown(store.path, folder))
    for each in config.zorgdragers:
        if not each.key.exists():
            _write_new(each.key, _new_key(), 0o600)
            made.append(_shown(each.key, folder))
    if not stands(config.database):
        made.append(_shown(config.database, folder))
    engine = open_database(config.database)
    try:
        claim(engine, config.id)
        ensure_schedules(engine, Asked(datetime.now(UTC), f"uid:{os.getuid()}", "init"))
    finally:
        engine.dispose()
    return Founded(config, tuple(made))


def _refuse_occupied(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise FolderNotEmpty(folder=folder)
    if folder.is_dir() and any(each.name != UNFINISHED for each in folder.iterdir()):
        raise FolderNotEmpty(folder=folder)


def _refuse_database(database: str) -> None:
    """Before anything is written: the server answers, and nobody's depot stands there."""
    if "://" not in database:
        return
    place = shown(database)
    if not is_readable(database):
        raise WrongUse(what="database", found=place)
    if passwords(read_url(database)[0]):
        raise WrongUse(what="password", found=place)
    if stands(database):
        raise WrongUse(what="occupied", found=place)


def _folders(config: Config) -> list[Path]:
    keys = [each.key.parent for each in config.zorgdragers]
    places = [*keys, config.staging, config.quarantine, config.agreements, config.format_policies]
    return list(dict.fromkeys(places))


def _configuration(
    folder: Path, zorgdragers: Sequence[NewZorgdrager], language: Language, database: str
) -> str:
    environment = Environment(  # noqa: S701 - TOML, no HTML; every value goes through `toml`
        loader=PackageLoader("edepot"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["toml"] = _toml_text
    return environment.get_template("edepot.toml.jinja").render(
        language=language.value,
        id=uuid.uuid4().hex,
        database=database,
        origin=f"edepot/{re.sub('[^A-Za-z0-9.-]+', '-', folder.name).strip('-') or 'depot'}",
        stores=STORES,
        zorgdragers=zorgdragers,
        processes=min(os.cpu_count() or 1, 8),
    )


def _toml_text(value: str) -> str:
    """A text as a TOML basic string; JSON's escapes are TOML's too."""
    return json.dumps(value, ensure_ascii=False)


def _new_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_whole(file: Path, content: bytes) -> None:
    """Write the configuration so that it is there whole or not at all."""
    unfinished = file.with_name(UNFINISHED)
    unfinished.unlink(missing_ok=True)
    _write_new(unfinished, content, 0o644)
    unfinished.rename(file)


def _write_new(file: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, durably, with its rights from the first byte."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _shown(place: Path | str, folder: Path) -> str:
    if isinstance(place, str):
        return shown(place)
    return str(place.relative_to(folder) if place.is_relative_to(folder) else place)
