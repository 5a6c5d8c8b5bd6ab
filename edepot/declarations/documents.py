"""The documents of a declaration: the two versions, what was signed, and the annexes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from edepot.declarations.pdf import render_declaration
from edepot.declarations.told import Private, tell_declaration
from edepot.messages import Words, as_json
from retention.declaration import Declaration, DeclarationKind, DeclarationState
from retention.declaration_facts import evidence_lines, names_of
from retention.nouns import ItemState
from retention.tables import ACTS, ITEMS, PERSONS, TOMBSTONES


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its name, its title in the messages, its bytes, and whether it is public."""

    name: str
    title: str
    content: bytes
    public: bool


def documents_of(
    connection: Connection, declaration: Declaration, words: Words, at: datetime
) -> tuple[Document, ...]:
    """Every document of a declaration; the same rows at the same instant give the same bytes.

    Once they are kept, those with personal data stand in the AIP alone.
    """
    signed = as_json(signed_plain(connection, declaration))
    public = render_declaration(tell_declaration(declaration, words), signed, at)
    found = [
        Document("verklaring-openbaar.pdf", "public", public, public=True),
        Document("verklaring.json", "data", signed.encode("utf-8"), public=True),
    ]
    if declaration.kind is DeclarationKind.ADDENDUM:
        return tuple(found)
    items = _items(connection, declaration.list)
    found += [
        Document("lijst.json", "list", _json(_listed(items)), public=True),
        Document("handelingen.json", "acts", _json(_acts(connection, declaration)), public=True),
        Document("waarnemingen.json", "evidence", _evidence(connection, declaration), public=True),
        Document("grafstenen.json", "tombstones", _tombstones(connection, items), public=True),
    ]
    if declaration.state is DeclarationState.KEPT:
        return tuple(found)
    private = Private([_told(each) for each in items], names_of(connection))
    told = tell_declaration(declaration, words, private=private)
    full = render_declaration(told, signed, at)
    return (
        Document("verklaring-volledig.pdf", "full", full, public=False),
        *found,
        Document("onderwerpen.json", "titles", _json(_titles(items)), public=False),
    )


def signed_plain(connection: Connection, declaration: Declaration) -> dict[str, Any]:
    """The declaration as it was signed, with what is needed to check the signature."""
    key = connection.execute(
        select(PERSONS.c.public_key).where(PERSONS.c.id == declaration.signed_by)
    ).scalar()
    return {
        "id": declaration.id,
        "kind": declaration.kind.value,
        "said": declaration.said,
        "sha256": declaration.sha256,
        "signed_by": declaration.signed_by,
        "signed_at": declaration.signed_at,
        "signature": declaration.signature,
        "public_key": key or "",
    }


def _items(connection: Connection, list_id: str) -> Sequence[Row[Any]]:
    return connection.execute(
        select(ITEMS).where(ITEMS.c.list == list_id).order_by(ITEMS.c.position)
    ).all()


def _told(item: Row[Any]) -> dict[str, Any]:
    said = json.loads(item.snapshot)
    return {
        "identifier": said["identifier"],
        "title": item.title,
        "rule": f"{said['list_year']}, {said['category']}",
        "end_date": said["end_date"],
        "destroyed_at": item.destroyed_at,
    }


def _listed(items: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """The signed snapshots in the order of their leaves, and what became of each."""
    return [
        {
            "position": each.position,
            "snapshot": each.snapshot,
            "snapshot_sha256": each.snapshot_sha256,
            "state": each.state,
            "left_reason": each.left_reason,
            "destroyed_at": each.destroyed_at,
        }
        for each in items
    ]


def _titles(items: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    return [
        {"dossier": each.dossier, "title": each.title, "title_salt": each.title_salt}
        for each in items
        if each.state == ItemState.DESTROYED
    ]


def _acts(connection: Connection, declaration: Declaration) -> list[dict[str, Any]]:
    keys: Mapping[str, str] = dict(
        connection.execute(select(PERSONS.c.id, PERSONS.c.public_key)).all()
    )
    rows = connection.execute(
        select(ACTS).where(ACTS.c.list == declaration.list).order_by(ACTS.c.number)
    )
    return [dict(each._mapping) | {"public_key": keys.get(each.person, "")} for each in rows]


def _evidence(connection: Connection, declaration: Declaration) -> bytes:
    lines = evidence_lines(connection, declaration.list)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def _tombstones(connection: Connection, items: Sequence[Row[Any]]) -> bytes:
    wanted = [each.dossier for each in items if each.state == ItemState.DESTROYED]
    lines: list[str] = []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = connection.execute(
            select(TOMBSTONES.c.said)
            .where(TOMBSTONES.c.dossier.in_(part))
            .order_by(TOMBSTONES.c.dossier)
        )
        lines += list(rows.scalars())
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def _json(value: Any) -> bytes:
    return (as_json(value) + "\n").encode("utf-8")
