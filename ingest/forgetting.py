"""Forgetting a destroyed dossier in the journal, and in what was kept of its delivery."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, select, update

from formats.plain import to_plain
from ingest import journal
from ingest.journal import DELIVERIES, DOSSIERS, STEPS

FORGOTTEN = "aip:"


def traces_of(connection: Connection, aip_id: str) -> list[tuple[str, str]]:
    """Where the journal still names a dossier by what may be personal: (delivery, path)."""
    rows = connection.execute(
        select(DOSSIERS.c.delivery_id, DOSSIERS.c.path)
        .where(DOSSIERS.c.aip_id == aip_id, DOSSIERS.c.path != forgotten(aip_id))
        .order_by(DOSSIERS.c.delivery_id, DOSSIERS.c.path)
    )
    return [(each.delivery_id, each.path) for each in rows]


def wholly_forgotten(connection: Connection, aip_id: str) -> list[str]:
    """The deliveries of a dossier of which the journal names no dossier any more: whatever was kept
    of such a delivery has no other owner."""
    named = select(DOSSIERS.c.delivery_id).where(DOSSIERS.c.path.not_like(f"{FORGOTTEN}%"))
    rows = connection.execute(
        select(DOSSIERS.c.delivery_id)
        .where(DOSSIERS.c.aip_id == aip_id, DOSSIERS.c.delivery_id.not_in(named))
        .order_by(DOSSIERS.c.delivery_id)
    )
    return list(rows.scalars())


def forget_dossier(connection: Connection, aip_id: str) -> None:
    """Take title, identifier, path and findings of a destroyed dossier out of the journal; that it
    came in, when, and how large it was stays. Of a delivery whose last dossier this was, the name
    of its source goes as well."""
    for delivery_id, path in traces_of(connection, aip_id):
        mine = (DOSSIERS.c.delivery_id == delivery_id, DOSSIERS.c.path == path)
        connection.execute(
            update(DOSSIERS).where(*mine).values(path=forgotten(aip_id), title="", identifier="")
        )
        connection.execute(
            update(STEPS)
            .where(STEPS.c.delivery_id == delivery_id, STEPS.c.dossier == path)
            .values(dossier=forgotten(aip_id))
        )
        row = journal.delivery(connection, delivery_id)
        assert row is not None, "a dossier of the journal has its delivery"
        kept = [each for each in row.findings if not _within(each.where, path)]
        connection.execute(
            update(DELIVERIES)
            .where(DELIVERIES.c.id == delivery_id)
            .values(findings=json.dumps(to_plain(kept), ensure_ascii=False))
        )
    for delivery_id in wholly_forgotten(connection, aip_id):
        gone = update(DELIVERIES).where(DELIVERIES.c.id == delivery_id)
        connection.execute(gone.values(source=FORGOTTEN, findings="[]"))


def forgotten(aip_id: str) -> str:
    """What stands in the journal for the path of a dossier that was destroyed."""
    return f"{FORGOTTEN}{aip_id}"


def _within(where: str, path: str) -> bool:
    """Whether a finding is about a dossier; all of a delivery that is one dossier."""
    return path in {"", "."} or where == path or where.startswith((f"{path}/", f"{path},"))


def kept_parts(
    kept: Path, deliveries: list[tuple[str, str]], whole: Sequence[str] = ()
) -> list[Path]:
    """What stands in quarantine of a dossier: its part of deliveries that were taken in partly.

    Of a delivery that came as one file (a zip) the dossier cannot be taken out: the file itself.
    `whole`: deliveries of which all goes.
    """
    found = [kept / each for each in whole if any((kept / each).glob("*"))]
    for delivery_id, path in deliveries:
        folder = kept / delivery_id
        part = folder / path if path else folder
        if part.is_relative_to(folder) and part.exists():
            found.append(part)
        elif folder.exists():
            found += [each for each in sorted(folder.iterdir()) if each.is_file()]
    return found


def remove_parts(parts: list[Path]) -> None:
    """Remove what was kept of a dossier.

    Raises: OSError.
    """
    for each in parts:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)
