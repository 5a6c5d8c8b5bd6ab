"""The selection list (selectielijst): which results are kept, which destroyed, and when.

Source: Selectielijst gemeenten en intergemeentelijke organen 2017 (Stcrt. 2017, 38013) and
2020 (Stcrt. 2020, 11143). Facts in data/selectielijst.csv, origin in data/selectielijst.toml.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from formats.findings import Finding, finding
from formats.mdto.model import Begrip, Informatieobject
from formats.periods import Duration, NotAPeriod, compare_durations, read_duration
from retention.errors import SelectionListUnknown

NUMBER = re.compile(r"(?<![0-9.])[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}(?![0-9.]*[0-9])", re.ASCII)
YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", re.ASCII)
WEEKS = re.compile(r"P([0-9]{1,6})W", re.ASCII)


class Valuation(StrEnum):
    """What the list says of a result: keep for good (blijvend bewaren) or destroy (vernietigen)."""

    KEEP = "keep"
    DESTROY = "destroy"


class ProcessTerm(StrEnum):
    """When the retention term starts (procestermijn), in the list's own words."""

    NONE = "nihil"
    LIFE_OF_OBJECT = "bestaansduur_procesobject"
    ESTIMATED_LIFE_OF_OBJECT = "ingeschatte_bestaansduur_procesobject"
    RECORDED_DATE = "vast_te_leggen_datum"
    WITHIN_RETENTION_TERM = "samengevoegd_met_bewaartermijn"


@dataclass(frozen=True, slots=True)
class Category:
    """One result of the list. A lapsed result has no valuation; `successor` is what took its place.

    `process_term` None is not the same as NONE (nihil): the list then leaves the cell empty.
    `retention_term` is an ISO 8601 duration, empty for what is kept. `origin` (herkomst): the
    analysis or the law that the valuation rests on.
    """

    year: int
    number: str
    process: str
    result: str
    valuation: Valuation | None
    process_term: ProcessTerm | None
    process_term_note: str
    retention_term: str
    successor: str
    origin: str = ""

    @property
    def lapsed(self) -> bool:
        """Whether the list itself calls this result lapsed (vervallen)."""
        return self.valuation is None

    @property
    def specific(self) -> bool:
        """Whether this is a specific result, which goes before the generic one above it."""
        return self.number.count(".") == 2


@dataclass(frozen=True, slots=True)
class SelectionList:
    """The list of one year: title, when adopted, where published, categories by number."""

    year: int
    title: str
    adopted_on: date
    published: str
    categories: Mapping[str, Category]


def known_years() -> tuple[int, ...]:
    """The years whose list we have, oldest first."""
    return tuple(sorted(_read_lists()))


def read_selection_list(year: int) -> SelectionList:
    """The list of a year.

    Raises: SelectionListUnknown.
    """
    lists = _read_lists()
    if year not in lists:
        raise SelectionListUnknown(f"{year}: {', '.join(map(str, sorted(lists)))}")
    return lists[year]


def category(year: int, number: str) -> Category | None:
    """The category under a number in the list of a year; None when that list has no such number.

    Raises: SelectionListUnknown.
    """
    return read_selection_list(year).categories.get(number)


def check_category(value: Informatieobject, where: str, agreed_year: int) -> list[Finding]:
    """The selection-list category that an object names, against the list itself.

    The list's year is the one that its begrippenlijst names, else the year that was agreed with
    the supplier. An object without a category gives no findings here.
    """
    named = value.informatiecategorie
    if named is None:
        return []
    place = f"{where}, informatiecategorie"
    number = number_in(named)
    if number is None:
        return [finding("R009", place, _shown(named), "11.1, 11.1.2")]
    year = year_in(named, agreed_year)
    if year not in known_years():
        return [finding("R002", place, f"{year}, {number}", ", ".join(map(str, known_years())))]
    found = category(year, number)
    if found is None:
        return [finding("R001", place, number, year)]
    return list(_check_against(value, found, where))


def number_in(named: Begrip) -> str | None:
    """The list's number in a term: in its code, else in its label ("11.1 Verleend")."""
    for text in (named.begripCode or "", named.begripLabel):
        if match := NUMBER.search(text):
            return ".".join(part.lstrip("0") or "0" for part in match[0].split("."))
    return None


def year_in(named: Begrip, agreed_year: int) -> int:
    """The year of the list that a term stands in; `agreed_year` when the list's name bears none.

    Of several years the one whose list we have goes first: "Selectielijst 2020, versie 2021".
    """
    source = named.begripBegrippenlijst
    identification = source.verwijzingIdentificatie
    texts = [source.verwijzingNaam]
    texts += [identification.identificatieKenmerk] if identification else []
    years = [int(each) for text in texts for each in YEAR.findall(text)]
    known = [each for each in years if each in known_years()]
    return (known or years or [agreed_year])[0]


def _check_against(value: Informatieobject, listed: Category, where: str) -> Iterator[Finding]:
    place = f"{where}, informatiecategorie"
    name = f"{listed.number} ({listed.year})"
    if listed.lapsed:
        yield finding("R008", place, name, listed.successor or "-")
        return
    stated = (value.waardering.begripCode or value.waardering.begripLabel).strip().upper()[:1]
    if listed.valuation is Valuation.KEEP and stated == "V":
        yield finding("R003", f"{where}, waardering", stated, name)
    elif listed.valuation is Valuation.DESTROY and stated == "B":
        yield finding("R004", f"{where}, waardering", stated, name)
    elif stated == "N":
        meant = "B" if listed.valuation is Valuation.KEEP else "V"
        yield finding("R005", f"{where}, waardering", name, meant)
    if listed.valuation is Valuation.DESTROY and stated == "V":
        yield from _check_term(value, listed, where)


def _check_term(value: Informatieobject, listed: Category, where: str) -> Iterator[Finding]:
    term = value.bewaartermijn
    place = f"{where}, bewaartermijn"
    stated = (term.termijnLooptijd or "").strip() if term else ""
    if not stated:
        if term is None or not term.termijnEinddatum:
            yield finding("R010", place, f"{listed.number} ({listed.year})", listed.retention_term)
        return
    order = _order(stated, listed.retention_term)
    if order:
        yield finding("R006" if order < 0 else "R007", place, stated, listed.retention_term)


def _order(stated: str, listed: str) -> int:
    """-1 when the stated term is shorter than the listed one, 1 when longer; 0 when equal, or when
    it is no duration at all, which the rules of MDTO tell already."""
    try:
        return compare_durations(_duration(stated), _duration(listed)) or 0
    except NotAPeriod:
        return 0


def _duration(text: str) -> Duration:
    """A duration; weeks, which the list has and xs:duration has not, count as seven days."""
    weeks = WEEKS.fullmatch(text)
    return Duration(days=7 * int(weeks[1])) if weeks else read_duration(text)


def _shown(named: Begrip) -> str:
    return " ".join(part for part in (named.begripCode, named.begripLabel) if part)


@cache
def _read_lists() -> Mapping[int, SelectionList]:
    folder = files("retention") / "data"
    origins = tomllib.loads((folder / "selectielijst.toml").read_text("utf-8"))
    text = (folder / "selectielijst.csv").read_text("utf-8")
    rows = [_category(row) for row in csv.DictReader(text.splitlines())]
    lists = {}
    for name, origin in origins.items():
        year = int(name)
        categories = {each.number: each for each in rows if each.year == year}
        lists[year] = SelectionList(
            year, origin["title"], origin["adopted_on"], origin["published"], categories
        )
    return lists


def _category(row: Mapping[str, str]) -> Category:
    return Category(
        year=int(row["year"]),
        number=row["number"],
        process=row["process"],
        result=row["result"],
        valuation=Valuation(row["valuation"]) if row["valuation"] else None,
        process_term=ProcessTerm(row["process_term"]) if row["process_term"] else None,
        process_term_note=row["process_term_note"],
        retention_term=row["retention_term"],
        successor=row["successor"],
        origin=row["origin"],
    )
