"""Why a bucket keeps a version that it was asked to remove."""

from contextlib import suppress

from storage.stores.s3_control import Control
from storage.stores.s3_errors import BOTO


def why_kept(control: Control, key: str, version: str, said: str) -> str:
    """The lock of the version, where it has one, else what the server said."""
    head = None
    with suppress(*BOTO):
        head = control.head(key, version)
    if head is not None and head.legal_hold:
        return "locked until its legal hold is lifted"
    if head is not None and head.locked_until is not None:
        return f"locked until {head.locked_until.isoformat()}"
    return said
