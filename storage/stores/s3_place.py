"""Where an S3 store stands, and how long it is waited for."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class S3Place:
    """A bucket and the prefix of every key in it ("" or "a/b"), and who we are there."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for, and how often it is asked again.

    `read_seconds`: the longest silence within an answer. `tries`: how often a request is made
    that got no answer, or a 5xx or 429. `pause_seconds`: before the second try; doubled for each
    one after, up to `longest_pause_seconds`. `doubts`: how often a 404 is asked again.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    tries: int = 4
    pause_seconds: float = 0.25
    longest_pause_seconds: float = 5.0
    doubts: int = 2
    abandoned_seconds: float = 6 * 3600.0
