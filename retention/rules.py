"""The rule for a dossier: by a checked mapping of its zaaktype and result, else by the category
that it bears itself; and why there is none, where there is none.

Source: domain rules R19-R22.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from retention.active_lists import ActiveLists, read_active_lists
from retention.case import Rule, Trigger
from retention.list_periods import selection_list_for
from retention.list_versions import ListRule
from retention.mapping import Mapping, mapping_for
from retention.selection_list import ProcessTerm, Valuation
from retention.terms import NotADay, read_day

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
    lists: ActiveLists | None = None,
    assumed: Sequence[Mapping] = (),
) -> Rule:
    """The rule of a dossier; `Rule.problem` says why there is none.

    `lists`: the lists that count, where they were read before. `assumed`: mappings that are taken
    to count already.
    """
    mapped = mapping_for(connection, zorgdrager, zaaktype, result, started_on, assumed)
    if mapped is not None and not _is_below(mapped, list_year, category):
        list_year, category = mapped.list_year, mapped.category
    elif mapped is not None:
        # A specific result goes before the generic one; what starts the term is its own.
        list_year, mapped = mapped.list_year, None
    if not category:
        return Rule(problem=UNMAPPED)
    if not list_year:
        list_year = _year_of(started_on, ended_on)
        if not list_year:
            return Rule(problem=TWO_LISTS)
    lists = lists or read_active_lists(connection)
    if list_year not in lists.known:
        return Rule(problem=LIST_UNKNOWN, name=f"{list_year}, {category}")
    if list_year not in lists.rules:
        return Rule(problem=UNCHECKED, name=f"{list_year}, {category}")
    found = lists.rules[list_year].get(category)
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
    elif not trigger and listed.process_term is not None and not listed.process_term_note:
        # A remark ("5 of 10 jaar", "na kennisgeving") is for a person to read, or for a mapping.
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


def _is_below(mapped: Mapping, list_year: str, category: str) -> bool:
    """Whether a dossier itself names a specific result below the generic one of a mapping."""
    same_list = list_year in {"", mapped.list_year}
    return same_list and category.startswith(f"{mapped.category}.")


def _year_of(started_on: str, ended_on: str) -> str:
    """The list of the time in which the records were made; "" when that runs over two, or cannot
    be read. A year or month counts from its first day to its last."""
    try:
        first = read_day(started_on)
        last = read_day(ended_on) if ended_on else first
    except NotADay:
        return ""
    return selection_list_for(first.first, last.last)
