"""`edepot destruction`, as the people of a list meet it."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from edepot import acting
from edepot.depot import now
from edepot.exits import Exit
from edepot.messages import read_messages
from retention.deadlines import DeadlineStep
from retention.nouns import Duty, ItemState, ListState, Role
from retention.review_nouns import AdviceKind, AnswerKind, Because
from retention.rule_policy import check_policy, set_policy
from retention.transitions import Event
from storage.database import open_database
from tests.edepot.shelf import Answer, Cli, Shelf
from tests.retention import making

GM = "ooststellingwerf"
ROLES = (
    Role.RECORD_MANAGER,
    Role.PROCESS_OWNER,
    Role.ARCHIVIST,
    Role.SIGNATORY,
    Role.EXECUTOR,
    Role.EMPLOYEE,
    Role.PROCESS_OWNER,
)


def flat(answer: Answer) -> str:
    return " ".join((answer.out + answer.err).split())


@pytest.fixture
def town(cli: Cli, shelf: Shelf) -> Cli:
    """p0001 proposes, p0002 reviews, p0003 authorises, p0004 signs, p0005 carries out; p0006
    comments, p0007 is another reviewer. Three dossiers are due: Z-1, Z-2 and Z-3."""
    for number, role in enumerate(ROLES, 1):
        person = json.loads(cli("person", "add", f"P{number}", "--json").out)["person"]
        given = ("mandate", "give", person, GM, role.value, "--from", "2020-01-01")
        assert cli(*given, "--decision", "besluit 3").code == Exit.WELL
    engine = open_database(shelf.config.database)
    desk = making.desk(engine)
    for number in (1, 2, 3):
        making.dossier(desk, GM, identifier=f"Z-{number}")
    engine.dispose()
    return cli


def test_a_list_goes_from_concept_to_its_start(
    town: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = [each for number in (1, 2, 3) for each in ("--dossier", f"Z-{number}")]
    made = town(
        "destruction", "new", "Vernietiging", *named, "--zorgdrager", GM, "--as", "p0001", "--json"
    )
    assert made.code == Exit.WELL, made.err
    made_id = json.loads(made.out)["list"]

    def step(name: str, *more: object, acting_as: str = "") -> Answer:
        who = ("--as", acting_as) if acting_as else ()
        return town("destruction", name, made_id, *more, *who)

    assert "concept" in flat(town("destruction", "list"))
    assert "aan beoordelaars" in flat(step("status"))
    submitted = step("submit", "--reviewer", "p0002", "--co-reviewer", "p0006", acting_as="p0001")
    assert "in beoordeling" in flat(submitted)
    assert "p0002" in flat(step("status"))
    said = step("review", "--keep", "Z-1", "--reason", "let op", acting_as="p0006")
    assert (said.code, "in beoordeling" in flat(said)) == (Exit.WELL, True)

    table = tmp_path / "adviezen.csv"
    table.write_text(
        "dossier;advies;reden\nZ-1;bewaren;beroep loopt\nZ-2;vernietigen;\nZ-3;;\n", "utf-8"
    )
    preview = step("review", "--file", table)
    assert "nog niets vastgelegd" in flat(preview)
    assert "beroep loopt" in flat(preview)
    assert json.loads(step("review", "--file", table, "--json").out)
    rejected = step("review", "--file", table, acting_as="p0002")
    assert "wijzigingen gevraagd" in flat(rejected)

    answers = tmp_path / "antwoorden.csv"
    answers.write_text(
        "dossier,antwoord,reden,grond,verwijzing\nZ-1,eraf,akkoord,blokkade,h0001\n", "utf-8"
    )
    assert "van de lijst af" in flat(step("answer", "--file", answers))
    assert "in beoordeling" in flat(step("answer", "--file", answers, acting_as="p0001"))
    shown = flat(step("show"))
    assert "beroep loopt" in shown
    assert "blokkade: h0001" in shown
    wrong = step("review", "--all", "destroy", "--count", 3, acting_as="p0002")
    assert (wrong.code, "U telde 3" in flat(wrong)) == (Exit.MATERIAL, True)
    assert "beoordeeld" in flat(step("review", "--all", "destroy", "--count", 2, acting_as="p0002"))

    assert "bij de archivaris" in flat(step("submit", "--archivist", "p0003", acting_as="p0001"))
    assert "p0003" in flat(step("status"))
    assert "te ondertekenen" in flat(step("authorise", "--reference", "brief", acting_as="p0003"))
    short = step("sign", "--root", "abc", acting_as="p0004")
    assert short.code == Exit.USAGE
    other = step("sign", "--root", "0" * 64, acting_as="p0004")
    assert (other.code, "niet meer wat er is ondertekend" in flat(other)) == (Exit.MATERIAL, True)
    root = json.loads(step("status", "--json").out)["root"]
    signed = step("sign", "--root", root[:8], acting_as="p0004")
    assert "bedenktijd" in flat(signed)
    early = step("start", acting_as="p0005")
    assert (early.code, "bedenktijd loopt nog" in flat(early)) == (Exit.MATERIAL, True)
    assert "Vanaf" in flat(step("status"))

    later = now() + timedelta(days=8)
    monkeypatch.setattr(acting, "now", lambda: later)
    started = step("start", acting_as="p0005")
    assert "mag worden uitgevoerd" in flat(started)
    assert step("pause", acting_as="p0005").code == Exit.WELL
    assert "stilgezet door p0005" in flat(step("status"))
    assert step("resume", acting_as="p0005").code == Exit.WELL
    assert step("stop", "--reason", "besluit", acting_as="p0004").code == Exit.WELL
    status = json.loads(step("status", "--json").out)
    assert status["left"] == {"advice_keep": 1, "stop": 2}
    assert "gestopt" in flat(step("status"))


def new(town: Cli, *more: str) -> str:
    given = ("--zorgdrager", GM, "--as", "p0001", "--json")
    return str(json.loads(town("destruction", "new", "Lijst", *more, *given).out)["list"])


def test_a_list_is_changed_refused_and_withdrawn(town: Cli) -> None:
    made_id = new(town, "--dossier", "Z-1")

    def step(name: str, *more: object, acting_as: str) -> Answer:
        return town("destruction", name, made_id, *more, "--as", acting_as)

    assert "2 dossiers" in flat(step("add", "Z-2", acting_as="p0001"))
    assert "1 dossier," in flat(step("remove", "Z-2", "--reason", "nodig", acting_as="p0001"))
    assert json.loads(step("add", "Z-3", "--json", acting_as="p0001").out)["on_list"] == 2
    step("submit", "--reviewer", "p0002", acting_as="p0001")
    moved = step("reassign", "p0002", "p0007", "--reason", "ziek", acting_as="p0001")
    assert moved.code == Exit.WELL, moved.err
    for agree in ("review", "--all", "destroy", "--count", 2), ("submit", "--archivist", "p0003"):
        who = "p0007" if agree[0] == "review" else "p0001"
        assert step(str(agree[0]), *agree[1:], acting_as=who).code == Exit.WELL
    given = ("--refuse", "--reason", "onduidelijk", "--ask", "Z-1")
    assert "wijzigingen" in flat(step("authorise", *given, acting_as="p0003"))
    stays = ("--stays", "Z-1", "--reason", "toegelicht")
    assert "in beoordeling" in flat(step("answer", *stays, acting_as="p0001"))
    withdrawn = step("withdraw", "--reason", "opnieuw", acting_as="p0001")
    assert "ingetrokken" in flat(withdrawn)
    again = json.loads(
        town(
            *("destruction", "new", "Weer", "--from-list", made_id, "--zorgdrager", GM),
            *("--as", "p0001", "--json"),
        ).out
    )
    assert again["on_list"] == 2


def test_what_may_not_be_on_a_list_is_told(town: Cli) -> None:
    first = new(town, "--dossier", "Z-1")
    given = ("--zorgdrager", GM, "--as", "p0001")

    made = town("destruction", "new", "Tweede", "--dossier", "Z-1", "--dossier", "Z-2", *given)

    assert "Niet op de lijst: 1 dossier." in flat(made)
    assert f"Z-1: staat al op een lopende lijst ({first})" in flat(made)


def test_a_list_that_was_not_started_is_not_carried_out(town: Cli) -> None:
    made_id = new(town, "--dossier", "Z-1")

    answer = town("destruction", "run", made_id)
    plain = json.loads(town("destruction", "run", made_id, "--json").out)

    assert (answer.code, "niet in uitvoering" in flat(answer)) == (Exit.WELL, True)
    assert (plain["state"], plain["items"]) == ("concept", {"proposed": 1})


def test_the_four_are_refused_in_plain_words(town: Cli) -> None:
    made_id = new(town, "--dossier", "Z-1")
    town(
        "mandate",
        "give",
        "p0001",
        GM,
        Role.PROCESS_OWNER.value,
        "--from",
        "2020-01-01",
        "--decision",
        "x",
    )

    answer = town("destruction", "submit", made_id, "--reviewer", "p0001", "--as", "p0001")

    assert answer.code == Exit.MATERIAL
    assert "vier verschillende mensen" in flat(answer)


@pytest.mark.parametrize(
    "wrong",
    [
        ("review",),
        ("review", "--as", "p0002"),
        ("review", "--all", "destroy", "--as", "p0002"),
        ("answer",),
        ("show", "--csv"),
        ("show", "--to", "map"),
    ],
)
def test_what_is_not_said_whole_is_explained(town: Cli, wrong: tuple[str, ...]) -> None:
    made_id = new(town, "--dossier", "Z-1")

    answer = town("destruction", wrong[0], made_id, *wrong[1:])

    assert (answer.code, answer.err != "") == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("dossier;reden\nZ-1;x\n", "advice"),
        ("dossier;advies\nZ-1;misschien\n", "misschien"),
        ("dossier;advies\nZ-9;bewaren\n", "Z-9"),
    ],
)
def test_a_table_that_cannot_be_read_is_explained(
    town: Cli, tmp_path: Path, content: str, told: str
) -> None:
    made_id = new(town, "--dossier", "Z-1")
    table = tmp_path / "adviezen.csv"
    table.write_text(content, "utf-8")

    answer = town("destruction", "review", made_id, "--file", table)

    assert (answer.code, told in flat(answer)) == (Exit.MATERIAL, True)


def test_a_list_is_written_as_files(town: Cli, tmp_path: Path) -> None:
    made_id = new(town, "--dossier", "Z-1")

    answer = town(
        "destruction", "show", made_id, "--csv", "--json-file", "--to", tmp_path / "lijst"
    )

    assert answer.code == Exit.WELL, answer.err
    assert {each.suffix for each in (tmp_path / "lijst").iterdir()} == {".csv", ".json"}


def test_a_long_list_is_shown_page_by_page(town: Cli) -> None:
    made_id = new(town, "--dossier", "Z-1", "--dossier", "Z-2", "--dossier", "Z-3")

    first = flat(town("destruction", "show", made_id, "--limit", 2))
    rest = json.loads(town("destruction", "show", made_id, "--after", "Z-2", "--json").out)

    assert "--after" in first
    assert [each["snapshot"]["identifier"] for each in rest["items"]] == ["Z-3"]


def test_every_state_duty_and_word_of_a_list_has_its_text() -> None:
    wanted = {
        *(f"disposal_list.state.{each.value}" for each in ListState),
        *(f"disposal_list.item.{each.value}" for each in ItemState),
        *(f"disposal_list.duty.{each.value}" for each in Duty),
        *(f"destruction.late.{each.value}" for each in DeadlineStep),
        *(f"destruction.what.{each.value}" for each in (*AdviceKind, *AnswerKind)),
        *(f"destruction.because.{each.value}" for each in Because),
        *(f"destruction.what.{each}" for each in (Event.APPROVE, Event.REJECT, Event.ANSWER)),
        *(
            f"destruction.do.{each.value}"
            for each in ListState
            if each not in {ListState.CLOSED, ListState.WITHDRAWN}
        ),
    }

    assert wanted - read_messages().keys() == set()


def test_the_archivist_signs_what_the_policy_names(town: Cli, shelf: Shelf) -> None:
    nothing = town("destruction", "standing", "--zorgdrager", GM, "--as", "p0003")
    engine = open_database(shelf.config.database)
    desk = making.desk(engine)
    rule = {"list_year": "2020", "category": "13.1", "archivist": "p0003"}
    proposer, archivist = (acting.actor_of(shelf.config, each) for each in ("p0001", "p0003"))
    said = {"standing": [rule | {"valid_from": "2020-01-01"}]}
    set_policy(desk, proposer, GM, said, decision="besluit", valid_from=date(2020, 1, 1))
    check_policy(desk, archivist, GM, 1)
    engine.dispose()

    signed = town("destruction", "standing", "--zorgdrager", GM, "--as", "p0003")

    assert (nothing.code, "korte procedure niet" in flat(nothing)) == (Exit.MATERIAL, True)
    assert (signed.code, "2020 13.1" in flat(signed)) == (Exit.WELL, True)
