"""Codes over our own copies of a party's files: the same bytes, in a package of ours."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from sqlalchemy import Connection, select

from storage.catalogue import AIPS, COPIES, FILES
from storage.errors import StorageError
from storage.held.items import HeldItem
from storage.package_reader import open_package
from storage.stores.base import Store

CHUNK_BYTES = 1024 * 1024
ITEMS_AT_ONCE = 500


class OwnCopies:
    """Finds the same bytes (by SHA-256) in the packages of one zorgdrager, and reads them there."""

    def __init__(
        self, connection: Connection, stores: Mapping[str, Store], zorgdrager: str
    ) -> None:
        self._connection = connection
        self._stores = stores
        self._zorgdrager = zorgdrager

    def codes(self, wanted: Iterable[HeldItem], nonce: bytes) -> dict[int, str]:
        """Item -> HMAC-SHA256 over our copy of it, for those of which a good copy was read.

        A copy whose bytes are no longer what they were gives no code: the next one is tried.
        """
        by_digest: dict[str, list[int]] = {}
        for item in wanted:
            if item.sha256:
                by_digest.setdefault(item.sha256, []).append(item.number)
        found: dict[int, str] = {}
        digests = list(by_digest)
        for start in range(0, len(digests), ITEMS_AT_ONCE):
            for sha256, places in self._places(digests[start : start + ITEMS_AT_ONCE]).items():
                code = self._first_code(sha256, places, nonce)
                found.update(dict.fromkeys(by_digest[sha256], code) if code else {})
        return found

    def _places(self, digests: list[str]) -> dict[str, list[tuple[str, str, str]]]:
        """SHA-256 -> (store, key, path within the package, or "" for the package itself)."""
        own = (AIPS.c.number == COPIES.c.aip) & (AIPS.c.zorgdrager == self._zorgdrager)
        inner = (
            select(FILES.c.sha256, COPIES.c.store, COPIES.c.key, FILES.c.path)
            .join(COPIES, COPIES.c.aip == FILES.c.aip)
            .join(AIPS, own)
            .where(FILES.c.sha256.in_(digests))
        )
        whole = (
            select(AIPS.c.sha256, COPIES.c.store, COPIES.c.key)
            .join(COPIES, own)
            .where(AIPS.c.sha256.in_(digests))
        )
        places: dict[str, list[tuple[str, str, str]]] = {}
        for sha256, store, key, path in self._connection.execute(inner):
            places.setdefault(sha256, []).append((store, key, path))
        for sha256, store, key in self._connection.execute(whole):
            places.setdefault(sha256, []).append((store, key, ""))
        return places

    def _first_code(self, sha256: str, places: list[tuple[str, str, str]], nonce: bytes) -> str:
        """The code of the first copy that is still whole; "" when there is none."""
        for name, key, path in places:
            store = self._stores.get(name)
            if store is None:
                continue
            try:
                with (
                    open_package(store, key).open(path) if path else store.open_read(key) as stream
                ):
                    code, found = _read(stream, nonce)
            except StorageError:
                # An unreachable or damaged copy of ours proves nothing about theirs.
                continue
            if found == sha256:
                return code
        return ""


def _opened(store: Store, key: str, path: str) -> BinaryIO:
    return open_package(store, key).open(path) if path else store.open_read(key)


def _read(stream: BinaryIO, nonce: bytes) -> tuple[str, str]:
    code, own = hmac.new(nonce, None, hashlib.sha256), hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        code.update(chunk)
        own.update(chunk)
    return code.hexdigest(), own.hexdigest()
