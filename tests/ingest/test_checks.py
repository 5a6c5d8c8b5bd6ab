"""The checks over one dossier: each rule its code, its severity, and where."""

from dataclasses import replace
from pathlib import Path

import pytest

from formats.digest import Algorithm, Digest, Summer
from formats.findings import Finding, Severity
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_checksum,
    begrip_pronom,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import Bestand, Checksum, Identificatie, Informatieobject, Verwijzing
from ingest.agreement import Agreement, Need, default_agreement
from ingest.checks import (
    check_digests,
    check_mandatory,
    check_metadata,
    check_names,
    check_sizes,
    check_structure,
    check_zorgdrager,
)
from ingest.sip import Shape, Sip, SipFile, SipObject, StagedFile

CONTENT = b"Geachte heer Kuipers"
AGREEMENT = default_agreement("opsterland")
NAMES = {"opsterland": "Gemeente Opsterland", "weststellingwerf": "Gemeente Weststellingwerf"}


def sip_of(folder: Path) -> Sip:
    path = folder / "brief.txt"
    path.write_bytes(CONTENT)
    summer = Summer()
    summer.update(CONTENT)
    staged = StagedFile("zaak/brief.txt", str(path), summer.sums())
    top = Informatieobject(
        identificatie=(Identificatie("Z1", "Zaaksysteem"),),
        naam="Een zaak",
        aggregatieniveau=begrip_aggregatieniveau("Dossier"),
        waardering=begrip_waardering("B"),
        archiefvormer=(Verwijzing("Gemeente Opsterland"),),
        beperkingGebruik=(geen_beperking(),),
    )
    file = Bestand(
        identificatie=(Identificatie("Z1-1", "Zaaksysteem"),),
        naam="brief.txt",
        omvang=len(CONTENT),
        bestandsformaat=begrip_pronom("x-fmt/111", "Plain Text File"),
        checksum=(
            Checksum(begrip_checksum(Algorithm.SHA256), staged.sums.sha256, "2024-01-01T00:00:00"),
        ),
        isRepresentatieVan=Verwijzing("Een zaak", Identificatie("Z1", "Zaaksysteem")),
    )
    return Sip(
        path="zaak",
        shape=Shape.MDTO_SIDECARS,
        objects=(SipObject("zaak", top, "zaak/zaak.mdto.xml"),),
        files=(
            SipFile(
                file=staged,
                name_in_dossier="brief.txt",
                record=0,
                metadata=file,
                claimed_digests=(Digest(Algorithm.SHA256, staged.sums.sha256),),
                claimed_size_bytes=len(CONTENT),
                source="zaak/brief.txt.bestand.mdto.xml",
            ),
        ),
    )


def with_file(sip: Sip, **changes: object) -> Sip:
    return replace(sip, files=(replace(sip.files[0], **changes),))


def told(findings: object) -> list[tuple[str, Severity]]:
    assert not isinstance(findings, Finding)
    return [(each.code, each.severity) for each in findings]  # type: ignore[attr-defined]


def test_a_good_dossier_has_no_findings(tmp_path: Path) -> None:
    sip = sip_of(tmp_path)

    found = [
        *check_sizes(sip),
        *check_digests(sip, AGREEMENT),
        *check_mandatory(sip, AGREEMENT),
        *check_metadata(sip),
        *check_structure(sip),
        *check_names(sip),
        *check_zorgdrager(sip, "opsterland", NAMES),
    ]

    assert [each for each in found if each.severity is not Severity.INFO] == []


def test_I401_another_size_than_the_metadata_say(tmp_path: Path) -> None:
    sip = with_file(sip_of(tmp_path), claimed_size_bytes=7)

    (found,) = check_sizes(sip)

    assert (found.code, found.where, found.found, found.expected) == (
        "I401", "zaak/brief.txt", str(len(CONTENT)), "7",
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_I402_another_digest_than_the_metadata_say(tmp_path: Path, algorithm: Algorithm) -> None:
    wrong = Digest(algorithm, "0" * algorithm.hex_length)
    sip = with_file(sip_of(tmp_path), claimed_digests=(wrong,))

    found = [each for each in check_digests(sip, AGREEMENT) if each.code == "I402"]

    assert [each.reason for each in found] == ["CHECKSUM_MISMATCH"]
    assert found[0].expected == f"{algorithm.value}:{wrong.value}"


@pytest.mark.parametrize(
    ("claims", "digests", "expected"),
    [
        pytest.param((Algorithm.MD5,), Need.OPTIONAL, [("I403", Severity.WARNING)], id="weak"),
        pytest.param((Algorithm.MD5,), Need.REQUIRED, [("I403", Severity.ERROR)], id="weak_only"),
        pytest.param((), Need.REQUIRED, [("I403", Severity.ERROR)], id="none"),
        pytest.param((), Need.OPTIONAL, [], id="none_needed"),
        pytest.param((Algorithm.MD5, Algorithm.SHA512), Need.REQUIRED, [], id="strong_too"),
    ],
)
def test_I403_a_weak_digest_never_proves_alone(
    tmp_path: Path,
    claims: tuple[Algorithm, ...],
    digests: Need,
    expected: list[tuple[str, Severity]],
) -> None:
    import hashlib

    values = tuple(Digest(each, hashlib.new(each.value, CONTENT).hexdigest()) for each in claims)
    sip = with_file(sip_of(tmp_path), claimed_digests=values)
    agreement: Agreement = replace(AGREEMENT, digests=digests)

    assert told(check_digests(sip, agreement)) == expected


def test_I404_what_the_agreement_calls_mandatory_is_missed(tmp_path: Path) -> None:
    agreement = replace(AGREEMENT, mandatory=("naam", "informatiecategorie"))

    (found,) = check_mandatory(sip_of(tmp_path), agreement)

    assert (found.code, found.expected) == ("I404", "informatiecategorie")


def test_I405_the_metadata_call_the_file_something_else(tmp_path: Path) -> None:
    sip = sip_of(tmp_path)
    file = sip.files[0].metadata
    assert file is not None

    (found,) = check_names(with_file(sip, metadata=replace(file, naam="nota.pdf")))

    assert (found.code, found.severity, found.found) == ("I405", Severity.WARNING, "nota.pdf")


@pytest.mark.parametrize(
    ("archiefvormer", "codes"),
    [
        ("Gemeente Opsterland", []),
        ("opsterland", []),
        ("Waterschap", []),
        ("Gemeente  WESTSTELLINGWERF", ["I407"]),
    ],
)
def test_I407_the_records_of_another_zorgdrager_are_refused(
    tmp_path: Path, archiefvormer: str, codes: list[str]
) -> None:
    sip = sip_of(tmp_path)
    top = replace(sip.dossier, archiefvormer=(Verwijzing(archiefvormer),))
    sip = replace(sip, objects=(replace(sip.objects[0], metadata=top),))

    assert [each.code for each in check_zorgdrager(sip, "opsterland", NAMES)] == codes
