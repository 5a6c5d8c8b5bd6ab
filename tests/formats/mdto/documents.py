"""MDTO values and documents for the tests: strategies over every element, and mutations."""

import random
from copy import deepcopy
from dataclasses import fields
from pathlib import Path

from hypothesis import strategies as st
from lxml import etree

from formats.datatypes import (
    ANY_URI,
    DATE_TIME,
    DURATION,
    INTEGER,
    LANGUAGE,
    STRING,
    SimpleType,
)
from formats.mdto import model, schema
from formats.schema import ComplexType

STANDARD = Path(__file__).parents[3] / ".." / "shared" / "standards" / "mdto"
NS = schema.NAMESPACE
XSI = "http://www.w3.org/2001/XMLSchema-instance"

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>\"']"),
    max_size=12,
)
ZONES = st.sampled_from(["", "", "", "Z", "+01:00", "-14:00"])
YEARS = st.integers(1, 9999).map("{:04d}".format)
DATES = st.dates().map(str)
DAYS = st.tuples(DATES, ZONES).map("".join)
MONTHS = st.tuples(YEARS, st.integers(1, 12).map("-{:02d}".format), ZONES).map("".join)
INSTANTS = st.tuples(st.datetimes().map(lambda at: at.isoformat()), ZONES).map("".join)
NUMBERS = st.integers(0, 999)
DURATIONS = st.builds(
    lambda y, m, d, h: f"P{y}Y{m}M{d}D" + (f"T{h}H{m}M{d}.5S" if h else ""),
    *(NUMBERS, NUMBERS, NUMBERS, NUMBERS),
)
VALUES: dict[SimpleType, st.SearchStrategy] = {
    STRING: TEXTS,
    schema.DATE: DAYS,
    DATE_TIME: INSTANTS,
    DURATION: DURATIONS,
    INTEGER: st.integers(-5, 2**62),
    LANGUAGE: st.sampled_from(["nl", "fy", "en-GB", "nl-NL", "x-klingon"]),
    ANY_URI: st.sampled_from(["https://example.org/a%20b?c=d#e", "urn:x:1", "", "zaak/1"]),
    schema.YEAR_MONTH_OR_DAY: YEARS | MONTHS | DAYS,
    schema.YEAR_TO_INSTANT: YEARS | MONTHS | DAYS | INSTANTS,
}
CLASSES: dict[ComplexType, type] = {
    schema.IDENTIFICATIE: model.Identificatie,
    schema.VERWIJZING: model.Verwijzing,
    schema.BEGRIP: model.Begrip,
    schema.TERMIJN: model.Termijn,
    schema.RAADPLEEGLOCATIE: model.Raadpleeglocatie,
    schema.DEKKING_IN_TIJD: model.DekkingInTijd,
    schema.EVENT: model.Event,
    schema.GERELATEERD: model.GerelateerdInformatieobject,
    schema.BETROKKENE: model.Betrokkene,
    schema.BEPERKING_GEBRUIK: model.BeperkingGebruik,
    schema.CHECKSUM: model.Checksum,
    schema.INFORMATIEOBJECT: model.Informatieobject,
    schema.BESTAND: model.Bestand,
}


def values_of(kind: SimpleType | ComplexType) -> st.SearchStrategy:
    """Every value that the schema table allows for a type."""
    if isinstance(kind, SimpleType):
        return VALUES[kind]
    parts = {}
    for element in kind.elements:
        each = values_of(element.type)
        if element.most > 1:
            parts[element.name] = st.lists(each, min_size=element.least, max_size=2).map(tuple)
        else:
            parts[element.name] = each if element.least else st.none() | each
    return st.builds(CLASSES[kind], **parts)


INFORMATIEOBJECTEN = values_of(schema.INFORMATIEOBJECT)
BESTANDEN = values_of(schema.BESTAND)


def full(kind: SimpleType | ComplexType, times: int = 2):
    """A value in which every element stands, repeatable ones `times` times."""
    if isinstance(kind, SimpleType):
        return SAMPLES[kind]
    parts = {}
    for element in kind.elements:
        each = full(element.type, times)
        parts[element.name] = (each,) * times if element.most > 1 else each
    return CLASSES[kind](**parts)


SAMPLES: dict[SimpleType, str | int] = {
    STRING: "Vergunning & co",
    schema.DATE: "2026-02-28",
    DATE_TIME: "2026-02-28T12:00:00+01:00",
    DURATION: "P7Y",
    INTEGER: 1234,
    LANGUAGE: "nl",
    ANY_URI: "https://example.org/zaak/1",
    schema.YEAR_MONTH_OR_DAY: "2026-02",
    schema.YEAR_TO_INSTANT: "2026",
}


def field_names(cls: type) -> set[str]:
    """The names of a model class's fields."""
    return {each.name for each in fields(cls)}


EDGE_TEXTS = (
    *("", " ", "\n", "P6W", "P0.5Y", "P1Y", "P1Y6M", "-P1Y", "P", "PT", "PT1.5S", "PT1.S", "P1M1Y"),
    *("PT0S", " P1Y", "P1Y ", "P99999999999999999999Y", "P768614336404564651Y", "P01Y", "P1YT1M"),
    *("2026", "2026-13", "2026-12", "2026-00", "0000", "0000-01-01", "-0001", "-0001-02-29"),
    *("02026", "12026", "2026-02-29", "2024-02-29", "2026-02-28", "2026-2-8", "20260228"),
    *("2026-02-28Z", "2026-02-28+01:00", "2026-02-28+14:00", "2026-02-28+14:01", "2026-02+01:00"),
    *("2026+01:00", "2026Z", "2026-02-28T24:00:00", "2026-02-28T24:00:01", "2026-02-28T23:59:60"),
    *("2026-02-28T12:00:00", "2026-02-28T12:00:00.", "2026-02-28T12:00:00.123", "2026-02-28T12:00"),
    *("2026-02-28T12:00:00+01:00", "2026-02-28T12:00:00Z", "2026-02-28 12:00:00", "2026-02-28T"),
    *(" 2026-02-28", "2026-02-28 ", "\n2026-02-28\n", "28-02-2026", "2026-04-31", "+2026"),
    *(
        "\u0662\u0660\u0662\u0666",
        "２０２６",
        "１２",
        "1",
        "-1",
        "+1",
        "-0",
        "1.0",
        "1e3",
        " 12 ",
        "1 2",
    ),
    *("9" * 30, "9" * 5000, "0" * 40 + "1", "x" * 10_000, "nl", "dut", "NL", "nl-NL", "nl-", "-nl"),
    *(
        "nederlands",
        "abcdefghi",
        " nl ",
        "n1",
        "nl_NL",
        "x",
        "é",
        "http://x",
        "http://x/%zz",
        "a b",
    ),
    *("http://x/[a]", "http://[::1]/", "http://x:port", "http://x:80", ":a", "1:a", "a:b", "#a#b"),
    *("http://é/ĳ", "C:\\x", "//", "///", "?", "http://x:99999999999", "http://x:2147483647"),
    *("\u00a02026", "2026\u2003", "\u2028", "tekst & <meer>", "B", "V", "X", "\U0001f600"),
    *("javascript:alert(1)", "2026-02-28T00:00:00-00:00", "2026-02-28T12:00:00+24:00", "p1y"),
)
NAMES = sorted(
    {element.name for kind in (*CLASSES, schema.ROOT) for element in kind.elements} | {"MDTO"}
)
ATTRIBUTES = (
    *("lokaal", "id", "type", f"{{{NS}}}naam", "{http://www.w3.org/XML/1998/namespace}lang"),
    *("{http://www.w3.org/XML/1998/namespace}space", f"{{{XSI}}}foo", f"{{{XSI}}}nil"),
    *(f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation", "{urn:x}y"),
)
XSI_TYPES = (
    *("begripGegevens", "verwijzingGegevens", "identificatieGegevens", "termijnGegevens"),
    *("informatieobjectType", "bestandType", "objectType", "mdtoType", "eventGegevens", "weg"),
    *("xsd:string", "xsd:token", "xsd:date", "xsd:gYear", "xsd:integer", "xsd:int", "xsd:byte"),
    *("xsd:NCName", "xsd:ID", "xsd:anyType", "xsd:anySimpleType", "xsd:dateTime", "xsd:NMTOKENS"),
    *("xsd:language", "xsd:duration", "xsd:anyURI", "xsd:positiveInteger", "q:begripGegevens", ""),
    *("xsd:decimal", "xsd:normalizedString", "xsd:Name", "xsd:ENTITY", "xsd:unsignedByte"),
)


def mutated(tree: etree._Element, rng: random.Random) -> bytes:
    """The document after one to three changes of the kinds that go wrong in practice, or worse."""
    root = etree.Element(tree.tag, nsmap={**tree.nsmap, "xsd": "http://www.w3.org/2001/XMLSchema"})
    root.attrib.update(tree.attrib)
    root.extend(deepcopy(child) for child in tree)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        elements = [each for each in root.iter() if isinstance(each.tag, str)]
        root = rng.choice(MUTATIONS)(root, rng.choice(elements), rng)
    return etree.tostring(root, encoding="UTF-8")


def _drop(root, element, rng):
    if element is not root:
        element.getparent().remove(element)
    return root


def _duplicate(root, element, rng):
    if element is not root:
        element.addnext(deepcopy(element))
    return root


def _move(root, element, rng):
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    target = rng.choice(elements)
    if element is not root and element not in target.iterancestors() and target is not element:
        target.insert(rng.randint(0, len(target)), element)
    return root


def _swap(root, element, rng):
    after = element.getnext()
    if element is not root and after is not None:
        after.addnext(element)
    return root


def _rename(root, element, rng):
    name = etree.QName(element).localname
    element.tag = f"{{{NS}}}" + rng.choice((*rng.sample(NAMES, 3), name.upper(), name + "x"))
    return root


def _change_namespace(root, element, rng):
    name = etree.QName(element).localname
    spaces = ("", "{urn:x}", "{http://www.nationaalarchief.nl/mdto}", f"{{{NS}/}}", f"{{{XSI}}}")
    element.tag = rng.choice(spaces) + name
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
        element.tail = rng.choice(("x", " ", "\n", "\u00a0", "2026", "\t\r"))
    return root


def _attribute(root, element, rng):
    element.set(rng.choice(ATTRIBUTES), rng.choice(("", "1", "true", "false", "a b", "nl")))
    return root


def _xsi_type(root, element, rng):
    element.set(f"{{{XSI}}}type", rng.choice(XSI_TYPES))
    return root


def _comment(root, element, rng):
    element.insert(rng.randint(0, len(element)), _with_tail(etree.Comment("opmerking"), rng))
    return root


def _instruction(root, element, rng):
    element.insert(rng.randint(0, len(element)), _with_tail(etree.PI("php", "x"), rng))
    return root


def _with_tail(node, rng):
    node.tail = rng.choice((None, "", "1", " ", "x"))
    return node


def _cdata(root, element, rng):
    element.text = etree.CDATA(rng.choice((" ", "2026", "x", "<a>&", "P1Y", element.text or "1")))
    return root


def _nest(root, element, rng):
    child = etree.SubElement(element, f"{{{NS}}}" + rng.choice(NAMES))
    child.text = rng.choice(("", "x", "2026"))
    return root


def _wrap(root, element, rng):
    if element is root:
        return root
    wrapper = etree.Element(f"{{{NS}}}" + rng.choice(NAMES))
    element.getparent().replace(element, wrapper)
    wrapper.append(element)
    return root


def _unwrap_root(root, element, rng):
    return next((child for child in root if isinstance(child.tag, str)), root)


def _empty(root, element, rng):
    for child in list(element):
        element.remove(child)
    element.text = rng.choice((None, "", " ", "x"))
    return root


MUTATIONS = (
    *(_drop, _duplicate, _move, _swap, _rename, _change_namespace, _text, _text, _text, _text),
    *(_text_anywhere, _tail, _attribute, _xsi_type, _comment, _instruction, _cdata, _nest, _wrap),
    *(_unwrap_root, _empty),
)
