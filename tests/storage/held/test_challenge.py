"""Challenges: answered by the script that we send, judged by bytes of our own, used once."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

import storage.held.answer
from storage.archive import Archive
from storage.database import begin, reading
from storage.held import items
from storage.held.answers import Answered, read_answer
from storage.held.challenge import Challenge, challenges, make_challenge
from storage.held.errors import FolderDiffers, NonceUsed, NothingHeld, PartyEnded
from storage.held.parties import Party, Way, read_party
from storage.held.rounds import FolderRead, read_folder, rounds_left
from storage.held.sampling import Wanted
from storage.held.tables import CHALLENGED
from storage.stores.base import Store
from tests.storage.held.making import (
    ASKED,
    FILES,
    SALT,
    codes,
    fill,
    later,
    list_of,
    make_party,
    state,
)
from tests.storage.making import make_aip, make_archive, make_store, put

NONCE = bytes(range(32))
ALL = Wanted(files=100)
SCRIPT = Path(storage.held.answer.__file__)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The party's files, without a list among them."""
    made = fill(tmp_path / "partij")
    (made / "lijst.sha256").unlink()
    return made


@pytest.fixture
def party(engine: Engine) -> Party:
    """A party that is challenged, with a baseline by its own statement."""
    made = make_party(engine, Way.CHALLENGE)
    state(engine, made, list_of(FILES, "2026-11-24"))
    return made


def challenge(
    engine: Engine, party: Party, wanted: Wanted = ALL, nonce: bytes = NONCE, day: float = 0
) -> Challenge:
    asked = replace(ASKED, at=later(day))
    return make_challenge(
        engine, party, wanted, nonce=nonce, due_at=later(day + 14), asked=asked, salt=SALT
    )


def run_script(tmp_path: Path, content: bytes, folder: Path) -> tuple[int, bytes, str]:
    """What answer.py makes of a challenge, as a child with nothing but the bare interpreter."""
    (tmp_path / "challenge.json").write_bytes(content)
    (tmp_path / "answer.json").unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, "challenge.json", folder, "answer.json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    answer = tmp_path / "answer.json"
    return done.returncode, answer.read_bytes() if answer.exists() else b"", done.stdout.decode()


def judged(
    engine: Engine, party: Party, content: bytes, day: float = 1, **stores: Store
) -> Answered:
    asked = replace(ASKED, at=later(day))
    return read_answer(engine, stores, party, content, asked=asked, salt=SALT)


def outcomes(engine: Engine, challenge: str) -> dict[int, tuple[str, str]]:
    with reading(engine) as connection:
        rows = connection.execute(
            CHALLENGED.select().where(CHALLENGED.c.challenge == challenge)
        ).all()
    return {row.item: (row.outcome, row.basis) for row in rows}


class TestMaking:
    """What is asked, and that a nonce is asked once."""

    def test_the_file_names_the_chosen_paths_and_the_nonce(
        self, engine: Engine, party: Party
    ) -> None:
        made = challenge(engine, party)

        said = json.loads(made.content)
        assert said == {
            "form": "edepot-held-challenge/1",
            "challenge": "rod-0001",
            "party": "rod",
            "nonce": NONCE.hex(),
            "due": later(14).isoformat(),
            "digest": "sha256",
            "files": list(FILES),
        }
        assert (made.items, made.total, made.round, made.probability) == (4, 4, 0, 1)

    def test_the_probability_of_detection_is_told_exactly(
        self, engine: Engine, party: Party
    ) -> None:
        made = challenge(engine, party, Wanted(files=3))

        assert (made.items, made.probability) == (3, Fraction(3, 4))

    def test_a_nonce_is_used_once(self, engine: Engine, party: Party) -> None:
        challenge(engine, party)

        with pytest.raises(NonceUsed):
            challenge(engine, party)
        with reading(engine) as connection:
            assert len(challenges(connection, "rod")) == 1

    def test_without_a_baseline_or_a_contract_there_is_nothing_to_ask(self, engine: Engine) -> None:
        with pytest.raises(NothingHeld):
            challenge(engine, make_party(engine))
        with pytest.raises(PartyEnded):
            challenge(engine, make_party(engine, ended_at=later(-1)))


class TestScript:
    """answer.py on its own: Python's standard library, any folder, nothing outside it."""

    def test_it_answers_for_every_file(
        self, engine: Engine, party: Party, folder: Path, tmp_path: Path
    ) -> None:
        code, content, out = run_script(tmp_path, challenge(engine, party).content, folder)

        said = json.loads(content)
        assert (code, [each["size"] for each in said["files"]]) == (0, [24, 13, 10240, 0])
        assert "4 van 4 bestanden gelezen" in out
        assert "4 of 4 files read" in out

    def test_what_is_gone_no_file_or_unreadable_is_said(
        self, engine: Engine, party: Party, folder: Path, tmp_path: Path
    ) -> None:
        first, second, third, _ = FILES
        (folder / first).unlink()
        (folder / second).unlink()
        (folder / second).mkdir()
        (folder / third).unlink()
        (folder / third).symlink_to("/etc/passwd")

        code, content, _ = run_script(tmp_path, challenge(engine, party).content, folder)

        said = json.loads(content)
        assert code == 1
        assert [each.get("error") for each in said["files"]] == [
            "missing",
            "no_file",
            "outside",
            None,
        ]

    @pytest.mark.parametrize(
        "path", ["../geheim", "/etc/passwd", "a/../../geheim", "..\\geheim", "C:\\x", "", "a\x00b"]
    )
    def test_no_path_leads_it_out_of_the_folder(
        self, tmp_path: Path, folder: Path, path: str
    ) -> None:
        (tmp_path / "geheim").write_bytes(b"geheim")
        asked = {
            "form": "edepot-held-challenge/1",
            "challenge": "x",
            "party": "rod",
            "nonce": "00",
            "digest": "sha256",
            "files": [path],
        }

        _, content, _ = run_script(tmp_path, json.dumps(asked).encode(), folder)

        (only,) = json.loads(content)["files"]
        assert only == {"path": path, "error": "outside"}

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"form": "iets anders"}', b"\xff"])
    def test_what_is_no_challenge_is_refused(
        self, tmp_path: Path, folder: Path, content: bytes
    ) -> None:
        code, answer, out = run_script(tmp_path, content, folder)

        assert (code, answer) == (2, b"")
        assert "Geen opdracht" in out

    def test_it_is_plain_enough_for_an_old_python(self) -> None:
        import ast

        ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))
        names = {
            each.name.split(".")[0]
            for node in ast.walk(ast.parse(SCRIPT.read_text("utf-8")))
            if isinstance(node, ast.Import)
            for each in node.names
        }
        assert names <= sys.stdlib_module_names


class TestJudging:
    """What an answer comes to, by what we can compute ourselves."""

    @pytest.fixture
    def answer(
        self, engine: Engine, party: Party, folder: Path, tmp_path: Path
    ) -> Callable[[], dict[str, Any]]:
        def make() -> dict[str, Any]:
            _, content, _ = run_script(tmp_path, challenge(engine, party).content, folder)
            return dict(json.loads(content))

        return make

    def test_without_bytes_of_our_own_it_rests_on_their_word(
        self, engine: Engine, party: Party, answer: Callable[[], dict[str, Any]]
    ) -> None:
        done = judged(engine, party, json.dumps(answer()).encode())

        assert (done.id, done.verified, done.stated, done.wrong) == ("rod-0001", 0, 4, 0)
        assert codes(done.findings) == ["S444"] * 4
        assert set(outcomes(engine, "rod-0001").values()) == {("attested", "statement")}

    def test_by_their_own_word_a_file_can_be_wrong(
        self,
        engine: Engine,
        party: Party,
        folder: Path,
        answer: Callable[[], dict[str, Any]],
    ) -> None:
        first, second, third, _ = FILES
        (folder / first).write_bytes(b"iets anders")
        (folder / second).unlink()
        (folder / third).unlink()
        (folder / third).mkdir()

        done = judged(engine, party, json.dumps(answer()).encode())

        assert codes(done.findings) == ["S435", "S436", "S437", "S444"]
        assert [each for each, _ in outcomes(engine, "rod-0001").values()] == [
            "differs",
            "missing",
            "unreadable",
            "attested",
        ]

    def test_a_copy_of_the_same_bytes_in_our_stores_proves_it(
        self,
        engine: Engine,
        party: Party,
        tmp_path: Path,
        answer: Callable[[], dict[str, Any]],
    ) -> None:
        archive, store = shelved(engine, tmp_path)
        said = answer()

        done = judged(engine, party, json.dumps(said).encode(), een=store)

        assert (done.verified, done.stated, done.wrong) == (4, 0, 0)
        assert set(outcomes(engine, "rod-0001").values()) == {("attested", "challenge")}
        assert archive is not None

    def test_a_wrong_code_is_found_although_the_digest_is_right(
        self,
        engine: Engine,
        party: Party,
        tmp_path: Path,
        answer: Callable[[], dict[str, Any]],
    ) -> None:
        _, store = shelved(engine, tmp_path)
        said = answer()
        said["files"][2]["mac"] = "0" * 64

        done = judged(engine, party, json.dumps(said).encode(), een=store)

        assert (done.verified, done.wrong, codes(done.findings)) == (3, 1, ["S434"])
        assert outcomes(engine, "rod-0001")[3] == ("differs", "challenge")

    def test_a_damaged_copy_of_ours_accuses_nobody(
        self,
        engine: Engine,
        party: Party,
        tmp_path: Path,
        answer: Callable[[], dict[str, Any]],
    ) -> None:
        _, store = shelved(engine, tmp_path)
        (package,) = (tmp_path / "een").rglob("v0001.zip")
        content = bytearray(package.read_bytes())
        content[content.index(b"Besluit op")] ^= 1
        package.chmod(0o644)
        package.write_bytes(content)

        done = judged(engine, party, json.dumps(answer()).encode(), een=store)

        assert (done.verified, done.stated, done.wrong) == (3, 1, 0)

    def test_what_is_left_out_asked_by_nobody_or_malformed_does_not_count(
        self, engine: Engine, party: Party, answer: Callable[[], dict[str, Any]]
    ) -> None:
        said = answer()
        first = said["files"].pop(0)
        second = said["files"][0]
        said["files"] += [
            {**first, "path": "x/niet gevraagd"},
            second,
            {**first, "mac": "kort"},
            {**first, "error": "zomaar"},
            {**first, "size": "1"},
            7,
        ]

        done = judged(engine, party, json.dumps(said).encode())

        assert sorted(set(codes(done.findings))) == ["S441", "S442", "S443", "S444"]
        assert (done.stated, done.unanswered) == (3, 1)
        assert outcomes(engine, "rod-0001")[1] == ("not_checked", "none")

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"challenge": "rod-0002"}, "S438"),
            ({"party": "rad"}, "S438"),
            ({"challenge_sha256": "0" * 64}, "S438"),
            ({"form": "anders"}, "S441"),
            ({"files": {}}, "S441"),
        ],
    )
    def test_an_answer_to_something_else_is_refused(
        self,
        engine: Engine,
        party: Party,
        answer: Callable[[], dict[str, Any]],
        changed: dict[str, Any],
        code: str,
    ) -> None:
        done = judged(engine, party, json.dumps(answer() | changed).encode())

        assert (done.refused, codes(done.findings)) == (True, [code])
        assert set(outcomes(engine, "rod-0001").values()) == {("not_checked", "none")}

    @pytest.mark.parametrize("content", [b"", b"[", b"[" * 100_000, b"\xff", b"null", b"7"])
    def test_what_is_no_answer_is_refused(
        self, engine: Engine, party: Party, content: bytes
    ) -> None:
        assert codes(judged(engine, party, content).findings) == ["S441"]

    def test_an_answer_of_another_party_is_refused(
        self, engine: Engine, answer: Callable[[], dict[str, Any]]
    ) -> None:
        other = make_party(engine, Way.CHALLENGE, id="rad")

        done = judged(engine, other, json.dumps(answer()).encode())

        assert codes(done.findings) == ["S438"]

    def test_it_counts_once_and_not_after_its_day(
        self, engine: Engine, party: Party, answer: Callable[[], dict[str, Any]]
    ) -> None:
        content = json.dumps(answer()).encode()

        assert codes(judged(engine, party, content, day=15).findings) == ["S439"]
        assert judged(engine, party, content, day=14).stated == 4
        assert codes(judged(engine, party, content, day=14).findings) == ["S440"]

    def test_what_was_wrong_is_asked_again_besides_the_sample(
        self,
        engine: Engine,
        party: Party,
        folder: Path,
        answer: Callable[[], dict[str, Any]],
    ) -> None:
        wrong = list(FILES)[2]
        (folder / wrong).write_bytes(b"stuk")
        judged(engine, party, json.dumps(answer()).encode())

        for number in range(1, 5):
            asked = json.loads(
                challenge(engine, party, Wanted(files=1), bytes([number]) * 32).content
            )
            assert wrong in asked["files"]


class TestRounds:
    """Codes that were computed while we had the bytes."""

    @pytest.fixture
    def read(self, engine: Engine, folder: Path) -> FolderRead:
        party = make_party(engine, Way.CHALLENGE)
        nonces = [bytes([number]) * 32 for number in range(1, 4)]
        return read_folder(
            engine, party, folder, Wanted(files=2), nonces=nonces, asked=ASKED, salt=SALT
        )

    def test_the_folder_becomes_the_baseline(self, engine: Engine, read: FolderRead) -> None:
        assert read == FolderRead(4, 10277, 3, 2)
        with reading(engine) as connection:
            assert [each.path for each in items.every(connection, "rod")] == sorted(FILES)
            assert rounds_left(connection, "rod") == 3

    def test_each_is_used_once_and_proves_what_it_asks(
        self, engine: Engine, read: FolderRead, folder: Path, tmp_path: Path
    ) -> None:
        with reading(engine) as connection:
            party = read_party(connection, "rod")
        seen = set()
        for number in range(1, 4):
            made = challenge(engine, party, ALL, b"\xaa" * 32)
            seen.add(json.loads(made.content)["nonce"])
            assert (made.round, made.items) == (number, 2)
            _, content, _ = run_script(tmp_path, made.content, folder)
            done = judged(engine, party, content)
            assert (done.verified, done.findings) == (2, ())

        assert seen == {(bytes([number]) * 32).hex() for number in range(1, 4)}
        fresh = challenge(engine, party, ALL, b"\xaa" * 32)
        assert (fresh.round, fresh.items) == (0, 4)

    def test_a_changed_byte_is_found(
        self, engine: Engine, read: FolderRead, folder: Path, tmp_path: Path
    ) -> None:
        with reading(engine) as connection:
            party = read_party(connection, "rod")
        made = challenge(engine, party)
        path = json.loads(made.content)["files"][0]
        with (folder / path).open("ab") as stream:
            stream.write(b".")

        _, content, _ = run_script(tmp_path, made.content, folder)
        said = json.loads(content)
        # Even when the party names the digest that we expect.
        with reading(engine) as connection:
            said["files"][0]["sha256"] = items.by_path(connection, "rod", [path])[path].sha256
        done = judged(engine, party, json.dumps(said).encode())

        assert (done.verified, done.wrong, codes(done.findings)) == (1, 1, ["S434"])

    def test_a_folder_that_is_not_the_baseline_makes_none(
        self, engine: Engine, read: FolderRead, folder: Path
    ) -> None:
        with reading(engine) as connection:
            party = read_party(connection, "rod")
        for change in ("nieuw.txt", "2024/leeg.txt"):
            (folder / change).write_bytes(b"anders")
            with pytest.raises(FolderDiffers, match=change):
                read_folder(
                    engine,
                    party,
                    folder,
                    ALL,
                    nonces=[b"\x09" * 32],
                    asked=ASKED,
                    salt=SALT,
                )
            (folder / "nieuw.txt").unlink(missing_ok=True)
        with reading(engine) as connection:
            assert rounds_left(connection, "rod") == 3


def shelved(engine: Engine, tmp_path: Path) -> tuple[Archive, Store]:
    """A store of ours with the party's very files in a package, known to the catalogue."""
    staging = tmp_path / "staging"
    staging.mkdir()
    store = make_store(tmp_path, "een")
    archive = make_archive(engine, [store])
    put(archive, make_aip(staging, files=tuple(FILES.items())))
    return archive, store


def test_an_answer_that_was_edited_in_the_database_is_found(
    engine: Engine, party: Party, folder: Path, tmp_path: Path
) -> None:
    from storage.held.records import check_records

    (folder / "2024/leeg.txt").write_bytes(b"x")
    _, content, _ = run_script(tmp_path, challenge(engine, party).content, folder)
    judged(engine, party, content)
    with begin(engine) as connection:
        assert list(check_records(connection, party)) == []
        connection.execute(update(CHALLENGED).values(outcome="attested"))

        assert codes(check_records(connection, party)) == ["S416"]
