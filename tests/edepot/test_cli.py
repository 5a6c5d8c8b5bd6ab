"""The command line as a whole: shared options, languages, help, failures, exit codes."""

import json
from pathlib import Path

import pytest

from edepot.cli import find as find_command
from edepot.cli.app import COMMANDS
from edepot.cli.main import is_plain_find, main
from edepot.exits import Exit
from edepot.messages import read_messages
from ingest.receipt import Outcome, Receipt
from storage.errors import StoreUnreachable
from tests.edepot.shelf import Cli, Shelf


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("EDEPOT_LANG", "EDEPOT_DEPOT", "EDEPOT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


class TestHelp:
    """Help pages."""

    @pytest.mark.parametrize("path", COMMANDS)
    @pytest.mark.parametrize("lang", ["nl", "en"])
    def test_every_command_explains_itself(
        self, path: str, lang: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = run(capsys, *path.split(), "--help", "--lang", lang)

        assert (code, err) == (0, "")
        key = ".".join(["help", *path.split()])
        assert read_messages()[key][lang].split("\n")[0].split(" ")[0] in out
        assert f"edepot {path}" in out

    def test_the_whole_lists_every_command_and_every_exit_code(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, out, _ = run(capsys, "--help")

        for path in COMMANDS:
            assert path.split()[0] in out
        for each in Exit:
            assert f"  {int(each)} " in out

    def test_without_arguments_it_explains_itself(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys) == run(capsys, "--help")

    def test_the_environment_chooses_the_language(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDEPOT_LANG", "en_GB.UTF-8")

        assert "Take in deliveries." in run(capsys, "ingest", "--help")[1]

    def test_a_wrong_configuration_does_not_stand_in_the_way_of_help(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "edepot.toml").write_bytes(b"language = 'en'\n\xff[[[")

        code, out, _ = run(capsys, "find", "--help")

        assert code == 0
        assert "Search what is on the shelf." in out


class TestUsage:
    """Wrong use."""

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["fnd", "x"], "Bedoelt u find?"),
            (["zzz"], "De opdracht 'zzz' bestaat niet."),
            (["find"], "Er ontbreekt iets: WOORDEN."),
            (["find", "x", "--limt", "3"], "Bedoelt u --limit?"),
            (["find", "x", "--zzz"], "De optie --zzz bestaat hier niet."),
            (["find", "x", "--limit", "veel"], "De waarde die bij --limit staat, kan niet."),
            (["find", "x", "--limit"], "Achter --limit hoort een waarde."),
            (["export", "x", "y", "--as", "doc"], "--as kan zijn: zip, bag, files."),
            (["deliveries"], "Welke opdracht?"),
            (["--lang", "fr", "find", "x"], "nl en en"),
            (["init", "d", "--zorgdrager", "X"], "--zorgdrager verwacht ID=NAAM"),
            (["verify"], "Noem een of meer AIP's, of --all"),
            (["verify", "--all", "x"], "Noem een of meer AIP's, of --all"),
            (["verify", "--all", "--judge", "ik"], "bagit-python"),
            (["ingest", "nergens.zip"], "nergens.zip bestaat niet"),
            (["check", "nergens.zip"], "nergens.zip bestaat niet"),
            (["identify", "nergens.pdf"], "nergens.pdf bestaat niet"),
            (["bag", "validate", "nergens"], "nergens bestaat niet"),
            (["agreements", "check", "nergens.toml"], "nergens.toml bestaat niet"),
        ],
    )
    def test_it_is_told_in_dutch_with_code_2(
        self, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = run(capsys, *arguments)

        assert (code, out) == (2, "")
        assert said in " ".join(err.split())

    def test_it_is_told_in_english_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, _, err = run(capsys, "fnd", "x", "--lang=en")

        assert code == 2
        assert "Did you mean find?" in err

    def test_where_there_is_no_depot_it_says_how_to_name_one(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, _, err = run(capsys, "find", "x")

        assert code == 3
        assert "EDEPOT_DEPOT" in err

    def test_what_follows_two_hyphens_is_no_option(self, cli: Cli) -> None:
        assert "Niets gevonden voor: --json" in cli("find", "--", "--json").out

    def test_a_find_of_words_alone_needs_no_typer(self) -> None:
        assert is_plain_find(["find", "klacht", "geluid"])
        assert not is_plain_find(["find"])
        assert not is_plain_find(["find", "klacht", "--limit", "3"])
        assert not is_plain_find(["show", "klacht"])


class TestFailures:
    """A run that goes wrong."""

    def test_faults_of_the_configuration_are_all_told_with_code_3(self, cli: Cli) -> None:
        file = cli.depot / "edepot.toml"
        text = file.read_text("utf-8").replace('absent = "wait"', 'absent = "soms"\nclam = 1')
        file.write_text(text, "utf-8")

        answer = cli("find", "x")

        said = " ".join(answer.err.split())
        assert answer.code == 3
        assert '"soms" kan niet; verwacht wordt: wait, accept' in said
        assert "Bedoelt u 'clamd'?" in said

    def test_a_key_that_is_gone_is_told_with_code_3(self, cli: Cli, shelf: Shelf) -> None:
        shelf.config.zorgdragers[0].key.unlink()

        answer = cli("verify", "--all")

        assert answer.code == 3
        assert "maak geen nieuwe" in " ".join(answer.err.split())

    def test_a_database_that_is_gone_is_told_with_the_way_back(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        shelf.config.database.unlink()

        answer = cli("find", "x")

        assert answer.code == 3
        assert "edepot rebuild" in answer.err

    def test_what_nobody_foresaw_is_told_without_a_traceback(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("kapot")

        monkeypatch.setattr(find_command, "answer_find", broken)

        answer = cli("find", "x", "--limit", "1")

        assert answer.code == 70
        assert "RuntimeError: kapot" in answer.err
        assert "EDEPOT_DEBUG=1" in answer.err
        assert "Traceback" not in answer.err

    def test_it_is_raised_whole_for_whoever_debugs(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("kapot")

        monkeypatch.setattr(find_command, "answer_find", broken)
        monkeypatch.setenv("EDEPOT_DEBUG", "1")

        with pytest.raises(RuntimeError):
            cli("find", "x", "--limit", "1")

    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (StoreUnreachable("kopie-2"), 4, "Een opslag is niet bereikbaar: kopie-2"),
            (OSError(28, "No space left on device", "/x"), 4, "De schijf is vol (/x)"),
            (PermissionError(13, "Permission denied", "/x"), 70, "Permission denied (/x)"),
            (KeyboardInterrupt(), 130, "voer dezelfde opdracht opnieuw uit"),
        ],
    )
    def test_each_kind_has_its_own_words_and_code(
        self, error: BaseException, code: int, said: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(find_command, "answer_find", broken)

        answer = cli("find", "x", "--limit", "1")

        assert answer.code == code
        assert said in " ".join(answer.err.split())

    def test_a_reader_that_went_away_is_no_failure(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def gone(*_: object, **__: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(find_command, "answer_find", gone)
        with (tmp_path / "out").open("w") as out:
            monkeypatch.setattr("sys.stdout", out)

            code = main(["--depot", str(cli.depot), "find", "x", "--limit", "1"])

        assert code == 0


class TestInit:
    """`edepot init`."""

    def test_it_makes_a_depot_and_the_second_time_says_so(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        first = run(capsys, "init", tmp_path / "depot")
        second = run(capsys, "init", tmp_path / "depot")

        assert (first[0], second[0]) == (0, 0)
        assert "Het e-depot staat in" in first[1]
        assert "was er al; er is niets veranderd" in second[1]

    def test_it_answers_in_json(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        _, out, _ = run(capsys, "init", tmp_path / "d", "--zorgdrager", "x=Gemeente X", "--json")

        said = json.loads(out)
        assert said["new"] is True
        assert said["zorgdragers"] == [{"id": "x", "name": "Gemeente X"}]

    def test_the_language_of_the_depot_is_the_language_of_its_messages(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        run(capsys, "init", tmp_path / "d", "--lang", "en")

        assert "Nothing found for" in run(capsys, "--depot", tmp_path / "d", "find", "x")[1]

    def test_a_folder_with_other_things_is_refused(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "brief.txt").write_text("")

        code, _, err = run(capsys, "init", tmp_path)

        assert code == 2
        assert "is niet leeg en is geen e-depot" in " ".join(err.split())


class TestIngest:
    """`edepot ingest` and `edepot check`, as far as the command line goes."""

    def test_without_an_agreement_somebody_must_say_whose_records_they_are(
        self, cli: Cli, tmp_path: Path
    ) -> None:
        (tmp_path / "levering").mkdir()

        answer = cli("ingest", "levering")

        assert answer.code == 2
        assert "ooststellingwerf, weststellingwerf, opsterland" in " ".join(answer.err.split())

    def test_an_unknown_agreement_is_refused_with_those_that_are_known(
        self, cli: Cli, tmp_path: Path
    ) -> None:
        (tmp_path / "levering").mkdir()

        answer = cli("ingest", "levering", "--agreement", "zzz")

        assert answer.code == 2
        assert "geen aanleverafspraak 'zzz'" in answer.err

    def test_a_run_that_fails_is_told_as_E040_and_the_others_go_on(
        self, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("een", "twee"):
            (tmp_path / name).mkdir()
        taken = Receipt("20261124-1", "twee", Outcome.ACCEPTED)
        answers = iter([StoreUnreachable("kopie-2"), taken])

        def accept(*_: object) -> Receipt:
            answer = next(answers)
            if isinstance(answer, Receipt):
                return answer
            raise answer

        monkeypatch.setattr("edepot.cli.ingest.accept", accept)

        answer = cli("ingest", "een", "twee", "--zorgdrager", "opsterland", "--json")

        said = [json.loads(line) for line in answer.out.splitlines()]
        assert answer.code == 4
        assert [each["outcome"] for each in said] == ["waiting", "accepted"]
        assert said[0]["findings"][0]["code"] == "E040"

    def test_an_empty_delivery_is_refused_and_kept_from_the_shelf(
        self, cli: Cli, tmp_path: Path
    ) -> None:
        file = cli.depot / "edepot.toml"
        file.write_text(file.read_text("utf-8").replace('"wait"', '"accept"'), "utf-8")
        (tmp_path / "leeg").mkdir()

        answer = cli("ingest", "leeg", "--zorgdrager", "opsterland", "--json")

        said = json.loads(answer.out)
        assert answer.code == 1
        assert set(said) == {"delivery", "source", "outcome", "aips", "findings"}
        assert (said["outcome"], said["aips"]) == ("refused", [])

    def test_a_check_stores_nothing_and_needs_no_depot(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "leeg").mkdir()

        code, out, _ = run(capsys, "check", "leeg")

        assert code == 1
        assert "NIET GOED" in out
        assert [each.name for each in tmp_path.iterdir()] == ["leeg"]
