"""The configuration: one TOML file to one frozen value, every setting checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edepot.config_checks import check_stores
from edepot.database_setting import read_place
from edepot.errors import ConfigurationInvalid, NoDepotHere
from edepot.messages import Language
from edepot.settings import Table, read_table

FILE_NAME = "edepot.toml"
DEPOT_VARIABLE = "EDEPOT_DEPOT"
LANGUAGE_VARIABLE = "EDEPOT_LANG"
ID_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
DEPOT_ID_PATTERN = r"[0-9a-f]{32}"
ORIGIN_PATTERN = r"[^\s+]+"
SCANNER_MAX_FILE_BYTES = 100 * 1024 * 1024
"""What clamd looks at without a setting of its own (MaxFileSize, 100M since ClamAV 1.0)."""
HOURS_PATTERN = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]"
ENDPOINT_PATTERN = r"https?://[A-Za-z0-9.\-\[\]:]+/?"
BUCKET_PATTERN = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
PREFIX_PATTERN = r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*"
CLAMD_PATTERN = r"/.+|(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"


class StoreKind(StrEnum):
    """A kind of store."""

    LOCAL = "local"
    S3 = "s3"


class PutProof(StrEnum):
    """How a copy is verified after it was put: read back, or by the store's own SHA-256."""

    READ = "read"
    CHECKSUM = "checksum"


class RepairPolicy(StrEnum):
    """Whether a damaged copy is restored when a person agrees, or at once."""

    ASK = "ask"
    AUTO = "auto"


class ScannerAbsence(StrEnum):
    """What happens when the virus scanner does not answer and the agreement says nothing of it."""

    WAIT = "wait"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where an S3 store stands: address, bucket, prefix of every key, and who we are there.

    `credentials`: a TOML file with access_key_id and secret_access_key.
    """

    endpoint: str
    bucket: str
    prefix: str
    region: str
    credentials: Path
    put_proof: PutProof


@dataclass(frozen=True, slots=True)
class PaceSettings:
    """How much a store may be asked for checks; 0 is no limit, "" is all day.

    `hours`: "20:00-06:00", on the clock of the Netherlands.
    """

    bytes_per_second: int
    requests_per_second: int
    concurrent: int
    hours: str


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What reading costs, in euro: per GB read, and per 1,000 requests."""

    per_gb: float
    per_1000_requests: float


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """A store: its name, its kind, and the folder or the bucket where it stands.

    `path` is empty for a bucket, `s3` None for a folder. A retired store takes nothing new; what
    is left in it is still known. `encryption`: what is known of the medium, for a declaration.
    """

    name: str
    kind: StoreKind
    path: Path
    s3: S3Settings | None
    pace: PaceSettings
    price: PriceSettings
    retired: bool
    encryption: str

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        if self.s3 is None:
            return str(self.path)
        return f"{self.s3.endpoint}/{self.s3.bucket}/{self.s3.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """A backup beside the stores: what it covers (stores, "database"), and how long it is kept."""

    name: str
    covers: tuple[str, ...]
    keep_days: int


@dataclass(frozen=True, slots=True)
class RhythmSettings:
    """Within how many days every copy is checked; "" is every store, every zorgdrager.

    The most exact rule counts: store and zorgdrager, then store, then zorgdrager, then neither.
    """

    store: str
    zorgdrager: str
    days: int


@dataclass(frozen=True, slots=True)
class FixitySettings:
    """The rhythm of checking, and what happens with a damaged copy."""

    local_days: int
    cloud_days: int
    repair: RepairPolicy
    rhythms: tuple[RhythmSettings, ...]


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
    """Workers: how many child processes at once, and after how long a silent worker is dead.

    The child processes read untrusted bytes, and hash.
    """

    processes: int
    dead_seconds: int


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a depot is told, with whole paths.

    `id`: by this the depot knows its own database, "" in depots from before there were any.
    `database`: a file, or the URL of a database on PostgreSQL.
    """

    file: Path
    language: Language
    id: str
    origin: str
    database: Path | str
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
    fixity: FixitySettings
    backups: tuple[BackupSettings, ...]

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
    check_stores(table, config)
    if table.findings:
        raise ConfigurationInvalid(str(file), table.findings)
    return config


def _read(table: Table, file: Path) -> Config:
    folder = file.parent
    depot = table.table("depot")
    return Config(
        file=file,
        language=table.choice("language", Language, Language.NL),
        id=depot.matching("id", DEPOT_ID_PATTERN, "0123456789abcdef0123456789abcdef", default=""),
        origin=depot.matching("origin", ORIGIN_PATTERN, "edepot/owo", default="edepot"),
        database=read_place(depot, folder),
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
        fixity=_fixity(table.table("fixity")),
        backups=tuple(_backup(each) for each in table.tables("backups", needed=False)),
    )


def _store(table: Table, folder: Path) -> StoreSettings:
    name = table.matching("name", ID_PATTERN, "kopie-1")
    kind = table.choice("kind", StoreKind, StoreKind.LOCAL)
    local = kind is StoreKind.LOCAL
    return StoreSettings(
        name=name,
        kind=kind,
        path=folder / table.text("path") if local else Path(),
        s3=None if local else _s3(table, folder, name),
        pace=PaceSettings(
            bytes_per_second=table.size("max_bytes_per_second", 0),
            requests_per_second=table.whole("max_requests_per_second", 0, 0, 1_000_000),
            concurrent=table.whole("concurrent", 0, 0, 1_000),
            hours=table.matching("hours", HOURS_PATTERN, "20:00-06:00", default=""),
        ),
        price=PriceSettings(
            per_gb=table.amount("euro_per_gb"),
            per_1000_requests=table.amount("euro_per_1000_requests"),
        ),
        retired=table.flag("retired", False),
        encryption=table.text("encryption", ""),
    )


def _backup(table: Table) -> BackupSettings:
    return BackupSettings(
        name=table.text("name"),
        covers=table.texts("covers"),
        keep_days=table.whole("keep_days", 35, 1, 3_650),
    )


def _s3(table: Table, folder: Path, name: str) -> S3Settings:
    return S3Settings(
        endpoint=table.matching("endpoint", ENDPOINT_PATTERN, "https://s3.example.nl").rstrip("/"),
        bucket=table.matching("bucket", BUCKET_PATTERN, "edepot-kopie"),
        prefix=table.matching("prefix", PREFIX_PATTERN, "edepot", default=""),
        region=table.text("region", "us-east-1"),
        credentials=folder / table.text("credentials", f"keys/{name}.toml"),
        put_proof=table.choice("put_proof", PutProof, PutProof.READ),
    )


def _fixity(table: Table) -> FixitySettings:
    rhythms = table.tables("rhythms", needed=False)
    return FixitySettings(
        local_days=table.whole("local_days", 30, 1, 3_650),
        cloud_days=table.whole("cloud_days", 90, 1, 3_650),
        repair=table.choice("repair", RepairPolicy, RepairPolicy.ASK),
        rhythms=tuple(
            RhythmSettings(
                each.text("store", ""),
                each.text("zorgdrager", ""),
                each.whole("days", 30, 1, 3_650),
            )
            for each in rhythms
        ),
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
    return WorkerSettings(
        processes=table.whole("processes", min(os.cpu_count() or 1, 8), 1, 256),
        dead_seconds=table.whole("dead_seconds", 60, 2, 3_600),
    )
