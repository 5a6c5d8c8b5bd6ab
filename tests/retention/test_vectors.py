"""The published vectors: retention cases, and what Open Zaak's own tests say of the action date.

Where sources contradict each other the expected value is our reading; the engine shows the other.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from retention.appraisal import appraise
from retention.asking import answer
from retention.case import Case, Decision
from retention.case_json import case_of

SHARED = Path(__file__).parents[3] / "shared" / "standards" / "archiving"
CASES = SHARED / "retention-cases.csv"
ZGW = SHARED / "archiefactiedatum-vectors.json"
CLOSED = "2018-10-18"

without = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared vectors are not here")


def rows() -> list[dict[str, str]]:
    """The cases that are computed; those of the procedure (given, when) are tested elsewhere."""
    if not CASES.exists():
        return []
    with CASES.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if "given" not in json.loads(row["inputs"])]


@without
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_every_retention_case_gets_its_decision_and_its_dates(row: dict[str, str]) -> None:
    found = answer(row, "nl")

    assert found["decision"] == row["expected_decision"]
    assert (found["end_date"] or "") == row["expected_date"]
    assert (found["brondatum"] or "") == row["expected_brondatum"]
    if row["expected_eligible_from"]:
        assert found["eligible_from"] == row["expected_eligible_from"]
    assert found["reasons"]


def vectors() -> list[dict[str, Any]]:
    """The vectors of one computation; the rest (setting a status) is no computation."""
    if not ZGW.exists():
        return []
    found: list[dict[str, Any]] = json.loads(ZGW.read_text("utf-8"))
    return [each for each in found if "action" not in each["input"]]


def computed(vector: dict[str, Any]) -> Iterator[Case]:
    """The case of a vector, or one for each step of a sequence."""
    said = vector["input"]
    sequence = next((value for name, value in said.items() if name.endswith("_sequence")), [None])
    kept = said.get("nominatie") == "blijvend_bewaren"
    for step in sequence:
        yield case_of(
            {
                "rule": {
                    "valuation": "keep" if kept else "destroy",
                    "term": said.get("termijn"),
                    "trigger": vector["afleidingswijze"],
                    "process_term": said.get("procestermijn"),
                },
                "zaak": {"end": end_of(said)},
                "facts": facts_of(said, step),
            }
        )


def end_of(said: dict[str, Any]) -> str:
    for name in ("einddatum", "eindstatus", "deelzaak_einddatum", "zaak_einddatum"):
        if name in said:
            return str(said[name])
    return CLOSED


def facts_of(said: dict[str, Any], step: str | None) -> dict[str, Any]:
    """What a vector knows beside the case: each name that it uses, as the fact that it is."""
    feature = said.get("datumkenmerk", "")
    own = said.get("eigenschappen", {}).get(feature)  # a dot in a name is a dot
    objects = [*said.get("local_objects", []), *said.get("remote_objects", [])]
    decisions = [
        {"ingang": each.get("ingangsdatum"), "verval": each.get("vervaldatum")}
        for each in said.get("besluiten", [])
    ]
    facts = {
        "property": said.get("eigenschap_added_later", own),
        "objects": [inside(each, feature) for each in objects],
        "related": said.get("relevante_zaken_einddatum", []),
        "decisions": decisions,
        "manual_anchor": said.get("startdatum_bewaartermijn"),
    }
    if "value_sequence" in said:
        facts["objects"] = [step]
    if "ingangsdatum_sequence" in said:
        facts["decisions"] = [{"ingang": step}]
    if "besluit_vervaldatum_sequence" in said:
        facts["decisions"] = [{"verval": step}]
    if "hoofdzaak_einddatum" in said or "hoofdzaak_einddatum_sequence" in said:
        facts["main"] = {"end": step or said.get("hoofdzaak_einddatum")}
    return facts


def inside(value: Any, path: str) -> str | None:
    """The value at a path of a case object; a slash goes one level down."""
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value


@without
@pytest.mark.parametrize("vector", vectors(), ids=lambda each: each["id"])
def test_every_zgw_vector_gets_the_action_date_of_the_standard(vector: dict[str, Any]) -> None:
    expected = vector["expected"]
    wanted = expected.get("archiefactiedatum_sequence", [expected.get("archiefactiedatum")])

    verdicts = [appraise(each) for each in computed(vector)]

    if vector["input"].get("nominatie") == "blijvend_bewaren" and wanted == [None]:
        # Open Zaak gives no date without a term; ours is that of the policy (R23).
        assert [each.decision for each in verdicts] == [Decision.KEEP]
        return
    shown = [each.transfer_on or each.end_date for each in verdicts]
    assert [each and each.isoformat() for each in shown] == wanted
    if expected.get("brondatum"):
        assert str(verdicts[0].brondatum) == expected["brondatum"]


@without
@pytest.mark.parametrize("vector", vectors(), ids=lambda each: each["id"])
def test_where_open_zaak_comes_to_another_date_the_reasons_name_it(vector: dict[str, Any]) -> None:
    other = str(vector["expected"].get("open_zaak_gives", ""))
    date_of_other = other.rpartition(" ")[2]

    verdict = appraise(next(computed(vector)))

    ends = [each.values.get("end") for each in verdict.reasons if each.code.startswith("open_zaak")]
    assert ends == ([date_of_other] if other else [])
