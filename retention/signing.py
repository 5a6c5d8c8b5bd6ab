"""Signing a list, waiting, and starting it; and what takes a signature back.

    sign(desk, actor, list_id, root=…)      the signatory, over the root that was seen
    startable(connection, desk, list_id, today) -> Authorisation
    start(desk, actor, list_id, answered)   the executor; what fails a guard leaves first
    refuse, abort, expire

Signed on 20 November with a waiting period of seven days, a list may be started from 28 November.
"""

from datetime import date

from sqlalchemy import Connection

from formats.periods import Duration
from retention.authorisations import (
    Authorisation,
    Terms,
    check_authorised,
    read_current,
    void,
    write,
)
from retention.days import trusted_today
from retention.errors import Refused
from retention.list_reading import list_lists, read_list
from retention.moving import Moved, Step, carry_out
from retention.nouns import Actor, Desk, ListState, Role
from retention.people import Mandate, require_mandate
from retention.review_nouns import Advices, advices_plain
from retention.rule_policy import policy_for
from retention.terms import plus
from retention.transitions import Event
from storage.database import begin, reading

SHOWN = 10


def sign(desk: Desk, actor: Actor, list_id: str, *, root: str) -> Moved:
    """Sign a list for the zorgdrager, over the root that the signatory saw.

    When a guard stands against an item, the item leaves, there is a new revision, and nothing was
    signed: the signatory has to look again.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, hash_mismatch, guards).
    """
    with begin(desk.engine) as connection:
        listed = read_list(connection, list_id)
        today = trusted_today(connection, listed.zorgdrager, desk.now())
        mandate = require_mandate(connection, actor, listed.zorgdrager, [Role.SIGNATORY], today)
        terms = _terms(connection, listed.zorgdrager, today)
        moved = carry_out(
            connection, desk, actor, Step(list_id, Event.SIGN, _said(root, mandate, terms))
        )
        if moved.done:
            assert moved.act is not None
            write(connection, moved.act, mandate, terms)
    if not moved.done:
        raise Refused(
            "guards",
            list_id,
            list=list_id,
            found=len(moved.left),
            dossiers=", ".join(each for each, _ in moved.left[:SHOWN]),
            detail=moved.left[0][1][0].code,
        )
    return moved


def refuse(desk: Desk, actor: Actor, list_id: str, reason: str, advices: Advices) -> Moved:
    """Refuse to sign, with a reason for the whole or per item: the proposer has to answer.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, reason_missing).
    """
    said = {"reason": reason, "advices": advices_plain(advices)}
    with begin(desk.engine) as connection:
        return carry_out(connection, desk, actor, Step(list_id, Event.REFUSE_SIGNATURE, said))


def abort(desk: Desk, actor: Actor, list_id: str, reason: str) -> Moved:
    """Stop a list while it waits: it is withdrawn, its signatures are void, its items are free.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, reason_missing).
    """
    with begin(desk.engine) as connection:
        moved = carry_out(connection, desk, actor, Step(list_id, Event.ABORT, {"reason": reason}))
        void(connection, desk, list_id)
        return moved


def startable(connection: Connection, desk: Desk, list_id: str, today: date) -> Authorisation:
    """The authorisation under which a list may be started on a day.

    Raises: ListUnknown; Refused (state, unsigned, waiting, expired, hash_mismatch, signature,
    mandate, separation_of_duties, history).
    """
    del desk
    return check_authorised(connection, read_list(connection, list_id), today)


def start(desk: Desk, actor: Actor, list_id: str, answered: frozenset[str] | None = None) -> Moved:
    """Start a list that was signed and has waited; what fails a guard leaves first.

    `answered`: the stores that are known and gave their inventory. A list that is left with
    nothing is withdrawn. Of a signature that has expired the list goes back to be signed again.

    Raises: ListUnknown; Refused (mandate, separation_of_duties, state, unsigned, waiting, expired,
    hash_mismatch, signature, history).
    """
    try:
        with begin(desk.engine) as connection:
            step = Step(list_id, Event.START, {}, answered=answered)
            return carry_out(connection, desk, actor, step)
    except Refused as refused:
        if refused.code == "expired":
            expire(desk, list_id)
        raise


def expire(desk: Desk, list_id: str) -> Moved:
    """Send a list whose signature no longer counts back to be signed.

    Raises: ListUnknown; Refused (state, not_expired).
    """
    with begin(desk.engine) as connection:
        moved = carry_out(connection, desk, None, Step(list_id, Event.EXPIRE))
        void(connection, desk, list_id)
        return moved


def expire_all(desk: Desk) -> tuple[str, ...]:
    """Send back every list whose signature no longer counts today; which those were."""
    with reading(desk.engine) as connection:
        late = []
        for each in list_lists(connection, states=[ListState.WAITING]):
            today = trusted_today(connection, each.zorgdrager, desk.now())
            current = read_current(connection, each.id)
            if current is not None and today > current.valid_until:
                late.append(each.id)
    for list_id in late:
        expire(desk, list_id)
    return tuple(late)


def _terms(connection: Connection, zorgdrager: str, today: date) -> Terms:
    policy = policy_for(connection, zorgdrager, today)
    return Terms(
        waits_until=plus(today, Duration(days=policy.waiting_days)),
        valid_until=plus(today, Duration(months=policy.authorisation_months)),
    )


def _said(root: str, mandate: Mandate, terms: Terms) -> dict[str, object]:
    return {
        "root": root,
        "mandate": mandate.number,
        "waits_until": terms.waits_until.isoformat(),
        "valid_until": terms.valid_until.isoformat(),
    }
