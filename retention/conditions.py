"""The conditions of the transitions: each asks one thing, and refuses with a code and values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from retention.authorisations import check_authorised, read_current
from retention.errors import Refused
from retention.involvement import involved, reviewers
from retention.list_reading import DisposalList, count_items, item_of
from retention.list_root import compute_root
from retention.nouns import ON_LIST, Actor, Desk, Duty, ItemState
from retention.remarks import open_remarks, to_judge
from retention.review_nouns import WHOLE, AdviceKind, AnswerKind
from retention.standing_rules import check_standing
from retention.transitions import Condition, Event

TERMINAL = (ItemState.DESTROYED, ItemState.LEFT)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is asked: who wants which event of which list, saying what; `actor` None: the system."""

    connection: Connection
    desk: Desk
    listed: DisposalList
    today: date
    event: Event
    actor: Actor | None
    said: Mapping[str, Any]

    def refuse(self, code: str, **values: object) -> Refused:
        """The refusal of this list."""
        return Refused(code, f"{self.listed.id}: {code}", list=self.listed.id, **values)


def on_list(connection: Connection, list_id: str) -> int:
    """How many items stand on a list."""
    counts = count_items(connection, list_id)
    return sum(counts.get(each, 0) for each in ON_LIST)


def _has_items(moment: Moment) -> None:
    if on_list(moment.connection, moment.listed.id) == 0:
        raise moment.refuse("empty_list")


def _reviewers_assigned(moment: Moment) -> None:
    if not moment.said["reviewers"]:
        raise moment.refuse("no_reviewers")


def _assigned(moment: Moment) -> None:
    assert moment.actor is not None
    row = involved(moment.connection, moment.listed.id, moment.actor.person)
    expected = Duty.CO_REVIEWER if moment.event is Event.COMMENT else Duty.REVIEWER
    if row is None or row.duty is not expected or not row.active:
        raise moment.refuse("not_assigned", person=moment.actor.person, expected=expected.value)


def _advices(moment: Moment) -> None:
    """What is advised on stands on the list, and keep and ask have their reason."""
    for dossier, each in moment.said["advices"].items():
        item = item_of(moment.connection, moment.listed.id, dossier)
        if item is None or item.state not in ON_LIST:
            raise moment.refuse("not_on_list", dossier=dossier)
        if each["advice"] != AdviceKind.DESTROY and not each["reason"].strip():
            raise moment.refuse("reason_missing", dossier=dossier)


def _no_remarks(moment: Moment) -> None:
    """An approval says nothing against any item, and nothing is left to answer."""
    against = [name for name, each in moment.said["advices"].items() if _is_remark(each)]
    unanswered = [each.dossier for each in open_remarks(moment.connection, moment.listed.id)]
    if against or unanswered:
        raise moment.refuse("contradiction", dossiers=_named([*against, *unanswered]))


def _remarks(moment: Moment) -> None:
    """Who rejects says of at least one item why."""
    if not any(_is_remark(each) for each in moment.said["advices"].values()):
        raise moment.refuse("contradiction", dossiers="")


def _counted(moment: Moment) -> None:
    found = on_list(moment.connection, moment.listed.id)
    if moment.said["count"] != found:
        raise moment.refuse("count_differs", expected=found, found=moment.said["count"])


def _all_agreed(moment: Moment) -> None:
    waits = to_judge(moment.connection, moment.listed.id)
    if waits or not reviewers(moment.connection, moment.listed.id):
        raise moment.refuse("not_agreed", people=", ".join(waits))


def _all_answered(moment: Moment) -> None:
    """Every remark has its answer and a reason; what is taken off names its ground."""
    answers = moment.said["answers"]
    remarks = {each.dossier for each in open_remarks(moment.connection, moment.listed.id)}
    unknown = answers.keys() - remarks
    if unknown:
        raise moment.refuse("no_remark", dossiers=_named(sorted(unknown)))
    if WHOLE in remarks and not moment.said["reason"].strip():
        raise moment.refuse("unanswered", dossiers="")
    missing = remarks - answers.keys() - {WHOLE}
    if missing:
        raise moment.refuse("unanswered", dossiers=_named(sorted(missing)))
    for dossier, each in answers.items():
        grounds = each["because"] and each["reference"].strip()
        if not each["reason"].strip() or (each["answer"] == AnswerKind.OFF and not grounds):
            raise moment.refuse("reason_missing", dossier=dossier)


def _standing(moment: Moment) -> None:
    check_standing(moment.connection, moment.listed, moment.today)


def _root_seen(moment: Moment) -> None:
    """What is signed is what the person saw, and what stands in the rows now."""
    found = compute_root(moment.connection, moment.listed.id)
    for each in (found, moment.said["root"]):
        if each != moment.listed.root:
            raise moment.refuse("hash_mismatch", expected=moment.listed.root, found=each)


def _authorised(moment: Moment) -> None:
    check_authorised(moment.connection, moment.listed, moment.today)


def _expired(moment: Moment) -> None:
    current = read_current(moment.connection, moment.listed.id)
    if current is None or moment.today <= current.valid_until:
        raise moment.refuse("not_expired")


def _all_terminal(moment: Moment) -> None:
    counts = count_items(moment.connection, moment.listed.id)
    left = sum(count for state, count in counts.items() if state not in TERMINAL)
    if left:
        raise moment.refuse("not_done", found=left)


def _is_remark(said: Mapping[str, Any]) -> bool:
    return bool(said["advice"] != AdviceKind.DESTROY)


def _named(dossiers: list[str]) -> str:
    """The first of them, for a message."""
    return ", ".join(dossiers[:SHOWN])


SHOWN = 10

CHECKS: Mapping[Condition, Callable[[Moment], None]] = {
    Condition.HAS_ITEMS: _has_items,
    Condition.REVIEWERS_ASSIGNED: _reviewers_assigned,
    Condition.ASSIGNED: _assigned,
    Condition.ADVICES: _advices,
    Condition.NO_REMARKS: _no_remarks,
    Condition.REMARKS: _remarks,
    Condition.COUNTED: _counted,
    Condition.ALL_AGREED: _all_agreed,
    Condition.ALL_ANSWERED: _all_answered,
    Condition.STANDING: _standing,
    Condition.ROOT_SEEN: _root_seen,
    Condition.AUTHORISED: _authorised,
    Condition.EXPIRED: _expired,
    Condition.ALL_TERMINAL: _all_terminal,
}
