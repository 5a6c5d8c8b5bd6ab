"""A proxy between a store and its S3 server that lets a chosen request go wrong.

    with proxy(place) as faults:
        store = S3Store("cloud", through(place, faults.endpoint), patience=QUICK)
        faults.add(Fault.LOST_PUT, Operation.PUT)             the first PUT from now on
        faults.add(Fault.ERROR_500, Operation.GET, ALL)       every GET
        faults.add(Fault.CUT_AFTER, Operation.COMPLETE, {2})  the second one
        …
        assert faults.hits

Requests are forwarded as they are (the signature is over the Host that the client named, and
that is kept), so what is not touched is what the real server says.
"""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from storage.stores.s3_place import S3Place
from tests.seaweed import raw

ALL = range(1, 1_000_000)
SLOW_SECONDS = 0.5


class Operation(StrEnum):
    """What a request asks."""

    PUT = "put"
    GET = "get"
    HEAD = "head"
    DELETE = "delete"
    DELETES = "delete many"
    COPY = "copy"
    LIST = "list"
    VERSIONS = "versions"
    BEGIN = "multipart begin"
    PART = "multipart part"
    COMPLETE = "multipart complete"
    ABORT = "multipart abort"
    UPLOADS = "multipart list"
    PARTS = "multipart list of parts"
    OTHER = "other"


class Fault(StrEnum):
    """What goes wrong with it."""

    LOST_PUT = "lost PUT (200, nothing stored)"
    WRONG_ETAG = "wrong ETag"
    ALTERED_IN = "byte altered on the way in"
    ALTERED = "byte altered on the way out"
    TRUNCATED = "body cut off"
    SHORTER = "body shorter, and said to be so"
    STALE = "stale answer"
    EMPTY = "listing without it"
    PHANTOM_404 = "phantom 404"
    NO_BUCKET = "404 of the bucket"
    ERROR_500 = "500"
    BUSY_503 = "503"
    FORBIDDEN_403 = "403"
    SLOW = "no answer in time"
    CUT_BEFORE = "connection cut before"
    CUT_AFTER = "connection cut after"
    LOST_DELETE = "lost DELETE (204, still there)"
    CONDITION_IGNORED = "If-None-Match ignored"
    CHECKSUM_IGNORED = "checksum not compared"


@dataclass(frozen=True)
class Reply:
    """An answer of the server, whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k.lower() == name), "")


@dataclass(frozen=True, eq=False)
class Rule:
    """A fault for the requests of these numbers (from 1, as they come) of an operation."""

    fault: Fault
    operation: Operation
    numbers: Collection[int]
    key: str


class Faults:
    """The rules, and what came past."""

    def __init__(self, endpoint: str, place: S3Place) -> None:
        self.endpoint = endpoint
        self.place = place
        self.upstream = place.endpoint
        self.seen: Counter[Operation] = Counter()
        self.hits: list[tuple[Fault, Operation]] = []
        self.hit: tuple[Fault, Operation] | None = None
        self._rules: list[Rule] = []
        self._counts: Counter[Rule] = Counter()
        self._first: dict[str, Reply] = {}
        self._lock = Lock()

    def add(
        self,
        fault: Fault,
        operation: Operation,
        numbers: Collection[int] = frozenset({1}),
        key: str = "",
    ) -> None:
        """From now on; `key`: only requests whose path ends so."""
        numbers = numbers if isinstance(numbers, range) else frozenset(numbers)
        with self._lock:
            self._rules.append(Rule(fault, operation, numbers, key))
            self.hit = None

    def clear(self) -> None:
        """No rules any more, and no hits."""
        with self._lock:
            self._rules.clear()
            self.hits.clear()

    def forget(self) -> None:
        """Stale answers are from now on what is answered from now on."""
        with self._lock:
            self._first.clear()

    def judge(self, operation: Operation, path: str) -> Fault | None:
        """The fault for the request that came now."""
        with self._lock:
            self.seen[operation] += 1
            for rule in self._rules:
                if rule.operation is operation and path.endswith(rule.key):
                    self._counts[rule] += 1
                    if self._counts[rule] in rule.numbers:
                        self.hit = (rule.fault, operation)
                        self.hits.append(self.hit)
                        return rule.fault
        return None

    def remember(self, request: str, reply: Reply) -> None:
        """Keep the first answer to a request, to be given again as a stale one."""
        with self._lock:
            self._first.setdefault(request, reply)

    def stale(self, request: str) -> Reply | None:
        """The first answer that was ever given to this request."""
        with self._lock:
            return self._first.get(request)


@contextmanager
def proxy(place: S3Place) -> Iterator[Faults]:
    """A proxy before the server of a place, on a port of its own."""
    server = _Server(("127.0.0.1", 0), _Handler)
    faults = Faults(f"http://127.0.0.1:{server.server_port}", place)
    server.faults = faults
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def operation_of(method: str, target: str, headers: Any) -> Operation:
    """What a request asks, from its first line and headers."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    in_bucket = parts.path.strip("/").count("/") == 0
    if in_bucket:
        if method == "GET":
            names = {
                "list-type": Operation.LIST,
                "versions": Operation.VERSIONS,
                "uploads": Operation.UPLOADS,
            }
            return next((names[each] for each in names if each in query), Operation.OTHER)
        return Operation.DELETES if "delete" in query else Operation.OTHER
    if "uploadId" in query:
        by_method = {
            "PUT": Operation.PART,
            "POST": Operation.COMPLETE,
            "DELETE": Operation.ABORT,
            "GET": Operation.PARTS,
        }
        return by_method[method]
    if method == "POST" and "uploads" in query:
        return Operation.BEGIN
    if set(query) & {"legal-hold", "retention", "tagging", "acl", "attributes"}:
        return Operation.OTHER
    if method == "PUT" and headers.get("x-amz-copy-source"):
        return Operation.COPY
    return Operation(method.lower()) if method != "POST" else Operation.OTHER


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    faults: Faults

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what is tested here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self._pass()

    def do_HEAD(self) -> None:
        self._pass()

    def do_PUT(self) -> None:
        self._pass()

    def do_POST(self) -> None:
        self._pass()

    def do_DELETE(self) -> None:
        self._pass()

    def _pass(self) -> None:
        faults = self.server.faults
        operation = operation_of(self.command, self.path, self.headers)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = faults.judge(operation, urlsplit(self.path).path)
        if fault is Fault.CUT_BEFORE:
            self.close_connection = True
            return
        if fault is Fault.SLOW:
            time.sleep(SLOW_SECONDS)
            self.close_connection = True
            return
        request = f"{self.command} {self.path} {self.headers.get('Range', '')}"
        reply = _instead(fault, operation)
        if fault is Fault.STALE:
            reply = faults.stale(request)
        if reply is None:
            if fault is Fault.ALTERED_IN and body:
                body = _flipped(body)
            if fault in (Fault.CONDITION_IGNORED, Fault.CHECKSUM_IGNORED):
                reply = self._put_all_the_same(body)
            else:
                reply = self._forward(faults.upstream, body)
            faults.remember(request, reply)
        if fault is Fault.CUT_AFTER:
            self.close_connection = True
            return
        self._answer(_spoilt(fault, reply), fault)

    def _forward(self, upstream: str, body: bytes) -> Reply:
        connection = HTTPConnection(urlsplit(upstream).netloc, timeout=60)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, content in self.headers.items():
                if name.lower() not in ("connection", "expect"):
                    connection.putheader(name, content)
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Reply(response.status, tuple(response.getheaders()), response.read())
        finally:
            connection.close()

    def _put_all_the_same(self, body: bytes) -> Reply:
        """What a server does that does not look at the headers: as some do."""
        bucket, _, key = unquote(urlsplit(self.path).path).strip("/").partition("/")
        prefix = "x-amz-meta-"
        marks = {k.lower()[len(prefix) :]: v for k, v in self.headers.items()
                 if k.lower().startswith(prefix)}  # fmt: skip
        told = raw(self.server.faults.place).put_object(
            Bucket=bucket, Key=key, Body=body, Metadata=marks
        )
        return Reply(200, (("ETag", told["ETag"]),), b"")

    def _answer(self, reply: Reply, fault: Fault | None) -> None:
        self.send_response_only(reply.status)
        skipped = {"transfer-encoding", "connection"}
        if self.command != "HEAD":
            skipped.add("content-length")
        for name, content in reply.headers:
            if name.lower() not in skipped:
                self.send_header(name, content)
        body = reply.body
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault is Fault.TRUNCATED:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(body)


def _instead(fault: Fault | None, operation: Operation) -> Reply | None:
    """An answer that the server never gave."""
    if fault is Fault.LOST_PUT:
        return _lost(operation)
    if fault is Fault.LOST_DELETE and operation is Operation.DELETES:
        return _xml(200, "<DeleteResult></DeleteResult>")
    if fault is Fault.LOST_DELETE:
        return Reply(204, (), b"")
    if fault is Fault.EMPTY:
        name = "ListVersionsResult" if operation is Operation.VERSIONS else "ListBucketResult"
        return _xml(200, f"<{name}><IsTruncated>false</IsTruncated></{name}>")
    errors = {
        Fault.PHANTOM_404: (404, "NoSuchKey"),
        Fault.NO_BUCKET: (404, "NoSuchBucket"),
        Fault.ERROR_500: (500, "InternalError"),
        Fault.BUSY_503: (503, "SlowDown"),
        Fault.FORBIDDEN_403: (403, "AccessDenied"),
    }
    if fault not in errors:
        return None
    status, code = errors[fault]
    return _xml(status, f"<Error><Code>{code}</Code><Message>by the proxy</Message></Error>")


def _lost(operation: Operation) -> Reply:
    etag = '"d41d8cd98f00b204e9800998ecf8427e"'
    if operation is Operation.COMPLETE:
        return _xml(
            200,
            "<CompleteMultipartUploadResult><Location>x</Location><Bucket>b</Bucket><Key>k</Key>"
            f"<ETag>{etag}</ETag></CompleteMultipartUploadResult>",
        )
    if operation is Operation.COPY:
        return _xml(
            200,
            f"<CopyObjectResult><ETag>{etag}</ETag>"
            "<LastModified>2026-11-24T12:00:00.000Z</LastModified></CopyObjectResult>",
        )
    return Reply(200, (("ETag", etag),), b"")


def _xml(status: int, text: str) -> Reply:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Reply(status, (("Content-Type", "application/xml"),), (head + text).encode())


def _spoilt(fault: Fault | None, reply: Reply) -> Reply:
    """The server's answer, made wrong."""
    if fault is Fault.WRONG_ETAG:
        headers = tuple(
            (k, '"00000000000000000000000000000000"') if k.lower() == "etag" else (k, v)
            for k, v in reply.headers
        )
        body = re.sub(rb"<ETag>[^<]*</ETag>", b"<ETag>&quot;0000&quot;</ETag>", reply.body)
        return Reply(reply.status, headers, body)
    if fault is Fault.ALTERED and reply.body:
        return Reply(reply.status, reply.headers, _flipped(reply.body))
    if fault is Fault.SHORTER:
        return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
    return reply


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
