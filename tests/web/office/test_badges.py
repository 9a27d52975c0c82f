"""Badges on screens and cards, and the page that reads them."""

from __future__ import annotations

import re

import zxingcpp
from django.urls import reverse
from PIL import Image, ImageDraw

from prs.kernel import clock
from prs.kernel.identity import badges
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context

CHECK = reverse("office:check_badge")


def scanned(svg):
    """What a scanner reads in a drawn code: its strokes, painted as the browser paints them."""
    size, scale = int(re.search(r'viewBox="0 0 (\d+)', svg)[1]) if "viewBox" in svg else 0, 4
    size = size or int(re.search(r'width="(\d+)"', svg)[1]) // scale
    picture = Image.new("L", (size * scale, size * scale), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    strokes = re.findall(r'stroke="[^"]+" d="([^"]+)"|d="([^"]+)" stroke', svg)
    path = next(text for pair in strokes for text in pair if text)
    for move, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(each) for each in re.findall(r"-?\d*\.?\d+", numbers)]
        if move == "M":
            x, y = values
        elif move == "m":
            x, y = x + values[0], y + values[1]
        else:
            left, top = x * scale, (y - 0.5) * scale
            x += values[0]
            pen.rectangle((left, top, x * scale - 1, top + scale - 1), fill=0)
    return zxingcpp.read_barcodes(picture)[0].text


def test_the_code_on_the_screen_is_ones_own_badge(olga, cast):
    response = olga.get(reverse("office:badge_image"))

    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "no-store"
    text = scanned(response.content.decode())
    assert badges.read(text, at=clock.now()) == cast.olga
    assert badges.parsed(text).kind == badges.SCREEN


def test_the_code_on_the_card_is_the_members_badge(olga, cast):
    svg = olga.get(reverse("office:card_image", args=[cast.sam.pk])).content.decode()

    assert badges.read(scanned(svg), at=clock.now()) == cast.sam


def test_the_badge_on_the_screen_draws_itself_anew(olga, cast):
    page = olga.get(reverse("office:badge")).content.decode()
    part = olga.get(
        reverse("office:badge"), headers={"HX-Request": "true", "HX-Target": "badge"}
    ).content.decode()

    assert 'hx-trigger="every 60s"' in page
    assert part.lstrip().startswith('<section class="badge-screen" id="badge"')


def test_a_good_badge_says_whose_it_is(olga, cast):
    response = olga.post(CHECK, {"badge": badges.card(cast.sam, at=clock.now())})

    assert response.status_code == 200
    assert "Sam" in response.content.decode()


def test_each_bad_badge_is_refused_with_its_own_sentence(olga, cast):
    now = clock.now()
    with tenant_context(cast.zenith.pk):
        foreign = badges.card(cast.zoe, at=now)
    replaced = badges.card(cast.sara, at=now)
    olga.post(reverse("office:reissue", args=[cast.sara.pk]))
    texts = {
        "unknown": "sam@acme.test",
        "foreign": foreign,
        "expired": badges.card(cast.sam, at=now - badges.CARD_LIFE),
        "copied": badges.screen(cast.sam, at=now - 3 * badges.WINDOW),
        "replaced": replaced,
    }

    answers = {name: olga.post(CHECK, {"badge": text}) for name, text in texts.items()}

    assert {response.status_code for response in answers.values()} == {409}
    assert len({response.context["sentence"] for response in answers.values()}) == len(texts)


def test_a_badge_is_checked_as_a_part_too(olga, cast):
    response = olga.post(
        CHECK,
        {"badge": "nonsense"},
        headers={"HX-Request": "true", "HX-Target": "badge-check"},
    )

    assert response.content.decode().lstrip().startswith('<div id="badge-check"')


def test_a_lost_card_is_made_worthless_by_its_owner(client, cast):
    client.force_login(cast.sam.user)

    client.post(reverse("office:reissue_own"))

    assert Member.objects.get(pk=cast.sam.pk).badge_version == 2


def test_a_card_of_who_left_is_not_printed(olga, cast):
    olga.post(reverse("office:deactivate", args=[cast.bill.pk]), {})

    assert olga.get(reverse("office:card", args=[cast.bill.pk])).status_code == 404
    assert olga.get(reverse("office:card_image", args=[cast.bill.pk])).status_code == 404
