"""The bags of a delivery, checked by the rules of BagIt in staging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from formats.bagit.check import FetchRule, check_bag
from formats.digest import Digest
from formats.findings import Finding
from ingest.readers.found import Found
from ingest.readers.names import joined
from ingest.readers.parts import DECLARATION
from ingest.sip import Sip, SipFile, StagedFile


@dataclass(frozen=True, slots=True)
class CheckedBag:
    """A bag's findings, and the strong digests that its manifests give, by path in the delivery."""

    findings: tuple[Finding, ...]
    digests: Mapping[str, tuple[Digest, ...]]


def check_bag_in(bag: str, files: Sequence[StagedFile], name: str) -> CheckedBag:
    """Check the bag in this folder of the delivery; `files` are all files of the delivery, which
    is called `name` when the bag is the whole of it.

    Nothing is hashed again that was hashed while it came in, unless a manifest is by another
    digest than SHA-256 and SHA-512. Staging keeps the sender's tree, so the bag is one folder.
    """
    declaration = joined(bag, DECLARATION)
    root = next(each.staged.parent for each in files if each.path == declaration)
    inside = f"{bag}/" if bag else ""
    inner = {each.path.removeprefix(inside): each for each in files if each.path.startswith(inside)}
    known = {path: each.sums for path, each in inner.items() if each.staged == root / Path(path)}
    report = check_bag(root, known=known, where=bag, fetch=FetchRule.REFUSED)
    digests = {
        joined(bag, each.path): tuple(one for one in each.claimed if not one.algorithm.weak)
        for each in report.payload
    }
    findings = (
        replace(each, where=name) if not bag and each.where == root.name else each
        for each in report.findings
    )
    return CheckedBag(tuple(findings), digests)


def with_bag(sips: Sequence[Sip], checked: CheckedBag, found: Found) -> tuple[Sip, ...]:
    """The dossiers of a bag with the digests of its manifests; the bag's findings told.

    What is about one file is told of its dossier, what is about the bag of each dossier in it.
    """
    homes = {each.file.path: sip.objects[0].source for sip in sips for each in sip.files}
    everyone = [sip.objects[0].source for sip in sips] or [""]
    for one in checked.findings:
        for key in [homes[one.where]] if one.where in homes else everyone:
            found.add(one, key)
    return tuple(
        replace(sip, files=tuple(_claimed(each, checked.digests) for each in sip.files))
        for sip in sips
    )


def _claimed(each: SipFile, digests: Mapping[str, tuple[Digest, ...]]) -> SipFile:
    more = digests.get(each.file.path, ())
    new = tuple(one for one in more if one not in each.claimed_digests)
    return replace(each, claimed_digests=(*each.claimed_digests, *new)) if new else each
