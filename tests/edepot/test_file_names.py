"""Names under which records are handed out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edepot.file_names import own_names, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("brief aan bewoner.pdf", "brief aan bewoner.pdf"),
        ("Bezwaar – Súdwest (1).odt", "Bezwaar – Súdwest (1).odt"),
        ("wat?.pdf", "wat_.pdf"),
        ("a:b.txt", "a_b.txt"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("punt. ", "punt"),
        ("...", "_"),
        ("a\x07b", "a_b"),
        ("fdp.\u202etxt", "fdp._txt"),
    ],
)
def test_a_name_stays_unless_some_file_system_refuses_it(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    safe = safe_name("é" * 300 + ".pdf")

    assert safe.endswith("é.pdf")
    assert len(safe.encode()) <= 240


def test_names_that_differ_only_in_case_or_form_are_told_apart() -> None:
    assert own_names(["Brief.pdf", "brief.PDF", "brief.pdf", "e\u0301", "\u00e9"]) == [
        "Brief.pdf",
        "brief (2).PDF",
        "brief (3).pdf",
        "e\u0301",
        "\u00e9 (2)",
    ]


def test_a_file_never_takes_the_name_of_a_folder() -> None:
    assert own_names(["a", "A/b"]) == ["a (2)", "A/b"]


@given(
    st.lists(st.lists(st.text(min_size=1).filter(lambda t: "/" not in t), min_size=1, max_size=3))
)
def test_no_name_leads_elsewhere_and_no_two_are_equal(parts: list[list[str]]) -> None:
    paths = ["/".join(each) for each in parts]

    names = own_names(paths)

    assert len({each.casefold() for each in names}) == len(paths)
    for name in names:
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\x00" not in name
