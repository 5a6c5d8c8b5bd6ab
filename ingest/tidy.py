"""After an interruption: what dead deliveries left behind is cleared away."""

import shutil

from ingest import journal
from ingest.errors import DeliveryBusy
from ingest.intake import Intake
from ingest.journal import DeliveryRow
from ingest.locks import holding
from storage.database import reading


def tidy(intake: Intake) -> int:
    """Clear what interrupted deliveries left: copies never acknowledged, and their staging.

    Deliveries that another process takes in now are left alone. The number of deliveries that
    were tidied. A later run on the same source goes on with what it was promised.

    Raises: StorageError when a store cannot be asked.
    """
    left = [each.name for each in intake.staging.iterdir()] if intake.staging.is_dir() else []
    with reading(intake.engine) as connection:
        rows = {each.id: each for each in journal.unended(connection)}
        for name in left:
            if (row := journal.delivery(connection, name)) is not None:
                rows[row.id] = row
    return sum(_tidy_one(each, intake) for each in rows.values())


def _tidy_one(row: DeliveryRow, intake: Intake) -> bool:
    try:
        with holding(intake.staging, row.source):
            clear_promised(row, intake)
            shutil.rmtree(intake.staging / row.id, ignore_errors=True)
    except DeliveryBusy:
        return False
    return True


def clear_promised(row: DeliveryRow, intake: Intake) -> None:
    """Remove from every store what was promised for a delivery and never acknowledged.

    Raises: StorageError when a store cannot be asked.
    """
    with reading(intake.engine) as connection:
        promised = journal.dossiers_of(connection, row.id)
    for each in promised:
        if each.aip_id and each.fate is None:
            intake.archive.discard(row.zorgdrager, each.aip_id)
