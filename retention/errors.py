"""The exceptions of retention."""


class RetentionError(Exception):
    """Root of every exception that retention raises."""


class SelectionListUnknown(RetentionError):
    """No selection list of this year is known here."""
