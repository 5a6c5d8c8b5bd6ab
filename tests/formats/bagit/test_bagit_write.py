"""Tag files are written in the form of RFC 8493, and read as they were written."""

from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.bagit.read import (
    Declaration,
    manifest_named,
    read_bag_info,
    read_declaration,
    read_manifest,
    read_oxum,
    spellings,
)
from formats.bagit.write import (
    bag_info_bytes,
    bagit_txt,
    manifest_bytes,
    payload_oxum,
    tagmanifest_bytes,
)
from formats.tally import Tally
from tests.formats.bagit.bag_makers import write_bag

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
PATHS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\\"), min_size=1
)
ONE_ZERO = Declaration("1.0", "utf-8")


def test_lines_are_ordered_by_their_bytes_and_encode_percent_and_line_ends() -> None:
    lines = [("bb", "data/é"), ("cc", "data/100%"), ("aa", "data/a\r\nb"), ("dd", "data/Z")]

    assert manifest_bytes(lines) == (
        "cc  data/100%25\ndd  data/Z\naa  data/a%0D%0Ab\nbb  data/é\n".encode()
    )


def test_a_tag_manifest_lists_no_payload() -> None:
    assert tagmanifest_bytes([("aa", "bagit.txt")]) == b"aa  bagit.txt\n"
    with pytest.raises(AssertionError):
        tagmanifest_bytes([("aa", "data/x")])


def test_bag_info_keeps_to_one_line_for_each_element() -> None:
    pairs = [("Titel", " Brief\nover\x00 de kap "), ("Payload-Oxum", payload_oxum(19, 2))]

    content = bag_info_bytes(pairs)

    assert content == b"Titel: Brief over  de kap\nPayload-Oxum: 19.2\n"
    assert read_oxum(read_bag_info(content, ONE_ZERO, Tally()), Tally()) == (19, 2)


def test_bagit_txt_declares_one_point_zero_in_utf_8() -> None:
    tally = Tally()

    assert read_declaration(bagit_txt(), tally) == ONE_ZERO
    assert tally.findings() == ()


def test_a_continued_line_of_bag_info_is_one_value() -> None:
    content = b"Titel: een\r\n  twee\r\n\tdrie\rNaam: x"

    pairs = read_bag_info(content, ONE_ZERO, Tally())

    assert pairs == (("Titel", "een twee drie"), ("Naam", "x"))


@given(st.dictionaries(PATHS.map(lambda path: f"data/{path}"), HEX, max_size=8))
def test_a_manifest_reads_as_it_was_written(lines: dict[str, str]) -> None:
    tally = Tally()
    _, name, _ = manifest_named("manifest-sha256.txt")

    manifest = read_manifest(
        manifest_bytes((digest, path) for path, digest in lines.items()), ONE_ZERO, tally, name
    )

    read = {spellings(line.path, strict=True)[0]: line.digest for line in manifest.lines}
    odd = [path for path in lines if set(path.split("/")) & {"", ".", ".."}]
    assert odd or read == lines
    assert odd or tally.findings() == ()


@given(st.lists(st.tuples(st.from_regex(r"[A-Za-z][A-Za-z-]{0,20}", fullmatch=True), st.text())))
def test_bag_info_reads_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    content = bag_info_bytes(pairs)

    assert bag_info_bytes(read_bag_info(content, ONE_ZERO, Tally())) == content


def test_an_independent_reader_accepts_our_bag(tmp_path: Path) -> None:
    root = write_bag(tmp_path, algorithms=("sha256", "sha512"))

    assert bagit.Bag(str(root)).is_valid()
