"""Counting: blind, by scan, on a tablet, while goods go on being sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock import services
from prs.ledgers.stock.permissions import ADJUST, VIEW
from prs.masterdata.places import selectors as where
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.once import once
from prs.web.stock.document_tables import COUNTS, count_state
from prs.web.stock.picking import QuantityField, named_product

SHOWN = 60


class CountForm(forms.Form):
    """Which place is counted."""

    place: Any = forms.ModelChoiceField(label=gettext_lazy("Place"), queryset=None)
    notes = forms.CharField(label=gettext_lazy("Notes"), max_length=500, required=False)

    def __init__(self, *args: Any, member: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("Any", self.fields["place"]).queryset = where.places_of(member)


class CountedForm(forms.Form):
    """What was counted of batches; a field left empty was not counted."""

    def __init__(self, *args: Any, batches: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.batches = batches
        for batch in batches:
            self.fields[f"counted-{batch.pk}"] = QuantityField(
                above_zero=False, required=False, label=batch.product.name
            )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Each batch with its field."""
        return [(batch, self[f"counted-{batch.pk}"]) for batch in self.batches]

    @property
    def counted(self) -> list[tuple[Any, Decimal]]:
        """The batches that were counted, with how much was there."""
        pairs = [(batch, self.cleaned_data[f"counted-{batch.pk}"]) for batch in self.batches]
        return [(batch, quantity) for batch, quantity in pairs if quantity is not None]


@requires(VIEW)
def counts(request: Any) -> HttpResponse:
    """Counts of places."""
    return COUNTS.show(request, stock.counts())


@requires(ADJUST)
@once
def add_count(request: Any) -> HttpResponse:
    """Begin to count a place."""
    form = CountForm(request.POST or None, member=request.member)
    if request.method == "POST" and form.is_valid():
        place, notes = form.cleaned_data["place"], form.cleaned_data["notes"]
        row = services.open_count(place, by=request.member, at=clock.now(), notes=notes)
        return redirect("stock:count", row.pk)
    return edit_screen(request, "stock/count_form.html", form)


def to_show(row: Any, code: str) -> tuple[list[Any], Any]:
    """The batches to be counted now: of the product that was scanned, or whatever is left."""
    product = named_product(code) if code else None
    if product is not None:
        batches = list(stock.batches_of(product).select_related("product__unit")[:12])
        here = {each.batch_id for each in stock.lying(place=row.place).filter(product=product)}
        lying = [batch for batch in batches if batch.pk in here]
        return lying or batches[:1], product
    return [each.batch for each in stock.to_count(row)[:SHOWN]], None


@requires(VIEW)
def count(request: Any, pk: UUID) -> HttpResponse:
    """One count: the scan station while it runs, what differed once it has ended."""
    row = found(stock.counts(), pk=pk)
    code = (request.GET.get("code") or "").strip()[:80]
    is_open = row.state == stock.CountState.OPEN
    batches, product = to_show(row, code) if is_open else ([], None)
    form = CountedForm(request.POST or None, batches=batches)
    may_count = is_open and request.member.may(ADJUST)
    if request.method == "POST" and may_count and form.is_valid():
        for batch, quantity in form.counted:
            services.count_batch(row, batch, quantity, by=request.member, at=clock.now())
        return redirect("stock:count", row.pk)
    lines = list(stock.count_lines(row)[:500])
    context = {
        "row": row,
        "state": count_state(row.state),
        "code": code,
        "product": product,
        "unknown": bool(code) and product is None,
        "lines": lines,
        "left": stock.to_count(row).count() if is_open else 0,
        "asked": stock.asked_by_count(row) if not is_open else (),
        "is_open": is_open,
        "may_count": may_count,
        "events": timeline(row),
    }
    return edit_screen(request, "stock/count.html", form, context)


@requires(ADJUST)
@require_POST
@once
def close_count(request: Any, pk: UUID) -> HttpResponse:
    """End a count: each difference asks for an adjustment that somebody else approves."""
    row = found(stock.counts(), pk=pk)
    asked = services.close_count(row, by=request.member, at=clock.now())
    text = ngettext(
        "The count has ended. %(count)s difference waits for approval.",
        "The count has ended. %(count)s differences wait for approval.",
        len(asked),
    )
    messages.success(request, text % {"count": len(asked)})
    return redirect("stock:count", row.pk)


@requires(ADJUST)
@require_POST
@once
def cancel_count(request: Any, pk: UUID) -> HttpResponse:
    """Give a count up; nothing follows from it."""
    row = found(stock.counts(), pk=pk)
    services.cancel_count(row, by=request.member, at=clock.now())
    messages.success(request, _("The count is given up."))
    return redirect("stock:counts")
