"""Statements: the first is the baseline, what differs later is told, nothing old counts twice."""

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from formats.findings import Finding
from storage import ledger
from storage.database import begin, reading
from storage.held import items
from storage.held.errors import PartyEnded, PartyUnknown
from storage.held.manifests import HeldList, write_list
from storage.held.papers import PART_BYTES, keep_paper, read_paper
from storage.held.parties import (
    Arrangement,
    Way,
    history,
    list_parties,
    read_party,
    register,
)
from storage.held.signatures import sign_raw
from storage.held.statements import Accepted, Delivered, accept_manifest, statements
from storage.held.tables import EXCEPTIONS
from tests.storage.held.making import (
    ASKED,
    FILES,
    KEY,
    OTHER_KEY,
    SALT,
    ZORGDRAGER,
    codes,
    later,
    list_of,
    make_party,
    state,
)

FIRST = list_of(FILES, "2026-11-24")
CHANGED = {**FILES, "2024/leeg.txt": b"niet meer leeg"}
MISSING = {path: content for path, content in FILES.items() if path != "2024/leeg.txt"}
MORE = {**FILES, "2024/nieuw.txt": b"nieuw"}


class TestParties:
    """Contract records keep their history, and the ledger knows of each change."""

    def test_a_change_is_a_new_version_and_the_same_again_is_none(self, engine: Engine) -> None:
        party = make_party(engine)
        changed = replace(party, rhythm_days=90, basis=Arrangement.DELEGATION)

        assert register(engine, party, ASKED, SALT).changed is False
        assert register(engine, changed, ASKED, SALT).version == 2

        with reading(engine) as connection:
            assert read_party(connection, "rod") == changed
            assert list_parties(connection) == [changed]
            assert list_parties(connection, ("opsterland",)) == []
            records = [record for _, record in history(connection, "rod")]
            entries = list(ledger.entries(connection, ZORGDRAGER, object_id="rod"))
        assert [each.facts["record"] for each in entries] == [
            hashlib.sha256(each.encode()).hexdigest() for each in records
        ]
        assert [each.result for each in entries] == ["registered", "changed"]
        assert "archief@rod.example" not in "".join(each.line for each in entries)

    def test_an_unknown_party_is_refused_by_name(self, engine: Engine) -> None:
        make_party(engine)

        with reading(engine) as connection, pytest.raises(PartyUnknown, match=r"rad.*rod"):
            read_party(connection, "rad")


class TestPapers:
    """What was handed in is kept byte for byte."""

    @pytest.mark.parametrize("content", [b"", b"een", bytes(range(256)) * 8300])
    def test_what_is_kept_is_read_back(self, engine: Engine, content: bytes) -> None:
        with begin(engine) as connection:
            digest = keep_paper(connection, content)
            assert keep_paper(connection, content) == digest
        with reading(engine) as connection:
            assert read_paper(connection, digest) == content
            assert read_paper(connection, "0" * 64) == b""
        assert len(content) <= 3 * PART_BYTES


class TestBaseline:
    """The first statement that is accepted."""

    def test_it_becomes_the_list_of_items_and_stands_in_the_ledger(self, engine: Engine) -> None:
        party = make_party(engine)

        accepted = state(engine, party, FIRST)

        digest = hashlib.sha256(FIRST).hexdigest()
        assert accepted == Accepted("rod", 1, digest, True, 0, 0, 0, 4, 0, ())
        with reading(engine) as connection:
            held = list(items.every(connection, "rod"))
            (entry,) = [
                each
                for each in ledger.entries(connection, ZORGDRAGER)
                if each.action == "held.statement"
            ]
            (row,) = statements(connection, "rod")
            assert read_paper(connection, row.paper) == FIRST
        assert [(each.path, each.sha256) for each in held] == [
            (path, hashlib.sha256(content).hexdigest()) for path, content in FILES.items()
        ]
        assert (entry.result, entry.facts["list"], entry.facts["items"]) == ("accepted", digest, 4)

    @pytest.mark.parametrize("ssh", [False, True])
    def test_both_kinds_of_signature_will_do(self, engine: Engine, ssh: bool) -> None:
        assert state(engine, make_party(engine), FIRST, ssh=ssh).number == 1

    def test_a_list_with_another_key_is_refused_whole_and_the_ledger_says_so(
        self, engine: Engine
    ) -> None:
        party = make_party(engine)

        refused = state(engine, party, FIRST, key=OTHER_KEY)

        assert (refused.refused, codes(refused.findings)) == (True, ["S415"])
        with reading(engine) as connection:
            assert items.count_of(connection, "rod") == 0
            entry = list(ledger.entries(connection, ZORGDRAGER))[-1]
        assert (entry.result, entry.facts["codes"]) == ("refused", ["S415"])

    def test_without_a_key_or_signature_it_is_refused(self, engine: Engine) -> None:
        for party in (make_party(engine), make_party(engine, id="zonder", key="")):
            delivered = Delivered(HeldList("lijst", FIRST))
            refused = accept_manifest(engine, party, delivered, ASKED, SALT)
            assert codes(refused.findings) == ["S410"]

    def test_one_bad_line_refuses_all_of_it(self, engine: Engine) -> None:
        refused = state(engine, make_party(engine), FIRST + b"0  ../x\n")

        assert refused.refused
        assert refused.findings[0].where == "lijst.sha256, regel 6"

    def test_where_we_read_ourselves_no_signature_is_needed(self, engine: Engine) -> None:
        party = make_party(engine, Way.READ)

        accepted = accept_manifest(
            engine, party, Delivered(HeldList("lijst", list_of())), ASKED, SALT
        )

        assert (accepted.number, accepted.findings) == (1, ())

    def test_where_we_read_ourselves_a_signature_that_is_given_must_be_right(
        self, engine: Engine
    ) -> None:
        party, content = make_party(engine, Way.READ), list_of()
        right, wrong = sign_raw(KEY, content), sign_raw(OTHER_KEY, content)

        refused, accepted = (
            accept_manifest(engine, party, Delivered(HeldList("lijst", content), each), ASKED, SALT)
            for each in (wrong, right)
        )

        assert (refused.refused, accepted.number) == (True, 1)

    def test_a_party_whose_contract_ended_hands_in_nothing_more(self, engine: Engine) -> None:
        party = make_party(engine, ended_at=later(1))

        assert state(engine, party, FIRST).number == 1
        with pytest.raises(PartyEnded):
            state(engine, party, list_of(FILES, "2026-11-26"), later(2))


class TestLater:
    """Later statements against the baseline."""

    def test_an_unchanged_one_confirms_every_item(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)

        accepted = state(engine, party, list_of(FILES, "2026-12-01"), later(7))

        assert (accepted.number, accepted.same, accepted.findings) == (2, 4, ())

    def test_what_changed_is_missing_or_is_new_is_told(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)
        lines = {**CHANGED, **MORE, "2024/leeg.txt": b"niet meer leeg"}
        lines.pop("2024/VTH-2024-0004/controle.bin")
        new = hashlib.sha256(b"niet meer leeg").hexdigest()
        old = hashlib.sha256(b"").hexdigest()

        accepted = state(engine, party, list_of(lines, "2026-12-01"), later(7))

        assert (accepted.same, accepted.changed, accepted.missing, accepted.unexpected) == (
            2,
            1,
            1,
            1,
        )
        found = {each.code: each for each in accepted.findings}
        assert found.keys() == {"S425", "S426", "S427"}
        changed = found["S427"]
        assert isinstance(changed, Finding)
        assert (changed.where, changed.found, changed.expected) == (
            "rod: 2024/leeg.txt",
            new,
            old,
        )
        with reading(engine) as connection:
            rows = connection.execute(select(EXCEPTIONS.c.outcome)).scalars()
            assert sorted(rows) == ["differs", "missing"]

    def test_new_files_belong_there_once_a_person_accepts_them(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)
        more = list_of(MORE, "2026-12-01")
        assert state(engine, party, more, later(7)).unexpected == 1

        accepted = state(engine, party, more, later(7), accept=True)

        assert (accepted.number, accepted.added) == (2, 1)
        confirmed = state(engine, party, list_of(MORE, "2026-12-02"), later(8))
        assert (confirmed.same, confirmed.findings) == (5, ())

    def test_a_size_that_differs_is_a_change(self, engine: Engine) -> None:
        party = make_party(engine)
        digest = "a" * 64
        state(engine, party, f"# date: 2026-11-24\npad;sha256;size\nx;{digest};1\n".encode())

        accepted = state(
            engine, party, f"# date: 2026-11-25\npad;sha256;size\nx;{digest};2\n".encode(), later(1)
        )

        assert codes(accepted.findings) == ["S427"]

    def test_another_kind_of_digest_cannot_be_compared(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)
        digests = [(path, hashlib.sha512(content).hexdigest()) for path, content in FILES.items()]

        accepted = state(engine, party, write_list(digests, [("date", "2026-12-01")]), later(7))

        assert codes(accepted.findings) == ["S424"] * 4
        assert accepted.same == 0


class TestReplay:
    """An old word is not a new one."""

    def test_the_same_list_again_is_refused(self, engine: Engine) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)
        state(engine, party, list_of(FILES, "2026-12-01"), later(7))

        refused = state(engine, party, FIRST, later(14))

        assert (refused.refused, codes(refused.findings)) == (True, ["S420"])

    @pytest.mark.parametrize("date", ["2026-11-23", ""])
    def test_one_that_is_older_or_says_no_date_is_refused(self, engine: Engine, date: str) -> None:
        party = make_party(engine)
        state(engine, party, FIRST)

        refused = state(engine, party, list_of(MISSING, date), later(1))

        assert codes(refused.findings) == ["S421"]

    @pytest.mark.parametrize("number", ["", "# volgnummer: 4\n", "# volgnummer: 3\n"])
    def test_a_number_must_rise(self, engine: Engine, number: str) -> None:
        party = make_party(engine)
        state(engine, party, b"# volgnummer: 4\n" + list_of())

        refused = state(engine, party, number.encode() + list_of(MORE), later(1))

        assert "S421" in codes(refused.findings)

    def test_one_from_the_future_is_refused(self, engine: Engine) -> None:
        refused = state(engine, make_party(engine), list_of(FILES, "2027-01-01"))

        assert codes(refused.findings) == ["S422"]

    def test_one_without_a_date_counts_from_its_receipt_and_that_is_told(
        self, engine: Engine
    ) -> None:
        accepted = state(engine, make_party(engine), list_of())

        assert (accepted.number, codes(accepted.findings)) == (1, ["S423"])


def test_a_key_that_was_replaced_in_the_contract_counts_from_then_on(engine: Engine) -> None:
    party = make_party(engine)
    state(engine, party, FIRST)
    from tests.storage.held.making import public

    changed = register(engine, replace(party, key=public(OTHER_KEY)), ASKED, SALT).party

    assert state(engine, changed, list_of(FILES, "2026-12-01"), later(7), key=KEY).refused
    assert not state(engine, changed, list_of(FILES, "2026-12-01"), later(7), key=OTHER_KEY).refused
