"""A depot that stands, with its intake open: what the stories and the sweep work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edepot.agreements import agreement_for
from edepot.config import FILE_NAME, Config, read_config
from edepot.demo.agreements import write_agreements
from edepot.demo.delivery import DemoDelivery
from edepot.depot import Depot, open_depot, taking_in, under
from edepot.founding import DATABASE, found_depot
from ingest.accept import accept
from ingest.intake import Intake
from ingest.malware import ClamdAddress
from ingest.receipt import Receipt

NOBODY = ClamdAddress(Path("/nergens/clamd.sock"))


@dataclass(frozen=True)
class Standing:
    """A depot, open, with an intake whose agreement is chosen per delivery."""

    folder: Path
    config: Config
    depot: Depot
    intake: Intake

    def take_in(self, delivery: DemoDelivery, scanner: ClamdAddress = NOBODY) -> Receipt:
        """Take in a delivery of the demonstration under its own agreement."""
        return self.take_in_path(delivery.path, delivery.agreement, scanner=scanner)

    def take_in_path(
        self,
        path: Path,
        agreement: str,
        *,
        scanner: ClamdAddress = NOBODY,
        **changed: object,
    ) -> Receipt:
        """Take in what stands at a path under an agreement that is named, parts of it changed."""
        intake = under(self.intake, self.config, agreement)
        agreed = replace(intake.tools.agreement, **changed)
        tools = replace(intake.tools, scanner=scanner, agreement=agreed)
        return accept(path, replace(intake, tools=tools))

    def objects(self, store: str = "kopie-1") -> list[Path]:
        """The files of packages on a store."""
        return sorted((self.folder / "stores" / store).rglob("v*.zip"))


@dataclass(frozen=True)
class Told:
    """A delivery of the demonstration, and what became of it."""

    delivery: DemoDelivery
    receipt: Receipt

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should, for the reason that it should."""
        reasons = {each.reason for each in self.receipt.findings}
        told = not self.delivery.reasons or self.delivery.reasons[0] in reasons
        return self.receipt.outcome.value == self.delivery.expected.value and told


@contextmanager
def standing_depot(folder: Path, database: Path | str = DATABASE) -> Iterator[Standing]:
    """Found a depot in a folder with the demonstration's agreements, and open it."""
    found_depot(folder, database=str(database))
    write_agreements(folder / "afspraken")
    config = read_config(folder / FILE_NAME)
    agreement = agreement_for(config, "ooststellingwerf-zaaksysteem", None)
    with open_depot(config) as depot, taking_in(depot, agreement, lambda _progress: None) as intake:
        yield Standing(folder, config, depot, intake)
