"""The exceptions of edepot: each names a sentence in the catalogue of messages."""

from collections.abc import Sequence

from formats.findings import Finding


class EdepotError(Exception):
    """Root of every exception that edepot raises; `values` fill the sentence of its kind."""

    def __init__(self, **values: object) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in values.items()))
        self.values = values


class NoDepotHere(EdepotError):
    """No depot was named, and none is found here or above."""


class FolderNotEmpty(EdepotError):
    """A depot cannot be founded among things that are not a depot's."""


class ConfigurationInvalid(EdepotError):
    """The configuration has settings that cannot be."""

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        super().__init__(file=file, count=len(findings))
        self.findings = tuple(findings)


class KeyUnreadable(EdepotError):
    """The signing key of a zorgdrager is not there, or is no Ed25519 key."""


class PersonKeyUnreadable(EdepotError):
    """The key of a person is not there, or is no Ed25519 key."""


class PersonKeyExposed(EdepotError):
    """The key of a person can be read by others on this machine."""


class CredentialsUnreadable(EdepotError):
    """The credentials of a store are not there, or not both of them."""


class CredentialsExposed(EdepotError):
    """The credentials of a store can be read by others on this machine."""


class NotFound(EdepotError):
    """Nothing in this depot bears this name."""


class RunUnknown(EdepotError):
    """There is no check of copies of this id, or there was none yet."""


class AmbiguousName(EdepotError):
    """The beginning of an id fits more than one thing."""


class WrongUse(EdepotError):
    """The command was asked for something that it cannot do."""


class AgreementUnknown(EdepotError):
    """No submission agreement bears this name."""


class AgreementUnclear(EdepotError):
    """There is more than one submission agreement, and none was named."""


class PathMissing(EdepotError):
    """What was named on the command line is not there."""


class ExportRefused(EdepotError):
    """An export would overwrite something, or its target is no folder."""


class NoWholeCopy(EdepotError):
    """None of the copies is whole."""


class ZorgdragerUnknown(EdepotError):
    """The depot does not know this zorgdrager, or none was named where there are several."""


class DatabaseMissing(EdepotError):
    """The depot's database is not where the configuration says."""


class PolicyUnknown(EdepotError):
    """No format policy bears this name."""


class WorkerNameTaken(EdepotError):
    """Another process of this depot works under this name."""


class DeclarationNotKept(EdepotError):
    """The documents of a declaration could not be taken in as an AIP."""


class DeclarationUnknown(EdepotError):
    """No declaration bears this number."""


class TableUnreadable(EdepotError):
    """A table that a person filled in cannot be read."""


class DossierDestroyed(EdepotError):
    """The dossier that was asked for was destroyed by a signed list; its tombstone says so."""


class DossierReleased(EdepotError):
    """The dossier that was asked for was transferred, and its copies here were cleared."""


class PackageIncomplete(EdepotError):
    """The metadata in a package do not describe all that is in it: `dossier`, `detail`."""


class TransferFolderTaken(EdepotError):
    """Something that is no package of a transfer stands in its folder."""
