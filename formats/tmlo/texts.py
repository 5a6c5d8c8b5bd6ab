"""Texts as MDTO wants them: never empty."""

from collections.abc import Iterable, Iterator

from formats.tmlo.terms import ONBEKEND


def filled(texts: Iterable[str | None]) -> Iterator[str]:
    """The texts that say something."""
    return (each for each in texts if each is not None and each.strip())


def named(text: str | None) -> str:
    """The text, or the word for unknown where MDTO or ToPX demands one."""
    return text if text is not None and text.strip() else ONBEKEND
