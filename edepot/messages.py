"""The catalogue of messages: every sentence that a person reads, in Dutch and English."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CATALOGUE = Path(__file__).with_name("messages.toml")
MORE = "messages_*.toml"
"""The catalogues of single rooms, beside the first; together they are one."""


class Language(StrEnum):
    """A language that edepot speaks."""

    NL = "nl"
    EN = "en"


class Words:
    """The catalogue in one language: `words("find.none", text=…)` gives the sentence."""

    def __init__(self, language: Language = Language.NL) -> None:
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """The message under a key, with the values in their places.

        Raises: KeyError when the catalogue has no such key (a mistake of ours).
        """
        text = read_messages()[key][self.language.value]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether the catalogue has this key."""
        return key in read_messages()

    def number(self, value: int) -> str:
        """A number as it is written in this language: 12.345 or 12,345."""
        english = f"{value:,}"
        return english if self.language is Language.EN else english.replace(",", ".")

    def counted(self, key: str, count: int) -> str:
        """A number with its noun in the right form: "1 bestand", "2 bestanden"."""
        noun = self(f"{key}.one" if count == 1 else f"{key}.many")
        return f"{self.number(count)} {noun}"

    def size(self, size_bytes: int) -> str:
        """A size that a person can compare: 812 bytes, 20,5 kB, 4,0 GB (powers of ten)."""
        if size_bytes < 1000:
            return f"{size_bytes} bytes"
        units = ["kB", "MB", "GB", "TB"]
        size = size_bytes / 1000
        while size >= 999.95 and len(units) > 1:
            size /= 1000
            units.pop(0)
        unit = units[0]
        shown = f"{size:.1f} {unit}"
        return shown if self.language is Language.EN else shown.replace(".", ",")

    def instant(self, iso: str) -> str:
        """An instant as date and time to the minute, on the clock of the Netherlands."""
        if len(iso) < 16 or iso[10:11] not in ("T", " "):
            return self.day(iso)
        at = datetime.fromisoformat(iso)
        local = at.astimezone(_dutch_time()).isoformat() if at.tzinfo else iso
        return f"{self.day(local[:10])} {local[11:16]}"

    def day(self, iso: str) -> str:
        """A date as dd-mm-yyyy in Dutch and yyyy-mm-dd in English; parts of dates as they are."""
        parts = iso[:10].split("-")
        if self.language is Language.EN or len(parts) != 3:
            return iso[:10]
        return "-".join(reversed(parts))


def _dutch_time() -> tzinfo | None:
    """The zone of the Netherlands; where the system knows no zones, that of the system."""
    try:
        return ZoneInfo("Europe/Amsterdam")
    except ZoneInfoNotFoundError:
        return None


@cache
def read_messages() -> Mapping[str, Mapping[str, str]]:
    """Every message by its key, of every catalogue."""
    found: dict[str, Mapping[str, str]] = {}
    for file in (CATALOGUE, *sorted(CATALOGUE.parent.glob(MORE))):
        part = _flat(tomllib.loads(file.read_text("utf-8")), "")
        assert not found.keys() & part.keys(), f"{file.name} says what another says already"
        found |= part
    return found


def language_named(name: str) -> Language | None:
    """The language under "nl", "NL", "nl_NL.UTF-8", "en-GB"; None when we do not speak it."""
    short = name.strip().lower()[:2]
    return Language(short) if short in set(Language) else None


def as_json(value: Any) -> str:
    """A value as the one JSON form that `--json` prints: readable, keys in their order."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def as_line(value: Any) -> str:
    """A value as JSON on one line, for answers that come one after another."""
    return json.dumps(value, ensure_ascii=False)


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, dict[str, str]]:
    """The catalogue's tables by dotted key; a table with `nl` is a message."""
    found: dict[str, dict[str, str]] = {}
    for name, value in table.items():
        if not isinstance(value, dict):
            continue
        key = f"{prefix}{name}"
        if "nl" in value:
            found[key] = {"nl": value["nl"], "en": value["en"]}
        found |= _flat(value, f"{key}.")
    return found
