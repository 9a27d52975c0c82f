"""Read a picture and write it anew. Runs confined: the bytes come from strangers.

What is written holds the pixels and nothing else: no camera data, no place, no second file that
hides behind the picture. The orientation that a phone only notes is applied.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from prs.kernel.confined import Unfit

LARGEST_PIXELS: Final = 20_000_000
_MODES: Final = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"})
_FORMATS: Final = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_MEGABYTE: Final = 1024 * 1024


def rewritten(content: bytes, extension: str) -> tuple[bytes, str, int, int, int]:
    """Return (bytes, extension, width, height, near hash) of the picture, written anew.

    A picture above 1 MB is written smaller, above 5 MB smaller still; a large PNG without
    transparency becomes a JPEG. Raises `Unfit`.
    """
    try:
        picture = _upright(_opened(content, extension))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, IndexError) as error:
        raise Unfit("damaged") from error
    written, extension = _written(picture, extension, len(content))
    return written, extension, picture.width, picture.height, _difference_hash(picture)


def shrunk(content: bytes, extension: str, most: int) -> tuple[bytes, int, int, int]:
    """Return (bytes of a WebP, width, height, near hash) of a picture no side of which is longer."""
    try:
        picture = _upright(_opened(content, extension))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, IndexError) as error:
        raise Unfit("damaged") from error
    picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    written = _saved(picture, "WEBP", quality=82, method=4)
    return written, picture.width, picture.height, _difference_hash(picture)


def near_hash_of(content: bytes) -> int:
    """Return the near hash of a stored picture."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_FORMATS.values())) as picture:
            return _difference_hash(picture)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise Unfit("damaged") from error


def _opened(content: bytes, extension: str) -> Image.Image:
    # The layout engine, which may share our keeper, asks Pillow to overlook missing halves.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Opening reads the header only; our own limit below is the stricter one.
    Image.MAX_IMAGE_PIXELS = None
    picture = Image.open(io.BytesIO(content), formats=(_FORMATS[extension],))
    pixels = picture.width * picture.height
    if pixels > LARGEST_PIXELS:
        raise Unfit("picture-size", megapixels=-(-pixels // 1_000_000), limit=20)
    # Phones put a second frame behind a JPEG (depth, a smaller copy); it is dropped.
    moves = extension != "jpg" and getattr(picture, "n_frames", 1) > 1
    if picture.mode not in _MODES or moves:
        raise Unfit("picture-mode")
    picture.load()
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture)
    transparent = upright.has_transparency_data
    return upright.convert("RGBA" if transparent else "L" if upright.mode in "1L" else "RGB")


def _written(picture: Image.Image, extension: str, size: int) -> tuple[bytes, str]:
    if extension == "png":
        if size <= _MEGABYTE or picture.mode == "RGBA":
            return _saved(picture, "PNG", compress_level=6), "png"
        extension = "jpg"
    quality = 90 if size <= _MEGABYTE else 85 if size <= 5 * _MEGABYTE else 70
    if extension == "webp":
        return _saved(picture, "WEBP", quality=quality, method=2), "webp"
    return _saved(picture, "JPEG", quality=quality, progressive=True), "jpg"


def _saved(picture: Image.Image, format_name: str, **options: int) -> bytes:
    # Comments, profiles and camera data travel in here.
    picture.info.clear()
    target = io.BytesIO()
    picture.save(target, format_name, **options)
    return target.getvalue()


def _difference_hash(picture: Image.Image) -> int:
    """Return 64 bits that say where the picture grows brighter to the right, as a signed number."""
    small = picture.convert("RGBA") if picture.has_transparency_data else picture
    if small.mode == "RGBA":
        paper = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(paper, small)
    rows = small.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for at in range(72):
        if at % 9 < 8:
            bits = bits << 1 | (rows[at] < rows[at + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits
