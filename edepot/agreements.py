"""The depot's submission agreements: which there are, and which one a delivery falls under."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edepot.config import Config, ScannerAbsence
from edepot.errors import AgreementUnclear, AgreementUnknown, ZorgdragerUnknown
from formats.mdto.model import Verwijzing
from ingest.agreement import Agreement, Limits, ScanRule, default_agreement, read_agreement
from ingest.errors import AgreementInvalid


@dataclass(frozen=True, slots=True)
class AgreementFile:
    """An agreement's file, and the agreement, or why there is none in it."""

    file: Path
    agreement: Agreement | None
    fault: AgreementInvalid | None


def read_agreements(config: Config) -> tuple[AgreementFile, ...]:
    """Every agreement of the depot, by file name; files that are mapping profiles are left out."""
    files = sorted(config.agreements.glob("*.toml"))
    return tuple(read_one(each) for each in files if not each.name.endswith(".mapping.toml"))


def read_one(file: Path) -> AgreementFile:
    """The agreement in one file, or what is wrong with it."""
    try:
        return AgreementFile(file, read_agreement(file), None)
    except AgreementInvalid as fault:
        return AgreementFile(file, None, fault)


def agreement_for(config: Config, named: str | None, zorgdrager: str | None) -> Agreement:
    """The agreement that a delivery falls under, within the depot's own limits.

    It is the one that is named (its id, or a path), else the only one there is for the zorgdrager;
    where none was made, the wide default agreement of the zorgdrager.

    Raises: AgreementUnknown, AgreementUnclear, ZorgdragerUnknown, AgreementInvalid.
    """
    chosen = _only_one(config, zorgdrager) if named is None else _named(config, named)
    known = [each.id for each in config.zorgdragers]
    if chosen.zorgdrager not in known:
        raise ZorgdragerUnknown(name=chosen.zorgdrager, known=", ".join(known))
    return replace(chosen, limits=_bounded(chosen.limits, config))


def agreement_without_depot(named: str | None, zorgdrager: str | None) -> Agreement:
    """The agreement for a supplier's own check: a file that is named, else the wide default.

    Raises: AgreementUnknown, AgreementInvalid.
    """
    if named is None:
        return replace(default_agreement(zorgdrager or "zorgdrager"), scan=ScanRule.IF_AVAILABLE)
    if not Path(named).is_file():
        raise AgreementUnknown(name=named, known="-")
    return read_agreement(Path(named))


def _named(config: Config, named: str) -> Agreement:
    path = Path(named)
    if path.suffix == ".toml" and path.is_file():
        return read_agreement(path)
    file = config.agreements / f"{named}.toml"
    if path.name == named and file.is_file():
        return read_agreement(file)
    found = read_agreements(config)
    for each in found:
        if each.agreement is not None and each.agreement.id == named:
            return each.agreement
    raise AgreementUnknown(name=named, known=_listed(found))


def _only_one(config: Config, zorgdrager: str | None) -> Agreement:
    found = read_agreements(config)
    for each in found:
        if each.fault is not None:
            raise each.fault
    agreements = [each.agreement for each in found if each.agreement is not None]
    fitting = [each for each in agreements if zorgdrager in (None, each.zorgdrager)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise AgreementUnclear(known=_listed(found))
    return _default(config, zorgdrager)


def _default(config: Config, zorgdrager: str | None) -> Agreement:
    known = {each.id: each.name for each in config.zorgdragers}
    chosen = zorgdrager or (next(iter(known)) if len(known) == 1 else None)
    if chosen is None or chosen not in known:
        raise ZorgdragerUnknown(name=zorgdrager or "-", known=", ".join(known))
    agreement = default_agreement(chosen, archiefvormer=Verwijzing(known[chosen]))
    if config.scanner.absent is ScannerAbsence.ACCEPT:
        return replace(agreement, scan=ScanRule.IF_AVAILABLE)
    return agreement


def _bounded(agreed: Limits, config: Config) -> Limits:
    """What was agreed, but never more than the depot takes."""
    most = config.limits
    return Limits(
        max_files=min(agreed.max_files, most.max_files),
        max_bytes=min(agreed.max_bytes, most.max_bytes),
        max_file_bytes=min(agreed.max_file_bytes, most.max_file_bytes),
        max_depth=min(agreed.max_depth, most.max_depth),
        max_ratio=min(agreed.max_ratio, most.max_ratio),
        max_name_bytes=min(agreed.max_name_bytes, most.max_name_bytes),
        max_path_bytes=min(agreed.max_path_bytes, most.max_path_bytes),
    )


def _listed(found: Sequence[AgreementFile]) -> str:
    names = [each.agreement.id for each in found if each.agreement is not None]
    return ", ".join(names) or "-"
