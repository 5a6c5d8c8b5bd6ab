"""Filling and retiring stores of a depot, zorgdrager by zorgdrager, and what that will cost."""

import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from edepot.config import Config, StoreSettings
from edepot.depot import SALT_BYTES, Depot, agent, now
from formats.findings import Finding, finding
from storage import ledger
from storage.database import reading
from storage.fixity.nouns import Asked
from storage.moving import Amount, Tally, Told, fill_store, to_fill
from storage.order import Order
from storage.retiring import retire_store, to_retire

GB = 10**9


@dataclass(frozen=True, slots=True)
class Part:
    """The work for one zorgdrager: how much to put on the one store, and to take off the other."""

    zorgdrager: str
    fill: Amount
    retire: Amount


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it for one zorgdrager."""

    zorgdrager: str
    filled: Tally
    retired: Tally

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What could not be done."""
        return (*self.filled.findings, *self.retired.findings)


NOTHING = Amount(0, 0)
UNTOUCHED = Tally(0, 0, (), stopped=False)


def order_here(depot: Depot) -> Order:
    """An order by whoever runs this command, here and now."""
    asked = Asked(now(), agent(), f"cli@{socket.gethostname()}")
    return Order(depot.archive, asked, now, partial(os.urandom, SALT_BYTES))


def parts(
    connection: Connection, config: Config, target: str, source: str = ""
) -> tuple[Part, ...]:
    """The work of filling one store and emptying another, for each zorgdrager that it is about."""
    return tuple(
        Part(
            each.id,
            to_fill(connection, target, each.id) if target in each.stores else NOTHING,
            to_retire(connection, source, each.id) if source else NOTHING,
        )
        for each in config.zorgdragers
    )


def cost_euro(config: Config, work: Sequence[Part], target: str, source: str = "") -> float:
    """What reading for this work will cost at most, by the prices in the configuration.

    A copy that is put is read once from another store, the dearest, and once back; before a copy
    goes, every other store that is needed, but the one just filled, is read.
    """
    by_name = {each.name: each for each in config.stores}
    donors = [each for each in config.stores if each.name != target]
    total = 0.0
    for each in work:
        needed = {z.id: z.stores for z in config.zorgdragers}[each.zorgdrager]
        dearest = max((_price(store, each.fill) for store in donors), default=0.0)
        total += dearest + _price(by_name[target], each.fill)
        total += sum(
            _price(by_name[name], each.retire) for name in needed if name not in (target, source)
        )
    return total


def fill(depot: Depot, order: Order, target: str, told: Told) -> Iterator[Done]:
    """Fill a store for every zorgdrager that needs it, and put their ledgers on it."""
    for each in depot.config.zorgdragers:
        if target in each.stores:
            filled = fill_store(order, target, each.id, told=told)
            publish(depot, each.id)
            yield Done(each.id, filled, UNTOUCHED)


def retire(depot: Depot, order: Order, source: str, *, keep: bool, told: Told) -> Iterator[Done]:
    """Empty a store for every zorgdrager; with `keep`, only look whether that could be done."""
    for each in depot.config.zorgdragers:
        retired = retire_store(order, source, each.id, keep=keep, told=told)
        publish(depot, each.id)
        yield Done(each.id, UNTOUCHED, retired)


def left_in(depot: Depot, source: str) -> tuple[Finding, ...]:
    """What still stands in a store that should be empty, whoever's it is."""
    first = next(iter(depot.stores[source].list()), None)
    return () if first is None else (finding("S384", f"{source}, {first.key}", first.size_bytes),)


def publish(depot: Depot, zorgdrager: str) -> None:
    """The ledger as it is now, on every store of the zorgdrager; nothing where nothing happened."""
    with reading(depot.engine) as connection:
        size = ledger.size(connection, zorgdrager)
    if size:
        depot.archive.publish_ledger(zorgdrager, now=now())


def _price(store: StoreSettings, amount: Amount) -> float:
    price = store.price
    return amount.size_bytes / GB * price.per_gb + amount.copies / 1000 * price.per_1000_requests
