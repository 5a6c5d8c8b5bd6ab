"""From a delivery to its dossiers: copied to staging, scanned, unpacked and read; nothing stored yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from formats.findings import Finding, finding, has_errors
from ingest.agreement import Agreement, ScanRule
from ingest.containers import containers_in, unpack_all
from ingest.errors import ScannerAbsent
from ingest.intake import Progress, Tools
from ingest.journal import Step
from ingest.malware import NOT_SCANNED, Scan, ScanState, scan_files
from ingest.names import check_collisions, check_path
from ingest.read import read_delivery
from ingest.receipt import Outcome
from ingest.sip import Sip, StagedFile
from ingest.staging import Ceiling, Staged, copy_in, fingerprint


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery up to its dossiers; `stop` is the outcome when it must not go further.

    `extras` are documents besides those delivered that explain the reading: (name, bytes).
    """

    fingerprint: str
    received: Staged
    unpacked: bool
    scan: Scan
    sips: tuple[Sip, ...]
    findings: tuple[Finding, ...]
    stop: Outcome | None = None
    extras: tuple[tuple[str, bytes], ...] = ()


def prepare(source: Path, into: Path, tools: Tools, reached: Callable[[Step], None]) -> Prepared:
    """Copy, scan, unpack and read one delivery below `into`, an empty folder of its own.

    Raises: DeliveryUnreadable when the source is not there or may not be read.
    """
    received = _stage(source, into, tools)
    reached(Step.STAGED)
    findings = [*received.findings, *_check_received(source, received)]
    mark = fingerprint(received.files)
    scan, stop = _scan(source, received.files, tools)
    findings.extend(scan.findings)
    if stop is not None:
        return Prepared(mark, received, False, scan, (), tuple(findings), stop)
    reached(Step.SCANNED)
    containers = containers_in(received)
    files, found = unpack_all(containers, received, into / "unpacked", tools)
    findings.extend(found)
    if containers:
        scan, stop = _scan_again(source, files, scan, tools)
        findings.extend(scan.findings)
    reached(Step.UNPACKED)
    findings.extend(_check_names(files, tools.agreement))
    if stop is None and has_errors(findings):
        stop = Outcome.REFUSED
    if stop is not None:
        return Prepared(mark, received, bool(containers), scan, (), tuple(findings), stop)
    return _read(mark, received, bool(containers), scan, files, findings, tools, reached)


def belongs_to(found: Finding, sip: Sip) -> bool:
    """Whether a finding is about this dossier, by its place in the delivery."""
    place = found.where
    return not sip.path or place == sip.path or place.startswith((sip.path + "/", sip.path + ","))


def _read(  # noqa: PLR0913, PLR0917
    mark: str,
    received: Staged,
    unpacked: bool,
    scan: Scan,
    files: Sequence[StagedFile],
    findings: list[Finding],
    tools: Tools,
    reached: Callable[[Step], None],
) -> Prepared:
    tools.told(Progress(Step.READ, 0, len(files)))
    reading = read_delivery(files, tools.agreement, tools.pool)
    findings.extend(reading.findings)
    reached(Step.READ)
    astray = [each for each in findings if not any(belongs_to(each, sip) for sip in reading.sips)]
    stop = Outcome.REFUSED if has_errors(astray) or not reading.sips else None
    extras = (("mapping.toml", reading.mapping_bytes),) if reading.mapping_bytes else ()
    return Prepared(mark, received, unpacked, scan, reading.sips, tuple(findings), stop, extras)


def _stage(source: Path, into: Path, tools: Tools) -> Staged:
    limits = tools.agreement.limits
    ceiling = Ceiling(limits.max_files, limits.max_bytes, limits.max_file_bytes, limits.max_depth)
    done = 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        tools.told(Progress(Step.STAGED, done, 0))

    return copy_in(source, into / "received", ceiling, told)


def _check_received(source: Path, received: Staged) -> list[Finding]:
    if received.files or received.findings:
        return []
    return [finding("I010", source.name)]


def _scan(source: Path, files: Sequence[StagedFile], tools: Tools) -> tuple[Scan, Outcome | None]:
    rule = tools.agreement.scan
    if rule is ScanRule.OFF or (tools.scanner is None and rule is ScanRule.IF_AVAILABLE):
        return _unscanned(source), None
    if tools.scanner is None:
        return _waiting(source, "clamd"), Outcome.WAITING
    done = 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        tools.told(Progress(Step.SCANNED, done, len(files)))

    try:
        scan = scan_files(tools.scanner, files, told)
    except ScannerAbsent as error:
        if rule is ScanRule.IF_AVAILABLE:
            return _unscanned(source), None
        return _waiting(source, str(error)), Outcome.WAITING
    stops = {ScanState.INFECTED: Outcome.QUARANTINED, ScanState.INCOMPLETE: Outcome.REFUSED}
    return scan, stops.get(scan.state)


def _scan_again(
    source: Path, files: Sequence[StagedFile], first: Scan, tools: Tools
) -> tuple[Scan, Outcome | None]:
    if first.state is ScanState.NOT_SCANNED:
        return Scan(first.state, "", 0, ()), None
    return _scan(source, files, tools)


def _unscanned(source: Path) -> Scan:
    return Scan(NOT_SCANNED.state, "", 0, (finding("I503", source.name),))


def _waiting(source: Path, why: str) -> Scan:
    return Scan(NOT_SCANNED.state, "", 0, (finding("I504", source.name, why),))


def _check_names(files: Sequence[StagedFile], agreement: Agreement) -> list[Finding]:
    found = [each for file in files for each in check_path(file.path, agreement.limits)]
    found.extend(check_collisions([file.path for file in files]))
    return found
