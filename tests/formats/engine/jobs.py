"""Jobs that go wrong, for the tests of the pool: they run in its children."""

import os
import signal
import time
from typing import Any


def echo(value: Any) -> Any:
    return value


def misbehave(value: Any) -> Any:
    """Do what the item says: a name of a misdeed, or anything else to get it back."""
    if value == "print":
        print("noise on stdout")  # noqa: T201 - the misdeed
        os.write(1, b"noise on descriptor 1\n")
        return "printed"
    if value == "raise":
        raise KeyError("boem")
    if value == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if value == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if value == "exit":
        os._exit(3)
    if value == "sleep":
        time.sleep(600)
    if value == "spin":
        while True:
            pass
    if value == "memory":
        return len(bytearray(8 * 1024**3))
    if value == "recurse":
        return misbehave_deep(0)
    if value == "unjson":
        return {1, 2}
    return value


def misbehave_deep(depth: int) -> int:
    return misbehave_deep(depth + 1) + 1


def pid(_: Any) -> int:
    return os.getpid()


def limits_of(_: Any) -> dict[str, Any]:
    import resource

    names = ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
    soft = {name: resource.getrlimit(getattr(resource, name))[0] for name in names}
    return soft | {"session": os.getsid(0), "environ": sorted(os.environ)}


def write_file(size: int) -> int:
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        file.seek(0, 2)
        return file.tell()


def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def reach_out(_: Any) -> dict[str, str]:
    """What becomes of a child that wants to use the network or to start a program."""
    import socket
    import subprocess

    told = {}
    for name, attempt in (
        ("socket", lambda: socket.socket(socket.AF_INET)),
        ("program", lambda: subprocess.run(["/bin/true"], check=True)),
    ):
        try:
            attempt()
            told[name] = "allowed"
        except OSError as error:
            told[name] = type(error).__name__
    return told


def write_into(path: str) -> str:
    from formats.sandbox import landlock_version

    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError as error:
        return type(error).__name__
    return "written" if landlock_version() else "written: no Landlock here"
