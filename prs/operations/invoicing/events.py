"""What happens to invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

ISSUED = Event(
    "invoice.issued",
    _("Invoice issued"),
    _("{actor} issued invoice {subject} to {customer} for {amount}."),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
IMPORTED = Event(
    "invoice.imported",
    _("Invoice arrived"),
    _("Invoice {subject} for {customer} arrived from {actor}: {amount}."),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
RETURNED = Event(
    "invoice.returned",
    _("Invoice returned for correction"),
    _("{actor} returned invoice {subject} for correction: {reason}"),
    told=("invoices.review",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees="invoices.view",
    priority="high",
)
CORRECTED = Event(
    "invoice.corrected",
    _("Invoice corrected"),
    _("{actor} corrected invoice {subject}: it is now {amount}, revision {revision}."),
    told=("invoices.review",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
SETTLED = Event(
    "invoice.settled",
    _("Invoice paid"),
    _("Invoice {subject} of {customer} is paid in full: {amount}."),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
HANDED_OVER = Event(
    "invoice.handed_over",
    _("Invoices handed over"),
    _("{actor} handed {count} open invoices of {subject} over to {successor}."),
    sees="invoices.view",
)
CREDITED = Event(
    "invoice.credited",
    _("Invoice credited"),
    _("{actor} credited {amount} of invoice {subject} to {customer}: {reason}"),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
WRITTEN_OFF = Event(
    "invoice.written_off",
    _("Invoice written off"),
    _("{actor} wrote off {amount} of invoice {subject} of {customer}: {reason}"),
    told=("books.view",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees="invoices.view",
    priority="high",
)
RECOVERED = Event(
    "invoice.recovered",
    _("Claim taken up again"),
    _("{actor} claims {amount} of invoice {subject} of {customer} again: {reason}"),
    told=("books.view",),
    held_as=("salesperson_id",),
    told_as=("salesperson_id",),
    sees="invoices.view",
)
VOIDED = Event(
    "invoice.voided",
    _("Draft withdrawn"),
    _("The draft of an invoice to {customer} was withdrawn."),
    sees="invoices.view",
)
CREDIT_OVERRIDDEN = Event(
    "invoice.credit_overridden",
    _("Credit against the rules"),
    _("{actor} let {customer} have {amount} on credit with invoice {subject}: {reason}"),
    told=("customers.credit",),
    held_as=("salesperson_id",),
    sees="invoices.view",
    priority="high",
)
