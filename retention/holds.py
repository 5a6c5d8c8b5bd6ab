"""Holds (blokkades): one person places, two release, none ends by itself.

    place -> active -> ask_release -> agree_release (somebody else) -> released
                    <- refuse_release

A hold stops destruction at every moment up to the point of no return of each dossier, and moves no
date. Whoever asks for the release does not agree to it, nor does whoever placed the hold.

Source: domain rules, 3.4 and 6.3; Woo art. 4.1a; AVG art. 15 and 17(3).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from retention import hold_catching, hold_reading, hold_sight
from retention.days import trusted_today
from retention.errors import DossierUnknown, Refused
from retention.hold_acts import Said, needs_reason, write_act
from retention.hold_members import note_late, raise_epoch_of, take_in
from retention.hold_nouns import (
    ROLES,
    Hold,
    HoldAct,
    HoldState,
    Query,
    Scope,
    scope_text,
)
from retention.hold_queries import covered, is_empty
from retention.hold_texts import in_parts
from retention.leaving import By
from retention.nouns import Actor, Desk, HoldKind
from retention.people import Mandate, require_mandate
from retention.tables import DOSSIERS, HOLDS, TOMBSTONES
from storage.catalogue import AIPS
from storage.database import begin, reading

active_on = hold_sight.active_on
active_among = hold_sight.active_among
catch = hold_catching.catch
catch_each = hold_catching.catch_each
read_hold = hold_reading.read_hold
list_holds = hold_reading.list_holds
members_of = hold_reading.members_of
due_reviews = hold_reading.due_reviews
past_holds = hold_reading.past_holds


def place(  # noqa: PLR0913 - each of them stands in the hold
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    kind: HoldKind,
    scope: Scope,
    *,
    reason: str,
    legal_basis: str,
    reference: str,
    review_on: date,
) -> Hold:
    """Place a hold: it counts at once. Its `members` tell how each dossier stands.

    What a query covers is looked for before the transaction that places the hold, so that nobody
    waits for it: what comes in between is found by every guard, which asks the query anew.

    Raises: Refused (mandate, reason_missing, scope_empty, review_on); DossierUnknown for one that
    this zorgdrager does not have, and never had; SignatureWrong.
    """
    placed = Hold(
        id="",
        zorgdrager=zorgdrager,
        kind=kind,
        scope=scope,
        reason=needs_reason(reason),
        legal_basis=needs_reason(legal_basis),
        reference=reference.strip(),
        placed_by=actor.person,
        placed_at="",
        review_on=review_on,
        state=HoldState.ACTIVE,
        asked_by="",
        asked_at="",
        released_by="",
        released_at="",
    )
    _check_scope(scope)
    with reading(desk.engine) as connection:
        _mandate(connection, desk, actor, zorgdrager)
        named = _named(connection, placed)
    with begin(desk.engine) as connection:
        mandate, today = _mandate(connection, desk, actor, zorgdrager)
        if review_on <= today:
            raise Refused("review_on", "the day to look again is over", found=review_on.isoformat())
        hold = replace(placed, id=_next_id(connection), placed_at=desk.now().isoformat())
        raise_epoch_of(connection, zorgdrager)
        connection.execute(insert(HOLDS), _row(hold))
        members = take_in(connection, desk, hold, named, _by(actor))
        facts = {
            "kind": kind.value,
            "scope": list(scope.kinds),
            "members": len(named),
            "review_on": review_on.isoformat(),
        }
        words = {"scope": scope.plain(), "legal_basis": hold.legal_basis, "reference": reference}
        said = Said(HoldAct.PLACE, hold.id, facts, hold.reason, words)
        write_act(connection, desk, actor, mandate, said, "hold.placed")
        note_late(connection, desk, hold, members, _by(actor))
    return replace(hold, members=members)


def add_members(
    desk: Desk, actor: Actor, hold: str, dossiers: Collection[str], *, reason: str
) -> Hold:
    """Put more dossiers under a hold; its `members` tell how each of these stands.

    Raises: HoldUnknown; Refused (mandate, state, reason_missing, scope_empty); DossierUnknown.
    """
    with begin(desk.engine) as connection:
        found = _standing_hold(connection, hold)
        mandate, _ = _mandate(connection, desk, actor, found.zorgdrager)
        if not dossiers:
            raise Refused("scope_empty", "no dossier is named")
        _check_known(connection, found.zorgdrager, dossiers)
        raise_epoch_of(connection, found.zorgdrager)
        named = dict.fromkeys(dossiers, "dossiers")
        members = take_in(connection, desk, found, named, _by(actor))
        facts = {"dossiers": sorted(set(dossiers))}
        said = Said(HoldAct.ADD, hold, facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "hold.added_to")
        note_late(connection, desk, found, members, _by(actor))
    return replace(found, members=members)


def set_review(desk: Desk, actor: Actor, hold: str, review_on: date, *, reason: str) -> Hold:
    """Set the day on which a person looks again whether the hold is still needed.

    Raises: HoldUnknown; Refused (mandate, state, reason_missing, review_on).
    """
    with begin(desk.engine) as connection:
        found = _standing_hold(connection, hold)
        mandate, today = _mandate(connection, desk, actor, found.zorgdrager)
        if review_on <= today:
            raise Refused("review_on", "the day to look again is over", found=review_on.isoformat())
        facts = {"review_on": review_on.isoformat()}
        said = Said(HoldAct.REVIEW, hold, facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "hold.reviewed")
        return _change(connection, found, review_on=review_on.isoformat())


def ask_release(desk: Desk, actor: Actor, hold: str, reason: str) -> Hold:
    """Ask for the release of a hold; it goes on holding until somebody else agrees.

    Raises: HoldUnknown; Refused (mandate, state, reason_missing).
    """
    with begin(desk.engine) as connection:
        found = _standing_hold(connection, hold)
        mandate, _ = _mandate(connection, desk, actor, found.zorgdrager)
        _require_state(found, HoldState.ACTIVE)
        said = Said(HoldAct.ASK, hold, {}, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "hold.release_asked")
        asked = {"asked_by": actor.person, "asked_at": desk.now().isoformat()}
        return _change(connection, found, state=HoldState.RELEASE_ASKED.value, **asked)


def agree_release(desk: Desk, actor: Actor, hold: str) -> Hold:
    """End a hold whose release another person asked for. No date moves.

    Raises: HoldUnknown; Refused (mandate, state); Refused (same_person) for whoever asked, and
    for whoever placed the hold.
    """
    with begin(desk.engine) as connection:
        found = _standing_hold(connection, hold)
        mandate, _ = _mandate(connection, desk, actor, found.zorgdrager)
        _require_state(found, HoldState.RELEASE_ASKED)
        _require_other(actor, found.asked_by, found.placed_by)
        said = Said(HoldAct.RELEASE, hold, {"asked_by": found.asked_by}, "", {})
        write_act(connection, desk, actor, mandate, said, "hold.released")
        released = {"released_by": actor.person, "released_at": desk.now().isoformat()}
        return _change(connection, found, state=HoldState.RELEASED.value, **released)


def refuse_release(desk: Desk, actor: Actor, hold: str, reason: str) -> Hold:
    """Refuse the release that another person asked for: the hold is as it was.

    Raises: HoldUnknown; Refused (mandate, state, same_person, reason_missing).
    """
    with begin(desk.engine) as connection:
        found = _standing_hold(connection, hold)
        mandate, _ = _mandate(connection, desk, actor, found.zorgdrager)
        _require_state(found, HoldState.RELEASE_ASKED)
        _require_other(actor, found.asked_by)
        facts = {"asked_by": found.asked_by}
        said = Said(HoldAct.REFUSE, hold, facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "hold.release_refused")
        return _change(connection, found, state=HoldState.ACTIVE.value, asked_by="", asked_at="")


def _check_scope(scope: Scope) -> None:
    """A question that asks for nothing covers nothing: the hold would be an empty one."""
    named = scope.dossiers or scope.families or scope.objects or scope.persons
    asked = bool(scope.query.plain())
    if (asked and is_empty(scope.query)) or not (named or asked):
        raise Refused("scope_empty", "the scope covers nothing")


def _check_known(connection: Connection, zorgdrager: str, dossiers: Collection[str]) -> None:
    known: set[str] = set()
    for part in in_parts(dossiers):
        for column, owner in (
            (DOSSIERS.c.dossier, DOSSIERS.c.zorgdrager),
            (TOMBSTONES.c.dossier, TOMBSTONES.c.zorgdrager),
            (AIPS.c.aip_id, AIPS.c.zorgdrager),
        ):
            wanted = select(column).where(column.in_(part), owner == zorgdrager)
            known.update(connection.execute(wanted).scalars())
    for each in dossiers:
        if each not in known:
            raise DossierUnknown(dossier=each, zorgdrager=zorgdrager)


def _named(connection: Connection, hold: Hold) -> dict[str, str]:
    """The dossiers that a scope covers now, each with the part of the scope that names it."""
    scope = hold.scope
    _check_known(connection, hold.zorgdrager, (*scope.dossiers, *scope.families))
    named = dict.fromkeys(scope.dossiers, "dossiers")
    for each in sorted(hold_sight.families_of(connection, scope.families)):
        named.setdefault(each, "families")
    if scope.objects or scope.persons:
        linked = hold_sight.ever_linked(connection, hold.zorgdrager, scope)
        rest = replace(hold, scope=replace(scope, families=(), query=Query()))
        for dossier, _, why in hold_sight.scoped_by(connection, [rest], linked):
            named.setdefault(dossier, why)
    if scope.query.plain():
        for each in sorted(covered(connection, hold.zorgdrager, scope.query)):
            named.setdefault(each, "query")
    return named


def _mandate(
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str
) -> tuple[Mandate, date]:
    today = trusted_today(connection, zorgdrager, desk.now())
    return require_mandate(connection, actor, zorgdrager, ROLES, today), today


def _standing_hold(connection: Connection, hold: str) -> Hold:
    """A hold that was not released: what is released stays so, and a new hold is placed."""
    found = read_hold(connection, hold)
    if found.state is HoldState.RELEASED:
        raise Refused("state", f"{hold} was released", state=found.state.value)
    return found


def _require_state(hold: Hold, state: HoldState) -> None:
    if hold.state is not state:
        raise Refused("state", f"{hold.id} is {hold.state.value}", state=hold.state.value)


def _require_other(actor: Actor, *persons: str) -> None:
    if actor.person in persons:
        raise Refused("same_person", "somebody else has to do this", person=actor.person)


def _change(connection: Connection, hold: Hold, **values: str) -> Hold:
    connection.execute(update(HOLDS).where(HOLDS.c.id == hold.id).values(**values))
    return read_hold(connection, hold.id)


def _next_id(connection: Connection) -> str:
    count = connection.execute(select(func.count()).select_from(HOLDS)).scalar_one()
    return f"h{count + 1:04d}"


def _by(actor: Actor) -> By:
    return By(actor.person, actor.origin)


def _row(hold: Hold) -> dict[str, Any]:
    columns = {each.name: getattr(hold, each.name) for each in HOLDS.columns}
    return columns | {
        "kind": hold.kind.value,
        "scope": scope_text(hold.scope),
        "state": hold.state.value,
        "review_on": hold.review_on.isoformat(),
    }
