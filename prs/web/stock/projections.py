"""What the stock on hand would bring at retail and wholesale: by category or place, down to each batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import CharField, QuerySet, Sum, Value
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from prs.kernel import clock, documents, money
from prs.kernel.activity.services import record
from prs.kernel.errors import Forbidden, Invalid
from prs.kernel.files import disposition_name
from prs.kernel.identity.permissions import EXPORT
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import COSTS
from prs.masterdata.catalog import selectors as catalog
from prs.operations.payments.receipts import issuer_of
from prs.operations.purchasing import rules as prices
from prs.web import events
from prs.web.kit.access import requires
from prs.web.kit.columns import Amount, Lead, Status, Table, Text
from prs.web.kit.exports import FORMATS
from prs.web.kit.lists import Empty, Figure, List
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.stock import picking
from prs.web.stock.level_tables import Quantity

SHARE = Decimal(70)
STANDINGS = {
    stock.PRICED: ("done", gettext_lazy("Has a price")),
    stock.UNPRICED: ("waiting", gettext_lazy("Without a price")),
    stock.EXPIRED: ("stopped", gettext_lazy("Expired")),
}
NAMELESS = {"category": gettext_lazy("No category"), "place": gettext_lazy("No place")}


class ProjectionForm(forms.Form):
    """By what it is added up, and how much of it is sold at retail."""

    by = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=[("category", gettext_lazy("Category")), ("place", gettext_lazy("Place"))],
        required=False,
    )
    share = forms.DecimalField(
        label=gettext_lazy("Sold at retail, %"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
    )


@dataclass(frozen=True)
class Line:
    """A row of the report: its figures with the addresses of the batches that they add up."""

    row: Any
    name: str
    mixed: Decimal
    profit: Decimal
    margin: Decimal | None
    every_url: str
    url: str
    unpriced_url: str
    expired_url: str

    @property
    def cells(self) -> list[tuple[Decimal, str]]:
        """The figures of what has a price, as the screen shows them, with the rows behind each."""
        row = self.row
        amounts = [
            row.cost,
            row.retail,
            row.retail_profit,
            row.wholesale,
            row.wholesale_profit,
            self.profit,
        ]
        return [(amount, self.url) for amount in amounts]

    @property
    def sells(self) -> bool:
        """Whether anything of it has a price."""
        return bool(self.row.cost or self.row.retail or self.row.wholesale)


@dataclass(frozen=True)
class Report:
    """What stock would bring, with how it was asked for."""

    by: str
    share: Decimal
    lines: list[Line]
    total: Line
    currency: str

    @property
    def query(self) -> str:
        """How it was asked for, as an address says it."""
        return urlencode({"by": self.by, "share": f"{self.share.normalize():f}"})


def asked_report(request: Any) -> tuple[ProjectionForm, Report]:
    """The report that the address asks for; what can't be read there counts as not said."""
    form = ProjectionForm(request.GET or None)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    by = said.get("by") or "category"
    share = SHARE if said.get("share") is None else said["share"]
    currency = request.organization.currency
    rows = stock.projection(by=by, on=reader().today, currency=currency)
    total = stock.summed_up(rows, _("All stock"))
    lines = [line_of(row, by, share, currency) for row in rows]
    shown = ProjectionForm(initial={"by": by, "share": f"{share.normalize():f}"})
    form = form if form.is_bound and form.errors else shown
    return form, Report(by, share, lines, line_of(total, "", share, currency), currency)


def line_of(row: stock.Expected, by: str, share: Decimal, currency: str) -> Line:
    """A row with what follows from how much of it is sold at retail."""
    mixed = money.rounded(row.mixed(share), currency)
    key = {by: "null" if row.key is None else str(row.key)} if by else {}
    name = row.name or str(NAMELESS.get(by, ""))

    def url(**standing: str) -> str:
        return f"{reverse('stock:projection_rows')}?{urlencode({**key, **standing})}"

    return Line(
        row,
        name,
        mixed,
        mixed - row.cost,
        prices.margin(mixed, row.cost) if mixed else None,
        url(),
        url(standing=stock.PRICED),
        url(standing=stock.UNPRICED),
        url(standing=stock.EXPIRED),
    )


@requires(COSTS)
@require_GET
def projection(request: Any) -> HttpResponse:
    """Expected revenue, cost and profit of what lies there."""
    form, report = asked_report(request)
    context = {
        "form": form,
        "report": report,
        "retail_margin": prices.margin(report.total.row.retail, report.total.row.cost),
        "wholesale_margin": prices.margin(report.total.row.wholesale, report.total.row.cost),
        "may_export": request.member.may(EXPORT),
    }
    return screen(request, "stock/projection.html", context)


HEADS = (
    gettext_lazy("Cost"),
    gettext_lazy("Revenue at retail"),
    gettext_lazy("Profit at retail"),
    gettext_lazy("Revenue at wholesale"),
    gettext_lazy("Profit at wholesale"),
    gettext_lazy("Revenue, mixed"),
    gettext_lazy("Profit, mixed"),
    gettext_lazy("Cost without a price"),
    gettext_lazy("Cost of expired"),
)


def figures(line: Line) -> list[Decimal]:
    """The figures of a line in the order of the heads."""
    row = line.row
    return [
        row.cost,
        row.retail,
        row.retail_profit,
        row.wholesale,
        row.wholesale_profit,
        line.mixed,
        line.profit,
        row.unpriced,
        row.expired,
    ]


@requires(COSTS)
@require_GET
def projection_pdf(request: Any) -> HttpResponse:
    """The same on paper."""
    _form, report = asked_report(request)
    words = reader()
    sheet = {
        "title": _("Expected profit of stock"),
        "wide": True,
        "when": words.day(words.today),
        "part": _("%(share)s %% sold at retail, before tax")
        % {"share": words.number(report.share)},
        "heads": HEADS,
    }
    lines = [(line, "line") for line in report.lines] + [(report.total, "total")]
    organization = request.organization
    context = {
        "sheet": sheet,
        "lines": [
            {
                "label": line.name,
                "code": "",
                "style": style,
                "depth": 0,
                "figures": [
                    words.figure(each, report.currency) if each else "–" for each in figures(line)
                ],
            }
            for line, style in lines
        ],
        "issuer": issuer_of(organization),
        "currency": report.currency,
        "paper": "letter"
        if organization.settings.get("receipt", {}).get("paperSize") == "letter"
        else "A4",
        "made": words.moment(words.now),
    }
    made = documents.render("pdf/books.html", context, language=words.language)
    return attached(made.bytes, "application/pdf", "pdf", inline=True)


@requires(COSTS)
@require_GET
def projection_file(request: Any, form: str) -> HttpResponse:
    """The same as CSV or XLSX."""
    if not request.member.may(EXPORT):
        raise Forbidden
    if form not in FORMATS:
        raise Invalid
    _shown, report = asked_report(request)
    first = {"category": _("Category"), "place": _("Place")}[report.by]
    table: list[Sequence[Any]] = [[first, *map(str, HEADS), _("Currency")]]
    table += [
        [line.name, *(round(each, 4) for each in figures(line)), report.currency]
        for line in report.lines
    ]
    words = {
        "rows": len(report.lines),
        "list": _("Expected profit of stock"),
        "format": form,
        "query": report.query,
    }
    record(
        events.LIST_EXPORTED, request.organization, by=request.member, at=clock.now(), words=words
    )
    kind, write = FORMATS[form]
    return attached(write(table, ZoneInfo(reader().zone)), kind, form)


def attached(content: bytes, kind: str, end: str, *, inline: bool = False) -> HttpResponse:
    """A file of the report."""
    response = HttpResponse(content, content_type=kind)
    day = reader().today.isoformat()
    name = disposition_name(f"expected-profit-{day}.{end}")
    response["Content-Disposition"] = content_disposition_header(not inline, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response


# --- the batches behind a figure ------------------------------------------------------------------


def standing_shown(standing: str) -> tuple[str, Any]:
    """Whether goods can be sold at a price."""
    return STANDINGS[standing]


class ProjectionTable(Table):
    product = Lead(
        gettext_lazy("Product"), to="stock:level", key="product_id", accessor="product__name"
    )
    batch = Text(gettext_lazy("Batch"), accessor="batch__number")
    place = Text(gettext_lazy("Place"), accessor="place__name", visible=False)
    standing = Status(gettext_lazy("Price"), shows=standing_shown, orderable=False)
    on_hand = Quantity(gettext_lazy("On hand"), needs=("on_hand", "product__unit__symbol"))
    value = Amount(gettext_lazy("Cost"), currency="home_currency")
    retail = Amount(gettext_lazy("At retail"), currency="home_currency")
    retail_profit = Amount(gettext_lazy("Profit at retail"), currency="home_currency")
    wholesale = Amount(gettext_lazy("At wholesale"), currency="home_currency")
    wholesale_profit = Amount(gettext_lazy("Profit at wholesale"), currency="home_currency")

    class Meta:
        order_by = ("product__name", "pk")


class ProjectionFilter(django_filters.FilterSet):
    standing = django_filters.ChoiceFilter(
        label=gettext_lazy("Price"), choices=[(key, word) for key, (_m, word) in STANDINGS.items()]
    )
    category = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Category"),
        field_name="product__category",
        queryset=lambda _request: catalog.categories(),
        null_label=gettext_lazy("No category"),
    )
    place = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Place"), queryset=picking.every_place
    )


def projection_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What the rows add up to."""
    words, currency = reader(), request.organization.currency
    sums = rows.order_by().aggregate(cost=Sum("value"), sold=Sum("retail"), bulk=Sum("wholesale"))
    named = (
        (_("Cost"), sums["cost"]),
        (_("Revenue at retail"), sums["sold"]),
        (_("Revenue at wholesale"), sums["bulk"]),
    )
    return [
        Figure(label, words.figure(amount or Decimal(0), currency), None, currency)
        for label, amount in named
    ]


PROJECTION_ROWS = List(
    name="stock-projection",
    title=gettext_lazy("Expected profit, batch by batch"),
    table=ProjectionTable,
    filters=ProjectionFilter,
    summary=projection_figures,
    search=("product__name", "product__sku", "batch__number"),
    search_label=gettext_lazy("Product, SKU or batch"),
    empty=Empty(
        "chart-line",
        gettext_lazy("Nothing lies there"),
        gettext_lazy("Each batch that lies somewhere stands here with what it would bring."),
    ),
    live="stock",
)


@requires(COSTS)
def projection_rows(request: Any) -> HttpResponse:
    """The batches that a figure of the report adds up."""
    currency = request.organization.currency
    rows = stock.projected(on=reader().today, currency=currency)
    home = Value(currency, output_field=CharField())
    return PROJECTION_ROWS.show(request, rows.annotate(home_currency=home))
