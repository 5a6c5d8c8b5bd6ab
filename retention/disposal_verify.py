"""Asking every place anew whether anything of a dossier is left, and what that proves.

Nothing here rests on what a deletion answered. A place that does not answer proves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from retention.disposal_manifest import BESIDE
from retention.disposal_nouns import TraceState, Works
from retention.tables import EVIDENCE
from storage.erasing import absence
from storage.errors import StorageError
from storage.inventory import Role, Trace

Answer = tuple[str, str, str]
"""A place, what it was asked, and what it answered: each says that nothing is left there."""


@dataclass(slots=True)
class Found:
    """What asking every place gave: what is proven, what is left, and who did not answer."""

    evidence: list[Answer] = field(default_factory=list)
    left: list[Trace] = field(default_factory=list)
    silent: str = ""


def look(works: Works, zorgdrager: str, dossier: str, rows: Sequence[Row[Any]]) -> Found:
    """Ask every store and every place. `rows`: the manifest."""
    found = Found()
    stays = {(each.store, each.key) for each in rows if each.state == TraceState.SHARED}
    for name, store in sorted(works.stores.items()):
        mine = [each for each in rows if each.store == name and each.role != BESIDE]
        said = absence(
            store,
            zorgdrager,
            dossier,
            [each.key for each in mine],
            [key for where, key in stays if where == name],
        )
        found.left += said.left
        if said.absent:
            found.evidence.append((name, said.asked, said.answer))
        elif not said.left:
            found.silent = f"{name}: {said.answer}"
    for place in works.places:
        try:
            remnants = place.remnants(zorgdrager, dossier)
        except (StorageError, OSError) as error:
            found.silent = f"{place.name}: {error}"
            continue
        found.left += [Trace(place.name, each.name, "", Role.PACKAGE, 0) for each in remnants]
        if not remnants:
            found.evidence.append((place.name, dossier, "nothing"))
    known = {*works.stores, *(each.name for each in works.places)}
    for gone in sorted({each.store for each in rows} - known):
        found.silent = f"{gone}: unknown"
    return found


def write_evidence(  # noqa: PLR0913, PLR0917 - of which dossier, when, what was asked and answered
    connection: Connection,
    list_id: str,
    dossier: str,
    sweep: int,
    evidence: Sequence[Answer],
    at: datetime,
) -> None:
    """Write down what each place answered; only what was absent is evidence."""
    connection.execute(
        insert(EVIDENCE),
        [
            {
                "list": list_id,
                "dossier": dossier,
                "place": place,
                "sweep": sweep,
                "at": at.isoformat(),
                "asked": asked,
                "answer": answer,
                "absent": 1,
            }
            for place, asked, answer in evidence
        ],
    )
