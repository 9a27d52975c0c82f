"""Keeping verified money as money of sales, once for each event."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from prs.kernel.clock import local_date
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.operations.incentives.models import SalesMoney
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.models import Allocation, Payment, Reversal, ReversalShare

AT_ONCE = 500


def count_payment(payment: Payment) -> int:
    """Count what a payment paid and what of it went back. Returns how many rows are new."""
    return keep(Q(payment=payment), Q(allocation__payment=payment))


def count_invoice(invoice: Invoice) -> int:
    """Count what paid an invoice. Returns how many rows are new."""
    return keep(Q(invoice=invoice), Q(allocation__invoice=invoice))


def catch_up() -> int:
    """Count whatever has not been counted yet, in the current organization."""
    return keep(Q(), Q())


@transaction.atomic
def keep(came: Q, went: Q) -> int:
    """Add the missing rows; twice is once, because the database keeps each event once."""
    zone = Organization.objects.values_list("time_zone", flat=True).get(pk=required_organization())
    return keep_came(came, zone) + keep_went(went, zone)


def keep_came(which: Q, zone: str) -> int:
    """Money that came in."""
    known = SalesMoney.objects.filter(allocation=OuterRef("pk"), reversal__isnull=True)
    rows = (
        Allocation.objects.filter(~Exists(known), which, counted_at__isnull=False)
        .select_related("invoice")
        .order_by("counted_at", "pk")
    )
    return added(
        [
            SalesMoney(
                organization_id=row.organization_id,
                allocation=row,
                payment_id=row.payment_id,
                invoice=row.invoice,
                deal_id=row.invoice.deal_id,
                member_id=row.invoice.salesperson_id,
                kind=SalesMoney.Kind.VERIFIED,
                amount=row.amount,
                currency=row.invoice.currency,
                home=row.amount * row.invoice.rate,
                earned_on=local_date(row.counted_at, zone),
                happened_on=local_date(row.counted_at, zone),
                at=row.counted_at,
            )
            for row in rows
        ]
    )


def keep_went(which: Q, zone: str) -> int:
    """Money that went back: it is taken from whoever had sold, on the day it had first counted."""
    known = SalesMoney.objects.filter(
        allocation=OuterRef("allocation"), reversal=OuterRef("reversal")
    )
    shares = list(
        ReversalShare.objects.filter(~Exists(known), which, reversal__status=Reversal.Status.DONE)
        .select_related("reversal", "allocation")
        .order_by("pk")
    )
    sold = {
        row.allocation_id: row
        for row in SalesMoney.objects.filter(
            allocation__in=[share.allocation_id for share in shares], reversal__isnull=True
        )
    }
    return added([taken(share, sold[share.allocation_id], zone) for share in shares])


def taken(share: ReversalShare, sold: SalesMoney, zone: str) -> SalesMoney:
    """What a reversal takes from money that was counted."""
    at = share.reversal.decided_at
    on: date = local_date(at, zone)
    rate = sold.home / sold.amount
    return SalesMoney(
        organization_id=sold.organization_id,
        allocation=share.allocation,
        reversal=share.reversal,
        payment_id=sold.payment_id,
        invoice_id=sold.invoice_id,
        deal_id=sold.deal_id,
        member_id=sold.member_id,
        kind=share.reversal.kind,
        amount=-share.amount,
        currency=sold.currency,
        home=-(share.amount * rate),
        earned_on=sold.earned_on,
        happened_on=on,
        at=at,
    )


def added(rows: list[SalesMoney]) -> int:
    """Write rows; one that somebody else just wrote stays as it is."""
    if rows:
        SalesMoney.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(rows)
