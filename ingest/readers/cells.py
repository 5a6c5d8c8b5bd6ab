"""What a cell of an index says: dates, terms, sizes and valuations as people write them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from formats.mdto.lists import Waardering
from ingest.mapping import DateFormat

EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_FIRST, EXCEL_LAST = 10_000, 99_999
EARLIEST_YEAR, LATEST_YEAR = 1500, 2200

DAY_MONTH = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
TIME_OF_DAY = re.compile(r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")
SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
YEAR = re.compile(r"\d{4}")

ISO_TERM = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.IGNORECASE
)
WORD_TERM = re.compile(r"(\d{1,6})(?:[.,](\d))?\s*([^\W\d]*)\.?")
UNITS: Mapping[str, str] = {
    "": "Y",
    **dict.fromkeys(("jaar", "jaren", "jr", "j", "year", "years", "y"), "Y"),
    **dict.fromkeys(("maand", "maanden", "mnd", "month", "months", "m"), "M"),
    **dict.fromkeys(("week", "weken", "wk", "weeks", "w"), "W"),
    **dict.fromkeys(("dag", "dagen", "day", "days", "d"), "D"),
}
GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{3}){1,5}|\d{1,18}")

ERROR_VALUES = frozenset(
    {
        *("#N/A", "#N/B", "#REF!", "#VERW!", "#DIV/0!", "#DEEL/0!", "#NAME?", "#NAAM?"),
        *("#VALUE!", "#WAARDE!", "#NUM!", "#GETAL!", "#NULL!", "#LEEG!"),
    }
)

VALUATIONS: Mapping[str, Waardering] = {
    **dict.fromkeys(
        (
            "b",
            "bewaren",
            "blijvend bewaren",
            "blijvend te bewaren",
            "blijvend_bewaren",
            "permanent",
            "permanent bewaren",
        ),
        Waardering.BLIJVEND,
    ),
    **dict.fromkeys(
        ("v", "vernietigen", "te vernietigen", "tijdelijk", "tijdelijk te bewaren"),
        Waardering.TIJDELIJK,
    ),
    **dict.fromkeys(("n", "nader te bepalen", "onbekend"), Waardering.NADER_TE_BEPALEN),
}


def read_date(text: str, formats: Sequence[DateFormat]) -> str | None:
    """The date as yyyy-mm-dd (or yyyy), read in the first format that fits; None when none does.

    A time of day behind it is left off. Years before 1500 and after 2200 are no dates of dossiers.
    """
    for each in formats:
        found = _date_in(text.strip(), each)
        if found is not None:
            return found
    return None


def read_term(text: str) -> str | None:
    """A term as an ISO 8601 duration without weeks: "5 jaar", "5", "P5Y", "6 weken" (P42D).

    None when it cannot be read.
    """
    plain = text.strip()
    iso = ISO_TERM.fullmatch(plain)
    if iso and any(iso.groups()):
        years, months, weeks, days = (int(each or 0) for each in iso.groups())
        return _duration(years * 12 + months, weeks * 7 + days)
    words = WORD_TERM.fullmatch(plain)
    unit = UNITS.get(words[3].casefold()) if words else None
    if words is None or unit is None:
        return None
    return _word_term(int(words[1]), words[2], unit)


def read_size(text: str) -> int | None:
    """A number of bytes: digits, grouped by points or spaces or not; None when it is none."""
    plain = text.strip().removesuffix("bytes").removesuffix("B").strip()
    if not GROUPED.fullmatch(plain):
        return None
    return int(re.sub(r"[ .]", "", plain))


def read_valuation(text: str) -> Waardering | None:
    """B, V or N from the words in use; None when it is another word.

    J and N of an archiefnominatie are not read: systems give them opposite meanings, so the
    mapping profile must translate them.
    """
    return VALUATIONS.get(" ".join(text.casefold().split()))


def _date_in(text: str, kind: DateFormat) -> str | None:
    if kind is DateFormat.EXCEL:
        serial = SERIAL.fullmatch(text)
        number = int(serial[1]) if serial else 0
        known = EXCEL_FIRST <= number <= EXCEL_LAST
        return (EXCEL_EPOCH + timedelta(days=number)).isoformat() if known else None
    if kind is DateFormat.YYYY:
        fits = YEAR.fullmatch(text) and EARLIEST_YEAR <= int(text) <= LATEST_YEAR
        return text if fits else None
    pattern = {DateFormat.YYYY_MM_DD: YEAR_FIRST, DateFormat.YYYYMMDD: PACKED}.get(kind, DAY_MONTH)
    match = pattern.match(text)
    if match is None or not TIME_OF_DAY.fullmatch(text, match.end()):
        return None
    first, second, third = (int(each) for each in match.groups())
    if kind is DateFormat.DD_MM_YYYY:
        return _iso(third, second, first)
    if kind is DateFormat.MM_DD_YYYY:
        return _iso(third, first, second)
    return _iso(first, second, third)


def _iso(year: int, month: int, day: int) -> str | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _word_term(number: int, tenth: str | None, unit: str) -> str | None:
    if tenth not in (None, "0"):
        if unit != "Y" or tenth != "5":
            return None
        return _duration(number * 12 + 6, 0)
    months = {"Y": 12, "M": 1}.get(unit, 0)
    days = {"W": 7, "D": 1}.get(unit, 0)
    return _duration(number * months, number * days)


def _duration(months: int, days: int) -> str:
    years, rest = divmod(months, 12)
    parts = [f"{years}Y" if years else "", f"{rest}M" if rest else "", f"{days}D" if days else ""]
    return "P" + ("".join(parts) or "0D")
