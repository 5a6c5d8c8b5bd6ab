"""The files of the demonstration are real: each opens with the library of its format."""

import csv
import email
import email.policy
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import date, datetime
from io import BytesIO, StringIO

import docx
import odfdo
import openpyxl
import pikepdf
import pytest
from PIL import Image

from edepot.demo.cases import MUNICIPALITIES, SELECTION_LIST, DossierKind, case_of
from edepot.demo.documents import DOCUMENTS, FileKind
from edepot.demo.samples import Sample, make_samples, sample_files, samples_of
from formats.xmldoc import parse_xml
from retention.selection_list import Valuation, category

OPENED = date(2019, 3, 4)
LEAP_DAY = date(2020, 2, 29)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [
        sample
        for number, kind in enumerate(DossierKind, start=40)
        for sample in samples_of(case_of(kind, number, OPENED))
    ]


def of_kind(samples: list[Sample], *kinds: FileKind) -> list[Sample]:
    found = [sample for sample in samples if sample.document.kind in kinds]
    assert found
    return found


def test_every_kind_of_file_stands_in_some_dossier(samples):
    assert {sample.document.kind for sample in samples} == set(FileKind)


def test_every_pdf_is_sound_and_says_whose_it_is(samples):
    for sample in of_kind(samples, FileKind.PDF, FileKind.PDF_A2B, FileKind.PDF_A3A):
        with pikepdf.open(BytesIO(sample.content)) as pdf:
            assert pdf.check_pdf_syntax() == []
            assert pdf.get_warnings() == []
            with pdf.open_metadata() as words:
                assert words["dc:creator"][0] in {
                    sample.case.organisation.name,
                    sample.case.handled_by.name,
                }
                claim = words.pdfa_status
        expected = {FileKind.PDF: "", FileKind.PDF_A2B: "2B", FileKind.PDF_A3A: "3A"}
        assert claim == expected[sample.document.kind]


def test_every_text_document_holds_the_case_number(samples):
    for sample in of_kind(samples, FileKind.ODT):
        assert (
            sample.case.identifier in odfdo.Document(BytesIO(sample.content)).get_formatted_text()
        )
    for sample in of_kind(samples, FileKind.DOCX):
        document = docx.Document(BytesIO(sample.content))
        assert any(sample.case.identifier in each.text for each in document.paragraphs)


def test_every_sheet_has_a_header_and_rows(samples):
    for sample in of_kind(samples, FileKind.ODS):
        table = odfdo.Document(BytesIO(sample.content)).body.get_table(0)
        assert table.height >= 5
    for sample in of_kind(samples, FileKind.XLSX):
        book = openpyxl.load_workbook(BytesIO(sample.content))
        rows = list(book.worksheets[0].values)
        assert len(rows) >= 3
        assert any(isinstance(value, datetime) for row in rows[1:] for value in row)


def test_every_csv_has_semicolons_and_as_many_cells_in_each_row(samples):
    for sample in of_kind(samples, FileKind.CSV):
        rows = list(csv.reader(StringIO(sample.content.decode("utf-8")), delimiter=";"))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert len(rows[0]) >= 4


def test_every_picture_decodes_wholly(samples):
    expected = {FileKind.PNG: "PNG", FileKind.TIFF: "TIFF", FileKind.JPEG: "JPEG"}
    for sample in of_kind(samples, *expected):
        with Image.open(BytesIO(sample.content)) as picture:
            assert picture.format == expected[sample.document.kind]
            picture.load()
            assert picture.width >= 300


def test_every_mail_carries_its_enclosure(samples):
    for sample in of_kind(samples, FileKind.EML):
        message = email.message_from_bytes(sample.content, policy=email.policy.default)
        assert message.defects == []
        (enclosure,) = message.iter_attachments()
        with Image.open(BytesIO(enclosure.get_content())) as picture:
            picture.load()


def test_every_message_is_xml_with_the_case_number(samples):
    for sample in of_kind(samples, FileKind.XML):
        root = parse_xml(sample.content)
        assert sample.case.identifier in {each.text for each in root.iter()}


def test_every_zip_is_whole(samples):
    zipped = (FileKind.ZIP, FileKind.DOCX, FileKind.XLSX, FileKind.ODT, FileKind.ODS)
    for sample in of_kind(samples, *zipped):
        with zipfile.ZipFile(BytesIO(sample.content)) as container:
            assert container.testzip() is None


def test_siegfried_knows_every_file_as_what_we_say_it_is(samples, tmp_path):
    # Siegfried runs in a process of its own: it holds the interpreter's lock and dislikes forks.
    paths = []
    for place, sample in enumerate(samples):
        path = tmp_path / f"{place}-{sample.name}"
        path.write_bytes(sample.content)
        paths.append(str(path))
    script = "import sys, pygfried\nfor path in sys.argv[1:]: print(pygfried.identify(path))"

    answer = subprocess.run(
        [sys.executable, "-c", script, *paths], capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == [sample.document.kind.value.puid for sample in samples]


def test_the_same_case_gives_the_same_bytes_at_any_time():
    # A second process has another hash seed and another clock.
    script = (
        "import hashlib\n"
        "from datetime import date\n"
        "from edepot.demo.cases import DossierKind\n"
        "from edepot.demo.samples import sample_files\n"
        "for kind in DossierKind:\n"
        "    for name, content in sample_files(kind, 17, date(2019, 3, 4)):\n"
        "        print(name, hashlib.sha256(content).hexdigest())\n"
    )
    command = [sys.executable, "-c", script]
    runs = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)]

    assert runs[0] == runs[1]
    assert runs[0].count(b"\n") == 40


def test_no_two_files_of_many_dossiers_are_the_same():
    contents = [
        content
        for kind in DossierKind
        for number in (1, 1 + 12, 1 + 24)
        for _, content in sample_files(kind, number, OPENED)
    ]

    assert max(Counter(contents).values()) == 1


def test_a_dossier_can_have_more_files_than_it_has_kinds_of_documents():
    files = sample_files(DossierKind.SUBSIDY, 5, OPENED, count=23)

    assert len({name for name, _ in files}) == 23
    assert len({content for _, content in files}) == 23


def test_a_size_hint_is_followed_where_a_file_can_grow():
    small = dict(sample_files(DossierKind.INSPECTION, 5, OPENED, size_bytes=5_000))
    large = dict(sample_files(DossierKind.INSPECTION, 5, OPENED, size_bytes=80_000))

    for name in ("meetgegevens.csv", "foto-bedrijf.jpg", "plattegrond.png"):
        assert len(large[name]) > 3 * len(small[name])


@pytest.mark.parametrize("kind", list(DossierKind))
def test_every_category_stands_in_the_selection_list_with_its_valuation_and_term(kind):
    case = case_of(kind, 1, OPENED)
    listed = category(2020, case.category.number)

    assert "2020" in SELECTION_LIST
    assert listed is not None
    assert case.category.valuation == ("B" if listed.valuation is Valuation.KEEP else "V")
    assert case.category.term == listed.retention_term


@pytest.mark.parametrize("kind", list(DossierKind))
def test_the_ten_documents_of_a_dossier_have_names_of_their_own(kind):
    stems = [document.stem for document in DOCUMENTS[kind]]

    assert len(set(stems)) == 10
    assert all(set(stem) <= set("abcdefghijklmnopqrstuvwxyz-") for stem in stems)


def test_a_case_can_begin_on_a_leap_day_and_belong_to_any_municipality():
    for owner in MUNICIPALITIES:
        case = case_of(DossierKind.PERMIT, 3, LEAP_DAY, owner)
        assert len(samples_of(case, 2)) == 2
        assert case.organisation is owner


def test_samples_can_be_written_to_a_folder(tmp_path):
    paths = make_samples(tmp_path, OPENED)

    assert len(paths) == 40
    assert all(path.stat().st_size > 100 for path in paths)
