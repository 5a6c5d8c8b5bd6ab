"""The papers of a transfer: list, restrictions, files; and the documents of the joint declaration.

Source: Archiefbesluit 1995, art. 9 (declaration with specification) and 10 (openness attached).
"""

import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from edepot.declarations.documents import Document, documents_of
from edepot.declarations.pdf import render_declaration
from edepot.errors import DeclarationNotKept
from edepot.messages import Words, as_json
from edepot.transfers.told import tell_joint, tell_list, tell_restrictions
from retention.acts import Act, acts_of
from retention.declaration import Declaration, DeclarationKind
from retention.declaration_facts import names_of
from retention.list_reading import read_list
from retention.transfer import AGREE, agreed_content
from retention.transfer_declaration import item_rows, keys_of, said_of, signatures_of
from retention.transfer_nouns import FileKind, Transfer
from retention.transfer_reading import packed_files, read_transfer, receipts_of
from retention.transfer_restrictions import effective

PAPERS = "-papieren"
DECISION = "besluit-openbaarheid.pdf"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def papers_of(folder: Path) -> Path:
    """Where the papers stand that belong to a package: beside it."""
    return folder.with_name(folder.name + PAPERS)


def transfer_papers(
    connection: Connection, transfer: Transfer, zorgdrager: str, words: Words
) -> dict[str, bytes]:
    """The papers by their names: list and restrictions as PDF, and every file with its digest."""
    at = datetime.fromisoformat(transfer.changed_at)
    listed = _listed(connection, transfer, zorgdrager)
    dossiers = dossiers_told(connection, transfer)
    restrictions = effective(connection, transfer.id)
    agreed = (_agreed(connection, transfer), names_of(connection))
    shown = tell_restrictions(transfer, listed, dossiers, restrictions, agreed, words)
    plain = as_json([dict(each.plain) for each in restrictions])
    found = {
        "overbrengingslijst.pdf": render_declaration(
            tell_list(transfer, listed, dossiers, restrictions, words), as_json(dossiers), at
        ),
        "beperkingen.pdf": render_declaration(shown, plain, at),
    }
    if transfer.packaged_at:
        found["bestanden.csv"] = files_csv(connection, transfer)
    return found


def documents_for(
    connection: Connection, declaration: Declaration, words: Words, at: datetime
) -> tuple[Document, ...]:
    """Every document of a declaration, of whatever kind.

    Raises: DeclarationNotKept when the decision that is attached is not what was signed.
    """
    if declaration.kind is not DeclarationKind.TRANSFER:
        return documents_of(connection, declaration, words, at)
    transfer = read_transfer(connection, declaration.list)
    return joint_documents(connection, declaration, transfer, words, at)


def joint_documents(
    connection: Connection,
    declaration: Declaration,
    transfer: Transfer,
    words: Words,
    at: datetime,
) -> tuple[Document, ...]:
    """The declaration in two versions, what was signed, and the annexes."""
    dossiers = dossiers_told(connection, transfer)
    acts, names = signatures_of(connection, declaration), names_of(connection)
    signed = as_json(_signed_plain(connection, declaration, acts))
    full = tell_joint(declaration, transfer, (acts, names), dossiers, words)
    public = tell_joint(declaration, transfer, (acts, names), None, words)
    restrictions = effective(connection, transfer.id)
    listed = _listed(connection, transfer, declaration.said["zorgdrager"]["name"])
    agreed = (_agreed(connection, transfer), names)
    told = tell_restrictions(transfer, listed, dossiers, restrictions, agreed, words)
    plain = as_json([dict(each.plain) for each in restrictions])
    return (
        Document("verklaring-volledig.pdf", "full", render_declaration(full, signed, at), False),
        Document("verklaring-openbaar.pdf", "public", render_declaration(public, signed, at), True),
        Document("verklaring.json", "data", signed.encode("utf-8"), public=True),
        Document("lijst.json", "list", _json(_snapshots(connection, transfer)), public=True),
        Document("onderwerpen.json", "titles", _json(_titles(connection, transfer)), public=False),
        Document("beperkingen.pdf", "restrictions", render_declaration(told, plain, at), False),
        Document(
            "beperkingen-gegevens.json", "restrictions_data", plain.encode("utf-8"), public=False
        ),
        Document("bestanden.json", "files", _json(_files(connection, transfer)), public=False),
        Document("ontvangst.json", "receipt", _json(_receipt(connection, transfer)), public=True),
        Document("handelingen.json", "acts", _json(_acts(connection, transfer)), public=True),
        *_decision(declaration, transfer),
    )


def dossiers_told(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    """The dossiers as the papers tell them, in the order of the list."""
    return [
        {
            "dossier": each.dossier,
            "identifier": said["identifier"],
            "title": each.title,
            "started_on": said["started_on"],
            "ended_on": said["ended_on"],
            "files": said["files"],
        }
        for each in item_rows(connection, transfer.id)
        if (said := said_of(each))
    ]


def files_csv(connection: Connection, transfer: Transfer) -> bytes:
    """Every file that is delivered: path, SHA-256, bytes, kind, and its path in our package."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow(("path", "sha256", "size_bytes", "kind", "original"))
    for each in packed_files(connection, transfer.id):
        path, original = (_harmless(one) for one in (each.path, each.original))
        rows.writerow((path, each.sha256, each.size_bytes, each.kind.value, original))
    return out.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _listed(connection: Connection, transfer: Transfer, zorgdrager: str) -> dict[str, str]:
    listed = read_list(connection, transfer.id)
    return {
        "name": listed.name,
        "root": listed.root,
        "restrictions": str(agreed_content(connection, transfer)["restrictions"]),
        "zorgdrager": zorgdrager,
    }


def _agreed(connection: Connection, transfer: Transfer) -> tuple[Act, ...]:
    said = agreed_content(connection, transfer)
    return tuple(each for each in acts_of(connection, transfer.id, [AGREE]) if each.saying == said)


def _signed_plain(
    connection: Connection, declaration: Declaration, acts: tuple[Act, ...]
) -> dict[str, Any]:
    keys = keys_of(connection)
    return {
        "id": declaration.id,
        "kind": declaration.kind.value,
        "said": declaration.said,
        "sha256": declaration.sha256,
        "signatures": [_act_plain(each, keys) for each in acts],
    }


def _act_plain(act: Act, keys: dict[str, str]) -> dict[str, Any]:
    names = ("number", "list", "revision", "root", "person", "duty", "act", "said", "at")
    plain = {name: getattr(act, name) for name in names}
    return plain | {"signature": act.signature, "public_key": keys.get(act.person, "")}


def _snapshots(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    names = ("position", "snapshot", "snapshot_sha256")
    return [
        {name: getattr(each, name) for name in names} for each in item_rows(connection, transfer.id)
    ]


def _titles(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    names = ("dossier", "title", "title_salt")
    return [
        {name: getattr(each, name) for name in names} for each in item_rows(connection, transfer.id)
    ]


def _files(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    return [
        {"path": each.path, "sha256": each.sha256, "size_bytes": each.size_bytes}
        for each in packed_files(connection, transfer.id, kind=FileKind.RECORD)
    ]


def _receipt(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    return [
        {"sha256": each.sha256, "whole": each.whole, "taken_at": each.taken_at, **each.saying}
        for each in receipts_of(connection, transfer.id)
        if each.round == transfer.round
    ]


def _acts(connection: Connection, transfer: Transfer) -> list[dict[str, Any]]:
    keys = keys_of(connection)
    return [_act_plain(each, keys) for each in acts_of(connection, transfer.id)]


def _decision(declaration: Declaration, transfer: Transfer) -> tuple[Document, ...]:
    """The decision on openness that is attached, when it was given as a document."""
    expected = declaration.said["openness"]["decision"]["sha256"]
    if not expected:
        return ()
    place = papers_of(Path(transfer.folder)) / DECISION
    try:
        content = place.read_bytes()
    except OSError as error:
        raise DeclarationNotKept(declaration=declaration.id, detail=str(place)) from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise DeclarationNotKept(declaration=declaration.id, detail=f"{place}: SHA-256")
    return (Document(DECISION, "decision", content, public=False),)


def _json(value: Any) -> bytes:
    return (as_json(value) + "\n").encode("utf-8")
