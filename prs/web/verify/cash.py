"""Counting the day's cash, where the organization's rule says that it is verified together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.operations.payments import permissions, selectors, services
from prs.operations.payments.models import Payment
from prs.operations.payments.selectors import Drawer
from prs.web.kit.access import requires
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.verify.forms import CountForm


@requires(permissions.VERIFY)
def cash(request: Any) -> HttpResponse:
    """Cash that waits to be counted, by place, day and recorder."""
    rows = [(drawer, count_url(drawer)) for drawer in selectors.drawers(request.member)]
    return screen(request, "verify/cash.html", {"drawers": rows})


def count_url(drawer: Drawer) -> str:
    """The address where a drawer is counted."""
    query = {
        "place": drawer.place_id or "",
        "day": drawer.day.isoformat(),
        "by": drawer.recorder_id,
        "currency": drawer.currency,
    }
    return f"{reverse('verify:count')}?{urlencode(query)}"


def asked_for(request: Any) -> list[Payment]:
    """The payments of the drawer that the address names.

    :raises Http404: the address names none, or nothing waits in it.
    """
    asked = request.GET
    try:
        rows = selectors.in_drawer(
            request.member,
            place_id=UUID(asked["place"]) if asked.get("place") else None,
            day=date.fromisoformat(asked["day"]),
            recorder_id=UUID(asked["by"]),
            currency=asked["currency"],
        )
    except (KeyError, ValueError) as error:
        raise Http404 from error
    found = list(rows)
    if not found:
        raise Http404
    return found


@requires(permissions.VERIFY)
@once
def count(request: Any) -> HttpResponse:
    """Count a drawer: as recorded, all of it is verified; otherwise nothing is."""
    rows = asked_for(request)
    form = CountForm(request.POST if request.method == "POST" else None)
    counted_form = form.fields["counted"]
    counted_form.currency = rows[0].currency  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        # What came into the drawer since the page was opened has not been counted.
        seen = [row for row in rows if str(row.pk) in request.POST.getlist("pick")]
        try:
            counted = services.count_cash(
                seen,
                counted=form.cleaned_data["counted"],
                explanation=form.cleaned_data["explanation"],
                by=request.member,
                at=clock.now(),
            )
        except services.ReasonMissing:
            form.add_error("explanation", difference(rows=seen, form=form))
        else:
            words = {"counted": counted, "rows": seen}
            return screen(request, "verify/counted.html", words)
    context = {"rows": rows, "first": rows[0], "total": total(rows), "form": form}
    return screen(
        request, "verify/count.html", context, status=422 if form.is_bound and form.errors else 200
    )


def total(rows: list[Payment]) -> Decimal:
    """What was recorded."""
    return sum((row.amount for row in rows), Decimal(0))


def difference(*, rows: list[Payment], form: CountForm) -> str:
    """How much more or less was counted than recorded, as a sentence that asks why."""
    over = form.cleaned_data["counted"] - total(rows)
    words = {"currency": rows[0].currency, "amount": abs(over)}
    if over > 0:
        return _("%(currency)s %(amount)s more than recorded: say why.") % words
    return _("%(currency)s %(amount)s less than recorded: say why.") % words
