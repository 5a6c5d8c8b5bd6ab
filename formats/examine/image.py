"""Images: opened, verified and decoded to the last row, within limits.

Source: measured: decoding finds every half-cut and tail-cut JPEG and PNG; PNG carries checksums.
"""

import warnings
from pathlib import Path

from PIL import Image, ImageFile, UnidentifiedImageError
from PIL import __version__ as pillow_version

from formats.examine.values import Notes

MAX_PIXELS = 150_000_000
MAX_FRAMES = 500
BOMB_RATIO = 500
BOMB_FROM_PIXELS = 50_000_000
TAIL_BYTES = 64 * 1024
BITS = {"1": 1, "L": 8, "P": 8, "LA": 16, "I;16": 16, "I": 32, "F": 32, "RGB": 24}
STRIPS = ((273, 279), (324, 325))
"""TIFF tags: offsets and byte counts of strips, and of tiles."""


def examine_image(path: Path, notes: Notes) -> None:
    """Note whether the image opens, is whole, and can be decoded."""
    notes.validator = f"Pillow {pillow_version}"
    Image.MAX_IMAGE_PIXELS = None  # our own limit weighs the file's size too
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            _examine(path, notes)
        except UnidentifiedImageError:
            notes.unreadable("UnidentifiedImageError")
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError) as error:
            notes.damaged(f"{type(error).__name__}: {error}".replace(str(path), "")[:200])
    words = list(dict.fromkeys(str(each.message)[:200] for each in told))
    if words:
        notes.say("F412", "; ".join(words[:3]))


def _examine(path: Path, notes: Notes) -> None:
    with Image.open(path) as image:
        kind = image.format or ""
        if not _bearable(image, path.stat().st_size, notes):
            return
        image.verify()
    with Image.open(path) as image:
        if kind == "TIFF":
            _check_strips(image, path.stat().st_size, notes)
        _decode_frames(image, notes)
    _check_end(path, kind, notes)
    notes.sound()


def _bearable(image: Image.Image, size_bytes: int, notes: Notes) -> bool:
    width, height = image.size
    pixels = width * height
    raw = pixels * BITS.get(image.mode, 32) // 8
    if pixels > BOMB_FROM_PIXELS and raw > BOMB_RATIO * size_bytes:
        notes.detail = f"{width} x {height} in {size_bytes} bytes"
        notes.say("F413", notes.detail)
        return False
    if pixels > MAX_PIXELS:
        notes.detail = f"{width} x {height}"
        notes.say("F414", notes.detail, f"{MAX_PIXELS} px")
        return False
    return True


def _decode_frames(image: Image.Image, notes: Notes) -> None:
    frames = getattr(image, "n_frames", 1)
    for frame in range(min(frames, MAX_FRAMES)):
        image.seek(frame)
        if frame and image.width * image.height > MAX_PIXELS:
            notes.say("F414", f"{image.width} x {image.height}", f"{MAX_PIXELS} px")
            return
        image.load()
    if frames > MAX_FRAMES:
        notes.say("F414", frames, MAX_FRAMES, part="frames")


def _check_strips(image: Image.Image, size_bytes: int, notes: Notes) -> None:
    tags = getattr(image, "tag_v2", {})
    for offsets, counts in STRIPS:
        starts, lengths = tags.get(offsets, ()), tags.get(counts, ())
        ends = [start + length for start, length in zip(starts, lengths, strict=False)]
        if ends and max(ends) > size_bytes:
            notes.damaged(f"strip ends at {max(ends)} of {size_bytes}")
            return


def _check_end(path: Path, kind: str, notes: Notes) -> None:
    """The end marker is there: a decoder may be content without the last bytes."""
    marks = {"JPEG": b"\xff\xd9", "GIF": b"\x3b", "JPEG2000": b"\xff\xd9", "PNG": b"IEND"}
    if kind not in marks:
        return
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - TAIL_BYTES))
        if marks[kind] not in stream.read():
            notes.damaged(f"{kind}: no end marker")
