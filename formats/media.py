"""Media types: which names stand for the same thing."""

ALIASES = (
    {"text/xml", "application/xml"},
    {"text/rtf", "application/rtf", "text/richtext"},
    {"text/csv", "text/plain", "application/csv", "text/comma-separated-values"},
    {"image/jpeg", "image/jpg", "image/pjpeg"},
    {"image/tiff", "image/tif"},
    {"image/bmp", "image/x-ms-bmp", "image/x-bmp"},
    {"image/jp2", "image/jpx", "image/jpm"},
    {"application/zip", "application/x-zip-compressed", "application/x-zip"},
    {"application/gzip", "application/x-gzip"},
    {"application/vnd.rar", "application/x-rar", "application/x-rar-compressed"},
    {"message/rfc822", "application/eml", "text/x-mail"},
    {"application/vnd.ms-outlook", "application/x-msg", "application/msoutlook"},
    {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"},
    {"audio/mpeg", "audio/mp3"},
    {"audio/mp4", "audio/x-m4a", "audio/m4a"},
    {"video/mp4", "application/mp4"},
    {"application/javascript", "text/javascript", "application/x-javascript"},
    {"application/vnd.microsoft.portable-executable", "application/x-dosexec"},
    {"application/xhtml+xml", "text/html"},
    {"application/pdf", "application/x-pdf"},
)
"""Names in use for one format. CSV counts as plain text: only its extension tells them apart."""

VAGUE = {"application/octet-stream", "binary/octet-stream", "application/x-download"}
"""Names that claim nothing."""


def same_media(one: str, other: str) -> bool:
    """Whether two media types name the same format, or one of them claims nothing."""
    first, second = (each.split(";")[0].strip().lower() for each in (one, other))
    if first == second or VAGUE & {first, second}:
        return True
    if any(first in names and second in names for names in ALIASES):
        return True
    return _general(first, second) or _general(second, first)


def _general(general: str, special: str) -> bool:
    """XML is what every …+xml is; plain text is what every text is."""
    if general in ("application/xml", "text/xml"):
        return special.endswith("+xml")
    return general == "text/plain" and special.startswith("text/")
