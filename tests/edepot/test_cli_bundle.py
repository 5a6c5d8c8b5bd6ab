"""What a person sees of proof: the bundle of a run, events after storage, last checks."""

import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine, select, update

from edepot.depot_database import open_existing
from edepot.messages import Language, Words
from formats.premis.check import check_premis
from formats.premis.model import Event
from formats.premis.read import iter_premis
from formats.xmldoc import parse_xml
from storage import ledger
from storage.catalogue import COPIES
from storage.database import begin, reading
from storage.fixity.seal import seal_run
from storage.fixity.tables import ITEMS
from storage.outcomes import Outcome
from tests.edepot.shelf import FIRST, SECOND, Cli, Shelf
from tests.storage.fixity.runs_made import ASKED, MINE, OTHERS, RUN, item, salt, write_run

REPAIRED_AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def engine(shelf: Shelf) -> Iterator[Engine]:
    opened = open_existing(shelf.config)
    yield opened
    opened.dispose()


@pytest.fixture
def run(shelf: Shelf, engine: Engine) -> str:
    """A run that is sealed: one copy of the first AIP intact and one damaged, and then mended."""
    key = f"{MINE}/00/00/{FIRST}/v0001.zip"
    write_run(
        engine,
        [
            item(1, Outcome.INTACT, aip_id=FIRST, store="kopie-1", key=key),
            item(2, Outcome.DIFFERS, aip_id=FIRST, store="kopie-2", key=key),
            item(3, Outcome.INTACT, aip_id=SECOND, store="kopie-1"),
            item(4, Outcome.INTACT, zorgdrager=OTHERS),
        ],
    )
    seal_run(engine, RUN, ASKED, salt)
    event(engine, "copy.repair", "repaired", {"store": "kopie-2", "from": "kopie-1", "run": RUN})
    return RUN


def event(engine: Engine, action: str, result: str, facts: dict[str, object]) -> None:
    with begin(engine) as connection:
        happened = ledger.Event(REPAIRED_AT, action, FIRST, result, "uid:7", "test", facts=facts)
        ledger.append(connection, MINE, happened, salt())


def verify(folder: Path, key: str) -> int:
    child = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), "--key", key],
        capture_output=True,
        check=False,
    )
    return child.returncode


def test_a_bundle_per_zorgdrager_is_written_and_verifies(run: str, cli: Cli, shelf: Shelf) -> None:
    answer = cli("fixity", "bundle", "last", "bewijs", "--json")

    assert (answer.code, answer.err) == (0, "")
    written = json.loads(answer.out)
    assert [(each["zorgdrager"], each["results"], each["entries"]) for each in written] == [
        (MINE, 3, 3),
        (OTHERS, 1, 1),
    ]
    for each in written:
        assert verify(shelf.folder / each["folder"], each["key"]) == 0
        assert verify(shelf.folder / each["folder"], each["key"].replace("+A", "+B")) == 1


def test_the_answer_gives_the_command_and_what_to_do_with_the_key(
    run: str, cli: Cli, shelf: Shelf
) -> None:
    answer = cli("fixity", "bundle", run, "bewijs", "--zorgdrager", MINE)

    assert answer.code == 0
    assert f"Bewijsbundel: bewijs/{MINE} (3 resultaten)." in answer.out
    (command,) = [each for each in answer.out.splitlines() if "verify.py" in each]
    done = subprocess.run(
        shlex.split(command), check=True, capture_output=True, text=True, cwd=shelf.folder
    )
    assert "GOED  3 resultaten zijn precies die van het logboek" in done.stdout
    assert sorted(each.name for each in (shelf.folder / "bewijs").iterdir()) == [MINE]
    readme = (shelf.folder / "bewijs" / MINE / "LEESMIJ.txt").read_text("utf-8")
    assert f"Bewijsbundel van controle {RUN}, van {MINE}" in readme
    assert "python3 verify.py --key" in readme


def test_what_is_added_is_signed_with_the_rest(run: str, cli: Cli, shelf: Shelf) -> None:
    report = shelf.folder / "verslag.html"
    report.write_text("<p>Alles gaaf</p>")

    answer = cli("--lang", "en", "fixity", "bundle", run, "proof", "--add", report, "--json")

    folder = shelf.folder / "proof" / MINE
    (key, *_) = [each["key"] for each in json.loads(answer.out)]
    assert verify(folder, key) == 0
    assert (folder / "README.txt").read_text("utf-8").startswith(f"Proof bundle of run {RUN}")
    (folder / "verslag.html").write_text("<p>Alles kapot</p>")
    assert verify(folder, key) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("fixity", "bundle", "2020-01-01-1", "bewijs"), 1, "2020-01-01-1"),
        (("fixity", "bundle", RUN, "bewijs", "--zorgdrager", "niemand"), 2, "niemand"),
        (("fixity", "bundle", RUN, "bewijs", "--zorgdrager", "weststellingwerf"), 1, "Kijk met"),
        (("fixity", "bundle", RUN, "bewijs", "--add", "nergens.pdf"), 2, "nergens.pdf"),
        (("fixity", "bundle", RUN, "bewijs", "--add", "verify.py"), 2, "'verify.py' kan niet mee"),
        (("fixity", "bundle", RUN, "bewijs", "--add", "LEESMIJ.txt"), 2, "kan niet mee"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, said: str, run: str, cli: Cli, shelf: Shelf
) -> None:
    for name in ("verify.py", "LEESMIJ.txt"):
        (shelf.folder / name).touch()

    answer = cli(*arguments)

    assert answer.code == code
    assert said in answer.err
    assert not list((shelf.folder / "bewijs").rglob("*"))


def test_nothing_is_overwritten(run: str, cli: Cli, shelf: Shelf) -> None:
    cli("fixity", "bundle", run, "bewijs", "--zorgdrager", OTHERS)

    answer = cli("fixity", "bundle", run, "bewijs")

    assert answer.code == 2
    assert f"bewijs/{OTHERS}" in answer.err
    assert sorted(each.name for each in (shelf.folder / "bewijs").iterdir()) == [OTHERS]


def test_results_that_were_edited_are_not_made_into_a_proof_and_the_ledger_check_says_so(
    run: str, cli: Cli, shelf: Shelf, engine: Engine
) -> None:
    before = cli("ledger", "verify")
    with begin(engine) as connection:
        connection.execute(update(ITEMS).where(ITEMS.c.number == 2).values(outcome="intact"))

    bundled = cli("fixity", "bundle", run, "bewijs")
    checked = cli("ledger", "verify", "--json")

    assert (before.code, bundled.code, checked.code) == (0, 4, 4)
    assert "geen bewijsbundel gemaakt" in " ".join(bundled.err.split())
    findings = [found for each in json.loads(checked.out) for found in each["findings"]]
    assert [each["code"] for each in findings] == ["S356", "S358", "S358"]
    assert not list((shelf.folder / "bewijs").rglob("*"))


def test_a_bundle_is_made_though_a_store_is_gone(run: str, cli: Cli, shelf: Shelf) -> None:
    (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")

    answer = cli("fixity", "bundle", run, "bewijs", "--zorgdrager", MINE, "--json")

    assert answer.code == 0
    assert "LET OP: het logboek kon nu niet op elke opslag worden gezet" in answer.err
    (written,) = json.loads(answer.out)
    assert verify(shelf.folder / written["folder"], written["key"]) == 0


def test_show_says_what_happened_to_the_copies_and_when_each_was_checked(
    run: str, cli: Cli, engine: Engine
) -> None:
    event(engine, "copy.add", "added", {"store": "wolk", "from": "", "version": 1})
    event(engine, "copy.remove", "done", {"store": "kopie-2", "version": 1})
    event(engine, "incident.lost", "opened", {"incident": "lost-1", "run": RUN})
    with begin(engine) as connection:
        connection.execute(
            update(COPIES)
            .where(COPIES.c.store == "kopie-2")
            .values(outcome="differs", checked_at="2026-11-25T02:00:02+00:00")
        )

    shown = " ".join(cli("show", FIRST).out.split())

    assert "24-11-2026 13:30 (alles gelezen) 24-11-2026 13:30 INTACT" in shown
    assert "24-11-2026 13:30 (alles gelezen) 25-11-2026 03:00 WIJKT AF" in shown
    for said in (
        f"kopie gecontroleerd wijkt af kopie-2, in controle {RUN}",
        f"kopie hersteld hersteld kopie-2, vanuit kopie-1, na controle {RUN}",
        "kopie bijgemaakt gelezen en gaaf wolk",
        "kopie weggehaald gedaan en nagekeken kopie-2",
        f"geen goede kopie meer incident geopend gevonden in controle {RUN}",
    ):
        assert said in shown


def events_of(document: bytes) -> list[Event]:
    root = parse_xml(document)
    assert check_premis(root, "premis.xml") == []
    return [each for each in iter_premis(BytesIO(document)) if isinstance(each, Event)]


def told(each: Event) -> tuple[str, str, str, tuple[str, ...]]:
    (outcome,) = each.outcomes
    return each.type, each.at, outcome.outcome, each.details


def test_an_export_says_in_premis_what_happened_since(
    run: str, cli: Cli, shelf: Shelf, engine: Engine
) -> None:
    with begin(engine) as connection:
        for store, at in (("kopie-1", "2026-11-25T02:00:01"), ("kopie-2", "2026-11-26T09:00:00")):
            values = {"checked_at": f"{at}+00:00", "verified_at": f"{at}+00:00"}
            connection.execute(update(COPIES).where(COPIES.c.store == store).values(values))

    answer = cli("export", FIRST, "uit", "--json")

    assert answer.code == 0
    document = shelf.folder / "uit" / f"{FIRST}.zip.premis.xml"
    assert json.loads(answer.out)["events"] == f"uit/{document.name}"
    events = events_of(document.read_bytes())
    digest = hashlib.sha256(b"1").hexdigest()
    expected, found = item(2)["expected"], item(2, Outcome.DIFFERS)["found"]
    package = hashlib.sha256(shelf.copy_of(FIRST).read_bytes()).hexdigest()
    assert list(map(told, events)) == [
        (
            "ingestion",
            "2026-11-24T12:30:15.123456Z",
            "success",
            (f"action: aip.ingest; version: 1; sha256: {package}",),
        ),
        (
            "fixity check",
            "2026-11-25T02:00:01.000000Z",
            "success",
            (f"run: {RUN}; store: kopie-1; basis: read; found: {digest}",),
        ),
        (
            "fixity check",
            "2026-11-25T02:30:00.000000Z",
            "fail",
            (
                f"action: fixity.check; run: {RUN}; store: kopie-2; version: 1; basis: read; "
                f"expected: {expected}; found: {found}",
            ),
        ),
        (
            "recovery",
            "2026-11-25T03:00:00.000000Z",
            "success",
            (f"action: copy.repair; run: {RUN}; store: kopie-2; from: kopie-1",),
        ),
        (
            "fixity check",
            "2026-11-26T09:00:00.000000Z",
            "success",
            ("store: kopie-2; basis: read",),
        ),
    ]


@pytest.mark.parametrize(
    ("form", "name"), [("bag", FIRST), ("files", f"{FIRST}-bestanden"), ("zip", f"{FIRST}.zip")]
)
def test_the_events_stand_beside_every_form_and_overwrite_nothing(
    form: str, name: str, cli: Cli, shelf: Shelf
) -> None:
    first = cli("export", FIRST, "uit", "--as", form)
    (shelf.folder / "elders").mkdir()
    (shelf.folder / "elders" / f"{name}.premis.xml").write_text("van een ander")
    taken = cli("export", FIRST, "elders", "--as", form)

    assert first.code == 0
    assert sorted(each.name for each in (shelf.folder / "uit").iterdir()) == sorted(
        [name, f"{name}.premis.xml"]
    )
    assert taken.code == 2
    assert [each.name for each in (shelf.folder / "elders").iterdir()] == [f"{name}.premis.xml"]


SCHEMAS = sorted((Path(__file__).parents[3] / "shared" / "standards").rglob("premis*.xsd"))


@pytest.mark.skipif(not SCHEMAS, reason="the official PREMIS schema is not here")
def test_the_events_keep_the_official_schema(run: str, cli: Cli, shelf: Shelf) -> None:
    cli("export", FIRST, "uit")

    schema = etree.XMLSchema(parse_xml(SCHEMAS[0].read_bytes()))
    document = parse_xml((shelf.folder / "uit" / f"{FIRST}.zip.premis.xml").read_bytes())
    assert schema.validate(document), schema.error_log


def copies(engine: Engine) -> dict[str, tuple[str, str, str, str]]:
    """Per store of the first AIP: when verified, on what that rests, when checked, the outcome."""
    with reading(engine) as connection:
        rows = connection.execute(select(COPIES).where(COPIES.c.aip == 1))
        return {
            each.store: (each.verified_at, each.proof, each.checked_at, each.outcome)
            for each in rows
        }


def test_a_persons_verify_is_the_last_check_of_what_it_read(
    cli: Cli, shelf: Shelf, engine: Engine
) -> None:
    file = shelf.copy_of(FIRST, "kopie-2")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])
    with begin(engine) as connection:
        connection.execute(update(COPIES).values(proof="checksum"))
    before = copies(engine)

    cli("verify", FIRST)

    after = copies(engine)
    verified_at, proof, checked_at, outcome = after["kopie-1"]
    assert (proof, outcome) == ("read", "intact")
    assert verified_at == checked_at > before["kopie-1"][2]
    assert after["kopie-2"][:2] == before["kopie-2"][:2]
    assert after["kopie-2"][2:] == (checked_at, "differs")


def test_what_was_not_checked_changes_nothing(cli: Cli, shelf: Shelf, engine: Engine) -> None:
    (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")
    before = copies(engine)

    answer = cli("verify", FIRST)

    assert answer.code == 4
    assert copies(engine)["kopie-2"] == before["kopie-2"]
    assert copies(engine)["kopie-1"] != before["kopie-1"]


def test_a_later_check_is_not_put_back(cli: Cli, engine: Engine) -> None:
    with begin(engine) as connection:
        values = {"checked_at": "2999-01-01T00:00:00+00:00", "outcome": "missing"}
        connection.execute(update(COPIES).values(values))
    before = copies(engine)

    cli("verify", FIRST)

    assert copies(engine) == before


@pytest.mark.parametrize("language", Language)
def test_every_state_of_a_copy_is_said_in_words(language: Language) -> None:
    words = Words(language)

    for each in ("read", "challenge", "statement", "checksum", "none"):
        assert words(f"show.proof.{each}")
    for outcome in Outcome:
        assert words(f"copy.{outcome.value}")
