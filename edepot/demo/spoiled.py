"""What is wrong with a bad delivery: makers of deliveries that each hold one single fault."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from edepot.demo import hostile, office, pictures, texts_complaint
from edepot.demo.cases import OOSTSTELLINGWERF, OPSTERLAND, WESTSTELLINGWERF, DossierKind
from edepot.demo.containers import bag_1_0, sealed
from edepot.demo.documents import Format
from edepot.demo.dossiers import Dossier, Files, Piece, dossier_of, renamed, with_piece
from edepot.demo.index_shape import csv_export
from edepot.demo.macro import docm
from edepot.demo.mdto_shape import mdto_files
from edepot.demo.slips import slip_for
from edepot.demo.zipping import zip_of

FILLER_BYTES = 30_000_000
"""Zeros in the delivery that inflates beyond its agreement."""

Spoiler = Callable[[date], Files]
"""Gives the files of a delivery that was packed on that day."""


def base_dossier(delivered_on: date) -> Dossier:
    """The good dossier that the faults are made in: a complaint with three documents."""
    opened = date(delivered_on.year - 2, 6, 4)
    return dossier_of(DossierKind.COMPLAINT, 700, opened, WESTSTELLINGWERF, 3)


def base_files(delivered_on: date) -> Files:
    """The good dossier as a delivery of MDTO sidecars."""
    return mdto_files(base_dossier(delivered_on), delivered_on)


def _sidecar_of(delivered_on: date) -> str:
    folder = base_dossier(delivered_on).folder
    return f"{folder}/{folder}.MDTO.xml"


def _path_of(delivered_on: date, stem: str) -> str:
    dossier = base_dossier(delivered_on)
    piece = next(each for each in dossier.pieces if each.stem == stem)
    return f"{dossier.folder}/{piece.stem}/{piece.name}"


def with_replaced(pattern: bytes, put: bytes) -> Spoiler:
    """The base delivery with the first match in the dossier's sidecar replaced."""

    def spoil(delivered_on: date) -> Files:
        files = base_files(delivered_on)
        path = _sidecar_of(delivered_on)
        changed, count = re.subn(pattern, put, files[path], count=1, flags=re.DOTALL)
        if count != 1:
            raise LookupError(f"{pattern!r} stands not in {path}")
        return {**files, path: changed}

    return spoil


def with_content(stem: str, change: Callable[[bytes], bytes]) -> Spoiler:
    """The base delivery in which one file has other bytes, and a sidecar that knows them."""

    def spoil(delivered_on: date) -> Files:
        dossier = base_dossier(delivered_on)
        piece = next(each for each in dossier.pieces if each.stem == stem)
        changed = with_piece(dossier, replace(piece, content=change(piece.content)))
        return mdto_files(changed, delivered_on)

    return spoil


def with_file(title: str, name: str, kind: Format, make: Callable[[date], bytes]) -> Spoiler:
    """The base delivery with one record more."""

    def spoil(delivered_on: date) -> Files:
        piece = Piece(4, title, name, kind, make(delivered_on))
        return mdto_files(with_piece(base_dossier(delivered_on), piece), delivered_on)

    return spoil


def wrong_digest(delivered_on: date) -> Files:
    """The base delivery with one byte of a file changed after its digest was made."""
    files = base_files(delivered_on)
    path = _path_of(delivered_on, "afhandeling")
    content = files[path]
    return {**files, path: content[:-1] + bytes([content[-1] ^ 1])}


def missing_file(delivered_on: date) -> Files:
    """The base delivery without one of the files that its sidecars describe."""
    gone = _path_of(delivered_on, "afhandeling")
    return {path: each for path, each in base_files(delivered_on).items() if path != gone}


def unlisted_file(delivered_on: date) -> Files:
    """The base delivery with a file that nothing describes."""
    note = "Niet vergeten: nog een keer nabellen.\r\n".encode("ascii")
    folder = base_dossier(delivered_on).folder
    return {**base_files(delivered_on), f"{folder}/kladblaadje.txt": note}


def _investigation(delivered_on: date) -> bytes:
    return office.docx_file(texts_complaint.investigation(base_dossier(delivered_on).case))


def locked_docx(delivered_on: date) -> bytes:
    """A Word document with a password."""
    return hostile.locked_docx(_investigation(delivered_on))


def macro(delivered_on: date) -> bytes:
    """A Word document with a macro."""
    return docm(_investigation(delivered_on), delivered_on)


def picture(delivered_on: date) -> bytes:
    """A drawing as PNG."""
    case = base_dossier(delivered_on).case
    return pictures.png(pictures.site_plan(case, 600), case.title)


def virus(_: date) -> bytes:
    """The text that every virus scanner knows."""
    return hostile.virus_test_file()


def zeros(_: date) -> bytes:
    """A long file of nothing."""
    return bytes(FILLER_BYTES)


def external_entity(delivered_on: date) -> Files:
    """The base delivery with a DTD in the dossier's sidecar."""
    files = base_files(delivered_on)
    path = _sidecar_of(delivered_on)
    return {**files, path: hostile.with_external_entity(files[path])}


def other_zorgdrager(delivered_on: date) -> Files:
    """A good dossier of another municipality."""
    opened = date(delivered_on.year - 2, 6, 4)
    dossier = dossier_of(DossierKind.COMPLAINT, 701, opened, OPSTERLAND, 3)
    return mdto_files(dossier, delivered_on)


def unknown_category(delivered_on: date) -> Files:
    """The base delivery under a category that the selection list does not have."""
    dossier = base_dossier(delivered_on)
    category = replace(dossier.case.category, number="99.9", name="Bestaat niet")
    return mdto_files(replace(dossier, case=replace(dossier.case, category=category)), delivered_on)


def broken_bag(delivered_on: date) -> Files:
    """A bag of the base delivery of which one manifest misses a file."""
    bag = bag_1_0(base_files(delivered_on), WESTSTELLINGWERF, delivered_on)
    kept = [line for line in bag["manifest-sha512.txt"].splitlines(True) if b".eml" not in line]
    return sealed({**bag, "manifest-sha512.txt": b"".join(kept)})


def _exported(delivered_on: date) -> list[Dossier]:
    opened = date(delivered_on.year - 3, 2, 4)
    return [dossier_of(DossierKind.SUBSIDY, 810, opened, OOSTSTELLINGWERF, 4)]


def index_missing_file(delivered_on: date) -> Files:
    """An export whose index names a file that was not sent."""
    dossiers = _exported(delivered_on)
    gone = f"{dossiers[0].folder}/{dossiers[0].pieces[-1].name}"
    files = csv_export(dossiers, delivered_on)
    return {path: each for path, each in files.items() if path != gone}


def index_impossible_date(delivered_on: date) -> Files:
    """An export whose index has a date that does not exist."""
    dossiers = _exported(delivered_on)
    files = csv_export(dossiers, delivered_on)
    closed = dossiers[0].case.closed_on.strftime(";%d-%m-%Y;").encode()
    return {**files, "index.csv": files["index.csv"].replace(closed, b";31-02-2024;")}


def name_collision(delivered_on: date) -> Files:
    """An export with two files whose names differ in case alone."""
    dossier = dossier_of(
        DossierKind.COMPLAINT, 811, date(delivered_on.year - 3, 2, 4), OOSTSTELLINGWERF, 10
    )
    letters = [each for each in dossier.pieces if each.format.extension == "pdf"][:2]
    pair = replace(dossier, pieces=tuple(letters))
    return csv_export([renamed(pair, ("Brief.pdf", "brief.PDF"))], delivered_on)


def slip_disagrees(delivered_on: date) -> Files:
    """The base delivery with a packing slip that counts one file too many."""
    files = base_files(delivered_on)
    slip = slip_for(files, WESTSTELLINGWERF, "Klachten", delivered_on)
    return {**files, "pakbon.xml": slip.replace(b"<bestanden>3<", b"<bestanden>4<")}


def one_of_three(delivered_on: date) -> Files:
    """Three inspections, of which one has a changed file."""
    opened = date(delivered_on.year - 2, 3, 4)
    files: Files = {}
    for number in (901, 902, 903):
        dossier = dossier_of(DossierKind.INSPECTION, number, opened, WESTSTELLINGWERF, 4)
        files |= mdto_files(dossier, delivered_on)
    path = next(each for each in files if each.endswith("902/meetgegevens/meetgegevens.csv"))
    return {**files, path: files[path].replace(b"MP1", b"MP9", 1)}


def zipped(files: Files, delivered_on: date) -> bytes:
    """The delivery as one ZIP."""
    return zip_of(files.items(), delivered_on)
