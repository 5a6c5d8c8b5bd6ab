"""The exceptions of formats."""


class FormatsError(Exception):
    """Root of every exception that formats raises."""
