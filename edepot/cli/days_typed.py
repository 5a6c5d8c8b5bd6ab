"""Days as a person types them on the command line."""

import re
from datetime import date

from edepot.errors import WrongUse

_PARTIAL = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


def read_day(text: str) -> date:
    """The day in "2026-11-25".

    Raises: WrongUse.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse(what="day", found=text) from error


def read_partial(text: str) -> str:
    """A day, a month or a year: "2020-03-01", "2020-03", "2020"; "" stays so.

    Raises: WrongUse.
    """
    said = text.strip()
    if not said:
        return ""
    if not _PARTIAL.fullmatch(said):
        raise WrongUse(what="query", found=text)
    try:
        date.fromisoformat(said + "-01-01"[len(said) - 4 :])
    except ValueError as error:
        raise WrongUse(what="query", found=text) from error
    return said
