"""Frozen values to plain JSON values and back, so that they can cross a pipe or stand in a row."""

import sys
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
SHARED_LENGTH = 100
_PLAIN = (str, int, float, bool)


def to_plain(value: Any) -> Any:
    """Dataclasses as objects, enums as their value, dates as ISO text, tuples as lists."""
    if value is None or type(value) in _PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _names(type(value))}
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


def from_plain(kind: type[T], value: Any) -> T:
    """The value of type `kind` that `to_plain` wrote.

    Raises: TypeError, ValueError, KeyError or AttributeError when the plain value has another
    shape.
    """
    return _reader(kind)(value)  # type: ignore[no-any-return, arg-type]


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a plain value becomes one of this kind; found out once for each kind."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        inner = _reader(options[0])
        return lambda value: None if value is None else inner(value)
    if origin in (tuple, list, frozenset):
        item = _reader(get_args(kind)[0])
        return lambda value: origin(map(item, value))
    if origin is dict:
        item = _reader(get_args(kind)[1])
        return lambda value: {key: item(each) for key, each in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_reader(kind)
    return _leaf_reader(kind)


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers: dict[str, Callable[[Any], Any]] = {}

    def read(value: Any) -> Any:
        if not readers:  # later, for a kind may hold itself
            readers.update({name: _reader(hints[name]) for name in _names(kind)})
        return kind(**{name: readers[name](each) for name, each in value.items()})

    return read


def _leaf_reader(kind: Any) -> Callable[[Any], Any]:
    if kind is str:
        return _shared
    if kind in (date, datetime):
        return kind.fromisoformat  # type: ignore[no-any-return]
    if isinstance(kind, type) and issubclass(kind, (Enum, Path)):
        return kind
    return lambda value: value


def _shared(value: str) -> str:
    """The same text once: few texts come back for every file of a delivery."""
    return sys.intern(value) if len(value) < SHARED_LENGTH else value
