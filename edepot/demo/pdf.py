"""Papers as PDF and PDF/A, typeset with typst in the layout of a municipal letter."""

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache

import typst

from edepot.demo.papers import Block, Heading, Items, Paper, Paragraph, Table, dutch_date


class Flavour(StrEnum):
    """The standard that a PDF claims, under the name that typst gives it."""

    PLAIN = "1.7"
    A2B = "a-2b"
    A3A = "a-3a"


def pdf(paper: Paper, flavour: Flavour = Flavour.PLAIN) -> bytes:
    """The paper as a PDF; the same paper gives the same bytes."""
    pages = typst.compile(
        _LAYOUT.encode(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(_plain(paper))},
        pdf_standards=flavour.value,
        timestamp=_midnight(paper.written_on),
    )
    return _first(pages)


def page_image(paper: Paper, dots_per_inch: int) -> bytes:
    """The paper's first page as PNG, as a scanner would see it."""
    pages = typst.compile(
        _LAYOUT.encode(),
        format="png",
        ppi=dots_per_inch,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(_plain(paper))},
        timestamp=_midnight(paper.written_on),
    )
    return _first(pages)


def _first(pages: bytes | list[bytes] | None) -> bytes:
    match pages:
        case bytes():
            return pages
        case [bytes() as first, *_]:
            return first
    raise TypeError(f"typst gave {type(pages).__name__}")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _plain(paper: Paper) -> dict[str, object]:
    day = paper.written_on
    sender = paper.organisation
    return {
        "organisation": sender.name,
        "initial": sender.name.split()[-1][0],
        "colour": sender.colour,
        "address": f"{sender.address}, {sender.town}",
        "contact": f"info@{sender.domain}",
        "title": paper.title,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "place": f"{sender.town}, {dutch_date(day)}",
        "addressee": paper.addressee,
        "reference": paper.reference,
        "signature": paper.signature,
        "blocks": [_plain_block(block) for block in paper.blocks],
    }


def _plain_block(block: Block) -> dict[str, object]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Paragraph(text):
            return {"kind": "paragraph", "text": text}
        case Items(lines):
            return {"kind": "items", "lines": lines}
        case Table(header, rows):
            return {"kind": "table", "header": header, "rows": rows}


_LAYOUT = r"""
#let paper = json(bytes(sys.inputs.paper))
#let house = rgb(paper.colour)
#set document(
  title: paper.title,
  author: paper.organisation,
  date: datetime(year: paper.year, month: paper.month, day: paper.day),
)
#set text(lang: "nl", region: "NL", size: 10.5pt, font: "Libertinus Serif")
#set par(justify: false, leading: 0.7em, spacing: 1.1em)
#show heading: set text(fill: house)
#set page(
  paper: "a4",
  margin: (top: 4.2cm, bottom: 2.6cm, left: 2.5cm, right: 2.3cm),
  header: [
    #grid(
      columns: (auto, 1fr),
      gutter: 10pt,
      box(width: 26pt, height: 26pt, fill: house, radius: 3pt,
        align(center + horizon,
          text(fill: white, weight: "bold", size: 15pt, paper.initial))),
      align(horizon, [
        #text(size: 15pt, weight: "bold", fill: house, paper.organisation) \
        #text(size: 8.5pt, paper.address + "  ·  " + paper.contact)
      ]),
    )
    #line(length: 100%, stroke: 1.2pt + house)
  ],
  footer: context [
    #line(length: 100%, stroke: 0.4pt + luma(150))
    #text(size: 8pt, fill: luma(90))[
      #paper.title #h(1fr) pagina #counter(page).display() van #counter(page).final().first()
    ]
  ],
)
#if paper.addressee.len() > 0 [
  #for line in paper.addressee [#line \ ]
  #v(0.8em)
]
#grid(
  columns: (3.4cm, 1fr),
  row-gutter: 6pt,
  text(fill: luma(90), size: 9.5pt)[Datum], paper.place,
  ..paper.reference.map(pair => (
    text(fill: luma(90), size: 9.5pt, pair.at(0)),
    pair.at(1),
  )).flatten()
)
#v(0.6em)
= #paper.title
#v(0.3em)
#for block in paper.blocks {
  if block.kind == "heading" { heading(level: 2, block.text) }
  if block.kind == "paragraph" { par(block.text) }
  if block.kind == "items" { list(..block.lines) }
  if block.kind == "table" {
    table(
      columns: block.header.len(),
      stroke: 0.4pt + luma(170),
      inset: 5pt,
      fill: (_, row) => if row == 0 { house.lighten(85%) },
      table.header(..block.header.map(cell => strong(cell))),
      ..block.rows.flatten(),
    )
  }
}
#if paper.signature.len() > 0 [
  #v(1.2em)
  #block(breakable: false)[#for line in paper.signature [#line \ ]]
]
"""
