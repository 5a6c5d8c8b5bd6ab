"""Lists of parties: every form is read, and nothing hostile gets through."""

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.tally import Tally
from storage.held import manifests
from storage.held.manifests import (
    Heading,
    HeldLine,
    HeldList,
    read_heading,
    read_lines,
    safe_path,
    write_list,
)
from tests.storage.held.making import codes

A, B = "a" * 64, "b" * 64
LONG = "c" * 128


def read(content: bytes, name: str = "lijst.txt") -> tuple[list[HeldLine], list[str]]:
    tally = Tally()
    lines = list(read_lines(HeldList(name, content), tally))
    return lines, codes(tally.findings())


class TestForms:
    """Each form in which a party may hand in its list."""

    def test_a_list_of_sha256sum_in_text_and_binary_mode(self) -> None:
        content = f"{A}  map/een.txt\n{B} *twee met spatie.bin\n".encode()

        assert read(content) == (
            [HeldLine(1, "map/een.txt", A, "", -1), HeldLine(2, "twee met spatie.bin", B, "", -1)],
            [],
        )

    def test_an_escaped_name_is_read_as_the_file_is_called(self) -> None:
        assert read(f"\\{A}  map\\\\een.txt\n".encode()) == (
            [HeldLine(1, "map\\een.txt", A, "", -1)],
            [],
        )

    def test_a_list_of_sha512sum_with_windows_line_ends_and_a_byte_order_mark(self) -> None:
        content = b"\xef\xbb\xbf" + f"{LONG}  een.txt\r\n".encode()

        assert read(content) == ([HeldLine(1, "een.txt", "", LONG, -1)], [])

    def test_a_bagit_manifest_is_known_by_its_name(self) -> None:
        content = f"{A.upper()} data/honderd%25.txt\n".encode()

        assert read(content, "manifest-sha256.txt") == (
            [HeldLine(1, "data/honderd%.txt", A, "", -1)],
            [],
        )

    @pytest.mark.parametrize("separator", [";", ","])
    def test_a_csv_with_columns_in_any_order(self, separator: str) -> None:
        rows = [["grootte", "Pad", "SHA256"], ["12", "map\\een.txt", A], ["", '"x;y.txt"', B]]
        content = "\ufeff# datum: 2026-11-25\r\n" + "\r\n".join(map(separator.join, rows))

        assert read(content.encode()) == (
            [HeldLine(3, "map/een.txt", A, "", 12), HeldLine(4, "x;y.txt", B, "", -1)],
            [],
        )

    def test_what_find_and_sha256sum_write_together_is_made_plain(self) -> None:
        assert read(f"{A}  ./map/een.txt\n".encode())[0][0].path == "map/een.txt"

    def test_a_list_that_sha256sum_itself_made_is_read(self, tmp_path: Path) -> None:
        names = ["gewoon.txt", "met spatie.txt", "met\\streep.txt", "#hekje", " voorop"]
        for name in names:
            (tmp_path / name).write_bytes(name.encode())

        made = subprocess.run(
            ["sha256sum", "--", *names], cwd=tmp_path, capture_output=True, check=True
        )

        lines, found = read(made.stdout)
        assert found == []
        assert [(each.path, each.sha256) for each in lines] == [
            (name, hashlib.sha256(name.encode()).hexdigest()) for name in names
        ]

    @given(
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(
                lambda path: safe_path(path) == path
            ),
            st.binary(max_size=8),
            min_size=1,
        ),
        st.sampled_from(["sha256", "sha512"]),
    )
    def test_what_is_written_is_read_back(self, files: dict[str, bytes], algorithm: str) -> None:
        digests = [(path, hashlib.new(algorithm, files[path]).hexdigest()) for path in files]

        lines, found = read(write_list(digests, [("datum", "2026-11-25")]))

        assert found == []
        assert [(each.path, each.sha256 or each.sha512) for each in lines] == digests


class TestHeading:
    """What a list says of itself."""

    @pytest.mark.parametrize(
        ("line", "stated"),
        [
            ("# datum: 2026-11-25", datetime(2026, 11, 25, tzinfo=UTC)),
            ("#date=2026-11-25T12:00:00+01:00", datetime(2026, 11, 25, 11, tzinfo=UTC)),
            ("# een opmerking", None),
        ],
    )
    def test_a_date_stands_in_a_remark(self, line: str, stated: datetime | None) -> None:
        content = f"{line}\n# volgnummer: 7\n{A}  een.txt\n".encode()

        assert read_heading(HeldList("lijst", content), Tally()) == Heading(stated, 7)

    @pytest.mark.parametrize(
        "line", ["# datum: gisteren", "# datum: 0001-01-01T00:00+10:00", "# volgnummer: -1"]
    )
    def test_a_date_or_number_that_cannot_be_is_told(self, line: str) -> None:
        tally = Tally()

        read_heading(HeldList("lijst", line.encode()), tally)

        assert codes(tally.findings()) == ["S408"]


class TestHostile:
    """What a list must not be able to do."""

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "S400"),
            (b"# alleen een opmerking\n", "S400"),
            (f"{A}  een.txt\nzomaar iets\n".encode(), "S401"),
            (f"\\{A}  een\\t.txt\n{B}  twee\n".encode(), "S401"),
            (f"{A}  een.txt\n{B}  een.txt\n".encode(), "S403"),
            (f"{A}  een.txt\n{B}  {'x' * 20_000}\n".encode(), "S404"),
            (A.encode() + b"  een.txt\n" + B.encode() + b"  \xff.txt\n", "S405"),
            (f"{A}  een.txt\n{LONG}  twee.txt\n".encode(), "S406"),
            (f"{'a' * 40}  een.txt\n{A}  twee\n".encode(), "S406"),
            (b"pad;md5\neen.txt;00\n", "S407"),
            (f"pad;sha256\neen.txt;{A[:-1]}\ntwee;{A}\n".encode(), "S406"),
            (f"pad;sha256;size\neen.txt;{A};veel\ntwee;{A};1\n".encode(), "S409"),
            (f'pad;sha256\n"een.txt;{A}\n'.encode(), "S401"),
            (f"pad;sha256\ntwee;{A}\n".encode() + b"\xff;" + B.encode() + b"\n", "S405"),
        ],
    )
    def test_a_bad_list_is_told_by_its_code(self, content: bytes, code: str) -> None:
        assert code in read(content)[1]

    @pytest.mark.parametrize(
        "path",
        [
            "/etc/passwd",
            "../buiten",
            "a/../../b",
            "a/./b",
            "a//b",
            "a/",
            "C:\\x",
            "c:x",
            "\\\\server\\deel",
            "a\\..\\b",
            "..",
            ".",
            "./",
            "een\x1b[2J",
            "een\x85",
            "een\u2028twee",
            "é" * 1025,
            "\ud800",
        ],
    )
    def test_a_path_that_may_lead_elsewhere_is_refused(self, path: str) -> None:
        assert safe_path(path) == ""
        content = f"pad;sha256\n{path};{A}\n".encode("utf-8", "surrogatepass")
        assert ("S405" if path == "\ud800" else "S402") in read(content)[1]

    def test_every_finding_names_its_line(self) -> None:
        tally = Tally()
        content = f"{A}  een.txt\n\n# opmerking\n{B}  ../buiten\n".encode()

        list(read_lines(HeldList("lijst.txt", content), tally))

        assert [(each.code, each.where, each.found) for each in tally.findings()] == [
            ("S402", "lijst.txt, regel 4", "../buiten")
        ]

    def test_more_lines_or_bytes_than_the_limit_end_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = "".join(f"{A}  {number}\n" for number in range(12)).encode()
        monkeypatch.setattr(manifests, "MAX_LINES", 10)
        lines, found = read(content)
        assert (len(lines), found) == (10, ["S404"])

        monkeypatch.setattr(manifests, "MAX_BYTES", 100)
        assert read(content) == ([], ["S404"])

    @given(st.binary(max_size=400))
    def test_any_bytes_at_all_are_read_without_failing(self, content: bytes) -> None:
        for name in ("lijst", "manifest-sha256.txt"):
            for head in (b"", b"pad;sha256\n"):
                tally = Tally()
                held = HeldList(name, head + content)
                read_heading(held, tally)
                lines = list(read_lines(held, tally))
                assert all(safe_path(each.path) == each.path for each in lines)
