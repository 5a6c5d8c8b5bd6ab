"""The configuration: one TOML file to one frozen value, every setting checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edepot.errors import ConfigurationInvalid, NoDepotHere
from edepot.messages import Language
from edepot.settings import Table, read_table

FILE_NAME = "edepot.toml"
DEPOT_VARIABLE = "EDEPOT_DEPOT"
LANGUAGE_VARIABLE = "EDEPOT_LANG"
ID_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
ORIGIN_PATTERN = r"[^\s+]+"
SCANNER_MAX_FILE_BYTES = 100 * 1024 * 1024
"""What clamd looks at without a setting of its own (MaxFileSize, 100M since ClamAV 1.0)."""
CLAMD_PATTERN = r"/.+|(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"


class StoreKind(StrEnum):
    """A kind of store."""

    LOCAL = "local"


class ScannerAbsence(StrEnum):
    """What happens when the virus scanner does not answer and the agreement says nothing of it."""

    WAIT = "wait"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """A store: its name, its kind, and the folder where it stands."""

    name: str
    kind: StoreKind
    path: Path


@dataclass(frozen=True, slots=True)
class ZorgdragerSettings:
    """A zorgdrager: id (part of every key on the shelf), name, signing key, stores needed."""

    id: str
    name: str
    key: Path
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """Where clamd listens (a socket's path, host:port, or ""), and what if it is silent."""

    clamd: str
    absent: ScannerAbsence
    timeout_seconds: int
    max_file_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that any delivery may hold, whatever its agreement says; sizes in bytes."""

    max_files: int
    max_bytes: int
    max_file_bytes: int
    max_depth: int
    max_ratio: int
    max_name_bytes: int
    max_path_bytes: int


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The child processes that read untrusted bytes: how many at once."""

    processes: int


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a depot is told, with whole paths."""

    file: Path
    language: Language
    origin: str
    database: Path
    staging: Path
    quarantine: Path
    agreements: Path
    format_policies: Path
    format_policy: str
    stores: tuple[StoreSettings, ...]
    zorgdragers: tuple[ZorgdragerSettings, ...]
    scanner: ScannerSettings
    limits: Limits
    workers: WorkerSettings

    @property
    def folder(self) -> Path:
        """The depot's folder."""
        return self.file.parent


def find_depot(named: Path | None, environment: Mapping[str, str], here: Path) -> Path:
    """The configuration file of the depot that is meant: named, in the environment, here or above.

    Raises: NoDepotHere.
    """
    asked = named or (
        Path(environment[DEPOT_VARIABLE]) if environment.get(DEPOT_VARIABLE) else None
    )
    if asked is not None:
        file = asked if asked.name == FILE_NAME else asked / FILE_NAME
        if file.is_file():
            return file.absolute()
        raise NoDepotHere(folder=asked)
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise NoDepotHere(folder=here)


def read_config(file: Path) -> Config:
    """The configuration in a file.

    Raises: ConfigurationInvalid with a finding for every setting that cannot be.
    """
    table = read_table(file)
    config = _read(table, file.absolute())
    table.refuse_unknown()
    _check_stores(table, config)
    if table.findings:
        raise ConfigurationInvalid(str(file), table.findings)
    return config


def _read(table: Table, file: Path) -> Config:
    folder = file.parent
    depot = table.table("depot")
    return Config(
        file=file,
        language=table.choice("language", Language, Language.NL),
        origin=depot.matching("origin", ORIGIN_PATTERN, "edepot/owo", default="edepot"),
        database=folder / depot.text("database", "edepot.sqlite"),
        staging=folder / depot.text("staging", "staging"),
        quarantine=folder / depot.text("quarantine", "quarantine"),
        agreements=folder / depot.text("agreements", "afspraken"),
        format_policies=folder / depot.text("format_policies", "formaten"),
        format_policy=depot.text("format_policy", ""),
        stores=tuple(_store(each, folder) for each in table.tables("stores")),
        zorgdragers=tuple(_zorgdrager(each, folder) for each in table.tables("zorgdragers")),
        scanner=_scanner(table.table("scanner")),
        limits=_limits(table.table("limits")),
        workers=_workers(table.table("workers")),
    )


def _store(table: Table, folder: Path) -> StoreSettings:
    return StoreSettings(
        name=table.matching("name", ID_PATTERN, "kopie-1"),
        kind=table.choice("kind", StoreKind, StoreKind.LOCAL),
        path=folder / table.text("path"),
    )


def _zorgdrager(table: Table, folder: Path) -> ZorgdragerSettings:
    zorgdrager = table.matching("id", ID_PATTERN, "ooststellingwerf")
    return ZorgdragerSettings(
        id=zorgdrager,
        name=table.text("name"),
        key=folder / table.text("key", f"keys/{zorgdrager}.pem"),
        stores=table.texts("stores"),
    )


def _scanner(table: Table) -> ScannerSettings:
    return ScannerSettings(
        clamd=table.matching("clamd", CLAMD_PATTERN, "/run/clamav/clamd.ctl", default=""),
        absent=table.choice("absent", ScannerAbsence, ScannerAbsence.WAIT),
        timeout_seconds=table.whole("timeout_seconds", 120, 1, 86_400),
        max_file_bytes=table.size("max_file_bytes", SCANNER_MAX_FILE_BYTES),
    )


def _limits(table: Table) -> Limits:
    return Limits(
        max_files=table.whole("files", 500_000, 1, 100_000_000),
        max_bytes=table.size("bytes", 500 * 10**9),
        max_file_bytes=table.size("file_bytes", 100 * 10**9),
        max_depth=table.whole("depth", 32, 1, 1_000),
        max_ratio=table.whole("ratio", 200, 1, 1_000_000),
        max_name_bytes=table.whole("name_bytes", 255, 1, 255),
        max_path_bytes=table.whole("path_bytes", 2_048, 1, 65_535),
    )


def _workers(table: Table) -> WorkerSettings:
    return WorkerSettings(table.whole("processes", min(os.cpu_count() or 1, 8), 1, 256))


def _check_stores(table: Table, config: Config) -> None:
    """Names and places are unique, and every store that a zorgdrager asks for exists."""
    names = [each.name for each in config.stores]
    ids = [each.id for each in config.zorgdragers]
    table.refuse_twice("stores", names)
    table.refuse_twice("zorgdragers", ids)
    for position, zorgdrager in enumerate(config.zorgdragers, start=1):
        where = f"zorgdragers[{position}].stores"
        for name in zorgdrager.stores:
            if name not in names:
                table.note("E006", where, name, ", ".join(names))
        if not zorgdrager.stores:
            table.note("E007", where, 0, 1)
    paths = [str(each.path.resolve()) for each in config.stores]
    for position, path in enumerate(paths, start=1):
        if path in paths[: position - 1]:
            table.note("E008", f"stores[{position}].path", path)
