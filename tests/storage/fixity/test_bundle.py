"""The proof bundle of a run: whole it verifies with Python alone, and any edit of it is found."""

import base64
import hashlib
import json
import random
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, update

from storage import ledger
from storage.checkpoint import (
    Signer,
    make_checkpoint,
    read_checkpoint,
    sign,
    sign_text,
    signer_from_seed,
)
from storage.database import begin, open_database, reading
from storage.errors import AlreadyThere, RunNotSealed, SealBroken
from storage.fixity import bundle_verifier
from storage.fixity.bundle import BundleOrder, WrittenBundle, can_be_added, write_bundle
from storage.fixity.seal import seal_run
from storage.fixity.tables import ITEMS
from storage.ledger import Head
from storage.merkle import WholeTree, inclusion_proof, leaf_hash, root_of, verify_inclusion
from storage.outcomes import Outcome
from tests.storage.fixity.runs_made import (
    ASKED,
    EVERY,
    MINE,
    OTHERS,
    RUN,
    SEALED,
    held_item,
    item,
    salt,
    write_entries,
    write_run,
)

SIGNER = signer_from_seed(f"edepot/test/{MINE}", b"\x07" * 32)
STRANGER = signer_from_seed(f"edepot/test/{MINE}", b"\x08" * 32)
KEY = SIGNER.verifier_key
EXTRAS = {"LEESMIJ.txt": b"Lees mij.\n", "verslag.html": b"<p>Alles gaaf</p>\n"}
# Where several versions of Python stand beside each other, the oldest that is promised.
OLD_PYTHONS = sorted(Path(sys.base_prefix).parent.glob("3.8.*/bin/python3"))


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    opened = open_database(database_place)
    yield opened
    opened.dispose()


def proven(engine: Engine, folder: Path, *, later: int = 3) -> WrittenBundle:
    """A sealed run of every outcome among other entries, with a repair after it; its bundle."""
    write_entries(engine, 5)
    items = [item(number, outcome) for number, outcome in enumerate(EVERY, 1)]
    write_run(engine, [*items, held_item(8, Outcome.MISSING), item(9, zorgdrager=OTHERS)])
    seal_run(engine, RUN, ASKED, salt)
    write_entries(engine, later)
    repaired = {"run": RUN, "store": "kopie-1", "version": 1}
    with begin(engine) as connection:
        for action, about in (("copy.repair", repaired), ("copy.repair", {"run": "another"})):
            event = ledger.Event(SEALED, action, "aip", "repaired", "uid:0", "test", facts=about)
            ledger.append(connection, MINE, event, salt())
        note = make_checkpoint(connection, MINE, SIGNER, SEALED)
    return written(engine, folder, note)


def written(engine: Engine, folder: Path, note: str) -> WrittenBundle:
    with reading(engine) as connection:
        order = BundleOrder(RUN, MINE, note, SIGNER, EXTRAS)
        return write_bundle(connection, order, folder)


def verify(folder: Path, *arguments: str, script: Path | None = None, python: str = "") -> "Answer":
    """What the verifier says: a child that has nothing but the standard library."""
    child = subprocess.run(
        [python or sys.executable, "-I", "-S", str(script or folder / "verify.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )
    return Answer(child.returncode, child.stdout, child.stderr)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


def refused(folder: Path, key: str = KEY) -> str:
    """What the verifier, in this process, holds against the bundle; "" when it holds nothing."""
    try:
        bundle_verifier.main([str(folder), "--key", key])
    except SystemExit as error:
        return str(error.code)
    return ""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One bundle that every attack starts from; never changed itself."""
    place = tmp_path_factory.mktemp("bundle")
    engine = open_database(place / "edepot.sqlite")
    folder = proven(engine, place / MINE).folder
    engine.dispose()
    return folder


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / MINE))


def test_a_bundle_verifies_on_its_own_and_says_what_it_holds(bundle: Path) -> None:
    answer = verify(bundle, "--key", KEY)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "GOED  alle 9 bestanden zijn ondertekend; niets gewijzigd, weg of erbij",
        "OK    all 9 files are signed; nothing changed, removed or added",
        f"GOED  controle {RUN} van {SIGNER.origin}, in het logboek op "
        "2026-11-25T02:30:00.000000Z (regel 9)",
        f"OK    fixity run {RUN} of {SIGNER.origin}, in the ledger at "
        "2026-11-25T02:30:00.000000Z (line 9)",
        "GOED  8 resultaten zijn precies die van het logboek (4016 bytes gelezen):",
        "OK    8 results are exactly those of the ledger (4016 bytes read):",
        "              3  gaaf / intact",
        "              0  alleen op andermans woord / on another's word alone",
        "              1  WIJKT AF / DIFFERS",
        "              2  ONTBREEKT / MISSING",
        "              1  ONLEESBAAR / UNREADABLE",
        "              1  niet gecontroleerd / not checked",
        "GOED  5 regels hierover staan in het logboek; elke foute kopie heeft er een",
        "OK    5 lines about this run are in the ledger; every wrong copy has one",
    ]


def test_without_a_key_of_ones_own_it_says_loudly_that_this_is_consistency_only(
    bundle: Path,
) -> None:
    answer = verify(bundle)

    assert answer.code == 0
    assert "LET OP! Zonder --key bewijst dit alleen samenhang." in answer.out
    assert "WARNING! Without --key this proves consistency only." in answer.out
    assert KEY in answer.out


@pytest.mark.skipif(not OLD_PYTHONS, reason="there is no Python 3.8 beside this one")
def test_the_oldest_python_that_it_promises_runs_it(bundle: Path) -> None:
    assert verify(bundle, "--key", KEY, python=str(OLD_PYTHONS[0])) == verify(bundle, "--key", KEY)


def test_a_verifier_of_ones_own_checks_a_bundle_from_outside(copy: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(copy / "verify.py", tmp_path / "mine.py"))
    (copy / "verify.py").write_text('print("OK all is well")\n')

    inside = verify(copy, "--key", KEY)
    outside = verify(copy, str(copy), "--key", KEY, script=own)

    assert inside.out == "OK all is well\n"
    assert (outside.code, outside.err) == (
        1,
        "FOUT  'verify.py' is gewijzigd\nFAIL  'verify.py' was changed\n",
    )


def test_a_second_implementation_agrees_with_every_signature_and_root(bundle: Path) -> None:
    lines = (bundle / "results.jsonl").read_bytes().splitlines()
    run = json.loads((bundle / "run.json").read_bytes())
    proof = json.loads((bundle / "proof.json").read_bytes())
    extract = [json.loads(each) for each in (bundle / "extract.jsonl").read_bytes().splitlines()]

    checkpoint = read_checkpoint((bundle / "checkpoint.txt").read_text("utf-8"), KEY)
    text, _, _ = (bundle / "manifest.txt").read_text("utf-8").partition("\n\n")

    head = checkpoint.head
    assert json.loads(run["line"])["facts"]["root"] == root_of(list(map(leaf_hash, lines))).hex()
    assert proof["size"] == head.size == 15
    for each in (run | {"proof": proof["hashes"]}, *extract):
        steps = [bytes.fromhex(step) for step in each["proof"]]
        leaf = leaf_hash(each["line"].encode("utf-8"))
        assert verify_inclusion(leaf, each["index"], head.size, steps, head.root)
    assert sign_text(SIGNER, text + "\n") == (bundle / "manifest.txt").read_text("utf-8")
    assert [json.loads(each["line"])["action"] for each in extract] == [
        *["fixity.check"] * 4,
        "copy.repair",
    ]


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33, 100])
def test_proofs_of_a_whole_tree_are_those_of_the_list(size: int) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]

    tree = WholeTree(iter(leaves))

    assert (tree.size, tree.root()) == (size, root_of(leaves))
    assert [tree.inclusion_proof(at) for at in range(size)] == [
        inclusion_proof(leaves, at) for at in range(size)
    ]
    assert WholeTree([]).root() == root_of([])


NAMES = (
    "LEESMIJ.txt",
    "checkpoint.txt",
    "extract.jsonl",
    "key.txt",
    "manifest.txt",
    "proof.json",
    "results.jsonl",
    "run.json",
    "verify.py",
    "verslag.html",
)


def test_the_bundle_holds_these_files(bundle: Path) -> None:
    assert tuple(sorted(each.name for each in bundle.iterdir())) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_flip_of_any_byte_of_any_file_is_found(name: str, copy: Path) -> None:
    file = copy / name
    good = file.read_bytes()
    small = len(good) <= 400
    chance = random.Random(zlib.crc32(name.encode()))
    at = range(len(good)) if small else sorted(chance.sample(range(len(good)), 200))
    missed = []

    for place in at:
        edited = bytearray(good)
        edited[place] ^= 1 << chance.randrange(8)
        file.write_bytes(edited)
        if not refused(copy):
            missed.append(place)

    assert missed == []
    file.write_bytes(good)
    assert refused(copy) == ""


def test_every_byte_of_the_signed_list_counts_in_every_bit(copy: Path) -> None:
    file = copy / "manifest.txt"
    good = file.read_bytes()
    tail = good.index(b"\n\n")
    missed = []

    for place in range(tail - 80, len(good)):
        for bit in range(8):
            edited = bytearray(good)
            edited[place] ^= 1 << bit
            file.write_bytes(edited)
            if not refused(copy):
                missed.append((place, bit))

    assert missed == []


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(choice=st.sampled_from(NAMES), drawn=st.data())
def test_any_cut_and_any_insertion_is_found(copy: Path, choice: str, drawn: st.DataObject) -> None:
    file = copy / choice
    good = file.read_bytes()
    start = drawn.draw(st.integers(0, len(good)))
    end = drawn.draw(st.integers(start, min(len(good), start + 40)))
    between = drawn.draw(st.binary(max_size=20))
    edited = good[:start] + between + good[end:]

    file.write_bytes(edited)
    try:
        assert (refused(copy) == "") is (edited == good)
    finally:
        file.write_bytes(good)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_removed_is_missed(name: str, copy: Path) -> None:
    (copy / name).unlink()

    assert refused(copy)


def _add(folder: Path) -> None:
    (folder / "meer.txt").write_text("meer")


def _add_hidden(folder: Path) -> None:
    (folder / ".meer").touch()


def _add_folder(folder: Path) -> None:
    (folder / "meer").mkdir()


def _rename(folder: Path) -> None:
    (folder / "verslag.html").rename(folder / "verslag.htm")


def _link(folder: Path) -> None:
    outside = folder.parent / "verslag.html"
    (folder / "verslag.html").rename(outside)
    (folder / "verslag.html").symlink_to(outside)


def _swap_files(folder: Path) -> None:
    first, second = folder / "LEESMIJ.txt", folder / "verslag.html"
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)


def _swap_lines(name: str) -> Callable[[Path], None]:
    def swap(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        lines[0], lines[1] = lines[1], lines[0]
        (folder / name).write_bytes(b"".join(lines))

    return swap


ATTACKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file added": (_add, "'meer.txt' hoort er niet bij"),
    "a hidden file added": (_add_hidden, "'.meer' hoort er niet bij"),
    "a folder added": (_add_folder, "'meer' hoort er niet bij"),
    "a file renamed": (_rename, "'verslag.htm' hoort er niet bij"),
    "a file made a link": (_link, "'verslag.html' is een link of map"),
    "two files swapped": (_swap_files, "'LEESMIJ.txt' is gewijzigd"),
    "two results swapped": (_swap_lines("results.jsonl"), "'results.jsonl' is gewijzigd"),
    "two lines of the extract swapped": (_swap_lines("extract.jsonl"), "is gewijzigd"),
    "two lines of the list swapped": (_swap_lines("manifest.txt"), "niet ondertekend"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_the_files_is_named(attack: str, copy: Path) -> None:
    deed, said = ATTACKS[attack]

    deed(copy)

    assert said in refused(copy)


def resigned(folder: Path, signer: Signer = SIGNER) -> None:
    """Make the list of files true again, and sign it: what only a thief of the key can do."""
    head = ["edepot-fixity-bundle 1", SIGNER.origin, RUN]
    for file in sorted(folder.iterdir()):
        if file.name != "manifest.txt":
            head.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}")
    text = "\n".join(head) + "\n"
    (folder / "manifest.txt").write_text(sign_text(signer, text), "utf-8")


def test_all_of_it_signed_anew_with_another_key_fails_against_the_auditors_key(copy: Path) -> None:
    size, root = (copy / "checkpoint.txt").read_text("utf-8").split("\n")[1:3]
    head = Head(int(size), base64.b64decode(root))
    (copy / "checkpoint.txt").write_text(sign(STRANGER, head), "utf-8")
    (copy / "key.txt").write_text(STRANGER.verifier_key + "\n")
    resigned(copy, STRANGER)

    alone, with_key = verify(copy), verify(copy, "--key", KEY)

    assert alone.code == 0
    assert "WARNING!" in alone.out
    assert (with_key.code, with_key.out) == (1, "")
    assert f"manifest.txt is not signed with the key {KEY}" in with_key.err


def _edit_results(folder: Path) -> None:
    file = folder / "results.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"differs"', b'"intact"'))


def _drop_result(folder: Path) -> None:
    file = folder / "results.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


def _drop_extract(folder: Path) -> None:
    file = folder / "extract.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))


def _repeat_extract(folder: Path) -> None:
    file = folder / "extract.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[-1]]))


def _edit_extract(folder: Path) -> None:
    file = folder / "extract.jsonl"
    file.write_bytes(file.read_bytes().replace(b"repaired", b"refused!"))


def _edit_run(folder: Path) -> None:
    file = folder / "run.json"
    file.write_bytes(file.read_bytes().replace(b'\\"intact\\":3', b'\\"intact\\":4'))


def _other_run(folder: Path) -> None:
    line = json.loads((folder / "extract.jsonl").read_bytes().splitlines()[0])
    (folder / "run.json").write_text(json.dumps({"index": line["index"], "line": line["line"]}))
    proof = {"index": line["index"], "size": 15, "hashes": line["proof"]}
    (folder / "proof.json").write_text(json.dumps(proof))


def _earlier_checkpoint(folder: Path) -> None:
    (folder / "checkpoint.txt").write_text(sign(SIGNER, Head(5, b"\x05" * 32)), "utf-8")


def _checkpoint_of_another(folder: Path) -> None:
    other = signer_from_seed(f"edepot/test/{OTHERS}", b"\x07" * 32)
    head = (folder / "checkpoint.txt").read_text("utf-8").split("\n")
    note = sign(other, Head(int(head[1]), base64.b64decode(head[2])))
    (folder / "checkpoint.txt").write_text(note, "utf-8")


def _note_for_checkpoint(folder: Path) -> None:
    shutil.copy(folder / "manifest.txt", folder / "checkpoint.txt")


LIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a result made good": (_edit_results, "resultaat 1 kan niet kloppen"),
    "a result left out": (_drop_result, "de resultaten zijn niet die van het logboek (items: 7)"),
    "a wrong copy left out": (_drop_extract, "foute kopie 2 ontbreekt"),
    "a line told twice": (_repeat_extract, "klopt niet met logboek of resultaten"),
    "a line edited": (_edit_extract, "klopt niet met logboek of resultaten"),
    "the totals edited": (_edit_run, "run.json staat niet in het logboek"),
    "another line for the run's": (_other_run, "run.json staat niet in het logboek"),
    "a checkpoint of before": (_earlier_checkpoint, "run.json staat niet in het logboek"),
    "another ledger's checkpoint": (_checkpoint_of_another, "checkpoint.txt is niet ondertekend"),
    "the list for a checkpoint": (_note_for_checkpoint, "ander logboek"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_signed_is_still_held_against_the_ledger(lie: str, copy: Path) -> None:
    deed, said = LIES[lie]

    deed(copy)
    resigned(copy)

    assert said in refused(copy)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "a+b+c",
        KEY[:-6] + "AAAAA=",
        STRANGER.verifier_key,
        signer_from_seed(f"edepot/test/{OTHERS}", b"\x07" * 32).verifier_key,
        f"{SIGNER.origin}+00000000+{KEY.rsplit('+', 1)[1]}",
    ],
)
def test_a_key_that_is_another_or_none_is_refused(key: str, bundle: Path) -> None:
    answer = verify(bundle, "--key", key) if key else verify(bundle.parent, str(bundle.parent),
        script=bundle / "verify.py")  # fmt: skip

    assert answer.code == 1
    assert answer.err.startswith("FOUT  ")


def test_a_bundle_is_whole_or_not_there(engine: Engine, tmp_path: Path) -> None:
    note = sign(SIGNER, Head(9, b"\x00" * 32))
    with pytest.raises(RunNotSealed):
        written(engine, tmp_path / "none", note)
    done = proven(engine, tmp_path / "whole")
    note = (done.folder / "checkpoint.txt").read_text("utf-8")
    with pytest.raises(AlreadyThere):
        written(engine, done.folder, note)
    with pytest.raises(RunNotSealed):
        written(engine, tmp_path / "early", sign(SIGNER, Head(9, b"\x00" * 32)))
    with begin(engine) as connection:
        connection.execute(update(ITEMS).where(ITEMS.c.number == 2).values(outcome="intact"))

    with pytest.raises(SealBroken) as raised:
        written(engine, tmp_path / "edited", note)

    assert raised.value.values["run"] == RUN
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_dir()) == ["whole"]
    assert (done.results, done.entries, done.key) == (8, 6, KEY)


def test_no_file_that_is_added_takes_the_place_of_ours_or_leads_out() -> None:
    refused_names = ("verify.py", "../x", "a/b", ".x", "", "a\nb", "manifest.txt", "x" * 101)

    assert [name for name in refused_names if can_be_added(name)] == []
    assert can_be_added("verslag-2026.pdf")


def test_a_bundle_of_nothing_verifies(engine: Engine, tmp_path: Path) -> None:
    write_run(engine, [], remarks=[(MINE, "S108")])
    seal_run(engine, RUN, ASKED, salt)
    with begin(engine) as connection:
        note = make_checkpoint(connection, MINE, SIGNER, SEALED)

    done = written(engine, tmp_path / MINE, note)

    assert (done.results, done.entries) == (0, 1)
    assert refused(done.folder) == ""


def test_a_large_bundle_verifies(engine: Engine, tmp_path: Path) -> None:
    write_run(engine, [])
    with begin(engine) as connection:
        outcomes = (Outcome.INTACT,) * 49 + (Outcome.UNREADABLE,)
        rows = [item(number, outcomes[number % 50]) for number in range(1, 20_001)]
        connection.execute(insert(ITEMS), rows)
    seal_run(engine, RUN, ASKED, salt)
    with begin(engine) as connection:
        note = make_checkpoint(connection, MINE, SIGNER, SEALED)

    done = written(engine, tmp_path / MINE, note)

    assert (done.results, done.entries) == (20_000, 401)
    answer = verify(done.folder, "--key", KEY)
    assert (answer.code, "20000 results are exactly those" in answer.out) == (0, True)
