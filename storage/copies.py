"""Copies of one object on several stores: put all together or not at all, and read back."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

from storage.aip import PackageSums
from storage.errors import (
    AlreadyStored,
    CopyDiffers,
    NotStored,
    StorageError,
    StoreFailed,
    StoreUnreachable,
)
from storage.outcomes import Basis
from storage.stores.base import Store, Upload


def put_everywhere(
    stores: Sequence[Store],
    key: str,
    write: Callable[[Sequence[Upload]], PackageSums],
    pool: ThreadPoolExecutor,
) -> PackageSums:
    """Write once to all stores, then make every copy durable and visible.

    When one store fails, nothing stays on any of them.

    Raises: StoreFailed or another StorageError that names the store.
    """
    committed: list[Store] = []
    with ExitStack() as stack:
        uploads = [stack.enter_context(each.put_new(key)) for each in stores]
        sums = write(uploads)
        jobs = [pool.submit(each.commit) for each in uploads]
        errors = [job.exception() for job in jobs]
        committed = [each for each, error in zip(stores, errors, strict=True) if error is None]
    _raise_first(errors, committed, key)
    return sums


def read_back(
    stores: Sequence[Store], key: str, expected: PackageSums, pool: ThreadPoolExecutor
) -> list[Basis]:
    """Prove every copy: what each proof rests on, in the order of the stores.

    The copy is read from its medium and compared with what was written; where the store is
    trusted to compute a SHA-256 of what it stored, and that fits, this is proof enough.

    Raises: CopyDiffers, or another StorageError, naming the store.
    """
    return list(pool.map(lambda store: prove(store, key, expected), stores))


def prove(store: Store, key: str, expected: PackageSums) -> Basis:
    """See that one copy's bytes are what was written; what that rests on.

    Raises: CopyDiffers; NotStored; CopyUnreadable; StoreUnreachable.
    """
    if store.capabilities.checksums and store.server_sha256(key) == expected.sha256:
        return Basis.CHECKSUM
    digest = read_digest(store, key)
    if digest != expected.sha256:
        raise CopyDiffers(
            f"{store.name}: {key}: read back {digest}, written {expected.sha256}",
            store=store.name,
            key=key,
            found=digest,
            expected=expected.sha256,
        )
    return Basis.READ


def read_digest(store: Store, key: str) -> str:
    """The hex SHA-256 of an object, read from the store's medium.

    Raises: NotStored; CopyUnreadable; StoreUnreachable.
    """
    digest = hashlib.sha256()
    for chunk in store.read_chunks(key, fresh=True):
        digest.update(chunk)
    return digest.hexdigest()


def holders(stores: Sequence[Store], key: str) -> list[Store]:
    """The stores that hold something under the key.

    Raises: StoreUnreachable; CopyUnreadable.
    """
    found = []
    for store in stores:
        with suppress(NotStored):
            store.stat(key)
            found.append(store)
    return found


def remove_everywhere(stores: Sequence[Store], key: str) -> None:
    """Remove every version of the object from these stores.

    Raises: StorageError when one of them fails; the others are tried all the same.
    """
    failed: StorageError | None = None
    for store in stores:
        try:
            for version in list(store.list_versions(key)):
                store.delete_version(key, version)
        except NotStored:
            continue
        except StorageError as error:
            failed = error
    if failed is not None:
        raise failed


def named(stores: Mapping[str, Store], names: Sequence[str]) -> list[Store]:
    """The stores of these names.

    Raises: StoreUnreachable when there is none of that name.
    """
    for name in names:
        if name not in stores:
            raise StoreUnreachable(f"there is no store {name}", store=name)
    return [stores[name] for name in names]


def _raise_first(
    errors: Sequence[BaseException | None], committed: Sequence[Store], key: str
) -> None:
    first = next((each for each in errors if each is not None), None)
    if first is None:
        return
    try:
        remove_everywhere(committed, key)
    except StorageError as error:
        first.add_note(f"what was put elsewhere could not be removed: {error}")
    if isinstance(first, (AlreadyStored, StorageError)):
        raise first
    raise StoreFailed(f"{key}: {first}", key=key, found=str(first)) from first
