"""The exceptions of retention."""


class RetentionError(Exception):
    """Root of every exception that retention raises; `values` are what a message tells."""

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message or ", ".join(f"{name}={each}" for name, each in values.items()))
        self.values = values


class SelectionListUnknown(RetentionError):
    """No selection list of this year is known here."""


class DossierUnknown(RetentionError):
    """No dossier is known under this id or identifier (of this zorgdrager)."""


class PersonUnknown(RetentionError):
    """No person is known under this id."""


class SignatureWrong(RetentionError):
    """A signature does not fit the key that was registered for the person."""


class Refused(RetentionError):
    """What was asked may not be done; `code` says which rule forbids it.

    The codes: mandate, separation_of_duties, state, contradiction, already_on_list, no_date,
    one_zorgdrager, hash_mismatch, waiting, expired, guards, reason_missing, same_person, unknown.
    """

    def __init__(self, code: str, message: str = "", **values: object) -> None:
        super().__init__(message or code, code=code, **values)
        self.code = code


class HoldUnknown(RetentionError):
    """No hold is known under this id."""


class ListUnknown(RetentionError):
    """No disposal list is known under this id."""


class OrderUnknown(RetentionError):
    """No order to a party is known under this id."""


class RulePolicyInvalid(RetentionError):
    """What is said of a policy cannot be: `where`, `found`, `expected`."""


class ListFileInvalid(RetentionError):
    """A file is no selection list that can be read: `where`, `found`, `expected`."""


class TransferUnknown(RetentionError):
    """No transfer is known under this id."""
