"""The same proof sent twice is recognised, however it was saved."""

from __future__ import annotations

import pytest
from PIL import ImageEnhance, ImageOps

from prs.kernel import files
from prs.kernel.files.refusals import Unreadable
from tests.kernel.files import makers

SLIP = makers.slip()


def seen(picture, form="JPEG", **options):
    return files.near_hash(makers.encoded(picture, form, **options))


@pytest.mark.parametrize(
    "again",
    [
        SLIP,
        SLIP.resize((300, 200)),
        SLIP.convert("L"),
        ImageEnhance.Brightness(SLIP).enhance(0.85),
        SLIP.crop((6, 4, 596, 397)),
    ],
)
def test_the_same_slip_looks_alike(again):
    assert files.distance(seen(SLIP), seen(again, "PNG")) <= 6
    assert files.distance(seen(SLIP), seen(again, quality=40)) <= 8


@pytest.mark.parametrize(
    "other", [ImageOps.mirror(SLIP), ImageOps.flip(SLIP), makers.noise(90, 60)]
)
def test_another_picture_looks_different(other):
    assert files.distance(seen(SLIP), seen(other, "PNG")) > 12


def test_a_near_hash_fits_a_signed_column():
    hashes = [seen(SLIP), seen(ImageOps.mirror(SLIP)), seen(makers.noise(90, 60))]

    assert all(-(2**63) <= value < 2**63 for value in hashes)
    assert files.distance(-1, 0) == 64
    assert files.distance(-(2**63), 2**63 - 1) == 64
    assert files.distance(5, 4) == 1


def test_a_check_answers_with_the_same_hash():
    sent = makers.upload(makers.encoded(SLIP, "PNG"), "slip.png")

    kept = files.checked(sent, kinds={files.Kind.IMAGE}, limit_bytes=makers.MEGABYTE)

    assert kept.near_hash == files.near_hash(kept.bytes)


def test_what_is_no_picture_has_no_hash():
    with pytest.raises(Unreadable):
        files.near_hash(b"no picture")
