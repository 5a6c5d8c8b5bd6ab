"""The sender's error report: every finding, in words, as text that can do no harm."""

import zipfile
from pathlib import Path

import pytest
from lxml import html
from openpyxl import load_workbook

from edepot.messages import Language, Words
from edepot.reports import (
    Report,
    ReportedDossier,
    files_of,
    report_html,
    report_lines,
    rules_of,
    write_xlsx,
)
from formats.findings import Finding, Severity
from ingest.receipt import Outcome

NL, EN = Words(Language.NL), Words(Language.EN)
HOSTILE = '=cmd|"/c calc"!A1'
MARKUP = "<script>alert(1)</script>&\u202e"

FINDINGS = (
    Finding("I001", Severity.ERROR, "zaak-2/film.mp4", "900", "100"),
    Finding("R006", Severity.WARNING, "zaak-1/zaak-1.xml, bewaartermijn", "P1Y", "P7Y"),
    Finding("R001", Severity.ERROR, "zaak-1/zaak-1.xml, informatiecategorie", "99.1", "2020"),
    Finding("I001", Severity.ERROR, HOSTILE, MARKUP, "100"),
)


def report(
    findings: tuple[Finding, ...] = FINDINGS, outcome: Outcome | None = Outcome.PARTLY
) -> Report:
    return Report(
        delivery="20261124-ab12cd34ef",
        source="/aanlevering/omgevingsdienst 2026-11.zip",
        zorgdrager="Gemeente Opsterland",
        supplier="Omgevingsdienst",
        agreement="omgevingsdienst",
        started_at="2026-11-24T10:15:00+00:00",
        ended_at="2026-11-24T10:15:09+00:00",
        outcome=outcome,
        dossiers=(
            ReportedDossier("zaak-1", "Z-1", MARKUP, "refused", ""),
            ReportedDossier("zaak-3", "Z-3", "Milieucontrole", "stored", "1f0c7a52-aip"),
        ),
        findings=findings,
    )


def cells(target: Path, sheet: int) -> list[list[object]]:
    book = load_workbook(target)
    return [[cell.value for cell in row] for row in book.worksheets[sheet].iter_rows()]


def test_the_workbook_holds_every_finding_with_what_to_do(tmp_path: Path) -> None:
    target = tmp_path / "verslag.xlsx"

    write_xlsx(report(), target, NL)

    rows = cells(target, 1)
    assert rows[0][:3] == ["Ernst", "Bestand of plaats", "Wat er aan de hand is"]
    assert [row[6] for row in rows[1:]] == ["I001", "R001", "R006", "I001"]
    assert all(isinstance(row[5], str) and row[5] for row in rows[1:])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "http://", "1"])
def test_every_cell_is_text_whatever_it_begins_with(sign: str, tmp_path: Path) -> None:
    target = tmp_path / "verslag.xlsx"
    value = f"{sign}1+1"

    write_xlsx(report((Finding("I001", Severity.ERROR, value, value, value),)), target, NL)

    book = load_workbook(target)
    used = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in used} == {"s"}
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink " not in archive.read(name)


def test_the_head_stays_in_sight(tmp_path: Path) -> None:
    target = tmp_path / "verslag.xlsx"

    write_xlsx(report(), target, NL)

    assert load_workbook(target).worksheets[1].freeze_panes == "C2"


def test_the_summary_says_the_outcome_first(tmp_path: Path) -> None:
    target = tmp_path / "verslag.xlsx"

    write_xlsx(report(), target, NL)

    rows = {row[0]: row[1] for row in cells(target, 0) if row[0]}
    assert rows["Uitkomst"] == "deels opgenomen"
    assert rows["Dossiers"] == "1 van 2 op de plank"
    assert (rows["Fouten"], rows["Waarschuwingen"]) == ("3", "1")


def test_a_text_too_long_for_a_cell_is_cut(tmp_path: Path) -> None:
    target = tmp_path / "verslag.xlsx"

    write_xlsx(report((Finding("I001", Severity.ERROR, "x" * 40_000),)), target, NL)

    where = cells(target, 1)[1][1]
    assert isinstance(where, str)
    assert len(where) == 32_767
    assert where.endswith("…")


def test_the_page_holds_every_finding_and_nothing_that_runs() -> None:
    page = html.fromstring(report_html(report(), NL))

    texts = [each.text_content() for each in page.xpath("//section//p[@class='rule']")]
    assert len(texts) == len(FINDINGS)
    assert page.xpath("//script | //link | //img | //@onclick | //@src | //@href") == []
    assert "<script>alert(1)</script>&" in page.text_content()


def test_the_page_shows_hidden_signs() -> None:
    text = report_html(report(), NL)

    assert "\u202e" not in text
    assert "\\u202e" in text


def test_the_page_is_in_the_language_asked_for() -> None:
    dutch, english = report_html(report(), NL), report_html(report(), EN)

    assert '<html lang="nl">' in dutch
    assert "Wat moet er gebeuren" in dutch
    assert '<html lang="en">' in english
    assert "What has to be done" in english


def test_a_delivery_without_findings_says_so() -> None:
    assert "Er is niets gevonden" in report_html(report((), Outcome.ACCEPTED), NL)


def test_a_delivery_that_has_not_ended_has_a_report_too(tmp_path: Path) -> None:
    write_xlsx(report((), None), tmp_path / "verslag.xlsx", NL)

    assert "NIET AFGEROND" in report_html(report((), None), NL)


def test_files_with_errors_come_first_and_lines_keep_their_order() -> None:
    files = files_of(report_lines(FINDINGS, NL))

    assert [(each.place, len(each.lines)) for each in files] == [
        (HOSTILE, 1),
        ("zaak-1/zaak-1.xml", 2),
        ("zaak-2/film.mp4", 1),
    ]


def test_rules_are_counted_the_heaviest_and_most_frequent_first() -> None:
    rules = rules_of(FINDINGS, NL)

    assert [(each.code, each.count) for each in rules] == [("I001", 2), ("R001", 1), ("R006", 1)]
