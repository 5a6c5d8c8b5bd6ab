"""What holds for the whole house, read from its own sources."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.findings import PACKAGE_OF_LETTER, code_of, read_codes

ROOT = Path(__file__).parents[2]
PACKAGES = ("formats", "storage", "ingest", "retention", "edepot")

REASONS = frozenset(
    """ACTIVE_CONTENT AMBIGUOUS ARCHIVE_CORRUPT BAG_MALFORMED BAG_VERSION
    CHANGED_DURING_INGEST
    CHECKSUM_MISMATCH DUPLICATE_ID EMPTY EMPTY_DIR ENCODING ENCRYPTED FETCH_NOT_ALLOWED FILE_MISSING
    FORMAT_INVALID FORMAT_MISMATCH FORMULA HASH_UNSUPPORTED IDENTIFIER_UNSAFE JSON JUNK LIMIT LINK
    MALWARE MANIFEST_INCOMPLETE MARKUP METADATA_MISSING METHOD MODE NAME_COLLISION NAME_CONFUSABLE
    NAME_CONTROL NAME_ENCODING NAME_LENGTH NAME_RESERVED NAME_SHELL NESTED OXUM PATH_UNSAFE RELATION
    RETENTION SIZE_MISMATCH SPECIAL_FILE TAG_UNPROTECTED TENANT_MISMATCH TIME UNLISTED_FILE
    UNREADABLE URL WEAK_HASH XINCLUDE XML_DTD XML_INVALID XML_PI""".split()  # noqa: SIM905
)


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def all_codes() -> list[str]:
    return [code for package in PACKAGES for code in read_codes(package)]


def used_codes() -> set[str]:
    pattern = re.compile(r'"([FSIRE]\d{3})"')
    return {code for path in sources() for code in pattern.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_code_explains_itself_in_two_languages(package: str) -> None:
    for code in read_codes(package):
        book = code_of(code)
        assert PACKAGE_OF_LETTER[code[0]] == package
        for lang in ("nl", "en"):
            text = book.text[lang].format(where="W.", found="F.", expected="E.")
            assert text.endswith((".", ")", "?")), f"{code} {lang}: {text}"
            assert book.advice[lang], code
        assert book.source, code


@pytest.mark.parametrize("package", ["formats", "ingest", "retention"])
def test_every_reason_to_refuse_material_is_one_of_the_stable_list(package: str) -> None:
    unknown = {
        code: entry.reason
        for code, entry in read_codes(package).items()
        if entry.reason not in REASONS
    }

    assert unknown == {}


def test_every_code_in_the_books_is_given_somewhere_and_the_other_way_round() -> None:
    books = set(all_codes())

    assert used_codes() - books == set(), "given, but in no codes.toml"
    assert books - used_codes() == set(), "in a codes.toml, but never given"


def test_every_code_has_a_test_that_bears_it() -> None:
    tests = "\n".join(
        f"{path.name}\n{path.read_text('utf-8')}" for path in (ROOT / "tests").rglob("*.py")
    )
    fixtures = " ".join(path.name for path in (ROOT / "tests" / "fixtures").rglob("*"))

    without = [code for code in all_codes() if code not in tests and code not in fixtures]

    assert without == []


def test_only_the_tools_room_starts_child_processes() -> None:
    starters = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if re.search(r"^\s*(import subprocess|from subprocess)", path.read_text("utf-8"), re.M)
    ]

    assert starters == ["formats/tools.py"]


def test_only_the_roof_asks_the_clock_the_environment_or_chance() -> None:
    pattern = re.compile(
        r"datetime\.now\(|date\.today\(|time\.time\(|os\.environ|getenv\(|uuid4\(|urandom\(|"
        r"secrets\.|random\."
    )
    askers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.relative_to(ROOT).parts[0] != "edepot" and pattern.search(path.read_text("utf-8"))
    }

    assert askers <= {"formats/tools.py", "formats/worker.py", "formats/pool_child.py"}


def test_only_one_room_parses_xml_and_none_extracts_all() -> None:
    pattern = re.compile(
        r"etree\.(parse|fromstring|XML|iterparse|XMLParser)\(|extractall\(|shell=True"
    )
    places = {
        path.relative_to(ROOT).as_posix() for path in sources() if pattern.search(path.read_text())
    }

    assert places <= {"formats/xmldoc.py", "formats/xmlstream.py"}


def test_no_room_is_past_400_lines_and_every_one_says_its_purpose() -> None:
    for path in sources():
        text = path.read_text("utf-8")
        assert text.count("\n") <= 400, path
        assert ast.get_docstring(ast.parse(text)), path


def test_no_package_opens_anything_at_import() -> None:
    for path in sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text("utf-8")).body
            assert len(body) == 1, f"{path} holds more than a docstring"


def test_the_lock_file_names_a_hash_for_every_requirement() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[\[><=]", each)[0].lower() for each in wanted["dependencies"]]

    for name in names:
        assert re.search(rf"^{re.escape(name)}(\[\w+\])?==", lock, re.M), name
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_only_the_disposal_erases_and_forgets() -> None:
    pattern = re.compile(
        r"^\s*(from storage\.(erasing|forgetting) import|"
        r"from storage import [^\n]*\b(erasing|forgetting)\b|import storage\.(erasing|forgetting))",
        re.M,
    )
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.relative_to(ROOT).parts[0] != "storage" and pattern.search(path.read_text("utf-8"))
    }

    assert importers
    assert {each for each in importers if not each.startswith("retention/disposal")} == set()
