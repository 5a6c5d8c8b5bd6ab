"""The papers of a transfer as a person reads them: list, restrictions, joint declaration."""

from collections.abc import Mapping, Sequence
from typing import Any

from edepot.declarations.told import DeclarationTold, Grid, Section
from edepot.messages import Words
from retention.acts import Act
from retention.declaration import Declaration
from retention.transfer_nouns import Openness, Restriction, Transfer

Dossier = Mapping[str, Any]
"""Of a dossier: dossier, identifier, title, started_on, ended_on, files."""


def tell_list(
    transfer: Transfer,
    listed: Mapping[str, str],
    dossiers: Sequence[Dossier],
    restrictions: Sequence[Restriction],
    words: Words,
) -> DeclarationTold:
    """The list of what is handed over, with the openness of each dossier."""
    openness = {each.dossier: each for each in restrictions if not each.record}
    rows = tuple(
        (
            each["identifier"],
            each["title"],
            _period(each, words),
            words.number(each["files"]),
            shown_openness(openness[each["dossier"]], words),
        )
        for each in dossiers
    )
    heads = ("dossier", "subject", "period", "files", "openness")
    grid = Grid(_headings(words, *heads), (False, False, False, True, False), rows, (), WIDTHS)
    return _document(
        transfer,
        listed,
        words,
        "list",
        (
            Section(words("transfer.paper.section.what"), facts=_facts(transfer, listed, words)),
            Section(words("transfer.paper.section.dossiers"), grid=grid),
        ),
        dossiers=words.counted("count.dossier", len(dossiers)),
    )


def tell_restrictions(  # noqa: PLR0913, PLR0917 - what is told, and who signed it
    transfer: Transfer,
    listed: Mapping[str, str],
    dossiers: Sequence[Dossier],
    restrictions: Sequence[Restriction],
    signed: tuple[Sequence[Act], Mapping[str, str]],
    words: Words,
) -> DeclarationTold:
    """The list of restrictions on openness, which two persons sign."""
    names = {each["dossier"]: each["identifier"] for each in dossiers}
    shown = [each for each in restrictions if each.decision.openness is not Openness.OPEN]
    rows = tuple(
        (
            names.get(each.dossier, each.dossier),
            each.record or words("transfer.paper.whole"),
            _ground(each, words),
            words.day(each.decision.until) or "-",
            each.decision.description or "-",
        )
        for each in shown
    )
    heads = ("dossier", "record", "ground", "until", "description")
    grid = Grid(_headings(words, *heads), (False,) * 5, rows, (), (2, 2, 3, 2, 3))
    open_count = len(restrictions) - len(shown)
    text = words("transfer.paper.open", count=words.number(open_count))
    return _document(
        transfer,
        listed,
        words,
        "restrictions",
        (
            Section(
                words("transfer.paper.section.restrictions"), (text,), grid=grid if rows else None
            ),
            _signatures(*signed, words),
        ),
        dossiers=words.counted("count.dossier", len(dossiers)),
    )


def tell_joint(
    declaration: Declaration,
    transfer: Transfer,
    signed: tuple[Sequence[Act], Mapping[str, str]],
    dossiers: Sequence[Dossier] | None,
    words: Words,
) -> DeclarationTold:
    """The joint declaration: the full version with the dossiers, without them the public one."""
    said = declaration.said
    version = "public" if dossiers is None else "full"
    acts, names = signed
    sections = [
        _what(said, words),
        _received(said, words),
        _openness(said, names if dossiers is not None else {}, words),
        _signatures(acts, names if dossiers is not None else {}, words),
    ]
    if dossiers is not None:
        sections.append(_specification(dossiers, words))
    return DeclarationTold(
        id=declaration.id,
        language=words.language.value,
        title=words("declaration.title.overbrenging"),
        subtitle=f"{declaration.id} · {said['zorgdrager']['name']}",
        statement=words(
            "transfer.statement",
            zorgdrager=said["zorgdrager"]["name"],
            archive=said["archive"]["name"],
            dossiers=words.counted("count.dossier", said["counts"]["dossiers"]),
            list=transfer.id,
            article=said["law"]["article"],
        ),
        draft="" if len({each.duty for each in acts}) == 2 else words("transfer.draft"),
        notice=words(f"declaration.version.{version}"),
        sections=tuple(sections),
        footer=f"{declaration.id} · {words(f'declaration.footer.{version}')}",
        author=said["zorgdrager"]["name"],
        marks=(declaration.sha256,),
    )


def shown_openness(restriction: Restriction, words: Words) -> str:
    """What is decided, in a few words."""
    decision = restriction.decision
    if decision.openness is not Openness.RESTRICTED or decision.ground is None:
        return words(f"transfer.openness.{decision.openness.value}")
    return words(
        "transfer.openness.restricted",
        ground=decision.ground.value,
        until=words.day(decision.until),
    )


WIDTHS = (2, 4, 3, 1, 3)


def _document(  # noqa: PLR0913, PLR0917 - the parts of a paper
    transfer: Transfer,
    listed: Mapping[str, str],
    words: Words,
    kind: str,
    sections: tuple[Section, ...],
    dossiers: str,
) -> DeclarationTold:
    title = words(f"transfer.paper.{kind}.title")
    return DeclarationTold(
        id=transfer.id,
        language=words.language.value,
        title=title,
        subtitle=f"{transfer.id} · {listed['zorgdrager']}",
        statement=words(
            f"transfer.paper.{kind}.statement",
            zorgdrager=listed["zorgdrager"],
            archive=transfer.archive,
            dossiers=dossiers,
        ),
        draft="",
        notice=words("transfer.paper.notice"),
        sections=sections,
        footer=f"{transfer.id} · {title}",
        author=listed["zorgdrager"],
        marks=(listed["root"],),
    )


def _facts(
    transfer: Transfer, listed: Mapping[str, str], words: Words
) -> tuple[tuple[str, str], ...]:
    facts = (
        ("list", f"{transfer.id} ({listed['name']})"),
        ("archive", transfer.archive),
        ("destination", transfer.destination),
        ("root", listed["root"]),
        ("restrictions", listed["restrictions"]),
        ("form", words(f"transfer.form.{transfer.form}") if transfer.form else ""),
    )
    return tuple((words(f"transfer.label.{name}"), value) for name, value in facts if value)


def _what(said: Mapping[str, Any], words: Words) -> Section:
    counts, listed = said["counts"], said["list"]
    facts = (
        ("list", f"{listed['id']} ({listed['name']})"),
        ("root", listed["root"]),
        ("dossiers", words.number(counts["dossiers"])),
        ("objects", words.number(counts["objects"])),
        ("files", words.number(counts["files"])),
        ("size", words.size(counts["size_bytes"])),
        ("form", words(f"transfer.form.{said['package']['form']}")),
        ("package", said["package"]["sha256"]),
    )
    return Section(
        words("transfer.paper.section.specification"),
        lines=(words("transfer.paper.bound"),),
        facts=tuple((words(f"transfer.label.{name}"), value) for name, value in facts),
    )


def _received(said: Mapping[str, Any], words: Words) -> Section:
    receipt = said["receipt"]
    facts = (
        ("reference", said["archive"]["reference"]),
        ("taken", words.instant(receipt["taken_at"])),
        ("equal", words.number(receipt["equal"])),
        ("copies", words.number(receipt["copies"])),
        ("fixity", words.day(receipt["fixity_checked_on"])),
        ("receipt", receipt["sha256"]),
    )
    return Section(
        words("transfer.paper.section.received"),
        lines=(words("transfer.paper.received"),),
        facts=tuple((words(f"transfer.label.{name}"), value) for name, value in facts if value),
    )


def _openness(said: Mapping[str, Any], names: Mapping[str, str], words: Words) -> Section:
    openness = said["openness"]
    rows = tuple(
        (words(f"transfer.ground.{name}"), words.number(count))
        for name, count in sorted(openness["counts"].items())
        if count
    )
    attached = bool(openness["decision"]["sha256"])
    agreed = ", ".join(
        words(
            "transfer.paper.agreed_by",
            duty=words(f"transfer.duty.{each['duty']}"),
            person=_named(each["person"], names),
            at=words.instant(each["at"]),
        )
        for each in openness["agreed"]
    )
    facts = (
        ("decision", openness["decision"]["reference"]),
        ("decision_sha256", openness["decision"]["sha256"]),
        ("restrictions", openness["restrictions"]),
        ("agreed", agreed),
    )
    return Section(
        words("transfer.paper.section.openness"),
        lines=(words("transfer.paper.attached" if attached else "transfer.paper.referred"),),
        facts=tuple((words(f"transfer.label.{name}"), value) for name, value in facts if value),
        grid=Grid(_headings(words, "ground", "count"), (False, True), rows),
    )


def _signatures(acts: Sequence[Act], names: Mapping[str, str], words: Words) -> Section:
    rows = tuple(
        (
            words(f"transfer.duty.{each.duty}"),
            _named(each.person, names),
            words.instant(each.at),
            each.signature,
        )
        for each in acts
    )
    heads = ("duty", "person", "at", "signature")
    grid = Grid(_headings(words, *heads), (False,) * 4, rows, (), (2, 2, 2, 4))
    text = words("transfer.paper.signed" if rows else "transfer.paper.unsigned")
    title = words("transfer.paper.section.signatures")
    return Section(title, (text,), grid=grid if rows else None)


def _specification(dossiers: Sequence[Dossier], words: Words) -> Section:
    rows = tuple(
        (each["identifier"], each["title"], _period(each, words), words.number(each["files"]))
        for each in dossiers
    )
    heads = ("dossier", "subject", "period", "files")
    numbers = (False, False, False, True)
    grid = Grid(_headings(words, *heads), numbers, rows, (), (2, 5, 3, 1))
    return Section(
        words("transfer.paper.section.dossiers"),
        lines=(words("declaration.specification.restricted"),),
        grid=grid,
    )


def _ground(restriction: Restriction, words: Words) -> str:
    ground = restriction.decision.ground
    return words(f"transfer.ground.{ground.value if ground else 'undecided'}")


def _period(dossier: Dossier, words: Words) -> str:
    begun, ended = (words.day(str(dossier[name])) for name in ("started_on", "ended_on"))
    return f"{begun or '?'} – {ended or '?'}"


def _named(person: str, names: Mapping[str, str]) -> str:
    name = names.get(person, "")
    return f"{name} ({person})" if name else person


def _headings(words: Words, *names: str) -> tuple[str, ...]:
    return tuple(words(f"transfer.column.{each}") for each in names)
