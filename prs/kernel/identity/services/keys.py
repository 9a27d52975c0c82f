"""API keys: made, replaced and taken back by members; proven by other systems.

A key reads `prs_<organization>_<prefix>_<secret>`, so that it names its organization and its row.
Only a digest is kept; the secret is shown once. It is 256 random bits, so a plain SHA-256 is enough:
there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.errors import Forbidden, Invalid, Refusal
from prs.kernel.identity import events
from prs.kernel.identity.models import ApiKey, Member
from prs.kernel.identity.seeds import key_scopes
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization

SHAPE: Final = re.compile(r"^prs_([0-9a-f]{32})_([0-9a-f]{8})_([0-9a-f]{64})$")
# Often enough to tell a used key from a forgotten one, seldom enough to cost nothing.
TOUCHED_EVERY: Final = timedelta(minutes=5)
LONGEST_OVERLAP: Final = timedelta(days=30)


class UnknownKey(Refusal):
    """Nothing is known by this key. The same answer for a wrong shape, prefix and secret."""

    sentence = _("This API key isn't known. Check that it was copied whole.")
    status = 401


class RevokedKey(Refusal):
    """The secret was right, and the key was taken back."""

    sentence = _("This API key was revoked. Ask for a new one.")
    status = 401


class ExpiredKey(Refusal):
    """The secret was right, and the key's time is over."""

    sentence = _("This API key has expired. Ask for a new one.")
    status = 401


class WrongAddress(Forbidden):
    """The key is good, and the call came from elsewhere than it may."""

    sentence = _("This API key can't be used from the address {address}.")


class ClosedOrganization(Forbidden):
    """The organization is suspended."""

    sentence = _("This organization is closed. Ask its owner.")


class UnknownScope(Invalid):
    """A scope that nothing declares, or none at all."""

    sentence = _("Choose at least one thing that the key may do.")


class UnreadableAddress(Invalid):
    """An allowed address that is neither an address nor a network."""

    sentence = _("“{address}” is neither an address (192.0.2.7) nor a network (192.0.2.0/24).")


class PastExpiry(Invalid):
    """The key would be dead at birth."""

    sentence = _("Choose a moment in the future for the key to expire.")


class NoLongerValid(Refusal):
    """Only a key that still works can be replaced or revoked."""

    sentence = _("This key was already revoked or has expired.")


class OverlapTooLong(Invalid):
    """Two keys at once are a transition, not a habit."""

    sentence = _("The old key may work for at most 30 more days.")


@dataclass(frozen=True)
class NewKey:
    """A key just made. `secret` is its full text, which can't be shown again."""

    row: ApiKey
    secret: str


def digest_of(text: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def organization_of(text: str) -> UUID:
    """The organization that a key names, to be entered before `authenticate`.

    :raises UnknownKey: the text has not the shape of a key.
    """
    matched = SHAPE.match(text)
    if matched is None:
        raise UnknownKey
    return UUID(matched[1])


def authenticate(text: str, *, address: str, at: datetime) -> ApiKey:
    """The key that this text is, with its organization. Call it inside that organization.

    Raises `UnknownKey`, `RevokedKey`, `ExpiredKey`, `WrongAddress` or `ClosedOrganization`.
    """
    matched = SHAPE.match(text)
    if matched is None:
        raise UnknownKey
    key = ApiKey.objects.select_related("organization").filter(prefix=matched[2]).first()
    kept = key.digest if key else "0" * 64
    if not secrets.compare_digest(kept, digest_of(text)) or key is None:
        raise UnknownKey
    refuse_unusable(key, address=address, at=at)
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - TOUCHED_EVERY)
    if key.last_used_at is None or key.last_used_at < at - TOUCHED_EVERY:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=at)
        key.last_used_at = at
    return key


def named_by(text: str) -> ApiKey | None:
    """The key that a text names, proven or not: for writing down what a refused key was used for."""
    matched = SHAPE.match(text)
    return ApiKey.objects.filter(prefix=matched[2]).first() if matched else None


def refuse_unusable(key: ApiKey, *, address: str, at: datetime) -> None:
    """Raise the refusal that fits a proven key which can't be used now or from there."""
    if key.revoked_at is not None:
        raise RevokedKey
    if key.expires_at is not None and key.expires_at <= at:
        raise ExpiredKey
    if key.organization.status != Organization.Status.ACTIVE:
        raise ClosedOrganization
    if key.addresses and not within(address, key.addresses):
        raise WrongAddress(address=address)


def within(address: str, allowed: Collection[str]) -> bool:
    """Whether an address lies in one of the allowed addresses or networks."""
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    return any(caller in ip_network(network) for network in allowed)


def readable(addresses: Collection[str]) -> list[str]:
    """Addresses and networks in their plain form.

    :raises UnreadableAddress: one of them is neither.
    """
    plain = []
    for address in addresses:
        try:
            network = ip_network(address.strip(), strict=False)
        except ValueError:
            raise UnreadableAddress(address=address) from None
        plain.append(str(network) if network.num_addresses > 1 else str(network[0]))
    return plain


@transaction.atomic
def make(
    *,
    name: str,
    scopes: Collection[str],
    by: Member,
    at: datetime,
    addresses: Collection[str] = (),
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key for another system.

    Raises `UnknownScope`, `UnreadableAddress` or `PastExpiry`.
    """
    if not scopes or not set(scopes) <= set(key_scopes()):
        raise UnknownScope
    if expires_at is not None and expires_at <= at:
        raise PastExpiry
    made = issued(
        name,
        scopes=sorted(scopes),
        addresses=readable(addresses),
        expires_at=expires_at,
        by=by,
    )
    after = {"name": name, "scopes": sorted(scopes), "addresses": made.row.addresses}
    record(events.KEY_CREATED, made.row, by=by, at=at, after={**after, "expires_at": expires_at})
    return made


def issued(
    name: str,
    *,
    scopes: list[str],
    addresses: list[str],
    by: Member,
    expires_at: datetime | None = None,
) -> NewKey:
    """Draw a key and keep its digest."""
    prefix = secrets.token_hex(4)
    text = f"prs_{required_organization().hex}_{prefix}_{secrets.token_hex(32)}"
    row = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        digest=digest_of(text),
        scopes=scopes,
        addresses=addresses,
        expires_at=expires_at,
        created_by=by,
    )
    return NewKey(row, text)


@transaction.atomic
def rotate(key: ApiKey, *, overlap: timedelta, by: Member, at: datetime) -> NewKey:
    """Replace a key by a new one with the same rights; the old one works for `overlap` more.

    :raises NoLongerValid: the old key no longer works.
    :raises OverlapTooLong: more than 30 days.
    """
    if overlap > LONGEST_OVERLAP:
        raise OverlapTooLong
    until = at + overlap
    if key.expires_at is not None:
        until = min(until, key.expires_at)
    if not usable(at).filter(pk=key.pk).update(expires_at=until):
        raise NoLongerValid
    made = issued(key.name, scopes=key.scopes, addresses=key.addresses, by=by)
    words = {"until": until}
    record(events.KEY_ROTATED, made.row, by=by, at=at, after={"replaces": key.prefix}, words=words)
    return made


@transaction.atomic
def revoke(key: ApiKey, *, by: Member, at: datetime) -> None:
    """Take a key back, at once.

    :raises NoLongerValid: it was taken back already, or its time is over.
    """
    if not usable(at).filter(pk=key.pk).update(revoked_at=at):
        raise NoLongerValid
    key.revoked_at = at
    record(events.KEY_REVOKED, key, by=by, at=at, after={"revoked_at": at})


def usable(at: datetime) -> QuerySet[ApiKey]:
    """The keys that work at a moment."""
    return ApiKey.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True
    )
