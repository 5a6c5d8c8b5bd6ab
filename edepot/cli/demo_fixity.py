"""The second half of the demonstration: more places, damage, the run that finds it, the repair."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from edepot.cli.demo_story import Story
from edepot.cli.screen import DOUBT, QUIET
from edepot.cli.session import Session
from edepot.config import read_config
from edepot.demo.cloud import REGION, Cloud, running_cloud
from edepot.demo.damage import BUCKET, damage_bucket, damage_folder, make_bucket
from edepot.demo.held import make_held
from edepot.demo.story import today
from edepot.depot import open_depot
from edepot.exits import Exit
from formats.tools import ToolUnavailable

CLOUD = "wolk"
THIRD = "kopie-3"
REPORTS = "rapporten"
PROOF = "bewijs"
ELSEWHERE = "elders"
KEY_ID, SECRET = "edepot-demo", "alleen-op-deze-machine"


def show_fixity(place: Path, session: Session) -> bool:
    """Damage copies in a folder, in a bucket and with a party; find, report, repair, find none.

    Whether every command ended as it should. Without an S3 server the bucket is left out.
    """
    words, screen = session.words, session.screen()
    story = Story(place, replace(session, depot=place))
    (place / REPORTS).mkdir(exist_ok=True)
    near = os.path.relpath(place, session.here)
    with ExitStack() as stack:
        screen.heading(words("demo.fixity.places"))
        cloud = _cloud(stack, place, session)
        if cloud is not None:
            make_bucket(cloud, place / "keys" / f"{CLOUD}.toml")
            story.run(
                f"stores add {CLOUD} --kind s3 --endpoint {cloud.endpoint} --bucket {BUCKET}"
                f" --region {REGION} --credentials {near}/keys/{CLOUD}.toml"
            )
        held = make_held(place / ELSEWHERE, today(), today())
        story.run(f"held register {near}/{held.contract.relative_to(place)}")
        changed = sorted(each for each in held.folder.rglob("*.pdf"))[0]
        content = changed.read_bytes()

        screen.heading(words("demo.fixity.damage"))
        changed.write_bytes(content.replace(b"%PDF-", b"%PDF=", 1))
        screen.literal(f"  {changed.relative_to(place)}\n")
        for each in _damage(place, cloud):
            screen.literal(f"  {each}\n")
        story.run("fixity run", expected=Exit.STORE)
        story.run(f"fixity report last --html {near}/{REPORTS}/1.html --pdf {near}/{REPORTS}/1.pdf")

        screen.heading(words("demo.fixity.repair"))
        story.run("fixity repair last --yes", expected=Exit.STORE)
        changed.write_bytes(content)
        screen.say(words("demo.fixity.party"), QUIET)
        story.run("fixity run")
        story.run(f"fixity report last --html {near}/{REPORTS}/2.html --pdf {near}/{REPORTS}/2.pdf")
        story.run(f"fixity bundle last {near}/{PROOF}")
        if cloud is not None:
            screen.heading(words("demo.fixity.move"))
            story.run(f"stores add {THIRD} --path {near}/stores/{THIRD}")
            story.run(f"stores move {CLOUD} {THIRD}")
    return story.well


def _cloud(stack: ExitStack, place: Path, session: Session) -> Cloud | None:
    try:
        return stack.enter_context(running_cloud(place / f"{CLOUD}-server", KEY_ID, SECRET))
    except ToolUnavailable:
        session.screen().say(session.words("demo.fixity.no_cloud"), DOUBT)
        return None


def _damage(place: Path, cloud: Cloud | None) -> list[str]:
    """Damage a copy in the first folder and one in the bucket, behind the depot's back."""
    config = read_config(place / "edepot.toml")
    first = config.stores[0]
    with open_depot(config) as depot:
        done = [damage_folder(depot, first.name, first.path)]
        if cloud is not None:
            done.append(damage_bucket(depot, CLOUD, cloud))
    return [f"{each.store}: {each.key}" for each in done]
