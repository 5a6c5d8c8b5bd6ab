"""Names as they can safely be shown: every sign that is not printable stands as its escape."""


def shown(name: str) -> str:
    """The name as a person may see it: hidden signs and bytes that are no text as an escape.

    Line ends, control signs, signs that turn the reading direction, unusual spaces: all show.
    """
    if name.isprintable():
        return name
    return "".join(sign if sign.isprintable() else _escape(ord(sign)) for sign in name)


def joined(where: str, path: str) -> str:
    """The path, shown, below the place that the sender knows; `where` may be empty."""
    return f"{where}/{shown(path)}" if where else shown(path)


def _escape(sign: int) -> str:
    if 0xDC80 <= sign <= 0xDCFF:
        return f"\\x{sign - 0xDC00:02x}"
    if sign < 0x100:
        return f"\\x{sign:02x}"
    return f"\\u{sign:04x}" if sign < 0x10000 else f"\\U{sign:08x}"
