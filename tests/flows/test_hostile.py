"""Hostile deliveries through the whole flow: the right reason, no escape, no leak."""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edepot.demo.delivery import DemoDelivery
from formats.mdto.model import Informatieobject
from formats.mdto.read import read_mdto
from formats.mdto.write import mdto_xml
from ingest.agreement import Refuse, ScanRule
from ingest.receipt import Outcome
from tests.flows.standing import Standing, standing_depot

CANARY = "KANARIE-7731-DIE-NERGENS-MAG-STAAN"
AGREEMENT = "weststellingwerf-zaaksysteem"

Make = Callable[[Path, Path, Path], Path]
"""Given a good dossier's folder, an empty folder and the canary's file: a hostile delivery."""


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing_depot(tmp_path_factory.mktemp("vijandig") / "depot") as standing:
        yield standing


@pytest.fixture(scope="module")
def good(deliveries: dict[str, DemoDelivery]) -> Path:
    return next(
        each for each in deliveries["02-klacht-mdto-andere-namen"].path.iterdir() if each.is_dir()
    )


def copied(good: Path, into: Path, changes: dict[str, bytes | None]) -> Path:
    """The good dossier in a folder, some of its files changed, added or (None) left out."""
    for source in sorted(good.rglob("*")):
        if source.is_file():
            name = source.relative_to(good).as_posix()
            content = changes.get(name, source.read_bytes())
            if content is not None:
                write(into / good.name / name, content)
    for name, content in changes.items():
        if content is not None:
            write(into / good.name / name, content)
    return into


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def sidecar_of(good: Path) -> str:
    return next(path.name for path in good.iterdir() if path.is_file())


def with_sidecar(change: Callable[[bytes, Path], bytes]) -> Make:
    def make(good: Path, into: Path, canary: Path) -> Path:
        name = sidecar_of(good)
        return copied(good, into, {name: change((good / name).read_bytes(), canary)})

    return make


def with_dossier(change: Callable[[Informatieobject], Informatieobject]) -> Make:
    def changed(content: bytes, _canary: Path) -> bytes:
        root = read_mdto(content, "x").root
        assert isinstance(root, Informatieobject)
        return mdto_xml(change(root))

    return with_sidecar(changed)


def entity(content: bytes, canary: Path) -> bytes:
    head, rest = content.split(b"?>", 1)
    dtd = f'<!DOCTYPE MDTO [<!ENTITY k SYSTEM "{canary.as_uri()}">]>'
    return head + b"?>" + dtd.encode() + rest.replace(b"<naam>", b"<naam>&k;", 1)


def laughs(content: bytes, _canary: Path) -> bytes:
    head, rest = content.split(b"?>", 1)
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    dtd = f"<!DOCTYPE MDTO [{''.join(lines)}]>"
    return head + b"?>" + dtd.encode() + rest.replace(b"<naam>", b"<naam>&a11;", 1)


def deep(content: bytes, _canary: Path) -> bytes:
    return content.replace(b"<naam>", b"<naam>" + b"<a>" * 5_000 + b"</a>" * 5_000, 1)


def zipped(name: str, content: bytes = b"x", mode: int = 0) -> Make:
    def make(good: Path, into: Path, _canary: Path) -> Path:
        path = into / "zaken.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
            for source in sorted(good.rglob("*")):
                container.write(source, f"{good.name}/{source.relative_to(good).as_posix()}")
            extra = zipfile.ZipInfo(name)
            extra.external_attr = mode << 16
            container.writestr(extra, content, zipfile.ZIP_DEFLATED)
        return path

    return make


def tarred(member: Callable[[Path], tarfile.TarInfo]) -> Make:
    def make(good: Path, into: Path, canary: Path) -> Path:
        path = into / "zaken.tar"
        with tarfile.open(path, "w") as container:
            container.add(good, good.name)
            container.addfile(member(canary), io.BytesIO())
        return path

    return make


def tar_link(kind: bytes, name: str) -> Callable[[Path], tarfile.TarInfo]:
    def member(canary: Path) -> tarfile.TarInfo:
        made = tarfile.TarInfo(name)
        made.type = kind
        made.linkname = str(canary)
        return made

    return member


def linked(good: Path, into: Path, canary: Path) -> Path:
    copied(good, into, {})
    (into / good.name / "besluit.pdf").symlink_to(canary)
    return into


def piped(good: Path, into: Path, _canary: Path) -> Path:
    copied(good, into, {})
    os.mkfifo(into / good.name / "pijp.pdf")
    return into


def torn(good: Path, into: Path, _canary: Path) -> Path:
    path = zipped("x.txt")(good, into, _canary)
    path.write_bytes(path.read_bytes()[:-300])
    return path


HOSTILE = {
    "external_entity": (with_sidecar(entity), "XML_DTD"),
    "billion_laughs": (with_sidecar(laughs), "XML_DTD"),
    "deep_xml": (with_sidecar(deep), "LIMIT"),
    "no_xml": (with_sidecar(lambda _content, _canary: b"\x00\xff" * 500), "XML_INVALID"),
    "empty_sidecar": (with_sidecar(lambda _content, _canary: b""), "XML_INVALID"),
    "zip_slip": (zipped("../../../ontsnapt.txt"), "PATH_UNSAFE"),
    "zip_absolute": (zipped("/etc/ontsnapt.txt"), "PATH_UNSAFE"),
    "zip_backslash": (zipped("..\\..\\ontsnapt.txt"), "PATH_UNSAFE"),
    "zip_link": (zipped("link", b"/etc/passwd", 0o120777), "LINK"),
    "zip_bomb": (zipped("nullen.bin", b"\0" * 60_000_000), "LIMIT"),
    "zip_control": (zipped("brief\x1b[2J.txt"), "NAME_CONTROL"),
    "zip_reserved": (zipped("CON.txt"), "NAME_RESERVED"),
    "zip_torn": (torn, "ARCHIVE_CORRUPT"),
    "tar_symlink": (tarred(tar_link(tarfile.SYMTYPE, "link")), "LINK"),
    "tar_hardlink": (tarred(tar_link(tarfile.LNKTYPE, "hard")), "LINK"),
    "tar_device": (tarred(tar_link(tarfile.CHRTYPE, "apparaat")), "SPECIAL_FILE"),
    "tar_slip": (tarred(tar_link(tarfile.REGTYPE, "../../ontsnapt.txt")), "PATH_UNSAFE"),
    "folder_link": (linked, "LINK"),
    "folder_pipe": (piped, "SPECIAL_FILE"),
    "unknown_record": (
        lambda good, into, _canary: copied(good, into, {"extra/los.txt": b"x"}),
        "UNLISTED_FILE",
    ),
    "valuation": (
        with_dossier(
            lambda root: replace(root, waardering=replace(root.waardering, begripCode="X"))
        ),
        "RETENTION",
    ),
    "empty_name": (with_dossier(lambda root: replace(root, naam="")), "METADATA_MISSING"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_delivery_is_refused_with_the_right_reason_and_leaves_nothing(
    depot: Standing, good: Path, tmp_path: Path, name: str
) -> None:
    make, reason = HOSTILE[name]
    canary = tmp_path / "geheim.txt"
    canary.write_text(CANARY)
    (tmp_path / "aanlevering").mkdir()
    source = make(good, tmp_path / "aanlevering", canary)

    receipt = depot.take_in_path(
        source, AGREEMENT, scan=ScanRule.OFF, refuse=Refuse.DOSSIER, top_parents=()
    )

    assert receipt.outcome in (Outcome.REFUSED, Outcome.QUARANTINED)
    assert reason in {each.reason for each in receipt.findings}
    assert depot.objects() == []
    assert not list(depot.folder.parent.rglob("ontsnapt*"))
    assert leaks(depot.folder) == []


def test_after_all_of_them_a_good_delivery_is_taken_in(
    depot: Standing, deliveries: dict[str, DemoDelivery]
) -> None:
    assert depot.take_in(deliveries["02-klacht-mdto-andere-namen"]).outcome is Outcome.ACCEPTED


def leaks(folder: Path) -> list[Path]:
    """The files of the depot in which the canary's content stands."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and CANARY.encode() in path.read_bytes()
    ]
