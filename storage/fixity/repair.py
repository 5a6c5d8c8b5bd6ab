"""Repair: a copy that a run found wrong is put back from one that has the ledger's digest.

Planned -> what stood there set aside -> the promised bytes placed -> read back -> one transaction
with catalogue, ledger and journal. Killed anywhere, the same repair goes on. The ledger decides,
never a majority; when no good copy is left nothing is touched, and an incident is opened.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select, update

from formats.findings import Finding, finding
from storage import ledger
from storage.aip import PackageSums
from storage.catalogue import AIPS, COPIES
from storage.copies import read_digest
from storage.database import begin, reading
from storage.donors import Candidate, Search, candidates, find_donor, told
from storage.errors import (
    CopyUnreadable,
    DatabaseUnusable,
    NotPromised,
    NotStored,
    StorageError,
    StoreUnreachable,
)
from storage.fixity.evidence import SetAside, keep_evidence
from storage.fixity.incidents import Lost, close_incident, lost_of, open_lost
from storage.fixity.repair_catalogue import mend_rows
from storage.fixity.repair_plan import wrong_copies, wrong_rows
from storage.fixity.repairs import (
    BEGUN,
    Deed,
    Repair,
    RepairResult,
    RepairState,
    note,
    plan,
    read_journal,
)
from storage.locks import StillHeld
from storage.order import Order
from storage.outcomes import Basis, Outcome
from storage.placing import (
    evidence_key,
    free,
    place,
    prove_or_remove,
    set_aside_as,
)
from storage.promised import REPAIR, promised
from storage.stores.base import Store

Chosen = Callable[[Repair], bool]
Told = Callable[[RepairResult], None]


def repair_run(
    order: Order, run: str, *, only: Chosen | None = None, told: Told | None = None
) -> list[RepairResult]:
    """Mend everything that a run found wrong, or what `only` chooses; done already is told again.

    What cannot be mended is in the results with its finding, and the rest goes on.

    Raises: DatabaseUnusable.
    """
    with reading(order.archive.engine) as connection:
        wanted = [*wrong_copies(connection, run), *wrong_rows(connection, run)]
    chosen = [each for each in wanted if only is None or only(each)]
    _sweep(order, {each.store for each in chosen if each.deed is Deed.RESTORE})
    results = []
    for each in chosen:
        if order.stop():
            break
        results.append(repair_one(order, each))
        if told is not None:
            told(results[-1])
    return results


def repair_one(order: Order, repair: Repair) -> RepairResult:
    """Mend one thing.

    Raises: DatabaseUnusable.
    """
    if repair.deed is Deed.ASK_PARTY:
        return RepairResult(repair, RepairState.FAILED, findings=(finding("S375", repair.where),))
    if repair.deed is Deed.CATALOGUE:
        return mend_rows(order, repair)
    if repair.deed is Deed.REBUILD and not repair.store:
        return _failed(order, repair, finding("S376", repair.where))
    with order.archive.holding(repair.key) as still_held:
        try:
            return _Restoring(order, repair, still_held).run()
        except (StoreUnreachable, NotPromised) as error:
            code = "S207" if isinstance(error, StoreUnreachable) else "S374"
            found = error.values.get("found") or error
            return _failed(order, repair, finding(code, repair.where, found))
        except DatabaseUnusable:
            raise
        except StorageError as error:
            what = f"{type(error).__name__}: {error.values.get('found') or error}"
            return _failed(order, repair, finding("S373", repair.where, what))


class _Restoring:
    """One copy on its way back; whoever makes this holds the lock on its key."""

    def __init__(self, order: Order, repair: Repair, still_held: StillHeld) -> None:
        self.order = order
        self.still_held = still_held
        self.repair = repair
        self.archive = order.archive
        self.aside = evidence_key(repair.name, repair.run)

    def run(self) -> RepairResult:
        """From where it is to the end."""
        repair = self.repair
        with reading(self.archive.engine) as connection:
            before = read_journal(connection, repair.run, repair.number)
            if before is not None and before.state is RepairState.DONE:
                return RepairResult(repair, before.state, before.source, (), before.findings)
            if not _is_known(connection, repair):
                return _failed(self.order, repair, finding("S376", repair.where))
            sums = promised(connection, repair.name)
            among = [
                each
                for each in candidates(connection, list(self.archive.stores), repair.name)
                if (each.store, each.key) != (repair.store, repair.key)
            ]
        store = self.archive.stores.get(repair.store)
        if store is None:
            raise StoreUnreachable(f"there is no store {repair.store}", store=repair.store)
        begun = before is not None and before.state in BEGUN
        if _digest(store, repair.key) == sums.sha256:
            store.make_durable(repair.key)
            if before is None or not begun:
                return self._was_right(sums)
            return self._finish(store, before.source, sums)
        search = find_donor(self.archive.stores, sums, among)
        if search.good is None:
            return self._without_donor(search, sums)
        return self._restore(store, search.good, sums)

    def _restore(self, store: Store, donor: Candidate, sums: PackageSums) -> RepairResult:
        repair, engine = self.repair, self.archive.engine
        with begin(engine) as connection:
            plan(connection, repair, self.order.asked, donor.store, self.aside)
        self.still_held()
        asides = free(store, repair.key, self.aside)
        with begin(engine) as connection:
            self._keep(connection, asides)
            aside = asides[-1] if asides else ""
            note(connection, repair, RepairState.SET_ASIDE, source=donor.store, aside=aside)
        place(self.archive.stores[donor.store], donor.key, store, repair.key, sums)
        with begin(engine) as connection:
            note(connection, repair, RepairState.WRITTEN)
        return self._finish(store, donor.store, sums)

    def _keep(self, connection: Connection, asides: tuple[str, ...]) -> None:
        """Evidence is known: no stranger in its store, and destroyed with its AIP."""
        repair = self.repair
        how = SetAside(repair.store, repair.run, self.order.clock())
        keep_evidence(connection, repair.name, asides, how)

    def _finish(self, store: Store, source: str, sums: PackageSums) -> RepairResult:
        """Read back, then one transaction; only after this is the copy said to be whole."""
        repair = self.repair
        proof = prove_or_remove(store, repair.key, sums)
        asides = set_aside_as(store, self.aside)
        with begin(self.archive.engine) as connection:
            self._keep(connection, asides)
            incident = lost_of(connection, repair.name)
            event = self.order.event(
                REPAIR,
                repair.aip_id,
                "repaired",
                {
                    "run": repair.run,
                    "store": repair.store,
                    "from": source,
                    "version": repair.version,
                    "key": repair.key,
                    "sha256": sums.sha256,
                    "aside": list(asides),
                    "proof": proof.value,
                    "outcome": repair.outcome.value,
                    "found": repair.found,
                    "event": "replacement",
                    "event_outcome": "success",
                    **({"incident": incident} if incident else {}),
                },
            )
            ledger.append(connection, repair.zorgdrager, event, self.order.salt())
            at = event.at.isoformat()
            if incident:
                close_incident(connection, incident, at)
            instants = {"verified_at": at, "checked_at": at}
            _set_copy(connection, repair, instants | {"proof": proof.value})
            note(connection, repair, RepairState.DONE, source=source, done_at=at)
        return RepairResult(repair, RepairState.DONE, source, asides)

    def _was_right(self, sums: PackageSums) -> RepairResult:
        """Read now, it is what was promised: no object is touched; the reading is written down."""
        repair = self.repair
        findings = (finding("S370", repair.where),)
        with begin(self.archive.engine) as connection:
            event = self.order.event(
                "fixity.check",
                repair.aip_id,
                Outcome.INTACT.value,
                {
                    "run": repair.run,
                    "store": repair.store,
                    "version": repair.version,
                    "key": repair.key,
                    "expected": sums.sha256,
                    "found": sums.sha256,
                    "event": "fixity check",
                    "event_outcome": "success",
                },
            )
            ledger.append(connection, repair.zorgdrager, event, self.order.salt())
            at = event.at.isoformat()
            _set_copy(connection, repair, {"checked_at": at, "proof": Basis.READ.value})
            plan(connection, repair, self.order.asked, "", "")
            note(connection, repair, RepairState.DONE, findings, done_at=at)
        return RepairResult(repair, RepairState.DONE, findings=findings)

    def _without_donor(self, search: Search, sums: PackageSums) -> RepairResult:
        repair = self.repair
        if search.unreachable:
            found = finding("S372", repair.where, told(search.unreachable))
            return _failed(self.order, repair, found)
        wrong = ((repair.store, repair.found or repair.outcome.value), *search.wrong)
        findings = (finding("S371", repair.where, told(wrong), sums.sha256),)
        with begin(self.archive.engine) as connection:
            open_lost(connection, self.order, repair.name, repair.run, Lost(sums.sha256, wrong))
        return _failed(self.order, repair, findings[0], RepairState.IMPOSSIBLE)


def _failed(
    order: Order, repair: Repair, found: Finding, state: RepairState = RepairState.FAILED
) -> RepairResult:
    """Write down why it is not done; one that had begun keeps its place, to be gone on with."""
    with begin(order.archive.engine) as connection:
        plan(connection, repair, order.asked, "", "")
        journaled = read_journal(connection, repair.run, repair.number)
        begun = journaled is not None and journaled.state in BEGUN
        kept = journaled.state if journaled is not None and begun else state
        note(connection, repair, kept, (found,))
    return RepairResult(repair, state, findings=(found,))


def _is_known(connection: Connection, repair: Repair) -> bool:
    row = connection.execute(
        select(COPIES.c.key)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(
            AIPS.c.aip_id == repair.aip_id,
            AIPS.c.version == repair.version,
            AIPS.c.zorgdrager == repair.zorgdrager,
            COPIES.c.store == repair.store,
        )
    ).scalar()
    return row == repair.key


def _set_copy(connection: Connection, repair: Repair, said: dict[str, str]) -> None:
    number = (
        select(AIPS.c.number)
        .where(AIPS.c.aip_id == repair.aip_id, AIPS.c.version == repair.version)
        .scalar_subquery()
    )
    values = {**said, "outcome": Outcome.INTACT.value}
    connection.execute(
        update(COPIES).where(COPIES.c.aip == number, COPIES.c.store == repair.store).values(values)
    )


def _digest(store: Store, key: str) -> str:
    """What stands under the key now: its digest, "" when nothing readable does."""
    try:
        return read_digest(store, key)
    except (NotStored, CopyUnreadable):
        return ""


def _sweep(order: Order, names: set[str]) -> None:
    """Remove what interrupted uploads left; a store that does not answer shows it at its copy."""
    for name in sorted(names & order.archive.stores.keys()):
        try:
            order.archive.stores[name].sweep()
        except StorageError:
            continue
