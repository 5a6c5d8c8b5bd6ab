"""Settings from TOML, read one by one: each checked, unknown ones refused with a suggestion."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from ingest.errors import AgreementInvalid

TEXTS: Mapping[str, Mapping[str, str]] = {
    "unreadable": {
        "nl": "{file} kan niet worden gelezen: {found}.",
        "en": "{file} cannot be read: {found}.",
    },
    "syntax": {
        "nl": "{file} is geen geldig TOML: {found}.",
        "en": "{file} is not valid TOML: {found}.",
    },
    "wrong": {
        "nl": "{file}: instelling '{key}' moet {expected} zijn; er staat {found}.",
        "en": "{file}: setting '{key}' must be {expected}; found {found}.",
    },
    "missing": {
        "nl": "{file}: instelling '{key}' ontbreekt; verwacht wordt {expected}.",
        "en": "{file}: setting '{key}' is missing; expected is {expected}.",
    },
    "unknown": {
        "nl": "{file}: instelling '{key}' bestaat niet; verwacht wordt een van {expected}.",
        "en": "{file}: setting '{key}' does not exist; expected is one of {expected}.",
    },
    "unknown_close": {
        "nl": "{file}: instelling '{key}' bestaat niet. Bedoelt u '{expected}'?",
        "en": "{file}: setting '{key}' does not exist. Did you mean '{expected}'?",
    },
}

Words = tuple[str, str]
"""The same words in Dutch and in English."""

TEXT: Words = ("een tekst die niet leeg is", "a text that is not empty")
TEXT_LIST: Words = ("een lijst van teksten", "a list of texts")
FLAG: Words = ("true of false", "true or false")
TABLE: Words = ("een tabel", "a table")
TEXT_TABLE: Words = ("een tabel van teksten", "a table of texts")

K = TypeVar("K", bound=Enum)


class Settings:
    """One TOML table that remembers what was asked of it: `close` refuses what nobody asked for."""

    def __init__(self, table: Mapping[str, Any], file: str, prefix: str = "") -> None:
        self._table = table
        self._asked: list[str] = []
        self.file = file
        self.prefix = prefix

    def has(self, key: str) -> bool:
        """Whether the setting is there."""
        return key in self._table

    def raw(self, key: str) -> Any:
        """The value as TOML gave it; None when it is not there."""
        self._asked.append(key)
        return self._table.get(key)

    def text(self, key: str, default: str | None = None, expected: Words = TEXT) -> str:
        """A text. Raises: AgreementInvalid when it is missing without a default, or no text."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.fault("missing", key, expected)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, expected)
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when it is not there."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(key, TEXT_LIST)
        return tuple(each.strip() for each in value)

    def whole(self, key: str, default: int, minimum: int, maximum: int) -> int:
        """A whole number within bounds, both inclusive."""
        value = self.raw(key)
        if value is None:
            return default
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not minimum <= value <= maximum:
            raise self.wrong(
                key,
                (
                    f"een geheel getal van {minimum} tot en met {maximum}",
                    f"a whole number from {minimum} to {maximum}",
                ),
            )
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, FLAG)
        return value

    def choice(self, key: str, kind: type[K], default: K) -> K:
        """One of the values of an enum."""
        value = self.raw(key)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError as error:
            names = ", ".join(repr(each.value) for each in kind)
            raise self.wrong(key, (f"een van {names}", f"one of {names}")) from error

    def table(self, key: str) -> "Settings":
        """A table within this one; an empty one when it is not there."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(key, TABLE)
        return Settings(value or {}, self.file, f"{self.prefix}{key}.")

    def text_table(self, key: str) -> dict[str, str]:
        """A table whose values are all texts; whole numbers are taken as their digits."""
        inner = self.table(key)
        for name, value in inner._table.items():
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                raise inner.wrong(name, TEXT)
        return {name: str(value).strip() for name, value in inner._table.items()}

    def values(self) -> Mapping[str, Any]:
        """The whole table as TOML gave it."""
        return self._table

    def keys(self) -> Iterable[str]:
        """The names of all settings in this table."""
        return self._table.keys()

    def close(self, also: Iterable[str] = ()) -> None:
        """Refuse settings that nobody asked for. Raises: AgreementInvalid with a suggestion."""
        known = sorted({*self._asked, *also})
        for key in self._table:
            if key not in known:
                raise self._unknown(key, known)

    def wrong(self, key: str, expected: Words) -> AgreementInvalid:
        """The exception for a value that cannot be."""
        self._asked.append(key)
        return self.fault("wrong", key, expected)

    def fault(self, kind: str, key: str, expected: Words) -> AgreementInvalid:
        """The exception of one kind, in both languages."""
        found = _shown(self._table.get(key))
        place = self.prefix + key
        nl, en = (
            TEXTS[kind][lang].format(file=self.file, key=place, expected=words, found=found)
            for lang, words in zip(("nl", "en"), expected, strict=True)
        )
        return AgreementInvalid(nl, en, place)

    def _unknown(self, key: str, known: list[str]) -> AgreementInvalid:
        close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
        if close:
            return self.fault("unknown_close", key, (close[0], close[0]))
        names = ", ".join(known)
        return self.fault("unknown", key, (names, names))


def read_settings(path: Path) -> tuple[Settings, bytes]:
    """The settings of a TOML file, and its bytes.

    Raises: AgreementInvalid when the file cannot be read or is no TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _file_fault("unreadable", path.name, error.strerror or str(error)) from error
    return parse_settings(content, path.name), content


def parse_settings(content: bytes, file: str) -> Settings:
    """The settings in the bytes of a TOML document that is called `file`.

    Raises: AgreementInvalid when it is no TOML.
    """
    try:
        return Settings(tomllib.loads(content.decode("utf-8-sig")), file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _file_fault("syntax", file, str(error)) from error


def _file_fault(kind: str, file: str, found: str) -> AgreementInvalid:
    texts = TEXTS[kind]
    return AgreementInvalid(
        texts["nl"].format(file=file, found=found),
        texts["en"].format(file=file, found=found),
        key=found,
    )


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"
