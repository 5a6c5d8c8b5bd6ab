"""A packing slip is written and read again the same, and compared with what came."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.digest import Algorithm, Digest
from formats.xmldoc import parse_xml
from ingest.packing_slip import PackingSlip, SlipFile, parse_slip, slip_xml
from ingest.sip import StagedFile
from tests.ingest.readers.deliveries import codes, mdto_dossier, read_tree, sums_of

TREE = mdto_dossier()
RIGHT = PackingSlip("P-1", "Proef", "2026-01-02T03:04:05", "Gemeente", 2, 2, 2, 20)

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=20
).filter(lambda each: "￾" not in each and "￿" not in each)
counts = st.integers(0, 10**14)
digests = st.builds(
    lambda algorithm, body: Digest(algorithm, hashlib.new(algorithm.value, body).hexdigest()),
    st.sampled_from(Algorithm),
    st.binary(max_size=4),
)
lines = st.lists(
    st.builds(SlipFile, texts, st.none() | counts, st.none() | digests), max_size=3
).map(tuple)
slips = st.builds(
    PackingSlip,
    *(texts,) * 4,
    *(counts,) * 4,
    contact=texts | st.just(""),
    remarks=texts | st.just(""),
    containers=lines,
    files=lines,
)


@given(slips)
def test_a_slip_that_is_written_reads_the_same(slip):
    assert parse_slip(parse_xml(slip_xml(slip)), "pakbon.xml") == (slip, [])


def test_a_slip_that_is_right_brings_no_finding_and_is_kept_with_the_dossier(pool, tmp_path):
    letter = TREE["zaak-1/brief/brief.txt"]
    files = (
        SlipFile("zaak-1/brief/bijlage.txt", 7),
        SlipFile("zaak-1/brief/brief.txt", 13, Digest(Algorithm.SHA256, sums_of(letter).sha256)),
    )

    reading = read_tree(
        tmp_path, TREE | {"pakbon.xml": slip_xml(replace(RIGHT, files=files))}, pool
    )

    assert codes(reading) == []
    assert reading.slip == replace(RIGHT, files=files)
    assert "pakbon.xml" in {each.path for each in reading.sips[0].sources}


def test_a_slip_in_a_folder_names_its_files_from_there(pool, tmp_path):
    files = tuple(SlipFile(f"zaak-1/brief/{name}") for name in ("brief.txt", "bijlage.txt"))
    tree = TREE | {"pakbon.xml": slip_xml(replace(RIGHT, files=files))}

    reading = read_tree(tmp_path, {f"levering/{p}": b for p, b in tree.items()}, pool)

    assert codes(reading) == []


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_digest_of_the_container_is_compared_in_any_algorithm(algorithm, pool, tmp_path):
    body = b"de container"
    (tmp_path / "zaken.zip").write_bytes(body)
    container = StagedFile("zaken.zip", str(tmp_path / "zaken.zip"), sums_of(body))
    right = Digest(algorithm, hashlib.new(algorithm.value, body).hexdigest())
    wrong = replace(right, value=right.value[::-1])

    def reading(digest):
        slip = replace(RIGHT, containers=(SlipFile("zaken.zip", len(body), digest),))
        tree = TREE | {"pakbon.xml": slip_xml(slip)}
        return read_tree(tmp_path / "levering", tree, pool, containers=[container])

    assert codes(reading(right)) == (["I314"] if algorithm.weak else [])
    assert "I307" in codes(reading(wrong))


def test_a_digest_file_beside_a_container_is_compared_and_is_no_record(pool, tmp_path):
    body = b"de container"
    (tmp_path / "zaken.zip").write_bytes(body)
    container = StagedFile("zaken.zip", str(tmp_path / "zaken.zip"), sums_of(body))
    tree = TREE | {"zaken.zip.sha512": f"{sums_of(body).sha512.upper()} *zaken.zip".encode()}

    reading = read_tree(tmp_path / "levering", tree, pool, containers=[container])

    assert codes(reading) == []
    assert "zaken.zip.sha512" in {each.path for each in reading.sips[0].sources}


def test_of_a_slip_of_many_dossiers_each_keeps_its_own_lines(pool, tmp_path):
    tree = TREE | mdto_dossier("zaak-2")
    names = [path for path in tree if path.endswith(".txt")]
    slip = replace(
        RIGHT,
        objects=4,
        described_files=4,
        plain_files=4,
        plain_bytes=40,
        files=tuple(SlipFile(each) for each in names),
    )

    reading = read_tree(tmp_path, tree | {"pakbon.xml": slip_xml(slip)}, pool)

    assert codes(reading) == []
    for sip in reading.sips:
        (extract,) = sip.extracts
        kept, _ = parse_slip(parse_xml(extract.content), extract.path)
        assert {each.path for each in kept.files} == {each.file.path for each in sip.files}


def test_a_pakbon_of_another_kind_is_a_record(pool, tmp_path):
    reading = read_tree(tmp_path, TREE | {"zaak-1/pakbon.xml": b"<pakbon/>"}, pool)

    assert [(each.code, each.where) for each in reading.findings] == [("I206", "zaak-1/pakbon.xml")]
    assert reading.slip is None
