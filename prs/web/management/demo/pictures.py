"""Draws pictures of goods: a shape and a colour, so that a grid of products can be told apart."""

from __future__ import annotations

import colorsys
import io
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from PIL import Image, ImageColor, ImageDraw

from prs.kernel.files import CheckedFile, Kind
from prs.kernel.files.images import near_hash_of

SIZE: Final = 480
# Drawn larger and made smaller: the edges come out smooth.
FINE: Final = 2

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


def picture_of(shape: str, colour: str, name: str) -> CheckedFile:
    """A product as a picture."""
    base = ImageColor.getrgb(colour)[:3]
    picture = Image.new("RGB", (SIZE * FINE, SIZE * FINE), tint(base, 0.9))
    pen = Pen(ImageDraw.Draw(picture), base)
    pen.ellipse((90, 400, 390, 432), tint(base, 0.78))
    SHAPES[shape](pen)
    target = io.BytesIO()
    picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(target, "WEBP", quality=82)
    content = target.getvalue()
    return CheckedFile(
        kind=Kind.IMAGE,
        name=f"{name}.webp",
        extension="webp",
        content_type="image/webp",
        bytes=content,
        sha256=sha256(content).hexdigest(),
        width=SIZE,
        height=SIZE,
        near_hash=near_hash_of(content),
    )


def tint(colour: Colour, light: float) -> Colour:
    """A colour with another lightness."""
    hue, _light, strength = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = colorsys.hls_to_rgb(hue, light, strength * 0.75)
    return round(red * 255), round(green * 255), round(blue * 255)


class Pen:
    """Draws in the picture's own measure."""

    def __init__(self, draw: ImageDraw.ImageDraw, base: Colour) -> None:
        self.draw, self.base = draw, base
        self.dark, self.light = tint(base, 0.28), tint(base, 0.96)

    def box(self, box: Box, fill: Colour, round_by: int = 0) -> None:
        self.draw.rounded_rectangle([each * FINE for each in box], round_by * FINE, fill=fill)

    def ellipse(self, box: Box, fill: Colour) -> None:
        self.draw.ellipse([each * FINE for each in box], fill=fill)

    def polygon(self, *points: tuple[int, int], fill: Colour) -> None:
        self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def label(self, box: Box) -> None:
        """A paper label with a mark and two lines."""
        left, top, right, bottom = box
        self.box(box, self.light, 6)
        middle = (left + right) // 2
        self.ellipse((middle - 16, top + 12, middle + 16, top + 44), self.base)
        for line in (bottom - 30, bottom - 18):
            self.box((left + 16, line, right - 16, line + 5), self.dark, 2)


def bottle(pen: Pen) -> None:
    pen.box((206, 60, 274, 120), pen.dark, 8)
    pen.polygon((212, 118), (268, 118), (322, 190), (158, 190), fill=pen.base)
    pen.box((158, 176, 322, 416), pen.base, 26)
    pen.label((158, 232, 322, 346))


def can(pen: Pen) -> None:
    pen.box((146, 110, 334, 412), pen.base, 22)
    pen.ellipse((146, 84, 334, 140), pen.dark)
    pen.ellipse((158, 92, 322, 132), tint(pen.base, 0.7))
    pen.label((146, 210, 334, 330))


def sack(pen: Pen) -> None:
    pen.polygon((150, 96), (330, 96), (306, 136), (174, 136), fill=pen.dark)
    pen.box((112, 132, 368, 418), pen.base, 54)
    pen.label((156, 210, 324, 330))


def carton(pen: Pen) -> None:
    pen.polygon((90, 178), (240, 118), (390, 178), (240, 238), fill=tint(pen.base, 0.72))
    pen.polygon((90, 178), (240, 238), (240, 420), (90, 356), fill=pen.base)
    pen.polygon((390, 178), (240, 238), (240, 420), (390, 356), fill=tint(pen.base, 0.42))
    pen.polygon((218, 126), (262, 142), (262, 230), (218, 230), fill=pen.dark)


def packet(pen: Pen) -> None:
    pen.box((132, 84, 348, 416), pen.base, 10)
    pen.box((132, 84, 348, 118), pen.dark, 10)
    pen.label((158, 170, 322, 310))


def tube(pen: Pen) -> None:
    pen.polygon((156, 84), (324, 84), (296, 360), (184, 360), fill=pen.base)
    pen.box((156, 72, 324, 100), tint(pen.base, 0.7), 4)
    pen.box((196, 356, 284, 416), pen.dark, 10)
    pen.label((186, 160, 294, 280))


def pills(pen: Pen) -> None:
    pen.box((96, 120, 384, 400), pen.light, 22)
    for row in range(3):
        for column in range(4):
            left, top = 122 + column * 62, 146 + row * 82
            pen.ellipse((left, top, left + 50, top + 66), pen.base)
            pen.box((left + 10, top + 30, left + 40, top + 36), pen.dark, 2)


def bulb(pen: Pen) -> None:
    pen.ellipse((138, 66, 342, 270), pen.base)
    pen.polygon((176, 236), (304, 236), (278, 318), (202, 318), fill=pen.base)
    for line in (322, 348, 374):
        pen.box((198, line, 282, line + 18), pen.dark, 8)
    pen.ellipse((184, 104, 232, 160), pen.light)


def book(pen: Pen) -> None:
    pen.box((120, 80, 360, 412), pen.dark, 12)
    pen.box((138, 80, 360, 400), pen.base, 8)
    pen.label((178, 140, 322, 260))


def bar(pen: Pen) -> None:
    pen.box((84, 190, 396, 330), tint(pen.base, 0.42), 34)
    pen.box((84, 170, 396, 306), pen.base, 34)
    pen.label((150, 184, 330, 292))


def gloves(pen: Pen) -> None:
    for left in (112, 252):
        for finger in range(4):
            top = 96 + abs(finger - 1) * 18
            pen.box((left + finger * 28, top, left + finger * 28 + 24, 260), pen.base, 12)
        pen.box((left, 210, left + 108, 412), pen.base, 26)
        pen.box((left, 380, left + 108, 412), pen.dark, 8)


SHAPES: Final[dict[str, Callable[[Pen], None]]] = {
    shape.__name__: shape
    for shape in (bottle, can, sack, carton, packet, tube, pills, bulb, book, bar, gloves)
}
