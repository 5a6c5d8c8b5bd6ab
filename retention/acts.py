"""What persons did with a list: each act signed with the person's own key, added and never edited.

Signed is canonical JSON of the list, its revision and root, who did what in which duty, what was
said, and when; so that a row that was written or edited in the database alone is found out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from retention import people
from retention.days import trusted_instant
from retention.errors import PersonUnknown, Refused, SignatureWrong
from retention.list_reading import read_list
from retention.nouns import Actor, Desk, Duty
from retention.tables import ACTS
from storage.ledger import canonical


@dataclass(frozen=True, slots=True)
class Act:
    """What one person did with a list as it stood then; `said` is canonical JSON."""

    number: int
    list: str
    revision: int
    root: str
    person: str
    duty: str
    act: str
    said: str
    at: str
    signature: str

    @property
    def saying(self) -> Mapping[str, Any]:
        """What was said, read as JSON."""
        return dict(json.loads(self.said))


def act(  # noqa: PLR0913, PLR0917 - who did what as what, with which list
    connection: Connection,
    desk: Desk,
    actor: Actor,
    list_id: str,
    duty: Duty | None,
    name: str,
    said: Mapping[str, Any],
) -> Act:
    """Write down what a person did with a list as it stands now, with the person's signature.

    `duty` None: in no duty of the list. Asks no mandate and no duty: whoever calls did.

    Raises: ListUnknown; PersonUnknown; SignatureWrong.
    """
    listed = read_list(connection, list_id)
    row: dict[str, Any] = {
        "list": list_id,
        "revision": listed.revision,
        "root": listed.root,
        "person": actor.person,
        "duty": duty.value if duty else "",
        "act": name,
        "said": canonical(said),
        "at": trusted_instant(connection, listed.zorgdrager, desk.now()).isoformat(),
    }
    signature = people.sign(connection, actor, signed_content(row))
    written = insert(ACTS).returning(ACTS.c.number)
    number = connection.execute(written, row | {"signature": signature}).scalar_one()
    return Act(number=number, signature=signature, **row)


def signed_content(row: Mapping[str, Any]) -> bytes:
    """The bytes that a person signs: what the columns of an act say, without number and signature.

    `said` goes in as the text that stands in its column.
    """
    names = ("list", "revision", "root", "person", "duty", "act", "said", "at")
    return canonical({name: row[name] for name in names}).encode("utf-8")


def acts_of(connection: Connection, list_id: str, names: Sequence[str] = ()) -> Iterator[Act]:
    """What was done with a list, in order; only what bears one of these names, when given."""
    wanted = select(ACTS).where(ACTS.c.list == list_id).order_by(ACTS.c.number)
    if names:
        wanted = wanted.where(ACTS.c.act.in_(names))
    return (_act(each) for each in connection.execute(wanted))


def check_acts(connection: Connection, list_id: str) -> None:
    """See that every act of a list bears the right signature of whom it names.

    Raises: Refused (signature), naming the first act that does not.
    """
    for each in acts_of(connection, list_id):
        row = {name: getattr(each, name) for name in Act.__slots__}
        try:
            people.check_signature(connection, each.person, signed_content(row), each.signature)
        except (SignatureWrong, PersonUnknown) as error:
            raise Refused(
                "signature",
                f"{list_id}: act {each.number}",
                list=list_id,
                act=each.act,
                number=each.number,
                person=each.person,
            ) from error


def _act(row: Row[Any]) -> Act:
    return Act(**row._mapping)
