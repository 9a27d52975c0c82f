"""Lists of orders, receipts and suppliers' bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from prs.operations.purchasing.models import GoodsReceipt, PurchaseOrder
from prs.operations.purchasing.permissions import BILL, ORDER, RECEIVE
from prs.operations.purchasing.selectors import AWAITED
from prs.web.kit.columns import Age, Amount, Choice, Day, Lead, Status, Table, Text
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import reader
from prs.web.stock import picking
from prs.web.stock.level_tables import attention

ORDERS_SHOWN = {
    "draft": ("plain", _("Draft")),
    "sent": ("waiting", _("Sent")),
    "part": ("waiting", _("Partly received")),
    "received": ("done", _("Received")),
    "closed": ("plain", _("Closed")),
    "cancelled": ("stopped", _("Cancelled")),
}


def order_state(state: str, expected_on: date | None) -> tuple[str, Any]:
    """Meaning and word of where an order stands; late when its day has passed."""
    if state in AWAITED and expected_on is not None and expected_on < reader().today:
        return ("attention", _("Late"))
    return ORDERS_SHOWN[state]


def bill_state(
    total: Decimal, paid: Decimal, due_date: date, voided_at: datetime | None
) -> tuple[str, Any]:
    """Meaning and word of what is still to be paid of a bill."""
    if voided_at is not None:
        return ("stopped", _("Void"))
    if paid >= total:
        return ("done", _("Paid"))
    if due_date < reader().today:
        return ("attention", _("Overdue"))
    return ("waiting", _("Partly paid")) if paid else ("waiting", _("To pay"))


class OrderTable(Table):
    number = Lead(_("Order"), to="stock:order")
    supplier = Text(_("Supplier"), accessor="supplier__name")
    state = Status(_("Status"), needs=("state", "expected_on"), shows=order_state, orderable=False)
    total = Amount(_("Total"), currency="currency")
    place = Text(_("Deliver to"), accessor="place__name", css="wide")
    ordered_on = Day(_("Ordered"), css="wide")
    expected_on = Day(_("Expected"))
    created_at = Age(_("Written"), visible=False)

    class Meta:
        order_by = ("-created_at", "-pk")


class OrderFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=PurchaseOrder.State)
    late = django_filters.ChoiceFilter(
        label=_("Expected"),
        choices=[("late", _("Late")), ("soon", _("Still to come"))],
        method="by_day",
    )
    supplier = django_filters.ModelChoiceFilter(label=_("Supplier"), queryset=picking.suppliers)
    place = django_filters.ModelChoiceFilter(label=_("Deliver to"), queryset=picking.places)
    since = DayFilter(label=_("Ordered from"), field_name="ordered_on", lookup_expr="gte")
    until = DayFilter(label=_("Ordered to"), field_name="ordered_on", lookup_expr="lte")

    def by_day(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Orders of which something is to come, or should have come."""
        coming = rows.filter(state__in=AWAITED)
        return coming.filter(expected_on__lt=reader().today) if value == "late" else coming


def order_figures(_request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is to be sent, is to come, and is late."""
    words = reader()
    coming = Q(state__in=AWAITED)
    sums = rows.order_by().aggregate(
        draft=Count("pk", filter=Q(state="draft")),
        coming=Count("pk", filter=coming),
        late=Count("pk", filter=coming & Q(expected_on__lt=words.today)),
    )
    return (
        Figure(_("Drafts to send"), words.number(sums["draft"]), "state=draft"),
        Figure(_("Still to come"), words.number(sums["coming"]), "late=soon"),
        Figure(_("Late"), words.number(sums["late"]), "late=late", meaning=attention(sums["late"])),
    )


ORDERS = List(
    name="purchase-orders",
    title=_("Purchase orders"),
    table=OrderTable,
    filters=OrderFilter,
    summary=order_figures,
    search=("number", "supplier__name"),
    search_label=_("Number or supplier"),
    empty=Empty(
        "truck",
        _("What do you need from suppliers?"),
        _("An order is drafted, sent, and received line by line as goods come."),
        "/stock/orders/add/",
        _("Write an order"),
        ORDER,
    ),
    main=Action(_("Write an order"), "/stock/orders/add/", "plus", ORDER),
    live="purchasing",
    template="stock/buying.html",
    extra={"section": "orders"},
)


class ReceiptTable(Table):
    number = Lead(_("Receipt"), to="stock:receipt")
    kind = Choice(_("Kind"), choices=GoodsReceipt.Kind)
    supplier = Text(_("Supplier"), accessor="supplier__name")
    order = Text(_("Order"), accessor="order__number", css="wide")
    place = Text(_("Place"), accessor="place__name")
    received_on = Day(_("Received"))
    net = Amount(_("Net"), currency="currency", visible=False)
    worth = Amount(_("Worth"), currency="home_currency")
    received_by = Text(_("Received by"), accessor="received_by__name", visible=False)
    received_at = Age(_("When"), css="num wide")

    class Meta:
        order_by = ("-received_at", "-pk")


class ReceiptFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=GoodsReceipt.Kind)
    billed = django_filters.ChoiceFilter(
        label=_("Bill"),
        choices=[("no", _("Not billed yet")), ("yes", _("Billed"))],
        method="by_bill",
    )
    supplier = django_filters.ModelChoiceFilter(label=_("Supplier"), queryset=picking.suppliers)
    place = django_filters.ModelChoiceFilter(label=_("Place"), queryset=picking.places)
    since = DayFilter(label=_("Received from"), field_name="received_on", lookup_expr="gte")
    until = DayFilter(label=_("Received to"), field_name="received_on", lookup_expr="lte")

    def by_bill(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Bought goods whose bill came, or did not."""
        return rows.filter(kind="purchase", is_billed=value == "yes")


def receipt_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is owed for goods whose bill has not come."""
    words, currency = reader(), request.organization.currency
    open_rows = rows.order_by().filter(kind="purchase", is_billed=False)
    sums = open_rows.aggregate(worth=Sum("worth"), rows=Count("pk"))
    note = ngettext("%(count)s receipt", "%(count)s receipts", sums["rows"]) % {
        "count": words.number(sums["rows"])
    }
    worth = words.figure(sums["worth"] or Decimal(0), currency)
    return (Figure(_("Received, not billed"), worth, "billed=no", currency, note),)


RECEIPTS = List(
    name="goods-receipts",
    title=_("Goods in"),
    table=ReceiptTable,
    filters=ReceiptFilter,
    summary=receipt_figures,
    search=("number", "reference", "supplier__name"),
    search_label=_("Number, delivery note or supplier"),
    empty=Empty(
        "package-import",
        _("No goods have come in yet"),
        _("Take in what a supplier delivers, or the stock you begin with."),
        "/stock/receiving/add/",
        _("Take in goods"),
        RECEIVE,
    ),
    main=Action(_("Take in goods"), "/stock/receiving/", "package-import", RECEIVE),
    live="purchasing",
    template="stock/buying.html",
    extra={"section": "receipts"},
)


class BillTable(Table):
    number = Lead(_("Bill"), to="stock:bill", under="reference")
    supplier = Text(_("Supplier"), accessor="supplier__name")
    state = Status(
        _("Status"),
        needs=("total", "paid", "due_date", "voided_at"),
        shows=bill_state,
        orderable=False,
    )
    total = Amount(_("Total"), currency="currency")
    open_amount = Amount(_("Left to pay"), currency="currency")
    bill_date = Day(_("Date"), css="wide")
    due_date = Day(_("Due"))
    recorded_at = Age(_("Recorded"), visible=False)

    class Meta:
        order_by = ("-recorded_at", "-pk")


class BillFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[
            ("open", _("To pay")),
            ("late", _("Overdue")),
            ("paid", _("Paid")),
            ("void", _("Void")),
        ],
        method="in_state",
    )
    supplier = django_filters.ModelChoiceFilter(label=_("Supplier"), queryset=picking.suppliers)
    since = DayFilter(label=_("Due from"), field_name="due_date", lookup_expr="gte")
    until = DayFilter(label=_("Due to"), field_name="due_date", lookup_expr="lte")

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Bills with something left to pay, late, paid, or void."""
        if value == "paid":
            return rows.filter(paid=F("total"))
        if value == "void":
            return rows.filter(voided_at__isnull=False)
        open_rows = rows.filter(paid__lt=F("total"), voided_at__isnull=True)
        return open_rows.filter(due_date__lt=reader().today) if value == "late" else open_rows


def bill_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is to be paid, and what is late, in the organization's own currency."""
    words, currency = reader(), request.organization.currency
    late = Q(due_date__lt=words.today)
    sums = (
        rows.order_by()
        .filter(paid__lt=F("total"), voided_at__isnull=True, currency=currency)
        .aggregate(
            owed=Sum("open_amount"),
            owed_rows=Count("pk"),
            late=Sum("open_amount", filter=late),
            late_rows=Count("pk", filter=late),
        )
    )
    return (
        Figure(
            _("To pay"),
            words.figure(sums["owed"] or Decimal(0), currency),
            "state=open",
            currency,
            ngettext("%(count)s bill", "%(count)s bills", sums["owed_rows"])
            % {"count": words.number(sums["owed_rows"])},
        ),
        Figure(
            _("Overdue"),
            words.figure(sums["late"] or Decimal(0), currency),
            "state=late",
            currency,
            meaning=attention(sums["late_rows"]),
        ),
    )


BILLS = List(
    name="supplier-bills",
    title=_("Suppliers' bills"),
    table=BillTable,
    filters=BillFilter,
    summary=bill_figures,
    search=("number", "reference", "supplier__name"),
    search_label=_("Number or supplier"),
    empty=Empty(
        "file-invoice",
        _("What do you owe suppliers?"),
        _("A bill is matched with the goods it asks money for, and posted as it is recorded."),
        "/stock/bills/add/",
        _("Record a bill"),
        BILL,
    ),
    main=Action(_("Record a bill"), "/stock/bills/add/", "plus", BILL),
    live="purchasing",
    template="stock/buying.html",
    extra={"section": "bills"},
)
