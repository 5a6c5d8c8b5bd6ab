"""E-mail: the message's defects, its attachments by name and type, and what in it could act.

Source: RFC 5322, RFC 2045-2047, RFC 8551 (S/MIME); 2,000 nested parts break every parser.
"""

from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from formats.examine.archive import CONTAINERS
from formats.examine.program import program_in
from formats.examine.values import Notes, some_of
from formats.guard import open_plain

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 30
MAX_PARTS = 5000
MAX_BOUNDARIES = 200


def examine_mail(path: Path, notes: Notes) -> None:
    """Note all that is to be said of an e-mail message."""
    notes.validator = "edepot, e-mail"
    size = path.stat().st_size
    if size > MAX_BYTES:
        notes.detail = f"{size} > {MAX_BYTES} bytes"
        notes.say("F414", size, MAX_BYTES)
        return
    with open_plain(path) as stream:
        content = stream.read()
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        parts = _parts(message, notes)
    except RecursionError:
        notes.detail = f"> {MAX_DEPTH}"
        notes.say("F413", "RecursionError: multipart")
        return
    except (MessageError, ValueError, LookupError, AttributeError) as error:
        notes.unreadable(f"{type(error).__name__}: {error}"[:200])
        return
    _judge(message, parts, notes)


def _parts(message: "Message[str, str]", notes: Notes) -> "list[Message[str, str]]":
    """All parts, the message itself first; deeper than the limit is noted and left."""
    found: list[Message[str, str]] = []
    waiting = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        found.append(part)
        if depth > MAX_DEPTH or len(found) > MAX_PARTS:
            notes.detail = f"{depth} / {len(found)}"
            notes.say("F413", f"multipart: > {MAX_DEPTH} / {MAX_PARTS}")
            return found
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting.extend(
                (each, depth + 1) for each in reversed(inner) if isinstance(each, Message)
            )
    return found


def _judge(message: "Message[str, str]", parts: "list[Message[str, str]]", notes: Notes) -> None:
    missing = [name for name in ("From", "Date") if name not in message]
    if missing and not message.keys():
        notes.unreadable("RFC 5322: -From, -Date")
        return
    defects = [type(defect).__name__ for part in parts for defect in part.defects]
    flaws = [f"-{name}" for name in missing] + list(dict.fromkeys(defects))
    if flaws:
        notes.say("F428", ", ".join(flaws))
    for part in parts:
        _judge_part(part, notes)
    nested = [name for name in notes.embedded if name.lower().endswith(CONTAINERS)]
    if nested:
        notes.say("F424", some_of(nested))
    notes.tell_embedded()
    if not notes.encrypted and not notes.detail:
        notes.sound()


def _judge_part(part: "Message[str, str]", notes: Notes) -> None:
    kind = part.get_content_type()
    if _is_locked(part, kind):
        notes.locked(kind)
        return
    if kind in ("application/pkcs7-signature", "application/x-pkcs7-signature"):
        notes.features.append("signature")
    name = part.get_filename() or ""
    if not name and part.get_content_disposition() != "attachment":
        return
    shown = f"{name or '-'} ({kind})"
    notes.embedded.append(name or kind)
    head = part.get_payload(decode=True)
    program = program_in(head[:4096] if isinstance(head, bytes) else b"", name)
    if program:
        notes.act("F408", "program", f"{shown[:160]}: {program}")


def _is_locked(part: "Message[str, str]", kind: str) -> bool:
    if kind == "multipart/encrypted":
        return True
    secret = str(part.get_param("smime-type") or "")
    return kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") and secret in (
        "enveloped-data",
        "authenveloped-data",
    )
