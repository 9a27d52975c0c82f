"""What happens to receivables."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

REMINDED = Event(
    "invoice.reminded",
    _("Customer reminded"),
    _("{actor} reminded {customer} of invoice {subject}, {amount} left to pay."),
    sees="invoices.view",
)
TAKEN = Event(
    "invoice.in_collection",
    _("In collection"),
    _("{actor} put invoice {subject} of {customer} into collection with {assignee}: {notes}"),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
CLOSED = Event(
    "invoice.out_of_collection",
    _("Collection ended"),
    _("{actor} ended the collection of invoice {subject}: {notes}"),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
ASKED = Event(
    "write_off.requested",
    _("Write-off asked for"),
    _("{actor} asks to write off {amount} of invoice {invoice} of {customer}: {reason}"),
    told=("receivables.approve",),
    held_as=("requested_by_id",),
    sees="receivables.view",
    priority="high",
)
GRANTED = Event(
    "write_off.approved",
    _("Write-off approved"),
    _("{actor} approved writing off {amount} of invoice {invoice} of {customer}."),
    told_as=("requested_by_id",),
    sees="receivables.view",
)
REFUSED = Event(
    "write_off.refused",
    _("Write-off refused"),
    _("{actor} refused to write off {amount} of invoice {invoice} of {customer}: {reason}"),
    told_as=("requested_by_id",),
    sees="receivables.view",
)
TEXT_CHANGED = Event(
    "reminder_text.changed",
    _("Reminder text changed"),
    _("{actor} changed what the reminder “{tone}” says."),
    sees="receivables.view",
)
TEXT_RESET = Event(
    "reminder_text.reset",
    _("Reminder text reset"),
    _("{actor} put the reminder “{tone}” back to the standard text."),
    sees="receivables.view",
)
