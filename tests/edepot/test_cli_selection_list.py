"""`edepot selection-list`, `policy` and `mapping`, as a records officer or a program meets them."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from edepot.exits import Exit
from retention.nouns import Role
from storage.database import open_database
from tests.edepot.shelf import Cli, Shelf
from tests.retention import making

GM = "ooststellingwerf"
MINE = ("--zorgdrager", GM)
HEADS = ("Procestypenaam", "Nr.", "Resultaat", "Herkomst", "Waardering", "Procestermijn",
         "Bewaartermijn")  # fmt: skip
ROW = ("Geschillen behandelen", "13.1", "Afgehandeld", "Risicoanalyse", "Vernietigen", "Nihil",
       "9 jaar")  # fmt: skip


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def people(cli: Cli) -> Cli:
    """A record manager (p0001), an archivist (p0002), a process owner (p0003), an auditor."""
    roles = (Role.RECORD_MANAGER, Role.ARCHIVIST, Role.PROCESS_OWNER, Role.AUDITOR)
    for name, role in zip(("Anna", "Bea", "Cor", "Dik"), roles, strict=True):
        person = json.loads(cli("person", "add", name, "--json").out)["person"]
        given = ("--from", "2026-01-01", "--decision", "besluit 3")
        assert cli("mandate", "give", person, GM, role.value, *given).code == Exit.WELL
    return cli


@pytest.fixture
def checked(people: Cli) -> Cli:
    for year in ("2017", "2020"):
        for person in ("p0001", "p0002"):
            answer = people("selection-list", "check", year, *MINE, "--as", person)
            assert answer.code == Exit.WELL, answer.err
    return people


@pytest.fixture
def dossier(checked: Cli, shelf: Shelf) -> str:
    engine = open_database(shelf.config.database)
    try:
        desk = making.desk(engine)
        return making.dossier(desk, GM, zaaktype="Bezwaar", result="Gegrond", identifier="Z-7")
    finally:
        engine.dispose()


def edition(folder: Path, *rows: tuple[str, ...]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for each in (HEADS, *rows):
        book.active.append(list(each))
    out = io.BytesIO()
    book.save(out)
    file = folder / "lijst.xlsx"
    file.write_bytes(out.getvalue())
    return file


def test_a_fresh_depot_says_that_two_persons_have_to_check_the_lists(cli: Cli) -> None:
    answer = cli("selection-list", "list")
    plain = json.loads(cli("selection-list", "list", "--json").out)

    said = flat(answer.out)
    assert answer.code == Exit.WELL
    assert "Selectielijst 2020 telt nog niet, en tot dan wordt er geen dossier" in said
    assert "Twee personen leggen haar naast de Staatscourant" in said
    assert "edepot selection-list check 2020 --as PERSOON" in said
    assert [(each["year"], each["version"], each["state"]) for each in plain] == [
        ("2017", 0, "draft"),
        ("2020", 0, "draft"),
    ]


def test_two_persons_make_a_list_count_and_one_person_does_not(people: Cli) -> None:
    check = ("selection-list", "check", "2020", *MINE)

    first = people(*check, "--as", "p0001")
    again = people(*check, "--as", "p0001")
    auditor = people(*check, "--as", "p0004")
    second = people(*check, "--as", "p0002", "--json")

    assert (first.code, "Nog iemand anders" in first.out) == (Exit.WELL, True)
    assert (again.code, "tweede persoon" in flat(again.err)) == (Exit.MATERIAL, True)
    assert (auditor.code, "mandaat" in flat(auditor.err)) == (Exit.MATERIAL, True)
    assert json.loads(second.out)["state"] == "active"
    assert json.loads(second.out)["checked_by"] == ["p0001", "p0002"]
    unknown = people("selection-list", "check", "1950", *MINE, "--as", "p0001")
    assert (unknown.code, "1950" in unknown.err) == (Exit.MATERIAL, True)


def test_a_list_is_shown_with_what_stands_below_a_number(cli: Cli) -> None:
    below = json.loads(cli("selection-list", "show", "2020", "11.1", "--json").out)
    shown = cli("selection-list", "show", "2020", "7.1.20")
    unknown = cli("selection-list", "show", "1950")

    assert below[0]["number"] == "11.1"
    assert {each["number"][:4] for each in below} == {"11.1"}
    assert "vervallen" in shown.out
    assert unknown.code == Exit.MATERIAL


def test_a_newer_edition_is_taken_in_and_says_what_it_would_change(
    checked: Cli, dossier: str, tmp_path: Path
) -> None:
    file = edition(tmp_path, ROW)
    given = ("--title", "Lijst", "--published", "Stcrt. 1", *MINE, "--as", "p0001")

    answer = checked("selection-list", "import", file, 2020, *given)
    compared = json.loads(checked("selection-list", "compare", 2, 3, "--json").out)
    shown = checked("selection-list", "compare", 2, 3)
    listed = checked("selection-list", "list")
    own = checked("selection-list", "check", "2020", *MINE, "--as", "p0001")
    for person in ("p0002", "p0003"):
        last = checked("selection-list", "check", "2020", *MINE, "--as", person)

    assert answer.code == Exit.WELL, answer.err
    assert "check 2020 --version 3" in flat(answer.out)
    assert compared["dossiers"][GM]["changed"] == 1
    assert {"number": "13.1", "field": "retention_term", "was": "P5Y", "becomes": "P9Y"} in (
        compared["changed"]
    )
    assert "Als deze versie telt, voor ooststellingwerf" in flat(shown.out)
    assert "check 2020 --version 3 --as PERSOON" in flat(listed.out)
    assert own.code == Exit.MATERIAL
    assert "telt nu" in last.out
    assert dossier


def test_a_bad_row_keeps_an_edition_out_and_is_told(checked: Cli, tmp_path: Path) -> None:
    bad = (*ROW[:6], "een poosje")
    given = ("--title", "Lijst", "--published", "Stcrt. 1", *MINE, "--as", "p0001")

    answer = checked("selection-list", "import", edition(tmp_path, bad), 2028, *given)
    plain = checked("selection-list", "import", edition(tmp_path, bad), 2028, *given, "--json")
    (tmp_path / "oud.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    old = checked("selection-list", "import", tmp_path / "oud.xls", 2028, *given)
    none = checked("selection-list", "import", tmp_path / "geen.xlsx", 2028, *given)

    assert (answer.code, "een poosje" in answer.out) == (Exit.MATERIAL, True)
    assert "Er is niets overgenomen" in flat(answer.out)
    assert json.loads(plain.out)["findings"][0]["code"] == "R023"
    assert (old.code, ".xlsx" in old.err) == (Exit.MATERIAL, True)
    assert none.code == Exit.USAGE


def test_a_policy_is_shown_first_then_kept_and_agreed_to(
    checked: Cli, dossier: str, tmp_path: Path
) -> None:
    file = tmp_path / "beleid.toml"
    file.write_text('rounding = "ceil_year"\n', "utf-8")

    preview = checked("policy", "set", file, "waiting_days=14", *MINE)
    counted = json.loads(checked("policy", "set", file, *MINE, "--json").out)
    given = ("--decision", "besluit 7", "--from", "2026-01-01", *MINE, "--as", "p0001")
    made = checked("policy", "set", file, "waiting_days=14", *given)
    waiting = checked("policy", "show", *MINE)
    before = checked("policy", "check", 1, *MINE)
    same = checked("policy", "check", 1, *MINE, "--as", "p0001")
    agreed = checked("policy", "check", 1, *MINE, "--as", "p0002")
    holds = json.loads(checked("policy", "show", *MINE, "--json").out)["holds"]

    assert (preview.code, "Er is niets vastgelegd" in flat(preview.out)) == (Exit.WELL, True)
    assert counted["changed"] == 1
    assert "telt pas als iemand anders" in flat(made.out)
    assert "Versie 1 telt nog niet" in flat(waiting.out)
    assert (before.code, "Er is niets vastgelegd" in flat(before.out)) == (Exit.WELL, True)
    assert same.code == Exit.MATERIAL
    assert "geldt vanaf" in flat(agreed.out)
    assert (holds["name"], holds["waiting_days"]) == (f"{GM}-1", 14)
    assert dossier


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ("waiting_days=6", Exit.MATERIAL, "waiting_days"),
        ("onbekend=true", Exit.MATERIAL, "onbekend"),
        ("executor_may_propose=ja", Exit.MATERIAL, "true, false"),
        ("geen.toml", Exit.USAGE, "geen.toml"),
    ],
)
def test_a_policy_that_cannot_be_is_told(cli: Cli, said: str, code: Exit, told: str) -> None:
    answer = cli("policy", "set", said, *MINE)

    assert (answer.code, told in flat(answer.err)) == (code, True), answer.err


def test_a_policy_file_that_is_no_toml_or_a_version_that_is_not_there_is_told(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "beleid.toml"
    file.write_text("= = =", "utf-8")

    assert "TOML" in flat(cli("policy", "set", file, *MINE).err)
    unknown = cli("policy", "check", 9, *MINE)
    assert (unknown.code, "niet bekend: 9" in flat(unknown.err)) == (Exit.MATERIAL, True)


def test_a_mapping_is_shown_first_then_kept_and_agreed_to(checked: Cli, dossier: str) -> None:
    asked = ("Bezwaar", "*", "2020", "1.2", "--reason", "besluit", "--from", "2020-01-01", *MINE)

    counted = json.loads(checked("mapping", "set", *asked, "--json").out)
    empty = checked("mapping", "list", *MINE)
    made = checked("mapping", "set", *asked, "--as", "p0001")
    before = checked("mapping", "check", 1, *MINE)
    same = checked("mapping", "check", 1, *MINE, "--as", "p0001")
    agreed = checked("mapping", "check", 1, *MINE, "--as", "p0002")
    listed = checked("mapping", "list", *MINE)

    assert counted["moves"] == [{"was": "DATED", "becomes": "KEEP", "dossiers": 1}]
    assert "nog geen koppelingen" in empty.out
    assert "edepot mapping check 1 --as PERSOON" in flat(made.out)
    assert "Er is niets vastgelegd" in flat(before.out)
    assert (same.code, "tweede persoon" in flat(same.err)) == (Exit.MATERIAL, True)
    assert "telt" in agreed.out
    assert "bij 1 dossier is de uitkomst nu anders" in flat(agreed.out)
    assert "p0002" in listed.out
    assert "Nergens" in checked("mapping", "compare").out
    assert json.loads(checked("mapping", "compare", "--json").out) == []
    assert dossier


def test_a_mapping_that_cannot_be_is_told_by_its_place(cli: Cli) -> None:
    def told(*asked: str) -> tuple[int, str]:
        answer = cli("mapping", "set", *asked, "--reason", "besluit", *MINE)
        return answer.code, flat(answer.err)

    lists = told("Bezwaar", "*", "1950", "1.2")
    number = told("Bezwaar", "*", "2020", "99.9")
    term = told("Bezwaar", "*", "2020", "1.2", "--process-term", "6 weken")
    trigger = told("Bezwaar", "*", "2020", "1.2", "--trigger", "ooit")

    assert (lists[0], "1950" in lists[1]) == (Exit.MATERIAL, True)
    assert (number[0], "2020, 99.9" in number[1]) == (Exit.MATERIAL, True)
    assert (term[0], "6 weken" in term[1], "P10Y" in term[1]) == (Exit.MATERIAL, True, True)
    assert (trigger[0], "ooit" in trigger[1]) == (Exit.MATERIAL, True)


def test_a_table_of_mappings_is_shown_then_kept_and_agreed_to_at_once(
    checked: Cli, dossier: str, tmp_path: Path
) -> None:
    file = tmp_path / "koppelingen.csv"
    file.write_text(
        "zaaktype;resultaat;lijst;nummer;van\nBezwaar;*;2020;1.2;01-01-2020\n"
        "Klacht;*;2020;13.1;2020-01-01\n",
        "utf-8",
    )
    taking = ("mapping", "import", file, "--reason", "besluit", *MINE)

    preview = checked(*taking)
    counted = json.loads(checked(*taking, "--json").out)
    made = checked(*taking, "--as", "p0001")
    again = checked(*taking, "--as", "p0001")
    wrong = checked("mapping", "check", 2, 1, *MINE, "--as", "p0002")
    agreed = checked("mapping", "check", 1, 2, *MINE, "--as", "p0002")
    plain = json.loads(checked("mapping", "list", *MINE, "--json").out)

    assert "Nieuwe koppelingen in de tabel: 2. Er al: 0." in flat(preview.out)
    assert "Er is niets vastgelegd" in flat(preview.out)
    assert counted["changed"] == 1
    assert "edepot mapping check 1 2 --as PERSOON" in flat(made.out)
    assert (again.code, "tabel: 0. Er al: 2." in flat(again.out)) == (Exit.WELL, True)
    assert wrong.code == Exit.USAGE
    assert "De koppelingen 1 tot en met 2 tellen." in flat(agreed.out)
    assert [each["checked_by"] for each in plain] == ["p0002", "p0002"]
    assert dossier


def test_a_table_with_a_bad_row_is_refused_with_every_fault(checked: Cli, tmp_path: Path) -> None:
    file = tmp_path / "koppelingen.csv"
    file.write_text("zaaktype;lijst;nummer\nA;2020;99.9\n;2020;13.1\n", "utf-8")

    answer = checked("mapping", "import", file, "--reason", "x", *MINE, "--as", "p0001")
    plain = checked("mapping", "import", file, "--reason", "x", *MINE, "--json")

    assert (answer.code, "99.9" in answer.out) == (Exit.MATERIAL, True)
    assert [each["code"] for each in json.loads(plain.out)["findings"]] == ["R033", "R031"]
    assert "nog geen koppelingen" in checked("mapping", "list", *MINE).out
