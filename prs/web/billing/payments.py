"""Payments: the list, one of them, recording one, answering a verifier, taking one back, refunds and
what becomes of cheques, proof and receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors as invoices
from prs.operations.payments import permissions, receipts, selectors, services
from prs.operations.payments.models import Payment, Receipt, Reversal
from prs.web.billing.forms import (
    AnswerForm,
    ChargebackForm,
    PaymentForm,
    RefundForm,
    WhyForm,
    first_values,
)
from prs.web.billing.tables import PAYMENTS
from prs.web.kit.access import found, public, requires
from prs.web.kit.downloads import document_response, file_response
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.states import deal_state, payment_state

PARTS = {"payment-story": "billing/_payment_story.html"}
# Claims that came to nothing: they may be recorded again.
GONE = (Payment.Status.DENIED, Payment.Status.WITHDRAWN, Payment.Status.BOUNCED)
IN_HAND = (Payment.Cheque.RECEIVED, Payment.Cheque.DEPOSITED)


@requires(permissions.VIEW)
def payments(request: Any) -> HttpResponse:
    """All money said to have come in."""
    rows = selectors.visible_to(request.member).annotate(
        home=selectors.HOME, home_currency=Value(request.organization.currency)
    )
    return PAYMENTS.show(request, rows)


@requires(permissions.VIEW)
def payment(request: Any, pk: UUID) -> HttpResponse:
    """One payment: what was claimed, what it pays, and how it was decided."""
    row = found(with_deal(request.member), pk=pk)
    return screen(request, "billing/payment.html", payment_page(request, row), parts=PARTS)


def payment_page(request: Any, row: Payment, form: AnswerForm | None = None) -> dict[str, Any]:
    """What the page of a payment shows."""
    receipt = selectors.receipt_of(row)
    asked = row.status == Payment.Status.ASKED
    return {
        "payment": row,
        "state": payment_state(row.status),
        "allocations": selectors.allocations_of(row),
        "decisions": selectors.decisions_of(row),
        "receipt": receipt,
        "document": selectors.receipt_document(receipt),
        "events": timeline(row),
        "form": (form or AnswerForm())
        if asked and request.member.may(permissions.RECORD)
        else None,
        "deal": row.deal,
        "deal_state": deal_state(row.deal.status, row.deal.cancelled_at) if row.deal else None,
        "reversals": selectors.reversals_of(row),
        **steps_of(request.member, row),
    }


def steps_of(member: Member, row: Payment) -> dict[str, Any]:
    """What this member may do with a payment now."""
    may = member.may
    verified = row.status == Payment.Status.VERIFIED
    asked_for = selectors.reversals_of(row).filter(status=Reversal.Status.REQUESTED).exists()
    alive = row.status not in {Payment.Status.DENIED, Payment.Status.WITHDRAWN}
    return {
        "may_withdraw": row.status in selectors.WAITING
        and row.recorded_by_id == member.pk
        and may(permissions.RECORD),
        "may_refund": verified and not asked_for and may(permissions.REQUEST_REFUND),
        "may_charge_back": verified and not asked_for and may(permissions.CHARGE_BACK),
        "may_bounce": verified
        and not asked_for
        and row.cheque_state in IN_HAND
        and may(permissions.CHARGE_BACK),
        "may_deposit": alive
        and row.cheque_state == Payment.Cheque.RECEIVED
        and may(permissions.CHEQUES),
        "may_clear": verified
        and row.cheque_state == Payment.Cheque.DEPOSITED
        and may(permissions.CHEQUES),
        "may_again": row.status in GONE and may(permissions.RECORD),
    }


def with_deal(member: Member) -> Any:
    """The payments that a member sees, with what their pages show."""
    return selectors.visible_to(member).select_related(
        "customer", "recorded_by", "decided_by", "deal"
    )


@requires(permissions.RECORD)
@once
def record_payment(request: Any, pk: UUID) -> HttpResponse:
    """Record money of a customer, and say which invoices it pays."""
    customer = found(customers.visible_to(request.member), pk=pk)
    currency = request.organization.currency
    due = invoices.unpaid(invoices.visible_to(request.member)).filter(
        customer=customer, currency=currency
    )[:50]
    open_invoices = list(due)
    chosen = next((row for row in open_invoices if str(row.pk) == request.GET.get("invoice")), None)
    before = come_to_nothing(request, customer)
    form = PaymentForm(
        request.POST or None,
        request.FILES or None,
        initial=first_values(chosen, reader().today, before),
        open_invoices=open_invoices,
        currency=currency,
        member=request.member,
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record_payment(form.draft(customer), by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            sentence = _("Payment %(number)s waits for a verifier.")
            messages.success(request, sentence % {"number": row.number})
            return redirect("billing:payment", row.pk)
    context = {"form": form, "customer": customer, "currency": currency, "chosen": chosen}
    return screen(
        request,
        "billing/payment_form.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


def come_to_nothing(request: Any, customer: Customer) -> Payment | None:
    """The payment that the address asks to record again, if it came to nothing."""
    asked = request.GET.get("again", "")
    known = selectors.visible_to(request.member).filter(customer=customer, status__in=GONE)
    return next((row for row in known.order_by("-pk")[:100] if str(row.pk) == asked), None)


@requires(permissions.RECORD)
@require_POST
@once
def answer(request: Any, pk: UUID) -> HttpResponse:
    """Answer a verifier's question about a payment."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return screen(request, "billing/payment.html", payment_page(request, row, form), status=422)
    services.answer(
        row,
        text=form.cleaned_data["text"],
        proof=form.cleaned_data["proof"],
        by=request.member,
        at=clock.now(),
    )
    return redirect("billing:payment", row.pk)


@requires(permissions.RECORD)
@once
def withdraw(request: Any, pk: UUID) -> HttpResponse:
    """Take back a claim of one's own that nobody has decided."""
    row = found(with_deal(request.member).filter(recorded_by=request.member), pk=pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        messages.info(request, _("Payment %(number)s is withdrawn.") % {"number": row.number})
        return redirect("billing:payment", row.pk)
    why = _("Nobody will verify it, and what it paid is open again. You may record it anew.")
    return step(request, row, form, _("Withdraw %(number)s"), why, _("Withdraw payment"))


@requires(permissions.REQUEST_REFUND)
@once
def request_refund(request: Any, pk: UUID) -> HttpResponse:
    """Ask for verified money to go back. Somebody else grants it."""
    row = found(with_deal(request.member), pk=pk)
    form = RefundForm(
        request.POST or None,
        request.FILES or None,
        currency=row.currency,
        most=services.left_of(row),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.request_refund(row, by=request.member, at=clock.now(), **form.cleaned_data)
        except services.NothingToReverse as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, _("The refund waits for approval."))
            return redirect("billing:payment", row.pk)
    why = _("Somebody else approves it. Then the money goes back and the invoice is credited.")
    return step(request, row, form, _("Refund of %(number)s"), why, _("Ask for refund"))


@requires(permissions.CHARGE_BACK)
@once
def charge_back(request: Any, pk: UUID) -> HttpResponse:
    """Book that a bank took verified money back."""
    row = found(with_deal(request.member), pk=pk)
    form = ChargebackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        services.charge_back(row, by=request.member, at=clock.now(), **form.cleaned_data)
        messages.info(request, _("%(number)s is charged back.") % {"number": row.number})
        return redirect("billing:payment", row.pk)
    why = _("All that is left of the payment leaves the books, and what it paid is written off.")
    return step(request, row, form, _("Chargeback of %(number)s"), why, _("Book chargeback"))


@requires(permissions.CHARGE_BACK)
@once
def bounce(request: Any, pk: UUID) -> HttpResponse:
    """Book that a verified cheque bounced."""
    row = found(with_deal(request.member), pk=pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.bounce(row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now())
        messages.info(request, _("The cheque of %(number)s bounced.") % {"number": row.number})
        return redirect("billing:payment", row.pk)
    why = _("The money never came: what the cheque paid is owed again.")
    return step(request, row, form, _("Bounced cheque of %(number)s"), why, _("Book bounce"))


def step(  # noqa: PLR0917  (what the page says, in the order in which it says it)
    request: Any, row: Payment, form: Any, title: str, why: str, press: str
) -> HttpResponse:
    """The page of one step of a payment: what it does, and its form."""
    context = {
        "payment": row,
        "title": title % {"number": row.number},
        "why": why,
        "press": press,
        "left": services.left_of(row) if row.verified_amount else row.amount,
    }
    return edit_screen(request, "billing/payment_step.html", form, context)


@requires(permissions.CHEQUES)
@require_POST
@once
def deposit_cheque(request: Any, pk: UUID) -> HttpResponse:
    """Note that a cheque was brought to the bank."""
    row = found(selectors.visible_to(request.member), pk=pk)
    services.deposit_cheque(row, by=request.member, at=clock.now())
    return redirect("billing:payment", row.pk)


@requires(permissions.CHEQUES)
@require_POST
@once
def clear_cheque(request: Any, pk: UUID) -> HttpResponse:
    """Note that the bank credited a cheque."""
    row = found(selectors.visible_to(request.member), pk=pk)
    services.clear_cheque(row, by=request.member, at=clock.now())
    return redirect("billing:payment", row.pk)


@requires(permissions.VIEW, permissions.VERIFY)
@xframe_options_sameorigin
def proof(request: Any, pk: UUID) -> HttpResponseBase:
    """The proof of a payment, for those who may see the payment."""
    row = found(
        selectors.visible_to(request.member).select_related("proof").filter(proof__isnull=False),
        pk=pk,
    )
    return file_response(row.proof, inline=True)


@requires(permissions.VIEW)
def receipt(request: Any, pk: UUID) -> HttpResponseBase:
    """The receipt of a verified payment, as it was rendered."""
    row = found(selectors.visible_to(request.member), pk=pk)
    document = selectors.receipt_document(selectors.receipt_of(row))
    if document is None:
        messages.info(request, _("The receipt is being prepared. Try again in a moment."))
        return redirect("billing:payment", row.pk)
    return document_response(document)


@public
def genuine(request: Any, token: str) -> HttpResponse:
    """Whether a receipt is ours: where its QR code leads, open to anyone who holds it."""
    named = receipts.read_token(token)
    if named is None:
        return screen(request, "billing/genuine.html", {"receipt": None}, status=404)
    organization_id, receipt_id = named
    with tenant_context(organization_id):
        row = Receipt.objects.select_related("payment", "organization").get(pk=receipt_id)
    return screen(request, "billing/genuine.html", {"receipt": row, "payment": row.payment})
