"""The door: what goes onto the shelf goes through here, and is proven there before it counts.

Order of writes: package on every store, synced -> read back from every store -> one transaction
with ledger, catalogue and whatever the caller adds. Until that transaction nothing is
acknowledged, and what stands on a store is used or removed by the next try.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine

from storage import catalogue, ledger
from storage.aip import Aip, Copy, Description, PackageSums, StoredAip, package_key
from storage.copies import (
    holders,
    named,
    put_everywhere,
    read_back,
    read_digest,
    remove_everywhere,
)
from storage.database import begin, reading
from storage.errors import AlreadyStored, StorageError, StoreUnreachable
from storage.ledger import Event
from storage.locks import StillHeld, holding
from storage.outcomes import Basis
from storage.package import write_package
from storage.stores.base import Store

if TYPE_CHECKING:
    from storage.checkpoint import Signer

INGEST = "aip.ingest"
ADOPT = "aip.adopt"
CAME_IN = (INGEST, ADOPT)
DESTROYED = "aip.destroyed"
"""What the ledger says of an AIP that was destroyed, or released after a transfer, by a signed
list: from then on nothing of it is promised, and nothing of it is taken in again."""
STORED = "stored"

Also = Callable[[Connection, StoredAip], None]


class Archive:
    """The stores, the database and the rule which stores an AIP of a zorgdrager needs."""

    def __init__(
        self,
        engine: Engine,
        stores: Mapping[str, Store],
        policy: Mapping[str, tuple[str, ...]],
        signers: "Mapping[str, Signer] | None" = None,
    ) -> None:
        self.engine = engine
        self.stores = dict(stores)
        self.policy = dict(policy)
        self.signers = dict(signers or {})
        self._pool = ThreadPoolExecutor(max(2, len(self.stores)), thread_name_prefix="store")

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads; the database and the stores are the caller's."""
        self._pool.shutdown()

    def store(  # noqa: PLR0913 - who, when, where from: every one stands in the ledger
        self,
        aip: Aip,
        *,
        now: datetime,
        agent: str,
        origin: str,
        salt: bytes,
        also: Also | None = None,
    ) -> StoredAip:
        """Put an AIP on every store that its zorgdrager needs, prove it there, and acknowledge it.

        What an interrupted try of the same AIP left is used when its bytes are right, and else
        removed. `also` is called in the acknowledging transaction.

        Raises: AlreadyStored when this AIP, or another under its identifier, is here;
        ChangedInStaging; StoreFailed, StoreUnreachable or CopyDiffers, which name the store;
        DatabaseUnusable. Nothing is acknowledged then.
        """
        description = aip.description
        stores = self.stores_of(description.zorgdrager)
        key = package_key(description.zorgdrager, description.aip_id, description.version)
        with self._holding(key) as still_held:
            self._refuse_known(description)
            package, proofs = self._put(aip, stores, key, still_held)
            stored = StoredAip(
                description=description,
                package=package,
                copies=tuple(
                    Copy(each.name, key, now, proof)
                    for each, proof in zip(stores, proofs, strict=True)
                ),
                stored_at=now,
            )
            event = ingest_event(stored, agent, origin, aip.event_details)
            self._acknowledge(stored, event, salt, also, still_held)
            return stored

    def discard(self, zorgdrager: str, aip_id: str, version: int = 1) -> int:
        """Remove what an interrupted try left of an AIP that was never acknowledged.

        For an AIP that was promised and then not stored after all. The number of stores from
        which something was removed.

        Raises: AlreadyStored when it was acknowledged; StoreUnreachable.
        """
        key = package_key(zorgdrager, aip_id, version)
        stores = self.stores_of(zorgdrager)
        with self._holding(key):
            with reading(self.engine) as connection:
                if catalogue.by_id(connection, aip_id, version, with_files=False) is not None:
                    raise AlreadyStored(f"{key} is acknowledged", key=key)
            for store in stores:
                store.sweep()
            left = holders(stores, key)
            remove_everywhere(left, key)
            return len(left)

    def publish_ledger(self, zorgdrager: str, *, now: datetime) -> None:
        """Put what is new in the ledger, and a signed checkpoint, on every store of the zorgdrager.

        Raises: NoSigningKey; CheckpointRefused when the ledger is no continuation of what was
        published; StoreFailed or another StorageError that names the store.
        """
        # Signing costs time to import, and who only looks something up does not sign.
        from storage.publish import publish  # noqa: PLC0415

        stores = self.stores_of(zorgdrager)
        with self._holding(f"{zorgdrager}/ledger"):
            # A store is told of a destruction only once the details are gone that went with it.
            self._redact(stores, zorgdrager, whole=False)
            publish(self.engine, stores, zorgdrager, self.signers.get(zorgdrager), now)

    def redact_ledger(self, zorgdrager: str, *, without: Collection[str] = ()) -> int:
        """Take the details that went with destroyed AIPs out of what any store has published;
        how many lines. Also of stores that no policy names any more, but `without` some that are
        gone; one that fails stops no other.

        Raises: StoreFailed or another StorageError that names the store.
        """
        with self._holding(f"{zorgdrager}/ledger"):
            stores = [each for name, each in self.stores.items() if name not in without]
            return self._redact(stores, zorgdrager, whole=True)

    def _redact(self, stores: Sequence[Store], zorgdrager: str, *, whole: bool) -> int:
        from storage.redacting import redact_published  # noqa: PLC0415 - see publish_ledger

        redacted, failed = 0, None
        with reading(self.engine) as connection:
            for store in stores:
                try:
                    redacted += redact_published(connection, store, zorgdrager, whole=whole)
                except StorageError as error:
                    failed = failed or error
        if failed is not None:
            raise failed
        return redacted

    def holding(self, key: str) -> AbstractContextManager[StillHeld]:
        """Wait until nobody else works on this object, and hold it: whoever stores, repairs, moves
        or removes a package holds its key.

        Raises: DatabaseUnusable.
        """
        return self._holding(key)

    def stores_of(self, zorgdrager: str) -> list[Store]:
        """The stores that an AIP of a zorgdrager needs.

        Raises: StoreUnreachable when the policy names none, or one that is not there.
        """
        names = self.policy.get(zorgdrager, ())
        if not names:
            raise StoreUnreachable(f"no store for {zorgdrager}", store="", zorgdrager=zorgdrager)
        return named(self.stores, names)

    def _holding(self, name: str) -> AbstractContextManager[StillHeld]:
        return holding(self.engine, name)

    def _refuse_known(self, description: Description) -> None:
        aip_id, version = description.aip_id, description.version
        with reading(self.engine) as connection:
            same = catalogue.by_id(connection, aip_id, version, with_files=False)
            under = catalogue.by_identifier(
                connection,
                description.zorgdrager,
                description.identifier,
                description.identifier_source,
                with_files=False,
            )
        if same is not None or (under is not None and under.description.aip_id != aip_id):
            known = aip_id if under is None else under.description.aip_id
            raise AlreadyStored(
                f"{description.identifier} is AIP {known}",
                zorgdrager=description.zorgdrager,
                identifier=description.identifier,
                found=known,
            )

    def _put(
        self, aip: Aip, stores: Sequence[Store], key: str, still_held: StillHeld
    ) -> tuple[PackageSums, list[Basis]]:
        try:
            for store in stores:
                store.sweep()
            left = holders(stores, key)
            kept = self._adopt(aip, left, key) if left else []
            missing = [each for each in stores if each not in kept]
            package = put_everywhere(missing, key, partial(write_package, aip), self._pool)
            proofs = read_back(stores, key, package, self._pool)
        except StorageError:
            self._withdraw(stores, key, still_held)
            raise
        return package, proofs

    def _adopt(self, aip: Aip, left: Sequence[Store], key: str) -> list[Store]:
        """Of what an interrupted try left: keep what is right and make it last, remove the rest."""
        expected = write_package(aip, ())
        kept = []
        for store in left:
            if read_digest(store, key) == expected.sha256:
                store.make_durable(key)
                kept.append(store)
            else:
                remove_everywhere([store], key)
        return kept

    def _acknowledge(
        self,
        stored: StoredAip,
        event: Event,
        salt: bytes,
        also: Also | None,
        still_held: StillHeld,
    ) -> None:
        committing = False
        try:
            with begin(self.engine) as connection:
                ledger.append(connection, stored.description.zorgdrager, event, salt)
                catalogue.add(connection, stored)
                if also is not None:
                    also(connection, stored)
                still_held()
                committing = True
        except BaseException:
            # Once the commit has begun nobody knows whether it came through: then the copies
            # stay, and the next try, which asks the database, uses or removes them.
            if not committing:
                stores = self.stores_of(stored.description.zorgdrager)
                self._withdraw(stores, stored.copies[0].key, still_held)
            raise

    def _withdraw(self, stores: Sequence[Store], key: str, still_held: StillHeld) -> None:
        """Remove copies that will not be acknowledged; what fails now, or is no longer held by us
        alone, is for the next try."""
        with suppress(StorageError):
            still_held()
            remove_everywhere(stores, key)


def ingest_event(stored: StoredAip, agent: str, origin: str, details: Mapping[str, Any]) -> Event:
    """The ledger's event for an AIP that came in: its digests stand in the open, for ever."""
    return Event(
        at=stored.stored_at,
        action=INGEST,
        object=stored.description.aip_id,
        result=STORED,
        actor=agent,
        origin=origin,
        details=details,
        facts=package_facts(stored),
    )


def package_facts(stored: StoredAip) -> dict[str, Any]:
    """What the ledger says in the open of a package: by this it is recognised for ever."""
    return {
        "version": stored.description.version,
        "sha256": stored.package.sha256,
        "size_bytes": stored.package.size_bytes,
        "tagmanifest_sha256": stored.package.tagmanifest_sha256,
        "copies": [each.store for each in stored.copies],
        "proof": {each.store: each.proof.value for each in stored.copies},
    }
