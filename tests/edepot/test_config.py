"""The configuration: every setting checked, every fault told with where, what and what to do."""

from pathlib import Path

import pytest

from edepot.config import (
    FILE_NAME,
    Config,
    FixitySettings,
    PaceSettings,
    PriceSettings,
    PutProof,
    RepairPolicy,
    RhythmSettings,
    S3Settings,
    ScannerAbsence,
    StoreKind,
    find_depot,
    read_config,
)
from edepot.errors import ConfigurationInvalid, FolderNotEmpty, NoDepotHere, WrongUse
from edepot.founding import NewZorgdrager, found_depot, read_zorgdrager
from edepot.messages import Language
from formats.findings import explain, read_codes

SMALLEST = """
[[stores]]
name = "kopie-1"
path = "stores/kopie-1"
[[zorgdragers]]
id = "opsterland"
name = "Gemeente Opsterland"
stores = ["kopie-1"]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / FILE_NAME
    file.write_text(text, "utf-8")
    return file


def faults(folder: Path, text: str) -> list[tuple[str, str, str, str]]:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_config(written(folder, text))
    return [(f.code, f.where, f.found, f.expected) for f in caught.value.findings]


def test_the_smallest_configuration_gives_usual_values_for_the_rest(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SMALLEST))

    assert config.language is Language.NL
    assert config.folder == tmp_path
    assert config.database == tmp_path / "edepot.sqlite"
    assert config.stores[0].path == tmp_path / "stores" / "kopie-1"
    assert config.zorgdragers[0].key == tmp_path / "keys" / "opsterland.pem"
    assert config.scanner.absent is ScannerAbsence.WAIT
    assert config.limits.max_file_bytes == 100 * 10**9


def test_sizes_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    text = f'{SMALLEST}\n[limits]\nbytes = "4 GB"\nfile_bytes = 1000\n'

    limits = read_config(written(tmp_path, text)).limits

    assert (limits.max_bytes, limits.max_file_bytes) == (4 * 10**9, 1000)


def test_a_path_that_begins_with_a_slash_stays_as_it_is(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SMALLEST.replace("stores/kopie-1", "/mnt/kopie")))

    assert config.stores[0].path == Path("/mnt/kopie")


CASES = {
    "E001": (
        SMALLEST.replace('name = "Gemeente Opsterland"', ""),
        "zorgdragers[1].name",
        "",
        "tekst (text)",
    ),
    "E002": (f"language = 'fr'\n{SMALLEST}", "language", '"fr"', "nl, en"),
    "E003": (f"langauge = 'nl'\n{SMALLEST}", "langauge", "langauge", "language"),
    "E004": (
        f"{SMALLEST}\n[workers]\nzzz = 1\n",
        "workers.zzz",
        "zzz",
        "processes, dead_seconds",
    ),
    "E005": (
        SMALLEST.replace('"opsterland"', '"Op sterland"'),
        "zorgdragers[1].id",
        "Op sterland",
        "ooststellingwerf",
    ),
    "E006": (
        SMALLEST.replace('["kopie-1"]', '["kopie-2"]'),
        "zorgdragers[1].stores",
        "kopie-2",
        "kopie-1",
    ),
    "E007": (SMALLEST.replace('["kopie-1"]', "[]"), "zorgdragers[1].stores", "0", "1"),
    "E009": (
        SMALLEST + '[[stores]]\nname = "kopie-1"\npath = "elsewhere"\n',
        "stores",
        "kopie-1",
        "",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_a_setting_that_cannot_be_is_told(code: str, tmp_path: Path) -> None:
    text, key, found, expected = CASES[code]

    assert faults(tmp_path, text) == [(code, f"edepot.toml, {key}", found, expected)]


def test_two_stores_in_one_place_are_refused_as_E008(tmp_path: Path) -> None:
    text = SMALLEST + '[[stores]]\nname = "kopie-2"\npath = "./stores/kopie-1/"\n'

    ((code, where, found, _),) = faults(tmp_path, text)

    assert (code, where) == ("E008", "edepot.toml, stores[2].path")
    assert found == str(tmp_path / "stores" / "kopie-1")


def test_a_file_that_cannot_be_read_is_told_as_E010(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_config(tmp_path / FILE_NAME)

    assert [each.code for each in caught.value.findings] == ["E010"]


def test_a_file_that_is_no_toml_is_told_with_its_line_as_E011(tmp_path: Path) -> None:
    ((code, where, found, _),) = faults(tmp_path, "language = nl\n")

    assert (code, where) == ("E011", "edepot.toml")
    assert "line 1" in found


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = f"language = 3\nfoo = 1\n{SMALLEST}\n[limits]\nfiles = 0\nbytes = '4 XB'\n"

    assert [code for code, *_ in faults(tmp_path, text)] == ["E002", "E002", "E002", "E004"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("[limits]\nfiles", "true"),
        ("[limits]\nfiles", '"many"'),
        ("[limits]\nbytes", "-1"),
        ("[limits]\nbytes", "1.5"),
        ("[scanner]\nclamd", "7"),
        ("[scanner]\nabsent", '"ignore"'),
        ("[workers]\nprocesses", "0"),
        ("[depot]\ndatabase", '""'),
        ("[depot]\ndatabase", '"a\\u0000b"'),
    ],
)
def test_a_value_of_a_wrong_kind_is_refused(setting: str, value: str, tmp_path: Path) -> None:
    assert [code for code, *_ in faults(tmp_path, f"{SMALLEST}\n{setting} = {value}\n")] == ["E002"]


@pytest.mark.parametrize("value", ["clamd", "localhost", "host:port", "relative/path"])
def test_an_address_of_the_scanner_that_cannot_be_is_refused(value: str, tmp_path: Path) -> None:
    text = f'{SMALLEST}\n[scanner]\nclamd = "{value}"\n'

    assert [code for code, *_ in faults(tmp_path, text)] == ["E005"]


@pytest.mark.parametrize("value", ["e-depot OWO", "owo+1"])
def test_a_name_that_cannot_stand_in_a_checkpoint_is_refused(value: str, tmp_path: Path) -> None:
    text = f'{SMALLEST}\n[depot]\norigin = "{value}"\n'

    assert [code for code, *_ in faults(tmp_path, text)] == ["E005"]


@pytest.mark.parametrize("value", ["", "/run/clamd.ctl", "localhost:3310", "[::1]:3310"])
def test_an_address_of_the_scanner_is_a_socket_or_a_host_and_port(
    value: str, tmp_path: Path
) -> None:
    text = f'{SMALLEST}\n[scanner]\nclamd = "{value}"\n'

    assert read_config(written(tmp_path, text)).scanner.clamd == value


def test_a_table_of_a_wrong_kind_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, f"limits = 3\n{SMALLEST}") == [
        ("E002", "edepot.toml, limits", "3", "[limits]")
    ]


def test_without_stores_and_zorgdragers_there_is_no_depot(tmp_path: Path) -> None:
    assert [code for code, *_ in faults(tmp_path, "")] == ["E001", "E001"]


def test_no_code_in_the_book_is_without_a_case_or_an_explanation() -> None:
    elsewhere = {"E020", "E021", "E030", "E031", "E032", "E033", "E034"}
    told = {*CASES, *elsewhere, "E008", "E010", "E011", "E012", "E013"}

    assert {each for each in read_codes("edepot") if each < "E040"} == told


def test_a_fault_is_explained_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_config(written(tmp_path, CASES["E003"][0]))
    (found,) = caught.value.findings

    assert "Bedoelt u 'language'?" in explain(found, "nl").text
    assert "Did you mean 'language'?" in explain(found, "en").text


class TestFinding:
    """Which depot is meant."""

    def test_the_folder_that_is_named_goes_first(self, tmp_path: Path) -> None:
        named, other = tmp_path / "named", tmp_path / "other"
        for each in (named, other):
            each.mkdir()
            written(each, SMALLEST)

        assert find_depot(named, {"EDEPOT_DEPOT": str(other)}, other) == named / FILE_NAME
        assert find_depot(named / FILE_NAME, {}, other) == named / FILE_NAME

    def test_the_environment_goes_before_the_current_folder(self, tmp_path: Path) -> None:
        written(tmp_path, SMALLEST)

        assert find_depot(None, {"EDEPOT_DEPOT": str(tmp_path)}, Path("/")) == tmp_path / FILE_NAME

    def test_a_folder_above_is_found_too(self, tmp_path: Path) -> None:
        written(tmp_path, SMALLEST)
        below = tmp_path / "a" / "b"
        below.mkdir(parents=True)

        assert find_depot(None, {}, below) == tmp_path / FILE_NAME

    def test_where_there_is_none_it_says_where_it_looked(self, tmp_path: Path) -> None:
        with pytest.raises(NoDepotHere) as caught:
            find_depot(tmp_path, {}, tmp_path)

        assert caught.value.values == {"folder": tmp_path}


class TestFounding:
    """A new depot."""

    def test_it_has_the_three_municipalities_two_stores_and_private_keys(
        self, tmp_path: Path
    ) -> None:
        founded = found_depot(tmp_path / "depot")

        config = founded.config
        assert [each.id for each in config.zorgdragers] == [
            "ooststellingwerf",
            "weststellingwerf",
            "opsterland",
        ]
        assert [each.stores for each in config.zorgdragers] == [("kopie-1", "kopie-2")] * 3
        assert [oct(each.key.stat().st_mode & 0o777) for each in config.zorgdragers] == [
            "0o600"
        ] * 3
        assert all(each.path.is_dir() for each in config.stores)
        assert config.agreements.is_dir()

    def test_founding_it_again_changes_nothing(self, tmp_path: Path) -> None:
        first = found_depot(tmp_path / "depot")
        before = _files(tmp_path)

        second = found_depot(tmp_path / "depot", [NewZorgdrager("elders", "Gemeente Elders")])

        assert second.made == ()
        assert second.config == first.config
        assert _files(tmp_path) == before

    def test_founding_it_again_makes_what_is_missing(self, tmp_path: Path) -> None:
        founded = found_depot(tmp_path / "depot")
        founded.config.staging.rmdir()

        assert found_depot(tmp_path / "depot").made == ("staging",)

    def test_a_folder_with_other_things_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "brief.txt").write_text("van iemand anders")

        with pytest.raises(FolderNotEmpty):
            found_depot(tmp_path)

        assert [each.name for each in tmp_path.iterdir()] == ["brief.txt"]

    def test_a_file_in_the_way_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "depot").write_text("")

        with pytest.raises(FolderNotEmpty):
            found_depot(tmp_path / "depot")

    def test_a_founding_that_was_cut_short_goes_on(self, tmp_path: Path) -> None:
        depot = tmp_path / "depot"
        depot.mkdir()
        (depot / ".edepot.toml.new").write_text("half")

        assert FILE_NAME in found_depot(depot).made

    @pytest.mark.parametrize("name", ['Gemeente "De Wolden"', "Súdwest-Fryslân", "a\\b = [x]", "'"])
    def test_any_name_survives_the_file(self, name: str, tmp_path: Path) -> None:
        config: Config = found_depot(tmp_path / "d", [NewZorgdrager("x", name)]).config

        assert [each.name for each in config.zorgdragers] == [name]

    @pytest.mark.parametrize("text", ["x", "=Naam", "x=", "X=Naam", "a b=Naam", "x=a\nb", "../x=N"])
    def test_a_zorgdrager_of_another_form_is_refused(self, text: str) -> None:
        with pytest.raises(WrongUse):
            read_zorgdrager(text)

    def test_a_zorgdrager_is_an_id_and_a_name(self) -> None:
        assert read_zorgdrager("hof=Het Hof = 1") == NewZorgdrager("hof", "Het Hof = 1")


def _files(folder: Path) -> dict[Path, bytes]:
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


BUCKET = """
[[stores]]
name = "wolk"
kind = "s3"
endpoint = "https://s3.voorbeeld.nl/"
bucket = "edepot-kopie"
max_bytes_per_second = "20 MB"
hours = "20:00-06:00"
euro_per_gb = 0.08
"""


def test_a_bucket_is_a_store_with_its_pace_and_its_price(tmp_path: Path) -> None:
    store = read_config(written(tmp_path, SMALLEST + BUCKET)).stores[1]

    assert (store.kind, store.place) == (StoreKind.S3, "https://s3.voorbeeld.nl/edepot-kopie")
    assert store.s3 == S3Settings(
        endpoint="https://s3.voorbeeld.nl",
        bucket="edepot-kopie",
        prefix="",
        region="us-east-1",
        credentials=tmp_path / "keys" / "wolk.toml",
        put_proof=PutProof.READ,
    )
    assert store.pace == PaceSettings(20_000_000, 0, 0, "20:00-06:00")
    assert store.price == PriceSettings(0.08, 0.0)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            BUCKET.replace("https://s3.voorbeeld.nl/", "ftp://elders"),
            ("E005", "stores[2].endpoint"),
        ),
        (BUCKET.replace("edepot-kopie", "Hoofdletters"), ("E005", "stores[2].bucket")),
        (BUCKET.replace("20:00-06:00", "20:00-25:00"), ("E005", "stores[2].hours")),
        (BUCKET.replace("0.08", '"gratis"'), ("E002", "stores[2].euro_per_gb")),
        (BUCKET + 'retired = "ja"\n', ("E002", "stores[2].retired")),
        (BUCKET + BUCKET.replace('"wolk"', '"wolk-2"'), ("E008", "stores[3].path")),
        ("[fixity]\nlocal_days = 0\n", ("E002", "fixity.local_days")),
        ('[fixity]\nrepair = "altijd"\n', ("E002", "fixity.repair")),
        (
            '[[fixity.rhythms]]\nzorgdrager = "elders"\ndays = 7\n',
            ("E013", "fixity.rhythms[1].zorgdrager"),
        ),
    ],
)
def test_what_is_wrong_with_a_bucket_or_a_rhythm_is_told(
    tmp_path: Path, wrong: str, expected: tuple[str, str]
) -> None:
    found = [(code, where) for code, where, *_ in faults(tmp_path, SMALLEST + wrong)]

    assert found == [(expected[0], f"{FILE_NAME}, {expected[1]}")]


def test_a_retired_store_is_not_asked_for_copies(tmp_path: Path) -> None:
    text = SMALLEST.replace('path = "stores/kopie-1"', 'path = "stores/kopie-1"\nretired = true')

    assert faults(tmp_path, text) == [
        ("E012", f"{FILE_NAME}, zorgdragers[1].stores", "kopie-1", "")
    ]


def test_every_copy_is_checked_within_thirty_days_here_and_ninety_in_the_cloud(
    tmp_path: Path,
) -> None:
    rule = '\n[[fixity.rhythms]]\nstore = "kopie-1"\ndays = 7\n'

    fixity = read_config(written(tmp_path, SMALLEST + rule)).fixity

    assert fixity == FixitySettings(30, 90, RepairPolicy.ASK, (RhythmSettings("kopie-1", "", 7),))


DATABASE = "postgresql://edepot@server/edepot?passfile=/etc/edepot/pgpass"


def test_the_database_may_stand_on_a_server(tmp_path: Path) -> None:
    text = f'[depot]\ndatabase = "{DATABASE}"\nid = "{"a1" * 16}"\n{SMALLEST}'

    config = read_config(written(tmp_path, text))

    assert (config.database, config.id) == (DATABASE, "a1" * 16)


@pytest.mark.parametrize(
    ("place", "code", "found"),
    [
        ("mysql://jan@server/depot", "E020", "postgresql://…"),
        ("postgresql://jan:geheim@server:poort/depot", "E020", "postgresql://…"),
        ("postgresql://jan:geheim@server", "E020", "postgresql://jan:***@server"),
        ("postgresql://jan:geheim@server/depot", "E021", "postgresql://jan:***@server/depot"),
        ("postgresql://jan@server/depot?password=x", "E021", "postgresql://jan@server/depot"),
    ],
)
def test_a_server_is_named_rightly_and_without_a_password(
    tmp_path: Path, place: str, code: str, found: str
) -> None:
    text = f'[depot]\ndatabase = "{place}"\n{SMALLEST}'

    assert faults(tmp_path, text) == [(code, f"{FILE_NAME}, depot.database", found, DATABASE)]
