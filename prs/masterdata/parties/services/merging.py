"""Two customers that are one: merged, taken apart again, or told apart for good.

A merge rewrites nothing: invoices and decided payments keep the customer they were made for. The
merged customer stays as another name of the one that is kept, whose account is that of both.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.masterdata.parties import events
from prs.masterdata.parties.models import Customer, Distinct, Merge


class SameCustomer(Refusal):
    """Nobody is merged into themselves."""

    sentence = _("These are not two customers.")


class AlreadyMerged(Refusal):
    """One of the two is another name of somebody already."""

    sentence = _("One of the two is merged already. Open the customer that was kept.")


class HasOtherNames(Refusal):
    """Whoever is merged brings no merged customers along."""

    sentence = _("{name} has merged customers of its own. Merge the other way round.")


class NotMerged(Refusal):
    """There is nothing to take back."""

    sentence = _("This customer is not merged.")


def both(one: Customer, other: Customer) -> dict[object, Customer]:
    """Two customers' rows, locked in the order of their keys."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {row.pk: row for row in rows.filter(pk__in=[one.pk, other.pk])}


@transaction.atomic
def merge(merged: Customer, into: Customer, *, by: Member, at: datetime, reason: str = "") -> Merge:
    """Make one customer another name of a second one. `unmerge` takes it back.

    :raises SameCustomer: they are the same row.
    :raises AlreadyMerged: one of the two is merged.
    :raises HasOtherNames: the first has merged customers.
    """
    rows = both(merged, into)
    if len(rows) != 2:
        raise SameCustomer
    loser, winner = rows[merged.pk], rows[into.pk]
    if loser.merged_into_id or winner.merged_into_id:
        raise AlreadyMerged
    if Customer.objects.filter(merged_into=loser).exists():
        raise HasOtherNames(name=loser.name)
    with refusing({"customer_merge_is_flat": AlreadyMerged, "merge_once_at_a_time": AlreadyMerged}):
        Customer.objects.filter(pk=loser.pk).update(
            merged_into=winner, active=False, version=F("version") + 1
        )
        row = Merge.objects.create(
            kept=winner, merged=loser, was_active=loser.active, reason=reason, by=by, at=at
        )
    words = {"other": f"{loser.name} ({loser.code})", "reason": reason}
    record(events.MERGED, winner, by=by, at=at, words=words)
    return row


@transaction.atomic
def unmerge(merged: Customer, *, by: Member, at: datetime) -> Customer:
    """Let a merged customer stand by itself again, with every row that is its own.

    :raises NotMerged: it is not merged, or somebody took it back first.
    """
    row = Merge.objects.filter(merged=merged, undone_at__isnull=True).select_related("kept").first()
    won = row and Merge.objects.filter(pk=row.pk, undone_at__isnull=True).update(
        undone_by=by, undone_at=at
    )
    if row is None or not won:
        raise NotMerged
    Customer.objects.filter(pk=merged.pk).update(
        merged_into=None, active=row.was_active, version=F("version") + 1
    )
    words = {"other": f"{merged.name} ({merged.code})"}
    record(events.UNMERGED, row.kept, by=by, at=at, words=words)
    merged.refresh_from_db()
    return merged


@transaction.atomic
def tell_apart(one: Customer, other: Customer, *, by: Member, at: datetime) -> Distinct:
    """Remember that two customers are not the same, so that nobody is asked again.

    :raises SameCustomer: they are the same row.
    """
    if one.pk == other.pk:
        raise SameCustomer
    first, second = sorted((one, other), key=lambda each: each.pk)
    pair, new = Distinct.objects.get_or_create(
        one=first, other=second, defaults={"by": by, "at": at}
    )
    if new:
        record(events.TOLD_APART, one, by=by, at=at, words={"other": other.name})
    return pair
