"""No sequence of actions by fewer than four persons destroys anything.

Three persons who may be everything at once do what they like with lists in any state, in any
order; also with the database in hand, as long as they cannot sign for somebody else. No list of
theirs is ever executed. With a fourth person one is.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from retention import review, rule_policy, signing, steering
from retention.destruction_list import Selection, new_list
from retention.errors import RetentionError
from retention.nouns import ListState, Role
from retention.review import Assignment, Exchange
from retention.review_nouns import Advice, AdviceKind, Answer, AnswerKind, Judgement
from retention.standing_rules import agree_standing
from retention.tables import LISTS
from storage.database import begin, open_database, reading
from tests.retention import listing, making
from tests.retention.listing import GM
from tests.retention.unguarded import unguarded

ROLES = (
    Role.EMPLOYEE,
    Role.RECORD_MANAGER,
    Role.PROCESS_OWNER,
    Role.ARCHIVIST,
    Role.SIGNATORY,
    Role.EXECUTOR,
)
NAMES = ("Petra", "Rik", "Anna")
WHO = st.integers(0, 2)
UNSTARTED = [
    each
    for each in ListState
    if each not in {ListState.EXECUTING, ListState.PARTIALLY_EXECUTED, ListState.CLOSED}
]
STARTED = ("executing", "partially_executed", "verifying", "executed", "declared")


MEMORY = Path("/dev/shm")
QUICK = MEMORY if MEMORY.is_dir() else None
"""Where a database costs no writes to a disk."""


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder that goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="edepot-four-", dir=QUICK)


def _engine(name: str) -> Engine:
    return open_database(Path(_folder().name) / f"{name}.sqlite")


@cache
def _stock() -> Path:
    """A database with three persons who may be everything."""
    engine = _engine("stock")
    desk = making.desk(engine)
    for each in NAMES:
        making.actor(desk, each, GM, *ROLES)
    engine.dispose()
    return Path(str(engine.url.database))


class ThreePersons(RuleBasedStateMachine):
    """What three persons can do with one list."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="edepot-four-", dir=QUICK)
        file = Path(self.folder.name) / "edepot.sqlite"
        shutil.copy(_stock(), file)
        self.desk = making.desk(open_database(file))
        self.people = [making.actor(self.desk, each, GM) for each in NAMES]
        self.id = ""

    def teardown(self) -> None:
        self.desk.engine.dispose()
        self.folder.cleanup()

    @initialize(who=st.permutations([0, 1, 2]), steps=st.integers(0, 4))
    def make(self, who: list[int], steps: int) -> None:
        """A list that went as it should for so many steps, as far as three persons can."""
        proposer, reviewer, archivist = (self.people[each] for each in who)
        ids = tuple(making.dossier(self.desk, GM) for _ in range(2))
        selection = Selection(dossiers=ids)
        self.id = new_list(self.desk, proposer, GM, name="x", selection=selection).id
        way = (
            lambda: review.submit(self.desk, proposer, self.id, Assignment([reviewer.person])),
            lambda: listing.approve(self.desk, reviewer, self.id),
            lambda: review.hand_over(self.desk, proposer, self.id, archivist.person),
            lambda: review.authorise(self.desk, archivist, self.id),
        )
        for each in way[:steps]:
            each()

    @rule(who=WHO, judges=st.sets(WHO, max_size=3), others=st.sets(WHO, max_size=1))
    def submit(self, who: int, judges: set[int], others: set[int]) -> None:
        people = [self.people[each].person for each in sorted(judges)]
        more = [self.people[each].person for each in sorted(others)]
        self.attempt(
            lambda: review.submit(self.desk, self.people[who], self.id, Assignment(people, more))
        )

    @rule(who=WHO)
    def approve(self, who: int) -> None:
        self.attempt(lambda: listing.approve(self.desk, self.people[who], self.id))

    @rule(who=WHO, item=st.integers(0, 1))
    def reject(self, who: int, item: int) -> None:
        advices = {listing.dossiers(self.desk, self.id)[item]: Advice(AdviceKind.KEEP, "nee")}
        judgement = Judgement(approves=False, advices=advices)
        self.attempt(lambda: review.judge(self.desk, self.people[who], self.id, judgement))

    @rule(who=WHO)
    def answer(self, who: int) -> None:
        with reading(self.desk.engine) as connection:
            remarks = review.open_remarks(connection, self.id)
        stays = Answer(AnswerKind.STAYS, "toch wel")
        answers = {each.dossier: stays for each in remarks if each.dossier}
        self.attempt(lambda: review.answer(self.desk, self.people[who], self.id, answers, "ja"))

    @rule(who=WHO, replaced=WHO, by=WHO)
    def reassign(self, who: int, replaced: int, by: int) -> None:
        exchanged = Exchange(self.people[replaced].person, self.people[by].person)
        self.attempt(
            lambda: review.reassign(self.desk, self.people[who], self.id, exchanged, "ziek")
        )

    @rule(who=WHO, archivist=WHO)
    def hand_over(self, who: int, archivist: int) -> None:
        to = self.people[archivist].person
        self.attempt(lambda: review.hand_over(self.desk, self.people[who], self.id, to))

    @rule(who=WHO)
    def authorise(self, who: int) -> None:
        self.attempt(lambda: review.authorise(self.desk, self.people[who], self.id))

    @rule(who=WHO, higher=st.booleans())
    def refuse(self, who: int, *, higher: bool) -> None:
        refuses = signing.refuse if higher else review.refuse
        self.attempt(lambda: refuses(self.desk, self.people[who], self.id, "nee", {}))

    @rule(who=WHO)
    def sign(self, who: int) -> None:
        root = listing.look(self.desk, self.id).root
        self.attempt(lambda: signing.sign(self.desk, self.people[who], self.id, root=root))

    @rule(who=WHO)
    def start(self, who: int) -> None:
        self.attempt(lambda: signing.start(self.desk, self.people[who], self.id))

    @rule(who=WHO)
    def steer(self, who: int) -> None:
        self.attempt(lambda: steering.resume(self.desk, self.people[who], self.id))

    @rule(made=WHO, checked=WHO, archivist=st.sampled_from(["p0001", "p0002", "p0003", "p0099"]))
    def give_standing(self, made: int, checked: int, archivist: str) -> None:
        """A policy that lets lists pass the archivist by, and the archivist's word for it."""
        standing = [{"list_year": "2020", "category": "13.1", "archivist": archivist,
                     "valid_from": "2020-01-01"}]  # fmt: skip
        desk, day = self.desk, date(2026, 1, 1)

        def deed() -> None:
            said = {"standing": standing}
            policy = rule_policy.set_policy(
                desk, self.people[made], GM, said, decision="besluit", valid_from=day
            )
            version = int(policy.name.rpartition("-")[2])
            rule_policy.check_policy(desk, self.people[checked], GM, version)
            agree_standing(desk, self.people[made], GM)

        self.attempt(deed)

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        making.advance(self.desk, days=days)

    @rule()
    def expire(self) -> None:
        self.attempt(lambda: signing.expire(self.desk, self.id))

    @invariant()
    def nothing_is_executed(self) -> None:
        with reading(self.desk.engine) as connection:
            wanted = LISTS.select().where(LISTS.c.state.in_(STARTED))
            assert connection.execute(wanted).first() is None

    def attempt(self, deed: Callable[[], Any]) -> None:
        with suppress(RetentionError):
            deed()


class ThreePersonsWithTheDatabase(ThreePersons):
    """The same, and a state, a duty or a fourth person's row written in the database as well."""

    @rule(state=st.sampled_from(UNSTARTED))
    def set_state(self, state: ListState) -> None:
        wanted = f"UPDATE disposal_lists SET state = '{state}' WHERE id = '{self.id}'"  # noqa: S608
        self._write(wanted)

    @rule(duty=st.sampled_from(["proposer", "reviewer", "archivist", "signatory"]))
    def add_duty(self, duty: str) -> None:
        self._write(
            "INSERT INTO list_involvement (list, person, duty, since, active, due_on) "  # noqa: S608
            f"VALUES ('{self.id}', 'p0099', '{duty}', '', 1, '')"
        )

    @rule(who=WHO)
    def forget_duty(self, who: int) -> None:
        person = self.people[who].person
        self._write(
            f"DELETE FROM list_involvement WHERE list = '{self.id}' AND person = '{person}'"  # noqa: S608
        )

    @rule(duty=st.sampled_from(["reviewer", "archivist", "signatory"]), who=WHO)
    def change_duty(self, duty: str, who: int) -> None:
        person = self.people[who].person
        self._write(
            f"UPDATE list_involvement SET duty = '{duty}' "  # noqa: S608
            f"WHERE list = '{self.id}' AND person = '{person}'"
        )

    @rule(act=st.sampled_from(["approve", "authorise", "submit", "reject"]))
    def drop_act(self, act: str) -> None:
        self._write(f"DELETE FROM list_acts WHERE list = '{self.id}' AND act = '{act}'")  # noqa: S608

    @invariant()
    def nothing_is_executed(self) -> None:
        with reading(self.desk.engine) as connection:
            wanted = LISTS.select().where(LISTS.c.state == "executing")
            assert connection.execute(wanted).first() is None

    def _write(self, statement: str) -> None:
        with (
            begin(self.desk.engine) as connection,
            unguarded(connection),
            suppress(IntegrityError),
            connection.begin_nested(),
        ):
            connection.execute(text(statement))


_FEW = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestThreePersons = ThreePersons.TestCase
TestThreePersons.settings = _FEW
TestThreePersonsWithTheDatabase = ThreePersonsWithTheDatabase.TestCase
TestThreePersonsWithTheDatabase.settings = _FEW


def test_four_persons_can() -> None:
    engine = _engine("four")
    desk = making.desk(engine)
    four = [making.actor(desk, name, GM, *ROLES) for name in ("Petra", "Rik", "Anna", "Bas")]
    proposer, reviewer, archivist, signatory = four
    people = listing.Town(
        proposer, reviewer, reviewer, reviewer, archivist, signatory, executor=reviewer
    )
    made = listing.concept(desk, people)

    assert listing.to(desk, people, made.id, ListState.EXECUTING).state is ListState.EXECUTING
    engine.dispose()
