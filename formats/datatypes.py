"""The simple types of XML Schema: which texts are a date, a duration, a language, a URI.

The judgement is that of libxml2, the validator behind xmllint and lxml, so that one file has
one verdict. Where that is not the letter of XML Schema 1.0 the line below says "libxml2".

Source: W3C XML Schema Part 2: Datatypes, 3.2 and 3.3.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

LONG_MAX = 2**63 - 1
INT_MAX = 2**31 - 1
XML_SPACE = " \t\r\n"


class Space(Enum):
    """What is done with white space before a text is judged."""

    KEPT = "kept"
    COLLAPSED = "collapsed"
    LEADING_DROPPED = "leading dropped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class SimpleType:
    """A kind of text: `accepts` judges it (None: anything goes), `example` shows it to a sender."""

    name: str
    example: str
    accepts: Callable[[str], bool] | None = None
    space: Space = Space.COLLAPSED
    base: "SimpleType | None" = None
    members: tuple["SimpleType", ...] = ()

    def allows(self, text: str) -> bool:
        """Whether the text of an element or attribute is a value of this type."""
        return self.accepts is None or self.accepts(self.judged(text))

    def judged(self, text: str) -> str:
        """The text without the white space that validators look past."""
        if self.space is Space.COLLAPSED:
            return collapsed(text)
        return text.lstrip(XML_SPACE) if self.space is Space.LEADING_DROPPED else text

    def value(self, text: str) -> str:
        """The text as a value: only a string keeps its white space."""
        return text if self.space is Space.KEPT else collapsed(text)

    def derives_from(self, other: "SimpleType") -> bool:
        """Whether xsi:type may name this type where `other` was declared."""
        kind: SimpleType | None = self
        while kind is not None:
            if kind is other or any(kind.derives_from(member) for member in other.members):
                return True
            kind = kind.base
        return False


def collapsed(text: str) -> str:
    """The text without white space around it, and with single spaces within."""
    if not _HAS_SPACE(text):
        return text
    return " ".join(word for word in _SPACES.split(text) if word)


def restricted_string(
    name: str, *, least: int = 0, most: int | None = None, values: Iterable[str] = ()
) -> SimpleType:
    """A string of `least` to `most` characters, or one of a closed list of values."""
    listed = tuple(dict.fromkeys(values))
    if listed:
        closed = frozenset(listed)
        return SimpleType(name, " | ".join(listed), closed.__contains__, Space.KEPT, STRING)
    longest = LONG_MAX if most is None else most
    bounds = f"{least}-{most}" if most is not None else f">= {least}"
    return SimpleType(name, bounds, lambda text: least <= len(text) <= longest, Space.KEPT, STRING)


def union_of(name: str, *members: SimpleType) -> SimpleType:
    """A text that is a value of one of the members; white space around it does not count."""
    accepting = tuple(member.accepts for member in members if member.accepts is not None)
    return SimpleType(
        name,
        " | ".join(member.example for member in members),
        lambda text: any(accepts(text) for accepts in accepting),
        members=members,
    )


_HAS_SPACE = re.compile(r"[ \t\r\n]").search
_SPACES = re.compile(r"[ \t\r\n]+")

_YEAR = r"(-?)((?!0000)[0-9]{4}|[1-9][0-9]{4,18})"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12][0-9]|3[01])"
_ZONE_GIVEN = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_ZONE = f"{_ZONE_GIVEN}?"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"

_G_YEAR = re.compile(_YEAR + _ZONE)
_G_YEAR_MONTH = re.compile(f"{_YEAR}-{_MONTH}{_ZONE}")
_DATE = re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}")
# libxml2 takes white space after an instant, but only after one with a zone.
_DATE_TIME = re.compile(rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}(?:{_ZONE}|{_ZONE_GIVEN}[ \t\r\n]*)")


def is_g_year(text: str) -> bool:
    """A year, with or without a zone; there is no year 0000."""
    return _year_fits(_G_YEAR.fullmatch(text))


def is_g_year_month(text: str) -> bool:
    """A year and a month."""
    return _year_fits(_G_YEAR_MONTH.fullmatch(text))


def is_date(text: str) -> bool:
    """A day that the calendar has."""
    return _day_exists(_DATE.fullmatch(text))


def is_date_time(text: str) -> bool:
    """An instant; 24:00:00 is the end of its day."""
    return _day_exists(_DATE_TIME.fullmatch(text))


def _year_fits(match: re.Match[str] | None) -> bool:
    return match is not None and int(match[2]) <= LONG_MAX  # libxml2: no year above 2^63 - 1


def _day_exists(match: re.Match[str] | None) -> bool:
    if match is None or not _year_fits(match):
        return False
    month, day = int(match[3]), int(match[4])
    return day <= 28 or day <= days_in_month(int(match[1] + match[2]), month)


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month; leap years by the rule of four, also before the year 1."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


# libxml2 takes PT1.S and PT.5S, where the W3C asks digits on both sides of the point.
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9.])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+\.?[0-9]*|\.[0-9]+)S)?)?"
)


def is_duration(text: str) -> bool:
    """A length of time such as P7Y or P1Y6M; there are no weeks and no fractions but of seconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return False
    if len(text) < 18:
        return True
    wholes = [(part or "").split(".")[0].lstrip("0") or "0" for part in match.groups()]
    if max(map(len, wholes)) > 19:
        return False
    numbers = [int(whole) for whole in wholes]
    months = numbers[0] * 12 + numbers[1]
    return max(*numbers, months) <= LONG_MAX  # libxml2: counts in 64 bits


_INTEGER = re.compile(r"[+-]?[0-9]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_SEGMENT_NO_COLON = r"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+"
_HOST = r"(?:\[[^\]]*\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
_USER = r"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
_AUTHORITY = f"//{_USER}{_HOST}(?::([0-9]+))?(?:/{_PCHAR}*)*"
_ABSOLUTE = f"/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
_TAIL = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?\[\]])*)?"
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:(?:{_AUTHORITY}|{_ABSOLUTE}|{_PCHAR}+(?:/{_PCHAR}*)*|)"
    rf"|{_AUTHORITY}|{_ABSOLUTE}|{_SEGMENT_NO_COLON}(?:/{_PCHAR}*)*|){_TAIL}"
)
_ESCAPED_IN_URI = re.compile(r"[^!-~]|[<>\"{}|\\^`]")


def is_any_uri(text: str) -> bool:
    """A URI reference; signs that a URI must escape, and letters beyond ASCII, may stand bare."""
    match = _URI.fullmatch(_ESCAPED_IN_URI.sub("_", text))
    if match is None:
        return False
    ports = [port for port in match.groups() if port]
    return all(int(port[-20:]) <= INT_MAX and len(port.lstrip("0")) < 11 for port in ports)


_NAME_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_CHAR = _NAME_START + "0-9.\xb7\u0300-\u036f\u203f\u2040-"
_NAME = re.compile(f"[:{_NAME_START}][:{_NAME_CHAR}]*")
_NC_NAME = re.compile(f"[{_NAME_START}][{_NAME_CHAR}]*")
_NMTOKEN = re.compile(f"[:{_NAME_CHAR}]+")

STRING = SimpleType("xs:string", "tekst", space=Space.KEPT)
# libxml2 takes no white space around dates, and only before a duration.
G_YEAR = SimpleType("xs:gYear", "2026", is_g_year, Space.REFUSED)
G_YEAR_MONTH = SimpleType("xs:gYearMonth", "2026-12", is_g_year_month, Space.REFUSED)
DATE = SimpleType("xs:date", "2026-12-31", is_date, Space.REFUSED)
DATE_TIME = SimpleType("xs:dateTime", "2026-12-31T23:59:59", is_date_time, Space.REFUSED)
DURATION = SimpleType("xs:duration", "P7Y", is_duration, Space.LEADING_DROPPED)
ANY_URI = SimpleType("xs:anyURI", "https://example.org/zaak", is_any_uri)


def _matching(name: str, example: str, pattern: re.Pattern[str], base: SimpleType) -> SimpleType:
    return SimpleType(name, example, lambda text: bool(pattern.fullmatch(text)), base=base)


NORMALIZED_STRING = SimpleType("xs:normalizedString", "tekst", space=Space.KEPT, base=STRING)
TOKEN = SimpleType("xs:token", "tekst", base=NORMALIZED_STRING)
LANGUAGE = _matching("xs:language", "nl", _LANGUAGE, TOKEN)
NMTOKEN = _matching("xs:NMTOKEN", "naam-1", _NMTOKEN, TOKEN)
NAME = _matching("xs:Name", "naam", _NAME, TOKEN)
NC_NAME = _matching("xs:NCName", "naam", _NC_NAME, NAME)
ID = SimpleType("xs:ID", "naam", NC_NAME.accepts, base=NC_NAME)
IDREF = SimpleType("xs:IDREF", "naam", NC_NAME.accepts, base=NC_NAME)
# An entity would have to be declared in a DTD, and no document with a DTD is read.
ENTITY = SimpleType("xs:ENTITY", "", lambda _text: False, base=NC_NAME)


def _integer(name: str, base: SimpleType | None, least: int | None, most: int | None) -> SimpleType:
    def accepts(text: str) -> bool:
        if not _INTEGER.fullmatch(text):
            return False
        if least is None and most is None:
            return True
        return _within(text, least, most)

    return SimpleType(name, "12" if most is None or most > 0 else "-12", accepts, base=base)


def _within(text: str, least: int | None, most: int | None) -> bool:
    digits = text.lstrip("+-").lstrip("0") or "0"
    value = int(digits[:40]) * (-1 if text.startswith("-") else 1)  # 40 digits: beyond every bound
    return (least is None or value >= least) and (most is None or value <= most)


INTEGER = _integer("xs:integer", None, None, None)
NON_NEGATIVE_INTEGER = _integer("xs:nonNegativeInteger", INTEGER, 0, None)
_NON_POSITIVE = _integer("xs:nonPositiveInteger", INTEGER, None, 0)
_LONG = _integer("xs:long", INTEGER, -(2**63), 2**63 - 1)
_INT = _integer("xs:int", _LONG, -(2**31), 2**31 - 1)
_SHORT = _integer("xs:short", _INT, -(2**15), 2**15 - 1)
_UNSIGNED_LONG = _integer("xs:unsignedLong", NON_NEGATIVE_INTEGER, 0, 2**64 - 1)
_UNSIGNED_INT = _integer("xs:unsignedInt", _UNSIGNED_LONG, 0, 2**32 - 1)
_UNSIGNED_SHORT = _integer("xs:unsignedShort", _UNSIGNED_INT, 0, 2**16 - 1)

BUILT_IN: Mapping[str, SimpleType] = {
    kind.name: kind
    for kind in (
        *(STRING, NORMALIZED_STRING, TOKEN, LANGUAGE, NMTOKEN, NAME, NC_NAME, ID, IDREF, ENTITY),
        *(G_YEAR, G_YEAR_MONTH, DATE, DATE_TIME, DURATION, ANY_URI),
        *(INTEGER, NON_NEGATIVE_INTEGER, _NON_POSITIVE, _LONG, _INT, _SHORT),
        *(_UNSIGNED_LONG, _UNSIGNED_INT, _UNSIGNED_SHORT),
        _integer("xs:negativeInteger", _NON_POSITIVE, None, -1),
        _integer("xs:positiveInteger", NON_NEGATIVE_INTEGER, 1, None),
        _integer("xs:byte", _SHORT, -128, 127),
        _integer("xs:unsignedByte", _UNSIGNED_SHORT, 0, 255),
    )
}
