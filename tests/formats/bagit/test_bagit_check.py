"""Every finding of a bag has a case here that bears its code."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.bagit.check import FetchRule, check_bag, find_bag
from formats.bagit.tree import (
    SPARSE_FROM_BYTES,
    NotAFolder,
    TreeLimits,
    hash_files,
    open_root,
    walk,
)
from formats.bagit.write import encoded_path
from formats.digest import Algorithm, Sums
from formats.findings import Severity, code_of
from formats.tally import PER_CODE, Tally
from tests.formats.bagit.bag_makers import PAYLOAD, digest, listing, write_bag

BAGIT_097 = b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"
FIRST, SECOND = PAYLOAD


def codes(root: Path, **options: object) -> set[str]:
    return {each.code for each in check_bag(root, **options).findings}


def with_tags(**tags: bytes) -> Callable[[Path], None]:
    names = {name.replace("__", "-").replace("_txt", ".txt"): each for name, each in tags.items()}
    return lambda root: write_bag(root, tags=names) and None


def info(*lines: str) -> Callable[[Path], None]:
    return with_tags(bag__info_txt="\n".join(lines).encode())


def manifest(content: bytes) -> Callable[[Path], None]:
    return with_tags(manifest__sha256_txt=content)


def after(change: Callable[[Path], object], **options: object) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        write_bag(root, **options)
        change(root)

    return make


def percent_twins(root: Path) -> None:
    payload = {"data/100%.txt": b"a", "data/100%25.txt": b"b"}
    literal = b"".join(digest(v).encode() + b"  " + k.encode() + b"\n" for k, v in payload.items())
    write_bag(root, payload, tags={"manifest-sha256.txt": literal})


def sparse(root: Path) -> None:
    payload = {"data/ijl.bin": b""}
    write_bag(root, payload)
    with (root / "data/ijl.bin").open("wb") as file:
        file.truncate(SPARSE_FROM_BYTES + 1)


LINES = listing(PAYLOAD)
TWICE = LINES + LINES.splitlines(keepends=True)[0]
FETCH = b"gopher://169.254.169.254/latest - data/ver.txt\n"
GHOST = LINES + digest(b"").encode() + b"  data/ver.txt\n"

CASES: dict[str, Callable[[Path], object]] = {
    "F200": after(lambda root: (root / "bagit.txt").unlink()),
    "F201": with_tags(bagit_txt=BAGIT_097.replace(b"0.97", b"1.0") + b"Derde: regel\n"),
    "F202": with_tags(bagit_txt=BAGIT_097.replace(b"0.97", b"0.98")),
    "F203": with_tags(bagit_txt=b"BagIt-Version: 1.0\nTag-File-Character-Encoding: zlib_codec\n"),
    "F204": with_tags(bagit_txt=b"BagIt-Version: 1.0\nTag-File-Character-Encoding: latin-1\n"),
    "F205": with_tags(bag__info_txt=b"Titel: \xff\xfe\n"),
    "F206": with_tags(bag__info_txt=b"\xef\xbb\xbfTitel: brief\n"),
    "F207": lambda root: write_bag(root, algorithms=()),
    "F208": after(lambda root: (root / "data").rmdir(), payload={}),
    "F209": manifest(LINES + b"geen regel\n"),
    "F211": lambda root: write_bag(root, algorithms=(), tags={"manifest-shake_128.txt": b"x\n"}),
    "F212": with_tags(manifest__shake_128_txt=b"00  data/brief.txt\n"),
    "F213": lambda root: write_bag(root, algorithms=("md5",)),
    "F214": lambda root: write_bag(
        root,
        algorithms=("md5",),
        tags={"manifest-sha256.txt": LINES.splitlines(True)[0], "bagit.txt": BAGIT_097},
    ),
    "F215": lambda root: write_bag(
        root,
        algorithms=("sha512",),
        tags={"manifest-sha256.txt": LINES.splitlines(True)[0], "bagit.txt": BAGIT_097},
    ),
    "F216": manifest(LINES + digest(b"").encode() + b"  ../NAAM-kwaad/x\n"),
    "F217": manifest(LINES + digest(b"").encode() + b"  bagit.txt\n"),
    "F218": manifest(LINES.replace(b"  data/brief", b"  ./data//brief")),
    "F219": manifest(LINES.replace(b"  ", b" *")),
    "F220": with_tags(manifest__sha256_txt=TWICE),
    "F221": manifest(LINES + digest(b"x").encode() + b"  data/brief.txt\n"),
    "F222": lambda root: write_bag(root, {"data/Brief.txt": b"a", "data/brief.TXT": b"b"}),
    "F223": lambda root: write_bag(root, {"data/caf\u00e9": b"a", "data/cafe\u0301": b"b"}),
    "F224": percent_twins,
    "F225": lambda root: write_bag(
        root,
        {"data/100%25.txt": b"a"},
        tags={"manifest-sha256.txt": digest(b"a").encode() + b"  data/100%25.txt\n"},
    ),
    "F226": after(lambda root: (root / FIRST).unlink()),
    "F227": after(lambda root: (root / "data/extra.txt").write_bytes(b"")),
    "F228": after(lambda root: (root / FIRST).write_bytes(b"Geachte Heer\n")),
    "F229": manifest(LINES + b"abcdef  data/ver.txt\n"),
    "F230": with_tags(manifest__sha256_txt=GHOST, fetch_txt=FETCH),
    "F231": with_tags(fetch_txt=b"https://example.org/x - data/brief.txt\n"),
    "F232": with_tags(fetch_txt=b"https://example.org/x - data/nergens.txt\n"),
    "F233": with_tags(fetch_txt=b"https://example.org/x - data/brief.txt\n\n"),
    "F234": info("Payload-Oxum: 99.2"),
    "F235": info("Payload-Oxum: 99"),
    "F236": info("Payload-Oxum: 19.2", "payload-oxum: 19.2"),
    "F237": info("zonder dubbele punt"),
    "F238": info("Titel : brief"),
    "F239": after(lambda root: (root / "los.xml").write_bytes(b"<a/>")),
    "F240": lambda root: write_bag(root, tagmanifest=False),
    "F241": after(lambda root: (root / "data/link").symlink_to("/etc/passwd")),
    "F242": after(lambda root: os.mkfifo(root / "data/pijp")),
    "F244": after(lambda root: (root / os.fsdecode(b"data/caf\xe9")).write_bytes(b"")),
    "F245": lambda root: write_bag(root, {"data/a\x07b": b"a"}),
    "F247": lambda root: write_bag(root, {"data/Thumbs.db": b"a"}),
    "F248": after(lambda root: (root / "data/leeg").mkdir()),
    "F249": after(lambda root: os.link(root / FIRST, root / "data/nog eens.txt")),
    "F250": sparse,
    "F253": with_tags(**{"manifest__SHA-256_txt": LINES}),
    "F299": after(lambda root: [(root / f"data/{n}").touch() for n in range(PER_CODE + 1)]),
}


@pytest.mark.parametrize("code", CASES)
def test_each_fault_of_a_bag_gives_the_finding_with_its_code(code: str, tmp_path: Path) -> None:
    root = tmp_path / "zaak"
    CASES[code](root)

    report = check_bag(root, where="levering")

    assert code in {each.code for each in report.findings}
    refused = [each for each in report.findings if each.severity is Severity.ERROR]
    assert report.valid == (not refused)
    if code_of(code).severity is Severity.ERROR:
        assert not report.valid
    assert all(each.where.startswith("levering") for each in report.findings)


def test_a_good_bag_gives_no_finding_at_all(tmp_path: Path) -> None:
    report = check_bag(write_bag(tmp_path, algorithms=("sha256", "sha512")))

    assert report.findings == ()
    assert report.version == "1.0"
    assert report.algorithms == (Algorithm.SHA256, Algorithm.SHA512)
    assert sorted(each.path for each in report.payload) == sorted(PAYLOAD)
    assert report.payload_bytes == 19
    assert report.payload[0].claimed[0].algorithm is Algorithm.SHA256


def test_F210_a_manifest_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    write_bag(tmp_path)
    with (tmp_path / "fetch.txt").open("wb") as file:
        file.truncate(17 * 1024 * 1024)

    assert "F210" in codes(tmp_path)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_F243_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    root = write_bag(tmp_path)
    for folder in (root, root / "data"):
        folder.chmod(0o755)
    (root / FIRST).chmod(0)
    with open_root(root) as handle, as_nobody():
        hashed = list(hash_files(handle, [(FIRST, 13, (Algorithm.SHA256,))], 1))

    assert [each.trouble[:2] for each in hashed] == [("F243", "Permission denied")]


def test_F246_a_tree_over_the_limits_is_told_once(tmp_path: Path) -> None:
    write_bag(tmp_path / "zaak")
    (tmp_path / "zaak/a/b/c").mkdir(parents=True)
    tally = Tally("zaak")
    with open_root(tmp_path / "zaak") as handle:
        walk(handle, TreeLimits(max_files=2, max_depth=2), tally)

    assert [each.code for each in tally.findings()].count("F246") == 2


def test_F251_a_file_that_grows_during_the_check_is_told(tmp_path: Path) -> None:
    write_bag(tmp_path)
    with open_root(tmp_path) as handle:
        wanted = [(FIRST, 1, (Algorithm.SHA256,)), (SECOND, 10_000_000, (Algorithm.SHA256,))]
        troubles = [each.trouble[0] for each in hash_files(handle, wanted, 2)]

    assert troubles == ["F251", "F251"]


def test_F252_a_fetch_list_is_refused_where_deliveries_come_in(tmp_path: Path) -> None:
    write_bag(tmp_path, tags={"fetch.txt": b"https://example.org/x - data/brief.txt\n"})

    assert check_bag(tmp_path).valid
    assert "F252" in codes(tmp_path, fetch=FetchRule.REFUSED)
    assert not check_bag(tmp_path, fetch=FetchRule.REFUSED).valid


@pytest.mark.parametrize("codec", ["utf-7", "rot13", "idna", "punycode", "base64_codec", "../x"])
def test_only_codecs_that_are_plain_text_are_taken(codec: str, tmp_path: Path) -> None:
    head = f"BagIt-Version: 0.97\nTag-File-Character-Encoding: {codec}\n"
    write_bag(tmp_path, tags={"bagit.txt": head.encode()})

    assert "F203" in codes(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "~/x",
        "~root/x",
        "C:\\x",
        "\\\\server\\x",
        "data/../../x",
        "data/a/../b",
        "..",
    ],
)
def test_a_path_that_leaves_the_bag_is_never_looked_at(path: str, tmp_path: Path) -> None:
    line = digest(b"").encode() + b"  " + path.encode() + b"\n"
    write_bag(tmp_path, tags={"manifest-sha256.txt": LINES + line})

    report = check_bag(tmp_path)

    assert {each.reason for each in report.findings} == {"PATH_UNSAFE"}


def test_the_order_of_the_lines_of_bagit_txt_counts(tmp_path: Path) -> None:
    swapped = b"Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n"
    write_bag(tmp_path, tags={"bagit.txt": swapped})

    assert not check_bag(tmp_path).valid


def test_pipes_devices_and_links_are_never_opened(tmp_path: Path) -> None:
    write_bag(tmp_path)
    os.mkfifo(tmp_path / "metadata.xml")
    (tmp_path / "data/nul").symlink_to("/dev/zero")
    (tmp_path / "data/kring").symlink_to(".")

    assert codes(tmp_path) == {"F241", "F242"}


def test_a_folder_data_that_is_a_link_is_no_payload(tmp_path: Path) -> None:
    outside = write_bag(tmp_path / "buiten")
    root = write_bag(tmp_path / "zaak", {})
    (root / "data").rmdir()
    (root / "data").symlink_to(outside / "data")

    assert {"F208", "F241"} <= codes(root)


def test_two_hundred_thousand_ghost_lines_give_a_short_report(tmp_path: Path) -> None:
    empty = digest(b"")
    ghosts = "".join(f"{empty}  data/geest/{number}\n" for number in range(200_000))
    write_bag(tmp_path, tags={"manifest-sha256.txt": LINES + ghosts.encode()})

    findings = check_bag(tmp_path).findings

    assert [each.code for each in findings] == ["F226"] * PER_CODE + ["F299"]
    assert findings[-1].found == str(200_000 - PER_CODE)
    assert findings[-1].severity is Severity.ERROR


def test_twins_in_another_unicode_form_hide_nothing_in_any_order(tmp_path: Path) -> None:
    for first, second in (("caf\u00e9", "cafe\u0301"), ("cafe\u0301", "caf\u00e9")):
        root = tmp_path / ascii(first)
        write_bag(root, {f"data/{first}": b"echt"})
        (root / "data" / second).write_bytes(b"verborgen")

        assert "F227" in codes(root)


def test_a_name_in_another_unicode_form_is_found_with_a_warning(tmp_path: Path) -> None:
    write_bag(tmp_path, {"data/cafe\u0301.txt": b"a"})
    (tmp_path / "data/cafe\u0301.txt").rename(tmp_path / "data/caf\u00e9.txt")

    report = check_bag(tmp_path)

    assert report.valid
    assert [each.code for each in report.findings] == ["F223"]


def test_a_bag_of_bagit_python_with_a_percent_sign_is_read(tmp_path: Path) -> None:
    (tmp_path / "100% zeker.txt").write_bytes(b"a")
    (tmp_path / "regel\neinde.txt").write_bytes(b"b")
    bagit.make_bag(str(tmp_path), checksums=["sha256", "md5"])

    report = check_bag(tmp_path)

    assert report.valid
    assert {each.code for each in report.findings} == {"F245"}


def test_both_files_of_an_encoded_and_a_plain_percent_are_told_apart_by_the_standard(
    tmp_path: Path,
) -> None:
    write_bag(tmp_path, {"data/100%.txt": b"a", "data/100%25.txt": b"b"})

    assert check_bag(tmp_path).findings == ()


def test_known_sums_are_not_computed_again(tmp_path: Path) -> None:
    write_bag(tmp_path)
    known = {FIRST: Sums(13, "0" * 64, "0" * 128, 0)}

    report = check_bag(tmp_path, known=known)

    assert [(each.code, each.found) for each in report.findings] == [("F228", "0" * 64)]


def test_a_check_of_names_alone_reads_no_payload(tmp_path: Path) -> None:
    write_bag(tmp_path)
    (tmp_path / FIRST).write_bytes(b"Geachte Heer\n")

    assert check_bag(tmp_path, complete=False).valid
    assert not check_bag(tmp_path).valid


def test_large_files_are_hashed_as_small_ones_are(tmp_path: Path) -> None:
    payload = {f"data/{number}.bin": bytes([number]) * 400_000 for number in range(4)}
    write_bag(tmp_path, payload, algorithms=("sha256", "md5", "sha512"))

    assert check_bag(tmp_path).findings == ()
    (tmp_path / "data/2.bin").write_bytes(b"\x02" * 399_999 + b"\x03")
    assert codes(tmp_path) == {"F228"}


def test_a_bag_is_found_in_a_folder_or_one_below_it(tmp_path: Path) -> None:
    root = write_bag(tmp_path / "levering" / "zaak")

    assert find_bag(root) == root
    assert find_bag(tmp_path / "levering") == root
    assert find_bag(tmp_path) is None


def test_what_is_no_folder_is_not_checked(tmp_path: Path) -> None:
    with pytest.raises(NotAFolder):
        check_bag(tmp_path / "nergens")


NAMES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="/\x00\x85"), min_size=1
).filter(lambda name: name.strip(". ~") and len(name.encode()) < 100 and "\\" not in name)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=40), max_size=6))
def test_what_is_written_as_a_bag_reads_as_a_good_bag(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("bag")
    payload = {f"data/{name}": each for name, each in content.items()}
    write_bag(root, payload)

    report = check_bag(root)

    assert {each.path for each in report.payload} == set(payload)
    assert report.valid, report.findings
    assert all("\n" not in encoded_path(path) for path in payload)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(
        ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "fetch.txt", "tagmanifest-sha256.txt"]
    ),
    content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
)
def test_no_tag_file_makes_the_check_fail(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    root = write_bag(tmp_path_factory.mktemp("bag"))
    (root / name).write_bytes(content)

    assert isinstance(check_bag(root).findings, tuple)
