"""The proof bundle of a declaration: a stranger checks it, and every lie in it is found."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from edepot.declarations import bundle_verifier
from edepot.declarations.bundle import BundlePart, write_declaration_bundle
from edepot.declarations.documents import documents_of
from edepot.messages import Words
from retention.declaration import make_declaration, sign_declaration
from storage.checkpoint import Signer, make_checkpoint, signer_from_seed
from storage.database import begin, open_database, reading
from storage.errors import AlreadyThere
from storage.fixity.bundle import write_manifest
from tests.edepot.declarations.test_declaration_papers import CONTEXT
from tests.retention.world import GM, make_world, to_executed

SIGNER = signer_from_seed(f"edepot/{GM}", bytes(range(32)))
OTHER = signer_from_seed(f"edepot/{GM}", bytes(range(1, 33)))
KEY = SIGNER.verifier_key
ROOT = Path(__file__).parents[3]
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bundle")
    engine = open_database(folder / "edepot.sqlite")
    world = make_world(engine, folder)
    to_executed(world)
    drawn = make_declaration(world.desk, world.list_id, CONTEXT, world.town.proposer)
    declaration = sign_declaration(world.desk, world.town.signatory, drawn.id)
    with begin(engine) as connection:
        note = make_checkpoint(connection, GM, SIGNER, world.desk.now())
    with reading(engine) as connection:
        at = datetime.fromisoformat(declaration.signed_at)
        documents = documents_of(connection, declaration, Words(), at)
        part = BundlePart(note, SIGNER, documents, ("LEESMIJ.txt", b"lees mij\n"))
        write_declaration_bundle(connection, declaration, part, folder / "bewijs")
        with pytest.raises(AlreadyThere):
            write_declaration_bundle(connection, declaration, part, folder / "bewijs")
    yield folder / "bewijs"
    world.archive.close()
    engine.dispose()


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "bewijs"))


def check(folder: Path, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """The verifier in its own process, without our packages on its path."""
    return subprocess.run(
        (sys.executable, "-I", "-c", RUN, str(folder), "--key", key),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )


RUN = """
import runpy, sys
folder = sys.argv[1]
sys.path[:] = [folder] + [each for each in sys.path if "site-packages" not in each]
sys.argv = ["verify.py", *sys.argv[2:], folder]
runpy.run_path(folder + "/verify.py", run_name="__main__")
"""


def test_a_stranger_checks_it_twice_without_us(copy: Path) -> None:
    for _ in range(2):
        done = check(copy)

        assert done.returncode == 0, done.stderr
        assert "2 dossiers" in done.stdout
        assert "van 2 dossiers staat in het logboek dat zij door deze lijst weg zijn" in done.stdout
        assert "WARNING" not in done.stdout
    assert check_with_ours(copy).returncode == 0


def test_it_names_no_person_and_no_subject(whole: Path) -> None:
    found = {each.name for each in whole.iterdir()}

    assert "onderwerpen.json" not in found
    assert "verklaring-volledig.pdf" not in found
    for each in whole.iterdir():
        assert b"Jansen" not in each.read_bytes(), each.name


def test_another_key_than_the_auditors_own_is_refused(copy: Path) -> None:
    resign(copy, OTHER)
    (copy / "key.txt").write_text(OTHER.verifier_key, "utf-8")

    assert "niet ondertekend" in check(copy).stderr


NAMES = (
    "LEESMIJ.txt",
    "checkpoint.txt",
    "extract.jsonl",
    "grafstenen.json",
    "handelingen.json",
    "lijst.json",
    "manifest.txt",
    "proof.py",
    "verklaring-openbaar.pdf",
    "verklaring.json",
    "waarnemingen.json",
)


@pytest.mark.parametrize("name", NAMES)
def test_an_altered_file_is_found(name: str, copy: Path) -> None:
    file = copy / name
    content = file.read_bytes()
    file.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])

    assert check_with_ours(copy).returncode == 1


def check_with_ours(folder: Path) -> subprocess.CompletedProcess[str]:
    """The verifier that the auditor has himself."""
    return subprocess.run(
        (sys.executable, "-m", bundle_verifier.__name__, "--key", KEY, folder),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def resign(folder: Path, signer: Signer) -> None:
    """The manifest anew over what stands there now: what the zorgdrager himself could do."""
    subject = (folder / "manifest.txt").read_text("utf-8").split("\n")[2]
    (folder / "manifest.txt").unlink()
    write_manifest(folder, bundle_verifier.FORM, subject, signer)


def edit(folder: Path, name: str, change: Callable[[object], object]) -> None:
    file = folder / name
    file.write_text(json.dumps(change(json.loads(file.read_text("utf-8")))), "utf-8")


def _declare_less(folder: Path) -> None:
    def change(signed: dict[str, dict[str, dict[str, int]]]) -> object:
        signed["said"]["counts"]["destroyed"] = 1
        return signed

    edit(folder, "verklaring.json", change)  # type: ignore[arg-type]


def _another_snapshot(folder: Path) -> None:
    def change(rows: list[dict[str, str]]) -> object:
        rows[0]["snapshot"] = rows[1]["snapshot"]
        return rows

    edit(folder, "lijst.json", change)  # type: ignore[arg-type]


def _a_dossier_less(folder: Path) -> None:
    edit(folder, "lijst.json", lambda rows: rows[1:])  # type: ignore[index]


def _another_archivist(folder: Path) -> None:
    def change(acts: list[dict[str, str]]) -> object:
        acts[-1]["person"] = "p9999"
        return acts

    edit(folder, "handelingen.json", change)  # type: ignore[arg-type]


def _an_observation_less(folder: Path) -> None:
    file = folder / "waarnemingen.json"
    lines = file.read_text("utf-8").split("\n")
    file.write_text("\n".join([lines[0], *lines[2:]]), "utf-8")


def _a_line_less(folder: Path) -> None:
    file = folder / "extract.jsonl"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(each for each in lines if "aip.destroyed" not in each), "utf-8")


def _a_line_of_ones_own(folder: Path) -> None:
    file = folder / "extract.jsonl"
    file.write_text(file.read_text("utf-8").replace("aip.destroyed", "aip.forgotten"), "utf-8")


LIES: dict[str, tuple[Change, str]] = {
    "another number declared": (_declare_less, "verklaring.json is gewijzigd"),
    "another snapshot": (_another_snapshot, "momentopname is gewijzigd"),
    "a dossier less": (_a_dossier_less, "niet die is ondertekend"),
    "another archivist": (_another_archivist, "draagt niet de handtekening"),
    "an observation less": (_an_observation_less, "niet die zijn verklaard"),
    "a line of the ledger less": (_a_line_less, "vernietiging niet in het logboek"),
    "a line that was never written": (_a_line_of_ones_own, "staat niet in het logboek"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_that_the_zorgdrager_himself_signs_is_found(lie: str, copy: Path) -> None:
    change, found = LIES[lie]
    change(copy)
    resign(copy, SIGNER)

    done = check(copy)

    assert done.returncode == 1
    assert found in done.stderr
