"""PREMIS values for the tests: strategies over every class of the model, and a small package."""

from dataclasses import fields
from functools import cache
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from formats.premis.model import (
    Agent,
    Characteristics,
    CreatingApplication,
    Event,
    Fixity,
    Format,
    FormatRegistry,
    Grant,
    Identifier,
    Linked,
    OtherBasis,
    Outcome,
    Premis,
    PremisObject,
    Relationship,
    Rights,
    SignificantProperty,
    Statute,
    Storage,
)
from formats.premis.vocabulary import (
    AgentRole,
    AgentType,
    Category,
    EventOutcome,
    EventType,
    RelationshipSubType,
    RelationshipType,
)

SIGNS = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r&<>\"']")
WORDS = st.text(SIGNS, min_size=1, max_size=6).filter(str.strip)
TEXTS = st.just("") | st.text(SIGNS, max_size=6)
# What may be left out; all other texts are mandatory.
LEFT_OUT = {
    *("role", "assigned_on", "originator", "version", "created", "key", "medium", "end"),
    *("original_name",),
}
OPTIONAL = {(Format, "name"), (CreatingApplication, "name"), (Agent, "type"), (Outcome, "outcome")}
MANDATORY = {(FormatRegistry, "key")}
AT_LEAST_ONE = {
    (PremisObject, "identifiers"),
    (Agent, "identifiers"),
    (Characteristics, "formats"),
    (Relationship, "objects"),
}


@cache
def values_of(kind: type) -> st.SearchStrategy:
    """Every value of a class that PREMIS 3 can write."""
    hints = get_type_hints(kind)
    parts = {each.name: _part(kind, each.name, hints[each.name]) for each in fields(kind)}
    return st.builds(kind, **parts).filter(_says_something)


def _says_something(value: object) -> bool:
    match value:
        case Format():
            return bool(value.name) or (value.registry is not None and not value.version)
        case CreatingApplication():
            return bool(value.name or value.version or value.created)
        case Storage():
            return value.location is not None or bool(value.medium)
        case Outcome():
            return bool(value.outcome or value.notes)
        case SignificantProperty():
            return bool(value.type)
        case _:
            return True


def _part(kind: type, name: str, hint: object) -> st.SearchStrategy:
    held = next((each for each in get_args(hint) if each not in (type(None), ...)), hint)
    one = _one(held, kind, name)
    if get_origin(hint) is tuple:
        least = int((kind, name) in AT_LEAST_ONE)
        return st.lists(one, min_size=least, max_size=least + 1).map(tuple)
    return st.none() | one if type(None) in get_args(hint) else one


def _one(held: type, kind: type, name: str) -> st.SearchStrategy:
    if held is Category:
        return st.sampled_from(Category)
    if held is int:
        return st.integers(0, 10**8)
    if held is not str:
        return values_of(held)
    if kind is Event and name == "at":
        return st.datetimes().map(lambda at: f"{at.isoformat()}+01:00")
    loose = (kind, name) in OPTIONAL or (name in LEFT_OUT and (kind, name) not in MANDATORY)
    return TEXTS if loose or name in ("notes", "details", "rationale") else WORDS


def _own(value: PremisObject) -> PremisObject:
    """The object with what its category may bear."""
    parts = {each.name: getattr(value, each.name) for each in fields(PremisObject)}
    dropped = {
        Category.FILE: (),
        Category.BITSTREAM: ("preservation_levels", "original_name"),
        Category.REPRESENTATION: ("characteristics",),
        Category.INTELLECTUAL_ENTITY: ("characteristics", "storage"),
    }[value.category]
    for name in dropped:
        parts[name] = "" if name == "original_name" else ()
    if value.category in (Category.FILE, Category.BITSTREAM) and not value.characteristics:
        parts["characteristics"] = (Characteristics((Format("PDF"),)),)
    return PremisObject(**parts)


OBJECTS = values_of(PremisObject).map(_own)
DOCUMENTS = st.builds(
    Premis,
    objects=st.lists(OBJECTS, min_size=1, max_size=3).map(tuple),
    events=st.lists(values_of(Event), max_size=2).map(tuple),
    agents=st.lists(values_of(Agent), max_size=2).map(tuple),
    rights=st.lists(values_of(Rights), max_size=1).map(tuple),
)

WHOLE = Identifier("UUID", "6f7c1b56-0000-4000-8000-000000000000")
EDEPOT = Identifier("software", "edepot")


def file(number: int) -> PremisObject:
    """A file of the package, with all that we record of one."""
    return PremisObject(
        Category.FILE,
        (Identifier("UUID", f"6f7c1b56-0000-4000-8000-{number + 1:012d}"),),
        characteristics=(
            Characteristics(
                formats=(
                    Format(
                        "Acrobat PDF/A - Portable Document Format",
                        "1b",
                        FormatRegistry("PRONOM", "fmt/354", "specification"),
                        ("basis: byte match at 0, 7", "validity: valid (veraPDF)"),
                    ),
                ),
                fixity=(
                    Fixity("SHA-256", "ab" * 32, "edepot"),
                    Fixity("SHA-512", "ab" * 64, "supplier"),
                ),
                size_bytes=20_000 + number,
            ),
        ),
        original_name=f"data/original/brief {number} & co.pdf",
        relationships=(
            Relationship(RelationshipType.STRUCTURAL, RelationshipSubType.IS_INCLUDED_IN, (WHOLE,)),
        ),
    )


def event(kind: str = EventType.VALIDATION, at: str = "2026-11-24T12:00:00+01:00") -> Event:
    """An event that concerns the whole package."""
    return Event(
        Identifier("UUID", f"event {kind}"),
        kind,
        at,
        ("10 bestanden",),
        (Outcome(EventOutcome.SUCCESS, ("valid: 10",)),),
        (Linked(EDEPOT, (AgentRole.EXECUTING_PROGRAM,)),),
        (Linked(WHOLE),),
    )


PACKAGE = Premis(
    objects=(
        PremisObject(Category.INTELLECTUAL_ENTITY, (WHOLE,), original_name="kapvergunning"),
        *map(file, range(10)),
    ),
    events=(event(EventType.VIRUS_CHECK), event(EventType.VALIDATION)),
    agents=(Agent((EDEPOT,), ("edepot",), AgentType.SOFTWARE, "1.0"),),
    rights=(
        Rights(
            Identifier("edepot", "openbaarheid"),
            "statute",
            (Statute("nl", "Archiefwet 1995, artikel 15", ("lid 1, onder a",)),),
            OtherBasis("beleid"),
            (Grant("disseminate", ("alleen op de studiezaal",)),),
            (Linked(WHOLE),),
        ),
    ),
)
