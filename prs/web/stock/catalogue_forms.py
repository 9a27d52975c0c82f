"""Forms of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.masterdata.catalog import selectors
from prs.masterdata.catalog.models import (
    Brand,
    Category,
    Pack,
    PriceList,
    Product,
    TaxRate,
    Unit,
)
from prs.masterdata.catalog.services import coding, pricing, products, shelves
from prs.web.kit.fields import DayField, PictureField, QuantityField
from prs.web.kit.forms import EditForm
from prs.web.stock.catalogue_tables import shelf_choices

NONE_CHOSEN = ("", "—")


class ProductForm(EditForm):
    taken: ClassVar = {products.SkuTaken: "sku"}
    picture = PictureField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, at most 5 MB. A square on a plain ground looks best."),
    )
    no_picture = forms.BooleanField(label=_("Take the picture away"), required=False)
    taxes = forms.MultipleChoiceField(
        label=_("Taxes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Which rate counts follows from the day of the sale."),
    )
    reorder_point = QuantityField(label=_("Order again at"), min_value=0, initial=10)
    reorder_quantity = QuantityField(label=_("Order at least"), min_value=0, initial=10)

    class Meta:
        model = Product
        fields = (
            "name",
            "sku",
            "kind",
            "unit",
            "category",
            "brand",
            "description",
            "picture",
            "no_picture",
            "prices_include_tax",
            "taxes",
            "expires",
            "reorder_point",
            "reorder_quantity",
            "active",
        )
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "sku": _("Leave it empty to get the next one."),
            "expires": _(
                "Each intake then asks for the day, and what expires first is sold first."
            ),
        }

    groups_of_fields: ClassVar = (
        (_("What it is"), Meta.fields[:7]),
        (_("Picture"), ("picture", "no_picture")),
        (_("Taxes"), ("prices_include_tax", "taxes")),
        (_("Stock"), Meta.fields[11:]),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sku"].required = bool(self.instance.sku)
        if not self.instance.image_id:
            del self.fields["no_picture"]
        self.choose("category", [NONE_CHOSEN, *shelf_choices()])
        for name, rows in (("brand", selectors.brands()), ("unit", selectors.units())):
            cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows
        codes = dict.fromkeys(selectors.tax_rates().values_list("code", flat=True))
        named = {row.code: row.name for row in selectors.tax_rates()}
        self.choose("taxes", [(code, f"{named[code]} ({code})") for code in codes])
        if not self.instance._state.adding:
            self.initial["taxes"] = selectors.tax_codes_of(self.instance)

    def choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Let a field offer these."""
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def groups(self) -> Iterator[tuple[Any, list[Any]]]:
        """The fields as they belong together."""
        for legend, names in self.groups_of_fields:
            yield legend, [self[name] for name in names if name in self.fields]


class CategoryForm(EditForm):
    taken: ClassVar = {
        shelves.CategoryNameTaken: "name",
        shelves.CategoryBelowItself: "parent",
    }

    class Meta:
        model = Category
        fields = ("name", "parent", "code", "position", "active")
        help_texts: ClassVar = {
            "parent": _("Moving a category moves everything below it."),
            "position": _("Small numbers stand first; equal ones by name."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        own = set() if self.instance._state.adding else set(selectors.within(self.instance))
        choices = [
            (str(shelf.category.pk), shelf.label)
            for shelf in selectors.tree()
            if shelf.category.pk not in own
        ]
        field = cast("forms.ModelChoiceField[Category]", self.fields["parent"])
        field.choices = [("", _("At the top")), *choices]


class BrandForm(EditForm):
    taken: ClassVar = {shelves.BrandNameTaken: "name"}
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Brand
        fields = ("name", "website", "active")


class UnitForm(EditForm):
    taken: ClassVar = {shelves.UnitSymbolTaken: "symbol"}

    class Meta:
        model = Unit
        fields = ("name", "symbol", "decimals")
        help_texts: ClassVar = {"decimals": _("0 for pieces, 3 for kilograms sold by the gram.")}


class TaxForm(EditForm):
    taken: ClassVar = {
        pricing.TaxBeginsTwice: "starts_on",
        pricing.EndsBeforeItStarts: "ends_on",
        pricing.RateBegun: "rate",
    }
    rate = QuantityField(
        label=_("Rate, %"), min_value=0, max_value=100, max_digits=7, decimal_places=4
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"), required=False)

    class Meta:
        model = TaxRate
        fields = ("code", "name", "rate", "starts_on", "ends_on")
        help_texts: ClassVar = {
            "code": _("Rates of one tax share its code; the one that began last counts."),
        }


class PriceListForm(EditForm):
    taken: ClassVar = {
        pricing.PriceListNameTaken: "name",
        pricing.EndsBeforeItStarts: "ends_on",
    }
    starts_on = DayField(label=_("From"), required=False)
    ends_on = DayField(label=_("Until"), required=False)

    class Meta:
        model = PriceList
        fields = ("name", "level", "currency", "starts_on", "ends_on", "active")
        help_texts: ClassVar = {"currency": _("Three letters, as USD.")}


class PackForm(EditForm):
    taken: ClassVar = {
        coding.PackNameTaken: "name",
        coding.PackHoldsNothing: "quantity",
        coding.PackTooFine: "quantity",
    }
    quantity = QuantityField(label=_("Holds"))

    class Meta:
        model = Pack
        fields = ("name", "quantity")


class BarcodeForm(forms.Form):
    """A code, and what it stands for."""

    code = forms.CharField(
        label=_("Barcode"),
        max_length=48,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    pack = forms.ChoiceField(label=_("Stands for"), required=False)

    def __init__(self, *args: Any, packs: list[Pack], unit: str, **options: Any) -> None:
        super().__init__(*args, **options)
        field = cast("forms.ChoiceField", self.fields["pack"])
        field.choices = [("", f"1 {unit}"), *((str(pack.pk), pack.name) for pack in packs)]
