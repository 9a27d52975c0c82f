"""Customers that may be entered twice: found, merged, taken apart, or told apart for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import merging
from prs.operations.invoicing import standings
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.sales.customer_forms import MergeForm
from prs.web.sales.customers import rows_for


def named(request: Any, text: str) -> Customer:
    """The customer of an id that came with the request."""
    try:
        pk = UUID(text)
    except ValueError as error:
        raise Http404 from error
    row: Customer = found(rows_for(request), pk=pk)
    return row


@requires(permissions.MERGE)
@require_GET
def duplicates(request: Any) -> HttpResponse:
    """Pairs of customers that look alike, the surest first."""
    pairs = selectors.duplicates(request.member)
    return screen(request, "sales/customer_duplicates.html", {"pairs": pairs})


@requires(permissions.MERGE)
@require_POST
def tell_apart(request: Any) -> HttpResponse:
    """Remember that two customers are not the same."""
    one = named(request, request.POST.get("one", ""))
    other = named(request, request.POST.get("other", ""))
    merging.tell_apart(one, other, by=request.member, at=clock.now())
    return redirect("sales:duplicates")


@requires(permissions.MERGE)
def merge(request: Any, pk: UUID) -> HttpResponse:
    """Merge a customer into another: both side by side first, then for good until it is undone."""
    row = found(rows_for(request), pk=pk)
    asked = request.POST.get("into") or request.GET.get("into") or ""
    if not asked:
        return choose(request, row)
    into = named(request, asked)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        merging.merge(
            row, into, reason=form.cleaned_data["reason"], by=request.member, at=clock.now()
        )
        words = {"one": row.name, "other": into.name}
        messages.success(request, _("%(one)s is merged into %(other)s.") % words)
        return redirect("sales:customer", into.pk)
    today, currency = reader().today, request.organization.currency
    sides = [
        (each, standings.account_of(each, currency=currency, on=today)) for each in (row, into)
    ]
    context = {"customer": row, "into": into, "sides": sides, "form": form}
    return screen(request, "sales/customer_merge.html", context)


def choose(request: Any, row: Customer) -> HttpResponse:
    """Whom to merge with: those that look alike, or anybody by name."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    others = rows_for(request).exclude(pk=row.pk)
    context = {
        "customer": row,
        "q": text,
        "likely": selectors.duplicates(request.member, of=row),
        "others": selectors.by_words(others, text)[:20] if text else (),
    }
    status = 422 if request.method == "POST" else 200
    return screen(request, "sales/customer_merge_choose.html", context, status=status)


@requires(permissions.MERGE)
@require_POST
def unmerge(request: Any, pk: UUID) -> HttpResponse:
    """Let a merged customer stand by itself again."""
    row = found(selectors.visible_to(request.member), pk=pk)
    merging.unmerge(row, by=request.member, at=clock.now())
    messages.success(request, _("%(name)s stands by itself again.") % {"name": row.name})
    return redirect("sales:customer", row.pk)
