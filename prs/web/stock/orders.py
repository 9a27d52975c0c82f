"""Purchase orders: the list, suggestions, writing one, its page, and its PDF."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from babel.dates import format_date
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock, documents, money
from prs.kernel.activity.selectors import timeline
from prs.kernel.documents import Fact, InvoiceSheet, Party, SheetLine
from prs.kernel.files import disposition_name
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places import selectors as where
from prs.operations.payments.receipts import issuer_of
from prs.operations.purchasing import selectors
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.models import PurchaseOrder
from prs.operations.purchasing.permissions import ORDER, RECEIVE, VIEW
from prs.operations.purchasing.services import Ordered
from prs.web.kit.access import found, requires
from prs.web.kit.fields import DayField
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock.buying_tables import ORDERS, order_state
from prs.web.stock.picking import FigureField, LineForm, RateField, line_set
from prs.web.stock.transfers import faulty, first_line, with_reason

State = PurchaseOrder.State


class OrderForm(forms.Form):
    """Whom it goes to, where the goods go, and in which currency."""

    supplier: Any = forms.ModelChoiceField(label=gettext_lazy("Supplier"), queryset=None)
    place: Any = forms.ModelChoiceField(label=gettext_lazy("Deliver to"), queryset=None)
    expected_on = DayField(
        label=gettext_lazy("Expected"),
        required=False,
        help_text=gettext_lazy("Left empty, the supplier's usual time counts."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        required=False,
        help_text=gettext_lazy("Left empty, the supplier's."),
    )
    rate = RateField(
        required=False,
        help_text=gettext_lazy("What one unit of it is worth in your own currency."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes for the supplier"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, home: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.home = home
        suppliers = parties.suppliers_in_use()
        cast("Any", self.fields["supplier"]).queryset = suppliers
        cast("Any", self.fields["place"]).queryset = where.places().filter(active=True)
        codes = [("", "—"), *((code, code) for code in money.currencies())]
        cast("Any", self.fields["currency"]).choices = codes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        supplier = data.get("supplier")
        if supplier is None:
            return data
        data["currency"] = data.get("currency") or supplier.currency
        if data["currency"] == self.home:
            data["rate"] = Decimal(1)
        elif not data.get("rate"):
            self.add_error("rate", _("Say what one unit of the currency is worth in your own."))
        if not data.get("expected_on"):
            data["expected_on"] = reader().today + timedelta(days=supplier.lead_days)
        return data


class OrderLineForm(LineForm):
    """A product of an order, with its price."""

    unit_price = FigureField(label=gettext_lazy("Price of a unit"), min_value=Decimal(0))
    tax_rate = FigureField(
        label=gettext_lazy("Tax %"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=3,
        max_digits=6,
        required=False,
    )


OrderLines = line_set(OrderLineForm)


def ordered(rows: list[dict[str, Any]]) -> list[Ordered]:
    """The lines as the domain takes them."""
    return [
        Ordered(row["product"], row["quantity"], row["unit_price"], row["tax_rate"] or Decimal(0))
        for row in rows
        if row.get("product")
    ]


@requires(VIEW)
def orders(request: Any) -> HttpResponse:
    """What suppliers are asked for."""
    return ORDERS.show(request, selectors.orders())


def order_form(request: Any, row: Any, form: Any, lines: Any) -> HttpResponse:
    """The form of an order."""
    context = {"form": form, "lines": lines, "order": row}
    return screen(
        request, "stock/order_form.html", context, status=422 if faulty(form, lines) else 200
    )


@requires(ORDER)
@once
def add_order(request: Any) -> HttpResponse:
    """Write an order."""
    home = request.organization.currency
    form = OrderForm(request.POST or None, home=home)
    lines = OrderLines(request.POST or None, prefix="lines", initial=first_line(request))
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        row = purchasing.draft_order(
            form.cleaned_data, ordered(lines.filled()), by=request.member, at=clock.now()
        )
        return redirect("stock:order", row.pk)
    return order_form(request, None, form, lines)


@requires(ORDER)
@once
def edit_order(request: Any, pk: UUID) -> HttpResponse:
    """Change a draft."""
    row = found(selectors.orders(), pk=pk)
    if row.state != State.DRAFT:
        raise purchasing.OrderMoved(state=row.get_state_display())
    names = ("supplier", "place", "expected_on", "currency", "rate", "notes")
    first = {name: getattr(row, name) for name in names}
    rows = [
        {
            "product": line.product,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "tax_rate": line.tax_rate,
        }
        for line in selectors.order_lines(row)
    ]
    form = OrderForm(request.POST or None, home=request.organization.currency, initial=first)
    lines = OrderLines(request.POST or None, prefix="lines", initial=rows)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        kept = [each.cleaned_data for each in lines.forms if each not in lines.deleted_forms]
        purchasing.change_order(
            row, form.cleaned_data, ordered(kept), by=request.member, at=clock.now()
        )
        return redirect("stock:order", row.pk)
    return order_form(request, row, form, lines)


@requires(VIEW)
def order(request: Any, pk: UUID) -> HttpResponse:
    """One order: its lines with what has come, and what can be done next."""
    row = found(selectors.orders(), pk=pk)
    may = request.member.may
    context = {
        "order": row,
        "state": order_state(row.state, row.expected_on),
        "lines": selectors.order_lines(row),
        "receipts": selectors.receipts_for(row),
        "events": timeline(row),
        "tax": row.total - row.net,
        "may_edit": row.state == State.DRAFT and may(ORDER),
        "may_receive": row.state in selectors.AWAITED and may(RECEIVE),
        "may_close": row.state in selectors.AWAITED and may(ORDER),
        "may_cancel": row.state in {State.DRAFT, State.SENT} and may(ORDER),
    }
    return screen(request, "stock/order.html", context)


@requires(ORDER)
@require_POST
@once
def send_order(request: Any, pk: UUID) -> HttpResponse:
    """Note that the supplier has the order."""
    row = found(selectors.orders(), pk=pk)
    purchasing.send_order(row, by=request.member, at=clock.now())
    messages.success(request, _("Order %(number)s is sent.") % {"number": row.number})
    return redirect("stock:order", row.pk)


@requires(ORDER)
@once
def close_order(request: Any, pk: UUID) -> HttpResponse:
    """Expect nothing more of an order."""
    row = found(selectors.orders(), pk=pk)
    words = {
        "title": _("Close %(number)s") % {"number": row.number},
        "why": _("What has come stays. Nothing more is expected."),
        "press": _("Close the order"),
        "back": f"/stock/orders/{row.pk}/",
    }
    return with_reason(request, row, purchasing.close_order, words)


@requires(ORDER)
@once
def cancel_order(request: Any, pk: UUID) -> HttpResponse:
    """Call an order off before anything came."""
    row = found(selectors.orders(), pk=pk)
    words = {
        "title": _("Cancel %(number)s") % {"number": row.number},
        "why": _("Tell the supplier too, if they have it."),
        "press": _("Cancel the order"),
        "back": f"/stock/orders/{row.pk}/",
    }
    return with_reason(request, row, purchasing.cancel_order, words)


@requires(ORDER)
@once
def suggestions(request: Any) -> HttpResponse:
    """What to order again, by supplier; one press drafts the order."""
    rows = selectors.suggestions(today=reader().today)
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.last.supplier_id if row.last else None].append(row)
    suppliers = Supplier.objects.in_bulk([pk for pk in groups if pk])
    if request.method == "POST":
        return draft_suggested(request, groups, suppliers)
    shown = [(suppliers.get(pk), groups[pk]) for pk in groups]
    shown.sort(key=lambda pair: (pair[0] is None, pair[0].name if pair[0] else ""))
    places = where.places().filter(active=True)
    context = {"groups": shown, "places": places, "every": len(rows)}
    return screen(request, "stock/suggestions.html", context)


def draft_suggested(request: Any, groups: Any, suppliers: Any) -> HttpResponse:
    """Draft the order that is suggested for a supplier."""
    try:
        supplier = suppliers.get(UUID(request.POST.get("supplier", "")))
        place = where.places().filter(pk=UUID(request.POST.get("place", ""))).first()
    except ValueError:
        supplier = place = None
    if supplier is None or place is None:
        messages.error(request, _("Choose where the goods go."))
        return redirect("stock:suggestions")
    picked = set(request.POST.getlist("pick"))
    lines = [
        Ordered(row.low.product, row.quantity, row.last.unit_price)
        for row in groups[supplier.pk]
        if str(row.low.product.pk) in picked
    ]
    fields = {
        "supplier": supplier,
        "place": place,
        "currency": groups[supplier.pk][0].last.currency,
        "expected_on": reader().today + timedelta(days=supplier.lead_days),
    }
    row = purchasing.draft_order(fields, lines, by=request.member, at=clock.now())
    return redirect("stock:order", row.pk)


@requires(VIEW)
@require_GET
def order_document(request: Any, pk: UUID) -> HttpResponse:
    """An order as the supplier reads it."""
    row = found(selectors.orders(), pk=pk)
    made = documents.invoice(
        sheet_of(row, request.organization), language=request.organization.language
    )
    response = HttpResponse(made.bytes, content_type="application/pdf")
    name = disposition_name(f"{row.number}.pdf")
    disposition = content_disposition_header(False, name)  # noqa: FBT003  (Django's own order)
    response["Content-Disposition"] = disposition or ""
    response["Cache-Control"] = "private, no-store"
    return response


def sheet_of(row: PurchaseOrder, organization: Any) -> InvoiceSheet:
    """What an order says on paper, in the organization's language."""
    language = organization.language
    locale = money.locale_of(language)

    def figure(amount: Decimal) -> str:
        return money.figure(money.Money(row.currency, amount), language)

    def day(value: Any) -> str:
        return format_date(value, "medium", locale=locale) if value else ""

    with translation.override(language):
        supplier = row.supplier
        facts = [(_("Phone"), supplier.phone), (_("E-mail"), supplier.email)]
        place = row.place
        return InvoiceSheet(
            title=_("Purchase order"),
            issuer=issuer_of(organization),
            customer=Party(
                name=supplier.name,
                address=tuple(supplier.address.splitlines()),
                facts=tuple(Fact(label=label, text=text) for label, text in facts if text),
            ),
            number=row.number,
            date=day(row.ordered_on),
            currency=row.currency,
            lines=tuple(
                SheetLine(
                    description=line.product.name,
                    detail=line.product.sku,
                    quantity=f"{line.quantity.normalize():f}",
                    unit=line.product.unit.symbol,
                    unit_price=figure(line.unit_price),
                    tax=f"{line.tax_rate.normalize():f} %" if line.tax_rate else "",
                    amount=figure(money.rounded(line.net, row.currency)),
                )
                for line in selectors.order_lines(row)
            ),
            subtotal=figure(row.net),
            tax=figure(row.total - row.net) if row.total != row.net else "",
            total=money.formatted(money.Money(row.currency, row.total), language),
            facts=tuple(
                Fact(label=label, text=text)
                for label, text in [
                    (_("Deliver to"), " ".join([place.name, *place.address.splitlines()])),
                    (_("Expected"), day(row.expected_on)),
                ]
                if text
            ),
            notes=row.notes,
            mark=_("Draft") if row.state == State.DRAFT else "",
            paper="letter"
            if organization.settings.get("receipt", {}).get("paperSize") == "letter"
            else "A4",
        )
