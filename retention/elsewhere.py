"""Documents that also stand in other dossiers of the zorgdrager: the same content or record.

Within a package every dossier has its own bytes: what stands elsewhere stays there, and goes with
the dossier that it is in. Here it is counted, so that whoever judges a list knows of it.

Source: domain rule R28; gemma-zaken #349.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from retention.appraisal import Disposition, Sharer, document_disposition
from retention.bulk import in_parts
from retention.nouns import DossierState
from retention.tables import DOSSIERS
from storage.catalogue import AIPS, FILES

_GONE = (DossierState.DESTROYED.value, DossierState.RELEASED.value)

Key = tuple[str, str]
"""By what a document is known: its content, or its record; and the value."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How many documents a dossier has; how many of them also stand in other dossiers, in how many
    at most; and how many stay there, because one of those is not due."""

    documents: int = 0
    shared: int = 0
    dossiers: int = 0
    stay: int = 0


NOWHERE = Elsewhere()


@dataclass(frozen=True, slots=True)
class _Spread:
    """A document that stands in several dossiers: in how many, and whether it stays somewhere."""

    dossiers: int
    stays: bool


@dataclass(slots=True)
class Documents:
    """Reads the documents of many dossiers of one zorgdrager; what is shared is asked for once."""

    zorgdrager: str
    today: date
    _spread: dict[Key, _Spread | None] = field(default_factory=dict)

    def find(self, connection: Connection, dossiers: Sequence[str]) -> dict[str, Elsewhere]:
        """The documents of each of these dossiers; one without files here is left out."""
        own: dict[str, dict[str, set[Key]]] = defaultdict(lambda: defaultdict(set))
        wanted = (
            select(AIPS.c.aip_id, FILES.c.path, *_KEYS.values())
            .join(FILES, FILES.c.aip == AIPS.c.number)
            .where(AIPS.c.aip_id.in_(dossiers), FILES.c.size_bytes > 0)
        )
        for row in connection.execute(wanted):
            document = row.record_identifier or row.path
            own[row.aip_id][document] |= {
                (name, getattr(row, name)) for name in _KEYS if getattr(row, name)
            }
        self._learn(
            connection, {one for of in own.values() for each in of.values() for one in each}
        )
        return {dossier: self._count(documents.values()) for dossier, documents in own.items()}

    def _count(self, documents: Iterable[set[Key]]) -> Elsewhere:
        known = [[self._spread[one] for one in each] for each in documents]
        spread = [[one for one in each if one is not None] for each in known]
        return Elsewhere(
            documents=len(known),
            shared=sum(bool(each) for each in spread),
            dossiers=max((one.dossiers - 1 for each in spread for one in each), default=0),
            stay=sum(any(one.stays for one in each) for each in spread),
        )

    def _learn(self, connection: Connection, keys: set[Key]) -> None:
        for name, column in _KEYS.items():
            new = sorted(value for kind, value in keys - self._spread.keys() if kind == name)
            for part in in_parts(new):
                self._spread |= dict.fromkeys((name, value) for value in part)
                shared = self._shared(connection, column, part)
                for value, sharers in self._sharers(connection, column, shared).items():
                    if len(sharers) > 1:
                        stays = document_disposition(self.today, sharers) is Disposition.STAYS
                        self._spread[name, value] = _Spread(len(sharers), stays)

    # The zorgdrager is looked at last in both: there are few, and no index may be led by it.

    def _shared(self, connection: Connection, column: Any, values: Sequence[str]) -> list[str]:
        """Which of these stand in more than one dossier."""
        ours = case((AIPS.c.zorgdrager == self.zorgdrager, AIPS.c.aip_id))
        wanted = (
            select(column)
            .join(AIPS, AIPS.c.number == FILES.c.aip)
            .where(column.in_(values), column != "")
            .group_by(column)
            .having(func.count(ours.distinct()) > 1)
        )
        return list(connection.execute(wanted).scalars())

    def _sharers(
        self, connection: Connection, column: Any, values: Sequence[str]
    ) -> Mapping[str, list[Sharer]]:
        """The dossiers that these stand in, as far as they are not gone."""
        wanted = (
            select(column.label("value"), AIPS.c.aip_id, AIPS.c.zorgdrager, *_DECIDED)
            .distinct()
            .join(AIPS, AIPS.c.number == FILES.c.aip)
            .outerjoin(DOSSIERS, DOSSIERS.c.dossier == AIPS.c.aip_id)
            .where(column.in_(values), column != "")
        )
        found: dict[str, list[Sharer]] = defaultdict(list)
        for row in connection.execute(wanted) if values else ():
            if row.zorgdrager == self.zorgdrager and row.state not in _GONE:
                end = date.fromisoformat(row.end_date) if row.end_date else None
                found[row.value].append(Sharer(row.decision or "", end))
        return found


_KEYS = {"sha256": FILES.c.sha256, "record_identifier": FILES.c.record_identifier}
_DECIDED = (DOSSIERS.c.decision, DOSSIERS.c.end_date, DOSSIERS.c.state)
