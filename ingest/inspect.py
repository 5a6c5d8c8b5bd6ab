"""Looking at the files of dossiers: what format each has, whether it is sound and may stay."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from formats.examine.files import examine_files
from formats.examine.values import Examination
from formats.findings import Finding
from formats.identify import Identification, check_claims, identify_files
from formats.policy import judge_format
from formats.tally import Tally
from ingest.checks import Check, check_sip, checks_for
from ingest.intake import Tools
from ingest.sip import Sip

Seen = TypeVar("Seen", Identification, Examination)

FILES_PER_SHARE = 400
FILES_AT_ONCE = 2_000
SHARES_AHEAD = 2
"""One that the slow judge of PDF/A ends, and one that the others begin on."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A dossier with all that was found: per file, in the SIP's order, its format and soundness.

    Of each kind of finding the first hundred are named, and then how many more there are.
    """

    sip: Sip
    identifications: tuple[Identification, ...]
    examinations: tuple[Examination, ...]
    findings: tuple[Finding, ...]


def inspect_sips(sips: Iterable[Sip], tools: Tools) -> Iterator[list[Inspected]]:
    """Dossiers in shares of some hundreds of files; the next are looked at while one is used."""
    waiting: deque[Future[list[Inspected]]] = deque()
    with ThreadPoolExecutor(SHARES_AHEAD) as ahead:
        for share in _shares(sips):
            waiting.append(ahead.submit(_inspect_share, share, tools))
            if len(waiting) > SHARES_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _shares(sips: Iterable[Sip]) -> Iterator[list[Sip]]:
    share: list[Sip] = []
    count = 0
    for sip in sips:
        if share and count + len(sip.files) > FILES_PER_SHARE:
            yield share
            share, count = [], 0
        share.append(sip)
        count += len(sip.files)
    if share:
        yield share


def _inspect_share(sips: Sequence[Sip], tools: Tools) -> list[Inspected]:
    files = [each for sip in sips for each in sip.files]
    seen: list[Identification] = []
    sound: list[Examination] = []
    for start in range(0, len(files), FILES_AT_ONCE):
        part = [(each.file.staged, each.file.path) for each in files[start : start + FILES_AT_ONCE]]
        found = list(identify_files(tools.pool, part))
        triples = [(staged, name, each) for (staged, name), each in zip(part, found, strict=True)]
        seen.extend(found)
        sound.extend(examine_files(tools.pool, triples))
    checks = checks_for(tools.agreement, tools.checks)
    start = 0
    result = []
    for sip in sips:
        end = start + len(sip.files)
        result.append(_judged(sip, seen[start:end], sound[start:end], checks, tools))
        start = end
    return result


def _judged(
    sip: Sip,
    seen: Sequence[Identification],
    sound: Sequence[Examination],
    checks: Sequence[Check],
    tools: Tools,
) -> Inspected:
    tally = Tally(whole=sip.path)
    tally.extend(check_sip(sip, checks))
    tally.extend(_judge_files(sip, seen, sound, tools))
    return Inspected(sip, _untold(seen), _untold(sound), tally.findings())


def _untold(values: Sequence[Seen]) -> tuple[Seen, ...]:
    """The same without their findings, which the dossier has by now: it may have 100,000 files."""
    return tuple(replace(each, findings=()) if each.findings else each for each in values)


def _judge_files(
    sip: Sip, seen: Sequence[Identification], sound: Sequence[Examination], tools: Tools
) -> Iterator[Finding]:
    for each, identification, examination in zip(sip.files, seen, sound, strict=True):
        yield from identification.findings
        yield from check_claims(identification, each.claimed_mime, each.file.path)
        yield from examination.findings
        yield from judge_format(tools.policy, identification, examination)
