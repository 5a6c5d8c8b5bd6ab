"""Format policy: which rule decides, what must be proven, and what a receiver may add."""

from dataclasses import replace

import pytest

from formats.examine.values import Examination, Validity
from formats.findings import Finding, Severity, explain, finding, has_errors, read_codes
from formats.identify import Identification, Method
from formats.policy import (
    Decision,
    Level,
    Policy,
    PolicyInvalid,
    base_policy,
    decide_format,
    judge_format,
    read_policy,
    with_levels,
)
from formats.second_sense import NO_HINT, Hint

SOUND = Examination("zaak/x", Validity.WELL_FORMED)
PROVEN = replace(SOUND, claims=("pdfa-2b",), proven=("pdfa-2b",), validity=Validity.VALID)


def file(puid: str, method: Method = Method.SIGNATURE, hint: Hint = NO_HINT) -> Identification:
    return Identification("zaak/x", puid, "Formaat", "1.0", method=method, hint=hint)


def overlay(words: str, base: Policy | None = None) -> Policy:
    head = '[policy]\nid = "gemeente-x"\nversion = "3"\n'
    return read_policy((head + words).encode(), base or base_policy())


def codes(findings: list[Finding]) -> list[str]:
    return [each.code for each in findings]


@pytest.mark.parametrize(
    ("puid", "level", "rule"),
    [
        ("fmt/2044", Level.PREFERRED, "group.odf-text"),
        ("fmt/353", Level.PREFERRED, "group.image-lossless"),
        ("fmt/950", Level.PREFERRED, "group.eml"),
        ("fmt/412", Level.ACCEPTABLE, "group.office-ooxml"),
        ("fmt/276", Level.ACCEPTABLE, "group.pdf"),
        ("fmt/43", Level.ACCEPTABLE, "group.image-lossy"),
        ("fmt/40", Level.REVIEW, "default"),
        ("x-fmt/411", Level.REVIEW, "default"),
        ("", Level.REVIEW, "default"),
    ],
)
def test_the_base_policy_decides_by_puid(puid: str, level: Level, rule: str) -> None:
    decision = decide_format(base_policy(), file(puid), SOUND)

    assert decision == Decision(level, rule, "nl-voorkeur 2026.1")


@pytest.mark.parametrize(
    "puid",
    [
        "fmt/95", "fmt/476", "fmt/291", "fmt/483", "fmt/276", "fmt/412", "fmt/950", "fmt/353",
        "fmt/13", "fmt/4", "fmt/44", "fmt/41", "x-fmt/392", "fmt/151", "fmt/92", "fmt/295",
        "x-fmt/18", "fmt/214", "fmt/293", "fmt/215", "fmt/141", "fmt/142", "fmt/145", "fmt/527",
        "fmt/279", "fmt/134", "fmt/596", "fmt/200", "fmt/573", "fmt/199", "fmt/569", "fmt/206",
        "fmt/1196", "fmt/424", "fmt/1281",
    ],
)  # fmt: skip
def test_every_format_of_the_published_list_is_welcome(puid: str) -> None:
    decision = decide_format(base_policy(), file(puid), PROVEN)

    assert decision.level in (Level.PREFERRED, Level.ACCEPTABLE)


@pytest.mark.parametrize("puid", ["fmt/95", "fmt/354", "fmt/476", "fmt/477", "fmt/478"])
def test_a_claim_of_pdfa_counts_only_when_it_was_proven(puid: str) -> None:
    claimed = replace(SOUND, claims=("pdfa-2b",))

    assert decide_format(base_policy(), file(puid), PROVEN).level is Level.PREFERRED
    assert judge_format(base_policy(), file(puid), PROVEN) == []
    assert decide_format(base_policy(), file(puid), claimed).level is Level.ACCEPTABLE
    told = judge_format(base_policy(), file(puid), claimed)
    assert (codes(told), told[0].expected) == (["F325"], "PDF/A-2b")


def test_the_most_specific_rule_decides() -> None:
    policy = overlay(
        '[puid."fmt/412"]\nlevel = "refused"\n'
        '[group.kantoor]\npuids = ["fmt/412", "fmt/214", "fmt/40"]\nlevel = "preferred"\n'
        '[default]\nlevel = "acceptable"\n'
    )

    decisions = {
        puid: str(decide_format(policy, file(puid), SOUND))
        for puid in ("fmt/412", "fmt/214", "fmt/215", "fmt/999")
    }

    assert decisions == {
        "fmt/412": 'refused; puid."fmt/412"; gemeente-x 3',
        "fmt/214": "preferred; group.kantoor; gemeente-x 3",
        "fmt/215": "acceptable; group.office-ooxml; nl-voorkeur 2026.1",
        "fmt/999": "acceptable; default; gemeente-x 3",
    }


def test_an_agreement_gives_single_formats_another_level() -> None:
    policy = with_levels(base_policy(), {"fmt/40": "acceptable"}, "leverancier-y")

    assert decide_format(policy, file("fmt/40"), SOUND).level is Level.ACCEPTABLE
    assert decide_format(policy, file("fmt/40"), SOUND).policy == "leverancier-y 2026.1"
    assert with_levels(base_policy(), {}, "z") is base_policy()


def test_a_format_known_by_its_name_alone_is_reviewed_unless_it_is_text() -> None:
    by_name = file("fmt/200", Method.EXTENSION, Hint("application/octet-stream", "binary"))
    table = file("x-fmt/18", Method.EXTENSION, Hint("text/plain", "utf-8"))

    assert decide_format(base_policy(), by_name, SOUND).level is Level.REVIEW
    assert decide_format(base_policy(), table, SOUND).level is Level.PREFERRED


def test_a_required_flavour_is_that_flavour() -> None:
    policy = overlay(
        '[puid."fmt/354"]\nlevel = "preferred"\nrequire = ["conformance:pdfa-1b"]\n'
        'otherwise = "refused"\n'
    )

    other = judge_format(policy, file("fmt/354"), PROVEN)

    assert codes(other) == ["F325", "F320"]
    assert other[0].expected == "PDF/A-1b"
    assert judge_format(policy, file("fmt/354"), replace(PROVEN, proven=("pdfa-1b",))) == []


DENY = '[any]\ndeny_if = ["encrypted", "macro", "invalid"]\nwarn_if = ["embedded", "macro"]\n'


@pytest.mark.parametrize(
    ("code", "words", "puid", "examination"),
    [
        ("F320", '[puid."fmt/4"]\nlevel = "refused"', "fmt/4", SOUND),
        ("F321", DENY, "fmt/2044", replace(SOUND, encrypted=True)),
        ("F322", DENY, "fmt/2044", replace(SOUND, active_content=("macro",))),
        ("F323", "", "fmt/999", SOUND),
        ("F324", "", "fmt/412", SOUND),
        ("F325", "", "fmt/354", SOUND),
        ("F326", DENY, "fmt/2044", replace(SOUND, embedded=("a.pdf",))),
        ("F327", DENY, "fmt/2044", replace(SOUND, validity=Validity.INVALID)),
    ],
)
def test_each_verdict_has_its_code(
    code: str, words: str, puid: str, examination: Examination
) -> None:
    told = judge_format(overlay(words), file(puid), examination)

    assert codes(told) == [code]
    for lang in ("nl", "en"):
        assert "zaak/x" in explain(told[0], lang).text
    refusals = {"F320", "F321", "F322", "F327"}
    assert has_errors(told) == (code in refusals)


def test_every_code_of_identification_and_policy_is_tested() -> None:
    known = {code for code in read_codes("formats") if code.startswith("F3")}

    by_identification = {f"F{n}" for n in (301, 302, 303, 304, 305, 306, 307, 308, 309, 310)}
    by_policy = {f"F{n}" for n in (320, 321, 322, 323, 324, 325, 326, 327)}
    assert known == by_identification | by_policy


def test_what_the_examination_refused_already_is_not_refused_twice() -> None:
    locked = replace(SOUND, encrypted=True, findings=(finding("F401", "zaak/x", "x"),))

    assert judge_format(base_policy(), file("fmt/2044"), locked) == []


def test_macros_pass_the_base_policy_and_an_overlay_may_refuse_them() -> None:
    macro = replace(SOUND, active_content=("macro",))

    assert judge_format(base_policy(), file("fmt/2044"), macro) == []
    told = judge_format(overlay('[any]\ndeny_if = ["active"]'), file("fmt/2044"), macro)
    assert [(each.code, each.severity) for each in told] == [("F322", Severity.ERROR)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[policy", "TOML"),
        (b"\xff\xfe", "TOML"),
        (b"[policy]\nid = 'x'\n", "policy.version"),
        (b"[policy]\nid='x'\nversion='1'\n[puid.'fmt/1']\nlevel='goed'\n", "one of preferred"),
        (b"[policy]\nid='x'\nversion='1'\n[puid.'fmt/1']\n", "level"),
        (b"[policy]\nid='x'\nversion='1'\n[group.a]\nlevel='refused'\n", "group.a.puids"),
        (b"[policy]\nid='x'\nversion='1'\n[any]\ndeny_if=['makro']\n", "macro"),
        (b"[policy]\nid='x'\nversion='1'\n[any]\ndeny=['macro']\n", "any.deny"),
        (b"[policy]\nid='x'\nversion='1'\n[overig]\n", "overig"),
        (b"policy = 1\n", "policy"),
        (
            b"[policy]\nid='x'\nversion='1'\n[group.a]\nlevel='refused'\npuids=['fmt/1']\n"
            b"[group.b]\nlevel='refused'\npuids=['fmt/1']\n",
            "group.a, group.b",
        ),
        (
            b"[policy]\nid='x'\nversion='1'\n[puid.'fmt/1']\nlevel='refused'\nrequire=['mooi']\n",
            "conformance",
        ),
    ],
)
def test_a_policy_with_a_mistake_is_refused_with_its_place(content: bytes, words: str) -> None:
    with pytest.raises(PolicyInvalid, match=words):
        read_policy(content, base_policy())


def test_the_base_policy_says_its_version_and_date() -> None:
    policy = base_policy()

    assert (policy.id, policy.version, str(policy.dated)) == (
        "nl-voorkeur",
        "2026.1",
        "2026-11-24",
    )
    assert "encrypted" in policy.deny_if


def test_a_name_contradicts_only_bytes_that_were_recognised() -> None:
    policy = overlay('[any]\ndeny_if = ["extension-mismatch"]')
    misnamed = replace(file("fmt/4"), extension_mismatch=True)
    notes_in_text = replace(file("x-fmt/111", Method.TEXT), extension_mismatch=True)

    assert "F327" in codes(judge_format(policy, misnamed, SOUND))
    assert "F327" not in codes(judge_format(policy, notes_in_text, SOUND))
