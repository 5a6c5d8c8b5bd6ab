"""Advice and answers in a table that a person filled in: columns by name, a row per dossier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edepot.errors import TableUnreadable
from edepot.register_sheet import read_table
from retention.review_nouns import Advice, AdviceKind, Answer, AnswerKind, Because

Kind = TypeVar("Kind")

ADVICES = {
    "vernietigen": AdviceKind.DESTROY,
    "destroy": AdviceKind.DESTROY,
    "bewaren": AdviceKind.KEEP,
    "keep": AdviceKind.KEEP,
    "vragen": AdviceKind.ASK,
    "vraag": AdviceKind.ASK,
    "ask": AdviceKind.ASK,
}
ANSWERS = {
    "blijft": AnswerKind.STAYS,
    "stays": AnswerKind.STAYS,
    "eraf": AnswerKind.OFF,
    "off": AnswerKind.OFF,
}
GROUNDS: Mapping[str, Because | None] = {
    "": None,
    "regel": Because.RULE,
    "rule": Because.RULE,
    "datum": Because.DATE,
    "date": Because.DATE,
    "blokkade": Because.HOLD,
    "hold": Because.HOLD,
}
NAMES = {
    "dossier": "dossier",
    "advies": "advice",
    "advice": "advice",
    "reden": "reason",
    "reason": "reason",
    "antwoord": "answer",
    "answer": "answer",
    "grond": "because",
    "because": "because",
    "verwijzing": "reference",
    "reference": "reference",
}


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Mapping[str, str]


def read_advices(path: Path, find: Callable[[str], str]) -> dict[str, Advice]:
    """What stands in a table with columns dossier, advies, reden; a row without advice is left.

    `find` gives the id of a dossier by the name in the table.

    Raises: PathMissing; TableUnreadable, naming the row.
    """
    found = {}
    for each in _lines(path, ("dossier", "advice")):
        if each.cells["advice"]:
            kind = _one_of(path, each, "advice", ADVICES)
            found[find(each.cells["dossier"])] = Advice(kind, each.cells.get("reason", ""))
    return found


def read_answers(path: Path, find: Callable[[str], str]) -> dict[str, Answer]:
    """What stands in a table with columns dossier, antwoord, reden, grond, verwijzing.

    Raises: PathMissing; TableUnreadable, naming the row.
    """
    found = {}
    for each in _lines(path, ("dossier", "answer")):
        if each.cells["answer"]:
            kind = _one_of(path, each, "answer", ANSWERS)
            because = _one_of(path, each, "because", GROUNDS)
            reason, reference = each.cells.get("reason", ""), each.cells.get("reference", "")
            found[find(each.cells["dossier"])] = Answer(kind, reason, because, reference)
    return found


def _lines(path: Path, needed: Sequence[str]) -> list[_Line]:
    header, rows, _digest = read_table(path)
    names = [NAMES.get(each.strip().lower(), "") for each in header]
    for each in needed:
        if each not in names:
            raise TableUnreadable(file=path.name, row=1, detail=each)
    return [
        _Line(
            number, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        )
        for number, cells in rows
    ]


def _one_of(path: Path, line: _Line, name: str, known: Mapping[str, Kind]) -> Kind:
    told = line.cells.get(name, "").lower()
    if told not in known:
        raise TableUnreadable(file=path.name, row=line.number, detail=f"{name}: {told}")
    return known[told]
