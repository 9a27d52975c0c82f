"""Requests of shops: what they ask for, who sends it, and a status set by hand."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Forbidden, Refusal
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from prs.ledgers.stock.permissions import APPROVE_TRANSFERS, TRANSFER, VIEW
from prs.masterdata.places import selectors as where
from prs.web.kit.access import found, requires
from prs.web.kit.forms import ReasonForm, edit_screen
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.stock.document_tables import REQUESTS, priority_of, request_state
from prs.web.stock.picking import LineFormSet, added_up
from prs.web.stock.transfers import faulty, first_line, with_reason


class RequestForm(forms.Form):
    """Which place asks, and how urgently."""

    place: Any = forms.ModelChoiceField(label=gettext_lazy("For"), queryset=None)
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=stock.Priority, initial=stock.Priority.MEDIUM
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, member: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("Any", self.fields["place"]).queryset = where.places_of(member)


class AssignForm(forms.Form):
    """Where the goods come from."""

    origin: Any = forms.ModelChoiceField(label=gettext_lazy("Send from"), queryset=None)

    def __init__(self, *args: Any, row: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = where.places().filter(active=True).exclude(pk=row.place_id)
        cast("Any", self.fields["origin"]).queryset = places


class StatusForm(ReasonForm):
    """Another status for a request, and why."""

    state = forms.ChoiceField(label=gettext_lazy("New status"), choices=())
    force = forms.BooleanField(
        label=gettext_lazy("It was fulfilled, and I still take it back"),
        required=False,
        help_text=gettext_lazy("What has moved stays where it is."),
    )
    field_order = ("state", "reason", "force")

    def __init__(self, *args: Any, row: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        others = [pair for pair in stock.RequestState.choices if pair[0] != row.state]
        cast("Any", self.fields["state"]).choices = others
        if row.state != stock.RequestState.FULFILLED:
            del self.fields["force"]


@requires(VIEW)
def stock_requests(request: Any) -> HttpResponse:
    """What shops ask for."""
    return REQUESTS.show(request, stock.requests())


def request_form(request: Any, row: Any, form: Any, lines: Any) -> HttpResponse:
    """The form of a request."""
    context = {"form": form, "lines": lines, "row": row}
    status = 422 if faulty(form, lines) else 200
    return screen(request, "stock/request_form.html", context, status=status)


@requires(TRANSFER)
@once
def add_request(request: Any) -> HttpResponse:
    """Ask for goods at a place."""
    form = RequestForm(request.POST or None, member=request.member)
    lines = LineFormSet(request.POST or None, prefix="lines", initial=first_line(request))
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        row = services.ask_stock(
            form.cleaned_data, added_up(lines.filled()), by=request.member, at=clock.now()
        )
        return redirect("stock:request", row.pk)
    return request_form(request, None, form, lines)


@requires(TRANSFER)
@once
def edit_request(request: Any, pk: UUID) -> HttpResponse:
    """Ask for something else, while nobody works on it."""
    row = found(stock.requests(), pk=pk)
    if row.state != stock.RequestState.NEW:
        raise services.RequestMoved(state=row.get_state_display())
    first = {"place": row.place_id, "priority": row.priority, "notes": row.notes}
    asked = [
        {"product": each.product, "quantity": each.quantity} for each in stock.request_lines(row)
    ]
    form = RequestForm(request.POST or None, member=request.member, initial=first)
    lines = LineFormSet(request.POST or None, prefix="lines", initial=asked)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        kept = [each.cleaned_data for each in lines.forms if each not in lines.deleted_forms]
        wanted = added_up([each for each in kept if each.get("product")])
        services.change_request(row, form.cleaned_data, wanted, by=request.member, at=clock.now())
        return redirect("stock:request", row.pk)
    return request_form(request, row, form, lines)


@requires(VIEW)
def stock_request(request: Any, pk: UUID) -> HttpResponse:
    """One request: what is asked for, who has it, and what became of it."""
    row = found(stock.requests(), pk=pk)
    lines = list(stock.request_lines(row))
    is_new, may = row.state == stock.RequestState.NEW, request.member.may
    may_assign = is_new and may(APPROVE_TRANSFERS)
    have = [pair for pair in stock.places_that_have(lines) if pair[0].pk != row.place_id]
    form = AssignForm(
        request.POST or None, row=row, initial={"origin": have[0][0] if have else None}
    )
    if request.method == "POST" and may_assign and form.is_valid():
        try:
            made = services.assign_request(
                row, form.cleaned_data["origin"], by=request.member, at=clock.now()
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("stock:request", row.pk)
        return redirect("stock:transfer", made.pk)
    context = {
        "row": row,
        "state": request_state(row.state),
        "priority": priority_of(row.priority),
        "lines": lines,
        "have": have,
        "events": timeline(row),
        "may_assign": may_assign,
        "may_fulfil": may_assign and may(TRANSFER),
        "may_override": may(APPROVE_TRANSFERS),
        "may_edit": is_new and may(TRANSFER),
    }
    return edit_screen(request, "stock/request.html", form, context)


@requires(TRANSFER)
@once
def cancel_request(request: Any, pk: UUID) -> HttpResponse:
    """Ask no more."""
    row = found(stock.requests(), pk=pk)
    words = {
        "title": _("Cancel %(number)s") % {"number": row.number},
        "why": _("A request that somebody works on is cancelled with its transfer."),
        "press": _("Cancel the request"),
        "back": f"/stock/requests/{row.pk}/",
    }
    return with_reason(request, row, services.cancel_request, words)


@requires(APPROVE_TRANSFERS)
@require_POST
@once
def fulfil_request(request: Any, pk: UUID) -> HttpResponse:
    """Send all of it at once; who does so may approve transfers and send them."""
    row = found(stock.requests(), pk=pk)
    if not request.member.may(TRANSFER):
        raise Forbidden
    form = AssignForm(request.POST, row=row)
    if not form.is_valid():
        messages.error(request, _("Choose where the goods come from."))
        return redirect("stock:request", row.pk)
    made = services.fulfil_request(
        row, form.cleaned_data["origin"], by=request.member, at=clock.now()
    )
    messages.success(request, _("%(number)s is on its way.") % {"number": made.number})
    return redirect("stock:transfer", made.pk)


@requires(APPROVE_TRANSFERS)
@once
def override_request(request: Any, pk: UUID) -> HttpResponse:
    """Set the status of a request by hand, and say why."""
    row = found(stock.requests(), pk=pk)
    form = StatusForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.override_request(
            row,
            said["state"],
            said["reason"],
            force=said.get("force", False),
            by=request.member,
            at=clock.now(),
        )
        messages.success(request, _("The status is set."))
        return redirect("stock:request", row.pk)
    words = {
        "title": _("Set the status of %(number)s") % {"number": row.number},
        "why": _(
            "For what happened outside the house. No goods move: a transfer that has not left is "
            "called off, one that has left goes its own way."
        ),
        "press": _("Set the status"),
        "back": f"/stock/requests/{row.pk}/",
    }
    return edit_screen(request, "stock/step.html", form, words)
