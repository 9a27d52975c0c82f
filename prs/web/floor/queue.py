"""What waits in the warehouse, and an invoice on its way through it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.operations.fulfilment import permissions, selectors, services
from prs.operations.fulfilment.models import Fulfilment
from prs.web.floor.tables import QUEUE, shown_priority, shown_state
from prs.web.kit.access import found, requires
from prs.web.kit.forms import ReasonForm, edit_screen
from prs.web.kit.once import once
from prs.web.kit.screens import screen

State = Fulfilment.State
# What one sees of the way: the stages that an invoice passes, and the states that belong to each.
WAY = (
    (State.INVOICED, {State.INVOICED}),
    (State.PICKING, {State.PICKING}),
    (State.PICKED, {State.PICKED, State.PACKING, State.BOXING}),
    (State.PACKED, {State.PACKED}),
    (State.DISPATCHED, {State.DISPATCHED}),
    (State.DELIVERED, {State.DELIVERED}),
)


@requires(permissions.VIEW)
def queue(request: Any) -> HttpResponse:
    """What has to be picked, packed and delivered, the most urgent first."""
    rows = selectors.visible_to(request.member)
    if not (request.GET.get("state") or request.GET.get("q")):
        rows = rows.exclude(state=State.DELIVERED)
    return QUEUE.show(request, rows)


def way_of(row: Fulfilment) -> list[dict[str, Any]]:
    """The stages of an invoice, as far as it has come; none while it is back at billing."""
    at = next((place for place, (_name, among) in enumerate(WAY) if row.state in among), None)
    if at is None:
        return []
    return [
        {"label": name.label, "done": place < at or name == row.state == State.DELIVERED}
        | {"next": place == at}
        for place, (name, _among) in enumerate(WAY)
    ]


@requires(permissions.VIEW)
def work(request: Any, pk: UUID) -> HttpResponse:
    """One invoice in the warehouse: its lines, who is at it, and what happened."""
    row = found(selectors.visible_to(request.member), pk=pk)
    lines = selectors.lines_of(row)
    session = selectors.open_session_of(row)
    mine = session is not None and session.member_id == request.member.pk
    works = any(
        request.member.may(right)
        for right in (permissions.PICK, permissions.PACK, permissions.DELIVER, permissions.LEAD)
    )
    context = {
        "row": row,
        "state": shown_state(row.state),
        "priority": shown_priority(row.priority),
        "stages": way_of(row),
        "lines": lines,
        "progress": selectors.progress_of(lines),
        "session": session,
        "goes_on": mine and row.state == State.PICKING,
        "may_start": row.state == State.INVOICED and request.member.may(permissions.PICK),
        "may_return": works and row.state not in {State.DELIVERED, State.REVIEW},
        "steps": selectors.steps_of(row),
        "events": timeline(row),
    }
    return screen(request, "floor/work.html", context)


@requires(permissions.VIEW)
@once
def return_to_billing(request: Any, pk: UUID) -> HttpResponse:
    """Send an invoice back to billing, and say why."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.return_to_billing(
            row, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        messages.success(request, _("%(number)s is back at billing.") % {"number": row.number})
        return redirect("floor:work", row.pk)
    return edit_screen(request, "floor/return_form.html", form, {"row": row})
