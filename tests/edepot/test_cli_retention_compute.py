"""`edepot retention compute` as a person runs it: without a depot, JSON in and JSON out."""

import json
from pathlib import Path
from typing import Any

import pytest

from edepot.cli.main import main

PERMIT = {
    "rule": {
        "valuation": "destroy",
        "term": "P1Y",
        "trigger": "bestaansduur_procesobject",
        "name": "2020, 11.1",
    },
    "zaak": {"end": "2021-05-17"},
    "facts": {"object_end": "2030-06-30"},
}


@pytest.fixture(autouse=True)
def no_depot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDEPOT_DEPOT", raising=False)
    monkeypatch.delenv("EDEPOT_LANG", raising=False)


def written(folder: Path, said: Any) -> str:
    file = folder / "zaak.json"
    file.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return str(file)


def test_a_case_gets_its_dates_and_a_dutch_sentence_per_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["retention", "compute", written(tmp_path, PERMIT)])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {
        "decision": "DATED",
        "brondatum": "2030-06-30",
        "end_date": "2031-06-30",
        "eligible_from": "2031-07-01",
        "reasons": [
            "Gesloten op 17-05-2021.",
            "Waar de zaak over gaat (het procesobject) eindigde op 30-06-2030.",
            "Volgens 11.1 (selectielijst 2020) 1 jaar bewaren na 30-06-2030: "
            "tot en met 30-06-2031.",
            "Einddatum 30-06-2031: vernietigen mag vanaf 01-07-2031.",
        ],
    }


def test_a_list_of_cases_gets_a_list_of_answers_and_english_is_spoken_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["retention", "compute", written(tmp_path, [PERMIT, {}]), "--lang", "en"])

    told = json.loads(capsys.readouterr().out)
    assert (code, [each["decision"] for each in told]) == (0, ["DATED", "AWAITING"])
    assert told[1]["reasons"] == ["The case is not closed yet; its end date is missing."]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"rule": {"term": "P1Y",}}', "regel 1, kolom 25: hier wordt een naam"),
        ({"rule": {"term": 1}}, "bij rule.term wordt een tekst verwacht"),
        ({"zaak": {"einddatum": "2020"}}, "zaak.einddatum is hier geen bekende naam"),
        ({"given": "x", "when": "y"}, "een stap in de procedure"),
    ],
)
def test_a_broken_file_is_refused_in_words_that_say_where(
    said: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["retention", "compute", written(tmp_path, said)])

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert words in " ".join(told.err.split())


def test_bytes_that_are_no_text_and_a_file_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"rule": {"name": "caf\xe9"}}')

    assert main(["retention", "compute", "latin.json"]) == 1
    assert "UTF-8" in capsys.readouterr().err
    assert main(["retention", "compute", "weg.json"]) == 2
    assert "weg.json bestaat niet" in capsys.readouterr().err


def test_a_mark_at_the_start_of_the_file_does_not_hurt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "\ufeff" + json.dumps(PERMIT))

    assert main(["retention", "compute", file]) == 0
    assert json.loads(capsys.readouterr().out)["end_date"] == "2031-06-30"
