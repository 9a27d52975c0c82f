"""Badges: unknown, expired, copied, replaced and foreign ones are refused, each with its sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity import badges
from prs.kernel.identity.models import Member
from prs.kernel.identity.services import badges as reissuing
from prs.kernel.identity.services import members
from prs.kernel.tenancy.context import tenant_context
from tests.cast import NOON


def test_a_card_names_its_member(cast):
    assert badges.read(badges.card(cast.sam, at=NOON), at=NOON) == cast.sam


def test_a_card_holds_for_a_year(cast):
    text = badges.card(cast.sam, at=NOON)
    until = badges.card_until(NOON)

    assert badges.read(text, at=until - timedelta(seconds=1)) == cast.sam
    with pytest.raises(badges.ExpiredBadge) as refusal:
        badges.read(text, at=until)
    assert f"{until:%Y-%m-%d}" in str(refusal.value)


def test_a_screen_badge_holds_for_its_window_and_the_next(cast):
    start = badges.window_of(NOON)
    text = badges.screen(cast.sam, at=NOON)

    assert badges.read(text, at=start) == cast.sam
    assert badges.read(text, at=start + 2 * badges.WINDOW - timedelta(seconds=1)) == cast.sam


def test_a_screen_badge_shown_again_later_is_a_copy(cast):
    text = badges.screen(cast.sam, at=NOON)

    with pytest.raises(badges.CopiedBadge):
        badges.read(text, at=badges.window_of(NOON) + 2 * badges.WINDOW)


def test_a_screen_badge_from_the_future_is_refused(cast):
    with pytest.raises(badges.CopiedBadge):
        badges.read(badges.screen(cast.sam, at=NOON + timedelta(hours=1)), at=NOON)


def test_a_screen_badge_rotates(cast):
    drawn = {badges.screen(cast.sam, at=NOON + each * badges.WINDOW) for each in range(3)}

    assert len(drawn) == 3


def test_a_reissued_badge_makes_every_earlier_one_worthless(cast):
    earlier = [badges.card(cast.sam, at=NOON), badges.screen(cast.sam, at=NOON)]

    reissuing.reissue(cast.sam, by=cast.adam, at=NOON)

    for text in earlier:
        with pytest.raises(badges.ReplacedBadge):
            badges.read(text, at=NOON)
    fresh = Member.objects.get(pk=cast.sam.pk)
    assert badges.read(badges.card(fresh, at=NOON), at=NOON) == cast.sam
    assert AuditEvent.objects.filter(code="member.badge_reissued").count() == 1


def test_an_admin_cannot_void_an_owners_badge(cast):
    with pytest.raises(members.MoreThanOwn):
        reissuing.reissue(cast.olga, by=cast.adam, at=NOON)


def test_a_badge_of_another_organization_is_foreign(cast):
    with tenant_context(cast.zenith.pk):
        text = badges.card(cast.zoe, at=NOON)

    with pytest.raises(badges.ForeignBadge):
        badges.read(text, at=NOON)


def test_a_badge_of_who_left_is_refused_by_name(cast):
    text = badges.card(cast.sam, at=NOON)
    members.deactivate(cast.sam, by=cast.adam, at=NOON)

    with pytest.raises(badges.LeftBadge) as refusal:
        badges.read(text, at=NOON)
    assert "Sam" in str(refusal.value)


def forged(text):
    head, _dot, signature = text.rpartition(".")
    other = head[:-1] + ("A" if head[-1] != "A" else "B")
    return f"{other}.{signature}"


@pytest.mark.parametrize(
    "text", ["", "sam@acme.test", "PRS1:", "PRS1:AAAA.AAAA", "https://acme.test/", "\x00"]
)
def test_whatever_is_no_badge_is_unknown(cast, text):
    with pytest.raises(badges.UnknownBadge):
        badges.read(text, at=NOON)


def test_a_badge_changed_by_one_letter_is_unknown(cast):
    with pytest.raises(badges.UnknownBadge):
        badges.read(forged(badges.card(cast.sam, at=NOON)), at=NOON)


def test_a_badge_carries_neither_name_nor_address(cast):
    text = badges.card(cast.sam, at=NOON)

    assert "Sam" not in text
    assert "@" not in text
    assert len(text) < 130


def test_white_space_of_a_scanner_is_ignored(cast):
    assert badges.read(f" {badges.card(cast.sam, at=NOON)}\r\n", at=NOON) == cast.sam
