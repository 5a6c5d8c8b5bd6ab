"""Format policy: how welcome a format is with a receiver, by which rule, on what conditions.

A policy is a base and overlays on it. The most specific rule decides:
overlay PUID > overlay group > base PUID > base group > default.
"""

from collections.abc import Iterator, Mapping

from formats.examine.values import Examination, Validity
from formats.findings import Finding, Severity, finding
from formats.identify import Identification, Method
from formats.policy_file import base_policy, read_policy, with_levels
from formats.policy_values import ACTIVE, Decision, Layer, Level, Policy, PolicyInvalid, Rule

__all__ = [
    "Decision",
    "Layer",
    "Level",
    "Policy",
    "PolicyInvalid",
    "Rule",
    "base_policy",
    "decide_format",
    "judge_format",
    "read_policy",
    "with_levels",
]


def decide_format(
    policy: Policy, identification: Identification, examination: Examination
) -> Decision:
    """How welcome this file's format is, and why."""
    if not identification.puid:
        return Decision(policy.default, "default", _name(policy))
    layer, rule = _find_rule(policy, identification.puid)
    if rule is None:
        return Decision(policy.default, "default", _name(policy))
    name = f"{layer.id} {layer.version}" if layer else _name(policy)
    if _by_name_only(identification) and rule.level in (Level.PREFERRED, Level.ACCEPTABLE):
        return Decision(Level.REVIEW, f"{rule.name}; extension only", name)
    unmet = tuple(each for each in rule.require if not _proven(each, examination))
    return Decision(rule.otherwise if unmet else rule.level, rule.name, name, unmet)


def judge_format(
    policy: Policy, identification: Identification, examination: Examination
) -> list[Finding]:
    """What the policy has to say of one file; nothing when its format is preferred and proven."""
    path = identification.path
    decision = decide_format(policy, identification, examination)
    words = f"{_format(identification)}; {decision}"
    found = [finding(*each) for each in _of_level(path, words, decision, examination)]
    holds = _conditions(identification, examination)
    for condition in policy.deny_if:
        if condition in holds and not _told(condition, examination):
            found.append(
                finding(
                    _DENIALS.get(condition, _denial(holds, condition)),
                    path,
                    _name(policy),
                    condition,
                )
            )
    for condition in policy.warn_if:
        if condition in holds and condition not in policy.deny_if:
            found.append(finding("F326", path, _name(policy), condition))
    return found


_DENIALS = {"encrypted": "F321"}


def _denial(holds: Mapping[str, bool], condition: str) -> str:
    """The code of a denial: active content, or something else."""
    return "F322" if holds[condition] else "F327"


def _of_level(
    path: str, words: str, decision: Decision, examination: Examination
) -> Iterator[tuple[str, str, str, str]]:
    if decision.unmet:
        needed = ", ".join(_requirement(each, examination) for each in decision.unmet)
        yield "F325", path, str(decision), needed
    if decision.level is Level.REFUSED:
        yield "F320", path, words, ""
    elif decision.level is Level.REVIEW:
        yield "F323", path, words, ""
    elif decision.level is Level.ACCEPTABLE and not decision.unmet:
        yield "F324", path, words, ""


def _conditions(identification: Identification, examination: Examination) -> dict[str, bool]:
    """Every condition that holds, and whether it is one of active content."""
    holds = dict.fromkeys(examination.active_content, True)
    if holds:
        holds[ACTIVE] = True
    holds |= dict.fromkeys(examination.features, False)
    facts = {
        "encrypted": examination.encrypted,
        "embedded": bool(examination.embedded),
        "extension-mismatch": identification.extension_mismatch and identification.sure,
        "unknown": not identification.puid,
        "not-checked": examination.validity is Validity.NOT_CHECKED,
        "invalid": examination.validity in (Validity.INVALID, Validity.UNREADABLE),
    }
    return holds | {name: False for name, true in facts.items() if true}


def _told(condition: str, examination: Examination) -> bool:
    """Whether the examination itself refuses for this reason: saying it twice is noise."""
    return condition == "encrypted" and any(
        each.reason == "ENCRYPTED" and each.severity is Severity.ERROR
        for each in examination.findings
    )


def _find_rule(policy: Policy, puid: str) -> tuple[Layer | None, Rule | None]:
    for layer in policy.layers:
        rule = layer.by_puid.get(puid) or layer.by_group.get(puid)
        if rule is not None:
            return layer, rule
    return None, None


def _proven(requirement: str, examination: Examination) -> bool:
    _, _, wanted = requirement.partition(":")
    return wanted in examination.proven if wanted else bool(examination.proven)


def _requirement(requirement: str, examination: Examination) -> str:
    wanted = requirement.partition(":")[2]
    claims = (wanted,) if wanted else examination.claims
    return ", ".join(each.replace("pdfa-", "PDF/A-") for each in claims) or "PDF/A"


def _by_name_only(identification: Identification) -> bool:
    return identification.method is Method.EXTENSION and not identification.hint.textual


def _format(identification: Identification) -> str:
    label = f"{identification.puid} {identification.format_name} {identification.version}".strip()
    return label or identification.hint.mime or "-"


def _name(policy: Policy) -> str:
    return f"{policy.id} {policy.version}"
