"""The ages of last checks in words and pictures: two plots per store, and one table for both."""

from dataclasses import dataclass
from datetime import date, timedelta

from edepot.fixity_report.figures import Bar, Plot, Point, bars_plot, line_plot
from edepot.fixity_report.grid import Column, Grid
from edepot.fixity_report.sentence import listed, share
from edepot.fixity_report.summary import Ages, Bin, Summary
from edepot.messages import Words


@dataclass(frozen=True, slots=True)
class Figure:
    """The plots of one store, and the table with the same numbers."""

    title: str
    plots: tuple[Plot, ...]
    grid: Grid


def figure_of(ages: Ages, summary: Summary, words: Words) -> Figure:
    """The plots of the ages in one store, with their table."""
    days = words.counted("fixity_report.day", ages.days)
    store = summary.name(ages.store)
    title = words("fixity_report.figure.store", store=store, days=days)
    if ages.zorgdragers:
        names = listed([summary.name(each) for each in ages.zorgdragers], words)
        title = words("fixity_report.figure.store_of", store=store, zorgdragers=names, days=days)
    return Figure(
        title,
        (_share_plot(ages, summary, words), _ages_plot(ages, words)),
        _ages_grid(ages, title, words),
    )


def _share_plot(ages: Ages, summary: Summary, words: Words) -> Plot:
    """From the beginning of the rhythm until now: the share that was checked since then."""
    today = summary.as_of.date()
    first = _day(today - timedelta(days=ages.days), words)
    points, checked = [Point(f"{ages.days}", 0.0)], 0
    for each in reversed(ages.timely):
        checked += each.copies
        points.append(Point(f"{each.first}", checked / ages.copies))
    desc = words(
        "fixity_report.figure.share_desc",
        first=first,
        share=share(checked, ages.copies, words),
        last=_day(today, words),
        days=words.counted("fixity_report.day", ages.days),
    )
    return line_plot(
        words("fixity_report.figure.share", day=first),
        desc,
        points,
        words("fixity_report.figure.aim"),
        words("fixity_report.figure.axis"),
    )


def _ages_plot(ages: Ages, words: Words) -> Plot:
    days = words.counted("fixity_report.day", ages.days)
    late = ages.copies - sum(each.copies for each in ages.timely)
    desc = words(
        "fixity_report.figure.ages_desc",
        timely=words.number(ages.copies - late),
        days=days,
        late=words.number(late),
    )
    bars = [
        Bar(
            _range(each, words, short=True),
            each.copies,
            words.number(each.copies) if each.copies else "",
            each.first > ages.days,
        )
        for each in reversed(ages.bins)
    ]
    return bars_plot(
        words("fixity_report.figure.ages"),
        desc,
        bars,
        words("fixity_report.figure.limit", days=days),
        words("fixity_report.figure.axis"),
    )


def _ages_grid(ages: Ages, title: str, words: Words) -> Grid:
    columns = (
        Column(words("fixity_report.figure.bin")),
        Column(words("fixity_report.figure.bin_copies"), number=True),
        Column(words("fixity_report.figure.bin_share"), number=True),
        Column(words("fixity_report.figure.bin_sum"), number=True),
    )
    rows, checked = [], 0
    for each in reversed(ages.bins):
        late = each.first > ages.days
        checked += 0 if late else each.copies
        name = _range(each, words)
        rows.append(
            (
                words("fixity_report.figure.bin_late", range=name) if late else name,
                words.number(each.copies),
                share(each.copies, ages.copies, words),
                "" if late else share(checked, ages.copies, words),
            )
        )
    return Grid(columns, tuple(rows), title)


def _range(part: Bin, words: Words, *, short: bool = False) -> str:
    if part.last is None:
        over = words.number(part.first - 1)
        return f"> {over}" if short else words("fixity_report.figure.bin_over", n=over)
    if part.first == part.last:
        return words.number(part.first)
    return f"{words.number(part.first)}–{words.number(part.last)}"


def _day(day: date, words: Words) -> str:
    return words.day(day.isoformat())
