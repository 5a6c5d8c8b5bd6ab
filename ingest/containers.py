"""Containers at the top of a delivery: which files are a delivery in one, and their unpacking."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from formats.findings import Finding, finding
from formats.limits import Limits
from formats.outcomes import Done
from formats.plain import from_plain, to_plain
from ingest.intake import Progress, Tools
from ingest.journal import Step
from ingest.sip import StagedFile
from ingest.staging import Staged
from ingest.unpack import recognise
from ingest.unpack_limits import Unpacked

SLOWEST_BYTES_PER_SECOND = 2_000_000
BESIDE = ("pakbon.xml",)
BESIDE_ENDINGS = (".sha256", ".sha512", ".md5", ".pakbon.xml")


def containers_in(received: Staged) -> tuple[StagedFile, ...]:
    """The containers to open: the one file delivered, or all files of a folder that holds
    nothing else at its top but containers and a packing slip or digest beside them.
    """
    if any("/" in each.path for each in received.files):
        return ()
    kept = [each for each in received.files if not _stands_beside(each.path)]
    if kept and all(recognise(each.staged) is not None for each in kept):
        return tuple(kept)
    return ()


def unpack_all(
    containers: Sequence[StagedFile], received: Staged, into: Path, tools: Tools
) -> tuple[tuple[StagedFile, ...], tuple[Finding, ...]]:
    """The files of the delivery after unpacking; without containers, those that were received."""
    if not containers:
        return received.files, ()
    files = [each for each in received.files if each not in containers]
    findings: list[Finding] = []
    jobs = [_job(each, into / f"{number:04d}", tools) for number, each in enumerate(containers)]
    answers = tools.pool.run("ingest.unpack:unpack_job", jobs, limits=_limits(containers, tools))
    for number, (container, answer) in enumerate(zip(containers, answers, strict=True)):
        tools.told(Progress(Step.UNPACKED, number + 1, len(containers)))
        if not isinstance(answer, Done):
            findings.append(finding("I406", container.path, f"{answer.reason}: {answer.detail}"))
            continue
        unpacked = from_plain(Unpacked, answer.value)
        prefix = f"{container.path}/" if len(containers) > 1 else ""
        files.extend(replace(each, path=prefix + each.path) for each in unpacked.files)
        findings.extend(unpacked.findings)
    return tuple(sorted(files, key=lambda each: each.path)), tuple(findings)


def _limits(containers: Sequence[StagedFile], tools: Tools) -> Limits:
    """A large container may take long, and its files may be as large as was agreed."""
    largest = max(each.sums.size_bytes for each in containers)
    return Limits(
        file_bytes=tools.agreement.limits.max_file_bytes + 1,
        seconds=60 + largest / SLOWEST_BYTES_PER_SECOND,
    )


def _job(container: StagedFile, into: Path, tools: Tools) -> dict[str, object]:
    return {
        "container": str(container.staged),
        "into": str(into),
        "limits": to_plain(tools.agreement.limits),
        "where": container.path,
    }


def _stands_beside(path: str) -> bool:
    name = path.lower()
    return name in BESIDE or name.endswith(BESIDE_ENDINGS)
