"""The commands for records that others hold, on the party of the demonstration."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from edepot.config import read_config
from edepot.demo.cases import OPSTERLAND
from edepot.demo.held import HeldDemo, held_files, make_held, write_signed
from edepot.errors import ConfigurationInvalid
from edepot.held_contracts import read_contract
from storage.held.parties import Way
from tests.edepot.shelf import Cli, Shelf

OPENED = date(2024, 3, 4)
TODAY = datetime.now(UTC).date()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def reading(shelf: Shelf) -> HeldDemo:
    """The service's folder, which we may read."""
    return make_held(shelf.folder / "dienst", OPENED, TODAY - timedelta(days=1))


@pytest.fixture
def stating(shelf: Shelf) -> HeldDemo:
    """The service, which hands in signed lists."""
    return make_held(shelf.folder / "dienst", OPENED, TODAY - timedelta(days=1), way=Way.MANIFEST)


@pytest.fixture
def challenged(shelf: Shelf) -> HeldDemo:
    """The service, which is challenged."""
    return make_held(shelf.folder / "dienst", OPENED, TODAY - timedelta(days=1), way=Way.CHALLENGE)


class TestRegister:
    """`edepot held register`."""

    def test_the_list_at_the_place_becomes_the_baseline(self, cli: Cli, reading: HeldDemo) -> None:
        answer = cli("held", "register", reading.contract)

        assert (answer.code, answer.err) == (0, "")
        assert "vastgelegd (versie 1)" in flat(answer.out)
        assert "De eerste lijst van rod-zuid is overgenomen: 12 bestanden" in flat(answer.out)

    def test_a_second_time_changes_nothing(self, cli: Cli, reading: HeldDemo) -> None:
        cli("held", "register", reading.contract)

        said = json.loads(cli("held", "register", reading.contract, "--json").out)

        assert said == {
            "party": "rod-zuid",
            "version": 1,
            "changed": False,
            "files": None,
            "rounds": None,
            "list": None,
        }

    def test_a_place_that_does_not_answer_is_told_and_the_contract_is_kept(
        self, cli: Cli, reading: HeldDemo
    ) -> None:
        reading.folder.rename(reading.folder.with_name("weg"))

        answer = cli("held", "register", reading.contract)

        assert answer.code == 0
        assert "kon niet worden gelezen" in flat(answer.err)
        reading.folder.with_name("weg").rename(reading.folder)
        assert cli("held", "manifest", "rod-zuid").code == 0

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('"opsterland"', '"drachten"', "E030"),
            ('"rod-zuid"\nz', '"kopie-1"\nz', "E031"),
            ("ssh-ed25519 AAAA", "ssh-ed25519 BBBB", "E032"),
            ('key = "', 'key_file = "nergens', "E032"),
            ('address = "rod-zuid"', "", "E033"),
            ('"folder"', '"https"', "E034"),
            ('"mandate"', '"afspraak"', "E002"),
            ("rhythm_days", "rhythm_day", "E003"),
            ("rhythm_days = 90", "rhythm_days = 0", "E002"),
            ('"manifest-sha256.txt"', '"../buiten"', "E005"),
        ],
    )
    def test_a_contract_that_cannot_be_is_told_by_its_code(
        self, shelf: Shelf, reading: HeldDemo, old: str, new: str, code: str
    ) -> None:
        text = reading.contract.read_text("utf-8")
        reading.contract.write_text(text.replace(old, new, 1), "utf-8")

        with pytest.raises(ConfigurationInvalid) as caught:
            read_contract(reading.contract, read_config(shelf.config.file))

        assert code in {each.code for each in caught.value.findings}

    def test_a_signed_list_needs_a_key(self, shelf: Shelf, stating: HeldDemo) -> None:
        lines = stating.contract.read_text("utf-8").splitlines()
        without = [each for each in lines if not each.startswith("key")]
        stating.contract.write_text("\n".join(without), "utf-8")

        with pytest.raises(ConfigurationInvalid) as caught:
            read_contract(stating.contract, shelf.config)

        assert [each.code for each in caught.value.findings] == ["E033"]

    def test_another_zorgdrager_for_a_known_party_is_refused(
        self, cli: Cli, reading: HeldDemo
    ) -> None:
        cli("held", "register", reading.contract)
        text = reading.contract.read_text("utf-8")
        reading.contract.write_text(text.replace("opsterland", "ooststellingwerf"), "utf-8")

        answer = cli("held", "register", reading.contract)

        assert answer.code == 3
        assert "is niet die van deze partij" in flat(answer.err)

    def test_a_contract_that_ended_is_kept_and_nothing_more_is_asked(
        self, cli: Cli, challenged: HeldDemo, shelf: Shelf
    ) -> None:
        cli("held", "register", challenged.contract)
        cli("held", "manifest", "rod-zuid", challenged.list)
        text = challenged.contract.read_text("utf-8")
        challenged.contract.write_text(f'state = "ended"\n{text}', "utf-8")

        assert cli("held", "register", challenged.contract).code == 0
        assert cli("held", "register", challenged.contract).code == 0

        assert cli("held", "challenge", "rod-zuid", shelf.folder / "uit").code == 1
        assert not (shelf.folder / "uit").exists()
        assert "afgelopen" in flat(cli("held", "status").out)


class TestManifest:
    """`edepot held manifest`."""

    def test_the_signature_beside_the_list_is_used(self, cli: Cli, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)

        assert cli("held", "manifest", "rod-zuid", stating.list).code == 0

        refused = cli("held", "manifest", "rod-zuid", stating.list)
        assert (refused.code, "S420" in refused.out) == (1, True)

    def test_without_a_signature_it_is_refused(self, cli: Cli, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)
        stating.signature.rename(stating.signature.with_name("elders.sig"))

        assert "S410" in cli("held", "manifest", "rod-zuid", stating.list).out

        elders = stating.signature.with_name("elders.sig")
        answer = cli("held", "manifest", "rod-zuid", stating.list, "--signature", elders)
        assert answer.code == 0

    def test_new_files_are_accepted_by_a_person(self, cli: Cli, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)
        cli("held", "manifest", "rod-zuid", stating.list)
        files = {**held_files(OPENED, OPSTERLAND), "data/nieuw.txt": b"nieuw"}
        write_signed(stating.folder, files, TODAY)

        told = json.loads(cli("held", "manifest", "rod-zuid", stating.list, "--json").out)
        taken = json.loads(
            cli("held", "manifest", "rod-zuid", stating.list, "--accept", "--json").out
        )

        assert (told["same"], told["unexpected"], told["statement"]) == (12, 1, 2)
        assert [each["code"] for each in told["findings"]] == ["S425"]
        assert (taken["added"], taken["unexpected"]) == (1, 0)

    def test_a_file_that_is_left_out_gives_code_1(self, cli: Cli, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)
        cli("held", "manifest", "rod-zuid", stating.list)
        files = dict(list(held_files(OPENED, OPSTERLAND).items())[1:])
        write_signed(stating.folder, files, TODAY)

        answer = cli("held", "manifest", "rod-zuid", stating.list)

        assert answer.code == 1
        assert "S426" in answer.out

    def test_an_unknown_party_or_file_is_told(self, cli: Cli, stating: HeldDemo) -> None:
        assert cli("held", "manifest", "niemand", stating.list).code == 1
        assert cli("held", "manifest", "rod-zuid", "nergens.txt").code == 2


class TestChallenge:
    """`edepot held challenge` and `edepot held answer`."""

    def test_the_folder_that_is_sent_holds_all_that_is_needed(
        self, cli: Cli, challenged: HeldDemo, shelf: Shelf
    ) -> None:
        cli("held", "register", challenged.contract, "--from", challenged.folder, "--rounds", 2)
        sent = shelf.folder / "uit"

        made = json.loads(cli("held", "challenge", "rod-zuid", sent, "--json").out)
        done = subprocess.run(
            [sys.executable, "-I", "answer.py", "challenge.json", challenged.folder],
            cwd=sent,
            capture_output=True,
            check=False,
        )
        answer = json.loads(cli("held", "answer", "rod-zuid", sent / "answer.json", "--json").out)

        assert sorted(each.name for each in sent.iterdir()) == [
            "LEESMIJ.txt",
            "answer.json",
            "answer.py",
            "challenge.json",
        ]
        assert done.returncode == 0
        assert (made["round"], made["files"], made["total"], made["probability"]) == (1, 14, 14, 1)
        assert (answer["verified"], answer["word_only"], answer["findings"]) == (14, 0, [])
        assert "rod-zuid-0001" in (sent / "LEESMIJ.txt").read_text("utf-8")

    def test_what_cannot_be_recomputed_is_said_to_be_their_word(
        self, cli: Cli, challenged: HeldDemo, shelf: Shelf
    ) -> None:
        cli("held", "register", challenged.contract)
        cli("held", "manifest", "rod-zuid", challenged.list)
        sent = shelf.folder / "uit"
        said = flat(cli("held", "challenge", "rod-zuid", sent, "--files", 6).out)
        subprocess.run(
            [sys.executable, "-I", "answer.py", "challenge.json", challenged.folder],
            cwd=sent,
            capture_output=True,
            check=True,
        )

        answer = cli("held", "answer", "rod-zuid", sent / "answer.json")
        status = cli("held", "status")

        assert "Gevraagd: 6 van 12 bestanden" in said
        assert "met een kans van 50 %" in said
        assert (answer.code, status.code) == (0, 0)
        assert "alleen op hun woord" in flat(answer.out)
        assert "12 bestanden alleen op het woord van de partij" in flat(status.out)

    def test_nothing_is_overwritten_and_no_nonce_is_spent(
        self, cli: Cli, challenged: HeldDemo, shelf: Shelf
    ) -> None:
        cli("held", "register", challenged.contract)
        cli("held", "manifest", "rod-zuid", challenged.list)
        (shelf.folder / "uit").mkdir()

        assert cli("held", "challenge", "rod-zuid", shelf.folder / "uit").code == 2

        status = json.loads(cli("held", "status", "--json").out)
        assert status[0]["challenges"] == 0

    def test_rubbish_is_refused(self, cli: Cli, challenged: HeldDemo, shelf: Shelf) -> None:
        cli("held", "register", challenged.contract)
        (shelf.folder / "x.json").write_text("{}")

        answer = cli("held", "answer", "rod-zuid", shelf.folder / "x.json")

        assert (answer.code, "S441" in answer.out) == (1, True)


class TestStatus:
    """`edepot held status`."""

    def test_without_parties_it_says_how_to_begin(self, cli: Cli) -> None:
        assert "edepot held register" in flat(cli("held", "status").out)

    def test_a_party_is_shown_in_both_languages(self, cli: Cli, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)
        cli("held", "manifest", "rod-zuid", stating.list)

        dutch = flat(cli("held", "status", "rod-zuid").out)
        english = flat(cli("held", "status", "rod-zuid", "--lang", "en").out)
        said = json.loads(cli("held", "status", "--json").out)

        assert "12 bestanden alleen op het woord van de partij" in dutch
        assert "12 files on the party's word alone" in english
        assert said[0]["outcomes"] == {"attested": 12}
        assert (said[0]["proven"], said[0]["word_only"], said[0]["findings"]) == (0, 12, [])

    def test_a_late_party_gives_code_4(self, cli: Cli, shelf: Shelf, stating: HeldDemo) -> None:
        cli("held", "register", stating.contract)
        files = held_files(OPENED, OPSTERLAND)
        write_signed(stating.folder, files, TODAY - timedelta(days=200))
        cli("held", "manifest", "rod-zuid", stating.list)

        answer = cli("held", "status")

        assert answer.code == 4
        assert "te laat sinds" in flat(answer.out)


def test_the_demonstration_makes_twelve_files_with_a_list_that_openssh_believes(
    tmp_path: Path,
) -> None:
    made = make_held(tmp_path, OPENED, TODAY)

    listed = subprocess.run(
        ["sha256sum", "--check", "--quiet", made.list.name],
        cwd=made.folder,
        capture_output=True,
        check=False,
    )

    assert listed.returncode == 0
    assert len([each for each in (made.folder / "data").rglob("*") if each.is_file()]) == 12
    again = make_held(tmp_path / "nog eens", OPENED, TODAY)
    assert again.list.read_bytes() == made.list.read_bytes()


def test_a_fixity_run_reads_what_a_party_lets_us_read(cli: Cli, reading: HeldDemo) -> None:
    cli("held", "register", reading.contract)
    damaged = next(each for each in (reading.folder / "data").rglob("*") if each.is_file())
    damaged.write_bytes(damaged.read_bytes() + b"!")

    answer = cli("fixity", "run", "--store", "rod-zuid", "--json")
    status = json.loads(cli("held", "status", "--json").out)

    assert answer.code != 0
    assert status[0]["outcomes"] == {"intact": 11, "differs": 1}
