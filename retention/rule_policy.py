"""The policy of a zorgdrager (RulePolicy): what the law leaves to it, by decision and from a day.

A version is never edited; a second person checks it before it counts. Where a zorgdrager has none
the default holds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention.case import Policy, Rounding
from retention.days import trusted_today
from retention.errors import Refused, RulePolicyInvalid
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate, sign
from retention.rule_tables import POLICIES
from retention.terms import NotATerm, read_term
from storage.database import begin
from storage.ledger import canonical

MAKERS = (Role.RECORD_MANAGER, Role.ARCHIVIST)
SHORTEST_WAITING_DAYS = 7
NAMES = frozenset(
    {
        *("waiting_days", "authorisation_months", "review_days", "reread_days", "family"),
        *("executor_may_propose", "rounding", "eligible", "verval_offset_days", "transfer_term"),
        *("transfer_block", "standing"),
    }
)
"""What may be said of a policy."""
FAMILIES = ("all_due", "alone_allowed")
STANDING_NAMES = ("list_year", "category", "archivist", "valid_from", "valid_to", "reference")


@dataclass(frozen=True, slots=True)
class Standing:
    """An archivist's standing authorisation (doorlopende machtiging) for one result of a list."""

    list_year: str
    category: str
    archivist: str
    valid_from: date
    valid_to: date | None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """The choices of a zorgdrager in one version; `terms` are those that move a date.

    `waiting_days`: from signature to start, at least seven. `family`: "all_due" or
    "alone_allowed" (a part may go before its head). `reread_days`: a copy that was read longer
    ago is read again before it is destroyed.
    """

    name: str = "default"
    terms: Policy = field(default_factory=Policy)
    waiting_days: int = 7
    authorisation_months: int = 6
    review_days: int = 20
    family: str = "all_due"
    executor_may_propose: bool = False
    reread_days: int = 30
    standing: tuple[Standing, ...] = ()
    signature_kind: str = "ed25519"
    decision: str = ""
    valid_from: date | None = None
    made_by: str = ""
    checked_by: str = ""


DEFAULT = PolicyVersion()


def policy_for(connection: Connection, zorgdrager: str, on: date) -> PolicyVersion:
    """The policy that holds for a zorgdrager on a day: the newest that was checked and is valid."""
    row = connection.execute(
        select(POLICIES)
        .where(
            POLICIES.c.zorgdrager == zorgdrager,
            POLICIES.c.checked_by != "",
            POLICIES.c.valid_from <= on.isoformat(),
        )
        .order_by(POLICIES.c.valid_from.desc(), POLICIES.c.version.desc())
        .limit(1)
    ).first()
    return DEFAULT if row is None else _policy(row)


def list_policies(connection: Connection, zorgdrager: str) -> tuple[PolicyVersion, ...]:
    """Every version of a zorgdrager, also those that nobody checked yet."""
    rows = connection.execute(
        select(POLICIES).where(POLICIES.c.zorgdrager == zorgdrager).order_by(POLICIES.c.version)
    )
    return tuple(_policy(each) for each in rows)


def set_policy(  # noqa: PLR0913 - what was decided, by which decision, from when
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    said: Mapping[str, Any],
    *,
    decision: str,
    valid_from: date,
) -> PolicyVersion:
    """Write down a new version; it counts once another person has checked it.

    `said`: what differs from the default, by the names of PolicyVersion and case.Policy.

    Raises: RulePolicyInvalid; Refused (mandate, reason_missing).
    """
    read_policy(said, DEFAULT)
    text = canonical(_with_texts(said))
    if not decision.strip():
        raise Refused("reason_missing", zorgdrager=zorgdrager)
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        version = len(list_policies(connection, zorgdrager)) + 1
        connection.execute(
            insert(POLICIES),
            {
                "zorgdrager": zorgdrager,
                "version": version,
                "said": text,
                "decision": decision,
                "valid_from": valid_from.isoformat(),
                "made_by": actor.person,
                "made_at": desk.now().isoformat(),
                "checked_by": "",
                "checked_at": "",
            },
        )
        _note(connection, desk, actor, zorgdrager, "retention.policy_set", version)
        return list_policies(connection, zorgdrager)[-1]


def check_policy(desk: Desk, actor: Actor, zorgdrager: str, version: int) -> PolicyVersion:
    """Agree with a version as a second person: from its day on it holds.

    Raises: Refused (unknown, mandate, same_person, state).
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        one = (POLICIES.c.zorgdrager == zorgdrager, POLICIES.c.version == version)
        row = read_version(connection, zorgdrager, version)
        if row.checked_by:
            raise Refused("state", zorgdrager=zorgdrager, number=version, state="checked")
        if row.made_by == actor.person:
            raise Refused("same_person", person=actor.person, number=version)
        connection.execute(
            update(POLICIES)
            .where(*one)
            .values(checked_by=actor.person, checked_at=desk.now().isoformat())
        )
        _note(connection, desk, actor, zorgdrager, "retention.policy_checked", version)
        return read_version(connection, zorgdrager, version)


def read_version(connection: Connection, zorgdrager: str, version: int) -> PolicyVersion:
    """The version of a number, checked or not.

    Raises: Refused (unknown).
    """
    versions = list_policies(connection, zorgdrager)
    if not 1 <= version <= len(versions):
        raise Refused("unknown", zorgdrager=zorgdrager, number=version)
    return versions[version - 1]


def read_policy(said: Mapping[str, Any], base: PolicyVersion, name: str = "") -> PolicyVersion:
    """A policy from what is said of it, on top of another.

    Raises: RulePolicyInvalid naming what cannot be.
    """
    terms = Policy(
        rounding=Rounding(
            _one_of(
                said, "rounding", base.terms.rounding.value, tuple(each.value for each in Rounding)
            )
        ),
        eligible=_one_of(said, "eligible", base.terms.eligible, ("after", "on")),
        verval_offset_days=_whole(
            said, "verval_offset_days", base.terms.verval_offset_days, 0, highest=1
        ),
        transfer_term=_term(said, "transfer_term", base.terms.transfer_term),
        transfer_block=_term(said, "transfer_block", base.terms.transfer_block),
        name=name or base.terms.name,
    )
    standing = _standings(said)
    if unknown := set(said) - NAMES:
        raise RulePolicyInvalid(
            where=min(unknown), found=min(unknown), expected=", ".join(sorted(NAMES))
        )
    return PolicyVersion(
        name=name or base.name,
        terms=terms,
        standing=standing,
        waiting_days=_whole(said, "waiting_days", base.waiting_days, SHORTEST_WAITING_DAYS),
        authorisation_months=_whole(said, "authorisation_months", base.authorisation_months, 1),
        review_days=_whole(said, "review_days", base.review_days, 1),
        reread_days=_whole(said, "reread_days", base.reread_days, 1),
        family=_one_of(said, "family", base.family, FAMILIES),
        executor_may_propose=_flag(said, "executor_may_propose", base.executor_may_propose),
    )


def signed_content(action: str, row: Row[tuple[str, ...]]) -> bytes:
    """The bytes that who sets or checks a version signs: what it says, and from when."""
    said = {
        "action": action,
        "zorgdrager": row.zorgdrager,
        "version": row.version,
        "said": row.said,
        "decision": row.decision,
        "valid_from": row.valid_from,
    }
    return canonical(said).encode("utf-8")


def _policy(row: Row[tuple[str, ...]]) -> PolicyVersion:
    said = json.loads(row.said)
    read = read_policy(said, DEFAULT, f"{row.zorgdrager}-{row.version}")
    return replace(
        read,
        decision=row.decision,
        valid_from=date.fromisoformat(row.valid_from),
        made_by=row.made_by,
        checked_by=row.checked_by,
    )


def _whole(
    said: Mapping[str, Any], name: str, default: int, lowest: int, *, highest: int = 3650
) -> int:
    value = said.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise RulePolicyInvalid(where=name, found=value, expected=f"{lowest} - {highest}")
    return value


def _flag(said: Mapping[str, Any], name: str, default: bool) -> bool:
    value = said.get(name, default)
    if not isinstance(value, bool):
        raise RulePolicyInvalid(where=name, found=value, expected="true, false")
    return value


def _one_of(said: Mapping[str, Any], name: str, default: str, allowed: Sequence[str]) -> str:
    value = said.get(name, default)
    if value not in allowed:
        raise RulePolicyInvalid(where=name, found=value, expected=", ".join(allowed))
    return str(value)


def _term(said: Mapping[str, Any], name: str, default: str) -> str:
    value = said.get(name, default)
    try:
        read_term(value)
    except (NotATerm, TypeError) as error:
        raise RulePolicyInvalid(where=name, found=value, expected="P20Y") from error
    return str(value)


def _standings(said: Mapping[str, Any]) -> tuple[Standing, ...]:
    value = said.get("standing", [])
    if not isinstance(value, list | tuple):
        raise RulePolicyInvalid(where="standing", found=str(value)[:80], expected="[[standing]]")
    return tuple(_standing(each) for each in value)


def _standing(said: Mapping[str, Any]) -> Standing:
    try:
        if set(said) - set(STANDING_NAMES):
            raise ValueError(min(set(said) - set(STANDING_NAMES)))
        said = _with_texts(said)
        found = Standing(
            list_year=str(said["list_year"]),
            category=str(said["category"]),
            archivist=str(said["archivist"]),
            valid_from=date.fromisoformat(said["valid_from"]),
            valid_to=date.fromisoformat(said["valid_to"]) if said.get("valid_to") else None,
            reference=str(said.get("reference", "")),
        )
        if found.valid_to is not None and found.valid_to < found.valid_from:
            raise ValueError(found.valid_to)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        expected = ", ".join(STANDING_NAMES)
        raise RulePolicyInvalid(
            where="standing", found=str(said)[:80], expected=expected
        ) from error
    return found


def _with_texts(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same with every day as its text: TOML has days of its own."""
    return {
        name: [_with_texts(each) for each in value]
        if isinstance(value, list | tuple)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in said.items()
    }


def _note(  # noqa: PLR0913, PLR0917 - who did what with which version
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, action: str, version: int
) -> None:
    """Let the actor sign the version as it stands, and keep the signature in the ledger."""
    one = (POLICIES.c.zorgdrager == zorgdrager, POLICIES.c.version == version)
    row = connection.execute(select(POLICIES).where(*one)).one()
    signature = sign(connection, actor, signed_content(action, row))
    note(
        connection,
        desk,
        zorgdrager,
        action,
        f"{zorgdrager}-{version}",
        result="ok",
        actor=actor.person,
        origin=actor.origin,
        facts={"signature": signature},
    )
