"""Names that are safe pass without a word; every other kind has a finding of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.findings import Severity, code_of
from ingest.names import check_collisions, check_path, is_safe
from ingest.unpack_limits import UnpackLimits

LIMITS = UnpackLimits(max_depth=6, max_name_bytes=80, max_path_bytes=200)


@pytest.mark.parametrize(
    "path",
    [
        "Zaak 2026-0417/Besluit omgevingsvergunning (definitief).pdf",
        "zaak/Brief aan mw. Noël-d'Hondt & zn. #3.docx",
        "zaak/café, ijsselmeer; nee.txt".replace(";", ""),
        "zaak/100% zeker [concept] {v2} ~ kopie!.odt",
        "zaak/Ψ-meting.csv",
        "zaak/приказ.pdf",
        "zaak/configuratie.txt",
        "zaak/console/nullijn.txt",
        "zaak/.verborgen",
        "zaak/a…b—c.pdf",
    ],
)
def test_ordinary_names_give_no_finding(path: str) -> None:
    assert check_path(path, LIMITS) == []


CASES: list[tuple[str, str]] = [
    *(("I110", path) for path in ("", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/.", "..")),
    *(("I110", path) for path in ("C:/x", "c:x", "\\\\server\\x", "a\\..\\b", "a\\b", "~/x", "a/")),
    *(
        ("I111", path)
        for path in ("a\x00b", "a\nb", "\x1b[31mrood", "a\x7fb", "a\x85b", "a\u2028b")
    ),
    *(("I112", path) for path in ("CON", "a/nul.txt", "Com1.tar.gz", "lpt²", "aux .txt", "prn")),
    *(("I113", path) for path in ("a/naam.", "naam ", " naam/b", "a/. ./b", "...")),
    ("I114", "a" * 81),
    ("I114", "é" * 41),
    ("I114", "/".join(["a" * 60] * 4)),
    ("I115", "a/b/c/d/e/f/g"),
    ("I116", "factuur\u202efdp.exe"),
    ("I116", "a\u2066b"),
    ("I117", "caf\udce9"),
    ("I118", "__MACOSX/a"),
    ("I118", "a/Thumbs.db"),
    ("I118", "a/.DS_Store"),
    ("I118", "a/._brief.pdf"),
    ("I118", "a/~$brief.docx"),
    *(
        ("I119", path)
        for path in ("a/wat?.txt", "a:b", "a/-rf", "a`id`", "a;b", 'a"b', "a|b", "$(x)")
    ),
    ("I123", "caf\ufffd"),
    ("I123", "a\ue000b"),
    ("I124", "p\u0430ypal.pdf"),
    ("I124", "a\u200bb"),
    ("I124", "soft\u00adhyphen"),
    ("I124", "a\u2215b"),
    ("I124", "\uff0e\uff0e\uff0fx"),
    ("I124", "foto.jpg\u2003\u2003\u2003.exe"),
]


@pytest.mark.parametrize(("code", "path"), CASES)
def test_each_kind_of_name_gives_the_finding_with_its_code(code: str, path: str) -> None:
    findings = check_path(path, LIMITS, "levering.zip")

    assert code in {each.code for each in findings}
    assert all(each.where.startswith("levering.zip/") for each in findings)
    assert all(each.where.isprintable() for each in findings)


def test_names_that_could_leave_the_folder_are_not_safe_to_write() -> None:
    unsafe = ("I110", "I111", "I114", "I115", "I117")

    for code, path in CASES:
        if code in unsafe:
            assert not is_safe(check_path(path, LIMITS)), path
    assert is_safe(check_path("CON/Thumbs.db", LIMITS))


COLLISIONS: list[tuple[str, list[str]]] = [
    ("I120", ["caf\u00e9", "cafe\u0301"]),
    ("I121", ["zaak/Brief.pdf", "zaak/brief.PDF"]),
    ("I121", ["straße", "STRASSE"]),
    ("I122", ["zaak", "zaak/brief.pdf"]),
    ("I122", ["Zaak", "zaak/brief.pdf"]),
    ("I125", ["Bijlagen/a", "bijlagen/b"]),
]


@pytest.mark.parametrize(("code", "paths"), COLLISIONS)
def test_two_names_that_are_one_elsewhere_collide(code: str, paths: list[str]) -> None:
    assert [each.code for each in check_collisions(paths)] == [code]


def test_names_that_differ_do_not_collide() -> None:
    assert check_collisions(["a/b", "a/c", "ab", "a b", "zaak-1/x", "zaak-2/x"]) == []


@given(st.text(max_size=40))
def test_what_is_safe_stays_below_its_folder(path: str) -> None:
    findings = check_path(path, LIMITS)

    if is_safe(findings):
        parts = path.split("/")
        assert parts
        assert not set(parts) & {"", ".", ".."}
        assert "\x00" not in path
        assert "\\" not in path
        path.encode("utf-8")


@given(st.lists(st.text(max_size=12), max_size=8))
def test_collisions_never_fail(paths: list[str]) -> None:
    findings = check_collisions(paths)

    assert all(code_of(each.code).severity in Severity for each in findings)
