"""Lists of the catalogue: products, and what they are sorted by, counted in and taxed with."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from prs.masterdata.catalog import rules, selectors
from prs.masterdata.catalog.models import (
    Barcode,
    Brand,
    Category,
    Price,
    PriceList,
    Product,
    TaxRate,
    Unit,
)
from prs.masterdata.catalog.permissions import EDIT, PRICES
from prs.web.kit.columns import (
    Age,
    Amount,
    Choice,
    Column,
    Day,
    Lead,
    Number,
    Status,
    Table,
    Text,
    Writer,
    address_parts,
    icon,
)
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import Reader, reader


def in_use(active: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column's value)
    """Whether something is still used."""
    return ("done", _("In use")) if active else ("plain", _("Out of use"))


class Pictured(Lead):
    """The name of a row with its small picture beside it; without one, a sign in its place."""

    css = "lead clip"

    def writer(self, reader: Reader) -> Writer:
        named = super().writer(reader)
        before, after = address_parts("stock:picture")
        nothing = format_html('<span class="thumb thumb-empty">{}</span>', icon("photo"))

        def written(name: Any, pk: Any, under: Any, picture: Any) -> str:
            drawn = (
                # The id is a UUID: nothing in it needs escaping.
                SafeString(
                    f'<img class="thumb" src="{before}{picture}{after}" alt="" loading="lazy" '
                    'width="40" height="40">'
                )
                if picture
                else nothing
            )
            return format_html(
                '<span class="pictured">{}<span>{}</span></span>', drawn, named(name, pk, under)
            )

        return written


class Percent(Column):
    """A rate in per cent."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        return lambda value: f"{reader.number(value.normalize())} %"


class ProductTable(Table):
    name = Pictured(_("Product"), to="stock:product", under="sku", needs=("name", "thumbnail_id"))
    category = Text(_("Category"), accessor="category__name", css="second")
    brand = Text(_("Brand"), accessor="brand__name", css="wide")
    unit = Text(_("Counted in"), accessor="unit__symbol", css="mid")
    kind = Choice(_("Kind"), choices=Product.Kind, visible=False)
    expires = Status(
        _("Expiry"),
        shows=lambda expires: ("waiting", _("Expires")) if expires else ("plain", _("Keeps")),
        visible=False,
    )
    reorder_point = Number(_("Order again at"), visible=False)
    retail = Amount(_("Price"), currency="home_currency", orderable=False)
    trade = Amount(_("Wholesale"), currency="home_currency", orderable=False, css="amount wide")
    active = Status(_("Status"), shows=in_use)
    created_at = Age(_("Added"), visible=False)

    class Meta:
        model = Product
        fields = ()
        order_by = ("name", "pk")


def with_prices(rows: QuerySet[Any], *, on: date, currency: str) -> QuerySet[Any]:
    """Products with what one unit costs today in the lists, to people and to the trade."""

    def price(level: str) -> Subquery:
        lists = selectors.lists_in_force(level=level, on=on, currency=currency).values("pk")
        found = Price.objects.filter(
            product=OuterRef("pk"), price_list__in=lists, from_quantity__lte=1
        )
        return Subquery(found.order_by("-from_quantity", "amount", "pk").values("amount")[:1])

    levels = PriceList.Level
    return rows.annotate(
        retail=price(levels.RETAIL),
        trade=price(levels.WHOLESALE),
        home_currency=Value(currency),
    )


def shelf_choices(request: Any = None) -> list[tuple[str, str]]:
    """The categories by their whole path, in the order of the tree."""
    return [(str(shelf.category.pk), shelf.label) for shelf in selectors.tree()]


def brand_rows(request: Any) -> QuerySet[Any]:
    """Every brand, by name."""
    return selectors.brands()


PICTURES = (("with", _("With one")), ("without", _("Without one")))


class ProductFilter(django_filters.FilterSet):
    category = django_filters.ChoiceFilter(
        label=_("Category"), choices=shelf_choices, method="on_shelf"
    )
    brand = django_filters.ModelChoiceFilter(label=_("Brand"), queryset=brand_rows)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Product.Kind)
    picture = django_filters.ChoiceFilter(
        label=_("Picture"), choices=PICTURES, method="if_pictured"
    )
    coded = django_filters.BooleanFilter(label=_("Has a barcode"), method="if_coded")
    expires = django_filters.BooleanFilter(label=_("Has an expiry date"))
    active = django_filters.BooleanFilter(label=_("In use"))

    def on_shelf(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Products of a category and of those below it."""
        shelf = Category.objects.filter(pk=value).first()
        return rows.none() if shelf is None else rows.filter(category__in=selectors.within(shelf))

    def if_coded(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Products with a barcode, or without."""
        with_code = Q(pk__in=Barcode.objects.values("product"))
        return rows.filter(with_code if value else ~with_code)

    def if_pictured(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Products with a picture, or without."""
        return rows.filter(image__isnull=value == "without")


def coded(text: str) -> Q:
    """The product that a scanned code names, looked up first: asked in the same breath as words, it
    would be looked for in every row.
    """
    codes = Barcode.objects.filter(code=rules.looked_up(text))
    return Q(pk__in=list(codes.values_list("product", flat=True)))


def product_figures(request: Any, rows: QuerySet[Any]) -> list[Figure]:
    """How many are in use, and what still lacks something."""
    words = reader()
    used = Q(active=True)
    coded_ones = Barcode.objects.values("product")
    found = rows.order_by().aggregate(
        used=Count("pk", filter=used),
        plain=Count("pk", filter=used & Q(image__isnull=True)),
        bare=Count("pk", filter=used & ~Q(pk__in=coded_ones)),
    )
    return [
        Figure(_("In use"), words.number(found["used"]), "active=true"),
        Figure(_("Without a picture"), words.number(found["plain"]), "picture=without&active=true"),
        Figure(_("Without a barcode"), words.number(found["bare"]), "coded=false&active=true"),
    ]


PRODUCTS = List(
    name="products",
    title=_("Products"),
    table=ProductTable,
    filters=ProductFilter,
    summary=product_figures,
    search=("name",),
    search_label=_("Name, SKU or barcode"),
    also=coded,
    empty=Empty(
        "package",
        _("What do you sell?"),
        _(
            "Add a product with its picture, barcode and price, or bring a whole catalogue as a file."
        ),
        "/stock/products/add/",
        _("Add a product"),
        EDIT,
    ),
    main=Action(_("Add a product"), "/stock/products/add/", "plus", EDIT),
    bulk=(Action(_("Print labels"), "/stock/labels/pick/", "printer"),),
    live="product",
    template="stock/products.html",
)


class BrandTable(Table):
    name = Lead(_("Brand"), to="stock:brand")
    website = Text(_("Website"))
    products = Number(_("Products"), orderable=False)
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = Brand
        fields = ()
        order_by = ("name", "pk")


class UnitTable(Table):
    name = Lead(_("Unit"), to="stock:unit")
    symbol = Text(_("Symbol"), css="second")
    decimals = Number(_("Decimals"))
    products = Number(_("Products"), orderable=False)

    class Meta:
        model = Unit
        fields = ()
        order_by = ("name", "pk")


def counts(starts_on: date | None, ends_on: date | None) -> tuple[str, Any]:
    """Whether a rate, or a list, is in force today."""
    today = reader().today
    if starts_on is not None and starts_on > today:
        return "waiting", _("Begins later")
    if ends_on is not None and ends_on < today:
        return "plain", _("Over")
    return "done", _("In force")


class TaxTable(Table):
    name = Lead(_("Tax"), to="stock:tax_rate", under="code")
    rate = Percent(_("Rate"))
    starts_on = Day(_("From"))
    ends_on = Day(_("Until"))
    products = Number(_("Products"), orderable=False)
    standing = Status(_("Status"), needs=("starts_on", "ends_on"), shows=counts, orderable=False)

    class Meta:
        model = TaxRate
        fields = ()
        order_by = ("code", "-starts_on", "pk")


class TaxFilter(django_filters.FilterSet):
    on = DayFilter(label=_("In force on"), method="in_force")

    def in_force(self, rows: QuerySet[Any], _name: str, value: date) -> QuerySet[Any]:
        """Rates that have begun by a day and are not over."""
        lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=value)
        return rows.filter(lasting, starts_on__lte=value)


BRANDS = List(
    name="brands",
    title=_("Brands"),
    table=BrandTable,
    search=("name",),
    search_label=_("Name"),
    empty=Empty(
        "tag",
        _("No brand yet"),
        _("Brands group products by who makes them, as customers know them."),
        "/stock/brands/add/",
        _("Add a brand"),
        EDIT,
    ),
    main=Action(_("Add a brand"), "/stock/brands/add/", "plus", EDIT),
    live="brand",
    template="stock/shelf_list.html",
    extra={"section": "brands"},
)
UNITS = List(
    name="units",
    title=_("Units"),
    table=UnitTable,
    search=("name",),
    search_label=_("Name"),
    empty=Empty(
        "scale",
        _("No unit yet"),
        _("A unit says what a product is counted in, and how finely."),
        "/stock/units/add/",
        _("Add a unit"),
        EDIT,
    ),
    main=Action(_("Add a unit"), "/stock/units/add/", "plus", EDIT),
    live="unit",
    template="stock/shelf_list.html",
    extra={"section": "units"},
)
TAXES = List(
    name="tax_rates",
    title=_("Taxes"),
    table=TaxTable,
    filters=TaxFilter,
    search=("name", "code"),
    search_label=_("Name or code"),
    empty=Empty(
        "receipt-tax",
        _("No tax yet"),
        _("A tax has a code, and a rate from a day on. A later rate of the same code takes over."),
        "/stock/taxes/add/",
        _("Add a tax rate"),
        PRICES,
    ),
    main=Action(_("Add a tax rate"), "/stock/taxes/add/", "plus", PRICES),
    live="tax_rate",
    template="stock/shelf_list.html",
    extra={"section": "taxes"},
)


class PriceListTable(Table):
    name = Lead(_("Price list"), to="stock:price_list")
    level = Choice(_("For"), choices=PriceList.Level)
    currency = Text(_("Currency"), css="mid")
    prices = Number(_("Prices"), orderable=False)
    starts_on = Day(_("From"))
    ends_on = Day(_("Until"))
    standing = Status(
        _("Status"),
        needs=("active", "starts_on", "ends_on"),
        shows=lambda active, first, last: counts(first, last) if active else in_use(active),
        orderable=False,
    )

    class Meta:
        model = PriceList
        fields = ()
        order_by = ("name", "pk")


PRICE_LISTS = List(
    name="price_lists",
    title=_("Price lists"),
    table=PriceListTable,
    search=("name",),
    search_label=_("Name"),
    empty=Empty(
        "tags",
        _("What does it cost?"),
        _(
            "A list names prices for people or for the trade, for a time if you like. Where no list "
            "names a product, the price of its batch counts."
        ),
        "/stock/prices/add/",
        _("Add a price list"),
        PRICES,
    ),
    main=Action(_("Add a price list"), "/stock/prices/add/", "plus", PRICES),
    live="price_list",
)
