"""Every finding code of examination, each from a real file that bears it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from formats.examine.values import Validity
from formats.findings import explain, read_codes
from formats.tools import Pool
from tests.formats.examine import makers
from tests.formats.examine.looking import codes, examined

V = Validity
FORMULAS = "naam;bedrag\nJan;=HYPERLINK(1)\nPiet;-12,50\n"
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
XINCLUDE = (
    '<?xml version="1.0"?><a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/b"/></a>'
)


def of_text(content: str | bytes, name: str) -> Callable[[Path], Path]:
    return lambda folder: makers.text(folder, content, name)


def deep_xml(folder: Path) -> Path:
    return makers.text(folder, '<?xml version="1.0"?>' + "<a>" * 200 + "</a>" * 200, "diep.xml")


CASES: list[tuple[str, Callable[[Path], Path], Validity]] = [
    ("F401", makers.pdf_locked, V.NOT_CHECKED),
    ("F401", makers.docx_locked, V.NOT_CHECKED),
    ("F401", makers.odt_locked, V.NOT_CHECKED),
    ("F401", makers.zip_locked, V.NOT_CHECKED),
    ("F401", makers.eml_locked, V.NOT_CHECKED),
    ("F402", makers.pdf_restricted, V.WELL_FORMED),
    ("F403", makers.docx_macro, V.WELL_FORMED),
    ("F403", makers.ods_macro, V.WELL_FORMED),
    ("F403", makers.workbook_with_macro_sheet, V.WELL_FORMED),
    ("F404", makers.pdf_script, V.WELL_FORMED),
    ("F404", makers.pdf_launch, V.WELL_FORMED),
    ("F405", makers.program, V.NOT_CHECKED),
    ("F405", of_text("@echo off\r\ndel x\r\n", "opschonen.bat"), V.NOT_CHECKED),
    ("F405", of_text("#!/bin/sh\nrm x\n", "opschonen"), V.NOT_CHECKED),
    ("F405", of_text("var a = 1;\n", "x.js"), V.NOT_CHECKED),
    ("F406", makers.docx_template, V.WELL_FORMED),
    ("F406", makers.docx_dde, V.WELL_FORMED),
    ("F406", makers.odt_outside, V.WELL_FORMED),
    ("F406", of_text(rb"{\rtf1 {\*\template http://e/x.dotm} a}", "a.rtf"), V.WELL_FORMED),
    ("F407", of_text(rb"{\rtf1 {\object\objemb {\*\objdata 00}} a}", "a.rtf"), V.WELL_FORMED),
    ("F407", makers.pdf_attachment, V.WELL_FORMED),
    ("F407", makers.docx_embedded, V.WELL_FORMED),
    ("F407", makers.eml, V.WELL_FORMED),
    ("F408", makers.eml_program, V.WELL_FORMED),
    ("F408", makers.zip_program, V.WELL_FORMED),
    ("F408", makers.outlook_message, V.WELL_FORMED),
    ("F409", of_text("<!DOCTYPE html><html><script>1</script></html>", "a.html"), V.WELL_FORMED),
    ("F410", makers.pdf_cut, V.UNREADABLE),
    ("F410", makers.docx_cut, V.UNREADABLE),
    ("F411", makers.pdf_tail_cut, V.INVALID),
    ("F412", makers.pdf_odd, V.WELL_FORMED),
    ("F413", makers.pdf_bomb, V.NOT_CHECKED),
    ("F413", makers.png_bomb, V.NOT_CHECKED),
    ("F413", makers.eml_deep, V.NOT_CHECKED),
    ("F414", makers.tiff_large, V.NOT_CHECKED),
    ("F414", deep_xml, V.NOT_CHECKED),
    ("F415", makers.docx_bad_crc, V.INVALID),
    ("F415", makers.tar_cut, V.INVALID),
    ("F415", makers.gz_cut, V.INVALID),
    ("F417", of_text('<?xml version="1.0"?><a><b></a>', "a.xml"), V.INVALID),
    ("F417", makers.docx_broken_xml, V.INVALID),
    ("F418", of_text(DOCTYPE, "a.xml"), V.NOT_CHECKED),
    ("F420", of_text(XINCLUDE, "a.xml"), V.WELL_FORMED),
    ("F421", of_text("caf\xe9\n".encode("latin-1") * 9, "a.txt"), V.WELL_FORMED),
    ("F422", of_text("a;b\n1;2;3\n", "a.csv"), V.WELL_FORMED),
    ("F423", of_text(FORMULAS, "a.csv"), V.WELL_FORMED),
    ("F424", makers.zip_file, V.WELL_FORMED),
    ("F424", makers.eml_nested_container, V.WELL_FORMED),
    ("F425", makers.pdfa_false, V.WELL_FORMED),
    ("F426", makers.pdfa_of_no_level, V.WELL_FORMED),
    ("F427", makers.odt_packed_mimetype, V.WELL_FORMED),
    ("F428", makers.eml_defect, V.WELL_FORMED),
    ("F429", lambda folder: makers.text(folder, b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40), "a.7z"),
     V.NOT_CHECKED),
]  # fmt: skip


@pytest.mark.xdist_group("verapdf")
@pytest.mark.parametrize(
    ("code", "make", "validity"),
    CASES,
    ids=[f"{code}-{number}" for number, (code, _, _) in enumerate(CASES)],
)
def test_a_file_bears_its_code(
    pool: Pool,
    tmp_path: Path,
    code: str,
    make: Callable[[Path], Path],
    validity: Validity,
) -> None:
    path = make(tmp_path)

    seen = examined(pool, path, f"zaak-1/{path.name}")

    assert code in codes(seen)
    assert seen.validity is validity
    told = next(each for each in seen.findings if each.code == code)
    for lang in ("nl", "en"):
        words = explain(told, lang)
        assert f"zaak-1/{path.name}" in words.text
        assert str(tmp_path) not in words.text
        assert not re.search(r"[{}]{2}", words.text)
        assert words.advice


def test_every_code_of_examination_has_a_file() -> None:
    known = {code for code in read_codes("formats") if code.startswith("F4")}

    assert known == {code for code, _, _ in CASES if code.startswith("F4")}
