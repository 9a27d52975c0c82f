"""Draws transfer slips, so that a verifier has something to look at."""

from __future__ import annotations

import io
import random
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFont

from prs.kernel.files import CheckedFile, Kind
from prs.kernel.files.images import near_hash_of


class Bank:
    """A bank whose slips all look alike, as in life."""

    def __init__(self, payee: str, currency: str) -> None:
        self.payee, self.currency = payee, currency
        self.large = ImageFont.load_default(44)
        self.small = ImageFont.load_default(24)

    def slip(self, payer: str, *, amount: str, reference: str, day: str) -> CheckedFile:
        """A slip as a picture."""
        picture = Image.new("RGB", (900, 1200), "#fbfaf6")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, 900, 150), fill="#0b4f4a")
        draw.text((50, 48), "Coast Bank", font=self.large, fill="#ffffff")
        draw.text((50, 200), "Transfer advice", font=self.large, fill="#1b1e20")
        readable = payer if payer.isascii() else "See the reference"
        rows = (
            ("Date", day),
            ("From", readable[:44]),
            ("To", self.payee),
            ("Account", "1021 3344 5566"),
            ("Reference", reference),
        )
        for at, (label, text) in enumerate(rows):
            top = 320 + at * 90
            draw.text((50, top), label, font=self.small, fill="#6d7478")
            draw.text((260, top), text, font=self.small, fill="#1b1e20")
            draw.line((50, top + 56, 850, top + 56), fill="#dcd8cc", width=2)
        draw.text((50, 830), "Amount", font=self.small, fill="#6d7478")
        draw.text((260, 815), f"{self.currency} {amount}", font=self.large, fill="#1b1e20")
        seed_number = int(sha256(reference.encode()).hexdigest()[:8], 16)
        dice = random.Random(seed_number)  # noqa: S311  (a stamp's place, nothing secret)
        left, top = 480 + dice.randrange(120), 930 + dice.randrange(80)
        draw.ellipse((left, top, left + 200, top + 200), outline="#a8324a", width=6)
        draw.text((left + 48, top + 84), "PAID IN", font=self.small, fill="#a8324a")
        target = io.BytesIO()
        # The quick way to few colours: several hundred slips are drawn.
        few = picture.quantize(32, method=Image.Quantize.FASTOCTREE)
        few.save(target, "PNG", compress_level=3)
        content = target.getvalue()
        return CheckedFile(
            kind=Kind.IMAGE,
            name=f"slip-{reference}.png",
            extension="png",
            content_type="image/png",
            bytes=content,
            sha256=sha256(content).hexdigest(),
            width=900,
            height=1200,
            near_hash=near_hash_of(content),
        )
