"""The flow of ingest: a delivery comes in, and stands on the shelf or is refused with reasons.

Order of writes: received in staging -> checked -> package on every store, read back -> one
transaction with ledger, catalogue and journal -> receipt. Killed at any moment, a second run on
the same source ends whole: a dossier that was promised an AIP id keeps it, and what an
interrupted try left on a store is used or removed by the archive before it is written again.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from formats.findings import Finding, finding, has_errors
from ingest import journal
from ingest.agreement import Refuse
from ingest.assemble import assemble
from ingest.content import content_digest, identifier_of
from ingest.describe import describe
from ingest.fate import fate_of, refused
from ingest.inspect import Inspected, inspect_sips
from ingest.intake import Intake, Progress
from ingest.journal import DeliveryRow, DossierRow, Step
from ingest.locks import holding
from ingest.prepare import Prepared, prepare
from ingest.provenance import Passage
from ingest.receipt import AipSummary, Fate, Outcome, Receipt, outcome_of
from ingest.sip import Sip
from ingest.staging import quick_signature
from ingest.tidy import clear_promised
from storage import catalogue, ledger
from storage.aip import StoredAip
from storage.database import begin, reading
from storage.errors import AlreadyStored, StorageError


@dataclass
class _State:
    """One delivery on its way: its journal row, and what became of its dossiers so far."""

    row: DeliveryRow
    folder: Path
    times: dict[Step, datetime] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    aips: list[AipSummary] = field(default_factory=list)
    done: int = 0


def accept(source: Path, intake: Intake) -> Receipt:
    """Take in one delivery: receive, copy to staging, scan, unpack, read, check, identify,
    validate, describe, assemble, package, store on every store, acknowledge.

    Raises: DeliveryUnreadable, DeliveryBusy; StorageError when a store fails (nothing is then
    acknowledged, and the same call goes on later).
    """
    with holding(intake.staging, str(source)):
        state = receive(source, intake)
        prepared = prepare(source, state.folder, intake.tools, partial(_reach, state, intake))
        state.findings.extend(prepared.findings)
        state.row = replace(state.row, fingerprint=prepared.fingerprint)
        if prepared.stop is not None:
            return close(state, prepared.stop, intake)
        store_dossiers(prepared, state, intake)
        return close(state, outcome_of(state.fates), intake)


def receive(source: Path, intake: Intake) -> _State:
    """The delivery's row in the journal, new or of an interrupted try, and its empty folder."""
    now = intake.tools.clock()
    mark = hashlib.sha256(quick_signature(source).encode("utf-8", "surrogateescape")).hexdigest()
    with begin(intake.engine) as connection:
        earlier = journal.resumable(connection, str(source), mark)
        row = earlier or _new_row(source, intake, now)
        if earlier is None:
            journal.begin_delivery(connection, row, mark, now)
        else:
            journal.reach(connection, row.id, Step.RECEIVED, now)
    if earlier is not None:
        clear_promised(earlier, intake)
    folder = intake.staging / row.id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _State(replace(row, outcome=None, findings=()), folder, {Step.RECEIVED: now})


def store_dossiers(prepared: Prepared, state: _State, intake: Intake) -> None:
    """Inspect, describe, assemble and store every dossier that is not held already."""
    for each in prepared.lost:
        row = DossierRow(each.path, "", "", "", Fate.REFUSED, 0, 0)
        _settle(row, state, intake)
    prepared, held = _look_up(prepared, state, intake)
    for sip, stored in held:
        _settle_held(sip, stored, state, intake)
    settled = {id(sip) for sip, _ in held}
    fresh = [sip for sip in prepared.sips if id(sip) not in settled]
    shares: Iterable[list[Inspected]] = inspect_sips(fresh, intake.tools)
    if intake.tools.agreement.refuse is Refuse.DELIVERY:
        shares = list(shares)
        fates = [fate_of(each, prepared) for share in shares for each in share]
        if any(each is not Fate.STORED for each in (*fates, *refused(state.fates))):
            _refuse_all([each for share in shares for each in share], fates, state, intake)
            return
    state.done = len(state.fates)
    for share in shares:
        _store_share(share, prepared, state, intake)


def close(state: _State, outcome: Outcome, intake: Intake) -> Receipt:
    """End the delivery: keep what was refused, clear what is on the shelf, tell the outcome."""
    now = intake.tools.clock()
    kept = _keep(state, outcome, intake)
    row = replace(
        state.row, outcome=outcome, kept_at=kept, ended_at=now.isoformat(),
        findings=tuple(state.findings), step=Step.ACKNOWLEDGED,
    )  # fmt: skip
    with begin(intake.engine) as connection:
        journal.end_delivery(connection, row, now)
        journal.note_steps(connection, row.id, Step.ACKNOWLEDGED, [""], now)
        if outcome is not Outcome.WAITING:
            ledger.append(
                connection,
                row.zorgdrager,
                ledger.Event(
                    at=now, action="delivery.end", object=row.id, result=outcome.value,
                    actor=intake.agent, origin=intake.origin,
                    details=_close_details(row, state),
                ),
                intake.salt(),
            )  # fmt: skip
    _publish(row, state, now, intake)
    shutil.rmtree(state.folder, ignore_errors=True)
    return Receipt(row.id, row.source, outcome, tuple(state.aips), tuple(state.findings))


def _publish(row: DeliveryRow, state: _State, now: datetime, intake: Intake) -> None:
    """Put the ledger on the stores too; what is acknowledged stays so when that must wait."""
    try:
        intake.archive.publish_ledger(row.zorgdrager, now=now)
    except StorageError as error:
        state.findings.append(finding("I606", Path(row.source).name, str(error)))
        with begin(intake.engine) as connection:
            journal.end_delivery(connection, replace(row, findings=tuple(state.findings)), now)


def _new_row(source: Path, intake: Intake, now: datetime) -> DeliveryRow:
    agreement = intake.tools.agreement
    return DeliveryRow(
        id=f"{now:%Y%m%d}-{intake.new_id().replace('-', '')[:10]}",
        source=str(source),
        fingerprint="",
        zorgdrager=agreement.zorgdrager,
        agreement=agreement.id,
        supplier=agreement.supplier.name,
        step=Step.RECEIVED,
        outcome=None,
        kept_at="",
        started_at=now.isoformat(),
        ended_at="",
        findings=(),
    )


def _reach(state: _State, intake: Intake, step: Step) -> None:
    now = intake.tools.clock()
    state.times[step] = now
    with begin(intake.engine) as connection:
        journal.reach(connection, state.row.id, step, now)


def _look_up(
    prepared: Prepared, state: _State, intake: Intake
) -> tuple[Prepared, list[tuple[Sip, StoredAip]]]:
    """Which of the dossiers stand on the shelf already, each asked once.

    One that is there with other content is refused (I601). One about which something is wrong
    is not called held, whatever is on the shelf.
    """
    own = dict(prepared.own)
    held = []
    for sip in prepared.sips:
        known = _known(sip, state, intake)
        if known is None:
            continue
        if known.description.content_digest != content_digest(sip):
            conflict = finding("I601", _place(sip, state), known.description.aip_id)
            own[sip.path] = (*own.get(sip.path, ()), conflict)
            state.findings.append(conflict)
        elif not has_errors(own.get(sip.path, ())):
            held.append((sip, known))
    return replace(prepared, own=own), held


def _known(sip: Sip, state: _State, intake: Intake) -> StoredAip | None:
    own = identifier_of(sip)
    with reading(intake.engine) as connection:
        return catalogue.by_identifier(
            connection, state.row.zorgdrager, own.identificatieKenmerk, own.identificatieBron
        )


def _settle_held(sip: Sip, stored: StoredAip, state: _State, intake: Intake) -> None:
    """The very same dossier is there: from this delivery before it was interrupted, or earlier."""
    description = stored.description
    again = description.delivery_id == state.row.id
    if not again:
        state.findings.append(finding("I602", _place(sip, state), description.aip_id))
    state.aips.append(_summary(stored))
    fate = Fate.STORED if again else Fate.ALREADY_HELD
    _settle(_dossier_row(sip, description.aip_id, fate), state, intake)


def _settle(row: DossierRow, state: _State, intake: Intake) -> None:
    assert row.fate is not None, "what is settled has a fate"
    state.fates.append(row.fate)
    with begin(intake.engine) as connection:
        journal.promise(connection, state.row.id, [row])


def _store_share(
    share: Sequence[Inspected], prepared: Prepared, state: _State, intake: Intake
) -> None:
    fates = [fate_of(each, prepared) for each in share]
    promised = _promise(share, fates, state, intake)
    for each, fate, aip_id in zip(share, fates, promised, strict=True):
        state.findings.extend(each.findings)
        if fate is Fate.STORED:
            fate = _store(each, aip_id, prepared, state, intake)  # noqa: PLW2901
        state.fates.append(fate)
        state.done += 1
        intake.tools.told(Progress(Step.STORED, state.done, len(prepared.sips)))


def _promise(
    share: Sequence[Inspected], fates: Sequence[Fate], state: _State, intake: Intake
) -> list[str]:
    now = intake.tools.clock()
    state.times[Step.VALIDATED] = now
    paths = [each.sip.path for each in share]
    with begin(intake.engine) as connection:
        known = {each.path: each.aip_id for each in journal.dossiers_of(connection, state.row.id)}
        ids = [
            (known.get(path) or intake.new_id()) if fate is Fate.STORED else ""
            for path, fate in zip(paths, fates, strict=True)
        ]
        rows = [
            _dossier_row(each.sip, aip_id, None if fate is Fate.STORED else fate)
            for each, aip_id, fate in zip(share, ids, fates, strict=True)
        ]
        journal.promise(connection, state.row.id, rows)
        for step in (Step.CHECKED, Step.IDENTIFIED, Step.VALIDATED):
            journal.note_steps(connection, state.row.id, step, paths, now)
    return ids


def _store(
    inspected: Inspected, aip_id: str, prepared: Prepared, state: _State, intake: Intake
) -> Fate:
    now = intake.tools.clock()
    sip = inspected.sip
    passage = _passage(prepared, state, intake, now)
    described = describe(sip, inspected.identifications, aip_id, passage.staged_at)
    aip = assemble(aip_id, inspected, described, passage)

    def acknowledge(connection: Connection, _stored: StoredAip) -> None:
        journal.settle(connection, state.row.id, sip.path, Fate.STORED)
        for step in (Step.DESCRIBED, Step.ASSEMBLED, Step.STORED, Step.ACKNOWLEDGED):
            journal.note_steps(connection, state.row.id, step, [sip.path], now)

    try:
        stored = intake.archive.store(
            aip, now=now, agent=intake.agent, origin=intake.origin, salt=intake.salt(),
            also=acknowledge,
        )  # fmt: skip
    except AlreadyStored:
        # Another process stored the same dossier between our look and our writing.
        known = _known(sip, state, intake)
        if known is None or known.description.content_digest != content_digest(sip):
            raise
        _settle_held(sip, known, state, intake)
        return state.fates.pop()
    state.aips.append(_summary(stored))
    return Fate.STORED


def _passage(prepared: Prepared, state: _State, intake: Intake, now: datetime) -> Passage:
    times = state.times
    return Passage(
        delivery_id=state.row.id,
        source=state.row.source,
        supplier=state.row.supplier,
        zorgdrager=state.row.zorgdrager,
        agreement=state.row.agreement,
        software=intake.software,
        scan=prepared.scan,
        unpacked=prepared.unpacked,
        received_at=times[Step.RECEIVED],
        staged_at=times[Step.STAGED],
        scanned_at=times[Step.SCANNED],
        inspected_at=times[Step.VALIDATED],
        described_at=now,
        extras=prepared.extras,
        folder=state.folder,
    )


def _refuse_all(
    share: Sequence[Inspected], fates: Sequence[Fate], state: _State, intake: Intake
) -> None:
    for each, fate in zip(share, fates, strict=True):
        state.findings.extend(each.findings)
        if fate is Fate.STORED:
            state.findings.append(finding("I604", _place(each.sip, state)))
        refused = Fate.REFUSED if fate is Fate.STORED else fate
        _settle(_dossier_row(each.sip, "", refused), state, intake)


def _keep(state: _State, outcome: Outcome, intake: Intake) -> str:
    kept = intake.quarantine / state.row.id
    shutil.rmtree(kept, ignore_errors=True)
    if outcome in (Outcome.ACCEPTED, Outcome.ALREADY_HELD):
        return ""
    kept.parent.mkdir(parents=True, exist_ok=True)
    os.replace(state.folder / "received", kept)
    kept.chmod(0o700)
    return str(kept)


def _close_details(row: DeliveryRow, state: _State) -> dict[str, object]:
    return {
        "supplier": row.supplier,
        "agreement": row.agreement,
        "fingerprint": row.fingerprint,
        "dossiers": len(state.fates),
        "aips": [each.id for each in state.aips],
        "findings": sorted({each.code for each in state.findings}),
    }


def _dossier_row(sip: Sip, aip_id: str, fate: Fate | None) -> DossierRow:
    own = identifier_of(sip)
    size = sum(each.file.sums.size_bytes for each in sip.files)
    return DossierRow(
        sip.path, own.identificatieKenmerk, sip.dossier.naam, aip_id, fate, len(sip.files), size
    )


def _summary(stored: StoredAip) -> AipSummary:
    description = stored.description
    return AipSummary(
        id=description.aip_id,
        identifier=description.identifier,
        title=description.title,
        files=len(description.files),
        bytes=sum(each.size_bytes for each in description.files),
        copies=len(stored.copies),
    )


def _place(sip: Sip, state: _State) -> str:
    return sip.path or Path(state.row.source).name
