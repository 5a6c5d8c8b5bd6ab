"""`edepot person`, `mandate` and `hold`, as a records officer or a program meets them."""

import io
import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import update

from edepot.exits import Exit
from edepot.messages import read_messages
from retention.exemptions import Ground
from retention.hold_nouns import HoldAct, HoldState
from retention.nouns import HoldKind, Role
from retention.tables import COPY_ACTIONS, HOLDS, ITEMS, LISTS, TOMBSTONES
from storage.database import begin, open_database
from tests.edepot.shelf import FIRST, SECOND, Cli, Shelf
from tests.retention import making
from tests.retention.unguarded import put_rows

GM, OTHER = "ooststellingwerf", "opsterland"


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def people(cli: Cli) -> Cli:
    """Two hold officers (p0001, p0002), and a record manager (p0003)."""
    for name, role in (
        ("Anna", Role.HOLD_OFFICER),
        ("Bea", Role.HOLD_OFFICER),
        ("Cor", Role.RECORD_MANAGER),
    ):
        person = json.loads(cli("person", "add", name, "--json").out)["person"]
        given = cli(
            *("mandate", "give", person, GM, role.value),
            *("--from", "2026-01-01", "--decision", "besluit 3"),
        )
        assert given.code == Exit.WELL, given.err
    return cli


def placing(cli: Cli, *more: str, kind: str = "woo", acting: str = "p0001") -> tuple[int, str, str]:
    given = ("--zorgdrager", GM, "--reason", "verzoek", "--as", acting)
    answer = cli("hold", "place", kind, *more, *given)
    return answer.code, flat(answer.out), flat(answer.err)


def test_a_person_gets_a_key_that_nobody_else_may_read(cli: Cli, shelf: Shelf) -> None:
    answer = cli("person", "add", "A. de Vries")

    file = shelf.config.folder / "keys" / "people" / "p0001.pem"
    assert answer.code == Exit.WELL
    assert "A. de Vries is geregistreerd als p0001" in answer.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "A. de Vries" in cli("person", "list").out


def test_a_person_may_keep_the_key_elsewhere(cli: Cli, tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    key = Ed25519PrivateKey.generate().public_key()
    own.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("geen sleutel", "utf-8")

    answer = cli("person", "add", "Bea", "--public-key", own)
    again = cli("person", "add", "Bea nog eens", "--public-key", own)
    refused = cli("person", "add", "Cor", "--public-key", wrong)
    missing = cli("person", "add", "Cor", "--public-key", tmp_path / "none.pem")

    assert (answer.code, "eigen sleutel" in answer.out) == (Exit.WELL, True)
    assert (again.code, "spreekt tegen" in flat(again.err)) == (Exit.MATERIAL, True)
    assert (refused.code, "geen publieke Ed25519" in flat(refused.err)) == (Exit.USAGE, True)
    assert missing.code == Exit.USAGE


def test_a_key_that_others_can_read_is_not_used(people: Cli, shelf: Shelf) -> None:
    file = shelf.config.folder / "keys" / "people" / "p0001.pem"
    file.chmod(0o640)
    exposed = placing(people, "--words", "vergunning")
    file.write_text("geen sleutel", "utf-8")
    file.chmod(0o600)
    spoiled = placing(people, "--words", "vergunning")
    file.unlink()
    missing = placing(people, "--words", "vergunning")
    escaping = placing(people, "--words", "vergunning", acting="../ooststellingwerf")

    assert (exposed[0], "chmod 600" in exposed[2]) == (Exit.CONFIGURATION, True)
    assert (spoiled[0], "niet te lezen" in spoiled[2]) == (Exit.CONFIGURATION, True)
    assert (missing[0], "niet te lezen" in missing[2]) == (Exit.CONFIGURATION, True)
    assert (escaping[0], "p0001" in escaping[2]) == (Exit.USAGE, True)


def test_the_account_gives_mandates_until_there_is_an_administrator(people: Cli) -> None:
    def give(person: str, role: Role, *more: str) -> tuple[int, str]:
        answer = people("mandate", "give", person, GM, role.value, "--decision", "besluit 4", *more)
        return answer.code, flat(answer.err)

    for name in ("Dik", "Eva"):
        people("person", "add", name)
    assert give("p0004", Role.ADMINISTRATOR)[0] == Exit.WELL

    alone = give("p0003", Role.ARCHIVIST)
    self = give("p0004", Role.AUDITOR, "--as", "p0004")
    both = give("p0003", Role.ADMINISTRATOR, "--as", "p0004")
    stranger = give("p0005", Role.AUDITOR, "--as", "p0001")
    well = give("p0003", Role.ARCHIVIST, "--as", "p0004", "--to", "2030-12-31")

    assert (alone[0], "met --as" in alone[1]) == (Exit.MATERIAL, True)
    assert (self[0], "zichzelf" in self[1]) == (Exit.MATERIAL, True)
    assert (both[0], "technisch beheerder" in both[1]) == (Exit.MATERIAL, True)
    assert (stranger[0], "geen mandaat" in stranger[1]) == (Exit.MATERIAL, True)
    assert well[0] == Exit.WELL
    told = json.loads(people("mandate", "list", "--json").out)
    assert [(each["person"], each["given_by"][:4]) for each in told] == [
        ("p0001", "uid:"),
        ("p0002", "uid:"),
        ("p0003", "uid:"),
        ("p0004", "uid:"),
        ("p0003", "p000"),
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("p0001", "nergens", "auditor", "--decision", "b"), "Van welke zorgdrager"),
        (("p0009", GM, "auditor", "--decision", "b"), "geen persoon p0009"),
        (("p0001", GM, "auditor", "--decision", " "), "ontbreekt een reden"),
        (("p0001", GM, "auditor", "--decision", "b", "--from", "gisteren"), "geen dag"),
        (
            (
                "p0001",
                GM,
                "auditor",
                "--decision",
                "b",
                "--from",
                "2026-02-01",
                "--to",
                "2026-01-01",
            ),
            "spreekt tegen",
        ),
        (("p0001", GM, "baas", "--decision", "b"), "kan zijn"),
    ],
)
def test_a_wrong_mandate_is_refused_in_words(
    people: Cli, wrong: tuple[str, ...], words: str
) -> None:
    answer = people("mandate", "give", *wrong)

    assert answer.code != Exit.WELL
    assert words in flat(answer.err)


def test_an_ended_mandate_and_an_ended_person_count_no_more(people: Cli) -> None:
    ended = people("mandate", "end", 1)
    again = people("mandate", "end", 1)
    gone = people("person", "end", "p0002", "--forget-name")

    assert (ended.code, again.code, gone.code) == (Exit.WELL, Exit.MATERIAL, Exit.WELL)
    for person in ("p0001", "p0002"):
        code, _, err = placing(people, "--words", "vergunning", acting=person)
        assert (code, "geen mandaat" in err) == (Exit.MATERIAL, True)
    assert "Bea" not in people("person", "list").out
    assert "beëindigd" in people("mandate", "list", "--all").out
    assert people("mandate", "end", 99).code == Exit.MATERIAL


def test_a_hold_by_words_is_placed_listed_shown_and_released_by_two(people: Cli) -> None:
    code, out, err = placing(people, "--words", "dossier", "--reference", "WOO-17")

    assert (code, err) == (Exit.WELL, "")
    assert "Blokkade h0001 (Woo-verzoek) staat, en geldt voor" in out
    assert "vallen er vanzelf onder" in out
    assert "eindigt nooit vanzelf" in out
    listed = flat(people("hold", "list").out)
    assert "h0001 Woo-verzoek woorden 'dossier'" in listed
    assert "Anna (p0001)" in listed

    asked = people("hold", "release", "h0001", "--reason", "klaar", "--as", "p0001")
    alone = people("hold", "release", "h0001", "--agree", "--as", "p0001")
    refused = people("hold", "release", "h0001", "--refuse", "--reason", "nee", "--as", "p0002")
    both = people("hold", "release", "h0001", "--agree", "--refuse", "--as", "p0002")
    people("hold", "release", "h0001", "--reason", "klaar", "--as", "p0001")
    assert "opheffing gevraagd" in flat(people("hold", "list").out)
    agreed = people("hold", "release", "h0001", "--agree", "--as", "p0002")

    assert (asked.code, "tweede persoon" in asked.out) == (Exit.WELL, True)
    assert (alone.code, "tweede persoon" in alone.err) == (Exit.MATERIAL, True)
    assert (refused.code, both.code, agreed.code) == (Exit.WELL, Exit.USAGE, Exit.WELL)
    assert "Geen datum is verschoven" in flat(agreed.out)
    assert "Er staat geen blokkade" in people("hold", "list").out
    (plain,) = json.loads(people("hold", "list", "--all", "--zorgdrager", GM, "--json").out)
    assert (plain["state"], plain["overdue"], plain["asked_by"]) == ("released", False, "p0001")
    shown = flat(people("hold", "show", "h0001").out)
    assert "Bea (p0002)" in shown
    assert "opheffing geweigerd: nee" in shown
    told = json.loads(people("hold", "show", "h0001", "--json").out)
    acts = ["place", "ask_release", "refuse_release", "ask_release", "agree_release"]
    assert [each["act"] for each in told["acts"]] == acts


def test_a_hold_names_dossiers_by_identifier_or_id(people: Cli) -> None:
    baseless = placing(people, "--dossier", FIRST, kind="claim")
    code, out, _ = placing(people, "--dossier", FIRST[:8], "--basis", "BW", kind="claim")
    unknown = placing(people, "--dossier", "bestaat-niet")
    added = people("hold", "add", "h0001", SECOND, "--reason", "ook", "--as", "p0001")

    assert (baseless[0], "Noem met --basis" in baseless[2]) == (Exit.USAGE, True)
    assert (code, "geldt voor 1 dossier." in out) == (Exit.WELL, True)
    assert unknown[0] == Exit.MATERIAL
    assert (added.code, "geldt voor 1 dossier." in flat(added.out)) == (Exit.WELL, True)
    (plain,) = json.loads(people("hold", "list", "--json").out)
    assert plain["dossiers"] == 2


def test_what_a_hold_comes_too_late_for_is_said_plainly(people: Cli, shelf: Shelf) -> None:
    at = "2026-11-25T09:04:11+00:00"
    engine = open_database(shelf.config.database)
    with begin(engine) as connection:
        row = {"id": "L1", "zorgdrager": GM, "kind": "destroy", "state": "executing"}
        put_rows(connection, LISTS, [row | {"revision": 1}])
        begun = {"dossier": FIRST, "state": "destroying", "begun_at": at}
        signed = {"dossier": SECOND, "state": "approved"}
        put_rows(connection, ITEMS, [{"list": "L1", **each} for each in (begun, signed)])
        copy = {"list": "L1", "dossier": FIRST}
        gone = [copy | {"number": each, "gone_at": at if each < 2 else ""} for each in range(7)]
        put_rows(connection, COPY_ACTIONS, gone)
        tomb = {"dossier": "weg", "zorgdrager": GM, "identifier": "Z-9", "list": "L0"}
        put_rows(connection, TOMBSTONES, [tomb | {"destroyed_at": at}])
    engine.dispose()

    code, out, _ = placing(people, "--dossier", FIRST, "--dossier", "Z-9", "--dossier", SECOND)

    assert code == Exit.MATERIAL
    assert "Van vernietigingslijst L1 gehaald: 1 dossier. Er is niets vernietigd." in out
    assert "is begonnen op 25-11-2026 10:04 (lijst L1); 2 van 7 kopieën en sporen" in out
    assert "Bel nu de archivaris" in out
    assert "Z-9 is al vernietigd, op 25-11-2026 10:04, onder lijst L0 (verklaring: nog niet" in out
    plain = json.loads(people("hold", "show", "h0001", "--json").out)
    assert plain["members"] == sorted([FIRST, SECOND, "weg"])


def test_a_number_is_read_from_a_file_and_shown_nowhere(
    people: Cli, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = tmp_path / "bsn.txt"
    number.write_text("123456782\n", "utf-8")

    code, out, _ = placing(people, "--bsn-from", str(number), kind="avg")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("123456789", "utf-8")
    refused = placing(people, "--bsn-from", str(wrong), kind="avg")
    missing = placing(people, "--bsn-from", str(tmp_path / "none"), kind="avg")
    monkeypatch.setattr("sys.stdin", io.StringIO("123456782\n"))
    typed = placing(people, "--bsn-from", "-", kind="avg")

    assert (code, "Er valt nu geen dossier onder" in out) == (Exit.WELL, True)
    assert (refused[0], "geen burgerservicenummer" in refused[2]) == (Exit.MATERIAL, True)
    assert (missing[0], typed[0]) == (Exit.USAGE, Exit.WELL)
    key = shelf.config.folder / "keys" / "persons.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    told = people("hold", "list", "--json").out
    assert [each["scope"] for each in json.loads(told)] == [{"persons": 1}, {"persons": 1}]
    assert "123456782" not in told
    key.chmod(0o644)
    assert placing(people, "--words", "x")[0] == Exit.CONFIGURATION
    key.chmod(0o600)
    for spoiled in ("zz", "00"):
        key.write_text(spoiled, "utf-8")
        assert placing(people, "--words", "x")[0] == Exit.CONFIGURATION


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ((), "Hier valt niets onder"),
        (("--words", "haven", "--from", "gisteren"), "dag, maand of jaar"),
        (("--words", "haven", "--from", "2020-13"), "dag, maand of jaar"),
        (("--words", "haven", "--review", "2020-01-01"), "moet nog komen"),
        (("--words", "haven", "--review", "morgen"), "geen dag"),
    ],
)
def test_a_wrong_hold_is_refused_in_words(people: Cli, wrong: tuple[str, ...], words: str) -> None:
    code, _, err = placing(people, *wrong)

    assert code != Exit.WELL
    assert words in err


def test_a_hold_that_has_to_be_looked_at_again_is_marked(people: Cli, shelf: Shelf) -> None:
    placing(people, "--words", "dossier", "--from", "2020-01", "--to", "2021-12-31")
    engine = open_database(shelf.config.database)
    with begin(engine) as connection:
        connection.execute(update(HOLDS).values(review_on="2026-01-01"))
    engine.dispose()

    marked = flat(people("hold", "list").out)
    later = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    set_ = people("hold", "review", "h0001", later, "--reason", "loopt nog", "--as", "p0002")

    assert "01-01-2026 VOORBIJ" in marked
    assert "Bekijk of deze nog nodig zijn: h0001" in marked
    assert (set_.code, "VOORBIJ" in people("hold", "list").out) == (Exit.WELL, False)
    assert people("hold", "show", "h0009").code == Exit.MATERIAL


def test_an_exemption_is_recorded_checked_and_ended_by_two(people: Cli, shelf: Shelf) -> None:
    engine = open_database(shelf.config.database)
    making.dossier(making.desk(engine), GM, identifier="Z-1")
    engine.dispose()
    people("mandate", "give", "p0002", GM, "archivaris", "--decision", "b")
    people("mandate", "give", "p0001", GM, "recordmanager", "--decision", "b")
    said = ("--zorgdrager", GM, "--decision", "monitor", "--decided-on", "2026-03-02")

    assert "geen uitzonderingen" in people("exemption", "list").out
    added = people("exemption", "add", "hotspot", "Z-1", *said, "--as", "p0003")
    waits = people("exemption", "list").out
    refused = people("exemption", "check", 1, "--refuse", "--reason", "nee", "--as", "p0001")
    plain = json.loads(
        people("exemption", "add", "bijzonder", "Z-1", *said, "--as", "p0003", "--json").out
    )
    checked = people("exemption", "check", 2, "--as", "p0001")
    asked = people(
        *("exemption", "end", 2, "--decision", "later", "--reason", "toch niet", "--as", "p0001")
    )
    both = people("exemption", "end", 2, "--agree", "--refuse", "--as", "p0002")
    kept = people("exemption", "end", 2, "--refuse", "--reason", "nee", "--as", "p0002")
    people("exemption", "end", 2, "--decision", "l", "--reason", "r", "--as", "p0001")
    ending = people("exemption", "list", "--zorgdrager", GM).out
    ended = json.loads(people("exemption", "end", 2, "--agree", "--as", "p0002", "--json").out)

    assert (added.code, "Uitzondering 1: Z-1 wordt bewaard" in added.out) == (Exit.WELL, True)
    assert "wacht op een tweede persoon" in flat(waits)
    assert [each.code for each in (refused, checked, asked, kept)] == [Exit.WELL] * 4
    assert (plain[0]["state"], both.code, "einde gevraagd" in ending) == (
        "unchecked",
        Exit.USAGE,
        True,
    )
    assert (ended["state"], ended["end_decision"]) == ("ended", "l")
    states = [e["state"] for e in json.loads(people("exemption", "list", "--all", "--json").out)]
    assert states == ["ended", "ended"]


def test_there_are_words_for_every_kind_state_act_and_role() -> None:
    keys = {
        *(f"hold.kind.{each.value}" for each in HoldKind),
        *(f"hold.state.{each.value}" for each in HoldState),
        *(f"hold.act.{each.value}" for each in HoldAct),
        *(f"role.{each.value}" for each in Role),
        *(f"exemption.ground.{each.value}" for each in Ground),
    }

    assert sorted(keys - read_messages().keys()) == []


def test_there_are_words_for_every_code_with_which_retention_refuses() -> None:
    root = Path(__file__).parents[2] / "retention"
    named = {
        code
        for file in root.glob("*.py")
        for code in re.findall(r'(?:Refused|refuse)\(\s*"([a-z_]+)"', file.read_text("utf-8"))
    }

    assert (
        sorted(f"refused.{each}" for each in named if f"refused.{each}" not in read_messages())
        == []
    )
