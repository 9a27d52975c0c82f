"""Taking goods in: against an order line by line, or without one; and what was taken in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import CharField, Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import clock, money
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Invalid
from prs.ledgers.stock.permissions import COSTS
from prs.masterdata.parties import selectors as parties
from prs.masterdata.places import selectors as where
from prs.operations.purchasing import selectors
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import GoodsReceipt
from prs.operations.purchasing.permissions import BILL, RECEIVE, VIEW
from prs.operations.purchasing.services import Came, Delivery
from prs.web.kit.access import found, requires
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock.buying_tables import RECEIPTS
from prs.web.stock.picking import FigureField, FilledRows, ProductField, QuantityField, RateField
from prs.web.stock.transfers import faulty

Kind = GoodsReceipt.Kind


class DeliveryForm(forms.Form):
    """What came: from whom, where to, and what it cost to get here."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind, initial=Kind.PURCHASE)
    supplier: Any = forms.ModelChoiceField(
        label=gettext_lazy("Supplier"), queryset=None, required=False
    )
    place: Any = forms.ModelChoiceField(label=gettext_lazy("Taken in at"), queryset=None)
    received_on = DayField(label=gettext_lazy("Received"))
    reference = forms.CharField(label=gettext_lazy("Delivery note"), max_length=60, required=False)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    rate = RateField(
        required=False,
    )
    charges = MoneyField(
        label=gettext_lazy("Freight and duties"),
        required=False,
        min_value=Decimal(0),
        help_text=gettext_lazy("In your own currency; it becomes part of what the goods cost."),
    )
    spread = forms.ChoiceField(
        label=gettext_lazy("Spread it"), choices=GoodsReceipt.Spread, required=False
    )
    recoverable = forms.BooleanField(
        label=gettext_lazy("The tax is given back to us"), required=False, initial=True
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, member: Any, order: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.home, self.order = member.organization.currency, order
        suppliers = parties.suppliers_in_use()
        cast("Any", self.fields["supplier"]).queryset = suppliers
        cast("Any", self.fields["place"]).queryset = where.places_of(member)
        codes = [(self.home, self.home), *((code, code) for code in money.currencies())]
        cast("Any", self.fields["currency"]).choices = codes
        cast("MoneyField", self.fields["charges"]).currency = self.home
        if order is not None:
            for name in ("kind", "supplier", "currency"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.order is not None:
            data |= {"supplier": self.order.supplier, "currency": self.order.currency}
        data["currency"] = data.get("currency") or self.home
        opening = data.get("kind") == Kind.OPENING
        if not opening and not data.get("supplier"):
            self.add_error("supplier", _("Say which supplier the goods came from."))
        if data["currency"] == self.home:
            data["rate"] = Decimal(1)
        elif not data.get("rate"):
            self.add_error("rate", _("Say what one unit of the currency is worth in your own."))
        return data

    def delivery(self) -> Delivery:
        """The delivery as the domain takes it."""
        data = self.cleaned_data
        opening = data.get("kind") == Kind.OPENING
        return Delivery(
            place=data["place"],
            supplier=None if opening else data["supplier"],
            order=self.order,
            received_on=data["received_on"],
            currency=data["currency"],
            rate=data["rate"],
            charges=data.get("charges") or Decimal(0),
            spread=data.get("spread") or GoodsReceipt.Spread.VALUE,
            recoverable=data["recoverable"],
            reference=data["reference"],
            notes=data["notes"],
            opening=opening,
        )


class CameForm(forms.Form):
    """A product as it came."""

    product = ProductField(label=gettext_lazy("Product"))
    line = forms.UUIDField(widget=forms.HiddenInput, required=False)
    quantity = QuantityField(label=gettext_lazy("Good"), above_zero=False)
    damaged = QuantityField(label=gettext_lazy("Damaged"), above_zero=False, required=False)
    remark = forms.CharField(label=gettext_lazy("Remark"), max_length=200, required=False)
    unit_price = FigureField(
        label=gettext_lazy("Price of a unit"), min_value=Decimal(0), required=False
    )
    tax_rate = FigureField(
        label=gettext_lazy("Tax %"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=3,
        max_digits=6,
        required=False,
    )
    lot = forms.CharField(label=gettext_lazy("Lot"), max_length=40, required=False)
    expires_on = DayField(label=gettext_lazy("Expires"), required=False)
    retail_price = FigureField(
        label=gettext_lazy("Retail price"), min_value=Decimal(0), required=False
    )
    wholesale_price = FigureField(
        label=gettext_lazy("Wholesale price"), min_value=Decimal(0), required=False
    )


def came_set(extra: int) -> Any:
    """Rows of what came."""
    return forms.formset_factory(
        CameForm, formset=FilledRows, extra=extra, max_num=300, validate_max=True, can_delete=True
    )


CameOnOrder, CameFreely = came_set(0), came_set(3)


def came_of(rows: list[dict[str, Any]], lines: dict[UUID, Any]) -> list[Came]:
    """The rows as the domain takes them."""
    zero = Decimal(0)
    return [
        Came(
            product=row["product"],
            quantity=row["quantity"],
            unit_price=row["unit_price"] or zero,
            tax_rate=row["tax_rate"] or zero,
            damaged=row["damaged"] or zero,
            remark=row["remark"],
            lot=row["lot"],
            expires_on=row["expires_on"],
            retail_price=row["retail_price"],
            wholesale_price=row["wholesale_price"],
            order_line=lines.get(row["line"]),
        )
        for row in rows
        if row.get("product")
    ]


@requires(RECEIVE)
def receiving(request: Any) -> HttpResponse:
    """What is awaited: choose the order that came, or take goods in without one."""
    return screen(request, "stock/receiving.html", {"orders": selectors.awaited()[:100]})


def expected_rows(lines: list[Any]) -> list[dict[str, Any]]:
    """The rows of an order, as if all that is left came whole."""
    return [
        {
            "product": line.product,
            "line": line.pk,
            "quantity": line.left,
            "unit_price": line.unit_price,
            "tax_rate": line.tax_rate,
        }
        for line in lines
        if line.left
    ]


@requires(RECEIVE)
@once
def take_in(request: Any, pk: UUID | None = None) -> HttpResponse:
    """Take goods in, against an order or without one."""
    order = found(selectors.orders(), pk=pk) if pk else None
    lines = list(selectors.order_lines(order)) if order else []
    first = {"received_on": reader().today, "recoverable": True}
    if order is not None:
        first |= {"place": order.place_id, "rate": order.rate}
    form = DeliveryForm(request.POST or None, member=request.member, order=order, initial=first)
    shape = CameOnOrder if order else CameFreely
    rows = shape(request.POST or None, prefix="lines", initial=expected_rows(lines))
    refused = ""
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        kept = [each.cleaned_data for each in rows.forms if each not in rows.deleted_forms]
        try:
            receipt = purchasing.take_in(
                form.delivery(),
                came_of(kept, {line.pk: line for line in lines}),
                by=request.member,
                at=clock.now(),
            )
        except Invalid as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("%(number)s is taken in.") % {"number": receipt.number})
            return redirect("stock:receipt", receipt.pk)
    context = {
        "form": form,
        "lines": rows,
        "order": order,
        "refused": refused,
        "currency": request.organization.currency,
    }
    status = 422 if refused or faulty(form, rows) else 200
    return screen(request, "stock/take_in.html", context, status=status)


@requires(VIEW)
def receipts(request: Any) -> HttpResponse:
    """Everything that was taken in."""
    home = Value(request.organization.currency, output_field=CharField())
    rows = selectors.receipts().annotate(home_currency=home, is_billed=selectors.billed())
    return RECEIPTS.show(request, rows)


@requires(VIEW)
def receipt(request: Any, pk: UUID) -> HttpResponse:
    """One receipt: what came, what was wrong with it, what it cost, and its bill."""
    row = found(selectors.receipts(), pk=pk)
    bill = selectors.bill_of(row)
    context = {
        "receipt": row,
        "lines": selectors.receipt_lines(row),
        "bill": bill,
        "events": timeline(row),
        "currency": request.organization.currency,
        "sees_costs": request.member.may(COSTS),
        "may_bill": bill is None and row.kind == Kind.PURCHASE and request.member.may(BILL),
    }
    return screen(request, "stock/receipt.html", context)
