"""Recording money that is said to have come in, and taking such a claim back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.files import CheckedFile
from prs.kernel.identity.models import Member
from prs.kernel.numbering import PAYMENT, next_number
from prs.kernel.tenancy.services import keep_file
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import branch_of
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import events
from prs.operations.payments.models import Allocation, Payment
from prs.operations.payments.rules import NEEDS_PROOF, REMARKS_ABOVE, Share, date_fault
from prs.operations.payments.services.refusals import (
    ChequeKnown,
    ChequeNumberWrong,
    CoversAll,
    DateWrong,
    DealCovered,
    FinalFallsShort,
    MoreThanPaid,
    NotPayable,
    NotTheirs,
    NotWithdrawn,
    ProofMissing,
    RemarksMissing,
)
from prs.operations.payments.services.shared import follow_deals, hold_deals, said

WAITING = (Payment.Status.PENDING, Payment.Status.CHECKED, Payment.Status.ASKED)


@dataclass(frozen=True)
class PaymentDraft:
    """A payment as somebody claims it. `shares` says which invoices it pays, in order."""

    customer: Customer
    amount: Decimal
    currency: str
    method: str
    paid_on: date
    shares: Sequence[Share] = ()
    reference: str = ""
    cheque_number: str = ""
    remarks: str = ""
    proof: CheckedFile | None = None
    category: str = ""


def spoken(draft: PaymentDraft, amount: Decimal) -> str:
    """An amount in the draft's currency, as a sentence says it."""
    return money.spoken(money.Money(draft.currency, amount))


def check_draft(draft: PaymentDraft, today: date) -> None:
    """Refuse a claim that can't be right, before anything is written."""
    if date_fault(draft.paid_on, today):
        raise DateWrong
    if draft.method in NEEDS_PROOF and draft.proof is None:
        raise ProofMissing
    if draft.method == Payment.Method.CHEQUE and not 6 <= len(draft.cheque_number) <= 20:
        raise ChequeNumberWrong
    if draft.amount > REMARKS_ABOVE and not draft.remarks:
        raise RemarksMissing(limit=spoken(draft, REMARKS_ABOVE))
    shares = sum((share.amount for share in draft.shares), Decimal(0))
    if shares > draft.amount:
        raise MoreThanPaid(shares=spoken(draft, shares), amount=spoken(draft, draft.amount))


def check_shares(draft: PaymentDraft) -> None:
    """Refuse a share of an invoice that isn't the customer's or has less left."""
    open_invoices = {row.pk: row for row in named_invoices(draft)}
    for share in draft.shares:
        invoice = open_invoices.get(share.invoice_id)
        if invoice is None:
            raise NotTheirs
        if share.amount > invoice.left:
            raise NotPayable(
                number=invoice.number,
                open=money.spoken(money.Money(invoice.currency, invoice.left)),
                amount=spoken(draft, share.amount),
            )


def named_invoices(draft: PaymentDraft) -> Sequence[Invoice]:
    """The open invoices among those that a draft names."""
    return list(
        Invoice.objects.filter(
            pk__in=[share.invoice_id for share in draft.shares],
            customer=draft.customer,
            currency=draft.currency,
            status=Invoice.Status.ISSUED,
        )
    )


@transaction.atomic
def record_payment(draft: PaymentDraft, *, by: Member, at: datetime) -> Payment:
    """Record money said to have come in, with its proof and what it pays. It waits for a verifier.

    :raises Invalid: the date, the proof, the remarks, the cheque number or a share can't be right.
    :raises ChequeKnown: the cheque was recorded before.
    """
    check_draft(draft, local_date(at, by.organization.time_zone))
    check_shares(draft)
    rate = max((row.rate for row in named_invoices(draft)), default=Decimal(1))
    return write_payment(draft, rate=rate, deal=None, by=by, at=at)


@transaction.atomic
def record_on_deal(deal: Deal, draft: PaymentDraft, *, by: Member, at: datetime) -> Payment:
    """Record a payment of a deal: it drafts the invoice of the part that it pays.

    What it brings beyond the deal's value becomes the customer's credit once it is verified. Without
    a category the amount says which it is.

    :raises Invalid: something can't be right, or the category doesn't fit the amount.
    :raises DealCovered: the payments that stand cover the deal already.
    :raises CalledOff: the deal was called off.
    :raises ChequeKnown: the cheque was recorded before.
    """
    row = deals.held(deal)
    draft = replace(draft, customer=row.customer, currency=row.currency, shares=())
    check_draft(draft, local_date(at, by.organization.time_zone))
    left = row.value - claimed_of(row)
    if left <= 0:
        raise DealCovered
    draft = replace(draft, category=category_of(draft, row, left))
    if draft.category == Payment.Category.FINAL and not draft.remarks:
        draft = replace(draft, remarks=f"{row.number}")
    part = min(draft.amount, left)
    invoice = invoices.draft_for_deal(row, part, by=by, at=at)
    draft = replace(draft, shares=[Share(invoice.pk, part)])
    payment = write_payment(draft, rate=row.rate, deal=row, by=by, at=at)
    follow_deals([row.pk], by=by, at=at)
    return payment


def claimed_of(deal: Deal) -> Decimal:
    """What the payments of a deal claim of it: drafted, or issued and not credited."""
    standing = Invoice.objects.filter(deal=deal, status__in=["draft", "issued"])
    total: Decimal = standing.aggregate(sum=Sum(F("total") - F("credited"), default=Decimal(0)))[
        "sum"
    ]
    return total


def category_of(draft: PaymentDraft, deal: Deal, left: Decimal) -> str:
    """The category a payment has, checked against what is left of the deal. Source: reference 4.2."""
    covers = draft.amount >= left
    if draft.category == Payment.Category.FINAL and not covers:
        raise FinalFallsShort(left=spoken(draft, left))
    if draft.category and draft.category != Payment.Category.FINAL and covers:
        raise CoversAll(amount=spoken(draft, draft.amount))
    if draft.category:
        return draft.category
    if covers:
        return Payment.Category.FINAL
    return Payment.Category.ADVANCE if left == deal.value else Payment.Category.PARTIAL


def write_payment(
    draft: PaymentDraft, *, rate: Decimal, deal: Deal | None, by: Member, at: datetime
) -> Payment:
    """Write a checked claim with its proof and its allocations."""
    proof = keep_file(draft.proof, at=at) if draft.proof else None
    cheque = draft.method == Payment.Method.CHEQUE
    with refusing({"payment_cheque_number_unique": ChequeKnown}):
        payment = Payment.objects.create(
            number=next_number(PAYMENT, year=at.year),
            customer=draft.customer,
            deal=deal,
            category=draft.category,
            place=branch_of(by),
            amount=draft.amount,
            currency=draft.currency,
            rate=rate,
            method=draft.method,
            paid_on=draft.paid_on,
            reference=draft.reference,
            cheque_number=draft.cheque_number if cheque else "",
            cheque_state=Payment.Cheque.RECEIVED if cheque else "",
            remarks=draft.remarks,
            proof=proof,
            recorded_by=by,
            recorded_at=at,
        )
    Allocation.objects.bulk_create(
        Allocation(
            organization_id=payment.organization_id,
            payment=payment,
            invoice_id=share.invoice_id,
            amount=share.amount,
            position=position,
        )
        for position, share in enumerate(draft.shares, start=1)
    )
    record(events.RECORDED, payment, by=by, at=at, words=said(payment))
    return payment


@transaction.atomic
def withdraw(payment: Payment, *, reason: str, by: Member, at: datetime) -> Payment:
    """Take back a claim that nobody has decided: it was a mistake, or comes again corrected.

    :raises NotWithdrawn: it is decided.
    """
    row = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=payment.pk)
    )
    if row.status not in WAITING:
        raise NotWithdrawn
    hold_deals([row.deal_id])
    row.status = Payment.Status.WITHDRAWN
    row.claimed_by = row.claimed_until = None
    row.version += 1
    row.save(update_fields=["status", "claimed_by", "claimed_until", "version"])
    void_drafts(row, by=by, at=at)
    record(events.WITHDRAWN, row, by=by, at=at, words={**said(row), "reason": reason})
    follow_deals([row.deal_id], by=by, at=at)
    return row


def void_drafts(payment: Payment, *, by: Member, at: datetime) -> None:
    """Withdraw the drafts that a payment's claim had made."""
    drafts = Invoice.objects.filter(
        pk__in=Allocation.objects.filter(payment=payment).values("invoice"),
        status=Invoice.Status.DRAFT,
    ).select_related("customer")
    for invoice in drafts.order_by("pk"):
        invoices.void_draft(invoice, by=by, at=at)
