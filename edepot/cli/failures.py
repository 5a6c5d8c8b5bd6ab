"""What went wrong with a run, in words and as an exit code."""

import errno
import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any

import typer

from edepot.errors import (
    AmbiguousName,
    ConfigurationInvalid,
    CredentialsExposed,
    CredentialsUnreadable,
    DatabaseMissing,
    DeclarationNotKept,
    DeclarationUnknown,
    DossierDestroyed,
    DossierReleased,
    EdepotError,
    KeyUnreadable,
    NoDepotHere,
    NotFound,
    NoWholeCopy,
    PackageIncomplete,
    PersonKeyExposed,
    PersonKeyUnreadable,
    PolicyUnknown,
    RunUnknown,
    TableUnreadable,
    WrongUse,
)
from edepot.exits import Exit
from formats.errors import FormatsError

if TYPE_CHECKING:
    from edepot.messages import Words

ABOUT = ("list", "dossier", "hold", "declaration", "order", "number", "name", "kind", "person")
"""By which value of a refusal what it is about is named, the first that there is."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

EXIT_OF_EDEPOT_ERROR = {
    NoDepotHere: Exit.CONFIGURATION,
    ConfigurationInvalid: Exit.CONFIGURATION,
    KeyUnreadable: Exit.CONFIGURATION,
    PersonKeyUnreadable: Exit.CONFIGURATION,
    PersonKeyExposed: Exit.CONFIGURATION,
    CredentialsUnreadable: Exit.CONFIGURATION,
    CredentialsExposed: Exit.CONFIGURATION,
    DatabaseMissing: Exit.CONFIGURATION,
    PolicyUnknown: Exit.CONFIGURATION,
    NotFound: Exit.MATERIAL,
    RunUnknown: Exit.MATERIAL,
    AmbiguousName: Exit.USAGE,
    NoWholeCopy: Exit.STORE,
    DeclarationUnknown: Exit.MATERIAL,
    DossierDestroyed: Exit.MATERIAL,
    DossierReleased: Exit.MATERIAL,
    TableUnreadable: Exit.MATERIAL,
    DeclarationNotKept: Exit.STORE,
    PackageIncomplete: Exit.STORE,
}
"""The exit code of each kind; those that are not here are a wrong use of the command."""

EXIT_OF_NAME = {
    "StoreUnreachable": Exit.STORE,
    "CopyDiffers": Exit.STORE,
    "NotStored": Exit.STORE,
    "AlreadyStored": Exit.STORE,
    "StoreFailed": Exit.STORE,
    "CopyUnreadable": Exit.STORE,
    "PackageDamaged": Exit.STORE,
    "CheckpointRefused": Exit.STORE,
    "StagingFailed": Exit.STORE,
    "ChangedInStaging": Exit.INTERNAL,
    "DatabaseUnusable": Exit.INTERNAL,
    "DatabaseUnreachable": Exit.STORE,
    "DatabaseAbsent": Exit.CONFIGURATION,
    "DatabaseOfAnother": Exit.CONFIGURATION,
    "DatabaseChanged": Exit.WAITING,
    "ToolUnavailable": Exit.INTERNAL,
    "NoSigningKey": Exit.CONFIGURATION,
    "SchemaTooNew": Exit.CONFIGURATION,
    "PolicyInvalid": Exit.CONFIGURATION,
    "DeliveryUnreadable": Exit.MATERIAL,
    "DeliveryBusy": Exit.WAITING,
    "ScannerAbsent": Exit.WAITING,
    "AgreementInvalid": Exit.CONFIGURATION,
    "RunNotDone": Exit.WAITING,
    "ScopeUnknown": Exit.USAGE,
    "AlreadyThere": Exit.USAGE,
    "StillNeeded": Exit.USAGE,
    "OnePlace": Exit.CONFIGURATION,
    "NotPromised": Exit.STORE,
    "KeyRefused": Exit.STORE,
    "FileUnreachable": Exit.STORE,
    "PartyUnknown": Exit.MATERIAL,
    "PartyEnded": Exit.MATERIAL,
    "NothingHeld": Exit.MATERIAL,
    "NonceUsed": Exit.INTERNAL,
    "FolderDiffers": Exit.MATERIAL,
    "KeyNotUsable": Exit.CONFIGURATION,
    "ScheduleUnknown": Exit.USAGE,
    "ScheduleInvalid": Exit.USAGE,
    "RunNotSealed": Exit.MATERIAL,
    "SealBroken": Exit.STORE,
    "OrderUnknown": Exit.MATERIAL,
    "TransferUnknown": Exit.MATERIAL,
    "DatabaseOlder": Exit.STORE,
    "DenyListOlder": Exit.STORE,
    "RulePolicyInvalid": Exit.MATERIAL,
    "ListFileInvalid": Exit.MATERIAL,
    "CaseInvalid": Exit.MATERIAL,
    "Refused": Exit.MATERIAL,
    "PersonUnknown": Exit.MATERIAL,
    "HoldUnknown": Exit.MATERIAL,
    "ListUnknown": Exit.MATERIAL,
    "DossierUnknown": Exit.MATERIAL,
    "SignatureWrong": Exit.MATERIAL,
    "SelectionListUnknown": Exit.MATERIAL,
}
"""The exit code of exceptions of the rooms below, by name: importing them takes time."""


def tell(error: BaseException, words: "Words") -> tuple[Exit, list[str]]:
    """The exit code of a failure, and what to say about it, line by line."""
    if isinstance(error, ConfigurationInvalid):
        return Exit.CONFIGURATION, list(_configuration(error, words))
    if isinstance(error, WrongUse):
        values = dict(error.values)
        return Exit.USAGE, [words(f"error.WrongUse.{values.pop('what')}", **values)]
    if isinstance(error, EdepotError):
        code = EXIT_OF_EDEPOT_ERROR.get(type(error), Exit.USAGE)
        return code, [words(f"error.{type(error).__name__}", **_days(error.values, words))]
    if isinstance(error, typer.TyperException):
        return Exit.USAGE, [_usage(error, words), words("error.usage.more")]
    if isinstance(error, OSError):
        return _system(error, words)
    if words.has(f"refused.{getattr(error, 'code', '')}"):
        return Exit.MATERIAL, [_refused(error, words)]
    for kind in type(error).__mro__:
        if words.has(f"error.{kind.__name__}"):
            code = EXIT_OF_NAME.get(kind.__name__, Exit.INTERNAL)
            values = {**getattr(error, "values", {}), "detail": _own_words(error, words)}
            return code, [words(f"error.{kind.__name__}", **values)]
    detail = f"{type(error).__name__}: {error}"
    return Exit.INTERNAL, [words("error.unexpected", detail=detail)]


def _days(values: Mapping[str, Any], words: "Words") -> dict[str, Any]:
    """The values, with days as they are written in the language."""
    return {
        name: words.day(each) if isinstance(each, str) and DAY.fullmatch(each) else each
        for name, each in values.items()
    }


def is_known(error: BaseException) -> bool:
    """Whether this failure is one that we foresaw, so that its message says all there is to say."""
    names = {kind.__name__ for kind in type(error).__mro__}
    known = isinstance(error, EdepotError | typer.TyperException | OSError | FormatsError)
    return known or bool(names & EXIT_OF_NAME.keys())


def _configuration(error: ConfigurationInvalid, words: "Words") -> Iterator[str]:
    from formats.findings import explain  # noqa: PLC0415 - quick start

    yield words("error.ConfigurationInvalid", **error.values)
    for each in error.findings:
        explained = explain(each, words.language.value)
        yield f"- {explained.text}\n  → {explained.advice}"


def _refused(error: BaseException, words: "Words") -> str:
    """Which rule forbids what was asked (retention's Refused), with what is known of it."""
    given = _days(getattr(error, "values", {}), words)
    values = {name: each for name, each in given.items() if each != ""}
    key = f"refused.{values.pop('code')}"
    about = next((values[each] for each in ABOUT if each in values), "")
    told = {"about": about, "found": values.get("state", ""), **values}
    named = {name for _, name, _, _ in Formatter().parse(words(key)) if name}
    return words(key, **{name: told.get(name, "-") for name in named})


def _own_words(error: BaseException, words: "Words") -> str:
    texts = getattr(error, "text", None)
    return texts[words.language.value] if isinstance(texts, dict) else str(error)


def _system(error: OSError, words: "Words") -> tuple[Exit, list[str]]:
    place = error.filename if error.filename is not None else ""
    place = place.decode("utf-8", "backslashreplace") if isinstance(place, bytes) else str(place)
    if error.errno in NO_ROOM:
        return Exit.STORE, [words("error.no_room", place=place or "-")]
    detail = f"{error.strerror or error}"
    key = "error.OSError.at" if place else "error.OSError"
    return Exit.INTERNAL, [words(key, detail=detail, place=place)]


def _usage(error: Any, words: "Words") -> str:
    """A wrong use of the command line in words; typer's own words are English only."""
    kind = type(error).__name__
    param = getattr(error, "param", None)
    name = ""
    if param is not None:
        argument = param.param_type_name == "argument"
        name = words(f"argument.{param.name}") if argument else max(param.opts, key=len)
    if kind == "NoSuchOption":
        near = ", ".join(error.possibilities or ())
        key = "error.usage.option_close" if near else "error.usage.option"
        return words(key, name=error.option_name, near=near)
    if kind == "MissingParameter":
        return words("error.usage.missing", name=name)
    if kind == "BadParameter" and param is not None:
        choices = getattr(param.type_descriptor, "choices", None)
        if choices:
            names = ", ".join(str(getattr(each, "value", each)) for each in choices)
            return words("error.usage.choice", name=name, choices=names)
        return words("error.usage.value", name=name)
    if kind == "BadOptionUsage":
        return words("error.usage.option_value", name=error.option_name)
    if error.message.startswith("Missing command"):
        return words("error.usage.no_command")
    if error.message.startswith("No such command"):
        quoted = error.message.split("'")
        near = ", ".join(quoted[3::2])
        key = "error.usage.command_close" if near else "error.usage.command"
        return words(key, name=quoted[1], near=near)
    return words("error.usage.other", detail=error.format_message())
