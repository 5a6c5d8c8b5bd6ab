"""What a municipal document says, apart from the file format that it is written in."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that writes letters: its letterhead, and the colour of its house style."""

    id: str
    name: str
    address: str
    town: str
    domain: str
    colour: str


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional resident or entrepreneur."""

    name: str
    street: str
    postcode: str
    town: str
    email: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The address as it stands on an envelope."""
        return (self.name, self.street, f"{self.postcode}  {self.town}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a paper."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of points."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table within a paper: a header and rows of as many cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A letter or report: letterhead, addressee, reference lines, text and signature."""

    organisation: Organisation
    title: str
    written_on: date
    reference: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    addressee: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()


Cell = str | int | float | date


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of figures: a title, a header, and rows of as many cells."""

    title: str
    made_on: date
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    author: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with an e-mail."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail message; `sent_at` carries its time zone."""

    sender: str
    receiver: str
    subject: str
    sent_at: datetime
    text: str
    message_id: str
    enclosures: tuple[Enclosure, ...] = ()


def dutch_date(day: date) -> str:
    """The date as a Dutch letter writes it: 2 mei 2024."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def euros(amount: int) -> str:
    """An amount in whole euros as a Dutch letter writes it: € 12.500,00."""
    return "€ " + f"{amount:,}".replace(",", ".") + ",00"


_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
