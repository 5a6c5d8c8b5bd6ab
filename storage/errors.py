"""The exceptions of storage: each is a kind, with the values that its sentence needs."""


class StorageError(Exception):
    """Root of every exception that storage raises.

    The text is for the log; `values` (store, key, found, expected, …) are for whoever tells it
    to a person in that person's language.
    """

    def __init__(self, text: str = "", **values: object) -> None:
        super().__init__(text)
        self.values = values


class AlreadyStored(StorageError):
    """Something stands under this name already; names on the shelf are never reused."""


class NotStored(StorageError):
    """Nothing stands under this name."""


class CopyDiffers(StorageError):
    """A copy's bytes are not the bytes that were stored."""


class CopyUnreadable(StorageError):
    """The store answers and the copy is there, but its bytes cannot be read."""


class StoreUnreachable(StorageError):
    """The store did not answer; this says nothing about what it holds."""


class StoreFailed(StorageError):
    """A store could not take in an object; nothing was acknowledged."""


class KeyRefused(StorageError):
    """A key that no object may have: not ASCII, not relative, or leading out of the store."""


class ChangedInStaging(StorageError):
    """A file in staging is no longer what it was when it was copied there."""


class PackageDamaged(StorageError):
    """A package's structure cannot be read: it is no package, or its directory is damaged."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened or does not answer."""


class DatabaseUnreachable(DatabaseUnusable):
    """The server of the database does not answer, refuses us, or the connection was lost."""


class DatabaseAbsent(DatabaseUnreachable):
    """The server answers, and has no database of this name."""


class DatabaseOfAnother(StorageError):
    """The database belongs to another depot."""


class DatabaseChanged(StorageError):
    """The database was written to while another was made to take its place."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version of the software than this one."""


class CheckpointRefused(StorageError):
    """The ledger is not a continuation of an earlier checkpoint; it is not signed."""


class NoSigningKey(StorageError):
    """There is no key to sign this zorgdrager's checkpoints with."""


class AlreadyThere(StorageError):
    """A file that would be made stands there already; it is left as it is."""


class NotPromised(StorageError):
    """The ledger names no such package, or its line was changed: there is no measure."""


class StillNeeded(StorageError):
    """A zorgdrager's AIPs need this store, or nothing would hold them without it."""


class OnePlace(StillNeeded):
    """Two names are one place: what leaves the one would be gone from the other."""


class ScopeUnknown(StorageError):
    """A scope names a store, party, zorgdrager or AIP that is nowhere here."""


class RunNotDone(StorageError):
    """A run of fixity that is not at its end cannot be sealed."""


class RunNotSealed(StorageError):
    """A run of fixity that has no entry in this ledger: there is nothing to prove yet."""


class SealBroken(StorageError):
    """The results of a run in the database are not those that the ledger sealed."""


class ScheduleUnknown(StorageError):
    """No schedule bears this name."""


class ScheduleInvalid(StorageError):
    """A schedule's cron expression is none, or never comes."""


class DatabaseOlder(StorageError):
    """The database does not know of destructions that took place: an older one was put back."""


class DenyListOlder(StorageError):
    """The deny list lacks destructions that were declared: it was lost, or put back from before."""
