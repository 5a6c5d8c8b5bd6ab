"""A list as canonical JSON, written part by part: what was signed, and what stands beside it.

A snapshot stands in it letter by letter: its SHA-256 is what its leaf under the root is made of.
Source: RFC 8785.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edepot.disposal_documents.beside import Beside
from retention.acts import Act
from retention.list_reading import Item
from storage.ledger import canonical

FORM = 1


def list_json(beside: Beside, items: Iterable[Item], *, public: bool) -> Iterator[str]:
    """The document in pieces; the public one without titles, names and people's own words."""
    yield f'{{"form":{FORM},"items":['
    for number, each in enumerate(items):
        yield "," if number else ""
        yield _item_text(each, public=public)
    yield f'],"list":{canonical(_list_plain(beside, public=public))}}}\n'


def _list_plain(beside: Beside, *, public: bool) -> dict[str, Any]:
    listed = beside.listed
    said = {
        "id": listed.id,
        "kind": listed.kind.value,
        "made_at": listed.made_at,
        "made_by": listed.made_by,
        "name": listed.name,
        "policy": listed.policy,
        "revision": listed.revision,
        "root": listed.root,
        "state": listed.state.value,
        "zorgdrager": listed.zorgdrager,
        "counts": {state.value: count for state, count in beside.counts.items()},
        "revisions": [
            {"revision": each.revision, "root": each.root, "items": each.items, "at": each.made_at}
            for each in beside.revisions
        ],
        "involved": [{"person": person, "duty": duty} for person, duty in beside.involved],
        "acts": [_act_plain(each, public=public) for each in beside.acts],
        "authorisations": [_authorisation(each) for each in beside.authorisations],
    }
    return said if public else said | {"names": dict(beside.names)}


def _act_plain(act: Act, *, public: bool) -> dict[str, Any]:
    said = {
        "person": act.person,
        "duty": act.duty,
        "act": act.act,
        "revision": act.revision,
        "at": act.at,
    }
    return said if public else said | {"said": dict(act.saying)}


def _authorisation(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("revision", "root", "person", "signed_at", "waits_until", "valid_until", "signature")
    return {name: row[name] for name in names} | {"withdrawn_at": row["withdrawn_at"]}


def _item_text(item: Item, *, public: bool) -> str:
    """The canonical object of an item. The snapshot is canonical already, and goes in as it is."""
    before = {
        "dossier": item.dossier,
        "left_at": item.left_at,
        "left_reason": item.left_reason,
        "manifest_sha256": item.manifest_sha256,
        "position": item.position,
    }
    after: dict[str, Any] = {"snapshot_sha256": item.snapshot_sha256, "state": item.state.value}
    if not public:
        before |= {"left_detail": item.left_detail}
        after |= {"title": item.title, "title_salt": item.title_salt}
    return f'{canonical(before)[:-1]},"snapshot":{item.snapshot},{canonical(after)[1:]}'
