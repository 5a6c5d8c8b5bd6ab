"""The rule for a dossier: by a checked mapping of its zaaktype and result, else by the category
that it bears itself; and why there is none, where there is none.

Source: domain rules R19-R22.
"""

from datetime import date

from sqlalchemy import Connection

from retention.case import Rule, Trigger
from retention.list_periods import selection_list_for
from retention.list_versions import ListRule, active_version, is_known, rules_of
from retention.mapping import Mapping, mapping_for
from retention.selection_list import ProcessTerm, Valuation

UNMAPPED, LAPSED, TWO_LISTS = "unmapped", "lapsed", "two_lists"
LIST_UNKNOWN, CATEGORY_UNKNOWN, UNCHECKED = "list_unknown", "category_unknown", "unchecked"

TRIGGERS = {
    ProcessTerm.NONE: Trigger.CLOSED,
    ProcessTerm.LIFE_OF_OBJECT: Trigger.LIFE_OF_OBJECT,
    ProcessTerm.ESTIMATED_LIFE_OF_OBJECT: Trigger.TERM,
    ProcessTerm.RECORDED_DATE: Trigger.OTHER_DATE,
    ProcessTerm.WITHIN_RETENTION_TERM: Trigger.BIRTH_DATE,
}
"""What starts the term, where no mapping says it: by the list's process term (procestermijn)."""


def rule_for(  # noqa: PLR0913 - what a rule is looked up by
    connection: Connection,
    zorgdrager: str,
    *,
    list_year: str,
    category: str,
    zaaktype: str,
    result: str,
    started_on: str,
    ended_on: str,
) -> Rule:
    """The rule of a dossier; `Rule.problem` says why there is none."""
    mapped = mapping_for(connection, zorgdrager, zaaktype, result, started_on)
    if mapped is not None:
        list_year, category = mapped.list_year, mapped.category
    if not category:
        return Rule(problem=UNMAPPED)
    if not list_year:
        list_year = _year_of(started_on, ended_on)
        if not list_year:
            return Rule(problem=TWO_LISTS)
    if not is_known(connection, list_year):
        return Rule(problem=LIST_UNKNOWN, name=f"{list_year}, {category}")
    version = active_version(connection, list_year)
    if version is None:
        return Rule(problem=UNCHECKED, name=f"{list_year}, {category}")
    found = rules_of(connection, version).get(category)
    if found is None:
        return Rule(problem=CATEGORY_UNKNOWN, name=f"{list_year}, {category}")
    return _rule(found, list_year, mapped)


def _rule(found: ListRule, list_year: str, mapped: Mapping | None) -> Rule:
    listed = found.category
    name = f"{list_year}, {listed.number}"
    if listed.lapsed:
        return Rule(problem=LAPSED, name=name)
    trigger = mapped.trigger if mapped else ""
    if not trigger and listed.valuation is Valuation.KEEP:
        trigger = Trigger.CLOSED
    if not trigger and listed.process_term is not None:
        trigger = TRIGGERS[listed.process_term]
    return Rule(
        valuation=listed.valuation.value if listed.valuation else "",
        term=listed.retention_term or None,
        trigger=trigger or None,
        process_term=(mapped.process_term if mapped else "") or None,
        minimum=found.minimum,
        mixed=found.mixed,
        name=name,
    )


def _year_of(started_on: str, ended_on: str) -> str:
    """The list of the time in which the records were made; "" when that runs over two."""
    try:
        first = date.fromisoformat(started_on)
        last = date.fromisoformat(ended_on) if ended_on else first
    except ValueError:
        return ""
    return selection_list_for(first, last)
