"""The schema engine, on a schema of its own and the same schema as XSD, side by side."""

import random
from copy import deepcopy

import pytest
from lxml import etree

from formats.datatypes import (
    DATE,
    G_YEAR,
    NON_NEGATIVE_INTEGER,
    STRING,
    restricted_string,
    union_of,
)
from formats.mdto.schema import MDTO
from formats.schema import (
    MAX_FINDINGS,
    UNBOUNDED,
    Element,
    Schema,
    SchemaFault,
    choice,
    sequence,
    skipped,
    validate,
    value_of,
)

NS = "urn:proef"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ATTRIBUTES = frozenset({"lokaal", "type"})

XSD = f"""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NS}" targetNamespace="{NS}"
           elementFormDefault="qualified">
  <xs:attributeGroup name="vrij">
    <xs:attribute name="lokaal"/><xs:attribute name="type"/>
  </xs:attributeGroup>
  <xs:simpleType name="leeg"><xs:restriction base="xs:string">
    <xs:minLength value="1"/><xs:maxLength value="5"/></xs:restriction></xs:simpleType>
  <xs:complexType name="kort"><xs:simpleContent><xs:extension base="leeg">
    <xs:attributeGroup ref="vrij"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="korter"><xs:simpleContent><xs:restriction base="kort">
    <xs:maxLength value="2"/></xs:restriction></xs:simpleContent></xs:complexType>
  <xs:complexType name="groep"><xs:sequence>
    <xs:element name="naam" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType>
  <xs:complexType name="wijdeGroep"><xs:complexContent><xs:extension base="groep"><xs:sequence>
    <xs:element name="getal" type="xs:nonNegativeInteger"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:element name="proef"><xs:complexType><xs:sequence>
    <xs:element name="naam" type="xs:string"/>
    <xs:element name="kort" type="kort" minOccurs="0" maxOccurs="2"/>
    <xs:element name="standaard" type="kort" minOccurs="0" default="open"/>
    <xs:element name="keuze" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:choice>
      <xs:element name="jaar" type="xs:gYear"/><xs:element name="dag"><xs:complexType>
        <xs:simpleContent><xs:extension base="xs:date"><xs:attributeGroup ref="vrij"/>
      </xs:extension></xs:simpleContent></xs:complexType></xs:element>
    </xs:choice><xs:attributeGroup ref="vrij"/></xs:complexType></xs:element>
    <xs:element name="wanneer" minOccurs="0"><xs:simpleType>
      <xs:union memberTypes="xs:gYear xs:date"/></xs:simpleType></xs:element>
    <xs:element name="niveau" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value=""/><xs:enumeration value="Dossier"/><xs:enumeration value="Serie"/>
    </xs:restriction></xs:simpleType></xs:element>
    <xs:element name="groep" type="groep" minOccurs="0"/>
    <xs:element name="vreemd" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence><xs:attributeGroup ref="vrij"/></xs:complexType></xs:element>
  </xs:sequence><xs:attributeGroup ref="vrij"/></xs:complexType></xs:element>
</xs:schema>"""

SHORT = value_of(restricted_string("kort", least=1, most=5), name="kort", attributes=ATTRIBUTES)
SHORTER = value_of(
    restricted_string("korter", least=1, most=2), name="korter", attributes=ATTRIBUTES, base=SHORT
)
GROUP = sequence(Element("naam", STRING, 0), name="groep")
WIDE_GROUP = sequence(
    Element("naam", STRING, 0),
    Element("getal", NON_NEGATIVE_INTEGER),
    name="wijdeGroep",
    base=GROUP,
)
PROEF = Schema(
    NS,
    Element(
        "proef",
        sequence(
            Element("naam", STRING),
            Element("kort", SHORT, 0, 2),
            Element("standaard", SHORT, 0, default="open"),
            Element(
                "keuze",
                choice(
                    Element("jaar", G_YEAR),
                    Element("dag", value_of(DATE, attributes=ATTRIBUTES)),
                    attributes=ATTRIBUTES,
                ),
                0,
                UNBOUNDED,
            ),
            Element("wanneer", union_of("jaar of dag", G_YEAR, DATE), 0),
            Element("niveau", restricted_string("niveau", values=["", "Dossier", "Serie"]), 0),
            Element("groep", GROUP, 0),
            Element("vreemd", skipped(attributes=ATTRIBUTES), 0),
            attributes=ATTRIBUTES,
        ),
    ),
    MDTO.codes,
    (SHORT, SHORTER, GROUP, WIDE_GROUP),
)
WHOLE = f"""<proef xmlns="{NS}" xmlns:xsi="{XSI}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 lokaal="ja" xsi:schemaLocation="{NS} proef.xsd">
  <naam>Vergunning</naam><kort lokaal="">één</kort><kort>  </kort><standaard/>
  <keuze><jaar>2026</jaar></keuze><keuze type="x"><dag lokaal="a&#10;b">2026-12-31</dag></keuze>
  <!-- opmerking --><wanneer>20<!-- midden -->26</wanneer><niveau/><groep><naam/></groep>
  <vreemd><b xmlns=""><c d="e">tekst</c></b><naam/><q xmlns="urn:q" xsi:nil="true"/></vreemd>
</proef>"""


@pytest.fixture(scope="module")
def judge():
    return etree.XMLSchema(etree.fromstring(XSD))


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


VALID = {
    "the whole": WHOLE,
    "a prefix": WHOLE.replace("<", "<q:")
    .replace("<q:/", "</q:")
    .replace("<q:!", "<!")
    .replace('xmlns="urn:proef"', 'xmlns="urn:niets" xmlns:q="urn:proef"'),
    "CDATA": changed("Vergunning", "<![CDATA[<b>&]]>"),
    "instruction within a value": changed("Vergunning", "Ver<?php x?>gunning"),
    "the same xsi:type": changed("<kort>", '<kort xsi:type="kort">'),
    "a narrower xsi:type": changed("<kort>", '<kort xsi:type="korter">'),
    "a wider group by xsi:type": changed(
        "<groep><naam/>", '<groep xsi:type="wijdeGroep"><naam/><getal>1</getal>'
    ),
    "a built-in xsi:type": changed("<naam>", '<naam xsi:type="xsd:token">'),
    "a union member as xsi:type": changed("<wanneer>", '<wanneer xsi:type="xsd:gYear">'),
    "default for emptiness": changed("<standaard/>", "<standaard><!-- x --></standaard>"),
    "location hint below": changed("<groep>", '<groep xsi:noNamespaceSchemaLocation="x y z">'),
}
INVALID = {
    "other root": (f'<naam xmlns="{NS}"/>', SchemaFault.ROOT),
    "root without namespace": ("<proef><naam/></proef>", SchemaFault.ROOT),
    "unknown element": (changed("<wanneer>", "<onbekend/><wanneer>"), SchemaFault.UNKNOWN),
    "other namespace": (changed("<groep>", '<groep xmlns="">'), SchemaFault.UNKNOWN),
    "missing": (changed("<naam>Vergunning</naam>", ""), SchemaFault.MISSING),
    "nothing chosen": (changed("<jaar>2026</jaar>", ""), SchemaFault.MISSING),
    "two chosen": (
        changed("<jaar>2026</jaar>", "<jaar>2026</jaar><jaar>2026</jaar>"),
        SchemaFault.TOO_MANY,
    ),
    "once too often": (changed("<standaard/>", "<kort>x</kort>"), SchemaFault.TOO_MANY),
    "order": (
        changed("<naam>Vergunning</naam>", "<niveau/><naam>x</naam>").replace(
            "<niveau/><groep>", "<groep>"
        ),
        SchemaFault.ORDER,
    ),
    "value": (changed("2026-12-31", "31-12-2026"), SchemaFault.VALUE),
    "not in the list": (changed("<niveau/>", "<niveau>Zaak</niveau>"), SchemaFault.VALUE),
    "too long": (changed("één", "abcdef"), SchemaFault.VALUE),
    "empty": (changed("één", ""), SchemaFault.VALUE),
    "text between": (changed("<groep>", "tekst<groep>"), SchemaFault.TEXT),
    "no-break space between": (changed("<groep>", "&#160;<groep>"), SchemaFault.TEXT),
    "text among skipped": (changed("<vreemd>", "<vreemd>x"), SchemaFault.TEXT),
    "element in a value": (changed("Vergunning", "<b/>"), SchemaFault.CHILD),
    "attribute": (changed("<groep>", '<groep lokaal="x">'), SchemaFault.ATTRIBUTE),
    "qualified attribute": (
        changed("<kort>", f'<kort xmlns:p="{NS}" p:lokaal="x">'),
        SchemaFault.ATTRIBUTE,
    ),
    "xml:lang": (changed("<kort>", '<kort xml:lang="nl">'), SchemaFault.ATTRIBUTE),
    "unknown xsi attribute": (changed("<kort>", '<kort xsi:x="nl">'), SchemaFault.ATTRIBUTE),
    "xsi:nil": (changed("<kort>", '<kort xsi:nil="false">'), SchemaFault.XSI),
    "unknown xsi:type": (changed("<kort>", '<kort xsi:type="weg">'), SchemaFault.XSI),
    "unrelated xsi:type": (changed("<kort>", '<kort xsi:type="groep">'), SchemaFault.XSI),
    "wider built-in xsi:type": (
        changed("<naam>", '<naam xsi:type="xsd:anyType">'),
        SchemaFault.XSI,
    ),
    "xsi:type without prefix": (changed("<naam>", '<naam xsi:type="q:token">'), SchemaFault.XSI),
    "narrower xsi:type, wrong value": (
        changed("<naam>", '<naam xsi:type="xsd:date">'),
        SchemaFault.XSI,
    ),
    "wider group, part missing": (
        changed("<groep>", '<groep xsi:type="wijdeGroep">'),
        SchemaFault.MISSING,
    ),
}


@pytest.mark.parametrize("name", VALID)
def test_what_the_xsd_takes_is_taken(name, judge):
    root = etree.fromstring(VALID[name])

    assert validate(root, PROEF, "zaak.xml") == []
    assert judge.validate(root)


@pytest.mark.parametrize("name", INVALID)
def test_what_the_xsd_refuses_is_refused_under_its_own_code(name, judge):
    document, fault = INVALID[name]
    root = etree.fromstring(document)

    findings = validate(root, PROEF, "zaak.xml")

    assert [each.code for each in findings] == [PROEF.codes[fault]]
    assert not judge.validate(root)


def test_a_finding_names_the_line_the_element_and_what_was_expected():
    root = etree.fromstring(changed("één", "abcdef"))

    (found,) = validate(root, PROEF, "map/zaak.xml")

    assert found.where == "map/zaak.xml, regel 3, kort"
    assert (found.found, found.expected) == ("abcdef", "1-5")


def test_one_element_out_of_place_gives_one_finding():
    names = ("naam", "kort", "standaard", "wanneer", "niveau")
    inner = "".join(f"<{name}>{'2026' if name == 'wanneer' else ''}</{name}>" for name in names)
    moved = inner.replace("<kort></kort>", "").replace("<naam>", "<kort>x</kort><naam>")

    findings = validate(etree.fromstring(f'<proef xmlns="{NS}">{moved}</proef>'), PROEF, "x")

    assert [(each.code, each.found) for each in findings] == [
        (PROEF.codes[SchemaFault.ORDER], "kort")
    ]


def test_more_faults_than_can_be_read_are_counted():
    faults = MAX_FINDINGS + 50
    content = f'<proef xmlns="{NS}"><naam/>{"<weg/>" * faults}</proef>'

    findings = validate(etree.fromstring(content), PROEF, "x")

    assert len(findings) == MAX_FINDINGS + 1
    assert (findings[-1].code, findings[-1].found) == (PROEF.codes[SchemaFault.MORE], "50")


def test_a_long_list_out_of_order_is_explained_in_time():
    content = f'<proef xmlns="{NS}">{"<keuze><jaar>2026</jaar></keuze><naam/>" * 20_000}</proef>'

    findings = validate(etree.fromstring(content), PROEF, "x")

    assert findings[0].code == PROEF.codes[SchemaFault.TOO_MANY]


def test_mutated_documents_are_judged_as_the_xsd_judges_them(judge):
    rng = random.Random(2)
    whole = etree.fromstring(WHOLE)
    texts = ("", " ", "2026", "x", "abcdef", "Dossier", "2026-02-29", "-1", " 2026 ", "é" * 5)

    differing = []
    for _ in range(3000):
        root = deepcopy(whole)
        for _ in range(rng.choice((1, 1, 2))):
            _mutate(root, rng, texts)
        document = etree.tostring(root)
        if bool(validate(etree.fromstring(document), PROEF, "x")) == judge.validate(
            etree.fromstring(document)
        ):
            differing.append(document)

    assert differing == []


def _mutate(root, rng, texts):
    elements = [each for each in root.iter() if isinstance(each.tag, str) and each is not root]
    if not elements:
        return
    element, other = rng.choice(elements), rng.choice(elements)
    match rng.randrange(7):
        case 0:
            element.getparent().remove(element)
        case 1:
            element.addnext(deepcopy(other))
        case 2:
            element.text = rng.choice(texts)
        case 3:
            element.tail = rng.choice(texts)
        case 4:
            element.tag = other.tag
        case 5:
            element.set(rng.choice(("lokaal", "weg", f"{{{XSI}}}nil")), "true")
        case 6:
            kinds = ("kort", "korter", "groep", "wijdeGroep", "xsd:date", "xsd:string", "xsd:gYear")
            element.set(f"{{{XSI}}}type", rng.choice(kinds))
