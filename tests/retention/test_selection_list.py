"""The selection list as facts, and the check of a category against it."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from formats.findings import Severity, explain, read_codes
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from retention.errors import RetentionError, SelectionListUnknown
from retention.selection_list import (
    ProcessTerm,
    Valuation,
    category,
    check_category,
    known_years,
    number_in,
    read_selection_list,
    year_in,
)

SHARED = Path(__file__).parents[2] / ".." / "shared" / "standards" / "selectielijst"
LIST_2020 = "Selectielijst gemeenten en intergemeentelijke organen 2020"
ALL = [each for year in known_years() for each in read_selection_list(year).categories.values()]


def term(label: str, code: str | None = None, source: str = LIST_2020) -> Begrip:
    return Begrip(label, Verwijzing(source), code)


def dossier(
    number: str | None = "11.1",
    valuation: str = "V",
    retention: str | None = "P1Y",
    source: str = LIST_2020,
) -> Informatieobject:
    return Informatieobject(
        identificatie=(Identificatie("Z-2021-7", "Zaaksysteem"),),
        naam="Omgevingsvergunning Hoofdweg 12",
        waardering=Begrip("", Verwijzing("Waarderingen"), valuation),
        archiefvormer=(Verwijzing("Gemeente Opsterland"),),
        beperkingGebruik=(BeperkingGebruik(term("Geen beperking")),),
        informatiecategorie=None if number is None else term("Resultaat", number, source),
        bewaartermijn=None if retention is None else Termijn(termijnLooptijd=retention),
    )


def codes(value: Informatieobject, year: int = 2020) -> list[str]:
    return [each.code for each in check_category(value, "zaak-7/zaak-7.mdto.xml", year)]


def test_both_lists_are_there_with_every_row_and_say_where_they_were_published() -> None:
    lists = [read_selection_list(year) for year in known_years()]

    assert [(each.year, len(each.categories)) for each in lists] == [(2017, 305), (2020, 346)]
    assert [each.published for each in lists] == ["Stcrt. 2017, 38013", "Stcrt. 2020, 11143"]
    assert [each.adopted_on.isoformat() for each in lists] == ["2017-06-23", "2020-02-18"]


def test_the_rows_are_the_rows_of_the_published_list() -> None:
    source = SHARED / "selectielijst.csv"
    if not source.is_file():
        pytest.skip("the selection list as published is not beside this repository")
    with source.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    words = {"vernietigen": Valuation.DESTROY, "blijvend_bewaren": Valuation.KEEP, "": None}
    published = {
        (int(row["jaar"]), row["nummer"]): (
            words[row["waardering"]],
            row["procestermijn"],
            row["bewaartermijn_iso"],
        )
        for row in rows
    }
    ours = {
        (each.year, each.number): (
            each.valuation,
            each.process_term.value if each.process_term else "",
            each.retention_term,
        )
        for each in ALL
    }

    assert ours == published


def test_an_unknown_year_is_refused_with_the_years_that_are_known() -> None:
    with pytest.raises(SelectionListUnknown, match="1983: 2017, 2020") as caught:
        read_selection_list(1983)

    assert isinstance(caught.value, RetentionError)


def test_a_number_that_is_not_in_the_list_gives_nothing() -> None:
    assert category(2020, "30.1") is None


def test_a_dossier_valued_as_its_row_says_passes_for_every_row() -> None:
    told = {
        (each.year, each.number): codes(
            dossier(
                each.number,
                "B" if each.valuation is Valuation.KEEP else "V",
                each.retention_term or None,
                f"Selectielijst {each.year}",
            )
        )
        for each in ALL
    }

    lapsed = {(2020, "7.1.20"), (2020, "19.1.13")}
    assert {row for row, found in told.items() if found} == lapsed
    assert all(told[row] == ["R008"] for row in lapsed)


def test_a_dossier_valued_against_its_row_is_told_for_every_row() -> None:
    for each in ALL:
        keep = each.valuation is Valuation.KEEP
        value = dossier(each.number, "V" if keep else "B", None, f"Selectielijst {each.year}")

        expected = "R008" if each.lapsed else "R003" if keep else "R004"
        assert codes(value) == [expected], each


def test_every_term_of_the_list_can_be_compared() -> None:
    for each in ALL:
        if not each.retention_term:
            continue
        source = f"Selectielijst {each.year}"
        shorter = [] if each.retention_term == "P0D" else ["R006"]

        assert codes(dossier(each.number, "V", "P200Y", source)) == ["R007"], each
        assert codes(dossier(each.number, "V", "P0D", source)) == shorter, each


@pytest.mark.parametrize(
    ("code", "value", "severity"),
    [
        ("R001", dossier("30.1"), Severity.ERROR),
        ("R002", dossier("11.1", source="Selectielijst 1996"), Severity.WARNING),
        ("R003", dossier("1.2", "V", None), Severity.ERROR),
        ("R004", dossier("11.1", "B", None), Severity.WARNING),
        ("R005", dossier("11.1", "N", None), Severity.WARNING),
        ("R006", dossier("11.1", "V", "P6M"), Severity.WARNING),
        ("R007", dossier("11.1", "V", "P7Y"), Severity.WARNING),
        ("R008", dossier("7.1.20"), Severity.WARNING),
        ("R009", dossier("vergunningen"), Severity.WARNING),
        ("R010", dossier("11.1", "V", None), Severity.WARNING),
    ],
    ids=lambda each: each if isinstance(each, str) and each.startswith("R0") else "",
)
def test_every_code_is_given_and_explained(
    code: str, value: Informatieobject, severity: Severity
) -> None:
    found = check_category(value, "zaak-7/zaak-7.mdto.xml", 2020)

    assert [(each.code, each.severity) for each in found] == [(code, severity)]
    for lang in ("nl", "en"):
        explained = explain(found[0], lang)
        assert explained.text.startswith("zaak-7/zaak-7.mdto.xml, ")
        assert explained.advice


def test_no_code_in_the_book_is_without_a_case() -> None:
    mine = sorted(code for code in read_codes("retention") if code < "R020")

    assert mine == [f"R{number:03d}" for number in range(1, 11)]


def test_a_dossier_without_a_category_is_not_judged_here() -> None:
    assert codes(dossier(None)) == []


def test_a_lapsed_category_names_what_came_in_its_place() -> None:
    (found,) = check_category(dossier("7.1.20"), "zaak", 2020)

    assert (found.found, found.expected) == ("7.1.20 (2020)", "19.1.19")


def test_an_end_date_without_a_term_is_not_called_missing() -> None:
    value = replace(dossier(), bewaartermijn=Termijn(termijnEinddatum="2031-06-30"))

    assert codes(value) == []


def test_the_year_agreed_with_the_supplier_counts_when_the_list_names_none() -> None:
    value = dossier("7.1.20", "V", "P0D", "Selectielijst gemeenten")

    assert codes(value, 2017) == []
    assert codes(value, 2020) == ["R008"]


@pytest.mark.parametrize(
    ("stated", "number"),
    [("P12M", "11.1"), ("P42D", "6.1.13"), ("P6W", "6.1.13"), ("P18M", "7.1.21")],
)
def test_terms_of_equal_length_are_equal(stated: str, number: str) -> None:
    assert codes(dossier(number, "V", stated)) == []


def test_a_term_that_is_no_duration_is_left_to_the_rules_of_mdto() -> None:
    assert codes(dossier("11.1", "V", "zeven jaar")) == []


@pytest.mark.parametrize(
    ("named", "number"),
    [
        (term("Verleend", "11.1"), "11.1"),
        (term("11.1.2 Verleend"), "11.1.2"),
        (term("Resultaat 05.01"), "5.1"),
        (term("Verleend", "SL2020-11.1.2"), "11.1.2"),
        (term("Bouwen, 2020"), None),
        (term("1.2.3.4"), None),
        (term("2020.11"), None),
        (term("Verleend", ""), None),
    ],
)
def test_the_number_is_found_in_code_or_label(named: Begrip, number: str | None) -> None:
    assert number_in(named) == number


@pytest.mark.parametrize(
    ("source", "year"),
    [
        (LIST_2020, 2020),
        ("Selectielijst 2017", 2017),
        ("Selectielijst 2020, versie 2021", 2020),
        ("Selectielijst 1996", 1996),
        ("Selectielijst", 2017),
    ],
)
def test_the_year_is_the_one_that_the_list_bears(source: str, year: int) -> None:
    assert year_in(term("11.1", None, source), 2017) == year


def test_an_empty_process_term_is_not_the_same_as_none() -> None:
    odd, plain = category(2020, "12.1.4"), category(2020, "11.2")

    assert odd is not None
    assert plain is not None
    assert odd.process_term is None
    assert plain.process_term is ProcessTerm.NONE
