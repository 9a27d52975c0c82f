"""Invoices: the list, one of them, writing one by hand, returning one for correction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from prs.kernel import clock, money
from prs.kernel.activity.selectors import timeline
from prs.ledgers.bookkeeping.permissions import EDIT as EDIT_BOOKS
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.operations.followups.permissions import LOG
from prs.operations.invoicing import permissions, selectors, services
from prs.operations.invoicing.models import Credit, CreditOverride, Invoice
from prs.operations.invoicing.services import InvoiceDraft
from prs.operations.payments import permissions as payment_rights
from prs.operations.payments import selectors as payments
from prs.operations.payments import services as payment_verbs
from prs.operations.receivables import permissions as care
from prs.operations.receivables import selectors as receivables
from prs.web.billing.forms import (
    CreditForm,
    CreditNoteForm,
    InvoiceForm,
    LineFormSet,
    ReturnForm,
)
from prs.web.billing.tables import INVOICES
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.states import invoice_state

PARTS = {
    "invoice-story": "billing/_invoice_story.html",
    "invoice-sheet": "billing/_invoice_sheet.html",
}


@requires(permissions.VIEW)
def invoices(request: Any) -> HttpResponse:
    """Everything customers owe or owed."""
    rows = selectors.with_loss(selectors.visible_to(request.member))
    return INVOICES.show(request, rows.annotate(open_amount=selectors.LEFT))


@requires(permissions.VIEW)
def invoice(request: Any, pk: UUID) -> HttpResponse:
    """One invoice: the document at the left, its story at the right."""
    row = found(selectors.visible_to(request.member), pk=pk)
    return screen(request, "billing/invoice.html", invoice_page(request, row), parts=PARTS)


def invoice_page(request: Any, row: Invoice) -> dict[str, Any]:
    """What the page of an invoice shows."""
    left, lost = row.left, selectors.lost_of(row)
    may = request.member.may
    credit = credit_for(row) if may(payment_rights.RECORD) else Decimal(0)
    return {
        "invoice": row,
        "state": invoice_state(
            row.status, row.billing, row.total, row.paid, row.credited, lost, row.due_date
        ),
        "left": left,
        "lost": lost,
        "ended": ended_as(row, lost),
        "lines": selectors.lines_of(row),
        "allocations": payments.payments_of(row),
        "revisions": selectors.revisions_of(row),
        "events": timeline(row),
        "may_pay": left > 0 and may(payment_rights.RECORD),
        "may_return": returnable(row) and may(permissions.REVIEW),
        "credits": selectors.credits_of(row),
        **care_of(request, row, lost),
        "credit": credit,
        "may_credit": creditable(row) and (may(permissions.REVIEW) or may(EDIT_BOOKS)),
    }


def ended_as(row: Invoice, lost: Decimal) -> Any:
    """How an invoice with nothing left to pay came to its end, in words."""
    if row.status == Invoice.Status.VOID:
        return _("void")
    if lost > 0:
        return _("the rest is written off") if row.paid else _("written off")
    return _("paid in full") if row.paid or not row.total else _("credited in full")


def care_of(request: Any, row: Invoice, lost: Decimal) -> dict[str, Any]:
    """What is done about a claim, and what the member may do."""
    may = request.member.may
    held, asked = receivables.collection_of(row), receivables.asked_write_off(row)
    collects = creditable(row) and may(care.COLLECT)
    return {
        "reminders": receivables.reminders_of(row)[:10],
        "collection": held,
        "asked": asked,
        "overrides": CreditOverride.objects.filter(invoice=row).select_related("granted_by"),
        "may_collect": collects,
        "may_take": collects and held is None,
        "may_let_go": held is not None and may(care.COLLECT),
        "may_follow": creditable(row) and may_follow(request),
        "may_write_off": creditable(row) and asked is None and may(care.WRITE_OFF),
        "may_recover": may(care.WRITE_OFF) and lost > 0,
    }


def may_follow(request: Any) -> bool:
    """Whether the member logs contacts with customers."""
    return bool(request.member.may(LOG))


def creditable(row: Invoice) -> bool:
    """Whether a part of an invoice can be given up."""
    return row.status == Invoice.Status.ISSUED and row.left > 0


def credit_for(row: Invoice) -> Decimal:
    """How much of an invoice the customer's credit can pay."""
    if not creditable(row):
        return Decimal(0)
    return min(payments.credit_of(row.customer_id, row.currency), row.left)


def returnable(row: Invoice) -> bool:
    """Whether an invoice can go back to the system that wrote it."""
    return row.origin == Invoice.Origin.IMPORT and row.billing != Invoice.Billing.REVIEW


@requires(permissions.EDIT)
@once
def add_invoice(request: Any) -> HttpResponse:
    """Write an invoice by hand and issue it."""
    theirs = customers.visible_to(request.member).filter(active=True).order_by("name", "pk")
    first = {"invoice_date": reader().today, "customer": request.GET.get("customer")}
    overrides = request.member.may(permissions.OVERRIDE)
    form = InvoiceForm(
        request.POST or None, initial=first, customers=theirs, may_override=overrides
    )
    lines: Any = LineFormSet(request.POST or None, prefix="lines")
    status = 200
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            row = issue(request, form, lines)
        except services.CreditRefused as refusal:
            form.add_error(refused_field(refusal, form), str(refusal))
            status = refusal.status
        else:
            messages.success(request, _("Invoice %(number)s is issued.") % {"number": row.number})
            return redirect("billing:invoice", row.pk)
    elif form.is_bound and (form.errors or lines.total_error_count()):
        status = 422
    context = {"form": form, "lines": lines, "currency": request.organization.currency}
    return screen(request, "billing/invoice_form.html", context, status=status)


def issue(request: Any, form: InvoiceForm, lines: Any) -> Invoice:
    """Issue what the form says; with a reason, against the rules of credit."""
    data, me = form.cleaned_data, request.member
    why = data.get("override_reason", "").strip()
    return services.issue(
        InvoiceDraft(
            customer=data["customer"] or named_customer(request, form),
            invoice_date=data["invoice_date"],
            due_date=data["due_date"],
            remarks=data["remarks"],
            lines=lines.drafts(),
        ),
        organization=request.organization,
        by=me,
        at=clock.now(),
        override=services.Override(me, why) if why else None,
    )


def refused_field(refusal: services.CreditRefused, form: InvoiceForm) -> str:
    """Beside which field a refusal stands: where it can be set aside, or at the customer."""
    overridable = refusal.may_override and "override_reason" in form.fields
    return "override_reason" if overridable else "customer"


def named_customer(request: Any, form: InvoiceForm) -> Customer:
    """The customer whose name was written beside the choice."""
    fields = {"name": form.cleaned_data["new_customer"].strip(), "salesperson": request.member}
    return parties.add(fields, by=request.member, at=clock.now())


@requires(permissions.REVIEW)
def return_invoice(request: Any, pk: UUID) -> HttpResponse:
    """Send an imported invoice back to the system that wrote it."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.return_for_correction(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        return redirect("billing:invoice", row.pk)
    return edit_screen(request, "billing/return_form.html", form, {"invoice": row})


@requires(payment_rights.RECORD)
@once
def pay_with_credit(request: Any, pk: UUID) -> HttpResponse:
    """Pay an invoice with money of the customer that no invoice needed."""
    row = found(selectors.visible_to(request.member), pk=pk)
    most = credit_for(row)
    form = CreditForm(request.POST or None, currency=row.currency, most=most)
    if request.method == "POST" and form.is_valid():
        used = payment_verbs.pay_with_credit(
            row, by=request.member, at=clock.now(), amount=form.cleaned_data["amount"]
        )
        words = {"amount": money.spoken(money.Money(row.currency, used))}
        messages.success(request, _("%(amount)s of credit pay this invoice.") % words)
        return redirect("billing:invoice", row.pk)
    context = {
        "invoice": row,
        "title": _("Pay %(number)s with credit") % {"number": row.number},
        "why": _("The money was verified before, so the invoice is paid at once."),
        "press": _("Pay with credit"),
    }
    return edit_screen(request, "billing/invoice_step.html", form, context)


@requires(permissions.REVIEW, EDIT_BOOKS)
@once
def credit_invoice(request: Any, pk: UUID) -> HttpResponse:
    """Claim less of an open invoice, by a credit note."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = CreditNoteForm(request.POST or None, currency=row.currency, most=row.left)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.credit(
                row,
                data["amount"],
                kind=Credit.Kind.NOTE,
                reason=data["reason"],
                by=request.member,
                at=clock.now(),
            )
        except services.AmountWrong as refusal:
            form.add_error("amount", str(refusal))
        else:
            return redirect("billing:invoice", row.pk)
    context = {
        "invoice": row,
        "title": _("Credit %(number)s") % {"number": row.number},
        "why": _("The customer owes that much less. It is posted and can't be taken back."),
        "press": _("Write the credit note"),
    }
    return edit_screen(request, "billing/invoice_step.html", form, context)
