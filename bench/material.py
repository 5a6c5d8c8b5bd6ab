"""Deliveries to measure with: many dossiers, one with a large file, one with many files."""

import hashlib
import os
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

from edepot.demo.agreements import OOST, agreement_toml
from edepot.demo.cases import DossierKind, case_of
from edepot.demo.documents import Format
from edepot.demo.dossiers import Dossier, Piece, dossier_of
from edepot.demo.mdto_shape import described, described_file, mdto_files
from formats.mdto.model import Verwijzing
from formats.mdto.write import mdto_xml

DAY = date(2024, 3, 1)
DISTINCT = 24
BINARY = Format("bin", "application/octet-stream", "fmt/208", "Binary File")
TEXT = Format("txt", "text/plain", "x-fmt/111", "Plain Text File")


def write_agreement(depot: Path) -> None:
    """An agreement that takes MDTO in, without a scanner, one dossier at a time."""
    agreement = replace(OOST, scan="off", refuse="dossier", packing_slip="optional")
    text = agreement_toml(agreement).replace('file_bytes = "4 GB"', 'file_bytes = "20 GB"')
    text = text.replace("files = 50000", "files = 1000000").replace('"20 GB"', '"900 GB"', 1)
    (depot / "afspraken" / "bench.toml").write_text(text.replace(OOST.id, "bench", 2), "utf-8")


def many_dossiers(folder: Path, count: int, files: int = 10) -> tuple[int, int]:
    """`count` dossiers of `files` real files below the folder; the number of files and their bytes.

    The records of some dozens of dossiers come round again under new identifiers: reading,
    hashing and checking cost the same, and making them costs less.
    """
    owner = OOST.zorgdrager
    kinds = list(DossierKind)
    models = [
        dossier_of(kinds[number % len(kinds)], number, DAY, owner, files)
        for number in range(DISTINCT)
    ]
    size = 0
    for number in range(count):
        model = models[number % DISTINCT]
        case = case_of(kinds[number % DISTINCT % len(kinds)], number, DAY, owner)
        dossier = replace(model, case=case)
        size += sum(len(piece.content) for piece in dossier.pieces)
        write_dossier(folder, dossier)
    return count * files, size


def write_dossier(folder: Path, dossier: Dossier) -> None:
    """The dossier with its sidecars."""
    for path, content in mdto_files(dossier, DAY).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def large_dossier(folder: Path, size_bytes: int) -> Path:
    """A dossier with one file of random bytes, with its sidecar; gives the file's path."""
    case = case_of(DossierKind.PERMIT, 900_000, DAY, OOST.zorgdrager)
    piece = Piece(1, "Opname van de hoorzitting", "opname.bin", BINARY, b"")
    dossier = Dossier(case, (piece,))
    write_dossier(folder, dossier)
    path = next(folder.rglob("opname.bin"))
    digest = _fill(path, size_bytes)
    described = described_file(dossier, piece, DAY)
    checksum = (replace(described.checksum[0], checksumWaarde=digest),)
    sidecar = next(path.parent.glob("opname.bin.bestand*"))
    sidecar.write_bytes(mdto_xml(replace(described, omvang=size_bytes, checksum=checksum)))
    return path


def _fill(path: Path, size_bytes: int) -> str:
    """Write random bytes, durably; their SHA-256."""
    block = random.Random(1).randbytes(8 * 1024 * 1024)
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        left = size_bytes
        while left:
            part = block[: min(left, len(block))]
            digest.update(part)
            left -= stream.write(part)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def wide_dossier(folder: Path, count: int) -> None:
    """One dossier of `count` small text files with a sidecar each, all in one folder."""
    case = case_of(DossierKind.PERMIT, 900_001, DAY, OOST.zorgdrager)
    top = replace(described(Dossier(case, ())), bevatOnderdeel=())
    target = folder / case.identifier
    target.mkdir(parents=True)
    (target / f"{case.identifier}.MDTO.xml").write_bytes(mdto_xml(top))
    above = Verwijzing(top.naam, top.identificatie[0])
    for number in range(1, count + 1):
        name = f"meting-{number:06d}.txt"
        piece = Piece(number, f"Meting {number}", name, TEXT, _text(number))
        file = described_file(Dossier(case, (piece,)), piece, DAY)
        (target / name).write_bytes(piece.content)
        sidecar = mdto_xml(replace(file, isRepresentatieVan=above))
        (target / f"{name}.bestand.MDTO.xml").write_bytes(sidecar)


def _text(number: int) -> bytes:
    seed = hashlib.sha256(str(number).encode()).hexdigest()
    return f"Meting {number}\nWaarde {seed}\n".encode()
