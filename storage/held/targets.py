"""What a fixity run needs of held stores: its items, their verdicts, and what is remembered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Text,
    and_,
    case,
    func,
    insert,
    literal,
    select,
)

from formats.findings import finding
from formats.spelling import shown
from storage.database import reading
from storage.errors import StoreUnreachable
from storage.fixity.nouns import Item, Kind, Result, Scope
from storage.fixity.tables import ITEMS
from storage.held import items
from storage.held.items import HeldItem
from storage.held.parties import Party, Place, Way, list_parties, read_party
from storage.held.places import Reader, check_file, open_place
from storage.held.sampling import choose
from storage.held.tables import HELD_ITEMS
from storage.held.word import Word, judge, read_word
from storage.outcomes import Basis, Outcome

ROWS_AT_ONCE = 1000

Places = Callable[[Place], Reader]
"""Opens a party's place; raises StoreUnreachable."""


def add_items(connection: Connection, run_id: str, scope: Scope, first_number: int) -> int:
    """Write the held items of a run, numbered from `first_number`; how many.

    A party is one store, its zorgdrager one zorgdrager. A run over single AIPs has no held items;
    a sample takes so many of each party. Parties whose contract ended are left out.
    """
    if scope.aips:
        return 0
    count = 0
    for party in list_parties(connection, scope.zorgdragers):
        running = party.ended_at is None
        if not running or (scope.stores and party.id not in scope.stores):
            continue
        if scope.portions and not scope.limit(party.id, party.zorgdrager):
            continue
        count += _add_party(connection, run_id, scope, party, first_number + count)
    return count


def check_held(engine: Engine, party_id: str, item: Item, places: Places, now: datetime) -> Result:
    """The verdict on one held item: read where we may read, else by the party's word.

    A place that does not answer leaves it not checked. Raises: PartyUnknown.
    """
    try:
        return HeldChecker(engine, places).check(item, now, party_id)
    except StoreUnreachable as error:
        said = finding("S448", f"{party_id}: {shown(item.key)}", shown(str(error))[:200])
        return Result(item.number, Outcome.NOT_CHECKED, Basis.NONE, "", 0, now, (said,))


@dataclass(frozen=True, slots=True)
class HeldChecker:
    """Checks the held items of a run; what a party said is read once a run, its place opened once.

    For several threads at once: at worst the same is read twice.
    """

    engine: Engine
    places: Places = open_place
    _words: dict[tuple[str, str], Word] = field(default_factory=dict)
    _readers: dict[tuple[str, str], Reader] = field(default_factory=dict)

    def check(self, item: Item, now: datetime, party_id: str = "") -> Result:
        """The verdict on one item.

        Raises: PartyUnknown; StoreUnreachable when the party's place does not answer at all.
        """
        word, held = self._known(item, party_id or item.store)
        if word.party.way is Way.READ and word.party.place is not None:
            return self._read(word.party, word.party.place, item, held, now)
        judged = judge(word, held, now)
        return Result(
            number=item.number,
            outcome=judged.outcome,
            basis=judged.basis,
            sha256=judged.found if len(judged.found) == 64 else "",
            read_bytes=0,
            checked_at=now,
            findings=judged.findings,
        )

    def _known(self, item: Item, party_id: str) -> tuple[Word, HeldItem]:
        """The party's word, and the item as the party's list has it."""
        key = (item.run, party_id)
        with reading(self.engine) as connection:
            word = self._words.get(key)
            if word is None:
                word = read_word(connection, read_party(connection, party_id))
                self._words[key] = word
            found = items.by_number(connection, party_id, [item.aip]).get(item.aip)
        # The run's own digest counts: the plan was made from the list as it was.
        sha512 = found.sha512 if found else ""
        return word, HeldItem(item.aip, item.key, item.sha256, sha512, _size(item, found))

    def _read(
        self, party: Party, place: Place, item: Item, held: HeldItem, now: datetime
    ) -> Result:
        key = (item.run, party.id)
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = self.places(place)
        checked = check_file(reader, party, held)
        known = checked.outcome is not Outcome.NOT_CHECKED
        return Result(
            number=item.number,
            outcome=checked.outcome,
            basis=Basis.READ if known else Basis.NONE,
            sha256=checked.sha256,
            read_bytes=checked.read_bytes,
            checked_at=now,
            findings=checked.findings,
        )


def _size(item: Item, found: HeldItem | None) -> int:
    return found.size_bytes if found is not None else item.size_bytes


def _add_party(connection: Connection, run_id: str, scope: Scope, party: Party, first: int) -> int:
    """Write the items of one party, the longest unchecked first; how many."""
    mine = HELD_ITEMS.c.party == party.id
    if scope.checked_before is not None:
        before = scope.checked_before.astimezone(UTC).isoformat()
        mine = and_(mine, HELD_ITEMS.c.checked_at < before)
    if scope.sample is None:
        most = scope.limit(party.id, party.zorgdrager)
        return _write(connection, run_id, party, mine, first, most)
    wanted = select(HELD_ITEMS.c.number).where(mine).order_by(HELD_ITEMS.c.number)
    numbers = list(connection.execute(wanted).scalars())
    chosen = choose(len(numbers), scope.sample, scope.seed.to_bytes(16, "big", signed=True))
    count = 0
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        part = [numbers[each - 1] for each in chosen[start : start + ROWS_AT_ONCE]]
        some = and_(mine, HELD_ITEMS.c.number.in_(part))
        count += _write(connection, run_id, party, some, first + count, None)
    return count


def _write(  # noqa: PLR0913, PLR0917 - which items, under which numbers, how many at most
    connection: Connection,
    run_id: str,
    party: Party,
    which: ColumnElement[bool],
    first: int,
    most: int | None,
) -> int:
    """Write items in the database itself: there may be a million of them."""
    order = (HELD_ITEMS.c.checked_at, HELD_ITEMS.c.number)
    number = literal(first - 1, BigInteger) + func.row_number().over(order_by=order)
    size = case((HELD_ITEMS.c.size_bytes > 0, HELD_ITEMS.c.size_bytes), else_=0)
    columns: dict[str, ColumnElement[Any]] = {
        "run": literal(run_id, Text),
        "number": number,
        "kind": literal(Kind.HELD.value, Text),
        "zorgdrager": literal(party.zorgdrager, Text),
        "store": literal(party.id, Text),
        "key": HELD_ITEMS.c.path,
        "aip": HELD_ITEMS.c.number,
        "aip_id": literal("", Text),
        "version": literal(0, Integer),
        "size_bytes": size,
        "expected": HELD_ITEMS.c.sha256,
        "outcome": literal(Outcome.NOT_CHECKED.value, Text),
        "basis": literal(Basis.NONE.value, Text),
        "found": literal("", Text),
        "read_bytes": literal(0, BigInteger),
        "checked_at": literal("", Text),
        "findings": literal("", Text),
    }
    wanted = select(*(each.label(name) for name, each in columns.items())).where(which)
    wanted = wanted.order_by(*order).limit(most)
    written = insert(ITEMS).from_select(list(columns), wanted)
    # psycopg tells how many only when it is asked to keep count.
    options = {"preserve_rowcount": True}
    return connection.execute(written, execution_options=options).rowcount
