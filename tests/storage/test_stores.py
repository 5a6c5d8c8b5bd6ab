"""The suite that every kind of store passes."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.errors import AlreadyStored, KeyRefused, NotStored
from storage.stores.base import ObjectStat, Store
from storage.stores.memory import MemoryStore
from storage.stores.memory_versions import VersionedMemoryStore
from storage.stores.s3 import S3Store
from tests.seaweed import QUICK, bucket
from tests.storage.making import make_store

KINDS: dict[str, Callable[[Path], Store]] = {
    "local": lambda folder: make_store(folder, "proef"),
    "memory": lambda _: MemoryStore("proef"),
    "memory with versions": lambda _: VersionedMemoryStore("proef"),
    "s3": lambda _: S3Store("proef", bucket(), patience=QUICK),
    "s3 with versions": lambda _: S3Store("proef", bucket(versioned=True), patience=QUICK),
}
KEY = "gemeente/ab/cd/een/v0001.zip"


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return KINDS[request.param](tmp_path)


def put(store: Store, key: str, content: bytes) -> ObjectStat:
    with store.put_new(key) as upload:
        upload.write(content)
        return upload.commit()


def read(store: Store, key: str, start: int = 0, length: int | None = None) -> bytes:
    with store.open_read(key, start, length) as stream:
        return stream.read()


def test_what_is_put_is_read_back(store: Store) -> None:
    content = os.urandom(700_000)

    with store.put_new(KEY) as upload:
        upload.write(content[:1])
        upload.write(memoryview(content)[1:])
        stat = upload.commit()

    assert stat == ObjectStat(KEY, 700_000) == store.stat(KEY)
    assert read(store, KEY) == content
    with store.open_read(KEY, fresh=True) as stream:
        assert stream.read() == content


def test_an_empty_object_is_an_object(store: Store) -> None:
    put(store, KEY, b"")

    assert read(store, KEY) == b""
    assert list(store.list()) == [ObjectStat(KEY, 0)]


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 4, b"3456"),
        (3, 0, b""),
        (8, 10, b"89"),
        (10, 1, b""),
        (99, None, b""),
    ],
)
def test_a_part_is_read(store: Store, start: int, length: int | None, expected: bytes) -> None:
    put(store, KEY, b"0123456789")

    assert read(store, KEY, start, length) == expected


def test_a_name_is_never_used_again(store: Store) -> None:
    put(store, KEY, b"eerste")

    with pytest.raises(AlreadyStored), store.put_new(KEY):
        pass

    assert read(store, KEY) == b"eerste"


def test_of_two_writers_of_one_name_the_first_to_commit_wins(store: Store) -> None:
    with store.put_new(KEY) as first, store.put_new(KEY) as second:
        first.write(b"eerste")
        second.write(b"tweede")
        second.commit()
        with pytest.raises(AlreadyStored):
            first.commit()

    assert read(store, KEY) == b"tweede"
    assert list(store.list()) == [ObjectStat(KEY, 6)]


def test_nobody_sees_an_object_before_it_is_committed(store: Store) -> None:
    with store.put_new(KEY) as upload:
        upload.write(b"half")

        assert list(store.list()) == []
        with pytest.raises(NotStored):
            store.stat(KEY)


def test_an_upload_that_is_left_leaves_nothing(store: Store) -> None:
    def interrupted() -> None:
        with store.put_new(KEY) as upload:
            upload.write(b"half")
            raise RuntimeError("onderweg")

    with pytest.raises(RuntimeError, match="onderweg"):
        interrupted()

    assert list(store.list()) == []
    assert store.sweep() == 0
    put(store, KEY, b"heel")


def test_an_abort_after_the_commit_changes_nothing(store: Store) -> None:
    with store.put_new(KEY) as upload:
        upload.write(b"heel")
        upload.commit()
        upload.abort()

    assert read(store, KEY) == b"heel"


def test_objects_are_listed_in_the_order_of_their_keys(store: Store) -> None:
    keys = ["a-b/1", "a/1", "a/2", "a.zip", "b/a/c/1", "b/a-/1", "a0/1"]
    for key in keys:
        put(store, key, b"x")

    assert [each.key for each in store.list()] == sorted(keys)
    assert [each.key for each in store.list("a/")] == ["a/1", "a/2"]
    assert [each.key for each in store.list("b/a")] == ["b/a-/1", "b/a/c/1"]
    assert [each.key for each in store.list("c")] == []


def test_a_version_is_listed_and_removed_for_good(store: Store) -> None:
    put(store, KEY, b"weg")
    put(store, "gemeente/ab/cd/twee/v0001.zip", b"blijft")

    versions = list(store.list_versions(KEY))
    for version in versions:
        store.delete_version(KEY, version)

    assert len(versions) == 1
    assert list(store.list_versions(KEY)) == []
    assert [each.key for each in store.list()] == ["gemeente/ab/cd/twee/v0001.zip"]
    with pytest.raises(NotStored):
        store.open_read(KEY)


def test_another_version_than_there_is_cannot_be_removed(store: Store) -> None:
    put(store, KEY, b"blijft")

    with pytest.raises(NotStored):
        store.delete_version(KEY, "een andere")

    assert read(store, KEY) == b"blijft"


def test_what_is_not_there_is_said_to_be_not_there(store: Store) -> None:
    with pytest.raises(NotStored):
        store.stat(KEY)
    with pytest.raises(NotStored):
        store.open_read(KEY)
    with pytest.raises(NotStored):
        store.delete_version(KEY, "1")
    with pytest.raises(NotStored):
        store.make_durable(KEY)
    assert list(store.list_versions(KEY)) == []


def test_an_object_is_read_in_pieces_from_beginning_to_end(store: Store) -> None:
    large, small = os.urandom(9_000_001), b"klein"
    put(store, KEY, large)
    put(store, "klein", small)
    put(store, "leeg", b"")

    assert b"".join(bytes(each) for each in store.read_chunks(KEY, fresh=True)) == large
    assert b"".join(bytes(each) for each in store.read_chunks("klein")) == small
    assert b"".join(bytes(each) for each in store.read_chunks("leeg")) == b""
    with pytest.raises(NotStored):
        list(store.read_chunks("is/er/niet"))


def test_what_a_store_computed_of_an_object_is_its_sha256_or_nothing(store: Store) -> None:
    put(store, KEY, b"inhoud")

    assert store.server_sha256(KEY) in (None, hashlib.sha256(b"inhoud").hexdigest())
    with pytest.raises(NotStored):
        store.server_sha256("is/er/niet")


def test_a_key_is_freed_and_its_bytes_are_kept_under_another(store: Store) -> None:
    put(store, KEY, b"beschadigd")

    assert store.set_aside(KEY, "gemeente/evidence/1/een.zip")

    assert [each.key for each in store.list()] == ["gemeente/evidence/1/een.zip"]
    assert read(store, "gemeente/evidence/1/een.zip") == b"beschadigd"
    assert list(store.list_versions(KEY)) == []
    put(store, KEY, b"hersteld")
    assert read(store, KEY) == b"hersteld"


def test_nothing_is_set_aside_over_another_object_and_nothing_that_is_not_there(
    store: Store,
) -> None:
    put(store, KEY, b"een")
    put(store, "bezet", b"twee")

    with pytest.raises(AlreadyStored):
        store.set_aside(KEY, "bezet")
    with pytest.raises(NotStored):
        store.set_aside("is/er/niet", "vrij")

    assert (read(store, KEY), read(store, "bezet")) == (b"een", b"twee")
    assert [each.key for each in store.list()] == ["bezet", KEY]


def test_of_many_writers_of_one_key_exactly_one_wins(store: Store) -> None:
    def write(number: int) -> bytes | None:
        content = b"%d" % number * 1000
        try:
            put(store, KEY, content)
        except AlreadyStored:
            return None
        return content

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(write, range(16)))

    (won,) = [each for each in results if each is not None]
    assert read(store, KEY) == won
    assert len(list(store.list_versions(KEY))) == 1


def test_an_object_is_made_durable(store: Store) -> None:
    put(store, KEY, b"heel")

    store.make_durable(KEY)

    assert read(store, KEY) == b"heel"


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/./b", ".uploads/x", "a/.b",
        "a\\b", "a b", "a\nb", "a\x00b", "é", "a/" + "x" * 201, "x/" * 500 + "x", "C:/a", "-a", "~",
    ],
)  # fmt: skip
def test_a_key_that_no_object_may_have_is_refused(store: Store, key: str) -> None:
    for use in (
        lambda: store.stat(key),
        lambda: store.open_read(key),
        lambda: store.delete_version(key, "1"),
        lambda: store.make_durable(key),
        lambda: list(store.list_versions(key)),
        lambda: store.put_new(key).__enter__(),
    ):
        with pytest.raises(KeyRefused):
            use()
