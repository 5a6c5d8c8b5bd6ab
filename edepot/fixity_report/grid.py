"""A table in words: headings, rows of texts, and what it is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `number`: what stands below it is aligned as numbers.

    `weight`: its part of the width; 0 is as narrow as what stands in it.
    """

    heading: str
    number: bool = False
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; every row and the foot (empty for none) have as many texts as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    foot: tuple[str, ...] = ()
