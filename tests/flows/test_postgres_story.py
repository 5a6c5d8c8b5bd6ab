"""The main path of a depot whose database stands on a server: founded, filled, found, rebuilt."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from edepot.cli.main import main
from edepot.config import FILE_NAME
from ingest import journal
from storage.database import open_database, reading, shown
from tests.postgres import connected, name_of, postgres

GOOD = Path(__file__).parents[1] / "fixtures" / "sip" / "good" / "mdto_norm"


@dataclass(frozen=True)
class Commands:
    """The command line, on one depot and its database."""

    depot: Path
    place: str
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        code = main(["--depot", str(self.depot), *map(str, arguments)])
        said = self.capsys.readouterr()
        return code, said.out, " ".join(said.err.split())

    def init(self, folder: Path | None = None, database: str = "") -> tuple[int, str]:
        """Found a depot on the server."""
        code = main(["init", str(folder or self.depot), "--database", database or self.place])
        said = self.capsys.readouterr()
        return code, " ".join((said.out + said.err).split())


@pytest.fixture
def commands(
    tmp_path: Path,
    postgres_place: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Commands:
    """An empty database with the commands for it."""
    for name in ("EDEPOT_LANG", "EDEPOT_DEBUG", "EDEPOT_DEPOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    with connected(postgres_place) as connection:
        connection.execute("DROP SCHEMA edepot CASCADE")
    return Commands(tmp_path / "depot", postgres_place, capsys)


def test_a_depot_on_a_server_goes_the_whole_way(commands: Commands, tmp_path: Path) -> None:
    code, said = commands.init()
    assert code == 0
    assert shown(commands.place) in said
    assert commands.init()[0] == 0
    delivery = shutil.copytree(GOOD, tmp_path / "aanlevering")
    settings = (commands.depot / FILE_NAME).read_text("utf-8")
    settings = settings.replace('clamd = "/run/clamav/clamd.ctl"', 'clamd = ""')
    (commands.depot / FILE_NAME).write_text(settings.replace('"wait"', '"accept"'), "utf-8")

    code, out, _ = commands("ingest", delivery, "--zorgdrager", "ooststellingwerf", "--json")
    receipt = json.loads(out)
    assert (code, receipt["outcome"]) == (0, "accepted")
    aip = receipt["aips"][0]["id"]
    code, out, _ = commands("ingest", delivery, "--zorgdrager", "ooststellingwerf", "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "already_held")

    (hit,) = json.loads(commands("find", "zaak-1", "--json")[1])
    assert hit["aip_id"] == aip
    assert commands("show", aip[:8])[0] == 0
    assert commands("verify", "--all")[0] == 0
    assert commands("export", aip, tmp_path / "uit")[0] == 0
    assert commands("ledger", "verify")[0] == 0
    assert len(json.loads(commands("deliveries", "list", "--json")[1])) == 2
    assert not list(commands.depot.glob("*.sqlite*"))

    rebuilt = json.loads(commands("rebuild", "--json")[1])
    assert (rebuilt["aips"], rebuilt["placed"], rebuilt["findings"]) == (1, False, [])
    rebuilt = json.loads(commands("rebuild", "--replace", "--json")[1])
    assert (rebuilt["aips"], rebuilt["placed"]) == (1, True)
    assert json.loads(commands("find", "zaak-1", "--json")[1]) == [hit]
    assert commands("ledger", "verify")[0] == 0
    with reading(open_database(rebuilt["old"])) as connection:
        assert journal.count_deliveries(connection) == 2


def test_what_is_wrong_with_the_place_is_told_and_nothing_is_made(commands: Commands) -> None:
    server = str(postgres().folder)
    absent = postgres().url("is_er_niet")
    for place, expected, said in (
        (absent, 3, "deze database bestaat er niet"),
        (commands.place.replace(server, f"{server}/weg"), 4, "antwoordt niet"),
        ("postgresql://jan:geheim@127.0.0.1:1/depot", 2, "Zet geen wachtwoord"),
        ("postgresql://jan@127.0.0.1:poort/depot", 2, "--database verwacht"),
        ("mysql://jan@127.0.0.1/depot", 2, "--database verwacht"),
    ):
        code, answer = commands.init(database=place)
        assert (code, said in answer, "geheim" in answer) == (expected, True, False), answer
        assert not commands.depot.exists()


def test_a_database_of_another_depot_is_left_alone(commands: Commands, tmp_path: Path) -> None:
    other = tmp_path / "ander"
    assert commands.init(other)[0] == 0

    code, said = commands.init()
    assert (code, "staat al een e-depot" in said) == (2, True)
    assert not commands.depot.exists()

    # A folder whose settings are made to point there.
    assert commands.init(database="edepot.sqlite")[0] == 0
    file = commands.depot / FILE_NAME
    settings = file.read_text("utf-8").replace(
        'database = "edepot.sqlite"', f'database = "{commands.place}"'
    )
    file.write_text(settings, "utf-8")
    code, _, err = commands("find", "iets")
    assert (code, "hoort bij een ander e-depot" in err) == (3, True)
    assert commands("rebuild", "--replace")[0] == 3


def test_a_server_that_went_away_is_told_and_a_database_that_is_empty_too(
    commands: Commands,
) -> None:
    assert commands.init()[0] == 0
    with connected(commands.place) as connection:
        connection.execute("DROP SCHEMA edepot CASCADE")
    code, _, err = commands("find", "iets")
    assert (code, "edepot rebuild" in err) == (3, True)

    with connected(postgres().url("postgres")) as connection:
        connection.execute(f"DROP DATABASE {name_of(commands.place)} WITH (FORCE)".encode("ascii"))
    code, _, err = commands("find", "iets")
    assert (code, "deze database bestaat er niet" in err) == (3, True)
