"""Receivables: open claims, reminding, collection, and what is written off or recovered."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from prs.kernel import clock, money
from prs.kernel.activity.selectors import timeline
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Invoice
from prs.operations.receivables import permissions, selectors, services
from prs.operations.receivables.models import Reminder, WriteOff
from prs.operations.receivables.rules import tone_of
from prs.web.billing.receivable_forms import DecideForm, EndForm, LossForm, RemindForm, TakeForm
from prs.web.billing.receivable_tables import (
    CLAIMS,
    OVERRIDES,
    SINCE,
    WRITE_OFFS,
    tabs,
    write_off_state,
)
from prs.web.kit import choices
from prs.web.kit.access import found, requires
from prs.web.kit.fields import DayField
from prs.web.kit.forms import edit_screen
from prs.web.kit.lists import picked
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen


def asked_day(request: Any) -> date:
    """The day that the address asks for; today when it names none or a day to come."""
    today = reader().today
    try:
        named = DayField(required=False).clean(request.GET.get("on", ""))
    except ValidationError:
        named = None
    return min(named or today, today)


def asked_since(request: Any) -> str:
    """From which day the address counts ages."""
    asked = request.GET.get("since", "")
    return asked if asked in dict(SINCE) else "due"


@requires(permissions.VIEW)
def receivables(request: Any) -> HttpResponse:
    """Every claim with something left to pay, the longest due first."""
    rows = selectors.claims(
        request.member,
        on=asked_day(request),
        today=reader().today,
        zone=request.organization.time_zone,
        since=asked_since(request),
    )
    return CLAIMS.show(request, selectors.with_care(rows), tabs=tabs(request, "receivables"))


@requires(permissions.COLLECT)
@require_POST
def remind_picked(request: Any) -> HttpResponse:
    """Remind the customers of the picked claims, each for itself."""
    rows = list(picked(request, invoices.visible_to(request.member)))
    sent, refused = services.remind_several(rows, by=request.member, at=clock.now())
    if sent:
        words = ngettext("%(count)s reminder goes out.", "%(count)s reminders go out.", sent)
        messages.success(request, words % {"count": sent})
    for sentence in refused[:5]:
        messages.warning(request, sentence)
    if len(refused) > 5:
        more = len(refused) - 5
        words = ngettext("%(count)s more was not sent.", "%(count)s more were not sent.", more)
        messages.warning(request, words % {"count": more})
    return redirect("billing:receivables")


def claim(request: Any, pk: UUID) -> Invoice:
    """An invoice that the member may see."""
    row: Invoice = found(invoices.visible_to(request.member), pk=pk)
    return row


def step(request: Any, row: Invoice, form: Any, **words: Any) -> HttpResponse:
    """The screen of one step with one invoice: `title`, `why`, and what to `press`."""
    return edit_screen(request, "billing/invoice_step.html", form, {"invoice": row, **words})


@requires(permissions.COLLECT)
@once
def remind(request: Any, pk: UUID) -> HttpResponse:
    """Remind a customer of one invoice."""
    row = claim(request, pk)
    first = tone_of((reader().today - row.due_date).days)
    form = RemindForm(request.POST or None, initial={"tone": first})
    if request.method == "POST" and form.is_valid():
        sent = services.remind(
            row, by=request.member, at=clock.now(), tone=form.cleaned_data["tone"]
        )
        words = {"recipient": sent.recipient}
        messages.success(request, _("A reminder goes to %(recipient)s.") % words)
        return redirect("billing:invoice", row.pk)
    title = _("Remind of %(number)s") % {"number": row.number}
    to = ", ".join(services.addresses_of(row.customer)) or _("nobody yet: no address is known")
    why = _("The mail goes to %(to)s and says what is left and since when it is due.") % {"to": to}
    place = reverse("billing:reminder_letter", args=[row.pk])
    letters = [(label, f"{place}?tone={tone}") for tone, label in Reminder.Tone.choices]
    press = _("Send reminder")
    return step(request, row, form, title=title, why=why, press=press, letters=letters)


@requires(permissions.COLLECT)
@once
def take_in_hand(request: Any, pk: UUID) -> HttpResponse:
    """Put a claim into collection."""
    row = claim(request, pk)
    form = TakeForm(
        request.POST or None,
        members=choices.members(request),
        initial={"assigned_to": request.member},
    )
    if request.method == "POST" and form.is_valid():
        services.take_in_hand(row, **form.cleaned_data, by=request.member, at=clock.now())
        return redirect("billing:invoice", row.pk)
    title = _("Collect %(number)s") % {"number": row.number}
    why = _("While somebody has the claim in hand, the schedule sends no reminders of it.")
    return step(request, row, form, title=title, why=why, press=_("Put into collection"))


@requires(permissions.COLLECT)
@once
def let_go(request: Any, pk: UUID) -> HttpResponse:
    """End the collection of a claim."""
    row = claim(request, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.let_go(row, notes=form.cleaned_data["notes"], by=request.member, at=clock.now())
        return redirect("billing:invoice", row.pk)
    title = _("End the collection of %(number)s") % {"number": row.number}
    why = _("What is left stays owed; the schedule reminds of it again.")
    return step(request, row, form, title=title, why=why, press=_("End collection"))


@requires(permissions.WRITE_OFF)
@once
def ask_write_off(request: Any, pk: UUID) -> HttpResponse:
    """Ask for a claim to be given up as lost."""
    row = claim(request, pk)
    form = LossForm(request.POST or None, currency=row.currency, most=row.left)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            asked = services.ask_write_off(
                row, data["amount"], reason=data["reason"], by=request.member, at=clock.now()
            )
        except invoicing.AmountWrong as refusal:
            form.add_error("amount", str(refusal))
        else:
            return redirect("billing:write_off", asked.pk)
    title = _("Write off %(number)s") % {"number": row.number}
    why = _("Somebody else approves it. Then it is posted as a loss and no longer claimed.")
    return step(request, row, form, title=title, why=why, press=_("Ask for approval"))


@requires(permissions.WRITE_OFF)
@once
def recover(request: Any, pk: UUID) -> HttpResponse:
    """Claim again what was written off."""
    row = claim(request, pk)
    form = LossForm(request.POST or None, currency=row.currency, most=invoices.lost_of(row))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            invoicing.recover(
                row, data["amount"], reason=data["reason"], by=request.member, at=clock.now()
            )
        except invoicing.NotLost as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.info(request, _("The claim is open again. Record the payment on it."))
            return redirect("billing:invoice", row.pk)
    title = _("Claim %(number)s again") % {"number": row.number}
    why = _("The loss is taken back in the books, and a payment can settle the invoice.")
    return step(request, row, form, title=title, why=why, press=_("Claim it again"))


@requires(permissions.VIEW)
def write_offs(request: Any) -> HttpResponse:
    """What was asked to be written off, and what became of it."""
    rows = selectors.write_offs(request.member)
    return WRITE_OFFS.show(request, rows, tabs=tabs(request, "write_offs"))


def asked_for(request: Any, pk: UUID) -> WriteOff:
    """A write-off of an invoice that the member may see."""
    row: WriteOff = found(selectors.write_offs(request.member), pk=pk)
    return row


@requires(permissions.VIEW)
def write_off(request: Any, pk: UUID) -> HttpResponse:
    """One write-off: what is given up, why, and who decides."""
    return write_off_page(request, asked_for(request, pk), DecideForm())


def write_off_page(
    request: Any, row: WriteOff, form: DecideForm, *, status: int = 200
) -> HttpResponse:
    """The page of a write-off."""
    waits = row.state == WriteOff.State.REQUESTED
    own = row.requested_by_id == request.member.pk
    context = {
        "asked": row,
        "state": write_off_state(row.state),
        "form": form,
        "own": waits and own,
        "may_decide": waits and not own and request.member.may(permissions.APPROVE),
        "events": timeline(row, row.invoice_id),
        "tabs": tabs(request, "write_offs"),
    }
    return screen(request, "billing/write_off.html", context, status=status)


@requires(permissions.APPROVE)
@require_POST
@once
def approve_write_off(request: Any, pk: UUID) -> HttpResponse:
    """Approve a write-off that somebody else asked for."""
    row = asked_for(request, pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return write_off_page(request, row, form, status=422)
    services.approve_write_off(
        row, by=request.member, at=clock.now(), remarks=form.cleaned_data["remarks"]
    )
    amount = money.spoken(money.Money(row.invoice.currency, row.amount))
    messages.success(request, _("%(amount)s is written off.") % {"amount": amount})
    return redirect("billing:write_off", row.pk)


@requires(permissions.APPROVE)
@require_POST
@once
def refuse_write_off(request: Any, pk: UUID) -> HttpResponse:
    """Refuse a write-off, and say why."""
    row = asked_for(request, pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            services.refuse_write_off(
                row, by=request.member, at=clock.now(), remarks=form.cleaned_data["remarks"]
            )
        except services.Unexplained as refusal:
            form.add_error("remarks", str(refusal))
        else:
            messages.info(request, _("The write-off is refused; the claim stays open."))
            return redirect("billing:write_off", row.pk)
    return write_off_page(request, row, form, status=422)


@requires(permissions.VIEW)
def overrides(request: Any) -> HttpResponse:
    """Credit that was given against the rules: who, why, and what stood against it."""
    rows = selectors.overrides(request.member)
    return OVERRIDES.show(request, rows, tabs=tabs(request, "overrides"))
