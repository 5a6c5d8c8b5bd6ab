"""Evidence: damaged objects that were set aside; known, so no strangers in their store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from storage import ledger
from storage.fixity.tables import EVIDENCE
from storage.promised import ADD, DONE, REMOVE, REPAIR, PackageName

FILLING = "fill"
"""The work that fills a store, where evidence otherwise names its run."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Where something was set aside, in which run (or other work), and when."""

    store: str
    run: str
    at: datetime


def keep_evidence(
    connection: Connection, name: PackageName, keys: Sequence[str], how: SetAside
) -> None:
    """Write down what was set aside of a package; what is known stays as it is."""
    wanted = select(EVIDENCE.c.key).where(EVIDENCE.c.store == how.store, EVIDENCE.c.key.in_(keys))
    known = set(connection.execute(wanted).scalars())
    for key in keys:
        if key not in known:
            row = {
                "store": how.store,
                "key": key,
                "aip_id": name.aip_id,
                "version": name.version,
                "run": how.run,
                "at": how.at.isoformat(),
            }
            connection.execute(insert(EVIDENCE), row)


def evidence_of(connection: Connection, name: PackageName, store: str) -> tuple[str, ...]:
    """The keys of what was set aside of a package in a store."""
    wanted = (
        select(EVIDENCE.c.key)
        .where(
            EVIDENCE.c.store == store,
            EVIDENCE.c.aip_id == name.aip_id,
            EVIDENCE.c.version == name.version,
        )
        .order_by(EVIDENCE.c.key)
    )
    return tuple(connection.execute(wanted).scalars())


def forget_evidence(connection: Connection, store: str, keys: Sequence[str]) -> None:
    """These are in the store no more."""
    connection.execute(delete(EVIDENCE).where(EVIDENCE.c.store == store, EVIDENCE.c.key.in_(keys)))


def restore_evidence(connection: Connection, zorgdrager: str) -> None:
    """What was set aside and is not removed since, as the ledger tells it."""
    for each in list(ledger.entries(connection, zorgdrager)):
        facts = each.facts
        if each.action in (REPAIR, ADD) and facts.get("aside"):
            name = PackageName(zorgdrager, each.object, facts["version"])
            how = SetAside(facts["store"], facts.get("run", FILLING), each.at)
            keep_evidence(connection, name, facts["aside"], how)
        elif each.action == REMOVE and each.result == DONE:
            forget_evidence(connection, facts["store"], facts["keys"])
