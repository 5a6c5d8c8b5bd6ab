"""The exceptions of held stores."""

from storage.errors import StorageError, StoreUnreachable


class HeldError(StorageError):
    """Root of what goes wrong with the records that others hold."""


class PartyUnknown(HeldError):
    """No held party bears this id."""


class PartyEnded(HeldError):
    """The contract with this party has ended; it is asked for nothing any more."""


class KeyNotUsable(HeldError):
    """A party's public key is no Ed25519 key in a form that we know."""


class NothingHeld(HeldError):
    """The party has no accepted list of files yet, so there is nothing to ask for."""


class NonceUsed(HeldError):
    """This nonce was used for a challenge before."""


class FolderDiffers(HeldError):
    """The folder that a party's files are read from is not what its list says."""


class FileUnreachable(StoreUnreachable):
    """The place answers, but does not give this one file; that says nothing about the file."""
