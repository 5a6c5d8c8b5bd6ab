"""A party's files on the web: HTTPS with its certificate checked, and never another host."""

import base64
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from formats.spelling import shown
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.held.errors import FileUnreachable

CHUNK_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 60
TRIES = 3
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GONE = (404, 410)
_NOBODY = (401, 407, 429)


@dataclass(frozen=True, slots=True)
class WebPlace:
    """A folder on a web server: host, port, path before each file, and what we say who we are."""

    host: str
    port: int
    base: str
    tls: ssl.SSLContext | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one file, in pieces, exactly as many as the server announced.

        Raises: NotStored; CopyUnreadable when the server has the file but fails on it every time;
        FileUnreachable where it refuses this file, refers elsewhere or stops halfway;
        StoreUnreachable when it does not answer, or does not know us.
        """
        for attempt in range(TRIES):
            with closing(self._connect()) as connection:
                response = self._ask(connection, "GET", path)
                if response.status < 500 or attempt == TRIES - 1:
                    yield from self._body(response, path)
                    return

    def answers(self, path: str) -> bool:
        """Whether the server has this file.

        Raises: StoreUnreachable.
        """
        with closing(self._connect()) as connection:
            return self._ask(connection, "HEAD", path).status == 200

    def _connect(self) -> HTTPConnection:
        if self.tls is None:
            return HTTPConnection(self.host, self.port, timeout=self.timeout_seconds)
        return HTTPSConnection(self.host, self.port, timeout=self.timeout_seconds, context=self.tls)

    def _ask(self, connection: HTTPConnection, method: str, path: str) -> HTTPResponse:
        try:
            connection.request(method, f"{self.base}/{quote(path)}", headers=dict(self.headers))
            return connection.getresponse()
        except (OSError, HTTPException, ValueError) as error:
            raise StoreUnreachable(f"{self.host}: {error}", store=self.host) from error

    def _body(self, response: HTTPResponse, path: str) -> Iterator[bytes]:
        status = response.status
        if status in _GONE:
            raise NotStored(path, key=path)
        if status >= 500 and self.answers(path):
            raise CopyUnreadable(f"{path}: HTTP {status}", key=path)
        if status != 200 or response.getheader("Content-Encoding", "identity") != "identity":
            where = shown(response.getheader("Location", "") or "")[:100]
            kind = StoreUnreachable if status in _NOBODY else FileUnreachable
            raise kind(f"{self.host}: HTTP {status} {where}".strip(), store=self.host)
        announced, count = response.length, 0
        try:
            while chunk := response.read(CHUNK_BYTES):
                count += len(chunk)
                yield chunk
        except (OSError, HTTPException) as error:
            raise FileUnreachable(f"{self.host}: {error}", store=self.host) from error
        if announced is not None and count != announced:
            raise FileUnreachable(f"{self.host}: {count} of {announced} bytes", store=self.host)


def open_web(address: str, ca: str, credentials: str) -> WebPlace:
    """The place at a URL. Plain HTTP is for this machine alone.

    `credentials`: a TOML file with `user` and `password`, or `token`; "" for none.

    Raises: StoreUnreachable when it may not or cannot be used so.
    """
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if not host or (not secure and (parts.scheme != "http" or host not in LOOPBACK)):
        raise StoreUnreachable(f"{shown(address)}: https", store=address)
    try:
        tls = ssl.create_default_context(cafile=ca or None) if secure else None
        port = parts.port or (443 if secure else 80)
        headers = {"Accept-Encoding": "identity"} | _identified(read_credentials(credentials))
    except (OSError, ValueError) as error:
        raise StoreUnreachable(f"{shown(address)}: {error}", store=address) from error
    return WebPlace(host, port, quote(parts.path.rstrip("/"), safe="/%"), tls, headers)


def read_credentials(file: str) -> Mapping[str, str]:
    """The names and values in a TOML file; none when no file is named.

    Raises: OSError; ValueError when it is no such TOML.
    """
    if not file:
        return {}
    values = tomllib.loads(Path(file).read_text("utf-8"))
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _identified(known: Mapping[str, str]) -> dict[str, str]:
    if "token" in known:
        return {"Authorization": f"Bearer {known['token']}"}
    if "user" in known:
        both = f"{known['user']}:{known.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode('ascii')}"}
    return {}
