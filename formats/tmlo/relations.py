"""Relations (TMLO 15) to MDTO and back: up, down, to representations, to others, and to actors."""

from collections.abc import Iterator
from dataclasses import dataclass

from formats.mdto.lists import (
    RELATIETYPEN_BETROKKENE,
    RELATIETYPEN_INFORMATIEOBJECT,
    begrip_betrokkene,
    begrip_relatie,
)
from formats.mdto.model import (
    Begrip,
    Betrokkene,
    GerelateerdInformatieobject,
    Identificatie,
    Informatieobject,
    Verwijzing,
)
from formats.tmlo.fitting import Fitting
from formats.tmlo.model import Aggregatie, Relatie
from formats.tmlo.terms import (
    AANVULLEND,
    BETROKKENE,
    DOWNWARD,
    NAAR_BENEDEN,
    NAAR_BOVEN,
    REPRESENTATIE,
    UPWARD,
    TmloLijst,
    tmlo_begrip,
)
from formats.tmlo.texts import named


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of an aggregation, sorted by what MDTO makes of them."""

    upward: tuple[Verwijzing, ...] = ()
    downward: tuple[Verwijzing, ...] = ()
    representations: tuple[Verwijzing, ...] = ()
    additional: tuple[Verwijzing, ...] = ()
    others: tuple[GerelateerdInformatieobject, ...] = ()
    involved: tuple[Betrokkene, ...] = ()


def relations_to_mdto(aggregatie: Aggregatie, bron: str) -> Relations:
    """Every relation where MDTO wants it; within `bron` the identifiers are unique."""
    upward: list[Verwijzing] = []
    downward: list[Verwijzing] = []
    representations: list[Verwijzing] = []
    additional: list[Verwijzing] = []
    others: list[GerelateerdInformatieobject] = []
    involved: list[Betrokkene] = []
    sorted_by = {REPRESENTATIE: representations, AANVULLEND: additional}
    for each in aggregatie.relatie:
        kind = each.typeRelatie.strip()
        target = _target(each.relatieID, bron)
        if kind.casefold() in UPWARD:
            upward.append(target)
        elif kind.casefold() in DOWNWARD:
            downward.append(target)
        elif kind in sorted_by:
            sorted_by[kind].append(target)
        elif kind.startswith(BETROKKENE):
            part = _part_played(kind.removeprefix(BETROKKENE))
            involved.append(Betrokkene(part, Verwijzing(named(each.relatieID))))
        else:
            others.append(GerelateerdInformatieobject(target, _relation(kind)))
    return Relations(
        tuple(upward),
        tuple(downward),
        tuple(representations),
        tuple(additional),
        tuple(others),
        tuple(involved),
    )


def _target(identifier: str, bron: str) -> Verwijzing:
    return Verwijzing(named(identifier), Identificatie(named(identifier), bron))


def _part_played(label: str) -> Begrip:
    if label in RELATIETYPEN_BETROKKENE.labels:
        return begrip_betrokkene(label)
    return tmlo_begrip(TmloLijst.RELATIE, named(label))


def _relation(label: str) -> Begrip:
    if label in RELATIETYPEN_INFORMATIEOBJECT.labels:
        return begrip_relatie(label)
    return tmlo_begrip(TmloLijst.RELATIE, named(label))


def relations_from_mdto(value: Informatieobject, fit: Fitting) -> Iterator[Relatie]:
    """Every relation of an informatieobject, and the actors that took part in it."""
    for kind, targets in (
        (NAAR_BOVEN, value.isOnderdeelVan),
        (NAAR_BENEDEN, value.bevatOnderdeel),
        (REPRESENTATIE, value.heeftRepresentatie),
        (AANVULLEND, value.aanvullendeMetagegevens),
    ):
        for target in targets:
            yield relation(target, kind, fit)
    for each in value.gerelateerdInformatieobject:
        kind = each.gerelateerdInformatieobjectTypeRelatie.begripLabel
        yield relation(each.gerelateerdInformatieobjectVerwijzing, kind, fit)
    for involved in value.betrokkene:
        part = f"{BETROKKENE}{involved.betrokkeneTypeRelatie.begripLabel}"
        name = fit.required(involved.betrokkeneActor.verwijzingNaam)
        yield Relatie(relatieID=name, typeRelatie=fit.required(part))


def relation(target: Verwijzing, kind: str, fit: Fitting) -> Relatie:
    """A relation of that kind to another thing."""
    return Relatie(relatieID=identifier_of(target, fit), typeRelatie=fit.required(kind))


def identifier_of(target: Verwijzing, fit: Fitting) -> str:
    """What another thing is called in one text: its identifier, or else its name."""
    own = target.verwijzingIdentificatie
    known = own.identificatieKenmerk if own is not None else ""
    return fit.required(known if known.strip() else target.verwijzingNaam)
