"""What several verbs of payments share: their words, the state of deals, and where money lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from prs.kernel import money
from prs.kernel.activity.rules import Actor, Event
from prs.kernel.activity.services import record
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping.rules import Side
from prs.operations.deals import rules as deal_rules
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.models import Decision, Payment
from prs.operations.payments.rules import HOLDS_MONEY

SOURCE = "payments.payment"


def said(payment: Payment) -> dict[str, str]:
    """The words that events of a payment use."""
    amount = money.Money(payment.currency, payment.amount)
    return {"customer": payment.customer.name, "amount": money.spoken(amount)}


def say(event: Event, payment: Payment, reason: str, *, by: Member, at: datetime) -> None:
    """Record an event of a payment that has a reason."""
    record(event, payment, by=by, at=at, words={**said(payment), "reason": reason})


def add_decision(
    payment: Payment,
    kind: str,
    *,
    by: Member,
    at: datetime,
    remarks: str = "",
    reason: str = "",
    amount: Decimal | None = None,
) -> Decision:
    """Keep one decision with its reason."""
    return Decision.objects.create(
        payment=payment, kind=kind, reason=reason, remarks=remarks, amount=amount, by=by, at=at
    )


def claims_paid(
    payment: Payment,
    parts: Sequence[tuple[Invoice, Decimal]],
    *,
    party: UUID,
    home: str,
    back: bool = False,
) -> tuple[Side, ...]:
    """The lines that take parts of invoices off what the customer owes, or put them back.

    A claim leaves the books at the rate at which it came; what the payment's rate makes of it is
    gained or lost.
    """
    sign = -1 if back else 1
    amount = sum((part for _invoice, part in parts), Decimal(0))
    if all(invoice.rate == payment.rate for invoice, _part in parts):
        return (Side(chart.RECEIVABLE, -sign * amount, party),)
    booked = sum((money.rounded(part * row.rate, home) for row, part in parts), Decimal(0))
    came = sum((money.rounded(part * payment.rate, home) for _row, part in parts), Decimal(0))
    return (
        Side(chart.RECEIVABLE, -sign * amount, party, home=-sign * booked),
        Side(chart.EXCHANGE_REALISED, Decimal(0), home=sign * (booked - came)),
    )


def account_of(payment: Payment) -> str:
    """The account where a verified payment's money lies: a cleared cheque has become bank money."""
    if payment.cheque_state == Payment.Cheque.CLEARED:
        return chart.BANK
    return HOLDS_MONEY[payment.method]


def hold_deals(keys: Iterable[UUID | None]) -> None:
    """Hold the deals' rows until the commit, in the order of their keys.

    Taken before invoices and counters, so that two payments of one deal never wait for each other
    in a circle.
    """
    wanted = {key for key in keys if key}
    if wanted:
        rows = Deal.objects.select_for_update(of=("self",), no_key=True)
        list(rows.filter(pk__in=wanted).order_by("pk").values_list("pk"))


def follow_deals(keys: Iterable[UUID | None], *, by: Actor, at: datetime) -> None:
    """Bring the state of deals up to what their payments and invoices say now."""
    wanted = {key for key in keys if key}
    if not wanted:
        return
    paid = dict(
        Invoice.objects.filter(deal__in=wanted)
        .order_by("deal")
        .values_list("deal")
        .annotate(total=Sum("paid"))
    )
    stands: dict[UUID, list[str]] = {key: [] for key in wanted}
    for key, status in Payment.objects.filter(deal__in=wanted).values_list("deal", "status"):
        stands[key].append(status)
    for deal in Deal.objects.filter(pk__in=wanted).select_related("customer").order_by("pk"):
        status = deal_rules.status_of(stands[deal.pk])
        deals.follow(deal, status=status, paid=paid.get(deal.pk, Decimal(0)), by=by, at=at)
