"""The one XML parser: what it refuses, under which fault, and that nothing leaks or blows up."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from formats import xmldoc
from formats.findings import explain
from formats.xmldoc import XmlFault, XmlRefused, parse_xml, read_xml

CANARY = "KANARIE-7f3a"
LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(12)
    )
    + "]><r>&a11;</r>"
)
TEN_MB = "x" * 10_000_001

REFUSED = {
    "internal entity": ('<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>', XmlFault.DTD),
    "external DTD": ('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>', XmlFault.DTD),
    "bare doctype": ("<!DOCTYPE r><r/>", XmlFault.DTD),
    "doctype after a comment": ("<!-- > --><?x ?>\n<!DOCTYPE r><r/>", XmlFault.DTD),
    "doctype after an odd comment": ("<!--> <!DOCTYPE q> --><!DOCTYPE r><r/>", XmlFault.DTD),
    "billion laughs": (LAUGHS, XmlFault.DTD),
    "undeclared entity": ("<r>&nbsp;</r>", XmlFault.DTD),
    "parameter entity": (
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/hostname">%p;]><r/>',
        XmlFault.DTD,
    ),
    "XInclude": (
        '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/hostname"/></r>',
        XmlFault.XINCLUDE,
    ),
    "too deep": ("<a>" * 101 + "</a>" * 101, XmlFault.LIMIT),
    "far too deep": ("<a>" * 5000 + "</a>" * 5000, XmlFault.LIMIT),
    "long text": (f"<a>{TEN_MB}</a>", XmlFault.LIMIT),
    "long attribute": (f'<a b="{TEN_MB}"/>', XmlFault.LIMIT),
    "long comment": (f"<a><!--{TEN_MB}--></a>", XmlFault.LIMIT),
    "long name": (f"<{'x' * 60_000}/>", XmlFault.LIMIT),
    "nothing": ("", XmlFault.INVALID),
    "no XML": ("naam;waarde\r\n", XmlFault.INVALID),
    "two roots": ("<a/><b/>", XmlFault.INVALID),
    "not closed": ("<a><b></a>", XmlFault.INVALID),
    "attribute twice": ('<a b="1" b="2"/>', XmlFault.INVALID),
    "unbound prefix": ("<q:a/>", XmlFault.INVALID),
    "NUL": ("<a>\0</a>", XmlFault.INVALID),
    "control character": ("<a>&#1;</a>", XmlFault.INVALID),
    "unknown encoding": ('<?xml version="1.0" encoding="x-klingon"?><a/>', XmlFault.ENCODING),
    "UTF-7": (
        '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE r+AD4-<r/>',
        XmlFault.ENCODING,
    ),
}
REFUSED_BYTES = {
    "UTF-16 doctype": ("<!DOCTYPE r><r/>".encode("utf-16"), XmlFault.DTD),
    "UTF-16 doctype without a mark": ("<!DOCTYPE r><r/>".encode("utf-16-be"), XmlFault.DTD),
    "UTF-32 doctype": ("<!DOCTYPE r><r/>".encode("utf-32"), XmlFault.DTD),
    "UTF-8 doctype with a mark": (b"\xef\xbb\xbf<!DOCTYPE r><r/>", XmlFault.DTD),
    "says UTF-8, is Windows-1252": (
        '<?xml version="1.0" encoding="UTF-8"?><a>één</a>'.encode("cp1252"),
        XmlFault.ENCODING,
    ),
    "says ASCII, is UTF-8": (
        '<?xml version="1.0" encoding="ASCII"?><a>één</a>'.encode(),
        XmlFault.ENCODING,
    ),
    "EBCDIC": ('<?xml version="1.0" encoding="IBM037"?><r/>'.encode("cp037"), XmlFault.ENCODING),
}
ALL_REFUSED = {
    **{name: (text.encode(), fault) for name, (text, fault) in REFUSED.items()},
    **REFUSED_BYTES,
}


@pytest.mark.parametrize("name", ALL_REFUSED)
def test_a_document_that_we_do_not_read_is_refused_for_its_own_reason(name):
    content, fault = ALL_REFUSED[name]

    with pytest.raises(XmlRefused) as refused:
        parse_xml(content)

    assert refused.value.fault is fault


ACCEPTED = {
    "UTF-8": '<a naam="é">€</a>'.encode(),
    "UTF-8 with a mark": b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><a/>',
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><a>€</a>'.encode("utf-16"),
    "UTF-16, says UTF-8": '<?xml version="1.0" encoding="UTF-8"?><a>€</a>'.encode("utf-16"),
    "UTF-32": '<?xml version="1.0" encoding="UTF-32"?><a/>'.encode("utf-32"),
    "Windows-1252": '<?xml version="1.0" encoding="windows-1252"?><a>€</a>'.encode("cp1252"),
    "ISO-8859-15": "<?xml version='1.0' encoding='ISO-8859-15'?><a>€</a>".encode("iso8859-15"),
    "doctype in a comment": b"<!-- <!DOCTYPE a> --><a/>",
    "doctype in CDATA": b"<a><![CDATA[<!DOCTYPE a>]]></a>",
    "doctype in an instruction": b"<?x <!DOCTYPE a> ?><a/>",
    "a hundred levels": b"<a>" * 100 + b"</a>" * 100,
    "character references": b"<a>&#x20AC;&#13;&amp;</a>",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_honest_document_is_read(name):
    assert parse_xml(ACCEPTED[name]).tag == "a"


def test_a_document_above_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(XmlRefused) as refused:
        parse_xml(b"<a/>" + b" " * 100, max_bytes=100)

    assert refused.value.fault is XmlFault.LIMIT


def test_more_elements_than_the_limit_are_refused():
    content = b"<a>" + b"<b/>" * xmldoc.MAX_ELEMENTS + b"</a>"

    with pytest.raises(XmlRefused) as refused:
        parse_xml(content)

    assert refused.value.fault is XmlFault.LIMIT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-16-le"])
def test_the_content_of_a_file_that_an_entity_names_never_appears(tmp_path, encoding):
    secret = tmp_path / "geheim.txt"
    secret.write_text(CANARY)
    attacks = (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>',
        f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{secret.as_uri()}">%p;]><r/>',
        f'<r xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<xi:include href="{secret}" parse="text"/></r>',
        f'<?xml-stylesheet href="{secret}"?><r/>',
        f'<r xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a {secret}"/>',
    )

    for attack in attacks:
        root, findings = read_xml(attack.encode(encoding), "zaak.xml")

        told = "".join(explain(each).text for each in findings)
        text = "" if root is None else "".join(map(str, root.itertext()))
        assert CANARY not in told + text


def test_the_network_is_never_asked():
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/x"
        for attack in (
            f'<!DOCTYPE r SYSTEM "{url}.dtd"><r/>',
            f'<!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]><r>&x;</r>',
            f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{url}">%p;]><r/>',
            f"<r xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
            f"i:schemaLocation='urn:a {url}'/>",
            f'<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}"/></r>',
        ):
            read_xml(attack.encode(), "zaak.xml")
        server.shutdown()

    assert asked == []


CODES = {
    "F001": b"<!DOCTYPE r><r/>",
    "F002": b"<r>",
    "F003": b"<a>" * 101 + b"</a>" * 101,
    "F004": b'<?xml version="1.0" encoding="UTF-7"?><r/>',
    "F005": b'<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include/></r>',
    "F006": b"<?php echo 1 ?><r/>",
}


@pytest.mark.parametrize("code", CODES)
def test_each_fault_has_its_code(code):
    _root, findings = read_xml(CODES[code], "map/zaak.xml")

    assert [each.code for each in findings] == [code]
    assert findings[0].where.startswith("map/zaak.xml")
    assert all(explain(findings[0], lang).text for lang in ("nl", "en"))


def test_instructions_are_told_once_per_target_wherever_they_stand():
    content = b"<?een?>\n<a>\n<?twee?><?twee?></a>\n<?drie?>"

    root, findings = read_xml(content, "zaak.xml")

    assert root is not None
    assert [(each.where, each.found) for each in findings] == [
        ("zaak.xml, regel 1", "een"),
        ("zaak.xml, regel 3", "twee"),
        ("zaak.xml, regel 4", "drie"),
    ]


def test_a_flood_of_instructions_gives_few_findings():
    content = b"<a>" + b"".join(b"<?p%d?>" % n for n in range(5000)) + b"</a>"

    _root, findings = read_xml(content, "zaak.xml")

    assert len(findings) == xmldoc.MAX_INSTRUCTIONS


def test_a_monstrous_name_is_told_in_few_words():
    name = "x" * 40_000

    _root, findings = read_xml(f"<{name}><b></{name}>".encode(), "zaak.xml")

    assert len(findings[0].found) <= xmldoc.SHOWN_WORDS
