"""A destruction list of many dossiers: made, judged again as at the signing, and written out.

Each dossier has ten documents, one of which also stands in another dossier, and one in a hundred
is a part of the one before it. There are holds of every kind of scope; they touch few.
"""

import base64
import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert

from bench.clock import Figures, seconds_of
from edepot.disposal_documents.writing import ListForm, write_list
from retention import computing, destruction_list, guards, people
from retention.grounds import Grounds
from retention.guard_nouns import Stage
from retention.nouns import Actor, Desk, Role
from retention.register import NewDossier, add_dossiers
from retention.tables import HOLD_MEMBERS, HOLDS
from storage.catalogue import AIPS, COPIES, FILES
from storage.database import begin, open_database, reading
from tests.retention.making import check_lists

ZORGDRAGER = "gm0085"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
PART = 1000
DOCUMENTS = 10
SCOPES = (
    {"query": {"words": "ligplaats compagnonsvaart"}},
    {"query": {"zaaktype": "Subsidie", "period_from": "2016", "period_to": "2017"}},
    {"objects": ["bag:1"]},
    {"persons": ["0" * 64]},
)


def lists(folder: Path, count: int) -> Figures:
    """A list of `count` dossiers."""
    figures = Figures(f"destruction list of {count} dossiers")
    engine = open_database(folder / "lists.sqlite")
    desk = Desk(engine, lambda: AT, lambda: b"\x01" * 32, "edepot bench")
    check_lists(engine)
    start = time.perf_counter()
    for first in range(0, count, PART):
        with begin(engine) as connection:
            _bring_in(connection, desk, range(first, min(count, first + PART)))
    with begin(engine) as connection:
        _hold(connection, count)
        actor = _person(connection, desk)
    figures.add("material: dossiers, files, computations, holds", seconds_of(start))

    start = time.perf_counter()
    made = destruction_list.new_list(desk, actor, ZORGDRAGER, name="Vernietiging")
    figures.add("list made, every guard asked (aim: under 60)", seconds_of(start))
    figures.add("could not come in", len(made.refused), "dossiers")

    start = time.perf_counter()
    with reading(engine) as connection:
        against = list(guards.check_all(connection, desk, made.id, Stage.SIGN, AT.date()))
    figures.add("every guard of the signing, all items (aim: under 30)", seconds_of(start))
    assert not against, against[:3]

    start = time.perf_counter()
    with reading(engine) as connection:
        assert destruction_list.root_of(connection, made.id) == made.root
    figures.add("root computed from the table", seconds_of(start))

    names = SimpleNamespace(zorgdragers=(SimpleNamespace(id=ZORGDRAGER, name="Gemeente"),))
    depot: Any = SimpleNamespace(engine=engine, config=names)
    for form in ListForm:
        start = time.perf_counter()
        file = write_list(depot, made.id, folder / "papers", [form], public=False)[0]
        figures.add(f"written as {form.value}", seconds_of(start))
        figures.add(f"size of the {form.value}", file.stat().st_size / 1e6, "MB")
    engine.dispose()
    return figures


def _bring_in(connection: Connection, desk: Desk, numbers: range) -> None:
    new = [_dossier(number) for number in numbers]
    add_dossiers(connection, new, AT)
    computing.compute_each(
        connection, desk, [each.dossier for each in new], "enrolled", Grounds(connection)
    )
    connection.execute(insert(AIPS), [_aip(number) for number in numbers])
    connection.execute(insert(COPIES), [_copy(n, store) for n in numbers for store in ("a", "b")])
    files = [_file(number, position) for number in numbers for position in range(DOCUMENTS)]
    connection.execute(insert(FILES), files)


def _dossier(number: int) -> NewDossier:
    return NewDossier(
        dossier=_id(number),
        zorgdrager=ZORGDRAGER,
        identifier=f"Z-{number:07d}",
        files=DOCUMENTS,
        size_bytes=DOCUMENTS * 1000,
        zaaktype=f"Bezwaar {number % 40}",
        result="Afgehandeld",
        parent=_id(number - 1) if number % 100 == 1 else "",
        list_year="2020",
        category="13.1",
        started_on=date(2020, 1 + number % 12, 1 + number % 28).isoformat(),
        ended_on=date(2021, 1 + number % 10, 1 + number % 28).isoformat(),
    )


def _id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _aip(number: int) -> dict[str, Any]:
    row = {each.name: "" for each in AIPS.columns}
    figures = {"number": number + 1, "version": 1, "files": DOCUMENTS, "payload_bytes": 10_000}
    title = f"Bezwaar tegen de aanslag van Dorpsstraat {number}"
    named = {"aip_id": _id(number), "zorgdrager": ZORGDRAGER, "identifier": f"Z-{number:07d}"}
    return row | figures | named | {"size_bytes": 12_000, "title": title}


def _copy(number: int, store: str) -> dict[str, Any]:
    row = {each.name: "" for each in COPIES.columns}
    return row | {"aip": number + 1, "store": store, "key": f"{number}", "zorgdrager": ZORGDRAGER}


def _file(number: int, position: int) -> dict[str, Any]:
    row = {each.name: "" for each in FILES.columns}
    # The last document is that of the neighbour as well.
    content = f"{number // 2:032x}shared" if position == 0 else f"{number:032x}{position:032x}"
    figures = {"aip": number + 1, "position": position, "size_bytes": 1000}
    return row | figures | {"path": f"data/{position}", "sha256": content}


def _hold(connection: Connection, count: int) -> None:
    """Holds that cover something of what is asked, and one with members."""
    for number, scope in enumerate(SCOPES):
        row = {each.name: "" for each in HOLDS.columns}
        said = {"id": f"H-{number}", "zorgdrager": ZORGDRAGER, "scope": json.dumps(scope)}
        kind = {"kind": "woo", "state": "active", "review_on": "2027-06-01"}
        connection.execute(insert(HOLDS), row | said | kind)
    members = [
        {"hold": "H-0", "dossier": _id(number), "added_at": "", "why": "query"}
        for number in range(0, count, 1000)
    ]
    connection.execute(insert(HOLD_MEMBERS), members)


def _person(connection: Connection, desk: Desk) -> Actor:
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    person = people.add_person(connection, desk, "Anna", public, "bench").id
    people.give_mandate(
        connection,
        desk,
        person,
        ZORGDRAGER,
        Role.RECORD_MANAGER,
        valid_from=date(2000, 1, 1),
        decision="besluit",
        given_by="bench",
    )
    return Actor(person, "bench", lambda content: base64.b64encode(key.sign(content)).decode())
