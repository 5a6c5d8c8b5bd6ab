"""After a backup was put back: what was destroyed is looked for, and destroyed again."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edepot.depot import Depot, signer_of
from edepot.depot_database import denied_folder
from edepot.disposal_works import emptied_stores, settle, works_of
from formats.findings import Finding
from retention.disposal_nouns import Works
from retention.disposal_replay import Returned, look_for, replay
from storage import ledger
from storage.database import begin, reading
from storage.denied_everywhere import gather_denied
from storage.errors import StorageError
from storage.publish import published
from storage.rebuild import catch_up


@dataclass(frozen=True, slots=True)
class Behind:
    """A zorgdrager whose ledger in the database is shorter than what the stores hold of it."""

    zorgdrager: str
    found: int
    expected: int


@dataclass(slots=True)
class Restored:
    """What the check found and, where it was to be applied, did."""

    denied: int = 0
    behind: list[Behind] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    left: list[Returned] = field(default_factory=list)
    unmarked: int = 0
    marked: int = 0
    silent: list[str] = field(default_factory=list)
    entries: int = 0
    aips: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether every place was asked, and nothing that was destroyed is there."""
        return not (self.behind or self.left or self.silent)


def check_restored(depot: Depot, *, apply: bool) -> Restored:
    """Look whether anything that was destroyed is there again; with `apply` destroy it again.

    Raises: DatabaseUnusable.
    """
    gone = emptied_stores(depot)
    stores = {name: each for name, each in depot.stores.items() if name not in gone}
    done = Restored(behind=list(_behind(depot)))
    if apply and done.behind:
        names = [each.zorgdrager for each in done.behind]
        with begin(depot.engine) as connection:
            report = catch_up(connection, stores, names)
        done.entries, done.aips, done.findings = report.entries, report.aips, report.findings
        done.behind = list(_behind(depot))
    works = works_of(depot)
    for each in depot.config.zorgdragers:
        _check(depot, works, each.id, done, apply=apply)
    if apply:
        done.silent += settle(depot, [each.id for each in depot.config.zorgdragers])
    return done


def _check(depot: Depot, works: Works, zorgdrager: str, done: Restored, *, apply: bool) -> None:
    """Look for all that was destroyed of one zorgdrager, and destroy it again where it may be."""
    folder, stores = denied_folder(depot.config), list(works.stores.values())
    verifier = signer_of(depot.config, zorgdrager).verifier_key
    with reading(depot.engine) as connection:
        gathered = gather_denied(connection, folder, stores, zorgdrager, verifier)
    found, silent = look_for(works, zorgdrager, gathered.denied)
    done.denied += len(gathered.denied)
    done.silent += dict.fromkeys((*gathered.silent, *silent))
    for each in found:
        done.returned += [each] if each.is_there else []
        done.unmarked += each.unmarked
        now = replay(works, zorgdrager, each) if apply and each.may_go else each
        done.marked += each.unmarked and not now.unmarked
        done.left += [now] if now.is_there or now.silent else []


def _behind(depot: Depot) -> Iterator[Behind]:
    for each in depot.config.zorgdragers:
        with reading(depot.engine) as connection:
            found = ledger.size(connection, each.id)
        expected = found
        for name in each.stores:
            try:
                expected = max(expected, published(depot.stores[name], each.id).size)
            except StorageError:
                continue
        if expected > found:
            yield Behind(each.id, found, expected)
