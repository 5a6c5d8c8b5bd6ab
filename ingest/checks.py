"""What is checked over one dossier: each rule one function, each finding with its code."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from formats.digest import Algorithm, hash_stream
from formats.findings import Finding, Severity, finding
from formats.mdto.relations import check_relations
from formats.mdto.rules import check_mdto
from ingest.agreement import Agreement
from ingest.sip import Sip, SipFile

Check = Callable[[Sip], Iterable[Finding]]


def checks_for(agreement: Agreement, more: Sequence[Check]) -> tuple[Check, ...]:
    """Every check that this agreement asks for, and those that the depot hands in."""
    return (
        check_sizes,
        partial(check_digests, agreement=agreement),
        partial(check_mandatory, agreement=agreement),
        check_metadata,
        check_structure,
        check_names,
        *more,
    )


def check_sip(sip: Sip, checks: Sequence[Check]) -> list[Finding]:
    """Everything that the checks find, in their order."""
    return [each for check in checks for each in check(sip)]


def check_sizes(sip: Sip) -> Iterator[Finding]:
    """The size that the metadata name is the size that came (MDTO omvang, ToPX omvang)."""
    for each in sip.files:
        claimed = each.claimed_size_bytes
        if claimed is not None and claimed != each.file.sums.size_bytes:
            yield finding("I401", each.file.path, each.file.sums.size_bytes, claimed)


def check_digests(sip: Sip, agreement: Agreement) -> Iterator[Finding]:
    """Every digest that the metadata name is computed again; a weak one never proves alone."""
    for each in sip.files:
        yield from _check_claims(each)
        yield from _check_strength(each, agreement)


def check_mandatory(sip: Sip, agreement: Agreement) -> Iterator[Finding]:
    """What the agreement calls mandatory is there, for the dossier itself."""
    for name in agreement.mandatory:
        if not getattr(sip.dossier, name, None):
            yield finding("I404", sip.objects[0].source or sip.path, "", name)


def check_metadata(sip: Sip) -> Iterator[Finding]:
    """The rules of MDTO beyond its schema, for every object and file."""
    for each in sip.objects:
        yield from check_mdto(each.metadata, each.source or each.path)
    for file in sip.files:
        if file.metadata is not None:
            yield from check_mdto(file.metadata, file.source or file.file.path)


def check_structure(sip: Sip) -> Iterator[Finding]:
    """Relations lead somewhere and never round in a circle; identifiers are unique.

    What stands above the dossier has other parts too, which are not in this SIP.
    """
    above = [
        (each.source or each.path, replace(each.metadata, bevatOnderdeel=()))
        for each in sip.context
    ]
    members = [*above, *((each.source or each.path, each.metadata) for each in sip.objects)]
    files = [(each.source, each.metadata) for each in sip.files if each.metadata is not None]
    yield from check_relations([*members, *files])


def check_names(sip: Sip) -> Iterator[Finding]:
    """The name in a file's metadata is the name of the file that came."""
    for each in sip.files:
        if each.metadata is None:
            continue
        name = each.name_in_dossier.rsplit("/", 1)[-1]
        if each.metadata.naam not in (name, name.rsplit(".", 1)[0]):
            yield finding("I405", each.file.path, each.metadata.naam, name)


def check_zorgdrager(sip: Sip, mine: str, names: Mapping[str, str]) -> Iterator[Finding]:
    """No object names another zorgdrager of this depot as its archiefvormer, and not this one.

    `names` are the names of the depot's zorgdragers by their id. Source: Archiefwet 1995, art. 30.
    """
    by_name = {_plain_name(name): each for each, name in names.items()}
    for item in sip.objects:
        named = [each.verwijzingNaam for each in item.metadata.archiefvormer]
        owners = {by_name.get(_plain_name(name)) for name in named} - {None}
        if owners and mine not in owners:
            where = f"{item.source or item.path}, archiefvormer"
            yield finding("I407", where, ", ".join(named), names.get(mine, mine))


def _plain_name(name: str) -> str:
    return " ".join(name.casefold().removeprefix("gemeente ").split())


def _check_claims(each: SipFile) -> Iterator[Finding]:
    known = {Algorithm.SHA256: each.file.sums.sha256, Algorithm.SHA512: each.file.sums.sha512}
    missing = {claim.algorithm for claim in each.claimed_digests} - known.keys()
    if missing:
        with each.file.staged.open("rb") as stream:
            known |= hash_stream(stream, missing)
    for claim in each.claimed_digests:
        if claim.value.lower() != known[claim.algorithm]:
            found = f"{claim.algorithm.value}:{known[claim.algorithm]}"
            yield finding("I402", each.file.path, found, f"{claim.algorithm.value}:{claim.value}")


def _check_strength(each: SipFile, agreement: Agreement) -> Iterator[Finding]:
    strong = any(not claim.algorithm.weak for claim in each.claimed_digests)
    if strong:
        return
    found = ", ".join(claim.algorithm.value for claim in each.claimed_digests)
    if agreement.digests_required:
        yield finding("I403", each.file.path, found or "-", "sha256, sha512")
    elif found:
        yield finding("I403", each.file.path, found, "sha256, sha512", severity=Severity.WARNING)
