"""Writes of receivables: reminding, taking in hand, asking for a write-off and deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel import money
from prs.kernel.activity import mail
from prs.kernel.activity.rules import SYSTEM, Actor
from prs.kernel.activity.services import record
from prs.kernel.clock import local_date
from prs.kernel.db.names import refusing
from prs.kernel.errors import Forbidden, Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing import services as invoicing
from prs.operations.invoicing.models import Credit, Invoice
from prs.operations.receivables import events, texts
from prs.operations.receivables.models import Collection, Reminder, WriteOff
from prs.operations.receivables.rules import COPIED_FROM, ONCE_IN, STEPS, step_of, tone_of


class NoAddress(Refusal):
    """Nobody can be written to."""

    sentence = _(
        "{customer} has no e-mail address to remind. Add one to the customer or a contact."
    )


class RemindedLately(Refusal):
    """Nobody is reminded twice a day."""

    sentence = _("{customer} was reminded of invoice {number} less than 24 hours ago.")


class NothingOpen(Refusal):
    """There is nothing to collect."""

    sentence = _("Nothing of invoice {number} is left to pay.")


class InHand(Refusal):
    """Somebody has it already."""

    sentence = _("This invoice is in collection already.")


class NotInHand(Refusal):
    """Nobody has it."""

    sentence = _("This invoice is not in collection.")


class Unexplained(Invalid):
    """A word is needed."""

    sentence = _("Say why.")


class WriteOffWaits(Refusal):
    """One at a time."""

    sentence = _("A write-off of this invoice waits for approval already.")


class WriteOffDecided(Refusal):
    """Somebody was faster."""

    sentence = _("This write-off has been decided already.")


class OwnWriteOff(Forbidden):
    """Who asks does not approve."""

    sentence = _("You asked for this write-off; somebody else decides it.")


def said(invoice: Invoice, amount: Decimal) -> dict[str, Any]:
    """The words that events of a claim use."""
    return {
        "customer": invoice.customer.name,
        "invoice": invoice.number,
        "amount": money.spoken(money.Money(invoice.currency, amount)),
    }


# --- reminding ----------------------------------------------------------------------------------


def addresses_of(customer: Customer) -> list[str]:
    """Whom to write to: who gets the invoices, else the one to talk to, else the customer itself."""
    contact = parties.contact_for_invoices(customer)
    found = contact.email if contact and contact.email else customer.email
    return [found] if found else []


@transaction.atomic
def remind(invoice: Invoice, *, by: Member, at: datetime, tone: str = "") -> Reminder:
    """Remind a customer of one invoice by mail, at most once in 24 hours.

    :raises NothingOpen: nothing of it is left to pay.
    :raises NoAddress: nobody can be written to.
    :raises RemindedLately: they were reminded within the last day.
    """
    row = held(invoice)
    if Reminder.objects.filter(invoice=row, at__gt=at - ONCE_IN).exists():
        raise RemindedLately(customer=row.customer.name, number=row.number)
    return send(row, step=None, tone=tone, by=by, at=at, organization=by.organization)


def held(invoice: Invoice) -> Invoice:
    """An open invoice's row, held until the commit.

    :raises NothingOpen: nothing of it is left to pay.
    """
    row: Invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer", "salesperson__user")
        .get(pk=invoice.pk)
    )
    if row.status != Invoice.Status.ISSUED or row.left <= 0:
        raise NothingOpen(number=row.number)
    return row


def send(
    invoice: Invoice,
    *,
    step: int | None,
    tone: str,
    by: Member | None,
    at: datetime,
    organization: Organization,
) -> Reminder:
    """Write a reminder down and queue its mail."""
    recipients = addresses_of(invoice.customer)
    if not recipients:
        raise NoAddress(customer=invoice.customer.name)
    days = max((local_date(at, organization.time_zone) - invoice.due_date).days, 0)
    tone = tone or tone_of(days)
    row = Reminder.objects.create(
        invoice=invoice,
        step=step,
        tone=tone,
        recipient=recipients[0],
        left=invoice.left,
        by=by,
        at=at,
    )
    subject, body = texts.letter(invoice, tone, days=days, organization=organization)
    seller = invoice.salesperson
    copies = [seller.user.email] if step and step >= COPIED_FROM and seller else []
    for place, recipient in enumerate([*recipients, *copies]):
        mail.post(
            key=f"reminder:{row.pk}:{place}", recipient=recipient, subject=subject, body=body, at=at
        )
    actor: Actor = by or SYSTEM
    record(events.REMINDED, invoice, by=actor, at=at, words=said(invoice, invoice.left))
    return row


def remind_several(rows: Sequence[Invoice], *, by: Member, at: datetime) -> tuple[int, list[str]]:
    """Remind of several invoices, each for itself. How many were sent, and why the others weren't."""
    sent, refused = 0, []
    for row in sorted(rows, key=lambda row: row.pk):
        try:
            remind(row, by=by, at=at)
        except Refusal as refusal:
            refused.append(str(refusal))
        else:
            sent += 1
    return sent, refused


def remind_by_schedule(organization: Organization, *, at: datetime) -> int:
    """Send what the steps of the schedule ask for today; each step of an invoice once. How many."""
    today = local_date(at, organization.time_zone)
    due = invoices.unpaid(
        Invoice.objects.filter(due_date__lte=date.fromordinal(today.toordinal() - STEPS[0]))
    )
    taken = Collection.objects.filter(closed_at__isnull=True).values("invoice")
    count = 0
    for invoice in due.filter(customer__active=True).exclude(pk__in=taken).iterator():
        count += remind_once(invoice, on=today, at=at, organization=organization)
    return count


@transaction.atomic
def remind_once(invoice: Invoice, *, on: date, at: datetime, organization: Organization) -> bool:
    """Send the reminder of an invoice's step, unless it or a later one was sent."""
    step = step_of(invoice.due_date, on)
    if step is None or Reminder.objects.filter(invoice=invoice, step__gte=step).exists():
        return False
    try:
        row = held(invoice)
        send(row, step=step, tone="", by=None, at=at, organization=organization)
    except (NothingOpen, NoAddress):
        return False
    return True


# --- in collection ------------------------------------------------------------------------------


@transaction.atomic
def take_in_hand(
    invoice: Invoice, *, assigned_to: Member, notes: str, by: Member, at: datetime
) -> Collection:
    """Put a claim into collection with somebody.

    :raises NothingOpen: nothing of it is left to pay.
    :raises InHand: it is in collection.
    """
    if not notes.strip():
        raise Unexplained
    row = held(invoice)
    with refusing({"collection_one_open_per_invoice": InHand}):
        found = Collection.objects.create(
            invoice=row, assigned_to=assigned_to, notes=notes.strip(), opened_by=by, opened_at=at
        )
    words = {**said(row, row.left), "assignee": assigned_to.name, "notes": notes.strip()}
    record(events.TAKEN, row, by=by, at=at, words=words)
    return found


@transaction.atomic
def let_go(invoice: Invoice, *, notes: str, by: Member, at: datetime) -> None:
    """End the collection of a claim.

    :raises NotInHand: nobody has it.
    """
    if not notes.strip():
        raise Unexplained
    won = Collection.objects.filter(invoice=invoice, closed_at__isnull=True).update(
        closed_by=by, closed_at=at
    )
    if not won:
        raise NotInHand
    words = {**said(invoice, invoice.left), "notes": notes.strip()}
    record(events.CLOSED, invoice, by=by, at=at, words=words)


# --- writing off --------------------------------------------------------------------------------


@transaction.atomic
def ask_write_off(
    invoice: Invoice, amount: Decimal, *, reason: str, by: Member, at: datetime
) -> WriteOff:
    """Ask for a claim to be given up as lost. Somebody else decides.

    :raises NothingOpen: nothing of it is left to pay.
    :raises AmountWrong: it is more than what is left to pay.
    :raises WriteOffWaits: one waits already.
    """
    if not reason.strip():
        raise Unexplained
    row = held(invoice)
    if not 0 < amount <= row.left:
        raise invoicing.AmountWrong(number=row.number)
    with refusing({"write_off_one_open_per_invoice": WriteOffWaits}):
        asked = WriteOff.objects.create(
            invoice=row, amount=amount, reason=reason.strip(), requested_by=by, requested_at=at
        )
    words = {**said(row, amount), "reason": asked.reason}
    record(events.ASKED, asked, by=by, at=at, words=words)
    return asked


def waiting(asked: WriteOff, *, by: Member) -> WriteOff:
    """A write-off that waits, held until the commit, if this member may decide it. Its invoice first."""
    list(Invoice.objects.select_for_update().filter(pk=asked.invoice_id).values_list("pk"))
    row: WriteOff = (
        WriteOff.objects.select_for_update(of=("self",))
        .select_related("invoice__customer")
        .get(pk=asked.pk)
    )
    if row.state != WriteOff.State.REQUESTED:
        raise WriteOffDecided
    if row.requested_by_id == by.pk:
        raise OwnWriteOff
    return row


@transaction.atomic
def approve_write_off(asked: WriteOff, *, by: Member, at: datetime, remarks: str = "") -> WriteOff:
    """Give up what was asked for: the invoice is credited, the loss is posted.

    :raises OwnWriteOff: whoever asked can't approve.
    :raises WriteOffDecided: somebody decided it.
    :raises AmountWrong: less is left to pay by now.
    """
    row = waiting(asked, by=by)
    row.credit = invoicing.credit(
        row.invoice,
        row.amount,
        kind=Credit.Kind.WRITE_OFF,
        reason=row.reason,
        cause_id=row.pk,
        by=by,
        at=at,
    )
    settle(row, WriteOff.State.APPROVED, remarks, by=by, at=at)
    # Paid in part or not: when nothing is left, there is nothing to collect.
    if not Invoice.objects.filter(pk=row.invoice_id).filter(invoices.OPEN).exists():
        Collection.objects.filter(invoice=row.invoice, closed_at__isnull=True).update(
            closed_by=by, closed_at=at
        )
    record(events.GRANTED, row, by=by, at=at, words=said(row.invoice, row.amount))
    return row


@transaction.atomic
def refuse_write_off(asked: WriteOff, *, remarks: str, by: Member, at: datetime) -> WriteOff:
    """Refuse a write-off, with the reason.

    :raises OwnWriteOff: whoever asked can't decide.
    :raises WriteOffDecided: somebody decided it.
    """
    if not remarks.strip():
        raise Unexplained
    row = waiting(asked, by=by)
    settle(row, WriteOff.State.REFUSED, remarks, by=by, at=at)
    words = {**said(row.invoice, row.amount), "reason": row.remarks}
    record(events.REFUSED, row, by=by, at=at, words=words)
    return row


def settle(row: WriteOff, state: str, remarks: str, *, by: Member, at: datetime) -> None:
    """Decide a waiting write-off."""
    row.state, row.remarks, row.decided_by, row.decided_at = state, remarks.strip(), by, at
    row.save(update_fields=["state", "remarks", "decided_by", "decided_at", "credit"])
