"""What is sent to a party with a challenge: the challenge, the script that answers it, and how."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import storage.held.answer
from edepot.errors import ExportRefused
from edepot.messages import Words
from storage.held.challenge import Challenge

CHALLENGE = "challenge.json"
SCRIPT = "answer.py"


@contextmanager
def write_challenge(folder: Path, words: Words) -> Iterator[Callable[[Challenge], None]]:
    """A new folder for a challenge: made before the nonce is spent, removed when nothing came.

    Raises: ExportRefused when the folder is there already.
    """
    if os.path.lexists(folder):
        raise ExportRefused(target=folder)
    folder.mkdir(parents=True)

    def write(challenge: Challenge) -> None:
        script = Path(storage.held.answer.__file__).read_bytes()
        (folder / CHALLENGE).write_bytes(challenge.content)
        (folder / SCRIPT).write_bytes(script)
        readme = words(
            "held.readme",
            challenge=challenge.id,
            party=challenge.party,
            files=words.number(challenge.items),
            due=words.day(challenge.due_at.date().isoformat()),
        )
        (folder / words("held.readme.name")).write_text(readme, "utf-8", newline="\r\n")

    try:
        yield write
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()
