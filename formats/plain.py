"""Frozen values to plain JSON values and back, so that they can cross a pipe or stand in a row."""

import sys
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints


def to_plain(value: Any) -> Any:
    """Dataclasses as objects, enums as their value, dates as ISO text, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple, frozenset, set)):
        return [to_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): to_plain(each) for key, each in value.items()}
    return value


T = TypeVar("T")
SHARED_LENGTH = 100


def from_plain(kind: type[T], value: Any) -> T:
    """The value of type `kind` that `to_plain` wrote.

    Raises: TypeError, ValueError or KeyError when the plain value has another shape.
    """
    return _read(kind, value)  # type: ignore[no-any-return]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if value is None else _read(options[0], value)
    if origin in (tuple, list, frozenset):
        item = get_args(kind)[0]
        return origin(_read(item, each) for each in value)
    if origin is dict:
        return {key: _read(get_args(kind)[1], each) for key, each in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is Path:
        return Path(value)
    if kind is str and len(value) < SHARED_LENGTH:
        return sys.intern(value)  # the same few texts come back for every file of a delivery
    return value
