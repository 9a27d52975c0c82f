"""What forms and filters of stock let one choose: places, suppliers, and products by code or name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from prs.masterdata.catalog import selectors as catalog
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Supplier
from prs.masterdata.places import selectors as where
from prs.masterdata.places.models import Place
from prs.web.kit.fields import MoneyField

BETWEEN = " · "
OFFERED = 12


def places(request: Any) -> QuerySet[Place]:
    """Where goods may lie, for filters."""
    return where.places()


def every_place(request: Any) -> QuerySet[Place]:
    """Where goods may lie, and the way between."""
    return Place.objects.order_by("name", "pk")


def suppliers(request: Any) -> QuerySet[Supplier]:
    """Who we buy from, by name."""
    return Supplier.objects.order_by("name", "pk")


def written(product: Product) -> str:
    """A product as the field shows it."""
    return f"{product.name}{BETWEEN}{product.sku}"


def offered(text: str) -> QuerySet[Product]:
    """A few goods whose name or SKU holds what was typed."""
    rows = Product.objects.filter(active=True, kind=Product.Kind.GOODS)
    for word in text.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(sku__icontains=word))
    return rows.order_by("name", "pk")[:OFFERED]


def named_product(text: str) -> Product | None:
    """The one product that a text names: as the field writes it, a barcode, a SKU, or its name."""
    typed = text.strip()
    for code in (typed.rpartition(BETWEEN)[2], typed):
        found = catalog.find_by_code(code)
        if found is not None:
            return found.product
    rows = list(Product.objects.filter(name__iexact=typed).select_related("unit")[:2])
    if not rows:
        rows = list(offered(typed)[:2]) if typed else []
    return rows[0] if len(rows) == 1 else None


class ProductField(forms.CharField):
    """A product by barcode, SKU or name; what was found is written out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=240, **options)
        self.widget.attrs.update(
            {
                "list": "product-options",
                "autocomplete": "off",
                "placeholder": _("Name, SKU or barcode"),
                "data-product": "",
            }
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        product = named_product(str(text))
        if product is None:
            raise ValidationError(
                _("No single product goes by this. Scan it, or choose from the list.")
            )
        if product.kind != Product.Kind.GOODS:
            raise ValidationError(_("This is a service: it has no stock."))
        return product

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, Product) else value


def plainly(value: Any) -> Any:
    """A figure without zeros at its end, as people write it and fields read it again."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class FigureField(MoneyField):
    """A price or a percentage, shown without zeros at its end."""

    def prepare_value(self, value: Any) -> Any:
        return plainly(value)


class RateField(forms.DecimalField):
    """What one unit of a currency is worth in another: up to eight decimals."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Rate"))
        super().__init__(
            min_value=Decimal("0.00000001"), decimal_places=8, max_digits=18, **options
        )
        self.widget.attrs.setdefault("inputmode", "decimal")

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return plainly(value)


class QuantityField(MoneyField):
    """How much of a product: at most three decimals."""

    def __init__(self, *, above_zero: bool = True, **options: Any) -> None:
        options.setdefault("label", _("Quantity"))
        options.setdefault("min_value", Decimal("0.001") if above_zero else Decimal(0))
        super().__init__(decimal_places=3, max_digits=14, **options)

    def prepare_value(self, value: Any) -> Any:
        return plainly(value)


class FilledRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Rows of a form; those that were left empty or removed don't count."""

    def filled(self) -> list[dict[str, Any]]:
        """What the rows say that were filled in."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.cleaned_data for form in kept if form.has_changed() and form.cleaned_data]


class LineForm(forms.Form):
    """A product, and how much of it."""

    product = ProductField(label=_("Product"))
    quantity = QuantityField()


def line_set(form: type[forms.Form], *, extra: int = 3) -> Any:
    """Rows of a form, with one at least."""
    return forms.formset_factory(
        form,
        formset=FilledRows,
        extra=extra,
        min_num=1,
        validate_min=True,
        max_num=300,
        validate_max=True,
        can_delete=True,
    )


LineFormSet = line_set(LineForm)


def added_up(rows: list[dict[str, Any]]) -> dict[Product, Decimal]:
    """How much of each product rows ask for; a product scanned twice is one line."""
    total: dict[Product, Decimal] = {}
    for row in rows:
        total[row["product"]] = total.get(row["product"], Decimal(0)) + row["quantity"]
    return total
