"""Receiving: the copy is whole, nothing but regular files comes along, limits hold."""

import os
from pathlib import Path

import pytest

from ingest.errors import DeliveryUnreadable
from ingest.staging import Ceiling, Staged, copy_in, fingerprint, quick_signature

WIDE = Ceiling(max_files=1000, max_bytes=10**9, max_file_bytes=10**9, max_depth=20)


def copy(source: Path, into: Path, ceiling: Ceiling = WIDE) -> Staged:
    return copy_in(source, into, ceiling, lambda _bytes: None)


def codes(staged: Staged) -> list[str]:
    return [each.code for each in staged.findings]


def test_a_folder_is_copied_whole_and_hashed_as_hashlib_does(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    (source / "sub map").mkdir(parents=True)
    (source / "brief é.txt").write_bytes(b"Geachte heer")
    (source / "sub map" / "groot.bin").write_bytes(os.urandom(20_000_000))

    staged = copy(source, tmp_path / "staging")

    assert [each.path for each in staged.files] == ["brief é.txt", "sub map/groot.bin"]
    assert staged.findings == ()
    for each in staged.files:
        original = (source / each.path).read_bytes()
        assert each.staged.read_bytes() == original
        assert each.sums.size_bytes == len(original)
        import hashlib
        import zlib

        assert each.sums.sha256 == hashlib.sha256(original).hexdigest()
        assert each.sums.sha512 == hashlib.sha512(original).hexdigest()
        assert each.sums.crc32 == zlib.crc32(original)


def test_one_file_is_a_delivery_too(tmp_path: Path) -> None:
    source = tmp_path / "zaken.zip"
    source.write_bytes(b"PK")

    staged = copy(source, tmp_path / "staging")

    assert [each.path for each in staged.files] == ["zaken.zip"]


def test_the_senders_folder_is_left_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    (source / "a.txt").write_bytes(b"a")
    before = quick_signature(source)

    copy(source, tmp_path / "staging")

    assert quick_signature(source) == before


def test_a_changed_source_has_another_signature(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    (source / "a.txt").write_bytes(b"a")
    before = quick_signature(source)

    (source / "b.txt").write_bytes(b"b")

    assert quick_signature(source) != before


def test_I003_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "geheim.txt"
    secret.write_text("KANARIE")
    source = tmp_path / "zaak"
    source.mkdir()
    (source / "brief.txt").symlink_to(secret)
    (source / "map").symlink_to(tmp_path)

    staged = copy(source, tmp_path / "staging")

    assert codes(staged) == ["I003", "I003"]
    assert staged.files == ()
    assert not list((tmp_path / "staging").iterdir())


def test_I004_a_pipe_is_no_record_and_does_not_hang(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    os.mkfifo(source / "pijp")

    staged = copy(source, tmp_path / "staging")

    assert codes(staged) == ["I004"]


@pytest.mark.parametrize(
    ("ceiling", "code"),
    [
        pytest.param(Ceiling(10, 10**6, 3, 9), "I001", id="I001_file_too_large"),
        pytest.param(Ceiling(10, 10**6, 10**6, 1), "I002", id="I002_too_deep"),
        pytest.param(Ceiling(1, 10**6, 10**6, 9), "I009", id="I009_too_many_files"),
        pytest.param(Ceiling(10, 7, 10**6, 9), "I009", id="I009_too_many_bytes"),
    ],
)
def test_a_limit_that_is_passed_is_a_finding(tmp_path: Path, ceiling: Ceiling, code: str) -> None:
    source = tmp_path / "zaak"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_bytes(b"aaaa")
    (source / "sub" / "b.txt").write_bytes(b"bbbb")

    staged = copy(source, tmp_path / "staging", ceiling)

    assert code in codes(staged)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_I005_a_file_that_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    (source / "a.txt").write_bytes(b"a")
    (source / "a.txt").chmod(0)

    staged = copy(source, tmp_path / "staging")

    assert codes(staged) == ["I005"]


def test_I006_a_file_that_grows_while_it_is_copied_is_a_finding(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    growing = source / "a.txt"
    growing.write_bytes(b"a" * 3_000_000)

    def told(_bytes: int) -> None:
        with growing.open("ab") as more:
            more.write(b"b")

    staged = copy_in(source, tmp_path / "staging", WIDE, told)

    assert [each.code for each in staged.findings] == ["I006"]


def test_I007_a_name_that_is_no_utf8_is_a_finding(tmp_path: Path) -> None:
    source = tmp_path / "zaak"
    source.mkdir()
    (Path(os.fsdecode(os.fsencode(source) + b"/brief-\xe9.txt"))).write_bytes(b"x")

    staged = copy(source, tmp_path / "staging")

    assert codes(staged) == ["I007"]
    assert staged.findings[0].where == "brief-\\xe9.txt"


def test_I008_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "zaak" / "leeg").mkdir(parents=True)

    staged = copy(tmp_path / "zaak", tmp_path / "staging")

    assert codes(staged) == ["I008"]


def test_a_source_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DeliveryUnreadable, match="zaak"):
        copy(tmp_path / "zaak", tmp_path / "staging")


def test_equal_deliveries_have_equal_fingerprints(tmp_path: Path) -> None:
    for name in ("een", "twee"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_bytes(b"a")
    first = copy(tmp_path / "een", tmp_path / "s1")
    second = copy(tmp_path / "twee", tmp_path / "s2")

    assert fingerprint(first.files) == fingerprint(second.files)
