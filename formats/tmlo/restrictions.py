"""Restrictions on use (TMLO 16, 17 and 18) to MDTO's beperkingGebruik and back."""

import re
from collections.abc import Iterable, Iterator

from formats.mdto.lists import GEEN_BEPERKING
from formats.mdto.model import Begrip, BeperkingGebruik, Termijn
from formats.tmlo.dates import (
    UNKNOWN,
    end_of_term,
    mdto_date,
    mdto_day,
    moment_as_when,
    topx_moment,
)
from formats.tmlo.fitting import Fitting
from formats.tmlo.lists import VERTROUWELIJKHEIDSNIVEAUS
from formats.tmlo.model import (
    OPENBAAR,
    Aggregatie,
    DatumOfJaar,
    DatumOfPeriode,
    Gebruiksrechten,
    Openbaarheid,
    Periode,
    Vertrouwelijkheid,
)
from formats.tmlo.terms import ONBEKEND, TmloLijst, is_from, tmlo_begrip
from formats.tmlo.texts import filled

LONGEST_LABEL = 255

_SINCE = re.compile(r"(?:(.*); )?vanaf (\S+)", re.DOTALL)
_USE = ("gebruiksrecht", "auteursrecht", "intellectueel", "licentie", "copyright")

Restrictions = tuple[
    tuple[Gebruiksrechten, ...], tuple[Vertrouwelijkheid, ...], tuple[Openbaarheid, ...]
]


def restrictions_to_mdto(aggregatie: Aggregatie) -> Iterator[BeperkingGebruik]:
    """One group for each of 16, 17 and 18: they restrict different things."""
    for right in aggregatie.gebruiksrechten:
        yield _restriction(
            TmloLijst.GEBRUIKSRECHTEN, (right.omschrijvingVoorwaarden,), right.datumOfPeriode
        )
    for level in aggregatie.vertrouwelijkheid:
        yield _restriction(
            TmloLijst.VERTROUWELIJKHEID, (level.classificatieNiveau,), level.datumOfPeriode
        )
    for openness in aggregatie.openbaarheid:
        texts = openness.omschrijvingBeperkingen
        yield _restriction(TmloLijst.OPENBAARHEID, texts, openness.datumOfPeriode)


def _restriction(
    lijst: TmloLijst, texts: tuple[str, ...], when: DatumOfPeriode
) -> BeperkingGebruik:
    label, *more = list(filled(texts)) or [ONBEKEND]
    if len(label) > LONGEST_LABEL:
        more.insert(0, label)
        label = label[:LONGEST_LABEL]
    begin, end = mdto_date(when.begin), mdto_date(when.eind)
    ends = when.periode is not None and end is not None
    if begin is not None and not (ends and mdto_day(when.begin)):
        more.append(f"vanaf {begin}")
    return BeperkingGebruik(
        beperkingGebruikType=tmlo_begrip(lijst, label),
        beperkingGebruikNadereBeschrijving="; ".join(more) or None,
        beperkingGebruikTermijn=Termijn(None, mdto_day(when.begin), None, end) if ends else None,
    )


def restrictions_from_mdto(values: Iterable[BeperkingGebruik], fit: Fitting) -> Restrictions:
    """The rights of use, the levels of confidentiality and the openness, each in their order."""
    rights: list[Gebruiksrechten] = []
    levels: list[Vertrouwelijkheid] = []
    openness: list[Openbaarheid] = []
    for each in values:
        lijst = _sort_of(each.beperkingGebruikType)
        when, more = _period(each)
        label = each.beperkingGebruikType.begripLabel
        documents = [document.verwijzingNaam for document in each.beperkingGebruikDocumentatie]
        texts = [text for text in (label, more, *documents) if text and text.strip()]
        if lijst is TmloLijst.GEBRUIKSRECHTEN:
            words = fit.required("; ".join(texts))
            rights.append(Gebruiksrechten(omschrijvingVoorwaarden=words, datumOfPeriode=when))
        elif lijst is TmloLijst.VERTROUWELIJKHEID:
            levels.append(Vertrouwelijkheid(classificatieNiveau=label, datumOfPeriode=when))
            for text in texts[1:]:
                fit.aside(f"{label}: {text}")
        else:
            described = tuple(map(fit.required, _openness(texts))) or (fit.required(None),)
            openness.append(Openbaarheid(omschrijvingBeperkingen=described, datumOfPeriode=when))
    return tuple(rights), tuple(levels), tuple(openness)


def _openness(texts: list[str]) -> list[str]:
    """Only no restriction at all is public."""
    public = texts[:1] == [GEEN_BEPERKING]
    return [OPENBAAR, *texts[1:]] if public else texts


def _sort_of(term: Begrip) -> TmloLijst:
    lijst = term.begripBegrippenlijst.verwijzingNaam.casefold()
    if term.begripLabel in VERTROUWELIJKHEIDSNIVEAUS:
        return TmloLijst.VERTROUWELIJKHEID
    if is_from(term, TmloLijst.GEBRUIKSRECHTEN) or any(word in lijst for word in _USE):
        return TmloLijst.GEBRUIKSRECHTEN
    return TmloLijst.OPENBAARHEID


def _period(value: BeperkingGebruik) -> tuple[DatumOfPeriode, str | None]:
    """When a restriction holds, and its description without the words that say since when."""
    since, text = _since(value.beperkingGebruikNadereBeschrijving)
    term = value.beperkingGebruikTermijn
    if term is None:
        return (UNKNOWN if since is None else moment_as_when(since)), text
    start = term.termijnStartdatumLooptijd
    end = term.termijnEinddatum or end_of_term(start, term.termijnLooptijd)
    first, last = topx_moment(start) or since, topx_moment(end, last=True)
    return DatumOfPeriode(periode=Periode(begin=first, eind=last)), text


def _since(text: str | None) -> tuple[DatumOfJaar | None, str | None]:
    match = _SINCE.fullmatch(text or "")
    moment = topx_moment(match[2]) if match is not None else None
    return (None, text) if match is None or moment is None else (moment, match[1])
