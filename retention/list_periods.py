"""Which selection list (selectielijst) holds for records: the one of the time they were made in.

Source: Handreiking selectielijst, chapter 2; domain rule R22. A new list changes nothing in what
was made before it.
"""

from datetime import date

PERIODS = (
    (date(1996, 1, 1), "1996/2012"),
    (date(2017, 1, 1), "2017"),
    (date(2020, 1, 1), "2020"),
)
"""From which day on each list holds, oldest first; each holds until the next one."""


def selection_list_for(created_from: date, created_to: date) -> str:
    """The list of the records of a period; "" where a person must decide.

    That is where the period runs over two lists, lies before the first, or runs backwards.
    """
    first, last = _list_on(created_from), _list_on(created_to)
    return first if first == last and created_from <= created_to else ""


def _list_on(day: date) -> str:
    names = [name for since, name in PERIODS if since <= day]
    return names[-1] if names else ""
