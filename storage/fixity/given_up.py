"""Shares that are given up: whoever worked on one died in it, so nobody is sent there again."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from formats.findings import finding
from storage.fixity.lines import findings_text
from storage.fixity.tables import ITEMS, REMARKS, SHARES
from storage.outcomes import Outcome


def give_up(connection: Connection, run: str, number: int, times: int, now: datetime) -> bool:
    """End a share as it is, in a transaction that writes alone; what was not reached says why.

    False when it was done in the meantime.
    """
    this = SHARES.c.run == run, SHARES.c.number == number
    share = connection.execute(select(SHARES).where(*this, SHARES.c.done_at == "")).first()
    if share is None:
        return False
    where = f"{share.store or '-'}, {share.zorgdrager or '-'}"
    said = findings_text((finding("S452", where, times),))
    connection.execute(
        update(ITEMS)
        .where(
            ITEMS.c.run == run,
            ITEMS.c.number >= share.first,
            ITEMS.c.number < share.first + share.items,
            ITEMS.c.outcome == Outcome.NOT_CHECKED.value,
        )
        .values(findings=said)
    )
    connection.execute(
        update(SHARES)
        .where(*this)
        .values(done_at=now.astimezone(UTC).isoformat(), worker="", lease_until="")
    )
    numbers = select(REMARKS.c.number).where(REMARKS.c.run == run)
    last = connection.execute(numbers.order_by(REMARKS.c.number.desc()).limit(1)).scalar()
    connection.execute(
        insert(REMARKS),
        {
            "run": run,
            "number": (last or 0) + 1,
            "zorgdrager": share.zorgdrager,
            "store": share.store,
            "code": "S452",
            "finding": said,
        },
    )
    return True
