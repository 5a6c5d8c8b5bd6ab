"""From a delivery to its dossiers: copied to staging, scanned, unpacked and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from ingest.readers.lost import Lost
from ingest.receipt import Outcome
from ingest.sip import Sip, StagedFile
from ingest.staging import Ceiling, Staged, copy_in, fingerprint


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery up to its dossiers; `stop` is the outcome when it must not go further.

    `own` are the findings of each dossier by its path, `lost` the dossiers whose metadata could
    not be read. `extras` are documents besides those delivered that explain the reading.
    """

    fingerprint: str
    received: Staged
    unpacked: bool
    scan: Scan
    findings: tuple[Finding, ...]
    sips: tuple[Sip, ...] = ()
    own: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    lost: tuple[Lost, ...] = ()
    extras: tuple[tuple[str, bytes], ...] = ()
    stop: Outcome | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """The files of a delivery after scanning and unpacking, and what was found so far."""

    received: Staged
    containers: tuple[StagedFile, ...]
    scan: Scan
    files: tuple[StagedFile, ...]
    findings: tuple[Finding, ...]
    stop: Outcome | None


def prepare(source: Path, into: Path, tools: Tools, reached: Callable[[Step], None]) -> Prepared:
    """Copy, scan, unpack and read one delivery below `into`, an empty folder of its own.

    Raises: DeliveryUnreadable when the source is not there or may not be read.
    """
    received = _stage(source, into, tools)
    reached(Step.STAGED)
    mark = fingerprint(received.files)
    opened = _open(source, into, received, tools, reached)
    if opened.stop is not None:
        return Prepared(
            mark, received, bool(opened.containers), opened.scan, opened.findings, stop=opened.stop
        )
    return _read(source, mark, opened, tools, reached)


def _open(
    source: Path, into: Path, received: Staged, tools: Tools, reached: Callable[[Step], None]
) -> _Opened:
    early = (*received.findings, *_check_received(source, received))
    if not received.files:
        return _Opened(received, (), NOT_SCANNED, (), early, Outcome.REFUSED)
    scan, stop = _scan(source, received.files, tools)
    if stop is not None:
        return _Opened(received, (), scan, (), (*early, *scan.findings), stop)
    reached(Step.SCANNED)
    containers = containers_in(received)
    files, found = unpack_all(containers, received, into / "unpacked", tools)
    early = (*early, *scan.findings, *found)
    if containers:
        scan, stop = _scan_again(source, files, scan, tools)
        early = (*early, *scan.findings)
    reached(Step.UNPACKED)
    if stop is None and (has_errors(found) or not files):
        stop = Outcome.REFUSED
    # Names in a container are judged while it is unpacked.
    names = () if containers else _check_names(files, tools.agreement)
    findings = (*early, *names)
    return _Opened(received, containers, scan, files, findings, stop)


def _read(
    source: Path, mark: str, opened: _Opened, tools: Tools, reached: Callable[[Step], None]
) -> Prepared:
    tools.told(Progress(Step.READ, 0, len(opened.files)))
    reading = read_delivery(
        opened.files,
        tools.agreement,
        tools.pool,
        containers=opened.containers,
        name=source.name,
    )
    reached(Step.READ)
    own: dict[str, tuple[Finding, ...]] = {}
    for sip, found in zip(reading.sips, reading.by_sip, strict=True):
        early = tuple(each for each in opened.findings if _is_within(each.where, sip.path))
        own[sip.path] = (*own.get(sip.path, ()), *early, *found)
    placed = {each for found in own.values() for each in found}
    common = [each for each in (*opened.findings, *reading.common) if each not in placed]
    dossiers = bool(reading.sips or reading.lost)
    return Prepared(
        fingerprint=mark,
        received=opened.received,
        unpacked=bool(opened.containers),
        scan=opened.scan,
        findings=tuple(dict.fromkeys((*opened.findings, *reading.findings))),
        sips=reading.sips,
        own=own,
        lost=reading.lost,
        extras=(("mapping.toml", reading.mapping_bytes),) if reading.mapping_bytes else (),
        stop=Outcome.REFUSED if has_errors(common) or not dossiers else None,
    )


def _is_within(place: str, path: str) -> bool:
    return not path or place == path or place.startswith((f"{path}/", f"{path},"))


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
