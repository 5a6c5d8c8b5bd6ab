"""The columns of a list in CSV and workbook, in their fixed order, and which are personal data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edepot.disposal_documents.beside import Advice, Beside
from edepot.messages import Words
from retention.list_reading import Item

Cell = str | int
Read = Callable[[Item], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the messages, its width in the workbook, what stands in it."""

    key: str
    width: int
    read: Read
    personal: bool = False


def columns_for(beside: Beside, words: Words, *, public: bool) -> tuple[Column, ...]:
    """The columns of the full or of the public version. New ones come last, none moves."""
    every = (
        Column("number", 8, lambda item: item.position + 1 if item.position >= 0 else ""),
        _said("identifier", 22),
        _said("source", 18),
        Column("dossier", 38, lambda item: item.dossier),
        _said("zaaktype", 34),
        _said("result", 22),
        Column("title", 50, lambda item: item.title, personal=True),
        _said("started_on", 12),
        _said("ended_on", 12),
        _said("list_year", 8),
        _said("category", 10),
        Column("valuation", 12, lambda item: _valuation(item.said["valuation"], words)),
        _said("term", 10),
        _said("process_term", 10),
        _said("trigger", 24),
        _joined("objects", 24),
        _said("brondatum", 12),
        _said("end_date", 12),
        _said("eligible_from", 12),
        _said("extended_until", 12),
        Column("minimum", 10, lambda item: _yes(item.said["minimum"], words)),
        _joined("minimum_confirmed_by", 16),
        _said("parent_identifier", 22),
        _joined("parts", 38),
        _said("documents", 10),
        _said("documents_go", 10),
        _said("documents_elsewhere", 12),
        _said("documents_elsewhere_stay", 12),
        _said("dossiers_elsewhere", 12),
        _said("files", 10),
        _said("size_bytes", 14),
        _joined("stores", 24),
        _said("holder", 20),
        _said("past_holds", 10),
        Column("advice", 30, lambda item: advices_text(item, beside, words, public=public)),
        Column("state", 18, lambda item: words(f"disposal_list.item.{item.state.value}")),
        Column("left_reason", 30, lambda item: left_text(item, words)),
        Column("left_detail", 30, lambda item: item.left_detail, personal=True),
        Column("left_at", 26, lambda item: item.left_at),
        Column("computation", 12, lambda item: item.computation),
        _said("policy", 14),
        Column("snapshot_sha256", 66, lambda item: item.snapshot_sha256),
        Column("manifest_sha256", 66, lambda item: item.manifest_sha256),
    )
    return tuple(each for each in every if not (public and each.personal))


def heading(column: Column, words: Words) -> str:
    """What stands over a column; personal data are marked."""
    text = words(f"disposal_list.column.{column.key}")
    return words("disposal_list.personal", column=text) if column.personal else text


def left_text(item: Item, words: Words) -> str:
    """Why an item left, in words; "" when it did not."""
    key = f"guard.{item.left_reason}"
    return words(key) if item.left_reason and words.has(key) else item.left_reason


def _said(name: str, width: int) -> Column:
    """A column that the snapshot fills."""

    def read(item: Item) -> Cell:
        value = item.said[name]
        return value if isinstance(value, int) else str(value)

    return Column(name, width, read)


def _joined(name: str, width: int) -> Column:
    return Column(name, width, lambda item: _list(item.said[name]))


def _list(values: Sequence[str]) -> str:
    return "; ".join(str(each) for each in values)


def _yes(value: bool, words: Words) -> str:
    return words(f"disposal_list.{'yes' if value else 'no'}")


def _valuation(value: str, words: Words) -> str:
    key = f"disposal_list.valuation.{value}"
    return words(key) if words.has(key) else value


def advice_text(advice: Advice, words: Words, *, public: bool) -> str:
    """What somebody advised or answered, in words; the reason only where the public does not
    read."""
    word = words(f"disposal_list.advice.{advice.word}")
    text = words("disposal_list.advised", advice=word, by=advice.person)
    return text if public or not advice.reason else f"{text}: {advice.reason}"


def advices_text(item: Item, beside: Beside, words: Words, *, public: bool) -> str:
    """All that was advised and answered on an item."""
    said = beside.advices.get(item.dossier, ())
    return "; ".join(advice_text(each, words, public=public) for each in said)
