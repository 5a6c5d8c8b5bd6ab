"""Remarks: what a run found that is no copy, gathered per look, and no flood of the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from formats.findings import Finding, finding
from storage.fixity.claim import finish
from storage.fixity.lines import findings_text
from storage.fixity.nouns import Share
from storage.fixity.tables import REMARKS

MOST_OF_A_KIND = 1000
"""So many of one code are each named in a look; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a store ("" for none) and a zorgdrager ("" for none)."""

    store: str
    zorgdrager: str
    finding: Finding


class Remarks:
    """The remarks of one look."""

    def __init__(self) -> None:
        self._kept: list[Remark] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, store: str, zorgdrager: str, told: Finding) -> None:
        """Remark something."""
        kind = (store, zorgdrager, told.code)
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self._kept.append(Remark(store, zorgdrager, told))

    def all(self) -> list[Remark]:
        """The remarks, and how many more there were of a kind that was too much."""
        more = [
            Remark(
                store,
                zorgdrager,
                finding("S350", store or zorgdrager, count - MOST_OF_A_KIND, code),
            )
            for (store, zorgdrager, code), count in self._counts.items()
            if count > MOST_OF_A_KIND
        ]
        return [*self._kept, *more]


def write_remarks(
    connection: Connection, share: Share, worker: str, now: datetime, remarks: Sequence[Remark]
) -> bool:
    """End a look and write what it remarked, both or neither; False when another has it by now."""
    if not finish(connection, share, worker, now):
        return False
    last = connection.execute(
        select(func.coalesce(func.max(REMARKS.c.number), 0)).where(REMARKS.c.run == share.run)
    ).scalar_one()
    rows = [
        {
            "run": share.run,
            "number": number,
            "zorgdrager": each.zorgdrager,
            "store": each.store,
            "code": each.finding.code,
            "finding": findings_text((each.finding,)),
        }
        for number, each in enumerate(remarks, last + 1)
    ]
    if rows:
        connection.execute(insert(REMARKS), rows)
    return True
