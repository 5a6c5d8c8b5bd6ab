"""What only a store in a folder can meet: links, full disks, failing syncs, other processes."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.errors import AlreadyStored, CopyUnreadable, NotStored, StoreFailed, StoreUnreachable
from storage.stores import folders
from storage.stores.local import UPLOADS, LocalStore, found_store
from tests.storage.making import make_store
from tests.storage.test_stores import KEY, put, read


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return make_store(tmp_path, "proef")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def fail(name: str, number: int, code: int) -> None:
        call, count = getattr(os, name), 0

        def hooked(*args: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                raise OSError(code, os.strerror(code))
            return call(*args, **named)

        monkeypatch.setattr(os, name, hooked)

    yield fail
    monkeypatch.undo()


def everything(store: LocalStore) -> list[str]:
    return sorted(str(p.relative_to(store.root)) for p in store.root.rglob("*") if p.is_file())


def test_a_folder_becomes_a_store_once(tmp_path: Path) -> None:
    assert found_store(tmp_path / "nieuw")
    assert not found_store(tmp_path / "nieuw")


def test_a_folder_with_other_things_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_text("x")

    with pytest.raises(StoreFailed):
        found_store(tmp_path)


@pytest.mark.parametrize("folder", [".", "is er niet"])
def test_a_folder_that_is_no_store_says_nothing_of_what_it_holds(
    tmp_path: Path, folder: str
) -> None:
    store = LocalStore("proef", tmp_path / folder)

    for use in (
        lambda: store.stat(KEY),
        lambda: list(store.list()),
        store.sweep,
        lambda: store.put_new(KEY).__enter__(),
    ):
        with pytest.raises(StoreUnreachable):
            use()
    assert list(tmp_path.iterdir()) == []


def test_an_object_is_a_file_that_nobody_can_write(store: LocalStore) -> None:
    put(store, KEY, b"x")

    assert (store.root / KEY).stat().st_mode & 0o777 == 0o440
    assert (store.root / KEY).stat().st_nlink == 1


def test_a_link_in_the_place_of_an_object_is_not_followed(
    store: LocalStore, tmp_path: Path
) -> None:
    secret = tmp_path / "geheim"
    secret.write_text("geheim")
    (store.root / "gemeente").mkdir()
    (store.root / "gemeente/link").symlink_to(secret)
    (store.root / "map").symlink_to(tmp_path)

    for key in ("gemeente/link", "map/geheim"):
        with pytest.raises(CopyUnreadable):
            store.stat(key)
        with pytest.raises(CopyUnreadable):
            put(store, key, b"x")
    assert list(store.list()) == []
    assert secret.read_text() == "geheim"


def test_where_the_kernel_cannot_open_in_one_call_every_folder_is_opened_in_turn(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, KEY, b"heel")
    (tmp_path / "geheim").write_text("geheim")
    (store.root / "map").symlink_to(tmp_path)
    monkeypatch.setattr(folders, "_openat2", lambda: lambda *_: -errno.ENOSYS)

    assert read(store, KEY) == b"heel"
    with pytest.raises(CopyUnreadable):
        store.stat("map/geheim")
    with pytest.raises(NotStored):
        store.stat("gemeente/is/er/niet")


def test_a_link_that_appears_on_the_way_is_not_written_through(
    store: LocalStore, tmp_path: Path
) -> None:
    outside = tmp_path / "buiten"
    outside.mkdir()

    with store.put_new("gemeente/a") as upload:
        upload.write(b"x")
        (store.root / "gemeente").symlink_to(outside)
        with pytest.raises(StoreFailed):
            upload.commit()

    assert list(outside.iterdir()) == []


def test_a_pipe_in_the_place_of_an_object_does_not_hang(store: LocalStore) -> None:
    os.mkfifo(store.root / "pijp")

    with pytest.raises(CopyUnreadable):
        store.open_read("pijp")


@pytest.mark.parametrize(
    ("call", "number", "code"),
    [
        ("write", 1, errno.ENOSPC),
        ("fsync", 1, errno.EIO),  # the file
        ("fsync", 2, errno.EIO),  # its folder
        ("fsync", 4, errno.EIO),  # a folder above
        ("link", 1, errno.ENOSPC),
        ("mkdir", 2, errno.ENOSPC),
        ("open", 3, errno.ENOSPC),
    ],
)
def test_what_the_disk_refuses_leaves_nothing_behind(
    store: LocalStore, failing: Callable[..., None], call: str, number: int, code: int
) -> None:
    failing(call, number, code)

    with pytest.raises((StoreFailed, CopyUnreadable, StoreUnreachable)):
        put(store, KEY, b"x" * 1000)

    assert everything(store) == []


def test_a_sync_that_failed_is_not_tried_again(
    store: LocalStore, failing: Callable[..., None]
) -> None:
    failing("fsync", 1, errno.EIO)

    with store.put_new(KEY) as upload:
        upload.write(b"x")
        with pytest.raises(StoreFailed):
            upload.commit()
        with pytest.raises(AssertionError):
            upload.commit()

    assert everything(store) == []


def test_a_short_write_is_gone_on_with(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, chunk: write(handle, bytes(chunk)[:7]))

    put(store, KEY, b"een lange regel die in stukjes gaat")

    assert read(store, KEY) == b"een lange regel die in stukjes gaat"


def test_the_file_is_synced_before_it_gets_its_name_and_every_folder_after(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def noting_fsync(handle: int) -> None:
        fsync(handle)
        done.append(os.path.relpath(os.readlink(f"/proc/self/fd/{handle}"), store.root))

    def noting_link(*args: Any, **named: Any) -> None:
        link(*args, **named)
        done.append("link")

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "link", noting_link)
    put(store, KEY, b"x")

    assert done[0].startswith(UPLOADS)
    assert done[1:] == [
        "link",
        "gemeente/ab/cd/een",
        "gemeente/ab/cd",
        "gemeente/ab",
        "gemeente",
        ".",
    ]


def test_folders_whose_entries_last_already_are_not_synced_again(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, KEY, b"x")
    done: list[str] = []
    fsync = os.fsync

    def noting_fsync(handle: int) -> None:
        fsync(handle)
        done.append(os.path.relpath(os.readlink(f"/proc/self/fd/{handle}"), store.root))

    monkeypatch.setattr(os, "fsync", noting_fsync)
    put(store, KEY.replace("/een/", "/twee/"), b"x")

    assert done[1:] == ["gemeente/ab/cd/twee", "gemeente/ab/cd"]


def test_a_sweep_removes_what_a_dead_process_was_writing(store: LocalStore) -> None:
    (store.root / UPLOADS / "12345-1").write_bytes(b"half")

    assert store.sweep() == 1
    assert everything(store) == []


def test_a_sweep_leaves_what_a_living_process_is_writing(store: LocalStore) -> None:
    with store.put_new(KEY) as upload:
        upload.write(b"heel")

        assert store.sweep() == 0
        assert LocalStore("proef", store.root).sweep() == 0

        upload.commit()
    assert read(store, KEY) == b"heel"


def test_a_file_that_a_sweep_took_before_it_was_locked_is_made_again(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, swept = fcntl.flock, []

    def late(handle: int, how: int) -> None:
        if not swept:
            swept.append(os.unlink(next((store.root / UPLOADS).iterdir())))
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    put(store, KEY, b"heel")

    assert read(store, KEY) == b"heel"
    assert everything(store) == [KEY]


def test_a_folder_that_another_process_removes_on_the_way_is_made_again(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, removed = os.link, []

    def late(*args: Any, **named: Any) -> None:
        if not removed:
            removed.append(os.rmdir((store.root / KEY).parent))
        link(*args, **named)

    monkeypatch.setattr(os, "link", late)
    put(store, KEY, b"heel")

    assert read(store, KEY) == b"heel"


def test_a_read_error_is_said_to_be_one(store: LocalStore, failing: Callable[..., None]) -> None:
    put(store, KEY, b"x" * 1000)
    failing("preadv", 1, errno.EIO)

    with store.open_read(KEY) as stream, pytest.raises(CopyUnreadable):
        stream.read()


def test_the_last_object_of_a_folder_takes_the_folder_along(store: LocalStore) -> None:
    put(store, KEY, b"x")

    store.delete_version(KEY, "1")

    assert not (store.root / KEY).parent.exists()
    put(store, KEY, b"y")


def test_names_of_uploads_are_never_objects(store: LocalStore) -> None:
    (store.root / UPLOADS / "1-1").write_bytes(b"half")

    assert list(store.list()) == []
    with pytest.raises(NotStored):
        store.stat("1-1")
    put(store, KEY, b"x")
    with pytest.raises(AlreadyStored):
        put(store, KEY, b"x")
