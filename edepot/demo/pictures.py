"""Drawings, photographs and scans as PNG, TIFF and JPEG (Pillow), the same each time."""

import hashlib
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps, PngImagePlugin

from edepot.demo.cases import Case
from edepot.demo.papers import Paper
from edepot.demo.pdf import page_image


def png(picture: Image.Image, title: str) -> bytes:
    """The picture as PNG, with its title inside."""
    words = PngImagePlugin.PngInfo()
    words.add_itxt("Title", title, lang="nl")
    out = BytesIO()
    picture.save(out, "PNG", pnginfo=words, dpi=(150, 150))
    return out.getvalue()


def tiff(picture: Image.Image, title: str) -> bytes:
    """The picture as a baseline TIFF with lossless compression, with its title inside."""
    out = BytesIO()
    picture.save(
        out,
        "TIFF",
        compression="tiff_lzw",
        description=title.encode("ascii", "replace").decode(),
        dpi=(150, 150),
    )
    return out.getvalue()


def jpeg(picture: Image.Image, title: str, quality: int = 80) -> bytes:
    """The picture as JPEG (JFIF), with its title as comment."""
    out = BytesIO()
    picture.convert("RGB").save(
        out, "JPEG", quality=quality, comment=title.encode("ascii", "replace"), dpi=(72, 72)
    )
    return out.getvalue()


def site_plan(case: Case, width: int = 900) -> Image.Image:
    """A map sketch: parcels, a road, a canal, the building, a north arrow and a scale bar."""
    height = width * 2 // 3
    plan = Image.new("RGB", (width, height), "#f4f1e6")
    draw = ImageDraw.Draw(plan)
    draw.rectangle((0, int(height * 0.74), width, int(height * 0.84)), fill="#d9d4cc")
    draw.line((0, int(height * 0.79), width, int(height * 0.79)), fill="white", width=3)
    draw.polygon(((0, 0), (width * 0.2, 0), (width * 0.05, height), (0, height)), fill="#bcd9ea")
    for column in range(4):
        left = width * (0.2 + 0.19 * column)
        shape = (left, height * 0.1, left + width * 0.17, height * 0.72)
        draw.rectangle(shape, outline="#7d8b5a", width=2, fill="#dfe7c8")
        _write(draw, (left + 8, height * 0.12), f"G {1200 + case.number % 700 + column}", width)
    house = (width * 0.42, height * 0.48, width * 0.53, height * 0.64)
    draw.rectangle(house, fill="#b9b2a8", outline="black", width=2)
    shed = (width * 0.44, height * 0.26, width * 0.44 + 20 + case.number % 40, height * 0.36)
    draw.rectangle(shed, fill="#d0503c", outline="black", width=2)
    draw.line((width * 0.93, height * 0.2, width * 0.93, height * 0.07), fill="black", width=3)
    _write(draw, (width * 0.922, height * 0.02), "N", width)
    draw.rectangle((width * 0.7, height * 0.9, width * 0.9, height * 0.92), fill="black")
    _write(draw, (width * 0.7, height * 0.93), "0            20 m", width)
    _write(draw, (12, height * 0.88), f"Situatie 1:500   {case.identifier}", width)
    _write(draw, (12, height * 0.93), case.location, width)
    return plan


def elevation(case: Case, width: int = 1200) -> Image.Image:
    """A line drawing of the front of the building, in black and white."""
    height = width * 2 // 3
    sheet = Image.new("1", (width, height), 1)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((10, 10, width - 10, height - 10), outline=0, width=3)
    left, right, floor = width * 0.2, width * 0.8, height * 0.72
    eaves = height * (0.40 + case.number % 9 / 100)
    draw.rectangle((left, eaves, right, floor), outline=0, width=3)
    draw.polygon(
        ((left - 20, eaves), (width / 2, height * 0.16), (right + 20, eaves)), outline=0, width=3
    )
    for plank in range(int(left), int(right), 14):
        draw.line((plank, eaves, plank, floor), fill=0)
    draw.rectangle((width * 0.44, height * 0.5, width * 0.56, floor), outline=0, fill=1, width=3)
    draw.line((left, floor + 30, right, floor + 30), fill=0, width=2)
    _write(draw, (width * 0.47, floor + 36), f"{6000 + case.number % 90 * 10} mm", width)
    _write(draw, (width * 0.04, height * 0.9), f"Voorgevel 1:100   {case.identifier}", width)
    return sheet


def photograph(case: Case, width: int = 480) -> Image.Image:
    """A photo-like picture: sky, land and a building, with the grain of a camera."""
    height = width * 3 // 4
    sky = Image.linear_gradient("L").resize((width, height // 2))
    photo = Image.new("RGB", (width, height), "#5d7a3c")
    photo.paste(ImageOps.colorize(sky, "#6fa0d6", "#e3edf5"), (0, 0))
    draw = ImageDraw.Draw(photo)
    left = width * (0.2 + case.number % 30 / 100)
    base, roof = height * 0.68, height * 0.42
    draw.rectangle((left, roof, left + width * 0.35, base), fill="#7a3d2b")
    peak = (left + width * 0.175, height * 0.24)
    draw.polygon(((left - 8, roof), peak, (left + width * 0.35 + 8, roof)), fill="#41352f")
    draw.rectangle((left + width * 0.14, height * 0.54, left + width * 0.2, base), fill="#d8cfae")
    grain = _grain(f"{case.kind}-{case.number}", (width // 3, height // 3)).resize((width, height))
    photo = photo.filter(ImageFilter.GaussianBlur(1.2))
    return Image.blend(photo, Image.merge("RGB", (grain, grain, grain)), 0.12)


def scan(paper: Paper, dots_per_inch: int = 100) -> Image.Image:
    """The first page of a paper as a scanner sees it: grey, a little askew."""
    with Image.open(BytesIO(page_image(paper, dots_per_inch))) as page:
        grey = page.convert("L")
    return grey.rotate(0.4, expand=False, fillcolor=250).point(lambda level: level // 16 * 17)


def _grain(seed: str, size: tuple[int, int]) -> Image.Image:
    noise = hashlib.shake_256(seed.encode()).digest(size[0] * size[1])
    return Image.frombytes("L", size, noise)


def _write(draw: ImageDraw.ImageDraw, place: tuple[float, float], words: str, width: int) -> None:
    draw.text(
        place, words, fill=0 if draw.mode == "1" else "black", font=_font(max(10, width // 50))
    )


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
