"""Writing and reading MDTO: the same value back, the same bytes again, and clear refusals."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from formats.findings import Severity
from formats.mdto import schema
from formats.mdto.model import Bestand
from formats.mdto.read import read_mdto
from formats.mdto.write import IllegalCharacter, mdto_xml
from tests.formats.mdto.documents import BESTANDEN, INFORMATIEOBJECTEN, STANDARD, full


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(INFORMATIEOBJECTEN | BESTANDEN)
def test_what_is_written_is_read_back_the_same(value):
    document = read_mdto(mdto_xml(value), "zaak.mdto.xml")

    assert document.findings == ()
    assert document.root == value


def test_the_same_value_gives_the_same_bytes_with_a_version_and_two_spaces():
    value = full(schema.BESTAND, 1)

    content = mdto_xml(value)

    assert content == mdto_xml(full(schema.BESTAND, 1))
    lines = content.decode().splitlines()
    assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    assert "https://www.nationaalarchief.nl/mdto/MDTO-XML1.0.1.xsd" in lines[1]
    assert lines[2:5] == [
        "  <bestand>",
        "    <identificatie>",
        "      <identificatieKenmerk>Vergunning &amp; co</identificatieKenmerk>",
    ]
    assert lines[-1] == "</MDTO>"


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_a_sign_that_xml_cannot_hold_is_refused_and_not_written(sign):
    value = replace(full(schema.BESTAND, 1), naam=f"a{sign}b")

    with pytest.raises(IllegalCharacter, match=f"U\\+{ord(sign):04X} in naam"):
        mdto_xml(value)


@pytest.mark.parametrize(
    "text", ["\r\n", "\t", " a ", "]]>", "<!--", "&amp;", "\x85", "\u2028", "😀"]
)
def test_a_text_keeps_every_sign_that_xml_can_hold(text):
    value = replace(full(schema.BESTAND, 1), naam=text)

    assert read_mdto(mdto_xml(value), "x").root == value


@pytest.mark.skipif(
    not STANDARD.is_dir(), reason="the official MDTO files are not beside this repository"
)
def test_the_official_examples_are_read_without_a_finding_and_survive_being_written():
    for path in sorted(STANDARD.glob("*.xml")):
        document = read_mdto(path.read_bytes(), path.name)

        assert document.findings == ()
        assert document.root is not None
        assert read_mdto(mdto_xml(document.root), path.name).root == document.root


def test_a_document_in_another_encoding_is_read_all_the_same():
    value = full(schema.INFORMATIEOBJECT, 1)
    text = mdto_xml(value).decode()

    for encoding in ("utf-16", "iso-8859-15", "windows-1252"):
        content = text.replace("UTF-8", encoding).encode(encoding)
        assert read_mdto(content, "zaak.xml").root == value


def test_comments_instructions_and_cdata_do_not_change_a_value():
    value = full(schema.BESTAND, 1)
    content = mdto_xml(value).replace(
        b"Vergunning &amp; co</naam>", b"<![CDATA[Vergun]]><!-- x -->ning<?php x?> &amp; co</naam>"
    )

    document = read_mdto(content, "zaak.xml")

    assert document.root == value
    assert [(each.code, each.severity) for each in document.findings] == [
        ("F006", Severity.WARNING)
    ]


def test_white_space_around_a_number_or_code_is_no_part_of_it():
    content = mdto_xml(full(schema.BESTAND, 1)).replace(b"<omvang>1234<", b"<omvang>\n 1234 <")

    root = read_mdto(content, "zaak.xml").root

    assert isinstance(root, Bestand)
    assert root.omvang == 1234


def test_broken_xml_gives_a_finding_and_no_object():
    document = read_mdto(b"<MDTO>", "map/zaak.xml")

    assert document.root is None
    assert [each.code for each in document.findings] == ["F002"]


def test_an_invalid_document_gives_line_and_element_and_no_object():
    content = mdto_xml(full(schema.INFORMATIEOBJECT, 1)).replace(b"P7Y", b"P6W")

    document = read_mdto(content, "map/zaak.xml")

    assert document.root is None
    assert {(each.code, each.found, each.expected) for each in document.findings} == {
        ("F505", "P6W", "P7Y")
    }
    first = document.findings[0].where
    line = next(n for n, text in enumerate(content.splitlines(), 1) if b"P6W" in text)
    assert first == f"map/zaak.xml, regel {line}, termijnLooptijd"


def test_a_size_of_more_digits_than_files_have_is_refused_under_f511():
    content = mdto_xml(full(schema.BESTAND, 1)).replace(b">1234<", b">" + b"9" * 5000 + b"<")

    document = read_mdto(content, "zaak.xml")

    assert document.root is None
    assert [each.code for each in document.findings] == ["F511"]


@pytest.mark.parametrize(
    "location", [b"", b"https://www.nationaalarchief.nl/mdto MDTO-XML1.0.xsd", b"een", b"a b c"]
)
def test_an_unrecognisable_version_is_told_under_f512_but_the_file_is_read(location):
    value = full(schema.BESTAND, 1)
    right = b"https://www.nationaalarchief.nl/mdto https://www.nationaalarchief.nl/mdto/MDTO-XML1.0.1.xsd"
    content = mdto_xml(value).replace(right, location)

    document = read_mdto(content, "zaak.xml")

    assert [each.code for each in document.findings] == ["F512"]
    assert document.root == value


def test_a_very_long_list_is_read():
    value = full(schema.INFORMATIEOBJECT, 1)
    value = replace(value, bevatOnderdeel=value.bevatOnderdeel * 20_000)

    assert read_mdto(mdto_xml(value), "zaak.xml").root == value
