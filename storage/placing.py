"""Placing one copy: a key freed with what stood there kept, and the promised bytes put under it.

Each step may be interrupted and tried again; nothing is overwritten, and nothing is thrown away
that was not written here.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from storage.aip import PackageSums
from storage.copies import prove, read_digest, remove_everywhere
from storage.errors import AlreadyStored, CopyDiffers, CopyUnreadable, NotStored, StorageError
from storage.outcomes import Basis
from storage.promised import PackageName
from storage.stores.base import Store

NAMES_TRIED = 50
EVIDENCE_FOLDER = "evidence/"
"""What the keys of evidence begin with, below the zorgdrager."""


def evidence_key(name: PackageName, run: str) -> str:
    """The key of what is set aside: <zorgdrager>/evidence/<run>/<aip-id>-v0001.zip."""
    return f"{name.zorgdrager}/{EVIDENCE_FOLDER}{run}/{name.aip_id}-v{name.version:04d}.zip"


def stands(store: Store, key: str) -> bool:
    """Whether something stands under the key, be it unreadable.

    Raises: StoreUnreachable.
    """
    try:
        store.stat(key)
    except NotStored:
        return False
    except CopyUnreadable:
        return True
    return True


def free(store: Store, key: str, aside: str) -> tuple[str, ...]:
    """Free a key and keep what stood there; the keys of all that was set aside under this name.

    An interrupted try is gone on with. Empty when the store could not keep the bytes.

    Raises: StoreFailed when the key cannot be freed; StoreUnreachable.
    """
    if stands(store, key):
        _free(store, key, aside)
    return set_aside_as(store, aside)


def set_aside_as(store: Store, aside: str) -> tuple[str, ...]:
    """The keys of what stands in a store under a name of evidence, or that name with a number.

    Raises: StoreUnreachable.
    """
    plain = aside.removesuffix(".zip")
    return tuple(
        each.key
        for each in store.list(plain)
        if each.key == aside or each.key.startswith(f"{plain}-")
    )


def place(source: Store, source_key: str, target: Store, key: str, sums: PackageSums) -> None:
    """Stream the promised bytes from one store to a free key of another: all of them or nothing.

    Raises: CopyDiffers naming the source, when its bytes are not the promised ones; what reading
    from the source or putting on the target raises.
    """
    digest = hashlib.sha256()
    with target.put_new(key) as upload:
        for chunk in source.read_chunks(source_key, fresh=True):
            digest.update(chunk)
            upload.write(chunk)
        if digest.hexdigest() != sums.sha256:
            raise _differs(source, source_key, digest.hexdigest(), sums)
        upload.commit()


def prove_or_remove(target: Store, key: str, sums: PackageSums) -> Basis:
    """Prove what was just placed; when it is not what was written, remove it.

    What the proof rests on: reading it back, or the sum of a store that is trusted to compute it.

    Raises: CopyDiffers naming the store; NotStored; CopyUnreadable; StoreUnreachable.
    """
    try:
        return prove(target, key, sums)
    except CopyDiffers:
        with suppress(StorageError):
            remove_everywhere([target], key)
        raise


def _free(store: Store, key: str, aside: str) -> None:
    for name in _names(aside):
        try:
            store.set_aside(key, name)
        except NotStored:
            return
        except AlreadyStored:
            if not _same(store, key, name):
                continue
            # An interrupted try: the bytes are kept already, and only the key is left.
            store.make_durable(name)
            remove_everywhere([store], key)
        return
    raise AlreadyStored(f"{store.name}: {aside}", store=store.name, key=aside)


def _names(aside: str) -> Iterator[str]:
    yield aside
    for number in range(2, NAMES_TRIED):
        yield f"{aside.removesuffix('.zip')}-{number}.zip"


def _same(store: Store, key: str, aside: str) -> bool:
    try:
        return read_digest(store, key) == read_digest(store, aside)
    except CopyUnreadable:
        return False


def _differs(store: Store, key: str, found: str, sums: PackageSums) -> CopyDiffers:
    return CopyDiffers(
        f"{store.name}: {key}: {found} instead of {sums.sha256}",
        store=store.name,
        key=key,
        found=found,
        expected=sums.sha256,
    )
