"""The commands that look at what is on the shelf."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from storage.places import beside, on_server, remove, stands
from storage.rebuild import rebuild
from tests.databases import KINDS
from tests.edepot.shelf import ACCEPTED, FIRST, REFUSED, SECOND, Cli, Shelf
from tests.edepot.test_export import damage

pytestmark = pytest.mark.parametrize("shelf", KINDS, indirect=True)


def flat(text: str) -> str:
    return " ".join(text.split())


class TestFind:
    """`edepot find`."""

    def test_it_finds_by_title_identifier_and_file_name(self, cli: Cli) -> None:
        for words in (["omgevingsvergunning"], ["Z/2024/0001"], ["vergunning.txt", "dorpsstraat"]):
            found = json.loads(cli("find", *words, "--json").out)
            assert [each["aip_id"] for each in found] == [FIRST]

    def test_a_table_shows_what_to_do_next(self, cli: Cli) -> None:
        answer = cli("find", "klacht")

        assert answer.code == 0
        assert "Klacht over geluid" in answer.out
        assert f"edepot show {SECOND[:13]}" in answer.out

    def test_more_than_the_limit_is_told(self, cli: Cli) -> None:
        assert "er zijn er meer" in cli("find", "vergunning.txt", "--limit", "1").out

    def test_another_zorgdrager_has_nothing(self, cli: Cli) -> None:
        assert json.loads(cli("find", "klacht", "--zorgdrager", "opsterland", "--json").out) == []

    def test_nothing_found_is_said_with_advice(self, cli: Cli) -> None:
        assert "Probeer minder woorden" in flat(cli("find", "nergens").out)


class TestShow:
    """`edepot show`."""

    def test_an_aip_is_shown_with_metadata_files_copies_and_history(self, cli: Cli) -> None:
        out = flat(cli("show", FIRST).out)

        for said in (
            "Omgevingsvergunning Dorpsstraat",
            "Z/2024/0001 (zaaksysteem)",
            "V, tijdelijk te bewaren",
            "gescand, niets gevonden",
            "bijlagen/wat?.bin",
            "x-fmt/111",
            "kopie-1",
            "virusscan",
            "opgenomen",
        ):
            assert said in out

    @pytest.mark.parametrize("name", [FIRST, FIRST[:8], FIRST.upper(), "Z/2024/0001"])
    def test_an_aip_is_named_by_its_id_its_beginning_or_its_identifier(
        self, name: str, cli: Cli
    ) -> None:
        said = json.loads(cli("show", name, "--json").out)

        assert said["aip_id"] == FIRST
        assert [each["what"] for each in said["history"]] == ["virus check", "aip.ingest"]

    def test_a_beginning_that_fits_more_is_refused(self, cli: Cli) -> None:
        answer = cli("show", "0000000")

        assert answer.code == 2
        assert FIRST in answer.err

    def test_an_unknown_name_is_refused(self, cli: Cli) -> None:
        assert cli("show", "ffff").code == 1
        assert cli("show", "").code == 1

    def test_without_a_readable_copy_the_catalogue_and_ledger_are_shown(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        for store in ("kopie-1", "kopie-2"):
            shelf.copy_of(FIRST, store).unlink()

        answer = cli("show", FIRST)

        assert answer.code == 0
        assert "geen enkele kopie kon worden gelezen" in flat(answer.out)

    def test_hidden_signs_in_metadata_never_reach_the_terminal(self, cli: Cli) -> None:
        assert "\x1b" not in cli("show", FIRST).out


class TestExport:
    """`edepot export`."""

    def test_it_writes_and_says_so(self, cli: Cli, shelf: Shelf) -> None:
        answer = cli("export", "Z/2024/0001", shelf.folder / "uit", "--as", "files")

        assert answer.code == 0
        assert "elk bestand gecontroleerd, uit kopie-1" in flat(answer.out)
        assert "'bijlagen/wat?.bin' heet hier 'bijlagen/wat_.bin'" in flat(answer.out)

    def test_a_copy_that_was_passed_over_gives_code_4(self, cli: Cli, shelf: Shelf) -> None:
        damage(shelf.copy_of(FIRST), b"De vergunning is verleend.")

        answer = cli("export", FIRST, shelf.folder / "uit", "--json")

        assert answer.code == 4
        assert json.loads(answer.out)["passed_over"][0]["store"] == "kopie-1"

    def test_no_whole_copy_gives_code_4_and_nothing(self, cli: Cli, shelf: Shelf) -> None:
        for store in ("kopie-1", "kopie-2"):
            damage(shelf.copy_of(FIRST, store), b"De vergunning is verleend.")

        answer = cli("export", FIRST, shelf.folder / "uit")

        assert answer.code == 4
        assert "Er is niets geleverd" in flat(answer.err)


class TestVerify:
    """`edepot verify`."""

    def test_every_copy_is_named_and_totals_add_up(self, cli: Cli) -> None:
        answer = cli("verify", "--all")

        assert answer.code == 0
        assert "4 kopieën van 2 AIP's: 4 INTACT." in answer.out

    def test_each_outcome_is_told_in_words(self, cli: Cli, shelf: Shelf) -> None:
        damage(shelf.copy_of(FIRST), b"De vergunning is verleend.")
        shelf.copy_of(SECOND, "kopie-2").unlink()

        answer = cli("verify", "--all")

        assert answer.code == 4
        assert "2 INTACT, 1 WIJKT AF, 1 ONTBREEKT" in answer.out
        assert "data/original/vergunning.txt" in flat(answer.out)

    def test_a_store_that_is_not_there_is_not_called_damaged(self, cli: Cli, shelf: Shelf) -> None:
        (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")

        answer = cli("verify", FIRST, "--json")

        said = json.loads(answer.out)
        assert answer.code == 4
        assert (said["totals"]["intact"], said["totals"]["not_checked"]) == (1, 1)
        assert sum(said["totals"].values()) == said["copies"] == 2

    def test_a_second_judge_is_asked_on_request(self, cli: Cli, shelf: Shelf) -> None:
        damage(shelf.copy_of(FIRST), b"De vergunning is verleend.")

        answer = cli("verify", FIRST, "--judge", "bagit-python", "--json")

        judged = [each["judge"]["valid"] for each in json.loads(answer.out)["checks"]]
        assert judged == [False, True]


class TestDeliveries:
    """`edepot deliveries`."""

    def test_they_are_listed_with_their_outcome(self, cli: Cli) -> None:
        out = cli("deliveries", "list").out

        assert "geweigerd" in out
        assert "opgenomen" in out
        assert "1/1" in out

    def test_one_is_shown_with_steps_dossiers_and_findings(self, cli: Cli) -> None:
        out = flat(cli("deliveries", "show", REFUSED[:10]).out)

        for said in ("GEWEIGERD", "Milieucontrole", "FOUT I001", "LET OP R006", "→"):
            assert said in out

    def test_json_says_the_same(self, cli: Cli) -> None:
        said = json.loads(cli("deliveries", "show", ACCEPTED, "--json").out)

        assert said["outcome"] == "accepted"
        assert said["dossiers"][0]["aip"] == FIRST
        assert [each["code"] for each in said["findings"]] == []

    def test_the_report_is_written_as_xlsx_and_html_and_never_over_another(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        first = cli("deliveries", "report", REFUSED, "--into", shelf.folder)
        again = cli("deliveries", "report", REFUSED, "--into", shelf.folder)

        assert (first.code, again.code) == (0, 2)
        book = load_workbook(shelf.folder / f"verslag-{REFUSED}.xlsx")
        assert book.sheetnames == ["Samenvatting", "Bevindingen"]
        page = (shelf.folder / f"verslag-{REFUSED}.html").read_text("utf-8")
        assert "refused.zip" in page
        assert "/aanlevering/" not in page

    def test_an_unknown_delivery_is_refused(self, cli: Cli) -> None:
        assert cli("deliveries", "show", "2099").code == 1
        assert cli("deliveries", "show", "20261124").code == 2


class TestLedger:
    """`edepot ledger`."""

    def test_a_whole_ledger_is_called_whole(self, cli: Cli) -> None:
        answer = cli("ledger", "verify", "--json")

        said = {each["zorgdrager"]: each for each in json.loads(answer.out)}
        assert answer.code == 0
        assert said["ooststellingwerf"]["entries"] == 2
        assert all(each["whole"] for each in said.values())

    def test_a_changed_ledger_is_told_with_code_4(self, cli: Cli, shelf: Shelf) -> None:
        (segment,) = (shelf.config.folder / "stores" / "kopie-1").rglob("*-0000000001.jsonl")
        damage(segment, b"stored")

        answer = cli("ledger", "verify")

        assert answer.code == 4
        assert "NIET HEEL" in answer.out

    def test_a_checkpoint_is_printed_so_that_it_can_be_copied(self, cli: Cli) -> None:
        said = json.loads(cli("ledger", "checkpoint", "--json").out)[0]

        assert said["checkpoint"] in cli("ledger", "checkpoint").out

    def test_the_export_is_checked_by_its_own_verifier(self, cli: Cli, shelf: Shelf) -> None:
        answer = cli("ledger", "export", shelf.folder / "bewijs", "--json")
        (said, *_) = json.loads(answer.out)

        arguments = said["command"].replace("'", "").split()[1:]
        checked = subprocess.run(
            [sys.executable, "-I", *arguments],
            cwd=said["folder"],
            capture_output=True,
            text=True,
            check=False,
        )

        assert (checked.returncode, checked.stdout[:4], checked.stderr) == (0, "OK 2", "")
        assert (Path(said["folder"]) / "LEESMIJ.txt").is_file()
        assert cli("ledger", "export", shelf.folder / "bewijs").code == 2

    def test_an_unknown_zorgdrager_is_refused(self, cli: Cli) -> None:
        assert cli("ledger", "verify", "--zorgdrager", "elders").code == 2


class TestRebuild:
    """`edepot rebuild`."""

    def test_what_is_built_anew_equals_what_there_was(self, cli: Cli, shelf: Shelf) -> None:
        answer = cli("rebuild")

        assert answer.code == 0
        assert "2 AIP's" in answer.out
        assert "Gelijk aan de database die er staat" in answer.out
        assert not stands(beside(shelf.config.database, "new"))

    def test_a_database_that_is_gone_is_built_anew(self, cli: Cli, shelf: Shelf) -> None:
        remove(shelf.config.database)
        assert cli("find", "klacht").code == 3

        answer = cli("rebuild", "--json")

        assert (answer.code, json.loads(answer.out)["placed"]) == (0, True)
        assert "Klacht over geluid" in cli("find", "klacht").out

    def test_replacing_keeps_the_old_one_with_its_journal(self, cli: Cli, shelf: Shelf) -> None:
        said = json.loads(cli("rebuild", "--replace", "--json").out)

        old = said["old"] if on_server(shelf.config.database) else Path(said["old"])
        assert stands(old)
        assert "Klacht over geluid" in cli("find", "klacht").out
        assert json.loads(cli("deliveries", "list", "--json").out) == []
        assert rebuild.__module__ == "storage.rebuild"


class TestTheRest:
    """Stores, agreements, bags."""

    def test_a_store_that_is_not_there_is_called_unreachable(self, cli: Cli, shelf: Shelf) -> None:
        (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")

        said = json.loads(cli("stores", "list", "--json").out)

        assert [each["reachable"] for each in said] == [True, False]
        assert "nee" in cli("stores", "list").out

    def test_without_agreements_it_says_what_applies(self, cli: Cli) -> None:
        assert "ruime standaardafspraak" in flat(cli("agreements", "list").out)

    def test_agreements_are_listed_and_checked(self, cli: Cli, shelf: Shelf) -> None:
        good = 'id = "x"\nzorgdrager = "opsterland"\n[supplier]\nname = "Leverancier X"\n'
        (shelf.config.agreements / "x.toml").write_text(good, "utf-8")

        assert "Leverancier X" in cli("agreements", "list").out
        assert cli("agreements", "check").code == 0

        (shelf.config.agreements / "y.toml").write_text(good + "shap = 1\n", "utf-8")

        assert cli("agreements", "list").code == 3
        checked = cli("agreements", "check")
        assert checked.code == 3
        assert "FOUT" in checked.out

    def test_a_bag_that_was_exported_is_valid_and_a_damaged_one_is_not(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        cli("export", FIRST, shelf.folder / "uit", "--as", "bag")
        bag = shelf.folder / "uit" / FIRST

        assert "GELDIG" in cli("bag", "validate", bag).out

        (bag / "data" / "original" / "vergunning.txt").write_bytes(b"De vergunning is geweigerd\n")
        answer = cli("bag", "validate", bag, "--json")

        (said,) = json.loads(answer.out)
        assert answer.code == 1
        assert (said["version"], said["valid"]) == ("1.0", False)
        assert said["findings"][0]["reason"] == "CHECKSUM_MISMATCH"

    def test_a_package_is_a_zipped_bag(self, cli: Cli, shelf: Shelf) -> None:
        cli("export", FIRST, shelf.folder / "uit")

        assert cli("bag", "validate", shelf.folder / "uit" / f"{FIRST}.zip").code == 0
