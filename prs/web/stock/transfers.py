"""Transfers, and requests of shops: lists, forms, pages, and each step by somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from prs.ledgers.stock.permissions import APPROVE_TRANSFERS, TRANSFER, VIEW
from prs.masterdata.catalog.models import Product
from prs.masterdata.places import selectors as where
from prs.web.kit.access import found, requires
from prs.web.kit.forms import ReasonForm, edit_screen
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.stock.document_tables import (
    TRANSFERS,
    priority_of,
    transfer_state,
)
from prs.web.stock.picking import LineFormSet, added_up, offered, written
from prs.web.stock.step_forms import PerLineForm

State = stock.TransferState


class TransferForm(forms.Form):
    """From where to where."""

    origin: Any = forms.ModelChoiceField(label=gettext_lazy("From"), queryset=None)
    destination: Any = forms.ModelChoiceField(label=gettext_lazy("To"), queryset=None)
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=stock.Priority, initial=stock.Priority.MEDIUM
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("origin", "destination"):
            cast("Any", self.fields[name]).queryset = where.places().filter(active=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("origin") and data.get("origin") == data.get("destination"):
            self.add_error("destination", _("Goods can't be sent to the place they come from."))
        return data


def faulty(form: Any, lines: Any) -> bool:
    """Whether a form with its rows must be shown again."""
    return form.is_bound and bool(form.errors or lines.total_error_count() or not lines.is_valid())


@requires(VIEW)
def product_options(request: Any) -> HttpResponse:
    """A few products for what was typed, for the list below a field."""
    typed = next((text for name, text in request.GET.items() if name.endswith("product")), "")
    names = [written(product) for product in offered(typed.strip()[:80])] if typed.strip() else []
    return screen(request, "stock/_product_options.html", {"names": names})


@requires(VIEW)
def transfers(request: Any) -> HttpResponse:
    """Goods that go from place to place."""
    return TRANSFERS.show(request, stock.transfers())


@requires(TRANSFER)
@once
def add_transfer(request: Any) -> HttpResponse:
    """Draft a transfer, or ask for it at once."""
    form = TransferForm(request.POST or None)
    lines = LineFormSet(request.POST or None, prefix="lines", initial=first_line(request))
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        now = clock.now()
        row = services.draft_transfer(
            form.cleaned_data, added_up(lines.filled()), by=request.member, at=now
        )
        if request.POST.get("act") == "request":
            services.request_transfer(row, by=request.member, at=now)
        return redirect("stock:transfer", row.pk)
    context = {"form": form, "lines": lines}
    status = 422 if faulty(form, lines) else 200
    return screen(request, "stock/transfer_form.html", context, status=status)


def first_line(request: Any) -> list[dict[str, Any]]:
    """The product that the address names, as the first row of a form."""
    try:
        product = Product.objects.filter(pk=UUID(request.GET.get("product", ""))).first()
    except ValueError:
        return []
    return [{"product": product}] if product else []


STAGES = (
    ("requested", gettext_lazy("Asked for"), "requested"),
    ("approved", gettext_lazy("Approved"), "approved"),
    ("dispatched", gettext_lazy("Sent"), "dispatched"),
    ("received", gettext_lazy("Received"), "received"),
)


def stages(row: Any) -> list[dict[str, Any]]:
    """The way of a transfer: each stage with who and when, as far as it has come."""
    reached = {
        "requested": row.state != State.DRAFT,
        "approved": row.approved_at is not None and row.state != State.REQUESTED,
        "dispatched": row.dispatched_at is not None,
        "received": row.received_at is not None,
    }
    found_stages = []
    for key, label, name in STAGES:
        done = reached[key]
        found_stages.append(
            {
                "label": label,
                "done": done,
                "who": getattr(row, f"{name}_by") if done else None,
                "when": getattr(row, f"{name}_at") if done else None,
            }
        )
    following = next((stage for stage in found_stages if not stage["done"]), None)
    if following is not None and row.state not in {State.REJECTED, State.CANCELLED}:
        following["next"] = True
    return found_stages


def transfer_page(row: Any, request: Any, form: Any = None) -> dict[str, Any]:
    """What the page of a transfer shows, and the steps that this member may take now."""
    may, state = request.member.may, row.state
    lines = list(stock.transfer_lines(row))
    return {
        "transfer": row,
        "state": transfer_state(state),
        "priority": priority_of(row.priority),
        "stages": stages(row),
        "lines": lines,
        "sent": stock.sent_batches(row) if row.dispatched_at else (),
        "events": timeline(row),
        "step_form": form or step_form(row, lines),
        "may_request": state in {State.DRAFT, State.REJECTED} and may(TRANSFER),
        "may_approve": state == State.REQUESTED and may(APPROVE_TRANSFERS),
        "may_dispatch": state == State.APPROVED and may(TRANSFER),
        "may_receive": state == State.DISPATCHED and may(TRANSFER),
        "may_cancel": state in {State.DRAFT, State.REQUESTED, State.APPROVED, State.REJECTED}
        and may(TRANSFER),
    }


def step_form(row: Any, lines: Any, data: Any = None) -> PerLineForm | None:
    """The quantities of the next step: to grant, to send, or to take in."""
    first: dict[str, Callable[[Any], Any]] = {
        State.REQUESTED: lambda line: line.requested,
        State.APPROVED: lambda line: line.approved,
        State.DISPATCHED: lambda line: line.dispatched,
    }
    if row.state not in first:
        return None
    receiving = row.state == State.DISPATCHED
    return PerLineForm(data, lines=lines, first=first[row.state], remarks=receiving)


@requires(VIEW)
def transfer(request: Any, pk: UUID) -> HttpResponse:
    """One transfer: its way, its lines, and what can be done next."""
    row = found(stock.transfers(), pk=pk)
    return screen(request, "stock/transfer.html", transfer_page(row, request))


@requires(TRANSFER)
@require_POST
@once
def request_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Ask for a drafted transfer."""
    row = found(stock.transfers(), pk=pk)
    services.request_transfer(row, by=request.member, at=clock.now())
    return redirect("stock:transfer", row.pk)


def with_quantities(request: Any, pk: UUID, verb: Callable[..., Any]) -> HttpResponse:
    """Take a step that says how much of each line; the page again when it can't be taken so."""
    row = found(stock.transfers(), pk=pk)
    form = step_form(row, list(stock.transfer_lines(row)), request.POST)
    if form is None:
        raise services.WrongState(state=row.get_state_display())
    if not form.is_valid():
        context = transfer_page(row, request, form)
        return screen(request, "stock/transfer.html", context, status=422)
    more = {"remarks": form.said} if form.remarks else {}
    verb(row, form.quantities, by=request.member, at=clock.now(), **more)
    return redirect("stock:transfer", row.pk)


@requires(APPROVE_TRANSFERS)
@require_POST
@once
def approve_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Grant a transfer, perhaps less than was asked for."""
    return with_quantities(request, pk, services.approve_transfer)


@requires(TRANSFER)
@require_POST
@once
def dispatch_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Send a transfer: the goods leave now."""
    return with_quantities(request, pk, services.dispatch_transfer)


@requires(TRANSFER)
@require_POST
@once
def receive_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Take a transfer in, perhaps less than was sent."""
    return with_quantities(request, pk, services.receive_transfer)


def with_reason(
    request: Any, row: Any, verb: Callable[..., Any], words: dict[str, Any]
) -> HttpResponse:
    """Take a step that needs its reason."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verb(row, form.cleaned_data["reason"], by=request.member, at=clock.now())
        return redirect(words["back"])
    return edit_screen(request, "stock/step.html", form, words)


@requires(APPROVE_TRANSFERS)
@once
def reject_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Say no to a transfer, and why."""
    row = found(stock.transfers(), pk=pk)
    words = {
        "title": _("Reject %(number)s") % {"number": row.number},
        "why": _("It can be changed and asked for again."),
        "press": _("Reject the transfer"),
        "back": f"/stock/transfers/{row.pk}/",
    }
    return with_reason(request, row, services.reject_transfer, words)


@requires(TRANSFER)
@once
def cancel_transfer(request: Any, pk: UUID) -> HttpResponse:
    """Call a transfer off before it is sent."""
    row = found(stock.transfers(), pk=pk)
    words = {
        "title": _("Cancel %(number)s") % {"number": row.number},
        "why": _(
            "Nothing has left, so nothing moves. A request that it was made of is open again."
        ),
        "press": _("Cancel the transfer"),
        "back": f"/stock/transfers/{row.pk}/",
    }
    return with_reason(request, row, services.cancel_transfer, words)
