"""ToPX documents and TMLO values for the tests: strategies, random documents, and mutations."""

import random
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import strategies as st
from lxml import etree

from formats.datatypes import DATE, DATE_TIME, G_YEAR, NON_NEGATIVE_INTEGER, SimpleType
from formats.schema import ComplexType, Content
from formats.tmlo import model
from formats.tmlo.lists import (
    AGGREGATIENIVEAUS,
    EVENTPLANTYPEN,
    TALEN,
    VERTROUWELIJKHEIDSNIVEAUS,
)
from formats.tmlo.schema import TOPX_2_3_2

SHARED = Path(__file__).parents[3] / ".." / "shared" / "standards"
NS = model.NAMESPACE
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@cache
def official(name: str) -> etree.XMLSchema:
    """The official schema as the judge of ours; the tests that need it are skipped without it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the official schema {name} is not beside the repository")
    return etree.XMLSchema(etree.parse(path))


def topx_xsd() -> etree.XMLSchema:
    """ToPX 2.3_2 of the Nationaal Archief."""
    return official("topx/ToPX-2.3_2.xsd")


def mdto_xsd() -> etree.XMLSchema:
    """MDTO-XML 1.0.1 of the Nationaal Archief."""
    return official("mdto/MDTO-XML1.0.1.xsd")


SIGNS = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r&<>\"']")
TEXTS = st.text(SIGNS, max_size=8)
WORDS = st.text(SIGNS, min_size=1, max_size=8) | st.sampled_from(["brief", "NL-0085-1", " "])
DAYS = st.dates().map(str) | st.sampled_from(["2024-02-29Z", "2020-01-01+01:00", "-0044-03-15"])
YEARS = st.integers(1, 9999).map("{:04d}".format)
INSTANTS = st.datetimes().map(lambda at: at.isoformat()) | st.just("2020-01-01T24:00:00Z")
MOMENTS = (
    st.builds(model.DatumOfJaar, jaar=YEARS)
    | st.builds(model.DatumOfJaar, datum=DAYS)
    | st.builds(model.DatumOfJaar, datumEnTijd=INSTANTS)
)
PERIODS = st.builds(model.Periode, begin=st.none() | MOMENTS, eind=st.none() | MOMENTS)
TIMES = (
    st.builds(model.DatumOfPeriode, jaar=YEARS)
    | st.builds(model.DatumOfPeriode, datum=DAYS)
    | st.builds(model.DatumOfPeriode, datumEnTijd=INSTANTS)
    | st.builds(model.DatumOfPeriode, periode=PERIODS)
)
OTHERS = st.sampled_from(
    [
        '<a xmlns="">x</a>',
        '<q:a xmlns:q="urn:q" q:soort="1"></q:a>',
        '<a xmlns="urn:a"><b xmlns="">x</b></a>',
        f'<naam xmlns="{NS}"></naam>',
    ]
)
# Elements whose type is narrower than a text, or that may not be empty.
BY_NAME = {
    (model.Aggregatie, "aggregatieniveau"): st.sampled_from(AGGREGATIENIVEAUS),
    (model.Bestand, "aggregatieniveau"): st.just("Bestand"),
    (model.EventPlan, "type"): st.sampled_from(EVENTPLANTYPEN),
    (model.Vertrouwelijkheid, "classificatieNiveau"): st.sampled_from(VERTROUWELIJKHEIDSNIVEAUS),
    (model.Aggregatie, "taal"): st.sampled_from(["", "dut", "fry", *sorted(TALEN)[:3]]),
    (model.Bestand, "taal"): st.sampled_from(["dut"]),
    (model.FysiekeIntegriteit, "datumEnTijd"): INSTANTS,
    (model.Formaat, "datumAanmaak"): DAYS | INSTANTS,
    (model.Creatieapplicatie, "datumAanmaak"): DAYS | INSTANTS,
    (model.GeneriekeMetadata, "elementen"): OTHERS,
}
EMPTY_ALLOWED = {(model.Vorm, "redactieGenre")}


@cache
def values_of(kind: type) -> st.SearchStrategy:
    """Every value of a class of the model that ToPX 2.3_2 allows."""
    if kind is model.DatumOfPeriode:
        return TIMES
    if kind is model.Periode:
        return PERIODS
    hints = get_type_hints(kind)
    parts = {each.name: _part(kind, each.name, hints[each.name]) for each in fields(kind)}
    return st.builds(kind, **parts)


def _part(kind: type, name: str, hint: object) -> st.SearchStrategy:
    held = next((each for each in get_args(hint) if each not in (type(None), ...)), hint)
    repeated = get_origin(hint) is tuple
    optional = type(None) in get_args(hint)
    named = BY_NAME.get((kind, name))
    one = _one(held, kind, name, optional) if named is None else named
    if repeated:
        least = 1 if (kind, name) in AT_LEAST_ONE else 0
        return st.lists(one, min_size=least, max_size=least + 1).map(tuple)
    return st.none() | one if optional else one


AT_LEAST_ONE = {
    (model.Aggregatie, "naam"),
    (model.Bestand, "naam"),
    (model.Bestand, "formaat"),
    (model.Openbaarheid, "omschrijvingBeperkingen"),
}
FREE_TEXTS = {"omschrijving", "geografischGebied", "plaats", "verschijningsvorm", "relatie"}


def _one(held: type, kind: type, name: str, optional: bool) -> st.SearchStrategy:
    if held is int:
        return st.integers(0, 2**63 - 1)
    if held is str:
        level = kind in (model.Aggregatie, model.Bestand, model.Dekking, model.Vorm, model.Formaat)
        free = optional or (kind, name) in EMPTY_ALLOWED or (level and name in FREE_TEXTS)
        return TEXTS if free or (kind is model.Actor and name == "plaats") else WORDS
    return values_of(held)


AGGREGATIES = values_of(model.Aggregatie)
BESTANDEN = values_of(model.Bestand)
LEVELS = AGGREGATIES | BESTANDEN

EDGE_TEXTS = (
    *("", " ", "\n", "x", "x" * 255, "x" * 256, "\U0001f600" * 255, "é" * 2000, "x" * 2001),
    *("Dossier", "dossier", " Dossier", "Dossier ", "Bestand", "Record", "Vernietigen", "Openbaar"),
    *("Conversie", "Geheim", "geheim", "Zeer geheim", "dut", "nld", "nl", "DUT", "zza", "zzz"),
    *("2026", "0000", "-0001", "02026", "12026", "2026Z", "2026-02", "2026-02-28", "2026-02-29"),
    *("2024-02-29", "-0001-02-29", "2026-02-28Z", "2026-02-28+14:00", "2026-02-28+14:01"),
    *(" 2026-02-28", "2026-02-28 ", "2026-02-28T12:00:00", "2026-02-28T12:00:00.5+01:00"),
    *("2026-02-28T24:00:00", "2026-02-28T24:00:01", "2026-02-28T23:59:60", "28-02-2026"),
    *("0", "-0", "+5", "-1", "1.0", " 12 ", "1 2", "9" * 30, "9" * 4400, "1e3", "0x1f"),
    *("&", "<x>", "]]>", "\u00a0", "\u2028", "tekst met\tregels\r\n"),
)
ATTRIBUTES = (
    *("lokaal", "type", "bronElement", "lokaal", "type", "bronElement", "soort", "id"),
    *(f"{{{NS}}}lokaal", "{urn:x}y", "{http://www.w3.org/XML/1998/namespace}lang"),
    *(f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation", f"{{{XSI}}}nil"),
)
XSI_TYPES = (
    *("aggregatieType", "bestandType", "classificatieType", "datumOfPeriodeType", "periodeType"),
    *("string", "nonEmptyStringTypeAttribuut", "nonEmptyStringMax255TypeAttribuut", "vormType"),
    *("taalTypeAttribuut", "eventPlanType", "formaatEventPlanType", "topxType", "xsd:string"),
    *("xsd:date", "weg", "q:string", "generiekeMetadataType", "stringMax2000"),
)


def _names(kind: ComplexType, seen: set[int]) -> set[str]:
    if id(kind) in seen:
        return set()
    seen.add(id(kind))
    found = {each.name for each in kind.elements}
    for each in kind.elements:
        if isinstance(each.type, ComplexType):
            found |= _names(each.type, seen)
    return found


NAMES = sorted(_names(TOPX_2_3_2.root.type, set()) | {"ToPX", "trefwoord"})


def random_document(rng: random.Random) -> etree._Element:
    """A valid document in which each optional element stands or not, as chance has it."""
    nsmap = {None: NS, "xsi": XSI, "xsd": "http://www.w3.org/2001/XMLSchema"}
    root = etree.Element(f"{{{NS}}}ToPX", nsmap=nsmap)
    _fill(root, TOPX_2_3_2.root.type, rng, rng.choice((0.15, 0.35, 0.6)))
    return root


def _fill(element: etree._Element, kind: ComplexType, rng: random.Random, often: float) -> None:
    if kind.value is not None:
        element.text = _value(kind.value, rng)
        return
    chosen = [rng.choice(kind.elements)] if kind.content is Content.CHOICE else kind.elements
    for declared in chosen:
        count = max(declared.least, (rng.random() < often) * rng.choice((1, 1, 2)))
        for _ in range(min(count, declared.most)):
            child = etree.SubElement(element, f"{{{NS}}}{declared.name}")
            _fill(child, declared.type, rng, often)
    if kind.content is Content.SKIPPED and rng.random() < 0.5:
        etree.SubElement(element, rng.choice(("{urn:x}y", "y", f"{{{NS}}}naam"))).text = "x"


def _value(kind: SimpleType, rng: random.Random) -> str:
    if kind is G_YEAR:
        return rng.choice(("2020", "1999Z"))
    if kind is DATE:
        return rng.choice(("2020-02-29", "2020-01-01+01:00"))
    if kind is DATE_TIME or kind.name == "dateTimeOrDateType":
        return rng.choice(("2020-01-01T12:00:00", "2020-01-01T12:00:00.5Z"))
    if kind is NON_NEGATIVE_INTEGER:
        return str(rng.randrange(10**6))
    if kind.name in ("aggregatieniveau", "type", "niveau", "ISO 639-2/B"):
        return rng.choice(kind.example.split(" | "))
    return rng.choice(("Vergunning", "a & b", "x" * 255, " "))


def mutated(tree: etree._Element, rng: random.Random) -> etree._Element:
    """The document after one to three changes of the kinds that go wrong in practice, or worse."""
    root = deepcopy(tree)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        elements = [each for each in root.iter() if isinstance(each.tag, str)]
        root = rng.choice(MUTATIONS)(root, rng.choice(elements), rng)
    return etree.fromstring(etree.tostring(root, with_tail=False))


def _drop(root, element, rng):
    if element is not root:
        element.getparent().remove(element)
    return root


def _duplicate(root, element, rng):
    if element is not root:
        element.addnext(deepcopy(element))
    return root


def _swap(root, element, rng):
    after = element.getnext()
    if element is not root and after is not None:
        after.addnext(element)
    return root


def _move(root, element, rng):
    target = rng.choice([each for each in root.iter() if isinstance(each.tag, str)])
    if element is not root and target is not element and element not in target.iterancestors():
        target.insert(rng.randint(0, len(target)), element)
    return root


def _rename(root, element, rng):
    name = etree.QName(element).localname
    element.tag = f"{{{NS}}}" + rng.choice((*rng.sample(NAMES, 3), name.upper(), name + "x"))
    return root


def _change_namespace(root, element, rng):
    name = etree.QName(element).localname
    element.tag = rng.choice(("", "{urn:x}", f"{{{NS}}}", f"{{{NS}/}}")) + name
    return root


def _text(root, element, rng):
    values = [each for each in root.iter() if isinstance(each.tag, str) and not len(each)]
    rng.choice(values or [element]).text = rng.choice(EDGE_TEXTS)
    return root


def _text_anywhere(root, element, rng):
    element.text = rng.choice(EDGE_TEXTS)
    return root


def _tail(root, element, rng):
    if element is not root:
        element.tail = rng.choice(("x", " ", "\n", "\u00a0", "\t\r"))
    return root


def _attribute(root, element, rng):
    element.set(rng.choice(ATTRIBUTES), rng.choice(("", "1", "true", "false", "a b")))
    return root


def _xsi_type(root, element, rng):
    element.set(f"{{{XSI}}}type", rng.choice(XSI_TYPES))
    return root


def _aside(root, element, rng):
    node = rng.choice((etree.Comment("opmerking"), etree.PI("php", "x")))
    node.tail = rng.choice((None, "", "1", " ", "x"))
    element.insert(rng.randint(0, len(element)), node)
    return root


def _nest(root, element, rng):
    child = etree.SubElement(element, f"{{{NS}}}" + rng.choice(NAMES))
    child.text = rng.choice(("", "x", "2026"))
    return root


def _empty(root, element, rng):
    for child in list(element):
        element.remove(child)
    element.text = rng.choice((None, "", " ", "x"))
    return root


def _unwrap_root(root, element, rng):
    return next((child for child in root if isinstance(child.tag, str)), root)


MUTATIONS = (
    *(_drop, _duplicate, _swap, _move, _rename, _change_namespace, _text, _text, _text, _text),
    *(_text_anywhere, _tail, _attribute, _attribute, _xsi_type, _aside, _nest, _empty),
    _unwrap_root,
)
