"""PREMIS 3 is written in the order of its schema, read back the same, and judged by its rules."""

import io
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from formats.findings import code_of, explain
from formats.premis.check import check_premis, check_structure
from formats.premis.model import Identifier, Linked, Premis, PremisObject
from formats.premis.read import iter_premis, read_premis
from formats.premis.vocabulary import AGENT_ROLES, EVENT_OUTCOMES, EVENT_TYPES, Category, EventType
from formats.premis.write import NAMESPACE, premis_chunks, premis_xml, write_premis
from formats.xmldoc import XmlFault, XmlRefused
from tests.formats.premis.values import DOCUMENTS, PACKAGE, WHOLE, event, file

QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@QUICK
@given(DOCUMENTS)
def test_what_is_written_keeps_the_schema_and_is_read_back_the_same_whole_or_one_at_a_time(premis):
    content = premis_xml(premis)

    document = read_premis(content, "premis.xml")
    one_at_a_time = tuple(iter_premis(io.BytesIO(content)))

    assert check_structure(etree.fromstring(content), "premis.xml") == []
    assert document.premis == premis
    assert one_at_a_time == (*premis.objects, *premis.events, *premis.agents, *premis.rights)


def test_a_whole_package_keeps_every_rule():
    document = read_premis(premis_xml(PACKAGE), "premis.xml")

    assert document.findings == ()
    assert document.premis == PACKAGE


def test_the_same_value_gives_the_same_bytes_to_a_stream_too():
    stream = io.BytesIO()
    write_premis(stream, PACKAGE)

    assert stream.getvalue() == premis_xml(PACKAGE)
    assert premis_xml(PACKAGE) == premis_xml(PACKAGE)


def names(parent):
    """The names of the children, in their order, each once."""
    return list(dict.fromkeys(etree.QName(child).localname for child in parent))


def test_the_elements_stand_in_the_order_of_the_official_schema():
    root = etree.fromstring(premis_xml(PACKAGE))
    first = {etree.QName(child).localname: child for child in reversed(root)}
    files = [each for each in root if each.get(XSI_TYPE) == "file"]
    characteristics = files[0].find(f"{{{NAMESPACE}}}objectCharacteristics")
    statement = first["rights"][0]

    assert names(root) == ["object", "event", "agent", "rights"]
    assert root.get("version") == "3.0"
    assert names(files[0]) == [
        "objectIdentifier",
        "objectCharacteristics",
        "originalName",
        "relationship",
    ]
    assert names(characteristics) == ["compositionLevel", "fixity", "size", "format"]
    assert names(characteristics.find(f"{{{NAMESPACE}}}fixity")) == [
        "messageDigestAlgorithm",
        "messageDigest",
        "messageDigestOriginator",
    ]
    assert names(characteristics.find(f"{{{NAMESPACE}}}format")) == [
        "formatDesignation",
        "formatRegistry",
        "formatNote",
    ]
    assert names(first["event"]) == [
        "eventIdentifier",
        "eventType",
        "eventDateTime",
        "eventDetailInformation",
        "eventOutcomeInformation",
        "linkingAgentIdentifier",
        "linkingObjectIdentifier",
    ]
    assert names(first["agent"]) == ["agentIdentifier", "agentName", "agentType", "agentVersion"]
    assert names(statement) == [
        "rightsStatementIdentifier",
        "rightsBasis",
        "statuteInformation",
        "otherRightsInformation",
        "rightsGranted",
        "linkingObjectIdentifier",
    ]


XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def test_terms_bear_the_address_of_the_vocabulary():
    root = etree.fromstring(premis_xml(PACKAGE))
    kind = root.find(f"{{{NAMESPACE}}}event/{{{NAMESPACE}}}eventType")

    assert kind.text == "virus check"
    assert kind.get("valueURI") == "http://id.loc.gov/vocabulary/preservation/eventType/vir"


def test_every_member_of_a_vocabulary_has_its_own_address():
    assert set(EVENT_TYPES) == set(EventType)
    for addresses in (EVENT_TYPES, EVENT_OUTCOMES, AGENT_ROLES):
        assert len(set(addresses.values())) == len(addresses)


def test_a_dossier_of_many_files_never_stands_in_memory_as_xml():
    tracemalloc.start()
    size = sum(map(len, premis_chunks(map(file, range(3_000)))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 4_000_000
    assert peak < 1_000_000


def test_reading_one_at_a_time_forgets_what_was_read():
    content = premis_xml(Premis(tuple(map(file, range(500)))))

    first = next(iter_premis(io.BytesIO(content)))

    assert first == file(0)
    assert sum(1 for _ in iter_premis(io.BytesIO(content))) == 500


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><premis>&x;</premis>', XmlFault.DTD),
        ("<premis/>".encode("utf-16"), XmlFault.ENCODING),
        (b"<premis><object>", XmlFault.INVALID),
        (b"<premis><a></premis>", XmlFault.INVALID),
        (b"<a>" * 150 + b"</a>" * 150, XmlFault.LIMIT),
        (b'<p xmlns:i="http://www.w3.org/2001/XInclude"><i:include/></p>', XmlFault.XINCLUDE),
    ],
)
def test_a_stream_that_is_no_plain_xml_is_refused(content, fault):
    with pytest.raises(XmlRefused) as refused:
        list(iter_premis(io.BytesIO(content)))

    assert refused.value.fault is fault


def changed(old, new, count=1):
    """The document of the package with one text changed."""
    text = premis_xml(PACKAGE).decode()
    assert old in text
    return text.replace(old, new, count).encode()


def with_(**more):
    """The document of the package with other parts."""
    return premis_xml(replace(PACKAGE, **more))


NOWHERE = Identifier("UUID", "nergens")
SMALL = "<size>20000</size>\n"
BROKEN = [
    ("F700", b"<premis/>"),
    ("F701", changed("<size>", "<grootte/><size>")),
    ("F702", changed("<eventDateTime>2026-11-24T12:00:00+01:00</eventDateTime>\n", "")),
    ("F703", changed(SMALL, SMALL * 2)),
    ("F704", changed(SMALL, "").replace(b"</format>", b"</format><size>1</size>", 1)),
    ("F705", changed("<size>20000<", "<size>veel<")),
    ("F706", changed(SMALL, SMALL + "tekst")),
    ("F707", changed("<size>20000<", "<size><b/><")),
    ("F708", changed("<size>", "<size soort='1'>")),
    ("F709", changed('xsi:type="file"', 'xsi:type="bestand"')),
    ("F710", changed(SMALL, "<x/>" * 300)),
    ("F711", changed(' xsi:type="file"', "")),
    ("F712", changed('version="3.0"', 'version="2.2"')),
    ("F713", changed("<eventOutcome ", "<eventOutcomeDetail/><eventOutcome ")),
    ("F713", changed("<formatNote>", "<formatNote>")
        .replace(b"<format>", b"<format><formatNote>x</formatNote></format><format>", 1)),
    ("F714", changed("<messageDigest>" + "ab" * 32, "<messageDigest> ")),
    ("F715", with_(objects=(*PACKAGE.objects, file(3)))),
    ("F716", with_(agents=())),
    ("F716", with_(events=(replace(event(), objects=(Linked(NOWHERE),)),))),
    ("F717", with_(events=(event(at="2026-11-24T12:00:00"),))),
    ("F717", with_(events=(event(at="24-11-2026"),))),
    ("F718", changed("<messageDigest>" + "ab" * 32, "<messageDigest>abc")),
    ("F719", changed("SHA-256", "MD5").replace(b"ab" * 32 + b"<", b"ab" * 16 + b"<", 1)
        .replace(b"SHA-512", b"SHA-1", 1).replace(b"ab" * 64 + b"<", b"ab" * 20 + b"<", 1)),
    ("F720", with_(events=(event("eigen soort"),))),
    ("F721", with_(events=(replace(event(), objects=()),))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "content"), BROKEN, ids=[code for code, _ in BROKEN])
def test_a_rule_finds_what_breaks_it(code, content):
    findings = check_premis(etree.fromstring(content), "premis.xml")

    found = [each for each in findings if each.code == code]
    assert found, findings
    assert found[0].severity is code_of(code).severity
    assert "premis.xml" in explain(found[0]).text


def test_a_link_from_the_object_is_enough_for_an_event():
    lonely = replace(event(), objects=())
    linked = PremisObject(Category.INTELLECTUAL_ENTITY, (WHOLE,), events=(lonely.identifier,))

    document = read_premis(with_(objects=(linked,), events=(lonely,)), "x")

    assert document.findings == ()


def test_statements_and_extensions_of_rights_may_alternate():
    extension = "<rightsExtension><x xmlns='urn:x'/></rightsExtension>"
    content = changed("<rightsStatement>", f"{extension}<rightsStatement>").replace(
        b"</rights>", f"{extension}</rights>".encode()
    )

    document = read_premis(content, "x")

    assert document.findings == ()
    assert document.premis == PACKAGE


def test_a_document_with_a_reference_to_nowhere_is_told_and_still_read():
    document = read_premis(with_(agents=()), "x")

    assert {each.code for each in document.findings} == {"F716"}
    assert document.premis == replace(PACKAGE, agents=())
