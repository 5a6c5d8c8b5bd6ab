"""The report as JSON: keys that stay, for other programs."""

from collections.abc import Mapping
from typing import Any

from edepot.fixity_report.sentence import headline, sentence
from edepot.fixity_report.summary import Coverage, Incident, Problem, ProblemCopy, Remark, Summary
from edepot.messages import Words
from formats.findings import Finding, explain
from storage.fixity.nouns import Scope, Totals
from storage.outcomes import Outcome

FORM = 1


def report_plain(summary: Summary, words: Words) -> dict[str, Any]:
    """The whole report. Keys are never renamed or dropped without a new `form`.

    `problems[].examples` are the first 50 copies of a cause; `problems[].copies` counts them all.
    """
    run = summary.run
    return {
        "report": "fixity",
        "form": FORM,
        "origin": summary.origin,
        "run": run.id,
        "state": run.state.value,
        "scope": _scope(run.scope),
        "schedule": run.schedule or None,
        "asked_at": run.asked.at.isoformat(),
        "asked_by": run.asked.actor,
        "asked_from": run.asked.origin,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "as_of": summary.as_of.isoformat(),
        "language": words.language.value,
        "headline": headline(summary).key,
        "sentence": sentence(summary, words),
        "items": summary.totals.items,
        "held_items": summary.held_items,
        "size_bytes": run.size_bytes,
        "totals": _totals(summary.totals),
        "attested_by_challenge": summary.challenged,
        "coverage": [_coverage(each) for each in summary.coverage],
        "ages": [
            {
                "store": each.store,
                "zorgdragers": list(each.zorgdragers),
                "days": each.days,
                "bins": [
                    {"first": part.first, "last": part.last, "copies": part.copies}
                    for part in each.bins
                ],
            }
            for each in summary.ages
        ],
        "problems": [_problem(each, words) for each in summary.problems],
        "remarks": [_remark(each, words) for each in summary.remarks],
        "incidents": [_incident(each) for each in summary.incidents],
        "late_parties": [
            {
                "party": each.id,
                "zorgdrager": each.zorgdrager,
                "heard_at": each.heard_at or None,
                "rhythm_days": each.days,
            }
            for each in summary.late_parties
        ],
        "histories": [
            {
                "aip": each.aip_id,
                "title": each.title,
                "zorgdrager": each.zorgdrager,
                "more": each.more,
                "events": [
                    {
                        "at": line.at,
                        "source": line.source,
                        "what": line.what,
                        "store": line.store or None,
                        "run": line.run or None,
                        "result": line.result or None,
                    }
                    for line in each.happenings
                ],
            }
            for each in summary.histories
        ],
    }


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "stores": list(scope.stores),
        "zorgdragers": list(scope.zorgdragers),
        "aips": list(scope.aips),
        "checked_before": scope.checked_before.isoformat() if scope.checked_before else None,
        "oldest": scope.oldest,
        "sample": scope.sample,
        "seed": scope.seed,
        "portions": [
            {"store": each.store, "zorgdrager": each.zorgdrager, "copies": each.copies}
            for each in scope.portions
        ],
    }


def _totals(totals: Totals) -> dict[str, int]:
    """Every outcome has its number, also those that did not occur."""
    return {each.value: totals.of(each) for each in Outcome}


def _coverage(place: Coverage) -> dict[str, Any]:
    return {
        "store": place.place.store,
        "zorgdrager": place.place.zorgdrager,
        "held": place.held,
        "copies": place.copies,
        "size_bytes": place.size_bytes,
        "items": place.items,
        "totals": _totals(place.totals),
        "read_bytes": place.read_bytes,
        "oldest_at": place.oldest_at or None,
        "rhythm_days": place.days,
        "late": place.late,
    }


def _problem(problem: Problem, words: Words) -> dict[str, Any]:
    return {
        "outcome": problem.outcome.value,
        "code": problem.code or None,
        "store": problem.store,
        "held": problem.held,
        "copies": problem.copies,
        "size_bytes": problem.size_bytes,
        "since": problem.since or None,
        "repairs": dict(problem.repairs),
        "examples": [_copy(each, words) for each in problem.examples],
    }


def _copy(copy: ProblemCopy, words: Words) -> dict[str, Any]:
    return {
        "item": copy.number,
        "kind": copy.kind.value,
        "zorgdrager": copy.zorgdrager,
        "key": copy.key,
        "aip": copy.aip_id or None,
        "version": copy.version or None,
        "title": copy.title or None,
        "size_bytes": copy.size_bytes,
        "checked_at": copy.checked_at or None,
        "repair": copy.repair or None,
        "findings": [_finding(each, words) for each in copy.findings],
    }


def _remark(remark: Remark, words: Words) -> dict[str, Any]:
    return {
        "code": remark.code,
        "store": remark.store or None,
        "count": remark.count,
        "examples": [_finding(each, words) for each in remark.examples],
    }


def _incident(incident: Incident) -> Mapping[str, Any]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "zorgdrager": incident.zorgdrager,
        "aip": incident.aip_id,
        "version": incident.version,
        "title": incident.title or None,
        "run": incident.run,
        "opened_at": incident.opened_at,
        "closed_at": incident.closed_at or None,
        "detail": incident.detail,
    }


def _finding(found: Finding, words: Words) -> dict[str, Any]:
    told = explain(found, words.language.value)
    return {
        "code": found.code,
        "severity": found.severity.value,
        "where": found.where,
        "found": found.found,
        "expected": found.expected,
        "text": told.text,
        "advice": told.advice,
    }
