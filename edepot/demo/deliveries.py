"""All deliveries of the demonstration, with the agreements under which they come."""

from datetime import date
from pathlib import Path

from edepot.demo.agreements import SUBMISSION_FOLDER, write_agreements
from edepot.demo.bad import bad_deliveries
from edepot.demo.delivery import DemoDelivery
from edepot.demo.good import good_deliveries


def make_deliveries(folder: Path, delivered_on: date) -> tuple[DemoDelivery, ...]:
    """Write good deliveries, bad ones and their agreements below the folder.

    They lie in goed/, fout/ and afspraken/ (one TOML per supplier). `delivered_on` is the day
    on which the suppliers pack them; the dossiers were closed in the years before. Folders
    that are there already are an error: a delivery is never written over.

    Raises: FileExistsError.
    """
    write_agreements(folder / SUBMISSION_FOLDER)
    good = tuple(good_deliveries(folder / "goed", delivered_on))
    return (*good, *bad_deliveries(folder / "fout", delivered_on))
