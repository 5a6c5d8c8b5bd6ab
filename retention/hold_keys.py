"""Persons in holds: a citizen service number (BSN) only ever as a keyed hash.

Nine digits can be guessed, so a bare hash hides nothing; the key stands apart from the database.
The number itself is never stored: where it stands in the words of a dossier, the dossier gets a
mark, which is that hash.

Source: Wet algemene bepalingen burgerservicenummer; domain rules, 3.4.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from retention.errors import Refused
from retention.hold_nouns import HOLD_MARKS
from retention.hold_texts import holding, in_parts, texts_of

KEY_BYTES = 32
_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{8,9}|[0-9]{3,4}[. ][0-9]{2}[. ][0-9]{3})(?![0-9])")


def bsn_of(text: str) -> str:
    """The nine digits of a BSN as a person types it.

    Raises: Refused (value) when this can be no BSN; the number is not in the message.
    """
    digits = re.sub(r"[. ]", "", text.strip())
    number = digits.zfill(9)
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 9 and _is_bsn(number)):
        raise Refused("bsn", "this can be no BSN")
    return number


def person_hash(key: bytes, bsn: str) -> str:
    """The keyed hash of a BSN (HMAC-SHA-256), in hex.

    Raises: Refused (bsn); Refused (person_key) without a whole key.
    """
    if len(key) < KEY_BYTES:
        raise Refused("person_key", "no key for the numbers of persons")
    return hmac.new(key, f"bsn:{bsn_of(bsn)}".encode("ascii"), hashlib.sha256).hexdigest()


def people_in(key: bytes, texts: Iterable[str]) -> set[str]:
    """The hashes of everything in the texts that can be a BSN."""
    numbers = {
        re.sub(r"[. ]", "", each).zfill(9) for text in texts for each in _NUMBER.findall(text)
    }
    return {person_hash(key, each) for each in numbers if _is_bsn(each)}


def mark(connection: Connection, key: bytes, dossiers: Collection[str]) -> None:
    """Write down whose numbers stand in the words of these dossiers; a mark is never taken back."""
    for part in in_parts(dossiers):
        found = {each: people_in(key, texts) for each, texts in texts_of(connection, part).items()}
        _add_marks(connection, found)


def mark_number(connection: Connection, key: bytes, zorgdrager: str, bsn: str) -> str:
    """Mark every dossier of a zorgdrager in which this number stands now; the hash of it.

    Raises: Refused (bsn, person_key).
    """
    number, hashed = bsn_of(bsn), person_hash(key, bsn)
    found: set[str] = set()
    for part in in_parts(sorted(holding(connection, zorgdrager, _written(number)))):
        texts = texts_of(connection, part)
        found |= {each for each in part if hashed in people_in(key, texts.get(each, ()))}
    for part in in_parts(sorted(found)):
        _add_marks(connection, {each: {hashed} for each in part})
    return hashed


def marked(
    connection: Connection, persons: Collection[str], dossiers: Collection[str]
) -> dict[str, set[str]]:
    """Whose marks these dossiers bear, of these persons."""
    found: dict[str, set[str]] = {}
    wanted = select(HOLD_MARKS).where(
        HOLD_MARKS.c.dossier.in_(dossiers), HOLD_MARKS.c.person.in_(persons)
    )
    for row in connection.execute(wanted):
        found.setdefault(row.dossier, set()).add(row.person)
    return found


def forget_marks(connection: Connection, dossier: str) -> None:
    """Take the marks of a destroyed dossier away."""
    connection.execute(delete(HOLD_MARKS).where(HOLD_MARKS.c.dossier == dossier))


def _written(number: str) -> tuple[str, ...]:
    """The ways in which a BSN is written: in one, with dots or spaces, without a leading zero."""
    shapes = (number, f"{number[:4]}.{number[4:6]}.{number[6:]}")
    every = (*shapes, shapes[1].replace(".", " "))
    return (*every, *(each[1:] for each in every if each.startswith("0")))


def _add_marks(connection: Connection, found: Mapping[str, set[str]]) -> None:
    known = {
        (row.dossier, row.person)
        for row in connection.execute(
            select(HOLD_MARKS).where(HOLD_MARKS.c.dossier.in_(list(found)))
        )
    }
    rows = [
        {"dossier": dossier, "person": person}
        for dossier, persons in found.items()
        for person in sorted(persons)
        if (dossier, person) not in known
    ]
    if rows:
        connection.execute(insert(HOLD_MARKS), rows)


def _is_bsn(number: str) -> bool:
    """The check of eleven (elfproef)."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True))
    return number.strip("0") != "" and total % 11 == 0
