"""Settings out of TOML: each read once and checked; what is wrong is noted, and reading goes on."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from edepot.errors import ConfigurationInvalid
from formats.findings import Finding, finding

K = TypeVar("K", bound=StrEnum)

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


class Table:
    """One table of settings; it remembers what was asked, and shares its findings."""

    def __init__(
        self, values: Mapping[str, Any], file: str, findings: list[Finding], prefix: str = ""
    ) -> None:
        self.findings = findings
        self._values = values
        self._file = file
        self._prefix = prefix
        self._asked: list[str] = []
        self._inner: list[Table] = []

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it must be there."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if value is None:
            self._missing(key, "tekst (text)")
            return "-"
        if not isinstance(value, str) or (not value.strip() and default != "") or _control(value):
            self._wrong(key, value, "tekst (text)")
            return "-"
        return value.strip()

    def matching(self, key: str, pattern: str, example: str, default: str | None = None) -> str:
        """A text of a given form; `example` shows a right one."""
        value = self.text(key, default)
        if value not in ("-", default) and not re.fullmatch(pattern, value, re.ASCII):
            self.note("E005", key, value, example)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when it is not there."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._wrong(key, value, 'lijst (list): ["…", "…"]')
            return ()
        return tuple(value)

    def whole(self, key: str, default: int, lowest: int, highest: int) -> int:
        """A whole number within bounds, both inclusive."""
        value = self._take(key)
        if value is None:
            return default
        if not _whole(value) or not lowest <= value <= highest:
            self._wrong(key, value, f"{lowest} … {highest}")
            return default
        return int(value)

    def size(self, key: str, default: int) -> int:
        """A size in bytes: a whole number, or a text such as "20 GB"."""
        value = self._take(key)
        if value is None:
            return default
        size_bytes = value if _whole(value) else _size_in(value)
        if size_bytes is None or size_bytes < 1:
            self._wrong(key, value, '1000000, "500 MB", "20 GB"')
            return default
        return int(size_bytes)

    def amount(self, key: str) -> float:
        """An amount of money, not less than nothing."""
        value = self._take(key)
        if value is None:
            return 0.0
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1e6:
            self._wrong(key, value, "0.09")
            return 0.0
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._wrong(key, value, "true, false")
            return default
        return value

    def choice(self, key: str, kind: type[K], default: K) -> K:
        """One of the values of an enum."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str) or value not in set(kind):
            self._wrong(key, value, ", ".join(each.value for each in kind))
            return default
        return kind(value)

    def table(self, key: str) -> "Table":
        """The table under a key; an empty one when it is not there."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self._wrong(key, value, f"[{self._prefix}{key}]")
            value = None
        return self._below(value or {}, f"{self._prefix}{key}.")

    def tables(self, key: str, *, needed: bool = True) -> list["Table"]:
        """The tables in a list of tables, of which at least one must be there when `needed`."""
        value = self._take(key)
        if not needed and value in (None, []):
            return []
        if value is None or value == []:
            self._missing(key, f"[[{key}]]")
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._wrong(key, value, f"[[{key}]]")
            return []
        return [
            self._below(each, f"{self._prefix}{key}[{position}].")
            for position, each in enumerate(value, start=1)
        ]

    def refuse_unknown(self) -> None:
        """Note every setting that nobody asked for, here and below, with the nearest known name."""
        for key in self._values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1, cutoff=0.6)
                expected = near[0] if near else ", ".join(self._asked)
                self.note("E003" if near else "E004", key, key, expected)
        for inner in self._inner:
            inner.refuse_unknown()

    def refuse_twice(self, key: str, names: Sequence[str]) -> None:
        """Note names that stand there more than once."""
        for name, count in Counter(names).items():
            if count > 1 and name != "-":
                self.note("E009", key, name)

    def note(self, code: str, key: str, found: object = "", expected: object = "") -> None:
        """A finding about one setting."""
        where = f"{self._file}, {self._prefix}{key}"
        self.findings.append(finding(code, where, found, expected))

    def _take(self, key: str) -> Any:
        self._asked.append(key)
        return self._values.get(key)

    def _missing(self, key: str, expected: str) -> None:
        self.note("E001", key, "", expected)

    def _wrong(self, key: str, value: object, expected: str) -> None:
        self.note("E002", key, _shown(value), expected)

    def _below(self, values: Mapping[str, Any], prefix: str) -> "Table":
        inner = Table(values, self._file, self.findings, prefix)
        self._inner.append(inner)
        return inner


def read_table(file: Path) -> Table:
    """The settings of a TOML file.

    Raises: ConfigurationInvalid when it cannot be read or is no TOML.
    """
    try:
        values = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        fault = finding("E010", file.name, error.strerror or error)
        raise ConfigurationInvalid(str(file), [fault]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationInvalid(str(file), [finding("E011", file.name, error)]) from error
    return Table(values, file.name, [])


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _size_in(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    match = re.fullmatch(r"\s*([0-9]{1,15})\s*([A-Za-z]{0,3})\s*", value, re.ASCII)
    if match is None or match[2].upper() not in UNITS:
        return None
    return int(match[1]) * UNITS[match[2].upper()]


def _control(value: str) -> bool:
    return any(ord(char) < 32 or ord(char) == 127 for char in value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    shown = repr(value) if not isinstance(value, str) else f'"{value}"'
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
