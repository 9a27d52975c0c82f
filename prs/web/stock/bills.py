"""Suppliers' bills: the list, recording one against receipts, its page, and paying it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Refusal
from prs.ledgers.bookkeeping import rules as chart
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Supplier
from prs.operations.purchasing import selectors
from prs.operations.purchasing import services as purchasing
from prs.operations.purchasing.permissions import BILL, PAY, VIEW, VOID
from prs.web.kit.access import found, requires
from prs.web.kit.fields import DayField, MoneyField
from prs.web.kit.forms import ReasonForm, edit_screen
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock.buying_tables import BILLS, bill_state
from prs.web.stock.picking import RateField

ACCOUNTS = (
    (chart.BANK, gettext_lazy("Bank")),
    (chart.CASH, gettext_lazy("Cash")),
    (chart.MOBILE_MONEY, gettext_lazy("Mobile money")),
)
REFUSED: dict[type[Refusal], str] = {
    purchasing.BillKnown: "reference",
    purchasing.DueTooEarly: "due_date",
    purchasing.BillOfNothing: "net",
}


class BillForm(forms.Form):
    """What a supplier asks for."""

    reference = forms.CharField(label=gettext_lazy("Number of the bill"), max_length=60)
    bill_date = DayField(label=gettext_lazy("Date of the bill"))
    due_date = DayField(
        label=gettext_lazy("Due"),
        required=False,
        help_text=gettext_lazy("Left empty, the supplier's terms decide."),
    )
    net = MoneyField(label=gettext_lazy("Net"), min_value=Decimal(0))
    tax = MoneyField(label=gettext_lazy("Tax"), min_value=Decimal(0), required=False)
    rate = RateField(
        required=False,
    )
    freight = forms.BooleanField(
        label=gettext_lazy("It asks for the freight and duties too"), required=False
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, supplier: Supplier, currency: str, home: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.supplier, self.currency = supplier, currency
        for name in ("net", "tax"):
            cast("MoneyField", self.fields[name]).currency = currency
        if currency == home:
            del self.fields["rate"]
        else:
            self.fields["rate"].required = True

    def fields_of_bill(self) -> dict[str, Any]:
        """The bill as the domain takes it."""
        data = dict(self.cleaned_data)
        terms = timedelta(days=self.supplier.terms_days)
        data["due_date"] = data["due_date"] or data["bill_date"] + terms
        data["tax"] = data["tax"] or Decimal(0)
        data["rate"] = data.get("rate") or Decimal(1)
        data.pop("freight", None)
        return {**data, "currency": self.currency}


class PaymentForm(forms.Form):
    """Money that goes to a supplier."""

    amount = MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.0001"))
    account = forms.ChoiceField(label=gettext_lazy("Paid from"), choices=ACCOUNTS)
    paid_on = DayField(label=gettext_lazy("Paid"))
    rate = RateField(
        required=False,
        help_text=gettext_lazy("What the bank took for one unit of the currency."),
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=60, required=False)


@requires(VIEW)
def bills(request: Any) -> HttpResponse:
    """What suppliers ask for."""
    return BILLS.show(request, selectors.bills())


def chosen_receipts(request: Any) -> list[Any]:
    """The receipts that the address or the form names, of one supplier and currency."""
    names = request.POST.getlist("receipt") or request.GET.getlist("receipt")
    try:
        wanted = [UUID(name) for name in names]
    except ValueError:
        return []
    rows = list(selectors.unbilled().filter(pk__in=wanted))
    same = {(row.supplier_id, row.currency) for row in rows}
    return rows if len(same) == 1 else []


@requires(BILL)
@once
def add_bill(request: Any) -> HttpResponse:
    """Choose the receipts that a bill asks money for, then record it."""
    receipts = chosen_receipts(request)
    carrier = None if receipts else chosen_carrier(request)
    if not receipts and carrier is None:
        waiting = list(selectors.unbilled()[:200])
        mixed = bool(request.GET.getlist("receipt"))
        context = {
            "receipts": waiting,
            "mixed": mixed,
            "suppliers": parties.suppliers_in_use(),
        }
        return screen(request, "stock/bill_which.html", context)
    return bill_of(request, receipts, carrier or receipts[0].supplier)


def chosen_carrier(request: Any) -> Supplier | None:
    """The supplier whose bill is of freight or duties only."""
    try:
        named = UUID(request.POST.get("supplier") or request.GET.get("supplier", ""))
    except ValueError:
        return None
    return Supplier.objects.filter(pk=named).first()


def bill_of(request: Any, receipts: list[Any], supplier: Supplier) -> HttpResponse:
    """The form of a bill, for these receipts or for freight alone."""
    currency = receipts[0].currency if receipts else supplier.currency
    sums = purchasing.sums_of(receipts)
    charged = any(row.charges for row in receipts)
    first: dict[str, Any] = {"bill_date": reader().today}
    if receipts:
        first |= {"net": sums.net, "tax": sums.tax, "rate": receipts[0].rate}
    form = BillForm(
        request.POST or None,
        supplier=supplier,
        currency=currency,
        home=request.organization.currency,
        initial=first,
    )
    if not charged:
        del form.fields["freight"]
    if request.method == "POST" and form.is_valid():
        freight = form.cleaned_data.get("freight", False)
        try:
            row = purchasing.record_bill(
                supplier,
                form.fields_of_bill(),
                receipts,
                by=request.member,
                at=clock.now(),
                freight=freight,
            )
        except tuple(REFUSED) as refusal:
            form.add_error(REFUSED[type(refusal)], str(refusal))
        else:
            return redirect("stock:bill", row.pk)
    context = {"supplier": supplier, "currency": currency, "receipts": receipts, "sums": sums}
    return edit_screen(request, "stock/bill_form.html", form, context)


@requires(VIEW)
def bill(request: Any, pk: UUID) -> HttpResponse:
    """One bill: what it asks, for which goods, and what was paid."""
    row = found(selectors.bills(), pk=pk)
    context = {
        "bill": row,
        "state": bill_state(row.total, row.paid, row.due_date, row.voided_at),
        "receipts": selectors.receipts_of(row),
        "payments": selectors.payments_of(row),
        "accounts": dict(ACCOUNTS),
        "events": timeline(row),
        "may_pay": row.open_amount > 0 and request.member.may(PAY),
        "may_void": row.voided_at is None and not row.paid and request.member.may(VOID),
    }
    return screen(request, "stock/bill.html", context)


@requires(PAY)
@once
def pay_bill(request: Any, pk: UUID) -> HttpResponse:
    """Pay a bill, in whole or in part."""
    row = found(selectors.bills(), pk=pk)
    first = {"amount": row.left, "paid_on": reader().today, "rate": row.rate}
    form = PaymentForm(request.POST or None, initial=first)
    cast("MoneyField", form.fields["amount"]).currency = row.currency
    if row.currency == request.organization.currency:
        del form.fields["rate"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            purchasing.pay_bill(
                row,
                amount=data["amount"],
                account=data["account"],
                on=data["paid_on"],
                by=request.member,
                at=clock.now(),
                reference=data["reference"],
                rate=data.get("rate"),
            )
        except purchasing.MoreThanOwed as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, _("The payment is posted."))
            return redirect("stock:bill", row.pk)
    words = {
        "title": _("Pay %(number)s") % {"number": row.number},
        "why": "",
        "press": _("Post the payment"),
        "back": f"/stock/bills/{row.pk}/",
    }
    return edit_screen(request, "stock/step.html", form, words)


@requires(VOID)
@once
def void_bill(request: Any, pk: UUID) -> HttpResponse:
    """Void a bill that was recorded wrongly, with the reason."""
    row = found(selectors.bills(), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        purchasing.void_bill(row, reason=reason, by=request.member, at=clock.now())
        messages.success(request, _("%(number)s is void.") % {"number": row.number})
        return redirect("stock:bill", row.pk)
    words = {
        "title": _("Void %(number)s") % {"number": row.number},
        "why": _(
            "What it posted is reversed today, and its goods wait for their bill again. Both stay to be seen."
        ),
        "press": _("Void the bill"),
        "back": f"/stock/bills/{row.pk}/",
    }
    return edit_screen(request, "stock/step.html", form, words)
