"""Reads of invoices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    DecimalField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import colleagues
from prs.operations.deals.models import Deal
from prs.operations.invoicing.models import Credit, Invoice, InvoiceLine, Revision

OPEN = Q(status=Invoice.Status.ISSUED, total__gt=F("paid") + F("credited"))
LOSSES = (Credit.Kind.WRITE_OFF, Credit.Kind.RECOVERY)
LEFT = F("total") - F("paid") - F("credited")
HOLES = """
    SELECT c.kind, c.period, c.last, count(i.id)
    FROM tenancy_counter c
    LEFT JOIN invoicing_invoice i ON i.organization_id = c.organization_id
         AND i.series = c.kind || '-' || c.period
    WHERE c.organization_id = %s AND c.kind = 'invoice'
    GROUP BY c.kind, c.period, c.last HAVING count(i.id) <> c.last
"""
CREDIT_HOLES = """
    SELECT c.period, c.last, count(n.id) FROM tenancy_counter c
    LEFT JOIN invoicing_credit n ON n.organization_id = c.organization_id
         AND n.number LIKE 'CN-' || c.period || '-%%'
    WHERE c.organization_id = %s AND c.kind = 'credit_note'
    GROUP BY c.period, c.last HAVING count(n.id) <> c.last
"""


def visible_to(member: Member) -> QuerySet[Invoice]:
    """The invoices that a member's row scope reaches: those sold by the people in it."""
    invoices = Invoice.objects.select_related("customer", "salesperson")
    reach = colleagues(member)
    return invoices if reach is None else invoices.filter(salesperson__in=reach)


def sees_all(member: Member) -> bool:
    """Whether a member's row scope reaches every invoice."""
    return colleagues(member) is None


def unpaid(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Issued invoices with something left to pay, the earliest due first."""
    return invoices.filter(OPEN).order_by("due_date", "number", "pk")


def unpaid_of(customer: Customer) -> QuerySet[Invoice]:
    """What a customer still owes, the earliest due first."""
    return unpaid(Invoice.objects.filter(customer=customer))


def overdue(invoices: QuerySet[Invoice], *, on: date) -> QuerySet[Invoice]:
    """Unpaid invoices whose day has passed."""
    return invoices.filter(OPEN, due_date__lt=on)


def owed(invoices: QuerySet[Invoice]) -> list[tuple[str, Decimal]]:
    """What is left to pay, by currency."""
    rows = invoices.filter(OPEN).order_by("currency").values("currency").annotate(owed=Sum(LEFT))
    return [(row["currency"], row["owed"]) for row in rows]


def summary(invoices: QuerySet[Invoice], *, on: date) -> dict[str, Any]:
    """Counts and sums of what is open and overdue, in one query."""
    late = OPEN & Q(due_date__lt=on)
    return invoices.aggregate(
        open_count=Count("pk", filter=OPEN),
        open_amount=Sum(LEFT, filter=OPEN, default=Decimal(0)),
        late_count=Count("pk", filter=late),
        late_amount=Sum(LEFT, filter=late, default=Decimal(0)),
        review_count=Count("pk", filter=Q(billing=Invoice.Billing.REVIEW)),
    )


def lines_of(invoice: Invoice, revision: int | None = None) -> QuerySet[InvoiceLine]:
    """The lines of an invoice as it stands, or as it stood at a revision."""
    return InvoiceLine.objects.filter(
        invoice=invoice, revision=revision or invoice.revision
    ).order_by("position")


def credits_of(invoice: Invoice) -> QuerySet[Credit]:
    """What an invoice no longer claims, newest first."""
    return Credit.objects.filter(invoice=invoice).select_related("by").order_by("-at", "-pk")


def with_loss(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices with what of each is written off and was not recovered (`lost`)."""
    rows = Credit.objects.filter(invoice=OuterRef("pk"), kind__in=LOSSES).order_by()
    sums = rows.values("invoice").annotate(sum=Sum("amount")).values("sum")
    amount: DecimalField[Any, Any] = DecimalField(max_digits=19, decimal_places=4)
    return invoices.annotate(
        lost=Coalesce(Subquery(sums, output_field=amount), Value(Decimal(0), amount))
    )


def written_off(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices (`with_loss`) that ended with something written off."""
    ended = Q(status=Invoice.Status.ISSUED, total=F("paid") + F("credited"), lost__gt=0)
    return invoices.filter(ended | Q(status=Invoice.Status.WRITTEN_OFF))


def lost_of(invoice: Invoice) -> Decimal:
    """What of an invoice is written off and was not recovered."""
    rows = Credit.objects.filter(invoice=invoice, kind__in=LOSSES)
    return rows.aggregate(lost=Sum("amount", default=Decimal(0)))["lost"]


def invoices_of(deal: Deal) -> QuerySet[Invoice]:
    """The invoices that the payments of a deal drafted, oldest first."""
    return Invoice.objects.filter(deal=deal).order_by("created_at", "pk")


def revisions_of(invoice: Invoice) -> QuerySet[Revision]:
    """What an invoice said before its corrections, newest first."""
    return Revision.objects.filter(invoice=invoice).order_by("-number")


def imported(number: str) -> Invoice | None:
    """The imported invoice of a number."""
    return (
        Invoice.objects.select_related("customer")
        .filter(series=Invoice.Origin.IMPORT, number=number)
        .first()
    )


def content_of(invoice: Invoice) -> dict[str, Any]:
    """An imported invoice in the words in which it came."""
    return {
        "invoice_no": invoice.number,
        "invoice_date": invoice.invoice_date.isoformat(),
        "salesman": invoice.salesperson_name,
        "priority": invoice.priority,
        "remarks": invoice.remarks,
        "temp_name": invoice.bill_to.get("temp_name", ""),
        "created_by": invoice.bill_to.get("created_by", ""),
        "customer": invoice.bill_to.get("customer", {}),
        "items": [
            {
                "name": line.description,
                "item_code": line.item_code,
                "barcode": line.barcode,
                "quantity": int(line.quantity),
                "mrp": format(line.unit_price.normalize(), "f"),
                **line.details,
            }
            for line in lines_of(invoice)
        ],
    }


def findings() -> Iterator[str]:
    """What is wrong with the invoices of the current organization."""
    with connection.cursor() as cursor:
        cursor.execute(CREDIT_HOLES, (required_organization(),))
        for period, last, count in cursor.fetchall():
            yield _("Credit notes of {period}: the counter says {last}, there are {count}.").format(
                period=period, last=last, count=count
            )
        cursor.execute(HOLES, (required_organization(),))
        for _kind, period, last, count in cursor.fetchall():
            yield _("Invoices of {period}: the counter says {last}, there are {count}.").format(
                period=period, last=last, count=count
            )
