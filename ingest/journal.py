"""The journal: how far each delivery came, step by step, in the depot's database."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from formats.findings import Finding
from formats.plain import from_plain, to_plain
from ingest.receipt import Fate, Outcome
from storage.database import METADATA


class Step(StrEnum):
    """The steps of the flow, in their order."""

    RECEIVED = "received"
    STAGED = "staged"
    SCANNED = "scanned"
    UNPACKED = "unpacked"
    READ = "read"
    CHECKED = "checked"
    IDENTIFIED = "identified"
    VALIDATED = "validated"
    DESCRIBED = "described"
    ASSEMBLED = "assembled"
    STORED = "stored"
    ACKNOWLEDGED = "acknowledged"


DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("source", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("zorgdrager", String(64), nullable=False),
    Column("agreement", Text, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("step", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("kept_at", Text, nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("ended_at", String(40), nullable=False),
    Column("findings", Text, nullable=False),
)

DOSSIERS = Table(
    "delivered_dossiers",
    METADATA,
    Column("delivery_id", String(40), ForeignKey("deliveries.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("identifier", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("aip_id", String(36), nullable=False),
    Column("fate", String(20), nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

STEPS = Table(
    "delivery_steps",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", String(40), ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("dossier", Text, nullable=False),
    Column("step", String(20), nullable=False),
    Column("at", String(40), nullable=False),
)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery in the journal; `outcome` is None while it runs or when it was interrupted."""

    id: str
    source: str
    fingerprint: str
    zorgdrager: str
    agreement: str
    supplier: str
    step: Step
    outcome: Outcome | None
    kept_at: str
    started_at: str
    ended_at: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DossierRow:
    """One dossier of a delivery; `aip_id` is what was promised for it, `fate` None until known."""

    path: str
    identifier: str
    title: str
    aip_id: str
    fate: Fate | None
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step that was reached: of the delivery, or of one of its dossiers (its path)."""

    dossier: str
    step: Step
    at: str


def begin_delivery(connection: Connection, row: DeliveryRow, signature: str, now: datetime) -> None:
    """Write a new delivery, at its first step."""
    values = _values(row) | {"signature": signature}
    connection.execute(insert(DELIVERIES).values(values))
    note_steps(connection, row.id, Step.RECEIVED, [""], now)


def resumable(connection: Connection, source: str, signature: str) -> DeliveryRow | None:
    """The delivery from this source, unchanged since, that was interrupted or waits; if any."""
    found = connection.execute(
        select(DELIVERIES)
        .where(
            DELIVERIES.c.source == source,
            DELIVERIES.c.signature == signature,
            DELIVERIES.c.outcome.in_(("", Outcome.WAITING.value)),
        )
        .order_by(DELIVERIES.c.started_at.desc())
    ).first()
    return _delivery(found) if found else None


def unended(connection: Connection) -> list[DeliveryRow]:
    """Every delivery without an outcome: running now, or interrupted."""
    rows = connection.execute(
        select(DELIVERIES)
        .where(DELIVERIES.c.outcome == "")
        .order_by(DELIVERIES.c.started_at, DELIVERIES.c.id)
    )
    return [_delivery(each) for each in rows]


def reach(connection: Connection, delivery_id: str, step: Step, now: datetime) -> None:
    """The delivery as a whole reached a step."""
    connection.execute(
        update(DELIVERIES).where(DELIVERIES.c.id == delivery_id).values(step=step.value, outcome="")
    )
    note_steps(connection, delivery_id, step, [""], now)


def note_steps(
    connection: Connection, delivery_id: str, step: Step, dossiers: Sequence[str], now: datetime
) -> None:
    """These dossiers ("" for the delivery itself) reached a step."""
    if dossiers:
        connection.execute(
            insert(STEPS),
            [
                {"delivery_id": delivery_id, "dossier": each, "step": step, "at": now.isoformat()}
                for each in dossiers
            ],
        )


def promise(connection: Connection, delivery_id: str, dossiers: Iterable[DossierRow]) -> None:
    """Name the AIPs that are about to be made, before a byte of them is on the shelf."""
    known = {each.path for each in dossiers_of(connection, delivery_id)}
    for each in dossiers:
        values = to_plain(each) | {"fate": each.fate.value if each.fate else ""}
        if each.path in known:
            connection.execute(
                update(DOSSIERS)
                .where(DOSSIERS.c.delivery_id == delivery_id, DOSSIERS.c.path == each.path)
                .values(values)
            )
        else:
            connection.execute(insert(DOSSIERS).values(values | {"delivery_id": delivery_id}))


def settle(connection: Connection, delivery_id: str, path: str, fate: Fate) -> None:
    """What became of one dossier."""
    connection.execute(
        update(DOSSIERS)
        .where(DOSSIERS.c.delivery_id == delivery_id, DOSSIERS.c.path == path)
        .values(fate=fate.value)
    )


def end_delivery(
    connection: Connection,
    row: DeliveryRow,
    now: datetime,
) -> None:
    """The delivery's outcome, its findings, and where its bytes are kept, if they are."""
    values = _values(row) | {"ended_at": now.isoformat()}
    del values["id"], values["source"], values["started_at"]
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == row.id).values(values))


def deliveries(connection: Connection, limit: int = 100) -> list[DeliveryRow]:
    """The newest deliveries, newest first."""
    rows = connection.execute(
        select(DELIVERIES)
        .order_by(DELIVERIES.c.started_at.desc(), DELIVERIES.c.id.desc())
        .limit(limit)
    )
    return [_delivery(each) for each in rows]


def delivery(connection: Connection, delivery_id: str) -> DeliveryRow | None:
    """One delivery by its id."""
    found = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery_id)).first()
    return _delivery(found) if found else None


def dossiers_of(connection: Connection, delivery_id: str) -> list[DossierRow]:
    """The dossiers of a delivery, by path."""
    rows = connection.execute(
        select(DOSSIERS).where(DOSSIERS.c.delivery_id == delivery_id).order_by(DOSSIERS.c.path)
    )
    return [
        DossierRow(
            each.path,
            each.identifier,
            each.title,
            each.aip_id,
            Fate(each.fate) if each.fate else None,
            each.files,
            each.bytes,
        )
        for each in rows
    ]


def steps_of(connection: Connection, delivery_id: str) -> list[StepRow]:
    """The steps that a delivery and its dossiers reached, in order."""
    rows = connection.execute(
        select(STEPS).where(STEPS.c.delivery_id == delivery_id).order_by(STEPS.c.number)
    )
    return [StepRow(each.dossier, Step(each.step), each.at) for each in rows]


def count_deliveries(connection: Connection) -> int:
    """How many deliveries the journal knows."""
    return connection.execute(select(func.count()).select_from(DELIVERIES)).scalar_one()


def _values(row: DeliveryRow) -> dict[str, str]:
    plain: dict[str, str] = to_plain(row)
    findings = json.dumps(plain.pop("findings"), ensure_ascii=False)
    return plain | {"findings": findings, "outcome": row.outcome.value if row.outcome else ""}


def _delivery(row: Row) -> DeliveryRow:  # type: ignore[type-arg]
    return DeliveryRow(
        id=row.id,
        source=row.source,
        fingerprint=row.fingerprint,
        zorgdrager=row.zorgdrager,
        agreement=row.agreement,
        supplier=row.supplier,
        step=Step(row.step),
        outcome=Outcome(row.outcome) if row.outcome else None,
        kept_at=row.kept_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        findings=tuple(from_plain(Finding, each) for each in json.loads(row.findings)),
    )
