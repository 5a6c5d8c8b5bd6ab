"""Every finding code of storage is explained, and some test bears its name."""

from pathlib import Path

import pytest

from formats.findings import Severity, explain, finding, read_codes

CODES = read_codes("storage")
TESTS = "\n".join(each.read_text("utf-8") for each in Path(__file__).parent.rglob("test_*.py"))


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained_in_both_languages(code: str) -> None:
    for lang in ("nl", "en"):
        told = explain(finding(code, "een, a/v0001.zip", "gevonden", "verwacht"), lang)

        assert "een, a/v0001.zip" in told.text
        assert told.advice.endswith(".")
        assert told.source


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_borne_by_a_test(code: str) -> None:
    assert code in TESTS or code.lower() in TESTS


def test_only_what_may_be_right_is_a_warning() -> None:
    warnings = {code for code, each in CODES.items() if each.severity is Severity.WARNING}

    assert warnings == {"S106", "S301", "S341", "S345", "S346", "S354", "S357", "S423", "S425"}
