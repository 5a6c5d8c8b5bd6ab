"""Which examiner a file goes to: by its PUID and media type, never by its extension alone."""

from enum import StrEnum

from formats.guard import extension_of
from formats.identify import Identification, Method


class Kind(StrEnum):
    """The kinds of file that have an examiner, and those that have none."""

    PDF = "pdf"
    XML = "xml"
    SVG = "svg"
    HTML = "html"
    IMAGE = "image"
    ODF = "odf"
    OOXML = "ooxml"
    COMPOUND = "compound"
    MAIL = "mail"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    CLOSED_ARCHIVE = "closed-archive"
    RICH_TEXT = "rich-text"
    TABLE = "table"
    TEXT = "text"
    PROGRAM = "program"
    OTHER = "other"


PUIDS = {
    "x-fmt/18": Kind.TABLE,
    "x-fmt/13": Kind.TABLE,
    "x-fmt/111": Kind.TEXT,
    "x-fmt/263": Kind.ZIP,
    "x-fmt/265": Kind.TAR,
    "x-fmt/266": Kind.GZIP,
    "fmt/484": Kind.CLOSED_ARCHIVE,
    "fmt/613": Kind.CLOSED_ARCHIVE,
    "x-fmt/264": Kind.CLOSED_ARCHIVE,
    "fmt/411": Kind.CLOSED_ARCHIVE,
    "fmt/111": Kind.COMPOUND,
    "fmt/494": Kind.COMPOUND,
    "x-fmt/430": Kind.COMPOUND,
    "fmt/278": Kind.MAIL,
    "fmt/950": Kind.MAIL,
    "fmt/412": Kind.OOXML,
    "fmt/483": Kind.ODF,
    "x-fmt/411": Kind.PROGRAM,
    "fmt/899": Kind.PROGRAM,
    "fmt/900": Kind.PROGRAM,
    "x-fmt/409": Kind.PROGRAM,
    "x-fmt/410": Kind.PROGRAM,
    "x-fmt/412": Kind.PROGRAM,
    "fmt/688": Kind.PROGRAM,
    "fmt/689": Kind.PROGRAM,
    "fmt/690": Kind.PROGRAM,
    "fmt/691": Kind.PROGRAM,
    "fmt/692": Kind.PROGRAM,
    "fmt/693": Kind.PROGRAM,
    "x-fmt/413": Kind.PROGRAM,
    "x-fmt/414": Kind.PROGRAM,
    "x-fmt/423": Kind.PROGRAM,
    "fmt/1089": Kind.PROGRAM,
    "fmt/938": Kind.PROGRAM,
    "x-fmt/428": Kind.PROGRAM,
}
"""PUIDs whose media type is missing or says too little."""

MIMES = {
    "application/pdf": Kind.PDF,
    "application/xml": Kind.XML,
    "text/xml": Kind.XML,
    "image/svg+xml": Kind.SVG,
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "message/rfc822": Kind.MAIL,
    "text/csv": Kind.TABLE,
    "text/tab-separated-values": Kind.TABLE,
    "application/rtf": Kind.RICH_TEXT,
    "text/rtf": Kind.RICH_TEXT,
    "application/zip": Kind.ZIP,
    "application/x-tar": Kind.TAR,
    "application/gzip": Kind.GZIP,
    "application/x-7z-compressed": Kind.CLOSED_ARCHIVE,
    "application/x-rar": Kind.CLOSED_ARCHIVE,
    "application/vnd.rar": Kind.CLOSED_ARCHIVE,
    "application/msword": Kind.COMPOUND,
    "application/vnd.ms-excel": Kind.COMPOUND,
    "application/vnd.ms-powerpoint": Kind.COMPOUND,
    "application/vnd.ms-outlook": Kind.COMPOUND,
    "application/vnd.ms-office": Kind.COMPOUND,
    "application/x-ole-storage": Kind.COMPOUND,
    "application/cdfv2": Kind.COMPOUND,
    "application/epub+zip": Kind.ODF,
    "application/x-dosexec": Kind.PROGRAM,
    "application/vnd.microsoft.portable-executable": Kind.PROGRAM,
    "application/x-executable": Kind.PROGRAM,
    "application/x-sharedlib": Kind.PROGRAM,
    "application/x-pie-executable": Kind.PROGRAM,
    "application/x-mach-binary": Kind.PROGRAM,
    "application/x-ms-shortcut": Kind.PROGRAM,
    "application/javascript": Kind.PROGRAM,
    "text/javascript": Kind.PROGRAM,
    "text/x-shellscript": Kind.PROGRAM,
    "text/x-msdos-batch": Kind.PROGRAM,
    "text/x-python": Kind.PROGRAM,
    "text/x-script.python": Kind.PROGRAM,
    "text/x-perl": Kind.PROGRAM,
    "text/x-php": Kind.PROGRAM,
}

IMAGES = frozenset(
    f"image/{kind}"
    for kind in ("jpeg", "png", "tiff", "gif", "jp2", "jpx", "bmp", "webp", "x-ms-bmp")
)


def kind_of(seen: Identification) -> Kind:
    """The kind of a file, from what it was identified as.

    An answer by extension counts only where libmagic agrees that it is text; else libmagic's
    word decides. Text whose name says that it is a script is handled as one.
    """
    by_name_only = seen.method is Method.EXTENSION and not seen.hint.textual
    if seen.puid and not by_name_only:
        kind = PUIDS.get(seen.puid) or _kind_of_media(seen.mime)
        if kind in (Kind.TEXT, Kind.TABLE, None) and seen.hint.textual:
            kind = _kind_of_text(seen, kind)
        if kind is not None:
            return kind
        if seen.sure:
            return Kind.OTHER
    return _kind_of_media(seen.hint.mime) or _fallback(seen)


def _kind_of_media(mime: str) -> Kind | None:
    if mime in IMAGES:
        return Kind.IMAGE
    if mime.startswith("application/vnd.oasis.opendocument"):
        return None if mime.endswith("-flat-xml") else Kind.ODF
    if "openxmlformats" in mime or "macroenabled" in mime.lower():
        return Kind.OOXML
    if mime.endswith("+xml"):
        return MIMES.get(mime, Kind.XML)
    return MIMES.get(mime.lower())


def _kind_of_text(seen: Identification, kind: Kind | None) -> Kind | None:
    hinted = _kind_of_media(seen.hint.mime)
    if hinted in (Kind.PROGRAM, Kind.MAIL, Kind.HTML, Kind.XML, Kind.SVG):
        return hinted
    if extension_of(seen.path).lower() in SCRIPT_EXTENSIONS:
        return Kind.PROGRAM
    return kind or Kind.TEXT


SCRIPT_EXTENSIONS = frozenset(
    [
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "hta",
        "reg",
        "scf",
        "inf",
        "sh",
        "bash",
        "py",
        "pl",
        "rb",
        "php",
    ]
)


def _fallback(seen: Identification) -> Kind:
    return Kind.TEXT if seen.hint.textual else Kind.OTHER
