"""Bringing in the dossiers that a party holds: from a table, for their bytes are not with us.

The municipality stays responsible for them: their terms are computed, holds count, and they go by
an order to the party. The category that the table names is the party's word, as MDTO's is.
"""

import csv
import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from formats.findings import Finding, finding
from retention import computing
from retention.days import trusted_today
from retention.enrolling import put_all
from retention.fact_kinds import FactKind
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate
from retention.register import NewDossier, add_dossiers
from retention.sayings import Saying
from retention.tables import DOSSIERS
from storage.database import begin
from storage.held.parties import Party, read_party

COLUMNS = (
    "identifier", "zaaktype", "result", "list_year", "category", "started_on", "ended_on",
    "files", "size_bytes",
)  # fmt: skip
NEEDED = ("identifier", "list_year", "category", "started_on")
MAX_ROWS = 1_000_000
NAMESPACE = uuid.UUID("3c1b5f64-7a0e-4f6f-9a55-0f7b4f1f9c21")
ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class EnrolledHeld:
    """What came of a table: how many dossiers came in, were there already, and what is wrong."""

    party: str
    added: int
    known: int
    findings: tuple[Finding, ...]


def held_id(zorgdrager: str, party: str, identifier: str) -> str:
    """The id of a dossier that a party holds: the same every time, for it has no package."""
    return str(uuid.uuid5(NAMESPACE, f"{zorgdrager}\n{party}\n{identifier}"))


def enrol_held(desk: Desk, actor: Actor, party_id: str, name: str, content: bytes) -> EnrolledHeld:
    """Bring in the dossiers of a table, all of them or (with findings) none; known ones stay.

    Raises: PartyUnknown; Refused (mandate).
    """
    findings: list[Finding] = []
    rows = list(_rows(name, content, findings))
    with begin(desk.engine) as connection:
        party = read_party(connection, party_id)
        today = trusted_today(connection, party.zorgdrager, desk.now())
        roles = (Role.RECORD_MANAGER, Role.EMPLOYEE)
        require_mandate(connection, actor, party.zorgdrager, roles, today)
        new = [_new(party, row) for row in rows]
        _refuse_twice(name, new, findings)
        if findings:
            return EnrolledHeld(party_id, 0, 0, tuple(findings))
        wanted = select(DOSSIERS.c.dossier).where(DOSSIERS.c.holder == party_id)
        here = set(connection.execute(wanted).scalars())
        fresh = [
            (each, tuple(_facts(each, row, f"party:{party_id}")))
            for each, row in zip(new, rows, strict=True)
            if each.dossier not in here
        ]
        add_dossiers(connection, [each for each, _ in fresh], desk.now())
        put_all(connection, desk, fresh)
        computing.compute_each(connection, desk, [each.dossier for each, _ in fresh], ENROLLED)
        note(
            connection,
            desk,
            party.zorgdrager,
            "retention.enrolled",
            party_id,
            result="done",
            actor=actor.person,
            origin=actor.origin,
            facts={"dossiers": len(fresh)},
        )
    return EnrolledHeld(party_id, len(fresh), len(new) - len(fresh), ())


def _rows(name: str, content: bytes, findings: list[Finding]) -> Iterator[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.append(finding("R670", name, str(error)[:80], "UTF-8"))
        return
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    heads = [each or "" for each in (table.fieldnames or ())]
    if missing := [each for each in NEEDED if each not in heads]:
        findings.append(finding("R670", name, ", ".join(heads)[:80] or "-", ", ".join(missing)))
        return
    for number, row in enumerate(table, start=2):
        where = f"{name}, {number}"
        values = {each: (row.get(each) or "").strip() for each in COLUMNS}
        empty = [each for each in NEEDED if not values[each]]
        counts = [values[each] for each in ("files", "size_bytes") if values[each]]
        if empty or number > MAX_ROWS:
            findings.append(finding("R671", where, ", ".join(empty) or number, ", ".join(NEEDED)))
        elif not all(each.isascii() and each.isdigit() for each in counts):
            findings.append(finding("R671", where, ", ".join(counts), "0, 1, 2 …"))
        else:
            yield values


def _new(party: Party, row: dict[str, str]) -> NewDossier:
    return NewDossier(
        dossier=held_id(party.zorgdrager, party.id, row["identifier"]),
        zorgdrager=party.zorgdrager,
        identifier=row["identifier"],
        files=int(row["files"] or 0),
        size_bytes=int(row["size_bytes"] or 0),
        holder=party.id,
        zaaktype=row["zaaktype"],
        result=row["result"],
        list_year=row["list_year"],
        category=row["category"],
        started_on=row["started_on"],
        ended_on=row["ended_on"],
    )


def _facts(new: NewDossier, row: dict[str, str], source: str) -> Iterator[Saying]:
    said = {
        FactKind.START: row["started_on"],
        FactKind.END: row["ended_on"],
        FactKind.ZAAKTYPE: row["zaaktype"],
        FactKind.RESULT: row["result"],
    }
    for kind, value in said.items():
        if value:
            yield Saying(kind, value, source, new.dossier)
    category = {"list_year": row["list_year"], "category": row["category"]}
    yield Saying(FactKind.CATEGORY, category, source, new.dossier)


def _refuse_twice(name: str, new: Sequence[NewDossier], findings: list[Finding]) -> None:
    seen: set[str] = set()
    for each in new:
        if each.dossier in seen:
            findings.append(finding("R672", name, each.identifier))
        seen.add(each.dossier)
