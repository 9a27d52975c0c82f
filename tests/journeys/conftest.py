"""What the journeys take along: a slip as a picture, and people who are signed in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from PIL import Image, ImageDraw

from tests.cast import Cast
from tests.journeys.person import Person, signed_in, upload


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Uploads and documents of a journey leave nothing behind, and its sign-ins count for it alone."""
    settings.MEDIA_ROOT = tmp_path
    local = {**settings.LOCAL_FILES, "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": local}
    cache.clear()
    yield
    cache.clear()


def picture(words: str) -> bytes:
    """A transfer slip as a PNG."""
    image = Image.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(image)
    draw.text((60, 80), words, fill="black", font_size=30)
    draw.rectangle((40, 40, 560, 40 + len(words) * 30), outline="black", width=4)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def slip() -> Callable[..., Any]:
    """A slip to upload."""
    return lambda words="Transfer TT-4711": upload("slip.png", picture(words), "image/png")


@pytest.fixture
def sam(cast: Cast) -> Person:
    """The salesperson, signed in."""
    return signed_in("sam@acme.test")


@pytest.fixture
def vera(cast: Cast) -> Person:
    """The verifier, signed in."""
    return signed_in("vera@acme.test")
