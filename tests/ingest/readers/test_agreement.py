"""A submission agreement is read whole, and refuses what cannot be with a clear message."""

from dataclasses import fields

import pytest

from formats.mdto.model import Identificatie, Verwijzing
from ingest.agreement import (
    Limits,
    Need,
    Refuse,
    ScanRule,
    Supplier,
    default_agreement,
    read_agreement,
)
from ingest.errors import AgreementInvalid
from ingest.mapping import Item, read_profile
from ingest.sip import Shape
from ingest.unpack_limits import UnpackLimits

LEAST = """
id = "owo-vergunningen"
zorgdrager = "ooststellingwerf"
[supplier]
name = "OWO"
"""
WHOLE = """
id = "owo-vergunningen"
zorgdrager = "ooststellingwerf"
shape = "index"
mandatory = ["naam", "informatiecategorie"]
refuse = "dossier"
scan = "if_available"
packing_slip = "required"
digests = "required"
top_parents = ["NL-1"]
selection_list = 2017
mapping = "decos.toml"
[supplier]
name = "OWO"
identifier = "123"
source = "Decos"
[archiefvormer]
name = "Gemeente Ooststellingwerf"
identifier = "gm0085"
source = "TOOI"
[limits]
files = 100000
bytes = "4 GB"
[format_policy]
id = "tresoar"
[format_policy.overlay]
"fmt/412" = "refused"
"""
PROFILE = 'version = 3\n[columns]\ndossier_id = "Zaak"\npath = "Bestand"\n'


def written(folder, text):
    path = folder / "afspraak.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_least_agreement_has_sensible_values_for_all_the_rest(tmp_path):
    agreement = read_agreement(written(tmp_path, LEAST))

    assert agreement.supplier == Supplier("OWO")
    assert agreement.source == "OWO"
    assert agreement.shape is None
    assert agreement.limits.max_files >= 100_000
    assert agreement.refuse is Refuse.DELIVERY
    assert agreement.scan is ScanRule.REQUIRED
    assert not agreement.digests_required
    assert not agreement.packing_slip_required


def test_every_setting_is_read(tmp_path):
    (tmp_path / "decos.toml").write_text(PROFILE, encoding="utf-8")

    agreement = read_agreement(written(tmp_path, WHOLE))

    assert agreement.shape is Shape.INDEX
    assert agreement.mandatory == ("naam", "informatiecategorie")
    assert agreement.refuse is Refuse.DOSSIER
    assert agreement.scan is ScanRule.IF_AVAILABLE
    assert agreement.packing_slip is agreement.digests is Need.REQUIRED
    assert agreement.top_parents == ("NL-1",)
    assert agreement.selection_list == 2017
    assert agreement.source == "Decos"
    assert agreement.archiefvormer == Verwijzing(
        "Gemeente Ooststellingwerf", Identificatie("gm0085", "TOOI")
    )
    assert (agreement.limits.max_files, agreement.limits.max_bytes) == (100_000, 4 * 10**9)
    assert agreement.format_policy == "tresoar"
    assert agreement.format_overlay == {"fmt/412": "refused"}
    assert agreement.mapping.columns == {Item.DOSSIER_ID: "Zaak", Item.PATH: "Bestand"}
    assert agreement.mapping_bytes.decode() == PROFILE


def test_a_mapping_within_the_agreement_is_kept_as_a_profile_of_its_own(tmp_path):
    inline = LEAST + '[mapping]\nversion = 3\n[mapping.columns]\ndossier_id = "Zaak"\npath = "B"\n'

    agreement = read_agreement(written(tmp_path, inline))

    assert read_profile(agreement.mapping_bytes, "mapping.toml") == agreement.mapping


WRONG = {
    'id = "OWO!"': ("id", "kleine letters"),
    'shape = "zip"': ("shape", "'mdto'"),
    'mandatory = ["titel"]': ("mandatory", "archiefvormer"),
    "mandatory = 1": ("mandatory", "lijst"),
    'refuse = "soms"': ("refuse", "'dossier'"),
    "packing_slip = true": ("packing_slip", "'required'"),
    "selection_list = 17": ("selection_list", "1983"),
    'limits = "veel"': ("limits", "tabel"),
    "limits.files = 0": ("limits.files", "geheel getal"),
    'limits.bytes = "veel"': ("limits.bytes", "4 GB"),
    "limits.file = 3": ("limits.file", "Bedoelt u 'files'"),
    "mapping = 3": ("mapping", "TOML-bestand"),
    'mapping = "weg.toml"': ("weg.toml", "gelezen"),
    'format_policy.overlay."fmt/1" = "mag"': ("format_policy.overlay.fmt/1", "preferred"),
    'archiefvormer.identifier = "x"': ("archiefvormer.name", "ontbreekt"),
    'archiefvormer = {name = "x", identifier = "y"}': ("archiefvormer.source", "ontbreekt"),
    'packingslip = "required"': ("packingslip", "Bedoelt u 'packing_slip'"),
    'mapping = {columns = {dossier_id = "a"}}': ("mapping.columns.path", "kolom"),
    'mapping = {columns = {dossier = "a"}}': ("mapping.columns.dossier", "dossier_id"),
    'mapping = {separator = "#", columns = {dossier_id = "a", path = "b"}}': (
        "mapping.separator",
        "tab",
    ),
    'mapping = {dates = ["us"], columns = {dossier_id = "a", path = "b"}}': (
        "mapping.dates",
        "dd-mm-yyyy",
    ),
    'mapping = {encoding = "utf-7", columns = {dossier_id = "a", path = "b"}}': (
        "mapping.encoding",
        "windows-1252",
    ),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_setting_that_cannot_be_is_refused_by_its_key_and_what_was_expected(line, tmp_path):
    key, expected = WRONG[line]
    least = LEAST.replace('id = "owo-vergunningen"\n', "") if line.startswith("id") else LEAST

    with pytest.raises(AgreementInvalid) as refused:
        read_agreement(written(tmp_path, f"{line}\n{least}"))

    assert key in refused.value.text["nl"]
    assert expected in refused.value.text["nl"]
    assert key in refused.value.text["en"]
    assert refused.value.text["nl"] != refused.value.text["en"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id = ", "TOML"),
        ("zorgdrager = 'x'", "ontbreekt"),
        ('id = "x"\nzorgdrager = "y"', "supplier"),
    ],
)
def test_what_is_no_agreement_at_all_is_refused(text, words, tmp_path):
    with pytest.raises(AgreementInvalid, match=words):
        read_agreement(written(tmp_path, text))


def test_an_agreement_that_is_not_there_is_refused_by_its_name(tmp_path):
    with pytest.raises(AgreementInvalid, match=r"weg\.toml"):
        read_agreement(tmp_path / "weg.toml")


def test_the_limits_of_an_agreement_are_those_of_unpacking():
    names = {each.name for each in fields(Limits)}

    assert names == {each.name for each in fields(UnpackLimits)}


def test_without_an_agreement_the_zorgdrager_delivers_in_any_shape():
    maker = Verwijzing("Gemeente Weststellingwerf")

    agreement = default_agreement("weststellingwerf", archiefvormer=maker)

    assert agreement.zorgdrager == "weststellingwerf"
    assert agreement.supplier == Supplier("Gemeente Weststellingwerf")
    assert agreement.shape is None
