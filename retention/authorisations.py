"""Authorisations: the signature under which a list may be destroyed, while it counts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention.acts import Act, acts_of, check_acts
from retention.errors import Refused
from retention.involvement import check_separated
from retention.list_reading import DisposalList
from retention.list_root import compute_root
from retention.nouns import Desk, ListState, Role
from retention.people import Mandate, mandate_for, read_person
from retention.retracing import check_path
from retention.standing_rules import check_standing
from retention.tables import AUTHORISATIONS
from retention.transitions import Event


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a signatory signed: which revision and root, under which mandate.

    `waits_until`: the last day of waiting. `valid_until`: the last day on which it counts.
    """

    number: int
    list: str
    revision: int
    root: str
    person: str
    mandate: int
    signed_at: str
    waits_until: date
    valid_until: date
    signature: str
    withdrawn_at: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Between which days a signature lets a list be destroyed."""

    waits_until: date
    valid_until: date


def authorisations_of(connection: Connection, list_id: str) -> tuple[Authorisation, ...]:
    """Every authorisation of a list, the oldest first; also those that were withdrawn."""
    wanted = select(AUTHORISATIONS).where(AUTHORISATIONS.c.list == list_id)
    rows = connection.execute(wanted.order_by(AUTHORISATIONS.c.number))
    return tuple(_authorisation(each) for each in rows)


def read_current(connection: Connection, list_id: str) -> Authorisation | None:
    """The last authorisation of a list that was not withdrawn; None when there is none."""
    found = [each for each in authorisations_of(connection, list_id) if not each.withdrawn_at]
    return found[-1] if found else None


def write(connection: Connection, act: Act, mandate: Mandate, terms: Terms) -> None:
    """Keep what a signatory signed: the act bears the dates and the mandate too."""
    connection.execute(
        insert(AUTHORISATIONS),
        {
            "list": act.list,
            "revision": act.revision,
            "root": act.root,
            "person": act.person,
            "mandate": mandate.number,
            "signed_at": act.at,
            "waits_until": terms.waits_until.isoformat(),
            "valid_until": terms.valid_until.isoformat(),
            "signature": act.signature,
            "withdrawn_at": "",
        },
    )


def void(connection: Connection, desk: Desk, list_id: str) -> None:
    """Let no authorisation of a list count any more."""
    connection.execute(
        update(AUTHORISATIONS)
        .where(AUTHORISATIONS.c.list == list_id, AUTHORISATIONS.c.withdrawn_at == "")
        .values(withdrawn_at=desk.now().isoformat())
    )


def check_authorised(connection: Connection, listed: DisposalList, today: date) -> Authorisation:
    """The authorisation under which a list that waits may be started today.

    Asked are: the state, the waiting, the validity, the root of the rows as they stand, every
    signature, the signatory's mandate, four persons over the whole history, and that the signed
    acts led here.

    Raises: Refused (state, unsigned, waiting, expired, hash_mismatch, signature, mandate,
    separation_of_duties, history).
    """
    if listed.state is not ListState.WAITING:
        raise _refused("state", listed, state=listed.state.value, event=Event.START.value)
    found = read_current(connection, listed.id)
    if found is None:
        raise _refused("unsigned", listed)
    if today <= found.waits_until:
        raise _refused(
            "waiting", listed, until=found.waits_until.isoformat(), found=today.isoformat()
        )
    if today > found.valid_until:
        raise _refused("expired", listed, until=found.valid_until.isoformat())
    _check_root(connection, listed, found)
    check_acts(connection, listed.id)
    _check_signed(connection, listed, found)
    _check_mandate(connection, listed, found, today)
    check_separated(connection, listed.id)
    if check_path(connection, listed.id):
        check_standing(connection, listed, today)
    return found


def _check_root(connection: Connection, listed: DisposalList, found: Authorisation) -> None:
    """The root of the rows, of the list, and what was signed are one."""
    rows = compute_root(connection, listed.id)
    for each in (listed.root, rows):
        if each != found.root:
            raise _refused("hash_mismatch", listed, expected=found.root, found=each)
    if found.revision != listed.revision:
        raise _refused("hash_mismatch", listed, expected=found.revision, found=listed.revision)


def _check_signed(connection: Connection, listed: DisposalList, found: Authorisation) -> None:
    """The row of the authorisation says what the signed act says."""
    signed = list(acts_of(connection, listed.id, [Event.SIGN]))
    expected = {
        "mandate": found.mandate,
        "waits_until": found.waits_until.isoformat(),
        "valid_until": found.valid_until.isoformat(),
        "root": found.root,
    }
    for each in signed[-1:]:
        same = (each.person, each.root, each.revision, each.signature, each.at) == (
            found.person,
            found.root,
            found.revision,
            found.signature,
            found.signed_at,
        )
        if same and expected.items() <= each.saying.items():
            return
    raise _refused("signature", listed, act=Event.SIGN.value, person=found.person, number=0)


def _check_mandate(
    connection: Connection, listed: DisposalList, found: Authorisation, today: date
) -> None:
    """Who signed may still sign for the zorgdrager today."""
    roles = [Role.SIGNATORY]
    mandate = mandate_for(connection, found.person, listed.zorgdrager, roles, today)
    if mandate is None or read_person(connection, found.person).ended:
        raise _refused(
            "mandate",
            listed,
            person=found.person,
            zorgdrager=listed.zorgdrager,
            expected=Role.SIGNATORY.value,
        )


def _refused(code: str, listed: DisposalList, **values: object) -> Refused:
    return Refused(code, f"{listed.id}: {code}", list=listed.id, **values)


def _authorisation(row: Row[Any]) -> Authorisation:
    said = dict(row._mapping)
    days = {name: date.fromisoformat(said[name]) for name in ("waits_until", "valid_until")}
    return Authorisation(**said | days)
