"""The exceptions of storage."""


class StorageError(Exception):
    """Root of every exception that storage raises."""


class AlreadyStored(StorageError):
    """Something stands under this name already; names on the shelf are never reused."""


class NotStored(StorageError):
    """Nothing stands under this name."""


class CopyDiffers(StorageError):
    """A copy's bytes are not the bytes that were stored."""


class StoreUnreachable(StorageError):
    """The store did not answer; this says nothing about what it holds."""
