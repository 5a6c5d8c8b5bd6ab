"""A declaration as a person reads it: headings, sentences, tables; every value a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edepot.messages import Words
from retention.declaration import Declaration, DeclarationKind


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: headings, which columns are numbers, rows, and a last row of totals ("" none).

    `weights`: how wide the columns are beside each other; empty for all alike.
    """

    headings: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    weights: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part under a heading: sentences, pairs of name and value, and a table."""

    title: str
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class DeclarationTold:
    """The whole document. `draft`: the line that says that it is not signed; "" once it is."""

    id: str
    language: str
    title: str
    subtitle: str
    statement: str
    draft: str
    notice: str
    sections: tuple[Section, ...]
    footer: str
    author: str
    marks: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Private:
    """What only the full version shows: the dossiers with their titles, and the names of people.

    Of each dossier: identifier, title, rule, end_date, destroyed_at.
    """

    dossiers: Sequence[Mapping[str, Any]]
    names: Mapping[str, str]


def tell_declaration(
    declaration: Declaration,
    words: Words,
    *,
    private: Private | None = None,
) -> DeclarationTold:
    """The document in words: the full version, or without `private` the public one."""
    version = "public" if private is None else "full"
    if declaration.kind is DeclarationKind.ADDENDUM:
        sections = _addendum(declaration, words)
    else:
        sections = _sections(declaration, words, private)
    zorgdrager = declaration.said["zorgdrager"]["name"]
    return DeclarationTold(
        id=declaration.id,
        language=words.language.value,
        title=words(f"declaration.title.{declaration.kind.value}"),
        subtitle=f"{declaration.id} · {zorgdrager}",
        statement=_statement(declaration, words),
        draft="" if declaration.signature else words("declaration.draft"),
        notice=words(f"declaration.version.{version}"),
        sections=sections,
        footer=f"{declaration.id} · {words(f'declaration.footer.{version}')}",
        author=zorgdrager,
        marks=(declaration.sha256,),
    )


def _statement(declaration: Declaration, words: Words) -> str:
    said = declaration.said
    if declaration.kind is DeclarationKind.ADDENDUM:
        return words(
            "declaration.statement.aanvulling",
            zorgdrager=said["zorgdrager"]["name"],
            declaration=said["declaration"]["id"],
            day=words.day(said["expired_on"]),
        )
    return words(
        f"declaration.statement.{declaration.kind.value}",
        zorgdrager=said["zorgdrager"]["name"],
        dossiers=words.counted("count.dossier", said["counts"]["destroyed"]),
        list=said["list"]["id"],
        period=_period(said["period"], words),
        article=said["law"]["article"],
    )


def _period(period: Mapping[str, str], words: Words) -> str:
    begin, end = (words.instant(period[name])[:10] for name in ("begun_at", "ended_at"))
    if begin == end:
        return words("declaration.period.day", day=end)
    return words("declaration.period.days", begin=begin, end=end)


def _sections(
    declaration: Declaration, words: Words, private: Private | None
) -> tuple[Section, ...]:
    said = declaration.said
    names = {} if private is None else private.names
    found = [
        _ground(said, words),
        _list(said, words),
        _counts(said, words),
        _manner(said, words),
        _verification(said, words),
        _external(said, words),
        _residual(said, words),
        _people(said, words, names),
        _signature(declaration, words, names),
        _proof(said, words),
    ]
    if private is not None:
        found.append(_specification(private.dossiers, words))
    return tuple(found)


def _addendum(declaration: Declaration, words: Words) -> tuple[Section, ...]:
    said = declaration.said
    facts = (
        (words("declaration.label.list"), said["list"]["id"]),
        (words("declaration.label.declaration"), said["declaration"]["id"]),
        (words("declaration.label.sha256"), said["declaration"]["sha256"]),
    )
    return (
        Section(words("declaration.section.refers"), facts=facts),
        _residual(said, words),
        _signature(declaration, words, {}),
    )


def _ground(said: Mapping[str, Any], words: Words) -> Section:
    rules = said["ground"]["rules"]
    rows = tuple(
        (each["list"], each["number"], each["term"], words.number(each["dossiers"]))
        for each in rules
    )
    total = words.number(sum(each["dossiers"] for each in rules))
    return Section(
        words("declaration.section.ground"),
        lines=tuple(each["published"] for each in said["ground"]["lists"] if each["published"]),
        grid=Grid(
            _headings(words, "list_year", "number", "term", "dossiers"),
            (False, False, False, True),
            rows,
            ("", "", words("declaration.total"), total),
        ),
    )


def _list(said: Mapping[str, Any], words: Words) -> Section:
    the_list, counts = said["list"], said["counts"]
    return Section(
        words("declaration.section.list"),
        lines=(words("declaration.list.bound"),),
        facts=(
            (words("declaration.label.list"), f"{the_list['id']} ({the_list['name']})"),
            (words("declaration.label.revision"), str(the_list["revision"])),
            (words("declaration.label.root"), the_list["root"]),
            (words("declaration.label.policy"), the_list["policy"]),
            (words("declaration.label.files"), words.number(counts["files"])),
            (words("declaration.label.size"), words.size(counts["size_bytes"])),
        ),
    )


def _counts(said: Mapping[str, Any], words: Words) -> Section:
    counts = said["counts"]
    rows = [
        (words("declaration.count.destroyed"), words.number(counts["destroyed"])),
        *(
            (
                words("declaration.count.left", reason=_left(reason, words)),
                words.number(count),
            )
            for reason, count in counts["left"].items()
        ),
        (words("declaration.count.halted"), words.number(counts["halted"])),
        (words("declaration.count.needs_operator"), words.number(counts["needs_operator"])),
    ]
    return Section(
        words("declaration.section.counts"),
        grid=Grid(
            _headings(words, "outcome", "dossiers"),
            (False, True),
            tuple(rows),
            (words("declaration.count.items"), words.number(counts["items"])),
        ),
    )


def _left(reason: str, words: Words) -> str:
    key = f"declaration.left.{reason}"
    return words(key) if words.has(key) else reason


def _manner(said: Mapping[str, Any], words: Words) -> Section:
    rows = []
    for each in said["manner"]:
        encryption = each["encryption"] or words("declaration.encryption.unknown")
        rows.append(
            (
                _known(words, "declaration.place", each["place"]),
                words(f"declaration.manner.{each['kind']}"),
                encryption,
                words.number(sum(each["versions"].values())),
                words.number(each["versions"].get("gone", 0)),
            )
        )
    return Section(
        words("declaration.section.manner"),
        lines=(words("declaration.manner.honest"),),
        grid=Grid(
            _headings(words, "place", "manner", "medium", "versions", "gone"),
            (False, False, False, True, True),
            tuple(rows),
        ),
    )


def _verification(said: Mapping[str, Any], words: Words) -> Section:
    rows = tuple(
        (
            words(f"declaration.sweep.{min(int(each['sweep']), 2)}"),
            words.instant(each["first"]),
            words.instant(each["last"]),
            words.number(each["asked"]),
            words.number(each["asked"] - each["absent"]),
        )
        for each in said["verification"]
    )
    return Section(
        words("declaration.section.verification"),
        lines=(words("declaration.verification.how"),),
        grid=Grid(
            _headings(words, "sweep", "first", "last", "asked", "found"),
            (False, False, False, True, True),
            rows,
        ),
    )


def _external(said: Mapping[str, Any], words: Words) -> Section:
    title = words("declaration.section.external")
    if not said["external"]:
        return Section(title, lines=(words("declaration.external.none"),))
    rows = tuple(
        (
            each["order"],
            each["party"],
            words.day(each["issued_at"]),
            words.day(each["attested_at"]) if each["attested_at"] else "-",
            ", ".join(
                f"{words(f'declaration.answer.{answer}')}: {words.number(count)}"
                for answer, count in each["answers"].items()
            ),
        )
        for each in said["external"]
    )
    headings = _headings(words, "order", "party", "issued", "attested", "answers")
    return Section(title, grid=Grid(headings, (False,) * 5, rows))


def _residual(said: Mapping[str, Any], words: Words) -> Section:
    title = words("declaration.section.residual")
    if not said["residual"]:
        return Section(title, lines=(words("declaration.residual.none"),))
    rows = tuple(
        (each["backup"], ", ".join(each["covers"]), words.day(each["until"]))
        for each in said["residual"]
    )
    return Section(
        title,
        lines=(words("declaration.residual.what"),),
        grid=Grid(_headings(words, "backup", "covers", "until"), (False,) * 3, rows),
    )


def _people(said: Mapping[str, Any], words: Words, names: Mapping[str, str]) -> Section:
    rows = tuple(
        (
            _known(words, "disposal_list.duty", each["duty"]),
            _named(each["person"], names),
            _known(words, "disposal_list.act", each["act"]),
            words.instant(each["at"]),
        )
        for each in said["people"]
    )
    headings = _headings(words, "duty", "person", "act", "at")
    return Section(
        words("declaration.section.people"),
        lines=(words("declaration.people.separate"),),
        grid=Grid(headings, (False,) * len(headings), rows),
    )


def _named(person: str, names: Mapping[str, str]) -> str:
    name = names.get(person, "")
    return f"{name} ({person})" if name else person


def _known(words: Words, prefix: str, name: str) -> str:
    key = f"{prefix}.{name}"
    return words(key) if words.has(key) else name


def _signature(declaration: Declaration, words: Words, names: Mapping[str, str]) -> Section:
    authorisation = declaration.said.get("authorisation") or {}
    facts: list[tuple[str, str]] = []
    if authorisation:
        facts += [
            (words("declaration.label.signed_list"), words.instant(authorisation["signed_at"])),
            (words("declaration.label.mandate"), authorisation["mandate"] or "-"),
        ]
    facts.append((words("declaration.label.sha256"), declaration.sha256))
    if declaration.signature:
        facts += [
            (words("declaration.label.signed_by"), _named(declaration.signed_by, names)),
            (words("declaration.label.signed_at"), words.instant(declaration.signed_at)),
            (words("declaration.label.signature"), declaration.signature),
        ]
    return Section(
        words("declaration.section.signature"),
        lines=(words("declaration.signature.what"),),
        facts=tuple(facts),
    )


def _proof(said: Mapping[str, Any], words: Words) -> Section:
    evidence = said["evidence"]
    return Section(
        words("declaration.section.proof"),
        lines=(words("declaration.proof.what"),),
        facts=(
            (words("declaration.label.evidence"), words.number(evidence["rows"])),
            (words("declaration.label.evidence_root"), evidence["root"]),
            (words("declaration.label.software"), said["software"]),
        ),
    )


def _specification(dossiers: Sequence[Mapping[str, Any]], words: Words) -> Section:
    rows = tuple(
        (
            each["identifier"],
            each["title"],
            each["rule"],
            words.day(each["end_date"]),
            words.instant(each["destroyed_at"]),
        )
        for each in dossiers
    )
    headings = _headings(words, "dossier", "subject", "rule", "end_date", "destroyed_at")
    return Section(
        words("declaration.section.specification"),
        lines=(words("declaration.specification.restricted"),),
        grid=Grid(headings, (False,) * 5, rows, weights=(3, 6, 2, 2, 3)),
    )


def _headings(words: Words, *names: str) -> tuple[str, ...]:
    return tuple(words(f"declaration.column.{each}") for each in names)
