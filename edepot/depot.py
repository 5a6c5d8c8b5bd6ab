"""The joint: a depot's parts put together; clock, chance and names enter here."""

import os
import re
import shutil
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from edepot.agreements import agreement_for
from edepot.clamd_address import clamd_of
from edepot.config import Config
from edepot.depot_database import open_existing
from edepot.errors import KeyUnreadable, PolicyUnknown, ZorgdragerUnknown
from edepot.open_stores import open_stores as open_stores  # noqa: PLC0414 - known here too
from formats.findings import Finding
from formats.policy import Policy, base_policy, read_policy, with_levels
from formats.tools import Pool, open_pool
from ingest.agreement import Agreement
from ingest.checks import Check, check_zorgdrager
from ingest.intake import Intake, Progress, Tools
from ingest.sip import Sip
from retention.selection_list import check_category
from storage.archive import Archive
from storage.checkpoint import Signer, signer_from_pem
from storage.errors import NoSigningKey
from storage.stores.base import Store

SALT_BYTES = 32
POLICY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Depot:
    """An open depot: its configuration, database, stores, and THE DOOR to them."""

    config: Config
    engine: Engine
    stores: Mapping[str, Store]
    archive: Archive


@contextmanager
def open_depot(config: Config, *, older: bool = False) -> Iterator[Depot]:
    """Everything of a depot, ready for work; `older` as for open_existing.

    Raises: DatabaseMissing; KeyUnreadable; StorageError.
    """
    signers = {each.id: signer_of(config, each.id) for each in config.zorgdragers}
    engine = open_existing(config, older=older)
    try:
        stores = open_stores(config)
        policy = {each.id: each.stores for each in config.zorgdragers}
        with Archive(engine, stores, policy, signers) as archive:
            yield Depot(config, engine, stores, archive)
    finally:
        engine.dispose()


def signer_of(config: Config, zorgdrager: str) -> Signer:
    """The signer of a zorgdrager's ledger.

    Raises: ZorgdragerUnknown; KeyUnreadable.
    """
    known = {each.id: each for each in config.zorgdragers}
    if zorgdrager not in known:
        raise ZorgdragerUnknown(name=zorgdrager, known=", ".join(known))
    file = known[zorgdrager].key
    try:
        return signer_from_pem(f"{config.origin}/{zorgdrager}", file.read_bytes())
    except OSError as error:
        raise KeyUnreadable(file=file, detail=error.strerror or error) from error
    except NoSigningKey as error:
        raise KeyUnreadable(file=file, detail=error) from error


@contextmanager
def taking_in(depot: Depot, agreement: Agreement, told: Told) -> Iterator[Intake]:
    """What the flow of ingest works with, under one agreement.

    Raises: PolicyUnknown, PolicyInvalid; ToolUnavailable.
    """
    with open_pool(depot.config.workers.processes) as pool:
        yield intake_with(depot, agreement, pool, told)


def intake_with(depot: Depot, agreement: Agreement, pool: Pool, told: Told) -> Intake:
    """The same, with a pool that the caller opened.

    Raises: PolicyUnknown, PolicyInvalid.
    """
    return Intake(
        tools=_tools(depot.config, agreement, pool, told),
        engine=depot.engine,
        archive=depot.archive,
        staging=depot.config.staging,
        quarantine=depot.config.quarantine,
        agent=agent(),
        origin=f"cli@{socket.gethostname()}",
        software=software(),
        new_id=lambda: str(uuid.uuid4()),
        salt=partial(os.urandom, SALT_BYTES),
    )


def under(intake: Intake, config: Config, named: str) -> Intake:
    """The same intake under another agreement of the depot.

    Raises: AgreementUnknown, AgreementInvalid; PolicyUnknown, PolicyInvalid.
    """
    agreement = agreement_for(config, named, None)
    tools = replace(
        intake.tools,
        agreement=agreement,
        policy=policy_of(config, agreement),
        checks=checks_of(config, agreement),
    )
    return replace(intake, tools=tools)


@contextmanager
def checking(config: Config | None, agreement: Agreement, told: Told) -> Iterator[Tools]:
    """What checking works with; without a depot there is no scanner, and the shipped policy counts.

    Raises: PolicyUnknown, PolicyInvalid; ToolUnavailable.
    """
    workers = config.workers.processes if config else os.cpu_count() or 1
    with open_pool(workers) as pool:
        yield _tools(config, agreement, pool, told)


def _tools(config: Config | None, agreement: Agreement, pool: Pool, told: Told) -> Tools:
    return Tools(
        pool=pool,
        agreement=agreement,
        policy=policy_of(config, agreement),
        scanner=clamd_of(config.scanner) if config else None,
        checks=checks_of(config, agreement),
        clock=now,
        told=told,
    )


@contextmanager
def scratch(config: Config | None) -> Iterator[Path]:
    """An empty folder for a copy that is only looked at; it is gone afterwards."""
    within = config.staging if config else None
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=within))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def policy_of(config: Config | None, agreement: Agreement) -> Policy:
    """The format policy of an agreement, else of the depot, else the one that is shipped.

    Raises: PolicyUnknown; PolicyInvalid.
    """
    policy = base_policy()
    name = agreement.format_policy or (config.format_policy if config else "")
    if name and name != policy.id:
        file = config.format_policies / f"{name}.toml" if config else Path(f"{name}.toml")
        if not POLICY_ID.fullmatch(name) or not file.is_file():
            raise PolicyUnknown(name=name, file=file)
        policy = read_policy(file.read_bytes(), policy)
    if agreement.format_overlay:
        return with_levels(policy, agreement.format_overlay, agreement.id)
    return policy


def checks_of(config: Config | None, agreement: Agreement) -> tuple[Check, ...]:
    """The checks that the roof hands to ingest: what only retention or the depot knows."""
    by_list = partial(check_selection_list, year=agreement.selection_list)
    if config is None:
        return (by_list,)
    names = {each.id: each.name for each in config.zorgdragers}
    return (by_list, partial(check_zorgdrager, mine=agreement.zorgdrager, names=names))


def check_selection_list(sip: Sip, year: int) -> Iterator[Finding]:
    """Every selection-list category that a dossier's objects name, against the list."""
    for each in sip.objects:
        yield from check_category(each.metadata, each.source or each.path, year)


_AHEAD: ContextVar[timedelta] = ContextVar("ahead", default=timedelta())


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC) + _AHEAD.get()


@contextmanager
def ahead(by: timedelta) -> Iterator[None]:
    """Let the clock of this program run ahead for a while: for the demonstration, whose story takes
    weeks. No option, setting or variable of the environment reaches it."""
    token = _AHEAD.set(_AHEAD.get() + by)
    try:
        yield
    finally:
        _AHEAD.reset(token)


def agent() -> str:
    """Who runs this command, as the ledger may keep it: the number of the account, not its name."""
    return f"uid:{os.getuid()}"


def software() -> str:
    """The name and version of this program."""
    return f"edepot {version('edepot')}"
