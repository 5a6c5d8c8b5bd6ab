"""Stores in edepot.toml: added, asked for by a zorgdrager, retired; comments stay as they are.

The file is written whole beside the old one and checked before it takes its place; the old one
is kept as edepot.toml.1, edepot.toml.2, …
"""

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from edepot.config import Config, StoreKind, StoreSettings, read_config

UNFINISHED = ".unfinished"
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?")

Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store that the depot shall have: its name, its kind, and its other settings in order."""

    name: str
    kind: StoreKind
    settings: tuple[tuple[str, str], ...]

    def same_as(self, store: StoreSettings, folder: Path) -> bool:
        """Whether a store of the configuration is this one."""
        if (self.name, self.kind) != (store.name, store.kind):
            return False
        said = dict(self.settings)
        if store.s3 is None:
            return (folder / said["path"]).resolve() == store.path.resolve()
        return said["endpoint"].rstrip("/") == store.s3.endpoint and (
            said["bucket"],
            said.get("prefix", ""),
        ) == (store.s3.bucket, store.s3.prefix)


def with_store(text: str, store: NewStore) -> str:
    """The settings with one more store, after those that are there."""
    values = {"name": store.name, "kind": store.kind.value, **dict(store.settings)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    block = "\n".join(["[[stores]]", *lines])
    expected = tomllib.loads(text)
    expected["stores"] = [*expected.get("stores", []), values]
    placed = _placed_after(text, "stores", block)
    if placed is not None and _says(placed, expected):
        return placed
    document = tomlkit.parse(text)
    document["stores"].append(values)
    return tomlkit.dumps(document)


def with_stores_of(text: str, zorgdragers: Mapping[str, Sequence[str]]) -> str:
    """The settings in which these zorgdragers need these stores."""
    document = tomlkit.parse(text)
    for each in _tables(document, "zorgdragers"):
        if each["id"] in zorgdragers:
            _set_names(each, zorgdragers[str(each["id"])])
    return tomlkit.dumps(document)


def with_retired(text: str, name: str) -> str:
    """The settings in which a store takes nothing new."""
    document = tomlkit.parse(text)
    for each in _tables(document, "stores"):
        if each["name"] == name and each.get("retired") is not True:
            each["retired"] = True
    return tomlkit.dumps(document)


@contextmanager
def proposed(file: Path, edit: Edit) -> Iterator[tuple[Config, Callable[[], Path | None]]]:
    """The configuration as it would be, and what makes it so: that gives where the old one is now.

    None when there is nothing to change. Without that call nothing is changed.

    Raises: ConfigurationInvalid when it would be no good.
    """
    with _alone(file.parent):
        yield from _proposed(file, edit)


def _proposed(file: Path, edit: Edit) -> Iterator[tuple[Config, Callable[[], Path | None]]]:
    old = file.read_text("utf-8")
    new = edit(old)
    unfinished = file.with_name(f".{file.name}{UNFINISHED}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    _write(unfinished, new, file.stat().st_mode & 0o777)

    def accept() -> Path | None:
        if new == old:
            return None
        kept = _keep(file)
        unfinished.rename(file)
        _sync(file.parent)
        return kept

    try:
        yield read_config(unfinished), accept
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One editor of the settings at a time; the lock ends with whoever holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _placed_after(text: str, table: str, block: str) -> str | None:
    """The text with a block after the last value of the last of these tables."""
    lines = text.splitlines(keepends=True)
    headers = [(n, m[1]) for n, line in enumerate(lines) if (m := _HEADER.match(line))]
    mine = [place for place, (_, name) in enumerate(headers) if name.split(".")[0] == table]
    if not mine:
        return None
    last = mine[-1]
    end = headers[last + 1][0] if last + 1 < len(headers) else len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    before = "".join(lines[:end])
    return f"{before}{'' if before.endswith(chr(10)) else chr(10)}\n{block}\n{''.join(lines[end:])}"


def _says(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False


def _tables(document: TOMLDocument, name: str) -> Iterator[Any]:
    yield from document.get(name, [])


def _set_names(table: Any, names: Sequence[str]) -> None:
    """Names taken out and put in where they stand, so that the form of the list stays."""
    there = table["stores"]
    for name in [each for each in there if each not in names]:
        there.remove(name)
    for name in names:
        if name not in there:
            there.append(name)


def _keep(file: Path) -> Path:
    """A second name for the file as it is: the first number that is free."""
    number = 1
    while True:
        kept = file.with_name(f"{file.name}.{number}")
        with suppress(FileExistsError):
            os.link(file, kept)
            return kept
        number += 1


def _write(file: Path, text: str, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8"))
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
