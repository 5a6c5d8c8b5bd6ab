"""The relations between the objects of one set: identifications, hierarchy and representation.

Source: MDTO Metagegevensschema 1.0: identificatieKenmerk, isOnderdeelVan, bevatOnderdeel,
heeftRepresentatie and isRepresentatieVan (rules).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from formats.findings import Finding, Severity, finding
from formats.mdto.lists import AGGREGATIENIVEAUS, plain
from formats.mdto.model import Bestand, Identificatie, Informatieobject, Verwijzing

MdtoObject = Informatieobject | Bestand

_RANKS = {plain(label): rank for rank, label in enumerate(AGGREGATIENIVEAUS.labels)}


@dataclass(frozen=True, slots=True)
class _Set:
    """The objects of a delivery, numbered, and where an identification or a name leads."""

    places: tuple[str, ...]
    objects: tuple[MdtoObject, ...]
    by_identification: dict[Identificatie, int]
    by_name: dict[tuple[type, str], list[int]]


def check_relations(objects: Sequence[tuple[str, MdtoObject]]) -> list[Finding]:
    """Whether the objects of a set are told apart, hang together, and form no circle.

    Each object comes with the sender's path of its file. A parent outside the set is normal for
    the top of the set (INFO) and an error below it. A reference without identification is
    followed by its name when just one object bears it.
    """
    whole, findings = _index(objects)
    parents: list[set[int]] = [set() for _ in objects]
    unresolved: list[tuple[int, Verwijzing]] = []
    for number, value in enumerate(whole.objects):
        if isinstance(value, Bestand):
            findings += _check_representation(whole, number, value)
        else:
            findings += _link(whole, number, value, parents, unresolved)
    findings += _judge_unresolved(whole, parents, unresolved)
    findings += _find_circles(whole, parents)
    return findings


def _index(objects: Sequence[tuple[str, MdtoObject]]) -> tuple[_Set, list[Finding]]:
    findings: list[Finding] = []
    places = tuple(place for place, _value in objects)
    by_identification: dict[Identificatie, int] = {}
    by_name: dict[tuple[type, str], list[int]] = {}
    for number, (place, value) in enumerate(objects):
        by_name.setdefault((type(value), value.naam), []).append(number)
        for identification in dict.fromkeys(value.identificatie):
            first = by_identification.setdefault(identification, number)
            if first != number:
                where = f"{place}, identificatie"
                findings.append(finding("F560", where, _shown(identification), places[first]))
    values = tuple(value for _place, value in objects)
    return _Set(places, values, by_identification, by_name), findings


def _resolved(
    whole: _Set, reference: Verwijzing, kind: type[MdtoObject] = Informatieobject
) -> int | None:
    """The number of the object that a reference means; None when it is not in the set."""
    if reference.verwijzingIdentificatie is not None:
        return whole.by_identification.get(reference.verwijzingIdentificatie)
    named = whole.by_name.get((kind, reference.verwijzingNaam), [])
    return named[0] if len(named) == 1 else None


def _link(
    whole: _Set,
    number: int,
    value: Informatieobject,
    parents: list[set[int]],
    unresolved: list[tuple[int, Verwijzing]],
) -> Iterator[Finding]:
    place = whole.places[number]
    for reference in value.isOnderdeelVan:
        parent = _resolved(whole, reference)
        if parent is None:
            unresolved.append((number, reference))
        elif isinstance(whole.objects[parent], Bestand):
            yield finding("F567", f"{place}, isOnderdeelVan", _name(reference), "informatieobject")
        else:
            parents[number].add(parent)
    for reference in value.bevatOnderdeel:
        child = _resolved(whole, reference)
        if child is None:
            yield finding("F564", f"{place}, bevatOnderdeel", _name(reference))
        elif isinstance(whole.objects[child], Bestand):
            yield finding("F567", f"{place}, bevatOnderdeel", _name(reference), "informatieobject")
        else:
            parents[child].add(number)
    for reference in value.heeftRepresentatie:
        held = _resolved(whole, reference, Bestand)
        if held is None:
            yield finding("F565", f"{place}, heeftRepresentatie", _name(reference))
        elif not isinstance(whole.objects[held], Bestand):
            yield finding("F567", f"{place}, heeftRepresentatie", _name(reference), "bestand")


def _check_representation(whole: _Set, number: int, value: Bestand) -> Iterator[Finding]:
    reference = value.isRepresentatieVan
    place = f"{whole.places[number]}, isRepresentatieVan"
    represented = _resolved(whole, reference)
    if represented is None:
        yield finding("F563", place, _name(reference))
    elif isinstance(whole.objects[represented], Bestand):
        yield finding("F567", place, _name(reference), "informatieobject")


def _judge_unresolved(
    whole: _Set, parents: list[set[int]], unresolved: list[tuple[int, Verwijzing]]
) -> Iterator[Finding]:
    ranks = [_rank(value) for value in whole.objects]
    orphans = [
        rank
        for rank, above, value in zip(ranks, parents, whole.objects, strict=True)
        if not above and isinstance(value, Informatieobject)
    ]
    top = min(orphans, default=0)
    for number, reference in unresolved:
        is_top = not parents[number] and ranks[number] == top
        place = f"{whole.places[number]}, isOnderdeelVan"
        if is_top:
            yield finding("F561", place, _name(reference), severity=Severity.INFO)
        else:
            yield finding("F562", place, _name(reference))


def _rank(value: MdtoObject) -> int:
    """How high an object stands: 0 for an archief; a level of another list counts as a dossier."""
    if isinstance(value, Bestand):
        return len(_RANKS)
    level = value.aggregatieniveau
    label = plain(level.begripLabel) if level is not None else ""
    return _RANKS.get(label, _RANKS["dossier"])


def _find_circles(whole: _Set, parents: list[set[int]]) -> Iterator[Finding]:
    """One finding per circle of objects that are part of each other.

    Walks upward from every object, each object once; an object met again on the path being
    walked closes a circle.
    """
    done = [False] * len(parents)
    for start in range(len(parents)):
        path: list[int] = []
        on_path: dict[int, int] = {}
        stack: list[tuple[int, bool]] = [(start, False)]
        while stack:
            number, leaving = stack.pop()
            if leaving:
                on_path.pop(path.pop())
                done[number] = True
            elif number in on_path:
                circle = [whole.places[each] for each in (*path[on_path[number] :], number)]
                where = f"{whole.places[path[-1]]}, isOnderdeelVan"
                yield finding("F566", where, " > ".join(_shortened(circle)))
            elif not done[number]:
                on_path[number] = len(path)
                path.append(number)
                stack.append((number, True))
                stack.extend((parent, False) for parent in sorted(parents[number]))


def _shortened(circle: list[str]) -> list[str]:
    return circle if len(circle) <= 6 else [*circle[:5], "…", circle[-1]]


def _name(reference: Verwijzing) -> str:
    if reference.verwijzingIdentificatie is None:
        return reference.verwijzingNaam
    return _shown(reference.verwijzingIdentificatie)


def _shown(identification: Identificatie) -> str:
    return f"{identification.identificatieKenmerk} ({identification.identificatieBron})"
