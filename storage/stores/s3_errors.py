"""What an S3 server answered when it did not do what was asked: one form for both libraries.

An error of boto3 or obstore becomes an `Answer`, and an `Answer` one of storage's exceptions.
What an answer means depends on the question, so the meaning is given where it is asked.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from storage.stores.s3_place import Patience

NO_ANSWER = 0
NO_BUCKET = "NoSuchBucket"
SPOILT = frozenset({"BadDigest", "XAmzContentSHA256Mismatch"})
OBSTORE = (BaseError, OSError, ValueError)
BOTO = (ClientError, BotoCoreError, ResponseParserError)

_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A refusal: HTTP status (0: none came), the server's code for it, and a text for the log."""

    status: int
    code: str
    text: str

    @property
    def no_such_key(self) -> bool:
        """Whether it says that there is no such object; a bucket that is not there says nothing."""
        return self.status == 404 and self.code != NO_BUCKET

    @property
    def taken(self) -> bool:
        """Whether it says that something stands under the key."""
        return self.status in (409, 412)

    @property
    def passing(self) -> bool:
        """Whether asking again may help."""
        return self.status in (NO_ANSWER, 408, 429) or self.status >= 500

    @property
    def spoilt(self) -> bool:
        """Whether the bytes that we sent came in as others."""
        return self.code in SPOILT


def answer_of(error: BaseException) -> Answer:
    """What a library's error says."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", NO_ANSWER)
        told = error.response.get("Error", {})
        code = told.get("Code", "")
        text = told.get("Message", "") or str(error)
        return Answer(status, "" if code.isdigit() else code, f"{status} {code}: {text}")
    if isinstance(error, FileNotFoundError):
        return _parsed(str(error), 404)
    if isinstance(error, (AlreadyExistsError, PreconditionError)):
        return _parsed(str(error), 412)
    return _parsed(str(error), NO_ANSWER)


def asked(patience: Patience, ask: Callable[[], T]) -> T:
    """The answer to a question that may be asked twice; asked again when none came.

    Raises: what boto3 raises at last.
    """
    for number in range(1, patience.tries + 1):
        try:
            return ask()
        except BOTO as error:
            answer = answer_of(error)
            if not (answer.passing or answer.spoilt) or number == patience.tries:
                raise
        pause(patience, number)
    raise AssertionError("at least one try")


def pause(patience: Patience, number: int) -> None:
    """Wait before the next try; `number` tries were made."""
    wait = patience.pause_seconds * 2 ** (number - 1)
    time.sleep(min(wait, patience.longest_pause_seconds))


def _parsed(text: str, status: int) -> Answer:
    """obstore tells status and answer only in its text, and after that how it is built."""
    told = text.split("\n\nDebug source", 1)[0]
    found = _STATUS.search(told)
    code = _CODE.search(told)
    message = _MESSAGE.search(told)
    number = int(found[1]) if found else status
    if number and code:
        said = f"{number} {code[1]}: {message[1] if message else ''}"
    else:
        # "…GET <address> in 1.5s, after 2 retries … - HTTP error: error sending request"
        said = told.rsplit(" - ", 1)[-1].strip()
    return Answer(number, code[1] if code else "", said)
