"""What the tests of transfers begin with: dossiers that are kept, and people on both sides."""

from dataclasses import dataclass

from retention.candidates import Selection
from retention.nouns import Actor, Desk, Role
from retention.transfer import agree, agreed_content, new_transfer
from retention.transfer_nouns import (
    Archive,
    Decision,
    FileKind,
    Openness,
    PackageForm,
    Packed,
    PackedFile,
    Transfer,
)
from retention.transfer_packing import begin_packaging, end_packaging, note_packed
from retention.transfer_reading import dossiers_of, read_transfer
from retention.transfer_restrictions import restrict
from storage.database import reading
from tests.retention import making

GM = "gm0000"
TRESOAR = Archive("Tresoar", id="tresoar", destination="342-12", email="e-depot@example.org")
OPEN = Decision(Openness.OPEN)


@dataclass(frozen=True, slots=True)
class Sides:
    """Who hands over, who signs for it, and who receives."""

    manager: Actor
    signatory: Actor
    archivist: Actor
    receiver: Actor


def sides(desk: Desk) -> Sides:
    """A person for each side, and one with a mandate of the receiving archive."""
    return Sides(
        manager=making.actor(desk, "Petra", GM, Role.RECORD_MANAGER),
        signatory=making.actor(desk, "Bas", GM, Role.SIGNATORY),
        archivist=making.actor(desk, "Anna", GM, Role.ARCHIVIST),
        receiver=making.actor(desk, "Tjitske", "tresoar", Role.ARCHIVIST),
    )


def kept(desk: Desk, **values: str) -> str:
    """A dossier that is to be kept for good, of 2018."""
    dates = {"started_on": "2017-03-01", "ended_on": "2018-05-01"}
    rule = {"category": "1.1.1", "list_year": "2017", "result": "Ingericht"}
    return making.dossier(desk, GM, **(dates | rule | values))  # type: ignore[arg-type]


def concept(desk: Desk, people: Sides, dossiers: int = 2) -> Transfer:
    """A transfer of so many dossiers."""
    ids = tuple(kept(desk) for _ in range(dossiers))
    made, _ = new_transfer(
        desk, people.manager, GM, name="Blok 2001", archive=TRESOAR, selection=Selection(ids)
    )
    return made


def look(desk: Desk, transfer: str) -> Transfer:
    """The transfer as it stands."""
    with reading(desk.engine) as connection:
        return read_transfer(connection, transfer)


def on(desk: Desk, transfer: str) -> tuple[str, ...]:
    """The dossiers of a transfer."""
    with reading(desk.engine) as connection:
        return dossiers_of(connection, transfer)


def seen(desk: Desk, transfer: str) -> str:
    """The digest of the restrictions as they stand."""
    with reading(desk.engine) as connection:
        said = agreed_content(connection, read_transfer(connection, transfer))
    return str(said["restrictions"])


def decided(desk: Desk, people: Sides, transfer: str, decision: Decision = OPEN) -> None:
    """Openness decided of every dossier."""
    restrict(desk, {}, people.manager, transfer, on(desk, transfer), decision)


def agreed(desk: Desk, people: Sides, transfer: str) -> Transfer:
    """Open, and signed by both."""
    decided(desk, people, transfer)
    agree(desk, people.signatory, transfer, seen=seen(desk, transfer))
    return agree(desk, people.archivist, transfer, seen=seen(desk, transfer)).transfer


def packed(desk: Desk, people: Sides, transfer: str) -> Transfer:
    """Packaged in name: two files a dossier, without bytes."""
    begin_packaging(desk, people.manager, transfer, PackageForm.MDTO, "/nowhere")
    for number, dossier in enumerate(on(desk, transfer)):
        files = (
            PackedFile(f"zaak-{number}/brief.txt", FileKind.RECORD, "a" * 63 + str(number), 10),
            PackedFile(f"zaak-{number}/zaak.MDTO.xml", FileKind.METADATA, "b" * 64, 20),
        )
        note_packed(desk, transfer, Packed(dossier, f"zaak-{number}", 1, files))
    return end_packaging(desk, people.manager, transfer)
