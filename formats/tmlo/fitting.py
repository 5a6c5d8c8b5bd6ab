"""Fitting texts to the lengths of ToPX 2.3_2 without losing a word.

What is too long is cut in its own element and stands whole among the descriptions, in as many of
them as it takes.
"""

from formats.tmlo.schema import LONGEST_NAME, LONGEST_STRING
from formats.tmlo.texts import named
from formats.xmltext import legal


class Fitting:
    """Collects, for one aggregation or file, what did not fit where it belongs."""

    def __init__(self) -> None:
        self._whole: dict[str, None] = {}

    def name(self, text: str | None) -> str:
        """A name or identifier: 1 to 255 characters."""
        return self._fitted(named(text), LONGEST_NAME)

    def required(self, text: str | None) -> str:
        """A text that may not be empty: 1 to 2000 characters."""
        return self._fitted(named(text), LONGEST_STRING)

    def text(self, text: str | None) -> str | None:
        """A text of at most 2000 characters; None when there is nothing in it."""
        return self._fitted(text, LONGEST_STRING) if text is not None and text.strip() else None

    def aside(self, text: str) -> None:
        """Put a text among the descriptions, because its own element is not in ToPX."""
        self._whole[legal(text)] = None

    def descriptions(self, own: tuple[str, ...]) -> tuple[str, ...]:
        """The descriptions of 2000 characters at most: its own, then what was put aside."""
        texts = dict.fromkeys(legal(each) for each in own if each.strip())
        return tuple(
            text[at : at + LONGEST_STRING]
            for text in (*texts, *(each for each in self._whole if each not in texts))
            for at in range(0, len(text), LONGEST_STRING)
        )

    def _fitted(self, text: str, longest: int) -> str:
        text = legal(text)
        if len(text) > longest:
            self._whole[text] = None
        return text[:longest]
