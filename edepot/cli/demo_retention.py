"""The third part of the demonstration: dossiers that are due, and how four people destroy them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from edepot.cli.demo_story import Story
from edepot.cli.screen import QUIET
from edepot.cli.session import Session
from edepot.config import FILE_NAME, read_config
from edepot.depot import ahead, now
from edepot.depot_database import open_existing
from edepot.exits import Exit
from retention.days import local_day
from retention.list_reading import read_list
from retention.tables import DOSSIERS
from storage.database import reading

TOWN = "ooststellingwerf"
PEOPLE = (
    ("Petra de Vries", "recordmanager"),
    ("Rik Hoekstra", "proceseigenaar"),
    ("Anna Bakker", "archivaris"),
    ("Bas Dijkstra", "ondertekenaar"),
    ("Udo Kok", "uitvoerder"),
    ("Hilde Post", "houder-blokkades"),
)
PROPOSER, REVIEWER, ARCHIVIST, SIGNATORY, EXECUTOR, OFFICER = (f"p{n:04d}" for n in range(1, 7))
PAPERS = "verklaring"
WAITING = timedelta(days=8)
SWEEPS = (timedelta(days=2), timedelta(days=8))


def show_retention(place: Path, session: Session) -> bool:
    """A dossier that is due, a hold that stops one, a list through four people, the run, the
    declaration, and the question where it is now. Whether every command ended as it should."""
    words, screen = session.words, session.screen()
    story = Story(place, replace(session, depot=place))
    screen.heading(words("demo.retention.people"))
    for number, (name, role) in enumerate(PEOPLE, start=1):
        story.run(f'person add "{name}"')
        story.run(f'mandate give p{number:04d} {TOWN} {role} --decision "mandaatbesluit 2026/1"')

    screen.heading(words("demo.retention.due"))
    for person in (PROPOSER, ARCHIVIST):
        story.run(f"selection-list check 2020 --zorgdrager {TOWN} --as {person}")
    story.run("retention recompute")
    story.run(f"retention forecast --zorgdrager {TOWN}")
    due = _due(place)
    story.run(f"retention explain {due[0]}")

    screen.heading(words("demo.retention.hold"))
    story.run(
        f"hold place woo --dossier {due[1]} --zorgdrager {TOWN} --as {OFFICER}"
        f' --reason "Woo-verzoek over deze klacht" --reference WOO-2026-17'
    )
    story.run(f'destruction new "Vernietiging 2026" --zorgdrager {TOWN} --as {PROPOSER}')
    made = f"{TOWN}-v{local_day(now()).year}-001"

    screen.heading(words("demo.retention.four"))
    count = len(due) - 1
    story.run(f"destruction submit {made} --reviewer {REVIEWER} --as {PROPOSER}")
    story.run(f"destruction review {made} --all destroy --count {count} --as {REVIEWER}")
    story.run(f"destruction submit {made} --archivist {ARCHIVIST} --as {PROPOSER}")
    story.run(f'destruction authorise {made} --reference "brief 2026/12" --as {ARCHIVIST}')
    story.run(f"destruction sign {made} --root {_root(place, made)} --as {SIGNATORY}")
    story.run(f"destruction start {made} --as {EXECUTOR}", expected=Exit.MATERIAL)

    screen.heading(words("demo.retention.run"))
    screen.say(words("demo.retention.later", days=WAITING.days), QUIET)
    with ahead(WAITING):
        story.run(f"destruction start {made} --as {EXECUTOR}")
        story.run(f"destruction run {made}")
        for wait in SWEEPS:
            screen.say(words("demo.retention.later", days=wait.days), QUIET)
            with ahead(wait):
                story.run(f"destruction run {made}")
        with ahead(SWEEPS[-1]):
            screen.heading(words("demo.retention.declared"))
            story.run(f"declaration make {made} --as {PROPOSER}")
            story.run(f"declaration sign {made}-verklaring --as {SIGNATORY}")
            story.run(f"declaration show {made}-verklaring --to {place / PAPERS}")

            screen.heading(words("demo.retention.where"))
            story.run(f"show {due[0]}", expected=Exit.MATERIAL)
            story.run(f"show {due[1]}")
            story.run("restore-check")
    return story.well


def _due(place: Path) -> tuple[str, ...]:
    """The identifiers of the dossiers of the town that are due, in order."""
    engine = open_existing(read_config(place / FILE_NAME))
    with reading(engine) as connection:
        rows = connection.execute(
            select(DOSSIERS.c.identifier, DOSSIERS.c.eligible_from)
            .where(DOSSIERS.c.zorgdrager == TOWN, DOSSIERS.c.decision == "DATED")
            .order_by(DOSSIERS.c.identifier)
        ).all()
    engine.dispose()
    today = local_day(now()).isoformat()
    return tuple(each.identifier for each in rows if each.eligible_from <= today)


def _root(place: Path, list_id: str) -> str:
    """What the signatory reads off the list: the beginning of its hash."""
    engine = open_existing(read_config(place / FILE_NAME))
    with reading(engine) as connection:
        root = read_list(connection, list_id).root
    engine.dispose()
    return root[:16]
