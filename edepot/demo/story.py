"""The story of the demonstration: a new depot, and every delivery taken in under its agreement."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edepot.agreements import agreement_for
from edepot.config import FILE_NAME, read_config
from edepot.demo.agreements import write_agreements
from edepot.demo.delivery import DemoDelivery
from edepot.depot import now, open_depot, taking_in, under
from edepot.errors import FolderNotEmpty
from edepot.founding import found_depot
from edepot.messages import Language
from ingest.accept import accept
from ingest.intake import Progress
from ingest.receipt import Outcome, Receipt

MARK = ".edepot-demo"
"""Stands in a folder that the demonstration made, and so may make anew."""


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery of the demonstration, and what became of it."""

    delivery: DemoDelivery
    receipt: Receipt

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should, for the reason that it should."""
        waits = self.receipt.outcome is Outcome.WAITING and self.delivery.needs_scanner
        reasons = {each.reason for each in self.receipt.findings}
        told = not self.delivery.reasons or self.delivery.reasons[0] in reasons
        return waits or (self.receipt.outcome.value == self.delivery.expected.value and told)


def begin_story(depot: Path, language: Language) -> None:
    """Found a new depot with the agreements of the demonstration; an earlier one is removed.

    Raises: FolderNotEmpty when the folder is not one that a demonstration made.
    """
    if (depot / MARK).is_file():
        shutil.rmtree(depot)
    elif depot.exists() and any(depot.iterdir()):
        raise FolderNotEmpty(folder=depot)
    config = found_depot(depot, language=language).config
    (depot / MARK).touch()
    write_agreements(config.agreements)


def take_in_all(
    depot: Path, deliveries: Sequence[DemoDelivery], told: Callable[[Progress], None]
) -> list[Told]:
    """Take in every delivery, each under its own agreement, with the same child processes."""
    config = read_config(depot / FILE_NAME)
    first = agreement_for(config, deliveries[0].agreement, None)
    with open_depot(config) as opened, taking_in(opened, first, told) as intake:
        return [
            Told(each, accept(each.path, under(intake, config, each.agreement)))
            for each in deliveries
        ]


def today() -> date:
    """The day on which the demonstration's deliveries are made."""
    return now().date()
