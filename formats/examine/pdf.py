"""PDF: syntax, encryption, what could act, what is within, and the PDF/A that it claims to be.

Source: ISO 32000-2; measured: `open` alone notices 2 of 40 cut tails, the syntax check all.
"""

from collections.abc import Iterator
from pathlib import Path

import pikepdf

from formats.examine.values import Notes, some_of
from formats.xmldoc import XmlRefused, local_name, namespace, parse_xml

MIB = 1024 * 1024
MAX_STREAM_BYTES = 256 * MIB
BOMB_RATIO = 200
RECOVER_UP_TO_BYTES = 256 * MIB
"""Beyond this size qpdf is not asked to rebuild a lost index: it would read for minutes."""
MAX_OBJECTS = 300_000
MAX_XMP_BYTES = 4 * 1024 * 1024
MAX_NESTED = 60
PDFA = "http://www.aiim.org/pdfa/ns/id/"

STARVED = ("limit exceeded", "bad_alloc")
"""Parts of messages about streams that unpack to more than we allow."""

FOLLOWS = (
    "re-processed without filtering",
    "output may still be valid",
    "errors while decoding content stream",
)
"""Parts of messages that only repeat what another one said."""

HARMLESS = (
    "xref entry for the xref stream itself is missing",
    "linearization",
    "hint table",
)
"""Parts of messages about files that every reader opens rightly: graded as lesser flaws."""

BROKEN = (
    "file is damaged",
    "reconstruct",
    "can't find startxref",
    "unable to find trailer",
    "unable to find page tree",
    "unexpected eof",
    "eof while reading",
    "premature end",
    "missing endstream",
    "expected endstream",
    "error decoding stream",
    "inflate",
)
"""Parts of messages that tell of missing or altered bytes, in lower case."""

ACTS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit-form",
    "/ImportData": "import-data",
    "/GoToE": "embedded-target",
    "/Rendition": "multimedia",
    "/Movie": "multimedia",
    "/Sound": "multimedia",
    "/RichMediaExecute": "multimedia",
}
MEDIA = {"/Movie", "/Sound", "/RichMedia", "/Screen", "/3D"}


def examine_pdf(path: Path, notes: Notes) -> None:
    """Note all that is to be said of a PDF."""
    notes.validator = f"pikepdf {pikepdf.__version__} (qpdf {pikepdf.__libqpdf_version__})"
    size = path.stat().st_size
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_STREAM_BYTES,
        run_length_max_memory=MAX_STREAM_BYTES,
        png_max_memory=MAX_STREAM_BYTES,
        tiff_max_memory=MAX_STREAM_BYTES,
        dct_max_memory=2 * MAX_STREAM_BYTES,
    )
    try:
        with pikepdf.open(path, attempt_recovery=size <= RECOVER_UP_TO_BYTES) as pdf:
            _examine(pdf, size, notes)
    except pikepdf.PasswordError:
        notes.locked("PDF, user password")
    except pikepdf.PdfError as error:
        words = _words(error, path)
        if "unsupported encryption" in words or "encryption filter" in words:
            notes.locked(words)
        else:
            notes.unreadable(words)


def _examine(pdf: pikepdf.Pdf, size: int, notes: Notes) -> None:
    if pdf.is_encrypted:
        notes.features.append("restricted")
        notes.say("F402", f"R{pdf.encryption.R}, {pdf.encryption.bits} bit")
    _check_syntax(pdf, size, notes)
    _claim(pdf, notes)
    _walk(pdf, notes)
    if not notes.detail:
        notes.sound()


def _check_syntax(pdf: pikepdf.Pdf, size: int, notes: Notes) -> None:
    problems = [str(each) for each in pdf.check_pdf_syntax()]
    warnings = [str(each) for each in pdf.get_warnings()]
    told = (_without_path(each, pdf) for each in (*warnings, *problems))
    messages = list(dict.fromkeys(told))
    starved = [each for each in messages if any(sign in each for sign in STARVED)]
    if starved:
        _starve(starved[0], size, notes)
        messages = [each for each in messages if each not in starved and not _follows(each)]
    broken = [each for each in messages if _is_broken(each)]
    lesser = [each for each in messages if each not in broken]
    if broken:
        notes.damaged("; ".join(broken[:3]))
    if lesser:
        notes.say("F412", "; ".join(lesser[:3]))


def _starve(message: str, size: int, notes: Notes) -> None:
    notes.detail = message
    if size * BOMB_RATIO < MAX_STREAM_BYTES:
        notes.say("F413", message)
    else:
        notes.say("F414", message, f"{MAX_STREAM_BYTES} bytes")


def _follows(message: str) -> bool:
    return any(sign in message for sign in FOLLOWS)


def _is_broken(message: str) -> bool:
    lower = message.lower()
    return any(sign in lower for sign in BROKEN) and not any(sign in lower for sign in HARMLESS)


def _without_path(message: str, pdf: pikepdf.Pdf) -> str:
    """The message without the path on our side, which is no business of the sender's."""
    words = message.replace(pdf.filename, "").removeprefix("WARNING:").removeprefix("ERROR:")
    return words.strip(" :")[:200]


def _words(error: Exception, path: Path) -> str:
    return str(error).replace(str(path), "").strip(" :")[:200]


def _claim(pdf: pikepdf.Pdf, notes: Notes) -> None:
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream):
        return
    try:
        content = bytes(metadata.read_bytes())
        root = parse_xml(content.strip(b"\x00 \t\r\n"), max_bytes=MAX_XMP_BYTES)
    except XmlRefused as refused:
        notes.say("F412", refused, part="XMP")
        return
    except pikepdf.PdfError as error:
        notes.damaged(_words(error, Path()), part="XMP")
        return
    values: dict[str, str] = {}
    for element in root.iter("*"):
        if namespace(element) == PDFA:
            values[local_name(element)] = (element.text or "").strip()
        for name, value in element.attrib.items():
            if str(name).startswith(f"{{{PDFA}}}"):
                values[str(name).rpartition("}")[2]] = str(value).strip()
    part, level = values.get("part", ""), values.get("conformance", "").lower()
    if part.isdigit():
        notes.claims.append(f"pdfa-{part}{level}")


def _walk(pdf: pikepdf.Pdf, notes: Notes) -> None:
    seen: dict[str, None] = {}
    for dictionary in _dictionaries(pdf, notes):
        for trait in _traits(dictionary):
            seen[trait] = None
        _note_file(dictionary, notes)
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) not in ("/GoTo", "None"):
        seen["open-action"] = None
    for feature in ("form", "xfa", "signature", "portfolio", "multimedia"):
        if feature in seen:
            notes.features.append(feature)
    acting = [each for each in seen if each not in ("form", "signature", "portfolio")]
    if acting:
        notes.active.extend(acting)
        notes.say("F404", some_of(acting))
    notes.tell_embedded()


def _dictionaries(pdf: pikepdf.Pdf, notes: Notes) -> Iterator[pikepdf.Object]:
    """Every dictionary, indirect or within another; a stream counts as its dictionary."""
    for count, thing in enumerate(pdf.objects):
        if count >= MAX_OBJECTS:
            notes.say("F414", f"> {MAX_OBJECTS}", MAX_OBJECTS, part="objects")
            return
        yield from _within(thing)


def _within(thing: pikepdf.Object) -> Iterator[pikepdf.Object]:
    waiting = [(thing, 0)]
    while waiting:
        each, depth = waiting.pop()
        inner: list[object] = []
        if isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            yield each
            inner = [each.get(key) for key in each.keys()]  # noqa: SIM118 - not a mapping
        elif isinstance(each, pikepdf.Array) and len(each) < 2000:
            inner = list(each)
        if depth < MAX_NESTED:
            waiting.extend(
                (child, depth + 1)
                for child in inner
                if isinstance(child, (pikepdf.Dictionary, pikepdf.Array)) and not child.is_indirect
            )


def _traits(dictionary: pikepdf.Object) -> Iterator[str]:
    keys = dictionary.keys()
    action = _name(dictionary, "/S") if "/S" in keys else ""
    if action in ACTS:
        yield ACTS[action]
    if "/JS" in keys or "/JavaScript" in keys:
        yield "javascript"
    if "/AA" in keys:
        yield "additional-actions"
    if "/XFA" in keys:
        yield "xfa"
    if "/Subtype" in keys and _name(dictionary, "/Subtype") in MEDIA:
        yield "multimedia"
    if "/AcroForm" in keys:
        yield "form"
    if "/Collection" in keys:
        yield "portfolio"
    if "/ByteRange" in keys and "/Contents" in keys:
        yield "signature"


def _note_file(dictionary: pikepdf.Object, notes: Notes) -> None:
    if "/EF" not in dictionary.keys():  # noqa: SIM118 - not a mapping
        return
    name = dictionary.get("/UF", dictionary.get("/F", ""))
    shown = str(name) or "-"
    if shown not in notes.embedded:
        notes.embedded.append(shown)


def _name(dictionary: pikepdf.Object, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""
