"""A list as a person reads it: what it is, who did what, the rules, every item, and who left."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edepot.disposal_documents.beside import Beside
from edepot.disposal_documents.columns import advices_text, left_text
from edepot.messages import Words
from retention.acts import Act
from retention.explaining import in_words
from retention.list_reading import Item
from retention.nouns import ItemState, ListState

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its title; `weights`: the widths of its columns, 0 for as wide as needed."""

    title: str
    headings: Row
    weights: tuple[float, ...]
    numbers: tuple[bool, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ListTold:
    """The whole document in words; `draft` "" once it is signed."""

    id: str
    language: str
    title: str
    subtitle: str
    draft: str
    notice: str
    facts: tuple[tuple[str, str], ...]
    people: Grid
    rules: Grid
    items: Grid
    left: Grid
    explained: str
    footer: str
    author: str


@dataclass(slots=True)
class _Sums:
    """What is counted while the items are read once."""

    dossiers: int = 0
    documents: int = 0
    files: int = 0
    size_bytes: int = 0
    first: str = ""
    last: str = ""
    holders: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        """Count an item that is on the list."""
        said = item.said
        self.dossiers += 1
        self.documents += said["documents"]
        self.files += said["files"]
        self.size_bytes += said["size_bytes"]
        self.first = min(filter(None, (self.first, said["started_on"])), default="")
        self.last = max(self.last, said["ended_on"])
        self.holders.add(said["holder"])
        self.years.add(said["list_year"])
        self.rules[said["list_year"], said["category"], said["term"]] += 1


@dataclass(frozen=True, slots=True)
class Names:
    """How the depot names things: the zorgdrager, the author, and the selection lists by year."""

    zorgdrager: str
    author: str
    published: Mapping[str, str]


def tell_list(
    beside: Beside, items: Iterable[Item], names: Names, words: Words, *, public: bool
) -> ListTold:
    """The document: full, or without personal data the public one."""
    sums, on, left = _Sums(), [], []
    for each in items:
        if each.state is ItemState.LEFT:
            left.append(_left_row(each, words, public=public))
        else:
            sums.add(each)
            on.append(_item_row(each, beside, words, public=public))
    listed = beside.listed
    signed = any(not each["withdrawn_at"] for each in beside.authorisations)
    return ListTold(
        id=listed.id,
        language=words.language.value,
        title=words(f"disposal_list.title.{listed.kind.value}"),
        subtitle=f"{listed.id} · {names.zorgdrager} · {listed.name}",
        draft="" if signed else words("disposal_list.unsigned"),
        notice=words(f"disposal_list.version.{'public' if public else 'full'}"),
        facts=_facts(beside, sums, names, words, public=public),
        people=_people(beside, words, public=public),
        rules=_rules(sums, words),
        items=_items_grid(on, words, public=public),
        left=_left_grid(left, words, public=public),
        explained=words("disposal_list.explained", root=listed.root),
        footer=f"{listed.id} · {words('disposal_list.revision_of', n=listed.revision)} · "
        f"{listed.root[:16]}…",
        author=names.author,
    )


def _facts(
    beside: Beside, sums: _Sums, names: Names, words: Words, *, public: bool
) -> tuple[tuple[str, str], ...]:
    listed = beside.listed
    made = words(
        "disposal_list.made_on",
        at=words.instant(listed.made_at),
        by=_who(listed.made_by, beside, public=public),
    )
    holders = sorted(each or names.zorgdrager for each in sums.holders)
    years = [names.published.get(each, each) for each in sorted(sums.years) if each]
    said = (
        ("number", listed.id),
        ("name", listed.name),
        ("zorgdrager", names.zorgdrager),
        ("holder", "; ".join(holders)),
        ("state", words(f"disposal_list.state.{listed.state.value}")),
        ("made", made),
        ("period", _span(sums.first, sums.last, words)),
        ("selection_list", "; ".join(years)),
        ("policy", listed.policy),
        ("counts", _counts(sums, beside, words)),
        ("revision", words.number(listed.revision)),
        ("root", listed.root),
        *_signatures(beside, words, public=public),
    )
    return tuple((words(f"disposal_list.fact.{key}"), value) for key, value in said if value)


def _who(person: str, beside: Beside, *, public: bool) -> str:
    """A person by name and id; by id alone where the public reads."""
    name = "" if public else beside.names.get(person, "")
    return f"{name} ({person})" if name else person


def _counts(sums: _Sums, beside: Beside, words: Words) -> str:
    parts = [
        words.counted("disposal_list.count.dossier", sums.dossiers),
        words.counted("disposal_list.count.document", sums.documents),
        words.counted("disposal_list.count.file", sums.files),
        words.size(sums.size_bytes),
    ]
    left = beside.counts.get(ItemState.LEFT, 0)
    if left:
        parts.append(words("disposal_list.count.left", n=words.number(left)))
    return ", ".join(parts)


def _signatures(beside: Beside, words: Words, *, public: bool) -> list[tuple[str, str]]:
    """What was signed, for each authorisation that still counts."""
    return [
        (
            "signed",
            words(
                "disposal_list.signed_on",
                at=words.instant(each["signed_at"]),
                by=_who(each["person"], beside, public=public),
                waits=words.day(each["waits_until"]),
                until=words.day(each["valid_until"]),
            ),
        )
        for each in beside.authorisations
        if not each["withdrawn_at"]
    ]


def _people(beside: Beside, words: Words, *, public: bool) -> Grid:
    keys = ("at", "duty", "person", "act", "revision")
    rows = [
        (
            words.instant(each.at),
            _word(f"disposal_list.duty.{each.duty}", each.duty, words),
            _who(each.person, beside, public=public),
            _act_text(each, words, public=public),
            words.number(each.revision),
        )
        for each in beside.acts
    ]
    acted = {(each.person, each.duty) for each in beside.acts}
    rows += [
        (
            "",
            _word(f"disposal_list.duty.{duty}", duty, words),
            _who(person, beside, public=public),
            words("disposal_list.nothing_yet"),
            "",
        )
        for person, duty in beside.involved
        if (person, duty) not in acted
    ]
    return Grid(
        words("disposal_list.part.people"),
        tuple(words(f"disposal_list.people.{each}") for each in keys),
        (0, 0, 2, 4, 0),
        (False, False, False, False, True),
        rows,
    )


def _act_text(act: Act, words: Words, *, public: bool) -> str:
    """What somebody did; a person's own words only where the public does not read."""
    text = _word(f"disposal_list.act.{act.act}", act.act, words)
    reason = str(act.saying.get("reason") or "")
    return text if public or not reason else f"{text}: {reason}"


def _word(key: str, otherwise: str, words: Words) -> str:
    return words(key) if words.has(key) else otherwise


def _rules(sums: _Sums, words: Words) -> Grid:
    keys = ("list_year", "category", "term", "dossiers")
    rows = [
        (year, category, in_words(term, words.language.value), words.number(count))
        for (year, category, term), count in sorted(sums.rules.items())
    ]
    return Grid(
        words("disposal_list.part.rules"),
        tuple(words(f"disposal_list.rules.{each}") for each in keys),
        (1, 1, 2, 1),
        (False, False, False, True),
        rows,
    )


_COLUMNS = (
    ("number", 0.0),
    ("dossier", 2.0),
    ("zaaktype", 2.8),
    ("title", 3.4),
    ("period", 0.0),
    ("rule", 2.2),
    ("brondatum", 0.0),
    ("end_date", 0.0),
    ("eligible_from", 0.0),
    ("size", 0.0),
    ("notes", 2.8),
)
_TITLE = 3
"""The place of the subject, which the public version leaves out."""


def _items_grid(rows: Sequence[Row], words: Words, *, public: bool) -> Grid:
    columns = [each for each in _COLUMNS if not (public and each[0] == "title")]
    return Grid(
        words("disposal_list.part.items"),
        tuple(words(f"disposal_list.items.{key}") for key, _ in columns),
        tuple(weight for _, weight in columns),
        tuple(key in {"number", "size"} for key, _ in columns),
        rows,
    )


def _item_row(item: Item, beside: Beside, words: Words, *, public: bool) -> Row:
    said = item.said
    source = f" ({said['source']})" if said["source"] else ""
    row = (
        words.number(item.position + 1),
        f"{said['identifier']}{source}",
        " · ".join(filter(None, (said["zaaktype"], said["result"]))),
        item.title,
        _span(said["started_on"], said["ended_on"], words),
        _rule(item, words),
        words.day(said["brondatum"]) or "–",
        words.day(said["end_date"]),
        words.day(said["eligible_from"]),
        words("disposal_list.size", files=said["files"], size=words.size(said["size_bytes"])),
        "; ".join(_notes(item, beside, words, public=public)),
    )
    return row[:_TITLE] + row[_TITLE + 1 :] if public else row


def _rule(item: Item, words: Words) -> str:
    said, language = item.said, words.language.value
    rule = words(
        "disposal_list.rule",
        category=said["category"],
        year=said["list_year"],
        term=in_words(said["term"], language),
        trigger=said["trigger"].replace("_", " "),
    )
    if not said["process_term"]:
        return rule
    return words(
        "disposal_list.rule_process", rule=rule, term=in_words(said["process_term"], language)
    )


def _notes(item: Item, beside: Beside, words: Words, *, public: bool) -> Iterable[str]:
    """What a person must know of an item besides its rule."""
    yield from _facts_of(item, words)
    if told := advices_text(item, beside, words, public=public):
        yield told
    if beside.listed.state not in _QUIET:
        yield words(f"disposal_list.item.{item.state.value}")


def _facts_of(item: Item, words: Words) -> Iterable[str]:
    """What the snapshot says that is not the same for most."""
    said = item.said
    if said["parent"]:
        yield words("disposal_list.note.parent", dossier=said["parent_identifier"])
    if said["parts"]:
        yield words.counted("disposal_list.note.parts", len(said["parts"]))
    if said["documents_elsewhere"]:
        yield words(
            "disposal_list.note.elsewhere",
            documents=words.counted("disposal_list.count.document", said["documents_elsewhere"]),
            dossiers=words.counted("disposal_list.count.dossier", said["dossiers_elsewhere"]),
        )
    if said["extended_until"]:
        yield words("disposal_list.note.extended", day=words.day(said["extended_until"]))
    if said["minimum"]:
        people = ", ".join(said["minimum_confirmed_by"])
        yield words("disposal_list.note.minimum", people=people or "–")
    if said["objects"]:
        yield words("disposal_list.note.objects", objects=", ".join(said["objects"]))
    if said["past_holds"]:
        yield words.counted("disposal_list.note.past_holds", said["past_holds"])
    if said["holder"]:
        yield words("disposal_list.note.holder", holder=said["holder"])


_QUIET = (ListState.CONCEPT, ListState.IN_REVIEW, ListState.CHANGES_REQUESTED)
"""In these states every item is in the same state, which says nothing."""


def _left_grid(rows: Sequence[Row], words: Words, *, public: bool) -> Grid:
    keys = ["dossier", "zaaktype", "title", "left_at", "left_reason"]
    weights: list[float] = [2, 2, 3, 0, 3]
    if public:
        del keys[2], weights[2]
    return Grid(
        words("disposal_list.part.left"),
        tuple(words(f"disposal_list.items.{each}") for each in keys),
        tuple(weights),
        (False,) * len(keys),
        rows,
    )


def _left_row(item: Item, words: Words, *, public: bool) -> Row:
    said = item.said
    reason = left_text(item, words)
    if item.left_detail and not public:
        reason = f"{reason}: {item.left_detail}"
    row = (
        said["identifier"],
        said["zaaktype"],
        item.title,
        words.instant(item.left_at),
        reason,
    )
    return row[:2] + row[3:] if public else row


def _span(first: str, last: str, words: Words) -> str:
    return " – ".join(words.day(each) or "…" for each in (first, last)) if first or last else ""
