"""What a store really does, found out by trying: claims of a vendor are not enough.

Everything is tried on objects of the probe's own, below a prefix that it empties again; nothing
is ever locked.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from formats.findings import Finding, finding
from storage.errors import AlreadyStored, NotStored, StorageError
from storage.stores.base import Store, check_key
from storage.stores.pace import PacedStore

if TYPE_CHECKING:
    from storage.stores.s3 import S3Store

PREFIX = "edepot-probe"
CONTENT = b"edepot: what stands here is a trial, and may be removed.\n"
KEYS = ("b-1/1", "b/1", "b/2", "b.zip")


class Has(StrEnum):
    """Whether a store has something. What could not be tried is not said to be missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found of one store.

    `conditional_put`: it refuses a put under a taken key by itself. `refuses_wrong_bytes`: it
    compares what it gets with the SHA-256 that is sent along. `own_sha256`: it computes one and
    tells it. `parts`: it serves a part of an object. `read_after_write`: what was put is there
    at once, for reading and in listings. `key_order`: it is listed in the order of the keys.
    `object_lock`: the bucket was made with it.
    """

    store: str
    conditional_put: Has = Has.UNKNOWN
    refuses_wrong_bytes: Has = Has.UNKNOWN
    own_sha256: Has = Has.UNKNOWN
    parts: Has = Has.UNKNOWN
    read_after_write: Has = Has.UNKNOWN
    key_order: Has = Has.UNKNOWN
    versions: Has = Has.UNKNOWN
    object_lock: Has = Has.UNKNOWN
    findings: tuple[Finding, ...] = ()


def probe(store: Store, nonce: str) -> Probed:
    """Try a store out. `nonce` (letters and digits) keeps two probes at once apart.

    Raises: StoreUnreachable; StoreFailed when it takes nothing in.
    """
    while isinstance(store, PacedStore):
        store = store.store
    folder = check_key(f"{PREFIX}/{nonce}")
    s3 = _as_s3(store)
    # A bucket that is not there, or does not let us in, is found out here.
    next(iter(store.list(f"{folder}/")), None)
    lock = _tried(s3.control.has_lock) if s3 else Has.NO
    versions = _tried(s3.control.keeps_versions) if s3 else Has.NO
    if s3 is not None and _tried(s3.control.locks_by_itself) is Has.YES:
        # Whatever is put here is locked at once: nothing can be tried and removed again.
        locked = finding("S318", store.name)
        return Probed(store.name, versions=versions, object_lock=lock, findings=(locked,))
    left: list[Finding] = []
    try:
        probed = _try_all(store, s3, folder)
    finally:
        left.extend(_emptied(store, folder))
    whole = replace(probed, versions=versions, object_lock=lock)
    return replace(whole, findings=(*_missing(whole, s3), *left))


def _try_all(store: Store, s3: "S3Store | None", folder: str) -> Probed:
    key = f"{folder}/a"
    _put(store, key)
    refuses = _tried(lambda: _refuses_wrong_bytes(s3, f"{folder}/w")) if s3 else Has.NO
    own = _tried(lambda: store.server_sha256(key) == hashlib.sha256(CONTENT).hexdigest())
    if s3 is not None and refuses is not Has.YES:
        # It may only repeat what it was told.
        own = Has.NO
    return Probed(
        store=store.name,
        conditional_put=_tried(lambda: _is_conditional(store, s3, f"{folder}/c")),
        refuses_wrong_bytes=refuses,
        own_sha256=own,
        parts=_tried(lambda: _reads_part(store, key)),
        read_after_write=_tried(lambda: _reads_back(store, key)),
        key_order=_tried(lambda: _in_order(store, folder)),
    )


def _is_conditional(store: Store, s3: "S3Store | None", key: str) -> bool:
    if s3 is not None:
        _put(store, key)
        refused = _refused(lambda: _raw_put(s3, key, b"x", IfNoneMatch="*"))
        return refused and _reads_back(store, key)
    with store.put_new(key) as first, store.put_new(key) as second:
        first.write(CONTENT)
        second.write(CONTENT)
        second.commit()
        try:
            first.commit()
        except AlreadyStored:
            return True
    return False


def _refuses_wrong_bytes(s3: "S3Store", key: str) -> bool:
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    refused = _refused(lambda: _raw_put(s3, key, CONTENT, ChecksumSHA256=wrong))
    return refused and s3.control.head(key) is None


def _reads_part(store: Store, key: str) -> bool:
    with store.open_read(key, 3, 4) as stream:
        return stream.read() == CONTENT[3:7]


def _reads_back(store: Store, key: str) -> bool:
    content = b"".join(bytes(each) for each in store.read_chunks(key, fresh=True))
    listed = any(each.key == key for each in store.list(key))
    return content == CONTENT and listed and store.stat(key).size_bytes == len(CONTENT)


def _in_order(store: Store, folder: str) -> bool:
    for each in KEYS:
        _put(store, f"{folder}/{each}")
    listed = [each.key for each in store.list(f"{folder}/b")]
    return listed == sorted(f"{folder}/{each}" for each in KEYS)


def _emptied(store: Store, folder: str) -> Iterator[Finding]:
    """Remove what the probe made; a finding for what stays."""
    try:
        keys = [each.key for each in store.list(f"{folder}/")]
        for key in keys:
            for version in list(store.list_versions(key)):
                with suppress(NotStored):
                    store.delete_version(key, version)
    except StorageError as error:
        yield finding("S319", store.name, error.values.get("found", str(error)), folder)


def _missing(probed: Probed, s3: "S3Store | None") -> Iterator[Finding]:
    """A finding for what is not there. What makes the store unfit is an error."""
    codes = {
        "S310": probed.conditional_put,
        "S312": probed.own_sha256,
        "S313": probed.parts,
        "S314": probed.versions,
        "S315": probed.object_lock,
        "S316": probed.read_after_write,
        "S317": probed.key_order,
    }
    for code, has in codes.items():
        if has is not Has.YES:
            yield finding(code, probed.store, has.value)
    if s3 is not None and s3.capabilities.checksums and probed.own_sha256 is not Has.YES:
        yield finding("S311", probed.store, probed.own_sha256.value)


def _put(store: Store, key: str) -> None:
    with store.put_new(key) as upload:
        upload.write(CONTENT)
        upload.commit()


def _raw_put(s3: "S3Store", key: str, content: bytes, **more: Any) -> None:
    """A PUT past the store's own care."""
    s3.control.client.put_object(**s3.control.where(key), Body=content, **more)


def _refused(ask: Callable[[], None]) -> bool:
    """Whether the server refuses, with a reason; no answer at all is no refusal."""
    from storage.stores.s3_errors import BOTO, answer_of  # noqa: PLC0415

    try:
        ask()
    except BOTO as error:
        if 400 <= answer_of(error).status < 500:
            return True
        raise
    return False


def _tried(ask: Callable[[], bool]) -> Has:
    """What came of a trial; one that could not be ended leaves it unknown."""
    from storage.stores.s3_errors import BOTO  # noqa: PLC0415

    try:
        return Has.YES if ask() else Has.NO
    except (StorageError, *BOTO):
        return Has.UNKNOWN


def _as_s3(store: Store) -> "S3Store | None":
    from storage.stores.s3 import S3Store  # noqa: PLC0415

    return store if isinstance(store, S3Store) else None
