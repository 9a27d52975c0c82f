"""Deals: the list, the board, one of them, closing one with its first payment, and paying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock, money
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Member, TeamMember
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties import services as parties
from prs.operations.deals import permissions, selectors
from prs.operations.deals import services as deal_verbs
from prs.operations.deals.models import Deal
from prs.operations.incentives.permissions import EDIT as COMMISSIONS
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.selectors import invoices_of
from prs.operations.payments import selectors as payments
from prs.operations.payments import services as payment_verbs
from prs.operations.payments.models import Allocation, Decision, Payment, Receipt
from prs.operations.payments.permissions import RECORD
from prs.web.kit.access import found, requires
from prs.web.kit.filters import sentence_of
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.states import deal_stage, deal_state
from prs.web.sales.deal_forms import (
    AddDealForm,
    CallOffForm,
    CreditForm,
    DealForm,
    DealNoteForm,
    FirstPaymentForm,
    MoneyForm,
)
from prs.web.sales.deal_tables import DEALS, DealFilter, board_of

PARTS = {"deal-sheet": "sales/_deal_sheet.html", "deal-story": "sales/_deal_story.html"}
BOARD_PARTS = {"deal-board": "sales/_deal_board.html"}
NO_FILTER = ("after", "before", "sort", "columns", "open", "q")
# What of a payment that came to nothing is offered again.
AGAIN = (
    Payment.Status.DENIED,
    Payment.Status.WITHDRAWN,
    Payment.Status.BOUNCED,
    Payment.Status.CHARGED_BACK,
)


def filters_in(request: Any) -> str:
    """The filters of the address, to keep them between table and board."""
    query = request.GET.copy()
    for name in NO_FILTER:
        query.pop(name, None)
    return str(query.urlencode())


@requires(permissions.VIEW)
def deals(request: Any) -> HttpResponse:
    """Everything that was agreed to be sold."""
    rows = selectors.visible_to(request.member).annotate(
        left=F("value") - F("paid"),
        home=selectors.HOME,
        home_currency=Value(request.organization.currency),
    )
    return DEALS.show(request, rows, query=filters_in(request))


@requires(permissions.VIEW)
@require_GET
def deal_board(request: Any) -> HttpResponse:
    """The same deals by how they stand: derived, so nothing is dragged."""
    rows = selectors.visible_to(request.member)
    filters = DealFilter(request.GET, queryset=rows, request=request)
    sentence = sentence_of(filters, request.GET, rows, reader())
    context = {
        "columns": board_of(sentence.rows),
        "chips": sentence.chips,
        "today": reader().today,
        "query": filters_in(request),
        "may_add": request.member.may(permissions.EDIT),
    }
    return screen(request, "sales/deal_board.html", context, parts=BOARD_PARTS)


@requires(permissions.VIEW)
def deal(request: Any, pk: UUID) -> HttpResponse:
    """One deal: its payments and what is left, and what happened."""
    row = found(selectors.visible_to(request.member), pk=pk)
    return screen(request, "sales/deal.html", deal_page(request, row), parts=PARTS)


@dataclass
class Paid:
    """A payment of a deal with what it led to."""

    payment: Payment
    seen: bool
    receipt: str = ""
    invoices: list[Invoice] = field(default_factory=list)
    verdict: str = ""


def paid_on(deal: Deal, member: Member) -> list[Paid]:
    """The payments of a deal with their receipts, invoices and verdicts, in five queries."""
    rows = list(payments.payments_of_deal(deal))
    own = payments.visible_to(member).filter(deal=deal).values_list("pk", flat=True)
    seen = set(own)
    found_rows = {row.pk: Paid(row, row.pk in seen) for row in rows}
    for receipt in Receipt.objects.filter(payment__in=rows):
        found_rows[receipt.payment_id].receipt = receipt.number
    parts = Allocation.objects.filter(payment__in=rows).select_related("invoice")
    for part in parts.order_by("position", "pk"):
        found_rows[part.payment_id].invoices.append(part.invoice)
    for decision in Decision.objects.filter(payment__in=rows).order_by("at", "pk"):
        text = decision.remarks or (decision.get_reason_display() if decision.reason else "")
        found_rows[decision.payment_id].verdict = text or found_rows[decision.payment_id].verdict
    return list(found_rows.values())


def credit_used(deal: Deal) -> QuerySet[Allocation]:
    """What other payments' money paid of a deal."""
    parts = Allocation.objects.filter(invoice__deal=deal).exclude(payment__deal=deal)
    return parts.select_related("invoice", "payment").order_by("counted_at", "pk")


def deal_page(request: Any, row: Deal, note_form: DealNoteForm | None = None) -> dict[str, Any]:
    """What the page of a deal shows."""
    may, alive = request.member.may, row.cancelled_at is None
    claimed = payment_verbs.claimed_of(row)
    left = row.value - claimed
    paid = paid_on(row, request.member)
    credit = payments.credit_of(row.customer_id, row.currency) if left > 0 else Decimal(0)
    events = timeline(row, *told_with(row, paid), limit=60)
    return {
        "deal": row,
        "state": deal_state(row.status, row.cancelled_at),
        "stage": deal_stage(row.value, row.paid),
        "percent": percent(row),
        "late": is_late(row),
        "left": left,
        "waiting": claimed - row.paid,
        "paid": paid,
        "credit_used": credit_used(row),
        "credit": credit,
        "events": events,
        "edits": [moment for moment in events if moment.code == "deal.changed" and moment.changes],
        "mates": mates_of(row),
        "sees_project": row.project_id
        and selectors.projects_visible_to(request.member).filter(pk=row.project_id).exists(),
        "note_form": note_form or DealNoteForm(auto_id="id_note_%s"),
        "may_edit": alive and may(permissions.EDIT),
        "may_note": may(permissions.EDIT),
        "may_pay": alive and left > 0 and may(RECORD),
        "may_use_credit": alive and credit > 0 and may(RECORD),
        "may_split": may(COMMISSIONS),
        "may_call_off": alive and not claimed and may(permissions.EDIT),
    }


def told_with(row: Deal, paid: list[Paid]) -> list[UUID]:
    """What belongs to a deal's story besides itself."""
    return [each.payment.pk for each in paid] + [each.pk for each in invoices_of(row)]


def percent(row: Deal) -> int:
    """How much of a deal is proven, in per cent, never rounded up to all of it."""
    return int(row.paid * 100 / row.value)


def is_late(row: Deal) -> bool:
    """Whether a deal should have been paid by now."""
    open_ = row.cancelled_at is None and row.paid < row.value
    return bool(open_ and row.due_date and row.due_date < reader().today)


def mates_of(row: Deal) -> list[str]:
    """Who works in the teams of the deal's project, by name."""
    if row.project is None:
        return []
    seats = TeamMember.objects.filter(team__in=selectors.teams_of(row.project))
    names = seats.filter(member__active=True).order_by("member__name")
    return list(dict.fromkeys(names.values_list("member__name", flat=True)))


def to_choose(request: Any) -> QuerySet[Any]:
    """The customers whom a deal can be closed with."""
    return customers.listed(request.member).filter(active=True).order_by("name", "pk")


@requires(permissions.EDIT)
@once
def add_deal(request: Any) -> HttpResponse:
    """Close a deal, with its first payment if one came."""
    today, currency = reader().today, request.organization.currency
    first_values = {
        "customer": request.GET.get("customer"),
        "project": request.GET.get("project"),
        "currency": currency,
        "deal_date": today,
        "salesperson": request.member,
    }
    form = AddDealForm(
        request.POST or None,
        initial=first_values,
        member=request.member,
        customers=to_choose(request),
    )
    first = FirstPaymentForm(
        request.POST or None,
        request.FILES or None,
        initial={"kind": "none", "paid_on": today},
        currency=request.POST.get("currency", currency),
        member=request.member,
    )
    if request.method == "POST" and all([form.is_valid(), first.is_valid()]):
        row = closed(request, form, first)
        if row is not None:
            messages.success(request, _("Deal %(number)s is closed.") % {"number": row.number})
            return redirect("sales:deal", row.pk)
    faulty = form.is_bound and bool(form.errors or first.errors)
    context = {
        "form": form,
        "first": first,
        "currency": currency,
        "may_record": request.member.may(RECORD),
    }
    return screen(request, "sales/deal_add.html", context, status=422 if faulty else 200)


def closed(request: Any, form: AddDealForm, first: FirstPaymentForm) -> Deal | None:
    """Close the deal and record what came with it: both, or neither. None when something is refused."""
    fields = form.values
    customer = fields["customer"].name if fields["customer"] else form.named
    came = first.came and request.member.may(RECORD)
    if came and not first.fits(fields["value"], fields["currency"], customer):
        return None
    verb = partial(close_and_record, name=form.named, first=first if came else None)
    try:
        row: Deal | None = form.add(verb, by=request.member, at=clock.now())
    except Refusal as refusal:
        first.refuse(refusal)
        return None
    return row


def close_and_record(
    fields: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
    name: str,
    first: FirstPaymentForm | None,
) -> Deal:
    """The verbs behind one form: a customer who is new, the deal, its first payment."""
    customer = fields["customer"]
    if customer is None:
        customer = parties.add({"name": name, "salesperson": by}, by=by, at=at)
    row = deal_verbs.close({**fields, "customer": customer}, by=by, at=at)
    if first is not None:
        payment_verbs.record_on_deal(row, first.draft(customer, row.currency), by=by, at=at)
    return row


@requires(permissions.EDIT)
def edit_deal(request: Any, pk: UUID) -> HttpResponse:
    """Change a deal."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = DealForm(
        request.POST or None,
        instance=row,
        member=request.member,
        customers=to_choose(request),
    )
    if payments.payments_of_deal(row).exists() or invoices_of(row).exists():
        form.fix_currency()
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(deal_verbs.change, by=request.member, at=clock.now())
    ):
        return redirect("sales:deal", row.pk)
    context = {"deal": row, "currency": request.organization.currency}
    return edit_screen(request, "sales/deal_edit.html", form, context)


@requires(RECORD)
@once
def pay_deal(request: Any, pk: UUID) -> HttpResponse:
    """Record money of a deal."""
    row = found(selectors.visible_to(request.member), pk=pk)
    left = row.value - payment_verbs.claimed_of(row)
    form = MoneyForm(
        request.POST or None,
        request.FILES or None,
        initial=money_values(request, row, left),
        currency=row.currency,
        member=request.member,
    )
    form.fields["amount"].help_text = category_words(row, left)
    if (
        request.method == "POST"
        and form.is_valid()
        and (left <= 0 or form.agreed(left, row.currency, row.customer.name))
    ):
        try:
            draft = form.draft(row.customer, row.currency)
            paid = payment_verbs.record_on_deal(row, draft, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            words = {"number": paid.number, "category": paid.get_category_display()}
            sentence = _("%(category)s payment %(number)s waits for a verifier.")
            messages.success(request, sentence % words)
            return redirect("sales:deal", row.pk)
    context = {"deal": row, "left": left, "claimed": row.value - left, "percent": percent(row)}
    return edit_screen(request, "sales/deal_pay.html", form, context)


def category_words(row: Deal, left: Decimal) -> str:
    """Which payment an amount makes, before it is written."""
    words = {"left": money.spoken(money.Money(row.currency, left))}
    if left == row.value:
        return _("%(left)s or more is the final payment, less is an advance.") % words
    return _("%(left)s or more is the final payment, less is a partial one.") % words


def money_values(request: Any, row: Deal, left: Decimal) -> dict[str, Any]:
    """What the form opens with: all that is left, or a payment that came to nothing once more."""
    values = {"amount": max(left, Decimal(0)), "paid_on": reader().today}
    asked = request.GET.get("again", "")
    known = payments.payments_of_deal(row).filter(status__in=AGAIN)
    before = next((each for each in known if str(each.pk) == asked), None)
    if before is None:
        return values
    names = ("amount", "method", "paid_on", "reference", "cheque_number", "remarks")
    return {name: getattr(before, name) for name in names}


@requires(RECORD)
@once
def use_credit(request: Any, pk: UUID) -> HttpResponse:
    """Pay a deal with money of the customer that no invoice needed."""
    row = found(selectors.visible_to(request.member), pk=pk)
    there = payments.credit_of(row.customer_id, row.currency)
    left = row.value - payment_verbs.claimed_of(row)
    most = max(min(there, left), Decimal(0))
    form = CreditForm(request.POST or None, currency=row.currency, most=most)
    if request.method == "POST" and form.is_valid():
        used = payment_verbs.pay_deal_with_credit(
            row, by=request.member, at=clock.now(), amount=form.cleaned_data["amount"]
        )
        words = {"amount": money.spoken(money.Money(row.currency, used))}
        messages.success(request, _("%(amount)s of credit pay this deal.") % words)
        return redirect("sales:deal", row.pk)
    context = {"deal": row, "there": there, "left": left}
    return edit_screen(request, "sales/deal_credit.html", form, context)


@requires(permissions.EDIT)
@require_POST
def note_deal(request: Any, pk: UUID) -> HttpResponse:
    """Add a line to a deal's activity log."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = DealNoteForm(request.POST, auto_id="id_note_%s")
    if not form.is_valid():
        context = deal_page(request, row, form)
        return screen(request, "sales/deal.html", context, status=422)
    deal_verbs.note(row, form.cleaned_data["text"], by=request.member, at=clock.now())
    return redirect("sales:deal", row.pk)


@requires(permissions.EDIT)
def call_off_deal(request: Any, pk: UUID) -> HttpResponse:
    """Call off a deal that no money was proven of."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = CallOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deal_verbs.call_off(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        messages.info(request, _("Deal %(number)s is called off.") % {"number": row.number})
        return redirect("sales:deal", row.pk)
    return edit_screen(request, "sales/deal_call_off.html", form, {"deal": row})
