"""Badges: a member's QR code, a signed token that names the member and can't be forged.

Two kinds (see `docs/decisions/`). A *card* is printed: it holds for a year, or until the badge is
reissued. A *screen* badge is shown on the member's own phone: it holds for the window of time in
which it was drawn and the one after, so that a photograph of it is worthless soon.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import segno
from django.core import signing
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization

PREFIX: Final = "PRS1:"
CARD, SCREEN = 0, 1
WINDOW: Final = timedelta(minutes=2)
CARD_LIFE: Final = timedelta(days=365)
# Kind, organization, member, badge version, seconds since 1970.
LAYOUT: Final = struct.Struct(">B16s16sIQ")
_signer: Final = signing.Signer(salt="prs.identity.badge", sep=".")


class UnknownBadge(Refusal):
    """Not a badge of ours, or changed on its way."""

    sentence = _("This isn't a badge of PRS. Scan the code on the card or in the app.")


class ForeignBadge(Refusal):
    """A good badge of somebody else's organization."""

    sentence = _("This badge belongs to another organization.")


class ExpiredBadge(Refusal):
    """A card that is too old."""

    sentence = _("This card expired on {day}. Print a new one.")


class CopiedBadge(Refusal):
    """A screen badge that is shown again after its time: a photograph, or a screen left open."""

    sentence = _(
        "This code was drawn too long ago, or is a copy. Open your badge again and scan it."
    )


class ReplacedBadge(Refusal):
    """The badge was reissued since; whoever holds the old one holds nothing."""

    sentence = _("This badge was replaced by a newer one. Use the new card.")


class LeftBadge(Refusal):
    """The member may not come in."""

    sentence = _("{name} is deactivated. Ask the office.")


@dataclass(frozen=True)
class Token:
    """What a badge says."""

    kind: int
    organization_id: UUID
    member_id: UUID
    version: int
    drawn_at: datetime


def card(member: Member, *, at: datetime) -> str:
    """The text of a printed badge, good until `card_until`."""
    return written(member, CARD, at)


def screen(member: Member, *, at: datetime) -> str:
    """The text of a badge on a screen, good for this window of time and the next."""
    return written(member, SCREEN, window_of(at))


def card_until(drawn_at: datetime) -> datetime:
    """When a card drawn at a moment expires."""
    return drawn_at + CARD_LIFE


def window_of(at: datetime) -> datetime:
    """The beginning of the window of time that a moment lies in."""
    seconds = int(at.timestamp()) // int(WINDOW.total_seconds()) * int(WINDOW.total_seconds())
    return datetime.fromtimestamp(seconds, tz=UTC)


def written(member: Member, kind: int, at: datetime) -> str:
    """A signed token as text, short enough for a QR code that any scanner reads."""
    packed = LAYOUT.pack(
        kind,
        member.organization_id.bytes,
        member.pk.bytes,
        member.badge_version,
        int(at.timestamp()),
    )
    payload = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return PREFIX + _signer.sign(payload)


def picture(text: str, *, title: str) -> bytes:
    """A badge as a QR code: an SVG in black on white, which is what scanners expect."""
    target = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(target, kind="svg", scale=4, border=2, dark="#000", light="#fff", title=title)
    return target.getvalue()


def parsed(text: str) -> Token:
    """What a badge's text says.

    :raises UnknownBadge: it isn't a badge, or its signature isn't ours.
    """
    try:
        payload = _signer.unsign(text.strip().removeprefix(PREFIX))
        packed = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        kind, organization, member, version, seconds = LAYOUT.unpack(packed)
        drawn_at = datetime.fromtimestamp(seconds, tz=UTC)
    except (signing.BadSignature, binascii.Error, struct.error, ValueError, OverflowError):
        raise UnknownBadge from None
    return Token(kind, UUID(bytes=organization), UUID(bytes=member), version, drawn_at)


def read(text: str, *, at: datetime) -> Member:
    """Whose badge this is, in the current organization.

    Raises `UnknownBadge`, `ForeignBadge`, `ExpiredBadge`, `CopiedBadge`, `ReplacedBadge` or
    `LeftBadge`.
    """
    token = parsed(text)
    if token.organization_id != required_organization():
        raise ForeignBadge
    refuse_untimely(token, at=at)
    member = Member.objects.select_related("role").filter(pk=token.member_id).first()
    if member is None:
        raise UnknownBadge
    if member.badge_version != token.version:
        raise ReplacedBadge
    if not member.active:
        raise LeftBadge(name=member.name)
    return member


def refuse_untimely(token: Token, *, at: datetime) -> None:
    """Raise for a badge whose time is over, or has not come: then a clock was turned."""
    if token.kind == SCREEN:
        if not token.drawn_at <= at < token.drawn_at + 2 * WINDOW:
            raise CopiedBadge
    elif at >= card_until(token.drawn_at):
        raise ExpiredBadge(day=f"{card_until(token.drawn_at):%Y-%m-%d}")
