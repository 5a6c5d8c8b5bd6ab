"""Donors: another copy whose bytes, read now, are what the ledger promised."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.aip import PackageSums
from storage.catalogue import AIPS, COPIES
from storage.copies import read_digest
from storage.errors import CopyUnreadable, KeyRefused, NotStored, StoreUnreachable
from storage.fixity.tables import EVIDENCE
from storage.outcomes import Outcome
from storage.promised import PackageName, holding_stores
from storage.stores.base import Store


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a good copy may stand; `promised`: catalogue or ledger say that it does."""

    store: str
    key: str
    promised: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What asking the candidates came to: the first good one; what was wrong with each before it.

    `unreachable` holds promised places that did not answer: as long as there is one, nobody may
    say that no good copy is left. Values are (store, what was found).
    """

    good: Candidate | None
    wrong: tuple[tuple[str, str], ...]
    unreachable: tuple[tuple[str, str], ...]


def candidates(connection: Connection, stores: Sequence[str], name: PackageName) -> list[Candidate]:
    """Every place to look, the likeliest first: copies of the catalogue, those that the ledger
    names, any other store, and at last what was set aside as evidence."""
    rows = connection.execute(
        select(COPIES.c.store, COPIES.c.key, COPIES.c.outcome)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(AIPS.c.aip_id == name.aip_id, AIPS.c.version == name.version)
        .order_by(COPIES.c.store)
    ).all()
    intact = [each for each in rows if each.outcome == Outcome.INTACT]
    other = [each for each in rows if each.outcome != Outcome.INTACT]
    found = [Candidate(each.store, each.key, True) for each in (*intact, *other)]
    named = holding_stores(connection, name)
    found += [Candidate(each, name.key, True) for each in named]
    found += [Candidate(each, name.key, False) for each in stores]
    aside = select(EVIDENCE.c.store, EVIDENCE.c.key).where(
        EVIDENCE.c.aip_id == name.aip_id, EVIDENCE.c.version == name.version
    )
    found += [Candidate(each.store, each.key, False) for each in connection.execute(aside)]
    once: dict[tuple[str, str], Candidate] = {}
    for each in found:
        once.setdefault((each.store, each.key), each)
    return list(once.values())


def find_donor(
    stores: Mapping[str, Store], sums: PackageSums, among: Sequence[Candidate]
) -> Search:
    """Read the candidates until one has the promised bytes."""
    return first_good(sums, among, lambda each: digest_at(stores, each))


def first_good(
    sums: PackageSums, among: Sequence[Candidate], read: Callable[[Candidate], str]
) -> Search:
    """Try the candidates until what `read` gives, the digest of its bytes, is the promised one.

    Raises: what `read` raises about another store than the candidate's.
    """
    wrong: list[tuple[str, str]] = []
    unreachable: list[tuple[str, str]] = []
    for each in among:
        try:
            digest = read(each)
        except (StoreUnreachable, NotStored, CopyUnreadable, KeyRefused) as error:
            if error.values.get("store", each.store) != each.store:
                raise
            if not isinstance(error, StoreUnreachable):
                missing = isinstance(error, NotStored)
                what = Outcome.MISSING if missing else Outcome.UNREADABLE
                wrong += [(each.store, what.value)] if each.promised or not missing else []
            elif each.promised:
                unreachable.append((each.store, str(error.values.get("found") or error)))
            continue
        if digest == sums.sha256:
            return Search(each, tuple(wrong), tuple(unreachable))
        wrong.append((each.store, digest))
    return Search(None, tuple(wrong), tuple(unreachable))


def digest_at(stores: Mapping[str, Store], place: Candidate) -> str:
    """The hex SHA-256 of what stands at a place, read from its medium.

    Raises: StoreUnreachable, also when there is no such store; NotStored; CopyUnreadable.
    """
    return read_digest(store_at(stores, place), place.key)


def store_at(stores: Mapping[str, Store], place: Candidate) -> Store:
    """The store of a place.

    Raises: StoreUnreachable when there is none of that name.
    """
    store = stores.get(place.store)
    if store is None:
        raise StoreUnreachable(f"there is no store {place.store}", store=place.store)
    return store


def told(found: Sequence[tuple[str, str]]) -> str:
    """Stores with what was found there, for a finding."""
    return "; ".join(_each(found)) or "-"


def _each(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    for store, what in found:
        yield f"{store}: {what}"
