"""Grounds: the rule and the policy for a dossier, each read once for many dossiers."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, select

from retention import mapping, rules
from retention.active_lists import ActiveLists, read_active_lists
from retention.case import Rule
from retention.days import trusted_today
from retention.rule_policy import PolicyVersion, policy_for
from retention.rule_tables import MAPPINGS

MOST = 20_000
"""So many rules are remembered at once."""


class Described(Protocol):
    """What a rule is looked up by."""

    @property
    def zaaktype(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def list_year(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def started_on(self) -> str: ...
    @property
    def ended_on(self) -> str: ...


class _Turns(NamedTuple):
    """The days on which a mapping of a zaaktype begins and ends to count, each in order."""

    begins: Sequence[str]
    ends: Sequence[str]

    def period(self, on: str) -> tuple[str, ...]:
        """Between which of them a day lies: within it every day gives the same rule."""
        if not on:
            return ("any",)
        return (str(bisect_right(self.begins, on)), str(bisect_left(self.ends, on)))


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is taken to count already, for a preview: policies by zorgdrager, whatever the day;
    mappings; the lists, where others count."""

    policies: Mapping[str, PolicyVersion] = field(default_factory=dict)
    mappings: tuple[mapping.Mapping, ...] = ()
    lists: ActiveLists | None = None


class Grounds:
    """Rules and policies as they stand in one transaction, or would with what is assumed."""

    def __init__(self, connection: Connection, assumed: Assumed | None = None) -> None:
        self._connection = connection
        self._assumed = assumed or Assumed()
        self._lists = self._assumed.lists
        self._policies: dict[tuple[str, date], PolicyVersion] = {}
        self._rules: dict[tuple[object, ...], Rule] = {}
        self._turns: dict[str, dict[str, _Turns]] = {}
        self._days: dict[str, date] = {}

    def today(self, zorgdrager: str, now: datetime) -> date:
        """The trusted day of a zorgdrager, asked once."""
        if zorgdrager not in self._days:
            self._days[zorgdrager] = trusted_today(self._connection, zorgdrager, now)
        return self._days[zorgdrager]

    def policy(self, zorgdrager: str, on: date) -> PolicyVersion:
        """The policy of a zorgdrager on a day."""
        if zorgdrager in self._assumed.policies:
            return self._assumed.policies[zorgdrager]
        key = (zorgdrager, on)
        if key not in self._policies:
            self._policies[key] = policy_for(self._connection, zorgdrager, on)
        return self._policies[key]

    def rule(self, zorgdrager: str, of: Described, *, assigned: bool) -> Rule:
        """The rule of a dossier; a category that a person assigned goes before the mapping."""
        zaaktype, result = ("", "") if assigned else (of.zaaktype, of.result)
        turns = self._turns_of(zorgdrager).get(zaaktype)
        named = (zaaktype, result, turns.period(of.started_on)) if turns else ()
        dates = () if of.list_year else (of.started_on, of.ended_on)
        key = (zorgdrager, of.list_year, of.category, named, dates)
        if key not in self._rules:
            if len(self._rules) >= MOST:
                self._rules.clear()
            self._lists = self._lists or read_active_lists(self._connection)
            self._rules[key] = rules.rule_for(
                self._connection,
                zorgdrager,
                list_year=of.list_year,
                category=of.category,
                # A zaaktype that no mapping names need not be looked up.
                zaaktype=zaaktype if turns else "",
                result=result,
                started_on=of.started_on,
                ended_on=of.ended_on,
                lists=self._lists,
                assumed=self._assumed.mappings,
            )
        return self._rules[key]

    def _turns_of(self, zorgdrager: str) -> dict[str, _Turns]:
        """By zaaktype when its mappings turn; a zaaktype that no mapping names is left out."""
        if zorgdrager not in self._turns:
            wanted = select(MAPPINGS.c.zaaktype, MAPPINGS.c.valid_from, MAPPINGS.c.valid_to).where(
                MAPPINGS.c.zorgdrager == zorgdrager
            )
            found: dict[str, tuple[list[str], list[str]]] = {}
            turns = [tuple(each) for each in self._connection.execute(wanted)]
            for each in self._assumed.mappings:
                if each.zorgdrager == zorgdrager:
                    ends = each.valid_to.isoformat() if each.valid_to else ""
                    turns.append((each.zaaktype, each.valid_from.isoformat(), ends))
            for zaaktype, begins, ends in turns:
                days = found.setdefault(zaaktype, ([], []))
                days[0].append(begins)
                days[1].extend([ends] if ends else [])
            self._turns[zorgdrager] = {
                name: _Turns(sorted(begins), sorted(ends)) for name, (begins, ends) in found.items()
            }
        return self._turns[zorgdrager]
