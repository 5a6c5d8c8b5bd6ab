"""Held items in a fixity run: which, what each comes to, and why nothing is called intact."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, update

from storage.database import begin, reading
from storage.errors import StoreUnreachable
from storage.fixity.nouns import Item, Kind, Portion, Result, Scope
from storage.fixity.record import Found, write_results
from storage.fixity.tables import ITEMS
from storage.held import items
from storage.held.answers import read_answer
from storage.held.challenge import make_challenge
from storage.held.parties import Party, Way
from storage.held.places import Reader, open_place
from storage.held.records import check_records
from storage.held.rounds import read_folder
from storage.held.sampling import Wanted
from storage.held.status import party_status
from storage.held.tables import (
    CHALLENGED,
    CHALLENGES,
    EXCEPTIONS,
    HELD_ITEMS,
    PAPERS,
    PARTIES,
    ROUND_MACS,
    STATEMENTS,
)
from storage.held.targets import HeldChecker, add_items, check_held
from storage.outcomes import Basis, Outcome
from tests.storage.held.making import (
    ASKED,
    FILES,
    SALT,
    codes,
    fill,
    folder_place,
    item_of,
    later,
    list_of,
    make_party,
    state,
)
from tests.storage.held.test_challenge import run_script

FIRST = list_of(FILES, "2026-11-24")
PATHS = list(FILES)


def stated(engine: Engine, **other: object) -> Party:
    """A party with a baseline by its own statement."""
    party = make_party(engine, Way.MANIFEST, **other)
    state(engine, party, FIRST)
    return party


def verdict(engine: Engine, party: Party, path: str, day: float = 1) -> Result:
    item = item_of(engine, party, path)
    return check_held(engine, party.id, item, open_place, later(day))


def said(result: Result) -> tuple[Outcome, Basis, list[str]]:
    return result.outcome, result.basis, codes(result.findings)


class TestItems:
    """Which items a run gets."""

    @pytest.fixture
    def add(self, engine: Engine) -> Callable[..., list[tuple[object, ...]]]:
        stated(engine)
        make_party(engine, id="zwaar", zorgdrager="opsterland", ended_at=later(-1))
        other = make_party(engine, id="rad", zorgdrager="opsterland")
        state(engine, other, list_of({"een": b"1", "twee": b"2"}, "2026-11-24"))

        def call(scope: Scope, first: int = 1) -> list[tuple[object, ...]]:
            with begin(engine) as connection:
                connection.execute(delete(ITEMS))
                count = add_items(connection, "run", scope, first)
                rows = connection.execute(select(ITEMS).order_by(ITEMS.c.number)).all()
            assert count == len(rows)
            return [(each.number, each.store, each.key) for each in rows]

        return call

    def test_every_file_of_every_party_whose_contract_runs(
        self, add: Callable[..., list[tuple[object, ...]]]
    ) -> None:
        assert add(Scope(), 101) == [
            (101, "rad", "een"),
            (102, "rad", "twee"),
            *((103 + at, "rod", path) for at, path in enumerate(PATHS)),
        ]

    def test_an_item_says_what_the_baseline_says(
        self, engine: Engine, add: Callable[..., list[tuple[object, ...]]]
    ) -> None:
        add(Scope(stores=("rad",)))

        with reading(engine) as connection:
            row = connection.execute(select(ITEMS).limit(1)).one()
            (held, *_) = items.every(connection, "rad")
        assert row._asdict() == {
            "run": "run",
            "number": 1,
            "kind": "held",
            "zorgdrager": "opsterland",
            "store": "rad",
            "key": "een",
            "aip": 1,
            "aip_id": "",
            "version": 0,
            "size_bytes": 0,
            "expected": held.sha256,
            "outcome": "not_checked",
            "basis": "none",
            "found": "",
            "read_bytes": 0,
            "checked_at": "",
            "findings": "",
        }

    @pytest.mark.parametrize(
        ("scope", "count"),
        [
            (Scope(stores=("rod",)), 4),
            (Scope(stores=("kopie-1",)), 0),
            (Scope(zorgdragers=("opsterland",)), 2),
            (Scope(zorgdragers=("opsterland",), stores=("rod",)), 0),
            (Scope(aips=("x",)), 0),
            (Scope(oldest=1), 2),
            (Scope(portions=(Portion("rod", "ooststellingwerf", 3),)), 3),
            (Scope(checked_before=later(0)), 6),
        ],
    )
    def test_a_scope_narrows(
        self, add: Callable[..., list[tuple[object, ...]]], scope: Scope, count: int
    ) -> None:
        assert len(add(scope)) == count

    def test_a_sample_is_the_same_for_one_seed(
        self, add: Callable[..., list[tuple[object, ...]]]
    ) -> None:
        scopes = [Scope(stores=("rod",), sample=2, seed=seed) for seed in range(12)]
        chosen = [add(each) for each in scopes]

        assert chosen == [add(each) for each in scopes]
        assert {len(each) for each in chosen} == {2}
        assert len({tuple(each) for each in chosen}) > 1

    def test_the_longest_unchecked_comes_first_once_verdicts_are_remembered(
        self, engine: Engine, add: Callable[..., list[tuple[object, ...]]]
    ) -> None:
        with reading(engine) as connection:
            held = items.by_path(connection, "rod", PATHS)
        results = []
        for day, path in enumerate(PATHS):
            outcome = Outcome.NOT_CHECKED if day == 2 else Outcome.ATTESTED
            item = Item("run", day, Kind.HELD, "o", "rod", path, held[path].number, "", 0, 0, "")
            at = later(len(PATHS) - day)
            results.append((item, Result(day, outcome, Basis.STATEMENT, "", 0, at)))
        with begin(engine) as connection:
            write_results(connection, [Found(*each) for each in results])

        wanted = add(Scope(stores=("rod",), oldest=3))
        young = add(Scope(stores=("rod",), checked_before=later(2)))

        assert [path for _, _, path in wanted] == [PATHS[2], PATHS[3], PATHS[1]]
        assert [path for _, _, path in young] == [PATHS[2], PATHS[3]]


class TestByReading:
    """Where we may read, the bytes decide."""

    def test_a_file_is_intact_by_our_own_reading(self, engine: Engine, tmp_path: Path) -> None:
        place = folder_place(fill(tmp_path / "partij"))
        party = make_party(engine, Way.READ, place)
        state(engine, party, list_of())

        result = verdict(engine, party, PATHS[2])
        (tmp_path / "partij" / PATHS[2]).write_bytes(b"x")
        changed = verdict(engine, party, PATHS[2])

        assert said(result) == (Outcome.INTACT, Basis.READ, [])
        assert result.read_bytes == 10240
        assert said(changed) == (Outcome.DIFFERS, Basis.READ, ["S445"])

    def test_a_place_that_cannot_be_opened_checks_nothing(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        place = folder_place(fill(tmp_path / "partij"))
        party = make_party(engine, Way.READ, place)
        state(engine, party, list_of())

        def closed(_: object) -> Reader:
            raise StoreUnreachable("weg")

        result = check_held(engine, "rod", item_of(engine, party, PATHS[0]), closed, later(1))

        assert said(result) == (Outcome.NOT_CHECKED, Basis.NONE, ["S448"])

    def test_a_place_is_opened_once_a_run(self, engine: Engine, tmp_path: Path) -> None:
        party = make_party(engine, Way.READ, folder_place(fill(tmp_path / "partij")))
        state(engine, party, list_of())
        opened = []

        def counting(place: object) -> Reader:
            opened.append(place)
            return open_place(place)  # type: ignore[arg-type]

        checker = HeldChecker(engine, counting)
        for path in PATHS:
            assert checker.check(item_of(engine, party, path), later(1)).outcome is Outcome.INTACT
        assert len(opened) == 1


class TestByStatement:
    """The word of a signed list."""

    def test_what_it_confirms_is_attested_and_never_intact(self, engine: Engine) -> None:
        party = stated(engine)

        for path in PATHS:
            assert said(verdict(engine, party, path)) == (Outcome.ATTESTED, Basis.STATEMENT, [])

    def test_what_it_says_otherwise_or_leaves_out_is_wrong(self, engine: Engine) -> None:
        party = stated(engine)
        lines = {**FILES, PATHS[0]: b"anders"}
        del lines[PATHS[1]]
        state(engine, party, list_of(lines, "2026-11-25"), later(1))

        found = [said(verdict(engine, party, path, 2)) for path in PATHS]

        assert found == [
            (Outcome.DIFFERS, Basis.STATEMENT, ["S427"]),
            (Outcome.MISSING, Basis.STATEMENT, ["S426"]),
            (Outcome.ATTESTED, Basis.STATEMENT, []),
            (Outcome.ATTESTED, Basis.STATEMENT, []),
        ]

    @pytest.mark.parametrize(
        ("day", "outcome", "found"),
        [
            (29.5, Outcome.ATTESTED, []),
            (30.5, Outcome.NOT_CHECKED, ["S430"]),
            (365, Outcome.NOT_CHECKED, ["S430"]),
        ],
    )
    def test_it_counts_for_as_long_as_the_rhythm(
        self, engine: Engine, day: float, outcome: Outcome, found: list[str]
    ) -> None:
        result = verdict(engine, stated(engine), PATHS[0], day - 0.5)

        assert (result.outcome, codes(result.findings)) == (outcome, found)

    def test_a_date_of_long_ago_is_a_word_of_long_ago(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, list_of(FILES, "2026-01-01"))

        assert said(verdict(engine, party, PATHS[0]))[2] == ["S430"]

    def test_what_cannot_be_compared_is_not_checked(self, engine: Engine) -> None:
        import hashlib

        from storage.held.manifests import write_list

        party = stated(engine)
        digests = [(path, hashlib.sha512(FILES[path]).hexdigest()) for path in PATHS]
        state(engine, party, write_list(digests, [("date", "2026-11-25")]), later(1))

        assert said(verdict(engine, party, PATHS[0], 2)) == (
            Outcome.NOT_CHECKED,
            Basis.NONE,
            ["S424"],
        )

    def test_a_party_that_was_never_heard_says_nothing(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        party = make_party(engine)
        folder = fill(tmp_path / "partij")
        read_folder(engine, party, folder, Wanted(), nonces=[], asked=ASKED, salt=SALT)

        assert said(verdict(engine, party, PATHS[0]))[2] == ["S433"]


class TestByChallenge:
    """The answer to a nonce."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = fill(tmp_path / "partij")
        (folder / "lijst.sha256").unlink()
        return folder

    @pytest.fixture
    def party(self, engine: Engine, folder: Path) -> Party:
        """With rounds of two files each, and no word of its own."""
        party = make_party(engine, Way.CHALLENGE)
        nonces = [bytes([number]) * 32 for number in range(2)]
        wanted = Wanted(files=2)
        read_folder(engine, party, folder, wanted, nonces=nonces, asked=ASKED, salt=SALT)
        return party

    @pytest.fixture
    def ask(
        self, engine: Engine, party: Party, folder: Path, tmp_path: Path
    ) -> Callable[[float], list[str]]:
        def call(day: float, files: int = 100, nonce: bytes = b"\xaa" * 32) -> list[str]:
            asked = replace(ASKED, at=later(day))
            made = make_challenge(
                engine,
                party,
                Wanted(files=files),
                nonce=nonce,
                due_at=later(day + 14),
                asked=asked,
                salt=SALT,
            )
            _, content, _ = run_script(tmp_path, made.content, folder)
            read_answer(engine, {}, party, content, asked=asked, salt=SALT)
            return list(json.loads(made.content)["files"])

        return call

    def test_what_was_answered_with_a_right_code_is_attested_and_the_rest_is_not_checked(
        self, engine: Engine, party: Party, ask: Callable[[float], list[str]]
    ) -> None:
        asked = ask(1)

        for path in PATHS:
            assert said(verdict(engine, party, path, 2)) == (
                (Outcome.ATTESTED, Basis.CHALLENGE, [])
                if path in asked
                else (Outcome.NOT_CHECKED, Basis.NONE, ["S432"])
            )
            assert said(verdict(engine, party, path, 40))[2] == ["S430"]

    def test_files_outside_the_sample_are_attested_by_a_statement_alone(
        self, engine: Engine, party: Party, ask: Callable[[float], list[str]]
    ) -> None:
        asked = ask(1)
        state(engine, party, list_of(FILES, "2026-11-25"), later(1))

        bases = {path: verdict(engine, party, path, 2).basis for path in PATHS}

        assert bases == {
            path: Basis.CHALLENGE if path in asked else Basis.STATEMENT for path in PATHS
        }

    def test_a_word_never_clears_what_a_code_showed_to_be_wrong(
        self,
        engine: Engine,
        party: Party,
        folder: Path,
        ask: Callable[..., list[str]],
    ) -> None:
        with reading(engine) as connection:
            first = items.by_number(
                connection,
                "rod",
                sorted(
                    connection.execute(
                        select(ROUND_MACS.c.item).where(ROUND_MACS.c.round == 1)
                    ).scalars()
                ),
            )
        path = first[min(first)].path
        good = (folder / path).read_bytes()
        (folder / path).write_bytes(good + b"!")
        assert path in ask(1)
        (folder / path).write_bytes(good)
        state(engine, party, list_of(FILES, "2026-11-26"), later(2))

        assert said(verdict(engine, party, path, 3)) == (
            Outcome.DIFFERS,
            Basis.CHALLENGE,
            ["S434"],
        )
        assert verdict(engine, party, path, 300).outcome is Outcome.DIFFERS

    def test_an_answer_by_word_alone_says_so(
        self,
        engine: Engine,
        folder: Path,
        ask: Callable[..., list[str]],
        party: Party,
    ) -> None:
        ask(1)
        ask(1)
        ask(3)

        bases = {verdict(engine, party, path, 4).basis for path in PATHS}

        assert bases <= {Basis.CHALLENGE, Basis.STATEMENT}
        (folder / PATHS[0]).unlink()
        ask(5, nonce=b"\xbb" * 32)
        assert said(verdict(engine, party, PATHS[0], 6)) == (
            Outcome.MISSING,
            Basis.STATEMENT,
            ["S436"],
        )
        (folder / PATHS[1]).unlink()
        (folder / PATHS[1]).mkdir()
        (folder / PATHS[2]).write_bytes(b"anders")
        ask(7, nonce=b"\xcc" * 32)
        assert said(verdict(engine, party, PATHS[1], 8))[2] == ["S437"]
        assert said(verdict(engine, party, PATHS[2], 8))[2] == ["S435"]

    def test_the_status_tells_what_is_proven_what_is_word_and_what_is_neither(
        self, engine: Engine, party: Party, ask: Callable[[float], list[str]]
    ) -> None:
        ask(1)

        with reading(engine) as connection:
            status = party_status(connection, party, later(2))

        assert (status.items, status.proven, status.word_only) == (4, 2, 0)
        assert status.outcomes == {Outcome.ATTESTED: 2, Outcome.NOT_CHECKED: 2}
        assert (status.challenges, status.open_challenges, status.rounds_left) == (1, 0, 1)
        assert codes(status.findings) == ["S432", "S432"]
        assert (status.last_heard, status.late_since) == (later(1), None)


class TestStatus:
    """How a party stands."""

    def test_a_late_party_and_an_unanswered_challenge_are_told(self, engine: Engine) -> None:
        party = stated(engine)
        make_challenge(
            engine,
            party,
            Wanted(files=1),
            nonce=b"\x01" * 32,
            due_at=later(7),
            asked=ASKED,
            salt=SALT,
        )

        with reading(engine) as connection:
            in_time = party_status(connection, party, later(5))
            late = party_status(connection, party, later(60))

        assert in_time.findings == ()
        assert (in_time.word_only, in_time.proven) == (4, 0)
        assert codes(late.findings) == ["S430"] * 4 + ["S431", "S428"]
        assert late.late_since is not None

    def test_new_files_wait_for_a_person(self, engine: Engine) -> None:
        party = stated(engine)
        more = list_of({**FILES, "nieuw": b""}, "2026-11-25")
        state(engine, party, more, later(1))

        with reading(engine) as connection:
            assert party_status(connection, party, later(2)).unexpected == 1
        state(engine, party, more, later(1), accept=True)
        with reading(engine) as connection:
            assert party_status(connection, party, later(2)).unexpected == 0

    def test_where_we_read_the_last_verdicts_count(self, engine: Engine, tmp_path: Path) -> None:
        party = make_party(engine, Way.READ, folder_place(fill(tmp_path / "partij")))
        state(engine, party, list_of())
        results = []
        for path in PATHS[:3]:
            item = item_of(engine, party, path)
            results.append((item, check_held(engine, "rod", item, open_place, later(1))))
        with begin(engine) as connection:
            write_results(connection, [Found(*each) for each in results])

        with reading(engine) as connection:
            status = party_status(connection, party, later(2))
            late = party_status(connection, party, later(31))

        assert status.outcomes == {Outcome.INTACT: 3, Outcome.NOT_CHECKED: 1}
        assert codes(status.findings) == []
        assert codes(late.findings) == ["S431"]


class TestTampering:
    """Whatever is edited in the database is found against the ledger."""

    @pytest.fixture
    def party(self, engine: Engine, tmp_path: Path) -> Party:
        party = make_party(engine, Way.CHALLENGE)
        folder = fill(tmp_path / "partij")
        (folder / "lijst.sha256").unlink()
        wanted = Wanted(files=2)
        read_folder(engine, party, folder, wanted, nonces=[b"1" * 32], asked=ASKED, salt=SALT)
        lines = {**FILES, PATHS[0]: b"anders"}
        state(engine, party, list_of(lines, "2026-11-24"))
        made = make_challenge(
            engine,
            party,
            wanted,
            nonce=b"2" * 32,
            due_at=later(7),
            asked=ASKED,
            salt=SALT,
        )
        _, content, _ = run_script(tmp_path, made.content, folder)
        read_answer(engine, {}, party, content, asked=ASKED, salt=SALT)
        return party

    def test_untouched_nothing_is_found(self, engine: Engine, party: Party) -> None:
        with reading(engine) as connection:
            assert list(check_records(connection, party)) == []

    @pytest.mark.parametrize(
        ("edit", "code"),
        [
            (update(PARTIES).values(record=PARTIES.c.record + " "), "S416"),
            (update(HELD_ITEMS).values(sha256="0" * 64), "S417"),
            (update(HELD_ITEMS).values(path=HELD_ITEMS.c.path + "x"), "S417"),
            (update(HELD_ITEMS).values(size_bytes=1), "S417"),
            (delete(HELD_ITEMS).where(HELD_ITEMS.c.number == 4), "S417"),
            (update(ROUND_MACS).values(mac="0" * 64), "S418"),
            (delete(ROUND_MACS), "S418"),
            (update(STATEMENTS).values(heard_at="2027-01-01T00:00:00+00:00"), "S416"),
            (update(STATEMENTS).values(paper="0" * 64), "S416"),
            (delete(STATEMENTS), "S416"),
            (delete(EXCEPTIONS), "S416"),
            (update(EXCEPTIONS).values(outcome="attested"), "S416"),
            (delete(CHALLENGES), "S416"),
            (update(CHALLENGES).values(answer=""), "S416"),
            (update(CHALLENGED).values(basis="statement"), "S416"),
            (update(CHALLENGED).values(outcome="differs"), "S416"),
            (update(PAPERS).values(content=b"niets"), "S419"),
            (delete(PAPERS), "S419"),
        ],
    )
    def test_each_edit_is_found(
        self, engine: Engine, party: Party, edit: object, code: str
    ) -> None:
        with begin(engine) as connection:
            connection.execute(edit)  # type: ignore[call-overload]
            assert code in codes(check_records(connection, party))
