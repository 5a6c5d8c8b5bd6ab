"""Siegfried, by its binding pygfried: in a child process only.

It holds the interpreter while it works, waits on pipes for ever, and hangs after a fork.

Source: PRONOM; Siegfried 1.11.9 with DROID signature file V125.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pygfried

from formats.findings import Finding, finding
from formats.guard import (
    END_BYTES,
    WHOLE_UP_TO_BYTES,
    Kind,
    Looked,
    covers_itself,
    ends_of,
    link_named,
    look,
    weigh_zip,
)
from formats.identify import Identification, Method
from formats.plain import to_plain
from formats.second_sense import NO_HINT, Hint, sense

UNKNOWN = "UNKNOWN"
CODE_OF_KIND = {
    Kind.EMPTY: "F304",
    Kind.MISSING: "F307",
    Kind.UNREADABLE: "F307",
    Kind.LINK: "F309",
    Kind.SPECIAL: "F308",
}


def identify_one(item: list[str]) -> dict[str, Any]:
    """The identification of [path, the sender's name], as plain values."""
    path, name = Path(item[0]), item[1]
    seen = look(path)
    if seen.kind is not Kind.FILE:
        return _plain(_nothing(name, seen.detail or seen.kind, CODE_OF_KIND[seen.kind]))
    heavy = weigh_zip(path, seen.size_bytes) if seen.zipped else ""
    if heavy:
        hint = sense(seen.head)
        return _plain(_nothing(name, heavy, "F305", hint))
    return _plain(_identify(path, name, seen))


def _nothing(name: str, words: str, code: str, hint: Hint = NO_HINT) -> Identification:
    engine, signatures = _facts()
    return Identification(
        name,
        error=words,
        hint=hint,
        engine=engine,
        signatures=signatures,
        findings=(finding(code, name, words),),
    )


def _identify(path: Path, name: str, seen: Looked) -> Identification:
    whole = seen.size_bytes <= WHOLE_UP_TO_BYTES or _is_container(path, seen)
    folder = Path(tempfile.gettempdir())
    try:
        if whole:
            with link_named(path, name, folder) as link:
                answer = pygfried.identify(str(link), detailed=True)
        else:
            with tempfile.NamedTemporaryFile(dir=folder) as ends:
                ends.write(ends_of(path, seen.size_bytes))
                ends.flush()
                with link_named(Path(ends.name), name, folder) as link:
                    answer = pygfried.identify(str(link), detailed=True)
    except OSError as error:
        return _nothing(name, f"siegfried: {error}", "F306")
    return _read_answer(answer, name, seen, "full" if whole else f"head+tail 2x{END_BYTES}")


def _is_container(path: Path, seen: Looked) -> bool:
    """Whether a big file is really a ZIP or OLE2, of which the engine reads single members only."""
    if seen.compound:
        return covers_itself(seen)
    return seen.zipped and b"PK\x05\x06" in ends_of(path, seen.size_bytes)[END_BYTES:]


def _read_answer(
    answer: Mapping[str, Any], name: str, seen: Looked, scanned: str
) -> Identification:
    file = answer["files"][0]
    matches = [each for each in file["matches"] if each["id"] not in ("", UNKNOWN)]
    chosen = matches[0] if matches else {}
    warning = chosen.get("warning") or "; ".join(each["warning"] for each in file["matches"])
    warnings = tuple(part.strip() for part in warning.split(";") if part.strip())
    mismatch = "extension mismatch" in warnings
    method = _method(chosen.get("basis", ""), bool(chosen))
    unsure = mismatch or method in (Method.TEXT, Method.EXTENSION, Method.NONE)
    engine, signatures = _facts()
    identification = Identification(
        path=name,
        puid=chosen.get("id", ""),
        format_name=chosen.get("format", ""),
        version=chosen.get("version", ""),
        mime=chosen.get("mime", ""),
        basis=chosen.get("basis", ""),
        method=method,
        warnings=warnings,
        alternatives=tuple(each["id"] for each in matches[1:]),
        extension_mismatch=mismatch,
        hint=sense(seen.head) if unsure else NO_HINT,
        engine=engine,
        signatures=signatures,
        scanned=scanned,
        error=file["errors"],
    )
    return replace(identification, findings=tuple(_findings(identification)))


def _method(basis: str, known: bool) -> Method:
    if not known:
        return Method.NONE
    if "container" in basis:
        return Method.CONTAINER
    if "byte match" in basis:
        return Method.SIGNATURE
    if "xml match" in basis:
        return Method.XML
    if "text match" in basis:
        return Method.TEXT
    return Method.EXTENSION


def _findings(seen: Identification) -> list[Finding]:
    label = f"{seen.puid} {seen.format_name} {seen.version}".strip()
    if not seen.puid:
        return [finding("F301", seen.path, seen.hint.mime)]
    if seen.extension_mismatch and seen.method is not Method.TEXT:
        return [finding("F302", seen.path, label, _extension(seen.path))]
    by_name = seen.method is Method.EXTENSION and not seen.hint.textual
    if seen.extension_mismatch or by_name:
        return [finding("F310", seen.path, label, seen.hint.mime)]
    return []


def _extension(name: str) -> str:
    base = name.rsplit("/", 1)[-1]
    return base.rpartition(".")[2] if "." in base else "-"


@cache
def _facts() -> tuple[str, str]:
    """The engine's and its signatures' names and versions."""
    with tempfile.NamedTemporaryFile() as probe:
        probe.write(b"%PDF-1.4")
        probe.flush()
        answer = pygfried.identify(probe.name, detailed=True)
    engine = f"siegfried {answer['siegfried']} (pygfried {version('pygfried')})"
    return engine, "; ".join(each["details"] for each in answer["identifiers"])


def _plain(value: Identification) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(value)
    return plain
