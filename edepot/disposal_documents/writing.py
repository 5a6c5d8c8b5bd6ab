"""A list as files: written beside each other in a folder, whole or not at all.

    write_list(depot, "gm0000-v2026-001", Path("lijst"), [ListForm.PDF, ListForm.JSON], public=True)

The same list at the same revision gives the same bytes and the same names; what stands under such a
name is renewed. The full version can be read by its owner only.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from edepot.config import Config
from edepot.depot import Depot, software
from edepot.disposal_documents.beside import Beside, read_beside
from edepot.disposal_documents.columns import columns_for
from edepot.disposal_documents.csv_form import write_csv
from edepot.disposal_documents.pdf import MOST_ATTACHED, render_list
from edepot.disposal_documents.plain import list_json
from edepot.disposal_documents.sheet import write_xlsx
from edepot.disposal_documents.told import ListTold, Names, tell_list
from edepot.errors import ExportRefused
from edepot.fixity_report.writing import beside_of
from edepot.messages import Words
from retention.list_reading import in_order
from retention.selection_list import known_years, read_selection_list
from storage.database import reading

FULL_MODE = 0o600
PUBLIC_MODE = 0o644


class ListForm(StrEnum):
    """The form of a list as a file; the value is how its name ends."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class _Paper:
    """What every form is written from."""

    connection: Connection
    config: Config
    beside: Beside
    words: Words
    public: bool

    @property
    def at(self) -> datetime:
        """When the list was changed last: the instant that the documents bear."""
        listed = self.beside.listed
        return datetime.fromisoformat(max(listed.changed_at, listed.made_at))

    def json(self) -> Iterable[str]:
        """The canonical JSON in pieces."""
        items = in_order(self.connection, self.beside.listed.id)
        return list_json(self.beside, items, public=self.public)


def write_list(  # noqa: PLR0913, PLR0917 - which list, where to, and how
    depot: Depot,
    list_id: str,
    folder: Path,
    formats: Collection[ListForm],
    public: bool,
    words: Words | None = None,
) -> tuple[Path, ...]:
    """Write a list in these forms into a folder, which is made where it is not there; the files.

    Raises: ListUnknown; ExportRefused when the folder cannot be one.
    """
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(target=folder)
    words = words or Words()
    with reading(depot.engine) as connection:
        beside = read_beside(connection, list_id)
        paper = _Paper(connection, depot.config, beside, words, public)
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write(paper, folder, each) for each in ListForm if each in formats)


def name_of(beside: Beside, form: ListForm, words: Words, *, public: bool) -> str:
    """The name of the file: list, revision, and whether it is the public one."""
    version = words(f"disposal_list.file.{'public' if public else 'full'}")
    listed = beside.listed
    return f"{listed.id}-r{listed.revision}-{version}.{form.value}"


def _write(paper: _Paper, folder: Path, form: ListForm) -> Path:
    target = folder / name_of(paper.beside, form, paper.words, public=paper.public)
    beside = beside_of(target)
    try:
        beside.touch(FULL_MODE)
        _WRITERS[form](paper, beside)
        beside.chmod(PUBLIC_MODE if paper.public else FULL_MODE)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return target


def _write_json(paper: _Paper, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(paper.json())


def _write_csv(paper: _Paper, target: Path) -> None:
    columns = columns_for(paper.beside, paper.words, public=paper.public)
    write_csv(in_order(paper.connection, paper.beside.listed.id), columns, target, paper.words)


def _write_xlsx(paper: _Paper, target: Path) -> None:
    columns = columns_for(paper.beside, paper.words, public=paper.public)
    items = in_order(paper.connection, paper.beside.listed.id)
    told = _tell(paper)
    write_xlsx(told, items, columns, target, paper.words, paper.at)


def _write_pdf(paper: _Paper, target: Path) -> None:
    digest, pieces, size = hashlib.sha256(), [], 0
    for each in paper.json():
        content = each.encode("utf-8")
        digest.update(content)
        size += len(content)
        if size <= MOST_ATTACHED:
            pieces.append(each)
    attached = size <= MOST_ATTACHED
    words = paper.words
    json_name = name_of(paper.beside, ListForm.JSON, words, public=paper.public)
    labels = {
        "none": words("disposal_list.none"),
        "check": words("disposal_list.part.check"),
        "attached": words("disposal_list.attached"),
        "json": words(
            f"disposal_list.json.{'within' if attached else 'apart'}",
            file=json_name,
            sha256=digest.hexdigest(),
        ),
    }
    attachment = "".join(pieces) if attached else ""
    target.write_bytes(render_list(_tell(paper), attachment, labels, paper.at))


def _tell(paper: _Paper) -> ListTold:
    listed = paper.beside.listed
    names = {each.id: each.name for each in paper.config.zorgdragers}
    return tell_list(
        paper.beside,
        in_order(paper.connection, listed.id),
        Names(names.get(listed.zorgdrager, listed.zorgdrager), software(), _published()),
        paper.words,
        public=paper.public,
    )


def _published() -> dict[str, str]:
    """The selection lists by year, with where they were published."""
    found = {str(year): read_selection_list(year) for year in known_years()}
    return {year: f"{each.title} ({each.published})" for year, each in found.items()}


_WRITERS: dict[ListForm, Callable[[_Paper, Path], None]] = {
    ListForm.JSON: _write_json,
    ListForm.CSV: _write_csv,
    ListForm.XLSX: _write_xlsx,
    ListForm.PDF: _write_pdf,
}
