"""Remarks and answers, read from the signed acts: one thread per item, and what is still open."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from retention.acts import Act, acts_of
from retention.involvement import reviewers
from retention.list_reading import item_of
from retention.nouns import ON_LIST
from retention.review_nouns import WHOLE, AdviceKind, Remark, Said
from retention.transitions import Event

_REFUSALS = (Event.REFUSE_AUTHORISATION, Event.REFUSE_SIGNATURE)
_JUDGEMENTS = (Event.REJECT, Event.APPROVE)
_SPOKEN = (*_JUDGEMENTS, *_REFUSALS, Event.COMMENT, Event.ANSWER)
_NEED_ANSWER = (Event.REJECT, *_REFUSALS)


def open_remarks(connection: Connection, list_id: str) -> tuple[Remark, ...]:
    """The remarks that the proposer has to answer; what left the list needs no answer any more.

    A refusal by archivist or signatory without remarks on items is one on the whole list.
    """
    found: dict[str, list[Remark]] = defaultdict(list)
    for each in acts_of(connection, list_id, [*_NEED_ANSWER, Event.ANSWER]):
        if each.act == Event.ANSWER:
            for dossier in each.saying["answers"]:
                found.pop(dossier, None)
            found.pop(WHOLE, None)
            continue
        for remark in _remarks(each):
            found[remark.dossier].append(remark)
    return tuple(
        each
        for dossier, remarks in found.items()
        if dossier == WHOLE or _is_on(connection, list_id, dossier)
        for each in remarks
    )


def threads(connection: Connection, list_id: str) -> Mapping[str, tuple[Said, ...]]:
    """What was said of each dossier and answered, in order; under WHOLE of the list itself."""
    found: dict[str, list[Said]] = defaultdict(list)
    for each in acts_of(connection, list_id, _SPOKEN):
        for dossier, said in _lines(each):
            found[dossier].append(said)
    return {dossier: tuple(lines) for dossier, lines in found.items()}


def agreed(connection: Connection, list_id: str) -> frozenset[str]:
    """The persons whose approval counts: their last judgement, and nobody refused since.

    Items only fall out, so that who approved the list before an answer approved what is left of
    it; who made a remark judges again, and after a refusal by archivist or signatory all do.
    """
    last: dict[str, bool] = {}
    for each in acts_of(connection, list_id, [*_JUDGEMENTS, *_REFUSALS]):
        if each.act in _REFUSALS:
            last.clear()
        else:
            last[each.person] = each.act == Event.APPROVE
    return frozenset(person for person, approves in last.items() if approves)


def to_judge(connection: Connection, list_id: str) -> tuple[str, ...]:
    """The reviewers whose judgement the list waits for."""
    counts = agreed(connection, list_id)
    waits = (each.person for each in reviewers(connection, list_id))
    return tuple(each for each in waits if each not in counts)


def _is_on(connection: Connection, list_id: str, dossier: str) -> bool:
    item = item_of(connection, list_id, dossier)
    return item is not None and item.state in ON_LIST


def _remarks(act: Act) -> Iterator[Remark]:
    said = act.saying
    on_items = {
        dossier: each
        for dossier, each in said["advices"].items()
        if each["advice"] != AdviceKind.DESTROY
    }
    for dossier, each in on_items.items():
        yield Remark(
            act.number,
            act.person,
            act.duty,
            dossier,
            AdviceKind(each["advice"]),
            each["reason"],
            act.at,
        )
    if not on_items:
        yield Remark(
            act.number, act.person, act.duty, WHOLE, AdviceKind.ASK, said["reason"], act.at
        )


def _lines(act: Act) -> Iterator[tuple[str, Said]]:
    said = act.saying
    for dossier, each in said.get("advices", {}).items():
        yield dossier, Said(act.person, act.duty, act.at, each["advice"], each["reason"])
    for dossier, each in said.get("answers", {}).items():
        yield (
            dossier,
            Said(
                act.person,
                act.duty,
                act.at,
                each["answer"],
                each["reason"],
                each["because"],
                each["reference"],
            ),
        )
    if said["reason"] or act.act in _JUDGEMENTS:
        yield WHOLE, Said(act.person, act.duty, act.at, act.act, said["reason"])
