"""Judging: what the date engine says of dossiers now, from base tables; nothing is written."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from retention import appraisal, case_json
from retention.case import Case, Decision, Reason, Verdict
from retention.cases import Described, case_of, describe, sender_of, valuation_of
from retention.days import trusted_today
from retention.errors import DossierUnknown
from retention.gathering import Material, gather
from retention.grounds import Grounds
from retention.sender import Sender, weigh
from storage.ledger import canonical

_BEFORE = datetime(1970, 1, 2, tzinfo=UTC)
_LOOKED_AT = frozenset({Decision.HUMAN, Decision.ERROR, Decision.AWAITING})


@dataclass(frozen=True, slots=True)
class Judged:
    """A fresh judgement, not stored: the case, the verdict, the inputs and their SHA-256."""

    material: Material
    described: Described
    case: Case
    verdict: Verdict
    policy: str
    inputs: str
    inputs_sha256: str

    def result(self) -> dict[str, str]:
        """The columns that a computation and the dossier's row share."""
        found = self.verdict
        return {
            "decision": found.decision.value,
            "brondatum": _text(found.brondatum),
            "end_date": _text(found.end_date),
            "eligible_from": _text(found.eligible_from),
        }

    def columns(self) -> dict[str, str]:
        """What the dossier's row bears of it, besides the number of the computation."""
        found = self.verdict
        looked_at = found.decision in _LOOKED_AT
        kept = found.decision is Decision.KEEP
        return (
            self.result()
            | self.described.columns()
            | {
                "valuation": valuation_of(self.case.rule, kept=kept),
                "transfer_on": _text(found.transfer_on),
                "cause": found.reasons[-1].code if looked_at else "",
            }
        )


def current_case(connection: Connection, dossier: str, on: date | None = None) -> Case:
    """What the engine would be told of a dossier now.

    Raises: DossierUnknown.
    """
    return _one(connection, dossier, on).case


def verdict_now(
    connection: Connection, dossier: str, on: date | None = None
) -> tuple[Verdict, str]:
    """What the engine says of a dossier now, from base tables, and the SHA-256 of the inputs.

    Nothing is written. `on` is the day by which the policy is chosen; without it the last day
    that the ledger of the zorgdrager knows.

    Raises: DossierUnknown.
    """
    found = _one(connection, dossier, on)
    return found.verdict, found.inputs_sha256


def verdicts_now(
    connection: Connection, dossiers: Sequence[str], on: date | None = None
) -> dict[str, tuple[Case, Verdict]]:
    """The same for many, with the case; one that is not in the register is left out."""
    judged = judge_each(connection, dossiers, on)
    return {each: (found.case, found.verdict) for each, found in judged.items()}


def judge_each(
    connection: Connection,
    dossiers: Sequence[str],
    on: date | None = None,
    grounds: Grounds | None = None,
) -> dict[str, Judged]:
    """A fresh judgement of each, with all that it rests on."""
    grounds = grounds or Grounds(connection)
    days: dict[str, date] = {}
    found: dict[str, Judged] = {}
    for each, material in gather(connection, dossiers).items():
        zorgdrager = material.row.zorgdrager
        if zorgdrager not in days:
            days[zorgdrager] = on or trusted_today(connection, zorgdrager, _BEFORE)
        found[each] = judge(material, grounds, days[zorgdrager])
    return found


def judge(material: Material, grounds: Grounds, on: date) -> Judged:
    """A fresh judgement of what was gathered, with the policy of a day."""
    described, sender = describe(material), sender_of(material)
    case = case_of(material, described, grounds, on)
    inputs = inputs_text(case, sender)
    return Judged(
        material=material,
        described=described,
        case=case,
        verdict=weigh(appraisal.appraise(case), sender),
        policy=grounds.policy(material.row.zorgdrager, on).name,
        inputs=inputs,
        inputs_sha256=hashlib.sha256(inputs.encode("utf-8")).hexdigest(),
    )


def differences(judged: Judged) -> Iterator[tuple[str, str, str]]:
    """Where the dossier's row says otherwise than a fresh computation: column, stands, fresh."""
    for name, value in judged.columns().items():
        stands = getattr(judged.material.row, name)
        if stands != value:
            yield name, stands, value


def inputs_text(case: Case, sender: Sender) -> str:
    """What a computation rests on, as canonical JSON: the case, and what of the sender counts."""
    said = sender.plain()
    return (
        canonical({**case_json.case_plain(case), "sender": said})
        if said
        else (case_json.inputs_of(case))
    )


def reasons_text(reasons: Sequence[Reason]) -> str:
    """Reasons as they are stored: a JSON list."""
    said = case_json.reasons_plain(reasons)
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _one(connection: Connection, dossier: str, on: date | None) -> Judged:
    found = judge_each(connection, [dossier], on)
    if dossier not in found:
        raise DossierUnknown(dossier=dossier)
    return found[dossier]


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
